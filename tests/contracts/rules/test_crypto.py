"""FT140 and FT141: nobody knows the fields of crypto transactions, until somebody names them."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import RULES, Ruleset, Settings, Verdict
from ftcrm.contracts.rules import Reading

EXTRA = frozenset({"BTC", "EUR", "DEM"})
UNNAMED = Ruleset(Settings(extra_currencies=EXTRA))
NAMED = Ruleset(Settings(extra_currencies=EXTRA, crypto_fields=("tx_hash", "wallet")))


def test_while_the_fields_have_no_names_their_absence_is_unknown(feed: Any) -> None:
    judged = feed.judge({**feed.clean, "currency": "BTC", "meta": {"tx_hash": "0xabc"}}, ruleset=UNNAMED)
    (finding,) = judged.findings
    assert (finding.rule, finding.confidence, judged.verdict) == ("FT140", "unknown", Verdict.UNDOCUMENTED)
    assert "crypto.fields" in finding.message
    assert "'BTC'" in finding.message


@pytest.mark.parametrize("ruleset", [UNNAMED, NAMED], ids=["unnamed", "named"])
@pytest.mark.parametrize(("currency", "rules"), [("EUR", []), ("USD", []), ("DEM", []), ("DOGE", ["FT115"])])
def test_currencies_of_iso_4217_are_no_crypto(feed: Any, ruleset: Ruleset, currency: str, rules: list[str]) -> None:
    assert [rule for rule, _ in feed.found({**feed.clean, "currency": currency}, ruleset=ruleset)] == rules


@pytest.mark.parametrize(
    ("meta", "missing"),
    [
        ({"tx_hash": "0xabc", "wallet": None, "x": 1}, []),
        ({"wallet": "w"}, ["tx_hash"]),
        ({}, ["tx_hash", "wallet"]),
        ({"meta": {"tx_hash": 1, "wallet": 1}}, ["tx_hash", "wallet"]),
        (None, ["tx_hash", "wallet"]),
    ],
)
def test_each_missing_field_is_a_violation(feed: Any, meta: Any, missing: list[str]) -> None:
    judged = feed.judge({**feed.clean, "currency": "BTC", "meta": meta}, ruleset=NAMED)
    told = [finding for finding in judged.findings if finding.rule == "FT141"]
    assert [finding.message.split("'")[1] for finding in told] == missing
    assert {finding.pointer for finding in told} <= {"/meta"}
    assert (judged.verdict is Verdict.VIOLATION) is bool(missing)


def test_without_meta_all_of_them_are_missing(feed: Any) -> None:
    assert feed.found({**feed.clean, "currency": "BTC"}, ruleset=NAMED) == [("FT141", "/meta")] * 2


@pytest.mark.parametrize("meta", ["tx_hash", [], 1, True])
def test_a_meta_of_another_type_is_told_once(feed: Any, meta: Any) -> None:
    assert feed.found({**feed.clean, "currency": "BTC", "meta": meta}, ruleset=NAMED) == [("FT111", "/meta")]


@pytest.mark.parametrize(
    ("crypto", "currency", "rules"),
    [
        (None, "BTC", ["FT140"]),
        (None, "SC", ["FT140"]),
        ({"BTC"}, "BTC", ["FT140"]),
        ({"BTC"}, "SC", []),
        ({"BTC"}, "DOGE", ["FT115"]),
        ({"DOGE"}, "DOGE", ["FT140"]),
        ({"EUR"}, "EUR", []),
        (set(), "BTC", []),
    ],
)
def test_crypto_is_what_is_named_so_and_else_every_extra_currency(
    feed: Any, crypto: set[str] | None, currency: str, rules: list[str]
) -> None:
    named = None if crypto is None else frozenset(crypto)
    document = {**feed.clean, "currency": currency}
    for fields, told in (((), rules), (("tx_hash",), [rule.replace("FT140", "FT141") for rule in rules])):
        settings = Settings(
            extra_currencies=frozenset({"BTC", "SC"}), crypto_currencies=named, crypto_fields=tuple(fields)
        )
        assert [rule for rule, _ in feed.found(document, ruleset=Ruleset(settings))] == told


@pytest.mark.parametrize("currency", ["EUR", "DEM", "DOGE", ["BTC"], None, 5])
def test_asked_by_themselves_the_rules_know_crypto_by_its_name_alone(feed: Any, currency: Any) -> None:
    """What is clean is told without asking them."""
    settings = Settings(crypto_currencies=frozenset({"BTC", "EUR", "DEM"}))
    for code in ("FT140", "FT141"):
        for named in (settings, msgspec.structs.replace(settings, crypto_fields=("tx_hash",))):
            assert not list(RULES[code].check(Reading({**feed.clean, "currency": currency}, (), named)))


@given(data=st.data())
def test_clean_events_draw_nothing_whatever_fields_are_named(feed: Any, data: st.DataObject) -> None:
    assert feed.found(data.draw(feed.documents), ruleset=NAMED) == []
