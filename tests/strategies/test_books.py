"""A ledger's lines beside the rounds of the admin API."""

from decimal import Decimal
from typing import Any

import pytest

from ftcrm.contracts.errors import ConfigurationError, EngineError
from ftcrm.strategies.books import (
    LedgerLine,
    breaking,
    differences,
    event_line,
    finding_lines,
    lines_by_round,
    of_strangers,
)


def a_round(
    round_id: str, state: str, bet: str | None, win: str | None, origin: str = "o", currency: str | None = "EUR"
) -> dict[str, Any]:
    totals = {"bet": bet and {"total": bet}, "win": win and {"total": win}}
    named = {"round_id": round_id, "user_id": "p", "origin": origin, "currency": currency}
    return {**named, "state": state, **totals}


def ledger(*lines: LedgerLine) -> dict[str, LedgerLine]:
    return lines_by_round(lines, "p", "EUR")


def test_amounts_are_compared_by_value_and_states_where_the_ledger_knows_them() -> None:
    lines = ledger(LedgerLine("r1", Decimal("20.00"), 5), LedgerLine("r2", 1, 0, "open"), LedgerLine("r3", 0, 0))
    rounds = [a_round("r1", "settled", "20", "5"), a_round("r2", "open", "1", "0"), a_round("r3", "voided", "0", "0")]
    assert differences("p", lines, rounds) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (LedgerLine("r", Decimal("20.01"), 5), "bet 20.01 EUR, win 5 EUR"),
        (LedgerLine("r", 20, Decimal("4.99")), "bet 20 EUR, win 4.99 EUR"),
        (LedgerLine("r", 20, 5, "open"), "open, bet 20 EUR, win 5 EUR"),
        (LedgerLine("r", 20, 5, "settled", "USD"), "settled, bet 20 USD, win 5 USD"),
    ],
)
def test_what_differs_is_told_with_both_sides(line: LedgerLine, said: str) -> None:
    assert differences("p", ledger(line), [a_round("r", "settled", "20", "5")]) == [
        f"round r of player p: ledger: {said}; FT CRM: settled, bet 20 EUR, win 5 EUR (origin o)"
    ]


def test_the_currency_is_that_of_the_line_or_else_of_the_player() -> None:
    euros, dollars = a_round("r", "open", "20", "0"), a_round("r", "open", "20", "0", currency="USD")
    assert differences("p", ledger(LedgerLine("r", 20, 0, currency="USD")), [dollars]) == []
    assert differences("p", ledger(LedgerLine("r", 20, 0)), [euros]) == []
    assert differences("p", ledger(LedgerLine("r", 20, 0)), [dollars]) == [
        "round r of player p: ledger: bet 20 EUR, win 0 EUR; FT CRM: open, bet 20 USD, win 0 USD (origin o)"
    ]


def test_rounds_of_nobody_the_back_end_knows_are_told_voided_ones_too() -> None:
    rounds = [a_round("r1", "open", "20", "0"), a_round("r2", "voided", "0", "0") | {"user_id": ""}]
    assert list(of_strangers(rounds)) == [
        "round r1 of player p: ledger: no such player; FT CRM: open, bet 20 EUR, win 0 EUR (origin o)",
        "round r2 of player '': ledger: no such player; FT CRM: voided, bet 0 EUR, win 0 EUR (origin o)",
    ]


def test_a_round_that_only_one_side_has_is_told() -> None:
    said = differences("p", ledger(LedgerLine("r1", 1, 0)), [a_round("r2", "open", "2", "0")])
    assert said == [
        "round r1 of player p: ledger: bet 1 EUR, win 0 EUR; FT CRM: no such round",
        "round r2 of player p: ledger: no such round; FT CRM: open, bet 2 EUR, win 0 EUR (origin o)",
    ]


def test_a_voided_round_need_not_be_in_the_ledger() -> None:
    assert differences("p", {}, [a_round("r", "voided", "0", "0")]) == []


def test_events_of_one_round_under_two_origins_are_two_rounds() -> None:
    rounds = [a_round("r", "open", "1", "0"), a_round("r", "orphan", "0", "5", origin="other")]
    assert differences("p", ledger(LedgerLine("r", 1, 5)), rounds) == [
        "round r of player p: ledger: bet 1 EUR, win 5 EUR; "
        "FT CRM: open, bet 1 EUR, win 0 EUR (origin o) and orphan, bet 0 EUR, win 5 EUR (origin other)"
    ]


def test_totals_of_several_currencies_agree_with_nothing() -> None:
    (said,) = differences("p", ledger(LedgerLine("r", 0, 0)), [a_round("r", "settled", None, None, currency=None)])
    assert said.endswith("FT CRM: settled, bet of several currencies, win of several currencies (origin o)")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (("r", 0.1, 0), r"ledger\('p'\): bet: expected a Decimal or an int, got 0.1"),
        (("r", 1, True), "win: expected a Decimal or an int, got True"),
        (("r", 1, 0, "closed"), "state: expected None or one of .*settled.*, got .*'closed'"),
        (("r", 1, 0, None, 978), "currency: expected None or a currency code, got 978"),
    ],
)
def test_a_line_that_cannot_be_compared_is_refused(line: Any, expected: str) -> None:
    with pytest.raises(EngineError, match=expected):
        lines_by_round([line], "p", "EUR")


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


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ('"amount": 1e99999999999999999999', "1e99999999999999999999"),
        (f'"amount": {"7" * 5000}', f"{'7' * 40}... (5000 characters)"),
        ('"amount": 1e400', "1E+400"),
        ('"amount": -0.0', "-0.0"),
        ('"amount": 2, "amount": 1', "1"),
        (f'"amount": 1, "user_id": "{"u" * 70_000}"', f"1, user_id {'u' * 40}... (70000 characters)"),
    ],
    ids=["beyond decimals", "beyond ints", "beyond floats", "minus zero", "twice", "long id"],
)
def test_an_event_is_a_line_whatever_is_in_it(sent: str, told: str) -> None:
    event = {"seq": 7, "verdict": "violation", "disposition": "refused", "event": {}, "raw": f"{{{sent}}}"}
    assert event_line(event) == f"#7 refused: {told}, at None"


def test_what_is_no_event_is_told_as_it_is() -> None:
    event = {"seq": 7, "verdict": "unreadable", "disposition": "accepted", "event": None}
    assert event_line(event | {"raw": "{"}) == "#7 unreadable: '{'"
    assert event_line(event | {"raw": None, "raw_base64": "/w=="}) == "#7 unreadable: '/w=='"
