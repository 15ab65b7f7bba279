"""Several games, vendors, players, rounds, wallets, currencies or rates where there should be one."""

from datetime import timedelta
from decimal import Decimal

from ftcrm.strategies.mutations.mutation import AS_BEFORE, Mutation, Outcome
from ftcrm.strategies.mutations.notation import Play, changed, in_wallet, of_round
from ftcrm.strategies.rounds import Sent

__all__ = ["MIXTURES"]

_AND_ANOTHER = Outcome("as before, and another round like it", "settled", 1, 1, ("settled",))
_SOON = timedelta(seconds=1)
_SPLIT = "the Bet stays open, the Win is an orphan under its own round_id"


def _other_game(play: Play) -> dict[str, str]:
    return {"game_id": play.scene.ids.new("g")}


def _other_vendor(play: Play) -> dict[str, str]:
    return {"vendor_id": play.scene.ids.new("v")}


def _other_round(play: Play) -> dict[str, str]:
    return {"round_id": play.scene.ids.new("r")}


def _other_currency(play: Play) -> dict[str, str]:
    return {"currency": "USD" if play.scene.currency.code == "EUR" else "EUR"}


def _other_user(play: Play, game_type: str) -> list[Sent]:
    """The round, and that of somebody else under its round_id."""
    someone = {"user_id": play.scene.ids.new("u"), "round_id": play.bet.document["round_id"]}
    bet, win = play.another_round(**someone)
    return [changed(sent, game_type=game_type) for sent in (play.bet, bet, play.win, win)]


def _at_rate(play: Play, factor: str) -> list[Sent]:
    """The Win comes within the day, at a rate that is so many times the Bet's."""
    rate = play.bet.document["exchange_rate"] * Decimal(factor)
    return [play.bet, play.at(changed(play.win, exchange_rate=rate), play.bet.at + _SOON)]


def _rolled_back_elsewhere(play: Play) -> list[Sent]:
    elsewhere = play.again(play.win, **_other_game(play))
    return play.timed(play.bet, elsewhere, play.undo(elsewhere), play.win)


def _of_one_name(play: Play) -> list[Sent]:
    """Two rounds, of two games whose name nothing else has."""
    name, one, other = {"game_name": play.scene.ids.new("n")}, _other_game(play), _other_game(play)
    first = [changed(sent, **name, **one) for sent in (play.bet, play.win)]
    return first + play.another_round(**name, **other)


MIXTURES: tuple[Mutation, ...] = (
    of_round(
        "another-game",
        "The Win is of another game.",
        "FT315",
        AS_BEFORE,
        lambda p: [p.bet, changed(p.win, **_other_game(p))],
        20,
    ),
    of_round(
        "another-vendor",
        "The Bet names the aggregator, the Win the studio.",
        "FT316",
        AS_BEFORE,
        lambda p: [p.bet, changed(p.win, **_other_vendor(p))],
        20,
    ),
    of_round(
        "another-game-of-another-vendor",
        "The Win is of another game of another vendor.",
        "FT316",
        AS_BEFORE,
        lambda p: [p.bet, changed(p.win, **_other_game(p), **_other_vendor(p))],
        20,
    ),
    of_round(
        "another-game-rolled-back",
        "A Win of another game is taken back.",
        "",
        AS_BEFORE,
        _rolled_back_elsewhere,
        20,
        closes=True,
    ),
    of_round(
        "round-of-two-users",
        "Two players have one round_id at a slot game.",
        "FT318",
        _AND_ANOTHER,
        lambda p: _other_user(p, "Slots"),
        21,
    ),
    of_round(
        "live-table",
        "Two players share the round_id of a live table.",
        "",
        _AND_ANOTHER,
        lambda p: _other_user(p, "Live Casino"),
        21,
        closes=True,
    ),
    of_round(
        "round-of-two-vendors",
        "Two vendors number their rounds alike: two rounds of a player become one.",
        "FT316",
        Outcome("one round of both", "settled", 2, 2),
        lambda p: [p.bet, p.win, *p.another_round(round_id=p.bet.document["round_id"], **_other_vendor(p))],
        21,
    ),
    of_round(
        "split-round",
        "Each transaction has a round_id of its own.",
        "FT301 FT320",
        Outcome(_SPLIT, "open", 1, 0, ("orphan",)),
        lambda p: [p.bet, changed(p.win, **_other_round(p))],
        22,
    ),
    of_round(
        "split-rounds",
        "Each transaction has a round_id of its own, and the next Bet, too.",
        "FT301 FT320",
        Outcome(_SPLIT, "open", 1, 0, ("open", "orphan")),
        lambda p: p.timed(p.bet, changed(p.win, **_other_round(p)), p.again(p.bet, **_other_round(p))),
        22,
    ),
    of_round(
        "win-of-another-round-id",
        "A second Win comes under a round_id that nothing else has.",
        "FT301",
        Outcome("as before, and an orphan", "settled", 1, 1, ("orphan",)),
        lambda p: p.timed(p.bet, p.again(p.win, **_other_round(p)), p.win),
        22,
    ),
    of_round(
        "bonus-bet-real-win",
        "Bonus money wins real money.",
        "",
        AS_BEFORE,
        lambda p: [in_wallet(p.bet, "bonus_wager_amount"), in_wallet(p.win, "wager_amount")],
        23,
        closes=True,
    ),
    of_round(
        "mixed-currencies",
        "The Win is paid in another currency.",
        "FT304 FT602",
        Outcome("settled, with totals in each currency", "settled", 1, 1),
        lambda p: [p.bet, changed(p.win, **_other_currency(p))],
        24,
    ),
    of_round(
        "player-of-several-currencies",
        "The next round of the player is in another currency.",
        "FT602",
        _AND_ANOTHER,
        lambda p: [p.bet, p.win, *p.another_round(**_other_currency(p))],
    ),
    of_round(
        "mixed-rates",
        "The exchange rate of the Win is twice that of the Bet.",
        "FT317",
        AS_BEFORE,
        lambda p: _at_rate(p, "2"),
        24,
    ),
    of_round(
        "moved-rate",
        "The exchange rate moves by a twentieth.",
        "",
        AS_BEFORE,
        lambda p: _at_rate(p, "1.05"),
        24,
        closes=True,
    ),
    of_round(
        "game-of-several-names",
        "The Win names the game in another way.",
        "FT601",
        AS_BEFORE,
        lambda p: [p.bet, changed(p.win, game_name=f"{p.win.document['game_name']} (mobile)")],
    ),
    of_round(
        "game-name-of-several-ids",
        "Two games of a vendor have one name.",
        "FT605",
        _AND_ANOTHER,
        _of_one_name,
        settings={"extend_select": ("FT605",)},
    ),
)
