"""What a checked file comes to, part by part: its events, rounds and bonuses, each with its findings."""

from typing import Any

import msgspec

from ftcrm.contracts.events import CasinoEvent
from ftcrm.contracts.findings import Finding, Verdict
from ftcrm.contracts.judge import Keys
from ftcrm.contracts.rounds import Bonus, Round
from ftcrm.contracts.views import bonus_view, findings_view, round_view

__all__ = ["BonusReport", "EventReport", "RoundReport"]


class EventReport(msgspec.Struct, frozen=True):
    """One delivery and what the event rules say of it; `line` and `column` are where it stands in its file."""

    run: str
    seq: int
    line: int
    message_type: str | None
    verdict: Verdict
    keys: Keys | CasinoEvent
    findings: tuple[Finding, ...]
    column: int = 1

    def as_dict(self) -> dict[str, Any]:
        """The event as JSON has it."""
        return {
            "run": self.run,
            "seq": self.seq,
            "line": self.line,
            "column": self.column,
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
