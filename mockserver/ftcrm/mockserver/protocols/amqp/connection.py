"""The server's side of one AMQP 0-9-1 connection, without input or output: bytes in, events out, bytes out.

What a connection does with a method on channel 0 is in `TRANSITIONS`, by its state; what is not there is a fault.

Nothing is said to be done before it is: replies wait until the publishes before them are settled, connection.close-ok
until the publishes of all channels are.
"""

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Any, Final

from . import handshake, methods
from .channel import Channel
from .errors import PeerError, ReplyCode
from .events import Closed, Event, Opened, ProtocolError
from .frames import (
    BODY,
    CLOSE_OK_FRAME,
    HEADER,
    HEARTBEAT,
    HEARTBEAT_FRAME,
    METHOD,
    PROTOCOL_HEADER,
    FrameSplitter,
    frame,
    method_frame,
)
from .methods import Method
from .outbox import Outbox
from .session import Limits, Session
from .topology import Topology

CLOSE_PATIENCE: Final = 10.0
"""Seconds that a peer has to answer connection.close before the connection counts as closed."""

SAMPLE_SIZE: Final = 64


class ConnectionState(Enum):
    """Where a connection is; the client speaks first."""

    EXPECT_HEADER = auto()
    EXPECT_START_OK = auto()
    EXPECT_TUNE_OK = auto()
    EXPECT_OPEN = auto()
    OPEN = auto()
    CLOSING = auto()
    """We have closed, the peer's close-ok is awaited and everything else is discarded."""
    ENDING = auto()
    """The peer has closed; our close-ok waits for publishes to be settled."""
    CLOSED = auto()


