"""The engine at once, event by event, and player by player: three ways, one result."""

import time
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.contracts import (
    BonusEvent,
    CasinoEvent,
    Construction,
    History,
    Judgement,
    Message,
    Ruleset,
    Settings,
    Verdict,
    construct,
)
from ftcrm.contracts.rounds import Readings

Event = CasinoEvent | BonusEvent


def judgement(event: Event) -> Judgement:
    keys: Any = event
    return Judgement(Verdict.OK, "CASINO" if isinstance(event, CasinoEvent) else "BONUS", event, keys)


def construction_of(history: History, *, as_of: datetime | None = None) -> Construction:
    """What a History makes, in the order of the keys."""
    rounds = [history.rounds.value(key) for _, key in sorted(history.rounds.keys(), key=lambda each: each[1])]
    bonuses = [history.bonuses.value(key) for _, key in sorted(history.bonuses.keys(), key=lambda each: each[1])]
    players = sorted(key for _, key in history.players.keys())  # noqa: SIM118 - Roster is no mapping
    folded = [history.player(key, as_of=as_of) for key in players]
    return Construction(
        tuple(fold.round for fold in rounds if fold is not None),
        tuple(session for key in players for session in history.sessions_of(key)),
        tuple(fold.bonus for fold in bonuses if fold is not None),
        tuple(player for player in folded if player is not None),
        as_of or history.as_of,
    )


@given(data=st.data(), hot=st.sampled_from([0, 1, 20_000]))
@settings(max_examples=60, deadline=None)
def test_incremental_is_at_once_after_every_event(feed: Any, data: st.DataObject, hot: int) -> None:
    journal = data.draw(feed.mixed_histories)
    by_seq = {seq: judgement(event) for seq, event in enumerate(journal, 1)}
    history = History(load=lambda seqs: [(seq, by_seq[seq]) for seq in seqs], hot=hot)
    for seq, judged in by_seq.items():
        history.add(seq, judged)
        history.refresh()
        assert construction_of(history) == construct(journal[:seq])


def test_a_bonus_event_without_an_id_makes_no_player_and_moves_the_instant(feed: Any) -> None:
    bet = feed.casino_event(user_id="u1", timestamp=feed.at(0))
    of_none = feed.bonus_event(user_id="u2", user_bonus_id="", timestamp=feed.at(5))
    made = construct([bet, of_none])
    assert [player.user_id for player in made.players] == ["u1"]
    assert made.as_of == datetime.fromisoformat(feed.at(5))
    history = History()
    for seq, event in enumerate([bet, of_none], 1):
        history.add(seq, judgement(event))
    history.refresh()
    assert construction_of(history) == made


@given(
    data=st.data(), readings=st.builds(Readings, end_flag=st.sampled_from(["informs", "settles", "required", "cuts"]))
)
@settings(max_examples=60, deadline=None)
def test_player_by_player_is_at_once(feed: Any, data: st.DataObject, readings: Readings) -> None:
    chosen = Settings(readings=readings, session_gap=600.0)
    journal = list(enumerate(data.draw(feed.mixed_histories), 1))
    at_once = construct([event for _, event in journal], settings=chosen)
    parts = []
    for user in ("u1", "u2"):
        history = History(ruleset=Ruleset(chosen))
        for seq, event in journal:
            if event.user_id == user:
                history.add(seq, judgement(event))
        history.refresh()
        parts.append(construction_of(history, as_of=at_once.as_of))
    for name in ("rounds", "sessions", "bonuses", "players"):
        assert getattr(at_once, name) == getattr(parts[0], name) + getattr(parts[1], name)


def test_a_round_that_the_instant_divides_is_read_as_its_player_is_told_to(feed: Any) -> None:
    flagged = feed.casino_event(timestamp=feed.at(0), is_round_end=True)
    win = feed.casino_event(type="Win", activity_id="w", timestamp=feed.at(100))
    chosen = Settings(readings=Readings(end_flag="settles"))
    (player,) = construct([flagged, win], settings=chosen, as_of=datetime.fromisoformat(feed.at(50))).players
    assert (player.rounds.settled, player.rounds.lost, player.rounds.open) == (1, 1, 0)
    history = History(ruleset=Ruleset(chosen))
    for seq, event in enumerate((flagged, win), 1):
        history.add(seq, judgement(event))
    history.refresh()
    assert construction_of(history, as_of=datetime.fromisoformat(feed.at(50))).players == (player,)


