"""What the tests of sessions and players share: one player's events, folded, and histories to draw."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st

from ftcrm.contracts import BonusEvent, CasinoEvent, fold_bonus, fold_round
from ftcrm.contracts.rounds import (
    STANDARD_READINGS,
    BonusFold,
    BonusKey,
    Member,
    Money,
    Player,
    PlayerKey,
    Readings,
    RoundFold,
    RoundKey,
    Session,
    Thresholds,
    fold_player,
    fold_sessions,
)

GAP = timedelta(minutes=30)
START = datetime(2026, 3, 2, tzinfo=UTC)
EDGES = (0, 1, 600, 1800, 1800.000001, 3600, 5400.000001, 7200, 86_400, 2_592_000, 2_592_000.000001)
"""Seconds: within the gap of each other, just as long as it, a microsecond longer, days, just 30 days."""


instants = st.builds(
    lambda seconds, hours: (START + timedelta(seconds=seconds)).astimezone(timezone(timedelta(hours=hours))),
    st.sampled_from(EDGES),
    st.sampled_from([0, 0, 6, -3]),
)


class Play:
    """One player: builders of events, and of folds, sessions and players from them in order of arrival; strategies."""

    key = PlayerKey("sub.example.com", "52530")
    gap = GAP
    start = START
    instants = instants

    def __init__(self, feed: Any) -> None:
        self.feed = feed

    def bet(self, at: float | datetime = 0, **changes: Any) -> CasinoEvent:
        """A Bet of 20 at that instant, or so many seconds after the start; its id says when, unless told."""
        instant = at.isoformat() if isinstance(at, datetime) else self.feed.at(at)
        event: CasinoEvent = self.feed.casino_event(**{"activity_id": f"b{at}", "timestamp": instant, **changes})
        return event

    def win(self, at: float | datetime = 0, **changes: Any) -> CasinoEvent:
        return self.bet(at, **{"activity_id": f"w{at}", "type": "Win", **changes})

    def bets(self, amounts: Iterable[Any], **changes: Any) -> list[CasinoEvent]:
        """Bets of these amounts at the start, each of a round of its own."""
        return [
            self.bet(activity_id=f"b{at}", round_id=f"r{at}", amount=Decimal(amount), **changes)
            for at, amount in enumerate(amounts)
        ]

    @staticmethod
    def summed(moneys: Iterable[Money]) -> list[Fraction]:
        """The sums of every part, exactly."""
        sums = [Fraction(0)] * 15
        for money in moneys:
            numbers = [number for part in msgspec.structs.astuple(money) for number in msgspec.structs.astuple(part)]
            sums = [total + Fraction(number) for total, number in zip(sums, numbers, strict=True)]
        return sums

    def rounds(
        self, events: Iterable[CasinoEvent], *, first: int = 1, readings: Readings = STANDARD_READINGS
    ) -> list[RoundFold]:
        parts: dict[str, list[Member[Any]]] = {}
        for seq, event in enumerate(events, first):
            parts.setdefault(event.round_id, []).append(Member(seq, event))
        return [
            fold_round(RoundKey(self.key.origin, self.key.user_id, round_id), members, readings=readings)
            for round_id, members in parts.items()
        ]

    def bonuses(self, events: Iterable[BonusEvent]) -> list[BonusFold]:
        parts: dict[str, list[Member[Any]]] = {}
        for seq, event in enumerate(events, 1_000_000):
            parts.setdefault(event.user_bonus_id, []).append(Member(seq, event))
        return [fold_bonus(BonusKey(self.key.origin, self.key.user_id, name), own, ()) for name, own in parts.items()]

    def sessions(self, *events: CasinoEvent, gap: timedelta = GAP) -> tuple[Session, ...]:
        return fold_sessions(self.key, self.rounds(events), gap=gap)

    def player(
        self,
        *events: CasinoEvent,
        as_of: datetime | None = None,
        bonuses: Iterable[BonusEvent] = (),
        thresholds: Thresholds | None = None,
        readings: Readings = STANDARD_READINGS,
    ) -> Player:
        rounds = self.rounds(events, readings=readings)
        return fold_player(
            self.key,
            rounds,
            self.bonuses(bonuses),
            fold_sessions(self.key, rounds, gap=GAP),
            as_of=as_of or max(event.timestamp for event in events),
            thresholds=thresholds or Thresholds(),
            readings=readings,
        )

    @staticmethod
    @st.composite
    def histories(draw: st.DrawFn, events: st.SearchStrategy[CasinoEvent]) -> list[CasinoEvent]:
        """Events of a few rounds and games at instants around the gap and days apart, some told with an offset."""
        return [
            msgspec.structs.replace(
                event,
                round_id=draw(st.sampled_from(["r1", "r2", "r3"])),
                timestamp=draw(instants),
                vendor_id=draw(st.sampled_from(["v1", "v2"])),
                game_name=draw(st.sampled_from(["Dead or Alive", "Book of Ra"])),
                game_type=draw(st.sampled_from(["Slots", "Live Casino"])),
            )
            for event in draw(st.lists(events, min_size=1, max_size=12))
        ]


@pytest.fixture(scope="session")
def play(feed: Any) -> Play:
    return Play(feed)
