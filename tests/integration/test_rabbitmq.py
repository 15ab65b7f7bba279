"""RabbitMQ: clients, what an entry keeps of a message, and where the message type has to be."""

import asyncio
import subprocess
from datetime import UTC, datetime
from decimal import Decimal

import aio_pika
import pika
import pytest
from pika.exceptions import ChannelClosedByBroker

pytestmark = pytest.mark.integration

CASINO = pika.BasicProperties(type="CASINO")


@pytest.fixture
def connection(server):
    opened = pika.BlockingConnection(pika.URLParameters(server.addresses["amqp"]))
    yield opened
    if opened.is_open:
        opened.close()


def test_pika_without_confirms(server, player, connection):
    bet, win = player.bet(), player.win()
    channel = connection.channel()
    channel.queue_declare("crm-events")
    for raw in (bet, win):
        channel.basic_publish("", "crm-events", raw, CASINO)
    connection.close()  # answered once everything before it is committed
    entries = player.settled(server, bet, win)
    assert {entry["connector"] for entry in entries} == {"rabbitmq"}
    transport = entries[0]["transport"]
    assert (transport["exchange"], transport["routing_key"]) == ("", "crm-events")
    assert (transport["vhost"], transport["user"]) == ("/", "guest")


def test_pika_with_confirms_and_every_property(server, player, connection):
    bet, win = player.bet(), player.win()
    channel = connection.channel()
    channel.exchange_declare("crm", "topic", durable=True)
    channel.confirm_delivery()
    when = datetime(2026, 3, 2, 8, 27, tzinfo=UTC)
    properties = pika.BasicProperties(
        content_type="application/json",
        content_encoding="utf-8",
        headers={
            "text": "ünïcode",
            "bytes": b"\xff\x00",
            "true": True,
            "small": -1,
            "large": 2**40,
            "decimal": Decimal("0.1"),
            "when": when.replace(tzinfo=None),
            "nothing": None,
            "list": ["a", 1, {"deep": [False]}],
            "table": {"inner": {"x": 1}},
        },
        delivery_mode=2,
        priority=7,
        correlation_id="corr",
        reply_to="back",
        expiration="60000",
        message_id="m-1",
        timestamp=1772440020,
        type="CASINO",
        user_id="guest",
        app_id="casino-engine",
        cluster_id="c1",
    )
    channel.basic_publish("crm", "casino.bet", bet, properties, mandatory=True)
    channel.basic_publish("crm", "casino.win", win, CASINO)
    entries = player.settled(server, bet, win)
    transport = entries[0]["transport"]
    assert transport["channel"] == channel.channel_number
    assert (transport["exchange"], transport["routing_key"]) == ("crm", "casino.bet")
    assert (transport["mandatory"], transport["immediate"], transport["redelivered"]) == (True, False, False)
    headers = transport["properties"].pop("headers")
    assert transport["properties"] == {
        name: value for name, value in vars(properties).items() if value is not None and name != "headers"
    }
    assert headers == {
        "text": "ünïcode",
        "bytes": {"base64": "/wA="},
        "true": True,
        "small": -1,
        "large": 2**40,
        "decimal": "0.1",
        "when": int(when.timestamp()),
        "nothing": None,
        "list": ["a", 1, {"deep": [False]}],
        "table": {"inner": {"x": 1}},
    }
    assert entries[0]["message_type"] == "CASINO"


def test_pika_with_tx(server, player, connection):
    bet, win, ghost = player.bet(), player.win(), player.bet("1000")
    channel = connection.channel()
    channel.tx_select()
    channel.basic_publish("crm", "casino", bet, CASINO)
    channel.basic_publish("crm", "casino", win, CASINO)
    assert server.events(user_id=player.user_id) == []
    channel.tx_commit()
    player.settled(server, bet, win)
    channel.basic_publish("crm", "casino", ghost, CASINO)
    channel.tx_rollback()
    found = server.round(player.user_id, player.round_id)
    *accepted, aborted = server.events(user_id=player.user_id)
    assert [entry["disposition"] for entry in (*accepted, aborted)] == ["accepted", "accepted", "aborted"]
    assert (aborted["raw"], found["bet"]["total"]) == (ghost.decode(), "20")


