"""What an event says: its fields, its instant, its content, and its place in the canonical order."""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

CASINO_FIELDS = frozenset(
    """
    activity_id amount balance_after balance_before bonus_wager_amount currency exchange_rate game_id game_name
    game_type is_round_end locked_wager_amount meta origin round_id status timestamp type user_bonus_id user_id
    vendor_id vendor_name wager_amount
    """.split()
)
BONUS_FIELDS = frozenset(
    """
    amount bonus_id currency exchange_rate origin product status timestamp type user_bonus_id user_id bonus_code
    bonus_turned_real locked_amount required_wagering_amount meta
    """.split()
)
NUMBERS = frozenset(
    """
    amount balance_after balance_before bonus_turned_real bonus_wager_amount exchange_rate locked_amount
    locked_wager_amount required_wagering_amount wager_amount
    """.split()
)


@dataclass(frozen=True)
class Event:
    """One delivery of an event; `sent` has its fields as they were sent, without what no field table knows."""

    seq: int
    casino: bool
    sent: Mapping[str, Any]
    at: datetime
    content: str
    digest: str

    def __getitem__(self, field: str) -> Any:
        return self.sent[field]

    def get(self, field: str) -> Any:
        return self.sent.get(field)

    def number(self, field: str) -> Fraction:
        return Fraction(self.sent[field])

    @property
    def player(self) -> tuple[str, str]:
        return self["origin"], self["user_id"]

    @property
    def order(self) -> tuple[datetime, str, str, int]:
        """The canonical order; bonus events have no activity_id, and the seq tells deliveries of one content apart."""
        return self.at, self.sent.get("activity_id", ""), self.digest, self.seq


def read_event(seq: int, document: Mapping[str, Any]) -> Event:
    """The event of a document; one with a round_id is a casino event, any other a bonus event."""
    casino = "round_id" in document
    fields = CASINO_FIELDS if casino else BONUS_FIELDS
    sent = {name: value for name, value in document.items() if name in fields and usable(name, value)}
    at = instant(sent["timestamp"])
    content = written(sent | {"timestamp": written_instant(at)})
    return Event(seq, casino, sent, at, content, hashlib.sha256(content.encode("ascii")).hexdigest())


def usable(name: str, value: Any) -> bool:
    """Whether it is of the field's type: what is not, of a field that may be left out, counts as not sent."""
    if name in NUMBERS:
        return isinstance(value, int | Decimal) and not isinstance(value, bool)
    return isinstance(value, {"meta": Mapping, "is_round_end": bool}.get(name, str))


def instant(text: str) -> datetime:
    """The instant of a timestamp, to the nearest microsecond, the later of two."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", text)
    assert found, text
    day, time, fraction, offset = found.groups()
    whole = datetime.strptime(f"{day} {time} {'+00:00' if offset in 'Zz' else offset}", "%Y-%m-%d %H:%M:%S %z")
    microseconds = math.floor(Fraction(int(fraction or 0), 10 ** len(fraction or "")) * 1_000_000 + Fraction(1, 2))
    return whole.astimezone(UTC) + timedelta(microseconds=microseconds)


def written_instant(at: datetime) -> str:
    fraction = f".{at.microsecond:06d}" if at.microsecond else ""
    return f"{at:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def written(value: Any) -> str:
    """A JSON value by value: two are equal just when they are written alike."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(name)}:{written(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    if value is None or isinstance(value, bool | str):
        return json.dumps(value)
    return written_number(Decimal(value))


def written_number(number: Decimal) -> str:
    if number == 0:
        return "0"
    sign, digits, exponent = number.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    kept = text.rstrip("0")
    return f"{'-' if sign else ''}{kept}e{int(exponent) + len(text) - len(kept)}"
