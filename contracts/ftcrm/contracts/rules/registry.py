"""The frame of the catalogue: what a rule is, and the registry that every rule enters by its decorator."""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

import msgspec

from ftcrm.contracts.clauses import CLAUSES, Clause
from ftcrm.contracts.findings import Confidence

_Subject = TypeVar("_Subject")

__all__ = ["EVENT_SCOPES", "RULES", "Hit", "Rule", "Scope", "rule"]


class Scope(StrEnum):
    """What a rule looks at, and so the type of the subject that it is called with."""

    TRANSPORT = "transport"
    """A `ftcrm.contracts.messages.Message`: how the message type came."""
    PAYLOAD = "payload"
    """A `ftcrm.contracts.events.Payload`: the bytes of any event."""
    CASINO = "casino"
    """A `ftcrm.contracts.rules.reading.Reading` of a casino event."""
    BONUS = "bonus"
    """A `ftcrm.contracts.rules.reading.Reading` of a bonus event."""
    ROUND = "round"
    """A `ftcrm.contracts.rounds.RoundFold`."""
    ROUND_CLOSED = "round-closed"
    """A `ftcrm.contracts.rounds.RoundFold`: an open round of a run that was closed."""
    ROUND_OVERDUE = "round-overdue"
    """A `ftcrm.contracts.rounds.Overdue`: an open round that nothing came of within the configured deadline."""
    ROUND_SPLIT = "round-split"
    """A `ftcrm.contracts.rounds.Split`: a settlement without its Bet, and the open Bet that it may belong to."""
    BONUS_HISTORY = "bonus-history"
    """A `ftcrm.contracts.rounds.BonusFold`."""
    BONUS_CLOSED = "bonus-closed"
    """A `ftcrm.contracts.rounds.BonusFold` of a run that was closed."""
    ACROSS = "across"
    """A `ftcrm.contracts.rules.across.Clash`: two events, of any rounds and players, that contradict each other."""


EVENT_SCOPES = frozenset({Scope.TRANSPORT, Scope.PAYLOAD, Scope.CASINO, Scope.BONUS})
"""The scopes of the rules that look at one event alone, and so decide its verdict."""


class Hit(NamedTuple):
    """What a rule yields: its message, where or by which seqs it shows, and a clause more precise than the rule's.

    `implied_by` names the rules that this follows from, if they speak of the same event, round or bonus: the finding
    is counted with theirs then instead of being told beside it.
    """

    message: str
    pointer: str = ""
    witness: tuple[int, ...] = ()
    clause: str = ""
    implied_by: tuple[str, ...] = ()


class Rule(msgspec.Struct, frozen=True):
    """One rule of the catalogue: it speaks with the confidence of the clause that it rests on."""

    code: str
    name: str
    kind: str
    scope: Scope
    clause: Clause
    doc: str
    check: Callable[[Any], Iterable[Hit]]
    absence: bool
    """Whether it rests on something not being there, which cannot be known when the journal evicted anything."""
    arrival: bool
    """Whether it rests on the order in which events arrived, while rounds and bonuses never do."""
    default: bool
    """Whether it speaks unless it is ignored; the others speak when they are selected."""

    @property
    def confidence(self) -> Confidence:
        """The confidence of every finding of this rule."""
        return self.clause.confidence


RULES: dict[str, Rule] = {}


def rule(
    code: str,
    name: str,
    scope: Scope,
    *,
    clause: str,
    kind: str | None = None,
    absence: bool = False,
    arrival: bool = False,
    default: bool = True,
) -> Callable[[Callable[[_Subject], Iterator[Hit]]], Callable[[_Subject], Iterator[Hit]]]:
    """Enter the decorated function as the rule of that code; codes and names are never used twice."""

    def enter(check: Callable[[_Subject], Iterator[Hit]]) -> Callable[[_Subject], Iterator[Hit]]:
        if code in RULES or any(known.name == name for known in RULES.values()):
            raise ValueError(f"rule {code} ({name}): the code or the name is taken")
        doc = check.__doc__ or ""
        RULES[code] = Rule(code, name, kind or name, scope, CLAUSES[clause], doc, check, absence, arrival, default)
        return check

    return enter
