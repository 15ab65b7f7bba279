"""What Rollbacks reverse, when, and what they leave behind: the edges of the rules."""

import time
from decimal import Decimal
from typing import Any

import pytest

from ftcrm.contracts import RULES, fold_round
from ftcrm.contracts.rules import STANDARD, Scope, findings_of

ZERO = {"amount": Decimal(0)}
B = {"type": "Bet", "activity_id": "b"}
B2 = {"type": "Bet", "activity_id": "b2"}
W = {"type": "Win", "activity_id": "w", "amount": Decimal(5)}
W2 = {"type": "Win", "activity_id": "w2", "amount": Decimal(7)}
L = {"type": "Loss", "activity_id": "l", **ZERO}
L2 = {"type": "Loss", "activity_id": "l2", **ZERO}
END = {"is_round_end": True}
R = {"status": "Rollback"}
X, Y, Z = ({"activity_id": name} for name in "xyz")

Changes = list[dict[str, Any]]


def at(second: int) -> dict[str, Any]:
    return {"timestamp": f"2026-03-02T08:00:{second:02}Z"}


def in_turn(changes: Changes) -> Changes:
    """Each a second after the one before, unless it says otherwise."""
    return [{**at(second), **change} for second, change in enumerate(changes)]


def found(feed: Any, *changes: dict[str, Any]) -> dict[str, int]:
    """The rules that are told, and how many findings each of them counts."""
    folded = feed.fold(*(feed.casino_event(**change) for change in in_turn([*changes])))
    return {finding.rule: finding.implied for finding in findings_of(STANDARD.ask(Scope.ROUND, folded))}


def witnesses(hits: Any, code: str, changes: Changes) -> list[tuple[int, ...]]:
    return [hit.witness for hit in hits(code, *in_turn(changes))]


@pytest.mark.parametrize("code", ["FT401", "FT404", "FT405", "FT406", "FT407", "FT409"])
def test_what_was_excluded_may_be_what_is_missing(hits: Any, code: str) -> None:
    """A Bet that broke the contract and was sent again under a new id, and so on."""
    shown: dict[str, Changes] = {
        "FT401": [{**B, **R}],
        "FT404": [B, {**B, **R, **X}, {**B, **R, **Y}],
        "FT405": [{**B, **R}, B],
        "FT406": [{**B, **at(2)}, {**B, **R, **at(1)}],
        "FT407": [B, W, {**B, **R}],
        "FT409": [B, L, {**L, **R}],
    }
    assert witnesses(hits, code, shown[code])
    assert not hits(code, *in_turn(shown[code]), excluded=(9,))
    assert RULES[code].absence


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([{**B, **R}, {**B, **R, **X, "amount": Decimal(1)}], {"FT401": 0}),
        ([W, {**B, **R}], {"FT301": 1}),
        ([W, {**B, **R}, {**B, **R, **X}], {"FT301": 2}),
        ([W, {**W2, **R}], {"FT301": 0, "FT401": 0}),
        ([B, {**B, **R, "currency": "USD", **X}], {"FT401": 0}),
        ([B, {**W, **R, "activity_id": "b"}], {"FT401": 0}),
        ([B, {**L, **R}], {"FT401": 0}),
        ([B, {**B, **R, **X}, {**B, **R, **Y}, {**B, **R, **Z}], {"FT404": 0}),
        ([B, {**B, **R, "amount": Decimal(5)}, {**B, **R, **X}], {"FT402": 0, "FT404": 0}),
        ([B, {**B, **R}, {**B, **R, **X, "amount": Decimal(5)}], {"FT401": 0}),
    ],
)
def test_a_rollback_that_reverses_nothing(feed: Any, changes: Changes, expected: dict[str, int]) -> None:
    assert found(feed, *changes) == expected


def test_each_rollback_too_many_is_a_fault(hits: Any) -> None:
    changes = [B, {**B, **R, **X}, {**B, **R, **Y}, {**B, **R, **Z}]
    assert witnesses(hits, "FT404", changes) == [(1, 2, 3), (1, 2, 4)]
    assert witnesses(hits, "FT401", [{**B, **R, **X}, {**B, **R, **Y}]) == [(1,), (2,)]


def test_messages_say_what_was_expected_and_what_came(hits: Any) -> None:
    unknown = "rollback 'b': expected a Bet of 20 EUR in its round to reverse, got none"
    assert [hit.message for hit in hits("FT401", {**B, **R})] == [unknown]
    partial = "amount: expected 20 EUR, which 'b' was sent with, got 20 GBP in its Rollback"
    assert [hit.message for hit in hits("FT402", B, {**B, **R, "currency": "GBP"})] == [partial]
    (repeated,) = hits("FT404", B, {**B, **R}, {**B, **R, **X})
    assert repeated.message.startswith("rollback 'x': expected a Bet of 20 EUR that is not reversed yet, got one that")
    orphan = "status: expected a Rollback of the Win 'w' of 5 EUR, too, got one of the Bet alone"
    assert [hit.message for hit in hits("FT407", B, W, {**B, **R})] == [orphan]


