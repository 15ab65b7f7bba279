"""The casino event: a Bet, a Win or a Loss of one round, approved or rolled back."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

__all__ = ["CasinoEvent"]

_Text = Annotated[str, msgspec.Meta(min_length=1)]


class CasinoEvent(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, kw_only=True):
    """One decoded casino event, field by field as it was sent (casino-events.txt, the field table).

    Amounts are exact decimals in `currency`; `exchange_rate` times an amount is the amount in the base currency. An
    optional field that was not sent is `msgspec.UNSET`. `timestamp` is the instant that was sent, aware. Decoding wants
    texts of at least one character where an empty one would draw a finding.
    """

    activity_id: _Text
    amount: Decimal
    currency: str
    exchange_rate: Decimal
    game_id: _Text
    game_name: _Text
    game_type: _Text
    origin: _Text
    round_id: _Text
    status: Literal["Approved", "Rollback"]
    timestamp: Annotated[datetime, msgspec.Meta(tz=True)]
    type: Literal["Bet", "Win", "Loss"]
    user_id: _Text
    vendor_id: _Text
    vendor_name: _Text
    user_bonus_id: str
    balance_after: Decimal | UnsetType = UNSET
    balance_before: Decimal | UnsetType = UNSET
    bonus_wager_amount: Decimal | UnsetType = UNSET
    is_round_end: bool | UnsetType = UNSET
    locked_wager_amount: Decimal | UnsetType = UNSET
    wager_amount: Decimal | UnsetType = UNSET
    meta: msgspec.Raw | UnsetType = UNSET
