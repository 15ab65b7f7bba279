"""What tangles are put together from: parts of events, and how events are written.

A part is a few fields that go together. The tables are short, so that parts meet; a row that stands several times is
drawn more often, and the first is the simplest. Nothing in them breaks a documented rule but `BROKEN`.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from ftcrm.strategies.documents import Document

__all__ = [
    "BONUS",
    "BROKEN",
    "BUSY",
    "CASINO",
    "DAY",
    "EPOCH",
    "NARROW",
    "SECOND",
    "SPELLINGS",
    "Parts",
    "spelt",
    "timestamp",
]

Parts = dict[str, list[Document]]

SECOND = 1_000_000
DAY = 86_400 * SECOND
EPOCH = datetime(2026, 3, 28, 23, 59, 59, tzinfo=UTC)
"""A second before midnight, a few hours before clocks change in Europe."""

PLAYERS: list[Document] = [
    {"origin": "o1", "user_id": "u1"},
    {"origin": "o1", "user_id": "u1"},
    {"origin": "o1", "user_id": "u2"},
    {"origin": "o2", "user_id": "u1"},
]
GAMES: list[Document] = [
    {"game_id": "g1", "game_name": "Dead or Alive", "game_type": "Slots", "vendor_id": "v1", "vendor_name": "Netent"},
    {
        "game_id": "g2",
        "game_name": "Dame\u00a0\u2660\U0001f0b1",
        "game_type": "Table",
        "vendor_id": "v1",
        "vendor_name": "N\x7f\\/",
    },
    {"game_id": "g1", "game_name": "Crash", "game_type": "Crash", "vendor_id": "v2", "vendor_name": "Netent"},
    {
        "game_id": "g1",
        "game_name": 'Dead "or" Alive',
        "game_type": "Live Casino",
        "vendor_id": "v1",
        "vendor_name": "N",
    },
]
RATES = [
    *[{"currency": "EUR", "exchange_rate": "1"}] * 5,
    {"currency": "EUR", "exchange_rate": "1.0"},
    {"currency": "EUR", "exchange_rate": "0.9"},
    {"currency": "USD", "exchange_rate": "1.1"},
    {"currency": "USD", "exchange_rate": "0.000000000001"},
    {"currency": "JPY", "exchange_rate": "123456.789012345678"},
    {"currency": "EUR", "exchange_rate": "0"},
    {"currency": "EUR", "exchange_rate": "-1"},
]
UNSPLIT = (
    "20 20.00 2E+1 5 0 -0 0.01 0.20 0.21 10 100 9980 50.000000000000000001 98765432109876543210.123456789012345678"
)
SPLITS: list[dict[str, str]] = [
    *[{"amount": amount} for amount in UNSPLIT.split()],
    {"amount": "20", "wager_amount": "20"},
    {"amount": "20", "wager_amount": "20.0", "bonus_wager_amount": "0", "locked_wager_amount": "0"},
    {"amount": "20", "bonus_wager_amount": "20"},
    {"amount": "20", "locked_wager_amount": "20"},
    {"amount": "20", "wager_amount": "15", "bonus_wager_amount": "5"},
    {"amount": "20", "wager_amount": "-5", "bonus_wager_amount": "25"},
    {"amount": "20", "wager_amount": "5", "bonus_wager_amount": "5", "locked_wager_amount": "1E+1"},
    {"amount": "5", "wager_amount": "5"},
    {"amount": "5", "wager_amount": "0", "bonus_wager_amount": "5"},
    {"amount": "0", "wager_amount": "0"},
    {"amount": "0", "wager_amount": "-5", "bonus_wager_amount": "5"},
    {"amount": "-5", "wager_amount": "-5"},
    {"amount": "0.30000000000000004", "wager_amount": "0.1", "bonus_wager_amount": "0.2"},
    {"amount": "1E-18", "wager_amount": "0.000000000000000001"},
]
EXTRAS: list[Document] = [{}] * 6 + [
    {"meta": {}},
    {"meta": {"b": [1, None, True, "\u00e9\n"], "a": {"x": Decimal("1.50")}}},
    {"meta": {"a": {"x": Decimal("15E-1")}, "b": [Decimal("1.0"), None, True, "\u00e9\n"]}},
    {"meta": None},
    {"balance_before": Decimal("174.03"), "balance_after": Decimal("-0.00")},
    {"skip_publishing": True},
]
BONUS_AMOUNTS: list[Document] = [
    {"amount": Decimal("10.3"), "currency": "EUR", "exchange_rate": 1, "required_wagering_amount": Decimal(30)},
    {
        "amount": Decimal("10.30"),
        "currency": "USD",
        "exchange_rate": 1,
        "required_wagering_amount": Decimal("25.000000000000000001"),
    },
    {"amount": 5, "currency": "EUR", "exchange_rate": 1},
    {"required_wagering_amount": Decimal(20)},
    {"amount": None, "currency": "EUR", "required_wagering_amount": 7},
    {"amount": "5", "currency": 978, "required_wagering_amount": True},
    {},
]
BONUS_KINDS: list[Document] = [
    {"type": "WelcomeBonus", "product": "Casino", "bonus_id": "9821"},
    {"type": "FreeSpins", "product": "Poker", "bonus_id": "7"},
    {"bonus_id": "7", "bonus_code": "SPRING"},
    {},
]


def _texts(name: str, values: str) -> list[Document]:
    return [{name: value} for value in values.split(" ")]


def _numbers(rows: list[dict[str, str]]) -> list[Document]:
    return [{name: value if name == "currency" else Decimal(value) for name, value in row.items()} for row in rows]


CASINO: Parts = {
    "player": PLAYERS,
    "round_id": _texts("round_id", "r1 r1 r1 r2 r3"),
    "activity_id": _texts("activity_id", "a a b b c c d \uffee \U0001f0b1"),
    "type": _texts("type", "Bet Bet Win Win Loss"),
    "status": _texts("status", "Approved Approved Approved Rollback"),
    "amount": _numbers(SPLITS),
    "rate": _numbers(RATES),
    "game": GAMES,
    "end": [{}, {}, {"is_round_end": True}, {"is_round_end": False}],
    "user_bonus_id": _texts("user_bonus_id", "  b1 b2"),
    "extras": EXTRAS,
}
NARROW: Parts = CASINO | {
    "player": PLAYERS[:1],
    "round_id": _texts("round_id", "r1"),
    "activity_id": _texts("activity_id", "a b c d e f"),
    "type": _texts("type", "Bet Bet Win"),
    "status": _texts("status", "Approved Approved Rollback"),
    "amount": _numbers(
        [*SPLITS[:1] * 2, *SPLITS[3:5], *(split for split in SPLITS if split["amount"] in ("20", "-5"))]
    ),
    "rate": _numbers(
        [*RATES[:1] * 6, {"currency": "EUR", "exchange_rate": "0.9"}, {"currency": "USD", "exchange_rate": "1"}]
    ),
    "game": GAMES[:2],
    "extras": [{}],
}
"""One round of few amounts, in which any event is like any other."""
BUSY: Parts = CASINO | {
    "player": [*PLAYERS[:1] * 8, PLAYERS[3]],
    "round_id": _texts("round_id", "r1 r2 r3 r4"),
    "activity_id": _texts("activity_id", "a b c d e f g h i j k l m n o p q r s t"),
    "type": _texts("type", "Bet Bet Bet Bet Win Loss"),
    "status": _texts("status", "Approved Approved Approved Approved Approved Approved Approved Approved Rollback"),
}
"""A player of whose Bets most live."""
BONUS: Parts = {
    "player": PLAYERS,
    "user_bonus_id": _texts("user_bonus_id", "b1 b1 b1 b2 b2 "),
    "bonus_status": _texts(
        "status", "Created Created Ongoing Completed Forfeited Pending Expired Lost Reversed AutoCompleted Claimed"
    ),
    "bonus_amount": BONUS_AMOUNTS,
    "bonus_kind": BONUS_KINDS,
    "extras": EXTRAS,
}
BROKEN: list[Document] = [*[{}] * 20, {"amount": 777, "wager_amount": 3}, {"currency": "EURO"}]
"""What breaks a documented rule of casino events (the sum, ISO 4217), most often nothing."""


SPELLINGS = [
    *[("plain", UTC)] * 3,
    ("long", UTC),
    ("lower", UTC),
    ("blank", UTC),
    ("above", UTC),
    ("below", timezone(timedelta(hours=6))),
    ("half", UTC),
    ("plain", timezone(timedelta(hours=6))),
    ("plain", timezone(-timedelta(hours=5, minutes=30))),
]
"""How a timestamp is written, and in which offset."""


def timestamp(at: int, spelling: str, offset: timezone) -> str:
    """So many microseconds after the epoch, as RFC 3339 has it.

    "above", "below" and "half" have a seventh digit, which leads to a whole microsecond; "blank" has no T.
    """
    local = (EPOCH + timedelta(microseconds=at - (spelling in ("above", "half")))).astimezone(offset)
    digits = f"{local.microsecond:06d}" + {"above": "7", "below": "3", "half": "5", "long": "000"}.get(spelling, "")
    digits = digits.rstrip("0") if spelling == "plain" else digits
    separator = {"lower": "t", "blank": " "}.get(spelling, "T")
    zone = "Zz"[spelling == "lower"] if offset is UTC else f"{local:%z}"[:3] + ":" + f"{local:%z}"[3:]
    return f"{local:%Y-%m-%d}{separator}{local:%H:%M:%S}{digits and '.'}{digits}{zone}"


def spelt(document: Mapping[str, Any]) -> bytes:
    """The document as JSON, numbers letter by letter; where its time is in Z, what is not ASCII is escaped."""
    return _json(document, document["timestamp"].endswith("Z")).encode()


def _json(value: Any, escaped: bool) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(name)}: {_json(value[name], escaped)}" for name in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_json(item, escaped) for item in value) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=escaped)
