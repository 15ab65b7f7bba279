"""`ftcrm players`: the segmentation data of the players of a file."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import click

from ftcrm.cli.kinds import Column, Kind, View, at, flat_amounts, player_columns
from ftcrm.cli.queries import Query, answer, filter_option, query_options
from ftcrm.cli.spool import OfPlayer
from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.events.timestamps import problems_of
from ftcrm.contracts.instants import parse_instant
from ftcrm.contracts.settings import Settings
from ftcrm.contracts.views import player_view

__all__ = ["KIND", "command"]

_IS_CHURNED = {"true": True, "false": False}
_RFM = ("recency", "frequency", "monetary")


def _views(player: OfPlayer, as_of: datetime | None) -> Iterator[View]:
    found = player.history.player(player.key, as_of=as_of or player.as_of)
    if found is not None:
        yield {"run": player.run, **player_view(found)}


def _matches(view: View, wanted: Mapping[str, str]) -> bool:
    activity, churned = wanted.get("activity"), wanted.get("churned")
    return (activity is None or view["activity"] == activity) and (
        churned is None or view["churned"] is _IS_CHURNED[churned]
    )


def _rfm(view: View) -> str:
    """`5-1-2`."""
    return "-" if view["rfm"] is None else "-".join(str(view["rfm"][name]) for name in _RFM)


KIND = Kind(
    name="players",
    one="player",
    made="names a player",
    views=_views,
    matches=_matches,
    label=lambda view: view["activity"] or "without a real Bet",
    columns=(
        *player_columns(),
        Column("as of", lambda view: view["as_of"], tells_apart=True),
        Column("activity", lambda view: view["activity"] or "-"),
        Column("last real bet", lambda view: view["last_real_bet_at"] or "-"),
        Column("rounds", lambda view: str(_rounds(view)), is_number=True),
        Column("sessions", lambda view: str(view["sessions"]), is_number=True),
        Column("bets", lambda view: str(view["bets"]), is_number=True),
        Column("base bet", lambda view: at(view, "base.bet.total"), is_number=True),
        Column("base win", lambda view: at(view, "base.win.total"), is_number=True),
        Column("base ggr", lambda view: at(view, "base.ggr.total"), is_number=True),
        Column("rfm", _rfm),
        Column("stakes", lambda view: view["stake_bracket"] or "-"),
        Column("favourite game", lambda view: at(view, "favourite_game.name") or "-", is_foldable=True),
    ),
    less_important=(
        *("origin", "favourite game", "stakes", "sessions", "bets", "last real bet", "rounds", "base win"),
        *("base ggr", "rfm", "base bet", "as of", "run"),
    ),
    flat=(
        *("run", "origin", "user_id", "as_of", "first_at", "last_at"),
        *("rounds.settled", "rounds.open", "rounds.orphan", "rounds.voided", "rounds.won", "rounds.lost"),
        *("sessions", "bets", "wins", *flat_amounts("base.")),
        *("wallets.real", "wallets.bonus", "wallets.locked", "wallets.unallocated"),
        *("favourite_game.vendor_id", "favourite_game.id", "favourite_game.name", "favourite_game.weight"),
        *("favourite_vendor.id", "favourite_vendor.name", "favourite_vendor.weight"),
        *("favourite_type.id", "favourite_type.name", "favourite_type.weight"),
        *("stake_bracket", "last_real_bet_at", "idle_days", "activity", "churned"),
        *(f"rfm.{name}" for name in _RFM),
        *("totals", "bonuses"),
    ),
    instant=lambda view: f"as of {view['as_of']}",
)


@click.command()
@query_options(
    filter_option("--activity", ("active", "idle", "inactive")),
    filter_option("--churned", tuple(_IS_CHURNED)),
    click.option(
        "--as-of",
        metavar="INSTANT",
        help="As of which instant (2026-03-02T08:27:58Z); that of the last event of the run unless told.",
    ),
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
    as_of: str | None,
    **wanted: Any,
) -> None:
    """List the players of FILE ("-" is standard input) with their segmentation data: activity, favourites, RFM scores.

    FILE is what `ftcrm check` takes. Memory does not grow with it: players are folded one after the other.

    Exits with 0, with 2 when FILE or an option cannot be used, with 3 when no event of FILE names a player.
    """
    instant = None if as_of is None else _instant(as_of)
    answer(ctx, KIND, Query(file, style, wanted, settings, accept_invalid, as_of=instant))


def _rounds(view: View) -> int:
    counts = view["rounds"]
    return int(sum(counts[name] for name in ("settled", "open", "orphan", "voided")))


def _instant(text: str) -> datetime:
    instant = parse_instant(text)
    if instant is None:
        problems = problems_of(text)
        said = f" ({', '.join(problems)})" if problems else ""
        expected = "a date-time of RFC 3339 such as 2026-03-02T08:27:58Z"
        raise ConfigurationError(f"--as-of: expected {expected}, got {text!r}{said}")
    return instant
