import asyncio
from collections.abc import Iterator

import pika
import pytest

from ftcrm.client import Outgoing, Sent, open_sender
from ftcrm.contracts.errors import SendError

pytestmark = pytest.mark.integration


@pytest.fixture
def channel(rabbitmq: str) -> Iterator[pika.adapters.blocking_connection.BlockingChannel]:
    connection = pika.BlockingConnection(pika.URLParameters(rabbitmq))
    channel = connection.channel()
    channel.queue_declare("ftcrm", exclusive=True)
    yield channel
    connection.close()


def _send(url: str, *messages: Outgoing) -> list[Sent]:
    async def run() -> list[Sent]:
        async with open_sender(url, timeout=30) as sender:
            return [sent async for sent in sender.send_all(messages)]

    return asyncio.run(run())


def test_the_type_is_a_property_and_the_order_is_kept(rabbitmq: str, channel) -> None:
    messages = [Outgoing("BONUS" if number % 2 else "CASINO", b'{"n":%d}\xff' % number) for number in range(1000)]
    assert _send(rabbitmq, *messages) == [Sent(True)] * len(messages)
    received = [channel.basic_get("ftcrm", auto_ack=True) for _ in messages]
    assert [body for _, _, body in received] == [message.raw for message in messages]
    assert [properties.type for _, properties, _ in received] == [message.message_type for message in messages]
    assert {(each.content_type, each.delivery_mode, each.headers) for _, each, _ in received} == {
        ("application/json", 2, None)
    }


def test_no_type_is_no_property(rabbitmq: str, channel) -> None:
    _send(rabbitmq, Outgoing(None, b""))
    _, properties, body = channel.basic_get("ftcrm", auto_ack=True)
    assert (properties.type, body) == (None, b"")


def test_headers_are_a_table(rabbitmq: str, channel) -> None:
    headers = (("type", "CASINO"), ("n", None), ("x", b"\xff"), ("type", "BONUS"))
    _send(rabbitmq, Outgoing(None, b"{}", headers=headers), Outgoing("CASINO", b"{}", headers=headers[1:2]))
    first, second = (channel.basic_get("ftcrm", auto_ack=True)[1] for _ in range(2))
    assert (first.type, first.headers) == (None, {"type": "BONUS", "n": None, "x": b"\xff"})
    assert (second.type, second.headers) == ("CASINO", {"n": None})


def test_exchange_and_routing_key_come_from_the_query(rabbitmq: str, channel) -> None:
    channel.exchange_declare("feed", auto_delete=True)
    channel.queue_bind("ftcrm", "feed", "casino.events")
    _send(f"{rabbitmq}/%2F?exchange=feed&routing_key=casino.events", Outgoing("CASINO", b"{}"))
    method, _, _ = channel.basic_get("ftcrm", auto_ack=True)
    assert (method.exchange, method.routing_key) == ("feed", "casino.events")


def test_a_message_that_no_queue_takes_is_refused_and_the_next_still_goes_out(rabbitmq: str, channel) -> None:
    async def run() -> tuple[Sent, Sent]:
        async with open_sender(f"{rabbitmq}?routing_key=late", timeout=30) as sender:
            lost = await sender.send("CASINO", b"1")
            await asyncio.to_thread(channel.queue_declare, "late", exclusive=True)
            return lost, await sender.send("CASINO", b"2")

    lost, kept = asyncio.run(run())
    assert not lost.accepted
    assert "NO_ROUTE" in (lost.reason or "")
    assert kept.accepted


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("", "?exchange=nope"), "no exchange 'nope'"),
        (("", "/nope"), "virtual host"),
        (("guest:guest", "guest:wrong-secret"), "ACCESS_REFUSED"),
    ],
)
def test_what_the_broker_does_not_have_is_a_send_error(rabbitmq: str, change: tuple[str, str], words: str) -> None:
    before, after = change
    url = rabbitmq.replace(before, after) if before else rabbitmq + after
    with pytest.raises(SendError) as caught:
        _send(url, *[Outgoing("CASINO", b"{}")] * 20)
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)


def test_nobody_there_is_a_send_error_that_says_where(refused_port: int) -> None:
    with pytest.raises(SendError) as caught:
        _send(f"amqp://127.0.0.1:{refused_port}/", Outgoing("CASINO", b"{}"))
    assert str(caught.value).startswith(f"amqp://127.0.0.1:{refused_port}/: expected to open an AMQP channel")
