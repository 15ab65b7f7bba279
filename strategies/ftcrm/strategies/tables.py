"""Who plays what, in which money: the tables that the strategies draw from unless they are told others."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

__all__ = ["CRYPTO", "CURRENCIES", "GAMES", "SINCE", "UNTIL", "USERS", "Currency", "Game", "User", "is_shared"]


class User(NamedTuple):
    """A player: the brand or jurisdiction, and the id there."""

    origin: str
    user_id: str


class Currency(NamedTuple):
    """A currency: its code, how many decimals its amounts have, and what one unit is in the base currency.

    `meta` names the fields that `meta` must have in it, which the contract asks for of crypto currencies.
    """

    code: str
    decimals: int
    rate: Decimal
    meta: tuple[str, ...] = ()


class Game(NamedTuple):
    """A game of a vendor."""

    game_id: str
    game_name: str
    game_type: str
    vendor_id: str
    vendor_name: str


USERS = (
    User("sub.example.com", "52530"),
    User("sub.example.com", "52531"),
    User("sub.example.org", "52530"),
    User("MGA", "6f0c1d52-8a54-4b57-9a27-000000000001"),
    User("sub.example.com", "Šárka Ø'Neil \U0001f3b2"),
)

CURRENCIES = (
    Currency("EUR", 2, Decimal(1)),
    Currency("USD", 2, Decimal("0.92")),
    Currency("JPY", 0, Decimal("0.0061")),
    Currency("KWD", 3, Decimal("3.0123")),
    Currency("CLF", 4, Decimal("37.5")),
    Currency("VND", 0, Decimal("0.000036")),
)
"""Currencies of ISO 4217; the rates lead to EUR."""

CRYPTO = (
    Currency("BTC", 8, Decimal("61234.56")),
    Currency("USDT", 6, Decimal("0.92")),
    Currency("ETH", 18, Decimal("2987.123456789")),
)
"""Currencies that the setting `currencies.extra` must name; what `meta` must have in them is not documented."""

GAMES = (
    Game("10911", "Dead or Alive", "Slots", "1", "Netent"),
    Game("10912", "Dead or Alive", "Slots", "1", "Netent"),
    Game("10911", "Lucky Lady's Charm™", "Slots", "greentube", "Greentube"),
    Game("bj-1", "Blackjack", "Table", "1", "Netent"),
    Game("rou-7", "Рулетка Live", "Live Casino", "evo", "Evolution"),
    Game("av", "Aviator ✈", "Crash", "spribe", "Spribe"),
    Game("bingo-75", "Bingo 75", "Bingo", "pp", "Pragmatic Play"),
)
"""Desktop and mobile variants may share a name, and vendors an id."""

SINCE = datetime(2026, 3, 2, 8, tzinfo=UTC)
UNTIL = datetime(2027, 3, 2, 8, tzinfo=UTC)

_PLAYED_ALONE = frozenset({"Slots", "Table"})


def is_shared(game: Game) -> bool:
    """Whether players share the rounds of the game, and so their round_id, as at a live table."""
    return game.game_type not in _PLAYED_ALONE
