"""Rounds that lack a part: what the rules see of an open round whose time is up, and of a settlement without a Bet."""

from datetime import datetime

import msgspec

from ftcrm.contracts.rounds.rounds import RoundFold

__all__ = ["OpenBet", "Overdue", "Split"]


class Overdue(msgspec.Struct, frozen=True):
    """An open round that nothing was delivered of for longer than `deadline` seconds."""

    fold: RoundFold
    deadline: float


class OpenBet(msgspec.Struct, frozen=True, gc=False):
    """The Bet that an open round consists of."""

    round_id: str
    seq: int
    at: datetime


class Split(msgspec.Struct, frozen=True):
    """A round that consists of a settlement, and the open Bet of the same player and game that it may belong to."""

    fold: RoundFold
    bet: OpenBet
