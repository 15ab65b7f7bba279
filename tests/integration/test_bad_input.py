"""No bytes on any of the three ports take the server down, and none are lost silently."""

import hashlib
import json
import secrets
import socket
import ssl
import struct

import confluent_kafka
import httpx
import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.integration

CASINO = "/v1/integration/casino"
HTTP = b"POST /v1/integration/casino HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
AMQP = b"AMQP\x00\x00\x09\x01"
PORTS = {"rest": "rest", "rabbitmq": "amqp", "kafka": "kafka"}
MEGABYTES_10 = b'{"padding": "' + b"x" * 10_000_000 + b'"}'


@pytest.fixture
def still_works(server, publish, new_player):
    """Assert that each connector takes a round, as if nothing had been."""

    def check():
        for connector in PORTS:
            player = new_player()
            bet, win = player.bet(), player.win()
            publish.through(connector, bet)
            publish.through(connector, win)
            player.settled(server, bet, win)

    return check


@pytest.fixture
def counted(server, until):
    """Do something that is no message; the sample that it left in the summary's protocol errors."""

    def run(connector, act):
        before = server.protocol_errors(connector)["count"]
        act()
        until(lambda: server.protocol_errors(connector)["count"] > before, hint=server.summary)
        return server.protocol_errors(connector)["samples"][-1]

    return run


def test_a_body_over_the_limit_is_413_and_kept_in_part(server, publish, still_works):
    answer = publish.rest(MEGABYTES_10)
    assert answer.status_code == 413
    error = answer.json()["error"]
    assert (error["status"], error["code"]) == (413, "body-too-large")
    assert "10000015" in error["message"]
    check_kept_in_part(server.get(f"events/{error['seq']}"))
    still_works()


def test_a_body_over_the_limit_in_chunks(server, publish):
    pieces = (MEGABYTES_10[at : at + 60_000] for at in range(0, len(MEGABYTES_10), 60_000))
    answer = httpx.post(server.addresses["rest"] + CASINO, content=pieces, timeout=10)
    assert answer.status_code == 413
    check_kept_in_part(server.get(f"events/{answer.json()['error']['seq']}"))


def test_a_large_message_over_rabbitmq(server, talk, amqp_session, until, still_works):
    parts = [MEGABYTES_10[at : at + 131_064] for at in range(0, len(MEGABYTES_10), 131_064)]
    whole = amqp_session(b"HOLE", close=False, app_id="ten megabytes")
    frames = b"".join(struct.pack(">BHI", 3, 1, len(part)) + part + b"\xce" for part in parts)
    one = struct.pack(">BHI", 3, 1, 4) + b"HOLE\xce"
    sized = whole.replace(struct.pack(">HHQ", 60, 0, 4), struct.pack(">HHQ", 60, 0, len(MEGABYTES_10)))
    answer = talk(server.address("amqp"), sized.replace(one, frames))
    assert b"PRECONDITION_FAILED - message size 10000015" in answer
    (entry,) = until(
        lambda: [
            each
            for each in server.events(connector="rabbitmq", verdict="unreadable")
            if each["transport"]["properties"].get("app_id") == "ten megabytes"
        ]
    )
    check_kept_in_part(entry)
    still_works()


def test_a_large_record_over_kafka(server, player, still_works):
    topic = f"large-{player.user_id}"
    sender = confluent_kafka.Producer(
        {"bootstrap.servers": server.addresses["kafka"], "message.max.bytes": 20_000_000, "log_level": 0}
    )
    reports = []
    sender.produce(
        topic, MEGABYTES_10, headers=[("type", b"CASINO")], on_delivery=lambda error, _: reports.append(error)
    )
    assert sender.flush(10) == 0
    assert reports[0].code() == confluent_kafka.KafkaError.MSG_SIZE_TOO_LARGE
    (entry,) = [each for each in server.events(disposition="refused") if each["transport"].get("topic") == topic]
    check_kept_in_part(entry)
    still_works()


def check_kept_in_part(entry):
    assert (entry["verdict"], entry["truncated"], entry["size"]) == ("unreadable", True, len(MEGABYTES_10))
    assert [finding["rule"] for finding in entry["findings"]] == ["FT104"]
    assert entry["transport"]["sha256"] == hashlib.sha256(MEGABYTES_10).hexdigest()
    assert MEGABYTES_10.startswith(entry["raw"].encode())
    assert 1000 < len(entry["raw"]) <= 65_536


