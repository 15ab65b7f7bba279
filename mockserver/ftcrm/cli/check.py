"""`ftcrm check`: judge a file of events offline."""

from collections.abc import Callable
from typing import Protocol

import click

from ftcrm.cli.files import FILE, Contents, long_size, read_file
from ftcrm.cli.options import rule_settings, setting_option, source_of
from ftcrm.cli.progress import progress
from ftcrm.cli.settings import SETTINGS
from ftcrm.cli.severity import fails
from ftcrm.contracts.check import Check
from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.findings import Verdict
from ftcrm.contracts.lines import Line, Mark
from ftcrm.contracts.messages import CHECKED_TYPES
from ftcrm.contracts.report import EventReport
from ftcrm.contracts.rules import Ruleset
from ftcrm.contracts.settings import Settings

__all__ = ["command"]

_FINE, _VIOLATIONS, _NOTHING = 0, 1, 3
_STYLES = ("text", "json", "junit", "sarif")


class _Report(Protocol):
    """What is made of a check: told of every event as it is judged, and of all together at the end."""

    def event(self, event: EventReport, line: Line) -> None:
        """One event."""

    def end(self, check: Check) -> None:
        """There are no further events."""


@click.command()
@click.argument("file", type=FILE)
@click.option("--format", "style", type=click.Choice(_STYLES), default="text", show_default=True)
@click.option("--closed", is_flag=True, help="FILE is all there is: what is open at its end was never settled.")
@click.option(
    "--events-only", is_flag=True, help="Judge each event by itself, in constant memory: no rounds, no sequences."
)
@click.option("--all", "everything", is_flag=True, help="Write every finding and every row of a text, however many.")
@setting_option("accept-invalid")
@setting_option("fail-on")
@rule_settings()
@click.pass_context
def command(
    ctx: click.Context,
    file: str,
    *,
    style: str,
    closed: bool,
    events_only: bool,
    everything: bool,
    accept_invalid: bool,
    fail_on: str,
    settings: Settings,
) -> None:
    """Judge the events of FILE ("-" is standard input) and construct their rounds.

    FILE has one JSON document a line (JSONL), or is a JSON array, an answer of the admin API, or a saved history. Each
    document is an event as it is sent, or an entry as the admin API shows it.

    Exits with 0 when the published contract holds, 1 when it is broken (findings of less than documented confidence
    break nothing, unless --fail-on says so; redeliveries never do, and with `never` nothing does), 2 when FILE or a
    setting cannot be used, 3 when nothing was checked: there is no event in it, or none of a type that has a contract
    here (CASINO, BONUS).
    """
    if events_only:
        _refuse_what_needs_rounds(ctx, closed=closed)
    ruleset = Ruleset(settings)
    contents = Contents()
    check = Check(ruleset=ruleset, accept_invalid=accept_invalid, events_only=events_only, closed=closed)
    with progress("checking", total=long_size(file)) as bar:
        report = _report(ctx, style, file, ruleset, fail_on, everything=everything, write=bar.say)
        for line in read_file(file, bar.advance):
            event = check.take(line)
            if event is not None and not isinstance(line, Mark):
                report.event(event, line)
                contents.see(line)
        check.end()
    report.end(check)
    if contents.problem is not None:
        click.echo(f"ftcrm: {file}: {contents.problem}", err=True)
    if not check.events:
        click.echo(f"ftcrm: {file}: expected events, got none", err=True)
    elif not check.checked:
        expected = f"expected events of a type that has a contract ({', '.join(sorted(CHECKED_TYPES))})"
        click.echo(f"ftcrm: {file}: {expected}, got {check.events} of others", err=True)
    ctx.exit(_exit_code(check, fail_on))


def _refuse_what_needs_rounds(ctx: click.Context, *, closed: bool) -> None:
    """What is given with the command is meant; a deadline of a file or a variable is meant for other commands, too."""
    deadline = SETTINGS["rounds.deadline"]
    by_flag = source_of(ctx, deadline).kind == "flag"
    given = [flag for flag, is_given in (("--closed", closed), (deadline.flag, by_flag)) if is_given]
    if given:
        raise ConfigurationError(
            f"--events-only: expected no {' and no '.join(given)} beside it, which is about rounds: each event is "
            "judged by itself, and none are constructed; leave one of them out"
        )


def _report(
    ctx: click.Context,
    style: str,
    file: str,
    ruleset: Ruleset,
    fail_on: str,
    *,
    everything: bool,
    write: Callable[[str], None],
) -> _Report:
    """Each style's module is imported when it is asked for: `ftcrm check` starts in a few milliseconds."""
    match style:
        case "json":
            from ftcrm.cli.jsontext import JsonReport  # noqa: PLC0415

            return JsonReport(file, write=write)
        case "junit":
            from ftcrm.cli.junit import JUnitReport, cases_file  # noqa: PLC0415

            return JUnitReport(file, ctx.with_resource(cases_file()), fail_on=fail_on, write=write)
        case "sarif":
            from ftcrm.cli.sarif import SarifReport  # noqa: PLC0415

            return SarifReport(file, ruleset, fail_on=fail_on, write=write)
    from ftcrm.cli.text import TextReport  # noqa: PLC0415

    return TextReport(file, everything=everything, write=write)


def _exit_code(check: Check, fail_on: str) -> int:
    if not check.checked:
        return _NOTHING
    unreadable = bool(check.verdicts[Verdict.UNREADABLE]) and fail_on != "never"
    failed = unreadable or any(fails(finding, fail_on) for finding in check.spoken.values())
    return _VIOLATIONS if failed else _FINE
