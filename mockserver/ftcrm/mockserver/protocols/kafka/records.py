"""Record sets: check them, and make their records values.

Magic 2 is read by aiokafka's C parser (it never decompresses here: ``decompression`` has done that under the cap),
magic 0 and 1 by a few lines of ours in ``message_sets``. The C parser trusts its input in two ways, both provided
against: it reads varints some bytes past the end, so every buffer it gets is followed by padding; and it takes header
keys for UTF-8, so a batch with other keys is read again by a slow parser in ``raw_records``.

Importing this module imports aiokafka (110 ms, and parts of asyncio): ``load()`` in the package does it when a listener
starts.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from itertools import count as counting
from typing import Any, Final, Protocol

from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # aiokafka ships no py.typed
from aiokafka.record._crecords import DefaultRecordBatch  # type: ignore[import-untyped]  # the same

from ftcrm.mockserver.protocols.kafka import decompression, message_sets, raw_records
from ftcrm.mockserver.protocols.kafka.errors import ErrorCode, RefusedError
from ftcrm.mockserver.protocols.kafka.events import Record
from ftcrm.mockserver.protocols.kafka.limits import Budget, Limits

NO_PRODUCER: Final = -1


class RecordSet(Protocol):
    """What one partition of a Produce request brought, its checksums verified."""

    count: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    transactional: bool
    oversized: bool
    """Whether a record is above the limit; known after ``records``."""

    def records(self, base_offset: int, limits: Limits, budget: Budget) -> list[Record]:
        """Return the records from ``base_offset`` on; raises RefusedError."""


def open_set(data: bytes, budget: Budget) -> RecordSet:
    """Return the record set in ``data`` after checking frame, checksum and attributes; raises RefusedError."""
    if len(data) < _MAGIC_AT + 1:
        raise RefusedError(ErrorCode.CORRUPT_MESSAGE, f"expected a record batch, got {len(data)} bytes")
    magic = data[_MAGIC_AT]
    if magic == 2:
        return BatchSet(data)
    if magic > 2:
        raise RefusedError(ErrorCode.CORRUPT_MESSAGE, f"expected magic 0, 1 or 2, got {magic}")
    return MessageSet(data, budget)


class BatchSet:
    """One batch of magic 2; Kafka allows no second one in a partition of a request."""

    def __init__(self, data: bytes) -> None:
        if len(data) < _BATCH_HEADER:
            raise RefusedError(ErrorCode.CORRUPT_MESSAGE, f"expected a record batch, got {len(data)} bytes")
        (length,) = _INT32.unpack_from(data, _LENGTH_AT)
        end = _LENGTH_AT + 4 + length
        if end > len(data) or end < _BATCH_HEADER:
            raise RefusedError(ErrorCode.CORRUPT_MESSAGE, f"expected a batch of {len(data)} bytes, it says {end}")
        if end < len(data):
            raise RefusedError(ErrorCode.INVALID_RECORD, "expected one record batch for a partition, got more")
        self._data = data
        self._batch = _reader(data)
        if not self._batch.validate_crc():
            raise RefusedError(ErrorCode.CORRUPT_MESSAGE, "the batch's CRC-32C does not match its bytes")
        if self._batch.is_control_batch:
            raise RefusedError(ErrorCode.INVALID_RECORD, "a client may not write control batches")
        (self.count,) = _INT32.unpack_from(data, _COUNT_AT)
        if self.count < 1 or self._batch.last_offset_delta != self.count - 1:
            raise RefusedError(
                ErrorCode.INVALID_RECORD,
                f"expected offsets 0 to {self.count - 1} for {self.count} records, got {self._batch.last_offset_delta}",
            )
        self.producer_id: int = self._batch.producer_id
        self.producer_epoch: int = self._batch.producer_epoch
        self.base_sequence: int = self._batch.base_sequence
        self.transactional: bool = self._batch.is_transactional
        self.oversized = False

    def records(self, base_offset: int, limits: Limits, budget: Budget) -> list[Record]:
        """Return the records from ``base_offset`` on; raises RefusedError."""
        budget.take_items(self.count)
        data, batch = self._data, self._batch
        codec = batch.compression_type
        if codec:
            body = decompression.decompress(codec, data[_BATCH_HEADER:], budget.bytes_left)
            data = _without_codec(data) + body
            batch = _reader(data)
        budget.take_bytes(len(data))
        try:
            if len(data) > limits.max_record:
                values = list(_guarded(batch, data, self.count, base_offset, limits, budget))
                self.oversized = any(record.truncated for record in values)
                return values
            timestamp_type = batch.timestamp_type
            return [
                Record(
                    offset,
                    timestamp := raw.timestamp,
                    None if timestamp is None else timestamp_type,
                    raw.key,
                    value := raw.value,
                    tuple(raw.headers),
                    0 if value is None else len(value),
                    None,
                    False,
                )
                for offset, raw in zip(counting(base_offset), batch, strict=False)
            ]
        except UnicodeDecodeError:
            raws: Iterable[Any] = raw_records.read(memoryview(data)[_BATCH_HEADER:], self.count, batch, budget)
            values = [_fitted(offset, raw, limits) for offset, raw in zip(counting(base_offset), raws, strict=False)]
            self.oversized = any(record.truncated for record in values)
            return values
        except (KafkaError, ValueError, OverflowError, MemoryError, SystemError) as fault:
            raise RefusedError(ErrorCode.CORRUPT_MESSAGE, f"the batch's records cannot be read: {fault}") from fault


class MessageSet:
    """Messages of magic 0 and 1, compressed or not."""

    producer_id: int = NO_PRODUCER
    producer_epoch: int = NO_PRODUCER
    base_sequence: int = NO_PRODUCER
    transactional: bool = False

    def __init__(self, data: bytes, budget: Budget) -> None:
        self._messages = list(message_sets.read(data, budget))
        self.count = len(self._messages)
        self.oversized = False
        if not self.count:
            raise RefusedError(ErrorCode.CORRUPT_MESSAGE, "expected at least one message")

    def records(self, base_offset: int, limits: Limits, budget: Budget) -> list[Record]:
        """Return the records from ``base_offset`` on."""
        values = [_fitted(offset, raw, limits) for offset, raw in enumerate(self._messages, base_offset)]
        self.oversized = any(record.truncated for record in values)
        return values


_LENGTH_AT: Final = 8
_MAGIC_AT: Final = 16
_ATTRIBUTES_AT: Final = 21
_COUNT_AT: Final = 57
_BATCH_HEADER: Final = 61
_INT32: Final = struct.Struct(">i")
_INT16: Final = struct.Struct(">h")
_PADDING: Final = bytes(32)
"""More than the C parser can read past the end: two varints of ten bytes without a check between them."""


def _reader(data: bytes) -> Any:  # Any: an untyped C class
    return DefaultRecordBatch(memoryview(data + _PADDING)[: len(data)])


def _without_codec(data: bytes) -> bytes:
    (attributes,) = _INT16.unpack_from(data, _ATTRIBUTES_AT)
    return data[:_ATTRIBUTES_AT] + _INT16.pack(attributes & ~7) + data[_ATTRIBUTES_AT + 2 : _BATCH_HEADER]


def _guarded(batch: Any, data: bytes, count: int, base_offset: int, limits: Limits, budget: Budget) -> Iterator[Record]:
    """Read a batch that is large enough to hold a record above the limit, or more headers than memory."""
    raw_records.check_header_counts(memoryview(data)[_BATCH_HEADER:], count, limits.max_record, budget)
    for offset, raw in zip(counting(base_offset), batch, strict=False):
        budget.take_items(len(raw.headers))
        yield _fitted(offset, raw, limits)


def _fitted(offset: int, raw: Any, limits: Limits) -> Record:
    key, value, headers = raw.key, raw.value, tuple(raw.headers)
    value_size = len(value or b"")
    size = len(key or b"") + value_size + sum(len(name) + len(content or b"") for name, content in headers)
    if size <= limits.max_record:
        return Record(offset, raw.timestamp, raw.timestamp_type, key, value, headers, value_size, None, False)
    keep = limits.keep_prefix
    return Record(
        offset,
        raw.timestamp,
        raw.timestamp_type,
        key if key is None else key[:keep],
        value if value is None else value[:keep],
        tuple(_leading(headers, keep)),
        value_size,
        hashlib.sha256(value or b"").hexdigest(),
        True,
    )


def _leading(headers: tuple[tuple[str, bytes | None], ...], keep: int) -> Iterator[tuple[str, bytes | None]]:
    for name, content in headers:
        keep -= len(name) + len(content or b"")
        if keep < 0:
            return
        yield name, content
