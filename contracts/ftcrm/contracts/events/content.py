"""The normalised content of an event: equal for equal decoded fields, numbers by value, timestamps by instant."""

import hashlib
import json
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET

from ftcrm.contracts.events.bonus import BonusEvent
from ftcrm.contracts.events.casino import CasinoEvent
from ftcrm.contracts.events.payload import Number, read_payload
from ftcrm.contracts.instants import isoformat

__all__ = ["canonical_json", "content_digest"]


def content_digest(event: CasinoEvent | BonusEvent) -> bytes:
    """The SHA-256 of an event's normalised content: 20 and 20.00 are one content, an absent field and 0 are two."""
    fields = {name: value for name, value in msgspec.structs.asdict(event).items() if value is not UNSET}
    fields["timestamp"] = isoformat(event.timestamp)
    if isinstance(meta := fields.get("meta"), msgspec.Raw):
        fields["meta"] = read_payload(bytes(meta)).document
    return hashlib.sha256(canonical_json(fields).encode()).digest()


def canonical_json(value: Any) -> str:
    """A JSON value as text with sorted keys and normalised numbers: equal values give equal text."""
    match value:
        case dict():
            members = (f"{json.dumps(key)}:{canonical_json(value[key])}" for key in sorted(value))
            return "{" + ",".join(members) + "}"
        case list():
            return "[" + ",".join(map(canonical_json, value)) + "]"
        case Decimal():
            return _canonical_number(value)
        case Number():
            return value.text
        case _:
            return json.dumps(value)


def _canonical_number(number: Decimal) -> str:
    if not number:
        return "0"
    sign, digits, exponent = number.as_tuple()
    text = "".join(map(str, digits))
    stripped = text.rstrip("0")
    return f"{'-' if sign else ''}{stripped}e{int(exponent) + len(text) - len(stripped)}"
