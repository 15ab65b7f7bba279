"""`ftcrm watch`: judge what a sender sends, as it comes, and end with the contract's exit code."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import click

from ftcrm.cli.options import duration_option, setting_option
from ftcrm.cli.output import printable, say
from ftcrm.cli.reports import Report, exit_code, nothing_checked, open_report
from ftcrm.cli.serving import asked_to_leave, banner, run, serving_options
from ftcrm.cli.tail import Tail
from ftcrm.contracts.check import Check
from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.lines import Line, Mark
from ftcrm.contracts.rules import Ruleset
from ftcrm.mockserver.config import Config
from ftcrm.mockserver.server import Server

__all__ = ["command"]

_STYLES = ("text", "json", "junit")
_RECEIVED = "received"
"""What stands for the file's name where `ftcrm check` has one."""
_LOOK_SECONDS = 0.05


@click.command("watch", short_help="Judge what a sender sends, and end when it is done.")
@duration_option("--until-idle", help="End when nothing has come for so long, as 5s, counted from the first event.")
@duration_option("--timeout", help="End when there is no first event within so long, as 60s.")
@click.option("--leave-open", is_flag=True, help="The sender is not done: what is open at the end may yet be settled.")
@click.option("--format", "style", type=click.Choice(_STYLES), default="text", show_default=True)
@click.option("--all", "everything", is_flag=True, help="Write every finding and every row of a text, however many.")
@setting_option("fail-on")
@serving_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    config: Config,
    as_json: bool,
    until_idle: float | None,
    timeout: float | None,
    leave_open: bool,
    style: str,
    everything: bool,
    fail_on: str,
) -> None:
    """Judge what a sender sends: stand in for FT CRM as `ftcrm serve` does, and judge as `ftcrm check` does.

    It ends when nothing has come --until-idle, when nothing has come at all within --timeout, and with Ctrl-C or
    SIGTERM. Where it listens is told on standard error. A finding about one event is told when the event comes, one
    about a sequence at the end: then the run is closed, and a round that is open was never settled, unless the
    sender is to --leave-open what is open.

    Exits as `ftcrm check` does: with 0 when the published contract holds, 1 when it is broken (--fail-on says what
    breaks it), 2 when a setting cannot be used, 3 when nothing was received that has a contract here.
    """
    ruleset = Ruleset(config.rules)
    report = open_report(
        style,
        _RECEIVED,
        ruleset=ruleset,
        fail_on=fail_on,
        everything=everything,
        write=say,
        keep=ctx.with_resource,
        command="watch",
    )
    check = Check(ruleset=ruleset, accept_invalid=config.accept_invalid, closed=not leave_open)
    server = Server(config)
    run(_watched(server, _taken(check, report), until_idle=until_idle, timeout=timeout, as_json=as_json))
    check.end()
    report.end(check)
    for text in _not_received(server, check):
        click.echo(f"ftcrm: {text}", err=True)
    ctx.exit(exit_code(check, fail_on))


def _taken(check: Check, report: Report) -> Callable[[Line | Mark], None]:
    def take(line: Line | Mark) -> None:
        event = check.take(line)
        if event is not None and not isinstance(line, Mark):
            report.event(event, line)

    return take


async def _watched(
    server: Server,
    take: Callable[[Line | Mark], None],
    *,
    until_idle: float | None,
    timeout: float | None,  # noqa: ASYNC109 - it is told, and bounds the wait for a first event alone
    as_json: bool,
) -> None:
    """Serve until it is over; every line that came was taken then."""
    leave = asked_to_leave()
    await server.start()
    tail = Tail(server.journal)
    try:
        _refuse_earlier_events(server)
        click.echo(json.dumps(server.addresses()) if as_json else banner(server), err=True)
        end = None if timeout is None else time.monotonic() + timeout
        while not leave.is_set():
            is_any = False
            for line in tail.read():
                is_any = True
                take(line)
            if tail.notices():
                end = None if until_idle is None else time.monotonic() + until_idle
            elif not is_any and end is not None and time.monotonic() >= end:
                break
            with suppress(TimeoutError):
                await asyncio.wait_for(leave.wait(), 0 if is_any else _LOOK_SECONDS)
    except BaseException:
        await server.stop()
        raise

    def take_the_rest() -> None:
        for line in tail.rest():
            take(line)

    await server.stop(last=take_the_rest)


def _refuse_earlier_events(server: Server) -> None:
    """Judged with them, today's sender would answer for yesterday's; judged without, a Win would lack its Bet."""
    if len(server.journal):
        raise ConfigurationError(
            f"--journal: expected a file without events, got {server.config.journal} with {len(server.journal):,} "
            "entries; name another, or leave it out"
        )


def _not_received(server: Server, check: Check) -> Iterator[str]:
    """What came and was no event, and that nothing was checked."""
    for connector, found in server.errors.view().items():
        reason = printable(found["samples"][-1]["reason"])
        times = "once" if found["count"] == 1 else f"{found['count']:,} times"
        yield f"{connector}: what came was no event ({times}), the last: {reason}"
    if (problem := nothing_checked(check)) is not None:
        yield f"{_RECEIVED}: {problem}"
