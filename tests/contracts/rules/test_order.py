"""The order within a round: the edges of the rules on arrival and on timestamps."""

from typing import Any

import pytest

from ftcrm.contracts import RULES
from ftcrm.contracts.rules import STANDARD, Scope, findings_of

B = {"type": "Bet", "activity_id": "b"}
B2 = {"type": "Bet", "activity_id": "b2"}
W = {"type": "Win", "activity_id": "w"}
W2 = {"type": "Win", "activity_id": "w2"}
L = {"type": "Loss", "activity_id": "l"}
R = {"status": "Rollback"}


def at(second: int) -> dict[str, Any]:
    return {"timestamp": f"2026-03-02T08:00:{second:02}Z"}


@pytest.mark.parametrize(
    ("changes", "witness"),
    [
        ([W, B], (1, 2)),
        ([L, B], (1, 2)),
        ([W, W2, B, B2], (1, 3)),
        ([B, W, B2, W2], None),
        ([{**W, **R}, B, W], None),
        ([W, {**W, **R}, B], None),
        ([W, B, {**B, **R}], (1, 2)),
        ([{**B, **at(2)}, W, {**B, **at(1)}], None),
        ([{**W, **at(2)}, B, {**W, **at(1)}], (1, 2)),
        ([B, W, B], None),
        ([W], None),
    ],
    ids=[
        "a Win",
        "a Loss",
        "the first of each",
        "between Bets",
        "its Rollback alone",
        "rolled back",
        "the Bet is rolled back",
        "another content of the Bet came first",
        "another content of the Win came first",
        "the Bet is delivered again",
        "no Bet",
    ],
)
def test_a_settlement_arrives_first(hits: Any, changes: list[dict[str, Any]], witness: tuple[int, ...] | None) -> None:
    assert [hit.witness for hit in hits("FT305", *changes)] == ([witness] if witness else [])


@pytest.mark.parametrize("code", ["FT305", "FT306", "FT314"])
def test_a_bet_that_was_excluded_may_be_the_first(hits: Any, code: str) -> None:
    changes = [{**W, **at(1)}, {**B, **at(1 if code == "FT314" else 2)}]
    assert hits(code, *changes)
    assert not hits(code, *changes, excluded=(9,))
    assert RULES[code].absence


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ([{**B, **at(2)}, {**W, **at(1)}], "FT306"),
        ([{**B, **at(1)}, {**W, **at(1)}], "FT314"),
        ([{**B, **at(1)}, {**W, **at(2)}], None),
        ([{**B, **at(1)}, {**B2, **at(3)}, {**W, **at(2)}], None),
        ([{**B, **at(1)}, {**B2, **at(2)}, {**W, **at(2)}], None),
        ([{**B, **at(2)}, {**B2, **at(3)}, {**W, **at(1)}, {**L, **at(1)}], "FT306"),
        ([{**B, **at(2)}, {**W, **at(1)}, {**W2, **at(2)}], "FT306"),
        ([{**B, **at(2)}, {**W, **at(1)}, {**W, **R, **at(3)}], None),
        ([{**B, **at(1)}, {**B2, **at(3)}, {**B, **R, **at(4)}, {**W, **at(2)}], None),
        ([{**B, "timestamp": "2026-03-02T14:00:00+06:00"}, {**W, **at(0)}], "FT314"),
        ([{**B, "timestamp": "2026-03-02T08:00:00.000001Z"}, {**W, **at(0)}], "FT306"),
    ],
    ids=[
        "earlier",
        "equal",
        "later",
        "between Bets",
        "equal to the second Bet",
        "before them all",
        "one earlier, one equal",
        "rolled back",
        "the Bet before it was rolled back",
        "equal as instants",
        "a microsecond",
    ],
)
def test_one_rule_at_most_speaks_of_the_timestamps(hits: Any, changes: list[dict[str, Any]], code: str | None) -> None:
    spoke = [each for each in ("FT306", "FT314") for _ in hits(each, *changes)]
    assert spoke == ([code] if code else [])


def test_what_arrived_first_and_is_earlier_is_told_once(feed: Any) -> None:
    folded = feed.fold(*(feed.casino_event(**change) for change in ({**W, **at(1)}, {**B, **at(2)})))
    (finding,) = findings_of(STANDARD.ask(Scope.ROUND, folded))
    assert (finding.rule, finding.implied, finding.pointer) == ("FT305", 1, "/type")
    assert finding.message == "type: expected a Bet to arrive first in round 'r1', got the Win 'w' before it"


def test_another_settlement_that_arrived_first_is_another_fault(feed: Any) -> None:
    """W arrived before the Bet and says that it is later; W2 the other way round."""
    changes = ({**W, **at(3)}, {**B, **at(2)}, {**W2, **at(1)})
    folded = feed.fold(*(feed.casino_event(**change) for change in changes))
    assert {finding.rule: finding.witness for finding in findings_of(STANDARD.ask(Scope.ROUND, folded))} == {
        "FT305": (1, 2),
        "FT306": (2, 3),
    }
