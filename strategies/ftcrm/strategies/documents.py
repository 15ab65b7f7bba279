"""Payloads as documents: dicts of texts, booleans, ints and Decimals, and how they become bytes."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec

from ftcrm.strategies.tables import Currency, Game, User

__all__ = [
    "EXTRAS",
    "FLAGS",
    "ID_STYLES",
    "SPLITS",
    "STAMPS",
    "WALLETS",
    "Document",
    "Flags",
    "Ids",
    "Manner",
    "Moment",
    "Scene",
    "Split",
    "amount_of",
    "bonus_document",
    "casino_document",
    "money",
    "payload_of",
    "timestamp_of",
]

Document = dict[str, Any]
Split = tuple[int | None, int | None, int | None] | None
"""The shares of the wallets (real, bonus, locked); None for what is not sent."""
Flags = Literal["none", "last", "all", "false"]
"""Which events of a round have is_round_end; it is true on the last of it, or (false) never."""


class Stamp(NamedTuple):
    """How a timestamp is written: its offset, as text and in minutes, and the fewest digits of its fraction."""

    offset: str
    minutes: int
    digits: int


STAMPS = (
    Stamp("Z", 0, 0),
    Stamp("Z", 0, 3),
    Stamp("+00:00", 0, 6),
    Stamp("+06:00", 360, 0),
    Stamp("-03:30", -210, 2),
    Stamp("+13:45", 825, 1),
)
SPLITS: tuple[Split, ...] = (
    None,
    (1, None, None),
    (1, 0, 0),
    (None, 1, None),
    (0, 1, 0),
    (None, None, 1),
    (1, 1, 0),
    (3, 1, None),
    (1, 1, 1),
)
FLAGS: tuple[Flags, ...] = ("none", "last", "all", "false")
EXTRAS: tuple[Mapping[str, Any], ...] = (
    {},
    {"meta": {}},
    {"meta": {"key1": Decimal("10.00"), "key2": "some string", "key3": False}},
    {"meta": {"session": {"device": "мобильный", "tags": ["vip", None, 3]}, "type": "CASINO"}},
    {"skip_publishing": False, "is_free_money": True},
)
"""What an event may have besides: the last are properties that the vendor's published schema knows."""
ID_STYLES = ("plain", "digits", "uuid", "unicode")

WALLETS = ("wager_amount", "bonus_wager_amount", "locked_wager_amount")
"""The properties that an amount is split into."""
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_SPREAD = 0x9E3779B97F4A7C15F39CC0605CEDC835
"""An odd number: its multiples, modulo 2**128, are as different as what they are multiples of."""


class Manner(NamedTuple):
    """How the sender of a round or bonus writes its events."""

    stamp: Stamp
    flags: Flags
    extras: Mapping[str, Any]
    balances: bool
    trimmed: bool
    """Whether amounts come without zeros at their end: 20 and not 20.00."""
    drift: Decimal
    """How much of itself the exchange rate changes from one event to the next."""
    turned: bool
    """Whether the properties come in the opposite order."""


class Ids:
    """Ids in one style, no two of them equal."""

    def __init__(self, style: str, first: int = 0) -> None:
        self._style = style
        self._next = first

    def new(self, kind: str) -> str:
        """An id that was not there before; `kind` is a letter that the plain ones begin with."""
        self._next += 1
        number = self._next
        match self._style:
            case "digits":
                return str(2019020103308257480 + number)
            case "uuid":
                return str(UUID(int=number * _SPREAD % 2**128))
            case "unicode":
                return f"№{kind}/{number}: ß"
            case _:
                return f"{kind}{number}"


class Scene(NamedTuple):
    """Who plays what in which money, from when on, how it is written; and the ids that are still to be had."""

    user: User
    currency: Currency
    game: Game
    start: datetime
    manner: Manner
    ids: Ids


class Moment(NamedTuple):
    """One event of a round: what happens, when, and how many events of the round came before."""

    type: str
    status: str
    activity_id: str
    amount: int
    """In the smallest unit of the currency."""
    split: Split
    at: datetime
    place: int = 0
    is_last: bool = False


