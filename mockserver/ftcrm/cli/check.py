"""`ftcrm check`: judge a file of events offline."""

import click
import msgspec

from ftcrm.cli.files import JSONL_FILE, long_size, read_file
from ftcrm.cli.junit import junit_xml
from ftcrm.cli.output import say
from ftcrm.cli.progress import progress
from ftcrm.cli.text import say_report
from ftcrm.contracts.messages import CHECKED_TYPES
from ftcrm.contracts.report import Report, check_lines
from ftcrm.contracts.rules import Ruleset
from ftcrm.contracts.settings import Settings

__all__ = ["command"]

_FINE, _VIOLATIONS, _NOTHING = 0, 1, 3


@click.command()
@click.argument("file", type=JSONL_FILE)
@click.option("--format", "style", type=click.Choice(["text", "json", "junit"]), default="text", show_default=True)
@click.option("--accept-invalid", is_flag=True, help="Construct rounds from events that break the contract, too.")
@click.option("--extra-currency", "currencies", metavar="CODE", multiple=True, help="A code beyond ISO 4217 (BTC).")
@click.pass_context
def command(ctx: click.Context, file: str, style: str, accept_invalid: bool, currencies: tuple[str, ...]) -> None:
    """Judge the events of FILE ("-" is standard input), one JSON document a line, and construct their rounds.

    A line is an event as it is sent, or an entry as the admin API shows it.

    Exits with 0 when the published contract holds, 1 when it is broken (findings of less than documented confidence
    break nothing), 2 when FILE cannot be read, 3 when nothing was checked: there is no event in it, or none of a type
    that has a contract here (CASINO, BONUS).
    """
    with progress("checking", total=long_size(file)) as bar:
        ruleset = Ruleset(Settings(extra_currencies=frozenset(currencies)))
        report = check_lines(read_file(file, bar.advance), ruleset=ruleset, accept_invalid=accept_invalid)
    match style:
        case "json":
            say(msgspec.json.format(msgspec.json.encode({"file": file, **report.as_dict()})).decode())
        case "junit":
            say(junit_xml(report, file))
        case _ if report.events:
            say_report(report, file)
    if not report.events:
        click.echo(f"ftcrm: {file}: expected events, got none", err=True)
    elif not report.checked:
        expected = f"expected events of a type that has a contract ({', '.join(sorted(CHECKED_TYPES))})"
        click.echo(f"ftcrm: {file}: {expected}, got {len(report.events)} of others", err=True)
    ctx.exit(_exit_code(report))


def _exit_code(report: Report) -> int:
    if not report.checked:
        return _NOTHING
    return _VIOLATIONS if report.violated else _FINE
