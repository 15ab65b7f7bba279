"""Families 4 to 11, and 28: what Rollbacks reverse, and what is left."""

from ftcrm.contracts.families.notation import (
    B2,
    BONUS,
    CLOSE,
    END,
    LOCKED,
    NO_AMOUNT,
    REAL,
    W2,
    B,
    L,
    R,
    W,
    X,
    Y,
    at,
    case,
    makes,
    split,
)
from ftcrm.contracts.families.values import Family

__all__ = ["PARTS", "ROLLBACKS"]

_VOIDED = makes("voided", 0, 0, 0)
_WON = makes("won", 20, 5, 15)
_OPEN = makes("open", 20, 0, 20)
_REVERSED = '"Indicates whether the event should be reversed or not"'
_BONUS_BET = split(20, bonus=20)

ROLLBACKS = (
    Family(
        4,
        "R(bet) before B: a Bet that timed out",
        "The sender gives up on a Bet and rolls it back; the Bet arrives after all. Without a tombstone it would stay "
        "as a ghost: turnover that never was.",
        f"inferred: {_REVERSED}; for other receivers, too, a Rollback of an unknown Bet leaves a tombstone.",
        (
            case(
                4,
                "the Rollback overtakes its Bet",
                [{**B, **R, **at("07:00:00Z")}, {**B, **at("06:59:00Z")}],
                "FT405",
                _VOIDED,
            ),
            case(4, "by a new id, and the earlier by timestamp", [{**B, **R, **X}, B], "FT405", _VOIDED),
            case(4, "the Bet never comes", [{**B, **R}], "FT401", _VOIDED),
        ),
        otherwise=("rollback-target=own-id",),
    ),
    Family(
        5,
        "R(bet), R(win), B, W: net is zero",
        "A whole round is taken back. In whatever order the four arrive, nothing of it is left.",
        f"inferred: {_REVERSED}: the event that a Rollback names adds nothing to any total.",
        (
            case(5, "both Rollbacks first", [{**B, **R}, {**W, **R}, B, W], "FT405", _VOIDED),
            case(5, "both after their events", [B, {**W, **END}, {**W, **R}, {**B, **R}], "", _VOIDED),
        ),
    ),
    Family(
        6,
        "B, R with the Bet's own activity_id",
        "The Rollback repeats the event with another status. Naive deduplication by activity_id swallows it.",
        "inferred: the contract has no field for what a Rollback reverses; `status` is a part of an event's identity, "
        "and the id says which event is meant.",
        (case(6, "the Bet's own id", [B, {**B, **R}], "", _VOIDED),),
    ),
    Family(
        7,
        "B, B (equal), R with a new activity_id: which of them?",
        "Two equal Bets, and a Rollback that names neither. One is reversed, and the totals are the same whichever it "
        "is; the first by timestamp is taken, of those with the Rollback's wallets where there are any.",
        "inferred: the contract has no field for what a Rollback reverses; by its type, currency and amount it can "
        "mean either.",
        (
            case(7, "equal Bets", [B, B2, {**B, **R, **X}, W], "FT403", _WON),
            case(7, "unequal Bets", [B, {**B2, "amount": 21}, {**B, **R, **X}, W], "", makes("won", 21, 5, 16)),
            case(7, "equal Bets, all rolled back", [B, B2, {**B, **R, **X}, {**B, **R, **Y}], "", _VOIDED),
            case(
                7,
                "equal but for the wallets",
                [{**B, BONUS: 20}, {**B2, REAL: 20}, {**B, REAL: 20, **R, **X}, {**W, BONUS: 5}],
                "",
                makes("won", _BONUS_BET, split(5, bonus=5), split(15, bonus=15)),
            ),
            case(
                7,
                "the wallets of neither",
                [{**B, REAL: 20}, {**B2, BONUS: 20}, {**B, LOCKED: 20, **R, **X}, {**W, BONUS: 5}],
                "FT403",
                makes("won", _BONUS_BET, split(5, bonus=5), split(15, bonus=15)),
            ),
        ),
        otherwise=("rollback-target=own-id", "rollback-scope=round"),
    ),
    Family(
        8,
        "B, R, R: a double refund",
        "A Rollback is retried, under its old id or a new one. The Bet is reversed once: its total never goes below 0.",
        "inferred: an event is reversed at most once.",
        (
            case(8, "delivered twice", [B, {**B, **R}, {**B, **R}], "FT302", _VOIDED),
            case(8, "again by a new id", [B, {**B, **R}, {**B, **R, **X}], "FT404", _VOIDED),
            case(8, "by two new ids", [B, {**B, **R, **X}, {**B, **R, **Y}], "FT404", _VOIDED),
        ),
        otherwise=("rollback-target=own-id",),
    ),
    Family(
        9,
        "B, W(E), R(win): a closed round changes",
        "A Win was wrong and is taken back, after the round was told to be over. What is left is a Bet without result.",
        f"inferred: {_REVERSED} speaks of the event, not of the round; nobody wrote down that an ended round is closed "
        "to changes.",
        (
            case(9, "the Win of a round that ended", [B, {**W, **END}, {**W, **R}], "FT408", _OPEN),
            case(
                9,
                "a Win of a round that did not end",
                [B, W, {**W, **R}, {**W2, **END}],
                "",
                makes("won", 20, 7, 13, end_flagged=True),
            ),
        ),
        otherwise=("rollback-scope=round",),
    ),
    Family(
        10,
        "B, W(E), R(bet): an orphan Win",
        "The stake is given back and the Win is not: money won on no stake.",
        f"inferred: {_REVERSED} speaks of one event; its Win is reversed by a Rollback of its own.",
        (
            case(
                10,
                "an orphan Win",
                [B, {**W, **END}, {**B, **R}],
                "FT407",
                makes("orphan", 0, 5, -5, end_flagged=True),
            ),
            case(10, "an orphan Win, by a new id", [B, W, {**B, **R, **X}], "FT407", makes("orphan", 0, 5, -5)),
            case(
                10,
                "a Bet that won nothing",
                [B, {**W, "amount": 0, **END}, {**B, **R}],
                "",
                makes("orphan", 0, 0, 0, end_flagged=True),
            ),
            case(
                10,
                "a Bet that was lost",
                [B, {**L, **END}, {**B, **R}],
                "",
                makes("orphan", 0, 0, 0, end_flagged=True),
            ),
            case(10, "one of two Bets", [B, {**B2, "amount": 21}, W, {**B, **R}], "", makes("won", 21, 5, 16)),
        ),
        otherwise=("rollback-target=own-id", "rollback-scope=round"),
    ),
    Family(
        11,
        "B, R only: voided",
        "A Bet that was cancelled. A voided round is not a played one: `played` is false, and no count of bets and no "
        "turnover has it.",
        "inferred: for other receivers, too, a round is open, settled or voided.",
        (
            case(11, "by a new id", [B, {**B, **R, **X}, CLOSE], "", _VOIDED),
            case(11, "by the Bet's own id", [B, {**B, **R}, CLOSE], "", _VOIDED),
        ),
        otherwise=("rollback-target=own-id",),
    ),
)

