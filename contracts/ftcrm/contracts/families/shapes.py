"""Families 12 to 19, and 27: how many Bets, Wins and Losses a round has, and where it ends."""

from ftcrm.contracts.families.notation import (
    B2,
    B3,
    BONUS,
    CLOSE,
    END,
    L2,
    REAL,
    W2,
    B,
    L,
    R,
    W,
    X,
    Y,
    case,
    later,
    makes,
)
from ftcrm.contracts.families.values import Family

__all__ = ["CLOSINGS", "SHAPES"]

_WON = makes("won", 20, 5, 15)
_WON_AND_ENDED = makes("won", 20, 5, 15, end_flagged=True)
_LOST = makes("lost", 20, 0, 20)
_OPEN = makes("open", 20, 0, 20)
_ORPHAN = makes("orphan", 0, 5, -5)

SHAPES = (
    Family(
        12,
        "B, B, B, W(E): a double down, many seats",
        "Blackjack and live tables: several Bets in one round, and one settlement or one for each.",
        'inferred: "Send same for Bet & Win" says nothing of how many: the Bets of a round add up.',
        (
            case(12, "a double down", [B, B2, B3, {**W, **END}, CLOSE], "", makes("won", 60, 5, 55, end_flagged=True)),
            case(12, "a Loss for each seat", [B, B2, L, L2, CLOSE], "", makes("lost", 40, 0, 40)),
            case(12, "a seat that wins, a seat that loses", [B, B2, W, L, CLOSE], "", makes("won", 40, 5, 35)),
        ),
    ),
    Family(
        13,
        "B, W, W, W(E): a free-spin feature",
        "One Bet starts a feature, each spin of which may win. The round is settled from its first Win on, and its win "
        "grows.",
        'documented: "The Win event is sent upon a win occurring"; inferred: the Wins of a round add up.',
        (
            case(
                13,
                "a feature",
                [B, W, W2, {**W, "amount": 0, **X}, {**W, **END, **Y}, CLOSE],
                "",
                makes("won", 20, 17, 3, end_flagged=True),
            ),
        ),
    ),
    Family(
        14,
        "B, W(E), W(E): more than one end",
        "A sender that sets `is_round_end` on every Win, so that the first of several closes the round; or events that "
        "come after the end.",
        'unknown: "Is the round ended?" is all that is said; the flag is kept (`end_flagged`), and changes no state '
        "and no total.",
        (
            case(
                14,
                "two ends",
                [B, {**W, **END}, {**W2, **END}],
                "FT309",
                makes("won", 20, 12, 8, end_flagged=True),
            ),
            case(14, "two Losses", [B, L, L2], "FT309", _LOST, clauses={"FT309": "round.one-closing"}),
            case(14, "a Win after the end", [B, {**W, **END}, W2], "FT312", makes("won", 20, 12, 8, end_flagged=True)),
            case(
                14,
                "a Bet after the end",
                [B, {**W, **END}, B2, W2],
                "FT312",
                makes("won", 40, 12, 28, end_flagged=True),
            ),
        ),
        otherwise=("end-flag=cuts",),
    ),
    Family(
        15,
        "B(E), W: the Bet has the end flag",
        "`is_round_end` is true by default, even on the Bet. A Bet alone settles nothing.",
        'unknown: "Is the round ended?"; inferred: what closes a round is a Win or a Loss (rule 4: "a loss event or a '
        'win with an amount of 0 to close the round").',
        (
            case(15, "the Bet ends it", [{**B, **END}, W], "FT313", _WON_AND_ENDED),
            case(15, "Bet and Win end it", [{**B, **END}, {**W, **END}], "FT313", _WON_AND_ENDED),
            case(
                15,
                "the Bet ends it, and nothing follows",
                [{**B, **END}, CLOSE],
                "FT307 FT313",
                makes("open", 20, 0, 20, end_flagged=True),
            ),
        ),
        otherwise=("end-flag=settles", "end-flag=cuts"),
    ),
    Family(
        16,
        "B ... W(E) thirty days later",
        "A feature that the player resumes, a Bet on an event to come. The round is open until then; meanwhile a "
        "deadline may have passed (FT308), which the Win takes back.",
        "inferred: feature rounds stay open for days; the contract names no deadline.",
        (case(16, "thirty days later", [B, later(30), {**W, **END}, CLOSE], "", _WON_AND_ENDED),),
    ),
    Family(
        17,
        "B for ever: nothing settles it",
        "A lost Win, or a sender that sends no Losses. Nothing is wrong as long as more may come: it is said when the "
        "run is closed, or when a deadline passes that is configured.",
        'documented: "We should then receive a Casino Event with Type Win or Loss"; inferred: until then the round is '
        "open, and its Bet counts.",
        (
            case(17, "for ever", [B], "", _OPEN),
            case(17, "until the run is closed", [B, CLOSE], "FT307", _OPEN),
            case(17, "beyond the deadline", [B, B2, later(2)], "FT308", makes("open", 40, 0, 40)),
            case(17, "what settled it was rolled back", [B, W, {**W, **R}, CLOSE], "FT319", _OPEN),
        ),
        otherwise=("rollback-scope=round",),
    ),
    Family(
        18,
        "W with no B: a free round, a tournament, a jackpot",
        "Money won on no stake of this round. The contract makes no exception for it: a free spin has a Bet of 0 "
        "(family 19).",
        'documented: "First we should receive a Casino Event with Type Bet"; inferred: what lacks its Bet is an '
        "orphan, and its win counts.",
        (
            case(18, "a Win alone", [W], "FT301", _ORPHAN),
            case(
                18,
                "a Win alone that ends its round",
                [{**W, **END}],
                "FT301",
                makes("orphan", 0, 5, -5, end_flagged=True),
            ),
            case(18, "several Wins alone", [W, W2], "FT301", makes("orphan", 0, 12, -12)),
            case(18, "a Loss alone", [L], "FT301", makes("orphan", 0, 0, 0)),
            case(18, "with a Rollback of the Bet", [W, {**B, **R}], "FT301", _ORPHAN),
        ),
        otherwise=("rollback-scope=round", "lone-settlement=settled"),
    ),
    Family(
        19,
        "B(0), W: a free spin",
        "A spin that costs nothing: a Bet of 0, then its Win. The round is settled like any other.",
        "inferred: a Bet of 0 is a Bet. Its wallets have to add up to its amount, as those of any other "
        '(documented: "amount = wager_amount + bonus_wager_amount + locked_wager_amount").',
        (
            case(19, "a free spin", [{**B, "amount": 0}, W], "", makes("won", 0, 5, -5)),
            case(
                19,
                "a free spin that wins nothing",
                [{**B, "amount": 0}, {**W, "amount": 0, **END}],
                "",
                makes("lost", 0, 0, 0, end_flagged=True),
            ),
            case(
                19,
                "an amount of 0 with the stake in the wallets",
                [{**B, "amount": 0, REAL: 20, BONUS: 20}, W],
                "FT113",
                makes("orphan", 0, 5, -5, excluded=(1,)),
            ),
        ),
        otherwise=("lone-settlement=settled",),
    ),
)

CLOSINGS = (
    Family(
        27,
        "W(0) and L both; L with an amount; L then W",
        "A sender that closes a round in two ways, or puts the lost stake into the Loss.",
        'documented: "you can send a loss event or a win with an amount of 0 to close the round"; inferred: a Loss '
        "adds to neither bet nor win, whatever its amount.",
        (
            case(27, "a Win of 0 and a Loss", [B, {**W, "amount": 0}, L], "FT310", _LOST),
            case(
                27,
                "with the end between them",
                [B, {**W, "amount": 0, **END}, L],
                "FT310",
                makes("lost", 20, 0, 20, end_flagged=True),
            ),
            case(27, "a Loss with an amount", [B, {**L, "amount": 20}], "FT311", _LOST),
            case(27, "a Loss, then a Win", [B, L, W], "", _WON),
            case(27, "one of them rolled back", [B, {**W, "amount": 0}, {**W, "amount": 0, **R}, L], "", _LOST),
        ),
        otherwise=("rollback-scope=round",),
    ),
)
