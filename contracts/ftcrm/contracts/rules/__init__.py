"""The rule catalogue: one module per family, one decorated function per rule."""

from ftcrm.contracts.rules import (
    across,
    activities,
    amounts,
    bonus,
    bonuses,
    casino,
    clocks,
    crypto,
    ends,
    order,
    payload,
    properties,
    rollbacks,
    rounds,
    texts,
    transport,
    vendor,
)
from ftcrm.contracts.rules.reading import Reading
from ftcrm.contracts.rules.registry import RULES, Hit, Rule, Scope, rule
from ftcrm.contracts.rules.ruleset import Ruleset, Said, findings_of

__all__ = ["RULES", "STANDARD", "Hit", "Reading", "Rule", "Ruleset", "Said", "Scope", "findings_of", "rule"]

_EVENTS = (transport, payload, casino, amounts, texts, properties, crypto, vendor, bonus, clocks)
_SEQUENCES = (rounds, activities, order, ends, rollbacks, bonuses, across)

STANDARD = Ruleset()
"""The rules that speak when nobody says otherwise."""