def casino_document(moment: Moment, scene: Scene, *, round_id: str, user_bonus_id: str) -> Document:
    """The casino event of that moment."""
    user, currency, manner = scene.user, scene.currency, scene.manner
    document: Document = {
        "activity_id": moment.activity_id,
        "amount": money(moment.amount, currency, trimmed=manner.trimmed),
        "currency": currency.code,
        "exchange_rate": _rate(currency, manner.drift * moment.place),
        **scene.game._asdict(),
        "origin": user.origin,
        "round_id": round_id,
        "status": moment.status,
        "timestamp": timestamp_of(moment.at, manner.stamp),
        "type": moment.type,
        "user_id": user.user_id,
        "user_bonus_id": user_bonus_id,
        **_wallets(moment, currency, manner),
    }
    if manner.balances:
        moved = moment.amount if moment.type == "Win" else -moment.amount
        document["balance_before"] = money(7 * moment.amount - 5000, currency, trimmed=manner.trimmed)
        document["balance_after"] = money(7 * moment.amount - 5000 + moved, currency, trimmed=manner.trimmed)
    if manner.flags == "false" or (manner.flags == "all" and not moment.is_last):
        document["is_round_end"] = False
    elif manner.flags != "none" and moment.is_last:
        document["is_round_end"] = True
    return _finished(document, currency, manner)


def bonus_document(
    status: str,
    at: datetime,
    scene: Scene,
    *,
    amount: Decimal | int,
    type: str,  # noqa: A002 - the property is called type
    bonus_id: str,
    user_bonus_id: str,
) -> Document:
    """The bonus event of that status; where the manner has balances, the optional amounts are there, too."""
    user, currency, manner = scene.user, scene.currency, scene.manner
    document: Document = {
        "amount": amount,
        "bonus_id": bonus_id,
        "currency": currency.code,
        "exchange_rate": _rate(currency, Decimal(0)),
        "origin": user.origin,
        "product": "Casino",
        "status": status,
        "timestamp": timestamp_of(at, manner.stamp),
        "type": type,
        "user_bonus_id": user_bonus_id,
        "user_id": user.user_id,
    }
    if manner.balances:
        document |= {"bonus_turned_real": 0, "locked_amount": 0, "required_wagering_amount": 35 * amount}
        document["bonus_code"] = "BIENVENUE-100"
    return _finished(document, currency, manner)


def amount_of(steps: int, currency: Currency) -> int:
    """One unit of the currency and so many steps, in its smallest unit; never 0.

    The steps are about a hundredth, and odd enough to use all of a crypto currency's decimals.
    """
    unit: int = 10**currency.decimals
    return max(1, unit + steps * max(1, unit // 700))


def money(amount: int, currency: Currency, *, trimmed: bool) -> Decimal | int:
    """So many of the currency's smallest unit, as the number of an amount."""
    exact = Decimal(f"{amount}E-{currency.decimals}")
    if not trimmed:
        return exact
    whole, rest = divmod(amount, 10**currency.decimals)
    return exact.normalize() if rest else whole


def timestamp_of(at: datetime, stamp: Stamp) -> str:
    """That instant in RFC 3339, as the stamp has it."""
    local = at.astimezone(timezone(timedelta(minutes=stamp.minutes)))
    digits = f"{local.microsecond:06}"
    fraction = digits[: max(stamp.digits, len(digits.rstrip("0")))]
    return f"{local:%Y-%m-%dT%H:%M:%S}{'.' if fraction else ''}{fraction}{stamp.offset}"


def payload_of(document: Mapping[str, Any]) -> bytes:
    """The document as JSON in UTF-8: Decimals become numbers, letter by letter (20.00 stays 20.00)."""
    return _ENCODER.encode(document)


def _wallets(moment: Moment, currency: Currency, manner: Manner) -> Document:
    """The wallets of the event, which make up its amount to the last digit."""
    if moment.split is None:
        return {}
    shares = sum(share or 0 for share in moment.split)
    parts = [None if share is None else moment.amount * share // shares for share in moment.split]
    rest = moment.amount - sum(part or 0 for part in parts)
    found: Document = {}
    for name, share, part in zip(WALLETS, moment.split, parts, strict=True):
        if part is not None:
            found[name] = money(part + (rest if share else 0), currency, trimmed=manner.trimmed)
            rest = 0 if share else rest
    return found


def _rate(currency: Currency, drift: Decimal) -> Decimal | int:
    """The currency's rate; that of the base currency is 1 and stays so."""
    return 1 if currency.rate == 1 else currency.rate * (1 + drift)


def _finished(document: Document, currency: Currency, manner: Manner) -> Document:
    """The document with what its sender adds, in the order that its sender writes."""
    document |= deepcopy(manner.extras)  # a test that changes what it drew must not change the table
    if currency.meta:
        document["meta"] = {**dict.fromkeys(currency.meta, "0x5f3e"), **document.get("meta", {})}
    return dict(reversed(document.items())) if manner.turned else document
