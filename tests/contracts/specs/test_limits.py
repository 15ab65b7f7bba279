"""What a schema cannot say: named, shown by an example each, and nothing else."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ftcrm.contracts import Confidence, Message, Ruleset, Settings, judge
from ftcrm.contracts.specs import SAID, UNSAYABLE, Unsayable, casino_schema, unsayable
from ftcrm.contracts.specs.limits import documented_shape_rules, limits_table

CRYPTO = Settings(extra_currencies=frozenset({"BTC"}), crypto_fields=("tx_hash",))
PAGE = (Path(__file__).parents[3] / "docs" / "specs.md").read_text(encoding="utf-8")


def spoiled(feed: Any, name: str) -> Message:
    """A clean casino event, spoiled so that the rule of this entry speaks."""
    changes: dict[str, Any] = {
        "wallet-sum": {"wager_amount": 19},
        "leap-second-offset": {"timestamp": "2026-03-02T08:27:60+01:00"},
        "instant-range": {"timestamp": "0001-01-01T00:00:00+00:01"},
        "number-range": {"exchange_rate": msgspec.Raw(b"1e400")},
        "crypto-fields": {"currency": "BTC", "meta": {}},
    }
    raw = feed.raw({**feed.clean, **changes.get(name, {})})
    match name:
        case "text-encoding":
            return Message("rest", raw.replace(b"Dead or Alive", b"\\ud800"), "CASINO")
        case "json-syntax":
            return Message("rest", raw.replace(b'"amount":20', b'"amount":NaN'), "CASINO")
        case _:
            return Message("rest", raw, "CASINO")


@pytest.mark.parametrize("entry", UNSAYABLE, ids=lambda entry: entry.name)
def test_the_rule_speaks_and_the_schema_passes(feed: Any, schemas: Any, entry: Unsayable) -> None:
    message = spoiled(feed, entry.name)
    findings = judge(message, Ruleset(CRYPTO)).findings
    documented = [finding for finding in findings if finding.confidence is Confidence.DOCUMENTED]
    assert [finding.rule for finding in documented] == [entry.rule]
    document = json.loads(message.raw, parse_int=float)  # Python reads NaN, and lone surrogates
    assert unsayable(documented[0], document) is entry
    schema = casino_schema(extra_currencies=CRYPTO.extra_currencies)
    assert schemas.casino.evolve(schema=schema).is_valid(document)


def test_every_documented_shape_rule_is_said_or_excepted_by_name() -> None:
    """A new rule of confidence documented fails this: teach the schemas to say it, or name why they cannot."""
    assert set(SAID) | {entry.rule for entry in UNSAYABLE} == set(documented_shape_rules())
    whole = {entry.rule for entry in UNSAYABLE if not entry.when}
    assert not whole & set(SAID), "what is excepted whole is not said"
    assert {entry.rule for entry in UNSAYABLE if entry.when} <= set(SAID), "what is excepted in part is said else"
    assert len({entry.name for entry in UNSAYABLE}) == len(UNSAYABLE)


@pytest.mark.parametrize("code", SAID)
def test_what_is_said_is_said_by_that_keyword(feed: Any, schemas: Any, code: str) -> None:
    document: Any = {
        "FT102": [],
        "FT107": {"payload": feed.clean},
        "FT110": feed.without("origin"),
        "FT111": {**feed.clean, "user_id": 52530.0},
        "FT112": {**feed.clean, "status": "Refund"},
        "FT115": {**feed.clean, "currency": "USDT"},
        "FT117": {**feed.clean, "timestamp": "2026-03-02T8:27:58Z"},
        "FT201": {name: value for name, value in feed.bonus.items() if name != "status"},
    }[code]
    message_type = "BONUS" if code.startswith("FT2") else "CASINO"
    raw = json.dumps(document, default=float).encode()
    assert [finding.rule for finding in judge(Message("rest", raw, message_type)).findings] == [code]
    errors = list(schemas.validator(message_type).iter_errors(schemas.read(raw)))
    assert {error.validator for error in errors} == {SAID[code]}


def test_the_page_prints_the_table() -> None:
    assert limits_table() in PAGE, "stale: put the text of limits_table() there"
