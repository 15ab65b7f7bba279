import asyncio
import time
from typing import Any

import pytest

from ftcrm.client import Outgoing, Sent, open_sender
from ftcrm.client.kafka import user_id_of
from ftcrm.contracts.errors import SendError

DEADLINE_SECONDS = 30


def _send(url: str, *messages: Outgoing, timeout: float = 20) -> list[Sent]:
    async def run() -> list[Sent]:
        async with open_sender(url, timeout=timeout) as sender:
            return [sent async for sent in sender.send_all(messages)]

    return asyncio.run(run())


def _consume(address: str, topic: str, count: int) -> list[Any]:
    """The topic's records by partition and offset."""
    import confluent_kafka  # noqa: PLC0415 - only the integration tests need it

    consumer = confluent_kafka.Consumer({"bootstrap.servers": address, "group.id": "test"})
    try:
        partitions = consumer.list_topics(topic, timeout=DEADLINE_SECONDS).topics[topic].partitions
        consumer.assign([confluent_kafka.TopicPartition(topic, number, 0) for number in partitions])
        records: list[Any] = []
        deadline = time.monotonic() + DEADLINE_SECONDS
        while len(records) < count and time.monotonic() < deadline:
            records += consumer.consume(count - len(records), timeout=1)
    finally:
        consumer.close()
    assert [record.error() for record in records] == [None] * count
    return sorted(records, key=lambda record: (record.partition(), record.offset()))


@pytest.mark.integration
def test_the_type_is_a_header_and_a_players_events_keep_their_order(kafka_address: str) -> None:
    messages = [
        Outgoing("BONUS" if number % 5 == 0 else "CASINO", b'{"user_id":"u-%d","n":%d}' % (number % 7, number))
        for number in range(1000)
    ]
    assert _send(f"kafka://{kafka_address}/events", *messages) == [Sent(True)] * len(messages)
    records = _consume(kafka_address, "events", len(messages))
    by_player: dict[bytes, list[bytes]] = {}
    for record in records:
        by_player.setdefault(record.key(), []).append(record.value())
    assert by_player == {b"u-%d" % player: [message.raw for message in messages[player::7]] for player in range(7)}
    types = {message.raw: message.message_type for message in messages}
    assert all(record.headers() == [("type", types[record.value()].encode())] for record in records)
    assert len({(record.key(), record.partition()) for record in records}) == 7


@pytest.mark.integration
def test_the_topic_is_ftcrm_unless_told_and_a_key_may_be_given(kafka_address: str) -> None:
    raw = b"\xff not JSON"
    _send(f"kafka://{kafka_address}", Outgoing(None, raw), Outgoing("CASINO", b'{"user_id":"u"}', "k"))
    records = _consume(kafka_address, "ftcrm", 2)
    assert {(record.key(), record.value(), tuple(record.headers() or ())) for record in records} == {
        (None, raw, ()),
        (b"k", b'{"user_id":"u"}', (("type", b"CASINO"),)),
    }


@pytest.mark.integration
def test_a_header_type_of_its_own_stands_in_place_of_the_message_type(kafka_address: str) -> None:
    own = (("type", b"PAYMENT"), ("trace", None), ("type", b"\xff"))
    _send(
        f"kafka://{kafka_address}/headers",
        Outgoing("CASINO", b'{"user_id":"u","n":1}', headers=own),
        Outgoing("CASINO", b'{"user_id":"u","n":2}', headers=(("trace", "t"),)),
        Outgoing(None, b'{"user_id":"u","n":3}', headers=(("trace", b""),)),
    )
    assert [record.headers() for record in _consume(kafka_address, "headers", 3)] == [
        list(own),
        [("trace", b"t"), ("type", b"CASINO")],
        [("trace", b"")],
    ]


@pytest.mark.integration
def test_a_record_that_is_too_large_is_refused_and_the_next_still_goes_out(kafka_address: str) -> None:
    sent = _send(f"kafka://{kafka_address}/large", Outgoing("CASINO", b"x" * 2_000_000), Outgoing("CASINO", b"{}"))
    assert [each.accepted for each in sent] == [False, True]
    assert "2000" in (sent[0].reason or "")


def test_nobody_there_is_a_send_error_that_says_where(refused_port: int) -> None:
    with pytest.raises(SendError) as caught:
        _send(f"kafka://user:secret@127.0.0.1:{refused_port}/t", Outgoing("CASINO", b"{}"), timeout=5)
    assert str(caught.value).startswith(f"kafka://127.0.0.1:{refused_port}/t: expected to connect as 'user'")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (b'{"user_id":"52530"}', "52530"),
        (b'{"user_id":52530}', "52530"),
        (b'{"user_id":true}', None),
        (b'{"user_id":null}', None),
        (b"{}", None),
        (b"[]", None),
        (b"\xff", None),
        (b"[" * 100_000, None),
    ],
)
def test_the_key_is_the_player(raw: bytes, key: str | None) -> None:
    assert user_id_of(raw) == key
