"""Sessions: where one ends and the next begins, and what each of them comes to."""

import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal, Inexact, localcontext
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.contracts.rounds import Amounts, Money, Session, fold_sessions

MICROSECOND = timedelta(microseconds=1)
gaps = st.sampled_from([timedelta(0), timedelta(minutes=5), timedelta(minutes=30), timedelta(days=30)])


# -- laws ------------------------------------------------------------------------------------------------------------


@given(data=st.data(), gap=gaps)
@settings(max_examples=150)
def test_the_sessions_part_the_counted_events_where_a_gap_is_longer(
    feed: Any, play: Any, data: st.DataObject, gap: timedelta
) -> None:
    rounds = play.rounds(data.draw(play.histories(feed.events)))
    sessions = fold_sessions(play.key, rounds, gap=gap)
    counted = {member.seq: member.event.timestamp for fold in rounds for member in fold.events}
    assert sorted(seq for session in sessions for seq in session.seqs) == sorted(counted)
    for session in sessions:
        instants = sorted(counted[seq] for seq in session.seqs)
        assert session.seqs == tuple(sorted(session.seqs))
        assert (session.events, session.started_at, session.ended_at) == (len(instants), instants[0], instants[-1])
        assert session.duration == instants[-1] - instants[0]
        assert all(later - earlier <= gap for earlier, later in pairwise(instants))
    for before, after in pairwise(sessions):
        assert after.started_at - before.ended_at > gap


@given(data=st.data(), gap=gaps)
@settings(max_examples=150)
def test_neither_the_order_of_the_rounds_nor_that_of_arrival_changes_a_session(
    feed: Any, play: Any, data: st.DataObject, gap: timedelta
) -> None:
    events = data.draw(play.histories(feed.events))
    rounds = play.rounds(events)
    sessions = fold_sessions(play.key, rounds, gap=gap)
    assert fold_sessions(play.key, data.draw(st.permutations(rounds)), gap=gap) == sessions
    elsewhere = play.rounds(data.draw(st.permutations(events)), first=100)
    assert without_seqs(fold_sessions(play.key, elsewhere, gap=gap)) == without_seqs(sessions)


def without_seqs(sessions: tuple[Session, ...]) -> list[Session]:
    return [msgspec.structs.replace(session, seqs=()) for session in sessions]


@given(data=st.data(), gap=gaps)
@settings(max_examples=150)
def test_the_sums_over_sessions_are_those_over_rounds_and_those_over_games(
    feed: Any, play: Any, data: st.DataObject, gap: timedelta
) -> None:
    with localcontext() as ambient:
        ambient.prec = 3  # the caller's own context must not matter
        ambient.traps[Inexact] = False
        rounds = play.rounds(data.draw(play.histories(feed.events)))
        sessions = fold_sessions(play.key, rounds, gap=gap)
    live = [entry for fold in rounds for entry in fold.entries]
    assert play.summed(session.base for session in sessions) == play.summed(fold.round.base for fold in rounds)
    for currency in {event.currency for event, _ in live}:
        assert play.summed(
            session.totals[currency] for session in sessions if currency in session.totals
        ) == play.summed(fold.round.totals[currency] for fold in rounds if currency in fold.round.totals)
    assert sum(session.bets for session in sessions) == sum(event.type == "Bet" for event, _ in live)
    assert sum(session.wins for session in sessions) == sum(
        event.type == "Win" and event.amount > 0 for event, _ in live
    )
    for session in sessions:
        assert play.summed(game.base for game in session.games) == play.summed([session.base])
        assert sum(game.bets for game in session.games) == session.bets
        assert sum(game.wins for game in session.games) == session.wins
        ids = [(game.vendor_id, game.game_id) for game in session.games]
        assert ids == sorted(set(ids))


