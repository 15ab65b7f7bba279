import hashlib
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pamqp import body, commands, header
from pamqp import frame as pamqp_frame

from ftcrm.mockserver.protocols.amqp import Connection, Limits, Properties, ProtocolError, Published
from ftcrm.mockserver.protocols.amqp.frames import frame

Connect = Callable[..., Any]


def test_a_message_is_given_with_all_that_came(connect: Connect) -> None:
    client = connect()
    [event] = client.send(
        client.publish(
            b'{"a":1}', exchange="x", routing_key="k", mandatory=True, message_type="CASINO", headers={"n": [1, None]}
        )
    )
    assert event == Published(
        token=1,
        channel=1,
        exchange="x",
        routing_key="k",
        mandatory=True,
        immediate=False,
        properties=Properties(type="CASINO", headers={"n": [1, None]}),
        body=b'{"a":1}',
        body_size=7,
    )
    assert client.names() == []


def test_an_empty_body_has_no_frame(connect: Connect) -> None:
    client = connect()
    events = client.send(client.publish(b""), client.publish(b"next"))
    assert [event.body for event in events] == [b"", b"next"]


@pytest.mark.parametrize("step", [1, 7, 100])
def test_a_body_may_come_in_many_frames(connect: Connect, step: int) -> None:
    client = connect()
    content = bytes(range(100))
    [event] = client.send(client.publish(content, step=step))
    assert (event.body, event.body_size, event.body_sha256, event.truncated) == (content, 100, None, False)


def test_empty_body_frames_add_nothing(connect: Connect) -> None:
    client = connect()
    start = client.publish(b"ab", step=2)
    head, tail = start[: -len(frame(3, 1, b"ab"))], frame(3, 1, b"ab")
    [event] = client.send(head, frame(3, 1, b""), tail)
    assert event.body == b"ab"


def test_channels_interleave(connect: Connect) -> None:
    client = connect(channels=2)

    def pieces(channel: int, content: bytes) -> list[bytes]:
        stream = client.publish(content, channel=channel, step=2)
        return [pamqp_frame.marshal(value, number) for number, value in client.parse(stream)]

    one, two = pieces(1, b"aabbcc"), pieces(2, b"xxyyzz")
    events = client.send(*(each for pair in zip(one, two, strict=True) for each in pair))
    assert [(event.channel, event.body) for event in events] == [(1, b"aabbcc"), (2, b"xxyyzz")]


STREAM_PARTS = (
    {"content": b"one", "message_type": "CASINO"},
    {"content": b""},
    {"content": b"three" * 20, "step": 7, "headers": {"k": "v"}},
)


def test_a_split_at_every_byte_gives_the_same_events(connect: Connect) -> None:
    reference = connect()
    stream = reference.method(commands.Confirm.Select()) + b"".join(reference.publish(**part) for part in STREAM_PARTS)
    expected = reference.send(stream)
    assert len(expected) == 3
    for at in range(len(stream)):
        client = connect()
        assert client.send(stream[:at]) + client.send(stream[at:]) == expected
    client = connect()
    assert [event for byte in stream for event in client.send(bytes([byte]))] == expected


def test_a_split_handshake_is_the_same_handshake(greet: Connect, connect: Connect) -> None:
    whole = greet(4)
    client = greet(0)
    stream = client.header + client.method(
        commands.Connection.StartOk({"product": "test"}, "PLAIN", "\0guest\0secret", "en_US"), 0
    )
    for byte in stream:
        assert client.send(bytes([byte])) == []
    assert client.names() == ["0 Connection.Start", "0 Connection.Tune"]
    assert whole.send(commands.Channel.Open()) == []
    assert whole.names() == ["1 Channel.OpenOk"]


@pytest.mark.parametrize("at", [1, 2])
def test_a_message_that_is_cut_off_is_none(connect: Connect, at: int) -> None:
    client = connect()
    frames = [pamqp_frame.marshal(value, 1) for _, value in client.parse(client.publish(b"ab"))]
    assert client.send(*frames[:at]) == []
    assert len(client.connection.eof()) == 1


PUBLISH = pamqp_frame.marshal(commands.Basic.Publish(exchange="x"), 1)


def head(size: int, **arguments: Any) -> bytes:
    return pamqp_frame.marshal(header.ContentHeader(0, size, commands.Basic.Properties(**arguments)), 1)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (head(1), 505),
        (frame(3, 1, b"x"), 505),
        (PUBLISH + PUBLISH, 505),
        (PUBLISH + frame(3, 1, b"x"), 505),
        (PUBLISH + head(1) + PUBLISH, 505),
        (PUBLISH + head(1) + head(1), 505),
        (PUBLISH + pamqp_frame.marshal(commands.Channel.Close(200, "", 0, 0), 1), 505),
        (PUBLISH + head(1) + frame(3, 1, b"xx"), 501),
        (PUBLISH + head(3) + frame(3, 1, b"xx") + frame(3, 1, b"xx"), 501),
        (PUBLISH + frame(2, 1, b"short"), 501),
        (PUBLISH + frame(2, 1, b"\x00\x32" + bytes(12)), 505),
        (PUBLISH + frame(2, 1, b"\x00\x3c\x00\x01" + bytes(10)), 502),
        (PUBLISH + frame(2, 1, b"\x00\x3c" + bytes(10) + b"\x80\x00\xff"), 502),
        (PUBLISH + frame(2, 1, b"\x00\x3c" + bytes(10)), 501),
        (frame(1, 1, b"\x00\x3c\x00\x28\x00\x00\x05"), 502),
    ],
)
def test_a_wrong_frame_within_content_closes_the_connection(connect: Connect, data: bytes, code: int) -> None:
    client = connect()
    events = client.send(data)
    close = client.only()
    assert (close.name, close.reply_code) == ("Connection.Close", code)
    assert [type(event) for event in events] == [ProtocolError]


