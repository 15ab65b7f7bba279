"""What the readings change in a round, worked by hand."""

from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.rounds import Readings, readings_of

LONE = Readings(lone_settlement="settled")


def test_a_win_without_a_bet_is_a_round_of_its_own_where_it_is_read_so(play: Any) -> None:
    (fold,) = play.rounds([play.win(0)], readings=LONE)
    assert (fold.round.state, fold.round.outcome) == ("settled", "won")


def test_a_rollback_of_a_bet_that_never_came_is_no_bet(play: Any) -> None:
    (fold,) = play.rounds([play.win(0), play.bet(1, status="Rollback")], readings=LONE)
    assert fold.round.state == "settled"


def test_a_bet_that_was_sent_and_does_not_count_leaves_an_orphan(play: Any) -> None:
    bet = play.bet(0)
    (fold,) = play.rounds([bet, play.bet(1, activity_id="b0", status="Rollback"), play.win(2)], readings=LONE)
    assert fold.round.state == "orphan"
    cut = Readings(lone_settlement="settled", end_flag="cuts")
    (fold,) = play.rounds([play.win(0, is_round_end=True), play.bet(1)], readings=cut)
    assert (fold.round.state, [event.type for event, _ in fold.entries]) == ("orphan", ["Win"])


@pytest.mark.parametrize(("amount", "outcome"), [("-5", "lost"), ("0", "lost"), ("0.01", "won")])
def test_a_round_is_won_by_more_than_nothing(play: Any, amount: str, outcome: str) -> None:
    (fold,) = play.rounds([play.bet(0), play.win(1, amount=Decimal(amount))])
    assert fold.round.outcome == outcome


@pytest.mark.parametrize(
    ("reading", "counting", "conflict"),
    [("least", [1], (1, 2, 3)), ("latest", [3], (3, 1, 2)), ("every", [1, 2, 3], (1, 2, 3))],
)
def test_what_counts_of_several_contents_is_shown_first(
    play: Any, reading: Any, counting: list[int], conflict: tuple[int, ...]
) -> None:
    contents = [play.bet(at, activity_id="b") for at in range(3)]
    (fold,) = play.rounds(contents, readings=Readings(conflicts=reading))
    assert [member.seq for member in fold.matching.live] == counting
    assert [tuple(member.seq for member in each) for each in fold.conflicts] == [conflict]


@pytest.mark.parametrize("choices", list(permutations(["informs", "settles", "cuts"], 2)))
def test_one_reading_of_each_assumption(choices: tuple[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="expected one reading of end-flag, got several"):
        readings_of([f"end-flag={choice}" for choice in choices])
    assert readings_of([f"end-flag={choices[0]}"] * 2) == readings_of([f"end-flag={choices[0]}"])


def test_a_rollback_of_a_part_leaves_the_rest_where_it_is_read_so(play: Any) -> None:
    events = [
        play.bet(0, activity_id="b"),
        play.bet(1, activity_id="c"),
        play.bet(2, activity_id="b", status="Rollback", amount=Decimal(5)),
    ]
    (fold,) = play.rounds(events, readings=Readings(rollback_amount="part"))
    assert [terms[-1] for _, terms in fold.entries] == [Decimal(15), Decimal(20)]
    (fold,) = play.rounds(events)
    assert [terms[-1] for _, terms in fold.entries] == [Decimal(20)]
