"""The methods of AMQP 0-9-1 (and RabbitMQ's extensions to it) as data, and the codec that this data drives.

Each line below is one method: its class and method id, who sends it, and its arguments in wire order. Arguments named
`reserved*` are read and dropped, and written as zero.
"""

from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct
from typing import Any, Final, Literal

from . import wire
from .errors import PeerError, ReplyCode

Sender = Literal["client", "server", "both"]


@dataclass(frozen=True, eq=False, repr=False)
class Method:
    """One method: `arguments` are pairs of name and wire type; methods are compared by identity."""

    name: str
    class_id: int
    method_id: int
    sender: Sender
    arguments: tuple[tuple[str, str], ...]

    @property
    def prefix(self) -> bytes:
        """The four bytes with which the payload of this method's frames starts."""
        return _IDS.pack(self.class_id, self.method_id)

    def __repr__(self) -> str:
        return self.name


METHODS: Final[dict[tuple[int, int], Method]] = {}
"""Every method by (class id, method id)."""


def decode(payload: bytes) -> tuple[Method, dict[str, Any]]:
    """Read the payload of a method frame: the method and its arguments by name.

    Raises:
        PeerError: 501 it has no method id, 540 there is no such method, 502 the arguments are not this method's.
    """
    if len(payload) < 4:
        raise PeerError(ReplyCode.FRAME_ERROR, f"a method frame starts with four bytes of ids, got {len(payload)}")
    ids = _IDS.unpack_from(payload)
    method = METHODS.get(ids)
    if method is None:
        raise PeerError(ReplyCode.NOT_IMPLEMENTED, f"there is no method {ids[1]} in class {ids[0]}")
    arguments: dict[str, Any] = {}
    offset, bit = 4, 0
    for name, kind in method.arguments:
        if kind == "bit":
            if bit == 0:
                offset += 1
                if offset > len(payload):
                    raise _malformed(method, f"it ends before {name}")
            item = bool(payload[offset - 1] & (1 << bit))
            bit = (bit + 1) % 8
        else:
            item, offset = _READERS[kind](payload, offset)
            bit = 0
        if not name.startswith("reserved"):
            arguments[name] = item
    if offset != len(payload):
        raise _malformed(method, f"{len(payload) - offset} bytes follow its arguments")
    return method, arguments


def encode(method: Method, /, **arguments: Any) -> bytes:
    """Write the payload of a method frame; arguments left out are zero, empty or false.

    Raises:
        TypeError: the method has no such argument.
    """
    parts = [method.prefix]
    bits, bit = 0, 0
    for name, kind in method.arguments:
        if kind == "bit":
            if bit == 0:
                parts.append(b"")
                bits = 0
            bits |= bool(arguments.pop(name, False)) << bit
            parts[-1] = bytes((bits,))
            bit = (bit + 1) % 8
            continue
        bit = 0
        write, nothing = _WRITERS[kind]
        parts.append(write(arguments.pop(name, nothing)))
    if arguments:
        raise TypeError(f"{method.name} has no argument {sorted(arguments)}")
    return b"".join(parts)


_IDS: Final = Struct(">HH")


def _malformed(method: Method, what: str) -> PeerError:
    return PeerError(ReplyCode.SYNTAX_ERROR, f"{method.name} is malformed: {what}")


def _number(form: str) -> tuple[Callable[[bytes, int], tuple[int, int]], Callable[[int], bytes]]:
    struct = Struct(form)

    def read(data: bytes, offset: int) -> tuple[int, int]:
        stop = offset + struct.size
        if stop > len(data):
            raise PeerError(ReplyCode.SYNTAX_ERROR, f"an integer at byte {offset} reaches beyond the end of its method")
        return struct.unpack_from(data, offset)[0], stop

    return read, struct.pack


_NUMBERS: Final = {"octet": _number(">B"), "short": _number(">H"), "long": _number(">I"), "longlong": _number(">Q")}
_READERS: Final[dict[str, Callable[[bytes, int], tuple[Any, int]]]] = {
    **{kind: read for kind, (read, _) in _NUMBERS.items()},
    "shortstr": wire.read_shortstr,
    "longstr": wire.read_longstr,
    "table": wire.read_table,
}
_WRITERS: Final[dict[str, tuple[Callable[[Any], bytes], Any]]] = {
    **{kind: (write, 0) for kind, (_, write) in _NUMBERS.items()},
    "shortstr": (wire.shortstr, ""),
    "longstr": (wire.longstr, b""),
    "table": (wire.table, {}),
}


def _method(name: str, class_id: int, method_id: int, sender: Sender, arguments: str = "") -> Method:
    pairs = [argument.split(":") for argument in arguments.split()]
    method = Method(name, class_id, method_id, sender, tuple((argument, kind) for argument, kind in pairs))
    METHODS[class_id, method_id] = method
    return method


