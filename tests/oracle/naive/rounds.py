"""Rounds: which events count, what the Rollbacks reverse, and what is left."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .content import Event
from .money import Amounts, Live, Readings, amounts_of, base, minus, totals

RoundKey = tuple[str, str, str]


@dataclass(frozen=True)
class Round:
    key: RoundKey
    deliveries: Sequence[Event]
    counted: Sequence[Event]
    lives: Sequence[Live]
    readings: Readings

    def verdict(self, as_of: datetime | None = None) -> tuple[str, str | None]:
        """The state and the outcome, of what happened up to an instant."""
        counted = [event for event in self.counted if as_of is None or event.at <= as_of]
        lives = [live for live in self.lives if as_of is None or live.event.at <= as_of]
        state = state_of(counted, lives, self.readings)
        won = any(of_currency["win"]["total"] > 0 for of_currency in totals(lives).values())
        return state, ("won" if won else "lost") if state == "settled" else None


def key_of(event: Event) -> RoundKey:
    return event["origin"], event["user_id"], event["round_id"]


def make_round(key: RoundKey, deliveries: Sequence[Event], readings: Readings) -> Round:
    counted = counted_events(deliveries, readings)
    return Round(key, deliveries, counted, live_events(counted, readings), readings)


def counted_events(deliveries: Iterable[Event], readings: Readings) -> list[Event]:
    """One event for each identity, in canonical order; more of them where a reading wants it."""
    identities: dict[Any, list[Event]] = {}
    for event in sorted(deliveries, key=lambda event: event.order):
        identities.setdefault((event["activity_id"], event["type"], event["status"]), []).append(event)
    counted = []
    for same in identities.values():
        contents = {"latest": {same[-1].content}, "every": {event.content for event in same}}.get(
            readings.get("conflicts", ""), {same[0].content}
        )
        for content in contents:
            copies = [event for event in same if event.content == content]
            counted += copies if readings.get("repeats") == "every" else copies[:1]
    return sorted(counted, key=lambda event: event.order)


def reversals(counted: Sequence[Event], readings: Readings) -> list[tuple[Event, Event, int]]:
    """Each Rollback that reverses an event, that event, and the phase in which it found it."""

    def own(rollback: Event, event: Event) -> bool:
        return bool(rollback["activity_id"] == event["activity_id"] and rollback["type"] == event["type"])

    def like(rollback: Event, event: Event) -> bool:
        return bool(
            rollback["type"] == event["type"]
            and rollback["currency"] == event["currency"]
            and rollback.number("amount") == event.number("amount")
        )

    def of_the_same_wallets(rollback: Event, event: Event) -> bool:
        return like(rollback, event) and amounts_of(rollback, readings) == amounts_of(event, readings)

    phases: dict[int, Callable[[Event, Event], bool]] = {1: own, 2: of_the_same_wallets, 3: like}
    reading = readings.get("rollback-target")
    wanted = {"own-id": [1], "likeness": [2, 3]}.get(reading or "", [1, 2, 3])
    found: list[tuple[Event, Event, int]] = []
    for phase in wanted:
        for rollback in counted:
            if rollback["status"] != "Rollback" or any(rollback.seq == used.seq for used, _, _ in found):
                continue
            for event in counted:
                if event["status"] != "Approved" or any(event.seq == reversed_.seq for _, reversed_, _ in found):
                    continue
                if phases[phase](rollback, event):
                    found.append((rollback, event, phase))
                    break
    return found


def live_events(counted: Sequence[Event], readings: Readings) -> list[Live]:
    if readings.get("rollback-scope") == "round" and any(event["status"] == "Rollback" for event in counted):
        return []
    left: dict[int, Amounts | None] = {}
    for rollback, event, phase in reversals(counted, readings):
        part = (
            readings.get("rollback-amount") == "part"
            and phase == 1
            and rollback["currency"] == event["currency"]
            and 0 <= rollback.number("amount") < event.number("amount")
        )
        left[event.seq] = minus(amounts_of(event, readings), amounts_of(rollback, readings)) if part else None
    lives = []
    for event in counted:
        amounts = left.get(event.seq, amounts_of(event, readings))
        if event["status"] == "Approved" and amounts is not None:
            lives.append(Live(event, amounts))
    if readings.get("end-flag") == "cuts":
        ends = [place for place, live in enumerate(lives) if live.event.get("is_round_end") is True]
        lives = lives[: ends[0] + 1] if ends else lives
    return lives


def state_of(counted: Sequence[Event], lives: Sequence[Live], readings: Readings) -> str:
    bet = any(live.event["type"] == "Bet" for live in lives)
    settlement = any(live.event["type"] != "Bet" for live in lives)
    ended = any(live.event.get("is_round_end") is True for live in lives)
    if not lives:
        return "voided"
    state = "settled" if bet and settlement else "open" if bet else "orphan"
    if readings.get("lone-settlement") == "settled" and settlement:
        bets = [event for event in counted if event["type"] == "Bet" and event["status"] == "Approved"]
        state = state if bets else "settled"
    if readings.get("end-flag") == "settles" and bet and ended:
        state = "settled"
    flagged = any("is_round_end" in event.sent for event in counted)
    if readings.get("end-flag") == "required" and flagged and not ended and bet:
        state = "open"
    return state


def describe_round(round_: Round, excluded: Sequence[int]) -> dict[str, Any]:
    events = [live.event for live in round_.lives] or round_.counted
    sums = totals(round_.lives, {event["currency"] for event in events})
    currency = next(iter(sums)) if len(sums) == 1 else None
    first = events[0]
    state, outcome = round_.verdict()
    return {
        **dict(zip(("origin", "user_id", "round_id"), round_.key, strict=True)),
        "state": state,
        "outcome": outcome,
        "played": state != "voided",
        "end_flagged": any(live.event.get("is_round_end") is True for live in round_.lives),
        "currency": currency,
        "totals": sums,
        "base": base(round_.lives),
        **{field: first[field] for field in ("game_id", "game_name", "game_type", "vendor_id", "vendor_name")},
        "first_at": min(event.at for event in round_.counted),
        "last_at": max(event.at for event in round_.counted),
        "seqs": [event.seq for event in round_.deliveries],
        "excluded": list(excluded),
    }
