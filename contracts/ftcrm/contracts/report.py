"""What a run comes to: its events with their findings, its rounds and its bonuses, and how bad the worst of it is."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import msgspec

from ftcrm.contracts.events import CasinoEvent
from ftcrm.contracts.findings import Confidence, Finding, Verdict
from ftcrm.contracts.history import History
from ftcrm.contracts.judge import Judgement, Keys, judge
from ftcrm.contracts.lines import DEFAULT_RUN, Line
from ftcrm.contracts.rounds import Bonus, Round
from ftcrm.contracts.rules import STANDARD, Ruleset
from ftcrm.contracts.views import bonus_view, findings_view, round_view

__all__ = ["BonusReport", "EventReport", "Report", "RoundReport", "check_lines", "joined", "report"]


class EventReport(msgspec.Struct, frozen=True):
    """One delivery and what the event rules say of it; `line` is where it stands in its file, counted from 1."""

    run: str
    seq: int
    line: int | None
    message_type: str | None
    verdict: Verdict
    keys: Keys | CasinoEvent
    findings: tuple[Finding, ...]

    def as_dict(self) -> dict[str, Any]:
        """The event as JSON has it."""
        return {
            "run": self.run,
            "seq": self.seq,
            "line": self.line,
            "message_type": self.message_type,
            "type": self.keys.type,
            "activity_id": self.keys.activity_id,
            "verdict": str(self.verdict),
            "findings": findings_view(self.findings),
        }


class RoundReport(msgspec.Struct, frozen=True):
    """One round and what the sequence rules say of it."""

    run: str
    round: Round
    findings: tuple[Finding, ...]

    def as_dict(self) -> dict[str, Any]:
        """The round as JSON has it."""
        return {"run": self.run, **round_view(self.round, self.findings)}


class BonusReport(msgspec.Struct, frozen=True):
    """One bonus and what the sequence rules say of it."""

    run: str
    bonus: Bonus
    findings: tuple[Finding, ...]

    def as_dict(self) -> dict[str, Any]:
        """The bonus as JSON has it."""
        return {"run": self.run, **bonus_view(self.bonus, self.findings)}


class Report(msgspec.Struct, frozen=True):
    """Events in the order of their seqs, rounds and bonuses in the order in which they first came, run by run.

    `across` are the findings about events of several rounds, bonuses or players.
    """

    events: tuple[EventReport, ...] = ()
    rounds: tuple[RoundReport, ...] = ()
    bonuses: tuple[BonusReport, ...] = ()
    across: tuple[Finding, ...] = ()

    @property
    def verdicts(self) -> dict[Verdict, int]:
        """How many events there are of each verdict, every verdict named."""
        counts = Counter(event.verdict for event in self.events)
        return {verdict: counts[verdict] for verdict in Verdict}

    @property
    def checked(self) -> int:
        """How many events have a verdict other than unchecked."""
        return len(self.events) - self.verdicts[Verdict.UNCHECKED]

    @property
    def findings(self) -> Iterator[Finding]:
        """Every finding: of the events, of the rounds, of the bonuses, then those across them."""
        return chain.from_iterable(
            chain(
                (event.findings for event in self.events),
                (entry.findings for entry in self.rounds),
                (entry.findings for entry in self.bonuses),
                (self.across,),
            )
        )

    @property
    def confidences(self) -> dict[Confidence, int]:
        """How many findings there are of each confidence, strongest first."""
        counts = Counter(finding.confidence for finding in self.findings)
        return {confidence: counts[confidence] for confidence in Confidence}

    @property
    def worst(self) -> Confidence | None:
        """The strongest confidence among all findings, or None when there is no finding."""
        return next((confidence for confidence, count in self.confidences.items() if count), None)

    @property
    def violated(self) -> bool:
        """Whether the published contract is broken: a documented finding, of an event or a sequence, or no event."""
        return self.worst is Confidence.DOCUMENTED or bool(self.verdicts[Verdict.UNREADABLE])

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "counts": {
                "events": len(self.events),
                "rounds": len(self.rounds),
                "bonuses": len(self.bonuses),
                "verdicts": {str(verdict): count for verdict, count in self.verdicts.items()},
                "findings": {str(confidence): count for confidence, count in self.confidences.items()},
            },
            "worst": self.worst and str(self.worst),
            "violated": self.violated,
            "events": [event.as_dict() for event in self.events],
            "rounds": [entry.as_dict() for entry in self.rounds],
            "bonuses": [entry.as_dict() for entry in self.bonuses],
            "across": findings_view(self.across),
        }


def report(
    judgements: Iterable[tuple[int, int | None, Judgement]], history: History, *, run: str = DEFAULT_RUN
) -> Report:
    """The report on one run: its deliveries as (seq, line number, judgement), and the history that they were added to.

    The history is refreshed first, so that every round and bonus stands as the last event left it.
    """
    history.refresh()
    events = (
        EventReport(run, seq, line, judged.message_type, judged.verdict, judged.keys, judged.findings)
        for seq, line, judged in judgements
    )
    rounds = (
        RoundReport(run, found.round, history.rounds.findings(key))
        for _, key in history.rounds.keys()  # noqa: SIM118 - Groups is no mapping: its keys come with their numbers
        if (found := history.rounds.value(key)) is not None
    )
    bonuses = (
        BonusReport(run, made.bonus, history.bonuses.findings(bonus_key))
        for _, bonus_key in history.bonuses.keys()  # noqa: SIM118
        if (made := history.bonuses.value(bonus_key)) is not None
    )
    across = (finding for _, findings in history.across.flagged() for finding in findings)
    return Report(tuple(events), tuple(rounds), tuple(bonuses), tuple(across))


def joined(reports: Iterable[Report]) -> Report:
    """One report on several runs of one journal: their seqs are positions in the same order."""
    parts = list(reports)
    events = sorted((event for part in parts for event in part.events), key=lambda event: event.seq)
    return Report(
        tuple(events),
        tuple(entry for part in parts for entry in part.rounds),
        tuple(entry for part in parts for entry in part.bonuses),
        tuple(finding for part in parts for finding in part.across),
    )


def check_lines(lines: Iterable[Line], *, ruleset: Ruleset = STANDARD, accept_invalid: bool = False) -> Report:
    """The report on the lines of a file: each judged, each run with a history of its own.

    A line keeps the seq that it names as long as the seqs rise; otherwise it takes the next one.
    """
    histories: dict[str, History] = {}
    judgements: dict[str, list[tuple[int, int | None, Judgement]]] = {}
    seq = 0
    for line in lines:
        seq = line.seq if line.seq is not None and line.seq > seq else seq + 1
        made = judge(line.message, ruleset)
        if line.run not in histories:
            histories[line.run], judgements[line.run] = History(accept_invalid=accept_invalid, ruleset=ruleset), []
        histories[line.run].add(seq, made, accepted=line.accepted)
        if not line.aborted:
            judgements[line.run].append((seq, line.number, made))
    return joined(report(judgements[run], history, run=run) for run, history in histories.items())