def test_ids_are_shortened_in_messages(hits: Any) -> None:
    bet, rollback = {**B, "activity_id": "i" * 5_000}, {**B, **R, "activity_id": "j" * 5_000}
    win = {**W, "activity_id": "k" * 5_000}
    loss = {**L, "activity_id": "l" * 5_000}
    shown = [
        *hits("FT401", rollback),
        *hits("FT402", bet, {**bet, **R, **ZERO}),
        *hits("FT403", bet, B, rollback),
        *hits("FT404", bet, rollback, {**B, **R}),
        *hits("FT405", rollback, bet),
        *hits("FT407", bet, win, rollback),
        *hits("FT409", bet, loss, {**loss, **R}),
    ]
    assert len(shown) == 7
    assert all(len(hit.message) < 400 for hit in shown)


def test_what_is_later_than_a_rollback_is_not_meant_by_it(hits: Any) -> None:
    again = {**B, "activity_id": "b2"}
    assert hits("FT403", *in_turn([B, {**B, **R, **X}, again, W])) == []
    assert [hit.witness for hit in hits("FT403", *in_turn([{**B, **R, **X}, B, again, W]))] == [(1, 2, 3)]
    assert [
        hit.witness for hit in hits("FT403", *in_turn([B, again, {**B, **R, **X}, {**again, "activity_id": "b3"}]))
    ] == [(1, 2, 3)]


def test_an_ambiguous_rollback_shows_its_smallest_witness(hits: Any) -> None:
    bets = [{**B, "activity_id": f"b{number}"} for number in range(5)]
    ambiguous = hits("FT403", *in_turn([*bets, {**B, **R, **X}, {**B, **R, **Y}]))
    assert [hit.witness for hit in ambiguous] == [(1, 3, 6), (2, 3, 7)]
    assert all("got 'x' and 4 of 20 EUR" in hit.message or "got 'y' and 4" in hit.message for hit in ambiguous)


@pytest.mark.parametrize(
    ("arrived", "expected"),
    [
        ("R B", [(1, 2)]),
        ("B R", []),
        ("R B B", [(1, 2)]),
        ("B R R B", [(3, 4)]),
        ("B R B R", []),
        ("R R B B", [(1, 3), (2, 4)]),
        ("R B R B", [(1, 2), (3, 4)]),
        ("B B R R", []),
    ],
)
def test_equal_bets_and_rollbacks_are_given_the_benefit_of_the_doubt(
    hits: Any, arrived: str, expected: list[tuple[int, ...]]
) -> None:
    """New ids throughout; whatever their timestamps pair, and whatever order of arrival theirs is."""
    letters = arrived.split()
    changes = [{**B, "activity_id": str(seq), **(R if each == "R" else {})} for seq, each in enumerate(letters)]
    backwards = [{**change, **at(30 - second)} for second, change in enumerate(changes)]
    for timed in (in_turn(changes), backwards, changes):
        assert [hit.witness for hit in hits("FT405", *timed)] == expected
    by_time = [{**change, **at(second)} for second, change in enumerate(changes)]
    assert [hit.witness for hit in hits("FT406", *by_time)] == expected
    seqs = [tuple(len(letters) + 1 - seq for seq in reversed(witness)) for witness in expected]
    assert [hit.witness for hit in hits("FT406", *reversed(by_time))] == seqs


def test_a_rollback_by_its_events_own_id_is_compared_with_that_event(hits: Any) -> None:
    changes = [B2, {**B, **R}, B]
    assert witnesses(hits, "FT405", changes) == [(2, 3)]
    assert witnesses(hits, "FT406", changes) == [(2, 3)]
    assert not witnesses(hits, "FT406", [{**B, **at(1)}, {**B, **R, **at(1)}])
    taken = [B, {**B, **R}, {**B, **R, **X}, B2]
    assert witnesses(hits, "FT405", taken) == witnesses(hits, "FT406", taken) == [(3, 4)]


def test_an_event_that_came_first_with_another_content_came_first(hits: Any) -> None:
    assert not witnesses(hits, "FT405", [{**B, **at(9)}, {**B, **R}, {**B, **at(0)}])
    assert not witnesses(hits, "FT405", [{**B, **R, **at(9)}, B, {**B, **R, **at(0)}])


