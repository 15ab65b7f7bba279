"""Outlines of what a valid history holds, drawn: small choices, out of which tables make its events."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, TypeVar

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from ftcrm.strategies.bonuses import CLOSINGS, TYPES, BonusOutline
from ftcrm.strategies.documents import EXTRAS, FLAGS, ID_STYLES, SPLITS, STAMPS, Ids, Manner, Scene
from ftcrm.strategies.feeds import ROUTES, SPELLINGS, FeedOutline, Plot
from ftcrm.strategies.rounds import ACTS, ENDINGS, OPENINGS, Act, Ending, Outline, Step
from ftcrm.strategies.tables import Currency, Game, User, is_shared

__all__ = [
    "BONUS_IDS",
    "GAPS",
    "amounts",
    "bonus_outlines",
    "check_tables",
    "feed_outlines",
    "manners",
    "plots",
    "round_outlines",
    "scenes",
    "several",
    "starts",
    "steps",
]

_Element = TypeVar("_Element")

GAPS = (
    timedelta(seconds=1),
    timedelta(milliseconds=1),
    timedelta(milliseconds=250),
    timedelta(seconds=1, microseconds=234567),
    timedelta(seconds=90),
    timedelta(hours=1),
    timedelta(days=3),
    timedelta(days=30),
)
"""The time between two events: features and live bets settle days later."""
BONUS_IDS = ("9821", "WELCOME-100")
_DRIFTS = (Decimal(0), Decimal("0.001"), Decimal("-0.002"))
_SEATS = 3
_OVERLAP = 6
_LARGEST_ID = 10**6


def check_tables(since: datetime, until: datetime, **tables: Sequence[NamedTuple]) -> None:
    """Refuse a table without rows, and a range of time that is none.

    Raises:
        InvalidArgument: it names what was expected, and what came.
    """
    for name, rows in tables.items():
        if not rows:
            raise InvalidArgument(f"{name}: expected at least one, got {rows!r}")
    if since.tzinfo is None or until.tzinfo is None or since > until:
        expected = "since, until: expected two aware datetimes, the earlier one first"
        raise InvalidArgument(f"{expected}, got {since!r} and {until!r}")


def plots(
    users: Sequence[User], games: Sequence[Game], since: datetime, until: datetime, max_acts: int
) -> st.SearchStrategy[Plot]:
    """What goes on in a feed: a round, a table that several share a round at, or a bonus with its rounds."""

    def of(what: st.SearchStrategy[list[Outline] | BonusOutline], where: Sequence[Game]) -> st.SearchStrategy[Plot]:
        start, user = starts(since, until), st.integers(0, len(users) - 1)
        return st.builds(Plot, what, start, user, st.sampled_from(where), manners(), st.integers(0, _OVERLAP))

    alone = round_outlines(max_acts).map(lambda outline: [outline])
    found = of(alone, games) | of(bonus_outlines(max_acts, 2, may_be_unused=True), games)
    if shared := [game for game in games if is_shared(game)]:
        found |= of(several(round_outlines(max_acts), 2, _SEATS), shared)
    return found


def feed_outlines(
    found: st.SearchStrategy[Plot],
    currencies: Sequence[Currency],
    *,
    min_size: int = 1,
    max_size: int,
    max_redeliveries: int,
) -> st.SearchStrategy[FeedOutline]:
    """What a history is to be, of so many of these plots."""
    again = st.tuples(st.integers(0, 99), st.integers(0, 9))
    return st.builds(
        FeedOutline,
        plots=several(found, min_size, max_size),
        ids=st.sampled_from(ID_STYLES),
        first_currency=st.integers(0, len(currencies) - 1),
        route=st.sampled_from(ROUTES),
        spelling=st.sampled_from(SPELLINGS),
        again=several(again, 0, max_redeliveries),
    )


@st.composite
def several(draw: st.DrawFn, elements: st.SearchStrategy[_Element], min_size: int, max_size: int) -> list[_Element]:
    """A list that is drawn as its length and so many elements.

    Hypothesis deletes a whole element of such a list; from one of st.lists it deletes at most five choices at once,
    fewer than a round takes, and so would keep rounds that have nothing to do with a failure.
    """
    return [draw(elements) for _ in range(draw(st.integers(min_size, max_size)))]


def scenes(
    users: Sequence[User], currencies: Sequence[Currency], games: Sequence[Game], since: datetime, until: datetime
) -> st.SearchStrategy[Scene]:
    """Who plays what, when; the ids begin anywhere."""
    return st.builds(
        Scene,
        user=st.sampled_from(users),
        currency=st.sampled_from(currencies),
        game=st.sampled_from(games),
        start=starts(since, until),
        manner=manners(),
        ids=st.builds(Ids, st.sampled_from(ID_STYLES), st.integers(0, _LARGEST_ID)),
    )


def starts(since: datetime, until: datetime) -> st.SearchStrategy[datetime]:
    """A whole second of that time."""
    seconds = int((until - since).total_seconds())
    return st.integers(0, seconds).map(lambda second: since + timedelta(seconds=second))


def bonus_outlines(max_acts: int, max_rounds: int, *, may_be_unused: bool = False) -> st.SearchStrategy[BonusOutline]:
    """What a bonus is to be; with `may_be_unused`, nobody may play on it."""
    return st.builds(
        BonusOutline,
        type=st.sampled_from(TYPES),
        bonus_id=st.sampled_from(BONUS_IDS),
        pending=st.booleans(),
        rounds=several(st.tuples(round_outlines(max_acts), st.integers(0, _OVERLAP)), 1, max_rounds),
        unused=st.booleans() if may_be_unused else st.just(False),
        ongoing=st.booleans(),
        closing=st.sampled_from(CLOSINGS),
        gap=st.sampled_from(GAPS),
        amount=amounts(),
        spun=st.booleans(),
    )


def round_outlines(max_acts: int) -> st.SearchStrategy[Outline]:
    """What a round is to be, with at most `max_acts` acts between its first Bet and its end."""
    return st.builds(
        Outline,
        opening=steps(OPENINGS),
        acts=several(steps(ACTS), 0, max_acts),
        ending=steps(ENDINGS),
        joint=st.booleans(),
    )


def steps(acts: Sequence[Act | Ending]) -> st.SearchStrategy[Step]:
    """One of these acts."""
    return st.builds(
        Step,
        act=st.sampled_from(acts),
        gap=st.sampled_from(GAPS),
        amount=amounts(),
        split=st.sampled_from(SPLITS),
    )


def manners() -> st.SearchStrategy[Manner]:
    """How a sender writes."""
    return st.builds(
        Manner,
        stamp=st.sampled_from(STAMPS),
        flags=st.sampled_from(FLAGS),
        extras=st.sampled_from(EXTRAS),
        balances=st.booleans(),
        trimmed=st.booleans(),
        drift=st.sampled_from(_DRIFTS),
        turned=st.booleans(),
    )


def amounts() -> st.SearchStrategy[int]:
    """So many steps beyond one unit of the currency; see `amount_of`."""
    return st.integers(-99, 10**6)
