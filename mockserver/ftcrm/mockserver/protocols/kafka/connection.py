"""One client's connection as a machine: bytes in, events out, bytes out."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

from ftcrm.mockserver.protocols.kafka import (
    handlers_cluster,
    handlers_produce,
    handlers_sasl,
    handlers_transactions,
)
from ftcrm.mockserver.protocols.kafka.broker import Broker
from ftcrm.mockserver.protocols.kafka.codec import Message, RequestHeader, decode_request, read_header
from ftcrm.mockserver.protocols.kafka.errors import MalformedError
from ftcrm.mockserver.protocols.kafka.events import Event
from ftcrm.mockserver.protocols.kafka.schemas import BY_KEY, ApiKey
from ftcrm.mockserver.protocols.kafka.session import SAMPLE, SASL_KEYS, Exchange, Sasl, Session


class Connection:
    """The server's side of one connection. ``advertised`` is the host and port that clients are told to connect to.

    Feed ``receive`` what was read, write what ``data_to_send`` returns, and stop when ``closed``: after writing the
    rest. Nothing that a client sends raises.
    """

    def __init__(self, broker: Broker, *, advertised: tuple[str, int]) -> None:
        self._broker = broker
        self._session = Session(broker, host=advertised[0], port=advertised[1], wake=self._wake)
        self._buffer = bytearray()
        self._greeted = False

    @property
    def closed(self) -> bool:
        """Whether nothing more is read or answered."""
        return self._session.closed

    def receive(self, data: bytes, now_ms: int = 0) -> list[Event]:
        """Take bytes as they came and return what they mean; ``now_ms`` (since 1970) is put into Produced."""
        session = self._session
        session.now_ms = now_ms
        buffer = self._buffer
        buffer += data
        at = 0
        while len(buffer) - at >= _LENGTH.size and not session.closed:
            (length,) = _LENGTH.unpack_from(buffer, at)
            if reason := self._foreign(buffer, at):
                session.fail(reason, bytes(buffer[at : at + SAMPLE]))
                break
            if not 0 < length <= self._broker.limits.max_frame:
                # What follows may be another request, whatever that holds.
                reason = f"expected a frame of 1 to {self._broker.limits.max_frame} bytes, got a length of {length}"
                session.fail(reason, session.sample_of(buffer[at : at + _HEADER_SIZE]))
                break
            start = at + _LENGTH.size
            if len(buffer) - start < length:
                break
            at = start + length
            self._greeted = True
            with memoryview(buffer) as view:
                frame = bytes(view[start:at])
            self._handle(frame)
        if session.closed:
            buffer.clear()
        else:
            del buffer[:at]
        self._broker.woken.clear()
        return self._take_events()

    def data_to_send(self) -> bytes:
        """Return what is to be written, once."""
        return self._session.take_output()

    def settle(self, token: int, *, error: int = 0) -> list[Connection]:
        """Say that an event was committed, or refused with a Kafka error code (56 is KAFKA_STORAGE_ERROR).

        Returns the other connections that now have something to send: those on which a retry waited for this event.
        Look at ``closed`` afterwards: a refusal is told to a client that wants no response (acks 0) by closing.
        May be called after the connection is closed. Raises SettleError for a token that is not open.
        """
        self._broker.woken.clear()
        self._session.settle(token, error)
        others = dict.fromkeys(other for other in self._broker.woken if other is not self)
        self._broker.woken.clear()
        return list(others)

    def eof(self) -> list[Event]:
        """Say that the client has closed; tokens still open are to be settled all the same."""
        session = self._session
        if self._buffer and not session.closed:
            session.fail(
                f"expected the rest of a frame, the connection ended after {len(self._buffer)} bytes of it",
                session.sample_of(self._buffer),
            )
        session.close()
        self._buffer.clear()
        return self._take_events()

    def _wake(self) -> None:
        self._broker.woken.append(self)

    def _take_events(self) -> list[Event]:
        events, self._session.events = self._session.events, []
        return events

    def _foreign(self, buffer: bytearray, at: int) -> str | None:
        if not self._greeted:
            for start, name in _FOREIGN.items():
                if buffer.startswith(start, at):
                    return f"expected a Kafka request, got what looks like {name}: is the client set to the right port?"
        return None

    def _handle(self, frame: bytes) -> None:
        session = self._session
        if session.sasl is Sasl.RAW:
            handlers_sasl.raw_token(session, frame)
            return
        try:
            self._dispatch(frame, read_header(frame))
        except MalformedError as fault:
            session.fail(str(fault), session.sample_of(_LENGTH.pack(len(frame)) + frame[:SAMPLE]))

    def _dispatch(self, frame: bytes, header: RequestHeader) -> None:
        session = self._session
        api = BY_KEY.get(header.api_key)
        if api is None:
            raise MalformedError(
                f"expected one of the APIs {sorted(BY_KEY)}, got API key {header.api_key} version {header.api_version}"
            )
        if self._broker.authenticate is not None and session.user is None and api.key not in _OPEN:
            raise MalformedError(f"expected SASL authentication before {api.name} (client id {header.client_id!r})")
        if header.api_version not in api.versions:
            if api.key is not ApiKey.API_VERSIONS:
                low, high = api.versions
                raise MalformedError(
                    f"expected {api.name} in versions {low} to {high}, got version {header.api_version}"
                )
            exchange = session.begin(api.key, 0, header.correlation_id, header.client_id)
            handlers_cluster.unsupported_api_versions(exchange)
            return
        session.sasl_began = session.sasl_began or api.key in SASL_KEYS
        request = decode_request(api.key, header.api_version, frame, header.body_at)
        exchange = session.begin(api.key, header.api_version, header.correlation_id, header.client_id)
        _HANDLERS[api.key](session, exchange, request)


_LENGTH: Final = struct.Struct(">i")
_HEADER_SIZE: Final = 12
"""A frame's length and what is of fixed size in the header of its request."""

_FOREIGN: Final = {
    b"\x16\x03": "a TLS handshake (this listener speaks plaintext)",
    b"AMQP": "an AMQP protocol header",
    b"PRI ": "HTTP/2",
    **dict.fromkeys([b"GET ", b"POST", b"PUT ", b"HEAD", b"DELE", b"OPTI", b"PATC", b"CONN", b"TRAC"], "HTTP"),
}
"""First bytes that cannot be a frame's length: as one they would be hundreds of megabytes."""

_OPEN: Final = frozenset({ApiKey.API_VERSIONS, ApiKey.SASL_HANDSHAKE, ApiKey.SASL_AUTHENTICATE})

_HANDLERS: Final[dict[ApiKey, Callable[[Session, Exchange, Message], None]]] = {
    ApiKey.PRODUCE: handlers_produce.produce,
    ApiKey.FETCH: handlers_cluster.fetch,
    ApiKey.LIST_OFFSETS: handlers_cluster.list_offsets,
    ApiKey.METADATA: handlers_cluster.metadata,
    ApiKey.FIND_COORDINATOR: handlers_cluster.find_coordinator,
    ApiKey.SASL_HANDSHAKE: handlers_sasl.handshake,
    ApiKey.API_VERSIONS: handlers_cluster.api_versions,
    ApiKey.CREATE_TOPICS: handlers_cluster.create_topics,
    ApiKey.INIT_PRODUCER_ID: handlers_transactions.init_producer_id,
    ApiKey.ADD_PARTITIONS_TO_TXN: handlers_transactions.add_partitions,
    ApiKey.END_TXN: handlers_transactions.end_transaction,
    ApiKey.SASL_AUTHENTICATE: handlers_sasl.authenticate,
}
