"""FT603 and FT604: timestamps in the future, by the time of receipt and only when they are asked for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import Message, Ruleset, Settings, Verdict, judge

AT = datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC)
MICROSECONDS = int(AT.timestamp()) * 1_000_000
RULES = {"CASINO": "FT603", "BONUS": "FT604"}


def found(
    feed: Any, message_type: str, timestamp: Any, *, ahead: float = 300, at: int | None = MICROSECONDS
) -> list[str]:
    document = {**(feed.clean if message_type == "CASINO" else feed.bonus), "timestamp": timestamp}
    ruleset = Ruleset(Settings(extend_select=("FT603", "FT604"), clock_ahead=ahead))
    judged = judge(Message("rest", feed.raw(document), message_type), ruleset, received_at=at)
    assert judged.verdict is not Verdict.OK or not judged.findings
    return [finding.rule for finding in judged.findings]


@pytest.mark.parametrize("message_type", RULES)
@given(
    beyond=st.integers(-(10**9), 10**9) | st.integers(-2, 2),
    ahead=st.sampled_from([0, 0.5, 300, 86400.0]),
    hours=st.integers(-14, 14),
)
def test_ahead_is_what_lies_beyond_the_setting(
    feed: Any, message_type: str, beyond: int, ahead: float, hours: int
) -> None:
    instant = AT + timedelta(seconds=ahead, microseconds=beyond) + timedelta(hours=hours)
    sign = "-" if hours < 0 else "+"
    timestamp = f"{instant:%Y-%m-%dT%H:%M:%S.%f}{sign}{abs(hours):02}:00"
    assert found(feed, message_type, timestamp, ahead=ahead) == ([RULES[message_type]] if beyond > 0 else [])


@pytest.mark.parametrize("message_type", RULES)
def test_without_a_time_of_receipt_nothing_is_ahead(feed: Any, message_type: str) -> None:
    assert found(feed, message_type, "9999-12-31T23:59:59Z", at=None) == []
    assert found(feed, message_type, "9999-12-31T23:59:59Z") == [RULES[message_type]]
    assert found(feed, message_type, "0001-01-01T00:00:00Z") == []


@pytest.mark.parametrize("message_type", RULES)
@pytest.mark.parametrize("at", [2**62, -(2**62), 2**80, -(2**80), 253_402_300_800_000_000])
def test_a_time_of_receipt_beyond_every_calendar_is_none(feed: Any, message_type: str, at: int) -> None:
    assert found(feed, message_type, "9999-12-31T23:59:59Z", at=at) == []
    assert found(feed, message_type, "0001-01-01T00:00:00Z", at=at) == []


@pytest.mark.parametrize("timestamp", ["soon", "", None, 32503680000, "3000-01-01 00:00:00"])
def test_what_is_no_timestamp_is_told_by_other_rules(feed: Any, timestamp: Any) -> None:
    assert not {"FT603", "FT604"} & {*found(feed, "CASINO", timestamp), *found(feed, "BONUS", timestamp)}


@pytest.mark.parametrize("message_type", RULES)
def test_they_are_off_until_selected(feed: Any, message_type: str) -> None:
    document = {**(feed.clean if message_type == "CASINO" else feed.bonus), "timestamp": "9999-12-31T23:59:59Z"}
    assert judge(Message("rest", feed.raw(document), message_type), received_at=MICROSECONDS).findings == ()
