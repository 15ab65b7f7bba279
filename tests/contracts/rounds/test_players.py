"""Players: each metric worked out by hand, at its boundaries too, and the laws of all of them."""

import ast
import inspect
import math
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, Inexact, localcontext
from fractions import Fraction
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.contracts.rounds import (
    ASSUMPTIONS,
    Favourite,
    Money,
    Player,
    Readings,
    Rfm,
    RoundCounts,
    Thresholds,
    WalletShares,
    fold_player,
    fold_sessions,
)

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
STATUSES = ["Pending", "Created", "Ongoing", "Completed"]


def bet(feed: Any, at: float | datetime = 0, **changes: Any) -> Any:
    """A Bet of 20 at that instant, or so many seconds after the start; its id is its own unless told."""
    instant = at.isoformat() if isinstance(at, datetime) else feed.at(at)
    return feed.casino_event(**{"activity_id": f"b {instant}", "timestamp": instant, **changes})


def win(feed: Any, at: float | datetime = 0, **changes: Any) -> Any:
    event = bet(feed, at)
    return bet(feed, at, **{"activity_id": event.activity_id.replace("b", "w"), "type": "Win", **changes})


def bets(feed: Any, amounts: list[Any], **changes: Any) -> list[Any]:
    return [
        bet(feed, activity_id=f"b{at}", round_id=f"r{at}", amount=Decimal(amount), **changes)
        for at, amount in enumerate(amounts)
    ]


# -- laws ------------------------------------------------------------------------------------------------------------


bonus_histories = st.lists(
    st.tuples(st.sampled_from(["ub1", "ub2"]), st.sampled_from(STATUSES), st.integers(0, 3)), max_size=6
)
readings = st.builds(Readings, **{assumption.field: st.sampled_from(assumption.choices) for assumption in ASSUMPTIONS})


def bonus_events(feed: Any, arrived: list[tuple[str, str, int]]) -> list[Any]:
    return [
        feed.bonus_event(user_bonus_id=name, status=status, timestamp=feed.at(at * 1800))
        for name, status, at in arrived
    ]


@given(data=st.data(), arrived=bonus_histories)
@settings(max_examples=100)
def test_neither_order_nor_arrival_changes_a_player(
    feed: Any, play: Any, data: st.DataObject, arrived: list[Any]
) -> None:
    events, as_of = data.draw(play.histories(feed.events)), data.draw(play.instants)
    own = bonus_events(feed, arrived)
    rounds, bonuses = play.rounds(events), play.bonuses(own)
    sessions = fold_sessions(play.key, rounds, gap=play.gap)
    player = fold_player(play.key, rounds, bonuses, sessions, as_of=as_of, thresholds=Thresholds())
    shuffled = [data.draw(st.permutations(folds)) for folds in (rounds, bonuses, sessions)]
    assert fold_player(play.key, *shuffled, as_of=as_of, thresholds=Thresholds()) == player
    again = [*events, *data.draw(st.lists(st.sampled_from(events), max_size=3))]
    arrived_otherwise = play.player(
        *data.draw(st.permutations(again)), as_of=as_of, bonuses=data.draw(st.permutations(own))
    )
    assert arrived_otherwise == player


@given(data=st.data(), choices=readings)
@settings(max_examples=150)
def test_at_the_end_a_player_is_the_sum_of_the_rounds_and_of_the_sessions(
    feed: Any, play: Any, data: st.DataObject, choices: Readings
) -> None:
    events = data.draw(play.histories(feed.events))
    with localcontext() as ambient:
        ambient.prec = 3  # the caller's own context must not matter
        ambient.traps[Inexact] = False
        player = play.player(*events, readings=choices)
    rounds = play.rounds(events, readings=choices)
    sessions = fold_sessions(play.key, rounds, gap=play.gap)
    for values in (sessions, [fold.round for fold in rounds]):
        assert summed(value.base for value in values) == summed([player.base])
        for currency, money in player.totals.items():
            parts = [value.totals[currency] for value in values if currency in value.totals]
            assert summed(parts) == summed([money])
    assert set(player.totals) == {event.currency for fold in rounds for event, _ in fold.entries}
    assert (player.sessions, player.bets) == (len(sessions), sum(session.bets for session in sessions))
    said = [name for fold in rounds for name in (fold.round.state, fold.round.outcome)]
    assert msgspec.structs.asdict(player.rounds) == {name: said.count(name) for name in RoundCounts.__struct_fields__}
    assert player.first_at == min(fold.round.first_at for fold in rounds)
    assert player.last_at == max(fold.round.last_at for fold in rounds)


