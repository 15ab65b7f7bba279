"""docs/check.md shows what `ftcrm check` writes, letter by letter."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ftcrm.cli.check import command
from ftcrm.cli.settings import SETTINGS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/check.md").read_text()
SHOWN = re.findall(r"```console\n\$ (.*?)\n(.*?)```", PAGE, re.DOTALL)


def here(line: str) -> str:
    return line.replace(".venv/bin/ftcrm", f"{sys.executable} -m ftcrm.cli")


@pytest.mark.parametrize(("line", "output"), SHOWN, ids=[line for line, _ in SHOWN])
def test_what_is_shown_is_what_is_written(line: str, output: str) -> None:
    done = subprocess.run(["bash", "-uc", here(line)], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.stdout, done.stderr, done.returncode) == (output, "", 1)


def test_every_option_of_its_own_is_told() -> None:
    flags = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    own = flags - {setting.flag for setting in SETTINGS.values()} - {"--config", "--help"}
    assert own == {"--all", "--closed", "--events-only", "--format"}
    assert all(f"`{flag}" in PAGE for flag in own)
    (styles,) = (parameter.type.choices for parameter in command.params if parameter.name == "style")  # type: ignore[attr-defined]
    assert set(styles) == set(re.findall(r"^\| `([a-z]+)` \|", PAGE, re.MULTILINE))


def test_the_recipes_for_ci_write_reports_that_can_be_read(tmp_path: Path) -> None:
    lines = re.findall(r"^ *- (?:run: )?(\.venv/bin/ftcrm check .*)$", PAGE, re.MULTILINE)
    assert [re.findall(r"--format (\w+)", line) for line in lines] == [["sarif"], ["junit"]]
    (tmp_path / "events.jsonl").write_bytes((ROOT / "examples/broken.jsonl").read_bytes())
    for line in lines:
        done = subprocess.run(["bash", "-euc", here(line)], check=False, cwd=tmp_path)
        assert done.returncode == 1
        assert (tmp_path / line.partition("> ")[2]).stat().st_size > 1_000
        assert PAGE.count(line.partition("> ")[2]) >= 2


@pytest.mark.integration
def test_the_saved_history_of_a_closed_run_is_checked(tmp_path: Path) -> None:
    (snippet,) = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
    serve = [sys.executable, "-m", "ftcrm.cli", "serve", "--json"]
    ports = ["--rest", "127.0.0.1:0", "--amqp", "127.0.0.1:0", "--kafka", "127.0.0.1:0"]
    with subprocess.Popen([*serve, *ports], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        (rest,) = re.findall(r'"rest": "([^"]+)"', process.stdout.readline())
        send = f"head -1 {ROOT}/examples/scenario-a.jsonl | .venv/bin/ftcrm send - --to {rest} > sent\n"
        script = here(send + snippet.replace("http://127.0.0.1:8080", rest))
        done = subprocess.run(
            ["bash", "-uc", script], capture_output=True, text=True, check=False, cwd=tmp_path, env=os.environ
        )
        process.terminate()
    assert '"open_rounds":1' in done.stdout
    assert "history.jsonl:1: FT307 never-settled" in done.stdout
    assert done.returncode == 1
