"""What `ftcrm fuzz` came to, as JSON and as JUnit XML."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import msgspec

from ftcrm.cli.output import finding_line, printable
from ftcrm.contracts.findings import Finding
from ftcrm.contracts.views import finding_view, findings_view

if TYPE_CHECKING:
    from pathlib import Path

    from ftcrm.strategies.fuzzing import FailureFiles

__all__ = ["Differing", "Fuzzed", "as_json", "as_junit"]


class Differing(msgspec.Struct, frozen=True):
    """The history over which the target differs: its file, and what is known of it.

    `files` are None where the history was there before (--replay); `replay` is the command that tries it again.
    """

    history: "Path"
    differences: tuple[str, ...]
    replay: str
    mutations: tuple[str, ...] = ()
    is_flaky: bool = False
    files: "FailureFiles | None" = None


class Fuzzed(msgspec.Struct, frozen=True, kw_only=True):
    """What a search came to, or the replay of one history, which has no seed and covers nothing."""

    target: str
    examples: int
    shrinks: int
    events: int
    seconds: float
    covered: Mapping[str, int]
    seed: int | None
    is_interrupted: bool = False
    differing: Differing | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether nothing was sent, and so nothing can be said."""
        return not self.events and self.differing is None and not self.is_interrupted

    @property
    def rate(self) -> float:
        """Histories tried in a second."""
        return (self.examples + self.shrinks) / self.seconds if self.seconds else 0.0

    def shown(self, families: Mapping[str, Sequence[int]]) -> frozenset[int]:
        """The numbers of the families that the examples show, of those that each mutation shows."""
        return frozenset(number for name in self.covered for number in families.get(name, ()))


def as_json(fuzzed: Fuzzed, findings: Sequence[Finding]) -> str:
    """One document; `findings` are those of the history over which the target differs."""
    view: dict[str, Any] = {
        name: getattr(fuzzed, name) for name in ("target", "examples", "shrinks", "events", "covered", "seed")
    }
    view["seconds"] = round(fuzzed.seconds, 3)
    view["interrupted"] = fuzzed.is_interrupted
    view["failure"] = None
    if (differing := fuzzed.differing) is not None:
        view["failure"] = {
            "history": str(differing.history),
            "differences": differing.differences,
            "findings": findings_view(findings),
            "mutations": differing.mutations,
            "flaky": differing.is_flaky,
            "findings_file": None if differing.files is None else str(differing.files.findings),
            "test": None if differing.files is None else str(differing.files.test),
            "replay": differing.replay,
        }
    return msgspec.json.format(msgspec.json.encode(view)).decode()


def as_junit(fuzzed: Fuzzed, findings: Sequence[Finding]) -> str:
    """One test case: that the target agrees; how many examples of each mutation were tried stands in system-out."""
    differing, seconds = fuzzed.differing, f"{fuzzed.seconds:.3f}"
    is_undecided = fuzzed.is_nothing or (fuzzed.is_interrupted and differing is None)
    counts = {"tests": 1, "failures": int(differing is not None), "skipped": 0, "errors": int(is_undecided)}
    suites = Element("testsuites")
    suite = SubElement(suites, "testsuite", name=printable(f"ftcrm fuzz {fuzzed.target}"))
    for name, count in counts.items():
        suite.set(name, str(count))
    case = SubElement(suite, "testcase", classname=printable(fuzzed.target), name="agrees", time=seconds)
    if is_undecided:
        SubElement(case, "error", message="no events" if fuzzed.is_nothing else "interrupted")
    if differing is not None:
        failure = SubElement(case, "failure", type="differs", message=printable(differing.differences[0]))
        lines = [*map(printable, differing.differences), *(finding_line(finding_view(each)) for each in findings)]
        failure.text = "\n".join([*lines, differing.replay])
    told = [f"{name}: {count}" for name, count in sorted(fuzzed.covered.items())]
    SubElement(case, "system-out").text = "\n".join([f"seed: {fuzzed.seed}", *told])
    indent(suites)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(suites, encoding="unicode")}'
