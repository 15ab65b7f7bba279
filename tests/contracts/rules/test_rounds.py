"""What one round holds: the edges of its rules."""

from decimal import Decimal
from typing import Any

import pytest

from ftcrm.contracts import RULES, Confidence
from ftcrm.contracts.rounds import OpenBet, Split
from ftcrm.contracts.rules import STANDARD, Scope, findings_of

B = {"type": "Bet", "activity_id": "b"}
B2 = {"type": "Bet", "activity_id": "b2"}
W = {"type": "Win", "activity_id": "w"}
W2 = {"type": "Win", "activity_id": "w2"}
R = {"status": "Rollback"}
NEXT_DAY = {"timestamp": "2026-03-03T08:27:58.721607Z"}
LATER_STILL = {"timestamp": "2026-03-03T08:27:58.721608Z"}


def test_a_settlement_without_a_bet_shows_the_first_that_arrived(hits: Any) -> None:
    (hit,) = hits("FT301", {**W, **NEXT_DAY}, W2)
    assert (hit.witness, hit.message) == ((1,), "round_id 'r1': expected a Bet, got only a Win or Loss")


@pytest.mark.parametrize("changes", [[W, B], [W, B, {**B, **R}], [W, {**W, **R}], [B]])
def test_a_bet_that_was_sent_is_there_and_a_win_that_was_rolled_back_needs_none(
    hits: Any, changes: list[dict[str, Any]]
) -> None:
    assert not hits("FT301", *changes)


def test_a_bet_that_may_be_excluded_is_not_said_to_be_missing(hits: Any) -> None:
    """Its own findings come first: one fault is not told twice."""
    assert hits("FT301", W)
    assert not hits("FT301", W, excluded=(2,))


def test_repeats_and_conflicts_of_one_event(hits: Any) -> None:
    early = {**B, "amount": Decimal(7), "timestamp": "2026-03-02T07:00:00Z"}
    changes = ({**B, "amount": Decimal(9)}, early, B, early)
    assert [hit.witness for hit in hits("FT302", *changes)] == [(2, 4)]
    (conflict,) = hits("FT303", *changes)
    assert conflict.witness == (1, 2)
    assert conflict.message == "activity_id 'b': expected one Bet, got several that differ"


@pytest.mark.parametrize(
    ("code", "name", "values"),
    [
        ("FT304", "currency", ("EUR", "USD", "GBP")),
        ("FT315", "game_id", ("g1", "g2", "g3")),
        ("FT316", "vendor_id", ("v1", "v2", "v3")),
        ("FT317", "exchange_rate", (Decimal(1), Decimal(3), Decimal(2))),
    ],
)
def test_what_a_round_has_one_of(hits: Any, code: str, name: str, values: tuple[Any, ...]) -> None:
    one, other, third = values
    mixed = ({**B, name: one}, {**W, name: other})
    (hit,) = hits(code, *mixed)
    assert (hit.witness, hit.pointer) == ((1, 2), f"/{name}")
    assert [hit.message for hit in hits(code, *reversed(mixed))] == [hit.message]
    assert len(hits(code, *mixed, {**W2, name: third}, {**B2, name: third})) == 1
    assert not hits(code, {**B, name: one}, {**W, name: one}, {**W2, name: other}, {**W2, **R, name: other})
    assert not hits(code, {**B, name: one}, {**W, **R, "amount": Decimal(1), name: other})


@pytest.mark.parametrize(("code", "name"), [("FT315", "game_id"), ("FT316", "vendor_id")])
@pytest.mark.parametrize("values", [("v2", "v1", "v3"), ("v2", "v3", "v1"), ("v1", "v2", "v1")])
def test_the_first_event_says_which_it_is_and_the_first_other_one_is_told(
    hits: Any, code: str, name: str, values: tuple[str, str, str]
) -> None:
    first, other, last = values
    later = {**W2, **NEXT_DAY, name: last}
    (hit,) = hits(code, later, {**B, name: first}, {**W, name: other})
    assert hit.witness == (2, 3)
    assert hit.message == f"{name}: expected {first!r}, that of the round's first event, got {other!r}"


def test_up_to_five_currencies_are_all_named(hits: Any) -> None:
    for count, told in ((2, "C0 and C1"), (5, "C0 and C1 and C2 and C3 and C4")):
        (hit,) = hits("FT304", *({**B, "activity_id": str(i), "currency": f"C{i}"} for i in range(count)))
        assert hit.message == f"currency: expected one in a round, got {told}"


def test_the_currencies_are_named_as_far_as_there_is_room(hits: Any) -> None:
    (hit,) = hits("FT304", *({**B, "activity_id": str(i), "currency": f"C{i}"} for i in range(9)))
    assert hit.message == "currency: expected one in a round, got C0 and C1 and C2 and C3 and C4 and 4 more"
    assert hit.witness == (1, 2)


def test_another_game_of_another_vendor_is_one_fault(feed: Any) -> None:
    other = {**W, **NEXT_DAY, "game_id": "g2", "vendor_id": "v2"}
    (finding,) = findings_of(STANDARD.ask(Scope.ROUND, feed.fold(*(feed.casino_event(**each) for each in (B, other)))))
    assert (finding.rule, finding.implied) == ("FT316", 1)


