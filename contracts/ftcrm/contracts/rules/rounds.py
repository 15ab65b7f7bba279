"""FT3xx: the events of one round together."""

from collections.abc import Iterator

from ftcrm.contracts.rounds import RoundFold
from ftcrm.contracts.rules.registry import Hit, Scope, rule


@rule("FT301", "settlement-without-bet", Scope.ROUND, clause="scenario-a", absence=True)
def settlement_without_bet(fold: RoundFold) -> Iterator[Hit]:
    """A Win or a Loss in a round that no Bet was sent for: "First we should receive a Casino Event with Type Bet".

    It speaks when no Bet of the round is there at all; a Bet that was rolled back was sent. While deliveries of the
    round are excluded for breaking the contract it is silent: the Bet may be among them, and their findings come first.
    """
    live = fold.matching.live
    settlements = [member.seq for member in live if member.event.type != "Bet"]
    bets = [member for member in fold.events if (member.event.type, member.event.status) == ("Bet", "Approved")]
    if settlements and not bets and not fold.round.excluded:
        message = f"round_id {fold.round.round_id!r}: expected a Bet, got only a Win or Loss"
        yield Hit(message, "/round_id", (min(settlements),))


@rule("FT302", "repeated-delivery", Scope.ROUND, clause="delivery")
def repeated_delivery(fold: RoundFold) -> Iterator[Hit]:
    """An event that arrived again with the same content: normal, counted once. A note, which fails nothing."""
    for kept, again in fold.repeats:
        yield Hit(
            f"activity_id {kept.event.activity_id!r}: the same event again, counted once", "", (kept.seq, again.seq)
        )


@rule("FT303", "conflicting-activity", Scope.ROUND, clause="casino.activity_id")
def conflicting_activity(fold: RoundFold) -> Iterator[Hit]:
    """One activity_id, type and status with several contents: "Unique ID for each event"."""
    for contents in fold.conflicts:
        event = contents[0].event
        wanted = f"one {event.type} ({event.status})"
        message = f"activity_id {event.activity_id!r}: expected {wanted}, got {len(contents)} that differ"
        yield Hit(message, "/activity_id", tuple(sorted(member.seq for member in contents[:2])))


@rule("FT304", "mixed-currencies", Scope.ROUND, clause="round.currency")
def mixed_currencies(fold: RoundFold) -> Iterator[Hit]:
    """Live events of several currencies in one round: its totals stand per currency."""
    first: dict[str, int] = {}
    for member in fold.matching.live:
        first.setdefault(member.event.currency, member.seq)
    if len(first) > 1:
        found = " and ".join(sorted(first))
        yield Hit(f"currency: expected one in a round, got {found}", "/currency", tuple(sorted(first.values())))
