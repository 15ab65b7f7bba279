"""The events of one group as the engine takes them, and the canonical order that arrival cannot change."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Generic, TypeVar

import msgspec

from ftcrm.contracts.events.bonus import BonusEvent
from ftcrm.contracts.events.casino import CasinoEvent
from ftcrm.contracts.events.content import content_digest

__all__ = [
    "BonusKey",
    "BonusMember",
    "CasinoMember",
    "Doubt",
    "Member",
    "PlayerKey",
    "RoundKey",
    "canonical",
    "distinct",
    "witness_of",
]

_Event = TypeVar("_Event", CasinoEvent, BonusEvent)


class RoundKey(msgspec.Struct, frozen=True, gc=False, order=True):
    """What makes events one round: "Send same for Bet & Win", of one user of one origin."""

    origin: str
    user_id: str
    round_id: str


class BonusKey(msgspec.Struct, frozen=True, gc=False, order=True):
    """What makes events one bonus: the `user_bonus_id` of one user of one origin."""

    origin: str
    user_id: str
    user_bonus_id: str


class PlayerKey(msgspec.Struct, frozen=True, gc=False, order=True):
    """A player: one user of one origin."""

    origin: str
    user_id: str


class Member(msgspec.Struct, Generic[_Event], frozen=True, gc=False):
    """One recorded event: its position in the journal, and what it says."""

    seq: int
    event: _Event


class Doubt(msgspec.Struct, frozen=True):
    """A delivery that carries a group's key and was not folded: what it calls itself, as far as that can be read."""

    activity_id: str | None = None
    type: str | None = None
    status: str | None = None


CasinoMember = Member[CasinoEvent]
BonusMember = Member[BonusEvent]


def witness_of(*members: Member[Any]) -> tuple[int, ...]:
    """The positions of these events, in order: what shows a fault of them together."""
    return tuple(sorted(member.seq for member in members))


def canonical(members: Iterable[Member[_Event]]) -> list[Member[_Event]]:
    """The members by (timestamp instant, activity_id, SHA-256 of the normalised content).

    The digest is taken only of those that tie in the first two: sorting by the whole key would hash every event.
    """
    ordered = list(members)
    if _rises(ordered):
        return ordered
    ordered.sort(key=_time_and_activity)
    before: Any = None
    for member in ordered:
        place = _time_and_activity(member)
        if place == before:
            return list(_ties_broken(ordered))
        before = place
    return ordered


def _rises(members: Sequence[Member[Any]]) -> bool:
    """Whether each of the members is later than the one before, as they are where nothing overtook."""
    earlier = members[0].event.timestamp if members else None
    for member in members[1:]:
        at = member.event.timestamp
        if at <= earlier:
            return False
        earlier = at
    return True


def distinct(
    members: Iterable[Member[_Event]],
) -> tuple[list[Member[_Event]], list[tuple[Member[_Event], Member[_Event]]]]:
    """Members of one identity: one for each content (the first to arrive), and each repeat beside what it repeats."""
    firsts: dict[bytes, Member[_Event]] = {}
    repeats = []
    for member in sorted(members, key=lambda member: member.seq):
        digest = content_digest(member.event)
        if digest in firsts:
            repeats.append((firsts[digest], member))
        else:
            firsts[digest] = member
    return list(firsts.values()), repeats


def _ties_broken(ordered: list[Member[_Event]]) -> Iterator[Member[_Event]]:
    for _, run in groupby(ordered, key=_time_and_activity):
        tied = list(run)
        yield from tied if len(tied) == 1 else sorted(tied, key=_content_and_arrival)


def _content_and_arrival(member: Member[_Event]) -> tuple[bytes, int]:
    """Events of one content are alike; where each of them counts, they follow each other as they came."""
    return content_digest(member.event), member.seq


def _time_and_activity(member: Member[_Event]) -> tuple[datetime, str]:
    return member.event.timestamp, getattr(member.event, "activity_id", "")
