"""FT4xx: what the Rollbacks of a round reverse, when, and what they leave behind."""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterator
from typing import Any

from ftcrm.contracts.events.casino import CasinoEvent
from ftcrm.contracts.events.payload import shortened
from ftcrm.contracts.instants import isoformat
from ftcrm.contracts.numbers import plain
from ftcrm.contracts.rounds import CasinoMember, Reversal, RoundFold, witness_of
from ftcrm.contracts.rules.registry import Hit, Scope, rule


@rule("FT401", "rollback-unknown", Scope.ROUND, clause="rollback.target", absence=True)
def rollback_unknown(fold: RoundFold) -> Iterator[Hit]:
    """A Rollback that reverses no event of its round.

    What it checks:
        Each Rollback finds an approved event of its round with its activity_id and type or, with an activity_id of its
        own, with its type, currency and amount. It is silent while deliveries of the round are excluded, and where the
        event that it could mean was rolled back already (FT404). Where no Bet was sent at all, but a Win was, FT301
        tells the Rollback of a Bet.
    Why it matters:
        Nothing is reversed. The stand-in keeps the Rollback as a tombstone, should its event still come, and so should
        a receiver: else a Bet that timed out and comes later stays in the totals as a ghost.
    Example:
        {"type": "Bet", "amount": 20, "status": "Rollback"}
    Use instead:
        {"type": "Bet", "amount": 20}
        {"type": "Bet", "amount": 20, "status": "Rollback"}
    What it cannot see:
        Why the event is missing: lost, never sent since the Bet timed out (then the Rollback is right), or sent with
        another round_id or amount. The contract has no field that names the reversed event.
    """
    if fold.doubts:
        return
    repeated = {rollback.seq for rollback, _ in _repeated(fold)}
    for member in fold.matching.tombstones:
        if member.seq in repeated:
            continue
        event = member.event
        wanted = f"a {event.type} of {plain(event.amount)} {event.currency}"
        message = f"rollback {shortened(event.activity_id)!r}: expected {wanted} in its round to reverse, got none"
        yield Hit(message, "", (member.seq,), implied_by=("FT301",) if event.type == "Bet" else ())


@rule("FT402", "rollback-partial", Scope.ROUND, clause="rollback.target")
def rollback_partial(fold: RoundFold) -> Iterator[Hit]:
    """A Rollback that has the activity_id of its event, and another amount or currency.

    What it checks:
        The amount and the currency of a Rollback that names its event by activity_id and type, against that event's.
        The event is reversed whole, whatever the Rollback says.
    Why it matters:
        Whether FT CRM knows partial reversals is not written down: what is left of the Bet may be counted, or not.
    Example:
        {"type": "Bet", "activity_id": "b", "amount": 20}
        {"type": "Bet", "activity_id": "b", "amount": 5, "status": "Rollback"}
    Use instead:
        {"type": "Bet", "activity_id": "b", "amount": 20}
        {"type": "Bet", "activity_id": "b", "amount": 20, "status": "Rollback"}
        {"type": "Bet", "activity_id": "b2", "amount": 15}
        {"type": "Win", "amount": 5}
    What it cannot see:
        A partial Rollback with an activity_id of its own: no event has its amount, and FT401 speaks.
    """
    for reversal in fold.reversals:
        wanted, found = reversal.target.event, reversal.rollback.event
        if (wanted.amount, wanted.currency) != (found.amount, found.currency):
            message = (
                f"amount: expected {plain(wanted.amount)} {wanted.currency}, which {shortened(found.activity_id)!r} "
                f"was sent with, got {plain(found.amount)} {found.currency} in its Rollback"
            )
            yield Hit(message, "/amount", witness_of(reversal.target, reversal.rollback))


@rule("FT403", "rollback-ambiguous", Scope.ROUND, clause="rollback.target")
def rollback_ambiguous(fold: RoundFold) -> Iterator[Hit]:
    """A Rollback with an activity_id of its own that several equal events of its round answer to.

    What it checks:
        A Rollback that no activity_id joins to its event, and several events of its type, currency and amount (and of
        its split into wallets, where one has that) that are not rolled back by another: it can mean any of them. The
        first by timestamp is reversed. What is later than the Rollback is not meant by it, unless all of them are.
    Why it matters:
        The totals are the same whichever is meant, but not the rest: which of two stakes a Win belongs to, when the
        player last placed a Bet, which bonus the money came from.
    Example:
        {"type": "Bet", "activity_id": "b1"}
        {"type": "Bet", "activity_id": "b2"}
        {"type": "Bet", "activity_id": "x", "status": "Rollback"}
    Use instead:
        {"type": "Bet", "activity_id": "b1"}
        {"type": "Bet", "activity_id": "b2"}
        {"type": "Bet", "activity_id": "b2", "status": "Rollback"}
        {"type": "Win"}
    What it cannot see:
        Whether a Rollback keeps the activity_id of its event is not known; this rule does not ask for it where one
        event alone can be meant.
    """
    for reversal in fold.reversals:
        if others := _as_likely(reversal):
            event = reversal.rollback.event
            message = (
                f"activity_id: expected that of the {event.type} that is meant, or one {event.type} alone to mean, "
                f"got {shortened(event.activity_id)!r} and {others + 1} of {plain(event.amount)} {event.currency}"
            )
            witness = witness_of(reversal.target, reversal.rollback, reversal.alternatives[0])
            yield Hit(message, "/activity_id", witness)


