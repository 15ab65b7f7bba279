"""`ftcrm check`: judge a file of events offline."""

import click

from ftcrm.cli.files import FILE, Contents, long_size, read_file
from ftcrm.cli.options import rule_settings, setting_option, source_of
from ftcrm.cli.progress import progress
from ftcrm.cli.reports import exit_code, nothing_checked, open_report
from ftcrm.cli.settings import SETTINGS
from ftcrm.contracts.check import Check
from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.lines import Mark
from ftcrm.contracts.rules import Ruleset
from ftcrm.contracts.settings import Settings

__all__ = ["command"]

_STYLES = ("text", "json", "junit", "sarif")


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
        report = open_report(
            style, file, ruleset=ruleset, fail_on=fail_on, everything=everything, write=bar.say, keep=ctx.with_resource
        )
        for line in read_file(file, bar.advance):
            event = check.take(line)
            if event is not None and not isinstance(line, Mark):
                report.event(event, line)
                contents.see(line)
        check.end()
    report.end(check)
    if contents.problem is not None:
        click.echo(f"ftcrm: {file}: {contents.problem}", err=True)
    if (problem := nothing_checked(check)) is not None:
        click.echo(f"ftcrm: {file}: {problem}", err=True)
    ctx.exit(exit_code(check, fail_on))


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
