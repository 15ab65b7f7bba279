"""Stakes: the shares of the wallets, and the bracket of the mean stake on slots."""

import math
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.contracts.rounds import Readings, Rfm, WalletShares


@given(data=st.data())
@settings(max_examples=150)
def test_shares_are_the_floats_nearest_to_the_exact_quotients(feed: Any, play: Any, data: st.DataObject) -> None:
    player = play.player(*data.draw(play.histories(feed.events)))
    total = Fraction(player.base.bet.total)
    if not total:
        assert player.wallets is None
        return
    assert player.wallets is not None
    for name, share in msgspec.structs.asdict(player.wallets).items():
        exact = Fraction(getattr(player.base.bet, name)) / total
        assert abs(Fraction(share) - exact) <= min(
            abs(Fraction(math.nextafter(share, towards)) - exact) for towards in (-math.inf, math.inf)
        )


def test_the_shares_of_the_wallets(play: Any) -> None:
    player = play.player(
        play.bet(0, wager_amount=Decimal(12), bonus_wager_amount=Decimal(8)),
        play.bet(1, locked_wager_amount=Decimal(20), exchange_rate=Decimal("0.5")),
        play.bet(2, amount=Decimal(30)),
        play.win(3, wager_amount=Decimal(20)),
    )
    assert player.wallets == WalletShares(real=0.2, bonus=8 / 60, locked=10 / 60, unallocated=0.5)


def test_a_share_is_rounded_once(play: Any) -> None:
    real, whole = 977_329_965_204_690_299, 994_344_394_178_997_790
    assert real / whole != float(real) / float(whole)  # Python divides integers correctly
    player = play.player(
        play.bet(amount=Decimal(whole), wager_amount=Decimal(real), bonus_wager_amount=Decimal(whole - real))
    )
    assert player.wallets is not None
    assert player.wallets.real == real / whole


@pytest.mark.parametrize("amounts", [[], ["0"], ["5", "-5"]])
def test_without_turnover_nothing_has_a_share(play: Any, amounts: list[str]) -> None:
    assert play.player(play.win(), *play.bets(amounts)).wallets is None


def test_a_share_beyond_all_floats_is_the_greatest_of_them(play: Any) -> None:
    least = Decimal("1e-300")
    player = play.player(
        play.bet(
            amount=least,
            wager_amount=Decimal("-1e20"),
            bonus_wager_amount=Decimal("1e20"),
            locked_wager_amount=least,
        )
    )
    assert player.wallets == WalletShares(-sys.float_info.max, sys.float_info.max, 1.0, 0.0)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (["0.0001"], "up to 0.01"),
        (["0.01"], "up to 0.01"),
        (["0.010001"], "up to 0.20"),
        (["0.20"], "up to 0.20"),
        (["0.21"], "up to 0.50"),
        (["0.5"], "up to 0.50"),
        (["0.51"], "up to 2"),
        (["2"], "up to 2"),
        (["2.01"], "up to 5"),
        (["5"], "up to 5"),
        (["5.01"], "up to 10"),
        (["10"], "up to 10"),
        (["10.01"], "up to 25"),
        (["25"], "up to 25"),
        (["25.01"], "up to 50"),
        (["50"], "up to 50"),
        (["50.01"], "above 50"),
        (["1e40"], "above 50"),
        (["0.3", "0.1", "0.2"], "up to 0.20"),  # 0.6 / 3, which is less than 0.2 in binary and more in decimal digits
        (["0.1", "0.1", "0.8"], "up to 0.50"),  # 1 / 3 has no end
        (["0.1", "0.3", "0.2" + "0" * 35 + "1"], "up to 0.50"),
        (["0", "-100", "5"], "up to 5"),
    ],
)
def test_the_stake_bracket_is_that_of_the_mean(play: Any, amounts: list[str], expected: str) -> None:
    assert play.player(*play.bets(amounts)).stake_bracket == expected


def test_the_stake_bracket_is_of_bets_on_slots_in_base_currency(play: Any) -> None:
    live = play.bet(0, round_id="r9", game_type="Live Casino", amount=Decimal(1000))
    singular = play.bet(1, round_id="r9", game_type="Slot", amount=Decimal(1000))
    slots = play.bets(["5"], exchange_rate=Decimal("1.5"))
    won = play.win(2, round_id="r9", amount=Decimal(1000))
    assert play.player(live, singular, won, *slots).stake_bracket == "up to 10"
    assert play.player(live, singular, won).stake_bracket is None
    assert play.player(*play.bets(["0", "-1"])).stake_bracket is None


def test_the_rest_of_a_bet_is_what_was_staked(play: Any) -> None:
    part = play.bet(0, status="Rollback", amount=Decimal(16))
    player = play.player(play.bet(0), part, readings=Readings(rollback_amount="part"))
    assert (player.stake_bracket, player.bets, player.rfm) == ("up to 5", 1, Rfm(5, 1, 1))
