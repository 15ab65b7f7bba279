"""A ledger's lines beside the rounds of the admin API."""

from decimal import Decimal
from typing import Any

import pytest

from ftcrm.contracts.errors import ConfigurationError, EngineError
from ftcrm.strategies.books import LedgerLine, breaking, differences, event_line, finding_lines, lines_by_round


def a_round(round_id: str, state: str, bet: str | None, win: str | None, origin: str = "o") -> dict[str, Any]:
    totals = {"bet": bet and {"total": bet}, "win": win and {"total": win}}
    return {"round_id": round_id, "state": state, "origin": origin, **totals}


def ledger(*lines: LedgerLine) -> dict[str, LedgerLine]:
    return lines_by_round(lines, "p")


def test_amounts_are_compared_by_value_and_states_where_the_ledger_knows_them() -> None:
    lines = ledger(LedgerLine("r1", Decimal("20.00"), 5), LedgerLine("r2", 1, 0, "open"), LedgerLine("r3", 0, 0))
    rounds = [a_round("r1", "settled", "20", "5"), a_round("r2", "open", "1", "0"), a_round("r3", "voided", "0", "0")]
    assert differences("p", lines, rounds) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (LedgerLine("r", Decimal("20.01"), 5), "bet 20.01, win 5"),
        (LedgerLine("r", 20, Decimal("4.99")), "bet 20, win 4.99"),
        (LedgerLine("r", 20, 5, "open"), "open, bet 20, win 5"),
    ],
)
def test_what_differs_is_told_with_both_sides(line: LedgerLine, said: str) -> None:
    assert differences("p", ledger(line), [a_round("r", "settled", "20", "5")]) == [
        f"round r of player p: ledger: {said}; FT CRM: settled, bet 20, win 5 (origin o)"
    ]


def test_a_round_that_only_one_side_has_is_told() -> None:
    said = differences("p", ledger(LedgerLine("r1", 1, 0)), [a_round("r2", "open", "2", "0")])
    assert said == [
        "round r1 of player p: ledger: bet 1, win 0; FT CRM: no such round",
        "round r2 of player p: ledger: no such round; FT CRM: open, bet 2, win 0 (origin o)",
    ]


def test_a_voided_round_need_not_be_in_the_ledger() -> None:
    assert differences("p", {}, [a_round("r", "voided", "0", "0")]) == []


def test_events_of_one_round_under_two_origins_are_two_rounds() -> None:
    rounds = [a_round("r", "open", "1", "0"), a_round("r", "orphan", "0", "5", origin="other")]
    assert differences("p", ledger(LedgerLine("r", 1, 5)), rounds) == [
        "round r of player p: ledger: bet 1, win 5; "
        "FT CRM: open, bet 1, win 0 (origin o) and orphan, bet 0, win 5 (origin other)"
    ]


def test_totals_of_several_currencies_agree_with_nothing() -> None:
    (said,) = differences("p", ledger(LedgerLine("r", 0, 0)), [a_round("r", "settled", None, None)])
    assert said.endswith("FT CRM: settled, bet of several currencies, win of several currencies (origin o)")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (("r", 0.1, 0), r"ledger\('p'\): bet: expected a Decimal or an int, got 0.1"),
        (("r", 1, True), "win: expected a Decimal or an int, got True"),
        (("r", 1, 0, "closed"), "state: expected None or one of .*settled.*, got .*'closed'"),
    ],
)
def test_a_line_that_cannot_be_compared_is_refused(line: Any, expected: str) -> None:
    with pytest.raises(EngineError, match=expected):
        lines_by_round([line], "p")


def test_two_lines_of_one_round_are_refused() -> None:
    with pytest.raises(EngineError, match="expected one line a round"):
        ledger(LedgerLine("r", 1, 0), LedgerLine("r", 1, 5))


FINDINGS = [
    {"rule": rule, "name": name, "confidence": confidence}
    for rule, name, confidence in [
        ("FT301", "settlement-without-bet", "documented"),
        ("FT128", "empty-value", "vendor"),
        ("FT407", "win-of-rolled-back-bet", "inferred"),
        ("FT302", "repeated-delivery", "inferred"),
        ("FT140", "crypto-fields-unnamed", "unknown"),
    ]
]


@pytest.mark.parametrize(
    ("fail_on", "ignore", "broken"),
    [
        ("documented", (), ["FT301"]),
        ("vendor", (), ["FT301", "FT128"]),
        ("inferred", (), ["FT301", "FT128", "FT407"]),
        ("inferred", ("FT301", "empty-value"), ["FT407"]),
        ("never", (), []),
    ],
)
def test_findings_break_as_they_are_told_to(fail_on: Any, ignore: tuple[str, ...], broken: list[str]) -> None:
    assert [finding["rule"] for finding in breaking(FINDINGS, fail_on, ignore)] == broken


def test_an_unknown_confidence_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"fail_on: expected one of documented, .*, got 'unknown'"):
        list(breaking([], "unknown", ()))  # type: ignore[arg-type]


def test_a_finding_is_told_with_its_clause() -> None:
    finding = FINDINGS[0] | {"witness": [3, 4], "message": "round_id: no", "clause": "scenario-a", "quote": "First"}
    assert list(finding_lines(finding)) == [
        "FT301 settlement-without-bet (documented), #3, #4: round_id: no",
        '  scenario-a: "First"',
    ]


def test_an_event_is_a_line_with_the_digits_that_were_sent() -> None:
    raw = '\ufeff{"type": "Bet", "status": "Approved", "amount": 20.10, "currency": "EUR", "round_id": "r"}'
    event = {"seq": 7, "verdict": "violation", "disposition": "refused", "event": {"amount": 20.1}, "raw": raw}
    assert event_line(event) == "#7 refused: Approved Bet 20.10 EUR, round_id r, at None"


def test_what_is_no_event_is_told_as_it_is() -> None:
    event = {"seq": 7, "verdict": "unreadable", "disposition": "accepted", "event": None}
    assert event_line(event | {"raw": "{"}) == "#7 unreadable: '{'"
    assert event_line(event | {"raw": None, "raw_base64": "/w=="}) == "#7 unreadable: '/w=='"
