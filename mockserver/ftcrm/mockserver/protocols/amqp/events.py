"""What the machine tells its shell."""

from typing import Any, Literal, TypeAlias

import msgspec

from .properties import Properties


class Opened(msgspec.Struct, frozen=True):
    """A client has logged in and opened a virtual host; publishes may follow."""

    user: str
    vhost: str
    mechanism: str
    client_properties: dict[str, Any]


class Published(msgspec.Struct, frozen=True):
    """A message has arrived in full: commit it to the journal, then hand its `token` to `Connection.settle`.

    `body` is the whole body unless `truncated`, then its beginning, and `body_sha256` is the hexadecimal digest of the
    whole; `body_size` is the length of the whole in bytes. `aborted` messages belong to a transaction that never
    committed. `routed` is False only in strict mode, for a message that a broker with this topology would have put in
    no queue.
    """

    token: int
    channel: int
    exchange: str
    routing_key: str
    mandatory: bool
    immediate: bool
    properties: Properties
    body: bytes
    body_size: int
    body_sha256: str | None = None
    truncated: bool = False
    disposition: Literal["accepted", "aborted"] = "accepted"
    routed: bool = True


class ProtocolError(msgspec.Struct, frozen=True):
    """The peer broke a rule and was told so; `sample` is the beginning (64 bytes at most) of what broke it."""

    reason: str
    sample: bytes


class Closed(msgspec.Struct, frozen=True):
    """The connection has ended, once: with the code and text of the close method, or code 0 when none was exchanged."""

    code: int
    text: str


Event: TypeAlias = Opened | Published | ProtocolError | Closed