PARTS = (
    Family(
        28,
        "R without amount, partial R, R of an L",
        "Rollbacks that say too little, say less than was sent, or reverse what moved no money.",
        f"unknown: nobody says whether a Rollback can be partial; {_REVERSED} speaks of the event, so that the own id "
        "reverses all of it. Without an amount it lacks a required property, and is left out of the round.",
        (
            case(
                28,
                "no amount, the Bet's own id",
                [B, {**B, **R, **NO_AMOUNT}, W],
                "FT110",
                makes("won", 20, 5, 15, excluded=(2,)),
            ),
            case(
                28,
                "no amount, a new id",
                [B, {**B, **R, **X, **NO_AMOUNT}, W],
                "FT110",
                makes("won", 20, 5, 15, excluded=(2,)),
            ),
            case(28, "partial, the Bet's own id", [B, {**B, **R, "amount": 5}], "FT402", _VOIDED),
            case(28, "partial, a new id", [B, {**B, **R, **X, "amount": 5}, W], "FT401", _WON),
            case(28, "of a Loss", [B, L, {**L, **R}], "FT409", _OPEN),
            case(28, "of a Loss that ended the round", [B, {**L, **END}, {**L, **R}], "FT409", _OPEN),
            case(28, "of a Loss and its Bet", [B, {**L, **END}, {**L, **R}, {**B, **R}], "", _VOIDED),
            case(28, "of a Loss that was a Win", [B, L, {**L, **R}, W], "", _WON),
        ),
        otherwise=("rollback-target=likeness", "rollback-amount=part", "rollback-scope=round"),
    ),
)
