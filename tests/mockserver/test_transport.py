"""Bytes and names as JSON can hold them, and the runs that senders are bound to."""

import base64
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.mockserver.protocol_errors import ProtocolErrors, request_line
from ftcrm.mockserver.transport import name_or_base64, run_of_topic, run_of_vhost, storable, text_or_base64

NAMES = st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape"))


def bytes_of(shown: str | dict[str, str] | None) -> bytes:
    assert shown is not None
    return shown.encode() if isinstance(shown, str) else base64.b64decode(shown["base64"])


@given(value=st.binary())
def test_bytes_are_shown_without_losing_one(value: bytes) -> None:
    shown = text_or_base64(value)
    assert bytes_of(shown) == value
    assert isinstance(shown, str) == (value.decode("utf-8", "ignore").encode() == value)


def test_nothing_is_shown_as_nothing() -> None:
    assert text_or_base64(None) is None
    assert text_or_base64(b"") == ""


@given(name=NAMES)
def test_names_are_shown_as_their_bytes(name: str) -> None:
    assert bytes_of(name_or_base64(name)) == name.encode("utf-8", "surrogateescape")


@given(name=NAMES | st.text(st.characters()))
def test_a_storable_name_is_unicode_and_what_was_unicode_is_as_it_was(name: str) -> None:
    assert storable(name).encode().decode() == storable(name)
    assert storable(storable(name)) == storable(name)
    if not any("\ud800" <= character <= "\udfff" for character in name):
        assert storable(name) == name


@given(names=st.sets(NAMES, min_size=2, max_size=2))
def test_names_that_hold_no_backslash_stay_apart(names: set[str]) -> None:
    if not any("\\" in name for name in names):
        assert len({storable(name) for name in names}) == 2


@pytest.mark.parametrize(
    ("vhost", "run"),
    [("/", "default"), ("", "default"), ("default", "default"), ("/x", "/x"), ("a b", "a b"), ("\udcff", "\\udcff")],
)
def test_a_virtual_host_is_a_run(vhost: str, run: str) -> None:
    assert run_of_vhost(vhost) == run


@pytest.mark.parametrize(
    ("topic", "run"),
    [
        ("casino", "default"),
        ("runs", "default"),
        ("runs.", "default"),
        ("runs.a", "default"),
        ("runs.a.", "a"),
        ("runs.a.casino", "a"),
        ("runs.a.b.c", "a"),
        ("runs..casino", "default"),
        ("Runs.a.casino", "default"),
        ("x.runs.a.casino", "default"),
    ],
)
def test_a_topic_with_the_prefix_runs_is_of_a_run(topic: str, run: str) -> None:
    assert run_of_topic(topic) == run


def test_protocol_errors_are_counted_and_the_latest_kept() -> None:
    errors = ProtocolErrors()
    assert errors.view() == {}
    for number in range(30):
        errors.add("kafka", f"reason {number}", b"\0" * 100)
    errors.add("amqp", "other", b"\xff")
    view = errors.view()
    assert list(view) == ["amqp", "kafka"]
    assert view["kafka"]["count"] == 30
    assert view["kafka"]["samples"] == [{"reason": f"reason {number}", "sample": "\0" * 64} for number in range(10, 30)]
    assert view["amqp"] == {"count": 1, "samples": [{"reason": "other", "sample": {"base64": "/w=="}}]}


def test_protocol_errors_can_be_shown_whatever_the_peer_called_itself() -> None:
    errors = ProtocolErrors()
    errors.add("rabbitmq", "unknown authentication mechanism '\udcff'")
    [sample] = msgspec.json.decode(msgspec.json.encode(errors.view()))["rabbitmq"]["samples"]
    assert sample["reason"] == "unknown authentication mechanism '\\udcff'"


HEADERS = b"Host: x\r\nX-Api-Key: sesame\r\nAuthorization: Bearer sesame\r\n\r\n"


def sample_of(raw: bytes, **options: bool) -> Any:
    errors = ProtocolErrors()
    errors.add("kafka", "reason", raw, **options)
    return errors.view()["kafka"]["samples"][0]["sample"]


@pytest.mark.parametrize(
    ("first_line", "shown"),
    [
        (b"POST /v1/x HTTP/1.1", "POST /v1/x HTTP/1.1"),
        (b"POST /v1/x?key=sesame HTTP/1.1", "POST /v1/x HTTP/1.1"),
        (b"POST /v1/x#sesame HTTP/1.1", "POST /v1/x HTTP/1.1"),
        (b"PROPFIND / HTTP/1.0", "PROPFIND / HTTP/1.0"),
        (b"PRI * HTTP/2.0", "PRI * HTTP/2.0"),
        (b"GET /a sesame", "GET /a"),
        (b"GET /a X-Api-Key: sesame HTTP/1.1", "GET /a"),
        (b"GET http://user:sesame@host/ HTTP/1.1", ""),
        (b"CONNECT user:sesame@host HTTP/1.1", ""),
        (b"get / HTTP/1.1", ""),
        (b"", ""),
        (b"X-Api-Key: sesame", ""),
        (b"COOKIE : sesame", ""),
        (b" X-Api-Key: sesame", ""),
        (b"AUTH sesame", ""),
        (b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2", ""),
        (b"\x01\x02GET / HTTP/1.1", ""),
        (b"\x01\x02", ""),
        (b"AMQP\x03\x01\x00\x00\x00\x00\x00\x1d\x02\x01sesame", "AMQP\x03\x01\x00\x00"),
    ],
)
@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_of_http_a_sample_holds_a_request_line_without_its_query(first_line: bytes, shown: str, end: bytes) -> None:
    said = first_line + end + HEADERS.replace(b"\r\n", b"\n" if end == b"\n" else b"\r\n")
    assert sample_of(said) == shown
    for size in range(len(said)):
        assert b"sesa" not in bytes_of(sample_of(said[:size]))


@given(raw=st.binary())
def test_a_request_line_is_the_beginning_of_what_came(raw: bytes) -> None:
    line = request_line(raw)
    assert not line or raw.startswith(line.partition(b" HTTP/")[0])
    assert b"?" not in line
    assert request_line(line) == line


@pytest.mark.parametrize("raw", [b"\x00\x00\x00\x10\x00\x12", b"\x16\x03\x01\x02\x00"])
def test_samples_of_binary_protocols_are_kept(raw: bytes) -> None:
    assert sample_of(raw) == raw.decode()


def test_what_is_known_to_be_harmless_is_kept_as_it_is() -> None:
    assert sample_of(b'{"a": 1}', harmless=True) == '{"a": 1}'
    assert sample_of(b'{"a": 1}') == ""
