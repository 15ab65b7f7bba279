"""Query strings: filters by name, an instant, a limit and a cursor; anything else is told what was expected."""

from datetime import datetime
from typing import get_args

import msgspec
from starlette.datastructures import QueryParams

from ftcrm.contracts.events.timestamps import problems_of
from ftcrm.contracts.findings import Confidence, Verdict
from ftcrm.contracts.instants import parse_instant
from ftcrm.contracts.messages import Connector
from ftcrm.contracts.rounds import RoundState
from ftcrm.mockserver.journal import Disposition

__all__ = ["AdminError", "Query", "parse_query"]

DEFAULT_LIMIT = 100
MAX_LIMIT = 1_000

_VALUES: dict[str, tuple[str, ...]] = {
    "connector": get_args(Connector),
    "verdict": tuple(Verdict),
    "disposition": get_args(Disposition),
    "state": get_args(RoundState),
    "outcome": ("won", "lost"),
    "confidence": tuple(Confidence),
    "activity": ("active", "idle", "inactive"),
    "churned": ("true", "false"),
}
"""The filters whose values are known beforehand: a misspelt one would look like an empty answer."""


class AdminError(Exception):
    """A request that is answered with an error: its status, code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class Query(msgspec.Struct, frozen=True):
    """What a list is asked for."""

    filters: dict[str, str]
    limit: int
    cursor: str | None
    as_of: datetime | None = None

    def cursor_numbers(self, count: int) -> tuple[int, ...]:
        """The cursor as that many numbers, zeros when there is none."""
        if self.cursor is None:
            return (0,) * count
        parts = self.cursor.split(".")
        if len(parts) != count or not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in parts):
            raise AdminError(400, "bad-cursor", f"cursor: expected a next_cursor of this list, got {self.cursor!r}")
        return tuple(map(int, parts))


def parse_query(parameters: QueryParams, known: frozenset[str], *, paged: bool = True) -> Query:
    """The query's filters among the `known`, its limit and cursor; AdminError names what is not known.

    A known `as_of` is an instant, and no filter.
    """
    values: dict[str, str] = {}
    for name, value in parameters.multi_items():
        if name not in known and not (paged and name in ("limit", "cursor")):
            expected = ", ".join(sorted(known | ({"limit", "cursor"} if paged else set()))) or "none"
            raise AdminError(400, "unknown-filter", f"{name}: expected one of the parameters {expected}")
        if name in _VALUES and value not in _VALUES[name]:
            expected = ", ".join(_VALUES[name])
            raise AdminError(400, "unknown-value", f"{name}: expected one of {expected}, got {value!r}")
        if name in values:
            raise AdminError(400, "repeated-filter", f"{name}: expected it once, got it again with {value!r}")
        values[name] = value
    limit = values.pop("limit", str(DEFAULT_LIMIT))
    if not limit.isascii() or not limit.isdecimal() or len(limit) > 9 or not 1 <= int(limit) <= MAX_LIMIT:
        raise AdminError(400, "bad-limit", f"limit: expected a number from 1 to {MAX_LIMIT}, got {limit!r}")
    cursor = values.pop("cursor", None)
    as_of = values.pop("as_of", None)
    return Query(values, int(limit), cursor, None if as_of is None else _instant("as_of", as_of))


def _instant(name: str, text: str) -> datetime:
    instant = parse_instant(text)
    if instant is None:
        is_plus_lost = parse_instant("+".join(text.rsplit(" ", 1))) is not None
        problems = ["a + in a URL is sent as %2B"] if is_plus_lost else problems_of(text)
        said = f" ({', '.join(problems)})" if problems else ""
        expected = "a date-time of RFC 3339 such as 2026-03-02T08:27:58Z"
        raise AdminError(400, "bad-instant", f"{name}: expected {expected}, got {text!r}{said}")
    return instant
