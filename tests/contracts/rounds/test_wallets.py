"""Which wallet an amount is of, when the event says so and when it does not."""

from decimal import Decimal
from typing import Any

import pytest

from ftcrm.contracts.rounds.money import add_up, join, terms_of, wallets_of

TWENTY, ZERO = Decimal(20), Decimal(0)


@pytest.mark.parametrize("bonus", ["", "863512"])
@pytest.mark.parametrize("missing", ["unallocated", "real", "by-bonus"])
def test_what_is_missing_is_read_as_told(feed: Any, missing: Any, bonus: str) -> None:
    told = {"unallocated": 3, "real": 0, "by-bonus": 1 if bonus else 0}[missing]
    wanted = tuple(TWENTY if index == told else ZERO for index in range(4))
    assert wallets_of(feed.casino_event(user_bonus_id=bonus), missing) == wanted


@pytest.mark.parametrize("missing", ["unallocated", "real", "by-bonus"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_wallet_that_was_sent_is_enough(feed: Any, missing: Any, place: int) -> None:
    sent = feed.casino_event(**{feed.wallets[place]: TWENTY}, user_bonus_id="863512")
    assert wallets_of(sent, missing) == tuple(TWENTY if index == place else ZERO for index in range(4))


@pytest.mark.parametrize("rate", ["0", "0.5", "1", "2"])
def test_base_money_is_at_the_rate_and_parts_add_up_to_the_whole(feed: Any, rate: str) -> None:
    bet = feed.casino_event(exchange_rate=Decimal(rate))
    win = feed.casino_event(type="Win", exchange_rate=Decimal(rate), amount=Decimal(5))
    entries = [(event, terms_of(event)) for event in (bet, win, bet)]
    totals, base = add_up(entries)
    assert (totals["EUR"].bet.total, base.bet.total) == (Decimal(40), Decimal(40) * Decimal(rate))
    assert join([add_up(entries[:1]), add_up(entries[1:])]) == (totals, base)
    assert join([add_up([entry]) for entry in entries]) == (totals, base)
    assert join([(totals, base)]) == (totals, base)
