"""Why a text is no RFC 3339 date-time: every reason by its name."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ftcrm.contracts.events.timestamps import problems_of
from ftcrm.contracts.instants import parse_instant


def ranges(low: int, high: int, width: int) -> st.SearchStrategy[str]:
    """Numbers with all their digits, mostly, and with one digit where that is enough."""
    return st.integers(low, high).flatmap(lambda number: st.sampled_from([f"{number:0{width}}"] * 3 + [str(number)]))


like_date_times = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["0000", "0001", "2023", "2024", "9999"]),
        *(st.just("-"), ranges(0, 13, 2), st.just("-"), ranges(0, 32, 2)),
        st.sampled_from("TTTt "),
        *(ranges(0, 25, 2), st.just(":"), ranges(0, 61, 2)),
        st.sampled_from([""] + [":"] * 9).flatmap(
            lambda colon: st.builds(colon.__add__, ranges(0, 61, 2)) if colon else st.just("")
        ),
        st.sampled_from(["", "", ".5", ".123456789", ",5"]),
        st.sampled_from(
            ["Z", "z", "+00:00", "-23:59", "+24:00", "+01:60", "+0100", "+01", "+1:00", " Z", "", " UTC", "x"]
        ),
    ),
)


@given(text=like_date_times)
@example(text="9999-12-31T23:59:60Z")
@example(text="0001-01-01T00:00:00+00:01")
@example(text="2016-12-31T23:59:60Z")
def test_what_is_like_a_date_time_names_an_instant_or_has_a_reason(text: str) -> None:
    if parse_instant(text) is None:
        assert problems_of(text)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("2015-03-02T8:27:58.721607Z", ["one digit for the hour"]),
        ("2015-3-2T08:07:08Z", ["one digit for the month", "one digit for the day"]),
        ("2015-03-02T08:7:8Z", ["one digit for the minute", "one digit for the second"]),
        ("2018-02-18 18:13:06", ["no offset such as Z or +01:00", "a space for the T"]),
        ("2026-03-02T08:27:58", ["no offset such as Z or +01:00"]),
        ("2026-03-02T08:27:58+0600", ["an offset without its colon"]),
        ("2026-03-02T08:27:58+06", ["an offset without minutes"]),
        ("2026-03-02T08:27:58-6:00", ["one digit for the hour of the offset"]),
        ("2026-03-02T08:27:58 +06:00", ["a blank before the offset"]),
        ("2026-03-02T08:27:58+24:00", ["an offset that does not exist"]),
        ("2026-03-02T08:27:58 CET", ["no offset after the seconds"]),
        ("2026-03-02T08:27Z", ["no seconds"]),
        ("2026-03-02T08:27:58,5Z", ["a comma before the fraction"]),
        ("2026-02-30T08:27:58Z", ["a date that does not exist"]),
        ("2023-02-29T08:27:58Z", ["a date that does not exist"]),
        ("2026-13-01T08:27:58Z", ["a date that does not exist"]),
        ("0000-01-01T08:27:58Z", ["a date that does not exist"]),
        ("2026-03-02T24:00:00Z", ["a time of day that does not exist"]),
        ("2026-03-02T08:27:60Z", ["a leap second that does not exist"]),
        ("2026-03-02", ["no time of day"]),
        ("0001-01-01T00:00:00+01:00", ["it is outside of the years 1 to 9999"]),
        ("1425284878", ["it is a Unix time"]),
        ("1425284878721.607", ["it is a Unix time"]),
        ("", ["it is empty"]),
        (" \n", ["it is blank"]),
        ("2026-03-02T08:27:58Z\n", ["there are blanks around it"]),
        ("soon", []),
        ("02/03/2026 08:27:58", []),
    ],
)
def test_the_reason_has_a_name(feed: Any, text: str, problems: list[str]) -> None:
    assert list(problems_of(text)) == problems
    (finding,) = feed.judge({**feed.clean, "timestamp": text}).findings
    assert finding.rule == "FT117"
    named = f" ({', '.join(problems)})" if problems else ""
    assert finding.message == (
        f"timestamp: expected an RFC 3339 date-time such as '2026-01-31T08:27:58.721Z', got {text!r}{named}"
    )


@given(text=st.text() | st.text("0123456789-:TZ+., "))
@example(text="2026-03-02T08:27:58Z" + "x" * 100_000)
@example(text="1" * 100_000)
@example(text="2026-03-02T08:27:58." + "1" * 100_000)
def test_any_text_is_explained_in_bounds(text: str) -> None:
    if parse_instant(text) is None:
        assert len(", ".join(problems_of(text))) < 200
