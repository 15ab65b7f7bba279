"""FT3xx: one activity_id for several events of one round: what differs in them, and whether it matters."""

from collections.abc import Hashable, Iterator

from ftcrm.contracts.events.payload import shortened
from ftcrm.contracts.rounds import CasinoMember, RoundFold, wallets_of, witness_of
from ftcrm.contracts.rules.registry import Hit, Scope, rule


@rule("FT303", "conflicting-activity", Scope.ROUND, clause="casino.activity_id")
def conflicting_activity(fold: RoundFold) -> Iterator[Hit]:
    """One activity_id for several events of one type that differ in what they say: "Unique ID for each event".

    What it checks:
        Within a round, approved events with one activity_id and type agree in amount and wallets (one that is not there
        is 0), currency, rate, timestamp, game, vendor, user_bonus_id and end flag. Of several contents the first in
        canonical order (by timestamp) counts, whichever came first.
    Why it matters:
        A receiver that knows the id takes the second event for a retry and drops it, or lets it overwrite the first:
        which amount counts is left to chance.
    Example:
        {"type": "Bet", "activity_id": "b", "amount": 20}
        {"type": "Bet", "activity_id": "b", "amount": 30}
    Use instead:
        {"type": "Bet", "activity_id": "b1", "amount": 20}
        {"type": "Bet", "activity_id": "b2", "amount": 30}
    What it cannot see:
        Which content was meant. A retry whose timestamp is the time of sending instead of the time of the Bet looks
        the same, and is the same fault. Rollbacks are FT410's, since nobody knows whether they keep an id.
    """
    for contents in fold.conflicts:
        differing = _differing(contents)
        if differing is not None and contents[0].event.status == "Approved":
            event = contents[0].event
            message = (
                f"activity_id {shortened(event.activity_id)!r}: expected one {event.type}, got several that differ"
            )
            yield Hit(message, "/activity_id", witness_of(contents[0], differing))


@rule("FT323", "changed-redelivery", Scope.ROUND, clause="delivery")
def changed_redelivery(fold: RoundFold) -> Iterator[Hit]:
    """An event that arrived again with other particulars, in nothing that its round counts.

    What it checks:
        Within a round, events with one activity_id, type and status that agree in all that FT303 compares, and differ
        in the rest: balances, meta, or whether a wallet of 0 is there.
    Why it matters:
        It is taken for a redelivery and counted once. A receiver that compares contents, or takes their hash for the
        identity, counts it twice.
    Example:
        {"type": "Bet", "activity_id": "b", "timestamp": "2026-03-02T08:00:00Z", "meta": {"attempt": 1}}
        {"type": "Bet", "activity_id": "b", "timestamp": "2026-03-02T08:00:00Z", "meta": {"attempt": 2}}
    Use instead:
        {"type": "Bet", "activity_id": "b"}
    What it cannot see:
        Whether it is a retry that was written anew, or another event that got the same id.
    """
    for contents in fold.conflicts:
        if _differing(contents) is None:
            event = contents[0].event
            message = (
                f"activity_id {shortened(event.activity_id)!r}: expected the same {event.type} again, "
                f"got one with other particulars"
            )
            yield Hit(message, "/activity_id", witness_of(*contents[:2]))


@rule("FT410", "conflicting-rollback", Scope.ROUND, clause="rollback.target")
def conflicting_rollback(fold: RoundFold) -> Iterator[Hit]:
    """Rollbacks with one activity_id and type that differ in what they say.

    What it checks:
        As FT303, of events with the status Rollback. The first in canonical order (by timestamp) counts.
    Why it matters:
        A receiver that knows the id drops the second; one that does not reverses twice, or two parts of one amount.
    Example:
        {"type": "Bet", "activity_id": "b", "status": "Rollback", "timestamp": "2026-03-02T08:00:01Z"}
        {"type": "Bet", "activity_id": "b", "status": "Rollback", "timestamp": "2026-03-02T08:00:02Z"}
    Use instead:
        {"type": "Bet", "activity_id": "b"}
        {"type": "Bet", "activity_id": "b", "status": "Rollback", "timestamp": "2026-03-02T08:00:02Z"}
    What it cannot see:
        Whether a Rollback keeps its event's activity_id, and whether it can reverse a part: nobody wrote it down. Two
        partial Rollbacks of one Bet look the same.
    """
    for contents in fold.conflicts:
        differing = _differing(contents)
        if differing is not None and contents[0].event.status == "Rollback":
            event = contents[0].event
            message = (
                f"activity_id {shortened(event.activity_id)!r}: expected one Rollback of a {event.type}, "
                f"got several that differ"
            )
            yield Hit(message, "/activity_id", witness_of(contents[0], differing))


def _differing(contents: tuple[CasinoMember, ...]) -> CasinoMember | None:
    """The first of them that says something else than the one that counts, in what a round counts."""
    first = _substance(contents[0])
    return next((member for member in contents[1:] if _substance(member) != first), None)


def _substance(member: CasinoMember) -> Hashable:
    event = member.event
    money = event.amount, wallets_of(event)[:3], event.currency, event.exchange_rate
    game = event.game_id, event.game_name, event.game_type, event.vendor_id, event.vendor_name
    return money, game, event.timestamp, event.user_bonus_id, event.is_round_end is True
