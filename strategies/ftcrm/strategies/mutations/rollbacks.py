"""What Rollbacks do to a round: too early, too late, twice, in part, of one thing and not of the other."""

from ftcrm.strategies.mutations.mutation import AS_BEFORE, Mutation, Outcome
from ftcrm.strategies.mutations.notation import Play, ended, in_wallet, of_round, times
from ftcrm.strategies.rounds import Sent

__all__ = ["ROLLBACKS"]

_VOIDED = Outcome("voided: nothing of it counts", "voided", 0, 0)
_OPEN = Outcome("the Bet stands alone", "open", 1, 0)
_ORPHAN = Outcome("an orphan: the Win counts, and no stake", "orphan", 0, 1)
_ONE_BET = Outcome("one of the Bets counts", "settled", 1, 1)
_REAL, _BONUS, _LOCKED = "wager_amount", "bonus_wager_amount", "locked_wager_amount"


def _overtaken(play: Play, rollback: Sent) -> list[Sent]:
    bet, rollback = play.timed(play.bet, rollback)
    return [rollback, bet]


def _whole_round_overtaken(play: Play) -> list[Sent]:
    bet, win, *rollbacks = play.timed(play.bet, play.win, play.undo(play.bet), play.undo(play.win))
    return [*rollbacks, bet, win]


def _loss_corrected(play: Play) -> list[Sent]:
    loss = play.again(play.loss())
    return play.timed(play.bet, loss, play.undo(loss), play.win)


def _redelivered(play: Play) -> list[Sent]:
    bet, rollback = play.timed(play.bet, play.undo(play.bet))
    return [bet, rollback, rollback]


def _without_amount(sent: Sent) -> Sent:
    return sent._replace(document={name: value for name, value in sent.document.items() if name != "amount"})


