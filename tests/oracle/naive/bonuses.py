"""Bonuses: their own events, and what was played with them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .content import Event
from .money import Live, base, nothing, totals
from .rounds import Round
from .sessions import bets_in

BonusKey = tuple[str, str, str]


@dataclass(frozen=True)
class Bonus:
    key: BonusKey
    deliveries: Sequence[Event]
    """Bonus events and casino events, in order of arrival."""
    statuses: Sequence[Event]
    lives: Sequence[Live]


def key_of(event: Event) -> BonusKey:
    return event["origin"], event["user_id"], event["user_bonus_id"]


def make_bonus(key: BonusKey, deliveries: Sequence[Event], rounds: Iterable[Round]) -> Bonus:
    """One bonus; `rounds` are all rounds, those of other players too."""
    statuses: list[Event] = []
    own = sorted((event for event in deliveries if not event.casino), key=lambda event: event.order)
    for event in sorted(own, key=lambda event: (event.at, stage_of(event))):
        if all(event.content != other.content for other in statuses):
            statuses.append(event)
    lives = [live for round_ in rounds for live in round_.lives if key_of(live.event) == key]
    return Bonus(key, deliveries, statuses, lives)


def stage_of(event: Event) -> int:
    """Pending, then Created and Claimed, then those in between, then those that end it."""
    ends = ("Completed", "AutoCompleted", "Forfeited", "Expired", "Lost", "Reversed")
    if event["status"] in ends:
        return 3
    return {"Pending": 0, "Created": 1, "Claimed": 1}.get(event["status"], 2)


def describe_bonus(bonus: Bonus, excluded: Sequence[int]) -> dict[str, Any]:
    def first(field: str) -> Any:
        return next((event[field] for event in bonus.statuses if field in event.sent), None)

    required = first("required_wagering_amount")
    sums = totals(bonus.lives)
    wagering = None
    if required is not None and first("currency") is not None:
        wagered = sums[first("currency")]["bet"]["total"] if first("currency") in sums else nothing()["total"]
        remaining = max(Fraction(0), Fraction(required) - wagered)
        wagering = {"required": Fraction(required), "wagered": wagered, "remaining": remaining}
    return {
        **dict(zip(("origin", "user_id", "user_bonus_id"), bonus.key, strict=True)),
        "bonus_id": first("bonus_id"),
        "type": first("type"),
        "product": first("product"),
        "amount": None if first("amount") is None else Fraction(first("amount")),
        "currency": first("currency"),
        "status": bonus.statuses[-1]["status"] if bonus.statuses else None,
        "statuses": [{"status": event["status"], "at": event.at, "seq": event.seq} for event in bonus.statuses],
        "totals": sums,
        "base": base(bonus.lives),
        "bets": bets_in(bonus.lives),
        "rounds": sorted({live.event["round_id"] for live in bonus.lives}),
        "wagering": wagering,
        "seqs": [event.seq for event in bonus.deliveries if not event.casino],
        "casino_seqs": [event.seq for event in bonus.deliveries if event.casino],
        "excluded": list(excluded),
    }
