"""SASL PLAIN, both ways, wanted or not."""

from __future__ import annotations

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


@pytest.mark.parametrize("token", [b"\0bob\0wrong", b"\0eve\0secret", b"other\0bob\0secret", b"", b"bob", b"\0\xff\0x"])
def test_bad_credentials_are_answered_and_close(guarded: Any, token: bytes) -> None:
    _handshake(guarded)
    assert guarded.send(ApiKey.SASL_AUTHENTICATE, 2, auth_bytes=token) == [Closed()]
    (answer,) = guarded.answers()
    assert answer["error_code"] == 58
    assert "Authentication failed" in answer["error_message"]
    assert guarded.connection.closed


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
    assert guarded.connection.receive(_token(b"\0bob\0wrong")) == [Closed()]
    assert guarded.connection.data_to_send() == b""
    assert guarded.connection.closed


@pytest.mark.parametrize("version", [0, 1])
def test_other_mechanisms_are_refused_with_the_list(guarded: Any, version: int) -> None:
    answer = _handshake(guarded, version=version, mechanism="SCRAM-SHA-256")
    assert answer == {"error_code": 33, "mechanisms": ["PLAIN"]}
    assert _handshake(guarded)["error_code"] == 0


def test_sasl_authenticate_needs_a_handshake(guarded: Any) -> None:
    assert guarded.send(ApiKey.SASL_AUTHENTICATE, 1, auth_bytes=RAW) == []
    (answer,) = guarded.answers()
    assert answer["error_code"] == 34


def test_a_second_handshake_of_version_0_is_refused_after_authentication(guarded: Any) -> None:
    _handshake(guarded, version=0)
    guarded.connection.receive(_token(RAW))
    guarded.connection.data_to_send()
    assert _handshake(guarded, version=0)["error_code"] == 34


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