@given(data=st.data(), gap=gaps)
@settings(max_examples=100)
def test_a_further_event_joins_sessions_and_never_parts_one(
    feed: Any, play: Any, data: st.DataObject, gap: timedelta
) -> None:
    events = data.draw(play.histories(feed.events))
    late = msgspec.structs.replace(data.draw(play.histories(feed.events))[0], activity_id="late", status="Approved")
    after = [set(session.seqs) for session in play.sessions(*events, late, gap=gap)]
    for session in play.sessions(*events, gap=gap):
        assert any(set(session.seqs) <= seqs for seqs in after)


# -- examples worked by hand -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("beyond", "expected"), [(-MICROSECOND, 1), (timedelta(0), 1), (MICROSECOND, 2)])
def test_a_gap_that_is_exactly_as_long_does_not_end_a_session(play: Any, beyond: timedelta, expected: int) -> None:
    between = (play.gap + beyond).total_seconds()
    sessions = play.sessions(play.bet(0), play.bet(between))
    assert len(sessions) == expected
    if expected == 1:
        assert sessions[0].duration == play.gap + beyond
    else:
        assert [session.duration for session in sessions] == [timedelta(0), timedelta(0)]


def test_a_late_event_between_two_sessions_makes_them_one(play: Any) -> None:
    first, last = play.bet(0), play.win(3600, amount=Decimal(5))
    apart = play.sessions(first, last)
    assert [(session.bets, session.wins, session.seqs) for session in apart] == [(1, 0, (1,)), (0, 1, (2,))]
    (joined,) = play.sessions(first, last, play.bet(1800, round_id="r2"))
    assert (joined.events, joined.rounds, joined.bets, joined.wins, joined.seqs) == (3, 2, 2, 1, (1, 2, 3))
    assert joined.duration == timedelta(hours=1)


def test_a_bet_and_its_win_in_two_sessions_count_in_their_own(play: Any) -> None:
    before, after = play.sessions(play.bet(0), play.win(86_400, amount=Decimal(50)))
    staked, won = Amounts(unallocated=Decimal(20), total=Decimal(20)), Amounts(Decimal(0), total=Decimal(50))
    assert before.totals == {"EUR": Money(bet=staked, ggr=staked)}
    assert after.totals["EUR"].win == msgspec.structs.replace(won, unallocated=Decimal(50))
    assert after.totals["EUR"].ggr.total == Decimal(-50)
    assert (before.rounds, after.rounds) == (1, 1)


def test_what_is_rolled_back_is_an_event_of_a_session_and_none_of_its_sums(play: Any) -> None:
    reversed_, undo = play.bet(0), play.bet(1700, activity_id="b0", status="Rollback")
    stays = play.bet(3400, round_id="r2", amount=Decimal(7), currency="USD", exchange_rate=Decimal("0.5"))
    (session,) = play.sessions(reversed_, undo, stays)
    assert (session.events, session.rounds, session.bets, session.wins) == (3, 1, 1, 0)
    assert list(session.totals) == ["USD"]
    assert (session.totals["USD"].bet.total, session.base.bet.total) == (Decimal(7), Decimal("3.5"))
    assert [game.bets for game in session.games] == [1]
    assert session.started_at == reversed_.timestamp


def test_a_session_of_which_nothing_is_live(play: Any) -> None:
    (session,) = play.sessions(play.bet(0), play.bet(60, activity_id="b0", status="Rollback"))
    assert (session.events, session.rounds, session.bets, session.totals, session.games) == (2, 0, 0, {}, ())
    assert session.base == Money()
    assert session.duration == timedelta(minutes=1)


def test_what_is_delivered_again_is_in_no_session(play: Any) -> None:
    again = play.bet(0)
    (session,) = play.sessions(again, again, play.win(60), again)
    assert (session.events, session.seqs) == (2, (1, 3))


def test_a_win_of_nothing_is_no_win(play: Any) -> None:
    (session,) = play.sessions(play.bet(0), play.win(1, amount=Decimal(0)), play.win(2, amount=Decimal("0.01")))
    assert (session.wins, session.games[0].wins, session.games[0].bets) == (1, 1, 1)


