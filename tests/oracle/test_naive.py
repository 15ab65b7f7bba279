"""The oracle by itself, on what can be worked out by hand: a mistake that both sides share would agree."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from . import naive
from .naive.content import instant, read_event, written_instant, written_number

GAP = timedelta(minutes=30)


def casino(activity_id: str, kind: str, amount: Any, at: str = "08:00:00", **changes: Any) -> dict[str, Any]:
    return {
        **{"activity_id": activity_id, "type": kind, "amount": amount, "timestamp": f"2026-03-02T{at}Z"},
        **{"status": "Approved", "origin": "o", "user_id": "u", "round_id": "r", "user_bonus_id": ""},
        **{"currency": "EUR", "exchange_rate": 1, "game_id": "g", "game_name": "G", "game_type": "Slots"},
        **{"vendor_id": "v", "vendor_name": "V"},
        **changes,
    }


def bonus(status: str, at: str, **changes: Any) -> dict[str, Any]:
    key = {"origin": "o", "user_id": "u", "user_bonus_id": "b"}
    return {"status": status, "timestamp": f"2026-03-02T{at}Z", **key, **changes}


def made(*documents: dict[str, Any], readings: Mapping[str, str] | None = None, **told: Any) -> dict[str, Any]:
    return naive.construct([(document, True) for document in documents], readings=readings or {}, **told)


def outcome(*documents: dict[str, Any], **readings: str) -> tuple[Any, ...]:
    """State, outcome, bet and win of the one round; an assumption's name has an underscore for its dash."""
    told = {name.replace("_", "-"): reading for name, reading in readings.items()}
    (round_,) = made(*documents, readings=told)["rounds"]
    money = round_["totals"][round_["currency"]]
    return round_["state"], round_["outcome"], money["bet"]["total"], money["win"]["total"]


def rollback(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return document | {"status": "Rollback"} | changes


BET, WIN, LOSS = casino("b", "Bet", 20), casino("w", "Win", 5, "08:00:01"), casino("l", "Loss", 0, "08:00:02")
END = {"is_round_end": True}


@pytest.mark.parametrize(
    ("number", "text"),
    [("20.50", "205e-1"), ("20", "2e1"), ("-0.00", "0"), ("-2E+3", "-2e3"), ("0.001", "1e-3"), ("101", "101e0")],
)
def test_a_number_is_written_as_its_digits_and_its_exponent(number: str, text: str) -> None:
    assert written_number(Decimal(number)) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-03-02T08:27:58.721607Z", "2026-03-02T08:27:58.721607Z"),
        ("2026-03-02 14:27:58+06:00", "2026-03-02T08:27:58Z"),
        ("2026-03-01t23:59:59.5-01:30", "2026-03-02T01:29:59.500000Z"),
        ("2025-12-31T23:59:59.9999995z", "2026-01-01T00:00:00Z"),
        ("2025-12-31T23:59:59.99999949Z", "2025-12-31T23:59:59.999999Z"),
    ],
)
def test_an_instant_is_that_of_utc_to_the_microsecond(text: str, written: str) -> None:
    assert written_instant(instant(text)) == written


def test_content_is_digested_as_json_of_values() -> None:
    event = bonus("Created", "10:00:00.5", amount=Decimal("10.30"), meta={"b": [True, None], "a": "\u00e9"}, extra=1)
    text = (
        '{"amount":103e-1,"meta":{"a":"\\u00e9","b":[true,null]},"origin":"o","status":"Created",'
        '"timestamp":"2026-03-02T10:00:00.500000Z","user_bonus_id":"b","user_id":"u"}'
    )
    assert read_event(1, event).content == text
    assert read_event(1, event).digest == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ([BET, WIN], ("settled", "won", 20, 5)),
        ([WIN, BET, BET | {"amount": Decimal("20.00")}], ("settled", "won", 20, 5)),
        ([BET, LOSS], ("settled", "lost", 20, 0)),
        ([BET], ("open", None, 20, 0)),
        ([WIN], ("orphan", None, 0, 5)),
        ([rollback(BET), WIN, BET], ("orphan", None, 0, 5)),
        ([rollback(BET, amount=7), BET], ("voided", None, 0, 0)),
        ([rollback(BET, activity_id="x"), BET, WIN], ("orphan", None, 0, 5)),
        ([rollback(BET, activity_id="x", amount=7), BET, WIN], ("settled", "won", 20, 5)),
        ([BET, casino("b", "Bet", 7, "07:59:59"), WIN], ("settled", "won", 7, 5)),
    ],
)
def test_a_round_by_hand(documents: list[dict[str, Any]], expected: tuple[Any, ...]) -> None:
    assert outcome(*documents) == expected


