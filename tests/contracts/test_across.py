"""What must agree over all rounds and players, held against the plain definition: group all events, compare them."""

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import RULES, History, Ruleset
from ftcrm.contracts.across import Across
from ftcrm.contracts.rules import Scope
from ftcrm.contracts.rules.across import AGREEMENTS
from ftcrm.contracts.settings import Settings

# rule: (the properties that name what must agree, those that must agree)
AGREE = {
    "FT318": (("origin", "vendor_id", "round_id"), ("user_id",)),
    "FT322": (("origin", "activity_id"), ("user_id", "round_id")),
    "FT601": (("origin", "vendor_id", "game_id"), ("game_name",)),
    "FT602": (("origin", "user_id"), ("currency",)),
    "FT605": (("origin", "vendor_id", "game_name"), ("game_id",)),
}
NAMED = {"FT318": ("round_id", "vendor_id"), "FT601": ("game_id", "game_name"), "FT605": ("game_id", "game_name")}
"""What must not be empty for the rule to speak."""

documents = st.lists(
    st.fixed_dictionaries(
        {
            "activity_id": st.sampled_from("abc"),
            "currency": st.sampled_from(["EUR", "EUR", "USD"]),
            "game_id": st.sampled_from(["g1", "g2", ""]),
            "game_name": st.sampled_from(["n1", "n2", ""]),
            "game_type": st.sampled_from(["Slots", "Live Casino"]),
            "origin": st.sampled_from(["o1", "o2"]),
            "round_id": st.sampled_from(["r1", "r2", ""]),
            "user_id": st.sampled_from(["u1", "u2"]),
            "vendor_id": st.sampled_from(["v1", ""]),
        }
    ),
    max_size=12,
)


def everything(*codes: str) -> Ruleset:
    return Ruleset(Settings(select=codes or tuple(AGREE)))


def told(feed: Any, found: list[dict[str, Any]], *codes: str) -> list[tuple[str, tuple[int, ...]]]:
    across = Across(everything(*codes))
    for seq, changes in enumerate(found, 1):
        across.add(seq, feed.casino_event(**changes))
    return [(finding.rule, finding.witness) for _, findings in across.flagged() for finding in findings]


def by_definition(code: str, found: list[dict[str, Any]]) -> list[tuple[str, tuple[int, ...]]]:
    """For each key that has several values: the first event with it, and the first of another value."""
    key, value = AGREE[code]
    groups: dict[Any, list[tuple[int, Any]]] = {}
    for seq, document in enumerate(found, 1):
        if code == "FT318" and document["game_type"] != "Slots":
            continue
        if all(document[name] for name in NAMED.get(code, ())):
            group = groups.setdefault(tuple(document[name] for name in key), [])
            group.append((seq, tuple(document[name] for name in value)))
    others = (
        (group[0][0], next((seq for seq, found in group if found != group[0][1]), None)) for group in groups.values()
    )
    return [(code, (first, other)) for first, other in others if other is not None]


def test_every_rule_across_rounds_has_its_agreement() -> None:
    assert {code for code, rule in RULES.items() if rule.scope is Scope.ACROSS} == set(AGREE)
    assert [agreement.rule for agreement in AGREEMENTS] == sorted(AGREE)
    assert all(RULES[code].absence for code in AGREE)


@pytest.mark.parametrize("code", AGREE)
@given(found=documents)
def test_each_contradiction_is_told_once_and_its_witness_shows_it(
    feed: Any, code: str, found: list[dict[str, Any]]
) -> None:
    assert sorted(told(feed, found, code)) == sorted(by_definition(code, found))


@given(found=documents)
def test_the_rules_do_not_disturb_each_other(feed: Any, found: list[dict[str, Any]]) -> None:
    assert sorted(told(feed, found)) == sorted(hit for code in AGREE for hit in told(feed, found, code))


