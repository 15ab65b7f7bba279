"""The JSONL files that the subcommands take, `-` for standard input."""

from collections.abc import Callable, Iterator
from pathlib import Path

import click

from ftcrm.contracts.errors import HistoryError
from ftcrm.contracts.lines import Line, read_lines

__all__ = ["JSONL_FILE", "long_size", "read_file"]

JSONL_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True)
"""The type of an argument that names such a file."""
LONG_FILE = 1_000_000
"""The size in bytes from which on reading a file takes long enough for a progress bar."""


def read_file(name: str, advance: Callable[[int], None]) -> Iterator[Line]:
    """The lines of the file, as they are read; `advance` is called with the length of each in bytes.

    Raises:
        HistoryError: the file cannot be read, or a line of it is an entry that cannot.
    """
    try:
        with click.open_file(name, "rb") as file:
            yield from read_lines(_counted(file, advance))
    except OSError as error:
        raise HistoryError(f"{name}: expected a file that can be read, got {error.strerror or error}") from error
    except HistoryError as error:
        raise HistoryError(f"{name}: {error}") from None


def long_size(name: str) -> int | None:
    """The size in bytes of a file that is worth a progress bar, else None."""
    size = 0 if name == "-" else Path(name).stat().st_size
    return size if size >= LONG_FILE else None


def _counted(file: Iterator[bytes], advance: Callable[[int], None]) -> Iterator[bytes]:
    for line in file:
        advance(len(line))
        yield line