def test_a_wrong_frame_on_another_channel_names_the_publish(connect: Connect) -> None:
    client = connect()
    client.send(PUBLISH, frame(3, 1, b"x"))
    close = client.only()
    assert (close.class_id, close.method_id) == (60, 40)


def test_a_body_above_the_limit_is_kept_in_part_and_refused(connect: Connect) -> None:
    client = connect(channels=2)
    content = bytes(range(256)) * 8000
    events = client.send(client.publish(content, step=131064), client.publish(b"late"))
    published, error = events
    assert (published.body, published.body_size) == (content[:65536], len(content))
    assert published.body_sha256 == hashlib.sha256(content).hexdigest()
    assert published.truncated
    assert error.reason.startswith("406 PRECONDITION_FAILED - message size 2048000 is larger than")
    assert client.names() == []
    client.settle_all(events)
    close = client.only()
    assert (close.name, close.reply_code, close.class_id, close.method_id) == ("Channel.Close", 406, 60, 40)
    client.send(commands.Queue.Declare(queue="q"), channel=2)
    assert client.names() == ["2 Queue.DeclareOk"]


def test_a_body_above_the_limit_is_not_confirmed(connect: Connect) -> None:
    client = connect(limits=Limits(max_body=3, keep_prefix=2))
    client.send(commands.Confirm.Select())
    events = client.send(client.publish(b"abc"), client.publish(b"abcd"))
    client.settle_all(events)
    assert client.names() == ["1 Confirm.SelectOk", "1 Basic.Ack", "1 Channel.Close"]


def test_a_body_above_the_limit_is_never_held(connect: Connect) -> None:
    client = connect()
    size = 64 << 20
    client.send(PUBLISH, head(size))
    piece = body.ContentBody(bytes(131064))
    data = pamqp_frame.marshal(piece, 1)
    tracemalloc.start()
    for _ in range(size // 131064):
        client.send(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20
    [published, _] = client.send(pamqp_frame.marshal(body.ContentBody(bytes(size % 131064)), 1))
    assert published.body_size == size


def test_unfinished_bodies_are_bounded_together(connect: Connect) -> None:
    client = connect(channels=3, limits=Limits(max_body=1000, max_buffered=2000))
    for channel in (1, 2):
        client.send(client.publish(bytes(1000), channel=channel, step=900)[:-108])
    events = client.send(client.publish(bytes(1000), channel=3, step=900))
    assert [type(event) for event in events] == [ProtocolError]
    close = client.only()
    assert (close.name, close.reply_code) == ("Channel.Close", 506)
    [event] = client.send(client.publish(bytes(1000), channel=1, step=900)[-108:])
    assert event.body == bytes(1000)
    client.send(commands.Channel.CloseOk(), commands.Channel.Open(), channel=3)
    [event] = client.send(client.publish(bytes(1000), channel=3, step=900))
    assert event.channel == 3


@given(st.lists(st.binary(max_size=300), max_size=6), st.integers(1, 50))
@settings(max_examples=60)
def test_bodies_come_out_as_they_went_in(contents: list[bytes], step: int) -> None:
    machine = Connection(server_version="1")
    machine.receive(OPENING)
    stream = b"".join(
        PUBLISH
        + head(len(content))
        + b"".join(frame(3, 1, content[at : at + step]) for at in range(0, len(content), step))
        for content in contents
    )
    assert [event.body for event in machine.receive(stream) if isinstance(event, Published)] == contents


OPENING = b"AMQP\x00\x00\x09\x01" + b"".join(
    pamqp_frame.marshal(method, channel)
    for method, channel in (
        (commands.Connection.StartOk({}, "PLAIN", "\0guest\0guest", "en_US"), 0),
        (commands.Connection.TuneOk(2047, 131072, 0), 0),
        (commands.Connection.Open("/"), 0),
        (commands.Channel.Open(), 1),
    )
)


def test_many_routing_keys_are_all_kept_apart(connect: Connect) -> None:
    client = connect()
    events = client.send(*(client.publish(routing_key=f"k{n}") for n in range(3000)))
    assert [event.routing_key for event in events] == [f"k{n}" for n in range(3000)]


def test_names_that_are_no_utf8_keep_their_bytes(connect: Connect) -> None:
    client = connect()
    payload = b"\x00\x3c\x00\x28\x00\x00\x01\xff\x02\xc3\x28\x00"
    [event] = client.send(frame(1, 1, payload), head(0))
    assert event.exchange.encode("utf-8", "surrogateescape") == b"\xff"
    assert event.routing_key.encode("utf-8", "surrogateescape") == b"\xc3\x28"


def test_immediate_is_taken_where_everything_is(connect: Connect) -> None:
    client = connect()
    [event] = client.send(client.publish(immediate=True))
    assert (event.immediate, client.names()) == (True, [])
