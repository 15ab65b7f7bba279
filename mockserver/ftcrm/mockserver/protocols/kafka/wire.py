"""The primitive types of Kafka's protocol: one reader and one writer each.

A reader takes the buffer and a position and returns the value and the next position; it raises MalformedError, or
struct.error and IndexError where the buffer ends (``codec`` makes one of them). A writer appends to a bytearray.
Source: https://kafka.apache.org/protocol#protocol_types
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, Final

from ftcrm.mockserver.protocols.kafka.errors import MalformedError

Reader = Callable[
    [bytes, int], tuple[Any, int]
]  # Any: the edge between bytes and values, one place for all of the schema
Writer = Callable[[bytearray, Any], None]


def fixed(layout: str) -> tuple[Reader, Writer]:
    """Return the reader and the writer of a fixed-size number, ``layout`` being its struct format."""
    packer = struct.Struct(">" + layout)
    unpack, pack, size = packer.unpack_from, packer.pack, packer.size

    def read(data: bytes, at: int) -> tuple[Any, int]:
        return unpack(data, at)[0], at + size

    def write(out: bytearray, value: Any) -> None:
        out += pack(value)

    return read, write


read_int8, write_int8 = fixed("b")
read_int16, write_int16 = fixed("h")
read_int32, write_int32 = fixed("i")
read_int64, write_int64 = fixed("q")
read_bool, write_bool = fixed("?")


def read_uuid(data: bytes, at: int) -> tuple[bytes, int]:
    """Read 16 bytes."""
    return _take(data, at, 16)


def write_uuid(out: bytearray, value: bytes) -> None:
    """Write 16 bytes."""
    out += value


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Read an unsigned varint of at most 32 bits."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 28:
            raise MalformedError(f"expected a varint of at most 5 bytes, got a sixth at byte {at}")


def write_varint(out: bytearray, value: int) -> None:
    """Write an unsigned varint."""
    while value > 0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)


def read_int32_length(data: bytes, at: int) -> tuple[int, int]:
    """Read the length of an array or of bytes before flexible versions; -1 is null."""
    length, at = read_int32(data, at)
    return _length(length, at)


def read_int16_length(data: bytes, at: int) -> tuple[int, int]:
    """Read the length of a string before flexible versions; -1 is null."""
    length, at = read_int16(data, at)
    return _length(length, at)


def read_compact_length(data: bytes, at: int) -> tuple[int, int]:
    """Read a length of flexible versions, which is sent plus one; -1 is null."""
    length, at = read_varint(data, at)
    return length - 1, at


def write_compact_length(out: bytearray, length: int) -> None:
    """Write a length of flexible versions."""
    write_varint(out, length + 1)


LengthReader = Callable[[bytes, int], tuple[int, int]]
LengthWriter = Callable[[bytearray, int], None]


def sized(read_length: LengthReader, write_length: LengthWriter, *, text: bool) -> tuple[Reader, Writer]:
    """Return the reader and the writer of a string or of bytes, null as None."""

    def read(data: bytes, at: int) -> tuple[Any, int]:
        length, at = read_length(data, at)
        if length < 0:
            return None, at
        value, at = _take(data, at, length)
        return (value.decode() if text else value), at

    def write(out: bytearray, value: Any) -> None:
        if value is None:
            write_length(out, -1)
            return
        raw = value.encode() if text else value
        write_length(out, len(raw))
        out += raw

    return read, write


read_string, write_string = sized(read_int16_length, write_int16, text=True)
read_bytes, write_bytes = sized(read_int32_length, write_int32, text=False)
read_compact_string, write_compact_string = sized(read_compact_length, write_compact_length, text=True)
read_compact_bytes, write_compact_bytes = sized(read_compact_length, write_compact_length, text=False)


def skip_tags(data: bytes, at: int) -> int:
    """Return the position behind a section of tagged fields; none of them means anything to this broker."""
    count, at = read_varint(data, at)
    for _ in range(count):
        _, at = read_varint(data, at)
        size, at = read_varint(data, at)
        _, at = _take(data, at, size)
    return at


NO_TAGS: Final = b"\0"


def _length(length: int, at: int) -> tuple[int, int]:
    if length < -1:
        raise MalformedError(f"expected a length of -1 (null) or more before byte {at}, got {length}")
    return length, at


def _take(data: bytes, at: int, length: int) -> tuple[bytes, int]:
    end = at + length
    if end > len(data):
        raise MalformedError(f"expected {length} bytes at byte {at}, but only {len(data) - at} are left")
    return data[at:end], end
