"""Questions as text for people, by assumption, and as JSON, written as they come."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from decimal import Decimal
from itertools import combinations
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Any, Self

from ftcrm.cli.jsontext import JsonWriter, encoded
from ftcrm.cli.output import Batch, printable, table_lines
from ftcrm.contracts.lines import DEFAULT_RUN
from ftcrm.contracts.numbers import ZERO, plain
from ftcrm.contracts.questions import (
    INVALID_EVENTS,
    Outcome,
    Question,
    RoundQuestion,
    Share,
    Sums,
    Tally,
    question_view,
    round_question_view,
)
from ftcrm.contracts.rounds import Amounts, Assumption, Money

__all__ = ["JsonQuestions", "TextQuestions"]

_FEW = 3
"""How many rounds of each question are shown unless all are wanted."""
_IN_MEMORY = 1_000_000
_WALLETS = ("real", "bonus", "locked", "unallocated")


class JsonQuestions:
    """`file questions assumptions answered rounds in_question complete`: `assumptions` sums up `questions`."""

    def __init__(self, file: str, answered: Sequence[str], *, write: Callable[[str], None]) -> None:
        self._answered = answered
        self._writer = JsonWriter(write)
        self._writer.line("{")
        self._writer.line(f'  "file": {encoded(file)},')
        self._writer.open_array('"questions": [')

    def question(self, run: str, question: RoundQuestion) -> None:
        """What one round depends on."""
        self._writer.element({"run": run} | round_question_view(question))

    def end(self, tally: Tally, *, complete: bool) -> None:
        """Everything else."""
        self._writer.close_array("],")
        self._writer.open_array('"assumptions": [')
        for question in tally.questions():
            self._writer.element(question_view(question))
        self._writer.close_array("],")
        members: dict[str, Any] = {
            "answered": self._answered,
            "rounds": tally.rounds,
            "in_question": tally.in_question,
            "complete": complete,
        }
        self._writer.line(",\n".join(f'  "{name}": {encoded(value)}' for name, value in members.items()))
        self._writer.line("}")
        self._writer.flush()


class TextQuestions:
    """Question by question: what is asked, what each reading makes, and the first few rounds, or all of them.

    A question is told once all its rounds are known; until then those that will be shown wait in a file each, which
    stays in memory as long as it is small.
    """

    def __init__(self, answered: Sequence[str], *, everything: bool, write: Callable[[str], None]) -> None:
        self._answered = answered
        self._everything = everything
        self._batch = Batch(write)
        self._files = ExitStack()
        self._shown: dict[str, IO[str]] = {}
        self._counts: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._files.close()

    def question(self, run: str, question: RoundQuestion) -> None:
        """What one round depends on."""
        name = question.assumption.name
        count = self._counts[name] = self._counts.get(name, 0) + 1
        if count > _FEW and not self._everything:
            return
        if name not in self._shown:
            self._shown[name] = self._files.enter_context(_file())
        self._shown[name].writelines(f"{printable(line)}\n" for line in _round_lines(run, question))

    def end(self, tally: Tally, *, complete: bool) -> None:
        """The questions, and how much depends on them."""
        for question in tally.questions():
            for line in _question_lines(question):
                self._batch.line(line)
            waiting = self._shown[question.assumption.name]
            waiting.seek(0)
            for line in waiting:
                self._batch.line(line.removesuffix("\n"))
            if (more := question.rounds - _FEW) > 0 and not self._everything:
                self._batch.line(f"  ... and {more:,} more (--all shows them)")
            self._batch.line("")
        if tally.rounds:
            sums = _sum(tally, self._answered)
            self._batch.line(sums if complete else f"{sums} Deliveries of these runs are missing.")
        self._batch.flush()


def _file() -> IO[str]:
    return SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="")


def _question_lines(question: Question) -> Iterator[str]:
    assumption = question.assumption
    yield f"{assumption.name}: {assumption.question}"
    yield f"  ({assumption.source})"
    together = f" ({question.together:,} only together with another assumption)" if question.together else ""
    yield f"  {_count(question.rounds, 'round')}{together}; at stake: {_stake(question.at_stake)}"
    rows = [
        (reading.name, _states(reading.states), _totals(reading.totals) or "-", reading.meaning)
        for reading in question.readings
    ]
    for line in table_lines(("reading", "rounds", "sums", "what it means"), rows):
        yield f"  {line}"
    yield f"  once FT CRM has answered: {_answer(assumption)}"


def _answer(assumption: Assumption) -> str:
    """How to say which reading it is, with the engine's own as an example."""
    if assumption == INVALID_EVENTS:
        return "--accept-invalid, or accept-invalid = true (or false) in ftcrm.toml"
    example = f"{assumption.name}={assumption.choices[0]}"
    return f'--reading {example}, or readings = ["{example}"] in ftcrm.toml'


