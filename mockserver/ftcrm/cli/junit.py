"""A report as JUnit XML: one test case for each event, round and bonus, and for each finding across them."""

from collections.abc import Callable, Sequence
from tempfile import SpooledTemporaryFile
from typing import IO
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ftcrm.cli.excerpt import excerpt
from ftcrm.cli.output import finding_line, printable, say
from ftcrm.cli.witnesses import witness_rows
from ftcrm.contracts.check import Check
from ftcrm.contracts.clauses import clause
from ftcrm.contracts.findings import Finding, Verdict
from ftcrm.contracts.lines import Line
from ftcrm.contracts.report import EventReport
from ftcrm.contracts.severity import fails
from ftcrm.contracts.views import finding_view

__all__ = ["JUnitReport", "cases_file"]

_IN_MEMORY = 1_000_000
_COPIED = 50_000


def cases_file() -> IO[str]:
    """Where the cases are kept until they are counted: memory, and a file when they are many."""
    return SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="")


class JUnitReport:
    """The XML document: what fails the check is a failure, the rest stands in system-out, unchecked events skip.

    Its head has the counts, which are known at the end: until then the cases are kept in `cases` (see `cases_file`).
    """

    def __init__(
        self, file: str, cases: IO[str], *, fail_on: str, write: Callable[[str], None] = say, command: str = "check"
    ) -> None:
        self._file = file
        self._command = command
        self._cases = cases
        self._fail_on = fail_on
        self._write = write
        self._counts = {"tests": 0, "failures": 0, "skipped": 0, "errors": 0}

    def event(self, event: EventReport, line: Line) -> None:
        """The case of one event."""
        raw, kind, verdict = line.message.raw, event.message_type, event.verdict
        shown = [excerpt(raw, finding, message_type=kind, verdict=verdict) for finding in event.findings]
        skipped = event.verdict is Verdict.UNCHECKED
        self._case("events", _event_name(event), event.findings, shown, skipped=skipped)

    def end(self, check: Check) -> None:
        """The other cases, and the document."""
        for entry in check.rounds():
            value = entry.round
            name = f"round {value.round_id} of user {value.user_id} ({value.origin})"
            self._sequence(check, "rounds", name, entry.findings)
        for made in check.bonuses():
            bonus = made.bonus
            name = f"bonus {bonus.user_bonus_id} of user {bonus.user_id} ({bonus.origin})"
            self._sequence(check, "bonuses", name, made.findings)
        for finding in check.across():
            seqs = ", ".join(map(str, finding.witness))
            self._sequence(check, "across", f"{finding.rule} {finding.name} in {seqs}", [finding])
        suite = Element("testsuite", name=printable(f"ftcrm {self._command} {self._file}"))
        for name, count in self._counts.items():
            suite.set(name, str(count))
        head = tostring(suite, encoding="unicode", short_empty_elements=False).removesuffix("</testsuite>")
        self._write(f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n  {head}')
        self._cases.seek(0)
        while lines := self._cases.readlines(_COPIED):
            self._write("".join(lines).removesuffix("\n"))
        self._write("  </testsuite>\n</testsuites>")

    def _sequence(self, check: Check, kind: str, name: str, findings: Sequence[Finding]) -> None:
        self._case(kind, name, findings, [witness_rows(check, finding) for finding in findings])

    def _case(
        self,
        kind: str,
        name: str,
        findings: Sequence[Finding],
        shown: Sequence[Sequence[str]],
        *,
        skipped: bool = False,
    ) -> None:
        case = Element("testcase", classname=printable(f"{self._file}.{kind}"), name=printable(name), time="0")
        if skipped:
            SubElement(case, "skipped", message="no contract for this message type")
        both = list(zip(findings, shown, strict=True))
        failures = [each for each in both if fails(each[0], self._fail_on)]
        notes = [each for each in both if not fails(each[0], self._fail_on)]
        if failures:
            first = failures[0][0]
            failure = SubElement(case, "failure", type=first.name, message=finding_line(finding_view(first)))
            failure.text = _text(failures)
        if notes:
            SubElement(case, "system-out").text = _text(notes)
        self._counts["tests"] += 1
        self._counts["failures"] += bool(failures)
        self._counts["skipped"] += skipped
        indent(case, level=2)
        self._cases.write(f"    {tostring(case, encoding='unicode').rstrip()}\n")


def _event_name(event: EventReport) -> str:
    words = [f"line {event.line}:", event.message_type, event.keys.type, event.keys.activity_id]
    return " ".join(word for word in words if word)


def _text(findings: Sequence[tuple[Finding, Sequence[str]]]) -> str:
    lines = []
    for finding, shown in findings:
        lines.append(finding_line(finding_view(finding)))
        lines += [f"    | {quoted}" for quoted in clause(finding.clause).quote]
        lines += [f"      {line}".rstrip() for line in shown]
    return "\n".join(lines)
