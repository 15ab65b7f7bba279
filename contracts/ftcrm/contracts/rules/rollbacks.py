"""FT4xx: what the Rollbacks of a round reverse."""

from collections.abc import Iterator

from ftcrm.contracts.numbers import plain
from ftcrm.contracts.rounds import RoundFold
from ftcrm.contracts.rules.registry import Hit, Scope, rule


@rule("FT401", "rollback-unknown", Scope.ROUND, clause="rollback.target", absence=True)
def rollback_unknown(fold: RoundFold) -> Iterator[Hit]:
    """A Rollback that no event of its round answers to: it stays as a tombstone, should that event still come."""
    for member in fold.matching.tombstones:
        event = member.event
        wanted = f"a {event.type} of {plain(event.amount)} {event.currency}"
        message = f"rollback {event.activity_id!r}: expected {wanted}, not yet reversed, in its round, got none"
        yield Hit(message, "", (member.seq,))


@rule("FT402", "rollback-partial", Scope.ROUND, clause="rollback.target")
def rollback_partial(fold: RoundFold) -> Iterator[Hit]:
    """A Rollback with its event's activity_id and another amount: the event is reversed whole."""
    for reversal in fold.reversals:
        wanted, found = reversal.target.event, reversal.rollback.event
        if (wanted.amount, wanted.currency) != (found.amount, found.currency):
            message = (
                f"rollback {found.activity_id!r}: expected {plain(wanted.amount)} {wanted.currency}, "
                f"got {plain(found.amount)} {found.currency}"
            )
            yield Hit(message, "/amount", tuple(sorted((reversal.target.seq, reversal.rollback.seq))))


@rule("FT403", "rollback-ambiguous", Scope.ROUND, clause="rollback.target")
def rollback_ambiguous(fold: RoundFold) -> Iterator[Hit]:
    """A Rollback with an activity_id of its own that several equal events answer to, not all of which are reversed."""
    for reversal in fold.reversals:
        if others := reversal.alternatives:
            event = reversal.rollback.event
            message = (
                f"rollback {event.activity_id!r}: expected one {event.type} that it can mean, got {len(others) + 1}"
            )
            witness = sorted((reversal.target.seq, reversal.rollback.seq, others[0].seq))
            yield Hit(message, "/activity_id", tuple(witness))
