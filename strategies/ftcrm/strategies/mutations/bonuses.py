"""What goes wrong around the life of a bonus: what is created late or never, closed early or never, and comes again."""

from ftcrm.strategies.mutations.mutation import AS_BEFORE, Mutation, Outcome
from ftcrm.strategies.mutations.notation import BonusPlay, changed, of_bonus, times
from ftcrm.strategies.rounds import Sent

__all__ = ["BONUSES"]


def _created_after_bet(play: BonusPlay) -> list[Sent]:
    bet, created, win, completed = play.timed(play.bet, play.created, play.win, play.completed)
    return [created, bet, win, completed]


def _out_of_order(play: BonusPlay) -> list[Sent]:
    bet, created, completed, win = play.timed(play.bet, play.created, play.completed, play.win)
    return [created, bet, win, completed]


def _backwards(play: BonusPlay) -> list[Sent]:
    return play.timed(play.completed, play.win, play.bet, play.created)[::-1]


def _another_type(play: BonusPlay) -> Sent:
    name = "CashbackBonus" if play.completed.document["type"] == "ReloadBonus" else "ReloadBonus"
    return changed(play.completed, type=name)


def _free_spins(play: BonusPlay) -> list[Sent]:
    created, completed = (changed(sent, type="FreeSpins") for sent in (play.created, play.completed))
    return play.timed(times(play.bet, 0), play.win, created, completed)


BONUSES: tuple[Mutation, ...] = (
    of_bonus(
        "bonus-created-after-bet",
        "Created is stamped after the first Bet with the bonus.",
        "FT501",
        AS_BEFORE,
        _created_after_bet,
        26,
    ),
    of_bonus(
        "bonus-created-after-round",
        "The bonus is created when its round is over.",
        "FT501",
        AS_BEFORE,
        lambda p: p.timed(p.bet, p.win, p.created, p.completed),
        26,
    ),
    of_bonus(
        "bonus-created-arrives-late",
        "The round overtakes the bonus event that it should follow.",
        "FT502",
        AS_BEFORE,
        lambda p: [p.bet, p.win, p.created, p.completed],
    ),
    of_bonus(
        "bonus-created-at-bet",
        "Created and the Bet have one timestamp.",
        "FT503",
        AS_BEFORE,
        lambda p: [p.at(p.created, p.bet.at), p.bet, p.win, p.completed],
        26,
    ),
    of_bonus(
        "bonus-unknown",
        "No event of the bonus comes.",
        "FT504",
        AS_BEFORE,
        lambda p: [p.bet, p.win],
        26,
    ),
    of_bonus(
        "missing-created",
        "Created is lost on the way.",
        "FT504",
        AS_BEFORE,
        lambda p: [p.bet, p.win, p.completed],
    ),
    of_bonus(
        "bonus-closed-before-last-event",
        "The bonus is completed before the last Win on it.",
        "FT505",
        AS_BEFORE,
        lambda p: p.timed(p.created, p.bet, p.completed, p.win),
    ),
    of_bonus(
        "bonus-closed-before-round",
        "The round is played when the bonus is closed.",
        "FT505",
        AS_BEFORE,
        lambda p: p.timed(p.created, p.completed, p.bet, p.win),
        26,
    ),
    of_bonus(
        "bonus-timestamps-out-of-order",
        "Created is stamped after the Bet, and Completed before the Win.",
        "FT501 FT505",
        AS_BEFORE,
        _out_of_order,
    ),
    of_bonus(
        "bonus-timestamps-backwards",
        "All four events are stamped in the opposite order.",
        "FT306 FT501 FT505 FT509",
        AS_BEFORE,
        _backwards,
    ),
    of_bonus(
        "bonus-never-closed",
        "Nothing closes the bonus.",
        "FT506",
        AS_BEFORE,
        lambda p: [p.created, p.bet, p.win],
        closes=True,
    ),
    of_bonus(
        "bonus-ongoing-for-ever",
        "What comes between Bet and Win says Ongoing, and nothing closes the bonus.",
        "FT506",
        AS_BEFORE,
        lambda p: p.timed(p.created, p.bet, p.status("Ongoing"), p.win),
        closes=True,
    ),
    of_bonus(
        "bonus-closed-at-win",
        "Completed and the last Win have one timestamp.",
        "FT507",
        AS_BEFORE,
        lambda p: [p.created, p.bet, p.win, p.at(p.completed, p.win.at)],
    ),
    of_bonus(
        "bonus-status-repeated",
        "Created is sent again, stamped anew.",
        "FT508",
        AS_BEFORE,
        lambda p: p.timed(p.created, p.created, p.bet, p.win, p.completed),
    ),
    of_bonus(
        "bonus-status-backwards",
        "A bonus that is completed is ongoing again.",
        "FT509",
        AS_BEFORE,
        lambda p: p.timed(p.created, p.bet, p.win, p.completed, p.status("Ongoing")),
    ),
    of_bonus(
        "bonus-redelivered",
        "Created is delivered twice.",
        "FT510",
        AS_BEFORE,
        lambda p: [p.created, p.created, p.bet, p.win, p.completed],
    ),
    of_bonus(
        "bonus-of-two-types",
        "The bonus ends as one of another type.",
        "FT511",
        AS_BEFORE,
        lambda p: [p.created, p.bet, p.win, _another_type(p)],
    ),
    of_bonus(
        "free-spins-before-bonus",
        "Free spins are played, and their bonus comes afterwards.",
        "",
        Outcome("settled without a stake", "settled", 0, 1),
        _free_spins,
        26,
        closes=True,
    ),
)
