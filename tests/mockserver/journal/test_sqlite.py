"""The SQLite journal's own: what it opens and refuses to open, what a killed process leaves behind."""

import contextlib
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ftcrm.contracts.errors import JournalError
from ftcrm.mockserver.journal import SQLiteJournal

PRELUDE = """
import os, signal, sys
from pathlib import Path
from ftcrm.mockserver.journal import Entry, SQLiteJournal
def entry(seq, raw=b""):
    return Entry(seq, "default", "delivery", "rest", 0, "accepted", raw=raw)
journal = SQLiteJournal(Path(sys.argv[1]))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.journal"


def write_with(path: Path, script: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.executescript(script)


@contextlib.contextmanager
def another_process(path: Path, script: str) -> Iterator[subprocess.Popen[str]]:
    """Runs the script with `journal` open; ends it when it is left."""
    process = subprocess.Popen(
        [sys.executable, "-c", PRELUDE + script, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=30)


def killed(path: Path, script: str) -> None:
    with another_process(path, script) as process:
        process.communicate(timeout=30)
        assert process.returncode == -signal.SIGKILL


def test_what_is_no_journal_is_refused_by_name(path: Path) -> None:
    path.write_bytes(b"seq,run\n1,default\n" * 100)
    with pytest.raises(JournalError) as refused:
        SQLiteJournal(path)
    assert str(refused.value) == (
        f"journal {path}: expected a journal file that can be written, got: file is not a database; "
        "name another file with --journal"
    )
    assert path.read_bytes() == b"seq,run\n1,default\n" * 100


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("CREATE TABLE t (a); PRAGMA user_version = 99", r"its format is 99"),
        ("CREATE TABLE t (a); PRAGMA user_version = -1", r"its format is -1"),
        ("CREATE TABLE customers (name)", r"its tables: customers"),
        ("CREATE TABLE entries (seq)", r"its tables: entries"),
        ("CREATE TABLE entries (number); CREATE TABLE counters (name); PRAGMA user_version = 1", r"seq"),
        ("CREATE TABLE customers (name); PRAGMA user_version = 1", r"its tables: customers"),
    ],
    ids=["newer", "negative", "foreign", "foreign-entries", "other-columns", "no-entries"],
)
def test_another_database_is_refused_and_stays_as_it_was(path: Path, script: str, reason: str) -> None:
    write_with(path, script)
    before = path.read_bytes()
    with pytest.raises(JournalError, match=rf"{path}: expected a journal file .*{reason}"):
        SQLiteJournal(path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=rf"journal {tmp_path}: expected .* Is a directory"):
        SQLiteJournal(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"none/journal: expected .* No such file or directory"):
        SQLiteJournal(tmp_path / "none" / "journal")


def test_a_folder_that_is_a_file_is_refused(path: Path) -> None:
    path.write_bytes(b"")
    with pytest.raises(JournalError, match=r"expected .* Not a directory"):
        SQLiteJournal(path / "journal")


def test_a_journal_that_could_not_be_opened_is_let_go(path: Path) -> None:
    """The lock would else stay with whoever keeps the exception."""
    path.write_bytes(b"no journal" * 100)
    with pytest.raises(JournalError) as refused:
        SQLiteJournal(path)
    path.write_bytes(b"")
    SQLiteJournal(path).close()
    assert "not a database" in str(refused.value)


def test_two_journals_cannot_have_one_file(path: Path) -> None:
    first = SQLiteJournal(path)
    with pytest.raises(JournalError, match=rf"journal {path}: another ftcrm serves from it; stop that one or name"):
        SQLiteJournal(path)
    first.close()
    SQLiteJournal(path).close()


def test_a_file_that_another_process_serves_from_is_refused_until_that_one_ends(path: Path) -> None:
    with another_process(path, "print('open', flush=True); sys.stdin.read()") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        with pytest.raises(JournalError, match="another ftcrm serves from it"):
            SQLiteJournal(path)
    SQLiteJournal(path).close()


def test_others_may_read_it_meanwhile(path: Path, stand: Any, rows: Callable[[Path], list[Any]]) -> None:
    journal = SQLiteJournal(path)
    journal.append([stand.entry(1)])
    assert rows(path) == [(1, "accepted")]
    journal.append([stand.entry(2)])
    assert rows(path) == [(1, "accepted"), (2, "accepted")]
    journal.close()


def test_a_closed_journal_is_one_file(path: Path, stand: Any) -> None:
    journal = SQLiteJournal(path)
    journal.append([stand.entry(1)])
    journal.close()
    assert list(path.parent.iterdir()) == [path]


def test_a_group_that_was_not_committed_is_gone_with_its_process(path: Path, stand: Any) -> None:
    killed(
        path,
        """
journal.append([entry(1)], counters={"a": 1})
def die(statement):
    if statement == "COMMIT":
        os.kill(os.getpid(), signal.SIGKILL)
journal._connection.set_trace_callback(die)
journal.append([entry(2, b"x" * 5_000_000), entry(3)], counters={"a": 2}, decided=[(1, "refused")])
""",
    )
    journal = SQLiteJournal(path)
    assert journal.read(after=0, limit=9) == [stand.entry(1, received_at=0)]
    assert (journal.last_seq, len(journal), journal.counters("")) == (1, 1, {"a": 1})
    journal.append([stand.entry(2)])
    journal.close()


def test_a_group_that_was_committed_is_there_after_its_process(path: Path, stand: Any) -> None:
    killed(
        path,
        """
journal.append([entry(1), entry(2, b"x" * 5_000_000)], counters={"a": 2})
os.kill(os.getpid(), signal.SIGKILL)
""",
    )
    journal = SQLiteJournal(path)
    assert [entry.seq for entry in journal.read(after=0, limit=9)] == [1, 2]
    assert journal.counters("") == {"a": 2}
    journal.close()


def test_an_eviction_that_was_not_committed_is_undone(path: Path) -> None:
    killed(
        path,
        """
journal.append([entry(1), entry(2)])
def die(statement):
    if statement == "COMMIT":
        os.kill(os.getpid(), signal.SIGKILL)
journal._connection.set_trace_callback(die)
journal.evict(1, Entry(3, "", "evicted", "journal", 0, "accepted"))
""",
    )
    journal = SQLiteJournal(path)
    assert [entry.seq for entry in journal.read(after=0, limit=9)] == [1, 2]
    assert (journal.evicted, journal.last_seq) == (0, 2)
    journal.close()


def test_a_damaged_file_is_a_journal_error(path: Path, stand: Any) -> None:
    journal = SQLiteJournal(path)
    journal.append([stand.entry(seq, raw=b"x" * 4_000) for seq in range(1, 200)])
    journal.close()
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    with pytest.raises(JournalError, match=rf"journal {path}: expected .* malformed"):
        SQLiteJournal(path)


def test_a_file_of_any_name_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    journal = SQLiteJournal(Path(":memory:"))
    journal.append((), counters={"a": 1})
    journal.close()
    again = SQLiteJournal(Path(":memory:"))
    assert again.counters("a") == {"a": 1}
    again.close()


def test_a_commit_is_in_the_log_before_it_is_answered_for(tmp_path: Path) -> None:
    """WAL and synchronous NORMAL: what was committed survives the end of the process."""
    journal = SQLiteJournal(tmp_path / "j")
    modes = [journal._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert modes == ["wal", 1]
    journal.close()
