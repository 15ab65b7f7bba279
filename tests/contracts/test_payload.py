"""The slow reader: what is wrong with the bytes, and what they hold all the same."""

import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.contracts import Verdict
from ftcrm.contracts.events.payload import MAX_DEPTH, Number, describe, read_payload, shortened


@pytest.mark.parametrize(
    ("raw", "rule", "words"),
    [
        (b"", "FT101", "an empty body"),
        (b" \r\n\t", "FT101", "an empty body"),
        (b"\xef\xbb\xbf", "FT101", "an empty body"),
        (b"{", "FT101", "at line 1, column 2"),
        (b"{}\n{", "FT101", "at line 2, column 1"),
        (b"{} x", "FT101", "'x'"),
        (b'{"a":NaN}', "FT101", "NaN, which JSON does not have"),
        (b'{"a":-Infinity}', "FT101", "-Infinity, which JSON does not have"),
        (b'{"a":"\n"}', "FT101", "control character"),
        (b"{'a':1}", "FT101", "column 2"),
        (b'{"a":01}', "FT101", "column 7"),
        (b"type=Bet&amount=20", "FT101", "'type=Bet&amount=20'"),
        (b"{\x0c}", "FT101", "column 2"),
        ('{"a":1}'.encode("utf-16"), "FT100", "byte 0xff at offset 0"),
        (b'{"a":"\xe9"}', "FT100", "byte 0xe9 at offset 6"),
        (b'{"a":"\xed\xa0\x80"}', "FT100", "byte 0xed"),
        (b'{"a":"\\ud83d"}', "FT100", "lone surrogate"),
        (b'{"\\udc00":1}', "FT100", "lone surrogate"),
        (b'{"a":[{"b":["\\ud83d x"]}]}', "FT100", "lone surrogate"),
        (b"[]", "FT102", "an array"),
        (b'[{"a":1}]', "FT102", "an array"),
        (b"null", "FT102", "null"),
        (b"true", "FT102", "the boolean true"),
        (b"20.0", "FT102", "the number 20.0"),
        (b'"Bet"', "FT102", "the string 'Bet'"),
        (b"[" * 100_000, "FT103", "at most 64"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "FT103", "at most 64"),
    ],
)
@pytest.mark.parametrize("message_type", ["CASINO", "BONUS"])
def test_unreadable(feed: Any, raw: bytes, rule: str, words: str, message_type: str) -> None:
    judged = feed.judge(raw, message_type)
    assert [finding.rule for finding in judged.findings if finding.rule != "FT106"] == [rule]
    assert judged.verdict is Verdict.UNREADABLE
    assert judged.event is None
    message = judged.findings[0].message
    assert words in message
    assert message.startswith("expected ")


def nested(depth: int) -> bytes:
    return b'{"meta":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def test_depth_is_counted_outside_strings_and_to_the_level() -> None:
    assert read_payload(nested(MAX_DEPTH)).document is not None
    assert read_payload(nested(MAX_DEPTH + 1)).problem is not None
    wide = {"a": [{} for _ in range(500)], "b": "[" * 500, "\\": '\\"[[[' * 50}
    assert read_payload(json.dumps(wide).encode()).document == wide


def test_a_byte_order_mark_is_told_and_read_over(feed: Any) -> None:
    judged = feed.judge(b"\xef\xbb\xbf" + feed.raw(feed.clean))
    assert [finding.rule for finding in judged.findings] == ["FT106"]
    assert judged.verdict is Verdict.UNDOCUMENTED
    assert judged.event == feed.judge(feed.clean).event


@given(data=st.data())
def test_duplicate_keys_are_told_once_each_and_the_last_counts(feed: Any, data: st.DataObject) -> None:
    keys = data.draw(st.lists(st.text(st.characters(codec="utf-8"), max_size=4), min_size=1, max_size=6))
    members = ",".join(f"{json.dumps(key)}:{index}" for index, key in enumerate(keys))
    payload = read_payload(f"{{{members}}}".encode())
    assert payload.document == {key: Decimal(index) for index, key in enumerate(keys)}
    assert set(payload.duplicates) == {key for key in keys if keys.count(key) > 1}
    assert len(payload.duplicates) == len(set(payload.duplicates))


def test_duplicate_keys_of_inner_objects_are_not_the_events(feed: Any) -> None:
    assert feed.found(feed.raw(feed.clean)[:-1] + b',"meta":{"a":1,"a":2}}') == []


