"""The reference engine: each group of events -> its round or its bonus, as a value."""

from ftcrm.contracts.rounds.bonuses import Bonus, BonusFold, BonusStatus, Counted, Wagering, counted_of, fold_bonus
from ftcrm.contracts.rounds.matching import Matching, Reversal
from ftcrm.contracts.rounds.members import (
    BonusKey,
    BonusMember,
    CasinoMember,
    Doubt,
    Member,
    PlayerKey,
    RoundKey,
    witness_of,
)
from ftcrm.contracts.rounds.money import Amounts, Entry, Money, wallets_of
from ftcrm.contracts.rounds.players import (
    Favourite,
    Player,
    Rfm,
    RoundCounts,
    Thresholds,
    WalletShares,
    fold_player,
)
from ftcrm.contracts.rounds.readings import ASSUMPTIONS, STANDARD_READINGS, Assumption, Readings, readings_of
from ftcrm.contracts.rounds.rounds import Round, RoundFold, RoundState, fold_round
from ftcrm.contracts.rounds.sessions import Session, SessionGame, fold_sessions
from ftcrm.contracts.rounds.unsettled import OpenBet, Overdue, Split

__all__ = [
    "ASSUMPTIONS",
    "STANDARD_READINGS",
    "Amounts",
    "Assumption",
    "Bonus",
    "BonusFold",
    "BonusKey",
    "BonusMember",
    "BonusStatus",
    "CasinoMember",
    "Counted",
    "Doubt",
    "Entry",
    "Favourite",
    "Matching",
    "Member",
    "Money",
    "OpenBet",
    "Overdue",
    "Player",
    "PlayerKey",
    "Readings",
    "Reversal",
    "Rfm",
    "Round",
    "RoundCounts",
    "RoundFold",
    "RoundKey",
    "RoundState",
    "Session",
    "SessionGame",
    "Split",
    "Thresholds",
    "Wagering",
    "WalletShares",
    "counted_of",
    "fold_bonus",
    "fold_player",
    "fold_round",
    "fold_sessions",
    "readings_of",
    "wallets_of",
    "witness_of",
]
