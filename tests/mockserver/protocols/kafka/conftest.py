"""A client of the machine, whose requests and responses go through kio (an independent codec); builders of batches."""

from __future__ import annotations

import dataclasses
import datetime
import importlib
import io
import struct
import types
import typing
import uuid
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from aiokafka.record._crecords import DefaultRecordBatchBuilder, LegacyRecordBatchBuilder, crc32c_cython
from kio.schema.errors import ErrorCode
from kio.schema.index import api_key_map
from kio.serial import entity_reader, entity_writer
from kio.static.primitive import TZAware, i32Timedelta

from ftcrm.mockserver.protocols.kafka import Broker, Connection, Event, Produced, Rejected
from ftcrm.mockserver.protocols.kafka.schemas import BY_KEY, ApiKey, Field

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MILLISECOND = datetime.timedelta(milliseconds=1)


class Oracle:
    """Kio's entities, read and written by the field names of our tables: rows and fields stand in the same order."""

    def entity(self, key: ApiKey, version: int, kind: str) -> Any:
        module = f"kio.schema.{api_key_map[int(key)]}.v{version}"
        try:
            loaded = importlib.import_module(module)
        except ModuleNotFoundError:
            return None
        (name,) = [name for name in loaded.__all__ if name.endswith(kind.capitalize())]
        return getattr(loaded, name)

    def request(
        self, key: ApiKey, version: int, message: dict[str, Any], *, correlation: int, client: str | None
    ) -> bytes:
        cls = self.entity(key, version, "request")
        header = cls.__header_schema__
        out = io.BytesIO()
        fields = {
            "request_api_key": key,
            "request_api_version": version,
            "correlation_id": correlation,
            "client_id": client,
        }
        entity_writer(header)(out, header(**fields))
        entity_writer(cls)(out, self._build(cls, BY_KEY[int(key)].request, version, message))
        return struct.pack(">i", out.tell()) + out.getvalue()

    def response(self, key: ApiKey, version: int, frame: bytes) -> tuple[int, dict[str, Any]]:
        cls = self.entity(key, version, "response")
        header, at = entity_reader(cls.__header_schema__)(frame, 4)
        entity, size = entity_reader(cls)(frame, 4 + at)
        assert 4 + at + size == len(frame)
        return header.correlation_id, self._message(entity, BY_KEY[int(key)].response, version)

    def _rows(self, cls: Any, rows: tuple[Field, ...], version: int) -> Iterator[tuple[Field, Any, Any]]:
        kept = [row for row in rows if version in row.versions]
        fields = [field for field in dataclasses.fields(cls) if "tag" not in field.metadata]
        hints = typing.get_type_hints(cls, include_extras=False)
        for row, field in zip(kept, fields, strict=True):
            yield row, field, hints[field.name]

    def _build(self, cls: Any, rows: tuple[Field, ...], version: int, message: dict[str, Any]) -> Any:
        values = {}
        for row, field, hint in self._rows(cls, rows, version):
            value = message[row.name]
            if value is not None:
                kind = field.metadata.get("kafka_type")
                if row.array and isinstance(row.kind, tuple):
                    inner, sub = _element(hint), row.kind
                    value = tuple(self._build(inner, sub, version, one) for one in value)
                elif row.array:
                    value = tuple(value)
                else:
                    value = _to_kio(kind, value)
            values[field.name] = value
        return cls(**values)

    def _message(self, entity: Any, rows: tuple[Field, ...], version: int) -> dict[str, Any]:
        message = {}
        for row, field, _ in self._rows(type(entity), rows, version):
            value = getattr(entity, field.name)
            if row.array and value is not None:
                sub = row.kind
                value = [self._message(one, sub, version) if isinstance(sub, tuple) else one for one in value]
            else:
                value = _from_kio(field.metadata.get("kafka_type"), value)
            message[row.name] = value
        return message


def _element(hint: Any) -> Any:
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    return typing.get_args(hint)[0]


def _to_kio(kind: str | None, value: Any) -> Any:
    if kind == "uuid":
        return uuid.UUID(bytes=value) if any(value) else None
    if kind == "timedelta_i32":
        return i32Timedelta.parse(value * MILLISECOND)
    if kind == "datetime_i64":
        return None if value == -1 else TZAware.parse(EPOCH + value * MILLISECOND)
    if kind == "error_code":
        return ErrorCode(value)
    return value


def _from_kio(kind: str | None, value: Any) -> Any:
    if kind == "uuid":
        return bytes(16) if value is None else value.bytes
    if kind and kind.startswith("timedelta"):
        return value // MILLISECOND
    if kind == "datetime_i64":
        return -1 if value is None else (value - EPOCH) // MILLISECOND
    return value.value if isinstance(value, ErrorCode) else value