def test_a_rollback_that_is_first_in_both_ways_is_told_once(feed: Any) -> None:
    assert found(feed, {**B, **R}, B) == {"FT405": 1}
    assert found(feed, {**B, **R, **at(2)}, {**B, **at(1)}) == {"FT405": 0}
    assert found(feed, {**B, **at(2)}, {**B, **R, **at(1)}) == {"FT406": 0}
    second = [{**W, **at(4)}, {**W, **R, **at(3)}]
    assert found(feed, {**B, **R, **at(2)}, {**B, **at(1)}, *second) == {"FT405": 0, "FT406": 0}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([B, W, {**B, **R}], [(1, 2, 3)]),
        ([B, {**B, **R}, W], [(1, 2, 3)]),
        ([B, B2, W, {**B, **R}, {**B2, **R}], [(1, 3, 4)]),
        ([B, {**B2, **ZERO}, W, {**B, **R}], []),
        ([B, {**W, **ZERO}, {**B, **R}], []),
        ([B, L, {**B, **R}], []),
        ([B, W, {**B, **R}, {**W, **R}], []),
        ([B, W, {**W, **R}], []),
        ([W, {**B, **R}], []),
        ([B, L, W, {**B, **R}], [(1, 3, 4)]),
    ],
)
def test_a_win_without_its_bet(hits: Any, changes: Changes, expected: list[tuple[int, ...]]) -> None:
    assert witnesses(hits, "FT407", changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([B, {**W, **END}, {**W, **R}], [(1, 2, 3)]),
        ([B, W2, {**W, **END}, {**W2, **R}], [(2, 3, 4)]),
        ([B, {**W, **END, **at(2)}, {**W, **R, **at(2)}], []),
        ([B, {**W, **END, **at(2)}, {**W, **R, **at(1)}], []),
        ([B, {**W, **END}, {**W, **R}, {**B, **R}], []),
        ([B, {**L, **END}, {**B, **R}], []),
        ([{**B, **END}, {**B, **R}, B2], []),
        ([B, {**W, **END}, {**W2, **R}], []),
        ([B, W, {**W, **R}, {**W2, **END}], []),
        ([B, B2, W2, {**W, **END}, {**W2, **R}, {**B2, **R, **X}], [(3, 4, 5)]),
    ],
)
def test_a_round_that_ended_is_changed(hits: Any, changes: Changes, expected: list[tuple[int, ...]]) -> None:
    assert witnesses(hits, "FT408", changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([B, L, {**L, **R}], [(1, 2, 3)]),
        ([B, L, {**L, **R, **X}], [(1, 2, 3)]),
        ([B, L, {**L, **R}, {**B, **R}], []),
        ([B, L, {**L, **R}, W], []),
        ([B, L, L2, {**L, **R}], []),
        ([B, {**L, **R}], []),
        ([B, B2, L, {**L, **R}], [(1, 3, 4)]),
    ],
)
def test_a_loss_that_is_taken_back(hits: Any, changes: Changes, expected: list[tuple[int, ...]]) -> None:
    assert witnesses(hits, "FT409", changes) == expected


def test_a_rollback_after_the_end_is_counted_with_what_it_leaves(feed: Any) -> None:
    assert found(feed, B, {**W, **END}, {**B, **R}) == {"FT407": 1}
    assert found(feed, B, {**L, **END}, {**L, **R}) == {"FT409": 1}
    assert found(feed, B, {**W, **END}, {**W, **R}) == {"FT408": 0}


def test_rules_of_rollbacks_are_linear_in_a_round_of_nothing_else(feed: Any, assert_linear: Any) -> None:
    codes = [f"FT40{number}" for number in range(1, 10)]

    def spent(size: int) -> float:
        changes = [{**B, "activity_id": str(seq), **(R if seq % 3 else {})} for seq in range(size)]
        folded = fold_round(feed.key, feed.members([feed.casino_event(**change) for change in changes]))
        start = time.process_time()
        count = sum(len(hit.witness) for code in codes for hit in RULES[code].check(folded))
        elapsed = time.process_time() - start
        assert 0 < count <= 4 * size
        return elapsed

    assert_linear(spent, 1_000)


def test_an_alternative_later_than_the_rollback_is_none_though_its_target_is_of_the_same_instant(hits: Any) -> None:
    assert hits("FT403", {**B, **at(5)}, {**B2, **at(9)}, {**B, **R, **X, **at(5)}) == []
    assert len(hits("FT403", {**B, **at(5)}, {**B2, **at(5)}, {**B, **R, **X, **at(5)})) == 1


def test_what_is_left_after_the_end_is_shown_by_the_first_that_stands(hits: Any) -> None:
    changes = [B, {**W, **END}, {**W, **R}, {**B2, "amount": Decimal(30)}]
    assert witnesses(hits, "FT408", changes) == [(1, 2, 3)]


def test_a_round_that_ends_again_after_the_rollback_is_corrected(hits: Any) -> None:
    assert hits("FT408", *in_turn([B, {**W, **END}, {**W, **R}, {**W2, **END}])) == []


def test_a_repeated_rollback_hides_no_unknown_one(hits: Any) -> None:
    changes = [B, {**B, **R}, {**B, **R, **X}, {**W, **R, **Y}]
    assert witnesses(hits, "FT401", changes) == [(4,)]
