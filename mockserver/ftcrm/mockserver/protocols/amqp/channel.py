"""One channel: publishing, confirms, transactions and closing. Declarations and consumers are in `declarations`.

What a channel does with a method is in `TRANSITIONS`, by its state; what is not there is a fault. While a channel waits
for the peer's channel.close-ok it discards everything else, as section 1.5.2.5 of the generated specification demands.
"""

from collections.abc import Callable
from enum import Enum, auto
from typing import Any, Final, Literal

from msgspec.structs import replace

from . import declarations, methods
from .content import Body, Content, longer_than_announced
from .errors import PeerError, ReplyCode
from .events import Published
from .frames import METHOD, content_frames, frame, method_frame
from .methods import Method
from .outbox import Outbox
from .properties import Properties
from .session import Route, Session
from .topology import VirtualHost
from .transaction import Transaction


class ChannelState(Enum):
    """Where a channel is between channel.open and the channel.close-ok that ends it."""

    UNOPENED = auto()
    OPEN = auto()
    ENDING = auto()
    """The peer has closed; our close-ok may still wait for publishes to be settled."""
    CLOSING = auto()
    """We have closed, the peer's close-ok is awaited."""
    CROSSED = auto()
    """We have closed and so has the peer, at the same time."""


class Channel:
    """The machine of one channel; `number` is its number on the wire."""

    __slots__ = (
        "_content",
        "_route",
        "_transaction",
        "consumers",
        "last_queue",
        "number",
        "outbox",
        "session",
        "state",
    )

    def __init__(self, number: int, session: Session) -> None:
        self.number = number
        self.session = session
        self.state = ChannelState.UNOPENED
        self.outbox = Outbox(number, session.out)
        self.consumers: set[str] = set()
        self.last_queue = ""
        self._route: Route | None = None
        self._content: Content | None = None
        self._transaction: Transaction | None = None

    def on_method(self, payload: bytes) -> None:
        """Take a method frame."""
        if self.state is ChannelState.OPEN:
            if self._route is not None:
                raise PeerError(
                    ReplyCode.UNEXPECTED_FRAME,
                    f"expected content {'header' if self._content is None else 'body'} for class 60, "
                    "got a method frame instead",
                )
            if payload.startswith(_PUBLISH):
                self._route = self.session.routes.get(payload) or self._read_route(payload)
                return
        elif self.state in _DISCARDING and payload[:4] not in _HEARD_WHILE_CLOSING:
            return
        self._dispatch(payload)

    def on_header(self, payload: bytes) -> None:
        """Take a content header frame."""
        if self._route is None or self._content is not None:
            self._refuse_content("header")
            return
        self._content = content = Content(payload)
        if content.size == 0:
            self._complete(self._route, content, b"")

    def on_body(self, payload: bytes) -> None:
        """Take a body frame."""
        content, route = self._content, self._route
        if content is None or route is None:
            self._refuse_content("body")
            return
        if content.body is None:
            if len(payload) == content.size <= self.session.limits.max_body:
                self._complete(route, content, payload)
                return
            if len(payload) > content.size:
                raise longer_than_announced(content.size)
            content.body = Body(self.session, content.size)
        if content.body.add(payload):
            self._complete(route, content, content.body.release())

    def answer(self, method: Method, /, *, nowait: bool = False, **arguments: Any) -> None:
        """Reply, once everything published before is settled; not at all when the client asked for no reply."""
        if not nowait:
            self.outbox.reply(method_frame(self.number, method, **arguments))

    def fail(self, fault: PeerError, ids: tuple[int, int]) -> None:
        """Close the channel with the fault's code, once everything published before is settled."""
        self.abandon()
        self.state = ChannelState.CLOSING
        self.outbox.reply(self._close_frame(fault, ids))

    def fail_unsettled(self, fault: PeerError) -> None:
        """Close the channel because a message was not journaled and no confirm can say so; drop the waiting replies."""
        close = self._close_frame(fault, (methods.BASIC_PUBLISH.class_id, methods.BASIC_PUBLISH.method_id))
        if self.state is ChannelState.OPEN:
            self.abandon()
            self.state = ChannelState.CLOSING
            self.outbox.forget_held()
            self.outbox.preempt(close)
        elif self.state is ChannelState.ENDING:
            self.outbox.preempt(close)

    def abandon(self) -> None:
        """Drop a message under way and hand over what an open transaction holds as aborted."""
        if self._content is not None and self._content.body is not None:
            self._content.body.release()
        self._route = self._content = None
        self.consumers.clear()
        if self._transaction is not None:
            self._hand_over(self._transaction, "aborted")

    def _dispatch(self, payload: bytes) -> None:
        method, arguments = methods.decode(payload)
        handler = TRANSITIONS.get((self.state, method))
        if handler is None:
            if self.state in _DISCARDING:
                return
            raise self._illegal(method)
        handler(self, **arguments)

    def _illegal(self, method: Method) -> PeerError:
        if method.class_id == methods.CONNECTION_START.class_id:
            return PeerError(
                ReplyCode.COMMAND_INVALID, f"{method.name} is for channel 0, it came on channel {self.number}"
            )
        match self.state:
            case ChannelState.UNOPENED:
                return PeerError(ReplyCode.CHANNEL_ERROR, f"expected 'channel.open', got '{method.name}'")
            case ChannelState.ENDING:
                return PeerError(ReplyCode.CHANNEL_ERROR, f"'{method.name}' follows the client's own channel.close")
        if method is methods.CHANNEL_OPEN:
            return PeerError(ReplyCode.COMMAND_INVALID, "second 'channel.open' seen")
        return PeerError(ReplyCode.COMMAND_INVALID, f"'{method.name}' is not for a client to send")

    def _refuse_content(self, what: str) -> None:
        match self.state:
            case ChannelState.CLOSING | ChannelState.CROSSED:
                return
            case ChannelState.OPEN:
                expected = "method" if self._route is None else "content header" if self._content is None else "body"
                raise PeerError(
                    ReplyCode.UNEXPECTED_FRAME, f"expected {expected} frame, got content {what} frame instead"
                )
        raise PeerError(ReplyCode.CHANNEL_ERROR, f"a content {what} came on channel {self.number}, which is not open")

    def _read_route(self, payload: bytes) -> Route:
        _, arguments = methods.decode(payload)
        route = (arguments["exchange"], arguments["routing_key"], arguments["mandatory"], arguments["immediate"])
        routes = self.session.routes
        if len(routes) >= _ROUTES_REMEMBERED:
            routes.clear()
        routes[payload] = route
        return route

    def _complete(self, route: Route, content: Content, body: bytes) -> None:
        self._route = self._content = None
        session = self.session
        exchange, routing_key, mandatory, immediate = route
        truncated = content.size > session.limits.max_body
        routed, fault = True, None
        if session.vhost is not None:
            routed, fault = _route_strictly(session.vhost, route, content.properties)
        if truncated:
            fault = fault or PeerError(
                ReplyCode.PRECONDITION_FAILED,
                f"message size {content.size} is larger than configured max size {session.limits.max_body}",
            )
        if self._transaction is None:
            session.last_token = token = session.last_token + 1
            self.outbox.published = ordinal = self.outbox.published + 1
            session.unsettled[token] = (self, ordinal)
        else:
            token = 0
        message = Published(
            token,
            self.number,
            exchange,
            routing_key,
            mandatory,
            immediate,
            content.properties,
            body,
            content.size,
            content.body.sha256 if content.body is not None else None,
            truncated,
            "accepted",
            routed,
        )
        if self._transaction is not None:
            self._transaction.add(message, content.header)
        else:
            session.events.append(message)
            if fault is not None:
                self.outbox.mute_last()
            elif mandatory and not routed:
                self._return(message, content.header)
        if fault is not None:
            raise fault

    def _return(self, message: Published, header: bytes) -> None:
        """Send a mandatory message back; its confirm follows when it is settled."""
        arguments = {"exchange": message.exchange, "routing_key": message.routing_key}
        payload = methods.encode(
            methods.BASIC_RETURN, reply_code=ReplyCode.NO_ROUTE, reply_text=ReplyCode.NO_ROUTE.name, **arguments
        )
        out, frame_max = self.session.out, self.session.frame_max
        out += frame(METHOD, self.number, payload)
        out += content_frames(self.number, header, message.body, frame_max)

    def _hand_over(self, transaction: Transaction, disposition: Literal["accepted", "aborted"]) -> None:
        session = self.session
        for message, header in transaction.take():
            session.last_token += 1
            self.outbox.published += 1
            session.unsettled[session.last_token] = (self, self.outbox.published)
            session.events.append(replace(message, token=session.last_token, disposition=disposition))
            if disposition == "accepted" and message.mandatory and not message.routed:
                self._return(message, header)

    def _close_frame(self, fault: PeerError, ids: tuple[int, int]) -> bytes:
        return method_frame(
            self.number,
            methods.CHANNEL_CLOSE,
            reply_code=fault.code,
            reply_text=fault.reply_text,
            class_id=ids[0],
            method_id=ids[1],
        )

    def _forget(self) -> None:
        if self.session.channels.get(self.number) is self:
            del self.session.channels[self.number]

    def _open(self) -> None:
        if self.number > self.session.channel_max:
            raise PeerError(
                ReplyCode.NOT_ALLOWED,
                f"channel {self.number} is above the negotiated channel_max ({self.session.channel_max})",
            )
        self.state = ChannelState.OPEN
        self.session.channels[self.number] = self
        self.answer(methods.CHANNEL_OPEN_OK)

    def _reopen(self) -> None:
        if self.outbox.is_holding:
            raise PeerError(
                ReplyCode.CHANNEL_ERROR, "'channel.open' came before the channel.close-ok of its predecessor"
            )
        Channel(self.number, self.session)._open()

    def _close(self, **_: object) -> None:
        self.abandon()
        self.state = ChannelState.ENDING
        self.outbox.reply(method_frame(self.number, methods.CHANNEL_CLOSE_OK), then=self._forget)

    def _cross(self, **_: object) -> None:
        self.state = ChannelState.CROSSED
        self.answer(methods.CHANNEL_CLOSE_OK)

    def _ignore(self, **_: object) -> None:
        pass

    def _flow(self, active: bool) -> None:
        self.answer(methods.CHANNEL_FLOW_OK, active=active)

    def _access_request(self, **_: object) -> None:
        self.answer(methods.ACCESS_REQUEST_OK, ticket=1)

    def _select_confirm(self, nowait: bool) -> None:
        if self._transaction is not None:
            raise PeerError(ReplyCode.PRECONDITION_FAILED, "cannot switch from tx to confirm mode")
        self.outbox.confirm()
        self.answer(methods.CONFIRM_SELECT_OK, nowait=nowait)

    def _select_tx(self) -> None:
        if self.outbox.confirms_above is not None:
            raise PeerError(ReplyCode.PRECONDITION_FAILED, "cannot switch from confirm to tx mode")
        self._transaction = self._transaction or Transaction(self.session)
        self.answer(methods.TX_SELECT_OK)

    def _commit(self) -> None:
        self._hand_over(self._require_transaction(), "accepted")
        self.answer(methods.TX_COMMIT_OK)

    def _roll_back(self) -> None:
        self._hand_over(self._require_transaction(), "aborted")
        self.answer(methods.TX_ROLLBACK_OK)

    def _require_transaction(self) -> Transaction:
        if self._transaction is None:
            raise PeerError(ReplyCode.PRECONDITION_FAILED, "channel is not transactional")
        return self._transaction


