"""What timestamps say: equal, turned round, with offsets, in the future."""

from datetime import timedelta

from ftcrm.strategies.documents import Stamp
from ftcrm.strategies.mutations.mutation import AS_BEFORE, RECEIVED_AT, Mutation
from ftcrm.strategies.mutations.notation import of_bonus, of_round

__all__ = ["CLOCKS"]

_AHEAD = RECEIVED_AT + timedelta(days=1)
_EAST, _WEST = Stamp("+14:00", 840, 0), Stamp("-11:00", -660, 0)

CLOCKS: tuple[Mutation, ...] = (
    of_round(
        "win-earlier-than-bet",
        "The clock of what sends Wins runs behind.",
        "FT306",
        AS_BEFORE,
        lambda p: [p.bet, p.at(p.win, p.bet.at - p.gap)],
        25,
    ),
    of_round(
        "equal-timestamps",
        "Bet and Win are stamped in whole seconds, both in the same.",
        "FT314",
        AS_BEFORE,
        lambda p: [p.bet, p.at(p.win, p.bet.at)],
        25,
    ),
    of_round(
        "equal-instants",
        "Bet and Win are of one instant, written with two offsets.",
        "FT314",
        AS_BEFORE,
        lambda p: [p.at(p.bet, p.bet.at, _EAST), p.at(p.win, p.bet.at, _WEST)],
        25,
    ),
    of_round(
        "later-by-the-clock-on-the-wall",
        "The Bet's local time is later than the Win's, which is the later instant.",
        "",
        AS_BEFORE,
        lambda p: [p.at(p.bet, p.bet.at, _EAST), p.at(p.win, p.bet.at + timedelta(seconds=1), _WEST)],
        25,
        closes=True,
    ),
    of_round(
        "clock-ahead",
        "The clock of what sends Wins runs years ahead.",
        "FT603",
        AS_BEFORE,
        lambda p: [p.bet, p.at(p.win, _AHEAD)],
        25,
        settings={"extend_select": ("FT603",)},
    ),
    of_bonus(
        "bonus-clock-ahead",
        "The clock of what sends bonuses is set ahead before the last event.",
        "FT604",
        AS_BEFORE,
        lambda p: [p.created, p.bet, p.win, p.at(p.completed, _AHEAD)],
        25,
        settings={"extend_select": ("FT604",)},
    ),
)
