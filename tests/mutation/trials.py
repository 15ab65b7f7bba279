"""Trials: what tests say when a module's code is another's.

Nothing is written into the tree, and every trial is a forked child. Where functions alone differ, the child is one of a
process that has collected the tests already (`tried_together`); else it imports everything anew and gets the changed
module from a finder of its own (`tried`). The parent has imported pytest, Hypothesis and msgspec, and nothing of ours.
"""

import importlib.abc
import importlib.util
import math
import os
import resource
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Literal, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from swaps import exchange

__all__ = ["ROOT", "Trial", "limit_of", "tried", "tried_together"]

ROOT = Path(__file__).parents[2]
_PACKAGES = ("contracts", "mockserver", "strategies")
_MOST_MEMORY = 4 << 30
_NO_TESTS_RAN = 5
_OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]

settings.register_profile(
    "mutants",
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # a mutant is killed by any example, not by the least
    suppress_health_check=list(HealthCheck),
)
settings.register_profile("mutants-thorough", settings.get_profile("mutants"), max_examples=100)


class Trial(NamedTuple):
    """What came of one run of tests: `by` is the test that failed, or what else went wrong; `seconds` of processor."""

    outcome: Literal["killed", "timeout", "survived"]
    by: str
    seconds: float


def tried(
    module: str, path: Path, code: CodeType | None, arguments: Sequence[str], *, limit: float, profile: str
) -> Trial:
    """Run pytest with these arguments in a child where `module` (its file is `path`) is the code, if there is one.

    Raises:
        RuntimeError: no test was run at all.
    """

    def run(writing: int) -> int:
        _end_after(limit)
        _prepare(changed=code is not None)
        if code is not None:
            sys.meta_path.insert(0, _Changed(module, path, code))
        return _pytest(arguments, profile, _Teller(writing))

    trial, exit_code = _forked(run)
    if exit_code == _NO_TESTS_RAN:
        raise RuntimeError(f"expected tests to run, got none for {' '.join(arguments)}")
    return trial


def tried_together(
    path: Path,
    changes: Sequence[Mapping[str, CodeType]],
    arguments: Sequence[str],
    *,
    profile: str,
    slowest: float = math.inf,
) -> Iterator[Trial]:
    """A trial without a change, which must pass, then one with each: with these functions of `path` exchanged.

    Tests that take longer than `slowest` seconds are left out of the latter.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        _prepare(changed=False)
        os._exit(_pytest(arguments, profile, _Bench(str(path), changes, slowest, writing)))
    os.close(writing)
    with os.fdopen(reading, "rb") as said:
        for line in said:
            yield Trial(*msgspec.json.decode(line))
    os.waitpid(pid, 0)


def _forked(run: Callable[[int], int]) -> tuple[Trial, int]:
    """Do that in a child; it gets a pipe to tell in what failed, and returns its exit code."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        try:
            os._exit(run(writing))
        except BaseException as error:
            os.write(writing, repr(error).encode(errors="replace"))
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as said:
        by = said.read()
    _, status, used = os.wait4(pid, 0)
    seconds = used.ru_utime + used.ru_stime
    if os.WIFSIGNALED(status):
        late = os.WTERMSIG(status) in (signal.SIGPROF, signal.SIGALRM)
        return Trial("timeout" if late else "killed", by or f"signal {os.WTERMSIG(status)}", seconds), 1
    exit_code = os.waitstatus_to_exitcode(status)
    return Trial("killed" if exit_code else "survived", by or ("import" if exit_code else ""), seconds), exit_code


def _end_after(limit: float) -> None:
    """Let a timer end this process: one of processor time, and for what waits one of the clock."""
    signal.setitimer(signal.ITIMER_PROF, limit)
    signal.setitimer(signal.ITIMER_REAL, 20 * limit)


def _prepare(*, changed: bool) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silent, stream)
    os.chdir(ROOT)
    sys.path[:0] = [str(ROOT / package) for package in _PACKAGES]
    sys.dont_write_bytecode = changed


def _pytest(arguments: Sequence[str], profile: str, plugin: object) -> int:
    return int(pytest.main([*_OPTIONS, *arguments, f"--hypothesis-profile={profile}"], plugins=[plugin]))


class _Changed(importlib.abc.MetaPathFinder):
    """Finds one module, and gives it the code of the mutant."""

    def __init__(self, module: str, path: Path, code: CodeType) -> None:
        self._module = module
        self._path = path
        self._code = code

    def find_spec(self, name: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self._module:
            return None
        loader = _Loader(name, str(self._path), self._code)
        return importlib.util.spec_from_file_location(name, self._path, loader=loader)


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        return self._code


class _Teller:
    """Writes the first thing that failed to the parent."""

    def __init__(self, writing: int) -> None:
        self._writing = writing
        self.told = False

    def _tell(self, what: str) -> None:
        if not self.told:
            os.write(self._writing, what.encode(errors="replace")[:1000])
            self.told = True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._tell(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._tell(f"import of {report.nodeid}")


class _Bench:
    """Instead of running the tests once, runs them in a child for each change, and writes a line about each.

    The quick ones go first, and before these what killed the mutants before: it is likely to kill the next one, too.
    """

    def __init__(self, path: str, changes: Sequence[Mapping[str, CodeType]], slowest: float, writing: int) -> None:
        self._path = path
        self._changes = changes
        self._slowest = slowest
        self._writing = writing
        self._items: list[pytest.Item] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._items = list(session.items)
        trial = self._try({}, 3600, clock := _Clock())
        self._tell(trial)
        if trial.outcome == "survived":
            seconds = clock.read(trial.by)
            self._items = [item for item in self._items if seconds[item.nodeid] <= self._slowest]
            self._items.sort(key=lambda item: seconds[item.nodeid])
            for change in self._changes:
                self._tell(self._try(change, limit_of(trial)))
        return True

    def _try(self, change: Mapping[str, CodeType], limit: float, *plugins: "_Clock") -> Trial:
        def run(writing: int) -> int:
            _end_after(limit)
            exchange(change, self._path)
            teller = _Teller(writing)
            for plugin in (teller, *plugins):
                self._items[0].config.pluginmanager.register(plugin)
            for item, following in zip(self._items, [*self._items[1:], None], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if teller.told:
                    return 1
            for plugin in plugins:
                plugin.write(writing)
            return 0

        trial, _ = _forked(run)
        if killer := next((item for item in self._items if item.nodeid == trial.by), None):
            self._items.remove(killer)
            self._items.insert(0, killer)
        return trial

    def _tell(self, trial: Trial) -> None:
        os.write(self._writing, msgspec.json.encode(trial) + b"\n")


class _Clock:
    """Measures each test in the child, and has the parent read it."""

    def __init__(self) -> None:
        self._seconds: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] += report.duration

    def write(self, writing: int) -> None:
        with os.fdopen(os.dup(writing), "wb") as told:
            told.write(msgspec.json.encode(dict(self._seconds)))

    def read(self, told: str) -> dict[str, float]:
        return msgspec.json.decode(told, type=dict[str, float])


def limit_of(trial: Trial) -> float:
    """Ten times the processor time that the tests take without a mutant, and some seconds."""
    return 10 * trial.seconds + 5
