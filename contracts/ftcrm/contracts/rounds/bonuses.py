"""Bonuses: the status history of one bonus and the casino events that carry it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from ftcrm.contracts.rounds.matching import match_rollbacks
from ftcrm.contracts.rounds.members import BonusKey, BonusMember, CasinoMember, Doubt, canonical, distinct

__all__ = ["Bonus", "BonusFold", "BonusStatus", "fold_bonus"]


class BonusStatus(msgspec.Struct, frozen=True):
    """One status that a bonus took, and when."""

    status: str
    at: datetime
    seq: int


class Bonus(msgspec.Struct, frozen=True):
    """One bonus of one player.

    `status` is the last of `statuses` in canonical order, or None when no bonus event came. `casino_seqs` are the
    casino events that carry its `user_bonus_id`, `seqs` its own events (repeats included).
    """

    origin: str
    user_id: str
    user_bonus_id: str
    bonus_id: str | None
    type: str | None
    product: str | None
    status: str | None
    statuses: tuple[BonusStatus, ...]
    casino_seqs: tuple[int, ...]
    seqs: tuple[int, ...]
    excluded: tuple[int, ...] = ()


class BonusFold(msgspec.Struct, frozen=True):
    """A bonus and the events that it came from, in canonical order: what the rules of the family FT5xx look at.

    `repeats` pairs each repeated delivery of a bonus event with the one whose content it repeats. `casino` are all
    casino events that carry the id, `live` those of them that count: approved, not reversed within their round, once.
    `doubts` are the deliveries, other than casino events, that were not folded and whose status no accepted event has.
    """

    bonus: Bonus
    events: tuple[BonusMember, ...]
    casino: tuple[CasinoMember, ...]
    live: tuple[CasinoMember, ...]
    repeats: tuple[tuple[BonusMember, BonusMember], ...]
    doubts: tuple[Doubt, ...] = ()


def fold_bonus(
    key: BonusKey,
    members: Sequence[BonusMember],
    casino: Sequence[CasinoMember],
    *,
    excluded: Sequence[int] = (),
    doubts: Iterable[Doubt] | None = None,
) -> BonusFold:
    """Construct the bonus of these bonus events and of the casino events that carry its id.

    `excluded` are the seqs of the deliveries that were not folded, `doubts` what those of them that are no casino
    events call themselves (unless told: nothing that could be read).
    """
    contents, repeats = distinct(members)
    events = canonical(contents)
    statuses = tuple(BonusStatus(member.event.status, member.event.timestamp, member.seq) for member in events)
    carrying = canonical(sorted(casino, key=lambda member: member.seq))
    bonus = Bonus(
        origin=key.origin,
        user_id=key.user_id,
        user_bonus_id=key.user_bonus_id,
        bonus_id=_first(events, "bonus_id"),
        type=_first(events, "type"),
        product=_first(events, "product"),
        status=statuses[-1].status if statuses else None,
        statuses=statuses,
        casino_seqs=tuple(sorted(member.seq for member in casino)),
        seqs=tuple(sorted(member.seq for member in members)),
        excluded=tuple(excluded),
    )
    named = {member.event.status for member in events}
    left = tuple(
        doubt for doubt in (doubts if doubts is not None else [Doubt()] * len(excluded)) if doubt.status not in named
    )
    return BonusFold(bonus, tuple(events), tuple(carrying), tuple(_live(carrying)), tuple(repeats), left)


def _live(casino: Iterable[CasinoMember]) -> list[CasinoMember]:
    """The casino events that count, by the definitions of their rounds; they come and go in canonical order."""
    counted: dict[tuple[str, str, str, str], CasinoMember] = {}
    for member in casino:
        event = member.event
        counted.setdefault((event.round_id, event.activity_id, event.type, event.status), member)
    if all(member.event.status == "Approved" for member in counted.values()):
        return list(counted.values())
    rounds: dict[str, tuple[list[CasinoMember], list[CasinoMember]]] = {}
    for member in counted.values():
        approved, rollbacks = rounds.setdefault(member.event.round_id, ([], []))
        (approved if member.event.status == "Approved" else rollbacks).append(member)
    standing = {member.seq for parts in rounds.values() for member in match_rollbacks(*parts).live}
    return [member for member in counted.values() if member.seq in standing]


def _first(events: Sequence[BonusMember], name: str) -> str | None:
    """The property in the first event, in canonical order, that has it."""
    values = (getattr(member.event, name) for member in events)
    return next((value for value in values if isinstance(value, str)), None)
