"""FT3xx: how one round ends: settled or forgotten, once, with a Win, with a Win of 0 or with a Loss of 0."""

from collections.abc import Iterator

from ftcrm.contracts.events.payload import shortened
from ftcrm.contracts.instants import isoformat
from ftcrm.contracts.numbers import plain
from ftcrm.contracts.rounds import CasinoMember, Overdue, RoundFold, witness_of
from ftcrm.contracts.rules.registry import Hit, Scope, rule
from ftcrm.contracts.settings import written_duration


@rule("FT307", "never-settled", Scope.ROUND_CLOSED, clause="scenario-a", absence=True)
def never_settled(fold: RoundFold) -> Iterator[Hit]:
    """A Bet that no Win and no Loss followed when the run was closed: "We should then receive [...] Win or Loss".

    What it checks:
        Once the run is closed, every round with a Bet that is not rolled back has a Win or a Loss. It speaks once a
        round, and is silent where a Win or a Loss was sent and rolled back (FT319 speaks), and while a delivery that
        may be the Win or the Loss is excluded: its findings come first.
    Why it matters:
        "If a bet does not result in a win, you can send a loss event or a win with an amount of 0 to close the round."
        A round that nothing closes stays open in FT CRM for ever, and is missing from what counts finished rounds.
    Example:
        {"type": "Bet"}
        close
    Use instead:
        {"type": "Bet"}
        {"type": "Loss", "amount": 0}
        close
    What it cannot see:
        A settlement that comes after the run was closed: the finding goes when it arrives. Close a run when everything
        has been sent.
    """
    if not fold.may_lack("Win", "Loss") and not _was_settled(fold):
        yield _unsettled(fold, "before the run was closed")


@rule("FT319", "settlement-rolled-back", Scope.ROUND_CLOSED, clause="round.reopened", absence=True)
def settlement_rolled_back(fold: RoundFold) -> Iterator[Hit]:
    """A Bet whose Wins and Losses were all rolled back, and that no other followed when the run was closed.

    What it checks:
        Once the run is closed: a round with a Bet that is not rolled back, and with a Win or a Loss that is. It speaks
        once a round, and is silent while a delivery that may be another Win or Loss is excluded.
    Why it matters:
        The events of Scenario A were all sent; but what the Rollback leaves is a Bet without a result, and the round
        stays open.
    Example:
        {"type": "Bet"}
        {"type": "Win", "activity_id": "w"}
        {"type": "Win", "activity_id": "w", "status": "Rollback"}
        close
    Use instead:
        {"type": "Bet"}
        {"type": "Win", "activity_id": "w"}
        {"type": "Win", "activity_id": "w", "status": "Rollback"}
        {"type": "Loss", "amount": 0}
        close
    What it cannot see:
        What FT CRM makes of a Rollback of a Win: nobody wrote down that it opens the round again.
    """
    if not fold.may_lack("Win", "Loss") and _was_settled(fold):
        yield _unsettled(fold, "before the run was closed")


@rule("FT308", "settlement-overdue", Scope.ROUND_OVERDUE, clause="round.deadline", absence=True)
def settlement_overdue(overdue: Overdue) -> Iterator[Hit]:
    """An open round that nothing arrived of for longer than the configured deadline.

    What it checks:
        With `rounds.deadline` set: a round with a Bet that is not rolled back, and no such Win or Loss, when so much
        time has passed since its last delivery was received. It speaks once a round, and is silent while deliveries of
        the round are excluded. Another delivery of the round gives it as much time again.
    Why it matters:
        Most games settle within seconds or minutes: a round that stays open longer has lost its Win or Loss on the
        way, or its sender does not send Losses.
    Example:
        settings rounds.deadline=24h
        {"type": "Bet"}
        later 25h
    Use instead:
        settings rounds.deadline=24h
        {"type": "Bet"}
        {"type": "Loss", "amount": 0}
        later 25h
    What it cannot see:
        Rounds that rightly stay open longer than the deadline: a feature that the player resumes days later, a bet on
        an event to come. The contract names no deadline; without the setting the rule is silent.
    """
    if not overdue.fold.may_lack("Win", "Loss"):
        yield _unsettled(overdue.fold, f"within {written_duration(overdue.deadline)} of the last delivery")


