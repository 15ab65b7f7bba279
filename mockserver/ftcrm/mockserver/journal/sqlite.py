"""The journal in SQLite: a file in WAL mode, or memory.

One connection, one table keyed by seq, no secondary index (each would cost every entry 10 us or more: the index from
keys to seqs lives in memory), and synchronous NORMAL: a commit survives the end of the process at any moment, though
not the loss of power.
"""

import fcntl
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from ftcrm.contracts.errors import JournalError
from ftcrm.mockserver.journal.entries import Entry
from ftcrm.mockserver.journal.protocol import FILTERS

__all__ = ["SQLiteJournal"]

_VERSION = 1
_COLUMNS = Entry.__struct_fields__
_TABLES = f"""
CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY, run TEXT NOT NULL, kind TEXT NOT NULL, connector TEXT NOT NULL,
    received_at INTEGER NOT NULL, disposition TEXT NOT NULL, transport TEXT NOT NULL, raw BLOB NOT NULL, size INTEGER,
    message_type TEXT, verdict TEXT, origin TEXT, user_id TEXT, round_id TEXT, user_bonus_id TEXT, activity_id TEXT,
    type TEXT, status TEXT, findings TEXT
);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA user_version = {_VERSION};
"""
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM entries"  # noqa: S608 - column names from the struct
_INSERT = f"INSERT INTO entries VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
_COUNT = "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
_DECIDE = """
UPDATE entries SET
    disposition = :disposition,
    verdict = iif(:disposition = 'aborted', NULL, verdict),
    findings = iif(:disposition = 'aborted', NULL, findings)
WHERE seq = :seq
"""
_EVICTED = "journal:evicted"
_VARIABLES = 500
"""How many values one statement names at most; SQLite's own limit is 32,766."""


class SQLiteJournal:
    """See `ftcrm.mockserver.journal.Journal`; `path` None keeps it in memory."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        place = ":memory:" if path is None else path.absolute()  # a file may bear SQLite's name for memory
        try:
            with ExitStack() as opened:
                if path is not None:
                    opened.enter_context(_lock(path))
                self._connection = opened.enter_context(
                    closing(sqlite3.connect(place, isolation_level=None, cached_statements=64))
                )
                self._prepare()
                self._last_seq = self._number("SELECT coalesce(max(seq), 0) FROM entries")
                self._length = self._number("SELECT count(*) FROM entries")
                self._evicted = self.counters(_EVICTED).get(_EVICTED, 0)
                self._opened = opened.pop_all()
        except (sqlite3.Error, OSError) as error:
            raise JournalError(
                f"journal {path}: expected a journal file that can be written, got: {error}; "
                "name another file with --journal"
            ) from error

    @property
    def last_seq(self) -> int:
        """The seq of the last entry, 0 when there is none."""
        return self._last_seq

    @property
    def evicted(self) -> int:
        """How many deliveries were evicted since the journal was made."""
        return self._evicted

    def __len__(self) -> int:
        return self._length

    def append(
        self,
        entries: Sequence[Entry],
        *,
        counters: Mapping[str, int] | None = None,
        decided: Iterable[tuple[int, str]] = (),
    ) -> None:
        """Commit these entries in one transaction."""
        rows = [msgspec.structs.astuple(entry) for entry in entries]
        with self._transaction() as connection:
            connection.executemany(_INSERT, rows)
            if counters:
                connection.executemany(_COUNT, list(counters.items()))
            if decided:
                connection.executemany(_DECIDE, [{"seq": seq, "disposition": value} for seq, value in decided])
        if entries:
            self._last_seq = entries[-1].seq
            self._length += len(entries)

    def read(self, *, after: int, limit: int) -> list[Entry]:
        """The next entries beyond a seq, in order."""
        return self._entries(f"{_SELECT} WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit))

    def get(self, seqs: Sequence[int]) -> list[Entry]:
        """The entries with these seqs that are (still) there, in order."""
        wanted = sorted(set(seqs))
        found: list[Entry] = []
        for start in range(0, len(wanted), _VARIABLES):
            part = wanted[start : start + _VARIABLES]
            found += self._entries(f"{_SELECT} WHERE seq IN ({', '.join('?' * len(part))}) ORDER BY seq", part)
        return found

    def scan(self, *, after: int, until: int, filters: Mapping[str, str], limit: int) -> list[Entry]:
        """The deliveries with after < seq <= until that match every filter, in order."""
        if unknown := filters.keys() - FILTERS:
            raise JournalError(f"expected filters among {sorted(FILTERS)}, got {sorted(unknown)}")
        narrowed = "".join(f" AND {name} = ?" for name in filters)
        statement = f"{_SELECT} WHERE seq > ? AND seq <= ? AND kind = 'delivery'{narrowed} ORDER BY seq LIMIT ?"
        return self._entries(statement, (after, until, *filters.values(), limit))

    def evict(self, count: int, mark: Entry) -> list[Entry]:
        """Delete the oldest `count` entries and append the mark, in one commit; the entries that were deleted."""
        oldest = self.read(after=0, limit=count)
        if not oldest:
            return []
        evicted = self._evicted + sum(entry.kind == "delivery" for entry in oldest)
        with self._transaction() as connection:
            connection.execute("DELETE FROM entries WHERE seq <= ?", (oldest[-1].seq,))
            connection.execute(_INSERT, msgspec.structs.astuple(mark))
            connection.execute(_COUNT, (_EVICTED, evicted))
        self._evicted = evicted
        self._last_seq = mark.seq
        self._length += 1 - len(oldest)
        return oldest

    def counters(self, prefix: str) -> dict[str, int]:
        """The named counters whose name begins so."""
        rows = self._rows("SELECT name, value FROM counters WHERE substr(name, 1, ?) = ?", (len(prefix), prefix))
        return dict(rows)

    def close(self) -> None:
        """Close it; a file is checkpointed, so that it can be copied alone."""
        self._opened.close()

    def _prepare(self) -> None:
        """Make sure that the file is a journal, or empty, before anything is written to it."""
        connection = self._connection
        version = self._number("PRAGMA user_version")
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if version not in (0, _VERSION):
            raise sqlite3.DatabaseError(f"it was written by another version of ftcrm (its format is {version})")
        if tables if version == 0 else not {"entries", "counters"} <= tables:
            raise sqlite3.DatabaseError(f"it is another program's database (its tables: {', '.join(sorted(tables))})")
        if version == _VERSION:
            connection.execute(f"{_SELECT} LIMIT 0")
        connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = 2;")
        if version == 0:
            connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} COMMIT;")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except (sqlite3.Error, ValueError, OverflowError) as error:
            # A value that SQLite cannot hold is no sqlite3.Error; its transaction, left open, would fail later ones.
            with suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            raise JournalError(f"journal {self.path or 'in memory'}: the commit failed: {error}") from error

    def _entries(self, statement: str, values: Sequence[Any]) -> list[Entry]:
        return [Entry(*row) for row in self._rows(statement, values)]

    def _rows(self, statement: str, values: Sequence[Any]) -> list[Any]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise JournalError(f"journal {self.path or 'in memory'}: it cannot be read: {error}") from error

    def _number(self, statement: str) -> int:
        value: int = self._connection.execute(statement).fetchone()[0]
        return value


def _lock(path: Path) -> BinaryIO:
    """Hold the file for this process: a second server on it would give out the same seqs. Reading it stays free.

    flock and SQLite's own record locks do not know each other, and it ends with the process, however that ends.
    """
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise JournalError(
            f"journal {path}: another ftcrm serves from it; stop that one or name another file"
        ) from error
    return file
