"""The rule catalogue: one module per family, one decorated function per rule."""

from ftcrm.contracts.rules import bonus, bonuses, casino, payload, rollbacks, rounds, transport
from ftcrm.contracts.rules.reading import Reading
from ftcrm.contracts.rules.registry import RULES, Hit, Rule, Scope, apply, rule

__all__ = ["RULES", "Hit", "Reading", "Rule", "Scope", "apply", "rule"]

_FAMILIES = (transport, payload, casino, bonus, rounds, rollbacks, bonuses)
