"""`players`: the segmentation data of each player as of an instant, folded when somebody asks."""

from contextlib import aclosing
from typing import Any

from ftcrm.contracts.groups import Groups
from ftcrm.contracts.history import History
from ftcrm.contracts.rounds import PlayerKey
from ftcrm.contracts.views import player_view
from ftcrm.mockserver.admin.folds import player_of
from ftcrm.mockserver.admin.pages import Views, items, page_of, the_one
from ftcrm.mockserver.admin.query import Query
from ftcrm.mockserver.follower import Follower

__all__ = ["PLAYER_FILTERS", "PLAYER_KEY", "get_player", "list_players"]

PLAYER_KEY = PlayerKey.__struct_fields__
PLAYER_FILTERS = frozenset({"run", *PLAYER_KEY, "activity", "churned"})
_IS_CHURNED = {"true": True, "false": False}


async def list_players(follower: Follower, query: Query) -> dict[str, Any]:
    """One page of the players that match, in the order in which they first came."""
    run_at, after = query.cursor_numbers(2)
    return await page_of("players", _views(follower, query, (run_at, after)), follower, query)


async def get_player(follower: Follower, key: PlayerKey, query: Query) -> dict[str, Any]:
    """The player with this key (of this run); AdminError 404 when there is none, 409 when several runs have it."""
    found: list[dict[str, Any]] = []
    excluded: list[int] = []
    for run in list(follower.runs):
        if query.filters.get("run", run) != run:
            continue
        player = await player_of(follower, run, key, query.as_of)
        if player is None:
            excluded += _excluded(follower.runs[run].history, key)
        else:
            found.append({"run": run} | player_view(player) | {"complete": follower.complete(run)})
    wanted = {"origin": key.origin, "user_id": key.user_id} | query.filters
    return the_one("players", found, wanted, PLAYER_KEY, excluded)


async def _views(follower: Follower, query: Query, after: tuple[int, int]) -> Views:
    activity, churned = query.filters.get("activity"), query.filters.get("churned")
    async with aclosing(items(follower, query, lambda history: history.players, after=after)) as found:
        async for item in found:
            player = await player_of(follower, item.run, item.key, query.as_of)
            if player is None or (activity is not None and player.activity != activity):
                continue
            if churned is None or player.churned is _IS_CHURNED[churned]:
                yield (item.state.number, item.number), {"run": item.run} | player_view(player)


def _excluded(history: History, key: PlayerKey) -> list[int]:
    """The deliveries that name the player and were not folded, as far as they name a round or a bonus."""
    kept: tuple[Groups[Any, Any], ...] = (history.rounds, history.bonuses)
    seqs = {
        seq
        for groups in kept
        for group in groups.known()
        if PlayerKey(group.origin, group.user_id) == key
        for seq in groups.excluded(group)
    }
    return sorted(seqs)
