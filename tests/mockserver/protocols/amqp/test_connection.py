from collections.abc import Callable
from typing import Any

import pytest
from pamqp import commands, encode

from ftcrm.mockserver.protocols.amqp import Closed, Limits, Opened, ProtocolError, Published, methods
from ftcrm.mockserver.protocols.amqp.connection import CLOSE_PATIENCE, TRANSITIONS, ConnectionState
from ftcrm.mockserver.protocols.amqp.frames import frame, method_frame
from ftcrm.mockserver.protocols.amqp.methods import METHODS, Method

Connect = Callable[..., Any]
Connection = commands.Connection


def start_ok(mechanism: str = "PLAIN", response: str = "\0guest\0secret") -> Connection.StartOk:
    return Connection.StartOk({"product": "test"}, mechanism, response, "en_US")


def amqplain(user: str, password: str) -> str:
    return encode.field_table({"LOGIN": user, "PASSWORD": password})[4:].decode()


def test_the_handshake_opens(greet: Connect) -> None:
    client = greet()
    assert client.send(client.header) == []
    start = client.only()
    assert (start.version_major, start.version_minor, start.mechanisms, start.locales) == (
        0,
        9,
        "PLAIN AMQPLAIN",
        "en_US",
    )
    assert start.server_properties["product"] == "ftcrm-mock"
    assert start.server_properties["version"] == "1.2.3"
    assert start.server_properties["capabilities"]["publisher_confirms"] is True
    assert client.send(start_ok(), channel=0) == []
    tune = client.only()
    assert (tune.channel_max, tune.frame_max, tune.heartbeat) == (2047, 131072, 60)
    assert client.send(Connection.TuneOk(2047, 131072, 0), channel=0) == []
    assert client.names() == []
    assert client.send(Connection.Open("/run"), channel=0) == [Opened("guest", "/run", "PLAIN", {"product": "test"})]
    assert client.names() == ["0 Connection.OpenOk"]
    assert not client.connection.closed


@pytest.mark.parametrize(
    ("mechanism", "response"),
    [("PLAIN", "\0ann\0pw"), ("PLAIN", "authzid\0ann\0pw"), ("AMQPLAIN", amqplain("ann", "pw"))],
)
def test_credentials_are_asked_for(greet: Connect, mechanism: str, response: str) -> None:
    asked = []
    client = greet(1, authenticate=lambda user, password: asked.append((user, password)) is None)
    client.send(start_ok(mechanism, response), channel=0)
    assert client.names() == ["0 Connection.Tune"]
    assert asked == [("ann", "pw")]


def test_bad_credentials_are_refused_and_never_shown(greet: Connect) -> None:
    client = greet(1, authenticate=lambda user, password: False)
    [error] = client.send(start_ok(), channel=0)
    close = client.only()
    assert (close.name, close.reply_code, close.class_id, close.method_id) == ("Connection.Close", 403, 10, 11)
    assert close.reply_text.startswith("ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN")
    assert b"secret" not in error.sample
    assert client.send(Connection.CloseOk(), channel=0) == [Closed(403, close.reply_text)]
    assert client.connection.closed


LOST = frame(8, 0, b"")[:-1] + b"!"


@pytest.mark.parametrize("before", [b"", LOST, LOST[:-1] + b"\0"])
@pytest.mark.parametrize("cut", [0, 1, 20])
@pytest.mark.parametrize("state", range(1, 5))
@pytest.mark.parametrize(
    "secret",
    [
        method_frame(0, methods.CONNECTION_START_OK, response=b"\0zed\0sesame", mechanism="PLAIN"),
        method_frame(0, methods.CONNECTION_START_OK, response=b"", mechanism="PLAIN\0\0\0\x0b\0zed\0sesame"),
        method_frame(0, methods.CONNECTION_SECURE_OK, response=b"sesame"),
        method_frame(0, methods.CONNECTION_UPDATE_SECRET, new_secret=b"sesame", reason="r"),
        frame(1, 1, method_frame(0, methods.CONNECTION_SECURE_OK, response=b"sesame")[7:-1]),
    ],
)
def test_no_secret_is_in_a_sample(greet: Connect, state: int, secret: bytes, cut: int, before: bytes) -> None:
    ends = [secret, secret[:-1] + b"!", secret[: len(secret) - cut], secret[:3] + bytes(4) + secret[7:]]
    for end in ends:
        client = greet(state)
        events = [*client.connection.receive(before + end), *client.connection.eof()]
        assert "sesame" not in str(events)
        assert "zed" not in str([event for event in events if not isinstance(event, Opened)])


