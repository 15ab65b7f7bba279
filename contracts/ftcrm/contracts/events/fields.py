"""The field tables: each property of an event, its type, whether it is required, and the clause that says so."""

from enum import StrEnum

import msgspec

__all__ = ["BONUS_FIELDS", "CASINO_FIELDS", "Field", "FieldType"]


class FieldType(StrEnum):
    """The data types of the contract's table."""

    STRING = "string"
    FLOAT = "float"
    BOOLEAN = "boolean"
    OBJECT = "object"
    CURRENCY = "currency"
    """A string that is an ISO 4217 code."""
    TIMESTAMP = "timestamp"
    """A string that is an RFC 3339 date-time."""


class Field(msgspec.Struct, frozen=True):
    """One row of a field table."""

    name: str
    type: FieldType
    required: bool = False
    accepted: tuple[str, ...] = ()
    clause: str = "casino.types"


S, F, B, O = FieldType.STRING, FieldType.FLOAT, FieldType.BOOLEAN, FieldType.OBJECT  # noqa: E741 - O stands for object

CASINO_FIELDS: tuple[Field, ...] = (
    Field("activity_id", S, required=True, clause="casino.activity_id"),
    Field("amount", F, required=True, clause="casino.amount"),
    Field("balance_after", F),
    Field("balance_before", F),
    Field("bonus_wager_amount", F),
    Field("currency", FieldType.CURRENCY, required=True, clause="casino.currency"),
    Field("exchange_rate", F, required=True),
    Field("game_id", S, required=True),
    Field("game_name", S, required=True),
    Field("game_type", S, required=True, clause="casino.game_type"),
    Field("is_round_end", B),
    Field("locked_wager_amount", F),
    Field("origin", S, required=True),
    Field("round_id", S, required=True, clause="casino.round_id"),
    Field("status", S, required=True, accepted=("Approved", "Rollback"), clause="casino.status"),
    Field("timestamp", FieldType.TIMESTAMP, required=True, clause="casino.timestamp"),
    Field("type", S, required=True, accepted=("Bet", "Win", "Loss"), clause="casino.type"),
    Field("user_id", S, required=True),
    Field("vendor_id", S, required=True),
    Field("vendor_name", S, required=True),
    Field("wager_amount", F),
    Field("user_bonus_id", S, required=True),
    Field("meta", O),
)
"""The casino event as casino-events.txt tables it, in its order."""

BONUS_STATUSES = (
    "Pending",
    "Created",
    "Ongoing",
    "Completed",
    "AutoCompleted",
    "Forfeited",
    "Expired",
    "Lost",
    "Reversed",
    "NotApplicable",
    "Claimed",
)
BONUS_TYPES = (
    "NoDeposit",
    "WelcomeBonus",
    "CashbackBonus",
    "ReloadBonus",
    "WagerFree",
    "FreeSpins",
    "RiskFreeBet",
    "Undefined",
)
BONUS_PRODUCTS = ("Casino", "Sportsbook", "Lotto", "Poker")

_FIELDS, _VALUES = "vendor.bonus.fields", "vendor.bonus.values"

BONUS_FIELDS: tuple[Field, ...] = (
    Field("amount", F, required=True, clause=_FIELDS),
    Field("bonus_id", S, required=True, clause=_FIELDS),
    Field("currency", FieldType.CURRENCY, required=True, clause=_FIELDS),
    Field("exchange_rate", F, required=True, clause=_FIELDS),
    Field("origin", S, required=True, clause=_FIELDS),
    Field("product", S, required=True, accepted=BONUS_PRODUCTS, clause=_VALUES),
    Field("status", S, required=True, accepted=BONUS_STATUSES, clause=_VALUES),
    Field("timestamp", FieldType.TIMESTAMP, required=True, clause=_FIELDS),
    Field("type", S, required=True, accepted=BONUS_TYPES, clause=_VALUES),
    Field("user_bonus_id", S, required=True, clause=_FIELDS),
    Field("user_id", S, required=True, clause=_FIELDS),
    Field("bonus_code", S, clause=_FIELDS),
    Field("bonus_turned_real", F, clause=_FIELDS),
    Field("locked_amount", F, clause=_FIELDS),
    Field("required_wagering_amount", F, clause=_FIELDS),
    Field("meta", O, clause=_FIELDS),
)
"""The bonus event as the vendor publishes it elsewhere; the contract names only what Scenario B needs."""

BONUS_DOCUMENTED = frozenset({"user_bonus_id", "status", "timestamp"})
"""The properties of a bonus event that Scenario B of the contract itself asks for."""