@pytest.mark.parametrize(
    ("documents", "readings", "expected"),
    [
        ([BET, rollback(BET, activity_id="x")], {"rollback_target": "own-id"}, ("open", None, 20, 0)),
        ([BET, rollback(BET, amount=7)], {"rollback_target": "likeness"}, ("open", None, 20, 0)),
        ([BET, rollback(BET, amount=7)], {"rollback_amount": "part"}, ("open", None, 13, 0)),
        ([BET, rollback(BET, amount=-7)], {"rollback_amount": "part"}, ("voided", None, 0, 0)),
        ([BET, rollback(BET, amount=20)], {"rollback_amount": "part"}, ("voided", None, 0, 0)),
        ([BET, WIN, rollback(LOSS)], {"rollback_scope": "round"}, ("voided", None, 0, 0)),
        ([BET | END], {"end_flag": "settles"}, ("settled", "lost", 20, 0)),
        ([WIN | END], {"end_flag": "settles"}, ("orphan", None, 0, 5)),
        ([BET, WIN | {"is_round_end": False}], {"end_flag": "required"}, ("open", None, 20, 5)),
        ([BET, WIN], {"end_flag": "required"}, ("settled", "won", 20, 5)),
        ([BET, WIN | END, LOSS, casino("w2", "Win", 9, "08:00:03")], {"end_flag": "cuts"}, ("settled", "won", 20, 5)),
        ([BET, casino("b", "Bet", 7, "07:59:59")], {"conflicts": "latest"}, ("open", None, 20, 0)),
        ([BET, casino("b", "Bet", 7, "07:59:59")], {"conflicts": "every"}, ("open", None, 27, 0)),
        ([BET, BET, rollback(BET)], {"repeats": "every"}, ("open", None, 20, 0)),
        ([WIN], {"lone_settlement": "settled"}, ("settled", "won", 0, 5)),
        ([BET, rollback(BET), WIN], {"lone_settlement": "settled"}, ("orphan", None, 0, 5)),
    ],
)
def test_a_round_by_hand_in_another_reading(
    documents: list[dict[str, Any]], readings: dict[str, str], expected: tuple[Any, ...]
) -> None:
    assert outcome(*documents, **readings) == expected


@pytest.mark.parametrize(
    ("reading", "wallet"),
    [({}, "unallocated"), ({"missing-wallets": "real"}, "real"), ({"missing-wallets": "by-bonus"}, "bonus")],
)
def test_an_amount_without_wallets(reading: dict[str, str], wallet: str) -> None:
    (round_,) = made(BET | {"user_bonus_id": "b"}, readings=reading)["rounds"]
    amounts = {"real": 0, "bonus": 0, "locked": 0, "unallocated": 0, "total": 20} | {wallet: 20}
    assert round_["totals"]["EUR"]["bet"] == amounts


def test_a_rollback_takes_the_event_of_its_wallets_and_not_the_first() -> None:
    (round_,) = made(
        BET | {"bonus_wager_amount": 20},
        casino("c", "Bet", 20, "08:00:01", wager_amount=20),
        rollback(BET, activity_id="x", wager_amount=20),
    )["rounds"]
    assert round_["totals"]["EUR"]["bet"] == {"real": 0, "bonus": 20, "locked": 0, "unallocated": 0, "total": 20}


def test_a_late_event_joins_two_sessions() -> None:
    first, last = casino("a", "Bet", 1, "08:00:00"), casino("b", "Win", 2, "09:00:00", exchange_rate=Decimal("0.5"))
    apart = made(first, last)["sessions"]
    assert [(session["bets"], session["wins"], session["base"]["ggr"]["total"]) for session in apart] == [
        (1, 0, 1),
        (0, 1, -1),
    ]
    (joined,) = made(first, last, rollback(casino("x", "Loss", 0, "08:30:00")))["sessions"]
    assert (joined["events"], joined["rounds"], joined["duration"]) == (3, 1, timedelta(hours=1))
    assert [len(made(first, last, gap=gap)["sessions"]) for gap in (2 * GAP, 2 * GAP - timedelta.resolution)] == [1, 2]


def test_a_bonus_by_hand() -> None:
    documents = [
        bonus("Completed", "10:00:00"),
        bonus("Created", "07:00:00", required_wagering_amount=30, currency="EUR"),
        BET | {"user_bonus_id": "b"},
        casino("b2", "Bet", 4, round_id="r2", user_bonus_id="b", currency="USD"),
        casino("b3", "Bet", 4, round_id="r3", user_bonus_id="b"),
        rollback(casino("b3", "Bet", 4, round_id="r3")),
    ]
    (only,) = made(*documents)["bonuses"]
    assert (only["status"], only["bets"], only["rounds"]) == ("Completed", 2, ["r", "r2"])
    assert only["wagering"] == {"required": 30, "wagered": 20, "remaining": 10}
    assert (only["seqs"], only["casino_seqs"]) == ([1, 2], [3, 4, 5])


def test_a_player_by_hand() -> None:
    documents = [
        casino("a", "Bet", 3, exchange_rate=2, wager_amount=1, bonus_wager_amount=2),
        casino("b", "Win", 40, "08:00:01"),
        casino("c", "Bet", 1, "08:00:00", round_id="r2", game_id="f", game_type="Table"),
        bonus("Created", "08:30:00"),
    ]
    (player,) = made(*documents, as_of=datetime(2026, 3, 4, 8, tzinfo=UTC))["players"]
    assert player["rounds"] == {"settled": 1, "open": 1, "orphan": 0, "voided": 0, "won": 1, "lost": 0}
    assert player["base"]["ggr"]["total"] == Fraction(-33)
    assert player["wallets"] == {"real": 2 / 7, "bonus": 4 / 7, "locked": 0.0, "unallocated": 1 / 7}
    assert (player["favourite_game"]["id"], player["stake_bracket"]) == ("f", "up to 10")
    assert (player["idle_days"], player["activity"], player["churned"]) == (2, "idle", False)
    assert player["rfm"] == {"recency": 4, "frequency": 1, "monetary": 1}
    assert player["bonuses"] == {"Created": 1}
    (player,) = made(*documents, as_of=datetime(2026, 3, 2, 8, tzinfo=UTC))["players"]
    assert player["rounds"] == {"settled": 0, "open": 2, "orphan": 0, "voided": 0, "won": 0, "lost": 0}
    assert (player["base"]["ggr"]["total"], player["bonuses"], player["activity"]) == (7, {}, "active")
