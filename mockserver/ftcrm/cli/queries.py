"""What `ftcrm rounds`, `sessions`, `bonuses` and `players` do alike: read FILE, and list what is wanted of it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import reduce
from typing import Any, NamedTuple, TypeVar

import click

from ftcrm.cli.files import FILE, Contents, long_size, read_file
from ftcrm.cli.kinds import Kind
from ftcrm.cli.listed import STYLES
from ftcrm.cli.options import rule_settings, setting_option
from ftcrm.cli.progress import progress
from ftcrm.cli.spool import Spool
from ftcrm.contracts.lines import Line
from ftcrm.contracts.rules import Ruleset
from ftcrm.contracts.settings import Settings

__all__ = ["Query", "answer", "closed_option", "filter_option", "query_options"]

_FINE, _NOTHING = 0, 3
_SAID_BY_FILE = {"refused", "faulted"}
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
    """An option that narrows the list, given once; one whose values are known beforehand takes no other."""
    what = flag.removeprefix("--").replace("-", " ")
    kind = click.Choice(choices) if choices else str
    return click.option(flag, type=kind, multiple=True, callback=_once, help=f"Those with this {what} alone.")


def closed_option(function: _Decorated) -> _Decorated:
    """The option --closed, as `ftcrm check` has it."""
    text = "FILE is all there is: findings tell what is open at its end."
    return click.option("--closed", is_flag=True, help=text)(function)


def answer(ctx: click.Context, kind: Kind, query: Query) -> None:
    """List what the query wants, then tell on standard error what does not count.

    Exits with 3 when no event of the file is part of any value of this kind.
    """
    wanted = {name: value for name, value in query.wanted.items() if value is not None}
    whose = {name: wanted.pop(name) for name in _OF_PLAYERS if name in wanted}
    ruleset = Ruleset(query.settings)
    contents = Contents()
    with Spool(ruleset=ruleset, accept_invalid=query.accept_invalid, closed=query.closed, wanted=whose) as spool:
        size = long_size(query.file)
        with progress("reading", total=size) as bar:
            for line in read_file(query.file, bar.advance):
                spool.take(line)
                if isinstance(line, Line) and not line.aborted:
                    contents.see(line)
        spool.end()
        is_any = spool.has(kind.name)
        with progress("folding", total=size and len(spool)) as bar:
            listed = STYLES[query.style](kind, bar.say)
            for player in spool.players():
                for view in kind.views(player, query.as_of):
                    if kind.matches(view, wanted):
                        listed.add(view)
                bar.advance(1)
        listed.end(missing=spool.missing())
        for text in [contents.problem] if contents.problem else _said(kind, spool, is_any=is_any):
            click.echo(f"ftcrm: {query.file}: {text}", err=True)
    ctx.exit(_FINE if is_any else _NOTHING)


def _once(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> str | None:
    """Of several the last would win elsewhere, and that none of the others was heeded is not to be seen in a list."""
    if len(values) > 1:
        raise click.BadParameter(f"a filter is given once, got {' and '.join(map(repr, values))}.")
    return values[0] if values else None


def _said(kind: Kind, spool: Spool, *, is_any: bool) -> Iterator[str]:
    """Why there is nothing, and how much does not count; what was refused may well be as the contract wants it."""
    if not spool.events:
        yield "expected events, got none"
    elif not is_any:
        yield f"no event {'that counts ' if spool.counted() < spool.events else ''}{kind.made}"
    if count := spool.left_out.total():
        why = ", ".join(f"{number:,} {reason}" for reason, number in spool.left_out.most_common())
        hint = ": `ftcrm check` says why" if spool.left_out.keys() - _SAID_BY_FILE else ""
        yield f"{count:,} of {spool.events:,} events do{'es' if count == 1 else ''} not count ({why}){hint}"
