"""FT3xx: the order of one round, as its events arrived and as their timestamps tell it."""

from collections.abc import Iterator

from ftcrm.contracts.events.payload import shortened
from ftcrm.contracts.instants import isoformat
from ftcrm.contracts.rounds import RoundFold, witness_of
from ftcrm.contracts.rules.registry import Hit, Scope, rule


@rule("FT305", "settlement-arrived-first", Scope.ROUND, clause="scenario-a", absence=True, arrival=True)
def settlement_arrived_first(fold: RoundFold) -> Iterator[Hit]:
    """A Win or a Loss that arrived before the first Bet of its round: "First we should receive [...] Bet".

    What it checks:
        The order of arrival, whatever the timestamps say: of the Wins and Losses that are not rolled back, none arrived
        before any Bet of the round had. Redeliveries do not matter, nor does what arrives after the first Bet. It is
        silent without a Bet (FT301 speaks), and while deliveries of the round are excluded: an earlier Bet may be
        among them.
    Why it matters:
        "The events are sequence sensitive": a receiver that handles a Win before its Bet knows no round to add it to.
        Several consumers of one queue, topics or partitions without a key, and workers that send side by side all do
        this, now and then.
    Example:
        {"type": "Win"}
        {"type": "Bet"}
    Use instead:
        {"type": "Bet"}
        {"type": "Win"}
    What it cannot see:
        The order in which events were sent: a channel that reorders them looks the same. A Win that overtakes the
        second Bet of a round that has one already draws nothing.
    """
    if not _complete(fold):
        return
    arrival = fold.first_seqs()
    bet, settlement = min(fold.bets, key=arrival), min(fold.settlements, key=arrival)
    if arrival(settlement) < arrival(bet):
        event = settlement.event
        message = (
            f"type: expected a Bet to arrive first in round {shortened(event.round_id)!r}, "
            f"got the {event.type} {shortened(event.activity_id)!r} before it"
        )
        yield Hit(message, "/type", (arrival(settlement), arrival(bet)))


@rule("FT306", "settlement-earlier-than-bet", Scope.ROUND, clause="round.order", absence=True)
def settlement_earlier_than_bet(fold: RoundFold) -> Iterator[Hit]:
    """A Win or a Loss with a timestamp earlier than every Bet of its round.

    What it checks:
        The earliest timestamp of the Wins and Losses that are not rolled back against the earliest one of the Bets,
        rolled back or not, as instants. It speaks once a round, and is silent without a Bet and while deliveries of the
        round are excluded: an earlier Bet may be among them. Where that Win or Loss arrived before every Bet, too,
        FT305 tells it.
    Why it matters:
        Rounds, sessions and what a player did last are put in order by timestamps: the round seems to begin with its
        result. The cause is mostly a clock or an offset that differs between the senders of Bets and of Wins.
    Example:
        {"type": "Bet", "timestamp": "2026-03-02T08:00:01Z"}
        {"type": "Win", "timestamp": "2026-03-02T08:00:00Z"}
    Use instead:
        {"type": "Bet", "timestamp": "2026-03-02T08:00:00Z"}
        {"type": "Win", "timestamp": "2026-03-02T08:00:01Z"}
    What it cannot see:
        Which of the two timestamps is wrong, and clocks that are wrong but keep the order.
    """
    if not _complete(fold):
        return
    bet, settlement = fold.bets[0], fold.settlements[0]
    if settlement.event.timestamp < bet.event.timestamp:
        arrival = fold.first_seqs()
        overtook = arrival(settlement) < min(map(arrival, fold.bets))
        message = (
            f"timestamp: expected after the Bet's {isoformat(bet.event.timestamp)}, "
            f"got {isoformat(settlement.event.timestamp)} in a {settlement.event.type}"
        )
        yield Hit(message, "/timestamp", witness_of(bet, settlement), implied_by=("FT305",) if overtook else ())


@rule("FT314", "equal-timestamps", Scope.ROUND, clause="round.order", absence=True)
def equal_timestamps(fold: RoundFold) -> Iterator[Hit]:
    """A round whose first Bet and first Win or Loss have the same timestamp.

    What it checks:
        The earliest timestamp of the Wins and Losses that are not rolled back is, as an instant to the microsecond, the
        earliest one of the Bets. It speaks once a round, and is silent without a Bet and while deliveries of the round
        are excluded. A later Bet may share its timestamp with a Win.
    Why it matters:
        The timestamps do not say which came first, and events that are read in their order can come out as a Win
        before its Bet. The cause is mostly a timestamp in whole seconds, or the time of sending a batch.
    Example:
        {"type": "Bet", "timestamp": "2026-03-02T08:00:00Z"}
        {"type": "Win", "timestamp": "2026-03-02T08:00:00Z"}
    Use instead:
        {"type": "Bet", "timestamp": "2026-03-02T08:00:00.104Z"}
        {"type": "Win", "timestamp": "2026-03-02T08:00:00.371Z"}
    What it cannot see:
        Games that settle a Bet in the instant in which it is placed: their events are right, and still have no order.
    """
    if not _complete(fold):
        return
    bet, settlement = fold.bets[0], fold.settlements[0]
    if settlement.event.timestamp == bet.event.timestamp:
        found = isoformat(bet.event.timestamp)
        message = f"timestamp: expected after the Bet's {found}, got the same in a {settlement.event.type}"
        yield Hit(message, "/timestamp", witness_of(bet, settlement))


def _complete(fold: RoundFold) -> bool:
    """Whether there is anything to put in order, and no Bet that is missing from it."""
    return bool(fold.settlements and fold.bets and not fold.may_lack("Bet"))