def _as_likely(reversal: Reversal) -> int:
    """How many of the alternatives, which are in the order of their timestamps, can be meant as well as the target."""
    at = reversal.rollback.event.timestamp
    if reversal.target.event.timestamp > at:
        return len(reversal.alternatives)
    return bisect_right(reversal.alternatives, at, key=lambda member: member.event.timestamp)


@rule("FT404", "rollback-repeated", Scope.ROUND, clause="rollback.target", absence=True)
def rollback_repeated(fold: RoundFold) -> Iterator[Hit]:
    """A further Rollback of an event that another Rollback reversed already.

    What it checks:
        A Rollback that finds nothing left to reverse, while an event of its type, currency and amount was reversed by
        a Rollback with another activity_id. It speaks once for each that is too many, and is silent while deliveries
        of the round are excluded: what it means may be among them. A Rollback that is delivered again is FT302's.
    Why it matters:
        A receiver that just subtracts refunds the player twice, and the round's bet goes below zero.
    Example:
        {"type": "Bet"}
        {"type": "Bet", "status": "Rollback", "activity_id": "x"}
        {"type": "Bet", "status": "Rollback", "activity_id": "y"}
    Use instead:
        {"type": "Bet"}
        {"type": "Bet", "status": "Rollback", "activity_id": "x"}
    What it cannot see:
        Whether the second Rollback is a retry with a new activity_id, or means another event of the same amount that
        was never sent.
    """
    if fold.doubts:
        return
    for rollback, earlier in _repeated(fold):
        event = rollback.event
        message = (
            f"rollback {shortened(event.activity_id)!r}: expected a {event.type} of {plain(event.amount)} "
            f"{event.currency} that is not reversed yet, got one that the Rollback "
            f"{shortened(earlier.rollback.event.activity_id)!r} reversed"
        )
        yield Hit(message, "", witness_of(rollback, earlier.rollback, earlier.target))


@rule("FT405", "rollback-arrived-first", Scope.ROUND, clause="rollback.order", absence=True, arrival=True)
def rollback_arrived_first(fold: RoundFold) -> Iterator[Hit]:
    """A Rollback that arrived before the event that it reverses.

    What it checks:
        The order of arrival of each Rollback and its event, whatever their timestamps say. Of several equal events
        that it can mean, it is enough that one had arrived for each Rollback so far. It is silent while deliveries of
        the round are excluded: the event may have come among them before.
    Why it matters:
        A receiver that finds nothing to reverse drops the Rollback; the event comes afterwards and stays: a ghost Bet.
        The stand-in keeps the Rollback as a tombstone, and reverses the event when it comes.
    Example:
        {"type": "Bet", "activity_id": "b", "status": "Rollback"}
        {"type": "Bet", "activity_id": "b"}
    Use instead:
        {"type": "Bet", "activity_id": "b"}
        {"type": "Bet", "activity_id": "b", "status": "Rollback"}
    What it cannot see:
        Whether the channel turned the order round. A Bet that timed out at the sender, was rolled back and came after
        all looks the same: nothing is wrong with it but the order.
    """
    for rollback, target in _arrived_first(fold):
        event = rollback.event
        message = (
            f"status: expected the {event.type} {shortened(target.event.activity_id)!r} to arrive before its Rollback, "
            f"got the Rollback {shortened(event.activity_id)!r} first"
        )
        yield Hit(message, "/status", witness_of(rollback, target))


