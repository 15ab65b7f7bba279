"""Producer ids and transactions: one entry per transactional id, its epoch and whether a transaction is open.

    state      add partitions   produce     end               init
    EMPTY      -> OPEN          48          48                epoch + 1
    OPEN       OPEN             OPEN        -> ENDING         -> ENDING (abort), then epoch + 1
    ENDING     51               48          waits, or 51      51
    ENDED      -> OPEN          48          same result: 0    epoch + 1

Source: KIP-98; the codes of fenced producers are those of KIP-588.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from enum import Enum
from typing import Final

from ftcrm.mockserver.protocols.kafka.errors import ErrorCode


class State(Enum):
    """The state of a transactional id."""

    EMPTY = "empty"
    OPEN = "open"
    ENDING = "ending"
    ENDED = "ended"


class Transaction:
    """One transactional id."""

    __slots__ = ("_waiters", "committed", "epoch", "partitions", "producer_id", "state", "transactional_id")

    def __init__(self, transactional_id: str, producer_id: int) -> None:
        self.transactional_id = transactional_id
        self.producer_id = producer_id
        self.epoch = 0
        self.state = State.EMPTY
        self.partitions: set[tuple[str, int]] = set()
        self.committed = False
        self._waiters: list[Callable[[int], None]] = []

    def add(self, partition: tuple[str, int]) -> None:
        """Register a partition, which opens a transaction."""
        self.state = State.OPEN
        self.partitions.add(partition)

    def begin_end(self, committed: bool) -> None:
        """Begin to commit or abort; ``end`` follows when the journal has it."""
        self.state = State.ENDING
        self.committed = committed

    def when_ended(self, call: Callable[[int], None]) -> None:
        """Call back with the error code, or 0, when the ending is settled."""
        self._waiters.append(call)

    def end(self, error: int) -> None:
        """Settle the ending; refused, the transaction is open as before."""
        if error:
            self.state = State.OPEN
        else:
            self.state = State.ENDED
            self.partitions = set()
        waiters, self._waiters = self._waiters, []
        for call in waiters:
            call(error)


class Transactions:
    """The producer ids given, and the transactional ids known; the longest unused is forgotten first."""

    def __init__(self, first_producer_id: int, capacity: int) -> None:
        self.next_producer_id = first_producer_id
        self._capacity = capacity
        self._known: OrderedDict[str, Transaction] = OrderedDict()

    def new_producer_id(self) -> int:
        """Give a producer id."""
        self.next_producer_id += 1
        return self.next_producer_id - 1

    def find(self, transactional_id: str) -> Transaction | None:
        """Return the entry of a transactional id."""
        known = self._known.get(transactional_id)
        if known is not None:
            self._known.move_to_end(transactional_id)
        return known

    def renew(self, transactional_id: str) -> Transaction:
        """Return the entry in a new epoch, which fences earlier producers; the last epoch is followed by a new id."""
        known = self.find(transactional_id)
        if known is None or known.epoch >= LAST_EPOCH:
            known = self._known[transactional_id] = Transaction(transactional_id, self.new_producer_id())
            while len(self._known) > self._capacity:
                self._known.popitem(last=False)
            return known
        known.epoch += 1
        known.state = State.EMPTY
        return known

    def identify(
        self, transactional_id: str | None, producer_id: int, epoch: int, *, fenced: ErrorCode
    ) -> Transaction | ErrorCode:
        """Return the entry a request speaks for, or why it may not; ``fenced`` is what an old epoch is answered."""
        known = self.find(transactional_id) if transactional_id else None
        if known is None or known.producer_id != producer_id:
            return ErrorCode.INVALID_PRODUCER_ID_MAPPING
        if epoch != known.epoch:
            return fenced if epoch < known.epoch else ErrorCode.INVALID_PRODUCER_EPOCH
        return known


LAST_EPOCH: Final = 32_766
