"""Whether what is left of a round or bonus that went wrong still goes wrong as its mutation says."""

from collections import Counter

import pytest
from hypothesis import given, settings

from ftcrm.strategies import MUTATIONS, MutatedHistory, mutated_histories
from ftcrm.strategies.mutations import found_in, still_shows

SILENT = sorted(name for name, mutation in MUTATIONS.items() if not mutation.findings)


@given(mutated_histories(max_mutations=3))
def test_every_mutation_of_a_history_is_shown_by_the_messages_of_its_own_round(history: MutatedHistory) -> None:
    for subject in history.subjects:
        assert still_shows(subject, subject.messages)
        assert Counter(map(id, subject.messages)) <= Counter(map(id, history.messages))
        assert not still_shows(subject, [])
        assert not still_shows(subject, subject.valid)


@pytest.mark.parametrize("name", SILENT)
def test_one_that_no_rule_speaks_of_is_shown_by_what_comes_of_it(name: str) -> None:
    @given(mutated_histories([name], max_mutations=1))
    @settings(max_examples=8)
    def check(history: MutatedHistory) -> None:
        (subject,) = history.subjects
        assert [message.raw for message in history.messages] != [message.raw for message in history.valid]
        assert still_shows(subject, subject.messages)
        assert not still_shows(subject, subject.valid)

    check()


@given(mutated_histories(["bet-rolled-back"], max_mutations=1, max_size=0))
def test_without_the_event_that_went_wrong_it_is_not_shown(history: MutatedHistory) -> None:
    (subject,) = history.subjects
    rest = [message for message in subject.messages if b'"Rollback"' not in message.raw]
    assert len(rest) < len(subject.messages)
    assert not still_shows(subject, rest)


@given(mutated_histories(["bet-rolled-back"], max_mutations=1, max_size=0))
def test_the_rollback_alone_is_another_fault(history: MutatedHistory) -> None:
    (subject,) = history.subjects
    alone = [message for message in subject.messages if b'"Rollback"' in message.raw]
    assert "FT401" in found_in(alone)
    assert not still_shows(subject, alone)
