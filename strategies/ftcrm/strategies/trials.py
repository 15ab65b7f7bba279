"""An engine on trial: it is asked for the rounds of many histories, and the smallest that it fails on is told."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import UnsatisfiedAssumption

from ftcrm.contracts import Message
from ftcrm.contracts.engines import Difference, RoundEngine, Rounds, differences, fed, fed_line
from ftcrm.contracts.errors import EngineError
from ftcrm.contracts.families import SCENARIO_A, steps_of
from ftcrm.strategies.fuzzing.namespaces import Namespace

__all__ = ["Failing", "Trial", "probe"]

_Drawn = TypeVar("_Drawn")
_MOST_DIFFERENCES = 8
_MOST_DROPS = 200
"""Each asks the engine for one history more."""
_BET_AND_WIN = [step.message for step in steps_of(SCENARIO_A.cases[0]) if step.message is not None]


def probe(engine: RoundEngine) -> None:
    """Ask the engine for the rounds of one Bet and one Win.

    Raises:
        EngineError: it cannot be asked, or fails on these, and so would on all.
    """
    namespace = _namespace_for(engine)
    try:
        engine.construct(namespace.within(_BET_AND_WIN))
    except EngineError as error:
        raise EngineError(namespace.without(str(error))) from error


class Failing(NamedTuple):
    """A history, and where the engine's rounds of it are not those that were expected: nowhere, when all is well."""

    messages: Sequence[Message]
    differences: Sequence[Difference]
    remark: str = ""
    """What a reader must know beside the events."""


class Trial:
    """Asks one engine about so many histories for each law.

    `reference` says what is expected where nothing else does, and what is waited for where an answer takes time.
    """

    def __init__(self, engine: RoundEngine, reference: RoundEngine, *, examples: int) -> None:
        self.reference = reference
        self._engine = engine
        self._examples = examples

    def holds(
        self,
        law: str,
        drawn_from: st.SearchStrategy[_Drawn],
        tried: Callable[[_Drawn], Failing],
        *,
        less: Callable[[_Drawn, int], _Drawn] | None = None,
    ) -> None:
        """Fail the test with the smallest history that was found to break the law, which is told in a sentence.

        `less` is what was drawn without the message at that place: a strategy may not be able to draw the smallest
        history, from which every message is left out that it does not take. Without it, what was drawn stays whole.
        """
        failing: tuple[_Drawn, Failing] | None = None

        def check(drawn: _Drawn) -> None:
            nonlocal failing
            failing = None
            found = tried(drawn)
            failing = (drawn, found) if found.differences else None
            self.holds_of(law, found)

        # An engine that cannot be reached, or fails on one Bet and one Win, would fail on all: that is no search.
        self.rounds(_BET_AND_WIN)
        # Hypothesis keeps what it found by this name, each law for itself. An engine may take the time that it takes.
        check.__name__ = tried.__name__
        # To explain what it found, it would ask the engine hundreds of times more.
        phases = [phase for phase in settings().phases if phase is not Phase.explain]
        searched = settings(max_examples=self._examples, phases=phases, deadline=None, report_multiple_bugs=False)
        try:
            searched(given(drawn_from)(check))()
        except pytest.fail.Exception:
            if failing is None or less is None:
                raise
        if failing is not None and less is not None:
            self.holds_of(law, _dropped(*failing, tried, less))

    def holds_of(self, law: str, found: Failing) -> None:
        """Fail the test when the history breaks the law."""
        if found.differences:
            lines = [str(each) for each in found.differences[:_MOST_DIFFERENCES]]
            if more := len(found.differences) - len(lines):
                lines.append(f"and {more} more")
            lines += [found.remark] if found.remark else []
            raise pytest.fail.Exception(f"{law}\n{_indented(lines)}\n{_shown(found.messages)}", pytrace=False)

    def rounds(self, messages: Sequence[Message]) -> Rounds:
        """What the engine makes of them; the test fails when the engine does."""
        return self._asked(messages, self._namespace())

    def compared(self, messages: Sequence[Message]) -> Failing:
        """Where the engine differs from the reference."""
        namespace = self._namespace()
        expected = _without(namespace, self.reference.construct(namespace.within(messages)))
        return Failing(messages, differences(expected, self._asked(messages, namespace)))

    def changed(self, messages: Sequence[Message], *others: Sequence[Message]) -> tuple[Difference, ...]:
        """Where the engine makes something else of the others; of several, that is the rounds of each, joined.

        Of two contents that tie in time the one of the least digest counts, which has the ids in it. An example that
        comes out otherwise with the ids that a remembering engine is given is discarded.
        """
        one, other = self._namespace(), self._namespace()
        if one != other:
            expected = (_without(each, self.reference.construct(each.within(messages))) for each in (one, other))
            if differences(*expected):
                raise UnsatisfiedAssumption
        joined = [value for each in others for value in self._asked(each, other)]
        return differences(self._asked(messages, one), joined)

    def _namespace(self) -> Namespace:
        return _namespace_for(self._engine)

    def _asked(self, messages: Sequence[Message], namespace: Namespace) -> Rounds:
        given_ids = namespace.within(messages)

        def is_as_expected(got: Rounds) -> bool:
            return not differences(self.reference.construct(given_ids), got)

        try:
            return _without(namespace, self._engine.construct(given_ids, until=is_as_expected))
        except EngineError as error:
            text = f"The engine fails.\n{_indented([namespace.without(str(error))])}\n{_shown(messages)}"
            raise pytest.fail.Exception(text, pytrace=False) from error


def _namespace_for(engine: RoundEngine) -> Namespace:
    """That of the next history: an engine that remembers gets ids that it has not seen."""
    return Namespace("") if engine.starts_fresh else Namespace.fresh()


def _dropped(
    drawn: _Drawn, found: Failing, tried: Callable[[_Drawn], Failing], less: Callable[[_Drawn, int], _Drawn]
) -> Failing:
    """What fails of it still when every message is left out that it does not take, the last ones first."""
    place = len(found.messages)
    for _ in range(_MOST_DROPS):
        place -= 1
        if place < 0:
            break
        fewer = less(drawn, place)
        try:
            tried_again = tried(fewer)
        except (UnsatisfiedAssumption, pytest.fail.Exception):
            continue
        if tried_again.differences:
            drawn, found, place = fewer, tried_again, len(tried_again.messages)
    return found


def _without(namespace: Namespace, rounds: Rounds) -> Rounds:
    """The rounds with the ids that they had before they got into the namespace."""
    return tuple(
        msgspec.structs.replace(
            value,
            key=msgspec.structs.replace(
                value.key,
                user_id=value.key.user_id.removeprefix(namespace.prefix),
                round_id=value.key.round_id.removeprefix(namespace.prefix),
            ),
        )
        for value in rounds
    )


def _shown(messages: Sequence[Message]) -> str:
    """The history a line an event, and how to go on from there."""
    lines = [fed_line(*each).decode().rstrip() for each in fed(messages)]
    events = "1 event" if len(lines) == 1 else f"{len(lines)} events"
    return (
        f"The history, {events}:\n{_indented(lines)}\n"
        "Run this test again, and it begins with them. As a file, they are what `ftcrm check` and `ftcrm send` read."
    )


def _indented(lines: Iterable[str]) -> str:
    return "\n".join(f"  {line}" for line in lines)
