"""FT5xx: bonuses around rounds, Scenario B."""

from collections.abc import Iterator

from ftcrm.contracts.instants import isoformat
from ftcrm.contracts.rounds import BonusFold
from ftcrm.contracts.rules.registry import Hit, Scope, rule


@rule("FT501", "casino-event-before-created", Scope.BONUS_HISTORY, clause="scenario-b.created", absence=True)
def casino_event_before_created(fold: BonusFold) -> Iterator[Hit]:
    """A casino event with a timestamp earlier than its bonus's Created; repeated deliveries are told once.

    FreeSpins bonuses are exempt: the vendor says that their first bonus event comes after the rounds.
    """
    created = [member for member in fold.events if member.event.status == "Created"]
    if not created or fold.bonus.type == "FreeSpins":
        return
    seen = set()
    for member in fold.casino:
        event = member.event
        identity = (event.round_id, event.activity_id, event.type, event.status, member.event.timestamp)
        if member.event.timestamp < created[0].event.timestamp and identity not in seen:
            seen.add(identity)
            message = (
                f"timestamp: expected after the bonus's Created at {isoformat(created[0].event.timestamp)}, "
                f"got {isoformat(member.event.timestamp)}"
            )
            yield Hit(message, "/timestamp", tuple(sorted((created[0].seq, member.seq))))
