"""What every engine under test can be asked, and the rounds as it says them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from ftcrm.contracts.events import read_payload
from ftcrm.contracts.messages import Message, message_type_of
from ftcrm.contracts.rounds import RoundKey

__all__ = ["EngineRound", "RoundEngine", "Rounds", "Said", "Until", "fed", "keys_of"]

Said = str | bool | Decimal | datetime | tuple[str, ...] | None
"""One value that an engine says of a round; None is said, too (no outcome yet, currencies that are mixed)."""


class EngineRound(msgspec.Struct, frozen=True):
    """A round as some engine says it: its key, and what it says, by the names of `FIELDS`.

    What it does not say is not in `said`, and is compared with nothing.
    """

    key: RoundKey
    said: Mapping[str, Said]


Rounds = tuple[EngineRound, ...]
Until = Callable[[Rounds], bool]


class RoundEngine(Protocol):
    """An engine that constructs rounds from messages: the reference, or one that is held against it."""

    @property
    def starts_fresh(self) -> bool:
        """Whether each history is the first that it hears of.

        An engine that remembers needs players of their own in each history, else what came before plays a part.
        """

    def construct(self, messages: Sequence[Message], *, until: Until | None = None) -> Rounds:
        """The rounds that these messages make, fed in this order.

        An engine whose answer takes time may be asked again until `until` holds of it; one that answers at once need
        not look at it.

        Raises:
            EngineError: it failed, or said what cannot be read; what it says wrongly is no error.
        """


def fed(messages: Iterable[Message]) -> list[tuple[str, bytes]]:
    """What an engine is fed of these messages: the message type in upper case (CASINO, BONUS), the payload's bytes.

    A message without a type is not fed: no engine could tell what it is.
    """
    types = ((message_type_of(message), message.raw) for message in messages)
    return [(message_type, raw) for message_type, raw in types if message_type is not None]


def keys_of(messages: Iterable[Message]) -> list[RoundKey]:
    """The rounds that these messages name, each once, in order of first appearance."""
    keys: dict[RoundKey, None] = {}
    for message in messages:
        document = read_payload(message.raw).document or {}
        parts = [_id(document.get(name)) for name in RoundKey.__struct_fields__]
        if all(parts):
            keys[RoundKey(*parts)] = None
    return list(keys)


def _id(value: Any) -> str:
    """An id as text, one sent as a number too; "" of anything else."""
    return value if isinstance(value, str) else str(value) if isinstance(value, Decimal) else ""
