"""What makes a check fail: findings of a chosen confidence and of every stronger one."""

from ftcrm.contracts.findings import Confidence, Finding, Verdict

__all__ = ["ALSO_FAIL_ON", "FAIL_ON", "fails", "rule_fails"]

FAIL_ON = (*(str(each) for each in Confidence if each is not Confidence.UNKNOWN), "never")
"""The values of `--fail-on`, strictest last but one; nothing that no source backs can fail a build."""
ALSO_FAIL_ON = {str(Verdict.VIOLATION): str(Confidence.DOCUMENTED)}
"""The verdict on what breaks the published contract names the confidence with which it does."""

_NOTES = frozenset({"FT302", "FT510"})
"""Redeliveries: whoever sends at least once sends them, and they are counted once."""
_STRENGTH = {confidence: strength for strength, confidence in enumerate(Confidence)}


def fails(finding: Finding, fail_on: str) -> bool:
    """Whether the finding fails what asks: a check, a test."""
    return rule_fails(finding.rule, finding.confidence, fail_on)


def rule_fails(code: str, confidence: Confidence, fail_on: str) -> bool:
    """Whether what the rule of that code finds, with that confidence, does."""
    if fail_on == "never" or code in _NOTES:
        return False
    return _STRENGTH[confidence] <= _STRENGTH[Confidence(fail_on)]