@pytest.mark.parametrize("kind", [0, 2, 3, 8, 9])
def test_in_place_of_start_ok_any_frame_may_hold_it(greet: Connect, kind: int) -> None:
    [error] = greet(1).connection.receive(frame(kind, 0, b"\0zed\0sesame"))
    assert error.sample == frame(kind, 0, bytes(11))[:7]


@pytest.mark.parametrize(
    ("mechanism", "response", "code"),
    [
        ("PLAIN", "guest", 502),
        ("PLAIN", "\0a\0b\0c", 502),
        ("AMQPLAIN", "x", 502),
        ("AMQPLAIN", encode.field_table({"LOGIN": 1, "PASSWORD": "x"})[4:].decode(), 502),
        ("EXTERNAL", "", 503),
    ],
)
def test_responses_of_another_form_are_refused(greet: Connect, mechanism: str, response: str, code: int) -> None:
    client = greet(1)
    [error] = client.send(start_ok(mechanism, response), channel=0)
    assert client.only().reply_code == code
    assert error.reason.startswith(str(code))


@pytest.mark.parametrize(
    ("channel_max", "frame_max", "said"),
    [
        (2048, 131072, "negotiated channel_max = 2048 is higher than the maximum allowed value (2047)"),
        (0, 131072, "negotiated channel_max = 0 (no limit) is higher"),
        (2047, 131073, "negotiated frame_max = 131073 is higher"),
        (2047, 4095, "negotiated frame_max = 4095 is lower than the minimum allowed value (4096)"),
    ],
)
def test_tuning_upwards_is_not_allowed(greet: Connect, channel_max: int, frame_max: int, said: str) -> None:
    client = greet(2)
    client.send(Connection.TuneOk(channel_max, frame_max, 0), channel=0)
    close = client.only()
    assert close.reply_code == 530
    assert said in close.reply_text


def test_the_lowered_frame_max_holds(connect: Connect) -> None:
    client = connect(frame_max=4096)
    client.send(frame(3, 1, bytes(4089)))
    assert client.only().reply_code == 501


def test_the_lowered_channel_max_holds(greet: Connect) -> None:
    client = greet(2)
    client.send(Connection.TuneOk(3, 131072, 0), Connection.Open("/"), channel=0)
    client.send(commands.Channel.Open(), channel=3)
    assert client.names() == ["0 Connection.OpenOk", "3 Channel.OpenOk"]
    client.send(commands.Channel.Open(), channel=4)
    assert client.only().reply_code == 530


@pytest.mark.parametrize(
    ("opening", "named"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "an HTTP request"),
        (b"POST /ev", "an HTTP request"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01", "a TLS handshake (plain AMQP is expected here)"),
        (b"AMQP\x00\x01\x00\x00", "AMQP 1.0"),
        (b"AMQP\x03\x01\x00\x00", "AMQP 1.0 (with SASL)"),
        (b"AMQP\x01\x01\x00\x09", "AMQP 0-9"),
        (b"AMQP\x00\x00\x09\x02", "another AMQP version (00 00 09 02)"),
        (b"\x00\x00\x00\x23\x00\x12\x00\x04\x00\x00\x00\x01\x00\x05sesame", "what looks like a Kafka request"),
        (b"X-Api-Key: sesame\r\n", "text"),
        (b"\x00" * 100, "the bytes 00 00 00 00 00 00 00 00"),
        (b"\xff\x00\x00\x23\x00\x12\x00\x00\xff", "the bytes ff 00 00 23 00 12 00 00"),
    ],
)
def test_a_foreign_protocol_is_named_and_told_ours(greet: Connect, opening: bytes, named: str) -> None:
    client = greet()
    error, closed = client.connection.receive(opening)
    assert named in error.reason
    assert error.reason.startswith(f"expected the protocol header of AMQP 0-9-1, got {named}")
    # Of HTTP it is the request line that says which; what it holds of the rest is left out when it is kept.
    assert error.sample == (opening if "HTTP" in named else opening[:8])
    assert isinstance(closed, Closed)
    assert client.connection.data_to_send() == b"AMQP\x00\x00\x09\x01"
    assert client.connection.closed
    assert client.connection.receive(b"more") == client.connection.eof() == []


