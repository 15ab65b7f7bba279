"""Kafka: clients, what an entry keeps of a record, transactions, and where the message type has to be."""

import asyncio
import subprocess
import time

import aiokafka
import confluent_kafka
import pytest

pytestmark = pytest.mark.integration

TYPE = [("type", b"CASINO")]


@pytest.fixture
def topic(player):
    return f"casino-{player.user_id[-12:]}"


@pytest.fixture
def producer(server):
    def make(**settings):
        return confluent_kafka.Producer({"bootstrap.servers": server.addresses["kafka"], "log_level": 0, **settings})

    return make


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"enable.idempotence": True},
        {"acks": 1},
        *({"compression.type": codec} for codec in ("gzip", "snappy", "lz4", "zstd")),
    ],
    ids=str,
)
def test_confluent_kafka(server, player, topic, producer, settings):
    bet, win = player.bet(), player.win()
    sender, reports = producer(**settings), []
    for raw in (bet, win):
        sender.produce(
            topic,
            raw,
            player.user_id,
            headers=TYPE,
            on_delivery=lambda error, message: reports.append((error, message)),
        )
    assert sender.flush(10) == 0
    assert [error for error, _ in reports] == [None, None]
    assert [message.offset() for _, message in reports] == [0, 1]
    entries = player.settled(server, bet, win)
    assert [entry["transport"]["offset"] for entry in entries] == [0, 1]
    assert {entry["connector"] for entry in entries} == {"kafka"}


def test_everything_of_a_record_is_kept(server, player, topic, producer):
    bet = player.bet()
    sender = producer(**{"client.id": "engine"})
    headers = [
        ("type", b"CASINO"),
        ("trace", "ünïcode".encode()),
        ("blob", b"\xff\x00"),
        ("null", None),
        ("trace", b"2"),
    ]
    reports = []
    sender.produce(
        topic,
        bet,
        b"\xfe",
        headers=headers,
        timestamp=1_772_440_020_123,
        on_delivery=lambda _, message: reports.append(message),
    )
    assert sender.flush(10) == 0
    (entry,) = server.events(user_id=player.user_id)
    transport = entry["transport"]
    assert (transport["topic"], transport["partition"], transport["offset"]) == (topic, 0, reports[0].offset())
    assert transport["key"] == {"base64": "/g=="}
    assert transport["headers"] == [
        ["type", "CASINO"],
        ["trace", "ünïcode"],
        ["blob", {"base64": "/wA="}],
        ["null", None],
        ["trace", "2"],
    ]
    assert (transport["timestamp"], transport["client_id"]) == (1_772_440_020_123, "engine")
    assert (entry["message_type"], entry["verdict"]) == ("CASINO", "ok")


def test_confluent_kafka_without_acknowledgements(server, player, topic, producer, until):
    bet, win = player.bet(), player.win()
    sender = producer(acks=0)
    for raw in (bet, win):
        sender.produce(topic, raw, headers=TYPE)
    assert sender.flush(10) == 0
    until(lambda: len(server.events(user_id=player.user_id)) == 2)
    player.settled(server, bet, win)


def test_confluent_kafka_transactions(server, player, topic, producer):
    bet, win, ghost = player.bet(), player.win(), player.bet("1000")
    sender = producer(**{"transactional.id": topic})
    sender.init_transactions(10)
    sender.begin_transaction()
    sender.produce(topic, ghost, headers=TYPE)
    assert sender.flush(10) == 0
    (waiting,) = server.events(user_id=player.user_id)
    assert waiting["disposition"] == "pending"
    assert server.get("rounds", user_id=player.user_id)["rounds"] == []
    sender.abort_transaction(10)
    sender.begin_transaction()
    for raw in (bet, win):
        sender.produce(topic, raw, headers=TYPE)
    sender.commit_transaction(10)

    found = server.round(player.user_id, player.round_id)
    entries = server.events(user_id=player.user_id)
    assert [entry["disposition"] for entry in entries] == ["aborted", "accepted", "accepted"]
    assert [entry["raw"].encode() for entry in entries] == [ghost, bet, win]
    assert (found["state"], found["bet"]["total"], found["win"]["total"]) == ("settled", "20", "5")
    assert found["seqs"] == [entry["seq"] for entry in entries[1:]]


