"""The rounds of each player that lack a part: Bets without a settlement, and settlements without a Bet."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from ftcrm.contracts.rounds import OpenBet, RoundFold, RoundKey

__all__ = ["Plays"]


class _Table(NamedTuple):
    """What makes two rounds one play: the player, the game and its vendor."""

    origin: str
    user_id: str
    vendor_id: str
    game_id: str


class _Lone(NamedTuple):
    """The only event of a round, in the order in which the lists of a table keep them."""

    at: datetime
    round_id: str
    seq: int


class _Seats(NamedTuple):
    """Both halves of the plays of one table, by time."""

    bets: list[_Lone]
    settlements: list[_Lone]


_at = itemgetter(0)


class Plays:
    """The open rounds of a run, and which open Bet a settlement without one may belong to.

    Those are sought for where each transaction seems to have a round of its own: a round that holds one event and
    nothing else. A settlement looks at the last such Bet of its player and game that is not later. It is told of every
    round that is folded.
    """

    def __init__(self) -> None:
        self._open: dict[RoundKey, None] = {}
        self._bets: dict[RoundKey, tuple[_Table, _Lone]] = {}
        self._settlements: dict[RoundKey, tuple[_Table, _Lone]] = {}
        self._seats: dict[_Table, _Seats] = {}

    def open(self) -> Iterator[RoundKey]:
        """The open rounds."""
        return iter(tuple(self._open))

    def update(self, key: RoundKey, fold: RoundFold) -> tuple[RoundKey, ...]:
        """This is what the round is now; the rounds whose settlement looks at another Bet than before."""
        value = fold.round
        if value.state == "open":
            self._open[key] = None
        else:
            self._open.pop(key, None)
        bet = settlement = None
        if len(fold.events) == 1 and not fold.doubts and value.state != "voided":
            (member,) = fold.events
            table = _Table(value.origin, value.user_id, value.vendor_id, value.game_id)
            lone = table, _Lone(member.event.timestamp, key.round_id, member.seq)
            if value.state == "open":
                bet = lone
            else:
                settlement = lone
        self._settle(key, settlement)
        return self._bet(key, bet)

    def forget(self, key: RoundKey) -> tuple[RoundKey, ...]:
        """The round is no more; the rounds whose settlement looks at another Bet than before."""
        self._open.pop(key, None)
        self._settle(key, None)
        return self._bet(key, None)

    def bet_for(self, key: RoundKey) -> OpenBet | None:
        """The open Bet that this round's settlement may belong to."""
        if key not in self._settlements:
            return None
        table, settlement = self._settlements[key]
        bets = self._seats[table].bets
        index = bisect_right(bets, settlement.at, key=_at)
        return OpenBet(bets[index - 1].round_id, bets[index - 1].seq, bets[index - 1].at) if index else None

    def _settle(self, key: RoundKey, now: tuple[_Table, _Lone] | None) -> None:
        before = self._settlements.get(key)
        if before == now:
            return
        if before is not None:
            table, settlement = before
            _remove(self._seats[table].settlements, settlement)
            del self._settlements[key]
            self._clear(table)
        if now is not None:
            self._settlements[key] = now
            insort(self._seats_of(now[0]).settlements, now[1])

    def _bet(self, key: RoundKey, now: tuple[_Table, _Lone] | None) -> tuple[RoundKey, ...]:
        before = self._bets.get(key)
        if before == now:
            return ()
        looking: dict[RoundKey, None] = {}
        if before is not None:
            table, bet = before
            looking |= self._looking_at(table, bet)
            _remove(self._seats[table].bets, bet)
            del self._bets[key]
            self._clear(table)
        if now is not None:
            table, bet = self._bets[key] = now
            insort(self._seats_of(table).bets, bet)
            looking |= self._looking_at(table, bet)
        return tuple(looking)

    def _looking_at(self, table: _Table, bet: _Lone) -> dict[RoundKey, None]:
        """The rounds whose settlement is not earlier than this Bet, and earlier than the next one."""
        bets, settlements = self._seats[table]
        first = bisect_left(settlements, bet.at, key=_at)
        following = bisect_right(bets, bet)
        last = len(settlements)
        if following < len(bets):
            last = bisect_left(settlements, bets[following].at, key=_at)
        return {RoundKey(table.origin, table.user_id, each.round_id): None for each in settlements[first:last]}

    def _seats_of(self, table: _Table) -> _Seats:
        return self._seats.setdefault(table, _Seats([], []))

    def _clear(self, table: _Table) -> None:
        """Forget the table if nobody sits at it."""
        if not any(self._seats[table]):
            del self._seats[table]


def _remove(seats: list[_Lone], lone: _Lone) -> None:
    del seats[bisect_left(seats, lone)]
