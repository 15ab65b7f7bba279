"""Kafka as an idempotent producer speaks it: Produce 3 with acks=all, to one partition."""

import struct
from collections.abc import Sequence

from ftcrm.strategies.live.addresses import Addresses
from ftcrm.strategies.live.connection import Answer, Connection, Delivery

__all__ = ["KafkaConnection", "Producer"]

_PRODUCE, _INIT_PRODUCER_ID = 0, 22
_TIMESTAMP = 1_774_742_399_000
"""The time of every record: nothing depends on it."""


class Producer:
    """Who numbers its records, so that the server knows those that come again; it may outlive its connection."""

    def __init__(self, identity: int, epoch: int) -> None:
        self.identity = identity
        self.epoch = epoch
        self.sequence = 0


class KafkaConnection(Connection):
    """Produces to the topic `runs.RUN.casino`, all records of a call as one batch; the token is the record's key."""

    connector = "kafka"

    def __init__(self, addresses: Addresses, run: str, producer: Producer | None = None) -> None:
        super().__init__(addresses, run)
        self._topic = _string(f"runs.{run}.casino")
        self._awaited: list[int] = []
        if producer is None:
            error, identity, epoch = struct.unpack(
                ">hqh", self._asked(_INIT_PRODUCER_ID, 0, b"\xff\xff\0\0\x13\x88")[4:]
            )
            if error:
                raise self.failure("a producer id", f"error {error}")
            producer = Producer(identity, epoch)
        self.producer = producer

    def encoded(self, deliveries: Sequence[Delivery]) -> bytes:
        """One Produce request; the producer's next records have the next numbers."""
        # aiokafka has no types, and takes its time.
        from aiokafka.record import default_records  # type: ignore[import-untyped]  # noqa: PLC0415

        producer = self.producer
        builder = default_records.DefaultRecordBatchBuilder(
            2, 0, 0, producer.identity, producer.epoch, producer.sequence, 1 << 30
        )
        for offset, (token, message) in enumerate(deliveries):
            builder.append(offset, _TIMESTAMP, token.encode(), message.raw, list(message.headers))
        producer.sequence += len(deliveries)
        records = bytes(builder.build())
        body = struct.pack(">hhii", -1, -1, 5000, 1) + self._topic + struct.pack(">iii", 1, 0, len(records)) + records
        return _request(_PRODUCE, 3, body)

    def answers(self, count: int) -> list[Answer]:
        """Wait for the answer to one request; nothing is said of its records."""
        answer = self._response()
        (error,) = struct.unpack_from(">h", answer, 4 + len(self._topic) + 4 + 4)
        if error:
            raise self.failure(f"{count} records to be taken", f"error {error}")
        return []

    def _asked(self, key: int, version: int, body: bytes) -> bytes:
        self.write(_request(key, version, body))
        return self._response()

    def _response(self) -> bytes:
        (size,) = struct.unpack(">i", self.read(4))
        return self.read(size)[4:]


def _request(key: int, version: int, body: bytes) -> bytes:
    head = struct.pack(">hhi", key, version, 0) + _string("ftcrm.strategies")
    return struct.pack(">i", len(head) + len(body)) + head + body


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack(">h", len(data)) + data
