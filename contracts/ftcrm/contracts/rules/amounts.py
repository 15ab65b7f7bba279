"""FT113, FT114 and FT122 to FT126: the amounts of a casino event, and the rate that leads to the base currency."""

import math
from collections.abc import Iterator
from decimal import Decimal

from ftcrm.contracts.events.fields import LEAST_RATE, MOST_RATE
from ftcrm.contracts.numbers import EXACT, ZERO, plain
from ftcrm.contracts.rules.reading import Reading
from ftcrm.contracts.rules.registry import Hit, Scope, rule

_WALLETS = ("wager_amount", "bonus_wager_amount", "locked_wager_amount")
_NOT_NEGATIVE = ("amount", "bonus_wager_amount", "locked_wager_amount")
_ULPS = 2
_ONE = Decimal(1)


@rule("FT113", "sum-mismatch", Scope.CASINO, clause="casino.amount")
def sum_mismatch(reading: Reading) -> Iterator[Hit]:
    """The amount is not the sum of its wallets.

    What it checks:
        When at least one of wager_amount, bonus_wager_amount and locked_wager_amount is there, they add up to `amount`;
        one that is not there counts 0. The sum is exact, 20 is 20.00, and a difference that adding doubles explains is
        FT114. Silent when one of the numbers is no number.
    Why it matters:
        FT CRM keeps real and bonus money apart by the wallets, and GGR by the amount: the two reports of one round
        contradict each other.
    Example:
        {"amount": 20, "wager_amount": 15}
    Use instead:
        {"amount": 20, "wager_amount": 15, "bonus_wager_amount": 5}
    What it cannot see:
        Which of the numbers is wrong, and amounts without any wallet: the wallets are not required. A free spin that
        has amount 0 and its stake in bonus_wager_amount breaks the sum as well. So do the sums of a sender that keeps
        money in single precision (0.10000000149 + 0.20000000298, sent as 0.30000001192): they are further off than
        doubles are.
    """
    if (sums := _sums(reading)) and not _within_ulps(*sums):
        yield _difference(*sums)


@rule("FT114", "sum-float-artefact", Scope.CASINO, clause="float.sum")
def sum_float_artefact(reading: Reading) -> Iterator[Hit]:
    """The amount differs from the sum of its wallets by no more than adding doubles explains.

    What it checks:
        As FT113, but the difference is at most two units in the last place of the sum that doubles give: 0.1 + 0.2 is
        sent as 0.30000000000000004.
    Why it matters:
        The money is right, and its text is not: exact comparison fails on the other side, and such differences add up
        over many rounds.
    Example:
        {"amount": 0.30000000000000004, "wager_amount": 0.1, "bonus_wager_amount": 0.2}
    Use instead:
        {"amount": 0.3, "wager_amount": 0.1, "bonus_wager_amount": 0.2}
    What it cannot see:
        A difference that is meant and as small as this one: no currency has so small a unit at such an amount.
    """
    if (sums := _sums(reading)) and _within_ulps(*sums):
        yield _difference(*sums)


@rule("FT122", "negative-amount", Scope.CASINO, clause="vendor.amounts")
def negative_amount(reading: Reading) -> Iterator[Hit]:
    """An amount below 0, where the vendor's schema wants 0 or more.

    What it checks:
        `amount`, `bonus_wager_amount` and `locked_wager_amount` are each 0 or more, whatever type and status are.
        `wager_amount` may be negative in that schema, and balances are never judged. -0 is 0.
    Why it matters:
        The sign is in the event's type: a bet of -20 adds to GGR what it should take away. A reversal is a status of
        its own (Rollback), with the amount of the event that it reverses.
    Example:
        {"type": "Bet", "amount": -20}
    Use instead:
        {"type": "Bet", "amount": 20}
    What it cannot see:
        What the negative amount was meant to be: a refund, a correction, or money seen from the casino's side.
    """
    for name in _NOT_NEGATIVE:
        number = reading.number(name)
        if number is not None and number < ZERO:
            yield Hit(f"{name}: expected 0 or more, got {plain(number)}", f"/{name}")


@rule("FT123", "exchange-rate-negative", Scope.CASINO, clause="vendor.exchange-rate")
def exchange_rate_negative(reading: Reading) -> Iterator[Hit]:
    """An exchange rate below 0.

    What it checks:
        `exchange_rate` is a number below 0. The vendor's schema wants 0 or more.
    Why it matters:
        It turns bets into income in the base currency: GGR of the player, of the game and of the brand are wrong.
    Example:
        {"exchange_rate": -1}
    Use instead:
        {"exchange_rate": 1}
    What it cannot see:
        Whether a positive rate is the right one at the event's timestamp.
    """
    rate = reading.number("exchange_rate")
    if rate is not None and rate < ZERO:
        yield _odd_rate(rate, "0 or more")


