"""A connection that blocks, and that can be left at any byte: the sockets under the three connectors."""

import contextlib
import socket
import struct
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, BinaryIO, ClassVar, NamedTuple

from ftcrm.contracts import Message
from ftcrm.contracts.errors import SendError
from ftcrm.contracts.messages import Connector, Header, declared_type_of
from ftcrm.strategies.live.addresses import Addresses

__all__ = ["Answer", "Connection", "Delivery", "delivered", "said_to"]

_DEADLINE_SECONDS = 10.0


class Delivery(NamedTuple):
    """One message on its way; its `token` travels beside it and tells it from all others, however alike they are."""

    token: str
    message: Message


def delivered(message: Message, connector: Connector) -> Message:
    """The message as a server reads it that gets it over this connector; over its own, its headers go with it.

    What a connection cannot carry is left out: REST's headers, header names that are not UTF-8. RabbitMQ has no header
    twice, and none is what Python prints of it.
    """
    declared = declared_type_of(message)
    if connector == "rest":
        return Message("rest", message.raw, "BONUS" if declared == "BONUS" else "CASINO")
    if connector != message.connector:
        named: tuple[Header, ...] = () if declared is None else (("type", declared.encode("utf-8", "surrogateescape")),)
        return (
            Message("kafka", message.raw, headers=named)
            if connector == "kafka"
            else Message(connector, message.raw, declared)
        )
    headers = tuple((name, value) for name, value in message.headers if _is_text(name))
    if connector == "rabbitmq":
        headers = tuple((name, repr(None) if value is None else value) for name, value in dict(headers).items())
    return Message(connector, message.raw, message.type_property, headers)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


class Answer(NamedTuple):
    """What REST says of a delivery; the brokers' acknowledgements say nothing."""

    status: int
    body: Any


class Connection(ABC):
    """One socket to a connector, opened for one run.

    Raises, here and in every method:
        SendError: the server cannot be reached, hangs up, refuses, or does not answer in time.
    """

    connector: ClassVar[Connector]

    def __init__(self, addresses: Addresses, run: str) -> None:
        self.run = run
        self._where = "{}:{}".format(*addresses.at[self.connector])
        try:
            self._socket = socket.create_connection(addresses.at[self.connector], timeout=_DEADLINE_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise SendError(f"{self.connector} at {self._where}: expected to connect, got {error!r}") from error
        self._incoming: BinaryIO = self._socket.makefile("rb")

    @abstractmethod
    def encoded(self, deliveries: Sequence[Delivery]) -> bytes:
        """The bytes that publish these."""

    @abstractmethod
    def answers(self, count: int) -> list[Answer]:
        """Wait until so many deliveries are acknowledged; what REST says of each."""

    def publish(self, deliveries: Sequence[Delivery]) -> list[Answer]:
        """Send them at once and wait until all are acknowledged."""
        self.write(self.encoded(deliveries))
        return self.answers(len(deliveries))

    def write(self, data: bytes) -> None:
        """Send these bytes."""
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise self.failure("to be read from", repr(error)) from error

    def read(self, size: int) -> bytes:
        """Exactly so many bytes."""
        try:
            data = self._incoming.read(size)
        except OSError as error:
            raise self.failure("an answer", repr(error)) from error
        if len(data) < size:
            raise self.failure("an answer", "the end of the connection")
        return data

    def drain(self) -> bytes:
        """Say that nothing more will come, and give all that the server says until it hangs up."""
        try:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_WR)
            return self._incoming.read()
        except ConnectionError:
            return b""
        except TimeoutError as error:
            raise self.failure("the server to hang up", repr(error)) from error
        finally:
            self.close()

    def close(self) -> None:
        """Hang up, with no word of the protocol's; a second time nothing happens."""
        self._incoming.close()
        self._socket.close()

    def abort(self) -> None:
        """Hang up so that the peer sees a reset, and may not see what was sent before."""
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def leave(self) -> None:
        """Disconnect as the protocol has it."""
        self.drain()

    def failure(self, expected: str, got: str) -> SendError:
        """What to raise; it names the connector."""
        return SendError(f"{self.connector} at {self._where}: expected {expected}, got {got}")


def said_to(addresses: Addresses, connector: Connector, data: bytes) -> None:
    """Send these bytes to the connector's port, and nothing more, and wait until it hangs up.

    Raises:
        SendError: it cannot be reached, or does not hang up.
    """
    where = "{}:{}".format(*addresses.at[connector])
    try:
        bare = socket.create_connection(addresses.at[connector], timeout=_DEADLINE_SECONDS)
        with bare, contextlib.suppress(ConnectionError):
            bare.sendall(data)
            bare.shutdown(socket.SHUT_WR)
            while bare.recv(65_536):
                pass
    except OSError as error:
        raise SendError(f"{connector} at {where}: expected it to hang up on {data[:40]!r}, got {error!r}") from error
