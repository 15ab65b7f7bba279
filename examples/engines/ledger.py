"""An engine that is right: it gathers the events of each round, and books those that no Rollback reverses.

Its two faulty sisters, `drops_tombstones` and `sums_in_floats`, do one thing otherwise.
"""

from decimal import Context, Decimal
from functools import reduce

from ftcrm.contracts import CasinoEvent, Message, Verdict, judge
from ftcrm.contracts.events.content import content_digest


def always(event, earlier):
    """Whether an event is kept, beside those of its round that came earlier."""
    return True


def exactly(amounts):
    """The sum of these Decimals; the digits that Python has by itself, 28, are too few for some tokens."""
    return reduce(Context(prec=200).add, amounts, Decimal(0))


def rounds(deliveries, keeps=always, sums=exactly):
    """Pairs of message type and payload in, the rounds out."""
    gathered = {}
    for message_type, payload in deliveries:
        judged = judge(Message("rest", payload, message_type))
        event = judged.event
        # What breaks the contract makes no round.
        if isinstance(event, CasinoEvent) and judged.verdict is not Verdict.VIOLATION:
            own = gathered.setdefault((event.origin, event.user_id, event.round_id), {})
            if keeps(event, own.values()):
                identity = event.activity_id, event.type, event.status
                # The same event again counts once; of several that differ, the first by time.
                own[identity] = min(own.get(identity, event), event, key=canonical)
    return [
        {"origin": origin, "user_id": user_id, "round_id": round_id, **told(own.values(), sums)}
        for (origin, user_id, round_id), own in gathered.items()
        if own
    ]


def told(events, sums):
    """What became of the round."""
    left = standing(events)
    kinds = {event.type for event in left}
    if not kinds:
        state = "voided"
    elif kinds == {"Bet"}:
        state = "open"
    else:
        state = "settled" if "Bet" in kinds else "orphan"
    if len({event.currency for event in left or events}) > 1:
        return {"state": state, "bet": None, "win": None}
    bet, win = (sums([event.amount for event in left if event.type == kind]) for kind in ("Bet", "Win"))
    return {"state": state, "bet": bet, "win": win}


def standing(events):
    """The events that no Rollback reverses."""
    ordered = sorted(events, key=canonical)
    left = [event for event in ordered if event.status == "Approved"]
    rollbacks = [event for event in ordered if event.status == "Rollback"]
    for alike in (by_id, by_wallets, by_amount):
        for rollback in list(rollbacks):
            target = next((event for event in left if alike(event) == alike(rollback)), None)
            if target is not None:
                left.remove(target)
                rollbacks.remove(rollback)
    return left


def canonical(event):
    """What comes first of two events: the earlier, and so on."""
    return event.timestamp, event.activity_id, content_digest(event)


def by_id(event):
    """What a Rollback has in common with the event that it names."""
    return event.activity_id, event.type


def by_wallets(event):
    """What it has in common with one that it does not name."""
    wallets = event.wager_amount, event.bonus_wager_amount, event.locked_wager_amount
    return *by_amount(event), [wallet or 0 for wallet in wallets]


def by_amount(event):
    """And at the least."""
    return event.type, event.currency, event.amount
