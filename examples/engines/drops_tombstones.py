"""An engine with a fault: it forgets a Rollback that comes before its Bet.

As long as each Rollback comes after what it reverses, nothing is wrong with it. But a Bet that timed out, was rolled
back and arrives after all stays in its books for ever.
"""

from ledger import by_amount, by_id
from ledger import rounds as right_rounds


def rounds(deliveries):
    """Pairs of message type and payload in, the rounds out."""
    return right_rounds(deliveries, keeps=finds_its_event)


def finds_its_event(event, earlier):
    """The fault: a Rollback is kept only when what it reverses is there."""
    if event.status == "Approved":
        return True
    return any(
        other.status == "Approved" and (by_id(other) == by_id(event) or by_amount(other) == by_amount(event))
        for other in earlier
    )
