"""Primitive types and field tables: AMQP 0-9-1, section 4.2.5, with the field types as RabbitMQ reads and writes them.

RabbitMQ's list differs from the specification's in three letters: `s` is a signed 16-bit integer (not a short string),
`l` and `L` are both signed 64-bit integers, and `x` is a byte array.
"""

import struct
from decimal import Decimal
from typing import Final, TypeAlias

from .errors import PeerError, ReplyCode

FieldValue: TypeAlias = "bool | int | float | Decimal | str | bytes | list[FieldValue] | FieldTable | None"
FieldTable: TypeAlias = "dict[str, FieldValue]"

MAX_DEPTH: Final = 32
"""Tables and arrays nested deeper than this are a syntax error: no sender needs it and Python's stack is finite."""


class Timestamp(int):
    """Seconds since the epoch (field type `T`): an int that is written as a timestamp again."""

    __slots__ = ()


def text_of(raw: bytes) -> str:
    """Decode UTF-8 without losing a byte: what is no UTF-8 becomes lone surrogates."""
    return raw.decode("utf-8", "surrogateescape")


def bytes_of(text: str) -> bytes:
    """The inverse of `text_of`."""
    return text.encode("utf-8", "surrogateescape")


def read_shortstr(data: bytes, offset: int) -> tuple[str, int]:
    """Read a length octet and that many bytes; give the text and the offset behind it."""
    start = offset + 1
    if start > len(data):
        raise _truncated("short string", offset)
    stop = start + data[offset]
    if stop > len(data):
        raise _truncated("short string", offset)
    return data[start:stop].decode("utf-8", "surrogateescape"), stop


def read_longstr(data: bytes, offset: int) -> tuple[bytes, int]:
    """Read a 32-bit length and that many bytes, raw: the specification gives long strings no encoding."""
    start, stop = _extent(data, offset, len(data), "long string")
    return data[start:stop], stop


def read_table(data: bytes, offset: int) -> tuple[FieldTable, int]:
    """Read a field table with its length; of keys that come twice the last one counts."""
    return _read_table(data, offset, len(data), 1)


def read_bare_table(data: bytes) -> FieldTable:
    """Read a field table that comes without its length, as in the AMQPLAIN response."""
    return _read_pairs(data, 0, len(data), 1)


def read_value(data: bytes, offset: int) -> tuple[FieldValue, int]:
    """Read one field value with its type letter."""
    return _read_value(data, offset, len(data), 0)


def shortstr(text: str) -> bytes:
    """Write a short string.

    Raises:
        ValueError: it takes more than 255 bytes.
    """
    raw = bytes_of(text)
    if len(raw) > 255:
        raise ValueError(f"a short string holds 255 bytes at most, got {len(raw)}: {text[:32]!r}...")
    return bytes((len(raw),)) + raw


def longstr(raw: bytes) -> bytes:
    """Write a long string."""
    return _LENGTH.pack(len(raw)) + raw


def table(fields: FieldTable) -> bytes:
    """Write a field table with its length, each value under the type letter that `letter_of` gives it."""
    return longstr(b"".join(shortstr(key) + value(item) for key, item in fields.items()))


def value(item: FieldValue, letter: str | None = None) -> bytes:
    """Write one field value with its type letter, which is `letter` or else what `letter_of` gives it.

    Raises:
        ValueError: the value does not fit the type.
    """
    letter = letter or letter_of(item)
    return letter.encode("ascii") + _payload(letter, item)


def letter_of(item: FieldValue) -> str:
    """Choose the field type of a Python value: the smallest of `I` and `l` for integers.

    Raises:
        ValueError: no field type holds it.
    """
    if isinstance(item, bool):
        return "t"
    if isinstance(item, int) and not isinstance(item, Timestamp):
        if -(1 << 31) <= item < 1 << 31:
            return "I"
        if -(1 << 63) <= item < 1 << 63:
            return "l"
        raise ValueError(f"no field type holds an integer beyond 64 bits: {item!r}")
    for python_type, letter in _LETTERS:
        if isinstance(item, python_type):
            return letter
    raise ValueError(f"no field type holds {item!r} of type {type(item).__name__}")


_LENGTH: Final = struct.Struct(">I")
_DECIMAL: Final = struct.Struct(">Bi")
_TIMESTAMP: Final = struct.Struct(">Q")
_FIXED: Final = {
    ord(letter): struct.Struct(form)
    for letter, form in (
        ("t", ">?"),
        ("b", ">b"),
        ("B", ">B"),
        ("s", ">h"),
        ("U", ">h"),
        ("u", ">H"),
        ("I", ">i"),
        ("i", ">I"),
        ("l", ">q"),
        ("L", ">q"),
        ("f", ">f"),
        ("d", ">d"),
    )
}
_LETTERS: Final[tuple[tuple[type, str], ...]] = (
    (Timestamp, "T"),
    (str, "S"),
    (bytes, "x"),
    (float, "d"),
    (Decimal, "D"),
    (dict, "F"),
    (list, "A"),
    (type(None), "V"),
)