@rule("FT406", "rollback-earlier-than-target", Scope.ROUND, clause="rollback.order", absence=True)
def rollback_earlier_than_target(fold: RoundFold) -> Iterator[Hit]:
    """A Rollback with a timestamp earlier than that of the event that it reverses.

    What it checks:
        The timestamp of each Rollback against its event's, as instants; equal ones draw nothing. Of several equal
        events that it can mean, it is enough that one is not later for each Rollback so far. It is silent while
        deliveries of the round are excluded. Of a Rollback that arrived first, too, FT405 tells it.
    Why it matters:
        Read in the order of their timestamps, the Rollback reverses nothing and the event stays. The cause is mostly a
        clock or an offset that differs between the senders of the two.
    Example:
        {"type": "Bet", "activity_id": "b", "timestamp": "2026-03-02T08:00:01Z"}
        {"type": "Bet", "activity_id": "b", "timestamp": "2026-03-02T08:00:00Z", "status": "Rollback"}
    Use instead:
        {"type": "Bet", "activity_id": "b", "timestamp": "2026-03-02T08:00:00Z"}
        {"type": "Bet", "activity_id": "b", "timestamp": "2026-03-02T08:00:01Z", "status": "Rollback"}
    What it cannot see:
        Which of the two is wrong. A Rollback that repeats its event's timestamp draws nothing.
    """
    overtook = {rollback.seq for rollback, _ in _arrived_first(fold)}
    for rollback, target in _misplaced(fold, lambda member: member.event.timestamp):
        message = (
            f"timestamp: expected not before the {target.event.type}'s {isoformat(target.event.timestamp)}, "
            f"got {isoformat(rollback.event.timestamp)} in its Rollback"
        )
        roots = ("FT405",) if rollback.seq in overtook else ()
        yield Hit(message, "/timestamp", witness_of(rollback, target), implied_by=roots)


@rule("FT407", "win-of-rolled-back-bet", Scope.ROUND, clause="rollback.whole-round", absence=True)
def win_of_rolled_back_bet(fold: RoundFold) -> Iterator[Hit]:
    """A round whose Bets were all rolled back while a Win of it still stands.

    What it checks:
        Bets were sent and each was reversed; a Win with an amount other than 0 was not, whatever came first. It speaks
        once a round, and is silent while deliveries of the round are excluded: another Bet may be among them. A Loss
        or a Win of 0 moved no money, and need not be rolled back with the Bet.
    Why it matters:
        An orphan Win: money won on no stake. The player has the stake back and keeps the win, and GGR is off by both.
    Example:
        {"type": "Bet"}
        {"type": "Win", "amount": 5}
        {"type": "Bet", "status": "Rollback"}
    Use instead:
        {"type": "Bet"}
        {"type": "Win", "amount": 5}
        {"type": "Win", "amount": 5, "status": "Rollback"}
        {"type": "Bet", "status": "Rollback"}
    What it cannot see:
        A Win that belongs to one of several Bets: as long as another Bet stands, which Bet it was won on is not known.
        A Rollback of the Win that is still on its way: the finding goes when it comes.
    """
    reversal = next((reversal for reversal in fold.reversals if reversal.target.event.type == "Bet"), None)
    if reversal is None or fold.round.state != "orphan" or fold.doubts:
        return
    win = next((member for member in fold.settlements if member.event.type == "Win" and member.event.amount), None)
    if win is not None:
        message = (
            f"status: expected a Rollback of the Win {shortened(win.event.activity_id)!r} of "
            f"{plain(win.event.amount)} {win.event.currency}, too, got one of the Bet alone"
        )
        yield Hit(message, "/status", witness_of(reversal.target, reversal.rollback, win))


@rule("FT408", "rollback-after-end", Scope.ROUND, clause="rollback.ended")
def rollback_after_end(fold: RoundFold) -> Iterator[Hit]:
    """A Rollback that changes a round after its end, and leaves a part of the round standing.

    What it checks:
        A Rollback that reverses an event, with a timestamp later than that of a Win or a Loss with is_round_end true,
        rolled back or not. It is silent when the whole round is rolled back (no Bet and no amount of a Win or a Loss
        stands), and when something that stands ends the round no earlier than the Rollback. It speaks once a round.
        Where a Win is left without its Bet (FT407) or a Bet without its Loss (FT409), those tell it.
    Why it matters:
        What was computed at the round's end (its GGR, a mission, a cashback) is wrong from then on, and nothing ends
        the round again. A corrected Win that has the flag does.
    Example:
        {"type": "Bet"}
        {"type": "Win", "activity_id": "w", "is_round_end": true}
        {"type": "Win", "activity_id": "w", "is_round_end": true, "status": "Rollback"}
    Use instead:
        {"type": "Bet"}
        {"type": "Win", "activity_id": "w"}
        {"type": "Win", "activity_id": "w", "status": "Rollback"}
        {"type": "Win", "amount": 5, "is_round_end": true}
    What it cannot see:
        Corrections that are right: a Win of a wrong amount that is rolled back and sent again looks the same. Ends
        that are not flagged.
    """
    if not fold.reversals:
        return
    standing = [member for member in fold.matching.live if member.event.type == "Bet" or member.event.amount]
    end = next((member for member in fold.events if _is_end(member.event)), None)
    if end is None or not standing:
        return
    ended_at = end.event.timestamp
    ends = [member.event.timestamp for member in fold.matching.live if _is_end(member.event)]
    last = max(ends, default=ended_at)
    later = [reversal for reversal in fold.reversals if reversal.rollback.event.timestamp > max(ended_at, last)]
    if later:
        first = min(later, key=lambda reversal: reversal.rollback.event.timestamp)
        left = min(standing, key=lambda member: member.seq != end.seq)
        message = (
            f"timestamp: expected no Rollback after the end of the round at {isoformat(ended_at)}, "
            f"got one of a {first.target.event.type} at {isoformat(first.rollback.event.timestamp)}"
        )
        witness = witness_of(*{member.seq: member for member in (end, first.target, first.rollback, left)}.values())
        yield Hit(message, "/timestamp", witness, implied_by=("FT407", "FT409"))


