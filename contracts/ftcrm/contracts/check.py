"""Checking a file offline, line by line: what each event is judged to be, and what they come to at the end."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ftcrm.contracts.events import BonusEvent, CasinoEvent
from ftcrm.contracts.findings import Confidence, Finding, Verdict
from ftcrm.contracts.groups import Groups
from ftcrm.contracts.history import History
from ftcrm.contracts.judge import Judgement, Keys, judge
from ftcrm.contracts.lines import EVERY_RUN, Line, Mark, microseconds
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
        self._closed = closed
        self._histories: dict[str, History] = {}
        self._held: dict[str, list[tuple[str, int, Judgement, Line]]] = {}
        self._seen: dict[int, Seen] = {}
        self._is_cut = False
        self._seq = 0
        self._now: int | None = None
        self._verdicts: Counter[Verdict] = Counter()
        self._confidences: Counter[Confidence] = Counter()
        self.spoken: dict[str, Finding] = {}
        """One finding of every rule that spoke, by its code."""
        self.implied = 0
        """How many findings follow from others and are not told beside them."""

    def take(self, line: Line | Mark) -> EventReport | None:
        """What the next line of the file is judged to be; None of a mark, and of what is no event.

        A line keeps the seq that it names as long as the seqs rise; otherwise it takes the next one.
        """
        if isinstance(line, Mark):
            if not self._events_only:
                self._heed(line)
            return None
        self._seq = line.seq if line.seq is not None and line.seq > self._seq else self._seq + 1
        if line.aborted:
            return None
        judged = judge(line.message, self._ruleset, received_at=line.received_at)
        self._verdicts[judged.verdict] += 1
        self._count(judged.findings)
        if not self._events_only:
            said = judged.event if judged.event is not None else judged.keys
            self._seen[self._seq] = Seen(line.number, line.column, judged.message_type, said)
            if line.transaction is not None and line.accepted:
                self._held.setdefault(line.transaction, []).append((line.run, self._seq, judged, line))
            else:
                self._add(line.run, self._seq, judged, line)
        return EventReport(
            line.run,
            self._seq,
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
        for run, seq, judged, line in sorted(
            (each for held in self._held.values() for each in held), key=lambda each: each[1]
        ):
            self._add(run, seq, judged, line)
        self._held.clear()
        for history in self._histories.values():
            if self._now is not None:
                history.pass_deadlines(self._now)
            if self._closed:
                history.close()
            history.refresh()
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
        match mark.kind:
            case "evicted" if mark.run == EVERY_RUN:
                self._is_cut = True
                for history in self._histories.values():
                    history.lose()
            case "evicted":
                self._history(mark.run).lose()
            case "closed":
                self._history(mark.run).close()
            case "deadline" if mark.at is not None:
                self._history(mark.run).pass_deadlines(mark.at)
            case "transaction" if mark.transaction is not None:
                for run, seq, judged, line in self._held.pop(mark.transaction, ()):
                    if mark.committed:
                        self._add(run, seq, judged, line)

    def _add(self, run: str, seq: int, judged: Judgement, line: Line) -> None:
        at = line.received_at
        if at is None and judged.event is not None:
            at = microseconds(judged.event.timestamp)
        self._now = at if at is not None else self._now
        self._history(run).add(seq, judged, accepted=line.accepted, at=at)

    def _history(self, run: str) -> History:
        history = self._histories.get(run)
        if history is None:
            history = self._histories[run] = History(accept_invalid=self._accept_invalid, ruleset=self._ruleset)
            if self._is_cut:
                history.lose()
        return history

    def _count(self, findings: tuple[Finding, ...]) -> None:
        for finding in findings:
            self._confidences[finding.confidence] += 1
            self.spoken.setdefault(finding.rule, finding)
            self.implied += finding.implied


def _values(groups: Groups[Any, Any]) -> Iterator[tuple[Any, Any]]:
    for _, key in groups.keys():  # noqa: SIM118 - Groups is no mapping: its keys come with their numbers
        if (fold := groups.value(key)) is not None:
            yield key, fold
