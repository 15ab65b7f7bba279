"""What one channel owes its client: confirms of settled publishes, and replies that wait for earlier publishes.

A reply says that what came before it is done. So a reply is written at once only when every publish before it on its
channel is settled, and is held, in order, until then. Publishes are counted per channel: their ordinals are 1, 2, 3...
"""

from collections import deque
from collections.abc import Callable
from itertools import groupby

from .frames import ack_frame, nack_frame


class Outbox:
    """The outgoing side of a channel; frames are appended to `out`, which all channels of a connection share."""

    __slots__ = (
        "_ahead",
        "_channel",
        "_held",
        "_muted_from",
        "_out",
        "_refused",
        "_unreported",
        "confirms_above",
        "published",
        "settled_to",
    )

    def __init__(self, channel: int, out: bytearray) -> None:
        self._channel = channel
        self._out = out
        self._held: deque[tuple[int, bytes, Callable[[], None] | None]] = deque()
        self._ahead: set[int] = set()
        self._unreported: list[int] = []
        self._refused: set[int] = set()
        self._muted_from: int | None = None
        self.confirms_above: int | None = None
        self.published = 0
        self.settled_to = 0

    @property
    def is_holding(self) -> bool:
        """Whether a reply still waits."""
        return bool(self._held)

    def confirm(self) -> None:
        """Confirm every publish from now on: delivery tag 1 is the next one."""
        if self.confirms_above is None:
            self.confirms_above = self.published

    def mute_last(self) -> None:
        """Never confirm the last publish: a broker would have refused it with the channel.close that follows."""
        self._muted_from = self.published

    def settle(self, ordinal: int, ok: bool) -> bool:
        """Note a publish as settled; False says that it was refused and that no confirm will tell."""
        if ordinal == self.settled_to + 1:
            self.settled_to = ordinal
            while self._ahead and self.settled_to + 1 in self._ahead:
                self.settled_to += 1
                self._ahead.remove(self.settled_to)
        else:
            self._ahead.add(ordinal)
        if self.confirms_above is None or ordinal <= self.confirms_above or self._is_muted(ordinal):
            return ok
        self._unreported.append(ordinal)
        if not ok:
            self._refused.add(ordinal)
        return True

    def reply(self, frame: bytes, then: Callable[[], None] | None = None) -> None:
        """Write a reply, and then call `then`, as soon as every publish so far is settled."""
        if self._held or self.settled_to < self.published:
            self._held.append((self.published, frame, then))
            return
        self.flush()
        self._out += frame
        if then is not None:
            then()

    def preempt(self, frame: bytes) -> None:
        """Write a frame ahead of everything that is held."""
        self.flush()
        self._out += frame

    def forget_held(self) -> None:
        """Drop the replies that are held: the channel will never give them."""
        self._held.clear()

    def release(self) -> None:
        """Write the replies whose publishes are settled by now, after the confirms of those publishes."""
        if not self._held or self._held[0][0] > self.settled_to:
            return
        self.flush()
        while self._held and self._held[0][0] <= self.settled_to:
            _, frame, then = self._held.popleft()
            self._out += frame
            if then is not None:
                then()

    def flush(self) -> None:
        """Write the confirms that are due, one for each run of equal outcomes below the oldest unsettled publish."""
        unreported = self._unreported
        if not unreported:
            return
        base = self.confirms_above or 0
        if not self._refused and not self._ahead:
            # No gap below the last one, the case of every group commit: it covers all of them.
            self._out += ack_frame(self._channel, max(unreported) - base, multiple=len(unreported) > 1)
        else:
            self._flush_mixed(sorted(unreported), base)
            self._refused.clear()
        unreported.clear()

    def _flush_mixed(self, ordinals: list[int], base: int) -> None:
        covered = [ordinal for ordinal in ordinals if ordinal <= self.settled_to]
        for refused, run in groupby(covered, self._refused.__contains__):
            tags = [ordinal - base for ordinal in run]
            write = nack_frame if refused else ack_frame
            self._out += write(self._channel, tags[-1], multiple=len(tags) > 1)
        for ordinal in ordinals[len(covered) :]:
            write = nack_frame if ordinal in self._refused else ack_frame
            self._out += write(self._channel, ordinal - base, multiple=False)

    def _is_muted(self, ordinal: int) -> bool:
        return self._muted_from is not None and ordinal >= self._muted_from
