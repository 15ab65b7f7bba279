"""The last of events of several rounds, in canonical order."""

from collections.abc import Iterable
from datetime import datetime

from ftcrm.contracts.events.casino import CasinoEvent
from ftcrm.contracts.events.content import content_digest

__all__ = ["last_of"]


def last_of(events: Iterable[CasinoEvent]) -> CasinoEvent:
    """The last of these events, of which there is at least one, in canonical order: by instant, activity_id, digest.

    The digest is taken only of those that tie in the first two, as `canonical` does.
    """
    tied: list[CasinoEvent] = []
    for event in events:
        if not tied or _time_and_activity(event) > _time_and_activity(tied[0]):
            tied = [event]
        elif _time_and_activity(event) == _time_and_activity(tied[0]):
            tied.append(event)
    return tied[0] if len(tied) == 1 else max(tied, key=content_digest)


def _time_and_activity(event: CasinoEvent) -> tuple[datetime, str]:
    return event.timestamp, event.activity_id
