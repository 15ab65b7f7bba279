"""Exact sums of what was bet and won, per wallet, per currency and in the base currency; nothing is ever rounded."""

from collections.abc import Iterable, Sequence
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


_NO_AMOUNTS = Amounts()


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
    kept = list(entries)
    if kept and (money := _plain_sum(kept)) is not None:
        return {kept[0][0].currency: money}, money
    by_currency: dict[str, dict[str, list[Decimal]]] = {currency: {} for currency in also}
    base: dict[str, list[Decimal]] = {}
    for event, terms in kept:
        sums = by_currency.setdefault(event.currency, {})
        if event.type != "Loss":
            rate = event.exchange_rate
            _add(sums, event.type, terms)
            _add(base, event.type, tuple([EXACT.multiply(term, rate) if term else ZERO for term in terms]))
    return {currency: _money(by_currency[currency]) for currency in sorted(by_currency)}, _money(base)


def _plain_sum(entries: Sequence[Entry]) -> Money | None:
    """The sum of entries that are all of one currency, which is the base currency; None of others."""
    currency = entries[0][0].currency
    sums: dict[str, list[Decimal]] = {}
    for event, terms in entries:
        if event.currency != currency or event.exchange_rate != 1:
            return None
        if event.type != "Loss":
            _add(sums, event.type, terms)
    return _money(sums)


def _add(sums: dict[str, list[Decimal]], kind: str, terms: tuple[Decimal, ...]) -> None:
    row = sums.get(kind)
    if row is None:
        sums[kind] = list(terms)
        return
    for index, term in enumerate(terms):
        if term:
            row[index] = EXACT.add(row[index], term)


def _money(sums: dict[str, list[Decimal]]) -> Money:
    bet, win = sums.get("Bet"), sums.get("Win")
    if win is None:
        amounts = Amounts(*bet) if bet is not None else _NO_AMOUNTS
        return Money(amounts, _NO_AMOUNTS, amounts)
    bet = bet or [ZERO] * len(win)
    ggr = [EXACT.subtract(ours, theirs) if theirs else ours for ours, theirs in zip(bet, win, strict=True)]
    return Money(Amounts(*bet), Amounts(*win), Amounts(*ggr))
