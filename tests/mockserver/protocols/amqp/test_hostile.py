"""Whatever comes, `receive` raises nothing, answers in well-formed frames and acknowledges nothing unsettled."""

import random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pamqp import commands, frame, header

from ftcrm.mockserver.protocols.amqp import Closed, Connection, Limits, ProtocolError, Published, Topology
from ftcrm.mockserver.protocols.amqp import frames as our_frames
from ftcrm.mockserver.protocols.amqp.methods import METHODS

PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
HANDSHAKE = PROTOCOL_HEADER + b"".join(
    frame.marshal(method, channel)
    for method, channel in (
        (commands.Connection.StartOk({}, "PLAIN", "\0guest\0guest", "en_US"), 0),
        (commands.Connection.TuneOk(2047, 131072, 0), 0),
        (commands.Connection.Open("/"), 0),
        (commands.Channel.Open(), 1),
        (commands.Channel.Open(), 2),
    )
)
SMALL = Limits(max_body=64, keep_prefix=8, max_buffered=512)

ids = st.sampled_from([method.prefix for method in METHODS.values()])
method_payloads = st.builds(bytes.__add__, ids, st.binary(max_size=30))
header_payloads = st.builds(
    lambda size, flags, rest: b"\x00\x3c\x00\x00" + size.to_bytes(8, "big") + flags + rest,
    st.integers(0, 100) | st.integers(0, (1 << 64) - 1),
    st.binary(min_size=2, max_size=2),
    st.binary(max_size=40),
)
valid = st.sampled_from(
    [
        frame.marshal(method, channel)
        for channel in (1, 2)
        for method in (
            commands.Basic.Publish(exchange="x", routing_key="k", mandatory=True),
            header.ContentHeader(0, 0, commands.Basic.Properties()),
            header.ContentHeader(0, 5, commands.Basic.Properties(headers={"a": 1})),
            header.ContentHeader(0, 99, commands.Basic.Properties()),
            commands.Confirm.Select(),
            commands.Tx.Select(),
            commands.Tx.Commit(),
            commands.Tx.Rollback(),
            commands.Channel.Open(),
            commands.Channel.Close(200, "", 0, 0),
            commands.Channel.CloseOk(),
            commands.Queue.Declare(),
            commands.Queue.Declare(queue="q"),
            commands.Exchange.Declare(exchange="x", exchange_type="topic"),
            commands.Exchange.Delete(exchange="x"),
        )
    ]
    + [our_frames.frame(3, channel, bytes(size)) for channel in (1, 2) for size in (0, 5, 94)]
    + [frame.marshal(commands.Connection.Close(200, "", 0, 0), 0), frame.marshal(commands.Connection.CloseOk(), 0)]
)
hostile = st.one_of(
    st.builds(our_frames.frame, st.integers(0, 255), st.integers(0, 3), st.binary(max_size=20)),
    st.builds(our_frames.frame, st.just(1), st.integers(0, 3), method_payloads),
    st.builds(our_frames.frame, st.just(2), st.integers(0, 3), header_payloads),
    st.binary(max_size=30),
)
streams = st.lists(st.one_of(valid, valid, valid, hostile), max_size=25)


def connection(strict: bool = False) -> Connection:
    return Connection(server_version="1", limits=SMALL, topology=Topology() if strict else None)


def check_output(data: bytes) -> None:
    """What is sent is the protocol header, or frames that pamqp reads."""
    if data.endswith(PROTOCOL_HEADER):
        data = data[: -len(PROTOCOL_HEADER)]
    while data:
        size, _, _ = frame.unmarshal(data)
        data = data[size:]


def check_events(events: list[Any]) -> None:
    assert [isinstance(event, Closed) for event in events].count(True) <= 1
    tokens = [event.token for event in events if isinstance(event, Published)]
    assert tokens == list(range(1, len(tokens) + 1))
    assert all(len(event.sample) <= 64 for event in events if isinstance(event, ProtocolError))


@given(st.lists(st.binary(max_size=64), max_size=5))
@example([b"GET / HTTP/1.1\r\n\r\n"])
def test_any_opening_is_survived(pieces: list[bytes]) -> None:
    machine = connection()
    events = [event for piece in pieces for event in machine.receive(piece)]
    check_output(machine.data_to_send())
    check_events(events + machine.eof())


@given(st.lists(hostile, max_size=6))
def test_anything_within_the_handshake_is_survived(pieces: list[bytes]) -> None:
    machine = connection()
    events = [event for piece in [PROTOCOL_HEADER, *pieces] for event in machine.receive(piece)]
    check_output(machine.data_to_send())
    check_events(events + machine.eof())


@pytest.mark.parametrize("strict", [False, True])
@given(pieces=streams, settling=st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_anything_after_the_handshake_is_survived(strict: bool, pieces: list[bytes], settling: random.Random) -> None:
    machine = connection(strict)
    events: list[Any] = []
    unsettled: list[int] = []
    for piece in [HANDSHAKE, *pieces]:
        came = machine.receive(piece)
        events += came
        unsettled += [event.token for event in came if isinstance(event, Published)]
        settling.shuffle(unsettled)
        count = settling.randint(0, len(unsettled))
        machine.settle(unsettled[:count], ok=settling.random() < 0.9)
        del unsettled[:count]
        check_output(machine.data_to_send())
    events += machine.eof()
    check_events(events)
    assert machine.closed


@given(pieces=streams)
@settings(max_examples=200)
def test_nothing_is_confirmed_or_closed_before_it_is_settled(pieces: list[bytes]) -> None:
    machine = connection()
    events = [event for piece in [HANDSHAKE, *pieces] for event in machine.receive(piece)]
    data = machine.data_to_send()
    published = [event for event in events if isinstance(event, Published)]
    while data:
        size, channel, value = frame.unmarshal(data)
        data = data[size:]
        assert value.name not in ("Basic.Ack", "Basic.Nack")
        if value.name in ("Connection.CloseOk", "Connection.Close"):
            assert not published
        assert not (value.name == "Channel.CloseOk" and any(event.channel == channel for event in published))


@given(pieces=streams, data=st.data())
@settings(max_examples=100)
def test_events_do_not_depend_on_how_the_stream_is_cut(pieces: list[bytes], data: st.DataObject) -> None:
    def without_samples(events: list[Any]) -> list[Any]:
        return [event.reason if isinstance(event, ProtocolError) else event for event in events]

    stream = HANDSHAKE + b"".join(pieces)
    whole, cut = connection(), connection()
    expected = without_samples(whole.receive(stream))
    at = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=4)))
    got = [
        event
        for start, stop in zip([0, *at], [*at, len(stream)], strict=True)
        for event in cut.receive(stream[start:stop])
    ]
    assert without_samples(got) == expected
    assert cut.data_to_send() == whole.data_to_send()
    assert cut.closed == whole.closed
