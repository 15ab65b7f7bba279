"""Whether an assumption can matter to a round at all, told by a look at its events: cheap, and never wrong in its no.

A trigger that is silent means: whatever the other assumptions are read as, this one changes nothing of the outcome. It
may speak in vain, which costs a few folds. Nearly all rounds have none, and are not folded again.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import UNSET

from ftcrm.contracts.events.casino import CasinoEvent
from ftcrm.contracts.events.content import content_digest
from ftcrm.contracts.rounds import CasinoMember

__all__ = ["TRIGGERS", "Seen", "triggered"]


def triggered(members: Sequence[CasinoMember], left_out: Sequence[CasinoMember] = ()) -> tuple[str, ...]:
    """The names of the assumptions that can matter to the round of these members, and of those that were left out."""
    if not left_out and _is_plain(members):
        return ()
    seen = Seen(members, left_out)
    return tuple([name for name, matters in TRIGGERS.items() if matters(seen)])


def _is_plain(members: Sequence[CasinoMember]) -> bool:
    """Whether no trigger would speak, told in a microsecond of what nearly all rounds are.

    That is a Bet and what comes after it, each with an id of its own and the first of the wallets, and no end but with
    the last of it. A property keeps it in agreement with the triggers.
    """
    events = [member.event for member in members]
    if not events or events[0].type != "Bet" or len({event.activity_id for event in events}) < len(events):
        return False
    is_end_told = False
    for event in events:
        if event.status != "Approved" or event.wager_amount is UNSET:
            return False
        if event.is_round_end is not UNSET:
            is_end_told = True
    if not is_end_told:
        return True
    last = events.pop()
    if not events:
        return last.is_round_end is False
    if last.is_round_end is not True or last.type == "Bet":
        return False
    return not any(event.is_round_end is True or event.timestamp >= last.timestamp for event in events)


class Seen:
    """The events of a round, those that were left out among them, as the triggers look at them."""

    __slots__ = ("approved", "events", "groups", "is_anything_left_out", "is_bet_certain", "rollbacks")

    def __init__(self, members: Sequence[CasinoMember], left_out: Sequence[CasinoMember]) -> None:
        self.events = events = [member.event for member in members]
        self.is_anything_left_out = bool(left_out)
        self.is_bet_certain = any(event.type == "Bet" and event.status == "Approved" for event in events)
        events += [member.event for member in left_out]
        self.approved = [event for event in events if event.status == "Approved"]
        self.rollbacks = [event for event in events if event.status == "Rollback"]
        self.groups = _groups(events)
        """The events that share their identity with others."""

    @property
    def is_fixed(self) -> bool:
        """Whether every event counts, once, as an approved one, however anything is read."""
        return not (self.rollbacks or self.groups or self.is_anything_left_out)


def _groups(events: Iterable[CasinoEvent]) -> list[list[CasinoEvent]]:
    alike: dict[tuple[str, str, str], list[CasinoEvent]] = {}
    for event in events:
        alike.setdefault((event.activity_id, event.type, event.status), []).append(event)
    return [group for group in alike.values() if len(group) > 1]


def _rollback_target(seen: Seen) -> bool:
    """Whether a Rollback has more than one event to mean, or another by its id than by its likeness.

    Where it has one and the same in each way, or none in any, all phases find it, whatever the wallets.
    """
    if not seen.rollbacks or not seen.approved:
        return False
    by_name: dict[tuple[str, str], list[CasinoEvent]] = {}
    by_likeness: dict[tuple[str, str, Decimal], list[CasinoEvent]] = {}
    for event in seen.approved:
        by_name.setdefault((event.activity_id, event.type), []).append(event)
        by_likeness.setdefault((event.type, event.currency, event.amount), []).append(event)
    for rollback in seen.rollbacks:
        named = by_name.get((rollback.activity_id, rollback.type), [])
        alike = by_likeness.get((rollback.type, rollback.currency, rollback.amount), [])
        if len(named) != len(alike) or len(named) > 1 or (named and named[0] is not alike[0]):
            return True
    return False


def _rollback_amount(seen: Seen) -> bool:
    """Whether a Rollback is of less than an event with its activity_id, type and currency."""
    if not seen.rollbacks:
        return False
    most: dict[tuple[str, str, str], Decimal] = {}
    for event in seen.approved:
        name = event.activity_id, event.type, event.currency
        most[name] = max(event.amount, most.get(name, event.amount))
    return any(
        0 <= rollback.amount < most.get((rollback.activity_id, rollback.type, rollback.currency), 0)
        for rollback in seen.rollbacks
    )


def _rollback_scope(seen: Seen) -> bool:
    """Whether there is a Rollback, and anything that it could void."""
    return bool(seen.rollbacks and seen.approved)


def _end_flag(seen: Seen) -> bool:
    """Whether is_round_end was sent and, in a round whose events are certain to count, says what they do not."""
    approved = seen.approved
    if not approved or all(event.is_round_end is UNSET for event in seen.events):
        return False
    if not seen.is_fixed:
        return True
    ends = [event for event in approved if event.is_round_end is True]
    if "Bet" in {event.type for event in approved}:
        is_settled = any(event.type != "Bet" for event in approved)
        if is_settled is not bool(ends):
            return True  # ended without a Win or a Loss, or settled without an end
    return any(
        _time_and_activity(each) >= _time_and_activity(end) for end in ends for each in approved if each is not end
    )


def _missing_wallets(seen: Seen) -> bool:
    """Whether an amount is of no wallet, and is summed, or may decide what a Rollback reverses or takes of it.

    Where a Rollback can take a part, its likeness is another's than its id's: that is asked, too.
    """
    if any(_is_of_no_wallet(event) and event.type != "Loss" for event in seen.approved):
        return True
    return any(map(_is_of_no_wallet, seen.events)) and _rollback_target(seen)


def _conflicts(seen: Seen) -> bool:
    """Whether an identity has several contents."""
    return any(len(set(map(content_digest, group))) > 1 for group in seen.groups)


def _repeats(seen: Seen) -> bool:
    """Whether a content came several times under its identity."""
    return any(len(set(map(content_digest, group))) < len(group) for group in seen.groups)


def _lone_settlement(seen: Seen) -> bool:
    """Whether there is a Win or a Loss, and no Bet that counts whatever is read otherwise."""
    return not seen.is_bet_certain and any(event.type != "Bet" for event in seen.approved)


def _invalid_events(seen: Seen) -> bool:
    """Whether anything was left out that could be read."""
    return seen.is_anything_left_out


def _is_of_no_wallet(event: CasinoEvent) -> bool:
    wallets = event.wager_amount, event.bonus_wager_amount, event.locked_wager_amount
    return bool(event.amount) and all(wallet is UNSET for wallet in wallets)


def _time_and_activity(event: CasinoEvent) -> tuple[datetime, str]:
    return event.timestamp, event.activity_id


TRIGGERS: dict[str, Callable[[Seen], bool]] = {
    "rollback-target": _rollback_target,
    "rollback-amount": _rollback_amount,
    "rollback-scope": _rollback_scope,
    "end-flag": _end_flag,
    "missing-wallets": _missing_wallets,
    "conflicts": _conflicts,
    "repeats": _repeats,
    "lone-settlement": _lone_settlement,
    "invalid-events": _invalid_events,
}
"""The trigger of each assumption of the ledger, by its name."""