def test_a_second_producer_fences_the_first_and_aborts_its_transaction(server, player, topic, producer):
    first, second = (producer(**{"transactional.id": topic}) for _ in range(2))
    first.init_transactions(10)
    first.begin_transaction()
    first.produce(topic, player.bet(), headers=TYPE)
    assert first.flush(10) == 0
    second.init_transactions(10)
    (entry,) = server.events(user_id=player.user_id)
    assert entry["disposition"] == "aborted"
    with pytest.raises(confluent_kafka.KafkaException) as fenced:
        first.commit_transaction(10)
    assert fenced.value.args[0].code() in (
        confluent_kafka.KafkaError._FENCED,
        confluent_kafka.KafkaError.PRODUCER_FENCED,
    )


@pytest.mark.parametrize(
    "settings",
    [{}, {"enable_idempotence": True}, {"compression_type": "zstd"}, {"acks": 1}],
    ids=str,
)
def test_aiokafka(server, player, topic, settings):
    bet, win = player.bet(), player.win()

    async def publish():
        sender = aiokafka.AIOKafkaProducer(bootstrap_servers=server.addresses["kafka"], **settings)
        await sender.start()
        try:
            return [await sender.send_and_wait(topic, raw, key=b"k", headers=TYPE) for raw in (bet, win)]
        finally:
            await sender.stop()

    sent = asyncio.run(publish())
    entries = player.settled(server, bet, win)
    for entry, told in zip(entries, sent, strict=True):
        transport = entry["transport"]
        assert (transport["offset"], transport["timestamp"], transport["key"]) == (told.offset, told.timestamp, "k")


def test_aiokafka_transactions(server, player, topic):
    bet, win, ghost = player.bet(), player.win(), player.bet("1000")

    async def publish():
        sender = aiokafka.AIOKafkaProducer(bootstrap_servers=server.addresses["kafka"], transactional_id=topic)
        await sender.start()
        try:
            async with sender.transaction():
                for raw in (bet, win):
                    await sender.send_and_wait(topic, raw, headers=TYPE)
            await sender.begin_transaction()
            await sender.send_and_wait(topic, ghost, headers=TYPE)
            await sender.abort_transaction()
        finally:
            await sender.stop()

    asyncio.run(publish())
    entries = server.events(user_id=player.user_id)
    assert [entry["disposition"] for entry in entries] == ["accepted", "accepted", "aborted"]
    assert server.round(player.user_id, player.round_id)["ggr"]["total"] == "15"


@pytest.mark.parametrize("settings", [{}, {"compression_type": "gzip"}], ids=str)
@pytest.mark.filterwarnings("ignore:(open|read)_text is deprecated:DeprecationWarning")
def test_kafka_python(server, player, topic, settings):
    import kafka  # noqa: PLC0415 - its import warns

    bet, win = player.bet(), player.win()
    sender = kafka.KafkaProducer(bootstrap_servers=server.addresses["kafka"], **settings)
    try:
        told = [sender.send(topic, raw, headers=TYPE).get(10).offset for raw in (bet, win)]
    finally:
        sender.close()
    entries = player.settled(server, bet, win)
    assert [entry["transport"]["offset"] for entry in entries] == told == [0, 1]


def test_kcat(server, player, topic, tool):
    bet, win = player.bet(), player.win()
    for raw in (bet, win):
        command = [tool("kcat"), "-P", "-b", server.addresses["kafka"], "-t", topic, "-k", "key", "-H", "type=CASINO"]
        subprocess.run(command, input=raw, timeout=20, check=True, capture_output=True)
    entries = player.settled(server, bet, win)
    assert [entry["transport"]["key"] for entry in entries] == ["key", "key"]


