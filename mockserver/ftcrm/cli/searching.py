"""What `ftcrm fuzz` does: search for a history or try one again, and judge the one over which the target differs."""

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec

from ftcrm.cli.files import read_file
from ftcrm.cli.fuzzed import Differing, Fuzzed
from ftcrm.cli.progress import progress
from ftcrm.contracts.check import Check
from ftcrm.contracts.errors import ConfigurationError, EngineError, SendError
from ftcrm.contracts.events import BONUS_FIELDS, CASINO_FIELDS, read_payload
from ftcrm.contracts.findings import Finding
from ftcrm.contracts.lines import Line
from ftcrm.contracts.messages import CHECKED_TYPES, Message, message_type_of
from ftcrm.contracts.report import EventReport
from ftcrm.contracts.rules import Ruleset
from ftcrm.contracts.settings import Settings

if TYPE_CHECKING:
    from ftcrm.strategies.fuzzing import Failure, Progress, RemoteTarget, Report

__all__ = [
    "Search",
    "families_shown",
    "findings_of",
    "import_fuzzing",
    "judged_history",
    "mutations_named",
    "replayed",
]

_PROPERTIES = frozenset(field.name for field in (*CASINO_FIELDS, *BONUS_FIELDS))
_EXAMPLES = "examples"
"""The folder in that of --out in which Hypothesis keeps what failed."""


class Search:
    """One search: how far it is, and what it came to."""

    def __init__(
        self, target: "RemoteTarget", examples: int, seed: int | None, families: Mapping[str, Sequence[int]]
    ) -> None:
        self._target = target
        self._examples = examples
        self._seed = seed
        self._families = families
        self._last: Progress | None = None

    def made(self, mutations: Sequence[str] | None, out: Path, again: str, *, without: Sequence[str] = ()) -> Fuzzed:
        """Search by these mutations (None: all) but those, and write the failure, if any, into the folder `out`.

        `again` is the command that tries it again, with `{history}` in place of the path of the file.
        """
        fuzzing = import_fuzzing()
        with _writing(out):
            out.mkdir(parents=True, exist_ok=True)
        # What it caches is of no use to whoever works in this folder.
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(out / ".hypothesis"))
        left: list[Failure] = []
        try:
            with progress("fuzzing", total=self._examples) as bar:

                def on_example(now: "Progress") -> None:
                    done = 0 if self._last is None else self._last.examples
                    self._last = now
                    bar.advance(now.examples - done, self._note(now))

                report: Report = fuzzing.fuzz(
                    self._target,
                    examples=self._examples,
                    seed=self._seed,
                    mutations=mutations,
                    without=without,
                    users=self._target.users,
                    # What failed before would come before what the seed draws, and may be what is left out.
                    database=None if without or self._seed is not None else out / _EXAMPLES,
                    on_example=on_example,
                    on_stop=left.append,
                )
        except KeyboardInterrupt:
            return self._interrupted([self._written(failure, out, again) for failure in left])
        except (EngineError, SendError) as error:
            if not left:
                raise
            written = " and ".join(str(self._written(failure, out, again).history) for failure in left)
            raise type(error)(f"{error}; what it was sent before is in {written}") from error
        if report.failure is None:
            return self._of(report)
        return self._of(report, differing=self._written(report.failure, out, again))

    def _written(self, failure: "Failure", out: Path, again: str) -> Differing:
        with _writing(out):
            files = import_fuzzing().write_failure(out, failure, self._target, command=again)
        return Differing(
            files.history,
            failure.differences,
            _filled(again, files.history),
            failure.mutations,
            failure.flaky,
            files,
        )

    def _of(self, report: "Report | Progress", **more: Any) -> Fuzzed:
        return Fuzzed(
            target=self._target.shown,
            examples=report.examples,
            shrinks=report.shrinks,
            events=report.events,
            seconds=report.seconds,
            covered=dict(report.covered),
            seed=report.seed,
            **more,
        )

    def _interrupted(self, differing: Sequence[Differing]) -> Fuzzed:
        if self._last is None:
            raise KeyboardInterrupt
        return self._of(self._last, is_interrupted=True, differing=differing[0] if differing else None)

    def _note(self, now: "Progress") -> str:
        so_far = self._of(now)
        if now.shrinks:
            return f"({so_far.rate:.0f} examples a second; it differs: {now.shrinks:,} tried to shrink it)"
        return f"({so_far.rate:.0f} examples a second, families: {len(so_far.shown(self._families))})"


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigurationError(f"--out {out}: expected a folder that can be written to, got: {error}") from error


