"""Every mutation, by name."""

from collections.abc import Mapping

from ftcrm.strategies.mutations.bonuses import BONUSES
from ftcrm.strategies.mutations.clocks import CLOCKS
from ftcrm.strategies.mutations.deliveries import DELIVERIES
from ftcrm.strategies.mutations.fields import FIELDS
from ftcrm.strategies.mutations.mixtures import MIXTURES
from ftcrm.strategies.mutations.mutation import Mutation
from ftcrm.strategies.mutations.repeats import REPEATS
from ftcrm.strategies.mutations.rollbacks import ROLLBACKS
from ftcrm.strategies.mutations.rounds import ROUNDS

__all__ = ["MUTATIONS", "SEQUENCES"]

SEQUENCES: tuple[Mutation, ...] = (*ROUNDS, *REPEATS, *ROLLBACKS, *MIXTURES, *CLOCKS, *BONUSES)
"""What goes wrong in a sequence of events, each of them as the contract has it."""

MUTATIONS: Mapping[str, Mutation] = {mutation.name: mutation for mutation in (*SEQUENCES, *FIELDS, *DELIVERIES)}
"""All that can go wrong."""
