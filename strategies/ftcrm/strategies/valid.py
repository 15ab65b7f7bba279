"""Histories that the contract has nothing to say about: every rule is silent on them, but the notes on redelivery.

Each strategy draws an outline of small choices, out of which its events are made by tables: so they are drawn quickly,
and shrink to what a person would write, one Bet and its Win.
"""

from collections.abc import Sequence
from copy import copy
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, TypeVar

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from ftcrm.contracts import Message
from ftcrm.strategies.bonuses import CLOSINGS, TYPES, BonusOutline, bonus_round_events
from ftcrm.strategies.documents import (
    EXTRAS,
    FLAGS,
    ID_STYLES,
    SPLITS,
    STAMPS,
    Document,
    Ids,
    Manner,
    Moment,
    Scene,
    amount_of,
    bonus_document,
    casino_document,
    money,
)
from ftcrm.strategies.feeds import ROUTES, SPELLINGS, FeedOutline, Plot, feed_messages
from ftcrm.strategies.rounds import ACTS, ENDINGS, OPENINGS, Act, Ending, Outline, Sent, Step, round_events
from ftcrm.strategies.tables import CURRENCIES, GAMES, SINCE, UNTIL, USERS, Currency, Game, User, is_shared

__all__ = ["bonus_events", "bonus_rounds", "casino_events", "histories", "rounds"]

_Element = TypeVar("_Element")
_Collection = TypeVar("_Collection", Document, list[Document], list[Message])

