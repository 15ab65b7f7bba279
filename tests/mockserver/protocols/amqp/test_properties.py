import datetime
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands, header
from pika.spec import BasicProperties

from ftcrm.mockserver.protocols.amqp import Properties, json_properties, wire
from ftcrm.mockserver.protocols.amqp.errors import PeerError, ReplyCode
from ftcrm.mockserver.protocols.amqp.properties import property_bytes, read_properties

words = st.text("abcé-/.", max_size=12)
SHORTSTRS = (
    "content_type",
    "content_encoding",
    "correlation_id",
    "reply_to",
    "expiration",
    "message_id",
    "type",
    "user_id",
    "app_id",
    "cluster_id",
)
headers = st.dictionaries(words, st.integers(-9, 99999999999) | words | st.booleans() | st.none(), max_size=4)
fields: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(SHORTSTRS, words),
    "headers": headers,
    "delivery_mode": st.integers(0, 255),
    "priority": st.integers(0, 255),
    "timestamp": st.integers(0, 4_000_000_000),
}
properties_given = st.fixed_dictionaries({}, optional=fields)


@given(properties_given)
def test_properties_are_read_as_they_were_written(given_fields: dict[str, Any]) -> None:
    properties = Properties(**given_fields)
    assert read_properties(b"??" + property_bytes(properties), 2) == properties


@given(properties_given)
def test_we_read_what_pika_writes(given_fields: dict[str, Any]) -> None:
    raw = b"".join(BasicProperties(**given_fields).encode())
    assert read_properties(raw, 0) == Properties(**given_fields)


@given(properties_given)
def test_pika_reads_what_we_write(given_fields: dict[str, Any]) -> None:
    theirs = BasicProperties()
    theirs.decode(property_bytes(Properties(**given_fields)))
    assert theirs == BasicProperties(**given_fields)


def test_pamqp_writes_all_fourteen() -> None:
    stamp = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
    theirs = commands.Basic.Properties(
        "a", "b", {"h": [1, {"x": Decimal("1.25")}]}, 2, 3, "c", "d", "e", "f", stamp, "g", "h", "i", ""
    )
    raw = header.ContentHeader(0, 0, theirs).marshal()
    ours = read_properties(raw, 12)
    assert ours == Properties(
        "a", "b", {"h": [1, {"x": Decimal("1.25")}]}, 2, 3, "c", "d", "e", "f", int(stamp.timestamp()), "g", "h", "i"
    )


def test_an_empty_property_is_not_an_absent_one() -> None:
    properties = read_properties(property_bytes(Properties(type="", headers={})), 0)
    assert (properties.type, properties.headers, properties.app_id) == ("", {}, None)


@given(properties_given.filter(bool), st.data())
def test_truncated_properties_are_a_syntax_error(given_fields: dict[str, Any], data: st.DataObject) -> None:
    raw = property_bytes(Properties(**given_fields))
    cut = data.draw(st.integers(0, len(raw) - 1))
    with pytest.raises(PeerError) as caught:
        read_properties(raw[:cut], 0)
    assert caught.value.code is ReplyCode.SYNTAX_ERROR


@pytest.mark.parametrize("raw", [b"\x00\x01", b"\x00\x02", b"\x00\x00\x00", b"\x80\x00\x01ab"])
def test_flags_without_a_property_and_bytes_behind_are_refused(raw: bytes) -> None:
    with pytest.raises(PeerError, match="SYNTAX_ERROR"):
        read_properties(raw, 0)


def test_json_holds_what_is_present() -> None:
    properties = Properties(
        content_type="application/json",
        timestamp=1_700_000_000,
        message_id=wire.text_of(b"\xff\x00"),
        headers={
            "raw": b"\x01",
            "amount": Decimal("12.50"),
            "at": wire.Timestamp(5),
            "nested": {"list": [None, True, 1.5, float("inf")]},
            wire.text_of(b"k\xfe"): "v",
        },
    )
    shown = json_properties(properties)
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown
    assert shown == {
        "content_type": "application/json",
        "timestamp": 1_700_000_000,
        "message_id": {"base64": "/wA="},
        "headers": {
            "raw": {"base64": "AQ=="},
            "amount": "12.50",
            "at": 5,
            "nested": {"list": [None, True, 1.5, "inf"]},
            "k\\xfe": "v",
        },
    }


def test_json_of_nothing_is_empty() -> None:
    assert json_properties(Properties()) == {}
