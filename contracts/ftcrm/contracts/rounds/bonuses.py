"""Bonuses: the status history of one bonus and the casino events that carry it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from ftcrm.contracts.numbers import EXACT, ZERO
from ftcrm.contracts.rounds.members import BonusKey, BonusMember, CasinoMember, Doubt, RoundKey, canonical, distinct
from ftcrm.contracts.rounds.money import Entry, Money, add_up, terms_of
from ftcrm.contracts.rounds.readings import STANDARD_READINGS, Readings
from ftcrm.contracts.rounds.rounds import RoundFold

__all__ = [
    "FINAL_STATUSES",
    "STAGES",
    "Bonus",
    "BonusFold",
    "BonusStatus",
    "Counted",
    "Wagering",
    "counted_of",
    "fold_bonus",
]

FINAL_STATUSES = ("Completed", "AutoCompleted", "Forfeited", "Expired", "Lost", "Reversed")
"""The statuses that nothing but another of them comes after."""
STAGES = {"Pending": 0, "Created": 1, "Claimed": 1, "Ongoing": 2} | dict.fromkeys(FINAL_STATUSES, 3)
"""What a bonus goes through, in order (vendor: Pending = given, not yet claimed; Created = claimed)."""
_BETWEEN = 2

Counted = Mapping[int, Entry]
"""What counts of a round's live events, by their seqs."""


class BonusStatus(msgspec.Struct, frozen=True):
    """One status that a bonus took, and when."""

    status: str
    at: datetime
    seq: int


class Wagering(msgspec.Struct, frozen=True):
    """How far a bonus is wagered, in its currency.

    `required` is its required_wagering_amount (vendor: a property of bonus events), `wagered` the sum of the live Bets
    that carry it, of all wallets (unknown: which of them count towards it), `remaining` what is left, at least 0.
    """

    required: Decimal
    wagered: Decimal
    remaining: Decimal


class Bonus(msgspec.Struct, frozen=True):
    """One bonus of one player.

    `status` is the last of `statuses` (in order of time, of one instant in that of `STAGES`), or None when no bonus
    event came; `bonus_id`, `type`,
    `product`, `amount`, `currency` are those of the first event that has them. `casino_seqs` are the casino events that
    carry its `user_bonus_id`, `seqs` its own events (repeats included). `totals` and `base` sum the live ones of the
    casino events (the turnover per wallet is their `bet`), `bets` counts the Bets, `rounds` are the round_ids of all.
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
    excluded: tuple[int, ...]
    amount: Decimal | None
    currency: str | None
    totals: dict[str, Money]
    base: Money
    bets: int
    rounds: tuple[str, ...]
    wagering: Wagering | None


class BonusFold(msgspec.Struct, frozen=True):
    """A bonus and the events that it came from, in canonical order: what the rules of the family FT5xx look at.

    `repeats` pairs each repeated delivery of a bonus event with the one whose content it repeats. `casino` are all
    casino events that carry the id, `live` those of them that are live in their rounds.
    `doubts` are the deliveries, other than casino events, that were not folded and whose status no accepted event has.
    """

    bonus: Bonus
    events: tuple[BonusMember, ...]
    casino: tuple[CasinoMember, ...]
    live: tuple[CasinoMember, ...]
    repeats: tuple[tuple[BonusMember, BonusMember], ...]
    doubts: tuple[Doubt, ...] = ()


def counted_of(fold: RoundFold) -> Counted | None:
    """What counts of a round in which more, or less, counts than each of its events; None where all is plain."""
    live = fold.matching.live
    if len(live) == len(fold.round.seqs) and not fold.matching.parts:
        return None
    return {member.seq: entry for member, entry in zip(live, fold.entries, strict=True)}


def fold_bonus(
    key: BonusKey,
    members: Sequence[BonusMember],
    casino: Sequence[CasinoMember],
    *,
    counted: Mapping[RoundKey, Counted] = {},
    excluded: Sequence[int] = (),
    doubts: Iterable[Doubt] | None = None,
    readings: Readings = STANDARD_READINGS,
) -> BonusFold:
    """Construct the bonus of these bonus events and of the casino events that carry its id.

    `counted` has what counts of the rounds that are not plain (see `counted_of`); of the others, every event counts.
    `excluded` are the seqs of the deliveries that were not folded, `doubts` what those of them that are no casino
    events call themselves (unless told: nothing that could be read).
    """
    contents, repeats = distinct(members)
    events = sorted(canonical(contents), key=_time_and_stage)
    statuses = tuple(BonusStatus(member.event.status, member.event.timestamp, member.seq) for member in events)
    carrying = canonical(sorted(casino, key=lambda member: member.seq))
    live = list(_live(key, carrying, counted, readings))
    totals, base = add_up([entry for _, entry in live])
    currency = _first_text(events, "currency")
    bonus = Bonus(
        origin=key.origin,
        user_id=key.user_id,
        user_bonus_id=key.user_bonus_id,
        bonus_id=_first_text(events, "bonus_id"),
        type=_first_text(events, "type"),
        product=_first_text(events, "product"),
        status=statuses[-1].status if statuses else None,
        statuses=statuses,
        casino_seqs=tuple(sorted(member.seq for member in casino)),
        seqs=tuple(sorted(member.seq for member in members)),
        excluded=tuple(excluded),
        amount=_first_number(events, "amount"),
        currency=currency,
        totals=totals,
        base=base,
        bets=sum(member.event.type == "Bet" for member, _ in live),
        rounds=tuple(sorted({member.event.round_id for member, _ in live})),
        wagering=_wagering(_first_number(events, "required_wagering_amount"), currency, totals),
    )
    named = {member.event.status for member in events}
    left = tuple(
        doubt for doubt in (doubts if doubts is not None else [Doubt()] * len(excluded)) if doubt.status not in named
    )
    return BonusFold(bonus, tuple(events), tuple(carrying), tuple(member for member, _ in live), tuple(repeats), left)


def _live(
    key: BonusKey, carrying: Iterable[CasinoMember], counted: Mapping[RoundKey, Counted], readings: Readings
) -> Iterable[tuple[CasinoMember, Entry]]:
    """Those of the casino events that are live in their rounds, and what of each counts."""
    for member in carrying:
        event = member.event
        entries = counted.get(RoundKey(key.origin, key.user_id, event.round_id)) if counted else None
        if entries is None:
            yield member, (event, terms_of(event, readings.missing_wallets))
        elif (entry := entries.get(member.seq)) is not None:
            yield member, entry


def _wagering(required: Decimal | None, currency: str | None, totals: Mapping[str, Money]) -> Wagering | None:
    if required is None or currency is None:
        return None
    wagered = totals[currency].bet.total if currency in totals else ZERO
    return Wagering(required, wagered, max(ZERO, EXACT.subtract(required, wagered)))


def _time_and_stage(member: BonusMember) -> tuple[datetime, int]:
    """Statuses of one instant follow each other as a bonus goes through them; one of no known stage is in between."""
    return member.event.timestamp, STAGES.get(member.event.status, _BETWEEN)


def _first_text(events: Sequence[BonusMember], name: str) -> str | None:
    """The property in the first event, in canonical order, that has it."""
    values = (getattr(member.event, name) for member in events)
    return next((value for value in values if isinstance(value, str)), None)


def _first_number(events: Sequence[BonusMember], name: str) -> Decimal | None:
    values = (getattr(member.event, name) for member in events)
    return next((value for value in values if isinstance(value, Decimal)), None)
