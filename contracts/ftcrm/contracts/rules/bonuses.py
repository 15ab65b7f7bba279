"""FT5xx: bonuses around rounds, Scenario B."""

from collections.abc import Iterator

from ftcrm.contracts.instants import isoformat
from ftcrm.contracts.rounds import BonusFold
from ftcrm.contracts.rules.registry import Hit, Scope, rule


@rule("FT501", "casino-event-before-created", Scope.BONUS_HISTORY, clause="scenario-b.created")
def casino_event_before_created(fold: BonusFold) -> Iterator[Hit]:
    """A casino event with a timestamp earlier than its bonus's Created.

    FreeSpins bonuses are exempt: the vendor says that their first bonus event comes after the rounds.
    """
    created = [member for member in fold.events if member.event.status == "Created"]
    if not created or fold.bonus.type == "FreeSpins":
        return
    for member in fold.casino:
        if member.instant < created[0].instant:
            message = (
                f"timestamp: expected after the bonus's Created at {isoformat(created[0].instant)}, "
                f"got {isoformat(member.instant)}"
            )
            yield Hit(message, "/timestamp", tuple(sorted((created[0].seq, member.seq))))
