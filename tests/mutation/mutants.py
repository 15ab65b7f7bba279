"""Change the rules and the engine in small ways, one at a time, and count the changes that the tests notice.

python tests/mutation/mutants.py [MODULE ...] [--sample N] [--again] [--own | --thorough] [--write]

A module is `rules/ends` or `rounds`; without one all are tried. What was found is kept in build/mutants.jsonl, so that
a run that was stopped goes on; of a module that changed since nothing is kept. A mutant is first tried with the tests
of its module, then with those of all rules and rounds. Tests that measure time take no part.
"""

import argparse
import functools
import hashlib
import math
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType

import msgspec
from mutations import Mutant, compiled, mutants_of
from report import Found, Module, page, reasons_of, score
from swaps import exchanged
from trials import ROOT, Trial, limit_of, tried, tried_together

CONTRACTS = ROOT / "contracts/ftcrm/contracts"
FOUND = ROOT / "build/mutants.jsonl"
PAGE = ROOT / "docs/mutants.md"
REASONS = Path(__file__).with_name("survivors.toml")
PACKAGES = ("rules", "rounds")
AIM = 95.0
"""Percent."""
FIELDS = [
    *(f"tests/contracts/rules/test_{name}.py" for name in "bonus casino kinds payload properties transport".split()),
    "tests/contracts/test_examine.py",
]
OWN_TESTS = {
    "rules/bonus": FIELDS,
    "rules/casino": FIELDS,
    "rules/properties": FIELDS,
    "rules/payload": FIELDS,
    "rounds/bonuses": ["tests/contracts/rules/test_activities.py"],
    "rounds/members": ["tests/contracts/rounds/test_canonical.py"],
    "rounds/money": ["tests/contracts/rounds/test_wallets.py"],
    "rounds/rounds": ["tests/contracts/rules/test_activities.py"],
    "rules/across": ["tests/contracts/test_across.py"],
    "rules/docs": ["tests/docs/test_rules.py"],
    "rules/faults": FIELDS,
    "rules/pages": ["tests/docs/test_rules.py"],
    "rules/plain": ["tests/contracts/rules/test_round_laws.py", "tests/contracts/test_history.py"],
    "rules/reading": ["tests/contracts/rules/test_amounts.py"],
    "rules/registry": ["tests/docs/test_rules.py"],
    "rules/rounds": ["tests/contracts/rounds/test_rounds.py"],
    "rules/ruleset": [
        "tests/contracts/rules/test_implied.py",
        "tests/contracts/test_judge.py",
        "tests/contracts/test_settings.py",
        "tests/cli/test_settings.py",
        "tests/docs/test_rules.py",
    ],
}
"""Tests that are a module's beside those of its name."""
CATALOGUE = [f"tests/contracts/rules/test_{name}.py" for name in ("kinds", "examples")]
"""Tests that are every module's of the rules."""
ENGINE = [
    *(f"tests/contracts/rounds/test_{name}.py" for name in ("rounds", "readings", "bonuses", "sessions", "players")),
    *(f"tests/contracts/test_{name}.py" for name in ("families", "content", "settings", "construct", "views")),
]
"""Tests that are every module's of the engine."""
NEAR_TESTS = """
    tests/contracts/rules tests/contracts/rounds tests/docs/test_rules.py tests/contracts/test_across.py
    tests/contracts/test_groups.py tests/contracts/test_history.py tests/contracts/test_judge.py
    tests/contracts/test_plays.py tests/contracts/test_check.py tests/contracts/test_views.py
    tests/contracts/test_families.py tests/contracts/test_laws.py tests/contracts/test_construct.py
""".split()
ALL_TESTS = ["tests/contracts", "tests/docs/test_rules.py"]
ON_IMPORT = {"rules/registry", "rounds/readings"}
"""Modules whose functions are called while others are imported: to exchange them later shows nothing."""
NOT_OF_TIME = ["-k", "not linear_time"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", default=list(PACKAGES), metavar="MODULE")
    parser.add_argument("--sample", type=int, metavar="N", help="of each module N mutants, drawn by their text")
    parser.add_argument("--again", action="store_true", help="only what survived before and has no reason to")
    parser.add_argument("--quick", action="store_true", help="without tests that take longer than a fifth of a second")
    parser.add_argument("--own", action="store_true", help="with no tests but the module's own")
    parser.add_argument("--thorough", action="store_true", help="with all tests, and 100 instead of 30 examples")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)} from what was found")
    asked = parser.parse_args()
    paths = [path for name in asked.modules for path in paths_of(name)]
    mutants = {path: list(mutants_of(name_of(path), path.read_text(encoding="utf-8"))) for path in paths}
    for path in paths:
        try_mutants(path, drawn(mutants[path], asked.sample), asked=asked)
    modules = [Module(name_of(path), len(mutants[path]), tuple(kept(path).values())) for path in paths]
    text = page(modules, reasons_of(REASONS.read_bytes()))
    print(text)
    if asked.write:
        PAGE.write_text(text, encoding="utf-8")
    return 0 if score(found for module in modules for found in module.found) >= AIM else 1


