"""How a round ends: the edges of its rules."""

from decimal import Decimal
from typing import Any

import pytest

from ftcrm.contracts import RULES, History, Ruleset, Settings, fold_round
from ftcrm.contracts.rounds import Overdue, Readings
from ftcrm.contracts.rules import STANDARD, Scope, findings_of

ZERO = {"amount": Decimal(0)}
B = {"type": "Bet", "activity_id": "b"}
B2 = {"type": "Bet", "activity_id": "b2"}
W = {"type": "Win", "activity_id": "w", "amount": Decimal(5)}
W2 = {"type": "Win", "activity_id": "w2", "amount": Decimal(7)}
W3 = {"type": "Win", "activity_id": "w3", "amount": Decimal(9)}
L = {"type": "Loss", "activity_id": "l", **ZERO}
L2 = {"type": "Loss", "activity_id": "l2", **ZERO}
END = {"is_round_end": True}
R = {"status": "Rollback"}


def at(second: int) -> dict[str, Any]:
    return {"timestamp": f"2026-03-02T08:00:{second:02}Z"}


def open_round(feed: Any, *changes: dict[str, Any], excluded: tuple[int, ...] = ()) -> Any:
    folded = fold_round(feed.key, feed.members([feed.casino_event(**change) for change in changes]), excluded=excluded)
    assert folded.round.state == "open"
    return folded


def test_a_round_that_was_never_settled_shows_its_first_bet(feed: Any) -> None:
    (hit,) = RULES["FT307"].check(open_round(feed, {**B2, **at(2)}, {**B, **at(1)}))
    assert hit.witness == (2,)
    wanted = "round_id 'r1': expected a Win or a Loss after the Bet of 2026-03-02T08:00:01Z, before the run was closed"
    assert hit.message == f"{wanted}, got none"
    reopened = open_round(feed, {**B, **at(1)}, W, {**W, **R})
    assert not list(RULES["FT307"].check(reopened))
    (hit,) = RULES["FT319"].check(reopened)
    assert hit.message == f"{wanted}, got only what was rolled back"
    (hit,) = RULES["FT307"].check(open_round(feed, {**B2, **at(0)}, {**B2, **R}, {**B, **at(1)}))
    assert (hit.witness, hit.message) == ((3,), f"{wanted}, got none")


def test_a_deadline_is_named(feed: Any) -> None:
    for seconds, written in ((90, "90s"), (24 * 3600, "24h"), (25 * 3600, "25h")):
        (hit,) = RULES["FT308"].check(Overdue(open_round(feed, B), seconds))
        assert hit.message.endswith(f"within {written} of the last delivery, got none")
        assert hit.witness == (1,)


def test_what_was_excluded_may_be_the_settlement(feed: Any) -> None:
    folded = open_round(feed, B, excluded=(2,))
    assert not [*RULES["FT307"].check(folded), *RULES["FT308"].check(Overdue(folded, 60))]


@pytest.mark.parametrize(
    ("changes", "witness"),
    [
        ([B, {**W, **END}, {**W2, **END, **at(1)}], (2, 3)),
        ([B, {**W, **END, **at(1)}, {**W2, **END, **at(1)}], None),
        ([B, {**W, **END, **at(3)}, {**W2, **END, **at(2)}, {**L, **END, **at(1)}], (3, 4)),
        ([B, {**W, **END}, W2], None),
        ([{**B, **END}, {**W, **END}], None),
        ([B, {**W, **END}, {**W, **END, **R}, {**W2, **END}], None),
        ([B, B2, {**W, **END}, {**W2, **END, **at(1)}], (3, 4)),
        ([B, L, L2], (2, 3)),
        ([B, B2, L, L2], None),
        ([B, B2, {**B2, **R}, L, L2], None),
        ([B, B2, L, L2, {**L, "activity_id": "l3"}], (4, 5)),
        ([B, {**L, **END}, {**L2, **END}], (2, 3)),
        ([B, L, {**L, **R}, L2], None),
        ([L], None),
    ],
)
def test_a_round_ends_once(hits: Any, changes: list[dict[str, Any]], witness: tuple[int, ...] | None) -> None:
    assert [hit.witness for hit in hits("FT309", *changes)] == ([witness] if witness else [])


def test_losses_are_no_more_than_the_bets_of_which_some_may_be_excluded(hits: Any) -> None:
    (hit,) = hits("FT309", B, L, L2)
    assert (hit.clause, hit.message) == (
        "round.one-closing",
        "type: expected one Loss at most for each Bet, got 2 for 1",
    )
    assert not hits("FT309", B, L, L2, excluded=(9,))
    assert hits("FT309", B, {**L, **END}, {**L2, **END, **at(1)}, excluded=(9,))


@pytest.mark.parametrize(
    ("changes", "witness"),
    [
        ([B, {**W, **ZERO}, L], (2, 3)),
        ([B, L, {**W, **ZERO}, {**W2, **ZERO}], (2, 3)),
        ([B, W, L], None),
        ([B, {**W, **ZERO}, {**W2, **ZERO}], None),
        ([B, B2, {**W, **ZERO}, L], None),
        ([B, B2, {**W, **ZERO}, {**W2, **ZERO}, L], (3, 5)),
        ([B, {**W, **ZERO}, {**W, **ZERO, **R}, L], None),
        ([B, {**W, "amount": Decimal("-0.00")}, {**L, "amount": Decimal(20)}], (2, 3)),
    ],
)
def test_a_bet_is_closed_in_one_way(hits: Any, changes: list[dict[str, Any]], witness: tuple[int, ...] | None) -> None:
    assert [hit.witness for hit in hits("FT310", *changes)] == ([witness] if witness else [])
    assert not hits("FT310", *changes, excluded=(9,))


