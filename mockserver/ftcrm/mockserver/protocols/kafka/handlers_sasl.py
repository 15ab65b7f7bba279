"""SASL PLAIN (RFC 4616), by SaslAuthenticate or, after a handshake of version 0, by a bare token in a frame."""

from __future__ import annotations

from typing import Final

from ftcrm.mockserver.protocols.kafka.codec import Message
from ftcrm.mockserver.protocols.kafka.errors import ErrorCode
from ftcrm.mockserver.protocols.kafka.events import Authenticated
from ftcrm.mockserver.protocols.kafka.session import Exchange, Sasl, Session


def handshake(session: Session, exchange: Exchange, request: Message) -> None:
    """Answer SaslHandshake."""
    error = ErrorCode.NONE
    if request["mechanism"] != PLAIN:
        error = ErrorCode.UNSUPPORTED_SASL_MECHANISM
        session.report(f"SaslHandshake: expected the mechanism {PLAIN}, got {request['mechanism']!r}")
    elif exchange.version == 0 and session.user is not None:
        error = ErrorCode.ILLEGAL_SASL_STATE  # only version 1 can authenticate again (KIP-368)
        session.report("SaslHandshake: expected version 1 to authenticate again, got version 0")
    else:
        session.sasl = Sasl.HANDSHAKEN if exchange.version else Sasl.RAW
    exchange.answer({"error_code": error, "mechanisms": [PLAIN]})


def authenticate(session: Session, exchange: Exchange, request: Message) -> None:
    """Answer SaslAuthenticate, and close after a failure."""
    if session.sasl is not Sasl.HANDSHAKEN:
        message = "expected SaslHandshake before SaslAuthenticate"
        session.report(message)
        exchange.answer_error(ErrorCode.ILLEGAL_SASL_STATE, error_message=message)
        return
    session.sasl = Sasl.NONE
    fault = _take(session, request["auth_bytes"])
    if fault is None:
        exchange.answer_error(ErrorCode.NONE, error_message=None)
        return
    exchange.answer_error(ErrorCode.SASL_AUTHENTICATION_FAILED, error_message=f"Authentication failed: {fault}")
    session.fail(f"SaslAuthenticate: {fault}")


def raw_token(session: Session, token: bytes) -> None:
    """Answer a bare token: an empty frame says yes, closing says no."""
    session.sasl = Sasl.NONE
    fault = _take(session, token)
    if fault is None:
        session.send_now(EMPTY_FRAME)
    else:
        session.fail(f"a bare SASL token: {fault}")


PLAIN: Final = "PLAIN"
EMPTY_FRAME: Final = bytes(4)


def _take(session: Session, token: bytes) -> str | None:
    """Take the credentials, or say why not; nothing of the token is repeated, for it holds a password."""
    try:
        parts = token.decode().split("\0")
    except UnicodeDecodeError:
        return f"{_WANTED} in UTF-8, got bytes that are none"
    if len(parts) != _PARTS:
        return f"{_WANTED}, got {len(parts)}"
    authorization, user, password = parts
    if authorization not in {"", user}:
        return "expected an authzid that is empty or the user, got another"
    check = session.broker.authenticate
    if check is not None and not check(user, password):
        return "this server does not know this user with this password"
    session.user = user
    session.events.append(Authenticated(user))
    return None


_PARTS: Final = 3
_WANTED: Final = "expected a PLAIN token of three parts (authzid NUL user NUL password)"
