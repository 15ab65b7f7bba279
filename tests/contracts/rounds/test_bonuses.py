"""Bonuses: status histories, and which of the casino events that carry their id count."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import RoundKey, fold_bonus, fold_round
from ftcrm.contracts.rounds import BonusFold

SCENARIO_B = ["Pending", "Created", "Ongoing", "Completed"]


def fold(feed: Any, bonuses: list[Any], casino: list[Any]) -> BonusFold:
    members = feed.members([*bonuses, *casino])
    return fold_bonus(feed.bonus_key, members[: len(bonuses)], members[len(bonuses) :])


@given(order=st.permutations(range(4)), repeats=st.lists(st.integers(0, 3), max_size=4))
def test_statuses_are_in_canonical_order_and_repeats_count_once(
    feed: Any, order: list[int], repeats: list[int]
) -> None:
    arrived = [feed.bonus_event(status=SCENARIO_B[at], timestamp=feed.at(at)) for at in (*order, *repeats)]
    folded = fold(feed, arrived, [])
    bonus = folded.bonus
    assert [entry.status for entry in bonus.statuses] == SCENARIO_B
    assert bonus.status == "Completed"
    assert bonus.seqs == tuple(range(1, len(arrived) + 1))
    assert (bonus.bonus_id, bonus.type, bonus.product) == ("9821", "WelcomeBonus", "Casino")
    assert [(order.index(at) + 1, seq) for seq, at in enumerate(repeats, 5)] == [
        (kept.seq, again.seq) for kept, again in folded.repeats
    ]


def test_a_bonus_that_only_casino_events_name(feed: Any) -> None:
    bonus = fold(feed, [], [feed.casino_event(user_bonus_id="863512")]).bonus
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
    folded = fold(feed, [], events)
    assert {member.seq for member in folded.live} == expected
    assert sorted(folded.live, key=folded.casino.index) == list(folded.live)


@pytest.mark.parametrize("own_id", [True, False])
def test_a_round_that_was_voided_does_not_count(feed: Any, own_id: bool) -> None:
    bet = feed.casino_event(activity_id="b", timestamp=feed.at(1))
    rollback = feed.casino_event(activity_id="b" if own_id else "x", status="Rollback", timestamp=feed.at(2))
    folded = fold(feed, [], [bet, rollback, bet])
    assert folded.live == ()
    assert folded.bonus.casino_seqs == (1, 2, 3)
