import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import Message, Verdict, judge
from ftcrm.contracts.errors import HistoryError
from ftcrm.contracts.lines import Line, Mark, read_chunks, read_line, read_lines

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def _line(**entry: Any) -> Line:
    line = read_line(json.dumps(entry).encode(), number=1)
    assert isinstance(line, Line)
    return line


@given(st.binary())
def test_an_entry_gives_back_any_bytes(raw: bytes) -> None:
    assert _line(message_type="CASINO", raw_base64=base64.b64encode(raw).decode(), event=None).message.raw == raw


@given(st.text())
def test_an_entry_gives_back_any_text(raw: str) -> None:
    assert _line(message_type="CASINO", raw=raw, raw_base64=None, event={"other": 1}).message.raw == raw.encode()


@given(JSON_VALUES, st.sampled_from([(",", ":"), (" , ", " : ")]), st.booleans())
def test_without_raw_the_event_is_the_slice_of_the_line(value: Any, separators: tuple[str, str], ascii: bool) -> None:  # noqa: A002
    raw = json.dumps(value, separators=separators, ensure_ascii=ascii).encode()
    line = read_line(b'{"message_type": "BONUS", "event": ' + raw + b"}\n", number=4)
    assert line == Line(4, Message("rest", raw, "BONUS"), is_entry=True)


@given(st.binary())
def test_no_line_is_lost_and_none_raises_but_as_a_broken_entry(text: bytes) -> None:
    line = read_line(text, number=1)
    assert (line is None) == (not text.strip())
    if isinstance(line, Line):
        assert line.message == Message("rest", text.rstrip(b"\r\n"), "CASINO")


@pytest.mark.parametrize(
    ("event", "message_type"),
    [
        ({"type": "Bet"}, "CASINO"),
        ({"type": "Loss", "bonus_id": "1"}, "CASINO"),
        ({"round_id": "1", "product": "Casino"}, "CASINO"),
        ({"activity_id": None}, "CASINO"),
        ({"type": "WelcomeBonus", "bonus_id": "1"}, "BONUS"),
        ({"product": "Casino"}, "BONUS"),
        ({"status": "Completed"}, "BONUS"),
        ({"status": "Approved"}, "CASINO"),
        ({"status": ["Completed"]}, "CASINO"),
        ({"user_id": "1"}, "CASINO"),
        ({"message_type": "BONUS", "user_id": "1"}, "CASINO"),
        ([], "CASINO"),
    ],
)
def test_the_type_of_a_bare_event_is_inferred(event: object, message_type: str) -> None:
    raw = json.dumps(event).encode()
    assert read_line(raw, number=1) == Line(1, Message("rest", raw, message_type))


def test_blank_lines_are_skipped_and_numbers_count_them() -> None:
    lines = list(read_lines([b"\xef\xbb\xbf{}\r\n", b"\n", b" \t\r\n", b"\xef\xbb\xbf{}"]))
    assert [(line.number, line.message.raw) for line in lines if isinstance(line, Line)] == [
        (1, b"{}"),
        (4, b"\xef\xbb\xbf{}"),
    ]


@pytest.mark.parametrize("raw", [b"{", b"\xff", b'{"a": 1} x', b"[" * 100_000])
def test_what_is_no_json_is_an_unreadable_event(raw: bytes) -> None:
    line = read_line(raw, number=1)
    assert isinstance(line, Line)
    assert judge(line.message).verdict is Verdict.UNREADABLE


def test_a_line_says_its_place_in_the_history() -> None:
    line = _line(message_type="CASINO", event={}, seq=7, run="checkout", disposition="refused", verdict="violation")
    assert (line.seq, line.run, line.disposition, line.accepted, line.aborted) == (
        7,
        "checkout",
        "refused",
        False,
        False,
    )
    assert _line(message_type="CASINO", event={}, disposition="aborted").aborted
    assert _line(message_type="CASINO", event={}, disposition="pending").aborted


def test_a_line_says_when_it_came_and_in_which_transaction() -> None:
    line = _line(
        message_type="CASINO",
        event={},
        connector="kafka",
        received_at="2026-03-02T09:00:00.000001+01:00",
        transport={"transaction": "7/0", "headers": []},
    )
    assert (line.received_at, line.transaction) == (1_772_438_400_000_001, "7/0")
    assert (_line(message_type="CASINO", event={}).received_at, line.column) == (None, 1)


