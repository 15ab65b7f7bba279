"""Idempotent producers: per producer id and partition the sequence expected next and the last five batches.

A batch whose sequences are those of one of the last five is a duplicate: it is not delivered again, and its answer is
that of the original. Sequences run from 0 to 2^31 - 1 and start over.
Source: KIP-98; the five batches are the most that an idempotent client keeps in flight.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final

from ftcrm.mockserver.protocols.kafka.appends import Append
from ftcrm.mockserver.protocols.kafka.errors import ErrorCode, RefusedError

Key = tuple[int, str, int]


class Sequences:
    """What is known of idempotent producers; the longest unused is forgotten first, and then accepted as it comes."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._producers: OrderedDict[Key, _Producer] = OrderedDict()

    def find_duplicate(self, key: Key, epoch: int, base: int, count: int) -> Append | None:
        """Return the original of a duplicate, None for the batch expected next; raises RefusedError for anything else.

        A producer that is not known is taken at its word: this server may have restarted since it began.
        """
        if base < 0:
            raise RefusedError(
                ErrorCode.INVALID_RECORD, f"expected a sequence number with producer id {key[0]}, got {base}"
            )
        known = self._producers.get(key)
        if known is None:
            return None
        if epoch < known.epoch:
            raise RefusedError(
                ErrorCode.INVALID_PRODUCER_EPOCH, f"expected epoch {known.epoch} of producer {key[0]}, got {epoch}"
            )
        if epoch > known.epoch:
            expected = 0
        else:
            for append in known.recent:
                if append.count == count and append.producer == (key[0], epoch, base):
                    return append
            if (base, count) in known.holes:
                return None
            expected = known.expected
        if base != expected:
            raise RefusedError(
                ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, f"expected sequence {expected} of producer {key[0]}, got {base}"
            )
        return None

    def accept(self, key: Key, epoch: int, base: int, append: Append) -> None:
        """Take note of a batch that ``find_duplicate`` let pass."""
        known = self._producers.get(key)
        if known is None or known.epoch != epoch:
            known = self._producers[key] = _Producer(epoch)
            while len(self._producers) > self._capacity:
                self._producers.popitem(last=False)
        self._producers.move_to_end(key)
        append.producer = (key[0], epoch, base)
        known.recent.append(append)
        if (base, append.count) in known.holes:
            known.holes.remove((base, append.count))
        else:
            known.expected = _after(base, append.count)

    def forget(self, append: Append) -> None:
        """Undo ``accept`` for a refused batch, so that its retry is taken, even after later batches were."""
        if append.producer is None:
            return
        producer_id, _, base = append.producer
        known = self._producers.get((producer_id, append.topic, append.partition))
        if known is None or append not in known.recent:
            return
        known.recent.remove(append)
        known.holes.append((base, append.count))
        while reopened := next((hole for hole in known.holes if _after(*hole) == known.expected), None):
            known.holes.remove(reopened)
            known.expected = reopened[0]


SEQUENCES: Final = 1 << 31
BATCHES_KEPT: Final = 5


class _Producer:
    """One producer id in one partition. ``holes`` are refused batches (base sequence, count) behind ``expected``."""

    __slots__ = ("epoch", "expected", "holes", "recent")

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.expected = 0
        self.recent: deque[Append] = deque(maxlen=BATCHES_KEPT)
        self.holes: deque[tuple[int, int]] = deque(maxlen=BATCHES_KEPT)


def _after(base: int, count: int) -> int:
    return (base + count) % SEQUENCES