def summed(moneys: Any) -> list[Fraction]:
    """The sums of every part, exactly."""
    sums = [Fraction(0)] * 15
    for money in moneys:
        numbers = [number for part in msgspec.structs.astuple(money) for number in msgspec.structs.astuple(part)]
        sums = [total + Fraction(number) for total, number in zip(sums, numbers, strict=True)]
    return sums


@given(data=st.data(), arrived=bonus_histories, choices=readings)
@settings(max_examples=300)
def test_what_lies_after_the_instant_changes_nothing(
    feed: Any, play: Any, data: st.DataObject, arrived: list[Any], choices: Readings
) -> None:
    """Without Rollbacks, and where no later content takes the place of an earlier one."""
    choices = msgspec.structs.replace(choices, conflicts="least")
    events = [msgspec.structs.replace(event, status="Approved") for event in data.draw(play.histories(feed.events))]
    own, as_of = bonus_events(feed, arrived), data.draw(play.instants)
    whole = play.player(*events, as_of=as_of, bonuses=own, readings=choices)
    before, own_before = ([event for event in kind if event.timestamp <= as_of] for kind in (events, own))
    assert play.player(*before, as_of=as_of, bonuses=own_before, readings=choices) == whole


@given(data=st.data(), arrived=bonus_histories)
@settings(max_examples=100)
def test_what_is_counted_grows_with_the_instant(feed: Any, play: Any, data: st.DataObject, arrived: list[Any]) -> None:
    events, own = data.draw(play.histories(feed.events)), bonus_events(feed, arrived)
    instants = sorted({event.timestamp for event in (*events, *own)} | {data.draw(play.instants)})
    players = [play.player(*events, as_of=as_of, bonuses=own) for as_of in instants]
    for before, after in pairwise(players):
        for count in (bets_of, wins_of, sessions_of, rounds_of, bonuses_of):
            assert count(before) <= count(after)
        assert before.first_at in (None, after.first_at)
        assert before.last_at is None or before.last_at <= after.last_at
        assert set(before.totals) <= set(after.totals)


def bets_of(player: Player) -> int:
    return player.bets


def wins_of(player: Player) -> int:
    return player.wins


def sessions_of(player: Player) -> int:
    return player.sessions


def bonuses_of(player: Player) -> int:
    return sum(player.bonuses.values())


def rounds_of(player: Player) -> int:
    rounds = player.rounds
    assert rounds.won + rounds.lost == rounds.settled
    return rounds.settled + rounds.open + rounds.orphan + rounds.voided


@given(data=st.data())
@settings(max_examples=100)
def test_a_player_of_whom_all_is_rolled_back_has_played_nothing(feed: Any, play: Any, data: st.DataObject) -> None:
    events = data.draw(play.histories(feed.events))
    undone = [msgspec.structs.replace(event, status="Rollback", timestamp=data.draw(play.instants)) for event in events]
    player = play.player(*data.draw(st.permutations([*events, *undone])), as_of=data.draw(play.instants))
    played = {
        "bets": 0,
        "wins": 0,
        "totals": {},
        "base": Money(),
        "wallets": None,
        "favourite_game": None,
        "favourite_vendor": None,
        "favourite_type": None,
        "stake_bracket": None,
        "last_real_bet_at": None,
        "idle_days": None,
        "activity": None,
        "churned": None,
        "rfm": None,
    }
    assert {name: getattr(player, name) for name in played} == played
    assert rounds_of(player) == player.rounds.voided


@given(data=st.data())
@settings(max_examples=150)
def test_shares_are_the_floats_nearest_to_the_exact_quotients(feed: Any, play: Any, data: st.DataObject) -> None:
    player = play.player(*data.draw(play.histories(feed.events)))
    total = Fraction(player.base.bet.total)
    if not total:
        assert player.wallets is None
        return
    assert player.wallets is not None
    for name, share in msgspec.structs.asdict(player.wallets).items():
        exact = Fraction(getattr(player.base.bet, name)) / total
        assert abs(Fraction(share) - exact) <= min(
            abs(Fraction(math.nextafter(share, towards)) - exact) for towards in (-math.inf, math.inf)
        )


# -- what there is, up to the instant --------------------------------------------------------------------------------


