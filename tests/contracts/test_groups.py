"""Groups against a naive model: any sequence of additions, exclusions, evictions, refreshes and reads."""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ftcrm.contracts import CasinoEvent, Finding, RoundKey, fold_round
from ftcrm.contracts.groups import LARGE, Groups
from ftcrm.contracts.rounds import Member, RoundFold
from ftcrm.contracts.rules import RULES, STANDARD, Scope, findings_of

KEYS = [RoundKey("o", "u", f"r{number}") for number in range(3)]
keys = st.sampled_from(KEYS)


def event(**changes: Any) -> CasinoEvent:
    values: dict[str, Any] = {
        **dict.fromkeys("activity_id game_id game_name game_type origin round_id user_id vendor_id".split(), "x"),
        **dict.fromkeys(("vendor_name", "user_bonus_id"), ""),
        **{"amount": 1, "currency": "EUR", "exchange_rate": 1, "status": "Approved", "type": "Bet"},
        "timestamp": datetime(2026, 3, 2, 8, tzinfo=UTC),
    }
    return CasinoEvent(**{**values, **changes})


def groups_of(journal: dict[int, Any], hot: int, folds: list[int]) -> Groups[RoundKey, RoundFold]:
    def fold(key: RoundKey, members: Sequence[Any], excluded: Sequence[int]) -> RoundFold:
        folds.append(len(members))
        return fold_round(key, members, excluded=excluded)

    def load(seqs: Sequence[int]) -> list[Any]:
        return [journal[seq] for seq in seqs]

    return Groups(fold, lambda folded: folded.round.state, judged, load=load, hot=hot)


def judged(_: RoundKey, folded: RoundFold, __: int | None) -> tuple[Finding, ...]:
    return findings_of(STANDARD.ask(Scope.ROUND, folded))


class GroupsMachine(RuleBasedStateMachine):
    """The model keeps each key's seqs and folds them anew whenever it is asked."""

    @initialize(hot=st.sampled_from([0, 1, 2, 100]))
    def start(self, hot: int) -> None:
        self.journal: dict[int, Any] = {}
        self.seqs: dict[RoundKey, list[int]] = {key: [] for key in KEYS}
        self.excluded: dict[RoundKey, list[int]] = {key: [] for key in KEYS}
        self.order: list[RoundKey] = []
        self.numbers: dict[RoundKey, int] = {}
        self.cut: set[RoundKey] = set()
        self.evicted = False
        self.hot = hot
        self.groups = groups_of(self.journal, hot, [])
        self.last_number = 0

    @rule(key=keys, activity=st.sampled_from("ab"), type=st.sampled_from(["Bet", "Win"]), undo=st.booleans())
    def add(self, key: RoundKey, activity: str, type: str, undo: bool) -> None:  # noqa: A002
        seq = len(self.journal) + 1
        made = event(activity_id=activity, type=type, status="Rollback" if undo else "Approved")
        self.journal[seq] = Member(seq, made)
        self.groups.add(key, self.journal[seq])
        self.seqs[key].append(seq)

    @rule(key=keys)
    def exclude(self, key: RoundKey) -> None:
        seq = len(self.journal) + 1
        self.journal[seq] = None
        self.groups.exclude(key, seq)
        self.excluded[key].append(seq)

    @rule(key=keys, data=st.data())
    def drop(self, key: RoundKey, data: st.DataObject) -> None:
        known = self.seqs[key] + self.excluded[key]
        gone = data.draw(st.sets(st.sampled_from(known))) if known else {999}
        self.groups.drop(key, sorted(gone))
        self.evicted = self.evicted or bool(gone)
        if known and gone:
            self.cut.add(key)
        self.seqs[key] = [seq for seq in self.seqs[key] if seq not in gone]
        self.excluded[key] = [seq for seq in self.excluded[key] if seq not in gone]
        if not self.seqs[key] and not self.excluded[key]:
            self.cut.discard(key)  # nothing is left that could remember it

    @rule(key=keys)
    def read(self, key: RoundKey) -> None:
        found = self.groups.value(key)
        assert found == self.folded(key)

    @rule(limit=st.sampled_from([0, 1, 2]))
    def work_in_the_background(self, limit: int) -> None:
        if not self.groups.refresh(limit=limit):
            self.assert_folded()

    @rule()
    def refresh(self) -> None:
        assert self.groups.refresh() is False
        self.assert_folded()

    def folded(self, key: RoundKey) -> RoundFold | None:
        members = [self.journal[seq] for seq in self.seqs[key]]
        return fold_round(key, members, excluded=self.excluded[key]) if members else None

    def assert_folded(self) -> None:
        """Labels and findings are those of the values, once nothing is left to fold."""
        values = {key: folded for key in KEYS if (folded := self.folded(key)) is not None}
        assert dict(self.groups.labels) == Counter(folded.round.state for folded in values.values())
        assert len(self.groups) == len(values)
        every = {key: findings_of(STANDARD.ask(Scope.ROUND, folded)) for key, folded in values.items()}
        lacking = {key for key, found in every.items() if any(RULES[one.rule].absence for one in found)}
        certain = {
            key: tuple(one for one in found if not (self.evicted and RULES[one.rule].absence))
            for key, found in every.items()
        }
        findings = {key: found for key, found in certain.items() if found}
        for key in KEYS:
            assert self.groups.complete(key) is not (key in self.cut or (self.evicted and key in lacking))
        assert dict(self.groups.flagged()) == findings
        assert all(self.groups.findings(key) == findings.get(key, ()) for key in KEYS)
        assert sum(group.members is not None and bool(group.seqs) for group in self.groups._groups.values()) <= self.hot

    @invariant()
    def what_is_kept_is_the_models(self) -> None:
        assert set(self.groups.known()) == {key for key in KEYS if self.seqs[key] or self.excluded[key]}
        for key in KEYS:
            assert self.groups.excluded(key) == tuple(self.excluded[key])
            assert self.groups.seqs(key) == tuple(sorted(self.seqs[key] + self.excluded[key]))
            assert not (self.groups.complete(key) and key in self.cut)

    @invariant()
    def numbers_are_stable_and_only_grow(self) -> None:
        numbers = {key: number for number, key in [*self.groups.keys()]}
        assert set(numbers) == {key for key in KEYS if self.seqs[key]}
        assert list(numbers.values()) == sorted(numbers.values())
        for key, number in numbers.items():
            assert number == self.numbers.get(key, number) or number > self.last_number
            assert [found for _, found in self.groups.keys(after=number - 1)][0] == key  # noqa: RUF015
            assert all(after > number for after, _ in self.groups.keys(after=number))
        self.numbers = numbers
        self.last_number = max([self.last_number, *numbers.values()])


GroupsMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
test_groups_against_the_model = GroupsMachine.TestCase


def add_many(groups: Groups[Any, Any], journal: dict[int, Any], key: RoundKey, count: int) -> None:
    for _ in range(count):
        seq = len(journal) + 1
        made = event(activity_id=str(seq))
        journal[seq] = Member(seq, made)
        groups.add(key, journal[seq])


def test_background_work_leaves_large_groups_for_a_full_refresh() -> None:
    journal: dict[int, Any] = {}
    folds: list[int] = []
    groups = groups_of(journal, 100, folds)
    add_many(groups, journal, KEYS[0], LARGE + 1)
    add_many(groups, journal, KEYS[1], LARGE)
    add_many(groups, journal, KEYS[2], 1)
    assert groups.refresh(limit=1) is True
    assert groups.refresh(limit=1) is False
    assert sorted(folds) == [1, LARGE]
    for _ in range(3):
        add_many(groups, journal, KEYS[0], 1)
        assert groups.refresh(limit=10) is False
    assert len(folds) == 2
    assert groups.refresh() is False
    assert folds[2:] == [LARGE + 4]
    assert groups.labels == {"open": 3}


def test_a_large_group_that_shrinks_is_background_work_again() -> None:
    journal: dict[int, Any] = {}
    groups = groups_of(journal, 100, [])
    add_many(groups, journal, KEYS[0], LARGE + 1)
    assert groups.refresh(limit=10) is False
    groups.drop(KEYS[0], [1])
    assert groups.refresh(limit=0) is True
    assert groups.refresh(limit=1) is False
    assert groups.labels == {"open": 1}
    add_many(groups, journal, KEYS[0], 1)
    groups.drop(KEYS[0], journal)
    assert groups.refresh() is False
    assert dict(groups.labels) == {}


def test_reads_keep_no_more_groups_hot_than_allowed() -> None:
    journal: dict[int, Any] = {}
    groups = groups_of(journal, 1, [])
    for key in KEYS:
        add_many(groups, journal, key, 1)
    groups.refresh()
    assert all(groups.value(key) is not None for key in KEYS)
    assert sum(group.members is not None for group in groups._groups.values()) == 1


@pytest.mark.parametrize("at_once", [True, False], ids=["one drop", "a refresh for each of many groups"])
def test_evictions_cost_linear_time(at_once: bool, assert_linear: Any) -> None:
    def spent(size: int) -> float:
        journal: dict[int, Any] = {}
        groups = groups_of(journal, 10**6, [])
        wanted = [KEYS[0]] if at_once else [RoundKey("o", "u", str(number)) for number in range(size // 10)]
        for key in wanted:
            add_many(groups, journal, key, size // len(wanted))
        start = time.process_time()
        first = 1
        for key in wanted:
            groups.drop(key, range(first, first + size // len(wanted)))
            first += size // len(wanted)
        elapsed = time.process_time() - start
        assert all(groups.seqs(key) == () for key in wanted)
        return elapsed

    assert_linear(spent, 2_000)