class Client:
    """What a client sends to one connection, and the answers it gets back, in order."""

    def __init__(self, connection: Connection, oracle: Oracle) -> None:
        self.connection = connection
        self._oracle = oracle
        self._expected: list[tuple[int, ApiKey, int]] = []
        self._correlation = 100
        self._inbox = b""

    def frame(self, key: ApiKey, version: int, message: dict[str, Any]) -> bytes:
        self._correlation += 1
        if not (key is ApiKey.PRODUCE and message["acks"] == 0):
            self._expected.append((self._correlation, key, version))
        return self._oracle.request(key, version, message, correlation=self._correlation, client="test")

    def send(self, key: ApiKey, version: int, /, **message: Any) -> list[Event]:
        return self.connection.receive(self.frame(key, version, message))

    def answers(self) -> list[dict[str, Any]]:
        """Decode what has come; the correlation ids must be those of the requests in order."""
        self._inbox += self.connection.data_to_send()
        answers = []
        while self._inbox:
            (length,) = struct.unpack_from(">i", self._inbox)
            frame, self._inbox = self._inbox[: 4 + length], self._inbox[4 + length :]
            correlation, key, version = self._expected.pop(0)
            answered, message = self._oracle.response(key, version, frame)
            assert answered == correlation
            answers.append(message)
        return answers

    def ask(self, key: ApiKey, version: int, /, **message: Any) -> dict[str, Any]:
        """Send a request that is answered at once."""
        assert self.send(key, version, **message) == []
        (answer,) = self.answers()
        return answer

    def produce_frame(
        self, *parts: tuple[str, int, bytes], version: int = 9, acks: int = -1, transactional_id: str | None = None
    ) -> bytes:
        topics = [{"name": topic, "partitions": [{"index": index, "records": data}]} for topic, index, data in parts]
        message = {"transactional_id": transactional_id, "acks": acks, "timeout_ms": 1000, "topics": topics}
        return self.frame(ApiKey.PRODUCE, version, message)

    def produce(
        self, *parts: tuple[str, int, bytes], version: int = 9, acks: int = -1, transactional_id: str | None = None
    ) -> list[Event]:
        frame = self.produce_frame(*parts, version=version, acks=acks, transactional_id=transactional_id)
        return self.connection.receive(frame)

    def produced(self, *parts: tuple[str, int, bytes], **options: Any) -> Produced:
        """Produce what is expected to be delivered, and return the event."""
        (event,) = self.produce(*parts, **options)
        assert isinstance(event, Produced)
        return event

    def results(self) -> list[tuple[int, int]]:
        """Return (error code, base offset) for each partition of the Produce answers that have come."""
        return [
            (partition["error_code"], partition["base_offset"])
            for answer in self.answers()
            for topic in answer["topics"]
            for partition in topic["partitions"]
        ]

    def rejected(self, data: bytes) -> tuple[int, str]:
        """Produce a record set that is refused, and return the error code and the reason."""
        (event,) = self.produce(("t", 0, data))
        assert isinstance(event, Rejected)
        assert (event.topic, event.partition, event.size, event.sample) == ("t", 0, len(data), data[:64])
        ((error, offset),) = self.results()
        assert offset == -1
        return error, event.reason

    def init(self, transactional_id: str | None = None, *, version: int = 4) -> list[Event]:
        return self.send(
            ApiKey.INIT_PRODUCER_ID,
            version,
            transactional_id=transactional_id,
            transaction_timeout_ms=1000,
            producer_id=-1,
            producer_epoch=-1,
        )


class Batches:
    """Record sets as clients build them."""

    def batch(
        self,
        values: int | Sequence[bytes | None] = 1,
        *,
        codec: int = 0,
        producer: tuple[int, int, int] = (-1, -1, -1),
        transactional: bool = False,
        headers: Sequence[tuple[str, bytes | None]] = (),
        key: bytes | None = None,
    ) -> bytes:
        if isinstance(values, int):
            values = [b"value %d" % number for number in range(values)]
        builder = DefaultRecordBatchBuilder(2, codec, int(transactional), *producer, 1 << 30)
        for offset, value in enumerate(values):
            builder.append(offset, 1_700_000_000_000 + offset, key, value, list(headers))
        return bytes(builder.build())

    def message_set(self, values: Sequence[bytes | None], *, magic: int, codec: int = 0) -> bytes:
        builder = LegacyRecordBatchBuilder(magic, codec, 1 << 30)
        for offset, value in enumerate(values):
            builder.append(offset, 1_700_000_000_000 + offset, b"key", value)
        return bytes(builder.build())

    def message(
        self, value: bytes | None, *, magic: int = 1, attributes: int = 0, timestamp: int = 5, offset: int = 0
    ) -> bytes:
        """One message of an old set, by hand."""
        body = struct.pack(">bb", magic, attributes) + (struct.pack(">q", timestamp) if magic else b"")
        body += struct.pack(">i", -1) + (
            struct.pack(">i", -1) if value is None else struct.pack(">i", len(value)) + value
        )
        return struct.pack(">qiI", offset, len(body) + 4, zlib.crc32(body)) + body

    def raw(self, body: bytes, *, count: int, attributes: int = 0, last_offset_delta: int | None = None) -> bytes:
        """A batch of magic 2 around any bytes, with a right checksum."""
        delta = count - 1 if last_offset_delta is None else last_offset_delta
        rest = struct.pack(">hiqqqhii", attributes, delta, 1000, 1000, -1, -1, -1, count) + body
        return struct.pack(">qiibI", 0, len(rest) + 9, -1, 2, crc32c_cython(rest)) + rest


@pytest.fixture(scope="session")
def oracle() -> Oracle:
    return Oracle()


@pytest.fixture(scope="session")
def batches() -> Batches:
    return Batches()


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture(scope="session")
def connect(oracle: Oracle) -> Callable[[Broker], Client]:
    return lambda broker: Client(Connection(broker, advertised=("mock.test", 9092)), oracle)


@pytest.fixture
def client(broker: Broker, connect: Callable[[Broker], Client]) -> Client:
    return connect(broker)
