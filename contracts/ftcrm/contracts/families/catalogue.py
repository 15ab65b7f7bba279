"""All twenty-eight families, by number."""

from ftcrm.contracts.families.bonuses import BONUSES
from ftcrm.contracts.families.clocks import CLOCKS
from ftcrm.contracts.families.deliveries import DELIVERIES, SCENARIO_A
from ftcrm.contracts.families.mixtures import MIXTURES
from ftcrm.contracts.families.rollbacks import PARTS, ROLLBACKS
from ftcrm.contracts.families.shapes import CLOSINGS, SHAPES
from ftcrm.contracts.families.values import Case, Family

__all__ = ["CASES", "FAMILIES", "SCENARIO_A"]

FAMILIES: tuple[Family, ...] = (*DELIVERIES, *ROLLBACKS, *SHAPES, *MIXTURES, *CLOCKS, *BONUSES, *CLOSINGS, *PARTS)
"""Sequences that break round construction, in the order of their numbers."""

CASES: tuple[Case, ...] = tuple(case for family in (SCENARIO_A, *FAMILIES) for case in family.cases)
"""Every case, those of Scenario A before all others."""