_GAPS = (
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
_KINDS = (("Bet", "Approved"), ("Win", "Approved"), ("Loss", "Approved"), ("Bet", "Rollback"), ("Win", "Rollback"))
_STATUSES = ("Created", "Pending", *(closing[0] for closing in CLOSINGS if len(closing) == 1))
_DRIFTS = (Decimal(0), Decimal("0.001"), Decimal("-0.002"))
_BONUS_IDS = ("9821", "WELCOME-100")
_SEATS = 3
_OVERLAP = 6
_LARGEST_ID = 10**6


def casino_events(
    *,
    users: Sequence[User] = USERS,
    currencies: Sequence[Currency] = CURRENCIES,
    games: Sequence[Game] = GAMES,
    since: datetime = SINCE,
    until: datetime = UNTIL,
) -> st.SearchStrategy[Document]:
    """A casino event of any type and status, as a document; `payload_of` makes the bytes of it."""
    _check(since, until, users=users, currencies=currencies, games=games)
    scenes = _scenes(users, currencies, games, since, until)
    return _plain(st.builds(_casino_event, st.sampled_from(_KINDS), _steps(("bet",)), scenes, st.booleans()))


def bonus_events(
    *,
    users: Sequence[User] = USERS,
    currencies: Sequence[Currency] = CURRENCIES,
    since: datetime = SINCE,
    until: datetime = UNTIL,
) -> st.SearchStrategy[Document]:
    """A bonus event of any type and status, as a document."""
    _check(since, until, users=users, currencies=currencies)
    scenes = _scenes(users, currencies, GAMES, since, until)
    return _plain(st.builds(_bonus_event, st.sampled_from(_STATUSES), st.sampled_from(TYPES), _amounts(), scenes))


def rounds(
    *,
    users: Sequence[User] = USERS,
    currencies: Sequence[Currency] = CURRENCIES,
    games: Sequence[Game] = GAMES,
    since: datetime = SINCE,
    until: datetime = UNTIL,
    max_acts: int = 4,
) -> st.SearchStrategy[list[Document]]:
    """The casino events of one round, settled or voided, in the order of sending.

    Between its first Bet and its end lie at most `max_acts` Bets, Wins and Rollbacks. It begins within the range of
    time; it may be settled months later.
    """
    _check(since, until, users=users, currencies=currencies, games=games)
    scenes = _scenes(users, currencies, games, since, until)
    return _plain(st.builds(round_events, _outlines(max_acts), scenes).map(_documents))


def bonus_rounds(
    *,
    users: Sequence[User] = USERS,
    currencies: Sequence[Currency] = CURRENCIES,
    games: Sequence[Game] = GAMES,
    since: datetime = SINCE,
    until: datetime = UNTIL,
    max_acts: int = 2,
    max_rounds: int = 2,
) -> st.SearchStrategy[list[Document]]:
    """A bonus with its rounds, casino and bonus events in the order of sending: Scenario B, or free spins.

    Free spins are played first, with a Bet of 0 each; their bonus events come after, with the amount won.
    """
    _check(since, until, users=users, currencies=currencies, games=games)
    scenes = _scenes(users, currencies, games, since, until)
    return _plain(st.builds(bonus_round_events, _bonuses(max_acts, max_rounds), scenes).map(_documents))


def histories(
    *,
    users: Sequence[User] = USERS,
    currencies: Sequence[Currency] = CURRENCIES,
    games: Sequence[Game] = GAMES,
    since: datetime = SINCE,
    until: datetime = UNTIL,
    max_size: int = 4,
    max_acts: int = 3,
    max_redeliveries: int = 2,
) -> st.SearchStrategy[list[Message]]:
    """A whole feed as messages of the three connectors, in the order of arrival.

    It holds at most `max_size` rounds, tables that several players share a round at, and bonuses with their rounds, one
    running into the other while each keeps its own order. No id is used twice; a player keeps to one currency. At most
    `max_redeliveries` messages come again as they were, which draws the notes on redelivery and nothing else.
    """
    _check(since, until, users=users, currencies=currencies, games=games)
    again = st.tuples(st.integers(0, 99), st.integers(0, 9))
    outlines = st.builds(
        FeedOutline,
        plots=_several(_plots(users, games, since, until, max_acts), 1, max_size),
        ids=st.sampled_from(ID_STYLES),
        first_currency=st.integers(0, len(currencies) - 1),
        route=st.sampled_from(ROUTES),
        spelling=st.sampled_from(SPELLINGS),
        again=_several(again, 0, max_redeliveries),
    )
    return _plain(outlines.map(lambda outline: feed_messages(outline, users=users, currencies=currencies)))


def _check(since: datetime, until: datetime, **tables: Sequence[NamedTuple]) -> None:
    for name, rows in tables.items():
        if not rows:
            raise InvalidArgument(f"{name}: expected at least one, got {rows!r}")
    if since.tzinfo is None or until.tzinfo is None or since > until:
        expected = "since, until: expected two aware datetimes, the earlier one first"
        raise InvalidArgument(f"{expected}, got {since!r} and {until!r}")


# -- the outlines ----------------------------------------------------------------------------------------------------


def _plots(
    users: Sequence[User], games: Sequence[Game], since: datetime, until: datetime, max_acts: int
) -> st.SearchStrategy[Plot]:
    def plots(what: st.SearchStrategy[list[Outline] | BonusOutline], where: Sequence[Game]) -> st.SearchStrategy[Plot]:
        start, user = _starts(since, until), st.integers(0, len(users) - 1)
        return st.builds(Plot, what, start, user, st.sampled_from(where), _manners(), st.integers(0, _OVERLAP))

    alone = _outlines(max_acts).map(lambda outline: [outline])
    found = plots(alone, games) | plots(_bonuses(max_acts, 2, may_be_unused=True), games)
    if shared := [game for game in games if is_shared(game)]:
        found |= plots(_several(_outlines(max_acts), 2, _SEATS), shared)
    return found


@st.composite
def _several(draw: st.DrawFn, elements: st.SearchStrategy[_Element], min_size: int, max_size: int) -> list[_Element]:
    """A list that is drawn as its length and so many elements.

    Hypothesis deletes a whole element of such a list; from one of st.lists it deletes at most five choices at once,
    fewer than a round takes, and so would keep rounds that have nothing to do with a failure.
    """
    return [draw(elements) for _ in range(draw(st.integers(min_size, max_size)))]


def _scenes(
    users: Sequence[User], currencies: Sequence[Currency], games: Sequence[Game], since: datetime, until: datetime
) -> st.SearchStrategy[Scene]:
    return st.builds(
        Scene,
        user=st.sampled_from(users),
        currency=st.sampled_from(currencies),
        game=st.sampled_from(games),
        start=_starts(since, until),
        manner=_manners(),
        ids=st.builds(Ids, st.sampled_from(ID_STYLES), st.integers(0, _LARGEST_ID)),
    )


def _starts(since: datetime, until: datetime) -> st.SearchStrategy[datetime]:
    seconds = int((until - since).total_seconds())
    return st.integers(0, seconds).map(lambda second: since + timedelta(seconds=second))


def _bonuses(max_acts: int, max_rounds: int, *, may_be_unused: bool = False) -> st.SearchStrategy[BonusOutline]:
    return st.builds(
        BonusOutline,
        type=st.sampled_from(TYPES),
        bonus_id=st.sampled_from(_BONUS_IDS),
        pending=st.booleans(),
        rounds=_several(st.tuples(_outlines(max_acts), st.integers(0, _OVERLAP)), 1, max_rounds),
        unused=st.booleans() if may_be_unused else st.just(False),
        ongoing=st.booleans(),
        closing=st.sampled_from(CLOSINGS),
        gap=st.sampled_from(_GAPS),
        amount=_amounts(),
        spun=st.booleans(),
    )


def _outlines(max_acts: int) -> st.SearchStrategy[Outline]:
    return st.builds(
        Outline,
        opening=_steps(OPENINGS),
        acts=_several(_steps(ACTS), 0, max_acts),
        ending=_steps(ENDINGS),
        joint=st.booleans(),
    )


def _steps(acts: Sequence[Act | Ending]) -> st.SearchStrategy[Step]:
    return st.builds(
        Step,
        act=st.sampled_from(acts),
        gap=st.sampled_from(_GAPS),
        amount=_amounts(),
        split=st.sampled_from(SPLITS),
    )


def _manners() -> st.SearchStrategy[Manner]:
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


def _amounts() -> st.SearchStrategy[int]:
    return st.integers(-99, 10**6)


# -- what is made of them --------------------------------------------------------------------------------------------


@st.composite
def _plain(draw: st.DrawFn, made: st.SearchStrategy[_Collection]) -> _Collection:
    """A copy of what is made: of the original Hypothesis would print how, an outline that nobody asked for."""
    return copy(draw(made))


def _documents(events: Sequence[Sent]) -> list[Document]:
    return [sent.document for sent in events]


def _casino_event(kind: tuple[str, str], step: Step, scene: Scene, with_bonus: bool) -> Document:
    amount = 0 if kind[0] == "Loss" else amount_of(step.amount, scene.currency)
    ends = kind != ("Bet", "Approved")
    moment = Moment(*kind, scene.ids.new("a"), amount, step.split, scene.start + step.gap, is_last=ends)
    user_bonus_id = scene.ids.new("b") if with_bonus else ""
    return casino_document(moment, scene, round_id=scene.ids.new("r"), user_bonus_id=user_bonus_id)


def _bonus_event(status: str, kind: str, steps: int, scene: Scene) -> Document:
    return bonus_document(
        status,
        scene.start,
        scene,
        amount=money(amount_of(steps, scene.currency), scene.currency, trimmed=scene.manner.trimmed),
        type=kind,
        bonus_id=_BONUS_IDS[0],
        user_bonus_id=scene.ids.new("b"),
    )