def test_more_than_the_largest_frame_over_kafka(server, counted, talk, still_works):
    sample = counted("kafka", lambda: talk(server.address("kafka"), struct.pack(">i", 100_000_000) + b"x" * 1000))
    assert "100000000" in sample["reason"]
    still_works()


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_a_foreign_content_type_is_415_and_recorded(server, publish, player, content_type):
    answer = publish.rest(player.bet(), Content_Type=content_type)
    error = answer.json()["error"]
    assert (answer.status_code, error["status"], error["code"]) == (415, 415, "unsupported-media-type")
    assert content_type in error["message"]
    assert "verdict" not in error
    entry = server.get(f"events/{error['seq']}")
    assert (entry["disposition"], entry["verdict"]) == ("refused", "ok")
    assert server.get("rounds", user_id=player.user_id)["rounds"] == []


def test_http_on_the_amqp_port(server, counted, talk, still_works):
    answers = []
    sample = counted("rabbitmq", lambda: answers.append(talk(server.address("amqp"), HTTP + b"\r\n")))
    assert answers == [AMQP]
    assert "HTTP" in sample["reason"]
    assert sample["sample"].startswith("POST /v1/integration")
    still_works()


@pytest.mark.parametrize(
    ("opening", "named"),
    [
        (HTTP + b"\r\n", "HTTP"),
        (AMQP, "AMQP"),
        (b"GET / HTTP/1.1\r\n\r\n", "HTTP"),
        (b"PRI * HTTP/2.0\r\n\r\n", "HTTP/2"),
    ],
)
def test_another_protocol_on_the_kafka_port(server, counted, talk, still_works, opening, named):
    sample = counted("kafka", lambda: talk(server.address("kafka"), opening, stay=True))
    assert named in sample["reason"]
    assert sample["sample"] is not None
    still_works()


@pytest.mark.parametrize("opening", [AMQP, b"\x00\x00\x00\x10\x00\x12\x00\x00", b"AMQP\x03\x01\x00\x00"])
def test_another_protocol_on_the_rest_port(server, counted, talk, opening):
    counted("rest", lambda: talk(server.address("rest"), opening))


SECRET = b"sesame-7316"
KEYED = b"X-Api-Key: " + SECRET + b"\r\n"


@pytest.mark.parametrize("connector", PORTS)
@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (b"POST /v1/x?key=" + SECRET + b" HTTP/1.1\r\n" + KEYED + b"bad header\r\n\r\n", "POST /v1/x"),
        (KEYED + b"\r\n", ""),
        (b"POST /v1/x HTTP/1.1\r\n" + KEYED, "POST /v1/x"),
    ],
)
def test_no_header_is_in_a_sample(server, counted, talk, connector, said, shown):
    sample = counted(connector, lambda: talk(server.address(PORTS[connector]), said))
    assert sample["sample"].removesuffix(" HTTP/1.1") == shown
    assert SECRET.decode() not in json.dumps(server.summary())


def test_kafka_on_the_amqp_port_is_named(server, counted, talk):
    said = b"\x00\x00\x00\x10\x00\x12\x00\x00\x00\x00\x00\x01\x00\x04test"
    sample = counted("rabbitmq", lambda: talk(server.address("amqp"), said))
    assert sample["reason"].startswith(
        "expected the protocol header of AMQP 0-9-1, got what looks like a Kafka request"
    )


def test_a_bad_chunk_and_a_cut_body_are_counted_once_and_told_apart(server, counted, talk):
    head = HTTP + KEYED + b"Transfer-Encoding: chunked\r\n\r\n"
    before = server.protocol_errors("rest")["count"]
    bad = counted("rest", lambda: talk(server.address("rest"), head + b"zz\r\n{}\r\n"))
    cut = counted("rest", lambda: talk(server.address("rest"), head + b"5\r\n{"))
    server.http.get("/_ftcrm/ready")
    assert server.protocol_errors("rest")["count"] == before + 2
    assert bad["sample"] == cut["sample"] == f"POST {CASINO}"
    assert bad["reason"].startswith("expected a chunk of the body")
    assert cut["reason"] == f"{CASINO}: the client left before its request was whole"


def test_sasl_that_fails_is_counted_without_its_password(server, counted):
    def produce(**options):
        sender = confluent_kafka.Producer(
            {"bootstrap.servers": server.addresses["kafka"], "security.protocol": "SASL_PLAINTEXT", "log_level": 0}
            | options
        )
        sender.poll(0.1)
        with pytest.raises(confluent_kafka.KafkaException):
            sender.list_topics(timeout=1)

    sample = counted("kafka", lambda: produce(**{"sasl.mechanism": "SCRAM-SHA-256", **CREDENTIALS}))
    assert sample == {"reason": "SaslHandshake: expected the mechanism PLAIN, got 'SCRAM-SHA-256'", "sample": ""}
    assert SECRET.decode() not in json.dumps(server.summary())


