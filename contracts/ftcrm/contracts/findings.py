"""What the product says about an event: findings, their confidence, and the verdict they add up to."""

from enum import StrEnum

import msgspec

__all__ = ["Confidence", "Finding", "Verdict", "verdict_of"]


class Confidence(StrEnum):
    """How well a statement about FT CRM is founded, strongest first."""

    DOCUMENTED = "documented"
    """casino-events.txt, the published contract, says it."""
    VENDOR = "vendor"
    """The vendor says it elsewhere: other pages of its integration docs, its published JSON schemas."""
    INFERRED = "inferred"
    """Nobody wrote it down; it follows from practice or from other aggregators' rules."""
    UNKNOWN = "unknown"
    """No source: configurable, never invented."""


class Verdict(StrEnum):
    """What the event rules alone make of one delivery; given at receipt and never changed."""

    OK = "ok"
    UNDOCUMENTED = "undocumented"
    VIOLATION = "violation"
    UNCHECKED = "unchecked"
    UNREADABLE = "unreadable"


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing found in an event or in a sequence of events: a value, never an exception.

    `pointer` is an RFC 6901 JSON pointer into the payload ("" is the whole of it), `clause` the id of the clause that
    the finding rests on (see `ftcrm.contracts.clauses`), `witness` the smallest list of seqs that shows it. `implied`
    counts the further findings that follow from this one and are not told beside it.
    """

    rule: str
    name: str
    kind: str
    confidence: Confidence
    clause: str
    message: str
    pointer: str = ""
    witness: tuple[int, ...] = ()
    implied: int = 0


def verdict_of(findings: tuple[Finding, ...], *, checked: bool) -> Verdict:
    """The verdict that the findings of an event that can be read add up to; `checked`: its type has a contract here."""
    if not findings:
        return Verdict.OK if checked else Verdict.UNCHECKED
    if any(finding.confidence is Confidence.DOCUMENTED for finding in findings):
        return Verdict.VIOLATION
    if not checked:
        return Verdict.UNCHECKED
    return Verdict.UNDOCUMENTED
