"""One run's derived state: what is folded, what is excluded, what is forgotten."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.contracts import CasinoEvent, History, Judgement, RoundKey, Ruleset, Settings, Verdict
from ftcrm.contracts.history import bonus_key_of, round_key_of

ROUND = RoundKey("sub.example.com", "52530", "r1")
SECOND = 1_000_000
HOUR = 3600
WITH_DEADLINE = Ruleset(Settings(round_deadline=HOUR))


def history_of(*judgements: Judgement, **settings: Any) -> History:
    history = History(**settings)
    for seq, judged in enumerate(judgements, 1):
        history.add(seq, judged)
    history.refresh()
    return history


def codes_of(history: History, key: RoundKey = ROUND) -> list[str]:
    return [finding.rule for finding in history.rounds.findings(key)]


def entry(seq: int, judged: Judgement) -> Any:
    return seq, judged.verdict, round_key_of(judged), bonus_key_of(judged)


def test_violations_are_listed_with_the_round_and_not_folded(feed: Any) -> None:
    bet = feed.judge(feed.clean)
    wrong = feed.judge({**feed.clean, "activity_id": "a2", "wager_amount": 1})
    history = history_of(bet, wrong)
    assert history.rounds.excluded(ROUND) == (2,)
    fold = history.rounds.value(ROUND)
    assert fold is not None
    assert (fold.round.seqs, fold.round.excluded, fold.round.totals["EUR"].bet.total) == ((1,), (2,), 20)
    assert history.verdicts == {Verdict.OK: 1, Verdict.VIOLATION: 1}
    assert history.rounds.seqs(ROUND) == (1, 2)


def test_accept_invalid_folds_what_is_readable(feed: Any) -> None:
    wrong = feed.judge({**feed.clean, "wager_amount": 1})
    unreadable = feed.judge(feed.without("amount"))
    history = history_of(wrong, unreadable, accept_invalid=True)
    fold = history.rounds.value(ROUND)
    assert fold is not None
    assert (fold.round.seqs, fold.round.excluded) == ((1,), (2,))


def test_weaker_findings_do_not_keep_an_event_out(feed: Any) -> None:
    history = history_of(feed.judge({**feed.clean, "meta": None}))
    assert history.rounds.labels == {"open": 1}


def test_a_refused_delivery_that_is_resent_is_no_duplicate(feed: Any) -> None:
    history = History()
    history.add(1, feed.judge(feed.clean), accepted=False)
    history.add(2, feed.judge(feed.clean))
    history.refresh()
    assert history.rounds.findings(ROUND) == ()
    assert history.rounds.excluded(ROUND) == (1,)


@pytest.mark.parametrize("name", ["origin", "user_id", "round_id"])
def test_without_a_key_there_is_no_round(feed: Any, name: str) -> None:
    history = history_of(feed.judge(feed.without(name)), feed.judge(b"[]"), feed.judge(b"{}", "PAYMENT"))
    assert list(history.rounds.keys()) == []
    assert history.verdicts.total() == 3


def test_a_bonus_is_made_of_both_kinds_of_events(feed: Any) -> None:
    history = history_of(
        feed.judge({**feed.clean, "user_bonus_id": "863512"}),
        feed.judge(feed.bonus, "BONUS"),
        feed.judge({**feed.bonus, "status": 1}, "BONUS"),
        feed.judge(feed.clean),
    )
    fold = history.bonuses.value(feed.bonus_key)
    assert fold is not None
    assert (fold.bonus.casino_seqs, fold.bonus.seqs, fold.bonus.excluded) == ((1,), (2,), (3,))
    assert history.bonuses.labels == {"Created": 1}
    assert [key for _, key in [*history.bonuses.keys()]] == [feed.bonus_key]
    assert history.rounds.labels == {"open": 1}


def test_a_finding_is_withdrawn_when_a_later_event_supersedes_it(feed: Any) -> None:
    win = feed.judge({**feed.clean, "activity_id": "w", "type": "Win", "timestamp": feed.at(10 * HOUR)})
    undone = feed.judge({**feed.clean, "activity_id": "w", "type": "Win", "status": "Rollback"})
    history = history_of(win)
    assert codes_of(history) == ["FT301"]
    history.add(2, feed.judge(feed.clean))
    history.refresh()
    assert codes_of(history) == ["FT305"]
    history = history_of(win, undone)
    assert codes_of(history) == ["FT406"]


def test_what_has_no_key_is_forgotten_too(feed: Any) -> None:
    unreadable = feed.judge(b"[]")
    history = history_of(unreadable, feed.judge(feed.clean))
    history.forget([entry(1, unreadable)])
    assert dict(history.verdicts) == {Verdict.OK: 1}
    assert history.rounds.complete(ROUND)


@given(data=st.data())
@settings(deadline=None)
def test_forgetting_leaves_what_the_rest_alone_would_have_made(feed: Any, data: st.DataObject) -> None:
    documents = [
        {
            **feed.clean,
            "activity_id": data.draw(st.sampled_from("ab")),
            "round_id": data.draw(st.sampled_from(["r1", "r2"])),
            "user_bonus_id": data.draw(st.sampled_from(["", "863512"])),
            "type": data.draw(st.sampled_from(["Bet", "Win", "bet"])),
        }
        for _ in range(data.draw(st.integers(1, 8)))
    ]
    journal = list(enumerate(map(feed.judge, documents), 1))
    whole, rest = History(), History()
    for seq, judged in journal:
        whole.add(seq, judged)
    if data.draw(st.booleans()):
        whole.refresh()
    gone = data.draw(st.sets(st.sampled_from([seq for seq, _ in journal])))
    whole.forget(entry(seq, judged) for seq, judged in journal if seq in gone)
    for seq, judged in journal:
        if seq not in gone:
            rest.add(seq, judged)
    if gone:
        rest.lose()
    for history in (whole, rest):
        assert history.refresh() is False
    assert dict(whole.verdicts) == dict(rest.verdicts)
    for before, after in ((whole.rounds, rest.rounds), (whole.bonuses, rest.bonuses)):
        assert dict(before.labels) == dict(after.labels)
        assert {key: before.value(key) for _, key in [*before.keys()]} == {
            key: after.value(key) for _, key in [*after.keys()]
        }
        assert dict(before.flagged()) == dict(after.flagged())
    for seq, judged in journal:
        key = round_key_of(judged)
        if whole.rounds.seqs(key) and seq in gone:
            assert not whole.rounds.complete(key)


# -- ends: runs that are closed, and deadlines ------------------------------------------------------------------------


def bet_and_win(feed: Any) -> tuple[Judgement, Judgement]:
    later = feed.at(24 * HOUR)
    return feed.judge(feed.clean), feed.judge({**feed.clean, "activity_id": "w", "type": "Win", "timestamp": later})


def test_closing_speaks_of_what_is_open_and_a_late_settlement_withdraws_it(feed: Any) -> None:
    bet, win = bet_and_win(feed)
    history = history_of(bet)
    assert codes_of(history) == []
    history.close()
    history.refresh()
    assert codes_of(history) == ["FT307"]
    history.add(2, win)
    history.refresh()
    assert codes_of(history) == []


def test_a_closed_run_has_no_deadlines(feed: Any) -> None:
    bet, _ = bet_and_win(feed)
    history = History(ruleset=WITH_DEADLINE)
    history.add(1, bet, at=0)
    history.close()
    history.refresh()
    assert not history.is_due(10 * HOUR * SECOND)
    history.pass_deadlines(10 * HOUR * SECOND)
    history.refresh()
    assert codes_of(history) == ["FT307"]


def test_a_deadline_counts_from_the_last_delivery(feed: Any) -> None:
    bet, win = bet_and_win(feed)
    history = History(ruleset=WITH_DEADLINE)
    history.add(1, bet, at=0)
    history.add(2, bet, at=10 * SECOND)
    history.refresh()
    due = (HOUR + 10) * SECOND
    assert [history.is_due(due - 1), history.is_due(due)] == [False, True]
    history.pass_deadlines(due - 1)
    history.refresh()
    assert codes_of(history) == ["FT302"]
    history.pass_deadlines(due)
    history.refresh()
    history.pass_deadlines(due - 1)
    history.rounds.recheck(ROUND)
    history.refresh()
    assert codes_of(history) == ["FT302", "FT308"]
    assert not history.is_due(due + 1)
    history.add(3, bet, at=due + 1)
    history.refresh()
    assert "FT308" not in codes_of(history)
    assert history.is_due(due + 1 + HOUR * SECOND)
    history.add(4, win, at=due + 2)
    history.refresh()
    assert not history.is_due(due + 1 + HOUR * SECOND)


def test_without_the_setting_or_the_time_of_receipt_nothing_is_due(feed: Any) -> None:
    bet, _ = bet_and_win(feed)
    for history in (History(), History(ruleset=WITH_DEADLINE)):
        history.add(1, bet, at=None if history._wait else 0)
        history.refresh()
        assert not history.is_due(2**62)
        history.pass_deadlines(2**62)
        history.refresh()
        assert codes_of(history) == []


@pytest.mark.parametrize("end", ["close", "pass_deadlines"])
def test_what_was_excluded_may_be_the_settlement_and_what_is_gone_too(feed: Any, end: str) -> None:
    bet, win = bet_and_win(feed)
    wrong = feed.judge({**feed.clean, "activity_id": "w", "type": "Win", "wager_amount": 1})

    def ended(*judgements: Judgement, gone: tuple[int, ...] = ()) -> History:
        history = History(ruleset=WITH_DEADLINE)
        for seq, judged in enumerate(judgements, 1):
            history.add(seq, judged, at=0)
        history.refresh()
        history.forget(entry(seq, judgements[seq - 1]) for seq in gone)
        history.close() if end == "close" else history.pass_deadlines(2 * HOUR * SECOND)
        history.refresh()
        return history

    assert codes_of(ended(bet)) == ["FT307" if end == "close" else "FT308"]
    assert codes_of(ended(bet, wrong)) == []
    assert codes_of(ended(win, bet, gone=(1,))) == []
    assert codes_of(ended(bet, feed.judge({**feed.clean, "round_id": "r2"}), gone=(2,))) == []


def test_a_split_round_is_told_until_either_half_is_whole(feed: Any) -> None:
    bet, win = bet_and_win(feed)
    elsewhere = RoundKey(feed.key.origin, feed.key.user_id, "r2")
    other = feed.judge({**feed.clean, "activity_id": "w", "type": "Win", "round_id": "r2", "timestamp": feed.at(86400)})
    for settled in (win, feed.judge({**feed.clean, "activity_id": "b2", "round_id": "r2"})):
        history = history_of(other, bet)
        assert codes_of(history, elsewhere) == ["FT301", "FT320"]
        history.add(3, settled)
        history.refresh()
        assert "FT320" not in codes_of(history, elsewhere)
    history = history_of(bet, other)
    history.forget([entry(1, bet)])
    history.refresh()
    assert codes_of(history, elsewhere) == []
    assert history.plays.bet_for(elsewhere) is None


@st.composite
def happenings(draw: st.DrawFn, feed: Any) -> list[Any]:
    """Deliveries of three rounds, each with the instant at which it came, and ends between them."""
    now = 0
    made: list[Any] = []
    for number in range(draw(st.integers(1, 9))):
        now += draw(st.sampled_from([0, 1, HOUR, HOUR - 1])) * SECOND
        match draw(st.sampled_from(["event", "event", "event", "excluded", "deadline", "close"])):
            case "deadline":
                made.append(("pass_deadlines", now))
            case "close":
                made.append(("close", now))
            case kind:
                event: CasinoEvent = feed.casino_event(
                    type=draw(st.sampled_from(["Bet", "Bet", "Win"])),
                    status=draw(st.sampled_from(["Approved", "Approved", "Rollback"])),
                    activity_id=draw(st.sampled_from(["a", str(number)])),
                    round_id=draw(st.sampled_from(["r1", "r2", "r3"])),
                    timestamp=feed.at(draw(st.integers(0, 3))),
                )
                made.append((Judgement(Verdict.OK, "CASINO", event, event), now, kind == "event"))
    return made


def happen(history: History, seq: int, happening: Any) -> None:
    match happening:
        case ("close", _):
            history.close()
        case ("pass_deadlines", at):
            history.pass_deadlines(at)
        case (judged, at, accepted):
            history.add(seq, judged, accepted=accepted, at=at)


def told(history: History) -> dict[RoundKey, list[Any]]:
    return {key: [*findings] for key, findings in history.rounds.flagged()}


@given(data=st.data(), hot=st.sampled_from([0, 1, 20_000]))
@settings(deadline=None)
def test_ends_step_by_step_say_what_they_say_all_at_once(feed: Any, data: st.DataObject, hot: int) -> None:
    made = data.draw(happenings(feed))
    by_seq = {seq: each[0] for seq, each in enumerate(made, 1) if len(each) == 3}
    steps = History(load=lambda seqs: [(seq, by_seq[seq]) for seq in seqs], hot=hot, ruleset=WITH_DEADLINE)
    at_once = History(ruleset=WITH_DEADLINE)
    for seq, happening in enumerate(made, 1):
        happen(at_once, seq, happening)
        happen(steps, seq, happening)
        if data.draw(st.booleans()):
            steps.refresh(limit=data.draw(st.sampled_from([1, None])))
    assert at_once.refresh() is False
    assert steps.refresh() is False
    assert told(steps) == told(at_once)
    assert dict(steps.rounds.labels) == dict(at_once.rounds.labels)


@given(data=st.data())
@settings(deadline=None)
def test_a_deadline_is_due_when_passing_it_would_say_something_new(feed: Any, data: st.DataObject) -> None:
    history = History(ruleset=WITH_DEADLINE)
    made = data.draw(happenings(feed))
    for seq, happening in enumerate(made, 1):
        happen(history, seq, happening)
    history.refresh()
    now = made[-1][1]
    before = told(history)
    due = {at for at in (now, now + HOUR * SECOND, now + 2 * HOUR * SECOND) if history.is_due(at)}
    for at in (now, now + HOUR * SECOND, now + 2 * HOUR * SECOND):
        history.pass_deadlines(at)
        history.refresh()
        assert not history.is_due(at)
        if not any(earlier <= at for earlier in due):
            assert told(history) == before
        elif not any(history.rounds.excluded(key) for _, key in [*history.rounds.keys()]):
            assert told(history) != before
