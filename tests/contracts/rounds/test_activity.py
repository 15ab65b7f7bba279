"""Activity: active, idle, inactive and churned, just before and at each step."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("since", "idle_days", "activity", "churned"),
    [
        (timedelta(0), 0, "active", False),
        (DAY - MICROSECOND, 0, "active", False),
        (DAY, 1, "idle", False),
        (2 * DAY - MICROSECOND, 1, "idle", False),
        (2 * DAY, 2, "idle", False),
        (5 * DAY - MICROSECOND, 2, "idle", False),
        (5 * DAY, 5, "idle", False),
        (10 * DAY - MICROSECOND, 5, "idle", False),
        (10 * DAY, 10, "idle", False),
        (20 * DAY - MICROSECOND, 10, "idle", False),
        (20 * DAY, 20, "idle", False),
        (30 * DAY - MICROSECOND, 20, "idle", False),
        (30 * DAY, 30, "inactive", True),
        (90 * DAY - MICROSECOND, 30, "inactive", True),
        (90 * DAY, 90, "inactive", True),
        (180 * DAY - MICROSECOND, 90, "inactive", True),
        (180 * DAY, 180, "inactive", True),
        (3650 * DAY, 180, "inactive", True),
    ],
)
def test_activity_goes_by_the_time_since_the_last_real_bet(
    play: Any, since: timedelta, idle_days: int, activity: str, churned: bool
) -> None:
    player = play.player(play.bet(-1), play.bet(0), as_of=play.start + since)
    assert player.last_real_bet_at == play.start
    assert (player.idle_days, player.activity, player.churned) == (idle_days, activity, churned)


@pytest.mark.parametrize(
    ("changes", "is_real"),
    [
        ({}, True),
        ({"wager_amount": Decimal(20)}, True),
        ({"wager_amount": Decimal("0.01"), "bonus_wager_amount": Decimal("19.99")}, True),
        ({"bonus_wager_amount": Decimal(20)}, False),
        ({"locked_wager_amount": Decimal(20)}, False),
        ({"wager_amount": Decimal(-5), "bonus_wager_amount": Decimal(25)}, False),
        ({"amount": Decimal(0)}, False),
        ({"exchange_rate": Decimal(0)}, False),
        ({"type": "Win"}, False),
        ({"type": "Loss"}, False),
    ],
)
def test_a_real_bet_is_one_of_real_or_unallocated_money(play: Any, changes: dict[str, Any], is_real: bool) -> None:
    player = play.player(play.bet(0, **changes))
    assert player.last_real_bet_at == (play.start if is_real else None)
    found = (player.idle_days, player.activity, player.churned)
    assert found == ((0, "active", False) if is_real else (None, None, None))
