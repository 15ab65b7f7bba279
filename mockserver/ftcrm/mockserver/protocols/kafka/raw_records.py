"""The records of a magic 2 batch by a parser of ours: slow, used where the C parser cannot be.

Source: https://kafka.apache.org/documentation/#record
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ftcrm.mockserver.protocols.kafka.errors import ErrorCode, RefusedError
from ftcrm.mockserver.protocols.kafka.limits import Budget


class RawRecord(NamedTuple):
    """A record with the attributes that aiokafka's has."""

    key: bytes | None
    value: bytes | None
    timestamp: int | None
    timestamp_type: int | None
    headers: tuple[tuple[str, bytes | None], ...]


def read(body: memoryview, count: int, batch: Any, budget: Budget) -> Iterator[RawRecord]:
    """Yield the records; header keys that are not UTF-8 get surrogates. ``batch`` has the timestamps."""
    at = 0
    for _ in range(count):
        length, start = _varint(body, at)
        delta, at = _varint(body, start + 1)
        _, at = _varint(body, at)
        key, at = _nullable(body, at)
        value, at = _nullable(body, at)
        number, at = _varint(body, at)
        budget.take_items(max(number, 0))
        headers = []
        for _ in range(number):
            name, at = _nullable(body, at)
            content, at = _nullable(body, at)
            headers.append(((name or b"").decode(errors="surrogateescape"), content))
        if at != start + length or number < 0:
            raise _corrupt(f"expected a record of {length} bytes, read {at - start} and {number} headers")
        timestamp = batch.max_timestamp if batch.timestamp_type else batch.first_timestamp + delta
        known = timestamp != -1
        yield RawRecord(
            key, value, timestamp if known else None, batch.timestamp_type if known else None, tuple(headers)
        )
    if at != len(body):
        raise _corrupt(f"expected {count} records to fill the batch, {len(body) - at} bytes are left")


def check_header_counts(body: memoryview, count: int, size: int, budget: Budget) -> None:
    """Refuse a record above ``size`` bytes whose headers are more than the budget has, before a parser builds them.

    A header takes two bytes on the wire and some seventy as a value.
    """
    at = 0
    for _ in range(count):
        length, start = _varint(body, at)
        if length < 0:
            raise _corrupt(f"expected a record's length, got {length}")
        if length > size:
            _, at = _varint(body, start + 1)
            _, at = _varint(body, at)
            _, at = _nullable(body, at)
            _, at = _nullable(body, at)
            number, at = _varint(body, at)
            if number > budget.items_left:
                raise RefusedError(ErrorCode.MESSAGE_TOO_LARGE, f"a record has {number} headers")
        at = start + length


def _varint(body: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(body) or shift > 63:
            raise _corrupt(f"expected a varint at byte {at} of {len(body)}")
        byte = body[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value >> 1 ^ -(value & 1), at
        shift += 7


def _nullable(body: memoryview, at: int) -> tuple[bytes | None, int]:
    length, at = _varint(body, at)
    if length < 0:
        return None, at
    if at + length > len(body):
        raise _corrupt(f"expected {length} bytes at byte {at} of {len(body)}")
    return bytes(body[at : at + length]), at + length


def _corrupt(reason: str) -> RefusedError:
    return RefusedError(ErrorCode.CORRUPT_MESSAGE, reason)
