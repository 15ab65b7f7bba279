"""Exact sums of what was bet and won, per wallet, per currency and in the base currency; nothing is ever rounded."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

import msgspec
from msgspec import UNSET

from ftcrm.contracts.events.casino import CasinoEvent
from ftcrm.contracts.numbers import EXACT, ZERO

__all__ = ["Amounts", "Entry", "MissingWallets", "Money", "Terms", "Wallets", "add_up", "wallets_of"]

Wallets = tuple[Decimal, Decimal, Decimal, Decimal]
"""Amounts in real, bonus, locked and unallocated money."""
Terms = tuple[Decimal, Decimal, Decimal, Decimal, Decimal]
"""What one event adds to real, bonus, locked, unallocated and the total, in its own currency."""
Entry = tuple[CasinoEvent, Terms]
"""An event that counts, and what of it counts."""

MissingWallets = Literal["unallocated", "real", "by-bonus"]
"""Which wallet the amount is of, where no wallet field was sent: see `Readings.missing_wallets`."""

_NOTHING: Terms = (ZERO, ZERO, ZERO, ZERO, ZERO)


class Amounts(msgspec.Struct, frozen=True):
    """Exact amounts of one kind, per wallet; `total` sums the events' `amount`, the wallets are as they were sent."""

    real: Decimal = ZERO
    bonus: Decimal = ZERO
    locked: Decimal = ZERO
    unallocated: Decimal = ZERO
    total: Decimal = ZERO


class Money(msgspec.Struct, frozen=True):
    """What was bet and won, and their difference (gross gaming revenue: bet - win)."""

    bet: Amounts = Amounts()
    win: Amounts = Amounts()
    ggr: Amounts = Amounts()


def wallets_of(event: CasinoEvent, missing: MissingWallets = "unallocated") -> Wallets:
    """An event's amount per wallet, as it was sent; with no wallet field at all it is of the one that is `missing`."""
    real, bonus, locked = event.wager_amount, event.bonus_wager_amount, event.locked_wager_amount
    if real is UNSET and bonus is UNSET and locked is UNSET:
        amount = event.amount
        if missing == "unallocated":
            return ZERO, ZERO, ZERO, amount
        if missing == "by-bonus" and event.user_bonus_id:
            return ZERO, amount, ZERO, ZERO
        return amount, ZERO, ZERO, ZERO
    return (
        ZERO if real is UNSET else real,
        ZERO if bonus is UNSET else bonus,
        ZERO if locked is UNSET else locked,
        ZERO,
    )


def add_up(entries: Iterable[Entry], *, also: Iterable[str] = ()) -> tuple[dict[str, Money], Money]:
    """The sums of these entries per currency, in the order of the codes, and in base currency (amount x exchange_rate).

    A Loss adds to neither bet nor win, but its currency is there; so are those of `also`.
    """
    by_currency: dict[str, dict[str, list[Decimal]]] = {currency: {} for currency in also}
    base: dict[str, list[Decimal]] = {}
    is_base_the_same = True
    kept = list(entries)
    for event, terms in kept:
        sums = by_currency.setdefault(event.currency, {})
        if event.type == "Loss":
            continue
        _add(sums, event.type, terms)
        is_base_the_same = is_base_the_same and event.exchange_rate == 1
    totals = {currency: _money(by_currency[currency]) for currency in sorted(by_currency)}
    if is_base_the_same and len(totals) == 1:
        return totals, next(iter(totals.values()))
    for event, terms in kept:
        if event.type != "Loss":
            rate = event.exchange_rate
            _add(base, event.type, tuple(EXACT.multiply(term, rate) if term else ZERO for term in terms))
    return totals, _money(base)


def _add(sums: dict[str, list[Decimal]], kind: str, terms: tuple[Decimal, ...]) -> None:
    row = sums.get(kind)
    if row is None:
        sums[kind] = list(terms)
        return
    for index, term in enumerate(terms):
        if term:
            row[index] = EXACT.add(row[index], term)


def _money(sums: dict[str, list[Decimal]]) -> Money:
    bet, win = sums.get("Bet", _NOTHING), sums.get("Win", _NOTHING)
    ggr = [EXACT.subtract(ours, theirs) if theirs else ours for ours, theirs in zip(bet, win, strict=True)]
    return Money(Amounts(*bet), Amounts(*win), Amounts(*ggr))
