"""What the machine reports: values, fast to build, without reference cycles (so the collector need not look)."""

from __future__ import annotations

import msgspec


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record of a batch.

    ``offset`` is the offset given here, -1 in a refused batch. ``timestamp_ms`` is as the client sent it, milliseconds
    since 1970; None for magic 0 and for -1. ``timestamp_type`` is 0 for CreateTime, 1 for LogAppendTime. A header's key
    that is not UTF-8 is decoded with surrogateescape. In a record above ``Limits.max_record`` key, value and headers
    are cut (``truncated``); ``value_size`` and ``value_sha256`` (hex) are then those of the whole value.
    """

    offset: int
    timestamp_ms: int | None
    timestamp_type: int | None
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    value_size: int
    value_sha256: str | None
    truncated: bool


class Batch(msgspec.Struct, frozen=True, gc=False):
    """The records of one partition in one Produce request.

    ``refused``: at least one record is above ``Limits.max_record``; the batch is delivered so that it can be journaled,
    took no offsets (``base_offset`` is -1), and is answered MESSAGE_TOO_LARGE whatever ``settle`` says.
    ``producer_id`` is -1 without idempotence; epoch and sequence then mean nothing (some clients send sequence 0).
    """

    topic: str
    partition: int
    base_offset: int
    records: list[Record]
    producer_id: int
    producer_epoch: int
    base_sequence: int
    transactional: bool
    refused: bool


class Produced(msgspec.Struct, frozen=True, gc=False):
    """A Produce request's new batches, duplicates not among them; its response is held until ``settle(token)``."""

    token: int
    batches: tuple[Batch, ...]
    acks: int
    client_id: str | None
    api_version: int
    transactional_id: str | None
    received_ms: int


class TransactionEnded(msgspec.Struct, frozen=True, gc=False):
    """A transaction was committed or aborted; the response is held until ``settle(token)``."""

    token: int
    transactional_id: str
    producer_id: int
    producer_epoch: int
    committed: bool


class Authenticated(msgspec.Struct, frozen=True, gc=False):
    """The connection gave credentials that were taken."""

    user: str


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """A partition's data was refused and is not delivered.

    ``size`` is that of the record set in bytes, ``sample`` the first 64 of them.
    """

    reason: str
    topic: str
    partition: int
    size: int
    sample: bytes


class ProtocolError(msgspec.Struct, frozen=True, gc=False):
    """The bytes are no Kafka that is spoken here: the connection is closed, unless the request had an answer for it.

    ``sample`` is the first 64 bytes at most, and none that may belong to a token of SASL.
    """

    reason: str
    sample: bytes


class Closed(msgspec.Struct, frozen=True, gc=False):
    """The connection is over; said once."""


Event = Produced | TransactionEnded | Authenticated | Rejected | ProtocolError | Closed
