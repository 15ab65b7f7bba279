"""Which event a Rollback reverses: three phases, each in canonical order, a function of the set of events alone.

Phase 1: the event with its activity_id and type, whole, whatever the amount. Phase 2: an event not yet reversed of the
same type, currency, amount and wallet split. Phase 3: of the same type, currency and amount. What is left over is a
tombstone. The contract has no reference field to the reversed event, so that phases 2 and 3 are inferred.
"""

from collections.abc import Callable, Hashable
from decimal import Decimal
from typing import Literal

import msgspec
from msgspec import UNSET

from ftcrm.contracts.events.casino import CasinoEvent
from ftcrm.contracts.numbers import ZERO
from ftcrm.contracts.rounds.members import CasinoMember

__all__ = ["Matching", "Reversal", "Wallets", "match_rollbacks", "wallets_of"]

Wallets = tuple[Decimal, Decimal, Decimal, Decimal]
"""Amounts in real, bonus, locked and unallocated money."""

Phase = Literal[1, 2, 3]


class Reversal(msgspec.Struct, frozen=True):
    """One Rollback and the event that it reverses; `alternatives` are the live events that it can mean as well."""

    rollback: CasinoMember
    target: CasinoMember
    phase: Phase
    alternatives: tuple[CasinoMember, ...] = ()


class Matching(msgspec.Struct, frozen=True):
    """Every Rollback of a round with its target, the tombstones, and the approved events left live."""

    reversals: tuple[Reversal, ...]
    tombstones: tuple[CasinoMember, ...]
    live: tuple[CasinoMember, ...]


_Found = tuple[CasinoMember, CasinoMember, Phase, list[CasinoMember]]
"""A rollback, its target, the phase, and what else was like it, as far as no other rollback of the phase took it."""


def wallets_of(event: CasinoEvent) -> Wallets:
    """An event's amount per wallet, as it was sent; with no wallet field at all it is unallocated."""
    real, bonus, locked = event.wager_amount, event.bonus_wager_amount, event.locked_wager_amount
    if real is UNSET and bonus is UNSET and locked is UNSET:
        return ZERO, ZERO, ZERO, event.amount
    return (
        ZERO if real is UNSET else real,
        ZERO if bonus is UNSET else bonus,
        ZERO if locked is UNSET else locked,
        ZERO,
    )


def match_rollbacks(approved: list[CasinoMember], rollbacks: list[CasinoMember]) -> Matching:
    """Match the rollbacks with the approved events; both distinct, in canonical order."""
    if not rollbacks:
        return Matching((), (), tuple(approved))
    standing = {member.seq: member for member in approved}
    found: list[_Found] = []
    waiting = rollbacks
    for phase, likeness in _PHASES:
        waiting = _match(phase, likeness, waiting, standing, found)
    return Matching(_reversals(found, standing), tuple(waiting), tuple(standing.values()))


def _match(
    phase: Phase,
    likeness: Callable[[CasinoEvent], Hashable],
    waiting: list[CasinoMember],
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


def _by_activity(event: CasinoEvent) -> Hashable:
    return event.activity_id, event.type


def _by_split(event: CasinoEvent) -> Hashable:
    return event.type, event.currency, event.amount, wallets_of(event)


def _by_amount(event: CasinoEvent) -> Hashable:
    return event.type, event.currency, event.amount


_PHASES: tuple[tuple[Phase, Callable[[CasinoEvent], Hashable]], ...] = (
    (1, _by_activity),
    (2, _by_split),
    (3, _by_amount),
)
