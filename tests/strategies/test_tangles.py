"""Tangles: nothing is wrong with any event by itself, much is with their sequence, and they shrink to little."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis.errors import InvalidArgument

from ftcrm.contracts import CasinoEvent, Message, Verdict, construct, judge
from ftcrm.contracts.events import read_payload
from ftcrm.contracts.findings import Confidence
from ftcrm.strategies import User, tangles

SHRUNK = settings(max_examples=2_000, phases=[Phase.generate, Phase.shrink], database=None, derandomize=True)
GENERATED = settings(max_examples=300, phases=[Phase.generate], database=None, derandomize=True)


@given(tangles())
def test_no_documented_rule_speaks_of_an_event_by_itself(history: list[Message]) -> None:
    assert 1 <= len(history) <= 24
    documented = [
        finding
        for message in history
        for finding in judge(message).findings
        if finding.confidence is Confidence.DOCUMENTED
    ]
    assert documented == []


@given(tangles(max_size=3))
def test_there_are_no_more_events_than_asked_for(history: list[Message]) -> None:
    assert len(history) <= 3


@given(tangles(users=[User("brand", "one"), User("brand", "two")]))
def test_only_the_users_play_that_it_is_told(history: list[Message]) -> None:
    documents = [read_payload(message.raw).document or {} for message in history]
    assert {(each["origin"], each["user_id"]) for each in documents} <= {("brand", "one"), ("brand", "two")}


def test_a_table_of_no_users_is_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"users: expected at least one, got \[\]"):
        tangles(users=[])


def test_a_size_below_one_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="max_size: expected at least 1, got 0"):
        tangles(max_size=0)


def test_broken_ones_have_events_with_faults_and_few() -> None:
    verdicts: list[Verdict] = []

    @given(tangles(broken=True))
    @settings(GENERATED)
    def look(history: list[Message]) -> None:
        verdicts.extend(judge(message).verdict for message in history)

    look()
    assert 0.02 < sum(verdict is Verdict.VIOLATION for verdict in verdicts) / len(verdicts) < 0.15


def orphaned(history: Sequence[Message]) -> bool:
    return any(value.state == "orphan" for value in construct(history).rounds)


def reversed_before(history: Sequence[Message]) -> bool:
    """A Rollback came, then a Bet that it reverses."""
    events = [judge(message).event for message in history]
    casino = [event for event in events if isinstance(event, CasinoEvent)]
    return any(
        (one.status, one.type, other.status) == ("Rollback", "Bet", "Approved")
        and (one.activity_id, one.round_id, one.user_id, one.origin, one.type)
        == (other.activity_id, other.round_id, other.user_id, other.origin, other.type)
        for place, other in enumerate(casino)
        for one in casino[:place]
    )


def in_two_currencies(history: Sequence[Message]) -> bool:
    return any(len(value.totals) == 2 for value in construct(history).rounds)


@pytest.mark.parametrize(("wanted", "events"), [(orphaned, 1), (reversed_before, 2), (in_two_currencies, 2)])
def test_they_shrink_to_the_events_that_matter(wanted: Callable[[Sequence[Message]], bool], events: int) -> None:
    found = find(tangles(), wanted, settings=SHRUNK)
    assert len(found) == events
    for message in found:
        event = judge(message).event
        assert isinstance(event, CasinoEvent)
        assert (event.amount, event.game_name) == (20, "Dead or Alive")
        assert message.raw.count(b"2026-03-28T23:59:59Z") == 1
