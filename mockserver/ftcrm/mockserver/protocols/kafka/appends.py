"""A batch that was given offsets, from its arrival until it is committed or refused, and who waits for that."""

from __future__ import annotations

from collections.abc import Callable


class Append:
    """A batch in flight. ``error`` is None until it is settled; then 0, or the Kafka error code it was refused with."""

    __slots__ = ("_waiters", "base_offset", "count", "error", "partition", "producer", "topic")

    def __init__(self, topic: str, partition: int, base_offset: int, count: int) -> None:
        self.topic = topic
        self.partition = partition
        self.base_offset = base_offset
        self.count = count
        self.error: int | None = None
        self.producer: tuple[int, int, int] | None = None
        """Producer id, epoch and base sequence of an idempotent batch."""
        self._waiters: list[Callable[[], None]] = []

    def when_settled(self, call: Callable[[], None]) -> None:
        """Call back once it is settled: the retries of this batch, on whichever connection, wait so."""
        self._waiters.append(call)

    def settle(self, error: int) -> None:
        """Settle it, and tell those who wait."""
        self.error = error
        waiters, self._waiters = self._waiters, []
        for call in waiters:
            call()
