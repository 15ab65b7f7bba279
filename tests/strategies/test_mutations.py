"""Each mutation draws exactly what it declares, comes out as it says, and leaves the rest of the history alone."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from ftcrm.contracts import RULES, Message, Round, RoundKey, construct
from ftcrm.contracts.families import FAMILIES
from ftcrm.strategies import MUTATIONS, USERS, MutatedHistory, Mutation, mutated_histories
from ftcrm.strategies.mutations import SEQUENCES, Outcome, Subject, catalogue, found_in
from ftcrm.strategies.mutations.notation import ended, of_round
from ftcrm.strategies.rounds import Sent

LONG = settings.get_current_profile_name() == "long"
EXAMPLES = settings.get_profile("long").max_examples if LONG else 12
BATCHES = EXAMPLES if LONG else 15
"""Of ten histories: after the tenth Hypothesis draws each new one five times over, with the same mutations."""
FOUND = settings(max_examples=400, phases=[Phase.generate, Phase.shrink], database=None, derandomize=True)
NOTES = {"FT302", "FT510"}
AS_OF = datetime(2100, 1, 1, tzinfo=UTC)
NAMED = [pytest.param(name, id=name) for name in MUTATIONS]


def rounds_of(messages: Sequence[Message], history: MutatedHistory) -> dict[RoundKey, Round]:
    """The rounds by key, without where in the history their events stand."""
    rounds = construct(messages, settings=history.settings, as_of=AS_OF).rounds
    return {
        RoundKey(each.origin, each.user_id, each.round_id): msgspec.structs.replace(each, seqs=(), excluded=())
        for each in rounds
    }


def assert_comes_out(history: MutatedHistory) -> None:
    """Exactly the declared rules speak, the subjects come out as declared, all else as without the mutations."""
    notes = found_in(history.valid, closes=history.closes)
    assert notes <= NOTES
    assert found_in(history.messages, history.settings, closes=history.closes) == history.findings | notes

    valid, mutated = rounds_of(history.valid, history), rounds_of(history.messages, history)
    own = {subject.key for subject in history.subjects}
    assert own <= valid.keys()
    assert {key: mutated.get(key) for key in valid.keys() - own} == {key: valid[key] for key in valid.keys() - own}
    others = sorted(mutated[key].state for key in mutated.keys() - valid.keys())
    assert others == sorted(state for subject in history.subjects for state in subject.mutation.outcome.others)
    for subject in history.subjects:
        outcome, made = subject.mutation.outcome, mutated.get(subject.key)
        assert (made and made.state) == outcome.state
        totals = made.totals.values() if made else ()
        if outcome.bet is not None:
            assert sum(money.bet.total for money in totals) == outcome.bet * subject.bet
        if outcome.win is not None:
            assert sum(money.win.total for money in totals) == outcome.win * subject.win


@pytest.mark.parametrize("name", NAMED)
def test_a_mutation_draws_what_it_declares_and_comes_out_as_it_says(name: str) -> None:
    @given(mutated_histories([name], max_mutations=1))
    @settings(max_examples=EXAMPLES)
    def check(history: MutatedHistory) -> None:
        assert history.mutations == (name,)
        assert history.findings == MUTATIONS[name].findings
        assert_comes_out(history)

    check()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_combined_mutations_draw_what_all_of_them_declare(batch: int) -> None:
    @given(mutated_histories(max_mutations=3))
    @settings(max_examples=10)
    def check(history: MutatedHistory) -> None:
        assert history.findings == frozenset().union(*(MUTATIONS[name].findings for name in history.mutations))
        assert len({(each.key.origin, each.key.user_id) for each in history.subjects}) == len(history.mutations)
        assert_comes_out(history)

    check()


@given(mutated_histories(max_mutations=3))
def test_without_its_mutations_no_rule_speaks_of_the_history(history: MutatedHistory) -> None:
    assert found_in(history.valid, closes=True) <= NOTES


# -- the catalogue ---------------------------------------------------------------------------------------------------


def test_every_rule_of_sequences_is_drawn() -> None:
    drawn = {code for mutation in SEQUENCES for code in mutation.findings}
    assert {code for code in RULES if code >= "FT3"} - drawn == set()
    assert drawn <= RULES.keys()


def test_rules_that_are_off_are_drawn_with_the_settings_that_select_them() -> None:
    for mutation in MUTATIONS.values():
        off = {code for code in mutation.findings if not RULES[code].default}
        assert off <= set(mutation.settings.get("extend_select", ()))


def test_every_family_is_shown_with_every_finding_that_its_cases_draw() -> None:
    shown: dict[int, set[str]] = {family.number: set() for family in FAMILIES}
    for mutation in MUTATIONS.values():
        for number in mutation.families:
            shown[number] |= mutation.findings or {""}
    assert all(shown.values())
    drawn = {family.number: {code for case in family.cases for code in case.codes} for family in FAMILIES}
    assert {number: codes - shown[number] for number, codes in drawn.items() if codes - shown[number]} == {}


def test_names_are_what_a_person_types() -> None:
    assert [name for name, mutation in MUTATIONS.items() if name != mutation.name] == []
    assert [name for name in MUTATIONS if not all(part.isalnum() and part.islower() for part in name.split("-"))] == []
    assert {"missing-win", "missing-bet", "bet-rolled-back-first", "bonus-timestamps-out-of-order"} <= MUTATIONS.keys()


# -- the strategy ----------------------------------------------------------------------------------------------------


def read(history: MutatedHistory) -> list[dict[str, Any]]:
    return [json.loads(message.raw) for message in history.messages]


def test_the_simplest_history_is_a_round_as_a_person_writes_it() -> None:
    history = find(mutated_histories(["bet-rolled-back-after-win"]), lambda _: True, settings=FOUND)
    assert (history.mutations, len(history.valid)) == (("bet-rolled-back-after-win",), 2)
    assert [(document["type"], document["status"], document["amount"]) for document in read(history)] == [
        ("Bet", "Approved", 1),
        ("Win", "Approved", 1),
        ("Bet", "Rollback", 1),
    ]
    assert [document["timestamp"] for document in read(history)] == [f"2026-03-02T08:00:0{n}Z" for n in range(3)]
    assert {document["currency"] for document in read(history)} == {"EUR"}


SEVERAL = [
    "missing-bet",
    "bet-after-end",
    "conflicting-amount",
    "conflicting-earlier-second",
    "bet-rolled-back-first",
    "bet-rolled-back-after-win-by-new-id",
    "split-round",
    "equal-timestamps",
    "bonus-timestamps-out-of-order",
    "bonus-closed-at-win",
]


@pytest.mark.parametrize("code", ["FT301", "FT303", "FT407", "FT501"])
def test_a_finding_shrinks_to_one_subject_alone(code: str) -> None:
    def draws(history: MutatedHistory) -> bool:
        return code in found_in(history.messages, history.settings, closes=history.closes)

    history = find(mutated_histories(SEVERAL, max_mutations=3), draws, settings=FOUND)
    assert len(history.mutations) == 1
    subject = find(mutated_histories(history.mutations), draws, settings=FOUND)
    assert [message.raw for message in history.messages] == [message.raw for message in subject.messages]


def test_a_history_that_is_drawn_back_to_a_valid_one_is_discarded(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []

    def sometimes(draw: st.DrawFn, subject: Subject) -> Sequence[Sent]:
        sizes.append(draw(st.sampled_from([1, 2])))
        return subject.sent[: sizes[-1]]

    mutation = replace(MUTATIONS["missing-win"], name="sometimes", documents=sometimes)
    monkeypatch.setitem(catalogue.MUTATIONS, "sometimes", mutation)  # type: ignore[arg-type] - a dict, for readers alone

    @given(mutated_histories(["sometimes"]))
    @settings(max_examples=30, phases=[Phase.generate], database=None)
    def check(history: MutatedHistory) -> None:
        assert "FT307" in found_in(history.messages, closes=True)

    check()
    assert set(sizes) == {1, 2}


WRONG: list[Mutation] = [
    of_round("declares-less", "", "FT301", Outcome("", "orphan", 0, 0), lambda p: [ended(p.loss()), p.undo(p.win)]),
    of_round("declares-more", "", "FT301 FT307", Outcome("", "orphan", 0, 1), lambda p: [p.win]),
    of_round("another-state", "", "FT301", Outcome("", "open", 0, 1), lambda p: [p.win]),
    of_round("another-total", "", "FT301", Outcome("", "orphan", 0, 2), lambda p: [p.win]),
    of_round("a-round-too-many", "", "FT307", Outcome("", "open", 1, 0), lambda p: p.another_round()[:1], closes=True),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda mutation: mutation.name)
def test_a_mutation_that_declares_something_else_is_caught(wrong: Mutation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(catalogue.MUTATIONS, wrong.name, wrong)  # type: ignore[arg-type] - a dict, for readers alone

    @given(mutated_histories([wrong.name]))
    @settings(max_examples=10, phases=[Phase.generate], database=None)
    def check(history: MutatedHistory) -> None:
        assert_comes_out(history)

    with pytest.raises(AssertionError):
        check()


def test_names_and_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"expected names of mutations, got \['missing-won'\]; there are"):
        mutated_histories(["missing-bet", "missing-won"])
    with pytest.raises(InvalidArgument, match=r"expected names of mutations, got \[\]"):
        mutated_histories([])
    with pytest.raises(InvalidArgument, match="expected 1 at least, got 0"):
        mutated_histories(max_mutations=0)
    with pytest.raises(InvalidArgument, match="users: expected at least one"):
        mutated_histories(users=[])


@given(mutated_histories(users=USERS[:1], max_mutations=3))
@settings(max_examples=20)
def test_one_player_goes_wrong_once(history: MutatedHistory) -> None:
    assert len(history.mutations) == 1
    assert_comes_out(history)
