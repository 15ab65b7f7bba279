"""Rows of a table that are put aside until the last one came: a column is as wide as its widest cell."""

from collections.abc import Collection, Iterator, Sequence
from tempfile import SpooledTemporaryFile
from typing import Self

import msgspec

__all__ = ["Rows"]

_IN_MEMORY = 1_000_000
"""How many bytes of rows are kept in memory; more of them are in a temporary file."""


class Rows:
    """`add` every row, then read them, as often as needed; a context manager.

    Columns that `tell_apart`, by their titles, are left out where they say the same in every row; `rare` ones where
    they have a dash in every row.
    """

    def __init__(self, titles: Sequence[str], *, tell_apart: Collection[str] = (), rare: Collection[str] = ()) -> None:
        self._titles = tuple(titles)
        self._tell_apart = frozenset(tell_apart)
        self._rare = frozenset(rare)
        self._widths = list(map(len, titles))
        self._first: Sequence[str] | None = None
        self._differing: set[int] = set()
        self._filled: set[int] = set()
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - __exit__ closes it
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        """How many rows there are."""
        return self._count

    def add(self, cells: Sequence[str]) -> None:
        """The next row, a cell for each column."""
        if self._first is None:
            self._first = cells
        for index, cell in enumerate(cells):
            self._widths[index] = max(self._widths[index], len(cell))
            if cell != self._first[index]:
                self._differing.add(index)
            if cell != "-":
                self._filled.add(index)
        self._file.write(msgspec.json.encode(cells) + b"\n")
        self._count += 1

    @property
    def titles(self) -> tuple[str, ...]:
        """The titles of the columns that are not left out."""
        return tuple(self._titles[index] for index in self._shown())

    def __iter__(self) -> Iterator[list[str]]:
        """The cells of each row in those columns."""
        shown = self._shown()
        self._file.seek(0)
        for line in self._file:
            cells = msgspec.json.decode(line, type=list[str])
            yield [cells[index] for index in shown]

    def lines(self, *, numbers: Collection[str] = ()) -> Iterator[str]:
        """The header and the rows as aligned lines, the columns of these titles to the right."""
        columns = [(self._widths[index], self._titles[index] in numbers) for index in self._shown()]
        yield _aligned(self.titles, columns)
        for cells in self:
            yield _aligned(cells, columns)

    def _shown(self) -> list[int]:
        return [
            index
            for index, title in enumerate(self._titles)
            if (title not in self._tell_apart or index in self._differing)
            and (title not in self._rare or index in self._filled)
        ]


def _aligned(cells: Sequence[str], columns: Sequence[tuple[int, bool]]) -> str:
    parts = (
        cell.rjust(width) if is_number else cell.ljust(width)
        for cell, (width, is_number) in zip(cells, columns, strict=True)
    )
    return "  ".join(parts).rstrip()
