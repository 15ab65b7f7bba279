"""Whether a player still plays with real money: how long ago the last such Bet was, and what that makes of the player.

Vendor: "Active = a real-money transaction within 30 days; Idle after 1/2/5/10/20 days, Inactive after 30/90/180;
Churned = 30 days without real bets or deposits". This feed has no deposits, and an idle player is told from an active
one: what is within 30 days is divided.
"""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

__all__ = ["Activity", "ActivityState", "activity_of"]

ActivityState = Literal["active", "idle", "inactive"]

_IDLE_DAYS = (0, 1, 2, 5, 10, 20, 30, 90, 180)
_INACTIVE_DAYS = 30


class Activity(msgspec.Struct, frozen=True):
    """What the time since the last Bet of real money makes of a player; None throughout without such a Bet."""

    last_real_bet_at: datetime | None = None
    idle_days: int | None = None
    state: ActivityState | None = None
    churned: bool | None = None


def activity_of(last_real_bet_at: datetime | None, as_of: datetime) -> Activity:
    """The activity of a player whose last Bet of real money was then, not after the instant.

    A step counts as reached when just so many days of 24 hours have passed.
    """
    if last_real_bet_at is None:
        return Activity()
    since = as_of - last_real_bet_at
    days = max(days for days in _IDLE_DAYS if timedelta(days=days) <= since)
    is_inactive = days >= _INACTIVE_DAYS
    state: ActivityState = "inactive" if is_inactive else "idle" if days else "active"
    return Activity(last_real_bet_at, days, state, is_inactive)