class Connection:
    """One connection.

    The shell hands received bytes to `receive`, commits what was `Published`, tells `settle`, and sends `data_to_send`.
    It calls `tick` when `next_tick` has come, `eof` when the peer is gone (always: it ends open transactions), and
    closes the socket when `closed` is true after sending. A shell that has stopped reading calls `receive(b"", now)`
    from time to time, so that its own silence is not taken for the peer's. `now` is any clock in seconds that does not
    go back.

    Args:
        limits: what the connection may cost.
        authenticate: takes user and password and says whether they may log in; None lets everybody in.
        server_version: what connection.start tells the client.
        topology: the declared exchanges and queues of the server, for strict mode; None takes everything.
    """

    def __init__(
        self,
        *,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        authenticate: Callable[[str, str], bool] | None = None,
        server_version: str,
        topology: Topology | None = None,
    ) -> None:
        self._limits = limits
        self._authenticate = authenticate
        self._server_version = server_version
        self._topology = topology
        self._state = ConnectionState.EXPECT_HEADER
        self._session = Session(limits, limits.frame_max, limits.channel_max)
        self._splitter = FrameSplitter(limits.frame_max)
        self._opening = bytearray()
        self._is_framing_lost = False
        self._tail = b""
        self._user = self._mechanism = ""
        self._client_properties: dict[str, Any] = {}
        self._farewell = bytearray()
        self._reason: tuple[int, str] = (0, "")
        self._is_closed_told = False
        self._touched: dict[Outbox, None] = {}
        self._heartbeat = 0
        self._now = self._beat_at = self._heard_at = 0.0
        self._close_by: float | None = None

    @property
    def closed(self) -> bool:
        """Whether the socket is to be closed, once `data_to_send` has been sent."""
        return self._state is ConnectionState.CLOSED

    @property
    def next_tick(self) -> float | None:
        """When `tick` has something to do; None when nothing is due.

        It is due at once when `close` or `settle` ended a transaction: `tick` then gives what it held, as aborted.
        """
        if self._session.events:
            return self._now
        if self.closed:
            return None
        due = [] if self._close_by is None else [self._close_by]
        if self._heartbeat:
            due += [self._beat_at, self._heard_at + 2 * self._heartbeat]
        return min(due, default=None)

    def receive(self, data: bytes, now: float = 0.0) -> list[Event]:
        """Take bytes from the peer and give what they amount to; whatever the bytes are, nothing is raised."""
        self._now = self._heard_at = now
        if self._state is ConnectionState.EXPECT_HEADER:
            data = self._receive_opening(data)
        if self._state is not ConnectionState.CLOSED and self._state is not ConnectionState.ENDING:
            if self._is_framing_lost:
                self._search_close_ok(data)
            elif data:
                self._receive_frames(data)
        return self._drain()

    def data_to_send(self) -> bytes:
        """Give what is to be sent, and forget it."""
        self._flush_confirms()
        out = self._session.out
        data = bytes(out)
        out.clear()
        return data

    def settle(self, tokens: Sequence[int], *, ok: bool = True) -> None:
        """Note that these messages are committed, or could not be; unknown and settled tokens change nothing."""
        unsettled, touched = self._session.unsettled, self._touched
        for token in tokens:
            entry = unsettled.pop(token, None)
            if entry is None:
                continue
            channel, ordinal = entry
            outbox = channel.outbox
            touched[outbox] = None
            if not outbox.settle(ordinal, ok):
                self._refuse(channel, token)
        for outbox in touched:
            outbox.release()
        self._part()

    def tick(self, now: float) -> list[Event]:
        """Send a heartbeat when one is due, and give up a peer that is silent or does not answer connection.close."""
        self._now = now
        if self.closed:
            return self._drain()
        if self._close_by is not None and now >= self._close_by:
            self._end(*self._reason)
        elif self._heartbeat and now >= self._heard_at + 2 * self._heartbeat:
            self._end(
                0,
                f"nothing came from the client in {now - self._heard_at:g} s, heartbeats are every {self._heartbeat} s",
            )
        elif self._heartbeat and now >= self._beat_at:
            self._session.out += HEARTBEAT_FRAME
            self._beat_at = now + self._heartbeat / 2
        return self._drain()

    def eof(self) -> list[Event]:
        """Note that the peer has closed the socket."""
        if self._state is ConnectionState.EXPECT_HEADER and self._opening:
            self._report("the connection ended within the protocol header", bytes(self._opening))
        if self._state is ConnectionState.CLOSING:
            self._end(*self._reason)
        elif not self.closed:
            self._end(0, "the client closed the socket without connection.close")
        return self._drain()

    def close(self, code: int, text: str) -> None:
        """Leave, for a reason of the server's such as 320 and "CONNECTION_FORCED - shutdown"."""
        if self._state is ConnectionState.EXPECT_HEADER:
            self._end(code, text)
        elif self._state not in _PARTING:
            self._leave(code, text, (0, 0))

    def _receive_opening(self, data: bytes) -> bytes:
        """Take the protocol header; give what follows it."""
        self._opening += data
        opening = bytes(self._opening)
        size = len(PROTOCOL_HEADER)
        if len(opening) < size:
            return b""
        self._opening.clear()
        if not opening.startswith(PROTOCOL_HEADER):
            reason = f"expected the protocol header of AMQP 0-9-1, got {handshake.foreign_protocol(opening)}"
            # An HTTP request has a line that says which; of anything else what follows may hold a password.
            self._report(reason, opening if handshake.is_http(opening) else opening[:size])
            self._session.out += PROTOCOL_HEADER
            self._end(0, reason)
            return b""
        self._send(
            methods.CONNECTION_START,
            version_minor=9,
            server_properties=handshake.server_properties(self._server_version),
            mechanisms=handshake.MECHANISMS.encode("ascii"),
            locales=handshake.LOCALES.encode("ascii"),
        )
        self._state = ConnectionState.EXPECT_START_OK
        return opening[size:]

    def _receive_frames(self, data: bytes) -> None:
        channels = self._session.channels
        frames = self._splitter.split(data)
        while True:
            try:
                # The loop is inside: entering `try` once a frame would be paid by every publish three times.
                for kind, number, payload in frames:
                    channel = channels.get(number)
                    if channel is None:
                        self._receive_elsewhere(kind, number, payload)
                    elif kind == BODY:
                        channel.on_body(payload)
                    elif kind == HEADER:
                        channel.on_header(payload)
                    elif kind == METHOD:
                        channel.on_method(payload)
                    else:
                        raise _bad_kind(kind, number)
                return
            except PeerError as fault:
                if self._splitter.rest:
                    self._lose_framing(fault)
                    return
                self._fail(fault, kind, number, payload)

    def _receive_elsewhere(self, kind: int, number: int, payload: bytes) -> None:
        """Take a frame that is for no open channel."""
        if self._state in _PARTING:
            is_heard = self._state is ConnectionState.CLOSING and payload[:4] in _HEARD_WHILE_CLOSING
            if is_heard and number == 0 and kind == METHOD:
                self._on_method(payload)
            return
        if kind == HEARTBEAT and number == 0 and not payload:
            return
        if kind not in (METHOD, HEADER, BODY):
            raise _bad_kind(kind, number)
        if number == 0:
            if kind != METHOD:
                raise PeerError(ReplyCode.UNEXPECTED_FRAME, "channel 0 carries no content")
            self._on_method(payload)
        elif self._state is not ConnectionState.OPEN:
            raise PeerError(ReplyCode.COMMAND_INVALID, f"a frame on channel {number} came before connection.open")
        else:
            channel = Channel(number, self._session)
            take = {METHOD: channel.on_method, HEADER: channel.on_header, BODY: channel.on_body}[kind]
            take(payload)

    def _on_method(self, payload: bytes) -> None:
        method, arguments = methods.decode(payload)
        handler = TRANSITIONS.get((self._state, method))
        if handler is None:
            if method.class_id != methods.CONNECTION_START.class_id:
                raise PeerError(ReplyCode.CHANNEL_ERROR, f"'{method.name}' is not for channel 0")
            raise PeerError(
                ReplyCode.COMMAND_INVALID, f"unexpected '{method.name}' in connection state {self._state.name.lower()}"
            )
        handler(self, **arguments)

    def _fail(self, fault: PeerError, kind: int, number: int, payload: bytes) -> None:
        """Answer a fault that this frame brought about."""
        if self._state in _PARTING:
            return
        self._report(f"{int(fault.code)} {fault.text}", frame(kind, number, payload))
        ids = _ids_of(kind, payload)
        channel = self._session.channels.get(number)
        if channel is None or fault.ends_connection:
            self._leave(fault.code, fault.reply_text, ids)
        else:
            channel.fail(fault, ids)

    def _lose_framing(self, fault: PeerError) -> None:
        rest, self._splitter.rest = self._splitter.rest, b""
        if self._state not in _PARTING:
            self._report(f"{int(fault.code)} {fault.text}", rest)
            self._leave(fault.code, fault.reply_text, (0, 0))
        self._is_framing_lost = True
        self._search_close_ok(rest)

    def _search_close_ok(self, data: bytes) -> None:
        # Where frames begin is unknown, but the one frame that still matters is always the same twelve bytes.
        stretch = self._tail + data
        if CLOSE_OK_FRAME in stretch:
            self._on_close_ok()
        self._tail = stretch[-len(CLOSE_OK_FRAME) + 1 :]

    def _leave(self, code: int, text: str, ids: tuple[int, int]) -> None:
        """Send connection.close, once everything published so far is settled."""
        self._state = ConnectionState.CLOSING
        self._reason = (int(code), text)
        self._close_by = self._now + CLOSE_PATIENCE
        self._farewell += self._close_frame(code, text, ids)
        self._abandon_channels()
        self._part()

    def _end(self, code: int, text: str) -> None:
        """Be closed, whatever is unsettled."""
        self._state = ConnectionState.CLOSED
        self._abandon_channels()
        self._tell_closed(code, text)

    def _abandon_channels(self) -> None:
        channels = self._session.channels
        for channel in channels.values():
            channel.abandon()
        channels.clear()

    def _part(self) -> None:
        """Send what ends the connection, when nothing is unsettled."""
        if self._session.unsettled or not self._farewell:
            return
        self._flush_confirms()
        self._session.out += self._farewell
        self._farewell.clear()
        if self._state is ConnectionState.ENDING:
            self._state = ConnectionState.CLOSED

    def _refuse(self, channel: Channel, token: int) -> None:
        """Make the loss of a message heard that no confirm tells of."""
        fault = PeerError(ReplyCode.RESOURCE_ERROR, f"message {token} of this connection could not be journaled")
        if self._state is ConnectionState.OPEN:
            channel.fail_unsettled(fault)
        elif self._state is ConnectionState.ENDING and self._farewell == CLOSE_OK_FRAME:
            ids = (methods.BASIC_PUBLISH.class_id, methods.BASIC_PUBLISH.method_id)
            self._farewell[:0] = self._close_frame(fault.code, fault.reply_text, ids)

    def _flush_confirms(self) -> None:
        for outbox in self._touched:
            outbox.flush()
        self._touched.clear()

    def _report(self, reason: str, sample: bytes) -> None:
        # Samples are shown and kept: of a frame that can hold a password only its header and its method are. Where
        # framing is lost, such a frame may come behind the one that is at fault.
        sample = sample[:SAMPLE_SIZE]
        if self._state is ConnectionState.EXPECT_START_OK:
            sample = sample[: 11 if sample[:1] == _METHOD_TYPE else 7]
        for prefix in _SECRET:
            before, found, _ = sample.partition(prefix)
            sample = before + found
        self._session.events.append(ProtocolError(reason, sample))

    def _tell_closed(self, code: int, text: str) -> None:
        if not self._is_closed_told:
            self._is_closed_told = True
            self._session.events.append(Closed(code, text))

    def _drain(self) -> list[Event]:
        events = self._session.events
        self._session.events = []
        return events

    def _send(self, method: Method, /, **arguments: Any) -> None:
        self._session.out += method_frame(0, method, **arguments)

    def _close_frame(self, code: int, text: str, ids: tuple[int, int]) -> bytes:
        return method_frame(
            0, methods.CONNECTION_CLOSE, reply_code=code, reply_text=text, class_id=ids[0], method_id=ids[1]
        )

    def _on_start_ok(self, *, client_properties: dict[str, Any], mechanism: str, response: bytes, **_: object) -> None:
        user, password = handshake.credentials(mechanism, response)
        if self._authenticate is not None and not self._authenticate(user, password):
            raise PeerError(ReplyCode.ACCESS_REFUSED, f"Login was refused using authentication mechanism {mechanism}.")
        self._user, self._mechanism, self._client_properties = user, mechanism, client_properties
        limits = self._limits
        self._send(
            methods.CONNECTION_TUNE,
            channel_max=limits.channel_max,
            frame_max=limits.frame_max,
            heartbeat=limits.heartbeat,
        )
        self._state = ConnectionState.EXPECT_TUNE_OK

    def _on_tune_ok(self, *, channel_max: int, frame_max: int, heartbeat: int) -> None:
        handshake.require_tuned(self._limits, channel_max=channel_max, frame_max=frame_max)
        self._session.channel_max = channel_max
        self._session.frame_max = self._splitter.frame_max = frame_max
        self._heartbeat = heartbeat
        self._beat_at = self._now + heartbeat / 2
        self._state = ConnectionState.EXPECT_OPEN

    def _on_open(self, *, vhost: str) -> None:
        if self._topology is not None:
            self._session.vhost = self._topology.vhost(vhost)
        self._send(methods.CONNECTION_OPEN_OK)
        self._state = ConnectionState.OPEN
        self._session.events.append(Opened(self._user, vhost, self._mechanism, self._client_properties))

    def _on_update_secret(self, **_: object) -> None:
        self._send(methods.CONNECTION_UPDATE_SECRET_OK)

    def _on_close(self, *, reply_code: int, reply_text: str, **_: object) -> None:
        self._state = ConnectionState.ENDING
        self._farewell += CLOSE_OK_FRAME
        self._abandon_channels()
        self._tell_closed(reply_code, reply_text)
        self._part()

    def _on_crossing_close(self, **_: object) -> None:
        """The peer closes too: one close-ok of ours ends both."""
        self._state = ConnectionState.ENDING
        self._farewell += CLOSE_OK_FRAME
        self._tell_closed(*self._reason)
        self._part()

    def _on_close_ok(self) -> None:
        self._end(*self._reason)


