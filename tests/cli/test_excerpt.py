"""Excerpts: the place that a finding points at, with what belongs there where that is certain."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.cli.excerpt import excerpt, snippet
from ftcrm.contracts import Message, judge
from ftcrm.contracts.findings import Confidence, Finding, Verdict

CLEAN = {
    "activity_id": "A-1",
    "amount": 20,
    "currency": "EUR",
    "exchange_rate": 1,
    "game_id": "10911",
    "game_name": "Dead or Alive",
    "game_type": "Slots",
    "origin": "sub.example.com",
    "round_id": "12345",
    "status": "Approved",
    "timestamp": "2026-03-02T08:27:58Z",
    "type": "Bet",
    "user_bonus_id": "",
    "user_id": "52530",
    "vendor_id": "1",
    "vendor_name": "Netent",
}


def shown(document: dict[str, Any] | bytes, rule: str) -> list[str]:
    """The excerpt of that rule's finding about the casino event."""
    raw = document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode()
    judged = judge(Message("rest", raw, "CASINO"))
    (finding,) = [each for each in judged.findings if each.rule == rule]
    return excerpt(raw, finding, message_type="CASINO", verdict=judged.verdict)


def at(pointer: str, raw: bytes) -> list[str]:
    finding = Finding("FT999", "x", "x", Confidence.INFERRED, "float.sum", "expected", pointer)
    return excerpt(raw, finding, message_type="CASINO", verdict=Verdict.OK)


@pytest.mark.parametrize(
    ("changes", "rule", "lines"),
    [
        ({"status": "Aproved"}, "FT112", ['- "status": "Aproved",', '+ "status": "Approved",']),
        ({"currency": "eur"}, "FT115", ['- "currency": "eur",', '+ "currency": "EUR",']),
        ({"user_id": 52530}, "FT111", ['- "user_id": 52530,', '+ "user_id": "52530",']),
        ({"amount": "20.00"}, "FT111", ['- "amount": "20.00",', '+ "amount": 20.00,']),
        (
            {"timestamp": "2026-03-02 08:27:58Z"},
            "FT118",
            ['- "timestamp": "2026-03-02 08:27:58Z",', '+ "timestamp": "2026-03-02T08:27:58Z",'],
        ),
    ],
)
def test_what_is_certainly_meant_is_shown_in_its_place(changes: dict[str, Any], rule: str, lines: list[str]) -> None:
    found = shown(CLEAN | changes, rule)
    assert found[1:3] == lines
    assert len(found) == 4
    assert all(line.startswith("  ") for line in (found[0], found[3]))


@pytest.mark.parametrize(
    ("changes", "rule", "line", "marks"),
    [
        ({"status": "Nonsense"}, "FT112", '  "status": "Nonsense",', 10),
        ({"amount": "twenty"}, "FT111", '  "amount": "twenty",', 8),
        ({"amount": "0x14"}, "FT111", '  "amount": "0x14",', 6),
        ({"status": 7}, "FT111", '  "status": 7,', 1),
        ({"wager_amount": 25}, "FT113", '  "amount": 20,', 2),
        ({"user_id": None}, "FT111", '  "user_id": null,', 4),
    ],
)
def test_what_is_not_certain_is_marked(changes: dict[str, Any], rule: str, line: str, marks: int) -> None:
    found = shown(CLEAN | changes, rule)
    index = found.index(line)
    assert found[index + 1] == " " * line.index(": ") + "  " + "^" * marks
    assert line[len(found[index + 1]) - marks :].startswith(line.partition(": ")[2].rstrip(","))


def test_what_is_missing_is_to_come_after_the_rest() -> None:
    document = {name: value for name, value in CLEAN.items() if name != "user_bonus_id"}
    assert shown(document, "FT110") == ['  "vendor_name": "Netent",', '+ "user_bonus_id": ...']


def test_a_misspelt_name_is_put_right_and_its_value_stays() -> None:
    document = {"userid" if name == "user_id" else name: value for name, value in CLEAN.items()}
    assert shown(document, "FT110")[1:3] == ['- "userid": "52530",', '+ "user_id": "52530",']
    assert shown({"wagerAmount": 20, **CLEAN}, "FT131")[:2] == ['- "wagerAmount": 20,', '+ "wager_amount": 20,']


def test_a_name_that_stands_twice_is_marked_twice() -> None:
    raw = json.dumps(CLEAN).encode()[:-1] + b', "type": "Win"}'
    assert shown(raw, "FT105") == [
        '  "type": "Bet",',
        "          ^^^^^",
        '  "type": "Win"',
        "          ^^^^^",
    ]


