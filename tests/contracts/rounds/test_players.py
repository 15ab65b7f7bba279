"""Players: the laws of all metrics, and what there is of a player up to an instant."""

import ast
import inspect
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, Inexact, localcontext
from itertools import pairwise, permutations
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.contracts.rounds import (
    ASSUMPTIONS,
    Money,
    Player,
    Readings,
    Rfm,
    RoundCounts,
    Thresholds,
    fold_player,
    fold_sessions,
)

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
STATUSES = ["Pending", "Created", "Ongoing", "Completed"]


# -- laws -------------------------------------------------------------------------------------------------------------

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
        assert play.summed(value.base for value in values) == play.summed([player.base])
        for currency, money in player.totals.items():
            parts = [value.totals[currency] for value in values if currency in value.totals]
            assert play.summed(parts) == play.summed([money])
    assert set(player.totals) == {event.currency for fold in rounds for event, _ in fold.entries}
    assert (player.sessions, player.bets) == (len(sessions), sum(session.bets for session in sessions))
    said = [name for fold in rounds for name in (fold.round.state, fold.round.outcome)]
    assert msgspec.structs.asdict(player.rounds) == {name: said.count(name) for name in RoundCounts.__struct_fields__}
    assert player.first_at == min(fold.round.first_at for fold in rounds)
    assert player.last_at == max(fold.round.last_at for fold in rounds)


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


# -- what there is, up to the instant ---------------------------------------------------------------------------------


