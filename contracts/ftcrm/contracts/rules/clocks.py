"""FT603 and FT604: timestamps against the time of receipt; off until selected, since they rest on two clocks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from ftcrm.contracts.events.payload import shortened
from ftcrm.contracts.instants import isoformat, parse_instant
from ftcrm.contracts.rules.reading import Reading
from ftcrm.contracts.rules.registry import Hit, Scope, rule

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@rule("FT603", "clock-ahead", Scope.CASINO, clause="clock.ahead", default=False)
def clock_ahead(reading: Reading) -> Iterator[Hit]:
    """A casino event with a timestamp in the future.

    What it checks:
        `timestamp` is later than the time of receipt by more than the setting `clock.ahead` (5 minutes unless told).
        Silent where the time of receipt is not known, as in a file of events, or is none of a calendar. Off until
        selected: it compares two clocks, and an event that is made up for a test may be dated ahead.
    Why it matters:
        The player is active tomorrow: sessions, recency and the order of rounds are wrong until then. It comes from
        local time that is sent as UTC, or from a machine whose clock is not kept.
    Example:
        {"timestamp": "2026-03-02T09:00:00Z"}
    Use instead:
        {"timestamp": "2026-03-02T08:00:00Z"}
    What it cannot see:
        Which of the two clocks is wrong, and clocks that run behind: an event that is late looks the same.
    """
    return _ahead(reading)


@rule("FT604", "bonus-clock-ahead", Scope.BONUS, clause="clock.ahead", default=False)
def bonus_clock_ahead(reading: Reading) -> Iterator[Hit]:
    """A bonus event with a timestamp in the future.

    What it checks:
        `timestamp` is later than the time of receipt by more than the setting `clock.ahead` (5 minutes unless told), as
        in FT603. Silent where the time of receipt is not known. Off until selected.
    Why it matters:
        A Created that is dated ahead is later than the casino events which are played with the bonus: Scenario B is
        broken by the clock alone.
    Example:
        BONUS {"timestamp": "2026-03-02T09:00:00Z"}
    Use instead:
        BONUS {"timestamp": "2026-03-02T08:00:00Z"}
    What it cannot see:
        Which of the two clocks is wrong, and clocks that run behind.
    """
    return _ahead(reading)


def _ahead(reading: Reading) -> Iterator[Hit]:
    value = reading.document.get("timestamp")
    instant = parse_instant(value) if isinstance(value, str) else None
    if instant is None or reading.received_at is None:
        return
    try:
        received = _EPOCH + timedelta(microseconds=reading.received_at)
    except OverflowError:  # beyond the years that a calendar has: no time that anything was received at
        return
    allowed = reading.settings.clock_ahead
    if instant - received > timedelta(seconds=allowed):
        at = isoformat(received)
        yield Hit(
            f"timestamp: expected at most {allowed:g} seconds after the receipt at {at}, got {shortened(str(value))!r}",
            "/timestamp",
        )
