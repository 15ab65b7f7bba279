"""`ftcrm bonuses`: the bonuses of a file."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click

from ftcrm.cli.kinds import Column, Kind, View, at, codes_column, flat_amounts, having, left_out_column, player_columns
from ftcrm.cli.queries import Query, answer, closed_option, filter_option, query_options
from ftcrm.cli.spool import OfPlayer
from ftcrm.contracts.events.fields import BONUS_STATUSES
from ftcrm.contracts.report import BonusReport
from ftcrm.contracts.settings import Settings

__all__ = ["KIND", "command"]


def _views(player: OfPlayer, _: datetime | None) -> Iterator[View]:
    bonuses = player.history.bonuses
    for _number, key in bonuses.keys():  # noqa: SIM118 - Groups is no mapping: its keys come with their numbers
        if (fold := bonuses.value(key)) is not None:
            yield BonusReport(player.run, fold.bonus, bonuses.findings(key)).as_dict()


def _wagered(view: View) -> str:
    """`40 of 200`: the turnover that counts, and what is required."""
    wagering = view["wagering"]
    return "-" if wagering is None else f"{wagering['wagered']} of {wagering['required']}"


KIND = Kind(
    name="bonuses",
    one="bonus",
    made="names a bonus",
    views=_views,
    matches=having(user_bonus_id="user_bonus_id", status="status"),
    label=lambda view: view["status"] or "without a status",
    columns=(
        *player_columns(),
        Column("bonus", lambda view: view["user_bonus_id"]),
        Column("type", lambda view: view["type"] or "-"),
        Column("statuses", lambda view: ", ".join(at(view, "statuses.status")) or "-", is_foldable=True),
        Column("amount", lambda view: view["amount"] or "-", is_number=True),
        Column("currency", lambda view: view["currency"] or "-"),
        Column("wagered", _wagered, is_number=True),
        Column("bets", lambda view: str(view["bets"]), is_number=True),
        Column("rounds", lambda view: str(len(view["rounds"])), is_number=True),
        left_out_column(),
        codes_column(),
    ),
    less_important=("origin", "rounds", "bets", "type", "amount", "currency", "wagered", "run", "statuses"),
    flat=(
        *("run", "origin", "user_id", "user_bonus_id", "bonus_id", "type", "product", "amount", "currency", "status"),
        *("statuses.status", "statuses.at", "bets", *flat_amounts("base.")),
        *("wagering.required", "wagering.wagered", "wagering.remaining"),
        *("casino_seqs", "seqs", "excluded", "findings.rule", "rounds", "totals"),
    ),
)


@click.command()
@query_options(filter_option("--user-bonus-id"), filter_option("--status"), closed_option)
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
    """List the bonuses of FILE ("-" is standard input): their statuses, their turnover, and what is left to wager.

    FILE is what `ftcrm check` takes. Memory does not grow with it: bonuses are folded player by player.

    Exits with 0, with 2 when FILE or an option cannot be used, with 3 when no event of FILE names a bonus.
    """
    status = wanted["status"]
    # A misspelt one would look like an empty answer.
    if status is not None and status not in BONUS_STATUSES and not accept_invalid:
        expected = ", ".join(map(repr, BONUS_STATUSES))
        raise click.BadParameter(f"{status!r} is not one of {expected}.", ctx, param_hint="'--status'")
    answer(ctx, KIND, Query(file, style, wanted, settings, accept_invalid, closed))