def paths_of(name: str) -> list[Path]:
    """The modules of a package, or the one module."""
    if name in PACKAGES:
        return sorted(path for path in (CONTRACTS / name).glob("*.py") if path.stem != "__init__")
    return [CONTRACTS / f"{name}.py"]


def name_of(path: Path) -> str:
    return path.relative_to(CONTRACTS).with_suffix("").as_posix()


def drawn(mutants: list[Mutant], sample: int | None) -> list[Mutant]:
    """The mutants to try: all, or those with the least lots."""
    return mutants if sample is None else sorted(mutants, key=lambda mutant: mutant.lot)[:sample]


def try_mutants(path: Path, mutants: Iterable[Mutant], *, asked: argparse.Namespace) -> None:
    """Try those of which nothing is kept, and keep what came of each."""
    known = kept(path)
    wanted = [mutant for mutant in mutants if mutant.key not in known]
    if asked.again:
        reasons = reasons_of(REASONS.read_bytes())
        survivors = {key for key, found in known.items() if found.outcome == "survived" and key not in reasons}
        wanted = [mutant for mutant in mutants if mutant.key in survivors]
    if not wanted:
        return
    profile = "mutants-thorough" if asked.thorough else "mutants"
    slowest = 0.2 if asked.quick else math.inf
    stages = stages_of(name_of(path), own=asked.own, thorough=asked.thorough)
    FOUND.parent.mkdir(exist_ok=True)
    source, survived = digest(path), 0
    with FOUND.open("ab") as file:
        for number, (mutant, trial) in enumerate(trials_of(path, wanted, stages, profile, slowest), 1):
            found = Found(mutant.key, source, trial.outcome, trial.by, round(trial.seconds, 2))
            file.write(msgspec.json.encode(found) + b"\n")
            file.flush()
            survived += trial.outcome == "survived"
            print(f"{name_of(path)} {number}/{len(wanted)}, {survived} survived", end="\r", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def trials_of(
    path: Path, mutants: list[Mutant], stages: list[tuple[str, ...]], profile: str, slowest: float
) -> Iterator[tuple[Mutant, Trial]]:
    """Each mutant and what came of it: first those that differ in functions alone, all tests at a time."""
    original = compiled(path.read_text(encoding="utf-8"), str(path))
    anew: list[Mutant] = []
    together: list[tuple[Mutant, dict[str, CodeType]]] = []
    for mutant in mutants:
        functions = exchanged(original, compiled(mutant.source, str(path)))
        if functions is None or name_of(path) in ON_IMPORT:
            anew.append(mutant)
        else:
            together.append((mutant, functions))
    if together:
        paths = dict.fromkeys(path for stage in stages for path in stage)
        changes, arguments = [change for _, change in together], [*paths, *NOT_OF_TIME]
        trials = tried_together(path, changes, arguments, profile=profile, slowest=slowest)
        passed(next(trials, None))
        yield from zip((mutant for mutant, _ in together), trials, strict=True)
    module = f"ftcrm.contracts.{name_of(path).replace('/', '.')}"
    for mutant in anew:
        code = compiled(mutant.source, str(path))
        for stage in stages:
            arguments = (*stage, *NOT_OF_TIME)
            trial = tried(module, path, code, arguments, limit=limit_of(unchanged(arguments, profile)), profile=profile)
            if trial.outcome != "survived":
                break
        yield mutant, trial


@functools.cache
def unchanged(arguments: tuple[str, ...], profile: str) -> Trial:
    return passed(tried("", CONTRACTS, None, arguments, limit=3600, profile=profile))


def passed(trial: Trial | None) -> Trial:
    """The trial without a mutant, which must pass."""
    if trial is None or trial.outcome != "survived":
        raise SystemExit(f"expected the tests to pass without a mutant, got {trial}")
    return trial


def stages_of(name: str, *, own: bool, thorough: bool) -> list[tuple[str, ...]]:
    """The tests to run, one stage after the other."""
    package, _, stem = name.partition("/")
    shared = CATALOGUE if package == "rules" else ENGINE
    first = dict.fromkeys([f"tests/contracts/{package}/test_{stem}.py", *OWN_TESTS.get(name, []), *shared])
    stages = [tuple(test for test in first if (ROOT / test).exists())]
    return stages if own else [*stages, tuple(ALL_TESTS if thorough else NEAR_TESTS)]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def kept(path: Path) -> dict[str, Found]:
    """What is kept of the mutants of this module as it is now; the last word counts."""
    if not FOUND.exists():
        return {}
    lines = msgspec.json.Decoder(Found)
    every = (lines.decode(line) for line in FOUND.read_bytes().splitlines())
    source, name = digest(path), name_of(path)
    return {found.key: found for found in every if found.source == source and found.key.startswith(f"{name} ")}


if __name__ == "__main__":
    sys.exit(main())
