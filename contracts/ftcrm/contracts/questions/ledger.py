"""What can be asked of a history, and what an answer to one question consists of."""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from decimal import Decimal
from typing import Literal, Self, TypeVar

import msgspec

from ftcrm.contracts.numbers import EXACT, ZERO
from ftcrm.contracts.rounds import (
    ASSUMPTIONS,
    STANDARD_READINGS,
    Assumption,
    Entry,
    Money,
    Readings,
    RoundFold,
    RoundKey,
    RoundState,
)
from ftcrm.contracts.rounds.money import add_up

__all__ = [
    "INVALID_EVENTS",
    "LEDGER",
    "Outcome",
    "Reading",
    "RoundQuestion",
    "Share",
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

_NO_MONEY = Money()
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


class Share(msgspec.Struct, frozen=True):
    """What of a round counts for one bonus, or for one game: sums as those of a round, of currencies that have any."""

    totals: dict[str, Money]
    base: Money


class Outcome(msgspec.Struct, frozen=True):
    """What a reading makes of a round, as far as anybody would notice: its state, its money, and what that counts for.

    `totals` and `base` are those of `Round`; its seqs, and what is only kept (`end_flagged`, names, instants) are not.
    `bonuses` has what counts for each user_bonus_id, `games` for each pair of vendor_id and game_id, where it is not 0.
    """

    state: RoundState
    outcome: Literal["won", "lost"] | None
    played: bool
    totals: dict[str, Money]
    base: Money
    bonuses: dict[str, Share] = {}
    games: dict[tuple[str, str], Share] = {}

    @classmethod
    def of(cls, fold: RoundFold) -> Self:
        """The outcome of a round."""
        value = fold.round
        whole = Share(value.totals, value.base)
        bonuses = _shares(fold.entries, whole, lambda entry: entry[0].user_bonus_id)
        bonuses.pop("", None)
        games = _shares(fold.entries, whole, lambda entry: (entry[0].vendor_id, entry[0].game_id))
        return cls(value.state, value.outcome, value.played, value.totals, value.base, bonuses, games)

    def but_for_shares(self) -> Self:
        """The same without what counts for which bonus and game."""
        return msgspec.structs.replace(self, bonuses={}, games={})


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


_Of = TypeVar("_Of", bound=Hashable)


def _shares(entries: Sequence[Entry], whole: Share, of: Callable[[Entry], _Of]) -> dict[_Of, Share]:
    """What of the entries, which sum up to the whole, counts for each of what they are of, unless that is nothing."""
    alike: dict[_Of, list[Entry]] = {}
    for entry in entries:
        alike.setdefault(of(entry), []).append(entry)
    found: dict[_Of, Share] = {}
    for each, those in alike.items():
        share = whole if len(those) == len(entries) else Share(*add_up(those))
        totals = {currency: money for currency, money in share.totals.items() if money != _NO_MONEY}
        if totals or share.base != _NO_MONEY:
            found[each] = Share(totals, share.base)
    return found
