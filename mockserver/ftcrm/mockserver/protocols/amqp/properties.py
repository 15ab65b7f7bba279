"""The fourteen properties of the basic class: AMQP 0-9-1, section 4.2.6.1, and their form in JSON."""

import base64
import math
from decimal import Decimal
from struct import Struct
from typing import Any, Final, TypeAlias

import msgspec

from . import wire
from .errors import PeerError, ReplyCode
from .wire import FieldTable, FieldValue

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"


class Properties(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a message says of itself; an absent property is None, an empty one is empty.

    Text that is no UTF-8 holds its bytes as lone surrogates. `timestamp` is what was sent, by convention seconds since
    the epoch.
    """

    content_type: str | None = None
    content_encoding: str | None = None
    headers: dict[str, Any] | None = None
    delivery_mode: int | None = None
    priority: int | None = None
    correlation_id: str | None = None
    reply_to: str | None = None
    expiration: str | None = None
    message_id: str | None = None
    timestamp: int | None = None
    type: str | None = None
    user_id: str | None = None
    app_id: str | None = None
    cluster_id: str | None = None


def read_properties(data: bytes, offset: int) -> Properties:
    """Read property flags and values, which must end where `data` ends.

    Raises:
        PeerError: 502 when they do not, or when a flag is set that has no property.
    """
    if offset + 2 > len(data):
        raise PeerError(ReplyCode.SYNTAX_ERROR, "a content header ends before its property flags")
    flags = data[offset] << 8 | data[offset + 1]
    offset += 2
    if not flags and offset == len(data):
        return _NOTHING
    if flags & 0b11:
        raise PeerError(
            ReplyCode.SYNTAX_ERROR, f"property flags {flags:#06x} name a property beyond the basic class's 14"
        )
    values: list[Any] = [None] * 14
    end = len(data)
    for index, kind in _present(flags):
        if kind is _SHORTSTR:
            start = offset + 1
            if start > end:
                raise _truncated(index)
            offset = start + data[offset]
            values[index] = data[start:offset].decode("utf-8", "surrogateescape")
        elif kind is _OCTET:
            if offset >= end:
                raise _truncated(index)
            values[index] = data[offset]
            offset += 1
        elif kind is _TABLE:
            values[index], offset = wire.read_table(data, offset)
        else:
            if offset + 8 > end:
                raise _truncated(index)
            values[index] = _UINT64.unpack_from(data, offset)[0]
            offset += 8
    if offset != end:
        raise PeerError(
            ReplyCode.SYNTAX_ERROR, f"the properties end at byte {offset} of a content header of {end} bytes"
        )
    return Properties(*values)


def property_bytes(properties: Properties) -> bytes:
    """Write property flags and values.

    Raises:
        ValueError: a value does not fit its property.
    """
    flags = 0
    parts = []
    for index, (name, kind) in enumerate(_PROPERTIES):
        item = getattr(properties, name)
        if item is None:
            continue
        flags |= 1 << (15 - index)
        if kind is _SHORTSTR:
            parts.append(wire.shortstr(item))
        elif kind is _OCTET:
            parts.append(bytes((item,)))
        elif kind is _TABLE:
            parts.append(wire.table(item))
        else:
            parts.append(_UINT64.pack(item))
    return flags.to_bytes(2, "big") + b"".join(parts)


def json_properties(properties: Properties) -> dict[str, JsonValue]:
    """Give the properties that are present as what JSON can hold.

    Bytes, and text that is no UTF-8, become `{"base64": "..."}`; decimals become strings, as do infinities and NaN;
    timestamps are integers. A header's *name* that is no UTF-8 shows its bytes as `\\xff`.
    """
    present = ((name, getattr(properties, name)) for name, _ in _PROPERTIES)
    return {name: json_value(item) for name, item in present if item is not None}


def json_value(item: FieldValue) -> JsonValue:
    """Give one field value as what JSON can hold; see `json_properties`."""
    match item:
        case str():
            return item if _is_unicode(item) else _base64(wire.bytes_of(item))
        case bytes():
            return _base64(item)
        case None | bool():
            return item
        case int():
            return int(item)
        case Decimal():
            return str(item)
        case float():
            return item if math.isfinite(item) else str(item)
        case list():
            return [json_value(each) for each in item]
        case dict():
            return _json_table(item)


_SHORTSTR: Final = "shortstr"
_TABLE: Final = "table"
_OCTET: Final = "octet"
_LONGLONG: Final = "longlong"
_UINT64: Final = Struct(">Q")
_NOTHING: Final = Properties()
_PROPERTIES: Final = (
    ("content_type", _SHORTSTR),
    ("content_encoding", _SHORTSTR),
    ("headers", _TABLE),
    ("delivery_mode", _OCTET),
    ("priority", _OCTET),
    ("correlation_id", _SHORTSTR),
    ("reply_to", _SHORTSTR),
    ("expiration", _SHORTSTR),
    ("message_id", _SHORTSTR),
    ("timestamp", _LONGLONG),
    ("type", _SHORTSTR),
    ("user_id", _SHORTSTR),
    ("app_id", _SHORTSTR),
    ("cluster_id", _SHORTSTR),
)
# Senders use one or two combinations of properties: what a combination means is worked out once (2**14 at the most).
_PLANS: Final[dict[int, tuple[tuple[int, str], ...]]] = {}


def _present(flags: int) -> tuple[tuple[int, str], ...]:
    plan = _PLANS.get(flags)
    if plan is None:
        plan = tuple((index, kind) for index, (_, kind) in enumerate(_PROPERTIES) if flags & 1 << (15 - index))
        _PLANS[flags] = plan
    return plan


def _truncated(index: int) -> PeerError:
    return PeerError(ReplyCode.SYNTAX_ERROR, f"a content header ends within the property {_PROPERTIES[index][0]}")


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _base64(raw: bytes) -> dict[str, JsonValue]:
    return {"base64": base64.b64encode(raw).decode("ascii")}


def _json_table(fields: FieldTable) -> dict[str, JsonValue]:
    return {
        name if _is_unicode(name) else wire.bytes_of(name).decode("utf-8", "backslashreplace"): json_value(item)
        for name, item in fields.items()
    }
