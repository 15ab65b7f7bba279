"""What a Rollback reverses, phase by phase."""

from decimal import Decimal
from typing import Any

import pytest

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
