"""How high a player stakes on slots, and with which money."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from sys import float_info

import msgspec

from ftcrm.contracts.numbers import EXACT, ZERO
from ftcrm.contracts.rounds.money import Amounts

__all__ = ["WalletShares", "bracket_of", "shares_of"]

_BRACKETS = ("0.01", "0.20", "0.50", "2", "5", "10", "25", "50")


class WalletShares(msgspec.Struct, frozen=True):
    """Each wallet's sum of Bets, divided by the sum of the Bets' amounts, both in base currency.

    Fractions: from 0 to 1, and together 1, when every Bet's wallets sum up to its amount and none is negative (vendor:
    real money may be). Inferred: the contract has the wallets, and nobody says what FT CRM makes of their mix.
    """

    real: float
    bonus: float
    locked: float
    unallocated: float
    """Of Bets without any of the three wallet fields."""


def shares_of(bet: Amounts) -> WalletShares | None:
    """The shares of the wallets in this total; None when it is 0."""
    if not bet.total:
        return None
    whole = Fraction(bet.total)
    real, bonus, locked, unallocated = (
        _nearest(Fraction(part) / whole) for part in (bet.real, bet.bonus, bet.locked, bet.unallocated)
    )
    return WalletShares(real, bonus, locked, unallocated)


def _nearest(quotient: Fraction) -> float:
    """The float nearest to it; what is beyond all floats is the greatest of its sign, as JSON has no infinity."""
    try:
        return float(quotient)
    except OverflowError:
        return float_info.max if quotient > 0 else -float_info.max


def bracket_of(stakes: Iterable[Decimal]) -> str | None:
    """The bracket that the mean of these stakes lies in, as "up to 0.20" (from above 0.01) or "above 50".

    Stakes of 0 or less are left out; None when none is left. The mean is not computed, since it may have no end: the
    sum is compared with the bracket times their number.
    """
    counting = [stake for stake in stakes if stake > ZERO]
    if not counting:
        return None
    total, count = reduce(EXACT.add, counting), Decimal(len(counting))
    for bracket in _BRACKETS:
        if total <= EXACT.multiply(Decimal(bracket), count):
            return f"up to {bracket}"
    return f"above {_BRACKETS[-1]}"
