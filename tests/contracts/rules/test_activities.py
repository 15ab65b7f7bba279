"""One activity_id for several events: what they may differ in, and who corrects what was refused."""

from decimal import Decimal
from typing import Any

import pytest

from ftcrm.contracts import History, Message, fold_round, judge
from ftcrm.contracts.rounds import Doubt
from ftcrm.contracts.rules import RULES

B = {"type": "Bet", "activity_id": "b"}
W = {"type": "Win", "activity_id": "w", "timestamp": "2026-03-02T09:00:00Z"}


def codes(feed: Any, *changes: dict[str, Any]) -> set[str]:
    fold = feed.fold(*(feed.casino_event(**change) for change in changes))
    return {code for code in ("FT303", "FT323", "FT410") if list(RULES[code].check(fold))}


@pytest.mark.parametrize(
    "change",
    [
        {"amount": Decimal(21)},
        {"wager_amount": Decimal(20)},
        {"bonus_wager_amount": Decimal(20)},
        {"locked_wager_amount": Decimal(20)},
        {"timestamp": "2026-03-02T08:27:59Z"},
        {"game_id": "2"},
        {"user_bonus_id": "x"},
        {"is_round_end": True},
    ],
)
def test_what_a_round_counts_makes_another_event(feed: Any, change: dict[str, Any]) -> None:
    assert codes(feed, B, {**B, **change}) == {"FT303"}
    undone = {**B, "status": "Rollback"}
    assert codes(feed, undone, {**undone, **change}) == {"FT410"}


@pytest.mark.parametrize(
    "change", [{"balance_after": Decimal(1)}, {"bonus_wager_amount": Decimal(0)}, {"is_round_end": False}]
)
def test_other_particulars_are_a_redelivery(feed: Any, change: dict[str, Any]) -> None:
    assert codes(feed, B, {**B, **change}) == {"FT323"}
    first = {**B, "wager_amount": Decimal(20)}
    assert codes(feed, first, {**first, **change}) == {"FT323"}
    undone = {**first, "status": "Rollback"}
    assert codes(feed, undone, {**undone, **change}) == {"FT323"}


@pytest.mark.parametrize(("code", "status"), [("FT303", "Approved"), ("FT410", "Rollback")])
def test_the_witness_is_what_counts_and_the_first_that_differs(feed: Any, code: str, status: str) -> None:
    first, again = ({**B, "status": status, "meta": {"attempt": attempt}} for attempt in (1, 2))
    later, latest = ({**B, "status": status, "timestamp": f"2026-03-02T08:28:0{second}Z"} for second in (1, 2))
    fold = feed.fold(*(feed.casino_event(**change) for change in (latest, later, first, again)))
    (hit,) = RULES[code].check(fold)
    assert fold.events[0].seq in (3, 4), "of the two that are told apart by meta alone, one counts"
    assert hit.witness == (2, fold.events[0].seq)


def test_the_witness_of_a_changed_redelivery_is_what_counts_and_one_more(feed: Any) -> None:
    fold = feed.fold(*(feed.casino_event(**B, meta={"attempt": attempt}) for attempt in range(3)))
    (hit,) = RULES["FT323"].check(fold)
    assert hit.witness == tuple(sorted(member.seq for member in fold.conflicts[0][:2]))
    assert fold.events[0].seq in hit.witness


@pytest.mark.parametrize(
    ("doubt", "lacking"),
    [
        (Doubt("x", "Bet"), {"Bet"}),
        (Doubt("x", "Win"), {"Win"}),
        (Doubt("x", "bet"), {"Bet", "Win", "Loss"}),
        (Doubt(None, None), {"Bet", "Win", "Loss"}),
        (Doubt("w", "Bet"), {"Bet"}),
        (Doubt("w", "Win"), set()),
        (Doubt("w", "win"), set()),
    ],
)
def test_what_may_be_lacking_is_what_no_accepted_event_takes_the_place_of(
    feed: Any, doubt: Doubt, lacking: set[str]
) -> None:
    fold = fold_round(feed.key, feed.members([feed.casino_event(**W)]), excluded=(9,), doubts=[doubt])
    assert {name for name in ("Bet", "Win", "Loss") if fold.may_lack(name)} == lacking
    assert fold.round.excluded == (9,)


def told(feed: Any, *changes: dict[str, Any], close: bool = False) -> set[str]:
    """The codes of rounds and bonuses; what breaks the contract is refused, as over REST."""
    history = History()
    for seq, change in enumerate(changes, 1):
        clean, name = (feed.bonus, "BONUS") if "bonus_id" in change else (feed.clean, "CASINO")
        judged = judge(Message("rest", feed.raw({**clean, **change}), name))
        history.add(seq, judged, accepted=judged.verdict != "violation")
    if close:
        history.close()
    history.refresh()
    return {
        finding.rule for kept in (history.rounds, history.bonuses) for _, found in kept.flagged() for finding in found
    }


def test_a_corrected_event_leaves_nothing_in_doubt(feed: Any) -> None:
    wrong = {"wager_amount": 3}
    assert told(feed, {**W, **wrong}, W) == {"FT301"}
    assert told(feed, {**W, **wrong}) == set()
    assert told(feed, {**B, **wrong}, W) == set()
    assert told(feed, {**B, **wrong}, B, close=True) == {"FT307"}
    assert told(feed, {**B, **wrong}, W, B) == {"FT305"}
    assert told(feed, B, {**W, **wrong}, close=True) == set()


def test_an_excluded_casino_event_is_no_created(feed: Any) -> None:
    bonus = {"bonus_id": "9821"}
    under = {"user_bonus_id": "863512"}
    assert told(feed, {**B, **under}, {**W, **under, "wager_amount": 3}) == {"FT504"}
    assert told(feed, {**B, **under}, {**bonus, "timestamp": "now"}) == set()
    assert told(feed, {**B, **under}, {**bonus, "status": 1}) == set()
