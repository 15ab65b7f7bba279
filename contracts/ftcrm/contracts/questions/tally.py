"""All that is asked about a history, summed up by assumption."""

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from ftcrm.contracts.questions.ledger import LEDGER, RoundQuestion, Sums
from ftcrm.contracts.rounds import Assumption

__all__ = ["Question", "ReadingSums", "Tally"]


class ReadingSums(msgspec.Struct, frozen=True):
    """What one reading makes of the rounds in question: how many of each state, and the sums per currency.

    A round that is not there under this reading has the state `none`.
    """

    name: str
    meaning: str
    states: dict[str, int]
    totals: dict[str, Sums]


class Question(msgspec.Struct, frozen=True):
    """One assumption that rounds depend on: how many, and what is at stake in all of them, per currency.

    `together` says how many of the rounds it changes only together with other assumptions.
    """

    assumption: Assumption
    rounds: int
    together: int
    at_stake: dict[str, Sums]
    readings: tuple[ReadingSums, ...]


class Tally:
    """`add` what each round depends on, of those too that depend on nothing; `questions` are the sums."""

    def __init__(self) -> None:
        self.rounds = 0
        """How many rounds there are, under one reading or another."""
        self.in_question = 0
        """How many of them depend on any assumption."""
        self._asked: dict[str, _Sum] = {}

    def add(self, questions: Iterable[RoundQuestion]) -> None:
        """One more round."""
        self.rounds += 1
        found = list(questions)
        self.in_question += bool(found)
        for question in found:
            self._asked.setdefault(question.assumption.name, _Sum(question.assumption)).add(question)

    def questions(self) -> tuple[Question, ...]:
        """One for each assumption that any round depends on, in the order of the ledger."""
        return tuple(self._asked[each.name].value() for each in LEDGER if each.name in self._asked)


class _Sum:
    """What is known of one assumption so far."""

    def __init__(self, assumption: Assumption) -> None:
        self._assumption = assumption
        self._rounds = self._together = 0
        self._at_stake: dict[str, Sums] = {}
        self._states: dict[str, Counter[str]] = {choice: Counter() for choice in assumption.choices}
        self._totals: dict[str, dict[str, Sums]] = {choice: {} for choice in assumption.choices}

    def add(self, question: RoundQuestion) -> None:
        self._rounds += 1
        self._together += not question.alone
        _add(self._at_stake, question.at_stake())
        for reading in question.readings:
            self._states[reading.name][reading.outcome.state if reading.outcome is not None else "none"] += 1
            _add(self._totals[reading.name], reading.sums())

    def value(self) -> Question:
        readings = tuple(
            ReadingSums(name, meaning, dict(sorted(self._states[name].items())), _sorted(self._totals[name]))
            for name, meaning in self._assumption.readings
        )
        return Question(self._assumption, self._rounds, self._together, _sorted(self._at_stake), readings)


def _add(sums: dict[str, Sums], more: Mapping[str, Sums]) -> None:
    for currency, each in more.items():
        sums[currency] = sums[currency].plus(each) if currency in sums else each


def _sorted(sums: Mapping[str, Sums]) -> dict[str, Sums]:
    return {currency: sums[currency] for currency in sorted(sums)}
