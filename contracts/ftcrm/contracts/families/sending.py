"""What a case sends, as messages over REST in the order of their arrival."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ftcrm.contracts.families.values import CLEAN_BONUS, CLEAN_CASINO, Case, Closed, Later, Sent
from ftcrm.contracts.families.values import Step as Told
from ftcrm.contracts.instants import isoformat
from ftcrm.contracts.messages import Message
from ftcrm.contracts.rules.docs import Step

__all__ = ["FIRST_AT", "steps_of"]

FIRST_AT = datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC)
"""When the first step of each case happens."""
_KEYS = ("activity_id", "round_id", "user_bonus_id", "user_id")
_SECOND = timedelta(seconds=1)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def steps_of(case: Case, *, prefix: str = "") -> tuple[Step, ...]:
    """The steps of a case, with the instant of each; `prefix` goes before the ids, so that cases can share a run.

    Every step arrives a second after the one before, whatever its timestamp says.
    """
    steps: list[Step] = []
    messages: list[tuple[Told, Message]] = []
    now = FIRST_AT
    for told in case.steps:
        if isinstance(told, Later):
            now += timedelta(days=told.days)
        at = int(now.timestamp()) * 1_000_000
        if isinstance(told, Sent):
            again = next((message for earlier, message in messages if earlier == told), None)
            message = again or _message(told, now, prefix)
            messages.append((told, message))
            steps.append(Step(at, message))
        else:
            steps.append(Step(at, closes=isinstance(told, Closed)))
        now += _SECOND
    return tuple(steps)


def _message(sent: Sent, now: datetime, prefix: str) -> Message:
    clean = CLEAN_CASINO if sent.message_type == "CASINO" else CLEAN_BONUS
    document: dict[str, Any] = {**clean, "timestamp": isoformat(now), **sent.changes}
    document = {name: value for name, value in document.items() if value is not None}
    document |= {name: f"{prefix}{document[name]}" for name in _KEYS if document.get(name)}
    return Message("rest", _ENCODER.encode(document), sent.message_type)
