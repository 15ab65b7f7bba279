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
    elif exchange.version == 0 and session.user is not None:
        error = ErrorCode.ILLEGAL_SASL_STATE  # only version 1 can authenticate again (KIP-368)
    else:
        session.sasl = Sasl.HANDSHAKEN if exchange.version else Sasl.RAW
    exchange.answer({"error_code": error, "mechanisms": [PLAIN]})


def authenticate(session: Session, exchange: Exchange, request: Message) -> None:
    """Answer SaslAuthenticate, and close after a failure."""
    if session.sasl is not Sasl.HANDSHAKEN:
        exchange.answer_error(
            ErrorCode.ILLEGAL_SASL_STATE, error_message="expected SaslHandshake before SaslAuthenticate"
        )
        return
    session.sasl = Sasl.NONE
    if _accept(session, request["auth_bytes"]):
        exchange.answer_error(ErrorCode.NONE, error_message=None)
        return
    exchange.answer_error(
        ErrorCode.SASL_AUTHENTICATION_FAILED,
        error_message="Authentication failed: this server does not know this user with this password",
    )
    session.close()


def raw_token(session: Session, token: bytes) -> None:
    """Answer a bare token: an empty frame says yes, closing says no."""
    session.sasl = Sasl.NONE
    if _accept(session, token):
        session.send_now(EMPTY_FRAME)
    else:
        session.close()


PLAIN: Final = "PLAIN"
EMPTY_FRAME: Final = bytes(4)


def _accept(session: Session, token: bytes) -> bool:
    try:
        authorization, user, password = token.decode().split("\0")
    except ValueError:
        return False
    if authorization not in {"", user}:
        return False
    check = session.broker.authenticate
    if check is not None and not check(user, password):
        return False
    session.user = user
    session.events.append(Authenticated(user))
    return True
