"""Values as a list: JSON and CSV, written as they come, or a table."""

import csv
from collections import Counter
from collections.abc import Callable, Sequence
from io import StringIO
from itertools import islice
from typing import Any, Protocol

from ftcrm.cli.jsontext import JsonWriter, encoded
from ftcrm.cli.kinds import Kind, View, at
from ftcrm.cli.output import Batch, on_terminal, printable, say
from ftcrm.cli.rows import Rows
from ftcrm.cli.tables import draw_table
from ftcrm.contracts.lines import EVERY_RUN

__all__ = ["STYLES", "CsvList", "JsonList", "Listed", "TableList"]

_MOST_DRAWN = 500
"""The most rows of a table on a terminal, where it is drawn as a whole."""
_MOST_NAMED = 5
"""The most runs that are named as lacking something."""


class Listed(Protocol):
    """What writes the values of one kind."""

    def add(self, view: View) -> None:
        """The next value."""

    def end(self, *, missing: Sequence[str]) -> None:
        """There are no further values; `missing` are the runs that lack deliveries (see `Endings.cut`)."""


class JsonList:
    """`{"rounds": [...], "complete": true}`, one value a line: a list as the admin API has it, in one page."""

    def __init__(self, kind: Kind, write: Callable[[str], None]) -> None:
        self._writer = JsonWriter(write)
        self._writer.line("{")
        self._writer.open_array(f'"{kind.name}": [')

    def add(self, view: View) -> None:
        """One value."""
        self._writer.element(view)

    def end(self, *, missing: Sequence[str]) -> None:
        """The end of the object."""
        self._writer.close_array("],")
        self._writer.line(f'  "complete": {encoded(not missing)}')
        self._writer.line("}")
        self._writer.flush()


class CsvList:
    """A header and a row for each value.

    Lists of numbers, and of what is the same of several (the rules of findings), have blanks between their elements;
    other lists, and objects, are JSON.
    """

    def __init__(self, kind: Kind, write: Callable[[str], None]) -> None:
        self._columns = kind.flat
        self._batch = Batch(write)
        self._is_shown = on_terminal()
        self._row(kind.flat)

    def add(self, view: View) -> None:
        """One value."""
        cells = [_cell(at(view, path), path) for path in self._columns]
        self._row(list(map(printable, cells)) if self._is_shown else cells)

    def end(self, *, missing: Sequence[str]) -> None:
        """What has not been written yet."""
        self._batch.flush()

    def _row(self, cells: list[str] | tuple[str, ...]) -> None:
        text = StringIO()
        csv.writer(text, lineterminator="").writerow(cells)
        self._batch.line(text.getvalue())


class TableList:
    """Rows, and a line with their sum: on a terminal as much of them as fits, in a pipe all there is."""

    def __init__(self, kind: Kind, write: Callable[[str], None]) -> None:
        self._kind = kind
        self._batch = Batch(write)
        columns = kind.columns
        self._rows = Rows(
            [column.title for column in columns],
            tell_apart={column.title for column in columns if column.tells_apart},
            rare={column.title for column in columns if column.is_rare},
        )
        self._labels: Counter[str] = Counter()
        self._instants: set[str] = set()

    def add(self, view: View) -> None:
        """One value."""
        self._rows.add([printable(column.text(view)) for column in self._kind.columns])
        if self._kind.label is not None:
            self._labels[printable(self._kind.label(view))] += 1
        if self._kind.instant is not None:
            self._instants.add(self._kind.instant(view))

    def end(self, *, missing: Sequence[str]) -> None:
        """The table and the sum."""
        numbers = {column.title for column in self._kind.columns if column.is_number}
        with self._rows as rows:
            if rows and on_terminal():
                self._draw(rows, numbers)
            elif rows:
                for line in rows.lines(numbers=numbers):
                    self._batch.line(line)
                self._batch.line("")
            self._batch.line(self._sum(len(rows), missing))
        self._batch.flush()

    def _draw(self, rows: Rows, numbers: set[str]) -> None:
        draw_table(
            self._kind.name,
            rows.titles,
            list(islice(rows, _MOST_DRAWN)),
            less_important=[title for title in self._kind.less_important if title in rows.titles],
            foldable={column.title for column in self._kind.columns if column.is_foldable},
            numbers=numbers,
        )
        if (more := len(rows) - _MOST_DRAWN) > 0:
            say(f"... and {more:,} more (--format csv, --format json and a pipe have all)\n")

    def _sum(self, count: int, missing: Sequence[str]) -> str:
        """`12 players: 9 active, 3 idle; as of 2026-03-02T09:00:04Z; deliveries of these runs are missing: one`."""
        text = f"{count:,} {self._kind.one if count == 1 else self._kind.name}"
        if named := ", ".join(f"{number:,} {label}" for label, number in self._labels.most_common()):
            text += f": {named}"
        common = self._instants if len(self._instants) == 1 else ()
        return "; ".join([text, *common, *_missing(missing)])


STYLES: dict[str, Callable[[Kind, Callable[[str], None]], Listed]] = {
    "table": TableList,
    "json": JsonList,
    "csv": CsvList,
}
"""What writes each style."""


def _missing(runs: Sequence[str]) -> list[str]:
    if not runs:
        return []
    if EVERY_RUN in runs:
        return ["deliveries are missing, of which runs is not known"]
    named = ", ".join(map(printable, runs[:_MOST_NAMED]))
    more = f" and {len(runs) - _MOST_NAMED:,} more" if len(runs) > _MOST_NAMED else ""
    return [f"deliveries of these runs are missing: {named}{more}"]


def _cell(value: Any, path: str) -> str:
    match value:
        case None:
            return ""
        case list() if "." in path or all(isinstance(each, int) for each in value):
            return " ".join(map(str, value))
        case bool() | dict() | list():
            return encoded(value)
    return str(value)
