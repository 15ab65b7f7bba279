"""SASL PLAIN, both ways, wanted or not."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import pytest

from ftcrm.mockserver.protocols.kafka import Authenticated, Broker, Closed, ProtocolError
from ftcrm.mockserver.protocols.kafka.schemas import ApiKey

RAW = b"\0bob\0secret"


@pytest.fixture
def guarded(connect: Callable[[Broker], Any]) -> Any:
    return connect(Broker(authenticate=lambda user, password: (user, password) == ("bob", "secret")))


def _handshake(client: Any, version: int = 1, mechanism: str = "PLAIN") -> dict[str, Any]:
    answer: dict[str, Any] = client.ask(ApiKey.SASL_HANDSHAKE, version, mechanism=mechanism)
    return answer


def _token(token: bytes) -> bytes:
    return len(token).to_bytes(4, "big") + token


@pytest.mark.parametrize("version", range(3))
def test_plain_by_sasl_authenticate(guarded: Any, batches: Any, version: int) -> None:
    assert _handshake(guarded) == {"error_code": 0, "mechanisms": ["PLAIN"]}
    assert guarded.send(ApiKey.SASL_AUTHENTICATE, version, auth_bytes=RAW) == [Authenticated("bob")]
    (answer,) = guarded.answers()
    assert (answer["error_code"], answer["error_message"], answer["auth_bytes"]) == (0, None, b"")
    guarded.produced(("t", 0, batches.batch()))


UNKNOWN = "this server does not know this user with this password"
WANTED = "expected a PLAIN token of three parts (authzid NUL user NUL password)"
REFUSED = [
    (b"\0bob\0wrong", UNKNOWN),
    (b"\0eve\0secret", UNKNOWN),
    (b"other\0bob\0secret", "expected an authzid that is empty or the user, got another"),
    (b"", f"{WANTED}, got 1"),
    (b"bob", f"{WANTED}, got 1"),
    (b"bob\0secret", f"{WANTED}, got 2"),
    (b"\0bob\0secret\0", f"{WANTED}, got 4"),
    (b"\0\xff\0x", f"{WANTED} in UTF-8, got bytes that are none"),
]


@pytest.mark.parametrize(("token", "reason"), REFUSED)
def test_bad_credentials_are_answered_reported_and_close(guarded: Any, token: bytes, reason: str) -> None:
    _handshake(guarded)
    events = guarded.send(ApiKey.SASL_AUTHENTICATE, 2, auth_bytes=token)
    assert events == [ProtocolError(f"SaslAuthenticate: {reason}", b""), Closed()]
    (answer,) = guarded.answers()
    assert answer["error_code"] == 58
    assert answer["error_message"] == f"Authentication failed: {reason}"
    assert guarded.connection.closed


@pytest.mark.parametrize(("token", "reason"), REFUSED[2:])
def test_a_token_of_another_form_is_refused_where_any_credentials_are_taken(
    client: Any, token: bytes, reason: str
) -> None:
    _handshake(client)
    error, _ = client.send(ApiKey.SASL_AUTHENTICATE, 1, auth_bytes=token)
    assert error == ProtocolError(f"SaslAuthenticate: {reason}", b"")


def _frame(key: int, version: int, body: bytes) -> bytes:
    return _token(struct.pack(">hhih4s", key, version, 7, 4, b"test") + body)


SECRETS = [
    (1, _frame(36, 0, struct.pack(">i", 100) + b"\0bob\0sesame")),
    (1, _frame(36, 2, b"\0\xff\0bob\0sesame")),
    (1, _frame(36, 9, b"\0bob\0sesame")),
    (1, _frame(36, 1, struct.pack(">i", 11) + b"\0bob\0sesame")),
    (1, _token(b"\0bob\0sesame")),
    (1, _token(b"\0bob\0sesame and more")),
    (1, bytes(4) + _token(b"\0bob\0sesame")),
    (1, bytes(4) + _frame(36, 1, struct.pack(">i", 11) + b"\0bob\0sesame")),
    (1, b"\xff" * 4 + b"\0bob\0sesame"),
    (0, _token(b"\0bob\0sesame\0")),
    (0, _token(b"\0bob\0sesame and more")),
    (0, bytes(4) + b"\0bob\0sesame"),
    (0, b"\0\0\0\6" + b"bob\0bob\0sesame"),
    (None, _token(b"\0bob\0sesame")),
    (None, _token(b"bob\0bob\0sesame")),
    (None, b"\0\0\0\6" + b"\0bob\0sesame"),
    (None, _frame(36, 0, struct.pack(">i", 100) + b"\0bob\0sesame")),
    (None, _frame(17, 1, b"\0bob\0sesame")),
]


@pytest.mark.parametrize(("version", "said"), SECRETS)
def test_no_password_is_in_what_is_reported(connect: Any, version: int | None, said: bytes) -> None:
    for cut in range(len(said) + 1):
        client = connect(Broker())
        if version is not None:
            _handshake(client, version=version)
        events = [*client.connection.receive(said[:cut]), *client.connection.eof()]
        assert "ses" not in str([event for event in events if not isinstance(event, Authenticated)]), cut


def test_after_sasl_a_sample_holds_headers_alone(client: Any, batches: Any) -> None:
    _handshake(client)
    client.send(ApiKey.SASL_AUTHENTICATE, 1, auth_bytes=RAW)
    frame = client.produce_frame(("t", 0, batches.batch()))
    client.connection.receive(frame[:-1])
    error, _ = client.connection.eof()
    assert error.sample == frame[:12]


def test_the_authorization_id_may_repeat_the_user(guarded: Any) -> None:
    _handshake(guarded)
    assert guarded.send(ApiKey.SASL_AUTHENTICATE, 2, auth_bytes=b"bob\0bob\0secret") == [Authenticated("bob")]


def test_a_raw_token_follows_a_handshake_of_version_0(guarded: Any, batches: Any) -> None:
    _handshake(guarded, version=0)
    events = guarded.connection.receive(_token(RAW))
    assert events == [Authenticated("bob")]
    assert guarded.connection.data_to_send() == b"\0\0\0\0"
    guarded.produced(("t", 0, batches.batch()))


def test_a_bad_raw_token_closes_without_an_answer(guarded: Any) -> None:
    _handshake(guarded, version=0)
    error = ProtocolError(f"a bare SASL token: {UNKNOWN}", b"")
    assert guarded.connection.receive(_token(b"\0bob\0wrong")) == [error, Closed()]
    assert guarded.connection.data_to_send() == b""
    assert guarded.connection.closed


@pytest.mark.parametrize("version", [0, 1])
def test_other_mechanisms_are_refused_with_the_list(guarded: Any, version: int) -> None:
    (error,) = guarded.send(ApiKey.SASL_HANDSHAKE, version, mechanism="SCRAM-SHA-256")
    assert error == ProtocolError("SaslHandshake: expected the mechanism PLAIN, got 'SCRAM-SHA-256'", b"")
    assert guarded.answers() == [{"error_code": 33, "mechanisms": ["PLAIN"]}]
    assert _handshake(guarded)["error_code"] == 0


def test_sasl_authenticate_needs_a_handshake(guarded: Any) -> None:
    error = ProtocolError("expected SaslHandshake before SaslAuthenticate", b"")
    assert guarded.send(ApiKey.SASL_AUTHENTICATE, 1, auth_bytes=RAW) == [error]
    (answer,) = guarded.answers()
    assert answer["error_code"] == 34


def test_a_second_handshake_of_version_0_is_refused_after_authentication(guarded: Any) -> None:
    _handshake(guarded, version=0)
    guarded.connection.receive(_token(RAW))
    guarded.connection.data_to_send()
    (error,) = guarded.send(ApiKey.SASL_HANDSHAKE, 0, mechanism="PLAIN")
    assert error.reason == "SaslHandshake: expected version 1 to authenticate again, got version 0"
    assert guarded.answers()[0]["error_code"] == 34


def test_a_connection_can_authenticate_again(guarded: Any) -> None:
    for _ in range(2):
        _handshake(guarded)
        assert guarded.send(ApiKey.SASL_AUTHENTICATE, 2, auth_bytes=RAW) == [Authenticated("bob")]
        guarded.answers()


def test_nothing_else_is_answered_before_authentication(guarded: Any, batches: Any) -> None:
    guarded.ask(ApiKey.API_VERSIONS, 0)
    error, closed = guarded.produce(("t", 0, batches.batch()))
    assert isinstance(error, ProtocolError)
    assert "SASL authentication before Produce" in error.reason
    assert closed == Closed()
    assert guarded.connection.data_to_send() == b""


def test_without_authentication_any_credentials_are_taken_and_none_are_needed(client: Any, batches: Any) -> None:
    client.produced(("t", 0, batches.batch()), acks=0)
    _handshake(client)
    assert client.send(ApiKey.SASL_AUTHENTICATE, 0, auth_bytes=b"\0run-7\0x") == [Authenticated("run-7")]