def test_a_tx_that_its_connection_leaves_open_is_aborted(server, player, connection, until):
    channel = connection.channel()
    channel.tx_select()
    channel.basic_publish("crm", "casino", player.bet(), CASINO)
    connection.close()
    (entry,) = until(lambda: server.events(user_id=player.user_id))
    assert entry["disposition"] == "aborted"
    assert server.get("rounds", user_id=player.user_id)["rounds"] == []


def test_one_event_in_many_frames(server, player, connection):
    padding = {"text": "x" * 500_000}
    bet, win = player.bet(meta=padding), player.win()
    channel = connection.channel()
    channel.confirm_delivery()
    for raw in (bet, win):
        channel.basic_publish("crm", "casino", raw, CASINO)
    player.settled(server, bet, win)


def test_aio_pika(server, player):
    bet, win = player.bet(), player.win()

    async def publish() -> None:
        async with await aio_pika.connect_robust(server.addresses["amqp"]) as opened:
            channel = await opened.channel()
            await channel.set_qos(prefetch_count=1)
            exchange = await channel.declare_exchange("crm", aio_pika.ExchangeType.TOPIC)
            await exchange.publish(aio_pika.Message(bet, type="CASINO", headers={"n": 1}), "casino.bet")
            await exchange.publish(aio_pika.Message(win, type="CASINO"), "casino.win")
            plain = await opened.channel(publisher_confirms=False)
            await plain.default_exchange.publish(aio_pika.Message(bet, type="CASINO"), "casino")

    asyncio.run(publish())
    entries = player.settled(server, bet, win, bet)
    assert entries[0]["transport"]["properties"]["headers"] == {"n": 1}
    (note,) = server.round(player.user_id, player.round_id)["findings"]
    assert (note["name"], note["witness"]) == ("repeated-delivery", [entries[0]["seq"], entries[2]["seq"]])


AMQPLIB = """
const amqp = require("amqplib");
const [url, bet, win] = process.argv.slice(1).filter((each) => each !== "--");
(async () => {
  const connection = await amqp.connect(url);
  const plain = await connection.createChannel();
  await plain.assertQueue("crm-events");
  const options = {
    type: "CASINO", contentType: "application/json", persistent: true, appId: "node", timestamp: 1772440020,
    headers: { text: "a", count: 3, half: 0.5, yes: true, nested: { list: [1, "two"] }, none: null },
  };
  plain.sendToQueue("crm-events", Buffer.from(bet), options);
  await plain.close();
  const confirming = await connection.createConfirmChannel();
  await confirming.assertExchange("crm", "topic");
  confirming.publish("crm", "casino.win", Buffer.from(win), { type: "CASINO" });
  await confirming.waitForConfirms();
  await connection.close();
})().catch((error) => { console.error(error); process.exit(1); });
"""


def test_npm_amqplib_on_a_plain_and_on_a_confirm_channel(server, player, node):
    bet, win = player.bet(), player.win()
    node(AMQPLIB, server.addresses["amqp"], bet.decode(), win.decode())
    first, second = player.settled(server, bet, win)
    properties = first["transport"]["properties"]
    assert properties["headers"] == {
        "text": "a",
        "count": 3,
        "half": 0.5,
        "yes": True,
        "nested": {"list": [1, "two"]},
        "none": None,
    }
    assert (properties["app_id"], properties["delivery_mode"], properties["timestamp"]) == ("node", 2, 1772440020)
    assert (second["transport"]["exchange"], second["transport"]["routing_key"]) == ("crm", "casino.win")


def test_amqp_publish_cannot_set_the_type(server, player, tool, until):
    """Debian's amqp-publish has no option for the message property: its events are recorded, with the reason."""
    bet = player.bet()
    command = [tool("amqp-publish"), "-u", server.addresses["amqp"], "-r", "crm-events", "-C", "application/json"]
    subprocess.run([*command, "-H", "type: CASINO", "-p"], input=bet, timeout=10, check=True, capture_output=True)
    (entry,) = until(lambda: server.events(connector="rabbitmq", verdict="violation"))[-1:]
    assert entry["raw"] == bet.decode()
    assert entry["transport"]["properties"]["content_type"] == "application/json"
    assert entry["transport"]["properties"]["headers"] == {"type": "CASINO"}
    assert [finding["rule"] for finding in entry["findings"]] == ["FT002"]


