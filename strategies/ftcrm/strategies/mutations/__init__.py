"""Mutations: named ways in which a valid history goes wrong, and the histories that they make."""

from ftcrm.strategies.mutations.applying import MutatedHistory, mutated_histories
from ftcrm.strategies.mutations.catalogue import MUTATIONS, SEQUENCES
from ftcrm.strategies.mutations.found import findings_in, found_in
from ftcrm.strategies.mutations.mutation import AS_BEFORE, RECEIVED_AT, Mutation, Outcome, Subject
from ftcrm.strategies.mutations.subjects import MutatedSubject, still_shows

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
    "still_shows",
]
