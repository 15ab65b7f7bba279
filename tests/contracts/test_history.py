"""One run's derived state: what is folded, what is excluded, what is forgotten."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.contracts import History, Judgement, RoundKey, Verdict
from ftcrm.contracts.history import bonus_key_of, round_key_of

ROUND = RoundKey("sub.example.com", "52530", "r1")


def history_of(*judgements: Judgement, **settings: Any) -> History:
    history = History(**settings)
    for seq, judged in enumerate(judgements, 1):
        history.add(seq, judged)
    history.refresh()
    return history


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
    win = feed.judge({**feed.clean, "activity_id": "w", "type": "Win"})
    history = history_of(win)
    assert [finding.rule for finding in history.rounds.findings(ROUND)] == ["FT301"]
    history.add(2, feed.judge(feed.clean))
    history.refresh()
    assert history.rounds.findings(ROUND) == ()
    assert list(history.rounds.flagged()) == []


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
