import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ftcrm.cli.files import LONG_FILE
from ftcrm.cli.output import finding_line, printable, table_lines


def _on_terminal(*arguments: str | Path, columns: int = 120) -> tuple[int, str]:
    """The exit code, and what a terminal is shown."""
    ours, theirs = os.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": str(columns), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "ftcrm.cli", *map(str, arguments)]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL, env=environment) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
        os.close(ours)
        return process.wait(timeout=60), shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux says EIO when the other side is closed
        return b""


@pytest.fixture
def long_file(tmp_path: Path, bet: bytes) -> Path:
    path = tmp_path / "long.jsonl"
    path.write_bytes((bet + b"\n") * (LONG_FILE // len(bet) + 1))
    return path


def test_a_terminal_is_shown_a_drawn_table_and_no_bar_for_a_short_file(examples: Path) -> None:
    code, shown = _on_terminal("check", examples / "scenario-a.jsonl")
    assert code == 0
    assert "│ 12345 │ 52530 │ settled" in shown
    assert "checking" not in shown


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_ids_and_rules_are_whole_on_a_terminal_of_any_width(tmp_path: Path, examples: Path, columns: int) -> None:
    path = tmp_path / "long-ids.jsonl"
    path.write_text(
        (examples / "broken.jsonl").read_text().replace("52530", "user-5253012").replace("20008", "2019031407")
    )
    _, shown = _on_terminal("check", path, columns=columns)
    assert "…" not in shown
    table = shown.partition("rounds ")[2]
    assert max(len(line) for line in table.splitlines() if "│" in line) <= columns
    for word in ("2019031407", "user-5253012", "FT302", "FT303", "20005", "EFGH"):
        assert word in table
    assert ("left out at 80 columns: outcome, ggr" in table) is (columns == 80)
    assert ("left out" in table) is (columns < 200)


@pytest.mark.parametrize("style", ["text", "json", "junit", "sarif"])
def test_a_result_does_not_share_a_line_with_the_progress(long_file: Path, style: str) -> None:
    long_file.write_bytes(long_file.read_bytes() + b"not JSON\n")
    _, shown = _on_terminal("check", "--format", style, long_file)
    assert "checking" in shown
    assert not any("checking" in line for line in map(_on_screen, shown.split("\r\n")))


def _on_screen(written: str) -> str:
    """What a terminal shows of one line: a carriage return goes back to its beginning."""
    line = ""
    for part in written.split("\r"):
        line = part + line[len(part) :]
    return line


def test_a_terminal_is_shown_the_progress_of_a_long_file_and_a_pipe_is_not(long_file: Path) -> None:
    _, shown = _on_terminal("check", "--format", "junit", long_file)
    assert "checking" in shown
    command = [sys.executable, "-m", "ftcrm.cli", "check", long_file]
    piped = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert piped.stderr == b""
    assert not set("│━") & set(piped.stdout.decode())


def test_an_output_that_cannot_show_a_character_gets_its_escape(examples: Path) -> None:
    command = [sys.executable, "-m", "ftcrm.cli", "check", "-"]
    raw = (examples / "scenario-a.jsonl").read_text().replace("12345", "rúnda").encode()
    done = subprocess.run(
        command, input=raw, capture_output=True, check=True, timeout=60, env=os.environ | {"PYTHONIOENCODING": "ascii"}
    )
    assert b"r\\xfanda" in done.stdout


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain Ünïcode 漢", "plain Ünïcode 漢"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\u202e\ud800\U000e0001", "\\u202e\\ud800\\U000e0001"),
    ],
)
def test_what_is_no_plain_character_is_written_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("pointer", "message", "line"),
    [
        ("/amount", "amount: expected 1, got 2", "FT1 x [vendor] /amount: expected 1, got 2"),
        ("/amount", "expected 1, got 2", "FT1 x [vendor] /amount: expected 1, got 2"),
        ("", "amount: expected 1, got 2", "FT1 x [vendor] amount: expected 1, got 2"),
        (None, "", "FT1 x [vendor] "),
    ],
)
def test_a_finding_says_its_place_once(pointer: str | None, message: str, line: str) -> None:
    finding = {"rule": "FT1", "name": "x", "confidence": "vendor", "pointer": pointer, "message": message}
    assert finding_line(finding) == line


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert list(table_lines(["a", "b"], [["long", "x"], ["", "y\n"]])) == ["a     b", "long  x", "      y\\n"]


def test_a_list_on_a_terminal_leaves_out_what_does_not_fit_and_has_its_numbers_to_the_right(examples: Path) -> None:
    code, shown = _on_terminal("rounds", examples / "broken.jsonl", columns=70)
    assert code == 0
    assert "│ 20007 │ settled │                   4 │ " in shown
    assert re.search(r"left out at 70 columns: first_at, game[^│]*\(--format json has everything\)", shown)
    summary, note = shown.rstrip().splitlines()[-2:]
    assert summary == "4 rounds: 2 settled, 1 orphan, 1 voided"
    assert "6 of 15 events do not count" in note


def test_a_terminal_is_shown_the_first_rows_of_a_long_list_and_a_pipe_has_all(tmp_path: Path, bet: bytes) -> None:
    path = tmp_path / "many.jsonl"
    path.write_bytes(b"\n".join(bet.replace(b"12345", f"r{number}".encode()) for number in range(502)))
    _, shown = _on_terminal("rounds", path, columns=200)
    assert "│ r499 " in shown
    assert "│ r500 " not in shown
    assert "... and 2 more (--format csv, --format json and a pipe have all)" in shown
    piped = subprocess.run([sys.executable, "-m", "ftcrm.cli", "rounds", path], capture_output=True, check=True)
    assert piped.stdout.splitlines()[502].split()[1] == b"r501"


def test_a_list_does_not_share_a_line_with_the_progress(long_file: Path) -> None:
    _, shown = _on_terminal("rounds", long_file)
    assert "reading" in shown
    assert "folding" in shown
    assert not any(re.search("reading|folding", line) for line in map(_on_screen, shown.split("\r\n")))