def test_a_history_that_does_not_tell_bonuses_of_rollbacks_is_caught(
    feed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(History, "_tell_bonuses", lambda *_: None)
    bet = feed.casino_event(user_bonus_id="ub", timestamp=feed.at(1))
    undone = msgspec.structs.replace(bet, status="Rollback", user_bonus_id="")
    history = History()
    for seq, event in enumerate((bet, undone), 1):
        history.add(seq, judgement(event))
        history.refresh()
    assert construction_of(history) != construct([bet, undone])


# -- messages ------------------------------------------------------------------------------------------------------


def test_messages_are_judged_first_and_what_breaks_the_contract_is_left_out(feed: Any) -> None:
    texts = [feed.raw(feed.clean), feed.raw(feed.without("vendor_name", type="Win", activity_id="w"))]
    sent = [Message("rest", text, "CASINO") for text in texts]
    (value,) = construct(sent).rounds
    assert (value.state, value.seqs, value.excluded) == ("open", (1,), (2,))
    (value,) = construct(sent, accept_invalid=True).rounds
    assert (value.state, value.seqs, value.excluded) == ("settled", (1, 2), ())


def test_nothing_comes_to_nothing() -> None:
    assert construct([]) == Construction()


def test_a_win_thirty_days_later_settles_its_round_in_a_session_of_its_own(feed: Any) -> None:
    bet = feed.casino_event(timestamp=feed.at(0), amount=Decimal(20))
    win = feed.casino_event(type="Win", activity_id="w", timestamp=feed.at(30 * 86400), amount=Decimal(5))
    found = construct([win, bet])
    assert [value.state for value in found.rounds] == ["settled"]
    assert [session.base.ggr.total for session in found.sessions] == [20, -5]
    (player,) = found.players
    assert (player.base.ggr.total, player.activity, player.idle_days) == (15, "inactive", 30)
    assert construct([bet, win]).players == found.players


# -- much of one thing ---------------------------------------------------------------------------------------------

SHAPES: dict[str, Callable[[int], dict[str, str]]] = {
    "one round": lambda _: {},
    "one player": lambda index: {"round_id": str(index // 2)},
    "one bonus": lambda index: {"round_id": str(index // 2), "user_bonus_id": "ub"},
    "one bonus whose Bets are reversed": lambda index: {
        "round_id": str(index // 2),
        "user_bonus_id": "ub",
        "activity_id": str(index // 2),
        "type": "Bet",
        "status": ("Approved", "Rollback")[index % 2],
    },
}


def much(feed: Any, shape: Callable[[int], dict[str, str]], size: int) -> list[Event]:
    """Bets and Wins in turn, ten minutes apart, with an hour after each tenth: many sessions."""
    return [
        feed.casino_event(
            **{
                "activity_id": str(index),
                "type": ("Bet", "Win")[index % 2],
                "timestamp": feed.at(600 * index + 3600 * (index // 10)),
                **shape(index),
            }
        )
        for index in range(size)
    ]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_at_once_takes_linear_time(feed: Any, shape: Any, assert_linear: Any) -> None:
    def spent(size: int) -> float:
        events = much(feed, shape, size)
        start = time.process_time()
        made = construct(events)
        elapsed = time.process_time() - start
        assert sum(session.events for session in made.sessions) == size
        return elapsed

    assert_linear(spent, 500)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_event_by_event_takes_linear_time(
    feed: Any, shape: Any, assert_linear: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With work in the background all along, which leaves the large groups to the end."""
    monkeypatch.setattr("ftcrm.contracts.groups.LARGE", 200)

    def spent(size: int) -> float:
        judged = [judgement(event) for event in much(feed, shape, size)]
        history = History()
        start = time.process_time()
        for seq, each in enumerate(judged, 1):
            history.add(seq, each)
            if seq % 20 == 0:
                history.refresh(limit=20)
        history.refresh()
        made = construction_of(history)
        elapsed = time.process_time() - start
        assert sum(session.events for session in made.sessions) == size
        return elapsed

    assert_linear(spent, 500)
