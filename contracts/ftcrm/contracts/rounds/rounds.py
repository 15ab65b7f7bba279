"""Rounds: a pure function of the set of events that carry one key.

Order of arrival, duplicates and batching cannot change a round's value. Where the contract is silent (what a Rollback
names, what an end flag does) the reading is the one of docs/rounds: see `matching`.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from ftcrm.contracts.numbers import EXACT, ZERO
from ftcrm.contracts.rounds.matching import Matching, Reversal, match_rollbacks, wallets_of
from ftcrm.contracts.rounds.members import CasinoMember, Doubt, RoundKey, canonical, distinct

__all__ = ["Amounts", "Money", "Round", "RoundFold", "RoundState", "fold_round"]

_TYPES = ("Bet", "Win", "Loss")
RoundState = Literal["open", "settled", "orphan", "voided"]


class Amounts(msgspec.Struct, frozen=True):
    """Exact amounts of one kind, per wallet; `total` sums the events' `amount`, the wallets are as they were sent."""

    real: Decimal = ZERO
    bonus: Decimal = ZERO
    locked: Decimal = ZERO
    unallocated: Decimal = ZERO
    total: Decimal = ZERO


class Money(msgspec.Struct, frozen=True):
    """What was bet and won, and their difference (gross gaming revenue: bet - win)."""

    bet: Amounts = Amounts()
    win: Amounts = Amounts()
    ggr: Amounts = Amounts()


class Round(msgspec.Struct, frozen=True):
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


class RoundFold(msgspec.Struct, frozen=True):
    """A round and how it came about: what the rules of the families FT3xx and FT4xx look at.

    `repeats` pairs each repeated delivery with the one whose content it repeats, `conflicts` are the events that share
    an identity but differ in content, the one that counts first. `bets` are the Bets that were sent, rolled back or
    not, `settlements` the Wins and Losses that are live. `doubts` are the deliveries that were not folded and that no
    accepted event takes the place of: what seems to be missing may be among them.
    """

    round: Round
    events: tuple[CasinoMember, ...]
    matching: Matching
    repeats: tuple[tuple[CasinoMember, CasinoMember], ...]
    conflicts: tuple[tuple[CasinoMember, ...], ...]
    bets: tuple[CasinoMember, ...]
    settlements: tuple[CasinoMember, ...]
    doubts: tuple[Doubt, ...] = ()

    def may_lack(self, *types: str) -> bool:
        """Whether an event of one of these types may have come and not been folded."""
        return any(doubt.type in types or doubt.type not in _TYPES for doubt in self.doubts)

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
    doubts: Iterable[Doubt] | None = None,
) -> RoundFold:
    """Construct the round of these events, which all carry the key; at least one of them.

    `excluded` are the seqs of the deliveries that were not folded, `doubts` what they call themselves (unless told:
    nothing that could be read).

    The identity of an event within its round is (activity_id, type, status): exact repeats of one content count once,
    of several contents the least in canonical order counts.
    """
    counted, repeats, conflicts = _by_identity(members)
    events = canonical(counted)
    approved = [member for member in events if member.event.status == "Approved"]
    rollbacks = [member for member in events if member.event.status == "Rollback"]
    matching = match_rollbacks(approved, rollbacks)
    value = _round(
        key, events, matching, seqs=tuple(sorted(member.seq for member in members)), excluded=tuple(excluded)
    )
    bets = tuple([member for member in approved if member.event.type == "Bet"])
    settlements = tuple([member for member in matching.live if member.event.type != "Bet"])
    left = _standing(doubts if doubts is not None else [Doubt()] * len(excluded), events)
    return RoundFold(value, tuple(events), matching, repeats, conflicts, bets, settlements, left)


def _standing(doubts: Iterable[Doubt], events: Sequence[CasinoMember]) -> tuple[Doubt, ...]:
    """The doubts that no accepted event resolves: who was refused sends the event again, corrected, under its id."""
    named = {(member.event.activity_id, member.event.type) for member in events}
    ids = {activity_id for activity_id, _ in named}
    return tuple(
        doubt
        for doubt in doubts
        if not ((doubt.activity_id, doubt.type) in named or (doubt.type not in _TYPES and doubt.activity_id in ids))
    )