ROLLBACKS: tuple[Mutation, ...] = (
    of_round(
        "bet-rolled-back-first",
        "The Rollback of a Bet that timed out overtakes the Bet.",
        "FT405",
        _VOIDED,
        lambda p: _overtaken(p, p.undo(p.bet)),
        4,
    ),
    of_round(
        "bet-rolled-back-first-by-new-id",
        "The same by an id of its own.",
        "FT405",
        _VOIDED,
        lambda p: _overtaken(p, p.undo_by_new_id(p.bet)),
        4,
    ),
    of_round(
        "rollback-of-nothing",
        "A Bet timed out and is rolled back; it never arrives.",
        "FT401",
        _VOIDED,
        lambda p: [p.undo(p.bet)],
        4,
    ),
    of_round(
        "rollback-and-win-without-bet",
        "The Bet is lost on the way; its Rollback and its Win are not.",
        "FT301",
        _ORPHAN,
        lambda p: p.timed(p.win, p.undo(p.bet)),
        18,
    ),
    of_round(
        "round-rolled-back-first",
        "Both Rollbacks overtake the round that they take back.",
        "FT405",
        _VOIDED,
        _whole_round_overtaken,
        5,
    ),
    of_round(
        "round-rolled-back",
        "The whole round is taken back after its end.",
        "",
        _VOIDED,
        lambda p: p.timed(p.bet, ended(p.win), p.undo(ended(p.win)), p.undo(p.bet)),
        5,
        closes=True,
    ),
    of_round(
        "bet-rolled-back",
        "The Bet is cancelled, under its own id.",
        "",
        _VOIDED,
        lambda p: p.timed(p.bet, p.undo(p.bet)),
        6,
        11,
        closes=True,
    ),
    of_round(
        "bet-rolled-back-by-new-id",
        "The Bet is cancelled by an event with an id of its own.",
        "",
        _VOIDED,
        lambda p: p.timed(p.bet, p.undo_by_new_id(p.bet)),
        11,
        closes=True,
    ),
    of_round(
        "rollback-ambiguous",
        "Two equal Bets, and a Rollback that can mean either.",
        "FT403",
        _ONE_BET,
        lambda p: p.timed(p.bet, p.again(p.bet), p.undo_by_new_id(p.bet), p.win),
        7,
    ),
    of_round(
        "rollback-of-other-wallets",
        "Two equal Bets of two wallets, and a Rollback with the third.",
        "FT403",
        _ONE_BET,
        lambda p: p.timed(
            in_wallet(p.bet, _REAL),
            p.again(in_wallet(p.bet, _BONUS)),
            p.undo_by_new_id(in_wallet(p.bet, _LOCKED)),
            p.win,
        ),
        7,
    ),
    of_round(
        "rollback-told-by-wallet",
        "Two Bets that differ in their wallet alone, and a Rollback with that of the second.",
        "",
        _ONE_BET,
        lambda p: p.timed(
            in_wallet(p.bet, _BONUS),
            p.again(in_wallet(p.bet, _REAL)),
            p.undo_by_new_id(in_wallet(p.bet, _REAL)),
            p.win,
        ),
        7,
        closes=True,
    ),
    of_round(
        "rollback-told-by-amount",
        "Two unequal Bets, and a Rollback with the amount of the first.",
        "",
        Outcome("the other Bet, of twice the amount, counts", "settled", 2, 1),
        lambda p: p.timed(p.bet, p.again(times(p.bet, 2)), p.undo_by_new_id(p.bet), p.win),
        7,
        closes=True,
    ),
    of_round(
        "equal-bets-rolled-back",
        "Two equal Bets, and a Rollback for each.",
        "",
        _VOIDED,
        lambda p: p.timed(p.bet, p.again(p.bet), p.undo_by_new_id(p.bet), p.undo_by_new_id(p.bet)),
        7,
        closes=True,
    ),
    of_round(
        "rollback-redelivered",
        "A Rollback is delivered twice.",
        "FT302",
        _VOIDED,
        _redelivered,
        8,
    ),
    of_round(
        "rollback-repeated",
        "A Rollback is sent again by a new id: a double refund.",
        "FT404",
        _VOIDED,
        lambda p: p.timed(p.bet, p.undo(p.bet), p.undo_by_new_id(p.bet)),
        8,
    ),
    of_round(
        "rollback-repeated-by-new-ids",
        "A Bet is rolled back under two new ids.",
        "FT404",
        _VOIDED,
        lambda p: p.timed(p.bet, p.undo_by_new_id(p.bet), p.undo_by_new_id(p.bet)),
        8,
    ),
    of_round(
        "rollback-conflicting",
        "A Rollback is sent again under its id, stamped anew.",
        "FT410",
        _VOIDED,
        lambda p: p.timed(p.bet, p.undo(p.bet), p.undo(p.bet)),
    ),
    of_round(
        "win-rolled-back",
        "The Win is taken back, and no other follows.",
        "FT319",
        _OPEN,
        lambda p: p.timed(p.bet, p.win, p.undo(p.win)),
        17,
        closes=True,
    ),
    of_round(
        "win-rolled-back-after-end",
        "The Win of a round that has ended is taken back.",
        "FT408",
        _OPEN,
        lambda p: p.timed(p.bet, ended(p.win), p.undo(ended(p.win))),
        9,
    ),
    of_round(
        "win-corrected",
        "A Win is taken back, and one of twice the amount takes its place.",
        "",
        Outcome("settled with the other Win", "settled", 1, 2),
        lambda p: p.timed(p.bet, p.win, p.undo(p.win), ended(p.again(times(p.win, 2)))),
        9,
        closes=True,
    ),
    of_round(
        "bet-rolled-back-after-win",
        "The stake is given back, and the Win is not.",
        "FT407",
        _ORPHAN,
        lambda p: p.timed(p.bet, ended(p.win), p.undo(p.bet)),
        10,
    ),
    of_round(
        "bet-rolled-back-after-win-by-new-id",
        "The same by an id of its own.",
        "FT407",
        _ORPHAN,
        lambda p: p.timed(p.bet, p.win, p.undo_by_new_id(p.bet)),
        10,
    ),
    of_round(
        "lost-bet-rolled-back",
        "The stake of a Bet that was lost is given back.",
        "",
        Outcome("an orphan of nothing", "orphan", 0, 0),
        lambda p: p.timed(p.bet, ended(p.loss()), p.undo(p.bet)),
        10,
        closes=True,
    ),
    of_round(
        "one-of-two-bets-rolled-back",
        "Of two Bets the first is given back after the Win.",
        "",
        Outcome("the other Bet, of twice the amount, counts", "settled", 2, 1),
        lambda p: p.timed(p.bet, p.again(times(p.bet, 2)), p.win, p.undo(p.bet)),
        10,
        closes=True,
    ),
    of_round(
        "rollback-earlier-than-bet",
        "The clock of what sends Rollbacks runs behind.",
        "FT406",
        _VOIDED,
        lambda p: [p.bet, p.at(p.undo(p.bet), p.bet.at - p.gap)],
    ),
    of_round(
        "rollback-partial",
        "A Rollback under the Bet's id has less than its amount.",
        "FT402",
        _VOIDED,
        lambda p: p.timed(p.bet, p.undo(p.more(p.bet, -1))),
        28,
    ),
    of_round(
        "rollback-partial-by-new-id",
        "A Rollback under an id of its own has an amount that no event has.",
        "FT401",
        AS_BEFORE,
        lambda p: p.timed(p.bet, p.undo_by_new_id(p.more(p.bet, -1)), p.win),
        28,
    ),
    of_round(
        "rollback-without-amount",
        "A Rollback says its event's id and no amount.",
        "FT110",
        Outcome("as before: the Rollback is left out", "settled", 1, 1),
        lambda p: p.timed(p.bet, _without_amount(p.undo(p.bet)), p.win),
        28,
    ),
    of_round(
        "loss-rolled-back",
        "A Loss is taken back, and the Bet is not.",
        "FT409",
        _OPEN,
        lambda p: p.timed(p.bet, p.loss(), p.undo(p.loss())),
        28,
    ),
    of_round(
        "loss-rolled-back-after-end",
        "The same, after the end of the round.",
        "FT409",
        _OPEN,
        lambda p: p.timed(p.bet, ended(p.loss()), p.undo(ended(p.loss()))),
        28,
    ),
    of_round(
        "loss-and-bet-rolled-back",
        "A round that was lost is taken back.",
        "",
        _VOIDED,
        lambda p: p.timed(p.bet, p.loss(), p.undo(p.loss()), p.undo(p.bet)),
        28,
        closes=True,
    ),
    of_round(
        "loss-corrected",
        "A Loss is taken back, and the Win takes its place.",
        "",
        AS_BEFORE,
        _loss_corrected,
        28,
        closes=True,
    ),
)