KAFKAJS = """
const { Kafka, logLevel, CompressionTypes } = require("kafkajs");
const [broker, topic, bet, win] = process.argv.slice(1).filter((each) => each !== "--");
(async () => {
  const kafka = new Kafka({ clientId: "node", brokers: [broker], logLevel: logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  const headers = { type: "CASINO", trace: ["1", "2"] };
  await producer.send({ topic, messages: [{ key: "k", value: bet, headers }] });
  await producer.send({ topic, messages: [{ value: win, headers }], compression: CompressionTypes.GZIP });
  await producer.disconnect();
})().catch((error) => { console.error(error); process.exit(1); });
"""


def test_kafkajs(server, player, topic, node):
    bet, win = player.bet(), player.win()
    node(KAFKAJS, server.addresses["kafka"], topic, bet.decode(), win.decode())
    first, second = player.settled(server, bet, win)
    assert first["transport"]["headers"] == [["type", "CASINO"], ["trace", "1"], ["trace", "2"]]
    assert (first["transport"]["key"], second["transport"]["key"]) == ("k", None)
    assert second["transport"]["offset"] == 1


def entry_of(server, raw):
    (entry,) = [each for each in server.events(connector="kafka") if each["raw"] == raw.decode()]
    return entry


@pytest.mark.parametrize(
    ("headers", "verdict", "rules"),
    [
        ([], "violation", ["FT004"]),
        ([("Type", b"CASINO")], "violation", ["FT004"]),
        ([("type", b"\xff\xfe")], "violation", ["FT005"]),
        ([("type", None)], "violation", ["FT005"]),
        ([("type", b"casino")], "undocumented", ["FT008"]),
        ([("type", b"CASINO"), ("type", b"CASINO")], "ok", []),
        ([("type", b"BONUS"), ("type", b"CASINO")], "undocumented", ["FT006"]),
        ([("type", b"CASINO"), ("type", b"LOGIN_V2")], "unchecked", ["FT006"]),
        ([("type", b"LOGIN_V2")], "unchecked", []),
        ([("type", b"NOBODY_KNOWS")], "violation", ["FT010"]),
    ],
    ids=str,
)
def test_where_the_type_has_to_be(server, player, publish, headers, verdict, rules):
    raw = player.bet()
    publish.kafka(raw, headers)
    entry = entry_of(server, raw)
    assert (entry["verdict"], [finding["rule"] for finding in entry["findings"]]) == (verdict, rules)
    assert entry["disposition"] == "accepted"
    folded = server.get("rounds", user_id=player.user_id)["rounds"]
    assert len(folded) == (verdict in ("ok", "undocumented"))


def test_a_record_without_a_value_is_recorded(server, publish, topic):
    publish.kafka(None, topic=topic)
    (entry,) = [each for each in server.events(connector="kafka") if each["transport"]["topic"] == topic]
    assert (entry["raw"], entry["verdict"], entry["transport"]["null_value"]) == ("", "unreadable", True)


def test_a_record_over_the_limit_is_refused_and_kept_in_part(server, producer, topic):
    raw = b'{"padding": "' + b"x" * 5_000_000 + b'"}'
    sender, reports = producer(**{"message.max.bytes": 20_000_000}), []
    sender.produce(topic, raw, headers=TYPE, on_delivery=lambda error, _: reports.append(error))
    assert sender.flush(10) == 0
    assert reports[0].code() == confluent_kafka.KafkaError.MSG_SIZE_TOO_LARGE
    (entry,) = [each for each in server.events(disposition="refused") if each["transport"].get("topic") == topic]
    assert (entry["verdict"], entry["truncated"], entry["size"]) == ("unreadable", True, len(raw))


def test_fetching_and_listing_offsets_is_answered(server, player, publish, topic):
    publish.kafka(player.bet(), topic=topic)
    began = time.monotonic()
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": server.addresses["kafka"], "group.id": "g", "log_level": 0}
    )
    try:
        low, high = consumer.get_watermark_offsets(confluent_kafka.TopicPartition(topic, 0), timeout=5)
    finally:
        consumer.close()
    assert high == 1
    assert low <= high
    assert time.monotonic() - began < 5