TRANSITIONS: Final[dict[tuple[ChannelState, Method], Callable[..., None]]] = {
    (ChannelState.UNOPENED, methods.CHANNEL_OPEN): Channel._open,
    (ChannelState.UNOPENED, methods.CHANNEL_CLOSE_OK): Channel._ignore,
    (ChannelState.OPEN, methods.CHANNEL_CLOSE): Channel._close,
    (ChannelState.OPEN, methods.CHANNEL_CLOSE_OK): Channel._ignore,
    (ChannelState.OPEN, methods.CHANNEL_FLOW): Channel._flow,
    (ChannelState.OPEN, methods.CHANNEL_FLOW_OK): Channel._ignore,
    (ChannelState.OPEN, methods.ACCESS_REQUEST): Channel._access_request,
    (ChannelState.OPEN, methods.CONFIRM_SELECT): Channel._select_confirm,
    (ChannelState.OPEN, methods.TX_SELECT): Channel._select_tx,
    (ChannelState.OPEN, methods.TX_COMMIT): Channel._commit,
    (ChannelState.OPEN, methods.TX_ROLLBACK): Channel._roll_back,
    (ChannelState.OPEN, methods.BASIC_ACK): Channel._ignore,
    (ChannelState.OPEN, methods.BASIC_NACK): Channel._ignore,
    (ChannelState.OPEN, methods.BASIC_REJECT): Channel._ignore,
    **{(ChannelState.OPEN, method): handler for method, handler in declarations.HANDLERS.items()},
    (ChannelState.ENDING, methods.CHANNEL_CLOSE_OK): Channel._ignore,
    (ChannelState.CLOSING, methods.CHANNEL_CLOSE): Channel._cross,
    (ChannelState.CLOSING, methods.CHANNEL_CLOSE_OK): Channel._forget,
    (ChannelState.CROSSED, methods.CHANNEL_CLOSE_OK): Channel._forget,
    (ChannelState.CROSSED, methods.CHANNEL_OPEN): Channel._reopen,
}
"""What a channel does with a method; basic.publish on an open channel is taken before this table is asked."""

_PUBLISH: Final = methods.BASIC_PUBLISH.prefix
_DISCARDING: Final = frozenset({ChannelState.CLOSING, ChannelState.CROSSED})
_HEARD_WHILE_CLOSING: Final = frozenset(method.prefix for state, method in TRANSITIONS if state in _DISCARDING)
_ROUTES_REMEMBERED: Final = 1024


def _route_strictly(vhost: VirtualHost, route: Route, properties: Properties) -> tuple[bool, PeerError | None]:
    exchange, routing_key, _, immediate = route
    if immediate:
        return False, PeerError(ReplyCode.NOT_IMPLEMENTED, "immediate=true")
    try:
        return bool(vhost.route(exchange, routing_key, properties.headers)), None
    except PeerError as fault:
        return False, fault
