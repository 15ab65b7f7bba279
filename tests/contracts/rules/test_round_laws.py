"""Laws that every rule over the events of one round keeps, on histories that are as hostile as can be."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.contracts import RULES, CasinoEvent, History, Judgement, Ruleset, Settings, Verdict, fold_round
from ftcrm.contracts.rounds import Member, RoundFold
from ftcrm.contracts.rules import Rule, Scope, findings_of
from ftcrm.contracts.rules.plain import is_plain

EVERY = Ruleset(Settings(select=("ALL",)))
ROUND_RULES = [rule for rule in RULES.values() if rule.scope is Scope.ROUND]


TABLES: dict[str, tuple[Any, ...]] = {
    "activity_id": tuple("abcdefgh"),
    "type": ("Bet", "Bet", "Win", "Loss"),
    "status": ("Approved", "Approved", "Rollback"),
    "amount": (Decimal(0), Decimal(0), Decimal(5)),
    "timestamp": ("2026-03-02T08:00:00Z", "2026-03-02T08:00:01Z", "2026-03-02T14:00:02+06:00"),
    "is_round_end": (msgspec.UNSET, False, True),
    "currency": ("EUR", "EUR", "EUR", "USD"),
    "exchange_rate": (Decimal(1), Decimal(1), Decimal(2)),
    "game_id": ("g1", "g1", "g1", "g2"),
    "vendor_id": ("1", "1", "1", "2"),
}
"""Few values, so that events meet in every way."""
ROLLBACKS = st.tuples(st.integers(0, 4), st.sampled_from(["", "x", "y"]), st.sampled_from(TABLES["timestamp"]))
SUBSTITUTED = {"FT408"}
"""Without the event that was reversed, the Rollback may reverse another one of the witness."""
PLACED = {"type": "Bet", "activity_id": "a"}
SETTLED = {"type": "Win", "activity_id": "w", "timestamp": "2026-03-02T09:00:00Z"}


@st.composite
def rounds(draw: st.DrawFn, feed: Any) -> list[CasinoEvent]:
    """The events of one round, and Rollbacks of some of them."""
    rows = draw(st.lists(st.tuples(*map(st.sampled_from, TABLES.values())), min_size=1, max_size=5))
    events = [dict(zip(TABLES, row, strict=True)) for row in rows]
    for index, activity, timestamp in draw(st.lists(ROLLBACKS, max_size=3)):
        undone = events[index % len(rows)]
        changes = {"activity_id": activity or undone["activity_id"], "timestamp": timestamp, "status": "Rollback"}
        events.append({**undone, **changes})
    for index in draw(st.lists(st.integers(0, 4), max_size=1)):
        events.append({**events[index % len(events)], "balance_after": Decimal(7)})
    return [feed.casino_event(**event) for event in events]


def said(rule: Rule, fold: RoundFold) -> list[Any]:
    return list(rule.check(fold))


def told(rules: Iterable[Rule], fold: RoundFold) -> list[tuple[str, str]]:
    return sorted((rule.code, hit.message) for rule in rules for hit in said(rule, fold))


def of_seqs(feed: Any, members: list[Member[Any]], seqs: Iterable[int]) -> RoundFold:
    wanted = set(seqs)
    return fold_round(feed.key, [member for member in members if member.seq in wanted])


def test_a_witness_shows_the_fault_by_itself_and_no_smaller_one_does(feed: Any) -> None:
    spoke: Counter[str] = Counter()

    @given(data=st.data())
    @settings(max_examples=600, deadline=None, database=None, derandomize=True)
    def holds(data: st.DataObject) -> None:
        members = feed.members(data.draw(rounds(feed)))
        fold = fold_round(feed.key, members)
        for rule, hit in [(each, hit) for each in ROUND_RULES for hit in said(each, fold)]:
            spoke[rule.code] += 1
            assert list(hit.witness) == sorted(set(hit.witness)), rule.code
            assert said(rule, of_seqs(feed, members, hit.witness)), rule.code
            for seq in hit.witness if rule.code not in SUBSTITUTED else ():
                rest = [each for each in hit.witness if each != seq]
                assert not rest or not said(rule, of_seqs(feed, members, rest)), rule.code

    holds()
    assert {rule.code for rule in ROUND_RULES} - set(spoke) == set()


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_only_the_rules_that_say_so_rest_on_the_order_of_arrival(feed: Any, data: st.DataObject) -> None:
    events = data.draw(rounds(feed))
    rules = [rule for rule in ROUND_RULES if not rule.arrival]
    shuffled = data.draw(st.permutations(events))
    assert told(rules, feed.fold(*shuffled)) == told(rules, feed.fold(*events))


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_what_was_excluded_only_ever_silences(feed: Any, data: st.DataObject) -> None:
    members = feed.members(data.draw(rounds(feed)))
    alone = told(ROUND_RULES, fold_round(feed.key, members))
    beside = told(ROUND_RULES, fold_round(feed.key, members, excluded=(99,)))
    for each in beside:
        alone.remove(each)
    silent = {code for code, _ in alone}
    assert all(RULES[code].absence for code in silent)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_nothing_that_was_said_is_lost_but_counted_with_its_root(feed: Any, data: st.DataObject) -> None:
    heard = EVERY.ask(Scope.ROUND, feed.fold(*data.draw(rounds(feed))))
    findings = findings_of(heard)
    assert sum(1 + finding.implied for finding in findings) == len(heard)


def test_of_a_plain_round_no_rule_speaks(feed: Any) -> None:
    """Every round that is a change or two away from the plainest one, in both orders of arrival."""
    single = [(last, {name: value}) for last in (0, 1) for name in TABLES for value in TABLES[name]]
    for (first, change), (second, another) in product(single, single):
        events: list[dict[str, Any]] = [dict(PLACED), dict(SETTLED)]
        events[first] |= change
        events[second] |= another
        made = [feed.casino_event(**event) for event in events]
        for fold in (feed.fold(*made), feed.fold(*reversed(made)), feed.fold(made[0])):
            assert not is_plain(fold) or EVERY.ask(Scope.ROUND, fold) == []


@pytest.mark.parametrize(
    "settlement",
    [
        {},
        {"amount": 0, "is_round_end": True},
        {"type": "Loss", "amount": 0},
        {"game_name": "?", "vendor_name": "?", "game_type": "?", "user_bonus_id": "?"},
    ],
)
def test_nearly_all_rounds_are_plain(feed: Any, settlement: dict[str, Any]) -> None:
    bet = feed.casino_event()
    assert is_plain(feed.fold(bet))
    assert is_plain(feed.fold(bet, feed.casino_event(**(SETTLED | settlement))))


def test_the_history_asks_the_rules_of_every_round_that_is_not_plain(feed: Any) -> None:
    history = History(ruleset=EVERY)
    event = feed.casino_event(is_round_end=True)
    history.add(1, Judgement(Verdict.OK, "CASINO", event, event))
    history.refresh()
    assert [finding.rule for finding in history.rounds.findings(feed.key)] == ["FT313"]


def test_a_second_bet_is_not_plain_whatever_it_costs(feed: Any) -> None:
    second = feed.casino_event(**(SETTLED | {"type": "Bet", "amount": 0, "is_round_end": True}))
    assert not is_plain(feed.fold(feed.casino_event(), second))