_CLOSE = "reply_code:short reply_text:shortstr class_id:short method_id:short"
_BIND = "routing_key:shortstr nowait:bit arguments:table"

CONNECTION_START: Final = _method(
    "connection.start",
    10,
    10,
    "server",
    "version_major:octet version_minor:octet server_properties:table mechanisms:longstr locales:longstr",
)
CONNECTION_START_OK: Final = _method(
    "connection.start-ok",
    10,
    11,
    "client",
    "client_properties:table mechanism:shortstr response:longstr locale:shortstr",
)
CONNECTION_SECURE: Final = _method("connection.secure", 10, 20, "server", "challenge:longstr")
CONNECTION_SECURE_OK: Final = _method("connection.secure-ok", 10, 21, "client", "response:longstr")
CONNECTION_TUNE: Final = _method(
    "connection.tune", 10, 30, "server", "channel_max:short frame_max:long heartbeat:short"
)
CONNECTION_TUNE_OK: Final = _method(
    "connection.tune-ok", 10, 31, "client", "channel_max:short frame_max:long heartbeat:short"
)
CONNECTION_OPEN: Final = _method(
    "connection.open", 10, 40, "client", "vhost:shortstr reserved_1:shortstr reserved_2:bit"
)
CONNECTION_OPEN_OK: Final = _method("connection.open-ok", 10, 41, "server", "reserved_1:shortstr")
CONNECTION_CLOSE: Final = _method("connection.close", 10, 50, "both", _CLOSE)
CONNECTION_CLOSE_OK: Final = _method("connection.close-ok", 10, 51, "both")
CONNECTION_BLOCKED: Final = _method("connection.blocked", 10, 60, "server", "reason:shortstr")
CONNECTION_UNBLOCKED: Final = _method("connection.unblocked", 10, 61, "server")
CONNECTION_UPDATE_SECRET: Final = _method(
    "connection.update-secret", 10, 70, "client", "new_secret:longstr reason:shortstr"
)
CONNECTION_UPDATE_SECRET_OK: Final = _method("connection.update-secret-ok", 10, 71, "server")

CHANNEL_OPEN: Final = _method("channel.open", 20, 10, "client", "reserved_1:shortstr")
CHANNEL_OPEN_OK: Final = _method("channel.open-ok", 20, 11, "server", "reserved_1:longstr")
CHANNEL_FLOW: Final = _method("channel.flow", 20, 20, "both", "active:bit")
CHANNEL_FLOW_OK: Final = _method("channel.flow-ok", 20, 21, "both", "active:bit")
CHANNEL_CLOSE: Final = _method("channel.close", 20, 40, "both", _CLOSE)
CHANNEL_CLOSE_OK: Final = _method("channel.close-ok", 20, 41, "both")

ACCESS_REQUEST: Final = _method(
    "access.request",
    30,
    10,
    "client",
    "realm:shortstr exclusive:bit passive:bit active:bit write:bit read:bit",
)
ACCESS_REQUEST_OK: Final = _method("access.request-ok", 30, 11, "server", "ticket:short")

EXCHANGE_DECLARE: Final = _method(
    "exchange.declare",
    40,
    10,
    "client",
    "reserved_1:short exchange:shortstr type:shortstr"
    " passive:bit durable:bit auto_delete:bit internal:bit nowait:bit arguments:table",
)
EXCHANGE_DECLARE_OK: Final = _method("exchange.declare-ok", 40, 11, "server")
EXCHANGE_DELETE: Final = _method(
    "exchange.delete", 40, 20, "client", "reserved_1:short exchange:shortstr if_unused:bit nowait:bit"
)
EXCHANGE_DELETE_OK: Final = _method("exchange.delete-ok", 40, 21, "server")
EXCHANGE_BIND: Final = _method(
    "exchange.bind", 40, 30, "client", f"reserved_1:short destination:shortstr source:shortstr {_BIND}"
)
EXCHANGE_BIND_OK: Final = _method("exchange.bind-ok", 40, 31, "server")
EXCHANGE_UNBIND: Final = _method(
    "exchange.unbind", 40, 40, "client", f"reserved_1:short destination:shortstr source:shortstr {_BIND}"
)
EXCHANGE_UNBIND_OK: Final = _method("exchange.unbind-ok", 40, 51, "server")

