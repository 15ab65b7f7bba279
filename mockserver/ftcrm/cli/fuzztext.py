"""What `ftcrm fuzz` came to, for people: what was covered, where the target differs, and the events that show it."""

from collections.abc import Iterator, Mapping, Sequence

from ftcrm.cli.fuzzed import Differing, Fuzzed
from ftcrm.cli.output import on_terminal, printable, say, table_lines
from ftcrm.cli.tables import draw_table
from ftcrm.cli.text import TextReport
from ftcrm.cli.witnesses import number_of, said_of
from ftcrm.contracts.check import Check
from ftcrm.contracts.lines import Line
from ftcrm.contracts.report import EventReport

__all__ = ["say_fuzzed", "summary_line"]

_COVERED = ("mutation", "families", "examples")
_EVENTS = ("line", "message", "type", "status", "id", "amount", "timestamp", "round", "bonus", "user", "verdict")
_EVENTS_LESS_IMPORTANT = ("message", "user", "timestamp", "bonus", "round", "verdict")
_MOST_DIFFERENCES = 20
_MOST_EVENTS = 50
_MOST_QUOTED = 5
"""Of a history of so few events, the payloads are shown, too."""


def say_fuzzed(
    fuzzed: Fuzzed,
    judged: Sequence[tuple[EventReport, Line]],
    check: Check,
    *,
    families: Mapping[str, Sequence[int]],
    everything: bool = False,
) -> None:
    """Where it differs, and what was covered, mutation by mutation if that is `everything`.

    `judged` and `check` are of the history over which the target differs. `families` has the numbers of those that each
    mutation shows, as docs/rounds.md has them.
    """
    if (differing := fuzzed.differing) is not None:
        _say_differing(differing, judged, check)
    if everything and fuzzed.covered:
        rows = [
            (name, ", ".join(map(str, families.get(name, ()))) or "-", f"{count:,}")
            for name, count in sorted(fuzzed.covered.items())
        ]
        _say_table("covered", _COVERED, rows, numbers=("examples",))
    if fuzzed.seed is not None:
        say(_covered_line(fuzzed, families))
    say(summary_line(fuzzed))


def summary_line(fuzzed: Fuzzed) -> str:
    """`TARGET: agrees: 200 examples in 12.3 s (16 examples a second, 1,234 events); seed 42`.

    Of the replay of one history it says how many events that has.
    """
    came_to = "differs" if fuzzed.differing is not None else "agrees"
    if fuzzed.is_interrupted:
        came_to = "interrupted while the history was made smaller" if fuzzed.differing else "interrupted; agreed so far"
    events = _counted(fuzzed.events, "event")
    if fuzzed.seed is None:
        return printable(f"{fuzzed.target}: {came_to}: {events}")
    more = f" and {fuzzed.shrinks:,} more to shrink" if fuzzed.shrinks else ""
    tried = f"{_counted(fuzzed.examples, 'example')}{more} in {fuzzed.seconds:.1f} s"
    return printable(
        f"{fuzzed.target}: {came_to}: {tried} ({fuzzed.rate:.0f} examples a second, {events}); seed {fuzzed.seed}"
    )


def _covered_line(fuzzed: Fuzzed, families: Mapping[str, Sequence[int]]) -> str:
    shown, there_are = fuzzed.shown(families), {number for numbers in families.values() for number in numbers}
    mutations = fuzzed.covered.keys() & families.keys()
    return f"covered: {len(mutations)} of {len(families)} mutations, {len(shown)} of {len(there_are)} families"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _say_differing(differing: Differing, judged: Sequence[tuple[EventReport, Line]], check: Check) -> None:
    most = differing.differences[:_MOST_DIFFERENCES]
    more = len(differing.differences) - len(most)
    lines = [*map(printable, most), *([f"... and {more} more (--format json has all)"] if more else [])]
    say("\n".join(("differences:", *(f"  {line}" for line in lines), "")))
    if differing.is_flaky:
        say("It differed once, and not when the same was tried again: the target is no function of what it is sent.\n")
    if differing.mutations:
        say(f"drawn with: {', '.join(differing.mutations)}\n")
    _say_table("events", _EVENTS, list(_event_rows(judged, check)), less_important=_EVENTS_LESS_IMPORTANT)
    if len(judged) <= _MOST_QUOTED:
        say("\n".join((*(f"  {number_of(event.line, event.column)}  {_payload(line)}" for event, line in judged), "")))
    say("What `ftcrm check` says of them, and what the reference makes of them:\n")
    report = TextReport(str(differing.history))
    for event, line in judged:
        report.event(event, line)
    report.end(check)
    written = () if differing.files is None else (differing.files.history, differing.files.findings)
    say("\n".join(("", *(f"written: {path}" for path in written), *_next(differing), "")))


def _payload(line: Line) -> str:
    return printable(line.message.raw.decode("utf-8", "backslashreplace"))


def _next(differing: Differing) -> Iterator[str]:
    if differing.files is not None:
        yield f"test:    {differing.files.test}"
    yield f"replay:  {differing.replay}"


def _event_rows(judged: Sequence[tuple[EventReport, Line]], check: Check) -> Iterator[tuple[str, ...]]:
    for event, _ in judged[:_MOST_EVENTS]:
        keys, seen = event.keys, check.seen(event.seq)
        said = ("",) * 5 if seen is None else tuple(said_of(seen))
        named = (keys.round_id, keys.user_bonus_id, keys.user_id)
        cells = (event.message_type, *said, *named, str(event.verdict))
        yield number_of(event.line, event.column), *(cell or "-" for cell in cells)


def _say_table(
    title: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    less_important: Sequence[str] = (),
    numbers: Sequence[str] = (),
) -> None:
    if on_terminal():
        draw_table(title, header, rows, less_important=less_important, foldable=(), numbers=numbers)
    else:
        say("\n".join((f"{title}:", *(f"  {line}" for line in table_lines(header, rows)), "")))
