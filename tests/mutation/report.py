"""What the trials came to, as a page: a table of the modules, and every survivor with the reason why it may live."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

__all__ = ["Found", "Module", "page", "reasons_of", "score"]

_INTRODUCTION = """\
# Mutants

`make mutants` changes the rules and the engine in small ways, one at a time, and runs the tests against each change.
What no test notices is listed here with the reason why it may be so, or is a test that is missing.

The changes are the operators of [cosmic-ray](https://github.com/sixty-north/cosmic-ray) (comparisons, arithmetic, `and`
and `or`, `not`, `True` and `False`, numbers, loops, exceptions) and three more: `in` for `not in`, the condition of a
comprehension turned round, a keyword argument left out. Not changed: annotations, docstrings and other texts, `frozen`,
and decorators taken off whole (any test notices); nor is `is` put for `==`, or an order for the equality with a text. A
mutant that compiles to the same code as its original is none. One is killed when a test fails, or goes on for ten times
as long as without it. Where fewer were tried than there are, they are a sample, drawn by their texts.
"""
_NO_REASON = "No reason is known: a test is missing."


class Found(msgspec.Struct, frozen=True):
    """One mutant and what came of it.

    `source` is the digest of the module that it is a mutant of, `by` the test that failed, `seconds` processor time.
    """

    key: str
    source: str
    outcome: Literal["killed", "timeout", "survived"]
    by: str
    seconds: float


class Module(msgspec.Struct, frozen=True):
    """A module, how many mutants it has, and what was found of those that were tried."""

    name: str
    mutants: int
    found: tuple[Found, ...]


def reasons_of(text: bytes) -> dict[str, str]:
    """The reason for each survivor that has one: `[[reason]]` tables with a `why` and the keys of `mutants`."""
    return {key: entry["why"] for entry in tomllib.loads(text.decode()).get("reason", []) for key in entry["mutants"]}


def score(found: Iterable[Found]) -> float:
    """The percentage of mutants that the tests noticed."""
    outcomes = Counter(each.outcome for each in found)
    return 100.0 * (outcomes.total() - outcomes["survived"]) / max(1, outcomes.total())


def page(modules: Sequence[Module], reasons: Mapping[str, str]) -> str:
    """The page in Markdown."""
    return "\n".join([_INTRODUCTION, *_table(modules), "", "## Survivors", "", *_survivors(modules, reasons)])


def _table(modules: Sequence[Module]) -> Iterator[str]:
    yield "| Module | Mutants | Tried | Killed | Of these by time | Survived | Score |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for module in modules:
        yield _row(f"`{module.name}`", module.mutants, module.found)
    every = [found for module in modules for found in module.found]
    yield _row("all", sum(module.mutants for module in modules), every)


def _row(name: str, mutants: int, found: Sequence[Found]) -> str:
    outcomes = Counter(each.outcome for each in found)
    tried, survived, late = outcomes.total(), outcomes["survived"], outcomes["timeout"]
    scored = f"{score(found):.1f} %" if found else ""
    return f"| {name} | {mutants} | {tried} | {tried - survived} | {late} | {survived} | {scored} |"


def _survivors(modules: Sequence[Module], reasons: Mapping[str, str]) -> Iterator[str]:
    by_reason: dict[str, list[str]] = {}
    for module in modules:
        for found in module.found:
            if found.outcome == "survived":
                by_reason.setdefault(reasons.get(found.key, _NO_REASON), []).append(found.key)
    for reason, keys in sorted(by_reason.items(), key=lambda entry: -len(entry[1])):
        yield f"{reason}\n"
        for key in keys:
            where, _, change = key.partition(": ")
            before, _, after = change.rpartition(" => ")
            yield f"- `{where}`: `{before}` \u2192 `{after}`"
        yield ""
