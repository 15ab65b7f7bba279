"""FT2xx: the fields of a bonus event."""

from typing import Any

import msgspec
import pytest

from ftcrm.contracts import Verdict
from ftcrm.contracts.events import BONUS_FIELDS, Field, FieldType
from ftcrm.contracts.events.fields import BONUS_DOCUMENTED

KEY_FIELDS = {"origin", "user_id", "user_bonus_id", "status", "timestamp"}


def test_the_vendors_sample_is_clean(feed: Any) -> None:
    sample = {**feed.bonus, "bonus_turned_real": 0, "locked_amount": 2.3, "required_wagering_amount": 412.3, "meta": {}}
    judged = feed.judge(sample, "BONUS")
    assert (judged.verdict, judged.findings) == (Verdict.OK, ())
    assert judged.keys.user_bonus_id == "863512"


@pytest.mark.parametrize("field", BONUS_FIELDS, ids=lambda field: field.name)
def test_missing(feed: Any, field: Field) -> None:
    document = {name: value for name, value in feed.bonus.items() if name != field.name}
    judged = feed.judge(document, "BONUS")
    rule = "FT201" if field.name in BONUS_DOCUMENTED else "FT202"
    assert [finding.rule for finding in judged.findings] == ([rule] if field.required else [])
    assert judged.verdict is (
        Verdict.VIOLATION if rule == "FT201" else Verdict.UNDOCUMENTED if field.required else Verdict.OK
    )
    assert (judged.event is None) is (field.name in KEY_FIELDS)


@pytest.mark.parametrize("value", [None, [], True, {"a": 1}, 20, "20"])
@pytest.mark.parametrize("field", BONUS_FIELDS, ids=lambda field: field.name)
def test_the_wrong_json_type(feed: Any, field: Field, value: Any) -> None:
    right: dict[FieldType, tuple[type, ...]] = {FieldType.FLOAT: (int,), FieldType.OBJECT: (dict, type(None))}
    wrong = isinstance(value, bool) or not isinstance(value, right.get(field.type, (str,)))
    found = feed.found({**feed.bonus, field.name: value}, "BONUS")
    assert [pointer for rule, pointer in found if rule == "FT203"] == ([f"/{field.name}"] if wrong else [])


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"status": "created"}, "FT204"),
        ({"type": "Spins"}, "FT204"),
        ({"product": "Bingo"}, "FT204"),
        ({"currency": "DEM"}, "FT205"),
        ({"currency": "BTC"}, "FT205"),
        ({"amount": msgspec.Raw(b"1e41")}, "FT203"),
        ({"timestamp": "2026-03-02T8:00:00Z"}, "FT206"),
        ({"timestamp": "2026-03-02 08:00:00Z"}, "FT206"),
    ],
)
def test_values(feed: Any, change: dict[str, Any], rule: str) -> None:
    (name,) = change
    judged = feed.judge({**feed.bonus, **change}, "BONUS")
    assert [(finding.rule, finding.pointer) for finding in judged.findings] == [(rule, f"/{name}")]
    assert judged.verdict is Verdict.UNDOCUMENTED


@pytest.mark.parametrize("field", [field for field in BONUS_FIELDS if field.accepted], ids=lambda field: field.name)
def test_each_accepted_value(feed: Any, field: Field) -> None:
    for value in field.accepted:
        assert feed.found({**feed.bonus, field.name: value}, "BONUS") == []


def test_an_empty_id_belongs_to_no_casino_event(feed: Any) -> None:
    judged = feed.judge({**feed.bonus, "user_bonus_id": ""}, "BONUS")
    (finding,) = judged.findings
    assert (finding.rule, finding.pointer, judged.verdict) == ("FT208", "/user_bonus_id", Verdict.UNDOCUMENTED)
    assert feed.found({**feed.bonus, "user_bonus_id": " "}, "BONUS") == []


def test_what_is_wrong_with_a_timestamp_is_said(feed: Any) -> None:
    (finding,) = feed.judge({**feed.bonus, "timestamp": "2026-03-02T8:00:00Z"}, "BONUS").findings
    assert finding.message.endswith("(one digit for the hour)")
