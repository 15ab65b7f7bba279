"""What a search draws, and which of its mutations an example still shows when something of it did not arrive."""

from hypothesis import assume, given
from hypothesis import strategies as st

from ftcrm.strategies.fuzzing.examples import Example
from ftcrm.strategies.mutations import MUTATIONS, mutated_histories

ORPHANS = [
    name
    for name, each in MUTATIONS.items()
    if "FT401" in each.findings and not each.settings and each.subject == "round"
]
"""All draw the same code, and some can share a history."""


@given(mutated_histories(ORPHANS, max_mutations=3), st.data())
def test_a_mutation_that_did_not_arrive_does_not_ride_on_the_findings_of_another(history, data):
    assume(len(history.subjects) > 1)
    example = Example(history.messages, None, history.subjects)
    assert example.shown(history.messages) == example.drawn == history.mutations
    lost = data.draw(st.integers(0, len(history.subjects) - 1))
    gone = {id(message) for message in history.subjects[lost].messages}
    delivered = [None if id(message) in gone else message for message in history.messages]
    assert example.shown(delivered) == history.mutations[:lost] + history.mutations[lost + 1 :]
