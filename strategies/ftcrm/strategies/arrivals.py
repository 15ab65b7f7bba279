"""Other ways for a history to arrive, and rounds of which nothing, or everything, is rolled back."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from hypothesis import strategies as st

from ftcrm.contracts import Message
from ftcrm.strategies.documents import Document, payload_of
from ftcrm.strategies.tangles import tangles
from ftcrm.strategies.valid import histories

__all__ = ["Arrivals", "arrivals", "played", "undone"]


class Arrivals(NamedTuple):
    """A history, and another way for it to arrive: the places of its messages, from 0 on."""

    messages: list[Message]
    places: list[int]

    @property
    def rearranged(self) -> list[Message]:
        """The messages as they arrive so."""
        return [self.messages[place] for place in self.places]

    def without(self, place: int) -> "Arrivals":
        """Both ways to arrive, without that message."""
        left = [each - (each > place) for each in self.places if each != place]
        return Arrivals(self.messages[:place] + self.messages[place + 1 :], left)


def arrivals(*, copies: bool = False) -> st.SearchStrategy[Arrivals]:
    """Tangles in another order; with `copies` in the same, and some of the messages again, elsewhere."""
    return st.builds(
        lambda moves, messages: Arrivals(messages, _moved(range(len(messages)), moves, copies=copies)),
        _MOVES,
        tangles(),
    )


def played() -> st.SearchStrategy[list[Message]]:
    """Approved casino events, each id once, in rounds of one currency.

    They are those of valid histories: it shows best by amounts that a person would write that a sum is wrong.
    """
    return histories().map(_approved).filter(bool).map(_casino)


def undone() -> st.SearchStrategy[list[Message]]:
    """Approved casino events, each id once, and of each a Rollback that has its id, in any order."""
    return st.builds(_undone, _MOVES, tangles().map(_approved).filter(bool)).map(_casino)


class _Move(NamedTuple):
    """An event arrives elsewhere, or there, too; places count from 0 on, and around when there are fewer."""

    event: int
    to: int


# They are drawn before the history, and so stay as they are while that shrinks.
_MOVES = st.lists(st.builds(_Move, st.integers(0, 23), st.integers(0, 23)), min_size=1, max_size=12)
_IDENTITY = ("origin", "user_id", "round_id", "activity_id", "type")


def _moved(places: Sequence[int], moves: Sequence[_Move], *, copies: bool = False) -> list[int]:
    moved = list(places)
    for move in moves:
        event = moved[move.event % len(moved)] if copies else moved.pop(move.event % len(moved))
        moved.insert(move.to % (len(moved) + 1), event)
    return moved


def _approved(messages: Sequence[Message]) -> list[Document]:
    """Whether they end their round is left out, since a reading lets that cut what follows."""
    documents: dict[tuple[str, ...], Document] = {}
    for message in messages:
        document = json.loads(message.raw, parse_float=Decimal)
        document.pop("is_round_end", None)
        if document["status"] == "Approved":
            documents.setdefault(tuple(document[name] for name in _IDENTITY), document)
    return list(documents.values())


def _undone(moves: Sequence[_Move], documents: list[Document]) -> list[Document]:
    both = [*documents, *(document | {"status": "Rollback"} for document in documents)]
    return [both[place] for place in _moved(range(len(both)), moves)]


def _casino(documents: Sequence[Document]) -> list[Message]:
    return [Message("rest", payload_of(document), "CASINO") for document in documents]