@pytest.mark.parametrize(
    ("low", "high", "speaks"),
    [
        ("1", "1.1", False),
        ("1", "1.1" + "0" * 30 + "1", True),
        ("0." + "9" * 40, "1.0" + "9" * 38, False),
        ("0", "1", True),
        ("0", "0.0", False),
        ("-1", "1", True),
        ("0.000061", "0.0000671", False),
        ("0.000061", "0.0000672", True),
        ("1e-40", "9e40", True),
    ],
)
def test_a_rate_that_moves_by_a_tenth_is_still_one(hits: Any, low: str, high: str, speaks: bool) -> None:
    for one, other in ((low, high), (high, low)):
        found = hits("FT317", {**B, "exchange_rate": Decimal(one)}, {**W, "exchange_rate": Decimal(other)})
        assert bool(found) is speaks


def test_rates_are_those_of_one_currency_within_a_day(hits: Any) -> None:
    one, other = {**B, "exchange_rate": Decimal(1)}, {**W, "exchange_rate": Decimal(2)}
    assert hits("FT317", one, {**other, **NEXT_DAY})
    assert not hits("FT317", one, {**other, **LATER_STILL})
    assert not hits("FT317", one, other, {**W2, **LATER_STILL})
    assert not hits("FT317", one, {**other, "currency": "USD"})
    (hit,) = hits("FT317", {**W2, "currency": "AUD"}, one, other)
    assert hit.witness == (2, 3)


def split_of(feed: Any, **changes: Any) -> Split:
    settlement = feed.casino_event(**{**W, "round_id": "r2", **changes})
    return Split(feed.fold(settlement), OpenBet("r" * 500, 7, settlement.timestamp))


def test_a_split_round_shows_both_halves(feed: Any) -> None:
    (hit,) = RULES["FT320"].check(split_of(feed))
    assert (hit.witness, hit.pointer) == ((1, 7), "/round_id")
    assert len(hit.message) < 300
    assert "got 'r2'" in hit.message


@pytest.mark.parametrize(
    ("changes", "witnesses"),
    [
        ([B, {**W, "activity_id": "b"}], [(1, 2)]),
        ([{**W, "activity_id": "b"}, {**B, "type": "Loss", **LATER_STILL}, {**B, **NEXT_DAY}], [(1, 3)]),
        ([B, {**B, **R}], []),
        ([B, {**W, **R, "activity_id": "b"}], []),
        ([B, {**B, "amount": Decimal(1)}], []),
        ([B, {**W, "activity_id": "b"}, {**B, **R}], [(1, 2)]),
        ([B, B2, {**W, "activity_id": "b"}, {**W2, "activity_id": "b2"}], [(1, 3), (2, 4)]),
    ],
)
def test_an_activity_is_one_event(hits: Any, changes: list[dict[str, Any]], witnesses: list[tuple[int, ...]]) -> None:
    assert [hit.witness for hit in hits("FT321", *changes)] == witnesses


def test_ids_are_shortened_in_messages(hits: Any) -> None:
    long = {"activity_id": "i" * 5_000, "round_id": "r" * 5_000, "game_id": "g" * 5_000, "vendor_id": "v" * 5_000}
    shown = [
        *hits("FT301", {**W, **long}),
        *hits("FT302", {**B, **long}, {**B, **long}),
        *hits("FT303", {**B, **long}, {**B, **long, "amount": Decimal(1)}),
        *hits("FT315", B, {**W, **long}),
        *hits("FT316", B, {**W, **long}),
        *hits("FT321", {**B, **long}, {**W, **long}),
    ]
    assert len(shown) == 6
    assert all(len(hit.message) < 300 for hit in shown)


@pytest.mark.parametrize(
    ("code", "confidence"),
    [
        *((code, Confidence.DOCUMENTED) for code in ("FT301", "FT303", "FT305", "FT307", "FT321")),
        *((code, Confidence.INFERRED) for code in ("FT302", "FT304", "FT306", "FT308", "FT309", "FT310", "FT311")),
        *((code, Confidence.INFERRED) for code in ("FT312", "FT313", "FT314", "FT315", "FT316", "FT317", "FT320")),
        *((f"FT40{number}", Confidence.INFERRED) for number in range(1, 10)),
    ],
)
def test_no_more_is_documented_than_the_contract_says(code: str, confidence: Confidence) -> None:
    assert RULES[code].confidence is confidence


@pytest.mark.parametrize(("count", "told"), [(5, "DKK"), (6, "1 more"), (12, "7 more")])
def test_of_many_names_five_are_told_and_the_others_counted(hits: Any, count: int, told: str) -> None:
    codes = "AUD BGN CAD CHF DKK EUR GBP HUF NOK PLN SEK USD".split()[:count]
    (hit,) = hits("FT304", *({**B, "activity_id": code, "currency": code} for code in codes))
    assert hit.message.endswith(f"AUD and BGN and CAD and CHF and DKK{'' if count == 5 else f' and {told}'}")
