"""The rule catalogue: one module per family, one decorated function per rule."""

from ftcrm.contracts.rules import across, bonus, bonuses, casino, payload, rollbacks, rounds, transport
from ftcrm.contracts.rules.reading import Reading
from ftcrm.contracts.rules.registry import RULES, Hit, Rule, Scope, rule
from ftcrm.contracts.rules.ruleset import Ruleset, Said, findings_of

__all__ = ["RULES", "STANDARD", "Hit", "Reading", "Rule", "Ruleset", "Said", "Scope", "findings_of", "rule"]

_FAMILIES = (transport, payload, casino, bonus, rounds, rollbacks, bonuses, across)

STANDARD = Ruleset()
"""The rules that speak when nobody says otherwise."""
