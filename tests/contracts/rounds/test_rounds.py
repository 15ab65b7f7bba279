"""The sequence families of the feed (facts.md, "Sequences that break round construction"), as far as rounds go."""

import time
from decimal import Decimal
from typing import Any

import pytest

from ftcrm.contracts import CasinoEvent, History, Message, RoundKey, fold_round, judge
from ftcrm.contracts.rounds import RoundFold
from ftcrm.contracts.rules import STANDARD, Scope, findings_of

B = {"type": "Bet", "activity_id": "b"}
B2 = {"type": "Bet", "activity_id": "b2"}
W = {"type": "Win", "activity_id": "w", "amount": 5}
W2 = {"type": "Win", "activity_id": "w2", "amount": 5}
L = {"type": "Loss", "activity_id": "l", "amount": 0}
END = {"is_round_end": True}
R = {"status": "Rollback"}
OWN = {"activity_id": "x"}
AT = "2026-03-02T09:00:00Z"
REAL, BONUS, LOCKED = "wager_amount", "bonus_wager_amount", "locked_wager_amount"

# name: (events, state, outcome, bet, win); tests/contracts/rules/test_families.py has what the rules say of them
FAMILIES: dict[str, tuple[list[dict[str, Any]], str, str | None, Any, Any]] = {
    "a bet and a win": ([B, W], "settled", "won", 20, 5),
    "a bet and a loss": ([B, L], "settled", "lost", 20, 0),
    "1 a retry": ([B, B], "open", None, 20, 0),
    "1 a retry with other zeros": ([B, {**B, "amount": "20.00"}], "open", None, 20, 0),
    "2 one id, two contents": ([B, {**B, "amount": 30, "timestamp": AT}], "open", None, 20, 0),
    "3 a win before its bet": ([W, B], "settled", "won", 20, 5),
    "4 a rollback before its bet": ([{**B, **R}, B], "voided", None, 0, 0),
    "5 rollbacks before both": ([{**B, **R}, {**W, **R}, B, W], "voided", None, 0, 0),
    "6 a rollback with the bet's own id": ([B, {**B, **R}], "voided", None, 0, 0),
    "7 two equal bets, one rollback": ([B, B2, {**B, **R, **OWN}], "open", None, 20, 0),
    "7 both reversed": ([B, B2, {**B, **R, **OWN}, {**B, **R, "activity_id": "y"}], "voided", None, 0, 0),
    "8 a rollback twice, the bet's own id": ([B, {**B, **R}, {**B, **R}], "voided", None, 0, 0),
    "8 a rollback twice, an id of its own": ([B, {**B, **R}, {**B, **R, **OWN}], "voided", None, 0, 0),
    "8 two rollbacks, both ids new": (
        [B, {**B, **R, **OWN}, {**B, **R, "activity_id": "y"}],
        "voided",
        None,
        0,
        0,
    ),
    "9 the win of a closed round goes": ([B, {**W, **END}, {**W, **R}], "open", None, 20, 0),
    "10 the bet of a closed round goes": ([B, {**W, **END}, {**B, **R}], "orphan", None, 0, 5),
    "11 a bet and its rollback alone": ([B, {**B, **R, **OWN}], "voided", None, 0, 0),
    "11 a tombstone alone": ([{**B, **R}], "voided", None, 0, 0),
    "12 a double down": ([B, B2, {**B, "activity_id": "b3"}, {**W, **END}], "settled", "won", 60, 5),
    "13 a free-spin feature": ([B, W, W2, {**W, **END, "activity_id": "w3"}], "settled", "won", 20, 15),
    "14 two ends": ([B, {**W, **END}, {**W2, **END}], "settled", "won", 20, 10),
    "15 the bet has the end flag": ([{**B, **END}, W], "settled", "won", 20, 5),
    "16 a win thirty days later": ([B, {**W, **END, "timestamp": "2026-04-01T08:00:00Z"}], "settled", "won", 20, 5),
    "17 a bet for ever": ([B], "open", None, 20, 0),
    "18 a win with no bet": ([W], "orphan", None, 0, 5),
    "18 a loss with no bet": ([L], "orphan", None, 0, 0),
    "19 a free spin": ([{**B, "amount": 0}, W], "settled", "won", 0, 5),
    "20 another game": ([B, {**W, "game_id": "2", "vendor_id": "2"}], "settled", "won", 20, 5),
    "22 only the bet joins": ([B], "open", None, 20, 0),
    "23 a bonus bet, a real win": ([{**B, BONUS: 20}, {**W, REAL: 5}], "settled", "won", 20, 5),
    "24 a rate that differs": ([B, {**W, "exchange_rate": "1.1"}], "settled", "won", 20, 5),
    "25 equal timestamps": ([{**W, "timestamp": AT}, {**B, "timestamp": AT}], "settled", "won", 20, 5),
    "25 a win earlier than its bet": (
        [B, {**W, "timestamp": "2020-01-01T00:00:00+06:00"}],
        "settled",
        "won",
        20,
        5,
    ),
    "27 a win of 0 and a loss": ([B, {**W, "amount": 0}, L], "settled", "lost", 20, 0),
    "27 a loss with an amount": ([B, {**L, "amount": 20}], "settled", "lost", 20, 0),
    "27 a loss, then a win": ([B, L, W], "settled", "won", 20, 5),
    "28 a partial rollback by the bet's own id": ([B, {**B, **R, "amount": 5}], "voided", None, 0, 0),
    "28 a partial rollback by a new id": ([B, {**B, **R, **OWN, "amount": 5}], "open", None, 20, 0),
    "28 the rollback of a loss": ([B, L, {**L, **R}], "open", None, 20, 0),
    "28 the own id on another type": ([B, {**W, **R, "activity_id": "b"}], "open", None, 20, 0),
}