@pytest.mark.parametrize(
    ("changes", "wins"),
    [
        ({"wager_amount": Decimal(5)}, 1),
        ({"wager_amount": Decimal(0), "bonus_wager_amount": Decimal(5)}, 1),
        ({"amount": Decimal(-5)}, 0),
    ],
)
def test_a_win_counts_by_its_amount_whatever_it_is_paid_in(play: Any, changes: dict[str, Any], wins: int) -> None:
    (session,) = play.sessions(play.bet(0), play.win(1, **{"amount": Decimal(5), **changes}))
    assert (session.wins, session.games[0].wins) == (wins, wins)


def test_a_session_goes_on_while_each_event_is_within_the_gap_of_the_one_before(play: Any) -> None:
    bets = [play.bet(at, round_id=f"r{at}") for at in (0, 1700, 3400, 5100, 6800, 8700)]
    assert [session.seqs for session in play.sessions(*bets)] == [(1, 2, 3, 4, 5), (6,)]


def test_games_are_in_the_order_of_vendor_and_game(play: Any) -> None:
    (session,) = play.sessions(
        play.bet(0, vendor_id="2", game_id="a", game_name="Faust", exchange_rate=Decimal("0.9")),
        play.bet(1, vendor_id="1", game_id="b", game_type="Live Casino"),
        play.win(2, vendor_id="1", game_id="b", game_type="Live Casino", amount=Decimal(5)),
        play.bet(3, round_id="r2", vendor_id="1", game_id="a", type="Loss", amount=Decimal(0)),
    )
    found = [(game.vendor_id, game.game_id, game.name, game.type, game.bets, game.wins) for game in session.games]
    assert found == [
        ("1", "a", "Dead or Alive", "Slots", 0, 0),
        ("1", "b", "Dead or Alive", "Live Casino", 1, 1),
        ("2", "a", "Faust", "Slots", 1, 0),
    ]
    assert [game.base.ggr.total for game in session.games] == [Decimal(0), Decimal(15), Decimal(18)]


@pytest.mark.parametrize("arrival", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_game_is_called_what_its_last_live_event_calls_it(play: Any, arrival: tuple[int, ...]) -> None:
    events = [
        play.bet(0, activity_id="z", game_name="Old", game_type="Old type"),
        play.bet(1, activity_id="a", game_name="Older", game_type="Older type"),
        play.bet(1, activity_id="b", round_id="r2", game_name="New", game_type="New type"),
    ]
    undone = play.bet(2, activity_id="u", game_name="Undone")
    undo = msgspec.structs.replace(undone, status="Rollback")
    (session,) = play.sessions(undone, undo, *(events[at] for at in arrival))
    assert [(game.name, game.type) for game in session.games] == [("New", "New type")]


@pytest.mark.parametrize("arrival", [(2, 3), (3, 2)])
def test_of_a_tie_in_time_and_id_the_greater_digest_is_the_last(play: Any, arrival: tuple[int, int]) -> None:
    # Worked out with sha256sum over the events as JSON: r2 has c7105915..., r3 has 90c21695...
    (session,) = play.sessions(
        *(play.bet(0, activity_id="a", round_id=f"r{at}", game_name=f"Game {at}") for at in arrival)
    )
    assert session.games[0].name == "Game 2"


def test_no_rounds_make_no_session(play: Any) -> None:
    assert fold_sessions(play.key, [], gap=play.gap) == ()


def test_a_session_has_the_key_of_its_player(play: Any) -> None:
    (session,) = play.sessions(play.bet(0))
    assert (session.origin, session.user_id) == ("sub.example.com", "52530")


def test_the_time_grows_as_the_events_do(
    play: Any, assert_linear: Callable[[Callable[[int], float], int], None]
) -> None:
    def spent(size: int) -> float:
        rounds = play.rounds(play.bet(at * 700, round_id=f"r{at % 100}") for at in range(size))
        begun = time.process_time()
        fold_sessions(play.key, rounds, gap=play.gap)
        return time.process_time() - begun

    assert_linear(spent, 500)
