"""Engines under test: what an engine that constructs rounds is fed, how its answer is read, where it differs."""

from ftcrm.contracts.engines.differences import Difference, differences, disagreements
from ftcrm.contracts.engines.feeding import fed_line
from ftcrm.contracts.engines.local import CallableEngine, ReferenceEngine
from ftcrm.contracts.engines.mapping import FIELDS, FieldMapping
from ftcrm.contracts.engines.protocol import EngineRound, RoundEngine, Rounds, Said, Until, fed, keys_of
from ftcrm.contracts.engines.reading import decoded, pointed_at, read_lines, read_round, read_rounds

__all__ = [
    "FIELDS",
    "CallableEngine",
    "Difference",
    "EngineRound",
    "FieldMapping",
    "ReferenceEngine",
    "RoundEngine",
    "Rounds",
    "Said",
    "Until",
    "decoded",
    "differences",
    "disagreements",
    "fed",
    "fed_line",
    "keys_of",
    "pointed_at",
    "read_lines",
    "read_round",
    "read_rounds",
]
