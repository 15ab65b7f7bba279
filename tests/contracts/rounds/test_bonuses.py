"""Bonuses: status histories, and which of the casino events that carry their id count."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import RoundKey, fold_round
from ftcrm.contracts.rounds import Wagering

SCENARIO_B = ["Pending", "Created", "Ongoing", "Completed"]


@given(order=st.permutations(range(4)), repeats=st.lists(st.integers(0, 3), max_size=4))
def test_statuses_are_in_canonical_order_and_repeats_count_once(
    feed: Any, order: list[int], repeats: list[int]
) -> None:
    arrived = [feed.bonus_event(status=SCENARIO_B[at], timestamp=feed.at(at)) for at in (*order, *repeats)]
    folded = feed.fold_bonus(arrived, [])
    bonus = folded.bonus
    assert [entry.status for entry in bonus.statuses] == SCENARIO_B
    assert bonus.status == "Completed"
    assert bonus.seqs == tuple(range(1, len(arrived) + 1))
    assert (bonus.bonus_id, bonus.type, bonus.product) == ("9821", "WelcomeBonus", "Casino")
    assert [(order.index(at) + 1, seq) for seq, at in enumerate(repeats, 5)] == [
        (kept.seq, again.seq) for kept, again in folded.repeats
    ]


def test_a_bonus_that_only_casino_events_name(feed: Any) -> None:
    bonus = feed.fold_bonus([], [feed.casino_event(user_bonus_id="863512")]).bonus
    assert (bonus.status, bonus.statuses, bonus.bonus_id, bonus.seqs, bonus.casino_seqs) == (None, (), None, (), (1,))


@given(
    arrived=st.lists(
        st.tuples(
            st.sampled_from(["r1", "r2"]),
            st.sampled_from(["Bet", "Win"]),
            st.sampled_from(["Approved", "Approved", "Rollback"]),
            st.sampled_from("ab"),
            st.sampled_from([5, 20]),
            st.integers(0, 2),
        ),
        max_size=9,
    )
)
def test_those_casino_events_count_that_are_live_in_their_rounds(feed: Any, arrived: list[Any]) -> None:
    names = ("round_id", "type", "status", "activity_id", "amount")
    events = [
        feed.casino_event(timestamp=feed.at(at), **dict(zip(names, values, strict=True))) for *values, at in arrived
    ]
    members = feed.members(events)
    expected = set()
    for round_id in {event.round_id for event in events}:
        own = [member for member in members if member.event.round_id == round_id]
        expected |= {member.seq for member in fold_round(RoundKey("o", "u", round_id), own).matching.live}
    folded = feed.fold_bonus([], events)
    assert {member.seq for member in folded.live} == expected
    assert sorted(folded.live, key=folded.casino.index) == list(folded.live)


@pytest.mark.parametrize("own_id", [True, False])
def test_a_round_that_was_voided_does_not_count(feed: Any, own_id: bool) -> None:
    bet = feed.casino_event(activity_id="b", timestamp=feed.at(1))
    rollback = feed.casino_event(activity_id="b" if own_id else "x", status="Rollback", timestamp=feed.at(2))
    folded = feed.fold_bonus([], [bet, rollback, bet])
    assert folded.live == ()
    assert folded.bonus.casino_seqs == (1, 2, 3)


@pytest.mark.parametrize("own_id", [True, False])
def test_a_rollback_that_does_not_carry_the_bonus_takes_its_bet_out_all_the_same(feed: Any, own_id: bool) -> None:
    bet = feed.casino_event(activity_id="b", user_bonus_id="863512", timestamp=feed.at(1))
    rollback = feed.casino_event(activity_id="b" if own_id else "x", status="Rollback", timestamp=feed.at(2))
    folded = feed.fold_bonus([], [bet], others=[rollback])
    assert (folded.live, folded.bonus.totals, folded.bonus.rounds) == ((), {}, ())
    assert folded.bonus.casino_seqs == (1,)


def test_the_turnover_per_wallet_and_what_is_left_to_wager(feed: Any) -> None:
    created = feed.bonus_event(
        status="Created", amount=Decimal(50), required_wagering_amount=Decimal("412.30"), timestamp=feed.at(0)
    )
    later = feed.bonus_event(status="Ongoing", amount=Decimal(1), timestamp=feed.at(9))
    carried = {"user_bonus_id": "863512"}
    bets = [
        feed.casino_event(
            activity_id="b1", amount=Decimal(20), bonus_wager_amount=Decimal(15), wager_amount=Decimal(5), **carried
        ),
        feed.casino_event(activity_id="b2", round_id="r2", amount=Decimal("0.3"), **carried),
        feed.casino_event(activity_id="b3", round_id="r3", currency="USD", exchange_rate=Decimal("0.5"), **carried),
    ]
    win = feed.casino_event(activity_id="w", type="Win", amount=Decimal(7), timestamp=feed.at(99), **carried)
    bonus = feed.fold_bonus([later, created], [*bets, win]).bonus
    assert (bonus.amount, bonus.currency, bonus.bets, bonus.rounds) == (50, "EUR", 3, ("r1", "r2", "r3"))
    euros = bonus.totals["EUR"]
    assert (euros.bet.real, euros.bet.bonus, euros.bet.unallocated, euros.bet.total) == (
        5,
        15,
        Decimal("0.3"),
        Decimal("20.3"),
    )
    assert (euros.win.total, bonus.totals["USD"].bet.total, bonus.base.bet.total) == (7, 20, Decimal("30.3"))
    assert bonus.wagering == Wagering(Decimal("412.30"), Decimal("20.3"), Decimal("392.0"))


def test_nothing_is_left_to_wager_beyond_what_is_required(feed: Any) -> None:
    created = feed.bonus_event(status="Created", required_wagering_amount=Decimal(10))
    bet = feed.casino_event(amount=Decimal(20), user_bonus_id="863512")
    assert feed.fold_bonus([created], [bet]).bonus.wagering == Wagering(Decimal(10), Decimal(20), Decimal(0))
    assert feed.fold_bonus([feed.bonus_event(status="Created")], [bet]).bonus.wagering is None


@pytest.mark.parametrize("begun", ["Created", "Claimed"])
@pytest.mark.parametrize("between", ["Ongoing", "Frozen"])
@given(order=st.permutations(range(5)), digests=st.lists(st.integers(0, 9), min_size=5, max_size=5))
def test_statuses_of_one_instant_follow_each_other_as_a_bonus_goes_through_them(
    feed: Any, begun: str, between: str, order: list[int], digests: list[int]
) -> None:
    """A status of no known stage is in between, as Ongoing is."""
    stages = ["Pending", begun, between, "Forfeited"]
    events = [feed.bonus_event(status=stage, bonus_code=str(digests[at])) for at, stage in enumerate(stages)]
    later = feed.bonus_event(status="Pending", timestamp="2026-03-02T09:00:00Z")
    folded = feed.fold_bonus([[*events, later][at] for at in order], [])
    assert [entry.status for entry in folded.bonus.statuses] == [*stages, "Pending"]
