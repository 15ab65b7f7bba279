"""An engine that is a command: events as JSON lines in, rounds as JSON lines out, one process a history."""

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Sequence

from ftcrm.contracts.engines import FieldMapping, Rounds, Until, fed, fed_line, read_lines
from ftcrm.contracts.errors import ConfigurationError, EngineError
from ftcrm.contracts.messages import Message

__all__ = ["CommandEngine"]

_LAST_WORDS = 2_000


class CommandEngine:
    """Runs a command for each history.

    A line of its input is a delivery (see `fed_line`), which `ftcrm check` reads, too. A line of its output is a round,
    as `mapping` reads it (unless told, as the admin API shows it). It has `timeout` seconds; then it is killed with all
    that it started.

    Raises:
        ConfigurationError: there is no such command.
    """

    starts_fresh = True

    def __init__(self, argv: Sequence[str], *, mapping: FieldMapping | None = None, timeout: float = 10.0) -> None:
        self._argv = list(argv)
        self._shown = shlex.join(self._argv)
        self._mapping = mapping
        self._timeout = timeout
        if not self._argv or shutil.which(self._argv[0]) is None:
            raise ConfigurationError(f"engine: expected a command that can be run, got {self._shown!r}")

    def construct(self, messages: Sequence[Message], *, until: Until | None = None) -> Rounds:
        """The rounds that it prints.

        Raises:
            EngineError: it takes too long, ends with an exit code other than 0, or prints what cannot be read.
        """
        output = self._run(b"".join(fed_line(message_type, raw) for message_type, raw in fed(messages)))
        return read_lines(output, self._mapping, where=self._shown)

    def _run(self, lines: bytes) -> bytes:
        pipe = subprocess.PIPE
        try:
            # A group of its own, so that what it starts ends with it.
            process = subprocess.Popen(self._argv, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True)  # noqa: S603
        except OSError as error:
            raise EngineError(f"{self._shown}: expected to run it, got {error}") from error
        with process:
            try:
                output, complaints = process.communicate(lines, timeout=self._timeout)
            except subprocess.TimeoutExpired as error:
                expected = f"expected it to end within {self._timeout:g} s"
                raise EngineError(f"{self._shown}: {expected}, got no end{_last_words(error.stderr or b'')}") from None
            finally:
                if process.returncode is None:
                    os.killpg(process.pid, signal.SIGKILL)
        if process.returncode != 0:
            found = f"expected exit code 0, got {process.returncode}"
            raise EngineError(f"{self._shown}: {found}{_last_words(complaints)}")
        return output


def _last_words(complaints: bytes) -> str:
    """The end of what a command wrote to stderr."""
    text = complaints[-_LAST_WORDS:].decode("utf-8", "backslashreplace").strip()
    return f"; its stderr:\n{text}" if text else ""