def test_a_player_before_the_first_event(feed: Any, play: Any) -> None:
    as_of = play.start - MICROSECOND
    assert play.player(bet(feed), win(feed, 60), as_of=as_of, bonuses=[feed.bonus_event()]) == Player(
        origin="sub.example.com",
        user_id="52530",
        as_of=as_of,
        first_at=None,
        last_at=None,
        rounds=RoundCounts(),
        sessions=0,
        bets=0,
        wins=0,
        totals={},
        base=Money(),
        wallets=None,
        favourite_game=None,
        favourite_vendor=None,
        favourite_type=None,
        stake_bracket=None,
        last_real_bet_at=None,
        idle_days=None,
        activity=None,
        churned=None,
        rfm=None,
        bonuses={},
    )


def test_an_event_at_the_instant_is_in(feed: Any, play: Any) -> None:
    player = play.player(bet(feed), win(feed, 60), bet(feed, 86_400, round_id="r2"), as_of=play.start)
    assert (player.bets, player.wins, player.sessions, player.rounds) == (1, 0, 1, RoundCounts(open=1))
    assert player.first_at == player.last_at == play.start
    assert player.base.ggr.total == Decimal(20)


def test_first_and_last_count_what_was_rolled_back(feed: Any, play: Any) -> None:
    player = play.player(
        bet(feed, 0, activity_id="x"),
        bet(feed, 60, round_id="r2"),
        bet(feed, 120, activity_id="x", status="Rollback"),
        bet(feed, 180, round_id="r2"),
        as_of=play.start + timedelta(seconds=150),
    )
    assert player.first_at == play.start
    assert player.last_at == play.start + timedelta(seconds=120)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, RoundCounts(open=1)),
        (59, RoundCounts(open=1)),
        (60, RoundCounts(settled=1, lost=1)),
        (120, RoundCounts(settled=1, won=1)),
        (180, RoundCounts(settled=1, won=1, orphan=1)),
        (240, RoundCounts(settled=2, won=1, lost=1)),
        (300, RoundCounts(settled=2, won=1, lost=1, voided=1)),
    ],
)
def test_a_round_is_what_its_events_up_to_the_instant_make_it(
    feed: Any, play: Any, seconds: int, expected: RoundCounts
) -> None:
    player = play.player(
        bet(feed),
        win(feed, 60, amount=Decimal(0)),
        win(feed, 120, amount=Decimal(5)),
        win(feed, 180, round_id="r2", type="Loss", amount=Decimal(0)),
        bet(feed, 240, round_id="r2"),
        bet(feed, 300, round_id="r3", activity_id="x"),
        bet(feed, 9000, round_id="r3", activity_id="x", status="Rollback"),
        as_of=play.start + timedelta(seconds=seconds),
    )
    assert player.rounds == expected


def test_a_rollback_after_the_instant_reverses_what_lies_before_it(feed: Any, play: Any) -> None:
    undone = bet(feed, 0)
    undo = msgspec.structs.replace(undone, status="Rollback", timestamp=undone.timestamp + DAY)
    player = play.player(undone, undo, bet(feed, 60, round_id="r2"), as_of=play.start + timedelta(seconds=60))
    assert (player.bets, player.rounds) == (1, RoundCounts(open=1, voided=1))
    assert player.last_at == play.start + timedelta(seconds=60)


def test_the_readings_make_the_state_of_a_round_that_goes_on(feed: Any, play: Any) -> None:
    events = [bet(feed, 0, is_round_end=True), win(feed, 60)]
    for choice, expected in (("informs", RoundCounts(open=1)), ("settles", RoundCounts(settled=1, lost=1))):
        assert play.player(*events, as_of=play.start, readings=Readings(end_flag=choice)).rounds == expected


def test_a_session_counts_from_its_start(feed: Any, play: Any) -> None:
    events = [bet(feed, 0), bet(feed, 1000, round_id="r2"), bet(feed, 10_000, round_id="r3")]
    counts = [
        play.player(*events, as_of=play.start + timedelta(seconds=seconds)).sessions for seconds in (0, 9999, 10_000)
    ]
    assert counts == [1, 1, 2]


def test_a_win_counts_when_it_is_worth_something_in_base_currency(feed: Any, play: Any) -> None:
    player = play.player(
        bet(feed),
        win(feed, 1),
        win(feed, 2, amount=Decimal(0)),
        win(feed, 3, exchange_rate=Decimal(0)),
        win(feed, 4, amount=Decimal("0.01")),
    )
    assert (player.bets, player.wins) == (1, 2)