def _by_identity(
    members: Sequence[CasinoMember],
) -> tuple[list[CasinoMember], tuple[tuple[CasinoMember, CasinoMember], ...], tuple[tuple[CasinoMember, ...], ...]]:
    """The members that count, the repeats beside what they repeat, and the conflicting contents."""
    groups: dict[tuple[str, str, str], list[CasinoMember]] = {}
    for member in members:
        event = member.event
        groups.setdefault((event.activity_id, event.type, event.status), []).append(member)
    if len(groups) == len(members):
        return list(members), (), ()
    counted: list[CasinoMember] = []
    repeats: list[tuple[CasinoMember, CasinoMember]] = []
    conflicts: list[tuple[CasinoMember, ...]] = []
    for group in groups.values():
        if len(group) == 1:
            counted.append(group[0])
            continue
        contents, again = distinct(group)
        ordered = canonical(contents)
        counted.append(ordered[0])
        repeats += again
        if len(ordered) > 1:
            conflicts.append(tuple(ordered))
    return counted, tuple(repeats), tuple(conflicts)


def _round(
    key: RoundKey,
    events: list[CasinoMember],
    matching: Matching,
    *,
    seqs: tuple[int, ...],
    excluded: tuple[int, ...],
) -> Round:
    live = matching.live
    described = live or events
    by_currency: dict[str, list[CasinoMember]] = {member.event.currency: [] for member in described}
    for member in live:
        by_currency[member.event.currency].append(member)
    totals = {currency: _money(by_currency[currency]) for currency in sorted(by_currency)}
    base = _base(live, totals)
    state, outcome = _state(live, totals)
    first = described[0].event
    return Round(
        origin=key.origin,
        user_id=key.user_id,
        round_id=key.round_id,
        state=state,
        outcome=outcome,
        played=bool(live),
        end_flagged=any(member.event.is_round_end is True for member in live),
        currency=next(iter(totals)) if len(totals) == 1 else None,
        totals=totals,
        base=base,
        game_id=first.game_id,
        game_name=first.game_name,
        game_type=first.game_type,
        vendor_id=first.vendor_id,
        vendor_name=first.vendor_name,
        first_at=events[0].event.timestamp,
        last_at=events[-1].event.timestamp,
        seqs=seqs,
        excluded=excluded,
    )


def _state(live: Iterable[CasinoMember], totals: dict[str, Money]) -> tuple[RoundState, Literal["won", "lost"] | None]:
    types = {member.event.type for member in live}
    settled = bool(types & {"Win", "Loss"})
    if "Bet" not in types:
        return ("orphan", None) if settled else ("voided", None)
    if not settled:
        return "open", None
    won = any(money.win.total > 0 for money in totals.values())
    return "settled", "won" if won else "lost"


def _base(live: Sequence[CasinoMember], totals: dict[str, Money]) -> Money:
    """The sums in the base currency; at a rate of 1 throughout they are those of the one currency."""
    if len(totals) == 1 and all(member.event.exchange_rate == 1 for member in live):
        return next(iter(totals.values()))
    return _money(live, in_base=True)


def _money(live: Iterable[CasinoMember], *, in_base: bool = False) -> Money:
    """The sums over these events, as they stand or in the base currency."""
    sums = {"Bet": [ZERO] * 5, "Win": [ZERO] * 5}
    for member in live:
        event = member.event
        if event.type == "Loss":
            continue
        terms = (*wallets_of(event), event.amount)
        row = sums[event.type]
        for index, term in enumerate(terms):
            if term:
                value = EXACT.multiply(term, event.exchange_rate) if in_base else term
                row[index] = EXACT.add(row[index], value)
    bet, win = sums["Bet"], sums["Win"]
    ggr = [EXACT.subtract(ours, theirs) for ours, theirs in zip(bet, win, strict=True)]
    return Money(Amounts(*bet), Amounts(*win), Amounts(*ggr))
