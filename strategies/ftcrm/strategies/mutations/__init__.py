"""Mutations: named ways in which a valid history goes wrong, and the histories that they make."""

from ftcrm.strategies.mutations.applying import (
    MutatedHistory,
    MutatedSubject,
    findings_in,
    found_in,
    mutated_histories,
)
from ftcrm.strategies.mutations.catalogue import MUTATIONS, SEQUENCES
from ftcrm.strategies.mutations.mutation import AS_BEFORE, RECEIVED_AT, Mutation, Outcome, Subject

__all__ = [
    "AS_BEFORE",
    "MUTATIONS",
    "RECEIVED_AT",
    "SEQUENCES",
    "MutatedHistory",
    "MutatedSubject",
    "Mutation",
    "Outcome",
    "Subject",
    "findings_in",
    "found_in",
    "mutated_histories",
]