def test_a_duplicate_key_is_pointed_to_as_rfc_6901_has_it(feed: Any) -> None:
    raw = b'{"a/b~c":1,"a/b~c":2,' + feed.raw(feed.clean)[1:]
    assert feed.found(raw) == [("FT105", "/a~1b~0c")]


def test_a_duplicate_key_leaves_the_event_usable(feed: Any) -> None:
    judged = feed.judge(b'{"amount":99,' + feed.raw(feed.clean)[1:])
    assert judged.verdict is Verdict.UNDOCUMENTED
    assert judged.event.amount == 20


def test_numbers_are_exact_and_never_floats() -> None:
    document = read_payload(b'{"a":0.1,"b":1e400,"c":1e99999999999999999999,"d":-0,"e":123456789012345678901}').document
    assert document == {
        "a": Decimal("0.1"),
        "b": Decimal("1e400"),
        "c": Number("1e99999999999999999999"),
        "d": Decimal(0),
        "e": Decimal("123456789012345678901"),
    }


@given(data=st.data())
def test_what_json_can_say_is_read_as_it_was_said(feed: Any, data: st.DataObject) -> None:
    document = data.draw(st.dictionaries(st.text(max_size=6), feed.json_values, max_size=4))
    read = read_payload(feed.raw(document)).document
    assert read == document


@pytest.mark.parametrize("value", ["x" * 1000, Decimal("7" * 1000), Number("1e" + "9" * 1000)])
def test_messages_show_the_beginning_of_what_is_long(value: Any) -> None:
    assert len(describe(value)) < 100


@given(st.text(max_size=200))
def test_shortened_shows_all_or_the_beginning_and_the_length(text: str) -> None:
    shown = shortened(text)
    assert shown == text or (text.startswith(shown[:40]) and f"({len(text)} characters)" in shown)
    assert len(shown) <= 60 + len("... (200 characters)")


HOSTILE: dict[str, Callable[[int], bytes]] = {
    "brackets": lambda size: b"[" * size,
    "empty objects": lambda size: b'{"a":[' + b"{}," * (size // 3) + b"{}]}",
    "quotes": lambda size: b'"' * size,
    "backslashes": lambda size: b'{"' + b"\\" * size,
    "escapes": lambda size: b'{"a":"' + b"\\u0041" * (size // 6) + b'"}',
    "surrogates": lambda size: b'{"a":"' + b"\\ud83d\\ude00" * (size // 12) + b'"}',
    "duplicate keys": lambda size: b"{" + b'"a":1,' * (size // 6) + b'"a":1}',
    "distinct keys": lambda size: b"{" + b",".join(b'"%d":1' % n for n in range(size // 10)) + b"}",
    "an id of digits": lambda size: b'{"user_id":' + b"7" * size + b"}",
    "an amount of digits": lambda size: b'{"amount":0.' + b"7" * size + b"}",
    "a long type": lambda size: b'{"type":"' + b"Bet" * (size // 3) + b'"}',
    "a long currency": lambda size: b'{"currency":"' + b"\xc3\x9f" * (size // 2) + b'"}',
    "a long timestamp": lambda size: b'{"timestamp":"2026-03-02 08:27:58.' + b"1" * size + b'Z"}',
    "a long leap second": lambda size: b'{"timestamp":"2016-12-31T23:59:60.' + b"1" * size + b'"}',
    "long digits in meta": lambda size: b'{"meta":{"a":' + b"7" * size + b"}}",
    "newlines": lambda size: b"\n" * size + b"x",
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_hostile_bytes_take_linear_time(feed: Any, hostile: Callable[[int], bytes], assert_linear: Any) -> None:
    assert_linear(lambda size: elapsed(feed, hostile(size)), 200_000)


def elapsed(feed: Any, raw: bytes) -> float:
    start = time.process_time()
    judged = feed.judge(raw)
    spent = time.process_time() - start
    assert judged.verdict in {Verdict.UNREADABLE, Verdict.VIOLATION}
    assert all(len(finding.message) < 300 for finding in judged.findings)
    return spent


@given(st.binary(max_size=200) | st.text().map(str.encode))
@settings(max_examples=300)
def test_any_bytes_are_read_or_explained(raw: bytes) -> None:
    payload = read_payload(raw)
    assert (payload.document is None) is (payload.problem is not None)
