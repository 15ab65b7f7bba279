"""Hypothesis strategies for FT CRM's real-time feed: events, rounds, bonuses and whole histories that are valid.

This package alone needs Hypothesis, the extra `strategies` of the distribution.
"""

from ftcrm.strategies.documents import payload_of
from ftcrm.strategies.tables import CRYPTO, CURRENCIES, GAMES, USERS, Currency, Game, User
from ftcrm.strategies.valid import bonus_events, bonus_rounds, casino_events, histories, rounds

__all__ = [
    "CRYPTO",
    "CURRENCIES",
    "GAMES",
    "USERS",
    "Currency",
    "Game",
    "User",
    "bonus_events",
    "bonus_rounds",
    "casino_events",
    "histories",
    "payload_of",
    "rounds",
]