def test_totals_are_per_currency_and_base_at_the_rate_of_each_event(feed: Any, play: Any) -> None:
    player = play.player(
        bet(feed, 0),
        win(feed, 1, amount=Decimal("7.5")),
        bet(feed, 2, currency="USD", exchange_rate=Decimal("0.9"), round_id="r2"),
        bet(feed, 3, currency="USD", exchange_rate=Decimal("0.8"), round_id="r2"),
    )
    assert {currency: money.ggr.total for currency, money in player.totals.items()} == {
        "EUR": Decimal("12.5"),
        "USD": Decimal(40),
    }
    assert (player.base.bet.total, player.base.win.total, player.base.ggr.total) == (
        Decimal(54),
        Decimal("7.5"),
        Decimal("46.5"),
    )


# -- wallets ---------------------------------------------------------------------------------------------------------


def test_the_shares_of_the_wallets(feed: Any, play: Any) -> None:
    player = play.player(
        bet(feed, 0, wager_amount=Decimal(12), bonus_wager_amount=Decimal(8)),
        bet(feed, 1, locked_wager_amount=Decimal(20), exchange_rate=Decimal("0.5")),
        bet(feed, 2, amount=Decimal(30)),
        win(feed, 3, wager_amount=Decimal(20)),
    )
    assert player.wallets == WalletShares(real=0.2, bonus=8 / 60, locked=10 / 60, unallocated=0.5)


@pytest.mark.parametrize("amounts", [[], ["0"], ["5", "-5"]])
def test_without_turnover_nothing_has_a_share(feed: Any, play: Any, amounts: list[str]) -> None:
    assert play.player(win(feed), *bets(feed, amounts)).wallets is None


def test_a_share_beyond_all_floats_is_the_greatest_of_them(feed: Any, play: Any) -> None:
    least = Decimal("1e-300")
    player = play.player(
        bet(
            feed,
            amount=least,
            wager_amount=Decimal("-1e20"),
            bonus_wager_amount=Decimal("1e20"),
            locked_wager_amount=least,
        )
    )
    assert player.wallets == WalletShares(-sys.float_info.max, sys.float_info.max, 1.0, 0.0)


# -- favourites ------------------------------------------------------------------------------------------------------


def test_a_bet_weighs_less_the_older_it_is(feed: Any, play: Any) -> None:
    player = play.player(
        bet(feed, play.start - 30 * DAY, game_id="old", vendor_id="7", game_type="Live Casino"),
        bet(feed, play.start - 60 * DAY, game_id="old", vendor_id="7", game_type="Live Casino"),
        bet(feed, play.start, game_id="new", game_name="New", vendor_id="8", vendor_name="Eight"),
        win(feed, play.start, game_id="old"),
        bet(feed, play.start + DAY, game_id="old"),
        as_of=play.start,
    )
    assert player.favourite_game == Favourite("new", "New", 1.0, "8")
    assert player.favourite_vendor == Favourite("8", "Eight", 1.0)
    assert player.favourite_type == Favourite("Slots", "Slots", 1.0)


def test_many_old_bets_weigh_more_than_one_new(feed: Any, play: Any) -> None:
    old = [bet(feed, -86_400 * 30, activity_id=f"{at}", game_id="old", vendor_id="7") for at in range(3)]
    player = play.player(*old, bet(feed, play.start, vendor_id="8"), as_of=play.start)
    weight = math.fsum([math.exp(-1)] * 3)
    assert weight == pytest.approx(1.1036, abs=1e-4)
    assert player.favourite_game == Favourite("old", "Dead or Alive", weight, "7")
    assert player.favourite_vendor == Favourite("7", "Netent", weight)


def test_amounts_do_not_make_a_favourite(feed: Any, play: Any) -> None:
    events = [*bets(feed, ["1000"], game_id="dear"), *bets(feed, ["0", "0"], game_id="free")]
    for at, event in enumerate(events):
        events[at] = msgspec.structs.replace(event, activity_id=str(at))
    assert play.player(*events).favourite_game == Favourite("free", "Dead or Alive", 2.0, "1")


