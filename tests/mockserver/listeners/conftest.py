"""A transport and a clock for shells without sockets, and clients that speak AMQP (pamqp) and Kafka (by hand)."""

import asyncio
import struct
from collections.abc import Callable, Coroutine, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.record._crecords import DefaultRecordBatchBuilder
from pamqp import body, commands, frame, header

from ftcrm.mockserver.listeners.amqp import AmqpListener
from ftcrm.mockserver.listeners.kafka import KafkaListener
from ftcrm.mockserver.protocols import kafka

CONFIRM = commands.Confirm.Select()


class FakeTransport(asyncio.Transport):
    """Keeps what is written and what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.reading = True
        self.told: list[str] = []

    def write(self, data: Any) -> None:
        assert not self.is_closing()
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return "close" in self.told or "abort" in self.told

    def close(self) -> None:
        self.told.append("close")

    def abort(self) -> None:
        self.told.append("abort")

    def pause_reading(self) -> None:
        assert not self.is_closing()
        self.reading = False
        self.told.append("pause")

    def resume_reading(self) -> None:
        assert not self.is_closing()
        self.reading = True
        self.told.append("resume")


class Clock:
    """The running loop's time, by hand; `timers` are those that are set and neither cancelled nor over."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self._handles: list[asyncio.TimerHandle] = []
        loop = asyncio.get_running_loop()
        call_at = loop.call_at

        def keep(when: float, callback: Any, *args: Any, **more: Any) -> asyncio.TimerHandle:
            handle = call_at(when, callback, *args, **more)
            self._handles.append(handle)
            return handle

        loop.time = lambda: self.now  # type: ignore[method-assign]
        loop.call_at = keep  # type: ignore[method-assign,assignment]

    @property
    def timers(self) -> list[float]:
        return sorted(
            handle.when() - self.now for handle in self._handles if not handle.cancelled() and handle.when() > self.now
        )

    async def forward(self, seconds: float) -> None:
        """Let time pass, a second at a time, and what is due happen."""
        while seconds > 0:
            step = min(seconds, 1.0)
            self.now += step
            seconds -= step
            await asyncio.sleep(0)
            await asyncio.sleep(0)


