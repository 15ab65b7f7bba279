"""AMQP 0-9-1 as a publisher speaks it: one channel with confirms, one frame after the other."""

from collections.abc import Sequence
from struct import Struct

from ftcrm.contracts.messages import Header
from ftcrm.strategies.live.addresses import Addresses
from ftcrm.strategies.live.connection import Answer, Connection, Delivery

__all__ = ["AmqpConnection"]

_FRAME = Struct(">BHI")
_SHORT = Struct(">H")
_LONG = Struct(">I")
_TAG = Struct(">QB")
_HEADER = Struct(">HHQH")
_METHOD, _CONTENT_HEADER, _BODY = 1, 2, 3
_LARGEST_BODY = 131_072 - 8
_SELECT_OK, _ACK, _CLOSE_OK = (85, 11), (60, 80), (10, 51)
_TROUBLE = {(10, 50): "connection.close", (20, 40): "channel.close", (60, 50): "basic.return", (60, 120): "basic.nack"}
_CONTENT_TYPE, _HEADERS, _MESSAGE_ID, _TYPE = 1 << 15, 1 << 13, 1 << 7, 1 << 5


class AmqpConnection(Connection):
    """Publishes to the virtual host RUN; the token is the message id."""

    connector = "rabbitmq"

    def __init__(self, addresses: Addresses, run: str) -> None:
        super().__init__(addresses, run)
        response = f"\0{addresses.user}\0{addresses.password}".encode()
        self.write(
            b"AMQP\0\0\x09\x01"
            + _method(0, 10, 11, _LONG.pack(0) + _short("PLAIN") + _long(response) + _short("en_US"))
            + _method(0, 10, 31, _SHORT.pack(8) + _LONG.pack(131_072) + _SHORT.pack(0))
            + _method(0, 10, 40, _short(run) + _short("") + b"\0")
            + _method(1, 20, 10, _short(""))
            + _method(1, 85, 10, b"\0")
        )
        self._acknowledged = self._published = 0
        while self._read_method()[0] != _SELECT_OK:
            pass

    def encoded(self, deliveries: Sequence[Delivery]) -> bytes:
        """Method, content header and body of each."""
        return b"".join(_publish(delivery) for delivery in deliveries)

    def answers(self, count: int) -> list[Answer]:
        """Wait for the confirms of so many more messages; nothing is said of them."""
        self._published += count
        while self._acknowledged < self._published:
            method, arguments = self._read_method()
            if method == _ACK:
                tag, is_multiple = _TAG.unpack(arguments)
                if tag != self._acknowledged + 1 and not is_multiple:
                    raise self.failure(f"the confirm of {self._acknowledged + 1}", f"that of {tag}")
                self._acknowledged = tag
        return []

    def leave(self) -> None:
        """connection.close, answered."""
        self.write(_method(0, 10, 50, _SHORT.pack(200) + _short("bye") + _LONG.pack(0)))
        while self._read_method()[0] != _CLOSE_OK:
            pass
        self.drain()

    def _read_method(self) -> tuple[tuple[int, int], bytes]:
        """The next method that comes, and its arguments; one that says that something went wrong is raised."""
        while True:
            kind, _, size = _FRAME.unpack(self.read(_FRAME.size))
            payload = self.read(size)
            self.read(1)
            if kind == _METHOD:
                method = (payload[0] << 8 | payload[1], payload[2] << 8 | payload[3])
                if method in _TROUBLE:
                    raise self.failure("to go on", f"{_TROUBLE[method]}: {payload[4:]!r}")
                return method, payload[4:]


def _publish(delivery: Delivery) -> bytes:
    token, message = delivery
    flags, values = _CONTENT_TYPE, _short("application/json")
    if message.headers:
        flags, values = flags | _HEADERS, values + _table(message.headers)
    flags, values = flags | _MESSAGE_ID, values + _short(token)
    if message.type_property is not None:
        flags, values = flags | _TYPE, values + _short(message.type_property)
    frames = _method(1, 60, 40, _SHORT.pack(0) + _short("crm") + _short("casino") + b"\0")
    frames += _frame(_CONTENT_HEADER, 1, _HEADER.pack(60, 0, len(message.raw), flags) + values)
    for at in range(0, len(message.raw), _LARGEST_BODY):
        frames += _frame(_BODY, 1, message.raw[at : at + _LARGEST_BODY])
    return frames


def _method(channel: int, class_id: int, method_id: int, arguments: bytes) -> bytes:
    return _frame(_METHOD, channel, _SHORT.pack(class_id) + _SHORT.pack(method_id) + arguments)


def _frame(kind: int, channel: int, payload: bytes) -> bytes:
    return _FRAME.pack(kind, channel, len(payload)) + payload + b"\xce"


def _table(fields: Sequence[Header]) -> bytes:
    return _long(b"".join(_short(name) + _field(value) for name, value in fields))


def _field(value: str | bytes | None) -> bytes:
    match value:
        case None:
            return b"V"
        case bytes():
            return b"x" + _long(value)
        case str():
            return b"S" + _long(value.encode())


def _short(text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    return bytes((len(data),)) + data


def _long(data: bytes) -> bytes:
    return _LONG.pack(len(data)) + data
