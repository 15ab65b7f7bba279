"""The RabbitMQ connector: a shell around the AMQP 0-9-1 machine."""

import asyncio
from typing import Any

from ftcrm.contracts import Message
from ftcrm.mockserver.intake import Delivery, Intake, Parcel, Receipt
from ftcrm.mockserver.listeners.stream import StreamShell
from ftcrm.mockserver.protocol_errors import ProtocolErrors
from ftcrm.mockserver.protocols.amqp import (
    Closed,
    Connection,
    Event,
    Limits,
    Opened,
    ProtocolError,
    Published,
    json_properties,
)
from ftcrm.mockserver.transport import name_or_base64, run_of_vhost

__all__ = ["AmqpListener"]

_FORCED = 320
_HANDSHAKE_SECONDS = 10.0


class AmqpListener:
    """Makes a shell for each connection, and ends them."""

    def __init__(self, intake: Intake, errors: ProtocolErrors, *, version: str, max_body: int) -> None:
        self._intake = intake
        self._errors = errors
        self._version = version
        self._limits = Limits(max_body=max_body)
        self._shells: set[StreamShell[Connection]] = set()

    def connect(self) -> asyncio.Protocol:
        """The protocol of a new connection."""
        machine = Connection(limits=self._limits, server_version=self._version)
        return _AmqpShell(machine, self._intake, self._shells, self._errors)

    def close(self) -> None:
        """Tell every client that the server leaves, and cut who does not answer."""
        for shell in list(self._shells):
            shell.leave()

    def abort(self) -> None:
        """Cut every connection."""
        for shell in list(self._shells):
            shell.abort()


class _AmqpShell(StreamShell[Connection]):
    def __init__(
        self, machine: Connection, intake: Intake, shells: set[StreamShell[Connection]], errors: ProtocolErrors
    ) -> None:
        super().__init__(machine, intake, shells)
        self._errors = errors
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._vhost = "/"
        self._user = ""
        self._is_heard = self._is_reported = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected: it has as long for its handshake as RabbitMQ gives."""
        super().connection_made(transport)
        self._patience = self._loop.call_later(_HANDSHAKE_SECONDS, self.abort)

    def feed(self, data: bytes) -> None:
        self._is_heard = True
        self._handle(self.machine.receive(data, self._loop.time()))
        self._set_timer()

    def ended(self) -> None:
        for timer in (self._timer, self._patience):
            if timer is not None:
                timer.cancel()
        self._timer = None
        self._handle(self.machine.eof())

    def leave(self) -> None:
        """Say that the server leaves; a transaction that this ends is handed over, to be journaled as aborted."""
        self.machine.close(_FORCED, "CONNECTION_FORCED - the stand-in is shutting down")
        self._tick()

    def _tick(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._held or self._unread:
            # We are not reading, so that the peer's silence is ours.
            self._handle(self.machine.receive(b"", self._loop.time()))
        self._handle(self.machine.tick(self._loop.time()))
        self.flush()
        self._set_timer()

    def _set_timer(self) -> None:
        due = self.machine.next_tick
        if due is None or self._transport is None:
            return
        if self._timer is not None:
            if self._timer.when() <= due:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(due, self._tick)

    def _handle(self, events: list[Event]) -> None:
        published: list[Published] = []
        for event in events:
            match event:
                case Published():
                    published.append(event)
                case Opened(user=user, vhost=vhost):
                    self._user, self._vhost = user, vhost
                    if self._patience is not None:
                        self._patience.cancel()
                case ProtocolError(reason=reason, sample=sample):
                    self._is_reported = True
                    self._errors.add("rabbitmq", reason, sample)
                case Closed(code=0, text=text) if self._is_heard and not self._is_reported:
                    # What was cut off within a frame or a message ends like this too.
                    self._errors.add("rabbitmq", text)
                case Closed():
                    pass
        if published:
            tokens = [event.token for event in published]
            deliveries = [self._delivery(event) for event in published]
            self._intake.take(Parcel(lambda receipt: self._settle(tokens, receipt), deliveries))

    def _settle(self, tokens: list[int], receipt: Receipt) -> None:
        self.machine.settle(tokens, ok=receipt.error is None)
        self.flush()
        self._set_timer()

    def _delivery(self, event: Published) -> Delivery:
        properties = json_properties(event.properties)
        transport: dict[str, Any] = {
            "vhost": name_or_base64(self._vhost),
            "user": name_or_base64(self._user),
            "channel": event.channel,
            "exchange": name_or_base64(event.exchange),
            "routing_key": name_or_base64(event.routing_key),
            "mandatory": event.mandatory,
            "immediate": event.immediate,
            "redelivered": False,
            "properties": properties,
        }
        if event.truncated:
            transport |= {"truncated": True, "sha256": event.body_sha256}
        headers = event.properties.headers or {}
        message = Message(
            "rabbitmq",
            event.body,
            event.properties.type,
            tuple((name, value if isinstance(value, str | bytes) else repr(value)) for name, value in headers.items()),
            size=event.body_size if event.truncated else None,
        )
        # A broker that says that a message is too large has not taken it.
        refused = event.truncated and event.disposition == "accepted"
        return Delivery(message, transport, run_of_vhost(self._vhost), "refused" if refused else event.disposition)