class Peer:
    """One connection to a listener: its shell, and the transport under it."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.transport = FakeTransport()
        shell.connection_made(self.transport)

    def send(self, *parts: bytes) -> None:
        self.shell.data_received(b"".join(parts))

    def gone(self, error: Exception | None = None) -> None:
        self.shell.connection_lost(error)

    def read(self) -> bytes:
        """What was written since the last time."""
        written, self.transport.written = self.transport.written, b""
        return written


class AmqpPeer(Peer):
    """An AMQP client with one open channel in confirm mode, unless told otherwise."""

    def __init__(self, shell: Any, *, vhost: str = "/", heartbeat: int = 0, mode: Any = CONFIRM) -> None:
        super().__init__(shell)
        self.send(b"AMQP\x00\x00\x09\x01")
        self.method(commands.Connection.StartOk({}, "PLAIN", "\0guest\0guest", "en_US"), channel=0)
        self.method(commands.Connection.TuneOk(2047, 131072, heartbeat), channel=0)
        self.method(commands.Connection.Open(vhost), channel=0)
        self.method(commands.Channel.Open())
        if mode is not None:
            self.method(mode)
        self.read()

    def method(self, method: Any, *, channel: int = 1) -> None:
        self.send(frame.marshal(method, channel))

    def publish(self, *contents: bytes, **properties: Any) -> None:
        """All in one piece."""
        self.send(*[publish_bytes(content, **properties) for content in contents])

    def answers(self) -> list[str]:
        """The names of the frames that came, with the tags of confirms."""
        data, names = self.read(), []
        while data:
            size, _, value = frame.unmarshal(data)
            data = data[size:]
            tag = getattr(value, "delivery_tag", None)
            code = getattr(value, "reply_code", None)
            names.append(" ".join(str(part) for part in (value.name, tag, code) if part is not None))
        return names


def publish_bytes(content: bytes, **properties: Any) -> bytes:
    parts = [
        commands.Basic.Publish(exchange="ftcrm", routing_key="casino"),
        header.ContentHeader(0, len(content), commands.Basic.Properties(**{"message_type": "CASINO", **properties})),
        *[body.ContentBody(content[start : start + 100_000]) for start in range(0, len(content), 100_000)],
    ]
    return b"".join(frame.marshal(part, 1) for part in parts)


class KafkaPeer(Peer):
    """A Kafka client that speaks Produce 3 and what transactions need."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._correlation = 0

    def request(self, key: int, version: int, content: bytes) -> bytes:
        self._correlation += 1
        head = struct.pack(">hhih", key, version, self._correlation, -1)
        return struct.pack(">i", len(head) + len(content)) + head + content

    def produce(self, *values: bytes, topic: str = "casino", acks: int = -1, **batch: Any) -> bytes:
        records = batch_bytes(values, **batch)
        transactional = batch.get("transactional_id")
        return self.request(
            0,
            3,
            b"".join(
                [
                    string(transactional),
                    struct.pack(">hii", acks, 1_000, 1),
                    string(topic),
                    struct.pack(">iii", 1, 0, len(records)),
                    records,
                ]
            ),
        )

    def metadata(self) -> bytes:
        return self.request(3, 1, struct.pack(">i", 0))

    def init(self, transactional_id: str) -> bytes:
        return self.request(22, 0, string(transactional_id) + struct.pack(">i", 1_000))

    def add(self, transactional_id: str, producer: tuple[int, int], topic: str = "casino") -> bytes:
        head = string(transactional_id) + struct.pack(">qhi", *producer, 1)
        return self.request(24, 0, head + string(topic) + struct.pack(">ii", 1, 0))

    def end(self, transactional_id: str, producer: tuple[int, int], *, committed: bool) -> bytes:
        return self.request(26, 0, string(transactional_id) + struct.pack(">qh?", *producer, committed))

    def answers(self) -> Iterator[tuple[int, bytes]]:
        """(correlation id, body) of each answer that came, in order."""
        data = self.read()
        while data:
            (length, correlation) = struct.unpack_from(">ii", data)
            yield correlation, data[8 : 4 + length]
            data = data[4 + length :]

    def correlations(self) -> list[int]:
        return [correlation for correlation, _ in self.answers()]

    def results(self) -> list[tuple[int, int]]:
        """(error code, base offset) of each Produce answer for one partition of the topic `casino`."""
        return [struct.unpack_from(">hq", answer, 4 + 2 + len("casino") + 4 + 4) for _, answer in self.answers()]


def string(text: str | None) -> bytes:
    return struct.pack(">h", -1) if text is None else struct.pack(">h", len(text)) + text.encode()


def batch_bytes(
    values: Sequence[bytes],
    *,
    headers: Sequence[tuple[str, bytes | None]] = (("type", b"CASINO"),),
    producer: tuple[int, int] | None = None,
    base_sequence: int = 0,
    transactional_id: str | None = None,
) -> bytes:
    identity = (-1, -1, -1) if producer is None else (*producer, base_sequence)
    builder = DefaultRecordBatchBuilder(2, 0, int(transactional_id is not None), *identity, 1 << 30)
    for offset, value in enumerate(values):
        builder.append(offset, 1_700_000_000_000, None, value, list(headers))
    return bytes(builder.build())


class Listeners:
    """The stream listeners of one stand, for tests that run in a loop."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        self.amqp_listener = AmqpListener(desk.intake, desk.errors, version="1", max_body=desk.max_body)
        limits = kafka.Limits(max_record=desk.max_body)
        self.kafka_listener = KafkaListener(
            kafka.Broker(limits=limits), desk.intake, desk.errors, advertised=("stand.test", 9092)
        )

    def amqp(self, **options: Any) -> AmqpPeer:
        return AmqpPeer(self.amqp_listener.connect(), **options)

    def kafka(self) -> KafkaPeer:
        return KafkaPeer(self.kafka_listener.connect())


async def turn(times: int = 3) -> None:
    """Let the loop go round: what was taken is committed, and answered."""
    for _ in range(times):
        await asyncio.sleep(0)


def in_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run it in a loop whose callbacks may not raise."""
    faults: list[dict[str, Any]] = []

    async def watched() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
        await test()

    asyncio.run(watched())
    assert faults == []


@pytest.fixture(scope="session")
def streams() -> Any:
    return SimpleNamespace(
        Clock=Clock,
        Peer=Peer,
        Listeners=Listeners,
        Transport=FakeTransport,
        in_loop=in_loop,
        turn=turn,
        publish_bytes=publish_bytes,
    )
