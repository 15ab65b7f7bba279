"""Checking a file offline, line by line: what each event is judged to be, and what they come to at the end."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ftcrm.contracts.arrivals import Arrival, Arrivals
from ftcrm.contracts.endings import Endings
from ftcrm.contracts.events import BonusEvent, CasinoEvent
from ftcrm.contracts.findings import Confidence, Finding, Verdict
from ftcrm.contracts.groups import Groups
from ftcrm.contracts.history import History
from ftcrm.contracts.judge import Keys
from ftcrm.contracts.lines import Line, Mark
from ftcrm.contracts.report import BonusReport, EventReport, RoundReport
from ftcrm.contracts.rules import STANDARD, Ruleset

__all__ = ["Check", "Seen"]


class Seen(NamedTuple):
    """An event that a finding may name as its witness: where it stands, and what it said."""

    line: int
    column: int
    message_type: str | None
    said: CasinoEvent | BonusEvent | Keys


class Check:
    """`take` every line in order, then `end`; then `rounds`, `bonuses` and `across` are there to be read.

    With `events_only` nothing is kept of an event that was judged, so that memory does not grow; there are no rounds
    then and no bonuses. `closed` says that the file is all there is: what is open at its end was never settled.
    """

    def __init__(
        self,
        *,
        ruleset: Ruleset = STANDARD,
        accept_invalid: bool = False,
        events_only: bool = False,
        closed: bool = False,
    ) -> None:
        self._ruleset = ruleset
        self._accept_invalid = accept_invalid
        self._events_only = events_only
        self._arrivals = Arrivals(ruleset)
        self._endings = Endings(closed=closed)
        self._histories: dict[str, History] = {}
        self._held: dict[str, list[Arrival]] = {}
        self._seen: dict[int, Seen] = {}
        self._verdicts: Counter[Verdict] = Counter()
        self._confidences: Counter[Confidence] = Counter()
        self.spoken: dict[str, Finding] = {}
        """One finding of every rule that spoke, by its code."""
        self.implied = 0
        """How many findings follow from others and are not told beside them."""

    def take(self, line: Line | Mark) -> EventReport | None:
        """What the next line of the file is judged to be; None of a mark, and of what is no event."""
        if isinstance(line, Mark):
            if not self._events_only:
                self._heed(line)
            return None
        arrival = self._arrivals.take(line)
        if arrival is None:
            return None
        judged = arrival.judged
        self._verdicts[judged.verdict] += 1
        self._count(judged.findings)
        if not self._events_only:
            said = judged.event if judged.event is not None else judged.keys
            self._seen[arrival.seq] = Seen(line.number, line.column, judged.message_type, said)
            if arrival.transaction is not None:
                self._held.setdefault(arrival.transaction, []).append(arrival)
            else:
                self._add(arrival)
        return EventReport(
            line.run,
            arrival.seq,
            line.number,
            judged.message_type,
            judged.verdict,
            judged.keys,
            judged.findings,
            line.column,
        )

    def end(self) -> None:
        """There is no further line: settle what waits for one, and count what the rules say of all together."""
        # What a transaction committed is accepted, also where its mark is not in the file.
        for arrival in sorted((each for held in self._held.values() for each in held), key=lambda each: each.seq):
            self._add(arrival)
        self._held.clear()
        for run, history in self._histories.items():
            self._endings.end(run, history)
            for kept in (history.rounds, history.bonuses, history.across):
                for _, findings in kept.flagged():
                    self._count(findings)

    def rounds(self) -> Iterator[RoundReport]:
        """Every round, run by run, in the order in which they first came."""
        for run, history in self._histories.items():
            for key, fold in _values(history.rounds):
                yield RoundReport(run, fold.round, history.rounds.findings(key))

    def bonuses(self) -> Iterator[BonusReport]:
        """Every bonus, likewise."""
        for run, history in self._histories.items():
            for key, fold in _values(history.bonuses):
                yield BonusReport(run, fold.bonus, history.bonuses.findings(key))

    def across(self) -> Iterator[Finding]:
        """The findings about events of several rounds, bonuses or players, likewise."""
        for history in self._histories.values():
            for _, findings in history.across.flagged():
                yield from findings

    def seen(self, seq: int) -> Seen | None:
        """The event of that seq, unless nothing is kept of events."""
        return self._seen.get(seq)

    @property
    def events(self) -> int:
        """How many events there were."""
        return self._verdicts.total()

    @property
    def checked(self) -> int:
        """How many events have a verdict other than unchecked."""
        return self.events - self._verdicts[Verdict.UNCHECKED]

    @property
    def verdicts(self) -> dict[Verdict, int]:
        """How many events there are of each verdict, every verdict named."""
        return {verdict: self._verdicts[verdict] for verdict in Verdict}

    @property
    def confidences(self) -> dict[Confidence, int]:
        """How many findings there are of each confidence, strongest first."""
        return {confidence: self._confidences[confidence] for confidence in Confidence}

    @property
    def worst(self) -> Confidence | None:
        """The strongest confidence among all findings, or None when there is no finding."""
        return next((confidence for confidence, count in self.confidences.items() if count), None)

    @property
    def violated(self) -> bool:
        """Whether the published contract is broken: a documented finding, of an event or a sequence, or no event."""
        return self.worst is Confidence.DOCUMENTED or bool(self._verdicts[Verdict.UNREADABLE])

    def summary(self) -> Mapping[str, Any]:
        """The counts of everything, and how bad the worst of it is, as JSON has them."""
        return {
            "counts": {
                "events": self.events,
                "rounds": sum(len(history.rounds) for history in self._histories.values()),
                "bonuses": sum(len(history.bonuses) for history in self._histories.values()),
                "verdicts": {str(verdict): count for verdict, count in self.verdicts.items()},
                "findings": {str(confidence): count for confidence, count in self.confidences.items()},
                "implied": self.implied,
            },
            "worst": self.worst and str(self.worst),
            "violated": self.violated,
        }

    def _heed(self, mark: Mark) -> None:
        if mark.kind != "transaction":
            self._endings.heed(mark)
        elif mark.transaction is not None:
            for arrival in self._held.pop(mark.transaction, ()):
                if mark.committed:
                    self._add(arrival)

    def _add(self, arrival: Arrival) -> None:
        if arrival.at is not None:
            self._endings.now = arrival.at
        history = self._histories.get(arrival.run)
        if history is None:
            history = History(accept_invalid=self._accept_invalid, ruleset=self._ruleset)
            self._histories[arrival.run] = history
        history.add(arrival.seq, arrival.judged, accepted=arrival.accepted, at=arrival.at)

    def _count(self, findings: tuple[Finding, ...]) -> None:
        for finding in findings:
            self._confidences[finding.confidence] += 1
            self.spoken.setdefault(finding.rule, finding)
            self.implied += finding.implied


def _values(groups: Groups[Any, Any]) -> Iterator[tuple[Any, Any]]:
    for _, key in groups.keys():  # noqa: SIM118 - Groups is no mapping: its keys come with their numbers
        if (fold := groups.value(key)) is not None:
            yield key, fold
