"""Work in slices: whoever reads much lets the senders have their turns meanwhile."""

import asyncio
from collections.abc import Callable

__all__ = ["SLICE_SECONDS", "Slices"]

SLICE_SECONDS = 0.004
"""How long one turn of the event loop may go on with such work."""


class Slices:
    """A slice has begun: once `is_over` says that its time is up, `rest` lets others go on and begins the next.

    What is read before a rest may be changed, or gone, after it.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._until = monotonic() + SLICE_SECONDS

    @property
    def is_over(self) -> bool:
        """Whether the slice has taken its time."""
        return self._monotonic() >= self._until

    async def rest(self) -> None:
        """Let others have a turn of the event loop."""
        await asyncio.sleep(0)
        self._until = self._monotonic() + SLICE_SECONDS
