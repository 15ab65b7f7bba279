"""The field tables: each property of an event, its type, whether it is required, and the clause that says so."""

from decimal import Decimal
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
    advice: tuple[tuple[str, str], ...] = ()
    """What to send instead of other words for an accepted value, words in lower case and without blanks or hyphens."""
    note: str = ""
    """What a sender who has no value for it sends."""


def _advice(*lines: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((word, advice) for words, advice in lines for word in words.split())


_TYPE_ADVICE = _advice(
    ("wager stake debit", "send 'Bet'"),
    ("payout credit result settle settlement", "send 'Win'"),
    ("lose lost", "send 'Loss'"),
    ("betwin betandwin", "send a Bet and a Win, as separate events"),
    (
        "refund refunded rollback rolledback cancel cancelled canceled void voided reversal reverse reversed",
        "send the type of the reversed event, with status 'Rollback'",
    ),
    ("casino", "the message type is no part of the payload"),
)
_STATUS_ADVICE = _advice(
    ("success successful complete completed accepted ok confirmed", "send 'Approved'"),
    (
        "cancel cancelled canceled reverse reversed reversal refund refunded void voided rolledback",
        "send 'Rollback'",
    ),
)
"""The words of real senders (business rule 3: Bet and Win are separate events; the status says what is reversed)."""

S, F, B, O = FieldType.STRING, FieldType.FLOAT, FieldType.BOOLEAN, FieldType.OBJECT  # noqa: E741 - O stands for object

CASINO_FIELDS: tuple[Field, ...] = (
    Field("activity_id", S, required=True, clause="casino.activity_id"),
    Field("amount", F, required=True, clause="casino.amount.type"),
    Field("balance_after", F, clause="casino.balance_after"),
    Field("balance_before", F, clause="casino.balance_before"),
    Field("bonus_wager_amount", F, clause="casino.bonus_wager_amount"),
    Field("currency", FieldType.CURRENCY, required=True, clause="casino.currency"),
    Field("exchange_rate", F, required=True, clause="casino.exchange_rate"),
    Field("game_id", S, required=True, clause="casino.game_id"),
    Field("game_name", S, required=True, clause="casino.game_name"),
    Field("game_type", S, required=True, clause="casino.game_type"),
    Field("is_round_end", B, clause="casino.is_round_end"),
    Field("locked_wager_amount", F, clause="casino.locked_wager_amount"),
    Field("origin", S, required=True, clause="casino.origin"),
    Field("round_id", S, required=True, clause="casino.round_id"),
    Field(
        "status",
        S,
        required=True,
        accepted=("Approved", "Rollback"),
        clause="casino.status",
        advice=_STATUS_ADVICE,
    ),
    Field("timestamp", FieldType.TIMESTAMP, required=True, clause="casino.timestamp"),
    Field("type", S, required=True, accepted=("Bet", "Win", "Loss"), clause="casino.type", advice=_TYPE_ADVICE),
    Field("user_id", S, required=True, clause="casino.user_id"),
    Field("vendor_id", S, required=True, clause="casino.vendor_id"),
    Field("vendor_name", S, required=True, clause="casino.vendor_name"),
    Field("wager_amount", F, clause="casino.wager_amount"),
    Field("user_bonus_id", S, required=True, clause="casino.user_bonus_id", note='"" when there is no bonus'),
    Field("meta", O, clause="casino.meta"),
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

VENDOR_EXTRAS = ("skip_publishing", "is_free_money")
"""What the vendor's published schema names, as booleans, beyond the contract's table."""

LEAST_RATE, MOST_RATE = Decimal("1e-12"), Decimal("1e12")
"""The exchange rates between which any two currencies lie."""

BONUS_DOCUMENTED = frozenset({"user_bonus_id", "status", "timestamp"})
"""The properties of a bonus event that Scenario B of the contract itself asks for."""
