"""Messages of magic 0 and 1: a set of them, each with its own CRC-32, or one that holds a compressed set.

Read here and not by aiokafka, whose C parser follows a negative inner length for ever (and out of its buffer).
Source: https://kafka.apache.org/documentation/#messageset
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from ftcrm.mockserver.protocols.kafka import decompression
from ftcrm.mockserver.protocols.kafka.errors import ErrorCode, RefusedError
from ftcrm.mockserver.protocols.kafka.limits import Budget


class Message(NamedTuple):
    """One message; timestamps are None in magic 0."""

    key: bytes | None
    value: bytes | None
    timestamp: int | None
    timestamp_type: int | None
    headers: tuple[tuple[str, bytes | None], ...] = ()


def read(data: bytes, budget: Budget) -> Iterator[Message]:
    """Yield the messages in order, those of a compressed one in its place; raises RefusedError.

    Inner offsets, relative or absolute, only say the order in which the messages stand anyway: offsets are given by the
    broker.
    """
    for message, codec, magic in _messages(data, budget):
        if not codec:
            yield message
            continue
        if message.value is None:
            raise _corrupt("expected a compressed set in the message, got null")
        inner = decompression.decompress(codec, message.value, budget.bytes_left, magic=magic)
        for part, inner_codec, _ in _messages(inner, budget):
            if inner_codec:
                raise RefusedError(ErrorCode.INVALID_RECORD, "expected one layer of compression, got two")
            if message.timestamp_type == _LOG_APPEND_TIME:
                yield part._replace(timestamp=message.timestamp, timestamp_type=_LOG_APPEND_TIME)
            else:
                yield part


_FRAME: Final = struct.Struct(">qiIbb")
_CRC_END: Final = 16
_INT32: Final = struct.Struct(">i")
_INT64: Final = struct.Struct(">q")
_LOG_APPEND_TIME: Final = 1


def _messages(data: bytes, budget: Budget) -> Iterator[tuple[Message, int, int]]:
    budget.take_bytes(len(data))
    at = 0
    while at < len(data):
        budget.take_items(1)
        if len(data) - at < _FRAME.size:
            raise _corrupt(f"expected a message at byte {at}, but only {len(data) - at} bytes are left")
        _, length, crc, magic, attributes = _FRAME.unpack_from(data, at)
        end = at + 12 + length
        if length < 14 or end > len(data):
            raise _corrupt(f"expected a message that fits at byte {at}, got a length of {length}")
        if magic not in (0, 1):
            raise _corrupt(f"expected magic 0 or 1 at byte {at}, got {magic}")
        if zlib.crc32(memoryview(data)[at + _CRC_END : end]) != crc:
            raise _corrupt(f"the CRC-32 of the message at byte {at} does not match its bytes")
        yield _message(data[at + _FRAME.size : end], magic, attributes), attributes & 7, magic
        at = end


def _message(body: bytes, magic: int, attributes: int) -> Message:
    timestamp = timestamp_type = None
    at = 0
    try:
        if magic == 1:
            (timestamp,) = _INT64.unpack_from(body)
            at = 8
            timestamp_type = attributes >> 3 & 1
            if timestamp == -1:
                timestamp = timestamp_type = None
        key, at = _nullable(body, at)
        value, at = _nullable(body, at)
    except struct.error as fault:
        raise _corrupt(f"the message ends early: {fault}") from fault
    if at != len(body):
        raise _corrupt(f"expected the message to end after its value, {len(body) - at} bytes are left")
    return Message(key, value, timestamp, timestamp_type)


def _nullable(body: bytes, at: int) -> tuple[bytes | None, int]:
    (length,) = _INT32.unpack_from(body, at)
    at += 4
    if length == -1:
        return None, at
    if length < 0 or at + length > len(body):
        raise _corrupt(f"expected a key or value that fits, got a length of {length}")
    return body[at : at + length], at + length


def _corrupt(reason: str) -> RefusedError:
    return RefusedError(ErrorCode.CORRUPT_MESSAGE, reason)
