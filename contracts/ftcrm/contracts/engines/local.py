"""Engines in this process: the reference, and any Python callable."""

from collections.abc import Callable, Iterable, Sequence
from traceback import walk_tb
from typing import Any

import msgspec

from ftcrm.contracts.construct import construct
from ftcrm.contracts.engines.mapping import FieldMapping
from ftcrm.contracts.engines.protocol import EngineRound, Rounds, Until, fed
from ftcrm.contracts.engines.reading import decoded, read_round, read_rounds
from ftcrm.contracts.errors import EngineError
from ftcrm.contracts.messages import Message
from ftcrm.contracts.rounds import Round
from ftcrm.contracts.settings import Settings
from ftcrm.contracts.views import round_view

__all__ = ["CallableEngine", "ReferenceEngine", "said_by_us"]


class ReferenceEngine:
    """What `construct` makes of messages, said as any other engine says it.

    Message types and payloads count, connectors do not: every engine is fed the same.
    """

    starts_fresh = True

    def __init__(self, settings: Settings | None = None, *, accept_invalid: bool = False) -> None:
        self._settings = settings or Settings()
        self._accept_invalid = accept_invalid

    def construct(self, messages: Sequence[Message], *, until: Until | None = None) -> Rounds:
        """The rounds that the reference makes of these messages, with all that it says of them."""
        plain = [Message("rest", raw, message_type) for message_type, raw in fed(messages)]
        made = construct(plain, settings=self._settings, accept_invalid=self._accept_invalid)
        return tuple(said_by_us(value) for value in made.rounds)


class CallableEngine:
    """A Python callable: pairs of message type (CASINO, BONUS) and payload (bytes) in, the rounds out.

    It is called once for each history, and returns one object a round: anything that msgspec writes as a JSON object
    (dicts, dataclasses, Structs). What it returns is read as its JSON, so that a float is the number that it prints.
    """

    starts_fresh = True

    def __init__(
        self, function: Callable[[list[tuple[str, bytes]]], Iterable[Any]], *, mapping: FieldMapping | None = None
    ) -> None:
        self._function = function
        self._mapping = mapping
        self._name = _name_of(function)

    def construct(self, messages: Sequence[Message], *, until: Until | None = None) -> Rounds:
        """The rounds that it returns; EngineError when it raises, or returns what cannot be read."""
        try:
            answer = list(self._function(fed(messages)))
        except Exception as error:
            where = f"{self._name}{_place_of(error)}"
            raise EngineError(f"{where}: expected rounds, got {type(error).__name__}: {error}") from error
        try:
            text = msgspec.json.encode(answer)
        except (TypeError, ValueError, RecursionError) as error:
            raise EngineError(f"{self._name}: expected rounds that can be written as JSON, got {error}") from error
        return read_rounds(decoded(text, where=self._name), self._mapping, where=self._name)


def _name_of(function: Callable[..., Any]) -> str:
    """`module:callable`, as far as it has these names."""
    name, module = getattr(function, "__qualname__", None), getattr(function, "__module__", None)
    if name is None:
        return repr(function)
    return name if module is None else f"{module}:{name}"


def _place_of(error: BaseException) -> str:
    """Where it was raised: in the innermost frame of the file that was called, not in what that calls of others."""
    places = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)][1:]
    if not places:
        return ""
    called = places[0][0]
    line = [line for file, line in places if file == called][-1]
    return f" ({called}, line {line})"


def said_by_us(value: Round) -> EngineRound:
    """A round of the reference as the admin API shows it, read as any other engine's is."""
    return read_round(round_view(value), where="the reference")