TRANSITIONS: Final[dict[tuple[ConnectionState, Method], Callable[..., None]]] = {
    (ConnectionState.EXPECT_START_OK, methods.CONNECTION_START_OK): Connection._on_start_ok,
    (ConnectionState.EXPECT_START_OK, methods.CONNECTION_CLOSE): Connection._on_close,
    (ConnectionState.EXPECT_TUNE_OK, methods.CONNECTION_TUNE_OK): Connection._on_tune_ok,
    (ConnectionState.EXPECT_TUNE_OK, methods.CONNECTION_CLOSE): Connection._on_close,
    (ConnectionState.EXPECT_OPEN, methods.CONNECTION_OPEN): Connection._on_open,
    (ConnectionState.EXPECT_OPEN, methods.CONNECTION_CLOSE): Connection._on_close,
    (ConnectionState.OPEN, methods.CONNECTION_CLOSE): Connection._on_close,
    (ConnectionState.OPEN, methods.CONNECTION_UPDATE_SECRET): Connection._on_update_secret,
    (ConnectionState.CLOSING, methods.CONNECTION_CLOSE): Connection._on_crossing_close,
    (ConnectionState.CLOSING, methods.CONNECTION_CLOSE_OK): Connection._on_close_ok,
}
"""What a connection does with a method on channel 0."""