def event(feed: Any, changes: dict[str, Any]) -> CasinoEvent:
    numbers = {"amount", "exchange_rate", REAL, BONUS, LOCKED}
    return feed.casino_event(**{name: Decimal(value) if name in numbers else value for name, value in changes.items()})


def fold(feed: Any, *changes: dict[str, Any]) -> RoundFold:
    return feed.fold(*(event(feed, change) for change in changes))


@pytest.mark.parametrize("name", FAMILIES)
def test_family(feed: Any, name: str) -> None:
    changes, state, outcome, bet, win = FAMILIES[name]
    folded = fold(feed, *changes)
    value = folded.round
    assert (value.state, value.outcome) == (state, outcome)
    money = value.totals["EUR"]
    assert (money.bet.total, money.win.total, money.ggr.total) == (bet, win, bet - win)
    assert value.played is (state != "voided")
    assert value.seqs == tuple(range(1, len(changes) + 1))


def test_21_one_round_id_of_two_users_is_two_rounds(feed: Any) -> None:
    history = History()
    for seq, user in enumerate(("u1", "u2", "u1"), 1):
        document = {**feed.clean, "user_id": user, "activity_id": f"a{seq}", "vendor_id": str(seq)}
        history.add(seq, judge(Message("rest", feed.raw(document), "CASINO")))
    history.refresh()
    assert history.rounds.labels == {"open": 2}
    mine = history.rounds.value(RoundKey("sub.example.com", "u1", "r1"))
    assert mine is not None
    assert mine.round.seqs == (1, 3)
    assert mine.round.totals["EUR"].bet.total == 40


def test_23_wallets_are_as_they_were_sent(feed: Any) -> None:
    split = {**B, "amount": 30, REAL: 10, BONUS: 15, LOCKED: 5}
    money = fold(feed, split, B2, {**W, BONUS: 5}).round.totals["EUR"]
    assert (money.bet.real, money.bet.bonus, money.bet.locked, money.bet.unallocated) == (10, 15, 5, 20)
    assert (money.win.bonus, money.win.unallocated) == (5, 0)
    assert (money.ggr.real, money.ggr.bonus, money.ggr.total) == (10, 10, 45)


def test_23_a_rollback_prefers_the_same_split_to_the_same_amount(feed: Any) -> None:
    bonus = {**B, BONUS: 20, "timestamp": "2026-03-02T07:00:00Z"}
    real = {**B2, REAL: 20}
    assert fold(feed, bonus, real, {**real, **R, **OWN}).matching.live[0].event.activity_id == "b"
    assert fold(feed, bonus, {**B, **R, **OWN, LOCKED: 20}).round.state == "voided"


def test_24_mixed_currencies(feed: Any) -> None:
    folded = fold(feed, {**B, "exchange_rate": "1"}, {**W, "currency": "USD", "exchange_rate": "0.9"})
    value = folded.round
    assert value.currency is None
    assert list(value.totals) == ["EUR", "USD"]
    assert (value.totals["EUR"].ggr.total, value.totals["USD"].ggr.total) == (20, -5)
    assert value.base.ggr.total == Decimal("15.5")


def test_24_a_currency_that_was_rolled_back_is_not_of_the_round(feed: Any) -> None:
    value = fold(feed, B, {**B2, "currency": "USD"}, {**B2, **R, "currency": "USD"}).round
    assert value.currency == "EUR"
    assert list(value.totals) == ["EUR"]


