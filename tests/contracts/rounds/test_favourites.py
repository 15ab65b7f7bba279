"""Favourites: what weighs how much, and what is the favourite at a draw."""

import math
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import msgspec
import pytest

from ftcrm.contracts.rounds import Favourite

DAY = timedelta(days=1)


def test_a_bet_weighs_less_the_older_it_is(play: Any) -> None:
    player = play.player(
        play.bet(play.start - 30 * DAY, game_id="old", vendor_id="7", game_type="Live Casino"),
        play.bet(play.start - 60 * DAY, game_id="old", vendor_id="7", game_type="Live Casino"),
        play.bet(play.start, game_id="new", game_name="New", vendor_id="8", vendor_name="Eight"),
        play.win(play.start, game_id="old"),
        play.bet(play.start + DAY, game_id="old"),
        as_of=play.start,
    )
    assert player.favourite_game == Favourite("new", "New", 1.0, "8")
    assert player.favourite_vendor == Favourite("8", "Eight", 1.0)
    assert player.favourite_type == Favourite("Slots", "Slots", 1.0)


def test_many_old_bets_weigh_more_than_one_new(play: Any) -> None:
    old = [play.bet(-86_400 * 30, activity_id=f"{at}", game_id="old", vendor_id="7") for at in range(3)]
    player = play.player(*old, play.bet(play.start, vendor_id="8"), as_of=play.start)
    weight = math.fsum([math.exp(-1)] * 3)
    assert weight == pytest.approx(1.1036, abs=1e-4)
    assert player.favourite_game == Favourite("old", "Dead or Alive", weight, "7")
    assert player.favourite_vendor == Favourite("7", "Netent", weight)


def test_amounts_do_not_make_a_favourite(play: Any) -> None:
    events = [*play.bets(["1000"], game_id="dear"), *play.bets(["0", "0"], game_id="free")]
    for at, event in enumerate(events):
        events[at] = msgspec.structs.replace(event, activity_id=str(at))
    assert play.player(*events).favourite_game == Favourite("free", "Dead or Alive", 2.0, "1")


def test_the_weights_are_summed_without_rounding(play: Any) -> None:
    ages = [0, 1_000_003, 1_300_007, 2_000_003, 86_400 * 400, 86_400 * 900, *range(1, 40)]
    events = [play.bet(-age) for age in ages]
    weights = [Fraction(math.exp(-age / (30 * 86_400))) for age in ages]
    player = play.player(*events, as_of=play.start)
    assert player.favourite_game is not None
    assert player.favourite_game.weight == float(sum(weights))
    assert sum(map(float, weights)) != float(sum(weights))


def test_at_a_draw_the_least_id_is_the_favourite(play: Any) -> None:
    games = [("2", "a", "Slots"), ("10", "z", "Bingo"), ("10", "b", "Live Casino"), ("2", "c", "Poker")]
    events = [
        play.bet(activity_id=str(at), round_id=str(at), vendor_id=vendor_id, game_id=game_id, game_type=game_type)
        for at, (vendor_id, game_id, game_type) in enumerate(games)
    ]
    for order in (events, events[::-1]):
        player = play.player(*order)
        assert player.favourite_game == Favourite("b", "Dead or Alive", 1.0, "10")
        assert player.favourite_vendor == Favourite("10", "Netent", 2.0)
        assert player.favourite_type == Favourite("Bingo", "Bingo", 1.0)


def test_a_favourite_is_called_what_the_last_of_its_bets_calls_it(play: Any) -> None:
    player = play.player(
        play.bet(1, game_name="New", vendor_name="New vendor"),
        play.bet(0, game_name="Old", vendor_name="Old vendor"),
        play.win(2, game_name="Of a Win", vendor_name="Of a Win"),
        as_of=play.start + timedelta(seconds=2),
    )
    assert player.favourite_game is not None
    assert player.favourite_vendor is not None
    assert (player.favourite_game.name, player.favourite_vendor.name) == ("New", "New vendor")


def test_bets_of_a_century_ago_weigh_nothing_and_are_favourites_all_the_same(play: Any) -> None:
    player = play.player(play.bet(datetime(1926, 3, 2, tzinfo=UTC)), as_of=play.start)
    assert player.favourite_game == Favourite("10911", "Dead or Alive", 0.0, "1")
    assert (player.idle_days, player.rfm) == (180, None)
