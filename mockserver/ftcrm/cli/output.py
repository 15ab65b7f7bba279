"""Writing for people and for pipes: nothing that a sender sent can steer a terminal, and a closed pipe ends nothing."""

import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click

__all__ = ["Batch", "finding_line", "on_terminal", "printable", "quiet_libraries", "say", "table_lines"]


_BATCH = 50_000
"""How many characters are written at once."""


class Batch:
    """Lines that are written many at once, since each write is flushed."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._lines: list[str] = []
        self._length = 0

    def line(self, text: str) -> None:
        """One line."""
        self._lines.append(text)
        self._length += len(text)
        if self._length > _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what has not been written yet."""
        if self._lines:
            self._write("\n".join(self._lines))
            self._lines, self._length = [], 0


def say(text: str) -> None:
    """Write one text and a line break; when the reader of the pipe has left, this and what follows goes nowhere.

    The exit code stays what the work comes to: `ftcrm check FILE | head` still tells a violation under `pipefail`.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        click.echo(text.encode(encoding, "backslashreplace").decode(encoding))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def on_terminal() -> bool:
    """Whether a person reads the output."""
    return sys.stdout.isatty()


def quiet_libraries() -> None:
    """What the clients of brokers log goes wrong comes to us as exceptions, too, and is said once."""
    for name in ("aiormq", "aiokafka"):
        logging.getLogger(name).addHandler(logging.NullHandler())


def printable(text: str) -> str:
    """The text with everything that a terminal or XML could take for more than a character written as an escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def finding_line(finding: Mapping[str, Any]) -> str:
    """`FT113 sum-mismatch [documented] /amount: expected ...`, of a finding as the APIs show it.

    Messages begin with the property's name, which the pointer says already. What follows from the finding is counted.
    """
    pointer, message = str(finding.get("pointer") or ""), str(finding.get("message"))
    message = message.removeprefix(f"{pointer[1:]}: ")
    where = f" {pointer}:" if pointer else ""
    more = f" (+{implied} implied)" if (implied := finding.get("implied")) else ""
    return printable(
        f"{finding.get('rule')} {finding.get('name')} [{finding.get('confidence')}]{where} {message}{more}"
    )


def table_lines(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table as aligned lines."""
    cells = [[printable(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
