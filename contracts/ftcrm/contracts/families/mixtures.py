"""Families 20 to 24: several games, vendors, players, wallets, currencies or rates where there should be one."""

from ftcrm.contracts.families.notation import (
    B2,
    BONUS,
    LOCKED,
    REAL,
    UB,
    W2,
    B,
    R,
    W,
    bonus,
    case,
    has,
    makes,
    money,
    split,
)
from ftcrm.contracts.families.values import Family

__all__ = ["MIXTURES"]

_WON = makes("won", 20, 5, 15)
_FIRST_GAME = makes("won", 20, 5, 15, game_id="10911", vendor_id="1")
_OF_U2 = makes("won", 20, 7, 13, user_id="u2")
_U2 = {"user_id": "u2"}
_R2, _R3 = {"round_id": "r2"}, {"round_id": "r3"}
_LIVE = {"game_type": "Live Casino", "game_id": "77", "game_name": "Roulette"}
_JPY = {"currency": "JPY", "exchange_rate": "0.0061"}
_KWD = {"currency": "KWD", "exchange_rate": "3.02"}

MIXTURES = (
    Family(
        20,
        "B, W with another game or vendor",
        "A lobby game, a jackpot game, an aggregator in one event and the studio in the other. The round has the game "
        "and the vendor of its first live event.",
        'inferred: "Send same for Bet & Win" joins the events by round_id alone; a round is of one game.',
        (
            case(20, "another game", [B, {**W, "game_id": "2"}], "FT315", _FIRST_GAME),
            case(20, "another vendor", [B, {**W, "vendor_id": "2"}], "FT316", _FIRST_GAME),
            case(
                20,
                "another game of another vendor",
                [B, {**W, "game_id": "2", "vendor_id": "2"}],
                "FT316",
                _FIRST_GAME,
            ),
            case(
                20,
                "another game, rolled back",
                [B, {**W2, "game_id": "2"}, {**W2, **R, "game_id": "2"}, W],
                "",
                _FIRST_GAME,
            ),
        ),
        otherwise=("rollback-scope=round",),
    ),
    Family(
        21,
        "One round_id used by two users, or by two vendors",
        "A live table has one round_id for all its players: a round for each of them. Vendors number their rounds "
        "independently: those of one player that share a number become one.",
        "vendor: a round that comes out is per user and round. inferred: not per vendor.",
        (
            case(21, "two users of a slot game", [B, {**B2, **_U2}, W, {**W2, **_U2}], "FT318", _WON, _OF_U2),
            case(
                21,
                "two users at a live table",
                [{**B, **_LIVE}, {**B2, **_LIVE, **_U2}, {**W, **_LIVE}, {**W2, **_LIVE, **_U2}],
                "",
                makes("won", 20, 5, 15, game_id="77"),
                makes("won", 20, 7, 13, game_id="77", user_id="u2"),
            ),
            case(
                21,
                "two vendors",
                [B, {**B2, "vendor_id": "2"}, W, {**W2, "vendor_id": "2"}],
                "FT316",
                makes("won", 40, 12, 28, vendor_id="1"),
            ),
        ),
    ),
    Family(
        22,
        "Different round_ids on the B and the W of one play",
        "A round_id for each transaction: Bet and Win never join. Nothing is ever settled, and nothing is guessed.",
        'documented: "Send same for Bet & Win".',
        (
            case(
                22,
                "a round for each transaction",
                [B, {**W, **_R2}],
                "FT301 FT320",
                makes("open", 20, 0, 20),
                makes("orphan", 0, 5, -5, round_id="r2"),
            ),
            case(
                22,
                "three of them",
                [B, {**W, **_R2}, {**B2, **_R3}],
                "FT301 FT320",
                makes("open", 20, 0, 20),
                makes("orphan", 0, 5, -5, round_id="r2"),
                makes("open", 20, 0, 20, round_id="r3"),
            ),
            case(
                22,
                "an orphan beside a round that is settled",
                [B, {**W2, **_R2}, W],
                "FT301",
                _WON,
                makes("orphan", 0, 7, -7, round_id="r2"),
            ),
        ),
        otherwise=("lone-settlement=settled",),
    ),
    Family(
        23,
        "B(bonus), W(real); a split that changes",
        "Money changes its wallet between the events of a round: bonus money wins real money, a stake is of three "
        "wallets. Each wallet counts as it was sent, so that the GGR of one can be below 0.",
        'documented: "amount = wager_amount + bonus_wager_amount + locked_wager_amount" of each event; nothing ties '
        "the wallets of two events. unknown: which wallet an event without any of the three is of.",
        (
            case(
                23,
                "a bonus Bet and a real Win",
                [bonus("Created"), {**B, BONUS: 20, **UB}, {**W, REAL: 5}],
                "",
                makes("won", split(20, bonus=20), split(5, real=5), split(15, real=-5, bonus=20)),
                bonuses=(has("Created", split(20, bonus=20), 0, split(20, bonus=20)),),
            ),
            case(
                23,
                "a split that changes",
                [{**B, REAL: 15, BONUS: 4, LOCKED: 1}, {**B2, REAL: 0, BONUS: 20}, {**W, LOCKED: 5}],
                "",
                makes(
                    "won",
                    split(40, real=15, bonus=24, locked=1),
                    split(5, locked=5),
                    split(35, real=15, bonus=24, locked=-4),
                ),
            ),
            case(
                23,
                "a Win of no wallet",
                [{**B, REAL: 20}, W],
                "",
                makes("won", split(20, real=20), split(5, unallocated=5), split(15, real=20, unallocated=-5)),
            ),
        ),
        otherwise=("missing-wallets=real", "missing-wallets=by-bonus"),
    ),
    Family(
        24,
        "B in EUR, W in USD; exchange rates that differ",
        "A wallet that pays out in another currency, a rate that moved, a rate of 1 where nobody looked it up. Nothing "
        "is converted or rounded: totals are per currency, and `base` is each amount times its own rate.",
        "inferred: base amount = amount x exchange_rate, the rate at the event's timestamp (vendor); amounts of two "
        "currencies are never added.",
        (
            case(
                24,
                "another currency",
                [B, {**W, "currency": "USD"}],
                "FT304 FT602",
                makes(
                    "won",
                    0,
                    0,
                    0,
                    totals={"EUR": money(20, 0, 20), "USD": money(0, 5, -5)},
                    base=money(20, 5, 15),
                ),
            ),
            case(
                24,
                "a rate of 1 on the Win alone",
                [{**B, "exchange_rate": "1.25"}, {**W, "exchange_rate": 1}],
                "FT317",
                makes("won", 20, 5, 15, base=money(25, 5, 20)),
            ),
            case(
                24,
                "a rate that moved",
                [{**B, "exchange_rate": "1.25"}, {**W, "exchange_rate": "1.26"}],
                "",
                makes("won", 20, 5, 15, base=money(25, "6.3", "18.7")),
            ),
            case(
                24,
                "a currency without decimals",
                [{**B, **_JPY}, {**W, **_JPY}],
                "",
                makes("won", 20, 5, 15, currency="JPY", base=money("0.122", "0.0305", "0.0915")),
            ),
            case(
                24,
                "a currency with three",
                [{**B, **_KWD, "amount": "12.345"}, {**W, **_KWD, "amount": "0.005"}],
                "",
                makes("won", "12.345", "0.005", "12.34", currency="KWD", base=money("37.2819", "0.0151", "37.2668")),
            ),
        ),
    ),
)
