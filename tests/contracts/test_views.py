"""Rounds, sessions, bonuses, players and findings as the APIs show them."""

from datetime import timedelta
from decimal import Decimal
from math import exp
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import fold_bonus
from ftcrm.contracts.rounds import BonusFold, PlayerKey, Thresholds, fold_player, fold_sessions
from ftcrm.contracts.rules import STANDARD, Scope, findings_of
from ftcrm.contracts.views import bonus_view, findings_view, player_view, round_view, session_view

ZERO = {"real": "0", "bonus": "0", "locked": "0", "unallocated": "0", "total": "0"}
PLAYER = PlayerKey("sub.example.com", "52530")


def test_a_round(feed: Any) -> None:
    bet = feed.casino_event(wager_amount=Decimal("12.50"), bonus_wager_amount=Decimal("7.5"))
    win = feed.casino_event(
        activity_id="w", type="Win", amount=Decimal("5.00"), is_round_end=True, timestamp="2026-03-02T08:28:00Z"
    )
    folded = feed.fold(bet, win, win)
    assert round_view(folded.round, findings_of(STANDARD.ask(Scope.ROUND, folded))) == {
        "origin": "sub.example.com",
        "user_id": "52530",
        "round_id": "r1",
        "state": "settled",
        "outcome": "won",
        "played": True,
        "end_flagged": True,
        "currency": "EUR",
        "bet": {**ZERO, "real": "12.5", "bonus": "7.5", "total": "20"},
        "win": {**ZERO, "unallocated": "5", "total": "5"},
        "ggr": {**ZERO, "real": "12.5", "bonus": "7.5", "unallocated": "-5", "total": "15"},
        "base": {
            "bet": {**ZERO, "real": "12.5", "bonus": "7.5", "total": "20"},
            "win": {**ZERO, "unallocated": "5", "total": "5"},
            "ggr": {**ZERO, "real": "12.5", "bonus": "7.5", "unallocated": "-5", "total": "15"},
        },
        "totals": {
            "EUR": {
                "bet": {**ZERO, "real": "12.5", "bonus": "7.5", "total": "20"},
                "win": {**ZERO, "unallocated": "5", "total": "5"},
                "ggr": {**ZERO, "real": "12.5", "bonus": "7.5", "unallocated": "-5", "total": "15"},
            }
        },
        "game": {"id": "10911", "name": "Dead or Alive", "type": "Slots"},
        "vendor": {"id": "1", "name": "Netent"},
        "first_at": "2026-03-02T08:27:58.721607Z",
        "last_at": "2026-03-02T08:28:00Z",
        "seqs": [1, 2, 3],
        "excluded": [],
        "findings": [
            {
                "rule": "FT302",
                "name": "repeated-delivery",
                "kind": "repeated-delivery",
                "confidence": "inferred",
                "clause": "delivery",
                "quote": "Delivery is at least once: a sender retries until it is answered with 200.",
                "message": "activity_id 'w': the same event again, counted once",
                "pointer": "",
                "witness": [2, 3],
                "implied": 0,
            }
        ],
    }


def test_mixed_currencies_have_no_single_total(feed: Any) -> None:
    view = round_view(feed.fold(feed.casino_event(), feed.casino_event(activity_id="2", currency="USD")).round)
    assert (view["currency"], view["bet"], view["win"], view["ggr"]) == (None, None, None, None)
    assert {currency: money["bet"]["total"] for currency, money in view["totals"].items()} == {"EUR": "20", "USD": "20"}
    assert view["base"]["bet"]["total"] == "40"


@given(data=st.data())
def test_views_are_json_and_equal_rounds_have_equal_views(feed: Any, data: st.DataObject) -> None:
    events = data.draw(feed.histories)
    folded = feed.fold(*events)
    view = round_view(folded.round, findings_of(STANDARD.ask(Scope.ROUND, folded)))
    assert msgspec.json.decode(msgspec.json.encode(view)) == view
    again = feed.fold(*(msgspec.structs.replace(event, amount=Decimal(f"{event.amount:f}")) for event in events))
    assert round_view(again.round, findings_of(STANDARD.ask(Scope.ROUND, again))) == view
    for name, money in view["totals"].items():
        assert Decimal(money["ggr"]["total"]) == folded.round.totals[name].ggr.total


def test_a_bonus(feed: Any) -> None:
    event = feed.bonus_event(amount=Decimal("10.30"), required_wagering_amount=Decimal(100))
    members = feed.members([event, feed.casino_event()])
    folded: BonusFold = fold_bonus(feed.bonus_key, members[:1], members[1:], excluded=(7,))
    nothing = dict.fromkeys(("real", "bonus", "locked", "unallocated", "total"), "0")
    bet = nothing | {"unallocated": "20", "total": "20"}
    money = {"bet": bet, "win": nothing, "ggr": bet}
    assert bonus_view(folded.bonus) == {
        "origin": "sub.example.com",
        "user_id": "52530",
        "user_bonus_id": "863512",
        "bonus_id": "9821",
        "type": "WelcomeBonus",
        "product": "Casino",
        "amount": "10.3",
        "currency": "EUR",
        "status": "Created",
        "statuses": [{"status": "Created", "at": "2026-03-02T08:00:00Z", "seq": 1}],
        "bets": 1,
        "rounds": ["r1"],
        "base": money,
        "totals": {"EUR": money},
        "wagering": {"required": "100", "wagered": "20", "remaining": "80"},
        "casino_seqs": [2],
        "seqs": [1],
        "excluded": [7],
        "findings": [],
    }


