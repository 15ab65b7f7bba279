"""The links of the admin API: which operation shows more of what an answer names, as OpenAPI's Link Objects."""

from typing import Any

__all__ = ["LINKS"]

_BODY = "$response.body#"


def _link(operation: str, description: str, **pointers: str) -> dict[str, Any]:
    return {
        "operationId": operation,
        "description": description,
        "parameters": {name: f"{_BODY}{pointer}" for name, pointer in pointers.items()},
    }


def _event(pointer: str) -> dict[str, Any]:
    return _link("getEvent", "The delivery.", seq=pointer)


def _of(operation: str, description: str, place: str, *names: str) -> dict[str, Any]:
    return _link(operation, description, **{name: f"{place}/{name}" for name in names})


def _player(place: str) -> dict[str, Any]:
    return _of("getPlayer", "The player.", place, "run", "origin", "user_id")


def _round(place: str) -> dict[str, Any]:
    return _of("getRound", "The round.", place, "run", "origin", "user_id", "round_id")


LINKS: dict[str, dict[str, Any]] = {
    "listEvents": {"event": _event("/events/0/seq")},
    "getEvent": {
        "round": _link(
            "getRound",
            "The round of a casino event.",
            run="/run",
            origin="/event/origin",
            user_id="/event/user_id",
            round_id="/event/round_id",
        ),
    },
    "listRounds": {
        "round": _round("/rounds/0"),
        "event": _event("/rounds/0/seqs/0"),
        "player": _player("/rounds/0"),
    },
    "getRound": {"event": _event("/seqs/0"), "player": _player("")},
    "listSessions": {"event": _event("/sessions/0/seqs/0"), "player": _player("/sessions/0")},
    "listPlayers": {"player": _player("/players/0")},
    "getPlayer": {
        "rounds": _of("listRounds", "The player's rounds.", "", "run", "origin", "user_id"),
        "sessions": _of("listSessions", "The player's sessions.", "", "run", "origin", "user_id"),
        "bonuses": _of("listBonuses", "The player's bonuses.", "", "run", "origin", "user_id"),
    },
    "listBonuses": {
        "bonus": _of("getBonus", "The bonus.", "/bonuses/0", "run", "origin", "user_id", "user_bonus_id"),
        "player": _player("/bonuses/0"),
    },
    "getBonus": {"event": _event("/seqs/0"), "player": _player("")},
    "listQuestions": {"round": _round("/questions/0")},
    "listFindings": {"event": _event("/findings/0/witness/0")},
}
"""By the name of the operation whose answer names something."""
