"""Rounds, bonuses and findings as the APIs show them."""

from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import fold_bonus
from ftcrm.contracts.rounds import BonusFold
from ftcrm.contracts.rules import STANDARD, Scope, findings_of
from ftcrm.contracts.views import bonus_view, findings_view, round_view

ZERO = {"real": "0", "bonus": "0", "locked": "0", "unallocated": "0", "total": "0"}


def test_a_round(feed: Any) -> None:
    bet = feed.casino_event(wager_amount=Decimal("12.50"), bonus_wager_amount=Decimal("7.5"))
    win = feed.casino_event(
        activity_id="w", type="Win", amount=Decimal("5.00"), is_round_end=True, timestamp="2026-03-02T08:28:00Z"
    )
    folded = feed.fold(bet, win, win)
    assert round_view(folded.round, findings_of(STANDARD.ask(Scope.ROUND, folded))) == {
        "origin": "sub.example.com",
        "user_id": "52530",
        "round_id": "r1",
        "state": "settled",
        "outcome": "won",
        "played": True,
        "end_flagged": True,
        "currency": "EUR",
        "bet": {**ZERO, "real": "12.5", "bonus": "7.5", "total": "20"},
        "win": {**ZERO, "unallocated": "5", "total": "5"},
        "ggr": {**ZERO, "real": "12.5", "bonus": "7.5", "unallocated": "-5", "total": "15"},
        "base": {
            "bet": {**ZERO, "real": "12.5", "bonus": "7.5", "total": "20"},
            "win": {**ZERO, "unallocated": "5", "total": "5"},
            "ggr": {**ZERO, "real": "12.5", "bonus": "7.5", "unallocated": "-5", "total": "15"},
        },
        "totals": {
            "EUR": {
                "bet": {**ZERO, "real": "12.5", "bonus": "7.5", "total": "20"},
                "win": {**ZERO, "unallocated": "5", "total": "5"},
                "ggr": {**ZERO, "real": "12.5", "bonus": "7.5", "unallocated": "-5", "total": "15"},
            }
        },
        "game": {"id": "10911", "name": "Dead or Alive", "type": "Slots"},
        "vendor": {"id": "1", "name": "Netent"},
        "first_at": "2026-03-02T08:27:58.721607Z",
        "last_at": "2026-03-02T08:28:00Z",
        "seqs": [1, 2, 3],
        "excluded": [],
        "findings": [
            {
                "rule": "FT302",
                "name": "repeated-delivery",
                "kind": "repeated-delivery",
                "confidence": "inferred",
                "clause": "delivery",
                "quote": "Delivery is at least once: a sender retries until it is answered with 200.",
                "message": "activity_id 'w': the same event again, counted once",
                "pointer": "",
                "witness": [2, 3],
                "implied": 0,
            }
        ],
    }


def test_mixed_currencies_have_no_single_total(feed: Any) -> None:
    view = round_view(feed.fold(feed.casino_event(), feed.casino_event(activity_id="2", currency="USD")).round)
    assert (view["currency"], view["bet"], view["win"], view["ggr"]) == (None, None, None, None)
    assert {currency: money["bet"]["total"] for currency, money in view["totals"].items()} == {"EUR": "20", "USD": "20"}
    assert view["base"]["bet"]["total"] == "40"


@given(data=st.data())
def test_views_are_json_and_equal_rounds_have_equal_views(feed: Any, data: st.DataObject) -> None:
    events = data.draw(feed.histories)
    folded = feed.fold(*events)
    view = round_view(folded.round, findings_of(STANDARD.ask(Scope.ROUND, folded)))
    assert msgspec.json.decode(msgspec.json.encode(view)) == view
    again = feed.fold(*(msgspec.structs.replace(event, amount=Decimal(f"{event.amount:f}")) for event in events))
    assert round_view(again.round, findings_of(STANDARD.ask(Scope.ROUND, again))) == view
    for name, money in view["totals"].items():
        assert Decimal(money["ggr"]["total"]) == folded.round.totals[name].ggr.total


def test_a_bonus(feed: Any) -> None:
    event = feed.bonus_event(amount=Decimal("10.30"), required_wagering_amount=Decimal(100))
    members = feed.members([event, feed.casino_event()])
    folded: BonusFold = fold_bonus(feed.bonus_key, members[:1], members[1:], excluded=(7,))
    nothing = dict.fromkeys(("real", "bonus", "locked", "unallocated", "total"), "0")
    bet = nothing | {"unallocated": "20", "total": "20"}
    money = {"bet": bet, "win": nothing, "ggr": bet}
    assert bonus_view(folded.bonus) == {
        "origin": "sub.example.com",
        "user_id": "52530",
        "user_bonus_id": "863512",
        "bonus_id": "9821",
        "type": "WelcomeBonus",
        "product": "Casino",
        "amount": "10.3",
        "currency": "EUR",
        "status": "Created",
        "statuses": [{"status": "Created", "at": "2026-03-02T08:00:00Z", "seq": 1}],
        "bets": 1,
        "rounds": ["r1"],
        "base": money,
        "totals": {"EUR": money},
        "wagering": {"required": "100", "wagered": "20", "remaining": "80"},
        "casino_seqs": [2],
        "seqs": [1],
        "excluded": [7],
        "findings": [],
    }


def test_findings_show_every_field(feed: Any) -> None:
    (view,) = findings_view(feed.judge({**feed.clean, "type": "bet"}).findings)
    assert set(view) == {
        "rule",
        "name",
        "kind",
        "confidence",
        "clause",
        "quote",
        "message",
        "pointer",
        "witness",
        "implied",
    }
