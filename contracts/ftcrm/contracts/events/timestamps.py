"""Why a text is no RFC 3339 date-time, in words."""

import re
from calendar import monthrange
from collections.abc import Iterator

__all__ = ["problems_of"]

_UNIX = re.compile(r"-?\d{9,19}(\.\d+)?", re.ASCII)
_LIKE = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"((?P<separator>[Tt ])(?P<hour>\d{1,2}):(?P<minute>\d{1,2})"
    r"(:(?P<second>\d{1,2})((?P<point>[.,])\d+)?)?(?P<offset>.*))?",
    re.ASCII | re.DOTALL,
)
_OFFSET = re.compile(r"[Zz]|[+-](\d\d):(\d\d)", re.ASCII)
_ODD_OFFSETS = (
    (re.compile(r""), "no offset such as Z or +01:00"),
    (re.compile(r"[+-]\d{4}", re.ASCII), "an offset without its colon"),
    (re.compile(r"[+-]\d\d", re.ASCII), "an offset without minutes"),
    (re.compile(r"[+-]\d:\d\d", re.ASCII), "one digit for the hour of the offset"),
    (re.compile(r"\s+([Zz]|[+-].*)", re.ASCII), "a blank before the offset"),
)
_PARTS = ("month", "day", "hour", "minute", "second")
_DECEMBER, _LAST_HOUR, _SIXTY = 12, 23, 60


def problems_of(text: str) -> tuple[str, ...]:
    """What is wrong with a text that names no instant: a few words each; empty when it is like no date-time at all."""
    if not text.strip():
        return ("it is blank" if text else "it is empty",)
    if text != text.strip():
        return ("there are blanks around it",)
    if _UNIX.fullmatch(text):
        return ("it is a Unix time",)
    match = _LIKE.fullmatch(text)
    if match is None:
        return ()
    found = tuple(_problems(match)) or ("it is outside of the years 1 to 9999",)
    return (*found, "a space for the T") if match["separator"] == " " else found


def _problems(match: re.Match[str]) -> Iterator[str]:
    parts = {name: match[name] for name in _PARTS if match[name] is not None}
    yield from (f"one digit for the {name}" for name, digits in parts.items() if len(digits) == 1)
    year, month, day = int(match["year"]), int(parts["month"]), int(parts["day"])
    if not year or not 1 <= month <= _DECEMBER or not 1 <= day <= monthrange(year, month)[1]:
        yield "a date that does not exist"
    if match["separator"] is None:
        yield "no time of day"
        return
    yield from _clock_problems(*(int(parts.get(name, 0)) for name in ("hour", "minute", "second")))
    if "second" not in parts:
        yield "no seconds"
    if match["point"] == ",":
        yield "a comma before the fraction"
    yield from _offset_problems(match["offset"])


def _clock_problems(hour: int, minute: int, second: int) -> Iterator[str]:
    if hour > _LAST_HOUR or minute >= _SIXTY or second > _SIXTY:
        yield "a time of day that does not exist"
    elif second == _SIXTY:
        yield "a leap second that does not exist"


def _offset_problems(offset: str) -> Iterator[str]:
    if match := _OFFSET.fullmatch(offset):
        if match[1] and (int(match[1]) > _LAST_HOUR or int(match[2]) >= _SIXTY):
            yield "an offset that does not exist"
        return
    yield next(
        (problem for pattern, problem in _ODD_OFFSETS if pattern.fullmatch(offset)), "no offset after the seconds"
    )
