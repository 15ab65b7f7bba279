"""A client for the machine, made of pamqp: an independent codec on the other side of every test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pamqp import base, body, commands, frame, header, heartbeat

from ftcrm.mockserver.protocols.amqp import Connection, Event, Published

PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"


def method_bytes(method: base.Frame, channel: int = 1) -> bytes:
    return frame.marshal(method, channel)


def publish_bytes(
    content: bytes = b"{}",
    *,
    exchange: str = "ftcrm",
    routing_key: str = "casino",
    channel: int = 1,
    mandatory: bool = False,
    immediate: bool = False,
    step: int = 4088,
    **properties: Any,
) -> bytes:
    """basic.publish, header and as many body frames as `step` asks for."""
    method = commands.Basic.Publish(
        exchange=exchange, routing_key=routing_key, mandatory=mandatory, immediate=immediate
    )
    head = header.ContentHeader(0, len(content), commands.Basic.Properties(**properties))
    bodies = [body.ContentBody(content[at : at + step]) for at in range(0, len(content), step)]
    return b"".join(frame.marshal(each, channel) for each in (method, head, *bodies))


def parse(data: bytes) -> Iterator[tuple[int, Any]]:
    while data:
        size, channel, value = frame.unmarshal(data)
        data = data[size:]
        yield channel, value


class Client:
    """Feeds a machine and reads its answers with pamqp."""

    header = PROTOCOL_HEADER
    method = staticmethod(method_bytes)
    publish = staticmethod(publish_bytes)
    parse = staticmethod(parse)

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def send(self, *messages: base.Frame | bytes, channel: int = 1, now: float = 0.0) -> list[Event]:
        data = b"".join(each if isinstance(each, bytes) else method_bytes(each, channel) for each in messages)
        return self.connection.receive(data, now)

    def received(self) -> list[tuple[int, Any]]:
        return list(parse(self.connection.data_to_send()))

    def names(self) -> list[str]:
        """What came, as "channel Class.Method"."""
        return [f"{channel} {value.name}" for channel, value in self.received()]

    def only(self) -> Any:
        """The single frame that came."""
        [(_, value)] = self.received()
        return value

    def settle_all(self, events: list[Event], *, ok: bool = True) -> None:
        self.connection.settle([event.token for event in events if isinstance(event, Published)], ok=ok)


def handshake_bytes(*, vhost: str = "/", frame_max: int = 131072, heartbeat: int = 0) -> list[bytes]:
    return [
        PROTOCOL_HEADER,
        method_bytes(commands.Connection.StartOk({"product": "test"}, "PLAIN", "\0guest\0secret", "en_US"), 0),
        method_bytes(commands.Connection.TuneOk(2047, frame_max, heartbeat), 0),
        method_bytes(commands.Connection.Open(vhost), 0),
    ]


Connect = Callable[..., Client]


@pytest.fixture
def connect() -> Connect:
    """Give a client whose handshake is done and whose channels 1 (and more) are open; nothing is left to read."""

    def make(
        *, channels: int = 1, vhost: str = "/", frame_max: int = 131072, heartbeat: int = 0, **options: Any
    ) -> Client:
        client = Client(Connection(server_version="1.2.3", **options))
        client.send(*handshake_bytes(vhost=vhost, frame_max=frame_max, heartbeat=heartbeat))
        for channel in range(1, channels + 1):
            client.send(commands.Channel.Open(), channel=channel)
        client.connection.data_to_send()
        return client

    return make


@pytest.fixture
def greet() -> Connect:
    """Give a client that has sent nothing, or the first `steps` parts of the handshake."""

    def make(steps: int = 0, **options: Any) -> Client:
        client = Client(Connection(server_version="1.2.3", **options))
        client.send(*handshake_bytes()[:steps])
        client.connection.data_to_send()
        return client

    return make


@pytest.fixture
def heartbeat_bytes() -> bytes:
    return heartbeat.Heartbeat().marshal()
