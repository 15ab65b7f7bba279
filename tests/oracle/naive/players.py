"""Players: the segmentation data of one player as of an instant."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from .bonuses import Bonus
from .content import Event
from .money import Live, Money, base, totals
from .rounds import Round
from .sessions import Session, bets_in, wins_in

DAY = timedelta(days=1)
BRACKETS = ("0.01", "0.20", "0.50", "2", "5", "10", "25", "50")
IDLE_DAYS = (0, 1, 2, 5, 10, 20, 30, 90, 180)
THRESHOLDS: Mapping[str, Sequence[Any]] = {
    "recency": (1, 3, 7, 14),
    "frequency": (5, 20, 100, 500),
    "monetary": (10, 100, 1000, 10000),
}


def describe_player(
    player: tuple[str, str],
    rounds: Sequence[Round],
    bonuses: Sequence[Bonus],
    sessions: Sequence[Session],
    as_of: datetime,
    thresholds: Mapping[str, Sequence[Any]],
) -> dict[str, Any]:
    """The data of one player; `rounds`, `bonuses` and `sessions` are all of the player's."""
    counted = [event for round_ in rounds for event in round_.counted if event.at <= as_of]
    lives = [live for round_ in rounds for live in round_.lives if live.event.at <= as_of]
    bets = [live for live in lives if live.event["type"] == "Bet"]
    known = [round_ for round_ in rounds if any(event.at <= as_of for event in round_.counted)]
    return {
        **dict(zip(("origin", "user_id"), player, strict=True)),
        "as_of": as_of,
        "first_at": min((event.at for event in counted), default=None),
        "last_at": max((event.at for event in counted), default=None),
        "rounds": {
            word: sum(word in round_.verdict(as_of) for round_ in known)
            for word in ("settled", "open", "orphan", "voided", "won", "lost")
        },
        "sessions": sum(session.started_at <= as_of for session in sessions),
        "bets": bets_in(lives),
        "wins": wins_in(lives),
        "totals": totals(lives),
        "base": base(lives),
        "wallets": shares(base(lives)),
        "favourite_game": favourite(bets, as_of, ("vendor_id", "game_id"), "game_name"),
        "favourite_vendor": favourite(bets, as_of, ("vendor_id",), "vendor_name"),
        "favourite_type": favourite(bets, as_of, ("game_type",), "game_type"),
        "stake_bracket": stake_bracket(bets),
        **activity(bets, as_of),
        "rfm": rfm(bets, as_of, thresholds),
        "bonuses": statuses(bonuses, as_of),
    }


def shares(money: Money) -> dict[str, float] | None:
    bet = money["bet"]
    if bet["total"] == 0:
        return None
    return {name: float(bet[name] / bet["total"]) for name in ("real", "bonus", "locked", "unallocated")}


def favourite(bets: Sequence[Live], as_of: datetime, fields: Sequence[str], name: str) -> dict[str, Any] | None:
    """What the Bets say in these fields, the id last, with the greatest weight; its name is that of its last Bet."""
    own: dict[tuple[str, ...], list[Event]] = {}
    for bet in bets:
        own.setdefault(tuple(bet.event[field] for field in fields), []).append(bet.event)
    if not own:
        return None
    weights = {
        ids: math.fsum(math.exp(-((as_of - event.at) / (30 * DAY))) for event in events) for ids, events in own.items()
    }
    first = min(ids for ids in weights if weights[ids] == max(weights.values()))
    last = max(own[first], key=lambda event: event.order)
    return {
        "vendor_id": first[0] if "game_id" in fields else None,
        "id": first[-1],
        "name": last[name],
        "weight": weights[first],
    }


def stake_bracket(bets: Sequence[Live]) -> str | None:
    stakes = [bet.base["total"] for bet in bets if bet.event["game_type"] == "Slots" and bet.base["total"] > 0]
    if not stakes:
        return None
    mean = sum(stakes, Fraction(0)) / len(stakes)
    for bound in BRACKETS:
        if mean <= Fraction(bound):
            return f"up to {bound}"
    return "above 50"


def activity(bets: Sequence[Live], as_of: datetime) -> dict[str, Any]:
    real = [bet.event.at for bet in bets if bet.base["real"] + bet.base["unallocated"] > 0]
    if not real:
        return dict.fromkeys(("last_real_bet_at", "idle_days", "activity", "churned"))
    passed = as_of - max(real)
    idle_days = max(days for days in IDLE_DAYS if passed >= days * DAY)
    return {
        "last_real_bet_at": max(real),
        "idle_days": idle_days,
        "activity": "active" if idle_days == 0 else "idle" if idle_days < 30 else "inactive",
        "churned": passed >= 30 * DAY,
    }


def rfm(bets: Sequence[Live], as_of: datetime, thresholds: Mapping[str, Sequence[Any]]) -> dict[str, int] | None:
    recent = [bet for bet in bets if as_of - 30 * DAY < bet.event.at <= as_of]
    if not recent:
        return None
    since = Fraction((as_of - max(bet.event.at for bet in recent)) // timedelta(microseconds=1), 86_400_000_000)
    spent = sum((bet.base["total"] for bet in recent), Fraction(0))
    return {
        "recency": 5 - sum(Fraction(days) < since for days in thresholds["recency"]),
        "frequency": 1 + sum(len(recent) >= Fraction(number) for number in thresholds["frequency"]),
        "monetary": 1 + sum(spent >= Fraction(amount) for amount in thresholds["monetary"]),
    }


def statuses(bonuses: Sequence[Bonus], as_of: datetime) -> dict[str, int]:
    known = [[event["status"] for event in bonus.statuses if event.at <= as_of] for bonus in bonuses]
    return dict(Counter(of_bonus[-1] for of_bonus in known if of_bonus))
