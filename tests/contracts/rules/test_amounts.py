"""FT122 to FT126: signs and rates, at their edges."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import RULES, Ruleset, Settings, Verdict
from ftcrm.contracts.events.fields import LEAST_RATE, MOST_RATE
from ftcrm.contracts.rules import Reading

RATES = {"FT123", "FT124", "FT125", "FT126"}
BASE = Ruleset(Settings(base_currency="EUR"))
numbers = st.decimals(-100, 100, places=2) | st.sampled_from([Decimal("-0.0"), Decimal("-0.01")])


@given(found=st.dictionaries(st.sampled_from(["bonus_wager_amount", "locked_wager_amount", "wager_amount"]), numbers))
def test_each_negative_amount_is_told_but_the_wager_amounts(feed: Any, found: dict[str, Decimal]) -> None:
    amount = sum(found.values(), Decimal(0))
    judged = feed.judge({**feed.clean, **found, "amount": amount})
    negative = [name for name, number in sorted([("amount", amount), *found.items()]) if number < 0]
    told = [finding.pointer for finding in judged.findings if finding.rule == "FT122"]
    assert told == [f"/{name}" for name in negative if name != "wager_amount"]
    assert Verdict.VIOLATION is not judged.verdict


@pytest.mark.parametrize("change", [{"status": "Rollback"}, {"type": "Win"}, {"type": "Loss", "amount": 0}])
def test_balances_and_the_wager_amount_may_be_negative(feed: Any, change: dict[str, Any]) -> None:
    wallets = {"amount": 0, "wager_amount": -5, "bonus_wager_amount": 5}
    assert feed.found({**feed.clean, "balance_after": -20, "balance_before": -1, **wallets, **change}) == []


@pytest.mark.parametrize(
    ("rate", "rules"),
    [
        ("1", []),
        ("0.0000000001", []),
        (str(LEAST_RATE), []),
        (str(MOST_RATE), []),
        ("1000000000000.00", []),
        ("9.999999e-13", ["FT125"]),
        ("1000000000000.01", ["FT125"]),
        ("1e-40", ["FT125"]),
        ("1e40", ["FT125"]),
        ("0", ["FT124"]),
        ("0.000", ["FT124"]),
        ("-0.0", ["FT124"]),
        ("-1", ["FT123"]),
        ("-1e-40", ["FT123"]),
        ("1e41", ["FT121"]),
        ("-1e400", ["FT119"]),
        ('"0"', ["FT111"]),
        ("null", ["FT111"]),
    ],
)
def test_rates(feed: Any, rate: str, rules: list[str]) -> None:
    document = {**feed.clean, "exchange_rate": msgspec.Raw(rate.encode())}
    assert feed.found(document) == [(rule, "/exchange_rate") for rule in rules]
    with_base = feed.judge(document, ruleset=BASE).findings
    is_other = rules in ([], ["FT125"], ["FT124"], ["FT123"]) and Decimal(rate) != 1
    assert [finding.rule for finding in with_base] == (rules or (["FT126"] if is_other else []))
    assert [finding.implied for finding in with_base] == ([int(is_other and bool(rules))] if with_base else [])


@pytest.mark.parametrize(
    ("currency", "rate", "rules"),
    [
        ("EUR", "1.00", []),
        ("EUR", "0.99999999", ["FT126"]),
        ("USD", "0.92", []),
        ("AUD", "0.92", []),
        ("USD", "1", []),
        ("eur", "2", ["FT115"]),
    ],
)
def test_the_rate_of_the_base_currency_alone_is_known(feed: Any, currency: str, rate: str, rules: list[str]) -> None:
    document = {**feed.clean, "currency": currency, "exchange_rate": Decimal(rate)}
    assert [rule for rule, _ in feed.found(document, ruleset=BASE)] == rules


@given(rate=st.decimals("1e-12", "1e12", places=12))
def test_without_a_base_currency_every_rate_between_currencies_passes(feed: Any, rate: Decimal) -> None:
    rules = {rule for rule, _ in feed.found({**feed.clean, "exchange_rate": rate})}
    assert not rules & RATES


def test_sums_of_single_precision_are_mismatches(feed: Any) -> None:
    wallets = {"wager_amount": Decimal("0.10000000149"), "bonus_wager_amount": Decimal("0.20000000298")}
    assert feed.found({**feed.clean, "amount": Decimal("0.30000001192"), **wallets}) == [("FT113", "/amount")]


@pytest.mark.parametrize("unknown", ['"20"', "null", "1e400", "1e41"])
def test_no_sum_is_made_of_what_is_not_a_number(feed: Any, unknown: str) -> None:
    wallets = {"wager_amount": msgspec.Raw(unknown.encode()), "bonus_wager_amount": 3}
    told = feed.found({**feed.clean, "amount": 20, **wallets})
    assert [pointer for _, pointer in told] == ["/wager_amount"]


@pytest.mark.parametrize("wallets", [(20, 0, 0), (5, 15, 0), (1, 2, 17)])
def test_asked_by_themselves_the_rules_of_sums_are_silent_where_the_sum_is_right(
    feed: Any, wallets: tuple[int, ...]
) -> None:
    """What is clean is told without asking them."""
    shares = {name: Decimal(share) for name, share in zip(feed.wallets, wallets, strict=True)}
    reading = Reading({**feed.clean, "amount": Decimal(20), **shares}, ())
    assert not [*RULES["FT113"].check(reading), *RULES["FT114"].check(reading)]
