"""The pattern of a timestamp is the parser, both ways."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ftcrm.contracts.instants import parse_instant
from ftcrm.contracts.specs.limits import UNSAYABLE
from ftcrm.contracts.specs.timestamps import LINE_BREAK, TIMESTAMP

PATTERN = re.compile(TIMESTAMP)
UNTOLD = [re.compile(entry.when) for entry in UNSAYABLE if entry.field == "timestamp"]

PIECES = st.tuples(
    st.sampled_from("0000 0001 0004 0100 0400 1900 2000 2024 2026 2100 9996 9999 202 20260 -001".split()),
    st.sampled_from(["-", "-", "-", "/", ""]),
    st.sampled_from("00 01 02 04 06 11 12 13 1".split()),
    st.just("-"),
    st.sampled_from("00 01 02 28 29 30 31 32 9".split()),
    st.sampled_from([*"TTTTtt ", "_", "", "  "]),
    st.sampled_from("00 08 19 20 23 24 8 05".split()),
    st.sampled_from([*"::::", ""]),
    st.sampled_from("00 59 60 27 5".split()),
    st.sampled_from([":", ":", ":", "."]),
    st.sampled_from("00 58 59 60 60 61 5".split()),
    st.sampled_from(["", "", ".5", ".999999999", ".", ",5", ".٣", "." + "9" * 40]),
    st.sampled_from(
        [*"Z Z z +00:00 -00:00 +06:00 -05:30 +23:59 +24:00 +05:60 +0600 +06 Z+00:00 \u221201:00 UTC".split(), ""]
    ),
    st.sampled_from(["", "", "", "", "\n", " ", "\x00", "Z"]),
).map("".join)


def says_the_same(text: str) -> bool:
    """Whether both read the text, or neither; what the pattern cannot tell it may let pass."""
    matches = PATTERN.search(text) is not None and re.search(LINE_BREAK, text) is None
    is_read = parse_instant(text) is not None
    return matches is is_read or (matches and any(untold.search(text) for untold in UNTOLD))


@given(text=PIECES)
@settings(max_examples=1_000)
@example(text="2026-03-02T08:27:58Z\n")
@example(text="2026-03-02T8:27:58.721607Z")
@example(text="2018-02-18 18:13:06")
@example(text="2026-03-02T08:27:60Z")
def test_near_misses_are_told_as_the_parser_tells_them(text: str) -> None:
    assert says_the_same(text)


@given(text=st.from_regex(PATTERN))
@settings(max_examples=500)
def test_what_the_pattern_takes_the_parser_reads(text: str) -> None:
    assert says_the_same(text)


@given(text=st.text("0123456789-:TtZz+. ", max_size=30) | st.text(max_size=30))
@settings(max_examples=200)
def test_other_text_is_refused_by_both(text: str) -> None:
    assert says_the_same(text)


@pytest.mark.parametrize(
    "year", [1, 4, 100, 400, 1600, 1700, 1899, 1900, 1904, 1999, 2000, 2023, 2024, 2100, 9996, 9999]
)
def test_the_calendar_is_exact(year: int) -> None:
    real = {date(year, 1, 1) + timedelta(days=n) for n in range(366)} if year < 9999 else set()
    days = {f"{day:%m-%d}" for day in real if day.year == year}
    for month in range(14):
        for day in range(33):
            text = f"{year:04}-{month:02}-{day:02}T12:00:00Z"
            matches = PATTERN.search(text) is not None
            assert matches is (parse_instant(text) is not None), text
            assert not days or matches is (f"{month:02}-{day:02}" in days), text


def test_the_pattern_keeps_to_what_every_engine_reads() -> None:
    assert "(?" not in TIMESTAMP
    assert not re.search(r"\\[a-zA-Z]", TIMESTAMP)


@pytest.mark.parametrize("entry", [entry for entry in UNSAYABLE if entry.when], ids=lambda entry: entry.name)
def test_what_the_pattern_cannot_tell_is_narrow(entry: Any) -> None:
    assert entry.rule == "FT117"
    assert not re.search(entry.when, "2026-03-02T08:27:58.721607Z")
    assert not re.search(entry.when, "2026-03-02T08:27:60Z")
