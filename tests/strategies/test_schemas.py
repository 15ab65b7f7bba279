"""The hooks for Schemathesis: what passes the schema and was repaired breaks no documented rule; the rest stays."""

import json
import subprocess
import sys
from typing import Any

import pytest
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.formats import STRING_FORMATS

from ftcrm.contracts import Verdict, judge
from ftcrm.contracts.instants import parse_instant
from ftcrm.contracts.messages import Message
from ftcrm.contracts.specs import UNSAYABLE, casino_schema, openapi
from ftcrm.contracts.specs.samples import CASINO_SAMPLES
from ftcrm.contracts.specs.timestamps import TIMESTAMP
from ftcrm.strategies.schemas import map_body, map_case, map_query, repaired

SCHEMA = Draft202012Validator(casino_schema())
BET = CASINO_SAMPLES["scenario-a-bet"][1]
WALLETS = ("wager_amount", "bonus_wager_amount", "locked_wager_amount")
NUMBERS = ("amount", *WALLETS, "exchange_rate", "balance_before", "balance_after")
CONTEXT = schemathesis.HookContext()

numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.just(10**400)
timestamps = st.from_regex(TIMESTAMP, fullmatch=True) | st.sampled_from(
    ["2026-03-02T08:27:60+01:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:60Z", "2016-12-31T23:59:60Z"]
)
passing = st.fixed_dictionaries(
    {name: st.just(value) for name, value in BET.items() if name not in NUMBERS}
    | {"amount": numbers, "exchange_rate": numbers},
    optional={name: numbers for name in NUMBERS[1:] if name != "exchange_rate"},
).flatmap(lambda event: timestamps.map(lambda text: event | {"timestamp": text}))


def verdict_of(event: Any) -> Verdict:
    return judge(Message("rest", json.dumps(event).encode(), "CASINO")).verdict


@given(passing)
def test_what_passes_the_schema_is_accepted_once_it_is_repaired(event: dict[str, Any]) -> None:
    assert SCHEMA.is_valid(event)
    found = repaired(event)
    assert verdict_of(found) in (Verdict.OK, Verdict.UNDOCUMENTED)
    assert repaired(found) == found
    assert found.keys() == event.keys()
    if verdict_of(event) is not Verdict.VIOLATION:
        assert {name: found[name] for name in found if name != "amount"} == {
            name: event[name] for name in event if name != "amount"
        }


@given(
    passing,
    st.dictionaries(
        st.sampled_from((*NUMBERS, "timestamp")), st.sampled_from(["soon", None, True, [], {}]), min_size=1
    ),
)
def test_what_the_schema_refuses_it_still_refuses(event: dict[str, Any], wrong: dict[str, Any]) -> None:
    broken = event | wrong
    assert not SCHEMA.is_valid(repaired(broken))
    assert {name: repaired(broken)[name] for name in wrong} == wrong


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ({"amount": 20, "wager_amount": 15}, {"amount": 15.0, "wager_amount": 15}),
        ({"amount": 20, "wager_amount": 20}, {"amount": 20, "wager_amount": 20}),
        ({"amount": 20}, {"amount": 20}),
        ({"wager_amount": 20}, {"wager_amount": 20}),
        ({"amount": 1, "wager_amount": 1e308, "locked_wager_amount": 1e308}, {"amount": 0.0, "wager_amount": 0}),
        ({"balance_after": 10**400}, {"balance_after": 0}),
        ({"timestamp": "2026-03-02T08:27:60+01:00"}, {"timestamp": "2026-03-02T08:27:58Z"}),
        ({"timestamp": "2026-03-02 08:27:58"}, {"timestamp": "2026-03-02 08:27:58"}),
    ],
)
def test_a_repair(wrong: dict[str, Any], right: dict[str, Any]) -> None:
    found = map_body(CONTEXT, wrong)
    assert {name: found[name] for name in right} == right


def test_what_is_no_event_stays() -> None:
    assert [map_body(CONTEXT, body) for body in ([1], "x", None, 7)] == [[1], "x", None, 7]


def test_an_instant_of_a_query_is_one() -> None:
    query = {"as_of": "2026-03-02T08:27:60+01:00", "run": "night"}
    assert map_query(CONTEXT, query) == {"as_of": "2026-03-02T08:27:58Z", "run": "night"}
    assert map_query(CONTEXT, {"as_of": "soon"}) == {"as_of": "soon"}
    assert map_query(CONTEXT, {"run": "night"}) == {"run": "night"}


def test_a_case_is_repaired_as_its_parts_are() -> None:
    operation = schemathesis.openapi.from_dict(openapi())["/v1/integration/casino"]["POST"]
    body = {"amount": 20, "wager_amount": 15}
    case = operation.Case(body=body, query={"as_of": "2026-03-02T08:27:60+01:00"}, media_type="application/json")
    found = map_case(CONTEXT, case)
    assert (found.body, found.query) == ({"amount": 15, "wager_amount": 15}, {"as_of": "2026-03-02T08:27:58Z"})


def test_nothing_else_is_beyond_the_schema() -> None:
    bytes_that_are_no_json = {"text-encoding", "json-syntax"}
    off_until_fields_are_named = {"crypto-fields"}
    repaired_here = {"wallet-sum", "leap-second-offset", "instant-range", "number-range"}
    assert {entry.name for entry in UNSAYABLE} == bytes_that_are_no_json | off_until_fields_are_named | repaired_here


@given(st.data())
def test_the_formats_are_what_clean_events_have(data: st.DataObject) -> None:
    timestamp, currency, round_id = (data.draw(STRING_FORMATS[name]) for name in ("date-time", "currency", "ftcrm-id"))
    assert isinstance(timestamp, str)
    assert parse_instant(timestamp)
    assert verdict_of(BET | {"timestamp": timestamp, "currency": currency, "round_id": round_id}) is Verdict.OK


def test_without_schemathesis_the_import_says_what_to_install() -> None:
    program = "import sys; sys.modules['schemathesis'] = None; import ftcrm.strategies.schemas"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    expected = "ImportError: ftcrm.strategies.schemas: expected Schemathesis (pip install 'schemathesis>=4.20'), got: "
    assert expected in done.stderr
