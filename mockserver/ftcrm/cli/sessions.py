"""`ftcrm sessions`: the game sessions of a file."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import click

from ftcrm.cli.kinds import Column, Kind, View, amount_columns, flat_amounts, player_columns
from ftcrm.cli.queries import Query, answer, filter_option, query_options
from ftcrm.cli.spool import OfPlayer
from ftcrm.contracts.settings import Settings
from ftcrm.contracts.views import session_view

__all__ = ["KIND", "command"]


def _views(player: OfPlayer, _: datetime | None) -> Iterator[View]:
    for session in player.history.sessions_of(player.key):
        yield {"run": player.run, **session_view(session)}


def _matches(view: View, wanted: Mapping[str, str]) -> bool:
    """Whether one game of the session is the one that is wanted, as far as it is named."""
    return not wanted or any(all(game[name] == value for name, value in wanted.items()) for game in view["games"])


def _duration(view: View) -> str:
    """`0:31:04`: hours, minutes and whole seconds."""
    return str(timedelta(seconds=int(view["duration_seconds"].partition(".")[0])))


def _games(view: View) -> str:
    return ", ".join(dict.fromkeys(game["name"] for game in view["games"])) or "-"


KIND = Kind(
    name="sessions",
    one="session",
    made="is part of a session",
    views=_views,
    matches=_matches,
    label=None,
    columns=(
        *player_columns(),
        Column("started_at", lambda view: view["started_at"]),
        Column("duration", _duration, is_number=True),
        Column("events", lambda view: str(view["events"]), is_number=True),
        Column("rounds", lambda view: str(view["rounds"]), is_number=True),
        Column("bets", lambda view: str(view["bets"]), is_number=True),
        Column("wins", lambda view: str(view["wins"]), is_number=True),
        *amount_columns(),
        Column("games", _games, is_foldable=True),
    ),
    less_important=("origin", "games", "events", "wins", "bets", "currency", "ggr", "rounds", "win", "bet", "run"),
    flat=(
        *("run", "origin", "user_id", "started_at", "ended_at", "duration_seconds"),
        *("events", "rounds", "bets", "wins", *flat_amounts("base."), "seqs", "totals", "games"),
    ),
)


@click.command()
@query_options(filter_option("--vendor-id"), filter_option("--game-id"))
@click.pass_context
def command(
    ctx: click.Context,
    /,
    file: str,
    *,
    style: str,
    settings: Settings,
    accept_invalid: bool,
    **wanted: Any,
) -> None:
    """List the game sessions of FILE ("-" is standard input), player by player, each player's in order of time.

    FILE is what `ftcrm check` takes. Memory does not grow with it: sessions are folded player by player. How long a
    player is silent before the next event begins another one is --session-gap. With --game-id or --vendor-id those are
    listed in which that game, or a game of that vendor, was played.

    Exits with 0, with 2 when FILE or an option cannot be used, with 3 when no event of FILE is part of a session.
    """
    answer(ctx, KIND, Query(file, style, wanted, settings, accept_invalid))