_HEARD_WHILE_CLOSING: Final = frozenset(
    method.prefix for state, method in TRANSITIONS if state is ConnectionState.CLOSING
)
_METHOD_TYPE: Final = bytes([METHOD])
_SECRET: Final = (
    methods.CONNECTION_START_OK.prefix,
    methods.CONNECTION_SECURE_OK.prefix,
    methods.CONNECTION_UPDATE_SECRET.prefix,
)
_PARTING: Final = frozenset({ConnectionState.CLOSING, ConnectionState.ENDING, ConnectionState.CLOSED})


def _bad_kind(kind: int, number: int) -> PeerError:
    if kind == HEARTBEAT:
        return PeerError(ReplyCode.FRAME_ERROR, f"a heartbeat is empty and on channel 0, one came on channel {number}")
    return PeerError(ReplyCode.FRAME_ERROR, f"frame types are 1, 2, 3 and 8, got {kind}")


def _ids_of(kind: int, payload: bytes) -> tuple[int, int]:
    """Class and method id for a close method: those of the method that the frame was part of, if any."""
    if kind == METHOD and len(payload) >= 4:
        return int.from_bytes(payload[:2], "big"), int.from_bytes(payload[2:4], "big")
    if kind in (HEADER, BODY):
        return methods.BASIC_PUBLISH.class_id, methods.BASIC_PUBLISH.method_id
    return 0, 0
