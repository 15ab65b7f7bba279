"""Bytes and names as JSON can hold them, and the runs that senders are bound to."""

import base64

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.mockserver.protocol_errors import ProtocolErrors
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
        errors.add("kafka", f"reason {number}", b"x" * 100)
    errors.add("amqp", "other", b"\xff")
    view = errors.view()
    assert list(view) == ["amqp", "kafka"]
    assert view["kafka"]["count"] == 30
    assert view["kafka"]["samples"] == [{"reason": f"reason {number}", "sample": "x" * 64} for number in range(10, 30)]
    assert view["amqp"] == {"count": 1, "samples": [{"reason": "other", "sample": {"base64": "/w=="}}]}


def test_protocol_errors_can_be_shown_whatever_the_peer_called_itself() -> None:
    errors = ProtocolErrors()
    errors.add("rabbitmq", "unknown authentication mechanism '\udcff'")
    [sample] = msgspec.json.decode(msgspec.json.encode(errors.view()))["rabbitmq"]["samples"]
    assert sample["reason"] == "unknown authentication mechanism '\\udcff'"
