"""The rounds of each player that lack a part: Bets without a settlement, and settlements without a Bet."""

from collections.abc import Iterator
from typing import NamedTuple, TypeVar

from ftcrm.contracts.rounds import OpenBet, RoundFold, RoundKey

__all__ = ["Plays"]

_Kept = TypeVar("_Kept")


class _Table(NamedTuple):
    """What makes two rounds one play: the player, the game and its vendor."""

    origin: str
    user_id: str
    vendor_id: str
    game_id: str


class Plays:
    """The open and the orphan rounds of a run, by player and game; told of every round that is folded."""

    def __init__(self) -> None:
        self._open: dict[RoundKey, _Table] = {}
        self._bets: dict[_Table, dict[RoundKey, OpenBet]] = {}
        self._orphans: dict[_Table, dict[RoundKey, None]] = {}
        self._orphaned: dict[RoundKey, _Table] = {}

    def open(self) -> Iterator[RoundKey]:
        """The open rounds."""
        return iter(tuple(self._open))

    def update(self, key: RoundKey, fold: RoundFold) -> tuple[RoundKey, ...]:
        """This is what the round is now; the orphan rounds that see other open Bets than before."""
        table, state = _table_of(fold), fold.round.state
        before = self.forget(key)
        if state == "orphan":
            self._orphaned[key] = table
            self._orphans.setdefault(table, {})[key] = None
        now = None
        if state == "open":
            first = fold.matching.live[0]
            now = table, OpenBet(key.round_id, first.seq, first.event.timestamp)
            self._open[key] = table
            self._bets.setdefault(table, {})[key] = now[1]
        if before == now:
            return ()
        tables = {place[0]: None for place in (before, now) if place is not None}
        return tuple(other for each in tables for other in self._orphans.get(each, ()))

    def forget(self, key: RoundKey) -> tuple[_Table, OpenBet] | None:
        """The round is no more, or is something else now; where it was open, if it was."""
        if (orphaned := self._orphaned.pop(key, None)) is not None:
            _discard(self._orphans, orphaned, key)
        if (opened := self._open.pop(key, None)) is None:
            return None
        return opened, _discard(self._bets, opened, key)

    def bets_for(self, key: RoundKey, fold: RoundFold) -> tuple[OpenBet, ...]:
        """The open Bets of the same player, game and vendor that are no later than this round's first settlement."""
        bets = self._bets.get(_table_of(fold), {})
        latest = fold.round.last_at
        found = [bet for other, bet in bets.items() if other != key and bet.at <= latest]
        return tuple(sorted(found, key=lambda bet: (bet.at, bet.round_id)))


def _table_of(fold: RoundFold) -> _Table:
    value = fold.round
    return _Table(value.origin, value.user_id, value.vendor_id, value.game_id)


def _discard(tables: dict[_Table, dict[RoundKey, _Kept]], table: _Table, key: RoundKey) -> _Kept:
    rounds = tables[table]
    found = rounds.pop(key)
    if not rounds:
        del tables[table]
    return found
