"""What the three senders have in common: what goes in, what comes out, and the order that both keep."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from typing import Any, ClassVar, NamedTuple

import msgspec

from ftcrm.contracts.messages import Header

__all__ = ["REFUSALS", "Outgoing", "Sender", "Sent"]

REFUSALS = frozenset({400, 409, 413, 415, 422})
"""Answers by which a target turns one event away; others say that it does not work, or does not let us in."""


class Outgoing(NamedTuple):
    """One message to send; without a `key`, Kafka's is the payload's `user_id`: a player's events stay in order.

    `headers` go out over RabbitMQ, whose table has each name once (the last of them), and over Kafka, where one named
    `type` stands in place of that of `message_type`.
    """

    message_type: str | None
    raw: bytes
    key: str | None = None
    headers: tuple[Header, ...] = ()


class Sent(msgspec.Struct, frozen=True):
    """What became of one message.

    `accepted` is an HTTP 200, a publisher confirm, or an acknowledged record. `status` and `body` (parsed when it is
    JSON) are those of an HTTP answer; `reason` says in one line why a message was refused.
    """

    accepted: bool
    reason: str | None = None
    status: int | None = None
    body: Any = None

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The findings that the answer names, of an accepted event or of a refused one."""
        answer = self.body if isinstance(self.body, dict) else {}
        error = answer.get("error")
        found = (error if isinstance(error, dict) else answer).get("findings")
        return [finding for finding in found if isinstance(finding, dict)] if isinstance(found, list) else []


class Sender(ABC):
    """A connection to one target; opened by `ftcrm.client.open_sender`.

    `in_flight` is how many messages `send_all` hands over before it waits for the answer to the first of them.
    """

    default_in_flight: ClassVar[int]

    def __init__(self, *, in_flight: int | None) -> None:
        self.in_flight = in_flight or self.default_in_flight

    async def send(self, message_type: str | None, raw: bytes, key: str | None = None) -> Sent:
        """Send one message and wait for what becomes of it.

        Raises:
            SendError: the target cannot be reached any more, or takes nothing at all.
        """
        return await (await self._submit(Outgoing(message_type, raw, key)))

    async def send_all(self, messages: Iterable[Outgoing]) -> AsyncGenerator[Sent]:
        """Send the messages in their order, and yield in the same order what becomes of each.

        Raises:
            SendError: as in `send`; what was in flight by then may have arrived.
            Exception: what `messages` raises, when everything before it is answered.
        """
        pending: deque[asyncio.Future[Sent]] = deque()
        source = iter(messages)
        failure: Exception | None = None
        try:
            while True:
                try:
                    message = next(source, None)
                except Exception as error:  # the caller's: raised when what was handed over before is answered
                    failure, message = error, None
                if message is None:
                    break
                pending.append(await self._submit(message))
                while pending and (len(pending) >= self.in_flight or pending[0].done()):
                    yield await pending.popleft()
            while pending:
                yield await pending.popleft()
            if failure is not None:
                raise failure
        finally:
            for left in pending:
                left.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    @abstractmethod
    async def open(self) -> None:
        """Connect; SendError when the target cannot be reached."""

    @abstractmethod
    async def close(self) -> None:
        """Disconnect."""

    @abstractmethod
    async def _submit(self, message: Outgoing) -> asyncio.Future[Sent]:
        """Hand one message over, behind all that were handed over before; its answer comes later."""
