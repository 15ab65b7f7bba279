"""Hypothesis strategies for FT CRM's real-time feed: events, rounds, bonuses and whole histories that are valid,
mutated histories, which are not, and tangles, in which everything meets everything.

This package alone needs Hypothesis, the extra `strategies` of the distribution.
"""

from ftcrm.strategies.books import LedgerLine
from ftcrm.strategies.casino import CasinoMachine
from ftcrm.strategies.documents import payload_of
from ftcrm.strategies.mutations import MUTATIONS, MutatedHistory, Mutation, mutated_histories
from ftcrm.strategies.payloads import hostile_payloads
from ftcrm.strategies.stateful import ServerMachine, check_server
from ftcrm.strategies.tables import CRYPTO, CURRENCIES, GAMES, USERS, Currency, Game, User
from ftcrm.strategies.tangles import tangles
from ftcrm.strategies.transports import hostile_messages
from ftcrm.strategies.valid import bonus_events, bonus_rounds, casino_events, histories, rounds

__all__ = [
    "CRYPTO",
    "CURRENCIES",
    "GAMES",
    "MUTATIONS",
    "USERS",
    "CasinoMachine",
    "Currency",
    "Game",
    "LedgerLine",
    "MutatedHistory",
    "Mutation",
    "ServerMachine",
    "User",
    "bonus_events",
    "bonus_rounds",
    "casino_events",
    "check_server",
    "histories",
    "hostile_messages",
    "hostile_payloads",
    "mutated_histories",
    "payload_of",
    "rounds",
    "tangles",
]