@pytest.mark.parametrize(
    ("properties", "changes", "rule"),
    [
        (pika.BasicProperties(), {}, "FT001"),
        (pika.BasicProperties(type=""), {}, "FT001"),
        (pika.BasicProperties(headers={"type": "CASINO"}), {}, "FT002"),
        (pika.BasicProperties(), {"type": "CASINO"}, "FT003"),
    ],
    ids=["missing", "empty", "only in a header", "only in the payload"],
)
def test_a_type_that_is_no_message_property(server, player, publish, properties, changes, rule):
    raw = player.bet(**changes)
    publish.rabbitmq(raw, properties)
    entry = next(
        entry for entry in server.events(connector="rabbitmq", verdict="violation") if entry["raw"] == raw.decode()
    )
    assert [finding["rule"] for finding in entry["findings"]] == [rule]
    assert (entry["message_type"], entry["disposition"]) == (None, "accepted")
    assert server.get("rounds", user_id=player.user_id)["rounds"] == []


def test_a_header_beside_the_property_is_ignored(server, player, publish):
    bet = player.bet()
    publish.rabbitmq(bet, pika.BasicProperties(type="CASINO", headers={"type": "BONUS"}))
    (entry,) = server.events(user_id=player.user_id)
    assert (entry["message_type"], entry["verdict"], entry["findings"]) == ("CASINO", "ok", [])


def test_other_message_types_are_recorded_unchecked(server, publish, player):
    raw = b'{"user_id": "%s", "ip": "::1"}' % player.user_id.encode()
    publish.rabbitmq(raw, pika.BasicProperties(type="LOGIN_V2"))
    (entry,) = [each for each in server.events(message_type="LOGIN_V2") if each["raw"] == raw.decode()]
    assert (entry["verdict"], entry["findings"], entry["disposition"]) == ("unchecked", [], "accepted")


@pytest.mark.parametrize(
    "place",
    [{"vhost": "ODD"}, {"exchange": "ODD"}, {"message_type": "ODD"}, {"app_id": "ODD"}, {"headers": {"ODD": "ODD"}}],
    ids=str,
)
def test_names_that_are_no_unicode_are_recorded(server, player, publish, talk, amqp_session, raw_bytes_of, place):
    """Names are bytes on the wire: whatever they are, the message is kept, and so are those that came with it."""
    before, odd, after = player.bet(), player.win(), player.win()
    publish.rabbitmq(before)
    answer = talk(server.address("amqp"), amqp_session(odd, **place).replace(b"ODD", b"\xff\xfe\xfd"), stay=True)
    publish.rabbitmq(after)
    assert answer.endswith(b"\0\0\0\0\0\x04\0\x0a\0\x33\xce"), answer[-80:]  # connection.close-ok
    found = {raw_bytes_of(entry) for entry in server.events(connector="rabbitmq")}
    assert found >= {before, odd, after}


def test_two_connectors_make_one_round(server, player, publish):
    bet, win = player.bet("0.1"), player.win("0.2")
    publish.rabbitmq(bet)
    publish.kafka(win)
    entries = player.settled(server, bet, win, bet="0.1", win="0.2")
    assert [entry["connector"] for entry in entries] == ["rabbitmq", "kafka"]


def test_a_body_over_the_limit_is_a_channel_error_and_kept_in_part(server, connection):
    raw = b'{"padding": "' + b"x" * 10_000_000 + b'"}'
    channel = connection.channel()
    channel.confirm_delivery()
    with pytest.raises(ChannelClosedByBroker) as refused:
        channel.basic_publish("crm", "large", raw, CASINO)
    assert refused.value.reply_code == 406
    entry = [each for each in server.events(connector="rabbitmq") if each["transport"]["routing_key"] == "large"][-1]
    assert (entry["verdict"], entry["truncated"], entry["size"]) == ("unreadable", True, len(raw))
