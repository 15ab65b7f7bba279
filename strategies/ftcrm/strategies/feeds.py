"""A whole history: rounds, tables and bonuses of several players, interleaved, and the messages that carry them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from ftcrm.contracts import Message
from ftcrm.contracts.messages import Connector
from ftcrm.strategies.bonuses import BonusOutline, bonus_round_events
from ftcrm.strategies.documents import Ids, Manner, Scene, payload_of
from ftcrm.strategies.rounds import Outline, Sent, interleaved, round_events
from ftcrm.strategies.tables import Currency, Game, User

__all__ = [
    "ROUTES",
    "SPELLINGS",
    "FeedOutline",
    "Part",
    "Plot",
    "Route",
    "Spelling",
    "feed_messages",
    "messages_of",
    "parts_of",
    "with_again",
    "woven",
]

Route = Literal["rest", "rabbitmq", "kafka", "in turn"]
Spelling = Literal["compact", "spaced", "indented"]

ROUTES: tuple[Route, ...] = ("rest", "rabbitmq", "kafka", "in turn")
"""Which connector the messages of a history take."""
SPELLINGS: tuple[Spelling, ...] = ("compact", "spaced", "indented")
"""How the JSON of a history is laid out."""

_CONNECTORS: tuple[Connector, ...] = ("rest", "rabbitmq", "kafka")
_INDENTS = {"compact": -1, "spaced": 0, "indented": 2}


class Plot(NamedTuple):
    """One thing that goes on: a round, the seats of one round at a table, or a bonus and its rounds."""

    what: list[Outline] | BonusOutline
    start: datetime
    user: int
    game: Game
    manner: Manner
    overlap: int
    """It begins when so many events of those before it are still to come."""


class FeedOutline(NamedTuple):
    """What a history is to be; `again` has each redelivery: which message, and how many come between."""

    plots: list[Plot]
    ids: str
    first_currency: int
    route: Route
    spelling: Spelling
    again: list[tuple[int, int]]


class Part(NamedTuple):
    """What comes of a plot: its events in the order of sending, and where it is (of a table, where the last sits)."""

    sent: list[Sent]
    scene: Scene
    overlap: int


def feed_messages(outline: FeedOutline, *, users: Sequence[User], currencies: Sequence[Currency]) -> list[Message]:
    """The messages of that history in the order of arrival; a player keeps to one currency."""
    feed = woven(parts_of(outline, users=users, currencies=currencies))
    return with_again(messages_of(feed, outline), outline.again)


def parts_of(outline: FeedOutline, *, users: Sequence[User], currencies: Sequence[Currency]) -> list[Part]:
    """What comes of each plot, in their order."""
    ids = Ids(outline.ids)
    parts: list[Part] = []
    for plot in outline.plots:
        seats: Sequence[Outline | BonusOutline] = plot.what if isinstance(plot.what, list) else [plot.what]
        round_id = ids.new("r") if len(seats) > 1 else None
        events: list[Sent] = []
        for seat, what in enumerate(seats[: len(users)]):
            player = (plot.user + seat) % len(users)
            currency = currencies[(outline.first_currency + player) % len(currencies)]
            scene = Scene(users[player], currency, plot.game, plot.start, plot.manner, ids)
            if isinstance(what, BonusOutline):
                events = bonus_round_events(what, scene)
            else:
                events = interleaved(events, round_events(what, scene, round_id=round_id), len(events))
        parts.append(Part(events, scene, plot.overlap))
    return parts


def woven(parts: Sequence[Part]) -> list[Sent]:
    """All of them as one feed, each running into those before it."""
    feed: list[Sent] = []
    for part in parts:
        feed = interleaved(feed, part.sent, part.overlap)
    return feed


def messages_of(feed: Sequence[Sent], outline: FeedOutline) -> list[Message]:
    """The message of each event."""
    return list(_messages(feed, outline))


def _messages(feed: Sequence[Sent], outline: FeedOutline) -> Iterator[Message]:
    for index, (_, document, message_type) in enumerate(feed):
        connector = _CONNECTORS[index % 3] if outline.route == "in turn" else outline.route
        raw = payload_of(document)
        if outline.spelling != "compact":
            raw = msgspec.json.format(raw, indent=_INDENTS[outline.spelling])
        match connector:
            case "rest":
                yield Message("rest", raw, message_type)
            case "rabbitmq":
                # "Any header will be ignored", and so this one.
                yield Message("rabbitmq", raw, message_type, (("type", "PAYMENT"), ("x-attempt", "1")))
            case "kafka":
                yield Message("kafka", raw, None, (("trace", None), ("type", message_type.encode())))


def with_again(
    messages: Sequence[Message], again: Sequence[tuple[int, int]], *, among: Sequence[int] | None = None
) -> list[Message]:
    """The messages, and some of them again: an exact duplicate, as a sender brings it that missed the answer.

    `among` has the positions of those that may come again, all of them unless told.
    """
    found = list(messages)
    among = range(len(messages)) if among is None else among
    for which, later in again if among else ():
        message = messages[among[which % len(among)]]
        found.insert(min(found.index(message) + 1 + later, len(found)), message)
    return found
