"""RFC 3339 timestamps."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ftcrm.contracts.instants import isoformat, parse_instant

offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=offsets))
def test_an_instant_is_the_same_in_every_offset(moment: datetime) -> None:
    parsed = parse_instant(moment.isoformat())
    assert parsed == moment
    assert parsed is not None
    assert parsed.tzinfo is UTC
    assert parse_instant(isoformat(moment)) == moment
    assert isoformat(moment).endswith("Z")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-02T08:27:58.721607Z", "2026-03-02T08:27:58.721607Z"),
        ("2026-03-02t08:27:58z", "2026-03-02T08:27:58Z"),
        ("2026-03-02 08:27:58Z", "2026-03-02T08:27:58Z"),
        ("2026-03-02T08:27:58+06:00", "2026-03-02T02:27:58Z"),
        ("2026-03-02T08:27:58-00:00", "2026-03-02T08:27:58Z"),
        ("2026-03-02T08:27:58.1234567891Z", "2026-03-02T08:27:58.123457Z"),
        ("2026-12-31T23:59:59.9999999Z", "2027-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00Z"),
        ("2017-01-01T05:59:60+06:00", "2017-01-01T00:00:00Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
        ("0001-01-01T00:00:00-01:00", "0001-01-01T01:00:00Z"),
    ],
)
def test_read(text: str, instant: str) -> None:
    parsed = parse_instant(text)
    assert parsed is not None
    assert isoformat(parsed) == instant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "1425284878",
        "2026-03-02",
        "2026-03-02T8:27:58Z",
        "2026-03-02T08:27Z",
        "2026-03-02T08:27:58",
        "2026-03-02T08:27:58.Z",
        "2026-03-02T08:27:58,5Z",
        "2026-03-02T08:27:58+06",
        "2026-03-02T08:27:58+0600",
        "2026-03-02 08:27:58.5-0330",
        "2026-03-02T08:27:58 +06:00",
        "2026-03-02T08:27:58+24:00",
        "2026-03-02T08:27:58Z\n",
        "2026-02-30T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "2026-03-02T24:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-03-02T08:60:00Z",
        "2026-03-02T08:27:60Z",
        "2016-12-31T23:59:60+06:00",
        "2016-12-31T23:59:60+0000",
        "2016-12-31T23:59:61Z",
        "2016-12-31T23:59:60.\u0663Z",
        "9999-12-31T23:59:60Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
    ],
)
def test_not_read(text: str) -> None:
    assert parse_instant(text) is None


@given(st.text(alphabet="0123456789-:+TtZz .\u0663", max_size=32))
def test_any_text_is_an_aware_utc_instant_or_none(text: str) -> None:
    parsed = parse_instant(text)
    assert parsed is None or parsed.tzinfo is UTC


@given(
    st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=offsets),
    st.integers(0, 31),
    st.characters(codec="utf-8"),
)
def test_what_is_read_is_rfc3339_by_its_grammar(moment: datetime, at: int, char: str) -> None:
    # One character off: whatever still reads has the shape that section 5.6 draws.
    text = moment.isoformat()
    assume(at < len(text))
    changed = text[:at] + char + text[at + 1 :]
    if parse_instant(changed) is not None:
        date, clock = changed[:10], changed[11:]
        assert [part.isascii() and part.isdigit() for part in date.split("-")] == [True] * 3
        assert changed[10] in "Tt "
        assert clock[-1] in "Zz" or (clock[-6] in "+-" and clock[-3] == ":")


def test_isoformat_is_in_utc() -> None:
    assert isoformat(datetime(2026, 3, 2, 8, tzinfo=timezone(timedelta(hours=6)))) == "2026-03-02T02:00:00Z"
