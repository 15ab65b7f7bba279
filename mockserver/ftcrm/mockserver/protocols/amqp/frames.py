"""Frames: AMQP 0-9-1, section 4.2.3. Splitting a stream of bytes into frames, and writing frames."""

from collections.abc import Iterator
from struct import Struct
from typing import Any, Final

from .errors import PeerError, ReplyCode
from .methods import BASIC_ACK, BASIC_NACK, CONNECTION_CLOSE_OK, Method, encode

PROTOCOL_HEADER: Final = b"AMQP\x00\x00\x09\x01"
METHOD: Final = 1
HEADER: Final = 2
BODY: Final = 3
HEARTBEAT: Final = 8
FRAME_END: Final = 0xCE
FRAME_OVERHEAD: Final = 8
MIN_FRAME_MAX: Final = 4096
_FRAME: Final = Struct(">BHI")
_CONTENT_HEADER: Final = Struct(">HHQ")
_ACK: Final = Struct(">BHIHHQBB")


class FrameSplitter:
    """Cuts a stream into frames; each byte is copied a bounded number of times, into however many pieces it is cut."""

    def __init__(self, frame_max: int) -> None:
        self.frame_max = frame_max
        self.rest = b""
        self._partial = bytearray()
        self._wanted = 7

    def split(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Give (type, channel, payload) of every frame that `data` completes; exhaust it before the next call.

        Raises:
            PeerError: 501, after the frames before the bad one; the stream is lost from there on and kept in `rest`.
        """
        if self._partial:
            self._partial += data
            if len(self._partial) < self._wanted:
                return
            data = bytes(self._partial)
            self._partial.clear()
        offset, available = 0, len(data)
        wanted = 7
        unpack = _FRAME.unpack_from
        while available - offset >= 7:
            kind, channel, size = unpack(data, offset)
            if size > self.frame_max - FRAME_OVERHEAD:
                self.rest = data[offset:]
                raise PeerError(
                    ReplyCode.FRAME_ERROR,
                    f"a frame of {size + FRAME_OVERHEAD} bytes is larger than the negotiated {self.frame_max}",
                )
            start = offset + 7
            stop = start + size
            if stop >= available:
                wanted = size + FRAME_OVERHEAD
                break
            if data[stop] != FRAME_END:
                self.rest = data[offset:]
                raise PeerError(ReplyCode.FRAME_ERROR, f"a frame ends with 0xce, got {data[stop]:#04x}")
            offset = stop + 1
            yield kind, channel, data[start:stop]
        if offset < available:
            self._partial += data[offset:]
            self._wanted = wanted


def frame(kind: int, channel: int, payload: bytes) -> bytes:
    """Write one frame."""
    return b"%b%b\xce" % (_FRAME.pack(kind, channel, len(payload)), payload)


def method_frame(channel: int, method: Method, /, **arguments: Any) -> bytes:
    """Write one method frame."""
    return frame(METHOD, channel, encode(method, **arguments))


def ack_frame(channel: int, delivery_tag: int, *, multiple: bool) -> bytes:
    """Write basic.ack, by hand: it is the one method that is sent once per message."""
    return _ACK.pack(METHOD, channel, 13, BASIC_ACK.class_id, BASIC_ACK.method_id, delivery_tag, multiple, FRAME_END)


def nack_frame(channel: int, delivery_tag: int, *, multiple: bool) -> bytes:
    """Write basic.nack."""
    return method_frame(channel, BASIC_NACK, delivery_tag=delivery_tag, multiple=multiple)


def content_frames(channel: int, header: bytes, body: bytes, frame_max: int) -> bytes:
    """Write a content header whose payload is `header`, and the body cut to `frame_max`."""
    step = frame_max - FRAME_OVERHEAD
    bodies = (frame(BODY, channel, body[at : at + step]) for at in range(0, len(body), step))
    return frame(HEADER, channel, header) + b"".join(bodies)


def read_content_header(payload: bytes) -> int:
    """Check the fixed part of a content header and give the size of the body.

    Raises:
        PeerError: 501 it is too short, 505 it is of another class than basic, 502 its weight is not 0.
    """
    if len(payload) < _CONTENT_HEADER.size + 2:
        raise PeerError(ReplyCode.FRAME_ERROR, f"a content header has 14 bytes at least, got {len(payload)}")
    class_id, weight, size = _CONTENT_HEADER.unpack_from(payload)
    if class_id != 60:
        raise PeerError(
            ReplyCode.UNEXPECTED_FRAME, f"expected content header for class 60, got one for class {class_id} instead"
        )
    if weight:
        raise PeerError(ReplyCode.SYNTAX_ERROR, f"the weight of a content header is 0, got {weight}")
    return int(size)


HEARTBEAT_FRAME: Final = frame(HEARTBEAT, 0, b"")
CLOSE_OK_FRAME: Final = method_frame(0, CONNECTION_CLOSE_OK)
