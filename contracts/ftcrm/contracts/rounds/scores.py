"""RFM: how lately, how often and for how much a player bets, as scores from 1 to 5.

Inferred: "RFM scores 1 to 5 over 30 days". Which number makes which score is unknown: the thresholds are settings.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import reduce

import msgspec

from ftcrm.contracts.numbers import EXACT, ZERO

__all__ = ["Rfm", "Stake", "Thresholds", "rfm_of"]

_WINDOW = timedelta(days=30)
_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)

Stake = tuple[datetime, Decimal]
"""The instant of a Bet and its amount in base currency."""


class Thresholds(msgspec.Struct, frozen=True):
    """What parts the five scores of each kind: four numbers, rising."""

    recency: tuple[Decimal, ...] = (Decimal(1), Decimal(3), Decimal(7), Decimal(14))
    """Days of 24 hours since the last Bet; the score drops by one for each that is less than them."""
    frequency: tuple[Decimal, ...] = (Decimal(5), Decimal(20), Decimal(100), Decimal(500))
    """Numbers of Bets; the score rises by one for each that is reached."""
    monetary: tuple[Decimal, ...] = (Decimal(10), Decimal(100), Decimal(1000), Decimal(10000))
    """Sums of Bets in base currency; the score rises by one for each that is reached."""


class Rfm(msgspec.Struct, frozen=True):
    """Scores from 1 (least) to 5 over the Bets of the 30 days before the instant; see `Thresholds`."""

    recency: int
    frequency: int
    monetary: int


def rfm_of(bets: Iterable[Stake], as_of: datetime, thresholds: Thresholds) -> Rfm | None:
    """The scores of a player with these Bets, none of which lies after the instant; None without one in 30 days.

    A Bet of just 30 days ago is not of the 30 days.
    """
    lately = [(at, amount) for at, amount in bets if as_of - at < _WINDOW]
    if not lately:
        return None
    since = as_of - max(at for at, _ in lately)
    days = Fraction(since // _MICROSECOND, _DAY // _MICROSECOND)
    total = reduce(EXACT.add, [amount for _, amount in lately], ZERO)
    return Rfm(
        recency=5 - sum([Fraction(threshold) < days for threshold in thresholds.recency]),
        frequency=1 + _reached(thresholds.frequency, Decimal(len(lately))),
        monetary=1 + _reached(thresholds.monetary, total),
    )


def _reached(thresholds: Sequence[Decimal], number: Decimal) -> int:
    return sum([threshold <= number for threshold in thresholds])
