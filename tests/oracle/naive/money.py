"""What events add: exact amounts for each wallet, summed for each currency and in base currency."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from .content import Event

Amounts = dict[str, Fraction]
"""What lies in each of the wallets `real`, `bonus`, `locked` and `unallocated`, and the `total`."""
Money = dict[str, Amounts]
"""`bet`, `win` and `ggr`."""
Readings = Mapping[str, str]
"""The assumptions that are read in another way than the definitions do, by name."""

WALLETS = {"real": "wager_amount", "bonus": "bonus_wager_amount", "locked": "locked_wager_amount"}


@dataclass(frozen=True)
class Live:
    """A live event, and what of it counts."""

    event: Event
    amounts: Amounts

    @property
    def total(self) -> Fraction:
        return self.amounts["total"]

    @property
    def base(self) -> Amounts:
        return times(self.amounts, self.event.number("exchange_rate"))


def amounts_of(event: Event, readings: Readings) -> Amounts:
    """What an event says of the wallets."""
    total = event.number("amount")
    amounts = {name: event.number(field) if field in event.sent else Fraction(0) for name, field in WALLETS.items()}
    amounts |= {"unallocated": Fraction(0), "total": total}
    if not any(field in event.sent for field in WALLETS.values()):
        reading = readings.get("missing-wallets")
        if reading == "by-bonus" and event["user_bonus_id"] != "":
            amounts["bonus"] = total
        elif reading in ("real", "by-bonus"):
            amounts["real"] = total
        else:
            amounts["unallocated"] = total
    return amounts


def nothing() -> Amounts:
    return dict.fromkeys((*WALLETS, "unallocated", "total"), Fraction(0))


def plus(one: Amounts, other: Amounts) -> Amounts:
    return {name: one[name] + other[name] for name in one}


def times(amounts: Amounts, factor: Fraction) -> Amounts:
    return {name: amount * factor for name, amount in amounts.items()}


def minus(one: Amounts, other: Amounts) -> Amounts:
    return plus(one, times(other, Fraction(-1)))


def money(bets: Iterable[Amounts], wins: Iterable[Amounts]) -> Money:
    bet, win = nothing(), nothing()
    for amounts in bets:
        bet = plus(bet, amounts)
    for amounts in wins:
        win = plus(win, amounts)
    return {"bet": bet, "win": win, "ggr": minus(bet, win)}


def totals(lives: Iterable[Live], currencies: Iterable[str] = ()) -> dict[str, Money]:
    """The money of live events for each of their currencies; of `currencies` that are none of them, zeros."""
    lives = list(lives)
    return {
        currency: money(
            [live.amounts for live in lives if live.event["currency"] == currency and live.event["type"] == "Bet"],
            [live.amounts for live in lives if live.event["currency"] == currency and live.event["type"] == "Win"],
        )
        for currency in sorted({live.event["currency"] for live in lives} | set(currencies))
    }


def base(lives: Iterable[Live]) -> Money:
    lives = list(lives)
    return money(
        [live.base for live in lives if live.event["type"] == "Bet"],
        [live.base for live in lives if live.event["type"] == "Win"],
    )
