"""What comes again, otherwise under one id, or before what it should follow."""

from decimal import Decimal

from hypothesis import strategies as st

from ftcrm.strategies.documents import STAMPS
from ftcrm.strategies.mutations.mutation import AS_BEFORE, Mutation, Outcome
from ftcrm.strategies.mutations.notation import Play, changed, of_round
from ftcrm.strategies.rounds import Sent

__all__ = ["REPEATS"]

_STAMPS = st.sampled_from(STAMPS)


def _written_otherwise(play: Play) -> list[Sent]:
    """The Bet again: a zero more at the end of its amount, and its time with another offset."""
    amount = str(play.bet.document["amount"])
    again = changed(play.bet, amount=Decimal(f"{amount}0" if "." in amount else f"{amount}.0"))
    return [play.bet, play.at(again, again.at, play.draw(_STAMPS)), play.win]


def _earlier_content_second(play: Play) -> list[Sent]:
    bet, other, win = play.timed(play.bet, play.more(play.bet, 1), play.win)
    return [other, bet, win]


def _under_its_id(play: Play) -> list[Sent]:
    bet, win = play.another_round()
    return [changed(bet, activity_id=play.bet.document["activity_id"]), win]


def _overtaking_second_bet(play: Play) -> list[Sent]:
    bet, second, win, other = play.timed(play.bet, play.again(play.bet), play.win, play.again(play.win))
    return [bet, win, second, other]


REPEATS: tuple[Mutation, ...] = (
    of_round("redelivered", "The Bet is delivered twice.", "FT302", AS_BEFORE, lambda p: [p.bet, p.bet, p.win], 1),
    of_round(
        "redelivered-after-win",
        "The Bet is delivered again after its Win.",
        "FT302",
        AS_BEFORE,
        lambda p: [p.bet, p.win, p.bet],
        1,
    ),
    of_round(
        "redelivered-written-otherwise",
        "The Bet is sent again, its numbers and its time written otherwise.",
        "FT302",
        AS_BEFORE,
        _written_otherwise,
        1,
    ),
    of_round(
        "conflicting-amount",
        "The Bet is sent again under its id, later and with more.",
        "FT303",
        Outcome("as before: the earliest counts", "settled", 1, 1),
        lambda p: p.timed(p.bet, p.more(p.bet, 1), p.win),
        2,
    ),
    of_round(
        "conflicting-timestamp",
        "A retry of the Bet is stamped anew.",
        "FT303",
        Outcome("as before: the earliest counts", "settled", 1, 1),
        lambda p: p.timed(p.bet, p.bet, p.win),
        2,
    ),
    of_round(
        "conflicting-earlier-second",
        "Of two Bets under one id the one that came second is the earlier.",
        "FT303",
        Outcome("as before: the earliest counts", "settled", 1, 1),
        _earlier_content_second,
        2,
    ),
    of_round(
        "changed-redelivery",
        "The Bet is sent again, and its balance has changed.",
        "FT323",
        AS_BEFORE,
        lambda p: [p.bet, changed(p.bet, balance_after=-1), p.win],
        2,
    ),
    of_round(
        "activity-of-bet-and-win",
        "The Win has the Bet's activity_id, that of the transaction.",
        "FT321",
        AS_BEFORE,
        lambda p: [p.bet, changed(p.win, activity_id=p.bet.document["activity_id"])],
        2,
    ),
    of_round(
        "activity-in-several-rounds",
        "An activity_id comes again in another round.",
        "FT322",
        Outcome("as before, and another round like it", "settled", 1, 1, ("settled",)),
        lambda p: [p.bet, p.win, *_under_its_id(p)],
    ),
    of_round(
        "win-arrives-first",
        "The Win overtakes its Bet.",
        "FT305",
        AS_BEFORE,
        lambda p: [p.win, p.bet],
        3,
    ),
    of_round(
        "win-arrives-first-and-is-earlier",
        "The Win is sent before its Bet.",
        "FT305",
        AS_BEFORE,
        lambda p: p.timed(p.win, p.bet),
        3,
    ),
    of_round(
        "win-arrives-first-bet-twice",
        "The Win overtakes its Bet, which is delivered twice.",
        "FT302 FT305",
        AS_BEFORE,
        lambda p: [p.win, p.bet, p.bet],
        3,
    ),
    of_round(
        "win-overtakes-second-bet",
        "The Win overtakes the second Bet of its round.",
        "",
        Outcome("settled with all four", "settled", 2, 2),
        _overtaking_second_bet,
        3,
        closes=True,
    ),
)
