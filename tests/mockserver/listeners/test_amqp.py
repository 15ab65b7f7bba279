"""The RabbitMQ connector: published is journaled, then confirmed; timers; and what is left when a client goes."""

import asyncio
import base64
import hashlib
from typing import Any

import pytest
from pamqp import commands

from ftcrm.mockserver.intake import MAX_TAKEN_BYTES


def seen(desk: Any) -> list[tuple[bytes, str]]:
    return [(entry.raw, entry.disposition) for entry in desk.journal.read(after=0, limit=99)]


def test_publishes_are_confirmed_in_order_after_their_commit(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        peer = streams.Listeners(desk).amqp()
        peer.publish(b"1", b"2")
        peer.publish(b"3")
        peer.method(commands.Queue.Declare(queue="q"))
        assert (peer.answers(), seen(desk)) == ([], [])
        await streams.turn()
        assert [raw for raw, _ in seen(desk)] == [b"1", b"2", b"3"]
        assert peer.answers() == ["Basic.Ack 2", "Basic.Ack 3", "Queue.DeclareOk"]

    streams.in_loop(test)


def test_a_commit_that_fails_is_nacked(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        peer = streams.Listeners(desk).amqp()
        with stand.failing(desk.journal):
            peer.publish(b"1", b"2")
            await streams.turn()
        assert peer.answers() == ["Basic.Nack 2"]
        peer.publish(b"3")
        await streams.turn()
        assert peer.answers() == ["Basic.Ack 3"]
        assert seen(desk) == [(b"3", "accepted")]

    streams.in_loop(test)


def test_a_commit_that_fails_closes_a_channel_without_confirms(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        peer = streams.Listeners(desk).amqp(mode=None)
        with stand.failing(desk.journal):
            peer.publish(b"1")
            await streams.turn()
        assert peer.answers() == ["Channel.Close 506"]

    streams.in_loop(test)


def test_a_delivery_keeps_all_that_came_with_it(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        peer = streams.Listeners(desk).amqp(vhost="my run")
        peer.publish(stand.raw(stand.casino()), message_type="CASINO", headers={"a": 1}, message_id="m")
        await streams.turn()
        [entry] = desk.journal.get([1])
        assert (entry.run, entry.message_type, entry.verdict, entry.connector) == ("my run", "CASINO", "ok", "rabbitmq")
        assert entry.transport_value() == {
            "vhost": "my run",
            "user": "guest",
            "channel": 1,
            "exchange": "ftcrm",
            "routing_key": "casino",
            "mandatory": False,
            "immediate": False,
            "redelivered": False,
            "properties": {"headers": {"a": 1}, "message_id": "m", "type": "CASINO"},
        }
        assert desk.state("my run")["round_states"] == {"open": 1}

    streams.in_loop(test)


def test_names_that_are_no_utf8_are_journaled_too(stand: Any, streams: Any) -> None:
    """pamqp cannot write them: they are put in place of names of the same length."""

    async def test() -> None:
        desk = stand.make()
        listeners = streams.Listeners(desk)
        peer = listeners.amqp()
        peer.send(
            streams.publish_bytes(b"{}", message_type="CASINO", headers={"name": "x"}, app_id="napp")
            .replace(b"ftcrm", b"f\xff\xffrm")
            .replace(b"casino", b"cas\xffno")
            .replace(b"CASINO", b"CAS\xffNO")
            .replace(b"name", b"n\xffme")
            .replace(b"napp", b"\xffapp")
        )
        await streams.turn()
        assert peer.answers() == ["Basic.Ack 1"]
        [entry] = desk.journal.get([1])
        transport = entry.transport_value()
        assert base64.b64decode(transport["exchange"]["base64"]) == b"f\xff\xffrm"
        assert base64.b64decode(transport["routing_key"]["base64"]) == b"cas\xffno"
        assert base64.b64decode(transport["properties"]["app_id"]["base64"]) == b"\xffapp"
        assert list(transport["properties"]["headers"]) == ["n\\xffme"]
        assert (entry.verdict, entry.raw) == ("unchecked", b"{}")
        assert desk.journal.scan(after=0, until=9, filters={"message_type": str(entry.message_type)}, limit=9)

    streams.in_loop(test)


def test_a_virtual_host_and_user_that_are_no_utf8_are_a_run_all_the_same(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        listeners = streams.Listeners(desk)
        shell = listeners.amqp_listener.connect()
        received = shell.data_received
        shell.data_received = lambda data: received(
            data.replace(b"vhost", b"v\xffost").replace(b"\0guest\0", b"\0gu\xffst\0")
        )
        peer = type(listeners.amqp())(shell, vhost="vhost")
        peer.publish(b"{}")
        await streams.turn()
        assert peer.answers() == ["Basic.Ack 1"]
        [entry] = desk.journal.get([1])
        assert entry.run.encode().startswith(b"v")
        assert base64.b64decode(entry.transport_value()["vhost"]["base64"]) == b"v\xffost"
        assert base64.b64decode(entry.transport_value()["user"]["base64"]) == b"gu\xffst"
        desk.follower.catch_up()
        assert list(desk.follower.runs) == [entry.run]

    streams.in_loop(test)


def test_a_body_above_the_limit_is_refused_and_keeps_its_digest(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make(max_body=100_000)
        peer = streams.Listeners(desk).amqp()
        body = bytes(range(256)) * 1_000
        peer.publish(body)
        await streams.turn()
        assert peer.answers() == ["Channel.Close 406"]
        [entry] = desk.journal.get([1])
        assert (entry.raw, entry.size, entry.disposition) == (body[:65_536], len(body), "refused")
        assert entry.transport_value()["truncated"] is True
        assert entry.transport_value()["sha256"] == hashlib.sha256(body).hexdigest()

    streams.in_loop(test)


def test_a_transaction_is_journaled_when_it_ends(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        peer = streams.Listeners(desk).amqp(mode=commands.Tx.Select())
        peer.publish(b"1", b"2")
        await streams.turn()
        assert seen(desk) == []
        peer.method(commands.Tx.Commit())
        assert peer.answers() == []
        await streams.turn()
        assert peer.answers() == ["Tx.CommitOk"]
        peer.publish(b"3")
        peer.method(commands.Tx.Rollback())
        await streams.turn()
        assert peer.answers() == ["Tx.RollbackOk"]
        assert seen(desk) == [(b"1", "accepted"), (b"2", "accepted"), (b"3", "aborted")]

    streams.in_loop(test)


@pytest.mark.parametrize("way", ["lost", "leave"])
def test_an_open_transaction_is_journaled_as_aborted_when_its_connection_ends(
    stand: Any, streams: Any, way: str
) -> None:
    async def test() -> None:
        desk = stand.make()
        listeners = streams.Listeners(desk)
        peer = listeners.amqp(mode=commands.Tx.Select())
        peer.publish(b"1")
        if way == "lost":
            peer.gone(ConnectionResetError())
        else:
            listeners.amqp_listener.close()
        await streams.turn()
        assert seen(desk) == [(b"1", "aborted")]

    streams.in_loop(test)


def test_what_was_published_before_the_client_went_is_journaled(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        peer = streams.Listeners(desk).amqp()
        peer.publish(b"1")
        peer.gone()
        await streams.turn()
        assert seen(desk) == [(b"1", "accepted")]
        assert peer.read() == b""

    streams.in_loop(test)


def test_many_bytes_hold_the_client_back_until_they_are_committed(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        peer = streams.Listeners(desk).amqp()
        body = b"x" * 1_000_000
        for _ in range(MAX_TAKEN_BYTES // len(body)):
            peer.publish(body)
        assert peer.transport.reading
        peer.publish(b"x")
        assert not peer.transport.reading
        await streams.turn()
        assert peer.transport.reading
        assert peer.answers() == [f"Basic.Ack {tag}" for tag in range(1, 10)]

    streams.in_loop(test)


def test_heartbeats_are_sent_and_a_silent_client_is_cut(stand: Any, streams: Any) -> None:
    async def test() -> None:
        clock = streams.Clock()
        desk = stand.make()
        peer = streams.Listeners(desk).amqp(heartbeat=10)
        assert len(clock.timers) == 1
        await clock.forward(12)
        assert peer.answers() == ["Heartbeat"] * 2
        assert peer.transport.told == []
        await clock.forward(9)
        assert peer.transport.told == ["close"]
        peer.gone()
        assert clock.timers == []

    streams.in_loop(test)


def test_a_client_that_speaks_is_not_cut(stand: Any, streams: Any) -> None:
    async def test() -> None:
        clock = streams.Clock()
        peer = streams.Listeners(stand.make()).amqp(heartbeat=10)
        for _ in range(10):
            await clock.forward(8)
            peer.send(b"\x08\x00\x00\x00\x00\x00\x00\xce")
        assert peer.transport.told == []

    streams.in_loop(test)


@pytest.mark.parametrize("why", ["congestion", "unread"])
def test_a_client_that_is_not_read_is_not_called_silent(stand: Any, streams: Any, why: str) -> None:
    async def test() -> None:
        clock = streams.Clock()
        desk = stand.make()
        peer = streams.Listeners(desk).amqp(heartbeat=10)
        if why == "unread":
            peer.shell.pause_writing()
        else:
            desk.intake._taken_bytes = 10**12
            peer.publish(b"1")
        assert not peer.transport.reading
        await clock.forward(60)
        assert peer.transport.told == ["pause"]

    streams.in_loop(test)


def test_timers_end_with_the_connection(stand: Any, streams: Any) -> None:
    async def test() -> None:
        clock = streams.Clock()
        desk = stand.make()
        listeners = streams.Listeners(desk)
        peers = [
            listeners.amqp(heartbeat=10),
            listeners.amqp(heartbeat=0),
            streams.Peer(listeners.amqp_listener.connect()),
        ]
        assert len(clock.timers) == 2
        listeners.amqp_listener.close()
        for peer in peers:
            peer.gone()
        assert clock.timers == []
        await streams.turn()

    streams.in_loop(test)


def test_a_client_that_does_not_finish_its_handshake_is_cut(stand: Any, streams: Any) -> None:
    async def test() -> None:
        clock = streams.Clock()
        listeners = streams.Listeners(stand.make())
        peer = streams.Peer(listeners.amqp_listener.connect())
        peer.send(b"AMQP\x00\x00\x09\x01")
        done = listeners.amqp()
        await clock.forward(11)
        assert (peer.transport.told, done.transport.told) == (["abort"], [])

    streams.in_loop(test)


def test_a_client_is_told_that_the_server_leaves(stand: Any, streams: Any) -> None:
    async def test() -> None:
        clock = streams.Clock()
        listeners = streams.Listeners(stand.make())
        polite, deaf = listeners.amqp(), listeners.amqp()
        polite.publish(b"1")
        listeners.amqp_listener.close()
        await streams.turn()
        assert polite.answers() == ["Basic.Ack 1", "Connection.Close 320"]
        assert deaf.answers() == ["Connection.Close 320"]
        polite.method(commands.Connection.CloseOk(), channel=0)
        assert polite.transport.told == ["close"]
        await clock.forward(11)
        assert deaf.transport.told == ["close"]

    streams.in_loop(test)


def test_the_client_closes_after_its_publishes_are_settled(stand: Any, streams: Any) -> None:
    async def test() -> None:
        peer = streams.Listeners(stand.make()).amqp()
        peer.publish(b"1")
        peer.method(commands.Connection.Close(200, "bye", 0, 0), channel=0)
        assert (peer.answers(), peer.transport.told) == ([], [])
        await streams.turn()
        assert peer.answers() == ["Basic.Ack 1", "Connection.CloseOk"]
        assert peer.transport.told == ["close"]

    streams.in_loop(test)


@pytest.mark.parametrize("sample", [b"GET / HTTP/1.1\r\n", b"\x16\x03\x01" + b"x" * 20, b"\xff" * 9])
def test_what_is_no_amqp_is_counted_and_closed(stand: Any, streams: Any, sample: bytes) -> None:
    async def test() -> None:
        desk = stand.make()
        peer = streams.Peer(streams.Listeners(desk).amqp_listener.connect())
        peer.send(sample)
        assert peer.transport.told == ["close"]
        peer.gone()
        assert desk.errors.view()["rabbitmq"]["count"] == 1
        assert len(desk.journal) == 0
        desk.follower.catch_up()

    streams.in_loop(test)


def test_no_peer_can_spoil_the_summary(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        peer = streams.Peer(streams.Listeners(desk).amqp_listener.connect())
        peer.send(b"AMQP\x00\x00\x09\x01")
        start_ok = commands.Connection.StartOk({}, "MECHANISM", "x", "en_US")
        from pamqp import frame  # noqa: PLC0415

        peer.send(frame.marshal(start_ok, 0).replace(b"MECHANISM", b"MECH\xffNISM"))
        async with desk.client() as client:
            assert (await client.get("/_ftcrm/summary")).json()["protocol_errors"]["rabbitmq"]["count"] == 1

    streams.in_loop(test)


def test_connections_at_once_are_settled_each_by_itself(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        listeners = streams.Listeners(desk)
        peers = [listeners.amqp() for _ in range(5)]
        for number, peer in enumerate(peers, start=1):
            peer.publish(*[b"%d" % number] * number)
        peers[2].gone()
        await asyncio.sleep(0)
        await streams.turn()
        assert [peer.answers() for peer in peers] == [
            [f"Basic.Ack {number}"] if number != 3 else [] for number in range(1, 6)
        ]
        assert len(desk.journal) == 15

    streams.in_loop(test)