@rule("FT309", "round-ended-twice", Scope.ROUND, clause="round.one-end", absence=True)
def round_ended_twice(fold: RoundFold) -> Iterator[Hit]:
    """A round that ends more than once: several ends are flagged, or there are more Losses than Bets.

    What it checks:
        Of the Wins and Losses that are not rolled back, one at most has is_round_end true. And there are no more Losses
        than Bets were sent (each Bet of a round may be lost on its own), unless deliveries of the round are excluded.
        It speaks once a round.
    Why it matters:
        What happens at a round's end happens twice, or after the first of several wins, when the rest of the round is
        still to come: a count of rounds, a mission, a message to the player.
    Example:
        {"type": "Win", "is_round_end": true}
        {"type": "Win", "is_round_end": true}
    Use instead:
        {"type": "Bet"}
        {"type": "Win", "is_round_end": false}
        {"type": "Win", "is_round_end": true}
    What it cannot see:
        Which end was the right one. Sent with every Win, the flag says no more than the type does; a round with one
        Win draws nothing then.
    """
    flagged = [member for member in fold.settlements if _ends(member)] if fold.round.end_flagged else []
    later = [member for member in flagged if member.event.timestamp > flagged[0].event.timestamp]
    if later:
        message = f"is_round_end: expected true once in a round, got it in {len(flagged)} Wins or Losses"
        yield Hit(message, "/is_round_end", witness_of(flagged[0], later[0]))
        return
    losses = [member for member in fold.settlements if member.event.type == "Loss"]
    if _too_many(fold, losses):
        message = f"type: expected one Loss at most for each Bet, got {len(losses)} for {len(fold.bets)}"
        yield Hit(message, "/type", witness_of(*losses[-2:]), clause="round.one-closing")


@rule("FT310", "zero-win-and-loss", Scope.ROUND, clause="round.one-closing", absence=True)
def zero_win_and_loss(fold: RoundFold) -> Iterator[Hit]:
    """A Win of 0 and a Loss that close the same Bet: "a loss event or a win with an amount of 0".

    What it checks:
        The round has both a Win of 0 and a Loss that are not rolled back, and more of them together than Bets were
        sent: each Bet of a round may be closed in its own way. It speaks once a round, and is silent while deliveries
        of the round are excluded.
    Why it matters:
        The Bet is closed twice. What counts losses, or rounds by their result, counts this one as two.
    Example:
        {"type": "Win", "amount": 0}
        {"type": "Loss", "amount": 0}
    Use instead:
        {"type": "Bet"}
        {"type": "Loss", "amount": 0}
    What it cannot see:
        A Loss beside a Win above 0: parts of a Bet may be lost while others win, so that this draws nothing.
    """
    closings = [member for member in fold.settlements if _wins_nothing(member)]
    kinds = {member.event.type: member for member in reversed(closings)}
    if len(kinds) > 1 and _too_many(fold, closings):
        message = "type: expected a Loss or a Win of 0 to close the Bet, got both"
        yield Hit(message, "/type", witness_of(*kinds.values()))


@rule("FT311", "loss-with-amount", Scope.ROUND, clause="loss.amount")
def loss_with_amount(fold: RoundFold) -> Iterator[Hit]:
    """A Loss with an amount other than 0.

    What it checks:
        The amount of every Loss that is not rolled back, of each on its own.
    Why it matters:
        What the player lost is the amount of the Bet. A Loss that repeats it can be counted as paid, or as staked, a
        second time: GGR is off by that amount.
    Example:
        {"type": "Loss", "amount": 20}
    Use instead:
        {"type": "Bet", "amount": 20}
        {"type": "Loss", "amount": 0}
    What it cannot see:
        What FT CRM does with the amount: the contract says nothing of a Loss's amount. The stand-in counts none.
    """
    for member in fold.settlements:
        if member.event.type == "Loss" and member.event.amount:
            message = f"amount: expected 0 in a Loss, got {plain(member.event.amount)}"
            yield Hit(message, "/amount", (member.seq,))


