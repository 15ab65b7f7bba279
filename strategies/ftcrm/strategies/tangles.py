"""Histories of few ids, amounts and instants, so that everything meets everything.

An event is fresh, or one that came before: again, letter by letter or spelt otherwise, or with something changed (a
Rollback of it, a conflict, the same in another round).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta, timezone
from typing import NamedTuple

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from ftcrm.contracts import Message
from ftcrm.strategies.documents import Document
from ftcrm.strategies.parts import (
    BONUS,
    BROKEN,
    BUSY,
    CASINO,
    DAY,
    NARROW,
    SECOND,
    SPELLINGS,
    Parts,
    spelt,
    timestamp,
)
from ftcrm.strategies.tables import User

__all__ = ["Tangle", "TangledEvent", "tangled_events", "tangles"]

_CHANGES = [
    change.split("+")
    for change in """
again again status status status+activity_id status+activity_id+at status+amount status+amount+at activity_id at type
amount amount+at round_id game rate end user_bonus_id player extras amount+end+at bonus_status bonus_status+at
bonus_amount+at
""".split()
]
"""What of an event that came before is drawn again."""

_MOVES = [
    [(0, 0)],
    [(0, 0), (0, 0), (0, 1), (0, SECOND), (0, -SECOND)],
    [(0, 0), (0, SECOND), (1, -1), (1, 0), (1, 1), (-1, 0), (2, 0), (-2, -1)],
    [(0, days * DAY) for days in (0, 1, 2, 3, 5, 7, 10, 14, 20, 30, 90, -1, -3, -30)] + [(0, -1), (0, 1)],
    [(0, 0), (0, 0), (0, SECOND), (1, 0), (1, 1), (-1, 0), (0, DAY), (0, 3 * DAY), (0, 30 * DAY), (0, -DAY)],
]
"""How far an event may be from the one before it: so many gaps, and so many microseconds."""


class TangledEvent(NamedTuple):
    """One event: its document, its instant in microseconds after `EPOCH`, and whether it breaks a documented rule."""

    document: Document
    at: int
    broken: bool

    @property
    def message(self) -> Message:
        """The event over REST."""
        return Message("rest", spelt(self.document), "CASINO" if "round_id" in self.document else "BONUS")


class Tangle(NamedTuple):
    """Events in the order of arrival, many of which lie a `gap` apart, to the microsecond, or nearly."""

    events: list[TangledEvent]
    gap: timedelta


_USERS = (User("o1", "u1"), User("o1", "u2"), User("o2", "u1"))
"""Those whom the parts name."""


def tangles(
    *, users: Sequence[User] = _USERS, max_size: int = 24, broken: bool = False
) -> st.SearchStrategy[list[Message]]:
    """A history of at most `max_size` events over REST: several users, rounds and bonuses, hard to take apart.

    Three of the users play, the first most of all. No documented rule speaks of any event by itself, unless `broken`:
    then one in about ten has such a fault.
    """
    if not users:
        raise InvalidArgument(f"users: expected at least one, got {users!r}")

    def played(event: TangledEvent) -> Message:
        part = User(event.document["origin"], event.document["user_id"])
        user = users[_USERS.index(part) % len(users)]
        return event._replace(document=event.document | user._asdict()).message

    return tangled_events(max_size=max_size, broken=broken).map(lambda tangle: [*map(played, tangle.events)])


def tangled_events(*, max_size: int = 24, broken: bool = False) -> st.SearchStrategy[Tangle]:
    """The same as the documents that it is made of, for an oracle that reads no JSON."""
    if max_size < 1:
        raise InvalidArgument(f"max_size: expected at least 1, got {max_size!r}")
    faults = st.sampled_from(BROKEN if broken else BROKEN[:1])
    shapes = [
        _Shape(_steps(moves, casino, faults), st.integers(min(least, max_size), min(most, max_size)))
        for moves in map(st.sampled_from, _MOVES)
        for casino in _CASINO
        for least, most in _SIZES
    ]
    return _tangle(st.sampled_from(shapes))


_Table = dict[str, st.SearchStrategy[Document]]
_Moves = st.SearchStrategy[tuple[int, int]]


class _Step(NamedTuple):
    """What the next event is: these parts, or those of an earlier event with these parts changed.

    Where none came before, the earlier event is the simplest. Its time is so many gaps and microseconds after the event
    before it, or that of the earlier event.
    """

    gaps: int
    microseconds: int
    back: int | None
    parts: Document
    moved: bool
    spelling: tuple[str, timezone]
    fault: Document


class _Shape(NamedTuple):
    """How each of its events is drawn, and how many there are."""

    steps: st.SearchStrategy[_Step]
    size: st.SearchStrategy[int]


@st.composite
def _tangle(draw: st.DrawFn, shapes: st.SearchStrategy[_Shape]) -> Tangle:
    gap = draw(_GAPS)
    shape = draw(shapes)
    # Not st.lists: of a list that is drawn as its length and so many elements, shrinking deletes whole elements.
    steps = [draw(shape.steps) for _ in range(draw(shape.size))]
    return Tangle(list(_events(steps, gap)), timedelta(microseconds=gap))


def _events(steps: Iterable[_Step], gap: int) -> Iterator[TangledEvent]:
    earlier: list[tuple[Document, int]] = []
    at = 0
    for step in steps:
        at += step.gaps * gap + step.microseconds
        own, own_at = step.parts, at
        if step.back is not None:
            like, like_at = earlier[-1 - step.back % len(earlier)] if earlier else (_SIMPLEST, at)
            own = like | {name: part for name, part in step.parts.items() if name in like}
            own_at = at if step.moved else like_at
        earlier.append((own, own_at))
        document: Document = {}
        for part in own.values():
            document |= part
        fault = step.fault if "round_id" in document else {}
        written = {"timestamp": timestamp(own_at, *step.spelling)}
        yield TangledEvent(document | written | fault, own_at, bool(fault))


def _drawn_from(parts: Parts) -> _Table:
    return {name: st.sampled_from(rows) for name, rows in parts.items()}


# Made once: to make a strategy takes longer than to draw from it.
_BONUS, *_CASINO = map(_drawn_from, (BONUS, CASINO, NARROW, BUSY))
_SIMPLEST = {name: rows[0] for name, rows in CASINO.items()}
_SIZES = ((1, 7), (2, 12), (3, 13), (6, 17), (8, 24), (13, 24))
_OF_BONUS = st.sampled_from([False] * 5 + [True] * 2)
_CHANGED = st.sampled_from(_CHANGES)
_BACK = st.sampled_from([None, None, None, 0, 0, 1, 2, 3, 7])
_SPELLINGS = st.sampled_from(SPELLINGS)
_GAPS = st.sampled_from([1800 * SECOND, 1800 * SECOND, 1, DAY])
"""In microseconds: the session gap, the least that there is, and a day."""


@st.composite
def _steps(draw: st.DrawFn, moves: _Moves, casino: _Table, faults: st.SearchStrategy[Document]) -> _Step:
    gaps, microseconds = draw(moves)
    back = draw(_BACK)
    if back is None:
        moved, table = True, _BONUS if draw(_OF_BONUS) else casino
        names: Iterable[str] = table
    else:
        names, table = draw(_CHANGED), _BONUS | casino
        moved = "at" in names
    parts = {name: draw(table[name]) for name in names if name in table}
    return _Step(gaps, microseconds, back, parts, moved, draw(_SPELLINGS), draw(faults))
