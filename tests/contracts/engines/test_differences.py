"""Engines under test: what they are fed, and what counts as a difference between two of them."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import CasinoEvent, Message, RoundKey, Settings
from ftcrm.contracts.construct import construct
from ftcrm.contracts.engines import (
    FIELDS,
    CallableEngine,
    Difference,
    EngineRound,
    FieldMapping,
    ReferenceEngine,
    Rounds,
    Said,
    Until,
    differences,
    disagreements,
    fed,
    keys_of,
    read_round,
)
from ftcrm.contracts.errors import EngineError
from ftcrm.contracts.rounds.readings import Readings
from ftcrm.contracts.views import round_view

KEY = RoundKey("casino.example", "42", "R-1")


def a_round(**said: Said) -> EngineRound:
    return EngineRound(KEY, {name.replace("__", "."): value for name, value in said.items()})


def constructed(events: Sequence[CasinoEvent]) -> EngineRound:
    """What the reference says of the one round that these events make."""
    (value,) = construct(events).rounds
    return read_round(round_view(value), where="ours")


def changed(value: Said) -> Said:
    """Another value of the same kind, as near to it as there is."""
    match value:
        case bool():
            return not value
        case Decimal():
            return value.next_plus()
        case datetime():
            return value + timedelta(microseconds=1)
        case str():
            return value + "x"
        case tuple():
            return (*value, "XXX")
        case None:
            return "x"


@pytest.fixture
def messages(feed: Any) -> Callable[[Sequence[Any]], list[Message]]:
    """Casino events as messages."""
    return lambda events: [Message("rest", feed.raw(event), "CASINO") for event in events]


# -- what an engine is fed -------------------------------------------------------------------------------------------


def test_an_engine_is_fed_types_and_payloads_whatever_the_connector(feed: Any) -> None:
    raw = feed.raw(feed.clean)
    others = [
        Message("rabbitmq", raw, "casino", (("type", "BONUS"),)),
        Message("kafka", b"{", None, (("type", b"BONUS"),)),
        Message("kafka", raw),
    ]
    assert fed([Message("rest", raw, "CASINO"), *others]) == [("CASINO", raw), ("CASINO", raw), ("BONUS", b"{")]


def test_the_rounds_that_messages_name_come_once_in_their_order(feed: Any) -> None:
    documents = [feed.clean, {**feed.clean, "round_id": 7}, feed.clean, feed.without("round_id"), {"user_id": None}]
    raws = [*map(feed.raw, documents), b"[", b"\xff"]
    origin, user_id = feed.clean["origin"], feed.clean["user_id"]
    found = keys_of(Message("rest", raw, "CASINO") for raw in raws)
    assert found == [RoundKey(origin, user_id, "r1"), RoundKey(origin, user_id, "7")]


# -- the laws --------------------------------------------------------------------------------------------------------


@given(st.data())
def test_the_reference_never_differs_from_itself_in_whatever_words_it_is_said(feed: Any, data: st.DataObject) -> None:
    messages = [Message("rest", feed.raw(event), "CASINO") for event in data.draw(feed.histories)]
    expected = ReferenceEngine().construct(messages)
    assert disagreements(ReferenceEngine(), messages) == ()

    def ours(deliveries: list[tuple[str, bytes]]) -> list[Any]:
        return [round_view(value) for value in construct(Message("rest", raw, name) for name, raw in deliveries).rounds]

    def theirs(deliveries: list[tuple[str, bytes]]) -> list[Any]:
        return [
            {
                "gameRound": {"id": view["round_id"]},
                "player": view["user_id"],
                "status": view["state"].upper(),
                "sums/base": [{"stake": view["base"]["bet"]["total"]}],
                "ggr": "the other way round",
            }
            for view in ours(deliveries)
        ]

    mapping = FieldMapping(
        fields={
            "round_id": "/gameRound/id",
            "user_id": "/player",
            "state": "/status",
            "base.bet": "/sums~1base/0/stake",
        },
        values={"state": {state.upper(): state for state in ("open", "settled", "orphan", "voided")}},
        given={"origin": feed.clean["origin"]},
    )
    assert differences(CallableEngine(ours).construct(messages), expected) == ()
    got = CallableEngine(theirs, mapping=mapping).construct(messages)
    assert all(value.said.keys() == {"state", "base.bet"} for value in got)
    assert differences(expected, got) == ()


@given(st.data())
def test_each_value_that_is_changed_is_the_difference(feed: Any, data: st.DataObject) -> None:
    expected = constructed(data.draw(feed.histories))
    name = data.draw(st.sampled_from(sorted(expected.said)))
    value = changed(expected.said[name])
    got = EngineRound(expected.key, {**expected.said, name: value})
    assert differences([expected], [got]) == (Difference(expected.key, name, expected.said[name], value),)


@given(st.data())
def test_what_is_not_said_is_compared_with_nothing(feed: Any, data: st.DataObject) -> None:
    expected = constructed(data.draw(feed.histories))
    kept = data.draw(st.sets(st.sampled_from(sorted(expected.said))))
    got = EngineRound(expected.key, {name: value for name, value in expected.said.items() if name in kept})
    assert differences([expected], [got]) == ()


def test_the_reference_says_every_field_and_all_that_the_admin_api_shows(feed: Any, messages: Any) -> None:
    (value,) = construct(messages([feed.clean])).rounds
    (said,) = (value.said for value in ReferenceEngine().construct(messages([feed.clean])))
    assert set(FIELDS) - set(said) == {"origin", "user_id", "round_id"}
    about_arrival = {"seqs", "excluded", "findings"}
    assert {name.partition(".")[0] for name in FIELDS} == set(round_view(value)) - about_arrival


# -- differences -----------------------------------------------------------------------------------------------------


def test_rounds_that_are_missing_unexpected_or_there_twice_are_differences() -> None:
    other = EngineRound(RoundKey("casino.example", "42", "R-2"), {})
    found = differences([a_round(), other], [EngineRound(RoundKey("a", "b", "c"), {}), other, other])
    assert found == (
        Difference(RoundKey("a", "b", "c"), "rounds", 0, 1),
        Difference(KEY, "rounds", 1, 0),
        Difference(other.key, "rounds", 1, 2),
    )
    assert [str(each) for each in found] == [
        "a/b/c: expected no such round, got one round",
        "casino.example/42/R-1: expected one round, got no such round",
        "casino.example/42/R-2: expected one round, got 2 rounds",
    ]


def test_numbers_are_compared_by_value_to_the_last_digit() -> None:
    assert differences([a_round(bet=Decimal("20.00"))], [a_round(bet=Decimal("2E1"))]) == ()
    digits = "0.1234567890123456789012345678901234567890"
    (found,) = differences([a_round(bet=Decimal(digits))], [a_round(bet=Decimal(digits + "1"))])
    assert str(found) == f"casino.example/42/R-1: bet: expected {digits[:-1]}, got {digits}1"


@pytest.mark.parametrize(
    ("expected", "got", "shown"),
    [
        ("settled", "open", "expected 'settled', got 'open'"),
        (None, "won", "expected null, got 'won'"),
        (True, False, "expected true, got false"),
        (("EUR", "USD"), (), "expected EUR and USD, got none"),
        (Decimal("1E+3"), Decimal("-0.50"), "expected 1000, got -0.5"),
        (
            datetime(2026, 3, 2, 8, tzinfo=UTC),
            datetime(2026, 3, 2, 8, 0, 1, tzinfo=UTC),
            "expected 2026-03-02T08:00:00Z, got 2026-03-02T08:00:01Z",
        ),
    ],
)
def test_a_difference_reads_as_a_sentence(expected: Said, got: Said, shown: str) -> None:
    (found,) = differences([a_round(base__bet=expected)], [a_round(base__bet=got)])
    assert str(found) == f"casino.example/42/R-1: base.bet: {shown}"


def test_an_engine_is_told_when_its_answer_will_do(feed: Any, messages: Any) -> None:
    history = messages([feed.clean])
    right = ReferenceEngine().construct(history)

    class Late:
        starts_fresh = True
        asked = 0

        def construct(self, messages: Sequence[Message], *, until: Until | None = None) -> Rounds:
            assert until is not None
            self.asked += 1
            assert (until(()), until(right)) == (False, True)
            return right if self.asked > 1 else ()

    late = Late()
    assert [each.field for each in disagreements(late, history)] == ["rounds"]
    assert disagreements(late, history) == ()


def test_the_reference_can_be_another(feed: Any, messages: Any) -> None:
    lenient = ReferenceEngine(accept_invalid=True)
    history = messages([{**feed.clean, "user_bonus_id": 7}])
    assert [each.field for each in disagreements(lenient, history)] == ["rounds"]
    assert disagreements(lenient, history, reference=lenient) == ()
    other = ReferenceEngine(Settings(readings=Readings(lone_settlement="settled")))
    history = messages([{**feed.clean, "type": "Win"}])
    found = [(each.field, each.expected, each.got) for each in disagreements(other, history)]
    assert found == [("state", "orphan", "settled"), ("outcome", None, "won")]


def test_the_reference_heeds_the_message_type(feed: Any) -> None:
    assert ReferenceEngine().construct([Message("rest", feed.raw(feed.clean), "CART")]) == ()


# -- a Python callable -----------------------------------------------------------------------------------------------


def test_a_callable_gets_pairs_and_may_return_what_is_written_as_json(feed: Any, messages: Any) -> None:
    @dataclass
    class Sums:
        total: Decimal
        real: float

    @dataclass
    class Ledger:
        origin: str
        user_id: int
        round_id: str
        bet: Sums
        first_at: datetime

    taken: list[Any] = []

    def engine(deliveries: list[tuple[str, bytes]]) -> Any:
        taken.extend(deliveries)
        yield Ledger("casino.example", 42, "R-1", Sums(Decimal("0.10"), 0.1 + 0.2), datetime(2026, 3, 2, tzinfo=UTC))

    found = CallableEngine(engine).construct(messages([feed.clean]))
    assert taken == [("CASINO", feed.raw(feed.clean))]
    exact = Decimal("0.30000000000000004")
    instant = datetime(2026, 3, 2, tzinfo=UTC)
    assert found == (EngineRound(KEY, {"bet": Decimal("0.1"), "bet.real": exact, "first_at": instant}),)


def _raises(deliveries: object) -> list[Any]:
    raise KeyError("round_id")


def _loads(deliveries: object) -> Any:
    return _loaded(b"{")


def _loaded(payload: bytes) -> Any:
    return json.loads(payload)


class _Called:
    def __call__(self, deliveries: object) -> Any:
        yield 1 / 0


def _line_of(function: Any) -> int:
    """The number of the first line of its body."""
    return int(function.__code__.co_firstlineno) + 1


PLACE = re.escape(f"{__name__}:{{}} ({__file__}, line {{}}): expected rounds, got ").replace(r"\{\}", "{}")


@pytest.mark.parametrize(
    ("function", "message", "cause"),
    [
        (_raises, PLACE.format("_raises", _line_of(_raises)) + "KeyError: 'round_id'$", KeyError),
        (_loads, PLACE.format("_loads", _line_of(_loaded)) + "JSONDecodeError", json.JSONDecodeError),
        (_Called(), rf"_Called object at .*, line {_line_of(_Called.__call__)}\): .*, got Zero", ZeroDivisionError),
        (list.clear, r"^list\.clear: expected rounds, got TypeError: 'NoneType' object is not iterable", TypeError),
        (lambda deliveries: None, "expected rounds, got TypeError: 'NoneType' object is not iterable", TypeError),
        (lambda deliveries: [object()], "expected rounds that can be written as JSON", TypeError),
        (lambda deliveries: ["R-1"], "round 1: expected a round as a JSON object, got the string 'R-1'", None),
    ],
)
def test_a_callable_that_fails_is_an_error_and_no_difference(
    function: Callable[[Any], Any], message: str, cause: type[Exception] | None
) -> None:
    with pytest.raises(EngineError, match=message) as caught:
        CallableEngine(function).construct([])
    assert type(caught.value.__cause__) is (cause or type(None))
