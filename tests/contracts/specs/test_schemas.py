"""An event passes its JSON Schema exactly when no documented rule about its shape speaks, `UNSAYABLE` excepted."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from ftcrm.contracts.clauses import CLAUSES
from ftcrm.contracts.events import BONUS_FIELDS, CASINO_FIELDS, FieldType
from ftcrm.contracts.events.currencies import ACTIVE, WITHDRAWN
from ftcrm.contracts.events.fields import BONUS_DOCUMENTED
from ftcrm.contracts.specs import bonus_schema, casino_schema
from ftcrm.contracts.specs.rows import BONUS_QUOTES, CASINO_ROWS, listed

CONTRACT = (Path(__file__).parents[3] / "docs" / "casino-events.txt").read_text(encoding="utf-8")
LINES = [line.strip() for line in CONTRACT.splitlines()]
NAMES = [field.name for field in CASINO_FIELDS]
BONUS_NAMES = [field.name for field in BONUS_FIELDS]
WORDS = {
    "string": {FieldType.STRING, FieldType.CURRENCY},
    "float": {FieldType.FLOAT},
    "boolean": {FieldType.BOOLEAN},
    "object": {FieldType.OBJECT},
    "date": {FieldType.TIMESTAMP},
}
NUMBERS = ["1e41", "1e40", "-1e-41", "-0.0", "0e-99", "7" * 41, "7" * 5000, "1e400", "1e99999999999999999999", "0.1"]
NEAR = [
    *["", "Bet", "bet", "Refund", "Approved", "approved ", "Rollback", "Loss", "Created", "Slot", "Slots"],
    *["EUR", "eur", "DEM", "BTC", "XXX", "20", "NaN", "2026-03-02T8:27:58Z", "2026-03-02 08:27:58Z"],
    *[
        "2026-03-02T08:27:58Z\n",
        "2026-03-02T08:27:58",
        "2026-03-02T08:27:60Z",
        "2026-03-02T23:59:60Z",
        "2026-03-02T05:59:60+06:00",
    ],
    *["2026-02-30T08:27:58Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59.9999999Z"],
]


def values(feed: Any) -> st.SearchStrategy[Any]:
    return st.one_of(
        feed.json_values,
        st.sampled_from(NEAR),
        st.sampled_from(NUMBERS).map(lambda text: msgspec.Raw(text.encode())),
        st.sampled_from([None, True, False, {}, [], 0, 1, Decimal("1E+45")]),
    )


@pytest.mark.parametrize("schema", [casino_schema(), bonus_schema()], ids=lambda schema: schema["$id"])
def test_the_schemas_are_schemas(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    Draft7Validator.check_schema({**schema, "$schema": "http://json-schema.org/draft-07/schema#"})
    assert re.fullmatch("urn:ftcrm:(casino|bonus)", schema["$id"])
    assert schema["additionalProperties"] is True


@given(data=st.data())
@settings(max_examples=200)
def test_a_clean_event_passes(feed: Any, schemas: Any, data: st.DataObject) -> None:
    assert schemas.check(feed.raw(data.draw(feed.documents)))


@given(data=st.data())
@settings(max_examples=600)
def test_a_changed_event_passes_when_no_sayable_rule_speaks(feed: Any, schemas: Any, data: st.DataObject) -> None:
    document = data.draw(feed.documents)
    changes = data.draw(st.dictionaries(st.sampled_from(NAMES), values(feed), max_size=3))
    dropped = data.draw(st.sets(st.sampled_from(NAMES), max_size=2))
    changed = {name: value for name, value in {**document, **changes}.items() if name not in dropped}
    schemas.check(feed.raw(changed))


@given(data=st.data())
@settings(max_examples=200)
def test_any_json_is_judged_alike(feed: Any, schemas: Any, data: st.DataObject) -> None:
    document = data.draw(feed.json_values | st.dictionaries(st.sampled_from(NAMES + BONUS_NAMES), values(feed)))
    raw = msgspec.json.encode(document) if not isinstance(document, dict) else feed.raw(document)
    for message_type in ("CASINO", "BONUS"):
        passes = schemas.check(raw, message_type)
        seventh = Draft7Validator(schemas.validator(message_type).schema).is_valid(schemas.read(raw))
        assert passes is seventh, "AsyncAPI reads the schemas as draft 7"


@given(data=st.data())
@settings(max_examples=300)
def test_a_bonus_event_fails_only_by_what_scenario_b_asks_for(feed: Any, schemas: Any, data: st.DataObject) -> None:
    changes = data.draw(st.dictionaries(st.sampled_from(BONUS_NAMES), values(feed), max_size=4))
    dropped = data.draw(st.sets(st.sampled_from(BONUS_NAMES), max_size=2))
    changed = {name: value for name, value in {**feed.bonus, **changes}.items() if name not in dropped}
    assert schemas.check(feed.raw(changed), "BONUS") is not bool(dropped & BONUS_DOCUMENTED)


@pytest.mark.parametrize("name", NAMES)
def test_each_property_with_each_value(feed: Any, schemas: Any, name: str) -> None:
    whole = {**feed.clean, **feed.optional}
    odd = [msgspec.Raw(text.encode()) for text in NUMBERS]
    for value in (*NEAR, *odd, None, True, [], {}, 0):
        schemas.check(feed.raw({**whole, name: value}))
    assert schemas.check(feed.raw({**whole, "unknown": []}))
    schemas.check(feed.raw({key: value for key, value in whole.items() if key != name}))


@given(code=st.sampled_from(sorted(ACTIVE | WITHDRAWN)) | st.text("ABCUST", max_size=4))
@settings(max_examples=60)
@example(code="BTC")
@example(code="USDT")
def test_currencies_beyond_iso_4217_are_those_that_the_settings_name(feed: Any, schemas: Any, code: str) -> None:
    extra = frozenset({"BTC", "DEM"})
    passes = schemas.check(feed.raw(feed.clean | {"currency": code}), extra_currencies=extra)
    assert passes is (code in ACTIVE | WITHDRAWN | extra)


def test_the_contracts_table_is_quoted_line_by_line() -> None:
    assert list(CASINO_ROWS) == NAMES
    for field in CASINO_FIELDS:
        row = [f"{field.name} *" if field.required else field.name, *CASINO_ROWS[field.name]]
        assert any(LINES[at : at + len(row)] == row for at in range(len(LINES))), row
        assert field.type in WORDS[row[1].partition(" ")[0]]
        assert field.accepted in ((), listed(CASINO_ROWS[field.name]))


def test_the_bonus_event_quotes_scenario_b() -> None:
    assert set(BONUS_QUOTES) == BONUS_DOCUMENTED
    assert all(any(quote in line for line in LINES) for quote in BONUS_QUOTES.values())


def test_each_property_is_described_and_names_its_clause() -> None:
    for schema, fields in ((casino_schema(), CASINO_FIELDS), (bonus_schema(), BONUS_FIELDS)):
        assert list(schema["properties"]) == [field.name for field in fields]
        for shown in schema["properties"].values():
            assert shown["description"]
            assert shown["x-ftcrm-clause"] in CLAUSES
    assert "'Unique ID for each event'" in casino_schema()["properties"]["activity_id"]["description"]
    assert casino_schema()["properties"]["game_type"]["examples"] == ["Live Casino", "Table", "Slots"]


def test_the_vendors_wishes_of_a_bonus_event_are_annotations() -> None:
    schema = bonus_schema()
    assert schema["x-ftcrm-vendor-required"] == [field.name for field in BONUS_FIELDS if field.required]
    for field in BONUS_FIELDS:
        shown = schema["properties"][field.name]
        assert {key for key in shown if not key.startswith("x-ftcrm-")} == {"description"}
        assert shown.get("x-ftcrm-vendor-values", []) == list(field.accepted)
