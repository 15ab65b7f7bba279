"""The reference engine: each group of events -> its round or its bonus, as a value."""

from ftcrm.contracts.rounds.bonuses import Bonus, BonusFold, BonusStatus, fold_bonus
from ftcrm.contracts.rounds.matching import Matching, Reversal, wallets_of
from ftcrm.contracts.rounds.members import BonusKey, BonusMember, CasinoMember, Doubt, Member, RoundKey, witness_of
from ftcrm.contracts.rounds.rounds import Amounts, Money, Round, RoundFold, RoundState, fold_round
from ftcrm.contracts.rounds.unsettled import OpenBet, Overdue, Split

__all__ = [
    "Amounts",
    "Bonus",
    "BonusFold",
    "BonusKey",
    "BonusMember",
    "BonusStatus",
    "CasinoMember",
    "Doubt",
    "Matching",
    "Member",
    "Money",
    "OpenBet",
    "Overdue",
    "Reversal",
    "Round",
    "RoundFold",
    "RoundKey",
    "RoundState",
    "Split",
    "fold_bonus",
    "fold_round",
    "wallets_of",
    "witness_of",
]
