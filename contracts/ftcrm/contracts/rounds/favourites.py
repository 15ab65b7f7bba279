"""What a player bets on most, of late: the favourite game, vendor and type of game.

Inferred: "favourite game, vendor and type by bets, decayed over 30 days". By bets is by how many there are, whatever
their amounts, and a Bet weighs exp(-age / 30 days).
"""

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


_Weighed = tuple[CasinoEvent, float]
_Id = TypeVar("_Id", str, tuple[str, str])


def favourites_of(bets: Sequence[CasinoEvent], as_of: datetime) -> Favourites:
    """The favourites of a player with these Bets, none of which lies after the instant; their order changes nothing.

    At a draw the least id is the favourite (game: vendor_id, then game_id). A Bet of more than sixty years ago weighs
    nothing that a float could hold.
    """
    if not bets:
        return Favourites()
    games: dict[tuple[str, str], list[_Weighed]] = {}
    vendors: dict[str, list[_Weighed]] = {}
    types: dict[str, list[_Weighed]] = {}
    for event in bets:
        weighed = event, exp((event.timestamp - as_of) / _DECAY)
        games.setdefault((event.vendor_id, event.game_id), []).append(weighed)
        vendors.setdefault(event.vendor_id, []).append(weighed)
        types.setdefault(event.game_type, []).append(weighed)
    (vendor_id, game_id), game_weight, game = _heaviest(games)
    vendor, vendor_weight, of_vendor = _heaviest(vendors)
    type_, type_weight, _ = _heaviest(types)
    return Favourites(
        Favourite(game_id, game.game_name, game_weight, vendor_id),
        Favourite(vendor, of_vendor.vendor_name, vendor_weight),
        Favourite(type_, type_, type_weight),
    )


def _heaviest(kinds: Mapping[_Id, Sequence[_Weighed]]) -> tuple[_Id, float, CasinoEvent]:
    """The id with the greatest weight, that weight, and the last of its Bets."""
    weights = {id_: fsum([weight for _, weight in weighed]) for id_, weighed in kinds.items()}
    heaviest = min(weights, key=lambda id_: (-weights[id_], id_))
    return heaviest, weights[heaviest], last_of(event for event, _ in kinds[heaviest])
