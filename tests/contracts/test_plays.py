"""Open rounds, and the open Bet that a settlement may belong to, against a model that looks through all rounds."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ftcrm.contracts import CasinoEvent, RoundKey, fold_round
from ftcrm.contracts.plays import Plays
from ftcrm.contracts.rounds import Member, OpenBet, RoundFold

KEYS = [RoundKey("o", "u", f"r{number}") for number in range(4)] + [RoundKey("o", "v", "r0")]
keys = st.sampled_from(KEYS)


def event(type: str, second: int, **changes: Any) -> CasinoEvent:  # noqa: A002
    values: dict[str, Any] = {
        **dict.fromkeys("activity_id game_id game_name game_type origin round_id user_id vendor_id".split(), "x"),
        **dict.fromkeys(("vendor_name", "user_bonus_id"), ""),
        **{"amount": 1, "currency": "EUR", "exchange_rate": 1, "status": "Approved", "type": type},
        "timestamp": datetime(2026, 3, 2, 8, tzinfo=UTC) + timedelta(seconds=second),
    }
    return CasinoEvent(**{**values, **changes})


def fold_of(key: RoundKey, *members: Member[CasinoEvent], excluded: tuple[int, ...] = ()) -> RoundFold:
    return fold_round(key, members, excluded=excluded)


def table_of(folded: RoundFold) -> tuple[str, ...]:
    value = folded.round
    return value.origin, value.user_id, value.vendor_id, value.game_id


def is_lone(folded: RoundFold, state: str) -> bool:
    return folded.round.state == state and len(folded.events) == 1 and not folded.round.excluded


class PlaysMachine(RuleBasedStateMachine):
    """The model keeps every round's value and looks through all of them."""

    @initialize()
    def start(self) -> None:
        self.plays = Plays()
        self.folds: dict[RoundKey, RoundFold] = {}

    @rule(
        key=keys,
        types=st.sampled_from([["Bet"], ["Bet"], ["Win"], ["Loss"], ["Bet", "Win"], ["Bet", "Bet"], ["Win", "Win"]]),
        second=st.integers(0, 2),
        seq=st.integers(1, 99),
        game=st.sampled_from("aab"),
        undo=st.sampled_from([False, False, False, True]),
        excluded=st.sampled_from([(), (), (), (100,)]),
    )
    def update(
        self,
        key: RoundKey,
        types: list[str],
        second: int,
        seq: int,
        game: str,
        undo: bool,
        excluded: tuple[int, ...],
    ) -> None:
        members = [
            Member(seq + index, event(each, second + index, game_id=game, activity_id=str(index)))
            for index, each in enumerate(types)
        ]
        if undo:
            members.append(Member(seq + 9, event(types[0], second, game_id=game, activity_id="0", status="Rollback")))
        before = self.looked_at()
        self.folds[key] = fold_of(key, *members, excluded=excluded)
        self.told(before, key, self.plays.update(key, self.folds[key]))

    @rule(key=keys)
    def forget(self, key: RoundKey) -> None:
        before = self.looked_at()
        self.folds.pop(key, None)
        self.told(before, key, self.plays.forget(key))

    @rule(key=keys)
    def say_it_again(self, key: RoundKey) -> None:
        if key in self.folds:
            assert self.plays.update(key, self.folds[key]) == ()

    def told(self, before: dict[RoundKey, OpenBet | None], key: RoundKey, told: tuple[RoundKey, ...]) -> None:
        """Told are the rounds that look at another Bet now, each once; the round itself knows."""
        after = self.looked_at()
        changed = {other for other in after if other in before and after[other] != before[other]}
        assert len(told) == len(set(told))
        assert set(told) - {key} == changed - {key}

    def looked_at(self) -> dict[RoundKey, OpenBet | None]:
        return {key: self.bet_for(folded) for key, folded in self.folds.items() if is_lone(folded, "orphan")}

    def bet_for(self, settlement: RoundFold) -> OpenBet | None:
        at = settlement.events[0].event.timestamp
        bets = [
            (folded.events[0].event.timestamp, key.round_id, folded.events[0].seq)
            for key, folded in self.folds.items()
            if is_lone(folded, "open") and table_of(folded) == table_of(settlement)
        ]
        earlier = sorted(bet for bet in bets if bet[0] <= at)
        return OpenBet(earlier[-1][1], earlier[-1][2], earlier[-1][0]) if earlier else None

    @invariant()
    def what_is_kept_is_the_models(self) -> None:
        assert set(self.plays.open()) == {key for key, folded in self.folds.items() if folded.round.state == "open"}
        expected = self.looked_at()
        assert {key: self.plays.bet_for(key) for key in KEYS} == {key: expected.get(key) for key in KEYS}

    @invariant()
    def nothing_is_kept_of_what_is_gone(self) -> None:
        tables = {table_of(each) for each in self.folds.values() if is_lone(each, "open") or is_lone(each, "orphan")}
        assert set(self.plays._seats) == tables


PlaysMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
test_plays_against_the_model = PlaysMachine.TestCase


@pytest.mark.parametrize("split", [True, False], ids=["a round for each transaction", "Bet and Win in one round"])
def test_a_player_who_never_stops_costs_linear_time(split: bool, assert_linear: Any) -> None:
    """In the order of play no settlement looks at another Bet when the next one is placed."""

    def spent(size: int) -> float:
        plays = Plays()
        folds: list[tuple[RoundKey, RoundFold]] = []
        for turn in range(size):
            bet = Member(2 * turn, event("Bet", 2 * turn, activity_id="b"))
            win = Member(2 * turn + 1, event("Win", 2 * turn + 1, activity_id="w"))
            key, other = RoundKey("o", "u", f"b{turn}"), RoundKey("o", "u", f"w{turn}")
            folds.append((key, fold_of(key, bet)))
            folds.append((other, fold_of(other, win)) if split else (key, fold_of(key, bet, win)))
        start = time.process_time()
        told = [plays.update(key, folded) for key, folded in folds]
        elapsed = time.process_time() - start
        assert not any(told)
        return elapsed

    assert_linear(spent, 1_000)
