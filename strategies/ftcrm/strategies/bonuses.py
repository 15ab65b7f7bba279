"""Bonuses around rounds: Scenario B, free spins whose bonus comes afterwards, and bonuses that nobody used."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from ftcrm.strategies.documents import Scene, amount_of, bonus_document, money
from ftcrm.strategies.rounds import Outline, Sent, interleaved, round_events

__all__ = ["CLOSINGS", "TYPES", "BonusOutline", "Closing", "bonus_round_events"]

Closing = tuple[str, ...]

CLOSINGS: tuple[Closing, ...] = (
    ("Completed",),
    ("AutoCompleted",),
    ("Forfeited",),
    ("Expired",),
    ("Lost",),
    ("Reversed",),
    ("Ongoing",),
    ("Completed", "Reversed"),
    (),
)
"""The statuses after the last casino event: "set to anything apart from Created", and so Ongoing alone, too."""
TYPES = (
    "WelcomeBonus",
    "NoDeposit",
    "CashbackBonus",
    "ReloadBonus",
    "WagerFree",
    "RiskFreeBet",
    "Undefined",
    "FreeSpins",
)
"""FreeSpins may come in the order of Scenario B, too."""


class BonusOutline(NamedTuple):
    """What a bonus is to be; `rounds` are played on it, each beginning so many events before the last one's end."""

    type: str
    bonus_id: str
    pending: bool
    rounds: list[tuple[Outline, int]]
    unused: bool
    """Whether nobody plays on it after all."""
    ongoing: bool
    closing: Closing
    gap: timedelta
    amount: int
    spun: bool
    """Whether these are free spins, whose bonus events come after the rounds and have the amount won."""


def bonus_round_events(outline: BonusOutline, scene: Scene) -> list[Sent]:
    """The bonus events and the casino events around them in the order of sending."""
    user_bonus_id = scene.ids.new("b")
    amount = money(amount_of(outline.amount, scene.currency), scene.currency, trimmed=scene.manner.trimmed)
    rounds: list[Sent] = []

    def status(name: str, at: datetime) -> Sent:
        document = bonus_document(
            name,
            at,
            scene,
            amount=_won(rounds) if outline.spun else amount,
            type="FreeSpins" if outline.spun else outline.type,
            bonus_id=outline.bonus_id,
            user_bonus_id=user_bonus_id,
        )
        return Sent(at, document, "BONUS")

    before: list[Sent] = []
    at = scene.start
    if not outline.spun:
        if outline.pending:
            before.append(status("Pending", at))
            at += outline.gap
        before.append(status("Created", at))
    for number, (played, overlap) in enumerate(_played(outline), 1):
        events = round_events(
            _spins(played) if outline.spun else played,
            scene._replace(start=at + number * outline.gap),
            user_bonus_id=user_bonus_id,
        )
        rounds = interleaved(rounds, events, overlap)
        if outline.ongoing and number == 1 and not outline.spun:
            rounds.append(status("Ongoing", events[-1].at + outline.gap))
    after: list[Sent] = []
    at = max((sent.at for sent in rounds), default=at)
    if outline.spun:
        at += outline.gap
        after.append(status("Created", at))
    for name in _closing(outline):
        at += outline.gap
        after.append(status(name, at))
    return before + rounds + after


def _played(outline: BonusOutline) -> list[tuple[Outline, int]]:
    return [] if outline.unused else outline.rounds


def _spins(outline: Outline) -> Outline:
    """The round with a Bet of 0 to begin with."""
    return outline._replace(opening=outline.opening._replace(act="free bet"))


def _closing(outline: BonusOutline) -> Closing:
    """What closes the bonus: Ongoing once at most; nothing only where nobody played on it, or spins were free."""
    played = bool(_played(outline)) and not outline.spun
    if outline.closing == ("Ongoing",) and (outline.ongoing or not played):
        return ("Completed",)
    return outline.closing or (("Completed",) if played else ())


def _won(events: Sequence[Sent]) -> Decimal:
    """What the rounds paid."""
    wins = [sent.document for sent in events if sent.document["type"] == "Win"]
    signs = {"Approved": 1, "Rollback": -1}
    return sum((Decimal(signs[win["status"]] * win["amount"]) for win in wins), Decimal(0))
