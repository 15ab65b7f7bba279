"""What a Rollback reverses, phase by phase."""

from decimal import Decimal
from typing import Any

import pytest

from ftcrm.contracts.rounds import Readings

BET = {"type": "Bet", "activity_id": "b", "amount": Decimal(20), "wager_amount": Decimal(20)}
BACK = {**BET, "status": "Rollback", "timestamp": "2026-03-02T09:00:00Z"}


@pytest.mark.parametrize(
    ("changes", "phase"),
    [
        ({}, 1),
        ({"amount": Decimal(5), "wager_amount": Decimal(5)}, 1),
        ({"currency": "USD"}, 1),
        ({"activity_id": "r"}, 2),
        ({"activity_id": "r", "wager_amount": Decimal(0), "bonus_wager_amount": Decimal(20)}, 3),
        ({"activity_id": "r", "amount": Decimal(5)}, None),
        ({"activity_id": "r", "currency": "USD"}, None),
        ({"type": "Win"}, None),
    ],
)
def test_a_rollback_takes_what_it_names_then_what_is_most_like_it(
    feed: Any, changes: dict[str, Any], phase: int | None
) -> None:
    fold = feed.fold(feed.casino_event(**BET), feed.casino_event(**{**BACK, **changes}))
    assert [(each.target.seq, each.phase) for each in fold.reversals] == ([] if phase is None else [(1, phase)])
    assert [member.seq for member in fold.matching.tombstones] == ([2] if phase is None else [])
    assert [member.seq for member in fold.matching.live] == ([1] if phase is None else [])


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({"amount": Decimal(0)}, 20),
        ({"amount": Decimal(5)}, 15),
        ({"amount": Decimal("19.99")}, Decimal("0.01")),
        ({"amount": Decimal(20)}, None),
        ({"amount": Decimal(25)}, None),
        ({"amount": Decimal("-0.01")}, None),
        ({"amount": Decimal(5), "currency": "AUD"}, None),
        ({"amount": Decimal(5), "currency": "USD"}, None),
        ({"activity_id": "r"}, None),
    ],
)
def test_a_rollback_of_less_takes_a_part_where_it_is_read_so(
    feed: Any, play: Any, changes: dict[str, Any], left: Decimal | None
) -> None:
    """What it takes wholly is not live; the rest of the round stands, in its order, either way."""
    bets = [feed.casino_event(**{**BET, "activity_id": name}) for name in ("a", "b")]
    back = feed.casino_event(**{**BACK, "activity_id": "a", **changes})
    (fold,) = play.rounds([*bets, back], readings=Readings(rollback_amount="part"))
    assert [each.target.seq for each in fold.reversals] == [1]
    assert [each.target.seq for each in fold.matching.parts] == ([] if left is None else [1])
    assert [member.seq for member in fold.matching.live] == ([2] if left is None else [1, 2])
    assert [terms[-1] for _, terms in fold.entries] == ([20] if left is None else [left, 20])


@pytest.mark.parametrize(("target", "phase"), [("own-id", 1), ("likeness", 2)])
def test_the_phases_keep_their_numbers_where_others_are_left_out(feed: Any, play: Any, target: Any, phase: int) -> None:
    events = [feed.casino_event(**BET), feed.casino_event(**BACK)]
    (fold,) = play.rounds(events, readings=Readings(rollback_target=target))
    assert [each.phase for each in fold.reversals] == [phase]
