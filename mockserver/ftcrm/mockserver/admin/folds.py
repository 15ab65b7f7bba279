"""What one player's events make, folded in slices: a player may have more of them than senders would wait for."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from ftcrm.contracts.groups import LARGE
from ftcrm.contracts.rounds import Player, PlayerKey, Session
from ftcrm.mockserver.follower import Follower

__all__ = ["player_of", "sessions_of"]

F = TypeVar("F")


async def sessions_of(follower: Follower, run: str, key: PlayerKey) -> tuple[Session, ...]:
    """The sessions of the player in that run, in order of time; none when the run is reset meanwhile."""
    history = follower.runs[run].history
    rounds = await _in_slices(follower, run, history.rounds_of(key))
    return await _apart(lambda: history.sessions_of(key, rounds=rounds), len(rounds)) if rounds else ()


async def player_of(follower: Follower, run: str, key: PlayerKey, as_of: datetime | None) -> Player | None:
    """The player in that run as of an instant, or of the run's last event; None also when it is reset meanwhile."""
    history = follower.runs[run].history
    rounds = await _in_slices(follower, run, history.rounds_of(key))
    bonuses = await _in_slices(follower, run, history.bonuses_of(key))
    if rounds is None or bonuses is None:
        return None
    instant = as_of or history.as_of
    return await _apart(lambda: history.player(key, as_of=instant, rounds=rounds, bonuses=bonuses), len(rounds))


async def _in_slices(follower: Follower, run: str, folds: Iterable[F]) -> list[F] | None:
    """These of the run, each as it is when its turn comes; None when the run is reset meanwhile.

    At most as many groups as the history keeps hot hold their events: of cold ones, the folds alone stay, until the
    caller is done with this player.
    """
    slices, state = follower.slices(), follower.runs[run]
    found: list[F] = []
    for fold in folds:
        found.append(fold)
        if slices.is_over:
            await slices.rest()
            if follower.runs[run] is not state:
                return None
    return found


async def _apart(fold: Callable[[], F], size: int) -> F:
    """What is folded of so many values, all of them at hand: of many in a thread, beside which the senders go on."""
    return await asyncio.to_thread(fold) if size > LARGE else fold()
