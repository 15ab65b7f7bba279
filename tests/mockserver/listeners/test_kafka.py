"""The Kafka connector: produced is journaled, then answered; offsets, transactions; what is left when a client goes."""

import base64
import struct
from typing import Any

import pytest

from ftcrm.mockserver.intake import MAX_TAKEN_BYTES
from ftcrm.mockserver.listeners.kafka import COUNTER_PREFIX
from ftcrm.mockserver.protocols.kafka import ErrorCode


def seen(desk: Any) -> list[tuple[bytes, str]]:
    return [
        (entry.raw, entry.disposition) for entry in desk.journal.read(after=0, limit=99) if entry.kind == "delivery"
    ]


def test_requests_in_a_row_are_answered_in_their_order_after_the_commit(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        peer = streams.Listeners(desk).kafka()
        peer.send(peer.metadata(), peer.produce(b"1", b"2"), peer.metadata(), peer.produce(b"3"), peer.metadata())
        assert peer.correlations() == [1]
        await streams.turn()
        assert peer.correlations() == [2, 3, 4, 5]
        assert seen(desk) == [(b"1", "accepted"), (b"2", "accepted"), (b"3", "accepted")]
        assert desk.journal.counters(COUNTER_PREFIX) == {f"{COUNTER_PREFIX}casino:0": 3}

    streams.in_loop(test)


def test_offsets_are_those_of_the_commit_order(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        listeners = streams.Listeners(desk)
        peers = [listeners.kafka() for _ in range(3)]
        for peer in peers:
            peer.send(peer.produce(b"x", b"y"))
        await streams.turn()
        assert [peer.results() for peer in peers] == [[(0, 0)], [(0, 2)], [(0, 4)]]
        offsets = [entry.transport_value()["offset"] for entry in desk.journal.read(after=0, limit=9)]
        assert offsets == [0, 1, 2, 3, 4, 5]

    streams.in_loop(test)


def test_a_commit_that_fails_is_a_storage_error_and_takes_no_offset(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        peer = streams.Listeners(desk).kafka()
        with stand.failing(desk.journal):
            peer.send(peer.produce(b"1"))
            await streams.turn()
        assert peer.results() == [(ErrorCode.KAFKA_STORAGE_ERROR, -1)]
        peer.send(peer.produce(b"1"))
        await streams.turn()
        assert peer.results() == [(0, 0)]
        assert desk.journal.counters(COUNTER_PREFIX) == {f"{COUNTER_PREFIX}casino:0": 1}

    streams.in_loop(test)


def test_a_retry_on_another_connection_is_answered_with_its_original(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        listeners = streams.Listeners(desk)
        first, second = listeners.kafka(), listeners.kafka()
        first.send(first.produce(b"1", producer=(7, 0)))
        first.gone(ConnectionResetError())
        second.send(second.produce(b"1", producer=(7, 0)))
        assert second.results() == []
        await streams.turn()
        assert second.results() == [(0, 0)]
        assert seen(desk) == [(b"1", "accepted")]

    streams.in_loop(test)


def test_a_record_keeps_all_that_came_with_it(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        peer = streams.Listeners(desk).kafka()
        headers = [("type", b"CASINO"), ("h", b"\xff"), ("n", None)]
        peer.send(peer.produce(stand.raw(stand.casino()), topic="runs.mine.casino", headers=headers))
        await streams.turn()
        [entry] = desk.journal.get([1])
        assert (entry.run, entry.message_type, entry.verdict, entry.connector) == ("mine", "CASINO", "ok", "kafka")
        assert entry.transport_value() == {
            "topic": "runs.mine.casino",
            "partition": 0,
            "offset": 0,
            "key": None,
            "headers": [["type", "CASINO"], ["h", {"base64": "/w=="}], ["n", None]],
            "timestamp": 1_700_000_000_000,
            "timestamp_type": 0,
            "client_id": None,
            "user": None,
        }
        assert desk.state("mine")["round_states"] == {"open": 1}

    streams.in_loop(test)


def test_header_names_that_are_no_utf8_are_journaled_too(stand: Any, streams: Any) -> None:
    """The builder cannot write them: the name's last byte is changed, and the checksum after it."""

    async def test() -> None:
        from aiokafka.record._crecords import crc32c_cython  # noqa: PLC0415

        desk = stand.make()
        peer = streams.Listeners(desk).kafka()
        request = bytearray(peer.produce(b"{}", headers=[("nameX", b"v")]))
        request[request.index(b"nameX") + 4] = 0xFF
        batch = request.index(b"casino") + len(b"casino") + 12
        checked = batch + 8 + 4 + 4 + 1
        struct.pack_into(">I", request, checked, crc32c_cython(bytes(request[checked + 4 :])))
        peer.send(bytes(request))
        await streams.turn()
        assert peer.results() == [(0, 0)]
        [[[name, value]]] = [entry.transport_value()["headers"] for entry in desk.journal.get([1])]
        assert (base64.b64decode(name["base64"]), value) == (b"name\xff", "v")

    streams.in_loop(test)


def test_a_null_value_is_an_empty_body_that_says_so(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        peer = streams.Listeners(desk).kafka()
        peer.send(peer.produce(None, b""))
        await streams.turn()
        first, second = desk.journal.get([1, 2])
        assert (first.raw, first.transport_value()["null_value"]) == (b"", True)
        assert (second.raw, "null_value" in second.transport_value()) == (b"", False)

    streams.in_loop(test)


def test_a_record_above_the_limit_is_refused_and_recorded(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make(max_body=100_000)
        peer = streams.Listeners(desk).kafka()
        peer.send(peer.produce(b"x" * 200_000))
        await streams.turn()
        assert peer.results() == [(ErrorCode.MESSAGE_TOO_LARGE, -1)]
        [entry] = desk.journal.get([1])
        assert (entry.disposition, entry.size, entry.transport_value()["truncated"]) == ("refused", 200_000, True)
        assert desk.journal.counters(COUNTER_PREFIX) == {}

    streams.in_loop(test)


@pytest.mark.parametrize("committed", [True, False])
def test_a_transaction_is_pending_until_its_end_is_committed(stand: Any, streams: Any, committed: bool) -> None:
    async def test() -> None:
        desk = stand.make()
        peer = streams.Listeners(desk).kafka()
        peer.send(peer.init("tx"))
        [(_, answer)] = peer.answers()
        producer = struct.unpack_from(">qh", answer, 6)
        peer.send(peer.add("tx", producer), peer.produce(b"1", producer=producer, transactional_id="tx"))
        await streams.turn()
        assert seen(desk) == [(b"1", "pending")]
        peer.read()
        peer.send(peer.end("tx", producer, committed=committed))
        assert peer.read() == b""
        await streams.turn()
        [(_, answer)] = peer.answers()
        assert struct.unpack_from(">h", answer, 4) == (0,)
        assert seen(desk) == [(b"1", "accepted" if committed else "aborted")]

    streams.in_loop(test)


def test_a_client_that_wants_no_answer_gets_none(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        peer = streams.Listeners(desk).kafka()
        peer.send(peer.produce(b"1", acks=0), peer.metadata())
        await streams.turn()
        assert peer.correlations() == [2]
        assert seen(desk) == [(b"1", "accepted")]

    streams.in_loop(test)


def test_what_was_produced_before_the_client_went_is_journaled(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        listeners = streams.Listeners(desk)
        peer = listeners.kafka()
        peer.send(peer.produce(b"1"))
        peer.gone()
        await streams.turn()
        assert seen(desk) == [(b"1", "accepted")]
        assert peer.read() == b""
        assert not listeners.kafka_listener._by_machine

    streams.in_loop(test)


def test_many_bytes_hold_the_client_back_until_they_are_committed(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        listeners = streams.Listeners(desk)
        peer, other = listeners.kafka(), listeners.kafka()
        for _ in range(MAX_TAKEN_BYTES // 1_000_000 + 1):
            peer.send(peer.produce(b"x" * 1_000_000))
        other.send(other.metadata())
        assert (peer.transport.reading, other.transport.reading) == (False, False)
        await streams.turn()
        assert (peer.transport.reading, other.transport.reading) == (True, True)
        assert peer.transport.told == other.transport.told == ["pause", "resume"]
        assert len(peer.correlations()) == 9

    streams.in_loop(test)


@pytest.mark.parametrize("sample", [b"GET / HTTP/1.1\r\n", b"\x16\x03\x01" + b"x" * 20, b"\xff" * 9])
def test_what_is_no_kafka_is_counted_and_closed(stand: Any, streams: Any, sample: bytes) -> None:
    async def test() -> None:
        desk = stand.make()
        peer = streams.Listeners(desk).kafka()
        peer.send(sample)
        assert peer.transport.told == ["close"]
        peer.gone()
        assert desk.errors.view()["kafka"]["count"] == 1

    streams.in_loop(test)


def test_a_batch_that_is_damaged_is_refused_and_counted(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        peer = streams.Listeners(desk).kafka()
        peer.send(peer.produce(b"12345").replace(b"12345", b"12346"))
        await streams.turn()
        assert peer.results() == [(ErrorCode.CORRUPT_MESSAGE, -1)]
        assert len(desk.journal) == 0
        assert desk.errors.view()["kafka"]["count"] == 1
        [shown] = desk.errors.view()["kafka"]["samples"]
        assert base64.b64decode(shown["sample"]["base64"]).startswith(bytes(11))
        assert len(base64.b64decode(shown["sample"]["base64"])) == 64

    streams.in_loop(test)


def test_a_server_that_leaves_cuts(stand: Any, streams: Any) -> None:
    async def test() -> None:
        listeners = streams.Listeners(stand.make())
        peer = listeners.kafka()
        listeners.kafka_listener.close()
        assert peer.transport.told == ["abort"]

    streams.in_loop(test)
