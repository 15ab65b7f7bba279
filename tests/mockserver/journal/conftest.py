"""The journals that the conformance suite runs over: another implementation is one line in IMPLEMENTATIONS."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from ftcrm.mockserver.journal import Journal, SQLiteJournal

Open = Callable[[Path], Journal]
Fault = Callable[[Journal], AbstractContextManager[None]]


class Implementation(NamedTuple):
    """How to open a journal in a folder, whether opening it again finds what it held, and what makes its commits fail.

    A fault makes every commit of more than a few kilobytes fail while it lasts.
    """

    open: Open
    durable: bool
    faults: dict[str, Fault]

    @contextmanager
    def fresh(self) -> Iterator["Opened"]:
        """A journal in a folder of its own."""
        with tempfile.TemporaryDirectory() as folder:
            opened = Opened(self, Path(folder))
            try:
                yield opened
            finally:
                opened.journal.close()


class Opened:
    """An open journal that can be closed and opened again."""

    def __init__(self, implementation: Implementation, folder: Path) -> None:
        self._implementation = implementation
        self._folder = folder
        self.journal = implementation.open(folder)

    def reopen(self) -> None:
        self.journal.close()
        self.journal = self._implementation.open(self._folder)


@contextmanager
def read_only(journal: Journal) -> Iterator[None]:
    connection = _sqlite(journal)._connection
    connection.execute("PRAGMA query_only = 1")
    try:
        yield
    finally:
        connection.execute("PRAGMA query_only = 0")


@contextmanager
def full(journal: Journal) -> Iterator[None]:
    connection = _sqlite(journal)._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    try:
        yield
    finally:
        connection.execute("PRAGMA max_page_count = 1073741823")


def _sqlite(journal: Journal) -> SQLiteJournal:
    assert isinstance(journal, SQLiteJournal)
    return journal


_SQLITE_FAULTS: dict[str, Fault] = {"read-only": read_only, "full": full}

IMPLEMENTATIONS = {
    "sqlite-memory": Implementation(lambda _: SQLiteJournal(), False, _SQLITE_FAULTS),
    "sqlite-file": Implementation(lambda folder: SQLiteJournal(folder / "journal"), True, _SQLITE_FAULTS),
}


@pytest.fixture(scope="session", params=IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS.keys())
def implementation(request: pytest.FixtureRequest) -> Implementation:
    found: Implementation = request.param
    return found


@pytest.fixture
def journal(implementation: Implementation) -> Iterator[Journal]:
    with implementation.fresh() as opened:
        yield opened.journal