@rule("FT312", "event-after-end", Scope.ROUND, clause="round.one-end")
def event_after_end(fold: RoundFold) -> Iterator[Hit]:
    """A Bet, a Win or a Loss with a timestamp later than that of an event that ended its round.

    What it checks:
        Of the events that are not rolled back, none is later than the earliest one with is_round_end true. A Rollback
        may be later (see FT408), and equal timestamps draw nothing. It speaks once a round. What lies between two ends
        is told by FT309, what follows a Bet with the flag by FT313, and a Win of 0 beside a Loss by FT310.
    Why it matters:
        What is computed at a round's end (its GGR, a mission, a cashback) does not see what comes later.
    Example:
        {"type": "Win", "is_round_end": true}
        {"type": "Win"}
    Use instead:
        {"type": "Bet"}
        {"type": "Win"}
        {"type": "Win", "is_round_end": true}
    What it cannot see:
        Whether the flag or the later event is wrong. A jackpot that is paid out after the end of the round that won it
        looks the same. An event without the flag ends nothing.
    """
    if not fold.round.end_flagged:
        return
    ends = [member for member in fold.matching.live if _ends(member)]
    end, roots = ends[-1], ["FT313"] if ends[-1].event.type == "Bet" else []
    later = _first_after(fold, end)
    if later is None:
        end, roots = ends[0], ["FT309", "FT313"]
        later = _first_after(fold, end)
    if later is not None:
        message = (
            f"timestamp: expected nothing later than the end of the round at {isoformat(end.event.timestamp)}, "
            f"got a {later.event.type} at {isoformat(later.event.timestamp)}"
        )
        if _wins_nothing(end) and _wins_nothing(later):
            roots.append("FT310")
        yield Hit(message, "/timestamp", witness_of(end, later), implied_by=tuple(roots))


@rule("FT313", "end-flag-on-bet", Scope.ROUND, clause="round.one-end")
def end_flag_on_bet(fold: RoundFold) -> Iterator[Hit]:
    """A Bet with is_round_end true.

    What it checks:
        Bets that are not rolled back. It speaks once a round and shows the first by timestamp.
    Why it matters:
        A Bet opens a round: its Win or Loss is still to come. A receiver that believes the flag closes the round
        without a result.
    Example:
        {"type": "Bet", "is_round_end": true}
    Use instead:
        {"type": "Bet", "is_round_end": false}
    What it cannot see:
        A sender that flags the Bet because it never sends Losses: the round is open all the same.
    """
    if not fold.round.end_flagged:
        return
    flagged = [member for member in fold.matching.live if member.event.type == "Bet" and _ends(member)]
    if flagged:
        activity = shortened(flagged[0].event.activity_id)
        message = f"is_round_end: expected false or nothing in a Bet, got true in {activity!r}"
        yield Hit(message, "/is_round_end", (flagged[0].seq,))


def _unsettled(fold: RoundFold, when: str) -> Hit:
    first = next(member for member in fold.matching.live if member.event.type == "Bet")
    got = "only what was rolled back" if _was_settled(fold) else "none"
    message = (
        f"round_id {shortened(fold.round.round_id)!r}: expected a Win or a Loss after the Bet of "
        f"{isoformat(first.event.timestamp)}, {when}, got {got}"
    )
    return Hit(message, "/round_id", (first.seq,))


def _first_after(fold: RoundFold, end: CasinoMember) -> CasinoMember | None:
    return next((member for member in fold.matching.live if member.event.timestamp > end.event.timestamp), None)


def _was_settled(fold: RoundFold) -> bool:
    return any(reversal.target.event.type != "Bet" for reversal in fold.reversals)


def _too_many(fold: RoundFold, closings: list[CasinoMember]) -> bool:
    """Whether more closes the round than there was to be closed; an excluded delivery may be another Bet."""
    return len(closings) > max(1, len(fold.bets)) and not fold.may_lack("Bet")


def _wins_nothing(member: CasinoMember) -> bool:
    event = member.event
    return event.type == "Loss" or (event.type == "Win" and not event.amount)


def _ends(member: CasinoMember) -> bool:
    return member.event.is_round_end is True
