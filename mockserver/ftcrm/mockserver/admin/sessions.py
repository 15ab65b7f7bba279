"""`sessions`: the game sessions of each player, folded when somebody asks."""

from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

from ftcrm.contracts.rounds import Session
from ftcrm.contracts.views import session_view
from ftcrm.mockserver.admin.folds import sessions_of
from ftcrm.mockserver.admin.pages import Views, items, page_of
from ftcrm.mockserver.admin.query import Query
from ftcrm.mockserver.follower import Follower

__all__ = ["SESSION_FILTERS", "list_sessions"]

SESSION_FILTERS = frozenset({"run", "origin", "user_id", "vendor_id", "game_id"})
_FIRST_INSTANT = datetime.min.replace(tzinfo=UTC)


async def list_sessions(follower: Follower, query: Query) -> dict[str, Any]:
    """One page of the sessions that match: of the players in the order in which they first came, each in that of time.

    A cursor is a player's place and an instant: what began later follows, also when sessions came or merged meanwhile.
    """
    run_at, player_at, instant = query.cursor_numbers(3)
    return await page_of("sessions", _views(follower, query, (run_at, player_at, instant)), follower, query)


async def _views(follower: Follower, query: Query, after: tuple[int, int, int]) -> Views:
    run_at, player_at, _ = after
    players = items(follower, query, lambda history: history.players, after=(run_at, max(player_at - 1, 0)))
    async with aclosing(players) as found:
        async for item in found:
            for session in await sessions_of(follower, item.run, item.key):
                place = (item.state.number, item.number, _ordinal(session.started_at))
                if place > after and _is_wanted(session, query):
                    yield place, {"run": item.run} | session_view(session)


def _ordinal(instant: datetime) -> int:
    """The instant in microseconds since the first one that there is: cursors have no sign."""
    return (instant - _FIRST_INSTANT) // timedelta(microseconds=1)


def _is_wanted(session: Session, query: Query) -> bool:
    """Whether one game of the session is that of the filters, as far as they name it."""
    vendor_id, game_id = query.filters.get("vendor_id"), query.filters.get("game_id")
    if vendor_id is None and game_id is None:
        return True
    return any(vendor_id in (None, game.vendor_id) and game_id in (None, game.game_id) for game in session.games)
