"""What follows from another finding is counted with it, where that one is no worse founded."""

import msgspec
import pytest

from ftcrm.contracts import RULES, Confidence
from ftcrm.contracts.rules import Hit, findings_of

OF_EACH = {of: next(rule for rule in RULES.values() if rule.confidence is of) for of in Confidence}
STRENGTH = {confidence: strength for strength, confidence in enumerate(Confidence)}


@pytest.mark.parametrize("root", Confidence)
@pytest.mark.parametrize("follower", Confidence)
def test_a_finding_follows_from_one_that_is_as_well_founded(root: Confidence, follower: Confidence) -> None:
    cause = OF_EACH[root]
    other = msgspec.structs.replace(OF_EACH[follower], code="FT999")
    told = findings_of([(cause, Hit("cause")), (other, Hit("follows", implied_by=(cause.code,)))])
    counted = [(cause.code, 1)] if STRENGTH[root] <= STRENGTH[follower] else [(cause.code, 0), (other.code, 0)]
    assert [(finding.rule, finding.implied) for finding in told] == counted


def test_what_would_follow_from_a_silent_rule_is_told() -> None:
    cause, other = RULES["FT301"], RULES["FT302"]
    (finding,) = findings_of([(other, Hit("follows", implied_by=(cause.code,)))])
    assert (finding.rule, finding.implied) == (other.code, 0)
