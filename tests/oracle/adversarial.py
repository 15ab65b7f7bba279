"""Tangles, and what the engine is told beside them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from ftcrm.strategies.documents import Document
from ftcrm.strategies.parts import EPOCH
from ftcrm.strategies.tangles import tangled_events

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


@st.composite
def histories(draw: st.DrawFn) -> Drawn:
    """Up to 25 events, several users, rounds and bonuses; now and then another reading, threshold or instant."""
    events, gap = draw(_TANGLES)
    as_of = draw(_LAST)
    return Drawn(
        tuple((event.document, not event.broken) for event in events),
        draw(_READINGS),
        gap,
        draw(_THRESHOLDS),
        None if as_of is None else EPOCH + timedelta(microseconds=events[as_of % len(events)].at),
        draw(_ACCEPT_INVALID),
    )


_TANGLES = tangled_events(max_size=25, broken=True)
_LAST = st.none() | st.integers(0, 24)
_THRESHOLDS = st.sampled_from([None, LOW])
_ACCEPT_INVALID = st.sampled_from([False, False, True])
_READINGS: st.SearchStrategy[dict[str, str]] = st.one_of(
    st.just({}),
    st.sampled_from([{name: reading} for name, readings in READINGS.items() for reading in readings]),
    st.fixed_dictionaries({}, optional={name: st.sampled_from(readings) for name, readings in READINGS.items()}),
)
