"""A line that says how far the work is, shown on a terminal and nowhere else."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from ftcrm.cli.output import say

__all__ = ["Progress", "progress"]


@contextmanager
def progress(label: str, *, total: int | None) -> Iterator["Progress"]:
    """What to advance and to speak through meanwhile; it draws on a terminal, when there is a total."""
    made = Progress(label, total, sys.stderr if sys.stderr.isatty() else None)
    try:
        yield made
    finally:
        made.close()


class Progress:
    """The line `label 42% note`, on a stream that may be the same terminal as standard output.

    It is erased with blanks instead of escape sequences, which not every terminal has, and it is drawn when it
    changes. (rich.progress was here before: while it draws, it sends standard output to its own stream.)
    """

    def __init__(self, label: str, total: int | None, stream: TextIO | None) -> None:
        self._label = label
        self._total = total
        self._stream = stream
        self._done = 0
        self._note = ""
        self._shown = ""

    def advance(self, steps: int, note: str = "") -> None:
        """So much more is done; the note stands beside it."""
        self._done += steps
        self._note = note
        self._draw()

    def say(self, text: str) -> None:
        """Write a text to standard output, on lines of its own."""
        self._write("")
        say(text)
        self._draw()

    def close(self) -> None:
        """Leave nothing of the line."""
        self._write("")
        self._total = None

    def _draw(self) -> None:
        if self._total:
            text = f"{self._label} {min(100 * self._done // self._total, 100)}% {self._note}".rstrip()
            if text != self._shown:
                self._write(text)

    def _write(self, text: str) -> None:
        if self._stream is not None and (text or self._shown):
            erased = f"\r{' ' * len(self._shown)}\r" if len(text) < len(self._shown) else "\r"
            self._stream.write(erased + text)
            self._stream.flush()
            self._shown = text
