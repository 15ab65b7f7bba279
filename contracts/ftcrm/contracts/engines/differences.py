"""Where two engines say different things of the same rounds."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from ftcrm.contracts.engines.local import ReferenceEngine
from ftcrm.contracts.engines.protocol import EngineRound, RoundEngine, Said
from ftcrm.contracts.instants import isoformat
from ftcrm.contracts.messages import Message
from ftcrm.contracts.numbers import plain
from ftcrm.contracts.rounds import RoundKey

__all__ = ["Difference", "differences", "disagreements"]


class Difference(msgspec.Struct, frozen=True):
    """One field of one round that is not what was expected.

    `field` is one of `FIELDS`, or one of a currency (`totals.EUR.bet`); where a round is missing, unexpected, or there
    more than once, it is `rounds`, and `expected` and `got` are how many rounds have that key.
    """

    key: RoundKey
    field: str
    expected: Said | int
    got: Said | int

    def __str__(self) -> str:
        """One line: which round, which field, what was expected, what came."""
        key = "/".join(msgspec.structs.astuple(self.key))
        if self.field == "rounds":
            return f"{key}: expected {_how_many(self.expected)}, got {_how_many(self.got)}"
        return f"{key}: {self.field}: expected {_shown(self.expected)}, got {_shown(self.got)}"


def differences(expected: Iterable[EngineRound], got: Iterable[EngineRound]) -> tuple[Difference, ...]:
    """Where they differ in what both of them say, and the rounds that only one of them has; in the order of the keys.

    Numbers are compared by value (20 is 20.00), to the last digit.
    """
    ours = {value.key: value for value in expected}
    theirs: dict[RoundKey, list[EngineRound]] = {}
    for value in got:
        theirs.setdefault(value.key, []).append(value)
    found: list[Difference] = []
    for key in sorted(ours.keys() | theirs.keys()):
        wanted, came = int(key in ours), theirs.get(key, [])
        if len(came) != wanted:
            found.append(Difference(key, "rounds", wanted, len(came)))
            continue
        (said,) = (value.said for value in came)
        found += [
            Difference(key, name, value, said[name])
            for name, value in ours[key].said.items()
            if name in said and said[name] != value
        ]
    return tuple(found)


def disagreements(
    engine: RoundEngine, messages: Sequence[Message], *, reference: RoundEngine | None = None
) -> tuple[Difference, ...]:
    """Where an engine differs from the reference over this history; unless told, the reference with no settings.

    Raises:
        EngineError: the engine failed, or said what cannot be read.
    """
    expected = (reference or ReferenceEngine()).construct(messages)
    return differences(expected, engine.construct(messages, until=lambda got: not differences(expected, got)))


def _how_many(rounds: object) -> str:
    match rounds:
        case 0:
            return "no such round"
        case 1:
            return "one round"
        case _:
            return f"{rounds} rounds"


def _shown(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case Decimal():
            return plain(value)
        case datetime():
            return isoformat(value)
        case tuple():
            return " and ".join(value) or "none"
        case _:
            return repr(value)