CREDENTIALS = {"sasl.username": "bob", "sasl.password": SECRET.decode()}


@pytest.mark.parametrize("version", [b"\x00\x01\x00\x00", b"\x03\x01\x00\x00", b"\x01\x01\x00\x09"])
def test_another_amqp_version_is_told_ours(server, counted, talk, version):
    answers = []
    counted("rabbitmq", lambda: answers.append(talk(server.address("amqp"), b"AMQP" + version, stay=True)))
    assert answers == [AMQP]


@pytest.mark.parametrize("connector", PORTS)
def test_tls(server, counted, connect, still_works, connector):
    context = ssl.create_default_context()

    def handshake():
        bare = connect(server.address(PORTS[connector]))
        with pytest.raises((ssl.SSLError, ConnectionResetError, BrokenPipeError)):
            context.wrap_socket(bare, server_hostname="localhost")

    sample = counted(connector, handshake)
    assert sample["reason"]
    if connector != "rest":
        assert "TLS" in sample["reason"]
    still_works()


@pytest.mark.parametrize(
    "half",
    [
        b"POST",
        HTTP,
        HTTP + b"Content-Length: 500\r\n\r\n",
        HTTP + b"Content-Length: 500\r\n\r\n{",
        HTTP + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
        HTTP + b"\r\n" + b"GET /_ftcrm",
    ],
)
def test_half_an_http_request(server, counted, connect, still_works, half):
    def leave():
        bare = connect(server.address("rest"))
        bare.sendall(half)
        bare.close()

    counted("rest", leave)
    still_works()


@pytest.mark.parametrize(
    "request_line",
    [
        b"POST /v1/integration/\xff HTTP/1.1",
        b"POST http://[ HTTP/1.1",
        b"POST // HTTP/1.1",
        b"POST /%ff%00 HTTP/1.1",
        b"PATCH * HTTP/1.1",
    ],
)
def test_odd_http_targets_are_answered(server, counted, talk, still_works, request_line):
    answers = []
    counted("rest", lambda: answers.append(talk(server.address("rest"), request_line + b"\r\nHost: x\r\n\r\n")))
    assert answers[0].startswith((b"HTTP/1.1 400", b"HTTP/1.1 404"))
    still_works()


def test_http_that_is_none_is_answered_in_the_one_shape(server, counted, talk):
    answers = []
    counted("rest", lambda: answers.append(talk(server.address("rest"), b"nonsense\r\n\r\n")))
    head, _, body = answers[0].partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/json" in head.lower()
    error = json.loads(body)["error"]
    assert (error["status"], error["findings"]) == (400, [])


def test_a_truncated_amqp_conversation(server, counted, connect, player, amqp_session, still_works):
    """Wherever it is cut within a frame or a message, it is counted."""
    said = amqp_session(player.bet(), close=False)
    for size in (3, 12, 40, len(said) - 600, len(said) - 100, len(said) - 1):

        def leave(size=size):
            bare = connect(server.address("amqp"))
            bare.sendall(said[:size])
            bare.shutdown(socket.SHUT_WR)
            while bare.recv(65536):
                pass

        counted("rabbitmq", leave)
    assert server.events(user_id=player.user_id) == []
    still_works()


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ((b"\xce", b"\xcd"), b"501 "),
        ((b"PLAIN", b"\xff\xfe\xfd\xfc\xfb"), b"503 "),
    ],
)
def test_damaged_amqp_frames(server, counted, talk, amqp_session, still_works, damage, code):
    sample = counted("rabbitmq", lambda: talk(server.address("amqp"), amqp_session(b"{}").replace(*damage)))
    assert sample["reason"].encode().startswith(code)
    still_works()


def test_a_truncated_kafka_request(server, counted, talk, player, still_works):
    said = produce_request(f"cut-{player.user_id}", batch(player.bet()))
    for size in (2, 4, 20, len(said) - 1):
        counted("kafka", lambda size=size: talk(server.address("kafka"), said[:size]))
    assert server.events(user_id=player.user_id) == []
    still_works()


