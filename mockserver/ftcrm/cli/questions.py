"""`ftcrm questions`: what the rounds of a file depend on that the contract does not say."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

import click
import msgspec

from ftcrm.cli.files import FILE, long_size, read_file
from ftcrm.cli.options import rule_settings, setting_option
from ftcrm.cli.progress import progress
from ftcrm.cli.spool import OfPlayer, Spool
from ftcrm.contracts.arrivals import Arrivals
from ftcrm.contracts.history import is_folded
from ftcrm.contracts.lines import Line, Mark
from ftcrm.contracts.questions import (
    INVALID_EVENTS,
    RoundQuestion,
    Tally,
    answered_by,
    members_of,
    questions_of,
)
from ftcrm.contracts.rules import Ruleset
from ftcrm.contracts.settings import Settings

__all__ = ["Answered", "command"]

_FINE, _NOTHING = 0, 3


class Answered(NamedTuple):
    """How the contract is read unless it is in question, and the assumptions that are not, by their names."""

    settings: Settings
    accept_invalid: bool
    names: frozenset[str]


class _Report(Protocol):
    """What is made of the questions: told of each as it is found, and of their sums at the end."""

    def question(self, run: str, question: RoundQuestion) -> None:
        """What one round depends on."""

    def end(self, tally: Tally, *, complete: bool) -> None:
        """There are no further questions; `complete` says whether no delivery can be missing."""


@click.command()
@click.argument("file", type=FILE)
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--all", "everything", is_flag=True, help="Write every round of a text, however many.")
@setting_option("accept-invalid")
@rule_settings()
@click.pass_context
def command(
    ctx: click.Context,
    /,
    file: str,
    *,
    style: str,
    everything: bool,
    accept_invalid: bool,
    settings: Settings,
) -> None:
    """Ask what FT CRM has to answer before the rounds of FILE ("-" is standard input) are certain.

    The contract leaves things open: which event a Rollback means, what is_round_end does. FILE, which is what `ftcrm
    check` takes, is folded under every reading of each, and of all together; listed are the rounds that come out
    differently, the money at stake, and the question to put to FT CRM. What is set is answered, and not asked again: a
    --reading, and whether to --accept-invalid.

    Exits with 0, whether there are questions or none, with 2 when FILE or a setting cannot be used, with 3 when no
    event of FILE could make a round under any reading.
    """
    names = answered_by(settings.readings, accept_invalid=accept_invalid) | settings.answered
    answered = Answered(settings, accept_invalid, names)
    tally = Tally()
    with _spool(answered) as spool:
        asking = _Asking(answered, spool)
        size = long_size(file)
        with progress("reading", total=size) as bar:
            for line in read_file(file, bar.advance):
                asking.take(line)
        spool.end()
        if not (is_any := spool.has("rounds")):
            got = f"{spool.events:,} that make none; `ftcrm check` says what they are" if spool.events else "none"
            click.echo(f"ftcrm: {file}: expected events that make rounds, got {got}", err=True)
        with progress("asking", total=size and len(spool)) as bar:
            report = _report(ctx, style, file, answered, everything=everything, write=bar.say)
            for player in spool.players():
                for found in asking.ask(player):
                    tally.add(found)
                    for question in found:
                        report.question(player.run, question)
                bar.advance(1)
            report.end(tally, complete=spool.complete())
    ctx.exit(_FINE if is_any else _NOTHING)


def _spool(answered: Answered) -> Spool:
    """As long as invalid events are in question, all that can be read is put aside as if it counted.

    No rule says anything then of what is put aside: no finding is wanted.
    """
    settings = answered.settings
    if INVALID_EVENTS.name in answered.names:
        return Spool(ruleset=Ruleset(settings), accept_invalid=answered.accept_invalid)
    silent = msgspec.structs.replace(settings, select=(), extend_select=(), ignore=())
    return Spool(ruleset=Ruleset(silent), accept_invalid=True)


class _Asking:
    """Puts the deliveries of a file aside by players, and keeps the seqs of those that do not count by themselves."""

    def __init__(self, answered: Answered, spool: Spool) -> None:
        self._answered = answered
        self._spool = spool
        self._arrivals = Arrivals(Ruleset(answered.settings))
        self._left_out = array("q")

    def take(self, line: Line | Mark) -> None:
        """The next line of the file."""
        if isinstance(line, Line) and INVALID_EVENTS.name not in self._answered.names:
            arrival = self._arrivals.take(line)
            if arrival is not None and not (arrival.accepted and is_folded(arrival.judged, accept_invalid=False)):
                self._left_out.append(arrival.seq)  # the seqs rise, so that one is found by bisection
            if not (line.accepted or line.aborted):
                line = msgspec.structs.replace(line, disposition="accepted", transaction=None)
        self._spool.take(line)

    def ask(self, player: OfPlayer) -> Iterator[tuple[RoundQuestion, ...]]:
        """What each round of the player depends on."""
        rounds = player.history.rounds
        for _number, key in rounds.keys():  # noqa: SIM118 - Groups is no mapping: its keys come with their numbers
            fold = rounds.value(key)
            if fold is None:
                continue
            members = members_of(fold)
            left_out = [member for member in members if self._is_left_out(member.seq)]
            if left_out:
                members = tuple(member for member in members if not self._is_left_out(member.seq))
            yield questions_of(
                key,
                members,
                left_out,
                readings=self._answered.settings.readings,
                answered=self._answered.names,
            )

    def _is_left_out(self, seq: int) -> bool:
        at = bisect_left(self._left_out, seq)
        return at < len(self._left_out) and self._left_out[at] == seq


def _report(
    ctx: click.Context, style: str, file: str, answered: Answered, *, everything: bool, write: Callable[[str], None]
) -> _Report:
    """The module of the style that is asked for is imported now."""
    from ftcrm.cli.questiontext import JsonQuestions, TextQuestions  # noqa: PLC0415

    if style == "json":
        return JsonQuestions(file, sorted(answered.names), write=write)
    return ctx.with_resource(TextQuestions(sorted(answered.names), everything=everything, write=write))
