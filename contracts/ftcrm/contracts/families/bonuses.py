"""Family 26: casino events around the life of the bonus that they name."""

from ftcrm.contracts.families.notation import CLOSE, UB, B, W, at, bonus, case, has, makes
from ftcrm.contracts.families.values import Family

__all__ = ["BONUSES"]

_BET, _WIN = {**B, **UB}, {**W, **UB}
_WON = makes("won", 20, 5, 15)
_FREE_SPINS = "FreeSpins"

BONUSES = (
    Family(
        26,
        "A casino event before Bonus Created, after its closure, of an unknown bonus, at an equal timestamp",
        "Bonus system and game system each send their events on a channel of their own. The round is the same, "
        "whatever its bonus says; the bonus counts what carries its id.",
        'documented: "It is important that Timestamp of this event is the earliest" (of Created), and "a timestamp '
        'after the timestamp of the last Casino Event" (of the closure); inferred: what carries the id counts for the '
        "bonus, whatever the order.",
        (
            case(
                26,
                "before Created",
                [_BET, _WIN, bonus("Created")],
                "FT501",
                _WON,
                bonuses=(has("Created", 20, 5, 15),),
            ),
            case(
                26,
                "after the closure",
                [bonus("Created"), bonus("Completed"), _BET, _WIN],
                "FT505",
                _WON,
                bonuses=(has("Completed", 20, 5, 15),),
            ),
            case(26, "an unknown user_bonus_id", [_BET, _WIN], "FT504", _WON, bonuses=(has(None, 20, 5, 15),)),
            case(
                26,
                "at the timestamp of Created",
                [bonus("Created", **at("07:00:00Z")), {**_BET, **at("07:00:00Z")}, {**_WIN, **at("07:00:01Z")}],
                "FT503",
                _WON,
                bonuses=(has("Created", 20, 5, 15),),
            ),
            case(
                26,
                "Scenario B, as it is meant to be",
                [bonus("Created"), _BET, _WIN, bonus("Completed"), CLOSE],
                "",
                _WON,
                bonuses=(has("Completed", 20, 5, 15),),
            ),
            case(
                26,
                "free spins, whose bonus comes after its rounds",
                [{**_BET, "amount": 0}, _WIN, bonus("Created", type=_FREE_SPINS)],
                "",
                makes("won", 0, 5, -5),
                bonuses=(has("Created", 0, 5, -5),),
            ),
        ),
    ),
)
