"""`ftcrm rounds`: the rounds of a file."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, get_args

import click

from ftcrm.cli.kinds import (
    Column,
    Kind,
    View,
    amount_columns,
    at,
    codes_column,
    flat_amounts,
    having,
    left_out_column,
    player_columns,
)
from ftcrm.cli.queries import Query, answer, closed_option, filter_option, query_options
from ftcrm.cli.spool import OfPlayer
from ftcrm.contracts.report import RoundReport
from ftcrm.contracts.rounds import RoundState
from ftcrm.contracts.settings import Settings

__all__ = ["KIND", "command"]


def _views(player: OfPlayer, _: datetime | None) -> Iterator[View]:
    rounds = player.history.rounds
    for _number, key in rounds.keys():  # noqa: SIM118 - Groups is no mapping: its keys come with their numbers
        if (fold := rounds.value(key)) is not None:
            yield RoundReport(player.run, fold.round, rounds.findings(key)).as_dict()


KIND = Kind(
    name="rounds",
    one="round",
    made="makes a round",
    views=_views,
    matches=having(round_id="round_id", state="state", outcome="outcome", game_id="game.id", vendor_id="vendor.id"),
    label=lambda view: str(view["state"]),
    columns=(
        *player_columns(),
        Column("round", lambda view: view["round_id"]),
        Column("state", lambda view: view["state"]),
        Column("outcome", lambda view: view["outcome"] or "-"),
        *amount_columns(),
        Column("game", lambda view: at(view, "game.name"), is_foldable=True),
        Column("first_at", lambda view: view["first_at"]),
        Column("events", lambda view: str(len(view["seqs"])), is_number=True),
        left_out_column(),
        codes_column(),
    ),
    less_important=("origin", "first_at", "game", "events", "outcome", "ggr", "currency", "win", "bet", "run"),
    flat=(
        *("run", "origin", "user_id", "round_id", "state", "outcome", "played", "end_flagged", "currency"),
        *flat_amounts(""),
        *flat_amounts("base."),
        *("game.id", "game.name", "game.type", "vendor.id", "vendor.name", "first_at", "last_at"),
        *("seqs", "excluded", "findings.rule", "totals"),
    ),
)


@click.command()
@query_options(
    filter_option("--round-id"),
    filter_option("--state", get_args(RoundState)),
    filter_option("--outcome", ("won", "lost")),
    filter_option("--game-id"),
    filter_option("--vendor-id"),
    closed_option,
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    file: str,
    *,
    style: str,
    settings: Settings,
    accept_invalid: bool,
    closed: bool,
    **wanted: Any,
) -> None:
    """List the rounds of FILE ("-" is standard input), player by player, in memory that does not grow with FILE.

    FILE is what `ftcrm check` takes. How many of its events do not count is told on standard error: `ftcrm check` says
    why.

    Exits with 0, with 2 when FILE or an option cannot be used, with 3 when no event of FILE makes a round.
    """
    answer(ctx, KIND, Query(file, style, wanted, settings, accept_invalid, closed))
