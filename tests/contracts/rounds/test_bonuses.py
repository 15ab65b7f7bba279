"""Bonuses: status histories, and Scenario B as far as it is documented."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import fold_bonus
from ftcrm.contracts.rounds import BonusFold
from ftcrm.contracts.rules import STANDARD, Scope, findings_of

SCENARIO_B = ["Pending", "Created", "Ongoing", "Completed"]


def fold(feed: Any, bonuses: list[Any], casino: list[Any]) -> BonusFold:
    members = feed.members([*bonuses, *casino])
    return fold_bonus(feed.bonus_key, members[: len(bonuses)], members[len(bonuses) :])


def found_in(folded: BonusFold) -> list[Any]:
    return list(findings_of(STANDARD.ask(Scope.BONUS_HISTORY, folded)))


@given(order=st.permutations(range(4)), repeats=st.lists(st.integers(0, 3), max_size=4))
def test_statuses_are_in_canonical_order_and_repeats_count_once(
    feed: Any, order: list[int], repeats: list[int]
) -> None:
    arrived = [feed.bonus_event(status=SCENARIO_B[at], timestamp=feed.at(at)) for at in (*order, *repeats)]
    bonus = fold(feed, arrived, []).bonus
    assert [entry.status for entry in bonus.statuses] == SCENARIO_B
    assert bonus.status == "Completed"
    assert bonus.seqs == tuple(range(1, len(arrived) + 1))
    assert (bonus.bonus_id, bonus.type, bonus.product) == ("9821", "WelcomeBonus", "Casino")


def test_a_bonus_that_only_casino_events_name(feed: Any) -> None:
    folded = fold(feed, [], [feed.casino_event(user_bonus_id="863512")])
    bonus = folded.bonus
    assert (bonus.status, bonus.statuses, bonus.bonus_id, bonus.seqs, bonus.casino_seqs) == (None, (), None, (), (1,))
    assert found_in(folded) == []


@pytest.mark.parametrize(
    ("bonus", "statuses", "casino", "speaks"),
    [
        ("WelcomeBonus", {"Created": 10}, [11, 12], False),
        ("WelcomeBonus", {"Created": 10}, [10], False),  # equal timestamps: the contract does not say
        ("WelcomeBonus", {"Created": 10}, [9.999999], True),
        ("WelcomeBonus", {"Pending": 5, "Created": 10}, [7], True),
        ("WelcomeBonus", {"Pending": 5}, [1], False),  # no Created was sent
        ("WelcomeBonus", {"Created": 10, "Ongoing": 11, "Completed": 20}, [15], False),
        ("FreeSpins", {"Created": 10}, [1, 2], False),
        ("Undefined", {"Created": 10}, [1], True),
    ],
)
def test_no_casino_event_before_its_bonus_was_created(
    feed: Any, bonus: str, statuses: dict[str, int], casino: list[float], speaks: bool
) -> None:
    events = [feed.bonus_event(status=name, type=bonus, timestamp=feed.at(at)) for name, at in statuses.items()]
    found = found_in(fold(feed, events, [feed.casino_event(timestamp=feed.at(at)) for at in casino]))
    assert [finding.rule for finding in found] == (["FT501"] if speaks else [])


def test_the_witness_is_the_created_and_the_early_event_which_is_told_once(feed: Any) -> None:
    bonuses = [
        feed.bonus_event(status="Completed", timestamp=feed.at(30)),
        feed.bonus_event(status="Created", timestamp=feed.at(10)),
        feed.bonus_event(status="Created", timestamp=feed.at(20)),
    ]
    early = feed.casino_event(timestamp=feed.at(5))
    (finding,) = found_in(fold(feed, bonuses, [feed.casino_event(timestamp=feed.at(15)), early, early]))
    assert finding.witness == (2, 5)
    assert finding.pointer == "/timestamp"
    assert "2026-03-02T00:00:10Z" in finding.message
    assert "2026-03-02T00:00:05Z" in finding.message
