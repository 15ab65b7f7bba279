"""The publishes of a tx channel that wait for tx.commit: AMQP 0-9-1, section 1.9 of the generated specification."""

from typing import Final

from .events import Published
from .session import Session

_COST_OF_A_MESSAGE: Final = 512
"""What a buffered message costs beyond its header and body: else empty messages could be buffered without end."""


class Transaction:
    """Messages in the order they were published, each with its content header; tokens are given when they leave."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._messages: list[tuple[Published, bytes]] = []
        self._reserved = 0

    def add(self, message: Published, header: bytes) -> None:
        """Keep a message until the transaction ends, even when this raises: then it is journaled as aborted.

        Raises:
            PeerError: 506 when the connection keeps too much.
        """
        self._messages.append((message, header))
        cost = _COST_OF_A_MESSAGE + len(header) + len(message.body)
        self._session.reserve(cost)
        self._reserved += cost

    def take(self) -> list[tuple[Published, bytes]]:
        """End the transaction and begin the next one."""
        messages, self._messages = self._messages, []
        self._session.buffered -= self._reserved
        self._reserved = 0
        return messages