def _truncated(what: str, offset: int) -> PeerError:
    return PeerError(ReplyCode.SYNTAX_ERROR, f"a {what} at byte {offset} reaches beyond the end of what holds it")


def _extent(data: bytes, offset: int, end: int, what: str) -> tuple[int, int]:
    start = offset + 4
    if start > end:
        raise _truncated(what, offset)
    stop: int = start + _LENGTH.unpack_from(data, offset)[0]
    if stop > end:
        raise _truncated(what, offset)
    return start, stop


def _read_table(data: bytes, offset: int, end: int, depth: int) -> tuple[FieldTable, int]:
    start, stop = _extent(data, offset, end, "table")
    return _read_pairs(data, start, stop, depth), stop


def _read_pairs(data: bytes, offset: int, end: int, depth: int) -> FieldTable:
    fields: FieldTable = {}
    while offset < end:
        start = offset + 1
        offset = start + data[offset]
        if offset > end:
            raise _truncated("field name", start - 1)
        name = data[start:offset].decode("utf-8", "surrogateescape")
        fields[name], offset = _read_value(data, offset, end, depth)
    return fields


def _read_array(data: bytes, offset: int, end: int, depth: int) -> tuple[list[FieldValue], int]:
    offset, stop = _extent(data, offset, end, "array")
    items: list[FieldValue] = []
    while offset < stop:
        item, offset = _read_value(data, offset, stop, depth)
        items.append(item)
    return items, stop


def _read_value(data: bytes, offset: int, end: int, depth: int) -> tuple[FieldValue, int]:
    if offset >= end:
        raise _truncated("field value", offset)
    letter = data[offset]
    offset += 1
    fixed = _FIXED.get(letter)
    if fixed is not None:
        stop = offset + fixed.size
        if stop > end:
            raise _truncated("field value", offset)
        return fixed.unpack_from(data, offset)[0], stop
    match chr(letter):
        case "S":
            start, stop = _extent(data, offset, end, "long string")
            return data[start:stop].decode("utf-8", "surrogateescape"), stop
        case "x":
            start, stop = _extent(data, offset, end, "byte array")
            return data[start:stop], stop
        case "V":
            return None, offset
        case "T":
            if offset + 8 > end:
                raise _truncated("timestamp", offset)
            return Timestamp(_TIMESTAMP.unpack_from(data, offset)[0]), offset + 8
        case "D":
            if offset + 5 > end:
                raise _truncated("decimal", offset)
            scale, unscaled = _DECIMAL.unpack_from(data, offset)
            return Decimal(unscaled).scaleb(-scale), offset + 5
    if letter not in b"FA":
        raise PeerError(
            ReplyCode.SYNTAX_ERROR, f"field type {chr(letter)!r} at byte {offset - 1} is none of AMQP 0-9-1's"
        )
    if depth >= MAX_DEPTH:
        raise PeerError(ReplyCode.SYNTAX_ERROR, f"tables and arrays are nested more than {MAX_DEPTH} deep")
    if letter == ord("F"):
        return _read_table(data, offset, end, depth + 1)
    return _read_array(data, offset, end, depth + 1)


def _payload(letter: str, item: FieldValue) -> bytes:
    fixed = _FIXED.get(ord(letter))
    if fixed is not None:
        try:
            return fixed.pack(item)
        except (struct.error, OverflowError) as error:
            raise ValueError(f"{item!r} does not fit field type {letter!r}: {error}") from error
    match letter, item:
        case "S", str():
            return longstr(bytes_of(item))
        case "x", bytes():
            return longstr(item)
        case "V", None:
            return b""
        case "T", int():
            return _TIMESTAMP.pack(item)
        case "D", Decimal():
            return _decimal(item)
        case "F", dict():
            return table(item)
        case "A", list():
            return longstr(b"".join(value(each) for each in item))
    raise ValueError(f"{item!r} does not fit field type {letter!r}")


def _decimal(number: Decimal) -> bytes:
    sign, digits, exponent = number.as_tuple()
    if isinstance(exponent, int) and -255 <= exponent <= 0:
        unscaled = int("".join(map(str, digits))) * (-1 if sign else 1)
        if -(1 << 31) <= unscaled < 1 << 31:
            return _DECIMAL.pack(-exponent, unscaled)
    raise ValueError(f"a field decimal has 31 bits and 0 to 255 decimal places, got {number!r}")
