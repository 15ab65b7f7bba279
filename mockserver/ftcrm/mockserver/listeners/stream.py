"""What the AMQP and the Kafka listener share: a socket around a sans-IO machine."""

import asyncio
from abc import abstractmethod
from typing import Generic, Protocol, TypeVar, cast

from ftcrm.mockserver.intake import Intake

__all__ = ["Machine", "StreamShell"]


class Machine(Protocol):
    """What a shell needs of a machine to write for it."""

    @property
    def closed(self) -> bool:
        """Whether the socket is to be closed once everything is written."""

    def data_to_send(self) -> bytes:
        """What is to be written, once."""


M = TypeVar("M", bound=Machine)


class StreamShell(asyncio.Protocol, Generic[M]):
    """Reads bytes for a machine and writes its answers.

    Reading stops while the intake is congested and while the peer does not take what is written.
    """

    def __init__(self, machine: M, intake: Intake, shells: set["StreamShell[M]"]) -> None:
        self.machine = machine
        self._intake = intake
        self._shells = shells
        self._transport: asyncio.Transport | None = None
        self._held = False
        self._unread = False

    @abstractmethod
    def feed(self, data: bytes) -> None:
        """Bytes came."""

    @abstractmethod
    def ended(self) -> None:
        """The connection is gone."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected."""
        # uvloop's transports are none of asyncio's classes, though they do the same.
        self._transport = cast(asyncio.Transport, transport)
        self._shells.add(self)

    def data_received(self, data: bytes) -> None:
        """Feed the machine, and hold the peer back when there is too much."""
        self.feed(data)
        self.flush()
        if self._intake.congested and not self._held:
            self._held = True
            self._pace()
            self._intake.wait(self._let_on)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone, whichever way."""
        self._transport = None
        self._shells.discard(self)
        self.ended()

    def pause_writing(self) -> None:
        """The peer does not take our answers: read no further questions."""
        self._unread = True
        self._pace()

    def resume_writing(self) -> None:
        """The peer takes our answers again."""
        self._unread = False
        self._pace()

    def flush(self) -> None:
        """Write what the machine has to say."""
        data = self.machine.data_to_send()
        if self._transport is not None:
            if data:
                self._transport.write(data)
            if self.machine.closed:
                self._transport.close()

    def leave(self) -> None:
        """The server leaves: said to the peer where its protocol has words for it."""
        self.abort()

    def abort(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()

    def _let_on(self) -> None:
        self._held = False
        self._pace()

    def _pace(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._held or self._unread:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()