def test_a_connection_that_ends_within_the_header_is_reported(greet: Connect) -> None:
    client = greet()
    assert client.connection.receive(b"AMQP") == []
    error, closed = client.connection.eof()
    assert error == ProtocolError("the connection ended within the protocol header", b"AMQP")
    assert closed.code == 0


def test_a_probe_that_sends_nothing_is_no_error(greet: Connect) -> None:
    assert [type(event) for event in greet().connection.eof()] == [Closed]


STEPS = {
    ConnectionState.EXPECT_START_OK: 1,
    ConnectionState.EXPECT_TUNE_OK: 2,
    ConnectionState.EXPECT_OPEN: 3,
    ConnectionState.OPEN: 4,
}
ILLEGAL = [(state, method) for state in STEPS for method in METHODS.values() if (state, method) not in TRANSITIONS]


@pytest.mark.parametrize(("state", "method"), ILLEGAL, ids=lambda value: getattr(value, "name", None))
def test_every_illegal_method_on_channel_0_closes(greet: Connect, state: ConnectionState, method: Method) -> None:
    client = greet(STEPS[state])
    [error] = client.connection.receive(method_frame(0, method))
    close = client.only()
    expected = 503 if method.class_id == 10 else 504
    assert (close.name, close.reply_code) == ("Connection.Close", expected)
    assert (close.class_id, close.method_id) == (method.class_id, method.method_id)
    assert error.reason == f"{expected} {close.reply_text}"
    assert method_frame(0, method).startswith(error.sample)
    assert len(error.sample) >= 11
    assert client.send(Connection.CloseOk(), channel=0) == [Closed(expected, close.reply_text)]
    assert client.connection.closed


@pytest.mark.parametrize("method", METHODS.values(), ids=repr)
def test_while_we_close_everything_but_close_is_discarded(connect: Connect, method: Method) -> None:
    client = connect()
    client.connection.close(320, "CONNECTION_FORCED - shutdown")
    assert client.only().reply_code == 320
    events = client.connection.receive(method_frame(0, method))
    if method in (methods.CONNECTION_CLOSE, methods.CONNECTION_CLOSE_OK):
        assert events == [Closed(320, "CONNECTION_FORCED - shutdown")]
        assert client.connection.closed
        assert client.names() == (["0 Connection.CloseOk"] if method is methods.CONNECTION_CLOSE else [])
    else:
        assert (events, client.names(), client.connection.closed) == ([], [], False)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(4, 0, b""), 501),
        (frame(8, 1, b""), 501),
        (frame(8, 0, b"x"), 501),
        (frame(1, 0, b"")[:-1] + b"\x00", 501),
        (frame(1, 0, b"\x00\x0a"), 501),
        (frame(1, 0, b"\x00\x0a\x00\xff"), 540),
        (frame(1, 0, b"\x00\x0a\x00\x32\x00"), 502),
        (frame(2, 0, b""), 505),
        (frame(3, 0, b""), 505),
        (frame(2, 9, b""), 504),
        (frame(3, 9, b""), 504),
    ],
)
def test_bad_frames_close_the_connection(connect: Connect, data: bytes, code: int) -> None:
    client = connect()
    [error] = client.connection.receive(data)
    assert client.only().reply_code == code
    assert error.sample == data


def test_content_before_open_closes(greet: Connect) -> None:
    client = greet(3)
    client.send(client.publish())
    assert client.only().reply_code == 503


def test_close_ok_is_found_where_framing_is_lost(connect: Connect) -> None:
    client = connect()
    client.connection.receive(b"\x01\x00\x00\xff\xff\xff\xff garbage")
    assert client.only().reply_code == 501
    last = client.method(Connection.CloseOk(), 0)
    assert client.connection.receive(b"more garbage" + last[:5]) == []
    [closed] = client.connection.receive(last[5:])
    assert closed.code == 501
    assert client.connection.closed


def test_close_ok_behind_the_bad_frame_counts(connect: Connect) -> None:
    client = connect()
    error, closed = client.connection.receive(frame(1, 1, b"abcd")[:-1] + b"!" + client.method(Connection.CloseOk(), 0))
    assert (type(error), closed.code) == (ProtocolError, 501)


