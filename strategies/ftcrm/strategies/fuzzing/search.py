"""The search for a history over which a target differs from the reference, and for the smallest such."""

import secrets
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase
from hypothesis.errors import Flaky

from ftcrm.contracts.errors import ConfigurationError, EngineError, SendError
from ftcrm.strategies.fuzzing.examples import Example, drawn_for
from ftcrm.strategies.fuzzing.outcomes import Failure, Progress, Report, Target
from ftcrm.strategies.fuzzing.replaying import replay
from ftcrm.strategies.mutations import findings_in
from ftcrm.strategies.tables import USERS, User

__all__ = ["fuzz"]

_PHASES: tuple[Phase, ...] = (Phase.reuse, Phase.generate, Phase.shrink)
_PARCEL = 10
"""Hypothesis repeats parts of what it drew before: over 400 examples in one go it came to 78 mutations of 198, and in
parcels of 10 that know nothing of each other to 181."""
_SEEDS = 2**32
_REPLAYS = 3
_CANDIDATES = 10
_MOST_SHRINKS = 200
"""What Hypothesis tries after the first that differs; then what is smallest so far loses its deliveries one by one."""
_MOST_DROPS = 300


class _Found(NamedTuple):
    """An example over which the target differed, and where."""

    example: Example
    differences: tuple[str, ...]

    @property
    def size(self) -> tuple[int, int]:
        messages = self.example.messages
        return len(messages), sum(len(message.raw) for message in messages)


def fuzz(
    target: Target,
    *,
    examples: int = 200,
    seed: int | None = None,
    mutations: Collection[str] | None = None,
    without: Collection[str] = (),
    users: Sequence[User] = USERS,
    database: Path | None = None,
    on_example: Callable[[Progress], None] | None = None,
    on_stop: Callable[[Failure], None] | None = None,
) -> Report:
    """Try so many histories on the target, or as many as it takes to find one over which it differs, and shrink that.

    Most of them go wrong by mutations (only by those named, if any are); the others are valid, or tangled. None goes
    wrong by a mutation that it does `without`, and then none is tangled, as tangles go wrong in any way. `users` play
    in them: a target that knows one brand takes its own (`RemoteTarget.users`). `database` is a folder that keeps what
    failed for the next search, which begins with it. `on_example` is called after each history.

    A history that breaks the target is one over which it differs, as long as it takes others. Where it does not, or
    somebody interrupts the search, that ends it by an exception; before, `on_stop` is called with the smallest history
    over which it differed, if there is one, and with the one after which it took nothing any more. Nobody has tried
    these again, nor made them as small as they get.

    Raises:
        ConfigurationError: a mutation that there is not, or that no connector of the target brings; no example.
        EngineError, SendError: the target takes nothing (any more), or cannot be reached.
    """
    if examples < 1:
        raise ConfigurationError(f"fuzz: expected 1 example at least, got {examples!r}")
    search = _Search(target, users, secrets.randbelow(_SEEDS) if seed is None else seed, on_example)
    try:
        shrunk = _searched(search, drawn_for(target, mutations, users, without=without), examples, database)
        failure = search.failure(shrunk) if search.found else None
    except (KeyboardInterrupt, EngineError, SendError):
        for left in search.left():
            if on_stop is not None:
                on_stop(search.told(left))
        raise
    return Report(target.shown, failure=failure, **search.progress()._asdict())


class _DiffersError(Exception):
    """What Hypothesis takes for the failing of a test, and shrinks."""

    def __init__(self, found: _Found) -> None:
        super().__init__()
        self.found = found


class _StoppedError(BaseException):
    """The search ends here: for a `reason`, or since it has tried enough. An Exception Hypothesis would shrink."""

    def __init__(self, reason: Exception | None = None) -> None:
        super().__init__()
        self.reason = reason


