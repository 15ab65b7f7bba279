import io
from contextlib import redirect_stdout

import pytest

from ftcrm.cli.progress import Progress, progress


def _screen(written: str) -> list[str]:
    """The lines that a terminal shows of it."""
    lines, column = [""], 0
    for char in written:
        if char == "\r":
            column = 0
        elif char == "\n":
            lines.append("")
            column = 0
        else:
            lines[-1] = lines[-1][:column] + char + lines[-1][column + 1 :]
            column += 1
    return [line.rstrip() for line in lines]


def test_what_is_said_has_lines_of_its_own() -> None:
    terminal = io.StringIO()
    bar = Progress("sending", 200, terminal)
    with redirect_stdout(terminal):
        bar.advance(100)
        assert _screen(terminal.getvalue()) == ["sending 50%"]
        bar.say("a refusal\n    its finding")
        assert _screen(terminal.getvalue()) == ["a refusal", "    its finding", "sending 50%"]
        bar.advance(100)
        bar.close()
        bar.say("the sum")
    assert _screen(terminal.getvalue()) == ["a refusal", "    its finding", "the sum", ""]


def test_it_is_drawn_when_its_percentage_changes() -> None:
    terminal = io.StringIO()
    bar = Progress("checking", 1_000_000, terminal)
    for _ in range(1_000_000 // 50):
        bar.advance(50)
    assert terminal.getvalue().count("checking") == 101


def test_a_note_stands_beside_it_and_leaves_nothing_when_it_gets_shorter() -> None:
    terminal = io.StringIO()
    bar = Progress("fuzzing", 200, terminal)
    bar.advance(1, "(16 a second, families: 10)")
    assert _screen(terminal.getvalue()) == ["fuzzing 0% (16 a second, families: 10)"]
    bar.advance(1, "(9 a second)")
    assert _screen(terminal.getvalue()) == ["fuzzing 1% (9 a second)"]


def test_more_than_there_was_is_all_of_it() -> None:
    terminal = io.StringIO()
    Progress("checking", 10, terminal).advance(50)
    assert _screen(terminal.getvalue()) == ["checking 100%"]


@pytest.mark.parametrize("total", [None, 10])
def test_a_pipe_is_told_no_progress(capsys: pytest.CaptureFixture[str], total: int | None) -> None:
    with progress("checking", total=total) as bar:
        bar.advance(5)
        bar.say("said")
    assert capsys.readouterr() == ("said\n", "")