@given(found=documents, data=st.data())
def test_how_events_are_split_into_rounds_says_nothing(
    feed: Any, found: list[dict[str, Any]], data: st.DataObject
) -> None:
    codes = ("FT601", "FT602", "FT605")
    split = [{**document, "round_id": data.draw(st.sampled_from("xyz"))} for document in found]
    assert told(feed, split, *codes) == told(feed, found, *codes)


@given(found=documents, data=st.data())
def test_nor_does_how_they_come_in_batches(feed: Any, found: list[dict[str, Any]], data: st.DataObject) -> None:
    history = History(ruleset=everything())
    for seq, changes in enumerate(found, 1):
        history.add(seq, feed.judge({**feed.clean, **changes}))
        if data.draw(st.booleans()):
            history.refresh(limit=1)
    across = [(finding.rule, finding.witness) for _, findings in history.across.flagged() for finding in findings]
    assert across == told(feed, found)


@given(found=documents, at=st.integers(0, 12))
def test_once_something_is_lost_nothing_is_told_ever_after(feed: Any, found: list[dict[str, Any]], at: int) -> None:
    across = Across(everything())
    for seq, changes in enumerate(found, 1):
        if seq == at:
            across.lose()
        across.add(seq, feed.casino_event(**changes))
    if at > len(found):
        across.lose()
    if at:
        assert list(across.flagged()) == []
    across.lose()
    assert list(across.flagged()) == []


@given(found=documents, after=st.integers(0, 13))
def test_findings_stand_at_the_later_event_in_order(feed: Any, found: list[dict[str, Any]], after: int) -> None:
    across = Across(everything())
    for seq, changes in enumerate(found, 1):
        across.add(seq, feed.casino_event(**changes))
    flagged = list(across.flagged())
    assert [seq for seq, _ in flagged] == sorted({seq for seq, _ in flagged})
    assert all(finding.witness[-1] == seq for seq, findings in flagged for finding in findings)
    assert list(across.flagged(after=after)) == [(seq, findings) for seq, findings in flagged if seq > after]


@given(found=documents, order=st.randoms(use_true_random=False))
def test_what_a_transaction_decides_late_keeps_its_place(feed: Any, found: list[dict[str, Any]], order: Any) -> None:
    """It is added with a seq before that of others: the witness is in the order of the seqs all the same."""
    numbered = list(enumerate(found, 1))
    order.shuffle(numbered)
    across = Across(everything())
    for seq, changes in numbered:
        across.add(seq, feed.casino_event(**changes))
    for seq, findings in across.flagged():
        for finding in findings:
            key, value = AGREE[finding.rule]
            one, other = (found[at - 1] for at in finding.witness)
            assert [one[name] for name in key] == [other[name] for name in key]
            assert [one[name] for name in value] != [other[name] for name in value]
            assert seq in finding.witness
            assert list(finding.witness) == sorted(finding.witness)


def test_a_rule_that_is_not_selected_keeps_nothing(feed: Any) -> None:
    clashing = [{"game_id": name, "game_name": "n", "currency": name} for name in "ab"]
    assert told(feed, clashing, "FT605") == [("FT605", (1, 2))]
    assert told(feed, clashing, "FT602") == [("FT602", (1, 2))]
    assert told(feed, clashing, "FT3") == []


def test_an_id_that_means_something_else_in_every_event_is_one_fault(feed: Any) -> None:
    found = [
        {"round_id": f"r{number}", "user_id": f"u{number}", "game_name": f"n{number}", "activity_id": "a"}
        for number in range(200)
    ]
    assert told(feed, found) == [("FT322", (1, 2)), ("FT601", (1, 2))]


@given(found=documents)
def test_two_events_agree_or_not_whatever_came_between(feed: Any, found: list[dict[str, Any]]) -> None:
    """Nothing is told exactly when no two events contradict each other."""
    alone = any(told(feed, list(pair)) for pair in combinations(found, 2))
    assert bool(told(feed, found)) is alone
