"""What can be asked of a history, and what an answer to one question consists of."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Literal, Self

import msgspec

from ftcrm.contracts.numbers import EXACT, ZERO
from ftcrm.contracts.rounds import (
    ASSUMPTIONS,
    STANDARD_READINGS,
    Assumption,
    Money,
    Readings,
    Round,
    RoundKey,
    RoundState,
)

__all__ = [
    "INVALID_EVENTS",
    "LEDGER",
    "Outcome",
    "Reading",
    "RoundQuestion",
    "Sums",
    "answered_by",
    "open_assumptions",
]

INVALID_EVENTS = Assumption(
    name="invalid-events",
    about="Whether an event that breaks the contract counts",
    readings=(
        ("left-out", "it does not: it is refused, and its sender sends it again, corrected"),
        ("folded", "it does, as far as it can be read, refused or not"),
    ),
    question="What becomes of an event that breaks the published contract (a property that is missing, wallets that "
    "do not add up): is it refused, and with which answer, or processed as far as it can be read?",
    source="unknown: no error is specified; vendor: REST answers 200 on success, and senders retry until they get it",
)
"""What the setting `accept-invalid` assumes: it is about the events that a round is made of, no field of `Readings`."""

LEDGER: tuple[Assumption, ...] = (*ASSUMPTIONS, INVALID_EVENTS)
"""Everything that is asked, in the order in which it is asked."""

_OF_READINGS = {assumption.name for assumption in ASSUMPTIONS}


def answered_by(readings: Readings, *, accept_invalid: bool = False) -> frozenset[str]:
    """The names of the assumptions that these settings read otherwise than the engine does by itself."""
    found = {
        assumption.name
        for assumption in ASSUMPTIONS
        if getattr(readings, assumption.field) != getattr(STANDARD_READINGS, assumption.field)
    }
    return frozenset(found | {INVALID_EVENTS.name} if accept_invalid else found)


def open_assumptions(readings: Readings, answered: Collection[str] = ()) -> tuple[Assumption, ...]:
    """What is left to ask: all but the `answered`, and what the readings have otherwise than the engine by itself."""
    settled = answered_by(readings).union(answered)
    return tuple(assumption for assumption in LEDGER if assumption.name not in settled)


def is_of_readings(name: str) -> bool:
    """Whether the assumption is one of `Readings`."""
    return name in _OF_READINGS


class Outcome(msgspec.Struct, frozen=True):
    """What a reading makes of a round, as far as anybody would notice: its state and its money.

    `totals` and `base` are those of `Round`; its seqs, and what is only kept (`end_flagged`, names, instants) are not.
    """

    state: RoundState
    outcome: Literal["won", "lost"] | None
    played: bool
    totals: dict[str, Money]
    base: Money

    @classmethod
    def of(cls, value: Round) -> Self:
        """The outcome of a round."""
        return cls(value.state, value.outcome, value.played, value.totals, value.base)


class Sums(msgspec.Struct, frozen=True):
    """Exact sums, or differences, of what was bet and won in one currency, over all wallets; `ggr` of their difference.

    As what is at stake, each is a difference by itself: bets and wins that both rise leave `ggr` less than either.
    """

    bet: Decimal = ZERO
    win: Decimal = ZERO
    ggr: Decimal = ZERO

    def plus(self, other: "Sums") -> "Sums":
        """The sums of both."""
        return Sums(EXACT.add(self.bet, other.bet), EXACT.add(self.win, other.win), EXACT.add(self.ggr, other.ggr))


class Reading(msgspec.Struct, frozen=True):
    """One reading of the assumption in question, and the outcome that it gives; None where there is no round."""

    name: str
    outcome: Outcome | None

    def sums(self) -> dict[str, Sums]:
        """What was bet and won in each currency."""
        totals = self.outcome.totals if self.outcome is not None else {}
        return {currency: Sums(money.bet.total, money.win.total, money.ggr.total) for currency, money in totals.items()}


class RoundQuestion(msgspec.Struct, frozen=True):
    """One assumption that one round depends on, and what each reading makes of the round, the engine's own first.

    `given` is empty where the assumption changes the round alone. Else it changes it only together with others, and
    `given` has the readings that those take meanwhile, by the names of the assumptions.
    """

    key: RoundKey
    assumption: Assumption
    readings: tuple[Reading, ...]
    given: dict[str, str] = {}

    @property
    def alone(self) -> bool:
        """Whether the assumption changes the round whatever else is assumed."""
        return not self.given

    def at_stake(self) -> dict[str, Sums]:
        """Per currency, the largest differences between two readings, where there are any; a round not there has 0."""
        made = [reading.sums() for reading in self.readings]
        currencies = sorted({currency for sums in made for currency in sums})
        found = {currency: _largest([sums.get(currency, Sums()) for sums in made]) for currency in currencies}
        return {currency: sums for currency, sums in found.items() if sums != Sums()}


def _largest(made: Iterable[Sums]) -> Sums:
    kept = list(made)
    return Sums(*(_range([getattr(sums, name) for sums in kept]) for name in Sums.__struct_fields__))


def _range(amounts: list[Decimal]) -> Decimal:
    return EXACT.subtract(max(amounts), min(amounts))