@rule("FT409", "rollback-of-loss", Scope.ROUND, clause="loss.amount", absence=True)
def rollback_of_loss(fold: RoundFold) -> Iterator[Hit]:
    """A Rollback of a Loss that opens its round again.

    What it checks:
        A Loss was reversed, and its round is open now: a Bet stands, and neither a Win nor a Loss does. It speaks once
        a round, and is silent while deliveries of the round are excluded. A Loss that is rolled back with its Bet, or
        that another Win or Loss takes the place of, draws nothing.
    Why it matters:
        A Loss moved no money, so that there is nothing to give back: what is refunded is the Bet. Rolling back the
        Loss alone leaves the stake in the totals and the round without a result.
    Example:
        {"type": "Bet", "amount": 20}
        {"type": "Loss", "amount": 0}
        {"type": "Loss", "amount": 0, "status": "Rollback"}
    Use instead:
        {"type": "Bet", "amount": 20}
        {"type": "Loss", "amount": 0}
        {"type": "Bet", "amount": 20, "status": "Rollback"}
    What it cannot see:
        A Win that is still to come in the place of the Loss: the finding goes when it arrives.
    """
    if fold.round.state != "open" or fold.doubts:
        return
    reversal = next((reversal for reversal in fold.reversals if reversal.target.event.type == "Loss"), None)
    if reversal is not None:
        loss = shortened(reversal.target.event.activity_id)
        message = f"type: expected a Rollback of the Bet, or a Win in the Loss's place, got one of the Loss {loss!r}"
        yield Hit(message, "/type", witness_of(fold.matching.live[0], reversal.target, reversal.rollback))


def _repeated(fold: RoundFold) -> list[tuple[CasinoMember, Reversal]]:
    """The tombstones that are equal to an event that was reversed, and the reversal of it."""
    if not fold.matching.tombstones:
        return []
    reversals: dict[Hashable, Reversal] = {}
    for reversal in fold.reversals:
        reversals.setdefault(_likeness(reversal.target.event), reversal)
    likely = ((member, reversals.get(_likeness(member.event))) for member in fold.matching.tombstones)
    return [(member, reversal) for member, reversal in likely if reversal is not None]


def _arrived_first(fold: RoundFold) -> list[tuple[CasinoMember, CasinoMember]]:
    """The Rollbacks that arrived before their event did, in whatever content."""
    if not fold.reversals:
        return []
    arrival = fold.first_seqs()
    return _misplaced(fold, lambda member: member.seq if member.event.status == "Rollback" else arrival(member))


def _misplaced(fold: RoundFold, place: Callable[[CasinoMember], Any]) -> list[tuple[CasinoMember, CasinoMember]]:
    """The Rollbacks, each with its event, that stand before it in that order, however they are paired.

    Equal events cannot be told apart: the first Rollback is given the first of them, the second the second, and so on.
    If one stands before its event then, it does in every other pairing, or another one does.
    """
    if not fold.reversals or fold.doubts:
        return []
    named = {reversal.target.seq for reversal in fold.reversals if reversal.phase == 1}
    pairs = [(reversal.rollback, reversal.target) for reversal in fold.reversals if reversal.phase == 1]
    rollbacks: dict[Hashable, list[CasinoMember]] = {}
    for reversal in fold.reversals:
        if reversal.phase != 1:
            rollbacks.setdefault(_likeness(reversal.rollback.event), []).append(reversal.rollback)
    targets: dict[Hashable, list[CasinoMember]] = {likeness: [] for likeness in rollbacks}
    for member in fold.events:
        if rollbacks and member.event.status == "Approved" and member.seq not in named:
            targets.get(_likeness(member.event), []).append(member)
    for likeness, alike in rollbacks.items():
        pairs += zip(sorted(alike, key=place), sorted(targets[likeness], key=place), strict=False)
    return [(rollback, target) for rollback, target in pairs if place(rollback) < place(target)]


def _likeness(event: CasinoEvent) -> Hashable:
    return event.type, event.currency, event.amount


def _is_end(event: CasinoEvent) -> bool:
    return event.is_round_end is True and event.status == "Approved" and event.type != "Bet"
