import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ftcrm.cli import main
from ftcrm.contracts.errors import ConfigurationError, HistoryError, JournalError, SendError


def _ftcrm(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-W", "error", "-m", "ftcrm.cli", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("arguments", "stdin", "code"),
    [
        (["check", "scenario-a.jsonl"], b"", 0),
        (["check", "broken.jsonl"], b"", 1),
        (["check", "no-such-file.jsonl"], b"", 2),
        (["check", "."], b"", 2),
        (["check", "scenario-a.jsonl", "--format", "yaml"], b"", 2),
        (["check"], b"", 2),
        (["check", "-"], b"\n", 3),
        (["check", "-"], b'{"message_type": "CASINO", "raw_base64": "!"}', 2),
        (["send", "scenario-a.jsonl"], b"", 2),
        (["send", "scenario-a.jsonl", "--to", "ftp://host"], b"", 2),
        (["send", "-", "--to", "http://127.0.0.1:1"], b"", 3),
        (["send", "scenario-a.jsonl", "--to", "http://127.0.0.1:1"], b"", 4),
        (["send", "scenario-a.jsonl", "--to", "amqp://127.0.0.1:1"], b"", 4),
        (["send", "scenario-a.jsonl", "--to", "kafka://127.0.0.1:1"], b"", 4),
        (["polish"], b"", 2),
    ],
)
def test_exit_codes_are_contract_and_nothing_ends_in_a_traceback(
    examples: Path, arguments: list[str], stdin: bytes, code: int
) -> None:
    paths = [str(examples / each) if each.endswith(".jsonl") else each for each in arguments]
    done = _ftcrm(*paths, stdin=stdin)
    assert (done.returncode, b"Traceback" in done.stderr) == (code, False)
    assert (done.stderr == b"") is (code in (0, 1))


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "amqp://127.0.0.1:1", "kafka://127.0.0.1:1"])
def test_an_unreachable_connector_is_one_line_that_says_what_to_do(examples: Path, url: str) -> None:
    done = _ftcrm("send", examples / "scenario-a.jsonl", "--to", url)
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith(f"ftcrm: {url}: expected to ")
    assert done.stdout == b""


def test_a_reader_that_leaves_changes_neither_the_exit_code_nor_the_peace(examples: Path) -> None:
    program = (
        "import os, subprocess, sys\n"
        "read, write = os.pipe()\n"
        "os.close(read)\n"
        "command = [sys.executable, '-m', 'ftcrm.cli', 'check', sys.argv[1]]\n"
        "done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, timeout=60)\n"
        "sys.stderr.buffer.write(done.stderr)\n"
        "sys.exit(done.returncode)\n"
    )
    for name, code in (("scenario-a.jsonl", 0), ("broken.jsonl", 1)):
        done = subprocess.run(
            [sys.executable, "-c", program, str(examples / name)], capture_output=True, check=False, timeout=90
        )
        assert (done.returncode, done.stderr) == (code, b"")


def test_the_help_and_the_version_load_no_subcommand() -> None:
    program = (
        "import sys\n"
        "from ftcrm.cli import main\n"
        "main([sys.argv[1]], standalone_mode=False)\n"
        "ours = ('ftcrm.cli.', 'ftcrm.client', 'ftcrm.mockserver')\n"
        "loaded = {name for name in sys.modules if name.startswith(ours)}\n"
        "sys.exit(', '.join(loaded | {'rich', 'httpx', 'asyncio'} & set(sys.modules)) or None)\n"
    )
    for option, word in (("--help", "check"), ("--version", "ftcrm, version")):
        done = subprocess.run(
            [sys.executable, "-c", program, option], capture_output=True, text=True, check=False, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert word in done.stdout


def test_checking_loads_no_client_and_no_terminal_library(examples: Path) -> None:
    program = (
        "import sys\n"
        "from ftcrm.cli import main\n"
        "main(['check', sys.argv[1]], standalone_mode=False)\n"
        "sys.exit(', '.join({'rich', 'httpx', 'ftcrm.client', 'hypothesis'} & set(sys.modules)) or None)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, examples / "scenario-a.jsonl"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("error", "code"),
    [(ConfigurationError("x"), 2), (HistoryError("x"), 2), (JournalError("x"), 2), (SendError("x"), 4)],
)
def test_our_exceptions_are_one_line_on_stderr(
    monkeypatch: pytest.MonkeyPatch, examples: Path, error: Exception, code: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("ftcrm.cli.check.read_file", fail)
    result = CliRunner().invoke(main, ["check", str(examples / "scenario-a.jsonl")])
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", "ftcrm: x\n")


def test_an_interrupt_has_its_own_exit_code(monkeypatch: pytest.MonkeyPatch, examples: Path) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ftcrm.cli.check.read_file", interrupt)
    assert CliRunner().invoke(main, ["check", str(examples / "scenario-a.jsonl")]).exit_code == 130
