"""What a journal is: an ordered list of entries, appended in groups that are there whole or not at all."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from ftcrm.mockserver.journal.entries import Entry

__all__ = ["FILTERS", "Journal"]

FILTERS = frozenset(
    {
        "connector",
        "message_type",
        "type",
        "status",
        "verdict",
        "disposition",
        "origin",
        "user_id",
        "round_id",
        "user_bonus_id",
        "activity_id",
        "run",
    }
)
"""The columns that a scan can be narrowed by."""


class Journal(Protocol):
    """One ordered journal. Every method raises JournalError when the storage fails, and has then changed nothing."""

    @property
    def last_seq(self) -> int:
        """The seq of the last entry, 0 when there is none."""

    @property
    def evicted(self) -> int:
        """How many deliveries were evicted since the journal was made."""

    def __len__(self) -> int:
        """How many entries it holds."""

    def append(
        self,
        entries: Sequence[Entry],
        *,
        counters: Mapping[str, int] | None = None,
        decided: Iterable[tuple[int, str]] = (),
    ) -> None:
        """Commit these entries, whose seqs continue from `last_seq`; with them, in the same commit, the named
        counters and the dispositions (seq, disposition) of pending deliveries that a mark among them decides. An
        aborted one never was an event: its verdict and its findings go.
        """

    def read(self, *, after: int, limit: int) -> list[Entry]:
        """The next entries beyond a seq, in order."""

    def get(self, seqs: Sequence[int]) -> list[Entry]:
        """The entries with these seqs that are (still) there, in order."""

    def scan(self, *, after: int, until: int, filters: Mapping[str, str], limit: int) -> list[Entry]:
        """The deliveries with after < seq <= until that match every filter (a name of FILTERS), in order."""

    def evict(self, count: int, mark: Entry) -> list[Entry]:
        """Delete the oldest `count` entries and append the mark, in one commit; the entries that were deleted."""

    def counters(self, prefix: str) -> dict[str, int]:
        """The named counters whose name begins so."""

    def close(self) -> None:
        """Close it; whatever was appended stays (unless it is kept in memory)."""
