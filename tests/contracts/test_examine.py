"""The field tables, row by row: what each property must be, and what is said when it is not."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.contracts import Ruleset, Settings, Verdict
from ftcrm.contracts.clauses import CLAUSES
from ftcrm.contracts.events import BONUS_FIELDS, CASINO_FIELDS, Field, FieldType
from ftcrm.contracts.events.currencies import ACTIVE, WITHDRAWN
from ftcrm.contracts.findings import Confidence
from ftcrm.contracts.specs.rows import CASINO_ROWS

NAMES = {field.name: field for field in CASINO_FIELDS}
OF_AMOUNTS = {"FT122", "FT123", "FT124", "FT125"}
"""The rules that look at what a number says, not at what it is."""
TEXTUAL = {FieldType.STRING, FieldType.CURRENCY, FieldType.TIMESTAMP}
OF_TYPE = {
    "string": "20",
    "number": 20,
    "boolean": True,
    "null": None,
    "array": [],
    "object": {},
}
TAKES = {
    **{textual: {"string"} for textual in TEXTUAL},
    FieldType.FLOAT: {"number"},
    FieldType.BOOLEAN: {"boolean"},
    FieldType.OBJECT: {"object", "null"},  # null draws a finding of its own
}


def test_the_tables_are_those_of_the_events(feed: Any) -> None:
    assert {field.name for field in CASINO_FIELDS if field.required} == set(feed.clean)
    assert {field.name for field in CASINO_FIELDS if not field.required} == set(feed.optional)
    assert {field.name for field in BONUS_FIELDS if field.required} == set(feed.bonus)
    assert all(CLAUSES[field.clause].confidence is Confidence.DOCUMENTED for field in CASINO_FIELDS)
    assert len({field.clause for field in CASINO_FIELDS}) == len(CASINO_FIELDS)
    assert all(CLAUSES[field.clause].confidence is Confidence.VENDOR for field in BONUS_FIELDS)


@pytest.mark.parametrize("field", CASINO_FIELDS, ids=lambda field: field.name)
def test_missing(feed: Any, field: Field) -> None:
    whole = {**feed.clean, **feed.optional}
    document = {name: value for name, value in whole.items() if name != field.name}
    wanted = [("FT110", f"/{field.name}")] if field.required else []
    if field.name == "wager_amount":
        wanted = [("FT113", "/amount")]  # the other wallets are 0 then
    assert feed.found(document) == wanted
    assert all(field.name in finding.message for finding in feed.judge(document).findings if wanted[0][0] == "FT110")


@pytest.mark.parametrize("kind", OF_TYPE)
@pytest.mark.parametrize("field", CASINO_FIELDS, ids=lambda field: field.name)
def test_the_wrong_json_type(feed: Any, field: Field, kind: str) -> None:
    judged = feed.judge({**feed.clean, **feed.optional, field.name: OF_TYPE[kind]})
    mismatches = [finding for finding in judged.findings if finding.rule == "FT111"]
    if kind in TAKES[field.type]:
        assert mismatches == []
    else:
        assert [finding.pointer for finding in mismatches] == [f"/{field.name}"]
        assert mismatches[0].message.startswith(f"{field.name}: expected ")
        quote = CLAUSES[mismatches[0].clause].quote
        assert quote[0] == (f"{field.name} *" if field.required else field.name)
        assert set(quote[1:]) <= set(CASINO_ROWS[field.name])
        assert quote[1] == CASINO_ROWS[field.name][0]
        assert judged.verdict is Verdict.VIOLATION


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_all_faults_are_told_never_the_first_alone(feed: Any, data: st.DataObject) -> None:
    missing = data.draw(st.sets(st.sampled_from(sorted(feed.clean))))
    wrong = data.draw(st.sets(st.sampled_from(sorted({*feed.clean, *feed.optional} - missing))))
    document = {**feed.clean, **feed.optional, **{name: [] for name in wrong}}
    found = feed.found({name: value for name, value in document.items() if name not in missing})
    missed = [f"/{field.name}" for field in CASINO_FIELDS if field.required and field.name in missing]
    assert [pointer for rule, pointer in found if rule == "FT110"] == missed
    assert {pointer for rule, pointer in found if rule == "FT111"} == {f"/{name}" for name in wrong}


@pytest.mark.parametrize(("name", "value"), [(f.name, value) for f in CASINO_FIELDS for value in f.accepted])
def test_each_accepted_value(feed: Any, name: str, value: str) -> None:
    assert feed.found({**feed.clean, name: value}) == []


@pytest.mark.parametrize(
    ("name", "value", "suggestion"),
    [
        ("type", "bet", "'Bet'"),
        ("type", "WIN", "'Win'"),
        ("type", "Los", "'Loss'"),
        ("type", "Bets", "'Bet'"),
        ("status", "approved", "'Approved'"),
        ("status", "Aproved", "'Approved'"),
        ("status", "ROLLBACK", "'Rollback'"),
        ("status", "Roll back", "'Rollback'"),
        ("type", "Refund", None),
        ("status", "", None),
        ("status", "Bet" * 1000, None),
    ],
)
def test_a_value_that_is_not_accepted(feed: Any, name: str, value: str, suggestion: str | None) -> None:
    judged = feed.judge({**feed.clean, name: value})
    (finding,) = judged.findings
    assert (finding.rule, finding.pointer) == ("FT112", f"/{name}")
    assert finding.clause == f"casino.{name}"
    assert judged.verdict is Verdict.VIOLATION
    assert all(repr(accepted) in finding.message for accepted in NAMES[name].accepted)
    assert finding.message.endswith(f" (did you mean {suggestion}?)") is (suggestion is not None)


@pytest.mark.parametrize("game_type", ["Live Casino", "Table", "Slots", "Crash", "Table Games", "Live", "槽"])
def test_any_other_game_type_is_accepted(feed: Any, game_type: str) -> None:
    assert feed.found({**feed.clean, "game_type": game_type}) == []


def test_no_bonus_is_an_empty_user_bonus_id(feed: Any) -> None:
    assert feed.found({**feed.clean, "user_bonus_id": ""}) == []
    assert feed.found(feed.without("user_bonus_id")) == [("FT110", "/user_bonus_id")]
    assert feed.found({**feed.clean, "user_bonus_id": None}) == [("FT111", "/user_bonus_id")]


def test_unknown_properties_are_let_be(feed: Any) -> None:
    assert feed.found({**feed.clean, "skip_publishing": True, "is_free_money": False, "x": {"y": None}}) == []


def test_null_meta_is_what_the_vendors_schema_takes(feed: Any) -> None:
    judged = feed.judge({**feed.clean, "meta": None})
    assert [(finding.rule, finding.pointer) for finding in judged.findings] == [("FT120", "/meta")]
    assert judged.verdict is Verdict.UNDOCUMENTED
    assert judged.event.meta is msgspec.UNSET


@pytest.mark.parametrize("name", ["amount", "exchange_rate", "balance_after", "balance_before"])
@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("20", []),
        ("20.00", []),
        ("2E+1", []),
        ("-0", []),
        ("-20", []),
        ("1e40", []),
        ("1e-40", []),
        ("7" * 40, []),
        ('"20"', ["FT111"]),
        ('"NaN"', ["FT111"]),
        ("NaN", ["FT101"]),
        ("1e41", ["FT121"]),
        ("1e-41", ["FT121"]),
        ("1e400", ["FT119"]),
        ("0e-100", ["FT121"]),
        ("1e999999999", ["FT119"]),
        ("1e99999999999999999999", ["FT119"]),
        ("-1e-99999999999999999999", ["FT121"]),
        ("7" * 41, ["FT121"]),
        ("7" * 5000, ["FT119"]),
    ],
)
def test_numbers(feed: Any, name: str, text: str, rules: list[str]) -> None:
    judged = feed.judge({**feed.clean, name: msgspec.Raw(text.encode())})
    assert [finding.rule for finding in judged.findings if finding.rule not in OF_AMOUNTS] == rules
    assert all(len(finding.message) < 200 for finding in judged.findings)
    assert (judged.event is None) is (bool(rules) and not (name.startswith("balance") and rules != ["FT101"]))


@pytest.mark.parametrize(
    ("timestamp", "rules"),
    [
        ("2026-03-02T08:27:58+06:00", []),
        ("2026-03-02t08:27:58z", []),
        ("2026-03-02T08:27:58-00:00", []),
        ("2026-03-02T08:27:58.1234567891Z", []),
        ("2016-12-31T23:59:60Z", []),
        ("2026-03-02 08:27:58Z", ["FT118"]),
        ("2026-03-02T8:27:58.721607Z", ["FT117"]),
        ("2018-02-18 18:13:06", ["FT117"]),
        ("2026-03-02T08:27:58", ["FT117"]),
        ("2026-03-02T08:27:58+0600", ["FT117"]),
        ("2026-02-30T08:27:58Z", ["FT117"]),
        ("0001-01-01T00:00:00+01:00", ["FT117"]),
        ("", ["FT117"]),
    ],
)
def test_timestamps(feed: Any, timestamp: str, rules: list[str]) -> None:
    judged = feed.judge({**feed.clean, "timestamp": timestamp})
    assert [(finding.rule, finding.pointer) for finding in judged.findings] == [(rule, "/timestamp") for rule in rules]
    assert repr(timestamp) in "".join(finding.message for finding in judged.findings) or not rules
    assert (judged.event is None) is (rules == ["FT117"])


@pytest.mark.parametrize(
    ("currency", "rule", "hint"),
    [
        ("eur", "FT115", "did you mean 'EUR'?"),
        ("Eur", "FT115", "did you mean 'EUR'?"),
        ("BTC", "FT115", "currencies.extra"),
        ("€", "FT115", "currencies.extra"),
        ("", "FT115", "currencies.extra"),
        ("DEM", "FT116", "withdrawn 'DEM'"),
    ],
)
def test_currencies(feed: Any, currency: str, rule: str, hint: str) -> None:
    document = {**feed.clean, "currency": currency}
    judged = feed.judge(document)
    (finding,) = judged.findings
    assert (finding.rule, finding.pointer) == (rule, "/currency")
    assert hint in finding.message
    assert judged.event.currency == currency
    ruleset = Ruleset(Settings(extra_currencies=frozenset({currency})))
    assert not {"FT115", "FT116"} & {code for code, _ in feed.found(document, ruleset=ruleset)}


def test_the_currency_lists_are_codes_and_disjoint() -> None:
    assert not ACTIVE & WITHDRAWN
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in ACTIVE | WITHDRAWN)
    assert {"EUR", "USD", "GBP", "XCG", "ZWG"} <= ACTIVE
    assert {"DEM", "HRK", "BGN", "ANG"} <= WITHDRAWN


wallets = st.dictionaries(
    st.sampled_from(["wager_amount", "bonus_wager_amount", "locked_wager_amount"]),
    st.decimals(-(10**12), 10**12, places=4),
)


@given(wallets=wallets, off=st.sampled_from([Decimal(0), Decimal("0.01"), Decimal(-20), Decimal(10) ** 20]))
def test_the_amount_is_the_exact_sum_of_the_wallets_that_are_there(
    feed: Any, wallets: dict[str, Decimal], off: Decimal
) -> None:
    document = {**feed.clean, "amount": sum(wallets.values(), Decimal(0)) + off, **wallets}
    found = [(rule, pointer) for rule, pointer in feed.found(document) if rule not in OF_AMOUNTS]
    assert found == ([("FT113", "/amount")] if off and wallets else [])


@pytest.mark.parametrize(
    ("amount", "wallets", "rules"),
    [
        ("0.30000000000000004", ["0.1", "0.2"], ["FT114"]),
        ("0.3", ["0.1", "0.2"], []),
        ("0.3000000000000005", ["0.1", "0.2"], ["FT113"]),
        ("0.2", ["0.0"], ["FT113"]),
        ("0.1", ["0.1"], []),
        ("0", ["0", "0", "-0.0"], []),
        ("1", ["1e40", "1", "-1e40"], []),
        ("0", ["1e40", "1", "-1e40"], ["FT114"]),
        ("20", ['"20"'], ["FT111"]),
        ("20", ["7" * 41], ["FT121"]),
        ('"20"', ["20"], ["FT111"]),
    ],
)
def test_sums(feed: Any, amount: str, wallets: list[str], rules: list[str]) -> None:
    names = ("wager_amount", "bonus_wager_amount", "locked_wager_amount")
    sent = {name: msgspec.Raw(wallet.encode()) for name, wallet in zip(names, wallets, strict=False)}
    judged = feed.judge({**feed.clean, "amount": msgspec.Raw(amount.encode()), **sent})
    assert [finding.rule for finding in judged.findings if finding.rule not in OF_AMOUNTS] == rules
    if rules == ["FT114"]:
        assert judged.verdict is Verdict.UNDOCUMENTED


def test_the_vendors_sample_draws_exactly_its_hour_and_its_missing_bonus_id(feed: Any) -> None:
    sample = b"""{"activity_id": "2019020103308257480", "amount": 20, "balance_after": 174.03, "balance_before": 194.03,
        "bonus_wager_amount": 0.0, "currency": "EUR", "exchange_rate": 1, "game_id": "10911",
        "game_name": "Dead or Alive", "game_type": "Slots", "is_round_end": false, "locked_wager_amount": 0,
        "origin": "sub.example.com", "round_id": "2019020103308257480", "status": "Approved",
        "timestamp": "2015-03-02T8:27:58.721607Z", "type": "Bet", "user_id": "52530", "vendor_id": "1",
        "vendor_name": "Netent", "wager_amount": 20,
        "meta": {"key1": 10.00, "key2": "some string", "key3": false}}"""
    assert feed.found(sample) == [("FT110", "/user_bonus_id"), ("FT117", "/timestamp")]
    judged = feed.judge(sample)
    assert "user_bonus_id" in judged.findings[0].message
    assert (judged.keys.round_id, judged.keys.user_id) == ("2019020103308257480", "52530")


def test_the_vendors_older_sample(feed: Any) -> None:
    sample = {
        **feed.clean,
        "amount": Decimal("0.2"),
        "wager_amount": Decimal("0.0"),
        "timestamp": "2018-02-18 18:13:06",
    }
    assert feed.found(sample) == [("FT113", "/amount"), ("FT117", "/timestamp")]
