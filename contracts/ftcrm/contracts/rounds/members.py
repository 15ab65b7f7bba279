"""The events of one group as the engine takes them, and the canonical order that arrival cannot change."""

from collections.abc import Iterable
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from ftcrm.contracts.events.bonus import BonusEvent
from ftcrm.contracts.events.casino import CasinoEvent
from ftcrm.contracts.events.content import content_digest

__all__ = ["BonusKey", "BonusMember", "CasinoMember", "Member", "RoundKey", "canonical", "distinct"]

_Event = TypeVar("_Event", CasinoEvent, BonusEvent)


class RoundKey(msgspec.Struct, frozen=True, order=True):
    """What makes events one round: "Send same for Bet & Win", of one user of one origin."""

    origin: str
    user_id: str
    round_id: str


class BonusKey(msgspec.Struct, frozen=True, order=True):
    """What makes events one bonus: the `user_bonus_id` of one user of one origin."""

    origin: str
    user_id: str
    user_bonus_id: str


class Member(msgspec.Struct, Generic[_Event], frozen=True):
    """One recorded event: its position in the journal, what it says, and its instant (aware, UTC)."""

    seq: int
    event: _Event
    instant: datetime


CasinoMember = Member[CasinoEvent]
BonusMember = Member[BonusEvent]


def canonical(members: Iterable[Member[_Event]]) -> list[Member[_Event]]:
    """The members by (timestamp instant, activity_id, SHA-256 of the normalised content).

    The digest is taken only where the first two tie: sorting by the whole key would hash every event.
    """
    ordered = sorted(members, key=_time_and_activity)
    for index in range(len(ordered) - 1):
        if _time_and_activity(ordered[index]) == _time_and_activity(ordered[index + 1]):
            return sorted(ordered, key=lambda member: (*_time_and_activity(member), content_digest(member.event)))
    return ordered


def distinct(members: list[Member[_Event]]) -> tuple[list[Member[_Event]], list[Member[_Event]]]:
    """Members of one identity, split into one for each content (the first to arrive) and the repeats of those."""
    firsts: dict[bytes, Member[_Event]] = {}
    repeats = []
    for member in sorted(members, key=lambda member: member.seq):
        digest = content_digest(member.event)
        if digest in firsts:
            repeats.append(member)
        else:
            firsts[digest] = member
    return list(firsts.values()), repeats


def _time_and_activity(member: Member[_Event]) -> tuple[datetime, str]:
    return member.instant, getattr(member.event, "activity_id", "")
