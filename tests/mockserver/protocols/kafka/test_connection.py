"""Frames, the order of responses, closing, and bytes that are no Kafka."""

from __future__ import annotations

import ast
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import ftcrm.mockserver.protocols.kafka as package
from ftcrm.mockserver.protocols.kafka import (
    Broker,
    Closed,
    Connection,
    Event,
    Limits,
    Produced,
    ProtocolError,
    SettleError,
)
from ftcrm.mockserver.protocols.kafka.schemas import ApiKey

VERSIONS = {"client_software_name": "test", "client_software_version": "1"}


def _failure(events: list[Event]) -> ProtocolError:
    error, closed = events
    assert isinstance(error, ProtocolError)
    assert closed == Closed()
    return error


def test_the_public_names_are_pinned() -> None:
    assert sorted(package.__all__) == [
        "Authenticated",
        "Batch",
        "Broker",
        "Closed",
        "Connection",
        "ErrorCode",
        "Event",
        "Limits",
        "Produced",
        "ProtocolError",
        "Record",
        "Rejected",
        "SettleError",
        "TransactionEnded",
        "load",
    ]


def _imports() -> Iterator[tuple[str, str]]:
    (folder,) = package.__path__
    for path in Path(folder).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((path.stem, alias.name.partition(".")[0]) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield path.stem, (node.module or "").partition(".")[0]


def test_the_machine_is_pure() -> None:
    found = set(_imports())
    assert {name for _, name in found} <= sys.stdlib_module_names | {"aiokafka", "cramjam", "ftcrm", "msgspec"}
    banned = {"asyncio", "socket", "ssl", "threading", "time", "logging", "random", "os", "datetime"}
    assert {name for _, name in found} & banned == set()
    assert {module for module, name in found if name == "aiokafka"} == {"records"}


def test_aiokafka_is_imported_on_demand() -> None:
    code = """
import sys
import ftcrm.mockserver.protocols.kafka as kafka
assert not {"aiokafka", "cramjam"} & set(sys.modules)
kafka.load()
assert {"aiokafka", "cramjam"} <= set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


def test_events_are_the_same_however_the_bytes_are_split(client: Any, batches: Any) -> None:
    stream = (
        client.frame(ApiKey.API_VERSIONS, 3, VERSIONS)
        + client.produce_frame(("t", 0, batches.batch(3, headers=[("h", None)], codec=1)))
        + client.produce_frame(("t", 0, batches.batch(2)), ("t", 7, b"?"), version=3)
        + b"AMQP\0\0\x09\1"
    )
    whole = client.connection.receive(stream)
    sent = client.connection.data_to_send()
    assert [type(event).__name__ for event in whole] == ["Produced", "Rejected", "Produced", "ProtocolError", "Closed"]
    for size in (1, 2, 3, 7, 64, 199):
        connection = Connection(Broker(), advertised=("mock.test", 9092))
        events = [event for at in range(0, len(stream), size) for event in connection.receive(stream[at : at + size])]
        assert _no_sample(events) == _no_sample(whole)
        assert connection.data_to_send() == sent
    for cut in range(1, len(stream)):
        connection = Connection(Broker(), advertised=("mock.test", 9092))
        events = connection.receive(stream[:cut]) + connection.receive(stream[cut:])
        assert _no_sample(events) == _no_sample(whole), cut
        assert connection.data_to_send() == sent, cut


def _no_sample(events: list[Event]) -> list[Event]:
    """A sample holds as much as had come by then."""
    return [ProtocolError(event.reason, b"") if isinstance(event, ProtocolError) else event for event in events]


def test_responses_keep_the_order_of_requests(client: Any, batches: Any) -> None:
    first = client.produced(("t", 0, batches.batch(2)))
    assert client.send(ApiKey.FIND_COORDINATOR, 1, key="k", key_type=0) == []
    second = client.produced(("t", 0, batches.batch(3)))
    client.connection.settle(second.token)
    assert client.connection.data_to_send() == b""
    client.connection.settle(first.token)
    produced, coordinator, produced_later = client.answers()
    assert produced["topics"][0]["partitions"][0]["base_offset"] == 0
    assert coordinator["host"] == "mock.test"
    assert produced_later["topics"][0]["partitions"][0]["base_offset"] == 2


def test_bytes_to_send_are_returned_once(client: Any) -> None:
    client.send(ApiKey.API_VERSIONS, 0)
    assert client.connection.data_to_send() != b""
    assert client.connection.data_to_send() == b""


@pytest.mark.parametrize("token", [0, 99])
def test_a_token_that_is_not_open_is_the_callers_fault(client: Any, token: int) -> None:
    with pytest.raises(SettleError, match=f"got {token}"):
        client.connection.settle(token)


def test_a_token_is_settled_once(client: Any, batches: Any) -> None:
    token = client.produced(("t", 0, batches.batch())).token
    client.connection.settle(token)
    with pytest.raises(SettleError):
        client.connection.settle(token)


@pytest.mark.parametrize(
    ("data", "looks"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "TLS"),
        (b"GET /health HTTP/1.1\r\n", "HTTP"),
        (b"POST /api/casino HTTP/1.1\r\n", "HTTP"),
        (b"HEAD / HTTP/1.0\r\n", "HTTP"),
        (b"PUT /x HTTP/1.1\r\n", "HTTP"),
        (b"OPTIONS * HTTP/1.1\r\n", "HTTP"),
        (b"PRI * HTTP/2.0\r\n", "HTTP/2"),
        (b"AMQP\x00\x00\x09\x01", "AMQP"),
    ],
)
def test_foreign_protocols_are_named(client: Any, data: bytes, looks: str) -> None:
    error = _failure(client.connection.receive(data))
    assert looks in error.reason
    assert "expected a Kafka request" in error.reason
    assert error.sample == data
    assert client.connection.closed
    assert client.connection.data_to_send() == b""


def test_a_foreign_protocol_is_named_with_a_huge_frame_limit(connect: Callable[[Broker], Any]) -> None:
    client = connect(Broker(limits=Limits(max_frame=2**31 - 1)))
    assert "HTTP" in _failure(client.connection.receive(b"GET / HTTP/1.1\r\n")).reason


@pytest.mark.parametrize("length", [-(2**31), -1, 0, 16 * 2**20 + 1, 2**31 - 1])
def test_a_bad_frame_length_closes(client: Any, length: int) -> None:
    data = struct.pack(">i", length) + bytes(100)
    error = _failure(client.connection.receive(data))
    assert str(length) in error.reason
    assert error.sample == data[:12]
    assert client.connection.closed


def test_the_largest_frame_is_waited_for(client: Any) -> None:
    assert client.connection.receive(struct.pack(">i", 16 * 2**20)) == []
    assert not client.connection.closed


@pytest.mark.parametrize("size", range(1, 10))
def test_a_frame_too_short_for_a_header_closes(client: Any, size: int) -> None:
    error = _failure(client.connection.receive(struct.pack(">i", size) + bytes(size)))
    assert "expected a request header" in error.reason


@pytest.mark.parametrize(("key", "version"), [(77, 0), (-1, 0), (8, 2), (25, 0)])
def test_an_unknown_api_closes_and_is_named(client: Any, key: int, version: int) -> None:
    frame = struct.pack(">hhih", key, version, 1, -1) + bytes(20)
    error = _failure(client.connection.receive(struct.pack(">i", len(frame)) + frame))
    assert f"API key {key} version {version}" in error.reason
    assert error.sample == struct.pack(">ihh", len(frame), key, version)


@pytest.mark.parametrize(("key", "version"), [(0, 13), (3, 13), (3, -1), (1, 12), (36, 3)])
def test_an_unsupported_version_closes_and_is_named(client: Any, key: int, version: int) -> None:
    frame = struct.pack(">hhih", key, version, 1, -1) + bytes(20)
    error = _failure(client.connection.receive(struct.pack(">i", len(frame)) + frame))
    assert f"got version {version}" in error.reason


def test_a_cut_body_closes_without_an_exception(client: Any, batches: Any) -> None:
    frame = client.produce_frame(("t", 0, batches.batch()), version=3)[4:]
    for end in range(10, len(frame)):
        connection = Connection(Broker(), advertised=("h", 1))
        error = _failure(connection.receive(struct.pack(">i", end) + frame[:end]))
        assert error.reason.startswith("expected"), end
        assert error.sample == (struct.pack(">i", end) + frame[:end])[:64]


def test_frames_after_the_closing_one_are_not_read(client: Any, batches: Any) -> None:
    produce = client.produce_frame(("t", 0, batches.batch()))
    _failure(client.connection.receive(struct.pack(">i", -5) + produce))
    assert client.connection.receive(produce) == []
    assert client.connection.eof() == []


def test_eof_is_said_once(client: Any) -> None:
    assert client.connection.eof() == [Closed()]
    assert client.connection.closed
    assert client.connection.eof() == []
    assert client.connection.receive(b"more") == []


def test_eof_inside_a_frame_is_reported(client: Any) -> None:
    client.connection.receive(b"\0\0\0\x20half")
    error = _failure(client.connection.eof())
    assert "8 bytes" in error.reason
    assert error.sample == b"\0\0\0\x20half"


def test_what_was_not_settled_before_eof_still_can_be(client: Any, batches: Any, broker: Broker) -> None:
    event = client.produced(("t", 0, batches.batch(4)))
    client.connection.eof()
    assert client.connection.settle(event.token) == []
    assert client.connection.data_to_send() == b""
    assert broker.next_offset("t", 0) == 4


def test_the_instant_of_receipt_is_passed_on(client: Any, batches: Any) -> None:
    (event,) = client.connection.receive(client.produce_frame(("t", 0, batches.batch())), 1_700_000_123_456)
    assert isinstance(event, Produced)
    assert event.received_ms == 1_700_000_123_456
    assert (event.client_id, event.api_version, event.acks) == ("test", 9, -1)
