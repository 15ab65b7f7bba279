"""RFM: what makes which score, just before and at each threshold."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from ftcrm.contracts.rounds import Rfm, Thresholds

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)


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
def test_recency_goes_by_the_last_bet(play: Any, since: timedelta, recency: int) -> None:
    player = play.player(play.bet(0), play.bet(-60), play.win(1), as_of=play.start + since)
    assert player.rfm == Rfm(recency, 1, 2)


def test_scores_are_of_the_bets_of_thirty_days(play: Any) -> None:
    events = [
        play.bet(-86_400 * 30, amount=Decimal(10_000)),
        play.bet(-86_400 * 30 + 1, amount=Decimal("9.99")),
        play.win(0, amount=Decimal(10_000)),
    ]
    assert play.player(*events, as_of=play.start).rfm == Rfm(1, 1, 1)
    assert play.player(*events, as_of=play.start + timedelta(seconds=1)).rfm is None
    assert play.player(*events[1:], as_of=play.start + timedelta(seconds=0.999999)).rfm == Rfm(1, 1, 1)


@pytest.mark.parametrize(
    ("number", "frequency"),
    [(1, 1), (4, 1), (5, 2), (19, 2), (20, 3), (99, 3), (100, 4), (499, 4), (500, 5)],
)
def test_frequency_goes_by_the_number_of_bets(play: Any, number: int, frequency: int) -> None:
    assert play.player(*play.bets(["0"] * number)).rfm == Rfm(5, frequency, 1)


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
def test_monetary_goes_by_the_sum_of_the_bets(play: Any, amounts: list[str], monetary: int) -> None:
    assert play.player(*play.bets(amounts)).rfm == Rfm(5, 1, monetary)
    in_base = play.player(*play.bets(amounts, exchange_rate=Decimal("1e-9")))
    assert in_base.rfm == Rfm(5, 1, 5 if amounts == ["1e40"] else 1)


def test_the_thresholds_can_be_others(play: Any) -> None:
    quarters = tuple(Decimal(text) for text in ("0.25", "0.5", "0.75", "1"))
    thresholds = Thresholds(
        recency=quarters,
        frequency=tuple(map(Decimal, (1, 2, 3, 4))),
        monetary=tuple(Decimal(text) for text in ("19.5", "20", "20.5", "1e30")),
    )
    as_of = play.start + timedelta(hours=12, microseconds=1)
    assert play.player(play.bet(), as_of=as_of, thresholds=thresholds).rfm == Rfm(3, 2, 3)
