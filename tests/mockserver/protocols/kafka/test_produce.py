"""Produce requests: acknowledgement modes, offsets, refusals, and what a refused settlement undoes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.mockserver.protocols.kafka import Broker, Closed, Connection, ErrorCode, Produced, Rejected

STORAGE = ErrorCode.KAFKA_STORAGE_ERROR


@pytest.mark.parametrize("version", range(3, 13))
@pytest.mark.parametrize("acks", [1, -1])
def test_a_response_waits_for_the_settlement(client: Any, batches: Any, version: int, acks: int) -> None:
    event = client.produced(("t", 0, batches.batch(2)), version=version, acks=acks)
    assert (event.acks, event.api_version, event.transactional_id) == (acks, version, None)
    assert client.connection.data_to_send() == b""
    client.connection.settle(event.token)
    (answer,) = client.answers()
    (row,) = answer["topics"][0]["partitions"]
    assert (row["index"], row["error_code"], row["base_offset"], row["log_append_time_ms"]) == (0, 0, 0, -1)
    assert row.get("log_start_offset", 0) == 0
    assert row.get("error_message") is None
    assert row.get("record_errors", []) == []


@pytest.mark.parametrize(
    ("version", "tail"), [(0, b""), (1, bytes(4)), (2, b"\xff" * 8 + bytes(4))], ids=["v0", "v1", "v2"]
)
@pytest.mark.parametrize("magic", [0, 1, 2])
def test_clients_that_never_ask_for_versions(client: Any, batches: Any, version: int, tail: bytes, magic: int) -> None:
    data = batches.batch(2) if magic == 2 else batches.message_set([b"a", b"b"], magic=magic)
    body = struct.pack(">hii", 1, 1000, 1) + b"\0\1t" + struct.pack(">iii", 1, 0, len(data)) + data
    frame = struct.pack(">hhih", 0, version, 9, -1) + body
    (event,) = client.connection.receive(struct.pack(">i", len(frame)) + frame)
    assert isinstance(event, Produced)
    assert event.client_id is None
    assert len(event.batches[0].records) == 2
    client.connection.settle(event.token)
    expected = struct.pack(">ii", 9, 1) + b"\0\1t" + struct.pack(">iihq", 1, 0, 0, 0) + tail
    assert client.connection.data_to_send() == struct.pack(">i", len(expected)) + expected


def test_offsets_continue_from_the_journal(connect: Callable[[Broker], Any], batches: Any) -> None:
    client = connect(Broker(next_offsets={("t", 0): 1000}))
    for base in (1000, 1003):
        event = client.produced(("t", 0, batches.batch(3)))
        assert [record.offset for record in event.batches[0].records] == [base, base + 1, base + 2]
        client.connection.settle(event.token)
        assert client.results() == [(0, base)]


def test_one_event_for_all_partitions_of_a_request(connect: Callable[[Broker], Any], batches: Any) -> None:
    client = connect(Broker(partitions=3))
    event = client.produced(("t", 2, batches.batch(1)), ("t", 0, batches.batch(2)), ("u", 1, batches.batch(3)))
    assert [(batch.topic, batch.partition, len(batch.records)) for batch in event.batches] == [
        ("t", 2, 1),
        ("t", 0, 2),
        ("u", 1, 3),
    ]
    client.connection.settle(event.token)
    assert client.results() == [(0, 0)] * 3


@pytest.mark.parametrize(("topic", "partition", "error"), [("t", 1, 3), ("t", -1, 3), ("a b", 0, 17), ("", 0, 17)])
def test_partitions_that_cannot_be_written(client: Any, batches: Any, topic: str, partition: int, error: int) -> None:
    rejected, event = client.produce((topic, partition, batches.batch()), ("t", 0, batches.batch()))
    assert isinstance(rejected, Rejected)
    assert (rejected.topic, rejected.partition) == (topic, partition)
    client.connection.settle(event.token)
    (answer,) = client.answers()
    first, second = (row for topic in answer["topics"] for row in topic["partitions"])
    assert (first["error_code"], first["base_offset"], first["log_start_offset"]) == (error, -1, -1)
    assert first["error_message"] == rejected.reason
    assert second["error_code"] == 0


def test_unknown_topics_without_auto_creation(connect: Callable[[Broker], Any], batches: Any) -> None:
    client = connect(Broker(auto_create=False, next_offsets={("known", 0): 0}))
    assert isinstance(client.produced(("known", 0, batches.batch()), acks=0), Produced)
    (rejected,) = client.produce(("t", 0, batches.batch()))
    assert isinstance(rejected, Rejected)
    assert client.results() == [(3, -1)]


@pytest.mark.parametrize("acks", [2, -2, 100])
def test_acks_that_do_not_exist(client: Any, batches: Any, acks: int) -> None:
    (rejected,) = client.produce(("t", 0, batches.batch()), acks=acks)
    assert f"got {acks}" in rejected.reason
    assert client.results() == [(21, -1)]


def test_an_empty_request_is_answered(client: Any) -> None:
    assert client.produce() == []
    (answer,) = client.answers()
    assert answer["topics"] == []


def test_acks_0_has_a_token_and_no_response(client: Any, batches: Any) -> None:
    event = client.produced(("t", 0, batches.batch()), acks=0)
    later = client.produced(("t", 0, batches.batch()))
    client.connection.settle(later.token)
    assert client.results() == [(0, 1)]
    client.connection.settle(event.token)
    assert client.connection.data_to_send() == b""
    assert not client.connection.closed


def test_acks_0_closes_when_refused(client: Any, batches: Any) -> None:
    event = client.produced(("t", 0, batches.batch()), acks=0)
    client.connection.settle(event.token, error=STORAGE)
    assert client.connection.closed
    assert client.connection.data_to_send() == b""
    assert client.connection.eof() == [Closed()]
    assert client.connection.eof() == []


def test_acks_0_closes_when_a_batch_is_bad(client: Any) -> None:
    rejected, closed = client.produce(("t", 0, b"bad"), acks=0)
    assert isinstance(rejected, Rejected)
    assert closed == Closed()
    assert client.connection.closed


@pytest.mark.parametrize("error", [56, 7, 19])
def test_a_refused_request_gets_the_error_on_all_partitions(client: Any, batches: Any, error: int) -> None:
    rejected, event = client.produce(("t", 0, batches.batch()), ("u", 0, batches.batch()), ("v", 0, b""))
    assert isinstance(rejected, Rejected)
    client.connection.settle(event.token, error=error)
    assert client.results() == [(error, -1), (error, -1), (2, -1)]


def test_a_refused_request_gives_its_offsets_back(client: Any, batches: Any, broker: Broker) -> None:
    event = client.produced(("t", 0, batches.batch(3)), ("t", 0, batches.batch(2)))
    assert broker.next_offset("t", 0) == 5
    client.connection.settle(event.token, error=STORAGE)
    assert broker.next_offset("t", 0) == 0


def test_offsets_behind_later_ones_become_a_gap(client: Any, batches: Any, broker: Broker) -> None:
    first = client.produced(("t", 0, batches.batch(3)))
    second = client.produced(("t", 0, batches.batch(2)))
    client.connection.settle(first.token, error=STORAGE)
    client.connection.settle(second.token)
    assert client.results() == [(56, -1), (0, 3)]
    assert broker.next_offset("t", 0) == 5


def test_requests_pipelined_in_one_read(client: Any, batches: Any) -> None:
    frames = b"".join(client.produce_frame(("t", 0, batches.batch(2))) for _ in range(20))
    events = client.connection.receive(frames)
    assert [event.batches[0].base_offset for event in events] == list(range(0, 40, 2))
    for event in reversed(events):
        client.connection.settle(event.token)
    assert client.results() == [(0, base) for base in range(0, 40, 2)]


@given(st.lists(st.tuples(st.integers(1, 3), st.booleans()), min_size=1, max_size=8), st.randoms())
def test_answers_tell_the_truth_in_any_order_of_settlement(
    connect: Callable[[Broker], Any], batches: Any, requests: list[tuple[int, bool]], random: Any
) -> None:
    broker = Broker()
    client = connect(broker)
    events = [(client.produced(("t", 0, batches.batch(size))), fine) for size, fine in requests]
    expected = [(0, event.batches[0].base_offset) if fine else (56, -1) for event, fine in events]
    random.shuffle(events)
    for event, fine in events:
        client.connection.settle(event.token, error=0 if fine else 56)
    assert client.results() == expected
    taken = [offset for error, offset in expected if not error]
    assert len(set(taken)) == len(taken)
    assert broker.next_offset("t", 0) > max(taken, default=-1)


frames = st.binary(max_size=120).map(lambda body: struct.pack(">i", len(body)) + body)
requests = st.tuples(
    st.sampled_from([0, 1, 2, 3, 10, 17, 18, 19, 22, 24, 26, 36, 99]),
    st.integers(-1, 13),
    st.binary(max_size=120),
).map(lambda row: struct.pack(">hhih", row[0], row[1], 7, -1) + row[2])
framed = requests.map(lambda body: struct.pack(">i", len(body)) + body)


@given(st.lists(st.binary(max_size=60) | frames | framed, max_size=6))
def test_hostile_bytes_never_raise(chunks: list[bytes]) -> None:
    connection = Connection(Broker(), advertised=("h", 1))
    for chunk in chunks:
        for event in connection.receive(chunk):
            if isinstance(event, Produced):
                connection.settle(event.token)
    connection.eof()
    assert connection.closed
    assert isinstance(connection.data_to_send(), bytes)


@given(st.data())
def test_damaged_requests_never_raise(oracle: Any, connect: Any, batches: Any, data: st.DataObject) -> None:
    client = connect(Broker())
    version = data.draw(st.integers(3, 12))
    part = ("t", 0, batches.batch(3, codec=1, headers=[("h", None)]))
    frame = bytearray(client.produce_frame(part, part, version=version, transactional_id="x"))
    for _ in range(data.draw(st.integers(1, 4))):
        frame[data.draw(st.integers(4, len(frame) - 1))] = data.draw(st.integers(0, 255))
    client.connection.receive(bytes(frame))
