"""Exact sums of what was bet and won, per wallet, per currency and in the base currency; nothing is ever rounded."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal

import msgspec
from msgspec import UNSET
from msgspec.structs import astuple

from ftcrm.contracts.events.casino import CasinoEvent
from ftcrm.contracts.numbers import EXACT, ZERO

__all__ = [
    "Amounts",
    "Entry",
    "MissingWallets",
    "Money",
    "Terms",
    "Wallets",
    "add_up",
    "join",
    "less",
    "terms_of",
    "wallets_of",
]

Wallets = tuple[Decimal, Decimal, Decimal, Decimal]
"""Amounts in real, bonus, locked and unallocated money."""
Terms = tuple[Decimal, Decimal, Decimal, Decimal, Decimal]
"""What one event adds to real, bonus, locked, unallocated and the total, in its own currency."""
Entry = tuple[CasinoEvent, Terms]
"""An event that counts, and what of it counts."""

MissingWallets = Literal["unallocated", "real", "by-bonus"]
"""Which wallet the amount is of, where no wallet field was sent: see `Readings.missing_wallets`."""


class Amounts(msgspec.Struct, frozen=True, gc=False):
    """Exact amounts of one kind, per wallet; `total` sums the events' `amount`, the wallets are as they were sent."""

    real: Decimal = ZERO
    bonus: Decimal = ZERO
    locked: Decimal = ZERO
    unallocated: Decimal = ZERO
    total: Decimal = ZERO


class Money(msgspec.Struct, frozen=True, gc=False):
    """What was bet and won, and their difference (gross gaming revenue: bet - win)."""

    bet: Amounts = Amounts()
    win: Amounts = Amounts()
    ggr: Amounts = Amounts()


_NO_AMOUNTS = Amounts()
_ONE = Decimal(1)
_add, _subtract, _multiply = EXACT.add, EXACT.subtract, EXACT.multiply


def wallets_of(event: CasinoEvent, missing: MissingWallets = "unallocated") -> Wallets:
    """An event's amount per wallet, as it was sent; with no wallet field at all it is of the one that is `missing`."""
    return terms_of(event, missing)[:4]


def terms_of(event: CasinoEvent, missing: MissingWallets = "unallocated") -> Terms:
    """What the whole of an event adds: its wallets, and its amount."""
    real, bonus, locked, amount = event.wager_amount, event.bonus_wager_amount, event.locked_wager_amount, event.amount
    if real is UNSET and bonus is UNSET and locked is UNSET:
        if missing == "unallocated":
            return ZERO, ZERO, ZERO, amount, amount
        if missing == "by-bonus" and event.user_bonus_id:
            return ZERO, amount, ZERO, ZERO, amount
        return amount, ZERO, ZERO, ZERO, amount
    return (
        ZERO if real is UNSET else real,
        ZERO if bonus is UNSET else bonus,
        ZERO if locked is UNSET else locked,
        ZERO,
        amount,
    )


def less(terms: Terms, taken: Terms) -> Terms:
    """What is left of the terms, each by itself."""
    real, bonus, locked, unallocated, total = terms
    real_taken, bonus_taken, locked_taken, unallocated_taken, total_taken = taken
    return (
        _subtract(real, real_taken) if real_taken else real,
        _subtract(bonus, bonus_taken) if bonus_taken else bonus,
        _subtract(locked, locked_taken) if locked_taken else locked,
        _subtract(unallocated, unallocated_taken) if unallocated_taken else unallocated,
        _subtract(total, total_taken) if total_taken else total,
    )


def add_up(entries: Sequence[Entry], *, also: Iterable[str] = ()) -> tuple[dict[str, Money], Money]:
    """The sums of these entries per currency, in the order of the codes, and in base currency (amount x exchange_rate).

    A Loss adds to neither bet nor win, but its currency is there; so are those of `also`.
    """
    if entries and (money := _plain_sum(entries)) is not None:
        return {entries[0][0].currency: money}, money
    alike: dict[tuple[str, Decimal, str], list[Terms]] = {}
    for event, terms in entries:
        key = event.currency, event.exchange_rate, event.type
        if (kept := alike.get(key)) is None:
            alike[key] = [terms]
        else:
            kept.append(terms)
    by_currency: dict[str, _Sums] = {currency: {} for currency in also}
    base: _Sums = {}
    for (currency, rate, kind), parts in alike.items():
        sums = by_currency.setdefault(currency, {})
        if kind != "Loss":
            sum_ = _sum(parts)
            sums.setdefault(kind, []).append(sum_)
            base.setdefault(kind, []).append(_times(sum_, rate))
    return {currency: _money_of(by_currency[currency]) for currency in sorted(by_currency)}, _money_of(base)


def join(sums: Sequence[tuple[dict[str, Money], Money]]) -> tuple[dict[str, Money], Money]:
    """What `add_up` would make of the entries of all of these parts together, of which there is at least one."""
    if len(sums) == 1:
        return sums[0]
    by_currency: dict[str, list[Money]] = {}
    for totals, _ in sums:
        for currency, money in totals.items():
            by_currency.setdefault(currency, []).append(money)
    return (
        {currency: _joined(by_currency[currency]) for currency in sorted(by_currency)},
        _joined([base for _, base in sums]),
    )


def _joined(parts: Sequence[Money]) -> Money:
    return _money([astuple(money.bet) for money in parts], [astuple(money.win) for money in parts])


_Sums = dict[str, list[Terms]]
"""What is to be added up, by the type of the events."""


def _plain_sum(entries: Sequence[Entry]) -> Money | None:
    """The sum of entries that are all of one currency, which is the base currency; None of others."""
    currency = entries[0][0].currency
    bets: list[Terms] = []
    wins: list[Terms] = []
    for event, terms in entries:
        if event.currency != currency or event.exchange_rate != _ONE:
            return None
        kind = event.type
        if kind == "Bet":
            bets.append(terms)
        elif kind == "Win":
            wins.append(terms)
    return _money(bets, wins)


def _sum(parts: Sequence[Terms]) -> Terms:
    """Most terms are 0, and to see that is quicker than to add them."""
    if len(parts) == 1:
        return parts[0]
    real = bonus = locked = unallocated = total = ZERO
    for real_part, bonus_part, locked_part, unallocated_part, part in parts:
        if real_part:
            real = _add(real, real_part)
        if bonus_part:
            bonus = _add(bonus, bonus_part)
        if locked_part:
            locked = _add(locked, locked_part)
        if unallocated_part:
            unallocated = _add(unallocated, unallocated_part)
        if part:
            total = _add(total, part)
    return real, bonus, locked, unallocated, total


def _times(terms: Terms, rate: Decimal) -> Terms:
    real, bonus, locked, unallocated, total = [_multiply(term, rate) if term else ZERO for term in terms]
    return real, bonus, locked, unallocated, total


def _money_of(sums: _Sums) -> Money:
    return _money(sums.get("Bet", ()), sums.get("Win", ()))


def _money(bets: Sequence[Terms], wins: Sequence[Terms]) -> Money:
    bet = _sum(bets)
    amounts = Amounts(*bet)
    if not wins:
        return Money(amounts, _NO_AMOUNTS, amounts)
    win = _sum(wins)
    return Money(amounts, Amounts(*win), Amounts(*less(bet, win)))
