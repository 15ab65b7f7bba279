"""One history tried on a target, with ids that it has not seen; and whether the target is still there afterwards."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ftcrm.contracts import Message
from ftcrm.contracts.errors import EngineError, SendError
from ftcrm.strategies.documents import payload_of
from ftcrm.strategies.fuzzing.namespaces import Namespace
from ftcrm.strategies.fuzzing.outcomes import Target
from ftcrm.strategies.tables import CURRENCIES, GAMES, USERS, User

__all__ = ["innocent", "replay"]

_ACTS = (("Bet", "2026-03-02T08:00:00Z"), ("Win", "2026-03-02T08:00:01Z"))


def replay(target: Target, messages: Sequence[Message], *, users: Sequence[User] = USERS) -> tuple[str, ...]:
    """Where the target differs over these messages, tried once, with ids that it has not seen.

    That it breaks on them is a difference, too, if it then answers an innocent history, which the first of `users`
    plays.

    Raises:
        EngineError, SendError: it broke, and takes nothing any more; or it cannot be reached.
    """
    try:
        return _tried(target, messages)
    except (EngineError, SendError) as error:
        if not _is_alive(target, users[0]):
            raise
        return (str(error),)


def innocent(user: User) -> list[Message]:
    """A Bet and its Win, as the contract has them; which connector they come through is the target's to say."""
    return [
        Message("rest", payload_of(_document(user, number, *act)), "CASINO")
        for number, act in enumerate(_ACTS, start=1)
    ]


def _tried(target: Target, messages: Sequence[Message]) -> tuple[str, ...]:
    namespace = Namespace.fresh()
    try:
        return tuple(map(namespace.without, target.differences(namespace.within(messages))))
    except (EngineError, SendError) as error:
        raise type(error)(namespace.without(str(error))) from error


def _is_alive(target: Target, user: User) -> bool:
    """Whether it answers an innocent history, whatever it makes of that."""
    try:
        _tried(target, innocent(user))
    except (EngineError, SendError):
        return False
    return True


def _document(user: User, number: int, kind: str, timestamp: str) -> dict[str, Any]:
    currency = CURRENCIES[0]
    return {
        "activity_id": f"a{number}",
        "type": kind,
        "status": "Approved",
        "amount": Decimal(number),
        "wager_amount": Decimal(number),
        "currency": currency.code,
        "exchange_rate": currency.rate,
        **user._asdict(),
        "round_id": "r1",
        "user_bonus_id": "",
        **GAMES[0]._asdict(),
        "timestamp": timestamp,
    }
