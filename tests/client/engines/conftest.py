"""Two histories of one player, for engines of every kind."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ftcrm.contracts import Message

BET: dict[str, Any] = {
    "activity_id": "a-1",
    "type": "Bet",
    "status": "Approved",
    "amount": 20,
    "wager_amount": 20,
    "currency": "EUR",
    "exchange_rate": 1,
    "round_id": "R-1",
    "user_id": "42",
    "origin": "casino.example",
    "user_bonus_id": "",
    "game_id": "10911",
    "game_name": "Dead or Alive",
    "game_type": "Slots",
    "vendor_id": "1",
    "vendor_name": "Netent",
    "timestamp": "2026-01-31T08:27:58.721Z",
}
BONUS = {"origin": "casino.example", "user_id": "42", "user_bonus_id": "B", "status": "Created"}


@pytest.fixture(scope="session")
def casino() -> Callable[..., Message]:
    """One casino event, a Bet of 20 unless told."""

    def message(**changes: Any) -> Message:
        return Message("rest", json.dumps(BET | changes).encode(), "CASINO")

    return message


@pytest.fixture
def settled(casino: Callable[..., Message]) -> list[Message]:
    """A round that is won, with a sum that floats get wrong, and a bonus beside it."""
    return [
        casino(amount=0.1, wager_amount=0.1),
        casino(amount=0.2, wager_amount=0.2, activity_id="a-2"),
        Message("rest", json.dumps(BONUS | {"timestamp": "2026-01-31T08:00:00Z"}).encode(), "BONUS"),
        casino(amount=5, wager_amount=5, activity_id="a-3", type="Win", timestamp="2026-01-31T08:28:01Z"),
    ]
