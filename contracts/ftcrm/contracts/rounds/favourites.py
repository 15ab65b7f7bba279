"""What a player bets on most, of late: the favourite game, vendor and type of game.

Inferred: "favourite game, vendor and type by bets, decayed over 30 days". By bets is by how many there are, whatever
their amounts, and a Bet weighs exp(-age / 30 days).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import exp, fsum
from typing import TypeVar

import msgspec

from ftcrm.contracts.events.casino import CasinoEvent
from ftcrm.contracts.rounds.order import last_of

__all__ = ["Favourite", "Favourites", "favourites_of"]

_DECAY = timedelta(days=30)


class Favourite(msgspec.Struct, frozen=True):
    """What a player bets on most, of late: its id (a game's `vendor_id` beside it), its name, its weight."""

    id: str
    name: str
    """That of the last of its Bets in canonical order; a type is called what its id is."""
    weight: float
    """The correctly rounded sum of its Bets' weights: a Bet of this instant weighs 1, one 30 days old 0.37."""
    vendor_id: str | None = None
    """Whose game it is; None for a vendor and for a type."""


class Favourites(msgspec.Struct, frozen=True):
    """The favourites of each kind; None without Bets."""

    game: Favourite | None = None
    vendor: Favourite | None = None
    type: Favourite | None = None


class _Bets:
    """Bets of one kind, and their weights."""

    __slots__ = ("events", "weights")

    def __init__(self) -> None:
        self.events: list[CasinoEvent] = []
        self.weights: list[float] = []

    def join(self, others: "_Bets") -> None:
        self.events += others.events
        self.weights += others.weights


_Id = TypeVar("_Id", str, tuple[str, str])


def favourites_of(bets: Sequence[CasinoEvent], as_of: datetime) -> Favourites:
    """The favourites of a player with these Bets, none of which lies after the instant; their order changes nothing.

    At a draw the least id is the favourite (game: vendor_id, then game_id). A Bet of more than sixty years ago weighs
    nothing that a float could hold.
    """
    if not bets:
        return Favourites()
    alike: defaultdict[tuple[str, str, str], _Bets] = defaultdict(_Bets)
    for event in bets:
        of_kind = alike[event.vendor_id, event.game_id, event.game_type]
        of_kind.events.append(event)
        of_kind.weights.append(exp((event.timestamp - as_of) / _DECAY))
    games: defaultdict[tuple[str, str], _Bets] = defaultdict(_Bets)
    vendors: defaultdict[str, _Bets] = defaultdict(_Bets)
    types: defaultdict[str, _Bets] = defaultdict(_Bets)
    for (vendor_id, game_id, game_type), of_kind in alike.items():
        games[vendor_id, game_id].join(of_kind)
        vendors[vendor_id].join(of_kind)
        types[game_type].join(of_kind)
    (vendor_id, game_id), game_weight = _heaviest(games)
    vendor, vendor_weight = _heaviest(vendors)
    type_, type_weight = _heaviest(types)
    return Favourites(
        Favourite(game_id, last_of(games[vendor_id, game_id].events).game_name, game_weight, vendor_id),
        Favourite(vendor, last_of(vendors[vendor].events).vendor_name, vendor_weight),
        Favourite(type_, type_, type_weight),
    )


def _heaviest(kinds: Mapping[_Id, _Bets]) -> tuple[_Id, float]:
    """The id with the greatest weight, and that weight."""
    weights = {id_: fsum(bets.weights) for id_, bets in kinds.items()}
    heaviest = min(weights, key=lambda id_: (-weights[id_], id_))
    return heaviest, weights[heaviest]
