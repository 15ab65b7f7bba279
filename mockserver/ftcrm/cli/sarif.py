"""A report as SARIF 2.1.0, which code hosts and editors show: one result for each finding, written as it comes."""

import hashlib
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ftcrm.cli.excerpt import snippet
from ftcrm.cli.jsontext import JsonWriter, encoded
from ftcrm.cli.output import finding_line, printable, say
from ftcrm.cli.witnesses import said_of
from ftcrm.contracts.check import Check, Seen
from ftcrm.contracts.findings import Confidence, Finding
from ftcrm.contracts.lines import Line
from ftcrm.contracts.report import EventReport
from ftcrm.contracts.rules import RULES, Ruleset
from ftcrm.contracts.rules.docs import summary_of
from ftcrm.contracts.rules.registry import Rule
from ftcrm.contracts.severity import rule_fails
from ftcrm.contracts.views import finding_view

__all__ = ["SarifReport", "level_of"]

_WEAKER = {
    Confidence.DOCUMENTED: "warning",
    Confidence.VENDOR: "warning",
    Confidence.INFERRED: "note",
    Confidence.UNKNOWN: "note",
}
"""What does not fail the check: what the contract or its vendor says is a warning, what nobody published a note."""
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINGERPRINT = "ftcrmFinding/v1"


def level_of(code: str, confidence: Confidence, fail_on: str) -> str:
    """The level of what the rule of that code finds: an error is what makes the exit code 1."""
    return "error" if rule_fails(code, confidence, fail_on) else _WEAKER[confidence]


class SarifReport:
    """The log of one run over one file. The rules are those that the settings select, each with what it finds."""

    def __init__(self, file: str, ruleset: Ruleset, *, fail_on: str, write: Callable[[str], None] = say) -> None:
        self._artifact = _artifact(file)
        self._fail_on = fail_on
        self._rules = sorted(ruleset.codes)
        self._index = {code: index for index, code in enumerate(self._rules)}
        self._writer = JsonWriter(write, depth=3)
        self._is_begun = False

    def event(self, event: EventReport, line: Line) -> None:
        """The findings of one event."""
        keys = event.keys
        names = (keys.origin, keys.user_id, keys.round_id, keys.user_bonus_id, keys.activity_id, keys.type, keys.status)
        for finding in event.findings:
            there = snippet(line.message.raw, finding, message_type=event.message_type, verdict=event.verdict)
            place = self._place(event.line, there)
            about = {"run": event.run, "seq": event.seq, "column": event.column}
            self._result(finding, place, (event.run, *names), about)

    def end(self, check: Check) -> None:
        """The findings of the rounds and bonuses and across them, and the end of the log."""
        self._begin()
        for entry in check.rounds():
            value = entry.round
            self._sequence(check, entry.findings, (entry.run, value.origin, value.user_id, value.round_id))
        for made in check.bonuses():
            bonus = made.bonus
            self._sequence(check, made.findings, (made.run, bonus.origin, bonus.user_id, bonus.user_bonus_id))
        self._sequence(check, tuple(check.across()), ())
        self._writer.close_array("],")
        self._writer.line(f'      "properties": {encoded(check.summary())}')
        self._writer.line("    }\n  ]\n}")
        self._writer.flush()

    def _begin(self) -> None:
        if self._is_begun:
            return
        self._is_begun = True
        driver = {
            "name": "ftcrm",
            "fullName": "ftcrm check",
            "semanticVersion": version("ftcrm-mock"),
            "rules": [_descriptor(RULES[code], self._fail_on) for code in self._rules],
        }
        self._writer.line(f'{{\n  "$schema": {encoded(_SCHEMA)},\n  "version": "2.1.0",\n  "runs": [\n    {{')
        self._writer.line(f'      "tool": {encoded({"driver": driver})},')
        self._writer.line(f'      "artifacts": {encoded([{"location": self._artifact}])},')
        self._writer.line('      "invocations": [{"executionSuccessful": true}],')
        self._writer.open_array('"results": [')

    def _sequence(self, check: Check, findings: Sequence[Finding], names: Sequence[str]) -> None:
        """Each finding stands at the last of its events, where the sequence went wrong, and relates to all of them."""
        for finding in findings:
            seen = [found for seq in finding.witness if (found := check.seen(seq)) is not None]
            place = self._place(seen[-1].line, _row(seen[-1])) if seen else {"artifactLocation": self._artifact}
            related = [
                {"id": number, "message": {"text": _row(each)}, "physicalLocation": self._place(each.line)}
                for number, each in enumerate(seen, start=1)
            ]
            activities = [part for each in seen for part in said_of(each)]
            about = {"witness": list(finding.witness)}
            self._result(finding, place, (*names, *activities), about, related)

    def _result(
        self,
        finding: Finding,
        place: dict[str, Any],
        names: Sequence[str | None],
        about: dict[str, Any],
        related: Sequence[dict[str, Any]] = (),
    ) -> None:
        self._begin()
        identity = encoded([finding.rule, finding.pointer, *names]).encode()
        result = {
            "ruleId": finding.rule,
            # What cannot be read is told also by a rule that is not selected.
            **({"ruleIndex": self._index[finding.rule]} if finding.rule in self._index else {}),
            "level": level_of(finding.rule, finding.confidence, self._fail_on),
            "message": {"text": finding_line(finding_view(finding))},
            "locations": [{"physicalLocation": place}],
            "partialFingerprints": {_FINGERPRINT: hashlib.sha256(identity).hexdigest()[:32]},
            "properties": {
                "confidence": str(finding.confidence),
                "clause": finding.clause,
                "pointer": finding.pointer,
                "implied": finding.implied,
                **about,
            },
        }
        self._writer.element(result | ({"relatedLocations": list(related)} if related else {}))

    def _place(self, line: int, text: str = "") -> dict[str, Any]:
        region: dict[str, Any] = {"startLine": line}
        if text:
            region["snippet"] = {"text": text}
        return {"artifactLocation": {**self._artifact, "index": 0}, "region": region}


def _artifact(file: str) -> dict[str, str]:
    if file == "-":
        return {"uri": "stdin"}
    path = Path(file)
    return {"uri": path.as_uri() if path.is_absolute() else quote(path.as_posix())}


def _descriptor(rule: Rule, fail_on: str) -> dict[str, Any]:
    summary = summary_of(rule)
    quoted = "\n".join(rule.clause.quote)
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": summary},
        "help": {"text": f"{summary}\n\nIt rests on {rule.clause.id} ({rule.confidence}):\n{quoted}"},
        "defaultConfiguration": {"level": level_of(rule.code, rule.confidence, fail_on)},
        "properties": {"confidence": str(rule.confidence), "clause": rule.clause.id},
    }


def _row(seen: Seen) -> str:
    return printable(" ".join(part for part in said_of(seen) if part)) or "an event"
