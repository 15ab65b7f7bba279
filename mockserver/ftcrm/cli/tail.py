"""The journal while it grows: its entries as the lines of a saved history, each once it is decided what it is."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from ftcrm.contracts.lines import Line, Mark, read_line
from ftcrm.mockserver.admin.events import event_view
from ftcrm.mockserver.journal import Entry, Journal

__all__ = ["Tail"]

_CHUNK = 200


class Tail:
    """`read` gives what came since it was last read; the seqs are the numbers of the lines.

    What was delivered in a Kafka transaction waits until the transaction has ended, and what came after it with it: the
    journal keeps the order of arrival. After a reset, a run goes on under another name (`default#2`): what came before
    makes a history of its own. An entry that was evicted before it was read is told by a mark, as saved histories do.

    Raises:
        JournalError: the journal cannot be read.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._position = journal.last_seq
        self._noticed = journal.last_seq
        self._resets: Counter[str] = Counter()

    def notices(self) -> bool:
        """Whether a delivery came since this was last asked, decided or not."""
        after, self._noticed = self._noticed, self._journal.last_seq
        return bool(self._journal.scan(after=after, until=self._noticed, filters={}, limit=1))

    def read(self) -> Iterator[Line | Mark]:
        """The next lines, some hundred at most; none when nothing further is there, or decided."""
        yield from self._lines(waits=True)

    def rest(self) -> Iterator[Line | Mark]:
        """All further lines; what is not decided by now never will be."""
        before = None
        while before != self._position:
            before = self._position
            yield from self._lines(waits=False)

    def _lines(self, *, waits: bool) -> Iterator[Line | Mark]:
        for entry in self._journal.read(after=self._position, limit=_CHUNK):
            if waits and entry.disposition == "pending":
                return
            if entry.seq > self._position + 1:
                yield Mark("evicted")
            self._position = entry.seq
            if (line := self._line(entry)) is not None:
                yield line

    def _line(self, entry: Entry) -> Line | Mark | None:
        match entry.kind:
            case "delivery":
                line = read_line(msgspec.json.encode(event_view(entry)), number=entry.seq)
                return line and msgspec.structs.replace(line, run=self._run(entry))
            case "closed" | "deadline":
                return Mark(entry.kind, self._run(entry), entry.received_at)
            case "transaction":
                particulars: dict[str, Any] = entry.transport_value()
                return Mark("transaction", at=entry.received_at, **particulars)
            case "reset":
                self._resets[entry.run] += 1
        return None

    def _run(self, entry: Entry) -> str:
        resets = self._resets[entry.run]
        return f"{entry.run}#{resets + 1}" if resets else entry.run
