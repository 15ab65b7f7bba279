"""The casino event: a Bet, a Win or a Loss of one round, approved or rolled back."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

__all__ = ["CasinoEvent"]


class CasinoEvent(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, kw_only=True):
    """One decoded casino event, field by field as it was sent (casino-events.txt, the field table).

    Amounts are exact decimals in `currency`; `exchange_rate` times an amount is the amount in the base currency. An
    optional field that was not sent is `msgspec.UNSET`. `timestamp` is the instant that was sent, aware.
    """

    activity_id: str
    amount: Decimal
    currency: str
    exchange_rate: Decimal
    game_id: str
    game_name: str
    game_type: str
    origin: str
    round_id: str
    status: Literal["Approved", "Rollback"]
    timestamp: Annotated[datetime, msgspec.Meta(tz=True)]
    type: Literal["Bet", "Win", "Loss"]
    user_id: str
    vendor_id: str
    vendor_name: str
    user_bonus_id: str
    balance_after: Decimal | UnsetType = UNSET
    balance_before: Decimal | UnsetType = UNSET
    bonus_wager_amount: Decimal | UnsetType = UNSET
    is_round_end: bool | UnsetType = UNSET
    locked_wager_amount: Decimal | UnsetType = UNSET
    wager_amount: Decimal | UnsetType = UNSET
    meta: msgspec.Raw | UnsetType = UNSET
