"""Histories that the contract has nothing to say about: every rule is silent on them, but the notes on redelivery.

Each strategy draws an outline of small choices, out of which its events are made by tables: so they are drawn quickly,
and shrink to what a person would write, one Bet and its Win.
"""

from collections.abc import Sequence
from copy import copy
from datetime import datetime
from typing import TypeVar

from hypothesis import strategies as st

from ftcrm.contracts import Message
from ftcrm.strategies.bonuses import CLOSINGS, TYPES, bonus_round_events
from ftcrm.strategies.documents import (
    Document,
    Moment,
    Scene,
    amount_of,
    bonus_document,
    casino_document,
    money,
)
from ftcrm.strategies.feeds import feed_messages
from ftcrm.strategies.outlines import (
    BONUS_IDS,
    amounts,
    bonus_outlines,
    check_tables,
    feed_outlines,
    plots,
    round_outlines,
    scenes,
    steps,
)
from ftcrm.strategies.rounds import Sent, Step, round_events
from ftcrm.strategies.tables import CURRENCIES, GAMES, SINCE, UNTIL, USERS, Currency, Game, User

__all__ = ["bonus_events", "bonus_rounds", "casino_events", "histories", "rounds"]

_Collection = TypeVar("_Collection", Document, list[Document], list[Message])

_KINDS = (("Bet", "Approved"), ("Win", "Approved"), ("Loss", "Approved"), ("Bet", "Rollback"), ("Win", "Rollback"))
_STATUSES = ("Created", "Pending", *(closing[0] for closing in CLOSINGS if len(closing) == 1))


def casino_events(
    *,
    users: Sequence[User] = USERS,
    currencies: Sequence[Currency] = CURRENCIES,
    games: Sequence[Game] = GAMES,
    since: datetime = SINCE,
    until: datetime = UNTIL,
) -> st.SearchStrategy[Document]:
    """A casino event of any type and status, as a document; `payload_of` makes the bytes of it."""
    check_tables(since, until, users=users, currencies=currencies, games=games)
    scene = scenes(users, currencies, games, since, until)
    return _plain(st.builds(_casino_event, st.sampled_from(_KINDS), steps(("bet",)), scene, st.booleans()))


def bonus_events(
    *,
    users: Sequence[User] = USERS,
    currencies: Sequence[Currency] = CURRENCIES,
    since: datetime = SINCE,
    until: datetime = UNTIL,
) -> st.SearchStrategy[Document]:
    """A bonus event of any type and status, as a document."""
    check_tables(since, until, users=users, currencies=currencies)
    scene = scenes(users, currencies, GAMES, since, until)
    return _plain(st.builds(_bonus_event, st.sampled_from(_STATUSES), st.sampled_from(TYPES), amounts(), scene))


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
    check_tables(since, until, users=users, currencies=currencies, games=games)
    scene = scenes(users, currencies, games, since, until)
    return _plain(st.builds(round_events, round_outlines(max_acts), scene).map(_documents))


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
    check_tables(since, until, users=users, currencies=currencies, games=games)
    scene = scenes(users, currencies, games, since, until)
    return _plain(st.builds(bonus_round_events, bonus_outlines(max_acts, max_rounds), scene).map(_documents))


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
    check_tables(since, until, users=users, currencies=currencies, games=games)
    found = plots(users, games, since, until, max_acts)
    outlines = feed_outlines(found, currencies, max_size=max_size, max_redeliveries=max_redeliveries)
    return _plain(outlines.map(lambda outline: feed_messages(outline, users=users, currencies=currencies)))


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
        bonus_id=BONUS_IDS[0],
        user_bonus_id=scene.ids.new("b"),
    )
