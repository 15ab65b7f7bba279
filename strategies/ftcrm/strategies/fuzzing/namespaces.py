"""Ids that a target has never seen: each history gets a namespace of its own, and everything else stays as it is."""

import json
import re
import secrets
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from ftcrm.contracts import Message

__all__ = ["IDS", "Namespace"]

IDS = frozenset({"user_id", "round_id", "activity_id", "user_bonus_id"})
"""The properties that name players, rounds, events and bonuses. The origin is the brand's: a target may know them."""


class Namespace(NamedTuple):
    """A prefix of every id: equal ids stay equal whatever they name, and their order stays, and so the canonical one.

    It stands right behind the opening quote of the value, so that all other bytes stay: how numbers are spelt,
    properties that come twice, JSON that is broken. "" stays "" (no bonus), and what is no text stays what it is. Only
    where two contents tie in time and activity_id may another come first: the digest that decides has the ids in it.
    """

    prefix: str

    @classmethod
    def fresh(cls) -> "Namespace":
        """One that nothing has used, here or in any other process.

        It has digits alone, and always as many: ids of digits stay so, and no prefix begins another. There are few
        enough that an id of up to three more is still a number that a float holds, of up to six one of 64 bits.
        """
        return cls(str(_FEWEST + secrets.randbelow(9 * _FEWEST)))

    def within(self, messages: Sequence[Message]) -> list[Message]:
        """The messages with their ids in this namespace."""
        return [msgspec.structs.replace(message, raw=self.payload(message.raw)) for message in messages]

    def payload(self, raw: bytes) -> bytes:
        """The payload with its ids in this namespace."""
        prefix = self.prefix.encode()
        parts: list[bytes] = []
        done = 0
        for at in _ids(raw):
            parts += raw[done:at], prefix
            done = at
        return b"".join((*parts, raw[done:]))

    def without(self, text: str) -> str:
        """A text about what is in this namespace, with the ids as they were before."""
        return text.replace(self.prefix, "")


_FEWEST = 10**11
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[\[{]|[\]}]|[:,]|[^\s"\[\]{}:,]+', re.DOTALL)
_EMPTY = b'""'


def _ids(raw: bytes) -> Iterator[int]:
    """Where the texts of the ids begin that are members of the outermost object, behind their opening quotes.

    One whose closing quote is missing is no text, and so no id.
    """
    depth = 0
    name = before = b""
    for match in _TOKEN.finditer(raw):
        token = match[0]
        match token[:1]:
            case b"{" | b"[":
                depth += 1
            case b"}" | b"]":
                depth -= 1
            case b'"' if match[1] and depth == 1 and before == b":" and token != _EMPTY and _text(name) in IDS:
                yield match.start() + 1
        name, before = before, token


def _text(token: bytes) -> str:
    """The text of a JSON string; "" of what is none."""
    try:
        found = json.loads(token) if token.startswith(b'"') else ""
    except ValueError:
        return ""
    return str(found)
