"""The files that the subcommands take, `-` for standard input."""

import codecs
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import click

from ftcrm.contracts.errors import HistoryError
from ftcrm.contracts.events.payload import NO_JSON, read_payload
from ftcrm.contracts.lines import Line, Mark, read_chunks

__all__ = ["FILE", "Contents", "long_size", "read_file"]

FILE = click.Path(exists=True, dir_okay=False, allow_dash=True)
"""The type of an argument that names such a file."""
LONG_FILE = 1_000_000
"""The size in bytes from which on reading a file takes long enough for a progress bar."""
_CHUNK = 65_536
_MAGIC = {
    b"\x1f\x8b": "it seems to be gzip (gunzip it first)",
    codecs.BOM_UTF16_LE: "it seems to be UTF-16 (convert it to UTF-8)",
    codecs.BOM_UTF16_BE: "it seems to be UTF-16 (convert it to UTF-8)",
}


def read_file(name: str, advance: Callable[[int], None]) -> Iterator[Line | Mark]:
    """What is in the file, as it is read; `advance` is called with the length of each part of it in bytes.

    Raises:
        HistoryError: the file cannot be read, or something in it that is no event (see `read_chunks`).
    """
    try:
        with click.open_file(name, "rb") as file:
            yield from read_chunks(_chunks(file, advance))
    except OSError as error:
        raise HistoryError(f"{name}: expected a file that can be read, got {error.strerror or error}") from error
    except HistoryError as error:
        raise HistoryError(f"{name}: {error}") from None


def long_size(name: str) -> int | None:
    """The size in bytes of a file that is worth a progress bar, else None."""
    size = 0 if name == "-" else Path(name).stat().st_size
    return size if size >= LONG_FILE else None


class Contents:
    """Whether a file has JSON in it: `see` every event."""

    def __init__(self) -> None:
        self._begin = b""
        self._is_json = False

    def see(self, line: Line) -> None:
        """The next event."""
        self._begin = self._begin or line.message.raw
        self._is_json = self._is_json or _is_json(line)

    @property
    def problem(self) -> str | None:
        """What a file seems to be that has events, and no JSON in it; else None."""
        return f"expected JSON, got none: {_seems(self._begin)}" if self._begin and not self._is_json else None


def _is_json(line: Line) -> bool:
    """Whether what the file has there is JSON, though it may be no event."""
    if line.is_entry:
        return True
    problem = read_payload(line.message.raw).problem
    return problem is None or problem[0] not in NO_JSON


def _seems(begin: bytes) -> str:
    """What a file is that has no JSON in it, by its first bytes."""
    return next((name for magic, name in _MAGIC.items() if begin.startswith(magic)), "it is not JSON, or not in UTF-8")


def _chunks(file: IO[bytes], advance: Callable[[int], None]) -> Iterator[bytes]:
    """What the file gives at once: from a pipe what has come so far, so that nobody waits for a chunk to fill."""
    read = getattr(file, "read1", file.read)
    while chunk := read(_CHUNK):
        advance(len(chunk))
        yield chunk