def test_a_batch_with_a_bad_crc(server, connect, counted, player, still_works):
    topic, raw = f"crc-{player.user_id}", player.bet()
    good = batch(raw)
    bad = good.replace(b"Approved", b"approved")
    assert len(bad) == len(good)
    assert produced(connect(server.address("kafka")), topic, good) == (0, 0)
    results = []
    sample = counted("kafka", lambda: results.append(produced(connect(server.address("kafka")), topic, bad)))
    assert results == [(2, -1)]  # CORRUPT_MESSAGE
    assert topic in sample["reason"]
    assert "CRC" in sample["reason"]
    assert produced(connect(server.address("kafka")), topic, good) == (0, 1)
    assert [entry["raw"].encode() for entry in server.events(user_id=player.user_id)] == [raw, raw]
    still_works()


@pytest.mark.parametrize("records", [b"", b"\x00" * 61, secrets.token_bytes(200)], ids=["empty", "zeros", "random"])
def test_record_sets_that_are_none(server, connect, player, still_works, records):
    code, offset = produced(connect(server.address("kafka")), f"none-{player.user_id}", records)
    assert (code, offset) == (2, -1)
    still_works()


@pytest.mark.parametrize("connector", PORTS)
def test_random_bytes(server, talk, until, still_works, connector):
    address = server.address(PORTS[connector])
    prefix = {"rest": b"", "rabbitmq": AMQP, "kafka": b""}[connector]

    @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.binary(min_size=1, max_size=400), st.booleans())
    def feed(data, opened):
        before = server.protocol_errors(connector)["count"]
        talk(address, (prefix if opened else b"") + data)
        if data.strip(b"\r\n"):
            until(lambda: server.protocol_errors(connector)["count"] > before)
        assert server.http.get("/_ftcrm/ready").status_code == 200

    feed()
    still_works()


@pytest.mark.parametrize("connector", PORTS)
def test_conversations_with_damaged_bytes(server, talk, amqp_session, player, still_works, connector):
    """Whatever a damaged conversation comes to, it ends, and the server goes on."""
    raw = player.bet()
    said = {
        "rest": HTTP + b"Content-Length: %d\r\n\r\n" % len(raw) + raw,
        "rabbitmq": amqp_session(raw, headers={"a": [1, "b", {"c": None}]}),
        "kafka": produce_request(f"damaged-{connector}", batch(raw)),
    }[connector]
    address = server.address(PORTS[connector])

    @settings(max_examples=80, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.integers(0, len(said) - len(raw) - 1), st.integers(0, 255)), min_size=1, max_size=3))
    def feed(damages):
        damaged = bytearray(said)
        for at, value in damages:
            damaged[at] = value
        talk(address, bytes(damaged))
        assert server.http.get("/_ftcrm/ready").status_code == 200
        assert server.http.get("/_ftcrm/summary").status_code == 200

    feed()
    assert server.http.get("/_ftcrm/events?limit=1000").status_code == 200
    still_works()


def test_header_names_of_a_record_that_are_no_unicode(server, connect, player):
    raw = player.bet()
    odd = bytearray(batch(raw, header="ODD").replace(b"ODD", b"\xff\xfe\xfd"))
    odd[17:21] = struct.pack(">I", calc_crc32c(bytes(odd[21:])))
    assert produced(connect(server.address("kafka")), f"odd-{player.user_id}", bytes(odd)) == (0, 0)
    (entry,) = [each for each in server.events(connector="kafka") if each["raw"] == raw.decode()]
    assert entry["transport"]["headers"] == [[{"base64": "//79"}, "CASINO"]]
    assert [finding["rule"] for finding in entry["findings"]] == ["FT004"]


def batch(*values, header="type"):
    """A record batch of magic 2, each record with this header."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1_000_000)
    for offset, value in enumerate(values):
        builder.append(offset, 1_772_440_020_000, None, value, [(header, b"CASINO")])
    return bytes(builder.build())


def produce_request(topic, records):
    """A Produce request of version 3, acks all."""
    name = topic.encode()
    request = struct.pack(">hhih4shhi", 0, 3, 7, 4, b"test", -1, -1, 5000)
    request += struct.pack(">ih", 1, len(name)) + name
    request += struct.pack(">iii", 1, 0, len(records)) + records
    return struct.pack(">i", len(request)) + request


def produced(bare, topic, records):
    """The error code and the base offset of one batch."""
    bare.sendall(produce_request(topic, records))
    with bare.makefile("rb") as answers:
        (size,) = struct.unpack(">i", answers.read(4))
        answer = answers.read(size)
    at = 4 + 4 + 2 + len(topic) + 4 + 4
    return struct.unpack_from(">hq", answer, at)
