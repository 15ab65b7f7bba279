"""The last of events of several rounds, in canonical order."""

from collections.abc import Sequence

from ftcrm.contracts.events.casino import CasinoEvent
from ftcrm.contracts.events.content import content_digest

__all__ = ["last_of"]


def last_of(events: Sequence[CasinoEvent]) -> CasinoEvent:
    """The last of these events, of which there is at least one, in canonical order: by instant, activity_id, digest.

    What comes later in that order is looked at only of those that tie in what comes before, as `canonical` does.
    """
    last_at = max([event.timestamp for event in events])
    tied = [event for event in events if event.timestamp == last_at]
    if len(tied) > 1:
        last_id = max([event.activity_id for event in tied])
        tied = [event for event in tied if event.activity_id == last_id]
    return tied[0] if len(tied) == 1 else max(tied, key=content_digest)
