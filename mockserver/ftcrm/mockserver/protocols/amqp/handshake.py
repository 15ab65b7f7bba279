"""The parts of the handshake that are functions: SASL responses, tuning, and telling what a foreign peer speaks."""

import platform
import re
from struct import Struct
from typing import Final

from . import wire
from .errors import PeerError, ReplyCode
from .frames import MIN_FRAME_MAX, PROTOCOL_HEADER
from .session import Limits
from .wire import FieldTable

MECHANISMS: Final = "PLAIN AMQPLAIN"
LOCALES: Final = "en_US"


def server_properties(server_version: str) -> FieldTable:
    """What connection.start says of the server; clients look into `capabilities` without asking whether it is there."""
    return {
        "product": "ftcrm-mock",
        "version": server_version,
        "platform": f"Python {platform.python_version()}",
        "copyright": "Apache-2.0",
        "information": "A stand-in for FT CRM's event feed: it records what is published and delivers nothing.",
        "capabilities": {
            "publisher_confirms": True,
            "exchange_exchange_bindings": True,
            "basic.nack": True,
            "consumer_cancel_notify": True,
            "connection.blocked": True,
            "consumer_priorities": False,
            "authentication_failure_close": True,
            "per_consumer_qos": False,
            "direct_reply_to": False,
        },
    }


def credentials(mechanism: str, response: bytes) -> tuple[str, str]:
    """Read user and password from a SASL response.

    Raises:
        PeerError: 503 the mechanism is not offered, 502 the response is not in its form.
    """
    match mechanism:
        case "PLAIN":
            parts = response.split(b"\0")
            if len(parts) == 3:
                return wire.text_of(parts[1]), wire.text_of(parts[2])
        case "AMQPLAIN":
            fields = wire.read_bare_table(response)
            user, password = fields.get("LOGIN"), fields.get("PASSWORD")
            if isinstance(user, str) and isinstance(password, str):
                return user, password
        case _:
            # In a damaged frame the name may run into the response.
            named = f"'{mechanism}'" if _MECHANISM.fullmatch(mechanism) else f"of {len(mechanism)} characters"
            raise PeerError(ReplyCode.COMMAND_INVALID, f"unknown authentication mechanism {named}")
    # The response holds a password: it is not repeated.
    raise PeerError(
        ReplyCode.SYNTAX_ERROR, f"the {mechanism} response of {len(response)} bytes holds no login and password"
    )


def require_tuned(limits: Limits, *, channel_max: int, frame_max: int) -> None:
    """Refuse, as RabbitMQ does, a client that raises what the server offered; 0 asks for "no limit".

    Raises:
        PeerError: 530.
    """
    for name, least, value, most in (
        ("channel_max", 0, channel_max, limits.channel_max),
        ("frame_max", MIN_FRAME_MAX, frame_max, limits.frame_max),
    ):
        if value == 0 or value > most:
            shown = "0 (no limit)" if value == 0 else str(value)
            raise PeerError(
                ReplyCode.NOT_ALLOWED, f"negotiated {name} = {shown} is higher than the maximum allowed value ({most})"
            )
        if value < least:
            raise PeerError(
                ReplyCode.NOT_ALLOWED, f"negotiated {name} = {value} is lower than the minimum allowed value ({least})"
            )


def foreign_protocol(opening: bytes) -> str:
    """Name what a peer speaks whose first bytes are not the header of AMQP 0-9-1."""
    if opening.startswith(b"\x16\x03"):
        return "a TLS handshake (plain AMQP is expected here)"
    if opening.startswith(b"AMQP"):
        return _OTHER_AMQP.get(opening[4:8], f"another AMQP version ({opening[4:8].hex(' ')})")
    if is_http(opening):
        return "an HTTP request"
    if _is_kafka(opening):
        return "what looks like a Kafka request: is the client set to the right port?"
    if opening[:1].isspace() or b" " <= opening[:1] < b"\x7f":
        return "text"
    return f"the bytes {opening[: len(PROTOCOL_HEADER)].hex(' ')}"


def is_http(opening: bytes) -> bool:
    """Whether these are the first bytes of an HTTP request."""
    return opening.startswith(_HTTP_METHODS)


def _is_kafka(opening: bytes) -> bool:
    """Whether they are a plausible frame length, API key and API version."""
    length, key, version = _KAFKA_OPENING.unpack_from(opening)
    is_sized = _KAFKA_OPENING.size <= int(length) <= _KAFKA_MOST
    return is_sized and int(key) <= _KAFKA_LAST_KEY and int(version) <= _KAFKA_LAST_VERSION


_MECHANISM: Final = re.compile(r"[A-Za-z0-9_-]*")
"""RFC 4422, 3.1, and lower case."""
_KAFKA_OPENING: Final = Struct(">IHH")
_KAFKA_MOST: Final = 104_857_600
"""What Kafka's brokers take at most (socket.request.max.bytes)."""
_KAFKA_LAST_KEY: Final = 100
_KAFKA_LAST_VERSION: Final = 20
_HTTP_METHODS: Final = (
    b"GET ",
    b"POST ",
    b"PUT ",
    b"HEAD ",
    b"DELETE ",
    b"OPTIONS ",
    b"PATCH ",
    b"CONNECT ",
    b"TRACE ",
    b"PRI * ",
)
_OTHER_AMQP: Final = {
    b"\x00\x01\x00\x00": "AMQP 1.0",
    b"\x03\x01\x00\x00": "AMQP 1.0 (with SASL)",
    b"\x02\x01\x00\x00": "AMQP 1.0 (with TLS)",
    b"\x01\x01\x00\x09": "AMQP 0-9",
    b"\x01\x01\x09\x01": "AMQP 0-9-1 with an old header",
    b"\x01\x01\x08\x00": "AMQP 0-8",
    b"\x00\x00\x09\x00": "AMQP 0-9",
}
