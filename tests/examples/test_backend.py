"""examples/backend against a real stand-in: it passes, and its planted bug is found and told in a few steps."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis.stateful import RuleBasedStateMachine

from ftcrm.strategies import CasinoMachine

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/casino-machine.md").read_text()


@pytest.fixture(scope="module")
def rest() -> Iterator[str]:
    """The URL of a stand-in."""
    ports = ["--rest", "127.0.0.1:0", "--amqp", "127.0.0.1:0", "--kafka", "127.0.0.1:0"]
    serve = [sys.executable, "-m", "ftcrm.cli", "serve", "--json", *ports]
    process = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())["rest"]
    process.terminate()
    assert process.wait(20) == 0
    process.stdout.close()


def outcome_of(rest: str, folder: Path, **variables: str) -> tuple[int, str]:
    """The exit code and output of `pytest examples/backend`, run where it may leave its example database."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            str(ROOT / "examples/backend"),
            "-p",
            "no:cacheprovider",
            "--hypothesis-seed=1",
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=os.environ | {"FT_CRM": rest} | variables,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_page_shows_this_test() -> None:
    assert f"```python\n{(ROOT / 'examples/backend/test_backend.py').read_text()}```" in PAGE


def test_the_page_has_every_method_and_attribute() -> None:
    rows = " ".join(re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE))
    inherited = {*vars(RuleBasedStateMachine), "books_agree", "teardown"}
    steps = {name for name in vars(CasinoMachine) if name.startswith(("a_", "another_"))}
    public = {name for name in vars(CasinoMachine) if not name.startswith("_")} - inherited - steps
    assert public == set(re.findall(r"`(\w+)", rows))


@pytest.mark.integration
def test_the_back_end_passes(rest: str, tmp_path: Path) -> None:
    code, said = outcome_of(rest, tmp_path)
    assert "1 passed" in said
    assert code == 0


def without_ids(text: str) -> str:
    return re.sub(r"[0-9a-f]{12}|player-[0-9a-f]+-\d+-\d|#\d+|\d{4}-\d\d-\d\dT[0-9:.]+\+00:00", "_", text)


def missing(wanted: list[str], lines: list[str]) -> list[str]:
    """Those that are not there in that order."""
    left = iter(lines)
    return [line for line in wanted if line not in left]


@pytest.mark.integration
def test_the_planted_bug_is_found_and_told_in_a_few_steps(rest: str, tmp_path: Path) -> None:
    code, said = outcome_of(rest, tmp_path, FORGETS_WINS="1")
    assert code == 1
    said = said.partition("short test summary")[0]  # which repeats all of it where CI is set
    (shown,) = re.findall(r"```text\n(.*?)Failing test case", PAGE, re.DOTALL)
    lines = re.sub(r"^E {11}(AssertionError: )?", "", without_ids(said), flags=re.MULTILINE).splitlines()
    assert missing(without_ids(shown).splitlines(), lines) == []
    steps = re.findall(r"state\.(a\w+)\(", said)
    needed = ["a_player_joins", "a_bet_is_placed", "a_play_is_settled", "a_play_is_cancelled"]
    assert missing(needed, steps) == []
    # Steps before that bet are sometimes left over: Hypothesis keeps with them what all later steps are drawn from.
    assert len(steps) <= len(needed) + 2