def test_the_weights_are_summed_without_rounding(feed: Any, play: Any) -> None:
    ages = [0, 1_000_003, 1_300_007, 2_000_003, 86_400 * 400, 86_400 * 900, *range(1, 40)]
    events = [bet(feed, -age) for age in ages]
    weights = [Fraction(math.exp(-age / (30 * 86_400))) for age in ages]
    player = play.player(*events, as_of=play.start)
    assert player.favourite_game is not None
    assert player.favourite_game.weight == float(sum(weights))
    assert sum(map(float, weights)) != float(sum(weights))


def test_at_a_draw_the_least_id_is_the_favourite(feed: Any, play: Any) -> None:
    games = [("2", "a", "Slots"), ("10", "z", "Bingo"), ("10", "b", "Live Casino"), ("2", "c", "Poker")]
    events = [
        bet(feed, activity_id=str(at), round_id=str(at), vendor_id=vendor_id, game_id=game_id, game_type=game_type)
        for at, (vendor_id, game_id, game_type) in enumerate(games)
    ]
    for order in (events, events[::-1]):
        player = play.player(*order)
        assert player.favourite_game == Favourite("b", "Dead or Alive", 1.0, "10")
        assert player.favourite_vendor == Favourite("10", "Netent", 2.0)
        assert player.favourite_type == Favourite("Bingo", "Bingo", 1.0)


def test_a_favourite_is_called_what_the_last_of_its_bets_calls_it(feed: Any, play: Any) -> None:
    player = play.player(
        bet(feed, 1, game_name="New", vendor_name="New vendor"),
        bet(feed, 0, game_name="Old", vendor_name="Old vendor"),
        win(feed, 2, game_name="Of a Win", vendor_name="Of a Win"),
        as_of=play.start + timedelta(seconds=2),
    )
    assert player.favourite_game is not None
    assert player.favourite_vendor is not None
    assert (player.favourite_game.name, player.favourite_vendor.name) == ("New", "New vendor")


def test_bets_of_a_century_ago_weigh_nothing_and_are_favourites_all_the_same(feed: Any, play: Any) -> None:
    player = play.player(bet(feed, datetime(1926, 3, 2, tzinfo=UTC)), as_of=play.start)
    assert player.favourite_game == Favourite("10911", "Dead or Alive", 0.0, "1")
    assert (player.idle_days, player.rfm) == (180, None)


def test_the_first_and_the_last_instant_that_there_are(feed: Any, play: Any) -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    player = play.player(bet(feed, first), as_of=first)
    assert (player.idle_days, player.rfm) == (0, Rfm(5, 1, 2))
    assert play.player(bet(feed, first), as_of=last).idle_days == 180


# -- stakes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (["0.0001"], "up to 0.01"),
        (["0.01"], "up to 0.01"),
        (["0.010001"], "up to 0.20"),
        (["0.20"], "up to 0.20"),
        (["0.21"], "up to 0.50"),
        (["0.5"], "up to 0.50"),
        (["0.51"], "up to 2"),
        (["2"], "up to 2"),
        (["2.01"], "up to 5"),
        (["5"], "up to 5"),
        (["5.01"], "up to 10"),
        (["10"], "up to 10"),
        (["10.01"], "up to 25"),
        (["25"], "up to 25"),
        (["25.01"], "up to 50"),
        (["50"], "up to 50"),
        (["50.01"], "above 50"),
        (["1e40"], "above 50"),
        (["0.3", "0.1", "0.2"], "up to 0.20"),  # 0.6 / 3, which is less than 0.2 in binary and more in decimal digits
        (["0.1", "0.1", "0.8"], "up to 0.50"),  # 1 / 3 has no end
        (["0.1", "0.3", "0.2" + "0" * 35 + "1"], "up to 0.50"),
        (["0", "-100", "5"], "up to 5"),
    ],
)
def test_the_stake_bracket_is_that_of_the_mean(feed: Any, play: Any, amounts: list[str], expected: str) -> None:
    assert play.player(*bets(feed, amounts)).stake_bracket == expected


def test_the_stake_bracket_is_of_bets_on_slots_in_base_currency(feed: Any, play: Any) -> None:
    live = bet(feed, 0, round_id="r9", game_type="Live Casino", amount=Decimal(1000))
    singular = bet(feed, 1, round_id="r9", game_type="Slot", amount=Decimal(1000))
    slots = bets(feed, ["5"], exchange_rate=Decimal("1.5"))
    won = win(feed, 2, round_id="r9", amount=Decimal(1000))
    assert play.player(live, singular, won, *slots).stake_bracket == "up to 10"
    assert play.player(live, singular, won).stake_bracket is None
    assert play.player(*bets(feed, ["0", "-1"])).stake_bracket is None