def test_a_place_within_is_shown_within() -> None:
    raw = b'{"a": 1, "meta": {"x": [10, 20, 30], "y/~": 2}, "b": 3}'
    assert at("/meta/y~1~0", raw) == [
        '  "meta": {',
        '    "x": [10, 20, 30],',
        '    "y/~": 2',
        "           ^",
    ]
    assert at("/meta/x/1", raw) == ['  "meta": {', '    "x": [', "      10,", "      20,", "      ^^", "      30"]
    assert at("/meta/z", raw) == ['  "meta": {', '    "y/~": 2,', '+   "z": ...']
    assert at("/meta/x/9", raw)[-1] == '+     "9": ...'


def test_numbers_and_blanks_are_shown_as_they_were_sent() -> None:
    raw = b'{\r\n  "a" : 20.00 ,\r\n\t"m":{ "k":\n1e5 }\n}'
    assert at("/a", raw) == ['  "a": 20.00,', "       ^^^^^", '  "m": { "k": 1e5 }']


def test_an_unreadable_event_shows_its_beginning() -> None:
    assert shown(b'{"activity_id": "C-11", \x1b[31m' + b"x" * 500, "FT101")[0].startswith(
        '  {"activity_id": "C-11", \\x1b'
    )
    assert shown(b"\xff\xfe", "FT100") == ["  \\xff\\xfe"]
    assert shown(b" ", "FT101") == []


@pytest.mark.parametrize(
    ("raw", "line", "mark"),
    [
        (b'{"a": 1, "b": tru}', '  {"a": 1, "b": tru}', 16),
        (b'{"a": [1,\n"x" 2]}', '  "x" 2]}', 6),
        (b'{"a": "\x1b"}', '  {"a": "\\x1b"}', 9),
        (b"[1,2", "  [1,2", 6),
        (b"  " + b"[" * 3 + b"x" * 500, "    [[[" + "x" * 30 + "...", 7),
        (b'{"a": "' + b"y" * 500 + b'" 1}', "  ..." + "y" * 28 + '" 1}', 35),
    ],
)
def test_where_the_json_breaks_is_shown_and_marked(raw: bytes, line: str, mark: int) -> None:
    assert shown(raw, "FT101") == [line, " " * mark + "^"]


def test_json_that_breaks_in_a_blank_line_shows_its_beginning() -> None:
    assert shown(b'{"a": 1,\n', "FT101") == ['  {"a": 1,']


def test_what_was_sent_cannot_say_where_it_breaks() -> None:
    assert shown(b"1 at line 9, column 9 (x)", "FT101") == ["  1 at line 9, column 9 (x)", " " * 4 + "^"]


@pytest.mark.parametrize("raw", [b'{"a": 1}', b"{}"])
def test_a_finding_about_the_whole_shows_nothing_of_it(raw: bytes) -> None:
    assert at("", raw) == []


def test_what_is_long_is_cut_short() -> None:
    (line, marks, _) = at("/a", json.dumps({"a": "x" * 10_000, "b" * 10_000: 1}).encode())
    assert max(map(len, (line, marks))) < 80
    assert line.endswith("...,")


def test_a_snippet_is_what_is_there() -> None:
    raw = json.dumps(CLEAN | {"status": "Aproved"}).encode()
    (finding,) = judge(Message("rest", raw, "CASINO")).findings
    text = snippet(raw, finding, message_type="CASINO", verdict=Verdict.VIOLATION)
    assert text.splitlines()[1] == '"status": "Aproved",'
    assert "Approved" not in text


@given(
    st.dictionaries(st.text(max_size=8), st.text(), min_size=1),
    st.text("/~01ab", max_size=5),
)
def test_nothing_can_steer_a_terminal_and_nothing_raises(document: dict[str, str], tail: str) -> None:
    for pointer in (f"/{tail}", *(f"/{name.replace('~', '~0').replace('/', '~1')}" for name in document)):
        lines = at(pointer, json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        assert lines
        assert all(line.isprintable() and len(line) < 130 for line in lines)


@given(st.binary(max_size=60), st.sampled_from([Verdict.UNREADABLE, Verdict.VIOLATION]), st.sampled_from(["", "/a"]))
def test_any_bytes_are_shown_or_not(raw: bytes, verdict: Verdict, pointer: str) -> None:
    finding = Finding("FT999", "x", "x", Confidence.INFERRED, "float.sum", "expected", pointer)
    lines = excerpt(raw, finding, message_type=None, verdict=verdict)
    assert all(line.isprintable() for line in lines)
