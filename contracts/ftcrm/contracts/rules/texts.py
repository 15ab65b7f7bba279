"""FT127 to FT129: the texts of a casino event that may be any string, where one says nothing or nearly something."""

from collections.abc import Iterator

from ftcrm.contracts.events.meant import meant_game_type
from ftcrm.contracts.rules.reading import Reading
from ftcrm.contracts.rules.registry import Hit, Scope, rule

_NOT_EMPTY_FOR_THE_VENDOR = ("game_name", "origin", "round_id", "user_id")
_NOT_EMPTY = ("activity_id", "game_id", "game_type", "vendor_id", "vendor_name")


@rule("FT127", "game-type-near-miss", Scope.CASINO, clause="game-type.meant")
def game_type_near_miss(reading: Reading) -> Iterator[Hit]:
    """A game type that is nearly Live Casino, Table or Slots.

    What it checks:
        `game_type` is one of the three but for letter case, blanks, hyphens, underscores, or the plural: slots, Slot,
        LIVE_CASINO, LiveCasino, tables. Every other text is a game type of its own, as the contract has it.
    Why it matters:
        The contract asks to send the three "as specified" and takes any other string: `Slot` is accepted as a fourth
        game type, and the player's favourite type, segments and reports are split in two.
    Example:
        {"game_type": "Slot"}
    Use instead:
        {"game_type": "Slots"}
    What it cannot see:
        Names that mean the same and are other words: Table Games, Video Slots, Live, Roulette.
    """
    value = reading.document.get("game_type")
    if isinstance(value, str) and (meant := meant_game_type(value)):
        yield Hit(f"game_type: expected {meant!r} as specified, or another game type, got {value!r}", "/game_type")


@rule("FT128", "empty-value", Scope.CASINO, clause="vendor.not-empty")
def empty_value(reading: Reading) -> Iterator[Hit]:
    """A round, user, origin or game name that is empty, where the vendor's schema wants a text.

    What it checks:
        `round_id`, `user_id`, `origin` and `game_name` are texts of at least one character. An empty `user_bonus_id`
        says that there is no bonus, and draws nothing.
    Why it matters:
        Every event without a round_id lands in one round, every one without a user_id with one player: bets of
        strangers are added up.
    Example:
        {"round_id": ""}
    Use instead:
        {"round_id": "2019020103308257480"}
    What it cannot see:
        Texts that say as little: blanks, "null", "undefined", "0".
    """
    return _empty(reading, _NOT_EMPTY_FOR_THE_VENDOR)


@rule("FT129", "empty-id", Scope.CASINO, clause="ids.empty")
def empty_id(reading: Reading) -> Iterator[Hit]:
    """An id or a name that is empty, and so identifies nothing.

    What it checks:
        `activity_id`, `game_id`, `game_type`, `vendor_id` and `vendor_name` are texts of at least one character.
        Neither the contract nor the vendor says so; the four that the vendor does speak of are FT128.
    Why it matters:
        All events without an activity_id are one event to whoever looks for duplicates, so that all but the first are
        dropped; favourite games and vendors without a name cannot be told apart.
    Example:
        {"activity_id": ""}
    Use instead:
        {"activity_id": "2019020103308257480"}
    What it cannot see:
        Texts that say as little: blanks, "null", "undefined", "0".
    """
    return _empty(reading, _NOT_EMPTY)


def _empty(reading: Reading, names: tuple[str, ...]) -> Iterator[Hit]:
    for name in names:
        if reading.document.get(name) == "":
            yield Hit(f"{name}: expected a text of at least one character, got ''", f"/{name}")
