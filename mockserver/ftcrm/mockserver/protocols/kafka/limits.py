"""What one connection may ask of this server's memory and time."""

from __future__ import annotations

from dataclasses import dataclass

from ftcrm.mockserver.protocols.kafka.errors import ErrorCode, RefusedError

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """The limits of a broker, in bytes where nothing else is said.

    ``max_record`` is key, value and headers of one record. ``max_decompressed`` and ``max_items`` (records and, in
    batches above ``max_record``, headers) hold for one Produce request, all its partitions together: a request can hold
    many bombs. ``max_partitions`` are those of all topics together, ``max_producers`` the idempotent producers (per
    partition) and the transactional ids that are remembered.
    """

    max_frame: int = 16 * MIB
    max_record: int = MIB
    max_decompressed: int = 64 * MIB
    keep_prefix: int = 65_536
    max_items: int = 1_000_000
    max_partitions: int = 10_000
    max_producers: int = 10_000


class Budget:
    """What is left of the limits of one request."""

    __slots__ = ("bytes_left", "items_left")

    def __init__(self, limits: Limits) -> None:
        self.bytes_left = limits.max_decompressed
        self.items_left = limits.max_items

    def take_bytes(self, size: int) -> None:
        """Spend bytes; raises RefusedError when they are not there."""
        self.bytes_left -= size
        if self.bytes_left < 0:
            raise RefusedError(
                ErrorCode.MESSAGE_TOO_LARGE, f"the request decompresses to {-self.bytes_left} bytes too many"
            )

    def take_items(self, count: int) -> None:
        """Spend records or headers; raises RefusedError when they are not there."""
        self.items_left -= count
        if self.items_left < 0:
            raise RefusedError(
                ErrorCode.MESSAGE_TOO_LARGE, f"the request has {-self.items_left} records and headers too many"
            )