@rule("FT124", "exchange-rate-zero", Scope.CASINO, clause="exchange-rate.base")
def exchange_rate_zero(reading: Reading) -> Iterator[Hit]:
    """An exchange rate of 0.

    What it checks:
        `exchange_rate` is 0. The vendor's schema allows it; no currency is worth nothing in another.
    Why it matters:
        The event counts nothing in the base currency, so that GGR, stake brackets and RFM never see it. It is what a
        lookup that found no rate often leaves behind.
    Example:
        {"exchange_rate": 0}
    Use instead:
        {"exchange_rate": 1}
    What it cannot see:
        Play money that is meant to be worth nothing; the contract knows no such events.
    """
    rate = reading.number("exchange_rate")
    if rate is not None and not rate:
        yield _odd_rate(rate, "more than 0")


@rule("FT125", "exchange-rate-absurd", Scope.CASINO, clause="exchange-rate.base")
def exchange_rate_absurd(reading: Reading) -> Iterator[Hit]:
    """An exchange rate that no two currencies explain.

    What it checks:
        `exchange_rate` is positive, and less than 1e-12 or more than 1e12. Both bounds themselves pass.
    Why it matters:
        One event of this kind outweighs all others in the base currency, or vanishes beside them. It comes from a rate
        that is scaled twice, or from a field that holds something else.
    Example:
        {"exchange_rate": 1e13}
    Use instead:
        {"exchange_rate": 1}
    What it cannot see:
        A rate that is wrong and within the bounds, such as the inverse of the right one. Between BTC and the cheapest
        tokens a true rate may lie beyond them.
    """
    rate = reading.number("exchange_rate")
    if rate is not None and rate > ZERO and not LEAST_RATE <= rate <= MOST_RATE:
        yield _odd_rate(rate, "a rate between 1e-12 and 1e12")


@rule("FT126", "base-rate-not-one", Scope.CASINO, clause="exchange-rate.base")
def base_rate_not_one(reading: Reading) -> Iterator[Hit]:
    """An event in the base currency with an exchange rate other than 1.

    What it checks:
        With the setting `currencies.base`: an event in that currency has the `exchange_rate` 1, by value. Without the
        setting it is silent, since nobody wrote down which currency the rates lead to. An event in another currency
        with the rate 1 is let be: some currencies are pegged.
    Why it matters:
        One unit of a currency is one unit of itself: amounts in the base currency are wrong by that factor, and often
        the rates of all other currencies are turned around as well.
    Example:
        settings currencies.base=EUR
        {"exchange_rate": 0.92}
    Use instead:
        settings currencies.base=EUR
        {"exchange_rate": 1}
    What it cannot see:
        The rates of other currencies, and a base currency that differs by brand.
    """
    base = reading.settings.base_currency
    rate = reading.number("exchange_rate")
    if base is not None and reading.document.get("currency") == base and rate is not None and rate != _ONE:
        hit = _odd_rate(rate, f"1 for an event in the base currency {base!r}")
        yield hit._replace(implied_by=("FT123", "FT124", "FT125"))


def _odd_rate(rate: Decimal, expected: str) -> Hit:
    return Hit(f"exchange_rate: expected {expected}, got {plain(rate)}", "/exchange_rate")


def _sums(reading: Reading) -> tuple[Decimal, Decimal, dict[str, Decimal]] | None:
    """The amount, the wallets' sum and the wallets when they can be added and differ, else None."""
    amount = reading.number("amount")
    present = [name for name in _WALLETS if name in reading.document]
    wallets = {name: number for name in present if (number := reading.number(name)) is not None}
    if amount is None or not present or len(wallets) < len(present):
        return None
    total = ZERO
    for wallet in wallets.values():
        total = EXACT.add(total, wallet)
    return None if total == amount else (amount, total, wallets)


def _within_ulps(amount: Decimal, _: Decimal, wallets: dict[str, Decimal]) -> bool:
    doubles = sum(map(float, wallets.values()))
    return abs(float(amount) - doubles) <= _ULPS * math.ulp(doubles)


def _difference(amount: Decimal, total: Decimal, wallets: dict[str, Decimal]) -> Hit:
    terms = " + ".join(f"{name} {plain(number)}" for name, number in wallets.items())
    return Hit(f"amount: expected {plain(total)} ({terms}), got {plain(amount)}", "/amount")
