"""Reading the rounds of somebody else's engine, and the mapping that says where they keep what."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from ftcrm.contracts import RoundKey
from ftcrm.contracts.engines import (
    EngineRound,
    FieldMapping,
    Said,
    decoded,
    pointed_at,
    read_lines,
    read_round,
    read_rounds,
)
from ftcrm.contracts.errors import ConfigurationError, EngineError

KEY = RoundKey("casino.example", "42", "R-1")
OPEN = {"origin": "casino.example", "user_id": "42", "round_id": "R-1", "state": "open"}
LONG = "123456789012345678901234567890.123456789"

DOCUMENT = {"a/b": [1, {"m~n": None}], "": 2, "0": 3, "~1": 4}


def read(text: str, mapping: FieldMapping | None = None) -> EngineRound:
    """A round that says this beside its key."""
    key = '"origin": "casino.example", "user_id": "42", "round_id": "R-1"'
    return read_round(decoded(f"{{{key}, {text}}}".encode(), where="theirs"), mapping, where="theirs")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"bet": 20', {"bet": Decimal(20)}),
        ('"bet": 0.10', {"bet": Decimal("0.1")}),
        ('"bet": "-2.5E-1"', {"bet": Decimal("-0.25")}),
        (
            '"bet": 123456789012345678901234567890.123456789',
            {"bet": Decimal("123456789012345678901234567890.123456789")},
        ),
        ('"bet": {"total": "3", "real": 1, "locked": null}', {"bet": 3, "bet.real": 1, "bet.locked": None}),
        ('"bet": null', {"bet": None}),
        ('"base": {"ggr": 1}', {"base.ggr": 1}),
        ('"game": {"id": 7, "name": "x"}', {"game.id": "7", "game.name": "x"}),
        ('"state": "open", "outcome": null, "played": true', {"state": "open", "outcome": None, "played": True}),
        ('"first_at": "2026-03-02T14:00:00+06:00"', {"first_at": datetime(2026, 3, 2, 8, tzinfo=UTC)}),
        (
            '"totals": {"USD": {"bet": 1}, "EUR": {"win": {"real": 2}}}',
            {"totals": ("EUR", "USD"), "totals.USD.bet": 1, "totals.EUR.win.real": 2},
        ),
        ('"bet": 1, "bets": 20, "base": 3, "more": {}', {"bet": 1}),
    ],
)
def test_what_a_round_says_in_our_words(text: str, said: dict[str, Said]) -> None:
    assert read(text) == EngineRound(KEY, said)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('"state": "CLOSED"', "one of open, settled, orphan, voided .* for state at '/state', got the string 'CLOSED'"),
        ('"played": "yes"', "expected true or false for played at '/played', got the string 'yes'"),
        ('"bet": true', "expected a number, or a text with one for bet at '/bet', got the boolean true"),
        ('"bet": "NaN"', "expected a number, or a text with one for bet at '/bet', got the string 'NaN'"),
        ('"bet": "1_000"', "got the string '1_000'"),
        ('"bet": 1e99999', "expected a number of at most 400 digits for bet at '/bet', got the number 1E\\+99999"),
        ('"base": {"win": []}', "expected a number, or a text with one for base.win at '/base/win', got an array"),
        ('"totals": {"EUR": 1}', "expected an object that has an object .* at '/totals', got an object"),
        ('"last_at": "yesterday"', "expected an RFC 3339 date-time for last_at at '/last_at', got the string 'yester"),
        ('"currency": {}', "expected a text for currency at '/currency', got an object"),
        ('"round_id": null', "expected a text for round_id at '/round_id', got null"),
    ],
)
def test_what_no_field_holds_is_an_error_that_says_where(text: str, message: str) -> None:
    with pytest.raises(EngineError, match=f"theirs: .*{message}"):
        read(text)


def test_a_round_without_its_key_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(EngineError) as caught:
        read_round({"origin": "x", "userId": "42"}, where="theirs")
    assert str(caught.value) == (
        "theirs: expected user_id at '/user_id', got an object with 'origin', 'userId'; "
        "'user_id' in `fields` of the mapping says where it stands, in `given` what it always is"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "theirs: expected JSON, got ''"),
        (b"<h1>\xff</h1>", r"expected JSON, got '<h1>\\\\xff</h1>'"),
        (b'{"bet": NaN}', "NaN, which JSON does not have"),
        (b"1e99999999999999999999", "an exponent that no decimal has"),
        (b"[" * 100_000, "expected JSON, got .*recursion"),
    ],
)
def test_what_is_no_json_is_an_error(text: bytes, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        decoded(text, where="theirs")


def test_a_round_that_says_nothing_we_know_is_an_error_since_it_would_agree_with_everything() -> None:
    with pytest.raises(EngineError) as caught:
        read('"stake": 20, "base": 3')
    assert str(caught.value) == (
        "theirs: expected a state, a bet or what else a round has, got an object with 'origin', 'user_id', 'round_id', "
        "'stake', 'base'; `fields` of the mapping says where they stand"
    )


def test_lists_and_lines_say_which_round_cannot_be_read() -> None:
    found = EngineRound(KEY, {"state": "open"})
    assert read_rounds([OPEN, OPEN], where="theirs") == (found, found)
    assert read_lines(b"\n" + json.dumps(OPEN).encode() + b"\r\n\n", where="theirs") == (found,)
    with pytest.raises(EngineError, match="theirs: expected an array of rounds, got an object"):
        read_rounds({}, where="theirs")
    with pytest.raises(EngineError, match="theirs, round 2: expected a round as a JSON object, got null"):
        read_rounds([OPEN, None], where="theirs")
    with pytest.raises(EngineError, match="x, line 2: expected JSON, got 'done'"):
        read_lines(b"\ndone\n", where="x")


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", DOCUMENT),
        ("/a~1b/0", 1),
        ("/a~1b/1/m~0n", None),
        ("/", 2),
        ("/0", 3),
        ("/~01", 4),
    ],
)
def test_pointers_lead_where_rfc_6901_says(pointer: str, value: Any) -> None:
    assert pointed_at(DOCUMENT, pointer) == value


@pytest.mark.parametrize(
    "pointer", ["/a", "/a~1b/2", "/a~1b/00", "/a~1b/-", "/a~1b/\N{ARABIC-INDIC DIGIT ZERO}", "/0/x"]
)
def test_pointers_into_the_void_find_nothing(pointer: str) -> None:
    assert repr(pointed_at(DOCUMENT, pointer)) == "UNSET"


# -- the mapping -----------------------------------------------------------------------------------------------------


def test_a_mapped_field_that_is_left_out_says_null_and_no_other_is_read() -> None:
    mapping = FieldMapping(fields={"outcome": "/result", "bet.real": "/cash", "win": "/totals/win"})
    found = read('"bet": 3, "totals": {"win": 2}, "ggr": "the other way round"', mapping)
    assert found == EngineRound(KEY, {"outcome": None, "bet.real": None, "win": 2})


def test_words_are_translated_and_others_are_let_be() -> None:
    mapping = FieldMapping(
        fields={"state": "/done", "played": "/n", "outcome": "/outcome"},
        values={"state": {"true": "settled", "null": "open"}, "played": {"0": False}, "outcome": {"": None}},
    )
    found = read('"done": true, "n": 0, "outcome": ""', mapping)
    assert found.said == {"state": "settled", "outcome": None, "played": False}
    found = read('"n": true, "outcome": "won"', mapping)
    assert found.said == {"state": "open", "outcome": "won", "played": True}
    assert read('"state": "CLOSED"', FieldMapping(values={"state": {"CLOSED": "settled"}})).said == {"state": "settled"}


def test_given_fields_are_said_by_every_round() -> None:
    mapping = FieldMapping(given={"origin": "casino.example", "currency": "EUR"})
    document = {"user_id": "42", "round_id": "R-1"}
    assert read_round(document, mapping, where="theirs") == EngineRound(KEY, {"currency": "EUR"})


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            {"fields": {"stake": "/bet"}},
            "fields: expected a field of a round, got 'stake'; did you mean 'state'",
        ),
        ({"fields": {"xyz": "/bet"}}, "got 'xyz'; there are origin, user_id, round_id, state"),
        ({"fields": {"bet": "totals.bet"}}, "a JSON pointer such as \"/totals/bet\" for bet, got 'totals.bet'"),
        ({"fields": {"bet": "/a~2"}}, "for bet, got '/a~2'"),
        ({"values": {"stat": {}}}, "mapping, values: expected a field of a round, got 'stat'; did you mean 'state'"),
        (
            {"values": {"state": {"CLOSED": "close"}}},
            "values: expected one of open, .* for state, got 'close'",
        ),
        (
            {"given": {"round": "R"}},
            "given: expected a field of a round, got 'round'; did you mean 'round_id'",
        ),
        ({"given": {"bet": "x"}}, "mapping, given: expected a number, or a text with one for bet, got 'x'"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        FieldMapping(**parts)
