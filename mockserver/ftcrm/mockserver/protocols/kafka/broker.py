"""The state that all connections of a server share: topics, offsets, producers. Values only: no I/O and no clock."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from ftcrm.mockserver.protocols.kafka.appends import Append
from ftcrm.mockserver.protocols.kafka.errors import ErrorCode
from ftcrm.mockserver.protocols.kafka.limits import Limits
from ftcrm.mockserver.protocols.kafka.sequences import Sequences
from ftcrm.mockserver.protocols.kafka.transactions import Transactions

if TYPE_CHECKING:
    from ftcrm.mockserver.protocols.kafka.connection import Connection

NO_TOPIC_ID: Final = bytes(16)


class Broker:
    """One broker that leads every partition of every topic.

    ``next_offsets`` continues the offsets of a journal, ``first_producer_id`` its producer ids; topics named there
    exist. ``partitions`` is the number an auto-created topic gets. ``authenticate`` takes user and password; without it
    SASL is optional and any credentials are taken.
    """

    def __init__(
        self,
        *,
        node_id: int = 1,
        cluster_id: str = "ftcrm-mock",
        partitions: int = 1,
        next_offsets: Mapping[tuple[str, int], int] | None = None,
        first_producer_id: int = 0,
        authenticate: Callable[[str, str], bool] | None = None,
        auto_create: bool = True,
        limits: Limits | None = None,
    ) -> None:
        self.node_id = node_id
        self.cluster_id = cluster_id
        self.default_partitions = partitions
        self.authenticate = authenticate
        self.auto_create = auto_create
        self.limits = limits or Limits()
        self.topics: dict[str, int] = {}
        self.sequences = Sequences(self.limits.max_producers)
        self.transactions = Transactions(first_producer_id, self.limits.max_producers)
        self.woken: list[Connection] = []
        """The connections that got bytes to send in this call: a settlement on one can answer a retry on another."""
        self._names: dict[bytes, str] = {}
        self._partitions_left = self.limits.max_partitions
        self._next_offsets = dict(next_offsets or {})
        for topic, partition in self._next_offsets:
            self.add_topic(topic, max(partitions, partition + 1, self.topics.get(topic, 0)))

    @property
    def next_producer_id(self) -> int:
        """The producer id given next: what a journal keeps so that ids never repeat."""
        return self.transactions.next_producer_id

    def next_offset(self, topic: str, partition: int) -> int:
        """Return the offset of the partition's next record, its high watermark."""
        return self._next_offsets.get((topic, partition), 0)

    def find_topic(self, topic: str, *, create: bool) -> ErrorCode:
        """Say whether a topic can be used; one that is missing is created when asked for and configured."""
        if topic in self.topics:
            return ErrorCode.NONE
        if not _TOPIC_NAME.fullmatch(topic) or topic in {".", ".."}:
            return ErrorCode.INVALID_TOPIC_EXCEPTION
        if not (create and self.auto_create):
            return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        if self.default_partitions > self._partitions_left:
            return ErrorCode.POLICY_VIOLATION
        self.add_topic(topic, self.default_partitions)
        return ErrorCode.NONE

    def find_partition(self, topic: str, partition: int, *, create: bool) -> ErrorCode:
        """Say whether a partition can be written, creating its topic as ``find_topic`` does."""
        error = self.find_topic(topic, create=create)
        if error or 0 <= partition < self.topics[topic]:
            return error
        return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

    def check_new_topic(self, topic: str, partitions: int) -> ErrorCode:
        """Say whether a topic could be created; -1 partitions ask for the default."""
        error = self.find_topic(topic, create=False)
        if error is ErrorCode.NONE:
            return ErrorCode.TOPIC_ALREADY_EXISTS
        if error is ErrorCode.INVALID_TOPIC_EXCEPTION:
            return error
        if partitions == -1:
            partitions = self.default_partitions
        if not 0 < partitions <= self.limits.max_partitions:
            return ErrorCode.INVALID_PARTITIONS
        return ErrorCode.POLICY_VIOLATION if partitions > self._partitions_left else ErrorCode.NONE

    def add_topic(self, topic: str, partitions: int) -> None:
        """Create a topic, or set its number of partitions."""
        self._partitions_left -= partitions - self.topics.get(topic, 0)
        self.topics[topic] = partitions
        self._names[topic_id(topic)] = topic

    def topic_by_id(self, identity: bytes) -> str | None:
        """Return the name of the topic with this id."""
        return self._names.get(identity)

    def take_offsets(self, topic: str, partition: int, count: int) -> Append:
        """Give the next ``count`` offsets of a partition to a batch, until it is settled."""
        base = self.next_offset(topic, partition)
        self._next_offsets[topic, partition] = base + count
        return Append(topic, partition, base, count)

    def settle(self, append: Append, error: int) -> None:
        """Settle a batch. A refused one gives its offsets back, or leaves a gap if a later batch has the next."""
        if error:
            if self.next_offset(append.topic, append.partition) == append.base_offset + append.count:
                self._next_offsets[append.topic, append.partition] = append.base_offset
            self.sequences.forget(append)
        append.settle(error)


def topic_id(topic: str) -> bytes:
    """Return a topic's UUID, a pure function of its name: it survives restarts without being kept."""
    digest = bytearray(hashlib.sha256(b"ftcrm-mock topic " + topic.encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return bytes(digest)


_TOPIC_NAME: Final = re.compile(r"[a-zA-Z0-9._-]{1,249}")