def test_a_mark_is_no_event() -> None:
    given = {"seq": 5, "run": "r", "mark": "transaction", "at": "2026-03-02T08:00:00Z"}
    mark = read_line(json.dumps({**given, "transaction": "7/0", "committed": True}).encode(), number=1)
    assert mark == Mark("transaction", "r", 1_772_438_400_000_000, "7/0", True)
    cut = {**given, "mark": "evicted", "deliveries": 3, "latest": "1970-01-01T00:00:01Z"}
    found = read_line(json.dumps(cut).encode(), number=1)
    assert found == Mark("evicted", "r", 1_772_438_400_000_000, latest=1_000_000)
    assert _line(**{name: value for name, value in given.items() if name != "at"}).message.type_property == "CASINO"


def test_a_list_that_is_not_all_counts_as_evicted() -> None:
    page = b'{"events": [{}], "next_cursor": %b, "complete": %b}'
    assert list(read_chunks([page % (b"null", b"false")]))[1:] == [Mark("evicted")]
    assert list(read_chunks([page % (b'"2"', b"true")]))[1:] == [Mark("evicted")]
    both = list(read_chunks([page % (b'"2"', b"true"), page % (b"null", b"true")]))
    assert [isinstance(each, Line) for each in both] == [True, True]


def test_a_cut_off_body_keeps_the_length_that_it_had() -> None:
    assert _line(message_type="CASINO", raw="{", size=99).message.size == 99
    assert _line(message_type="CASINO", raw="{}", size=2).message.size is None


@pytest.mark.parametrize(
    ("transport", "message_type", "type_property", "headers"),
    [
        ({"properties": {"type": "casino"}}, "CASINO", "casino", ()),
        ({"properties": {"headers": {"type": "CASINO"}}}, None, None, (("type", "CASINO"),)),
        ({"properties": {"type": ""}}, None, "", ()),
        ({"properties": {"type": {"base64": "/w=="}}}, "\udcff", "\udcff", ()),
        (
            {"properties": {"type": "CASINO", "headers": {"a": {"base64": "/w=="}, "b": 1, "c": None, "d": {"e": 1}}}},
            "CASINO",
            "CASINO",
            (("a", b"\xff"), ("b", "1"), ("c", None), ("d", '{"e":1}')),
        ),
        ({"properties": {}}, None, None, ()),
        ({}, "CASINO", "CASINO", ()),
        (None, "CASINO", "CASINO", ()),
    ],
)
def test_a_rabbitmq_entry_carries_its_property_and_its_headers(
    transport: object, message_type: str | None, type_property: str | None, headers: object
) -> None:
    shown = None if message_type == "\udcff" else message_type
    message = _line(message_type=shown, connector="rabbitmq", transport=transport, event={}).message
    assert message == Message("rabbitmq", b"{}", type_property, headers)


@pytest.mark.parametrize(
    ("transport", "headers"),
    [
        ({"headers": [["type", "CASINO"]]}, (("type", b"CASINO"),)),
        (
            {"headers": [["a", None], ["type", "BONUS"], ["type", {"base64": "/w=="}]]},
            (("a", None), ("type", b"BONUS"), ("type", b"\xff")),
        ),
        ({"headers": []}, ()),
        ({}, (("type", b"CASINO"),)),
        (None, (("type", b"CASINO"),)),
    ],
)
def test_a_kafka_entry_carries_its_headers_as_bytes(transport: object, headers: object) -> None:
    message = _line(message_type="CASINO", connector="kafka", transport=transport, event={}).message
    assert message == Message("kafka", b"{}", None, headers)


def test_a_kafka_entry_without_a_type_has_none() -> None:
    assert _line(message_type=None, connector="kafka", event={}).message.headers == ()


@pytest.mark.parametrize(
    "entry",
    [
        {"message_type": 1, "event": {}},
        {"message_type": "CASINO", "event": {}, "received_at": "yesterday"},
        {"message_type": "CASINO", "event": {}, "received_at": 1},
        {"seq": 1, "run": "r", "mark": "nonsense", "at": "2026-03-02T08:00:00Z"},
        {"seq": 1, "run": "r", "mark": "closed", "at": "8:00"},
        {"message_type": "CASINO", "event": {}, "connector": "smtp"},
        {"message_type": "CASINO", "raw_base64": "!"},
        {"message_type": "CASINO", "raw": 1},
        {"message_type": "CASINO", "event": {}, "seq": "1"},
        {"message_type": "CASINO", "event": {}, "connector": "kafka", "transport": {"headers": {"type": "CASINO"}}},
        {"message_type": "CASINO", "event": {}, "connector": "rabbitmq", "transport": {"properties": {"headers": [1]}}},
    ],
)
def test_an_entry_that_cannot_be_read_is_an_error_that_names_its_line(entry: dict[str, Any]) -> None:
    with pytest.raises(HistoryError, match="line 3: expected an entry as the admin API shows it"):
        read_line(json.dumps(entry).encode(), number=3)