def test_the_rest_of_a_bet_is_what_was_staked(feed: Any, play: Any) -> None:
    part = bet(feed, 0, status="Rollback", amount=Decimal(16))
    player = play.player(bet(feed, 0), part, readings=Readings(rollback_amount="part"))
    assert (player.stake_bracket, player.bets, player.rfm) == ("up to 5", 1, Rfm(5, 1, 1))


# -- activity --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "idle_days", "activity", "churned"),
    [
        (timedelta(0), 0, "active", False),
        (DAY - MICROSECOND, 0, "active", False),
        (DAY, 1, "idle", False),
        (2 * DAY - MICROSECOND, 1, "idle", False),
        (2 * DAY, 2, "idle", False),
        (5 * DAY - MICROSECOND, 2, "idle", False),
        (5 * DAY, 5, "idle", False),
        (10 * DAY - MICROSECOND, 5, "idle", False),
        (10 * DAY, 10, "idle", False),
        (20 * DAY - MICROSECOND, 10, "idle", False),
        (20 * DAY, 20, "idle", False),
        (30 * DAY - MICROSECOND, 20, "idle", False),
        (30 * DAY, 30, "inactive", True),
        (90 * DAY - MICROSECOND, 30, "inactive", True),
        (90 * DAY, 90, "inactive", True),
        (180 * DAY - MICROSECOND, 90, "inactive", True),
        (180 * DAY, 180, "inactive", True),
        (3650 * DAY, 180, "inactive", True),
    ],
)
def test_activity_goes_by_the_time_since_the_last_real_bet(
    feed: Any, play: Any, since: timedelta, idle_days: int, activity: str, churned: bool
) -> None:
    player = play.player(bet(feed, -1), bet(feed, 0), as_of=play.start + since)
    assert player.last_real_bet_at == play.start
    assert (player.idle_days, player.activity, player.churned) == (idle_days, activity, churned)


@pytest.mark.parametrize(
    ("changes", "is_real"),
    [
        ({}, True),
        ({"wager_amount": Decimal(20)}, True),
        ({"wager_amount": Decimal("0.01"), "bonus_wager_amount": Decimal("19.99")}, True),
        ({"bonus_wager_amount": Decimal(20)}, False),
        ({"locked_wager_amount": Decimal(20)}, False),
        ({"wager_amount": Decimal(-5), "bonus_wager_amount": Decimal(25)}, False),
        ({"amount": Decimal(0)}, False),
        ({"exchange_rate": Decimal(0)}, False),
        ({"type": "Win"}, False),
        ({"type": "Loss"}, False),
    ],
)
def test_a_real_bet_is_one_of_real_or_unallocated_money(
    feed: Any, play: Any, changes: dict[str, Any], is_real: bool
) -> None:
    player = play.player(bet(feed, 0, **changes))
    assert player.last_real_bet_at == (play.start if is_real else None)
    found = (player.idle_days, player.activity, player.churned)
    assert found == ((0, "active", False) if is_real else (None, None, None))


# -- scores ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "recency"),
    [
        (timedelta(0), 5),
        (DAY, 5),
        (DAY + MICROSECOND, 4),
        (3 * DAY, 4),
        (3 * DAY + MICROSECOND, 3),
        (7 * DAY, 3),
        (7 * DAY + MICROSECOND, 2),
        (14 * DAY, 2),
        (14 * DAY + MICROSECOND, 1),
        (30 * DAY - MICROSECOND, 1),
    ],
)
def test_recency_goes_by_the_last_bet(feed: Any, play: Any, since: timedelta, recency: int) -> None:
    player = play.player(bet(feed, 0), bet(feed, -60), win(feed, 1), as_of=play.start + since)
    assert player.rfm == Rfm(recency, 1, 2)


def test_scores_are_of_the_bets_of_thirty_days(feed: Any, play: Any) -> None:
    events = [
        bet(feed, -86_400 * 30, amount=Decimal(10_000)),
        bet(feed, -86_400 * 30 + 1, amount=Decimal("9.99")),
        win(feed, 0, amount=Decimal(10_000)),
    ]
    assert play.player(*events, as_of=play.start).rfm == Rfm(1, 1, 1)
    assert play.player(*events, as_of=play.start + timedelta(seconds=1)).rfm is None
    assert play.player(*events[1:], as_of=play.start + timedelta(seconds=0.999999)).rfm == Rfm(1, 1, 1)