@pytest.mark.parametrize(("amount", "shown"), [("20.00", "20"), ("-0.5", "-0.5"), ("0", None), ("-0.000", None)])
def test_a_loss_has_no_amount(hits: Any, amount: str, shown: str | None) -> None:
    lost = {**L, "amount": Decimal(amount)}
    expected = [f"amount: expected 0 in a Loss, got {shown}"] if shown else []
    assert [hit.message for hit in hits("FT311", B, lost)] == expected
    assert not hits("FT311", B, lost, {**lost, **R})
    assert not hits("FT311", {**B, "amount": Decimal(amount)}, {**W, "amount": Decimal(amount)})


@pytest.mark.parametrize(
    ("changes", "witness"),
    [
        ([B, {**W, **END, **at(1)}, {**W2, **at(2)}], (2, 3)),
        ([B, {**W, **END, **at(1)}, {**W2, **at(1)}], None),
        ([B, {**W, **END, **at(2)}, {**W2, **at(1)}], None),
        ([{**B, **at(0)}, {**W, **END, **at(1)}, {**B2, **at(2)}, {**W2, **at(3)}], (2, 3)),
        ([B, {**W, **END, **at(1)}, {**B, **R, **at(2)}], None),
        ([B, {**W, **END, **at(1)}, {**W, **R, **at(2)}, {**W2, **at(3)}], None),
        ([B, {**W, **END, **at(1)}, {**W2, **at(2)}, {**W2, **R, **at(3)}], None),
        ([B, {**W, "is_round_end": False, **at(1)}, {**W2, **at(2)}], None),
    ],
)
def test_nothing_is_later_than_the_end(
    hits: Any, changes: list[dict[str, Any]], witness: tuple[int, ...] | None
) -> None:
    changes = [{**at(0), **change} for change in changes]
    assert [hit.witness for hit in hits("FT312", *changes)] == ([witness] if witness else [])


@pytest.mark.parametrize(
    ("changes", "roots"),
    [
        ([{**B, **END, **at(0)}, {**W, **at(1)}], {"FT313": 1}),
        ([{**B, **at(0)}, {**W, **END, **at(1)}, {**W2, **END, **at(2)}], {"FT309": 1}),
        ([{**B, **at(0)}, {**W, **ZERO, **END, **at(1)}, {**L, **at(2)}], {"FT310": 1}),
        ([{**B, **at(0)}, {**W, **END, **at(1)}, {**W2, **at(2)}], {"FT312": 0}),
        ([{**B, **at(0)}, {**W, **END, **at(1)}, {**W2, **END, **at(2)}, {**B2, **at(9)}], {"FT309": 0, "FT312": 0}),
        ([{**B, **END, **at(0)}, {**W, **END, **at(1)}, {**W2, **at(2)}], {"FT312": 0, "FT313": 0}),
        ([{**B, **at(0)}, {**W, **END, **at(1)}, {**B2, **at(2)}, {**W2, **END, **at(3)}], {"FT309": 1}),
        (
            [{**B, **at(0)}, {**W, **ZERO, **at(1)}, {**L, **at(1)}, {**W2, **END, **at(2)}, {**W3, **at(3)}],
            {"FT310": 0, "FT312": 0},
        ),
        (
            [{**B, **at(0)}, {**W, **ZERO, **END, **at(1)}, {**L, **at(1)}, {**W2, **at(2)}],
            {"FT310": 0, "FT312": 0},
        ),
    ],
)
def test_what_is_late_because_of_another_fault_is_counted_with_it(
    feed: Any, changes: list[dict[str, Any]], roots: dict[str, int]
) -> None:
    folded = feed.fold(*(feed.casino_event(**change) for change in changes))
    found = {finding.rule: finding.implied for finding in findings_of(STANDARD.ask(Scope.ROUND, folded))}
    assert found == roots


@pytest.mark.parametrize(
    ("changes", "witness"),
    [
        ([{**B, **END}], (1,)),
        ([{**B, **END, **at(2)}, {**B2, **END, **at(1)}], (2,)),
        ([{**B, **END}, {**B, **R}], None),
        ([B, {**W, **END}], None),
        ([{**B, "is_round_end": False}], None),
    ],
)
def test_a_bet_ends_nothing(hits: Any, changes: list[dict[str, Any]], witness: tuple[int, ...] | None) -> None:
    assert [hit.witness for hit in hits("FT313", *changes)] == ([witness] if witness else [])


def test_a_round_that_only_waits_for_its_end_flag_has_its_settlement(feed: Any) -> None:
    """Under the reading end-flag=required it is open, and yet nothing that the contract asks for is missing."""
    history = History(ruleset=Ruleset(Settings(readings=Readings(end_flag="required"), round_deadline=60.0)))
    documents = ({"is_round_end": False}, {"type": "Win", "activity_id": "w", "is_round_end": False})
    for seq, changes in enumerate(documents, 1):
        history.add(seq, feed.judge({**feed.clean, "timestamp": feed.at(seq), **changes}), at=seq)
    history.pass_deadlines(10**12)
    history.close()
    history.refresh()
    fold = history.rounds.value(feed.key)
    assert fold is not None
    assert fold.round.state == "open"
    assert history.rounds.findings(feed.key) == ()


def test_of_several_bets_that_end_the_round_the_first_is_told(hits: Any) -> None:
    (hit,) = hits("FT313", {**B, **END, **at(0)}, {**B2, **END, **at(1)})
    assert (hit.witness, hit.message.endswith("got true in 'b'")) == ((1,), True)
