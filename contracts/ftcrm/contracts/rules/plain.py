"""The rounds that nearly all rounds are, told in a microsecond: those of which no rule of the scope ROUND speaks.

As with events: fast accept, slow explain. A property keeps the two in agreement.
"""

from ftcrm.contracts.rounds import RoundFold

__all__ = ["is_plain"]

_BET_AND_SETTLEMENT = 2


def is_plain(fold: RoundFold) -> bool:
    """Whether the round is one Bet, or one Bet and then its Win or Loss, with nothing in them to speak of."""
    events = fold.events
    if len(events) > _BET_AND_SETTLEMENT or fold.repeats or fold.conflicts:
        return False
    bet = events[0].event
    if bet.type != "Bet" or bet.status != "Approved" or bet.is_round_end is True:
        return False
    if len(events) < _BET_AND_SETTLEMENT:
        return True
    settlement = events[1].event
    return (
        settlement.status == "Approved"
        and settlement.timestamp > bet.timestamp
        and events[1].seq > events[0].seq
        and settlement.activity_id != bet.activity_id
        and settlement.currency == bet.currency
        and settlement.exchange_rate == bet.exchange_rate
        and settlement.game_id == bet.game_id
        and settlement.vendor_id == bet.vendor_id
        and (settlement.type == "Win" or (settlement.type == "Loss" and not settlement.amount))
    )
