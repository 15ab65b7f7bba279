"""What the channels of one connection share, and the limits they keep."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from .errors import PeerError, ReplyCode
from .events import Event
from .topology import VirtualHost

if TYPE_CHECKING:
    from .channel import Channel

Route: TypeAlias = tuple[str, str, bool, bool]
"""Exchange, routing key, mandatory, immediate: what basic.publish says."""


@dataclass(frozen=True)
class Limits:
    """What a connection may cost; sizes in bytes, `heartbeat` in seconds.

    Bodies above `max_body` keep their first `keep_prefix` bytes. `max_buffered` bounds what all unfinished bodies and
    open transactions of one connection hold together (it is raised to `max_body` when that is larger).
    """

    max_body: int = 1 << 20
    keep_prefix: int = 65536
    frame_max: int = 131072
    channel_max: int = 2047
    heartbeat: int = 60
    max_buffered: int = 64 << 20


@dataclass(eq=False, slots=True)
class Session:
    """The state that channels and their connection both change."""

    limits: Limits
    frame_max: int
    channel_max: int
    vhost: VirtualHost | None = None
    out: bytearray = field(default_factory=bytearray)
    events: list[Event] = field(default_factory=list)
    channels: "dict[int, Channel]" = field(default_factory=dict)
    unsettled: "dict[int, tuple[Channel, int]]" = field(default_factory=dict)
    routes: dict[bytes, Route] = field(default_factory=dict)
    last_token: int = 0
    buffered: int = 0
    generated: int = 0

    def reserve(self, size: int) -> None:
        """Count `size` bytes that a channel is about to keep.

        Raises:
            PeerError: 506 when the connection would keep more than it may.
        """
        most = max(self.limits.max_buffered, self.limits.max_body)
        if self.buffered + size > most:
            raise PeerError(
                ReplyCode.RESOURCE_ERROR,
                f"unfinished bodies and open transactions of a connection hold {most} bytes at most",
            )
        self.buffered += size

    def generate(self, prefix: str) -> str:
        """Make up a name that the client left to the server."""
        self.generated += 1
        return f"{prefix}{self.generated}"
