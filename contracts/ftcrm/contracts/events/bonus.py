"""The bonus event: one status change of a bonus that was credited to a player."""

from datetime import datetime
from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType

__all__ = ["BonusEvent"]


class BonusEvent(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One decoded bonus event (the vendor's `POST /v1/integration/bonus`; the contract's Scenario B).

    Amounts are exact decimals in `currency`. Only what Scenario B and a bonus's key need is always there: what else a
    sender left out is `msgspec.UNSET` and drew a finding.
    """

    origin: str
    user_id: str
    user_bonus_id: str
    status: str
    timestamp: datetime
    type: str | UnsetType = UNSET
    product: str | UnsetType = UNSET
    bonus_id: str | UnsetType = UNSET
    bonus_code: str | UnsetType = UNSET
    currency: str | UnsetType = UNSET
    exchange_rate: Decimal | UnsetType = UNSET
    amount: Decimal | UnsetType = UNSET
    bonus_turned_real: Decimal | UnsetType = UNSET
    locked_amount: Decimal | UnsetType = UNSET
    required_wagering_amount: Decimal | UnsetType = UNSET
    meta: msgspec.Raw | UnsetType = UNSET
