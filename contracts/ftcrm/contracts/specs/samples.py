"""The events of the specifications' examples: those of examples/scenario-a.jsonl and scenario-b.jsonl, line by line.

A test holds them against these files, which no wheel carries.
"""

from typing import Any

__all__ = ["BONUS_SAMPLES", "CASINO_SAMPLES", "Sample"]

Sample = tuple[str, dict[str, Any]]

_GAME = {
    "game_id": "10911",
    "game_name": "Dead or Alive",
    "game_type": "Slots",
    "vendor_id": "1",
    "vendor_name": "Netent",
}
_MONEY = {"currency": "EUR", "exchange_rate": 1}


def _casino(activity_id: str, type: str, *, round_id: str, bonus: str, at: str, real: float, bonus_money: float) -> Any:  # noqa: A002 - the property is called type
    return {
        "activity_id": activity_id,
        "type": type,
        "status": "Approved",
        "round_id": round_id,
        "user_id": "52530",
        "user_bonus_id": bonus,
        "timestamp": at,
        "amount": real + bonus_money,
        "wager_amount": real,
        "bonus_wager_amount": bonus_money,
        "locked_wager_amount": 0,
        **_MONEY,
        **_GAME,
        "origin": "sub.example.com",
        "is_round_end": type == "Win",
    }


def _bonus(status: str, *, at: str, turned_real: float) -> Any:
    return {
        "user_bonus_id": "ABCD",
        "bonus_id": "9821",
        "status": status,
        "type": "WelcomeBonus",
        "product": "Casino",
        "user_id": "52530",
        "timestamp": at,
        "amount": 10.3,
        **_MONEY,
        "origin": "sub.example.com",
        "required_wagering_amount": 412.3,
        "locked_amount": 0,
        "bonus_turned_real": turned_real,
    }


CASINO_SAMPLES: dict[str, Sample] = {
    "scenario-a-bet": (
        "Scenario A: the Bet",
        _casino("A-1", "Bet", round_id="12345", bonus="", at="2026-03-02T08:27:58.721607Z", real=20, bonus_money=0)
        | {"balance_before": 194.03, "balance_after": 174.03},
    ),
    "scenario-a-win": (
        "Scenario A: its Win",
        _casino("A-2", "Win", round_id="12345", bonus="", at="2026-03-02T08:28:01.104332Z", real=5, bonus_money=0)
        | {"balance_before": 174.03, "balance_after": 179.03},
    ),
    "scenario-b-bet": (
        "Scenario B: a Bet that carries the bonus",
        _casino("B-1", "Bet", round_id="12346", bonus="ABCD", at="2026-03-02T09:01:10.250000Z", real=0, bonus_money=2),
    ),
    "scenario-b-win": (
        "Scenario B: its Win",
        _casino(
            "B-2", "Win", round_id="12346", bonus="ABCD", at="2026-03-02T09:01:14.900000Z", real=0, bonus_money=3.5
        ),
    ),
}
"""Name -> summary and payload."""

BONUS_SAMPLES: dict[str, Sample] = {
    "scenario-b-created": (
        "Scenario B: the bonus is Created",
        _bonus("Created", at="2026-03-02T09:00:00Z", turned_real=0),
    ),
    "scenario-b-closure": (
        "Scenario B: its closure",
        _bonus("Completed", at="2026-03-02T09:30:00Z", turned_real=11.8),
    ),
}