def _round_lines(run: str, question: RoundQuestion) -> Iterator[str]:
    key = question.key
    where = "" if run == DEFAULT_RUN else f", run {run!r}"
    given = ", ".join(f"{name}={choice}" for name, choice in question.given.items())
    yield f"  round {key.round_id!r} of user {key.user_id!r} ({key.origin}){where}" + (given and f", with {given}")
    outcomes = [reading.outcome for reading in question.readings]
    width = max(len(reading.name) for reading in question.readings)
    for reading in question.readings:
        yield f"    {reading.name:{width}}  {_outcome(reading.outcome, outcomes)}"


def _outcome(outcome: Outcome | None, among: Sequence[Outcome | None]) -> str:
    """The state and the money; wallets, base currency, bonuses and games where nothing else tells two apart."""
    if outcome is None:
        return "no round"
    others = [each for each in among if each is not None]
    pairs = list(combinations(others, 2))
    is_split = any(one.totals != two.totals and _without_wallets(one) == _without_wallets(two) for one, two in pairs)
    is_in_base = any(one.totals == two.totals and one.base != two.base for one, two in pairs)
    parts = [f"{currency} {_money(money, is_split=is_split)}" for currency, money in outcome.totals.items()]
    if is_in_base:
        parts.append(f"in base currency {_money(outcome.base, is_split=False)}")
    alike = [(one, two) for one, two in pairs if one.but_for_shares() == two.but_for_shares()]
    if any(one.bonuses != two.bonuses for one, two in alike):
        parts += _shares("bonus", {repr(name): share for name, share in sorted(outcome.bonuses.items())})
    if any(one.games != two.games for one, two in alike):
        games = sorted(outcome.games.items())
        parts += _shares("game", {f"{game!r} of vendor {vendor!r}": share for (vendor, game), share in games})
    state = outcome.state if outcome.outcome is None else f"{outcome.state}, {outcome.outcome}"
    return f"{state}: {'; '.join(parts)}"


def _shares(kind: str, shares: Mapping[str, Share]) -> Iterator[str]:
    """What counts for each, by wallets, and in base currency where that is something else."""
    for name, share in shares.items():
        sums = [f"{currency} {_money(money, is_split=True)}" for currency, money in share.totals.items()]
        if share.base not in share.totals.values():
            sums.append(f"in base currency {_money(share.base, is_split=True)}")
        yield f"for {kind} {name} {', '.join(sums)}"
    if not shares:
        yield f"for no {kind}"


def _without_wallets(outcome: Outcome) -> dict[str, tuple[Decimal, Decimal]]:
    return {currency: (money.bet.total, money.win.total) for currency, money in outcome.totals.items()}


def _money(money: Money, *, is_split: bool) -> str:
    amounts = ((name, getattr(money, name)) for name in ("bet", "win", "ggr"))
    return ", ".join(f"{name} {plain(each.total)}{_split(each) if is_split else ''}" for name, each in amounts)


def _split(amounts: Amounts) -> str:
    parts = ((wallet, getattr(amounts, wallet)) for wallet in _WALLETS)
    shown = " + ".join(f"{plain(part)} {wallet}" for wallet, part in parts if part)
    return f" ({shown})" if shown else ""


def _states(states: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {state}" for state, count in states.items())


def _totals(totals: Mapping[str, Sums]) -> str:
    return "; ".join(f"{currency} {_sums(sums)}" for currency, sums in totals.items())


def _stake(at_stake: Mapping[str, Sums]) -> str:
    if not at_stake:
        return "no bet and no win; it is about states, wallets, bonuses, games or the base currency"
    return "; ".join(f"{currency} {_sums(sums, but=ZERO)}" for currency, sums in at_stake.items())


def _sums(sums: Sums, *, but: Decimal | None = None) -> str:
    named = ((name, getattr(sums, name)) for name in Sums.__struct_fields__)
    return ", ".join(f"{name} {plain(number)}" for name, number in named if number != but)


def _sum(tally: Tally, answered: Iterable[str]) -> str:
    names = ", ".join(answered)
    if tally.in_question:
        verb = "depends" if tally.in_question == 1 else "depend"
        of = f"{tally.in_question:,} of {_count(tally.rounds, 'round')} {verb}"
        return f"{of} on {_count(len(tally.questions()), 'assumption')}." + (names and f" Answered: {names}.")
    beside = f" but those that are answered ({names})" if names else ""
    them, are = ("it", "is") if tally.rounds == 1 else ("them", "are")
    same = f"{_count(tally.rounds, 'round')}, and what of {them} counts for each bonus and game, {are} the same"
    return f"No round of this history depends on any assumption{beside}: {same} under every reading."


def _count(number: int, one: str) -> str:
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"
