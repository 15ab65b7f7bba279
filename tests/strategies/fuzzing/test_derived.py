"""Sessions and bonuses as they are shown, held against the reference: where they differ, in words."""

import json
from decimal import Decimal

import pytest

from ftcrm.contracts import Message, construct
from ftcrm.contracts.rounds import PlayerKey
from ftcrm.contracts.views import bonus_view, session_view
from ftcrm.strategies.fuzzing.derived import bonus_differences, session_differences

PLAYER = PlayerKey("o", "u")


@pytest.fixture
def made():
    """Two sessions of a player with a bonus: a Bet of 1.10 at eight, a Win of 2 at ten."""
    event = {
        "origin": "o",
        "user_id": "u",
        "round_id": "r",
        "user_bonus_id": "b",
        "status": "Approved",
        "currency": "EUR",
        "exchange_rate": 1,
        "game_id": "g",
        "game_name": "Game",
        "game_type": "Slots",
        "vendor_id": "v",
        "vendor_name": "Vendor",
    }
    bet = {"type": "Bet", "activity_id": "1", "amount": 1.10, "timestamp": "2026-03-02T08:00:00Z"}
    win = {"type": "Win", "activity_id": "2", "amount": 2, "timestamp": "2026-03-02T10:00:00Z"}
    found = construct([Message("rest", json.dumps(event | own).encode(), "CASINO") for own in (bet, win)])
    assert (len(found.sessions), len(found.bonuses)) == (2, 1)
    return found


def shown(value, **changes):
    """A view as the admin API has it: with its run, and places of its own."""
    return json.loads(json.dumps(value)) | {"run": "default", "seqs": [77]} | changes


def test_views_that_say_the_same_do_not_differ(made):
    sessions = [shown(session_view(value)) for value in made.sessions]
    bonuses = [shown(bonus_view(value), casino_seqs=[78], complete=True) for value in made.bonuses]
    assert list(session_differences(PLAYER, made.sessions, sessions)) == []
    assert list(bonus_differences(PLAYER, made.bonuses, bonuses)) == []


def test_a_number_that_came_with_decimals_is_shown(made):
    first, last = [shown(session_view(value)) for value in made.sessions]
    lines = list(session_differences(PLAYER, made.sessions, [first | {"wins": Decimal("0.5")}, last]))
    assert lines == ['o/u: session 1: wins: expected 0, got "0.5"']


def test_a_session_that_differs(made):
    first, last = [shown(session_view(value)) for value in made.sessions]
    first["totals"]["EUR"]["bet"]["total"] = "1.1000000000000001"
    last |= {"wins": 2, "games": []}
    game = '[{"vendor_id": "v", "game_id": "g", "name":'
    lines = list(session_differences(PLAYER, made.sessions, [first, last]))
    assert lines[:2] == [
        'o/u: session 1: totals.EUR.bet.total: expected "1.1", got "1.1000000000000001"',
        "o/u: session 2: wins: expected 1, got 2",
    ]
    assert lines[2].startswith(f"o/u: session 2: games: expected {game[:40]}... (")
    assert lines[2].endswith(" characters), got []")
    assert len(lines) == 3


def test_another_number_of_sessions(made):
    assert list(session_differences(PLAYER, made.sessions, [])) == ["o/u: sessions: expected 2, got 0"]


def test_a_currency_that_only_the_target_has(made):
    first, last = [shown(session_view(value)) for value in made.sessions]
    first["totals"]["USD"] = None
    last["totals"]["USD"] = "1"
    assert list(session_differences(PLAYER, made.sessions, [first, last])) == [
        'o/u: session 2: totals.USD: expected null, got "1"'
    ]


def test_a_property_that_is_missing(made):
    (view,) = [shown(bonus_view(value)) for value in made.bonuses]
    del view["bets"]
    assert list(bonus_differences(PLAYER, made.bonuses, [view])) == ["o/u: bonus b: bets: expected 1, got null"]


def test_bonuses_that_only_one_side_has(made):
    (view,) = [shown(bonus_view(value)) for value in made.bonuses]
    other = shown(view, user_bonus_id="c")
    assert list(bonus_differences(PLAYER, made.bonuses, [other])) == [
        "o/u: bonus b: expected 1 of that name, got 0",
        "o/u: bonus c: expected 0 of that name, got 1",
    ]
    assert list(bonus_differences(PLAYER, made.bonuses, [view, view])) == [
        "o/u: bonus b: expected 1 of that name, got 2"
    ]
