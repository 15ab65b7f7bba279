"""The frame of the catalogue: what a rule is, and the registry that every rule enters by its decorator."""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

import msgspec

from ftcrm.contracts.clauses import CLAUSES, Clause
from ftcrm.contracts.findings import Confidence, Finding

_Subject = TypeVar("_Subject")

__all__ = ["RULES", "Hit", "Rule", "Scope", "apply", "rule"]


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
    BONUS_HISTORY = "bonus-history"
    """A `ftcrm.contracts.rounds.BonusFold`."""


class Hit(NamedTuple):
    """What a rule yields: its message, where or by which seqs it shows, and a clause more precise than the rule's."""

    message: str
    pointer: str = ""
    witness: tuple[int, ...] = ()
    clause: str = ""


class Rule(msgspec.Struct, frozen=True):
    """One rule of the catalogue: it speaks with the confidence of the clause that it rests on."""

    code: str
    name: str
    kind: str
    scope: Scope
    clause: Clause
    doc: str
    check: Callable[[Any], Iterable[Hit]]
    absence: bool = False
    """Whether it rests on something not being there, which cannot be known when the journal evicted anything."""

    @property
    def confidence(self) -> Confidence:
        """The confidence of every finding of this rule."""
        return self.clause.confidence


RULES: dict[str, Rule] = {}
_BY_SCOPE: dict[Scope, list[Rule]] = {scope: [] for scope in Scope}


def rule(
    code: str, name: str, scope: Scope, *, clause: str, kind: str | None = None, absence: bool = False
) -> Callable[[Callable[[_Subject], Iterator[Hit]]], Callable[[_Subject], Iterator[Hit]]]:
    """Enter the decorated function as the rule of that code; codes and names are never used twice."""

    def enter(check: Callable[[_Subject], Iterator[Hit]]) -> Callable[[_Subject], Iterator[Hit]]:
        if code in RULES or any(known.name == name for known in RULES.values()):
            raise ValueError(f"rule {code} ({name}): the code or the name is taken")
        entry = Rule(code, name, kind or name, scope, CLAUSES[clause], check.__doc__ or "", check, absence)
        RULES[code] = entry
        _BY_SCOPE[scope].append(entry)
        _BY_SCOPE[scope].sort(key=lambda known: known.code)
        return check

    return enter


def apply(scope: Scope, subject: Any) -> tuple[Finding, ...]:
    """Every finding of the scope's rules about this subject, in the order of the codes."""
    return tuple(
        Finding(
            rule=entry.code,
            name=entry.name,
            kind=entry.kind,
            confidence=entry.confidence,
            clause=hit.clause or entry.clause.id,
            message=hit.message,
            pointer=hit.pointer,
            witness=hit.witness,
        )
        for entry in _BY_SCOPE[scope]
        for hit in entry.check(subject)
    )
