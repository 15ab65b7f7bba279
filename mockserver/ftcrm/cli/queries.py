"""What `ftcrm rounds`, `sessions`, `bonuses` and `players` do alike: read FILE, and list what is wanted of it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import reduce
from typing import Any, NamedTuple, TypeVar

import click

from ftcrm.cli.files import FILE, long_size, read_file
from ftcrm.cli.kinds import Kind
from ftcrm.cli.listed import STYLES
from ftcrm.cli.options import rule_settings, setting_option
from ftcrm.cli.progress import progress
from ftcrm.cli.spool import Spool
from ftcrm.contracts.rules import Ruleset
from ftcrm.contracts.settings import Settings

__all__ = ["Query", "answer", "closed_option", "filter_option", "query_options"]

_FINE, _NOTHING = 0, 3
_OF_PLAYERS = ("run", "origin", "user_id")
_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])


class Query(NamedTuple):
    """What is asked of a file: `wanted` has the values of the filters by their names, None of those not given."""

    file: str
    style: str
    wanted: Mapping[str, str | None]
    settings: Settings
    accept_invalid: bool
    closed: bool = False
    as_of: datetime | None = None


def query_options(*own: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The argument FILE and the options that each of these commands takes, with its own among them."""
    options = (
        click.argument("file", type=FILE),
        click.option("--format", "style", type=click.Choice(list(STYLES)), default="table", show_default=True),
        *(filter_option(f"--{name.replace('_', '-')}") for name in _OF_PLAYERS),
        *own,
        setting_option("accept-invalid"),
        rule_settings(),
    )
    return lambda function: reduce(lambda made, option: option(made), reversed(options), function)


def filter_option(flag: str, choices: tuple[str, ...] = ()) -> Callable[[_Decorated], _Decorated]:
    """An option that narrows the list; one whose values are known beforehand takes no other."""
    what = flag.removeprefix("--").replace("-", " ")
    return click.option(flag, type=click.Choice(choices) if choices else str, help=f"Those with this {what} alone.")


def closed_option(function: _Decorated) -> _Decorated:
    """The option --closed, as `ftcrm check` has it."""
    text = "FILE is all there is: findings tell what is open at its end."
    return click.option("--closed", is_flag=True, help=text)(function)


def answer(ctx: click.Context, kind: Kind, query: Query) -> None:
    """List what the query wants; exits with 3 when no event of the file is part of any value of this kind."""
    wanted = {name: value for name, value in query.wanted.items() if value is not None}
    whose = {name: wanted.pop(name) for name in _OF_PLAYERS if name in wanted}
    ruleset = Ruleset(query.settings)
    with Spool(ruleset=ruleset, accept_invalid=query.accept_invalid, closed=query.closed, wanted=whose) as spool:
        size = long_size(query.file)
        with progress("reading", total=size) as bar:
            for line in read_file(query.file, bar.advance):
                spool.take(line)
        spool.end()
        if not (is_any := spool.has(kind.name)):
            click.echo(f"ftcrm: {query.file}: {_nothing(kind, spool.events)}", err=True)
        with progress("folding", total=size and len(spool)) as bar:
            listed = STYLES[query.style](kind, bar.say)
            for player in spool.players():
                for view in kind.views(player, query.as_of):
                    if kind.matches(view, wanted):
                        listed.add(view)
                bar.advance(1)
        listed.end(complete=spool.complete())
    ctx.exit(_FINE if is_any else _NOTHING)


def _nothing(kind: Kind, events: int) -> str:
    if not events:
        return "expected events, got none"
    return f"expected events that make {kind.name}, got {events:,} that make none; `ftcrm check` says what they are"
