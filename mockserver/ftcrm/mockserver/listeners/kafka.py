"""The Kafka connector: a shell around the broker machine."""

import asyncio
import time
from typing import Any

from ftcrm.contracts import Message
from ftcrm.mockserver.intake import Delivery, Intake, Parcel, Receipt, TransactionMark
from ftcrm.mockserver.journal import Disposition
from ftcrm.mockserver.listeners.stream import StreamShell
from ftcrm.mockserver.protocol_errors import ProtocolErrors
from ftcrm.mockserver.protocols.kafka import (
    Authenticated,
    Batch,
    Broker,
    Closed,
    Connection,
    ErrorCode,
    Event,
    Produced,
    ProtocolError,
    Record,
    Rejected,
    TransactionEnded,
)
from ftcrm.mockserver.transport import name_or_base64, run_of_topic, text_or_base64

__all__ = ["COUNTER_PREFIX", "KafkaListener"]

COUNTER_PREFIX = "kafka:"
"""The journal's counters kafka:TOPIC:PARTITION hold the next offset of each partition."""


class KafkaListener:
    """Makes a shell for each connection around one broker, and ends them."""

    def __init__(self, broker: Broker, intake: Intake, errors: ProtocolErrors, *, advertised: tuple[str, int]) -> None:
        self._broker = broker
        self._intake = intake
        self._errors = errors
        self._advertised = advertised
        self._shells: set[StreamShell[Connection]] = set()
        self._by_machine: dict[Connection, _KafkaShell] = {}

    def connect(self) -> asyncio.Protocol:
        """The protocol of a new connection."""
        machine = Connection(self._broker, advertised=self._advertised)
        shell = _KafkaShell(machine, self._intake, self._shells, self._by_machine, self._errors)
        self._by_machine[machine] = shell
        return shell

    def close(self) -> None:
        """End every connection; a Kafka broker that leaves says nothing."""
        self.abort()

    def abort(self) -> None:
        """Cut every connection."""
        for shell in list(self._shells):
            shell.abort()


class _KafkaShell(StreamShell[Connection]):
    def __init__(
        self,
        machine: Connection,
        intake: Intake,
        shells: set[StreamShell[Connection]],
        by_machine: dict[Connection, "_KafkaShell"],
        errors: ProtocolErrors,
    ) -> None:
        super().__init__(machine, intake, shells)
        self._by_machine = by_machine
        self._errors = errors
        self._user: str | None = None

    def feed(self, data: bytes) -> None:
        self._handle(self.machine.receive(data, time.time_ns() // 1_000_000))

    def ended(self) -> None:
        self._handle(self.machine.eof())
        self._by_machine.pop(self.machine, None)

    def _handle(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case Produced():
                    self._take(event)
                case TransactionEnded(token=token):
                    mark = TransactionMark(_transaction(event.producer_id, event.producer_epoch), event.committed)
                    self._intake.take(Parcel(self._settler(token), mark=mark))
                case Authenticated(user=user):
                    self._user = user
                case Rejected(reason=reason, topic=topic, partition=partition, size=size, sample=sample):
                    self._errors.add("kafka", f"{topic}/{partition}: {size} bytes: {reason}", sample, harmless=True)
                case ProtocolError(reason=reason, sample=sample):
                    self._errors.add("kafka", reason, sample)
                case Closed():
                    pass

    def _take(self, event: Produced) -> None:
        deliveries: list[Delivery] = []
        counters: dict[str, int] = {}
        for batch in event.batches:
            deliveries += [self._delivery(event, batch, record) for record in batch.records]
            if not batch.refused:
                name = f"{COUNTER_PREFIX}{batch.topic}:{batch.partition}"
                counters[name] = batch.base_offset + len(batch.records)
        self._intake.take(Parcel(self._settler(event.token), deliveries, counters=counters))

    def _settler(self, token: int) -> Any:
        def settle(receipt: Receipt) -> None:
            error = 0 if receipt.error is None else int(ErrorCode.KAFKA_STORAGE_ERROR)
            for machine in (self.machine, *self.machine.settle(token, error=error)):
                if shell := self._by_machine.get(machine):
                    shell.flush()

        return settle

    def _delivery(self, event: Produced, batch: Batch, record: Record) -> Delivery:
        transport: dict[str, Any] = {
            "topic": batch.topic,
            "partition": batch.partition,
            "offset": record.offset,
            "key": text_or_base64(record.key),
            "headers": [[name_or_base64(name), text_or_base64(value)] for name, value in record.headers],
            "timestamp": record.timestamp_ms,
            "timestamp_type": record.timestamp_type,
            "client_id": event.client_id,
            "user": self._user,
        }
        if batch.producer_id >= 0:
            transport |= {"producer_id": batch.producer_id, "producer_epoch": batch.producer_epoch}
        if batch.transactional:
            transport["transaction"] = _transaction(batch.producer_id, batch.producer_epoch)
        if record.truncated:
            transport |= {"truncated": True, "sha256": record.value_sha256}
        if record.value is None:
            transport["null_value"] = True
        message = Message(
            "kafka",
            record.value or b"",
            headers=record.headers,
            size=record.value_size if record.truncated else None,
        )
        disposition: Disposition = "refused" if batch.refused else "pending" if batch.transactional else "accepted"
        return Delivery(message, transport, run_of_topic(batch.topic), disposition)


def _transaction(producer_id: int, epoch: int) -> str:
    return f"{producer_id}/{epoch}"
