"""Produce: check each partition's batch, give it offsets, deliver it, and answer when it is settled."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from ftcrm.mockserver.protocols.kafka.appends import Append
from ftcrm.mockserver.protocols.kafka.codec import Message
from ftcrm.mockserver.protocols.kafka.errors import ErrorCode, RefusedError
from ftcrm.mockserver.protocols.kafka.events import Batch, Produced, Rejected
from ftcrm.mockserver.protocols.kafka.limits import Budget
from ftcrm.mockserver.protocols.kafka.session import SAMPLE, Exchange, Session
from ftcrm.mockserver.protocols.kafka.transactions import State, Transaction


def produce(session: Session, exchange: Exchange, request: Message) -> None:
    """Take a Produce request: what is new goes out as one Produced, each partition refused as a Rejected."""
    intake = _Intake(session, request)
    answer = _Answer(session, exchange, request["acks"])
    for topic in request["topics"]:
        for partition in topic["partitions"]:
            row = _Row(topic["name"], partition["index"])
            answer.rows.append(row)
            data = partition["records"] or b""
            try:
                intake.take(row, data)
            except RefusedError as fault:
                row.refuse(fault.code, fault.reason)
                session.events.append(Rejected(fault.reason, row.topic, row.partition, len(data), data[:SAMPLE]))
    if request["acks"] == NO_RESPONSE:
        exchange.send(b"")
    if intake.batches:
        own = intake.appends

        def settle(error: int) -> None:
            for append in reversed(own):
                session.broker.settle(append, error)
            answer.settled()

        answer.awaited += 1
        session.events.append(
            Produced(
                session.hold(settle),
                tuple(intake.batches),
                request["acks"],
                exchange.client_id,
                exchange.version,
                request.get("transactional_id"),
                session.now_ms,
            )
        )
    for original in intake.originals:
        answer.awaited += 1
        original.when_settled(answer.settled)
    answer.settled()


NO_RESPONSE: Final = 0
ACKS: Final = frozenset({-1, 0, 1})


class _Row:
    """One partition of the response: refused at once, or as its append turns out."""

    __slots__ = ("append", "error", "message", "partition", "topic")

    def __init__(self, topic: str, partition: int) -> None:
        self.topic = topic
        self.partition = partition
        self.error: int = ErrorCode.NONE
        self.message: str | None = None
        self.append: Append | None = None

    def refuse(self, code: int, message: str | None) -> None:
        self.error = code
        self.message = message

    def response(self) -> Message:
        append = self.append
        if append is not None and append.error:
            self.refuse(append.error, None)
        return {
            "index": self.partition,
            "error_code": self.error,
            "base_offset": append.base_offset if append is not None and not self.error else -1,
            "log_start_offset": -1 if self.error else 0,
            "error_message": self.message,
        }


class _Answer:
    """The response of a Produce request, given when nothing is awaited any more."""

    def __init__(self, session: Session, exchange: Exchange, acks: int) -> None:
        self.rows: list[_Row] = []
        self.awaited = 1
        """Settlements awaited; the first is the end of ``produce`` itself."""
        self._session = session
        self._exchange = exchange
        self._acks = acks

    def settled(self) -> None:
        self.awaited -= 1
        if self.awaited:
            return
        topics: list[Message] = []
        for row in self.rows:
            if not topics or topics[-1]["name"] != row.topic:
                topics.append({"name": row.topic, "partitions": []})
            topics[-1]["partitions"].append(row.response())
        if self._acks != NO_RESPONSE:
            self._exchange.answer({"topics": topics})
        elif any(row.error for row in self.rows):
            self._session.close()  # the only way to tell a client that wants no response


class _Intake:
    """What one Produce request brings: new batches, and the originals of its duplicates that are not settled yet."""

    def __init__(self, session: Session, request: Message) -> None:
        self.batches: list[Batch] = []
        self.appends: list[Append] = []
        self.originals: list[Append] = []
        self._broker = session.broker
        self._acks: int = request["acks"]
        self._transactional_id: str | None = request.get("transactional_id")
        self._budget = Budget(session.broker.limits)

    def take(self, row: _Row, data: bytes) -> None:
        """Take the record set of one partition; raises RefusedError."""
        from ftcrm.mockserver.protocols.kafka import records  # noqa: PLC0415  # imports aiokafka: see load()

        broker = self._broker
        topic, partition = row.topic, row.partition
        if self._acks not in ACKS:
            raise RefusedError(ErrorCode.INVALID_REQUIRED_ACKS, f"expected acks -1, 0 or 1, got {self._acks}")
        error = broker.find_partition(topic, partition, create=True)
        if error:
            raise RefusedError(error, f"the partition cannot be written: {error.name}")
        batch = records.open_set(data, self._budget)
        if batch.transactional:
            self._check_transaction(row, batch.producer_id, batch.producer_epoch)
        key = (batch.producer_id, topic, partition)
        idempotent = batch.producer_id >= 0
        if idempotent:
            original = broker.sequences.find_duplicate(key, batch.producer_epoch, batch.base_sequence, batch.count)
            if original is not None:
                row.append = original
                if original.error is None:
                    self.originals.append(original)
                return
        base_offset = broker.next_offset(topic, partition)
        values = batch.records(base_offset, broker.limits, self._budget)
        if batch.oversized:
            row.refuse(ErrorCode.MESSAGE_TOO_LARGE, f"a record is larger than {broker.limits.max_record} bytes")
            base_offset = NO_OFFSET
            values = [replace(record, offset=NO_OFFSET) for record in values]
        else:
            append = row.append = broker.take_offsets(topic, partition, batch.count)
            self.appends.append(append)
            if idempotent:
                broker.sequences.accept(key, batch.producer_epoch, batch.base_sequence, append)
        self.batches.append(
            Batch(
                topic,
                partition,
                base_offset,
                values,
                batch.producer_id,
                batch.producer_epoch,
                batch.base_sequence,
                batch.transactional,
                batch.oversized,
            )
        )

    def _check_transaction(self, row: _Row, producer_id: int, epoch: int) -> None:
        found = self._broker.transactions.identify(
            self._transactional_id, producer_id, epoch, fenced=ErrorCode.INVALID_PRODUCER_EPOCH
        )
        if isinstance(found, ErrorCode):
            raise RefusedError(
                found, f"transactional id {self._transactional_id!r} is not producer {producer_id} in epoch {epoch}"
            )
        if not _takes(found, row):
            raise RefusedError(
                ErrorCode.INVALID_TXN_STATE,
                f"expected an open transaction with {row.topic}-{row.partition} added to it, it is {found.state.value}",
            )


NO_OFFSET: Final = -1


def _takes(transaction: Transaction, row: _Row) -> bool:
    return transaction.state is State.OPEN and (row.topic, row.partition) in transaction.partitions