QUEUE_DECLARE: Final = _method(
    "queue.declare",
    50,
    10,
    "client",
    "reserved_1:short queue:shortstr passive:bit durable:bit exclusive:bit auto_delete:bit nowait:bit arguments:table",
)
QUEUE_DECLARE_OK: Final = _method(
    "queue.declare-ok", 50, 11, "server", "queue:shortstr message_count:long consumer_count:long"
)
QUEUE_BIND: Final = _method(
    "queue.bind", 50, 20, "client", f"reserved_1:short queue:shortstr exchange:shortstr {_BIND}"
)
QUEUE_BIND_OK: Final = _method("queue.bind-ok", 50, 21, "server")
QUEUE_PURGE: Final = _method("queue.purge", 50, 30, "client", "reserved_1:short queue:shortstr nowait:bit")
QUEUE_PURGE_OK: Final = _method("queue.purge-ok", 50, 31, "server", "message_count:long")
QUEUE_DELETE: Final = _method(
    "queue.delete", 50, 40, "client", "reserved_1:short queue:shortstr if_unused:bit if_empty:bit nowait:bit"
)
QUEUE_DELETE_OK: Final = _method("queue.delete-ok", 50, 41, "server", "message_count:long")
QUEUE_UNBIND: Final = _method(
    "queue.unbind",
    50,
    50,
    "client",
    "reserved_1:short queue:shortstr exchange:shortstr routing_key:shortstr arguments:table",
)
QUEUE_UNBIND_OK: Final = _method("queue.unbind-ok", 50, 51, "server")

BASIC_QOS: Final = _method("basic.qos", 60, 10, "client", "prefetch_size:long prefetch_count:short global_:bit")
BASIC_QOS_OK: Final = _method("basic.qos-ok", 60, 11, "server")
BASIC_CONSUME: Final = _method(
    "basic.consume",
    60,
    20,
    "client",
    "reserved_1:short queue:shortstr consumer_tag:shortstr"
    " no_local:bit no_ack:bit exclusive:bit nowait:bit arguments:table",
)
BASIC_CONSUME_OK: Final = _method("basic.consume-ok", 60, 21, "server", "consumer_tag:shortstr")
BASIC_CANCEL: Final = _method("basic.cancel", 60, 30, "both", "consumer_tag:shortstr nowait:bit")
BASIC_CANCEL_OK: Final = _method("basic.cancel-ok", 60, 31, "both", "consumer_tag:shortstr")
BASIC_PUBLISH: Final = _method(
    "basic.publish",
    60,
    40,
    "client",
    "reserved_1:short exchange:shortstr routing_key:shortstr mandatory:bit immediate:bit",
)
BASIC_RETURN: Final = _method(
    "basic.return", 60, 50, "server", "reply_code:short reply_text:shortstr exchange:shortstr routing_key:shortstr"
)
BASIC_DELIVER: Final = _method(
    "basic.deliver",
    60,
    60,
    "server",
    "consumer_tag:shortstr delivery_tag:longlong redelivered:bit exchange:shortstr routing_key:shortstr",
)
BASIC_GET: Final = _method("basic.get", 60, 70, "client", "reserved_1:short queue:shortstr no_ack:bit")
BASIC_GET_OK: Final = _method(
    "basic.get-ok",
    60,
    71,
    "server",
    "delivery_tag:longlong redelivered:bit exchange:shortstr routing_key:shortstr message_count:long",
)
BASIC_GET_EMPTY: Final = _method("basic.get-empty", 60, 72, "server", "reserved_1:shortstr")
BASIC_ACK: Final = _method("basic.ack", 60, 80, "both", "delivery_tag:longlong multiple:bit")
BASIC_REJECT: Final = _method("basic.reject", 60, 90, "client", "delivery_tag:longlong requeue:bit")
BASIC_RECOVER_ASYNC: Final = _method("basic.recover-async", 60, 100, "client", "requeue:bit")
BASIC_RECOVER: Final = _method("basic.recover", 60, 110, "client", "requeue:bit")
BASIC_RECOVER_OK: Final = _method("basic.recover-ok", 60, 111, "server")
BASIC_NACK: Final = _method("basic.nack", 60, 120, "both", "delivery_tag:longlong multiple:bit requeue:bit")

CONFIRM_SELECT: Final = _method("confirm.select", 85, 10, "client", "nowait:bit")
CONFIRM_SELECT_OK: Final = _method("confirm.select-ok", 85, 11, "server")

TX_SELECT: Final = _method("tx.select", 90, 10, "client")
TX_SELECT_OK: Final = _method("tx.select-ok", 90, 11, "server")
TX_COMMIT: Final = _method("tx.commit", 90, 20, "client")
TX_COMMIT_OK: Final = _method("tx.commit-ok", 90, 21, "server")
TX_ROLLBACK: Final = _method("tx.rollback", 90, 30, "client")
TX_ROLLBACK_OK: Final = _method("tx.rollback-ok", 90, 31, "server")
