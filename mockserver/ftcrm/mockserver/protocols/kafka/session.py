"""One connection's conversation: the requests in the order they came, each with the place of its response.

Kafka answers the requests of a connection in order, so a response that waits for a commit holds those behind it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import Enum

from ftcrm.mockserver.protocols.kafka.broker import Broker
from ftcrm.mockserver.protocols.kafka.codec import Message, encode_response
from ftcrm.mockserver.protocols.kafka.errors import ErrorCode, SettleError
from ftcrm.mockserver.protocols.kafka.events import Closed, Event, ProtocolError
from ftcrm.mockserver.protocols.kafka.schemas import BY_KEY, ApiKey


class Sasl(Enum):
    """How far authentication has come. RAW: a version 0 handshake was answered, the next frame is a bare token."""

    NONE = "none"
    HANDSHAKEN = "handshaken"
    RAW = "raw"


class Session:
    """The state of one connection, apart from its frames; ``wake`` is called whenever there are new bytes to send."""

    def __init__(self, broker: Broker, *, host: str, port: int, wake: Callable[[], None]) -> None:
        self.broker = broker
        self.host = host
        self.port = port
        self.sasl = Sasl.NONE
        self.sasl_began = False
        self.user: str | None = None
        self.closed = False
        self.now_ms = 0
        self.events: list[Event] = []
        self._wake = wake
        self._exchanges: deque[Exchange] = deque()
        self._out = bytearray()
        self._tokens: dict[int, Callable[[int], None]] = {}
        self._next_token = 1

    def begin(self, key: ApiKey, version: int, correlation_id: int, client_id: str | None) -> Exchange:
        """Return the exchange of a new request; its response comes after all of those before it."""
        exchange = Exchange(self, key, version, correlation_id, client_id)
        self._exchanges.append(exchange)
        return exchange

    def hold(self, settle: Callable[[int], None]) -> int:
        """Return the token of something to be committed; ``settle`` is called with 0 or an error code."""
        token = self._next_token
        self._next_token += 1
        self._tokens[token] = settle
        return token

    def settle(self, token: int, error: int) -> None:
        """Settle what was held; raises SettleError for a token that is not open."""
        settle = self._tokens.pop(token, None)
        if settle is None:
            raise SettleError(
                f"expected a token of this connection that is not settled yet ({sorted(self._tokens)[:5]} ...), "
                f"got {token!r}: settle each Produced and TransactionEnded once"
            )
        settle(error)

    def flush(self) -> None:
        """Move the responses that are ready, up to the first that is not, to the bytes to send."""
        exchanges = self._exchanges
        grown = False
        while exchanges and (response := exchanges[0].response) is not None:
            exchanges.popleft()
            if response and not self.closed:
                self._out += response
                grown = True
        if grown:
            self._wake()

    def take_output(self) -> bytes:
        """Return the bytes to send, once."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def send_now(self, data: bytes) -> None:
        """Send bytes that are no response: only SASL's bare tokens are answered so, in turn like everything else."""
        self.begin(ApiKey.SASL_AUTHENTICATE, 0, 0, None).send(data)

    def close(self) -> None:
        """Read and answer nothing more; what was answered before is still sent."""
        if not self.closed:
            self.closed = True
            self.events.append(Closed())
            self._wake()

    def report(self, reason: str, sample: bytes = b"") -> None:
        """Report what is not understood; the sample is shown and kept, so it must hold no secret."""
        self.events.append(ProtocolError(reason, sample[:SAMPLE]))

    def fail(self, reason: str, sample: bytes = b"") -> None:
        """Report what is not understood, and close."""
        self.report(reason, sample)
        self.close()

    def sample_of(self, framed: bytes | bytearray) -> bytes:
        """As much of what begins with a frame's length as cannot be part of a password.

        That is nothing behind the length of a bare token, nothing behind the API key and version of what is no request
        (a token that came without its handshake; the rest of one whose length was wrong), and the header alone where
        SASL is or was spoken.
        """
        sample = bytes(framed[:SAMPLE])
        api = BY_KEY.get(int.from_bytes(sample[4:6], "big", signed=True))
        if self.sasl is Sasl.RAW or (api is None and self.sasl_began):
            return sample[:_LENGTH_SIZE]
        if api is None:
            return sample[:_VERSION_END]
        if self.sasl_began or api.key in SASL_KEYS:
            return sample[:_CORRELATION_END]
        return sample


SAMPLE = 64
SASL_KEYS = frozenset({ApiKey.SASL_HANDSHAKE, ApiKey.SASL_AUTHENTICATE})
_LENGTH_SIZE, _VERSION_END, _CORRELATION_END = 4, 8, 12


class Exchange:
    """A request and the place of its response."""

    __slots__ = ("_session", "client_id", "correlation_id", "key", "response", "version")

    def __init__(self, session: Session, key: ApiKey, version: int, correlation_id: int, client_id: str | None) -> None:
        self._session = session
        self.key = key
        self.version = version
        self.correlation_id = correlation_id
        self.client_id = client_id
        self.response: bytes | None = None

    def answer(self, message: Message, *, version: int | None = None) -> None:
        """Give the response; it is sent when its turn comes."""
        self.send(encode_response(self.key, self.version if version is None else version, self.correlation_id, message))

    def answer_error(self, error: ErrorCode | int, **fields: object) -> None:
        """Give a response that has an ``error_code`` at its top."""
        self.answer({"error_code": int(error), **fields})

    def send(self, response: bytes) -> None:
        """Give the response as bytes; none for a request that has no response."""
        self.response = response
        self._session.flush()
