"""Which event a Rollback reverses: three phases, each in canonical order, a function of the set of events alone.

Phase 1: the event with its activity_id and type, whole, whatever the amount. Phase 2: an event not yet reversed of the
same type, currency, amount and wallet split. Phase 3: of the same type, currency and amount. What is left over is a
tombstone. The contract has no reference field to the reversed event, so that the phases are inferred, and `Readings`
has others.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Literal

import msgspec

from ftcrm.contracts.events.casino import CasinoEvent
from ftcrm.contracts.rounds.members import CasinoMember
from ftcrm.contracts.rounds.money import wallets_of
from ftcrm.contracts.rounds.readings import STANDARD_READINGS, Readings

__all__ = ["Matching", "Reversal", "match_rollbacks"]

Phase = Literal[1, 2, 3]


class Reversal(msgspec.Struct, frozen=True):
    """One Rollback and the event that it reverses; `alternatives` are the live events that it can mean as well."""

    rollback: CasinoMember
    target: CasinoMember
    phase: Phase
    alternatives: tuple[CasinoMember, ...] = ()


class Matching(msgspec.Struct, frozen=True, gc=False):
    """Every Rollback of a round with its target, the tombstones, and the approved events left live.

    `parts` are those of the reversals that take only a part: their targets are live, less that.
    """

    reversals: tuple[Reversal, ...]
    tombstones: tuple[CasinoMember, ...]
    live: tuple[CasinoMember, ...]
    parts: tuple[Reversal, ...] = ()


_Found = tuple[CasinoMember, CasinoMember, Phase, list[CasinoMember]]
"""A rollback, its target, the phase, and what else was like it, as far as no other rollback of the phase took it."""


def match_rollbacks(
    approved: Sequence[CasinoMember], rollbacks: Sequence[CasinoMember], *, readings: Readings = STANDARD_READINGS
) -> Matching:
    """Match the rollbacks with the approved events; both distinct, in canonical order."""
    if not rollbacks:
        return Matching((), (), tuple(approved))
    standing = {member.seq: member for member in approved}
    found: list[_Found] = []
    waiting = rollbacks
    for phase, likeness in _phases(readings):
        waiting = _match(phase, likeness, waiting, standing, found)
    reversals = _reversals(found, standing)
    if readings.rollback_scope == "round":
        return Matching(reversals, tuple(waiting), ())
    parts = tuple(each for each in reversals if _is_part(each)) if readings.rollback_amount == "part" else ()
    if not parts:
        return Matching(reversals, tuple(waiting), tuple(standing.values()))
    left = {each.target.seq for each in parts} | standing.keys()
    return Matching(reversals, tuple(waiting), tuple(member for member in approved if member.seq in left), parts)


def _is_part(reversal: Reversal) -> bool:
    rollback, target = reversal.rollback.event, reversal.target.event
    return reversal.phase == 1 and rollback.currency == target.currency and 0 <= rollback.amount < target.amount


def _match(
    phase: Phase,
    likeness: Callable[[CasinoEvent], Hashable],
    waiting: Sequence[CasinoMember],
    standing: dict[int, CasinoMember],
    found: list[_Found],
) -> list[CasinoMember]:
    """One phase: reverse the first standing event that is like each rollback; return the rollbacks left waiting."""
    alike: dict[Hashable, list[CasinoMember]] = {}
    for member in reversed(standing.values()):
        alike.setdefault(likeness(member.event), []).append(member)
    left = []
    for rollback in waiting:
        candidates = alike.get(likeness(rollback.event))
        if not candidates:
            left.append(rollback)
            continue
        target = candidates.pop()
        del standing[target.seq]
        found.append((rollback, target, phase, candidates))
    return left


def _reversals(found: list[_Found], standing: dict[int, CasinoMember]) -> tuple[Reversal, ...]:
    """The reversals; those of one likeness share one tuple, as a copy for each would take quadratic memory."""
    shared: dict[int, tuple[CasinoMember, ...]] = {}
    for *_, candidates in found:
        if id(candidates) not in shared:
            shared[id(candidates)] = tuple(member for member in reversed(candidates) if member.seq in standing)
    return tuple(
        Reversal(rollback, target, phase, shared[id(candidates)]) for rollback, target, phase, candidates in found
    )


def _phases(readings: Readings) -> list[tuple[Phase, Callable[[CasinoEvent], Hashable]]]:
    missing = readings.missing_wallets

    def by_split(event: CasinoEvent) -> Hashable:
        return event.type, event.currency, event.amount, wallets_of(event, missing)

    by_likeness: list[tuple[Phase, Callable[[CasinoEvent], Hashable]]] = [(2, by_split), (3, _by_amount)]
    match readings.rollback_target:
        case "own-id":
            return [(1, _by_activity)]
        case "likeness":
            return by_likeness
    return [(1, _by_activity), *by_likeness]


def _by_activity(event: CasinoEvent) -> Hashable:
    return event.activity_id, event.type


def _by_amount(event: CasinoEvent) -> Hashable:
    return event.type, event.currency, event.amount