class _Search:
    """The counts of a search, and every trial of it."""

    def __init__(
        self, target: Target, users: Sequence[User], seed: int, on_example: Callable[[Progress], None] | None
    ) -> None:
        self._target = target
        self._users = users
        self.seed = seed
        self._on_example = on_example
        self._began = time.monotonic()
        self.examples = self._shrinks = self._events = 0
        self._covered: Counter[str] = Counter()
        self.found: list[_Found] = []
        """Each example over which the target has differed, as they came."""
        self._last: _Found | None = None
        """What the target was sent when it had answered others, and after which it took nothing any more."""
        self._is_answered = False

    def progress(self) -> Progress:
        """How far it is."""
        seconds = time.monotonic() - self._began
        return Progress(self.examples, self._shrinks, seconds, self._events, dict(self._covered), self.seed)

    def tried(self, example: Example) -> _Found | None:
        """What the target makes of the example, in a namespace of its own; None where it agrees."""
        if self.found:
            self._shrinks += 1
        else:
            self.examples += 1
            shown = example.shown(self._target.delivered(example.messages))
            self._covered.update({example.label} if example.label is not None else set(shown))
        self._events += len(example.messages)
        try:
            differences = replay(self._target, example.messages, users=self._users)
        except (EngineError, SendError) as error:
            # What never answered did not break: it is not there.
            self._last = _Found(example, (str(error),)) if self._is_answered else None
            raise
        self._is_answered = True
        found = _Found(example, differences) if differences else None
        if found is not None:
            self.found.append(found)
        if self._on_example is not None:
            self._on_example(self.progress())
        return found

    def failure(self, shrunk: _Found | None) -> Failure:
        """The smallest that differs again, less every delivery that this does not take, and what the rules say of it.

        Without what Hypothesis shrank to, it is the smallest of all. A target that is no function of its input, or one
        whose fault only shows in one order of what ties, may agree the next time.
        """
        smallest = sorted(self.found, key=lambda each: each.size)[:_CANDIDATES]
        candidates = smallest if shrunk is None else [shrunk, *smallest]
        found, again = candidates[0], 0
        for candidate in candidates:
            again = self._times(candidate)
            if again:
                found = self._dropped(candidate, tries=1 if again == _REPLAYS else _REPLAYS)
                again = self._times(found)
                break
        return self.told(found, flaky=again < _REPLAYS)

    def left(self) -> list[_Found]:
        """What a search that ends before its time leaves: the smallest that differed, and what the target died of."""
        smallest = sorted(self.found, key=lambda each: each.size)[:1]
        return smallest if self._last is None else [*smallest, self._last]

    def told(self, found: _Found, *, flaky: bool = False) -> Failure:
        """The example as a failure, with what the rules say of it."""
        messages = found.example.messages
        return Failure(
            tuple(messages),
            found.differences,
            findings_in(messages, self._target.settings),
            found.example.shown(messages),
            self.seed,
            found.example.drawn,
            flaky=flaky,
        )

    def _times(self, found: _Found) -> int:
        """How many times of some the target differs again."""
        return sum(self.tried(found.example) is not None for _ in range(_REPLAYS))

    def _dropped(self, found: _Found, *, tries: int) -> _Found:
        """Without every delivery but those that it takes to differ: a strategy may not be able to draw less."""
        index = len(found.example.messages)
        since = drops = 0
        while since < len(found.example.messages) and drops < _MOST_DROPS:
            messages = found.example.messages
            index = (index - 1) % len(messages)
            example = found.example._replace(messages=messages[:index] + messages[index + 1 :])
            fewer = next(filter(None, (self.tried(example) for _ in range(tries))), None)
            drops += 1
            since = since + 1 if fewer is None else 0
            found = fewer or found
        return found


def _searched(
    search: _Search, drawn: st.SearchStrategy[Example], examples: int, database: Path | None
) -> _Found | None:
    """What Hypothesis finds and shrinks; None where the target agrees on every example, or not every time."""
    kept = None if database is None else DirectoryBasedExampleDatabase(database)
    phases, before = _PHASES, -1
    # A parcel that tries nothing has nothing left to draw.
    while before < search.examples < examples and not search.found:
        before = search.examples
        parcel = min(_PARCEL, examples - before)
        shrunk = _shrunk(search, drawn, parcel, f"{search.seed} {before}", kept, phases)
        if shrunk is not None:
            return shrunk
        phases = _PHASES[1:]
    return None


def _shrunk(
    search: _Search,
    drawn: st.SearchStrategy[Example],
    examples: int,
    seed: str,
    database: ExampleDatabase | None,
    phases: Sequence[Phase],
) -> _Found | None:
    """What Hypothesis makes of one parcel of examples."""

    @settings(
        settings.get_profile("default"),
        max_examples=examples,
        database=database,
        derandomize=False,
        deadline=None,
        phases=phases,
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
        print_blob=False,
        # How quickly histories are drawn is held by the tests of the strategies: here the machine is not ours.
        suppress_health_check=[HealthCheck.too_slow],
    )
    @seeded(seed)  # below the settings: it takes their database away
    @given(drawn)
    def agrees(example: Example) -> None:
        if search.progress().shrinks >= _MOST_SHRINKS:
            raise _StoppedError
        try:
            found = search.tried(example)
        except Exception as error:
            raise _StoppedError(error) from error
        if found is not None:
            raise _DiffersError(found)

    try:
        agrees()
    except _DiffersError as error:
        return error.found
    except Flaky:
        if not search.found:
            raise
    except _StoppedError as error:
        if error.reason is not None:
            raise error.reason from None
    return None
