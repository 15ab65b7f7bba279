"""Histories as documents, of few ids, amounts and instants, so that everything meets everything.

An event is fresh, or one that came before: again, letter by letter or spelt otherwise, or with something changed (a
Rollback of it, a conflict, the same in another round). None breaks a documented rule but those that are drawn to be
excluded.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import strategies as st

from .documents import BONUS, BROKEN, BUSY, CASINO, DAY, EPOCH, NARROW, SECOND, SPELLINGS, Document, Parts, timestamp

CHANGES = [
    change.split("+")
    for change in """
again again status status status+activity_id status+activity_id+at status+amount status+amount+at activity_id at type
amount amount+at round_id game rate end user_bonus_id player extras amount+end+at bonus_status bonus_status+at
bonus_amount+at
""".split()
]
"""What of an event that came before is drawn again."""

MOVES = [
    [(0, 0)],
    [(0, 0), (0, 0), (0, 1), (0, SECOND), (0, -SECOND)],
    [(0, 0), (0, SECOND), (1, -1), (1, 0), (1, 1), (-1, 0), (2, 0), (-2, -1)],
    [(0, days * DAY) for days in (0, 1, 2, 3, 5, 7, 10, 14, 20, 30, 90, -1, -3, -30)] + [(0, -1), (0, 1)],
    [(0, 0), (0, 0), (0, SECOND), (1, 0), (1, 1), (-1, 0), (0, DAY), (0, 3 * DAY), (0, 30 * DAY), (0, -DAY)],
]
"""How far an event may be from the one before it: so many session gaps, and so many microseconds."""

READINGS: dict[str, list[str]] = {
    "rollback-target": ["own-id", "likeness"],
    "rollback-amount": ["part"],
    "rollback-scope": ["round"],
    "end-flag": ["settles", "required", "cuts"],
    "missing-wallets": ["real", "by-bonus"],
    "conflicts": ["latest", "every"],
    "repeats": ["every"],
    "lone-settlement": ["settled"],
}
"""Every reading but the engine's own, by assumption."""

LOW: dict[str, tuple[Decimal, ...]] = {
    "recency": (Decimal("0.000000000012"), Decimal(1), Decimal("2.5"), Decimal(10)),
    "frequency": (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(4)),
    "monetary": (Decimal("0.01"), Decimal(20), Decimal("20.000000000000000001"), Decimal(100)),
}
"""Thresholds that a short history reaches."""


@dataclass(frozen=True)
class Drawn:
    """One history, and what the engine is told beside it; a delivery is a document, and whether it is valid."""

    deliveries: tuple[tuple[Document, bool], ...]
    readings: dict[str, str]
    gap: timedelta
    thresholds: dict[str, tuple[Decimal, ...]] | None
    as_of: datetime | None
    accept_invalid: bool


@dataclass(frozen=True)
class Step:
    """What the next event is: these parts, or those of an earlier event with these parts changed.

    Its time is so many session gaps and microseconds after the event before it, or that of the earlier event.
    """

    gaps: int
    microseconds: int
    back: int | None
    parts: Document
    moved: bool
    spelling: tuple[str, timezone]
    broken: Document


@st.composite
def histories(draw: st.DrawFn) -> Drawn:
    """Up to 25 events, several users, rounds and bonuses; now and then another reading, gap, threshold or instant."""
    gap = draw(_GAPS)
    first, others = draw(draw(_STEPS))
    deliveries: list[tuple[Document, bool]] = []
    parts: list[tuple[Document, int]] = []
    at = 0
    for step in (first, *others):
        at += step.gaps * gap + step.microseconds
        own, own_at = step.parts, at
        if step.back is not None:
            earlier, earlier_at = parts[-1 - step.back % len(parts)]
            own = earlier | {name: part for name, part in step.parts.items() if name in earlier}
            own_at = at if step.moved else earlier_at
        parts.append((own, own_at))
        document: Document = {}
        for part in own.values():
            document |= part
        broken = step.broken if "round_id" in document else {}
        written = {"timestamp": timestamp(own_at, *step.spelling)}
        deliveries.append((document | written | broken, not broken))
    as_of = draw(_LAST)
    return Drawn(
        tuple(deliveries),
        draw(_READINGS),
        timedelta(microseconds=gap),
        draw(_THRESHOLDS),
        None if as_of is None else EPOCH + timedelta(microseconds=parts[as_of % len(parts)][1]),
        draw(_ACCEPT_INVALID),
    )


Table = dict[str, st.SearchStrategy[Document]]
Moves = st.SearchStrategy[tuple[int, int]]


def _drawn_from(parts: Parts) -> Table:
    return {name: st.sampled_from(rows) for name, rows in parts.items()}


# Made once: to make a strategy takes longer than to draw from it.
_BONUS, *_CASINO = map(_drawn_from, (BONUS, CASINO, NARROW, BUSY))
_OF_BONUS = st.sampled_from([False] * 5 + [True] * 2)
_CHANGES = st.sampled_from(CHANGES)
_BACK = st.sampled_from([None, None, None, 0, 0, 1, 2, 3, 7])
_SPELLINGS = st.sampled_from(SPELLINGS)
_BROKEN = st.sampled_from(BROKEN)
_GAPS = st.sampled_from([1800 * SECOND, 1800 * SECOND, 1, DAY])
_LAST = st.none() | st.integers(0, 24)
_THRESHOLDS = st.sampled_from([None, LOW])
_ACCEPT_INVALID = st.sampled_from([False, False, True])


@st.composite
def _steps(draw: st.DrawFn, moves: Moves, casino: Table, first: bool = False) -> Step:
    gaps, microseconds = draw(moves)
    back = None if first else draw(_BACK)
    if back is None:
        moved, table = True, _BONUS if draw(_OF_BONUS) else casino
        names: Iterable[str] = table
    else:
        names, table = draw(_CHANGES), _BONUS | casino
        moved = "at" in names
    parts = {name: draw(table[name]) for name in names if name in table}
    return Step(gaps, microseconds, back, parts, moved, draw(_SPELLINGS), draw(_BROKEN))


_STEPS = st.sampled_from(
    [
        st.tuples(_steps(moves, casino, first=True), st.lists(_steps(moves, casino), min_size=size, max_size=24))
        for moves in map(st.sampled_from, MOVES)
        for casino in _CASINO
        for size in (0, 2, 3, 5, 7, 12)
    ]
)
_READINGS: st.SearchStrategy[dict[str, str]] = st.one_of(
    st.just({}),
    st.sampled_from([{name: reading} for name, readings in READINGS.items() for reading in readings]),
    st.fixed_dictionaries({}, optional={name: st.sampled_from(readings) for name, readings in READINGS.items()}),
)
