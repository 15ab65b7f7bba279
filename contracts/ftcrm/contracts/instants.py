"""RFC 3339 timestamps as instants: aware UTC datetimes to the microsecond (finer digits are rounded)."""

import re
from datetime import UTC, datetime, timedelta

import msgspec

__all__ = ["isoformat", "parse_instant"]

_LEAP = re.compile(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d):60(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_OFFSET_COLON_AT = -3
_MINUTE_BEFORE_MIDNIGHT = (23, 59)


def parse_instant(text: str) -> datetime | None:
    """The instant that an RFC 3339 date-time names, or None when it names none.

    A space for the `T` is read (RFC 3339, section 5.6, note); a missing offset, or one without its colon, is not. A
    leap second (23:59:60 UTC) is the instant after 23:59:59.
    """
    try:
        parsed = msgspec.convert(text, datetime)
        if parsed.tzinfo is None or (text[-1] not in "Zz" and text[_OFFSET_COLON_AT] != ":"):
            return None
        return parsed if parsed.tzinfo is UTC else parsed.astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        return _leap_second(text)


def _leap_second(text: str) -> datetime | None:
    match = _LEAP.fullmatch(text)
    before = match and parse_instant(f"{match[1]}:59{match[3]}")
    if not before or (before.hour, before.minute) != _MINUTE_BEFORE_MIDNIGHT:
        return None
    try:
        return before + timedelta(seconds=1)
    except OverflowError:
        return None


def isoformat(instant: datetime) -> str:
    """An instant as RFC 3339 text in UTC, with a `Z`."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
