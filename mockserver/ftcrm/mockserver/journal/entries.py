"""Entries: what one position of the journal holds."""

from typing import Any, Literal

import msgspec

__all__ = ["Disposition", "Entry", "EntryKind"]

EntryKind = Literal["delivery", "reset", "closed", "deadline", "transaction", "evicted"]
Disposition = Literal["accepted", "refused", "aborted", "pending"]


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One entry: a delivery with everything that arrived, or a mark (its `kind` says which).

    `received_at` is in microseconds since the Unix epoch, UTC. `transport` is JSON text. `raw` holds the bytes that
    arrived (their beginning, when `size` says that there were more). A mark has its particulars in `transport`; the
    instant that a `deadline` mark speaks of is its own `received_at`. A delivery is `pending` while its transaction is
    open; the transaction's mark makes it accepted or aborted.
    """

    seq: int
    run: str
    kind: EntryKind
    connector: str
    received_at: int
    disposition: Disposition
    transport: str = "{}"
    raw: bytes = b""
    size: int | None = None
    message_type: str | None = None
    verdict: str | None = None
    origin: str | None = None
    user_id: str | None = None
    round_id: str | None = None
    user_bonus_id: str | None = None
    activity_id: str | None = None
    type: str | None = None
    status: str | None = None
    findings: str | None = None

    def transport_value(self) -> dict[str, Any]:
        """The transport metadata as an object."""
        value: dict[str, Any] = msgspec.json.decode(self.transport)
        return value