def test_a_player_before_the_first_event(feed: Any, play: Any) -> None:
    as_of = play.start - MICROSECOND
    assert play.player(play.bet(), play.win(60), as_of=as_of, bonuses=[feed.bonus_event()]) == Player(
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


def test_an_event_at_the_instant_is_in(play: Any) -> None:
    player = play.player(play.bet(), play.win(60), play.bet(86_400, round_id="r2"), as_of=play.start)
    assert (player.bets, player.wins, player.sessions, player.rounds) == (1, 0, 1, RoundCounts(open=1))
    assert player.first_at == player.last_at == play.start
    assert player.base.ggr.total == Decimal(20)


def test_first_and_last_count_what_was_rolled_back(play: Any) -> None:
    player = play.player(
        play.bet(0, activity_id="x"),
        play.bet(60, round_id="r2"),
        play.bet(120, activity_id="x", status="Rollback"),
        play.bet(180, round_id="r2"),
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
def test_a_round_is_what_its_events_up_to_the_instant_make_it(play: Any, seconds: int, expected: RoundCounts) -> None:
    player = play.player(
        play.bet(),
        play.win(60, amount=Decimal(0)),
        play.win(120, amount=Decimal(5)),
        play.win(180, round_id="r2", type="Loss", amount=Decimal(0)),
        play.bet(240, round_id="r2"),
        play.bet(300, round_id="r3", activity_id="x"),
        play.bet(9000, round_id="r3", activity_id="x", status="Rollback"),
        as_of=play.start + timedelta(seconds=seconds),
    )
    assert player.rounds == expected


def test_a_rollback_after_the_instant_reverses_what_lies_before_it(play: Any) -> None:
    undone = play.bet(0)
    undo = msgspec.structs.replace(undone, status="Rollback", timestamp=undone.timestamp + DAY)
    player = play.player(undone, undo, play.bet(60, round_id="r2"), as_of=play.start + timedelta(seconds=60))
    assert (player.bets, player.rounds) == (1, RoundCounts(open=1, voided=1))
    assert player.last_at == play.start + timedelta(seconds=60)


def test_the_readings_make_the_state_of_a_round_that_goes_on(play: Any) -> None:
    events = [play.bet(0, is_round_end=True), play.win(60)]
    for choice, expected in (("informs", RoundCounts(open=1)), ("settles", RoundCounts(settled=1, lost=1))):
        assert play.player(*events, as_of=play.start, readings=Readings(end_flag=choice)).rounds == expected


def test_a_session_counts_from_its_start(play: Any) -> None:
    events = [play.bet(0), play.bet(1000, round_id="r2"), play.bet(10_000, round_id="r3")]
    counts = [
        play.player(*events, as_of=play.start + timedelta(seconds=seconds)).sessions for seconds in (0, 9999, 10_000)
    ]
    assert counts == [1, 1, 2]


def test_a_win_counts_by_its_own_amount_as_in_sessions_and_rounds(play: Any) -> None:
    player = play.player(
        play.bet(),
        play.win(1),
        play.win(2, amount=Decimal(0)),
        play.win(3, exchange_rate=Decimal(0)),
        play.win(4, amount=Decimal("0.01")),
    )
    assert (player.bets, player.wins) == (1, 3)


def test_totals_are_per_currency_and_base_at_the_rate_of_each_event(play: Any) -> None:
    player = play.player(
        play.bet(0),
        play.win(1, amount=Decimal("7.5")),
        play.bet(2, currency="USD", exchange_rate=Decimal("0.9"), round_id="r2"),
        play.bet(3, currency="USD", exchange_rate=Decimal("0.8"), round_id="r2"),
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


def test_the_first_and_the_last_instant_that_there_are(play: Any) -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    player = play.player(play.bet(first), as_of=first)
    assert (player.idle_days, player.rfm) == (0, Rfm(5, 1, 2))
    assert play.player(play.bet(first), as_of=last).idle_days == 180


def test_money_is_counted_where_it_is_more_than_nothing_and_slots_alone_have_a_bracket(play: Any) -> None:
    spoiled = play.bet(90, round_id="r3", amount=Decimal(-1), game_type="Slots")
    player = play.player(
        play.bet(0, amount=Decimal("0.2")),
        play.bet(1, round_id="r2", game_type="Live Casino", amount=Decimal(900)),
        play.bet(2, round_id="r4", game_type="Table", amount=Decimal(900)),
        play.win(60, amount=Decimal("0.5"), wager_amount=Decimal("0.5")),
        play.win(61, amount=Decimal(-1)),
        spoiled,
    )
    assert (player.wins, player.stake_bracket) == (1, "up to 0.20")
    assert player.last_real_bet_at == play.start + timedelta(seconds=2)


@pytest.mark.parametrize(("won", "expected"), [("0.5", (1, 0)), ("1", (1, 0)), ("0", (0, 1)), ("-1", (0, 1))])
def test_a_round_that_goes_on_was_won_by_any_amount(play: Any, won: str, expected: tuple[int, int]) -> None:
    events = [play.bet(0), play.win(60, amount=Decimal(won)), play.win(9000, amount=Decimal(7))]
    player = play.player(*events, as_of=play.start + timedelta(seconds=70))
    assert (player.rounds.won, player.rounds.lost) == expected
    assert player.last_at == play.start + timedelta(seconds=60)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_last_real_bet_is_the_last_by_its_instant(play: Any, order: tuple[int, ...]) -> None:
    bets = [
        play.bet(0, round_id="r1"),
        play.bet(60, round_id="r2"),
        play.bet(120, round_id="r3"),
        play.bet(180, round_id="r4", bonus_wager_amount=Decimal(20)),
    ]
    player = play.player(*(bets[place] for place in order))
    assert player.last_real_bet_at == play.start + timedelta(seconds=120)


# -- bonuses ----------------------------------------------------------------------------------------------------------


def test_bonuses_are_counted_by_their_status_at_the_instant(feed: Any, play: Any) -> None:
    own = [
        feed.bonus_event(user_bonus_id=name, status=status, timestamp=feed.at(at))
        for name, status, at in [
            ("3", "Pending", 60),
            ("1", "Completed", 120),
            ("1", "Created", 0),
            ("2", "Created", 60),
            ("4", "Created", 121),
            ("5", "Created", 125),
            ("5", "Completed", 126),
        ]
    ]
    counts = [
        play.player(as_of=play.start + timedelta(seconds=seconds), bonuses=own).bonuses
        for seconds in (0, 119, 120, 121, 126)
    ]
    assert counts == [
        {"Created": 1},
        {"Created": 2, "Pending": 1},
        {"Completed": 1, "Created": 1, "Pending": 1},
        {"Completed": 1, "Created": 2, "Pending": 1},
        {"Completed": 2, "Created": 2, "Pending": 1},
    ]
    assert list(counts[-1]) == ["Completed", "Created", "Pending"]


def test_a_bonus_that_only_casino_events_name_has_no_status_to_count(feed: Any, play: Any) -> None:
    rounds = play.rounds([play.bet(user_bonus_id="863512")])
    bonus = feed.fold_bonus([], [play.bet(user_bonus_id="863512")])
    player = fold_player(play.key, rounds, [bonus], [], as_of=play.start, thresholds=Thresholds())
    assert player.bonuses == {}


# -- how it is told, and how long it takes ----------------------------------------------------------------------------


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
    play: Any, assert_linear: Callable[[Callable[[int], float], int], None]
) -> None:
    def spent(size: int) -> float:
        rounds = play.rounds(play.bet(at * 700, round_id=f"r{at % 100}") for at in range(size))
        begun = time.process_time()
        fold_player(play.key, rounds, [], [], as_of=play.start + 30 * DAY, thresholds=Thresholds())
        return time.process_time() - begun

    assert_linear(spent, 500)