def test_findings_show_every_field(feed: Any) -> None:
    (view,) = findings_view(feed.judge({**feed.clean, "type": "bet"}).findings)
    assert set(view) == {
        "rule",
        "name",
        "kind",
        "confidence",
        "clause",
        "quote",
        "message",
        "pointer",
        "witness",
        "implied",
    }


def test_a_session(feed: Any) -> None:
    bet = feed.casino_event(wager_amount=Decimal("12.50"), bonus_wager_amount=Decimal("7.5"), timestamp=feed.at(0))
    loss = feed.casino_event(
        activity_id="l", type="Loss", amount=Decimal(0), timestamp=feed.at(90.000001), game_id="9", game_name="Other"
    )
    (session,) = fold_sessions(PLAYER, [feed.fold(bet, loss)], gap=timedelta(minutes=30))
    staked = {**ZERO, "real": "12.5", "bonus": "7.5", "total": "20"}
    money = {"bet": staked, "win": ZERO, "ggr": staked}
    game = {"vendor_id": "1", "type": "Slots", "wins": 0}
    assert session_view(session) == {
        "origin": "sub.example.com",
        "user_id": "52530",
        "started_at": "2026-03-02T00:00:00Z",
        "ended_at": "2026-03-02T00:01:30.000001Z",
        "duration_seconds": "90.000001",
        "events": 2,
        "rounds": 1,
        "bets": 1,
        "wins": 0,
        "base": money,
        "totals": {"EUR": money},
        "games": [
            {"game_id": "10911", "name": "Dead or Alive", "bets": 1, "base": money, **game},
            {"game_id": "9", "name": "Other", "bets": 0, "base": {"bet": ZERO, "win": ZERO, "ggr": ZERO}, **game},
        ],
        "seqs": [1, 2],
    }


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (timedelta(0), "0"),
        (timedelta(minutes=30), "1800"),
        (timedelta(microseconds=100), "0.0001"),
        (timedelta(days=3_000_000, microseconds=1), "259200000000.000001"),
    ],
)
def test_a_duration_is_exact_and_plain(feed: Any, duration: timedelta, expected: str) -> None:
    (session,) = fold_sessions(PLAYER, [feed.fold(feed.casino_event())], gap=timedelta(0))
    longer = msgspec.structs.replace(session, duration=duration)
    assert session_view(longer)["duration_seconds"] == expected


def test_a_player(feed: Any) -> None:
    bet = feed.casino_event(wager_amount=Decimal("15"), bonus_wager_amount=Decimal("5.0"), timestamp=feed.at(0))
    rounds, bonus = [feed.fold(bet)], feed.fold_bonus([feed.bonus_event(timestamp=feed.at(1))], [])
    sessions = fold_sessions(PLAYER, rounds, gap=timedelta(minutes=30))
    as_of = bet.timestamp + timedelta(days=30)
    player = fold_player(PLAYER, rounds, [bonus], sessions, as_of=as_of, thresholds=Thresholds())
    staked = {**ZERO, "real": "15", "bonus": "5", "total": "20"}
    money = {"bet": staked, "win": ZERO, "ggr": staked}
    weight = exp(-1)
    assert player_view(player) == {
        "origin": "sub.example.com",
        "user_id": "52530",
        "as_of": "2026-04-01T00:00:00Z",
        "first_at": "2026-03-02T00:00:00Z",
        "last_at": "2026-03-02T00:00:00Z",
        "rounds": {"settled": 0, "open": 1, "orphan": 0, "voided": 0, "won": 0, "lost": 0},
        "sessions": 1,
        "bets": 1,
        "wins": 0,
        "base": money,
        "totals": {"EUR": money},
        "wallets": {"real": 0.75, "bonus": 0.25, "locked": 0.0, "unallocated": 0.0},
        "favourite_game": {"vendor_id": "1", "id": "10911", "name": "Dead or Alive", "weight": weight},
        "favourite_vendor": {"id": "1", "name": "Netent", "weight": weight},
        "favourite_type": {"id": "Slots", "name": "Slots", "weight": weight},
        "stake_bracket": "up to 25",
        "last_real_bet_at": "2026-03-02T00:00:00Z",
        "idle_days": 30,
        "activity": "inactive",
        "churned": True,
        "rfm": None,
        "bonuses": {"Created": 1},
    }
    lately = fold_player(PLAYER, rounds, [], sessions, as_of=bet.timestamp, thresholds=Thresholds())
    assert player_view(lately)["rfm"] == {"recency": 5, "frequency": 1, "monetary": 2}


def test_what_is_not_known_of_a_player_is_null(feed: Any) -> None:
    view = player_view(fold_player(PLAYER, [], [], [], as_of=feed.casino_event().timestamp, thresholds=Thresholds()))
    assert {name for name, value in view.items() if value is None} == {
        "first_at",
        "last_at",
        "wallets",
        "favourite_game",
        "favourite_vendor",
        "favourite_type",
        "stake_bracket",
        "last_real_bet_at",
        "idle_days",
        "activity",
        "churned",
        "rfm",
    }


@given(data=st.data())
def test_views_of_sessions_and_players_are_json_and_show_every_field(feed: Any, data: st.DataObject) -> None:
    rounds = [feed.fold(*data.draw(feed.histories))]
    sessions = fold_sessions(PLAYER, rounds, gap=timedelta(0))
    as_of = rounds[0].round.last_at
    player = fold_player(PLAYER, rounds, [], sessions, as_of=as_of, thresholds=Thresholds())
    for value, view in [*((session, session_view(session)) for session in sessions), (player, player_view(player))]:
        assert msgspec.json.decode(msgspec.json.encode(view)) == view
        names = {"duration_seconds" if name == "duration" else name for name in value.__struct_fields__}
        assert set(view) == names
