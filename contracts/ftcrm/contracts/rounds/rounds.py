"""Rounds: a pure function of the set of events that carry one key.

Order of arrival, duplicates and batching cannot change a round's value. Where the contract is silent (what a Rollback
names, what an end flag does) it takes the `Readings` that it is given: see docs/rounds.md.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import UNSET

from ftcrm.contracts.events.casino import CasinoEvent
from ftcrm.contracts.numbers import ZERO
from ftcrm.contracts.rounds.matching import Matching, Reversal, match_rollbacks
from ftcrm.contracts.rounds.members import CasinoMember, Doubt, RoundKey, canonical, distinct
from ftcrm.contracts.rounds.money import Entry, Money, add_up, less, terms_of
from ftcrm.contracts.rounds.readings import STANDARD_READINGS, Readings

__all__ = ["Round", "RoundFold", "RoundState", "fold_round", "state_of"]

_TYPES = ("Bet", "Win", "Loss")
RoundState = Literal["open", "settled", "orphan", "voided"]


class Round(msgspec.Struct, frozen=True, gc=False):
    """One game round, as its events make it.

    `state`: a live Bet and a live settlement (Win or Loss) make it settled, a Bet alone open, a settlement alone an
    orphan, neither voided. `outcome` is there when it is settled. `played` is false when nothing of it is live.
    `currency` is None when its currencies are mixed: `totals` has each of them, and `base` is amount times
    exchange_rate over all. `seqs` are the positions of its events, repeats included; `excluded` those of the deliveries
    that carry its key and were not folded.
    """

    origin: str
    user_id: str
    round_id: str
    state: RoundState
    outcome: Literal["won", "lost"] | None
    played: bool
    end_flagged: bool
    currency: str | None
    totals: dict[str, Money]
    base: Money
    game_id: str
    game_name: str
    game_type: str
    vendor_id: str
    vendor_name: str
    first_at: datetime
    last_at: datetime
    seqs: tuple[int, ...]
    excluded: tuple[int, ...] = ()


class RoundFold(msgspec.Struct, frozen=True, gc=False):
    """A round and how it came about: what the rules of the families FT3xx and FT4xx look at.

    `repeats` pairs each repeated delivery with the one whose content it repeats, `conflicts` are the events that share
    an identity but differ in content, the one that counts first. `doubts` are the deliveries that were not folded and
    that no accepted event takes the place of: what seems to be missing may be among them. `entries` are the live
    events, in canonical order, with what of each counts: whatever is summed over events is summed over them.
    """

    round: Round
    events: tuple[CasinoMember, ...]
    matching: Matching
    repeats: tuple[tuple[CasinoMember, CasinoMember], ...]
    conflicts: tuple[tuple[CasinoMember, ...], ...]
    doubts: tuple[Doubt, ...] = ()
    entries: tuple[Entry, ...] = ()

    def may_lack(self, *types: str) -> bool:
        """Whether an event of one of these types may have come and not been folded."""
        return any(doubt.type in types or doubt.type not in _TYPES for doubt in self.doubts)

    @property
    def bets(self) -> tuple[CasinoMember, ...]:
        """The Bets that were sent, rolled back or not."""
        return tuple(
            [member for member in self.events if member.event.type == "Bet" and member.event.status == "Approved"]
        )

    @property
    def settlements(self) -> tuple[CasinoMember, ...]:
        """The Wins and Losses that are live."""
        return tuple([member for member in self.matching.live if member.event.type != "Bet"])

    @property
    def reversals(self) -> tuple[Reversal, ...]:
        """Each Rollback that found its event."""
        return self.matching.reversals

    def first_seqs(self) -> Callable[[CasinoMember], int]:
        """Where each event stands in the order of arrival: the seq of its first delivery, of whatever content."""
        firsts = {contents[0].seq: min(member.seq for member in contents) for contents in self.conflicts}
        return lambda member: firsts.get(member.seq, member.seq)


def fold_round(
    key: RoundKey,
    members: Sequence[CasinoMember],
    *,
    excluded: Sequence[int] = (),
    doubts: Collection[Doubt] | None = None,
    readings: Readings = STANDARD_READINGS,
) -> RoundFold:
    """Construct the round of these events, which all carry the key; at least one of them.

    `excluded` are the seqs of the deliveries that were not folded, `doubts` what they call themselves (unless told:
    nothing that could be read).

    The identity of an event within its round is (activity_id, type, status): exact repeats of one content count once,
    of several contents the least in canonical order counts. `readings` may say otherwise, of this and of all else that
    the contract leaves open.
    """
    counted, repeats, conflicts = _by_identity(members, readings)
    events = tuple(canonical(counted))
    rollbacks = [member for member in events if member.event.status == "Rollback"]
    approved = [member for member in events if member.event.status == "Approved"] if rollbacks else events
    matching = match_rollbacks(approved, rollbacks, readings=readings)
    if readings.end_flag == "cuts":
        matching = msgspec.structs.replace(matching, live=_until_end(matching.live))
    entries = _entries(matching, readings)
    seqs = tuple(sorted([member.seq for member in members]))
    value = _round(key, events, entries, readings, seqs=seqs, excluded=tuple(excluded))
    left = (Doubt(),) * len(excluded) if doubts is None else _standing(doubts, events) if doubts else ()
    return RoundFold(value, events, matching, repeats, conflicts, left, entries)


def _until_end(live: tuple[CasinoMember, ...]) -> tuple[CasinoMember, ...]:
    """The live events up to the first that says that the round is ended."""
    ends = (index for index, member in enumerate(live, 1) if member.event.is_round_end is True)
    return live[: next(ends, len(live))]


def _entries(matching: Matching, readings: Readings) -> tuple[Entry, ...]:
    """What counts of each live event: the whole of it, or what the Rollbacks of a part leave."""
    missing = readings.missing_wallets
    entries = [(member.event, terms_of(member.event, missing)) for member in matching.live]
    if matching.parts:
        taken = {each.target.seq: terms_of(each.rollback.event, missing) for each in matching.parts}
        for index, member in enumerate(matching.live):
            if member.seq in taken:
                event, terms = entries[index]
                entries[index] = event, less(terms, taken[member.seq])
    return tuple(entries)


def _standing(doubts: Iterable[Doubt], events: Sequence[CasinoMember]) -> tuple[Doubt, ...]:
    """The doubts that no accepted event resolves: who was refused sends the event again, corrected, under its id."""
    named = {(member.event.activity_id, member.event.type) for member in events}
    ids = {activity_id for activity_id, _ in named}
    return tuple(
        doubt
        for doubt in doubts
        if not ((doubt.activity_id, doubt.type) in named or (doubt.type not in _TYPES and doubt.activity_id in ids))
    )


def _identity(member: CasinoMember) -> tuple[str, str, str]:
    event = member.event
    return event.activity_id, event.type, event.status


def _by_identity(
    members: Sequence[CasinoMember], readings: Readings
) -> tuple[Sequence[CasinoMember], tuple[tuple[CasinoMember, CasinoMember], ...], tuple[tuple[CasinoMember, ...], ...]]:
    """The members that count, the repeats beside what they repeat, and the conflicting contents, what counts first."""
    if len({member.event.activity_id for member in members}) == len(members):
        return members, (), ()
    groups: dict[tuple[str, str, str], list[CasinoMember]] = {}
    for member in members:
        groups.setdefault(_identity(member), []).append(member)
    counted: list[CasinoMember] = []
    repeats: list[tuple[CasinoMember, CasinoMember]] = []
    conflicts: list[tuple[CasinoMember, ...]] = []
    for group in groups.values():
        if len(group) == 1:
            counted.append(group[0])
            continue
        contents, again = distinct(group)
        ordered = canonical(contents)
        if readings.conflicts == "latest":
            ordered = [ordered[-1], *ordered[:-1]]
        counting = ordered if readings.conflicts == "every" else ordered[:1]
        counted += counting
        if readings.repeats == "every":
            those = {member.seq for member in counting}
            counted += [repeat for first, repeat in again if first.seq in those]
        repeats += again
        if len(ordered) > 1:
            conflicts.append(tuple(ordered))
    return counted, tuple(repeats), tuple(conflicts)


def _round(
    key: RoundKey,
    events: Sequence[CasinoMember],
    entries: tuple[Entry, ...],
    readings: Readings,
    *,
    seqs: tuple[int, ...],
    excluded: tuple[int, ...],
) -> Round:
    live = [event for event, _ in entries]
    also = () if entries else {member.event.currency for member in events}
    totals, base = add_up(entries, also=also)
    state = state_of(live, events, readings)
    outcome: Literal["won", "lost"] | None = None
    if state == "settled":
        outcome = "won" if any(money.win.total > ZERO for money in totals.values()) else "lost"
    first = live[0] if live else events[0].event
    # By position, field by field: to find nineteen names takes longer than to match the Rollbacks.
    return Round(
        key.origin,
        key.user_id,
        key.round_id,
        state,
        outcome,
        bool(live),
        True in [event.is_round_end for event in live],
        next(iter(totals)) if len(totals) == 1 else None,
        totals,
        base,
        first.game_id,
        first.game_name,
        first.game_type,
        first.vendor_id,
        first.vendor_name,
        events[0].event.timestamp,
        events[-1].event.timestamp,
        seqs,
        excluded,
    )


def state_of(live: Sequence[CasinoEvent], events: Sequence[CasinoMember], readings: Readings) -> RoundState:
    """The state of a round of these counted events, of which those are live."""
    types = {event.type for event in live}
    is_settled = "Win" in types or "Loss" in types
    if "Bet" not in types:
        if not is_settled:
            return "voided"
        is_alone = not any(member.event.type == "Bet" and member.event.status == "Approved" for member in events)
        return "settled" if is_alone and readings.lone_settlement == "settled" else "orphan"
    match readings.end_flag:
        case "settles":
            is_settled = is_settled or any(event.is_round_end is True for event in live)
        case "required":
            is_flagged = any(event.is_round_end is True for event in live)
            is_silent = all(member.event.is_round_end is UNSET for member in events)
            is_settled = is_settled and (is_flagged or is_silent)
    return "settled" if is_settled else "open"