@pytest.mark.parametrize(
    ("number", "frequency"),
    [(1, 1), (4, 1), (5, 2), (19, 2), (20, 3), (99, 3), (100, 4), (499, 4), (500, 5)],
)
def test_frequency_goes_by_the_number_of_bets(feed: Any, play: Any, number: int, frequency: int) -> None:
    assert play.player(*bets(feed, ["0"] * number)).rfm == Rfm(5, frequency, 1)


@pytest.mark.parametrize(
    ("amounts", "monetary"),
    [
        (["9.99"], 1),
        (["-5"], 1),
        (["10"], 2),
        (["99.99"], 2),
        (["99.99", "0.01"], 3),
        (["999.99"], 3),
        (["1000"], 4),
        (["9999.99"], 4),
        (["10000"], 5),
        (["1e40"], 5),
    ],
)
def test_monetary_goes_by_the_sum_of_the_bets(feed: Any, play: Any, amounts: list[str], monetary: int) -> None:
    assert play.player(*bets(feed, amounts)).rfm == Rfm(5, 1, monetary)
    in_base = play.player(*bets(feed, amounts, exchange_rate=Decimal("1e-9")))
    assert in_base.rfm == Rfm(5, 1, 5 if amounts == ["1e40"] else 1)


def test_the_thresholds_can_be_others(feed: Any, play: Any) -> None:
    quarters = tuple(Decimal(text) for text in ("0.25", "0.5", "0.75", "1"))
    thresholds = Thresholds(
        recency=quarters,
        frequency=tuple(map(Decimal, (1, 2, 3, 4))),
        monetary=tuple(Decimal(text) for text in ("19.5", "20", "20.5", "1e30")),
    )
    as_of = play.start + timedelta(hours=12, microseconds=1)
    assert play.player(bet(feed), as_of=as_of, thresholds=thresholds).rfm == Rfm(3, 2, 3)


# -- bonuses ---------------------------------------------------------------------------------------------------------


def test_bonuses_are_counted_by_their_status_at_the_instant(feed: Any, play: Any) -> None:
    own = [
        feed.bonus_event(user_bonus_id=name, status=status, timestamp=feed.at(at))
        for name, status, at in [
            ("1", "Completed", 120),
            ("1", "Created", 0),
            ("2", "Created", 60),
            ("3", "Pending", 60),
            ("4", "Created", 121),
        ]
    ]
    counts = [
        play.player(as_of=play.start + timedelta(seconds=seconds), bonuses=own).bonuses
        for seconds in (0, 119, 120, 121)
    ]
    assert counts == [
        {"Created": 1},
        {"Created": 2, "Pending": 1},
        {"Completed": 1, "Created": 1, "Pending": 1},
        {"Completed": 1, "Created": 2, "Pending": 1},
    ]
    assert list(counts[-1]) == ["Completed", "Created", "Pending"]


def test_a_bonus_that_only_casino_events_name_has_no_status_to_count(feed: Any, play: Any) -> None:
    rounds = play.rounds([bet(feed, user_bonus_id="863512")])
    bonus = feed.fold_bonus([], [bet(feed, user_bonus_id="863512")])
    player = fold_player(play.key, rounds, [bonus], [], as_of=play.start, thresholds=Thresholds())
    assert player.bonuses == {}


# -- how it is told, and how long it takes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [name for name in Player.__struct_fields__ if name not in ("origin", "user_id", "as_of")]
)
def test_every_metric_says_on_what_it_rests(name: str) -> None:
    (body,) = (node.body for node in ast.walk(ast.parse(inspect.getsource(Player))) if isinstance(node, ast.ClassDef))
    said = [
        text.value.value
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and field.target.id == name
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
    ]
    assert any(f"{word}{end}" in said[0] for word in ("Vendor", "Inferred") for end in (":", ".", ",", ";"))


def test_the_time_grows_as_the_events_do(
    feed: Any, play: Any, assert_linear: Callable[[Callable[[int], float], int], None]
) -> None:
    def spent(size: int) -> float:
        rounds = play.rounds(bet(feed, at * 700, round_id=f"r{at % 100}") for at in range(size))
        begun = time.process_time()
        fold_player(play.key, rounds, [], [], as_of=play.start + 30 * DAY, thresholds=Thresholds())
        return time.process_time() - begun

    assert_linear(spent, 500)