def test_24_a_voided_round_has_no_live_events_of_any_currency(feed: Any) -> None:
    usd = {**B2, "currency": "USD"}
    folded = fold(feed, B, {**B, **R}, usd, {**usd, **R})
    assert folded.round.state == "voided"
    assert list(folded.round.totals) == ["EUR", "USD"]


def test_a_round_of_which_nothing_is_live_is_described_by_its_first_event(feed: Any) -> None:
    value = fold(feed, {**B, "game_name": "First"}, {**B, **R, "game_name": "Last", "timestamp": AT}).round
    assert (value.state, value.game_name) == ("voided", "First")


def test_the_round_is_described_by_its_first_live_event_and_spans_them_all(feed: Any) -> None:
    first = {**B, "game_id": "g1", "timestamp": "2026-03-02T07:00:00Z"}
    second = {**B2, "game_id": "g2", "timestamp": "2026-03-02T08:00:00Z"}
    undo = {**first, **R, "timestamp": "2026-03-02T09:00:00Z"}
    assert fold(feed, first, second).round.game_id == "g1"
    value = fold(feed, first, second, undo).round
    assert value.game_id == "g2"
    assert (value.first_at.hour, value.last_at.hour) == (7, 9)


@pytest.mark.parametrize(
    ("changes", "flagged"),
    [([B, {**W, **END}], True), ([B, W], False), ([B, {**W, **END}, {**W, **R}], False), ([{**B, **END}], True)],
)
def test_the_end_flag_is_that_of_live_events_and_changes_no_state(
    feed: Any, changes: list[dict[str, Any]], flagged: bool
) -> None:
    value = fold(feed, *changes).round
    assert value.end_flagged is flagged
    assert value.state == fold(feed, *({**change, "is_round_end": False} for change in changes)).round.state


def test_several_contents_the_least_in_canonical_order_counts(feed: Any) -> None:
    early = {**B, "amount": 7, "timestamp": "2026-03-02T07:00:00Z"}
    folded = fold(feed, {**B, "amount": 9}, early, B, early)
    assert folded.round.totals["EUR"].bet.total == 7
    assert [[member.seq for member in contents] for contents in folded.conflicts] == [[2, 1, 3]]
    assert [(kept.seq, again.seq) for kept, again in folded.repeats] == [(2, 4)]
    assert [(member.seq, folded.first_seqs()(member)) for member in folded.events] == [(2, 1)]


def test_a_repeat_is_shown_beside_the_event_with_its_content(feed: Any) -> None:
    late = {**B, "amount": 9, "timestamp": AT}
    folded = fold(feed, B, late, late)
    assert [(kept.seq, again.seq) for kept, again in folded.repeats] == [(2, 3)]


def test_bets_are_those_that_were_sent_and_settlements_those_that_are_live(feed: Any) -> None:
    folded = fold(feed, B, {**B, **R}, W, {**W, **R}, B2, L, {**B2, **R, "activity_id": "y", "amount": 1})
    assert [member.seq for member in folded.bets] == [1, 5]
    assert [member.seq for member in folded.settlements] == [6]


SHAPES: dict[str, Any] = {
    "bets and wins": lambda n: [{**(B if i % 2 else W), "activity_id": str(i)} for i in range(n)],
    "equal bets, half of them reversed": lambda n: [
        {**B, "activity_id": str(i), **(R if i % 2 else {})} for i in range(n)
    ],
    "equal bets, a third of them reversed": lambda n: [
        {**B, "activity_id": str(i), **({} if i % 3 else R)} for i in range(n)
    ],
    "retries": lambda n: [B] * n,
    "conflicts": lambda n: [{**B, "amount": i} for i in range(n)],
    "tombstones": lambda n: [{**B, **R, "activity_id": str(i)} for i in range(n)],
    "currencies": lambda n: [{**B, "activity_id": str(i), "currency": f"C{i}"} for i in range(n)],
    "a tie among many": lambda n: [*({**B, "activity_id": str(i)} for i in range(n)), {**B, **R, "activity_id": "0"}],
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_large_round_is_folded_and_judged_in_linear_time(feed: Any, shape: Any, assert_linear: Any) -> None:
    def spent(size: int) -> float:
        members = feed.members([event(feed, change) for change in shape(size)])
        start = time.process_time()
        findings = findings_of(STANDARD.ask(Scope.ROUND, fold_round(feed.key, members)))
        elapsed = time.process_time() - start
        assert sum(len(finding.witness) for finding in findings) <= 4 * size
        return elapsed

    assert_linear(spent, 1_500)