def test_what_was_published_before_an_error_is_given(connect: Connect) -> None:
    client = connect()
    events = client.send(client.publish(b"one"), client.publish(b"two"), frame(9, 1, b""), client.publish(b"three"))
    assert [type(event) for event in events] == [Published, Published, ProtocolError]
    assert [event.body for event in events[:2]] == [b"one", b"two"]


def test_the_client_closes(connect: Connect) -> None:
    client = connect()
    events = client.send(Connection.Close(200, "bye", 0, 0), channel=0)
    assert events == [Closed(200, "bye")]
    assert client.names() == ["0 Connection.CloseOk"]
    assert client.connection.closed
    assert client.send(client.publish()) == []
    assert client.connection.eof() == []


def test_what_follows_a_close_in_one_read_is_ignored(connect: Connect) -> None:
    client = connect()
    close = client.method(Connection.Close(200, "bye", 0, 0), 0)
    assert client.send(close, client.publish(), close, b"rubbish") == [Closed(200, "bye")]
    assert client.names() == ["0 Connection.CloseOk"]


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_the_client_may_close_within_the_handshake(greet: Connect, steps: int) -> None:
    client = greet(steps)
    client.send(Connection.Close(200, "bye", 0, 0), channel=0)
    assert client.names() == ["0 Connection.CloseOk"]
    assert client.connection.closed


def test_close_before_the_header_just_closes(greet: Connect) -> None:
    client = greet()
    client.connection.close(320, "CONNECTION_FORCED - shutdown")
    assert client.connection.closed
    assert client.connection.eof() == [Closed(320, "CONNECTION_FORCED - shutdown")]
    assert client.connection.data_to_send() == b""


def test_eof_is_told_once(connect: Connect) -> None:
    client = connect()
    [closed] = client.connection.eof()
    assert (closed.code, client.connection.closed, client.connection.eof()) == (0, True, [])


def test_update_secret_is_answered(connect: Connect) -> None:
    client = connect()
    client.send(method_frame(0, methods.CONNECTION_UPDATE_SECRET, new_secret=b"s", reason="r"))
    assert client.names() == ["0 Connection.UpdateSecretOk"]


def test_heartbeats_are_sent_and_expected(connect: Connect, heartbeat_bytes: bytes) -> None:
    client = connect(heartbeat=10)
    assert client.connection.next_tick == 5.0
    assert client.connection.tick(4.9) == []
    assert client.connection.data_to_send() == b""
    assert client.connection.tick(5.0) == []
    assert client.connection.data_to_send() == heartbeat_bytes
    assert client.connection.next_tick == 10.0
    assert client.connection.receive(heartbeat_bytes, 12.0) == []
    client.connection.tick(30.0)
    assert not client.connection.closed
    assert client.connection.next_tick == 32.0
    [closed] = client.connection.tick(32.0)
    assert closed == Closed(0, "nothing came from the client in 20 s, heartbeats are every 10 s")
    assert client.connection.closed
    assert client.connection.next_tick is None


def test_without_heartbeats_nothing_is_due(connect: Connect, heartbeat_bytes: bytes) -> None:
    client = connect(heartbeat=0)
    assert client.connection.next_tick is None
    assert client.connection.tick(1e9) == []
    assert client.connection.receive(heartbeat_bytes) == []
    assert not client.connection.closed


def test_a_peer_that_does_not_answer_close_is_given_up(connect: Connect) -> None:
    client = connect()
    client.send(b"", now=100.0)
    client.connection.close(320, "CONNECTION_FORCED - shutdown")
    assert client.connection.next_tick == 100.0 + CLOSE_PATIENCE
    assert client.connection.tick(109.9) == []
    assert client.connection.tick(110.0) == [Closed(320, "CONNECTION_FORCED - shutdown")]
    assert client.connection.closed


def test_limits_are_what_is_offered(greet: Connect) -> None:
    client = greet(1, limits=Limits(frame_max=8192, channel_max=7, heartbeat=0))
    client.send(start_ok(), channel=0)
    tune = client.only()
    assert (tune.channel_max, tune.frame_max, tune.heartbeat) == (7, 8192, 0)


def test_a_long_text_is_cut_to_what_a_close_holds(greet: Connect) -> None:
    client = greet(1)
    client.send(start_ok("M" * 250, ""), channel=0)
    assert len(client.only().reply_text) == 255