def replayed(target: "RemoteTarget", file: Path, again: str) -> Fuzzed:
    """The history of the file tried once, with ids that the target has not seen; `again` as for `Search.made`."""
    fuzzing = import_fuzzing()
    messages = fuzzing.read_history(file)
    sent = [message for message in target.delivered(messages) if message is not None]
    differences = fuzzing.replay(target, messages, users=target.users) if sent else ()
    has_events = differences or any(map(_may_be_event, sent))
    return Fuzzed(
        target=target.shown,
        examples=int(bool(sent)),
        shrinks=0,
        events=len(sent) if has_events else 0,
        seconds=0.0,
        covered={},
        seed=None,
        differing=Differing(file, differences, _filled(again, file)) if differences else None,
    )


def _may_be_event(message: Message) -> bool:
    """Whether its type has a contract, and it has a property of that or cannot be read: a mapping, say, is no event."""
    document = read_payload(message.raw).document
    return message_type_of(message) in CHECKED_TYPES and (not document or not _PROPERTIES.isdisjoint(document))


def _filled(again: str, history: Path) -> str:
    return again.replace("{history}", shlex.quote(str(history)))


def judged_history(
    fuzzed: Fuzzed, settings: Settings, *, accept_invalid: bool
) -> tuple[Sequence[tuple[EventReport, Line]], Check]:
    """What `ftcrm check` says of the history over which the target differs; nothing where there is none."""
    check = Check(ruleset=Ruleset(settings), accept_invalid=accept_invalid)
    judged = []
    if fuzzed.differing is not None:
        for line in read_file(str(fuzzed.differing.history), lambda _: None):
            event = check.take(line)
            if event is not None and isinstance(line, Line):
                judged.append((event, line))
    check.end()
    return judged, check


def findings_of(judged: Sequence[tuple[EventReport, Line]], check: Check) -> Iterator[Finding]:
    """What the rules say of it, with the lines that show it as witnesses."""
    for event, _ in judged:
        for finding in event.findings:
            yield msgspec.structs.replace(finding, witness=(event.seq,))
    for entry in check.rounds():
        yield from entry.findings
    for made in check.bonuses():
        yield from made.findings
    yield from check.across()


def import_fuzzing() -> ModuleType:
    """The search, imported now: nothing else of the commands needs Hypothesis."""
    try:
        from ftcrm.strategies import fuzzing  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        install = "pip install 'ftcrm-mock[clients,strategies]'"
        raise ConfigurationError(f"fuzz: expected the package hypothesis, got none installed: {install}") from None
    return fuzzing


def families_shown() -> dict[str, tuple[int, ...]]:
    """The numbers of the families that each mutation shows, by its name."""
    from ftcrm.strategies.mutations import MUTATIONS  # noqa: PLC0415 - it needs Hypothesis

    return {name: mutation.families for name, mutation in MUTATIONS.items()}


def mutations_named(
    texts: Sequence[str], families: Mapping[str, Sequence[int]], *, option: str
) -> tuple[str, ...] | None:
    """The mutations that the option names, or whose family it does; None where it is not given."""
    named = [part.strip() for text in texts for part in text.split(",") if part.strip()]
    if not named:
        if texts:
            raise ConfigurationError(f"{option}: expected names, separated by commas, got nothing")
        return None
    found: dict[str, None] = {}
    for text in named:
        of_family = [name for name, numbers in families.items() if text.isdecimal() and int(text) in numbers]
        if text not in families and not of_family:
            close = get_close_matches(text, families)
            meant = f"did you mean {' or '.join(map(repr, close))}?" if close else "`ftcrm mutations` lists them"
            raise ConfigurationError(f"{option}: expected a mutation, or the number of a family, got {text!r}; {meant}")
        found |= dict.fromkeys(of_family or [text])
    return tuple(found)
