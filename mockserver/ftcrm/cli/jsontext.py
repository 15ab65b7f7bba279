"""A report as JSON, written as it comes: one event, round or bonus a line, the counts after them."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from ftcrm.cli.output import Batch, say
from ftcrm.contracts.check import Check
from ftcrm.contracts.lines import Line
from ftcrm.contracts.report import EventReport
from ftcrm.contracts.views import findings_view

__all__ = ["JsonReport", "JsonWriter"]


class JsonReport:
    """The report on one file: `file`, `events`, `rounds`, `bonuses`, `across`, `counts`, `worst`, `violated`."""

    def __init__(self, file: str, *, write: Callable[[str], None] = say) -> None:
        self._file = file
        self._writer = JsonWriter(write)
        self._is_begun = False

    def event(self, event: EventReport, _: Line) -> None:
        """One event."""
        self._begin()
        self._writer.element(event.as_dict())

    def end(self, check: Check) -> None:
        """Everything else."""
        self._begin()
        self._writer.close_array("],")
        self._array("rounds", (entry.as_dict() for entry in check.rounds()))
        self._array("bonuses", (entry.as_dict() for entry in check.bonuses()))
        self._array("across", findings_view(check.across()))
        summary = check.summary()
        members = (f'  "{name}": {encoded(value)}' for name, value in summary.items())
        self._writer.line(",\n".join(members))
        self._writer.line("}")
        self._writer.flush()

    def _begin(self) -> None:
        if not self._is_begun:
            self._is_begun = True
            self._writer.line("{")
            self._writer.line(f'  "file": {encoded(self._file)},')
            self._writer.open_array('"events": [')

    def _array(self, name: str, values: Iterable[Any]) -> None:
        self._writer.open_array(f'"{name}": [')
        for value in values:
            self._writer.element(value)
        self._writer.close_array("],")


class JsonWriter(Batch):
    """Writes lines, some of them at once, and the elements of one array at a time, with commas between them."""

    def __init__(self, write: Callable[[str], None], *, depth: int = 1) -> None:
        super().__init__(write)
        self._indent = "  " * depth
        self._last: str | None = None

    def open_array(self, head: str) -> None:
        """Begin an array."""
        self.line(self._indent + head)

    def element(self, value: Any) -> None:
        """The next element of the array."""
        if self._last is not None:
            self.line(f"{self._last},")
        self._last = f"{self._indent}  {encoded(value)}"

    def close_array(self, tail: str) -> None:
        """End the array."""
        if self._last is not None:
            self.line(self._last)
            self._last = None
        self.line(self._indent + tail)


def encoded(value: Any) -> str:
    """The value as JSON text in one line."""
    return msgspec.json.encode(value).decode()
