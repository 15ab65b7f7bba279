"""Assembling one message from basic.publish, a content header and body frames: AMQP 0-9-1, section 4.2.6."""

import hashlib
from typing import Final

from .errors import PeerError, ReplyCode
from .frames import read_content_header
from .properties import read_properties
from .session import Session

_HEADER_FIXED_SIZE: Final = 12


class Body:
    """A body that comes in several frames, or that is too large: what is kept of it, its length and its digest."""

    __slots__ = ("_digest", "_kept", "_remaining", "_session", "_wanted", "size")

    def __init__(self, session: Session, size: int) -> None:
        limits = session.limits
        self.size = size
        self._session = session
        self._remaining = size
        self._kept = bytearray()
        self._digest = hashlib.sha256() if size > limits.max_body else None
        self._wanted = limits.keep_prefix if self._digest else size

    def add(self, payload: bytes) -> bool:
        """Take one body frame and say whether it was the last.

        Raises:
            PeerError: 501 it is longer than what the header announced, 506 the connection keeps too much already.
        """
        self._remaining -= len(payload)
        if self._remaining < 0:
            raise longer_than_announced(self.size)
        if self._digest is not None:
            self._digest.update(payload)
        kept = payload[: self._wanted - len(self._kept)]
        self._session.reserve(len(kept))
        self._kept += kept
        return self._remaining == 0

    def release(self) -> bytes:
        """Give what was kept; it no longer counts against the connection's limit."""
        self._session.buffered -= len(self._kept)
        kept = bytes(self._kept)
        self._kept.clear()
        return kept

    @property
    def sha256(self) -> str | None:
        """The digest of the whole body, when only its beginning is kept."""
        return self._digest.hexdigest() if self._digest is not None else None


class Content:
    """A message whose header has come; `body` is None until a body frame comes that is not the whole body."""

    __slots__ = ("body", "header", "properties", "size")

    def __init__(self, header: bytes) -> None:
        self.header = header
        self.size = read_content_header(header)
        self.properties = read_properties(header, _HEADER_FIXED_SIZE)
        self.body: Body | None = None


def longer_than_announced(size: int) -> PeerError:
    """The answer to body frames that hold more than the content header said."""
    return PeerError(
        ReplyCode.FRAME_ERROR, f"the body frames hold more than the {size} bytes that the header announced"
    )
