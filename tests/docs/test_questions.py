"""docs/questions.md shows what `ftcrm questions` writes, letter by letter."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ftcrm.cli import main
from ftcrm.cli.questions import command
from ftcrm.cli.settings import SETTINGS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/questions.md").read_text()
ADMIN = (ROOT / "docs/admin-api.md").read_text()
SHOWN = re.findall(r"```console\n\$ (.*?)\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("line", "output"), SHOWN, ids=[line for line, _ in SHOWN])
def test_what_is_shown_is_what_is_written(line: str, output: str) -> None:
    line = line.replace(".venv/bin/ftcrm", f"{sys.executable} -m ftcrm.cli")
    done = subprocess.run(["bash", "-uc", line], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.stdout, done.stderr, done.returncode) == (output, "", 0)


def test_every_option_of_its_own_is_told() -> None:
    flags = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    own = flags - {setting.flag for setting in SETTINGS.values()} - {"--config", "--help"}
    assert own == {"--all", "--format"}
    assert all(f"`{flag}" in PAGE for flag in own)


def test_every_field_of_its_json_is_told() -> None:
    asked = CliRunner().invoke(main, ["questions", str(ROOT / "examples/open-questions.jsonl"), "--format", "json"])
    answer: dict[str, Any] = json.loads(asked.stdout)
    sums, question = answer["assumptions"][0], answer["questions"][0]
    assert {*answer, *sums} - {"complete"} <= _words(PAGE)
    assert {*question, *question["readings"][0], *question["readings"][0]["outcome"]} <= _words(ADMIN)


def _words(page: str) -> set[str]:
    return set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]*)`", page))))
