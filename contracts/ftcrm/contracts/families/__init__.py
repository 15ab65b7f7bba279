"""The families of sequences that break round construction: what is sent, what the engine makes of it, what is found.

All of it is data, worked out by hand: the tests hold the engine and the rules against it, and docs/rounds.md is
generated from it.
"""

from ftcrm.contracts.families.catalogue import CASES, FAMILIES, SCENARIO_A
from ftcrm.contracts.families.page import rounds_page
from ftcrm.contracts.families.sending import steps_of
from ftcrm.contracts.families.values import (
    Case,
    Closed,
    ExpectedBonus,
    ExpectedRound,
    Family,
    Later,
    Sent,
    settings_for,
)

__all__ = [
    "CASES",
    "FAMILIES",
    "SCENARIO_A",
    "Case",
    "Closed",
    "ExpectedBonus",
    "ExpectedRound",
    "Family",
    "Later",
    "Sent",
    "rounds_page",
    "settings_for",
    "steps_of",
]
