"""What `ftcrm check` and `ftcrm watch` make of what they judged: a report in one of several styles, an exit code."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import IO, Protocol

from ftcrm.contracts.check import Check
from ftcrm.contracts.findings import Verdict
from ftcrm.contracts.lines import Line
from ftcrm.contracts.messages import CHECKED_TYPES
from ftcrm.contracts.report import EventReport
from ftcrm.contracts.rules import Ruleset
from ftcrm.contracts.severity import fails

__all__ = ["Report", "exit_code", "nothing_checked", "open_report"]

_FINE, _VIOLATIONS, _NOTHING = 0, 1, 3


class Report(Protocol):
    """What is made of a check: told of every event as it is judged, and of all together at the end."""

    def event(self, event: EventReport, line: Line) -> None:
        """One event."""

    def end(self, check: Check) -> None:
        """There are no further events."""


def open_report(
    style: str,
    file: str,
    *,
    ruleset: Ruleset,
    fail_on: str,
    everything: bool,
    write: Callable[[str], None],
    keep: Callable[[AbstractContextManager[IO[str]]], IO[str]],
    command: str = "check",
) -> Report:
    """The report of that command in that style; `file` is what its lines are of, and `keep` closes what it opens.

    Each style's module is imported when it is asked for: `ftcrm check` starts in a few milliseconds.
    """
    match style:
        case "json":
            from ftcrm.cli.jsontext import JsonReport  # noqa: PLC0415

            return JsonReport(file, write=write)
        case "junit":
            from ftcrm.cli.junit import JUnitReport, cases_file  # noqa: PLC0415

            return JUnitReport(file, keep(cases_file()), fail_on=fail_on, write=write, command=command)
        case "sarif":
            from ftcrm.cli.sarif import SarifReport  # noqa: PLC0415

            return SarifReport(file, ruleset, fail_on=fail_on, write=write)
    from ftcrm.cli.text import TextReport  # noqa: PLC0415

    return TextReport(file, everything=everything, write=write)


def nothing_checked(check: Check) -> str | None:
    """Why nothing was checked; None when something was."""
    if check.checked:
        return None
    if not check.events:
        return "expected events, got none"
    expected = f"expected events of a type that has a contract ({', '.join(sorted(CHECKED_TYPES))})"
    return f"{expected}, got {check.events} of others"


def exit_code(check: Check, fail_on: str) -> int:
    """3 when nothing was checked, 1 when something fails, else 0."""
    if not check.checked:
        return _NOTHING
    unreadable = bool(check.verdicts[Verdict.UNREADABLE]) and fail_on != "never"
    failed = unreadable or any(fails(finding, fail_on) for finding in check.spoken.values())
    return _VIOLATIONS if failed else _FINE
