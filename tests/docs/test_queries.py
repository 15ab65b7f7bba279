"""docs/queries.md shows what `ftcrm rounds`, `sessions`, `bonuses` and `players` write, letter by letter."""

import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import click
import pytest

from ftcrm.cli import bonuses, players, rounds, sessions
from ftcrm.cli.listed import STYLES
from ftcrm.cli.settings import SETTINGS
from ftcrm.mockserver.admin.derived import BONUSES, ROUNDS
from ftcrm.mockserver.admin.players import PLAYER_FILTERS
from ftcrm.mockserver.admin.sessions import SESSION_FILTERS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/queries.md").read_text()
SHOWN = re.findall(r"```console\n\$ (.*?)\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = {"rounds": rounds, "sessions": sessions, "bonuses": bonuses, "players": players}
ADMIN = {"rounds": ROUNDS.filters, "sessions": SESSION_FILTERS, "bonuses": BONUSES.filters, "players": PLAYER_FILTERS}


@pytest.mark.parametrize(("line", "output"), SHOWN, ids=[line for line, _ in SHOWN])
def test_what_is_shown_is_what_is_written(line: str, output: str) -> None:
    here = line.replace(".venv/bin/ftcrm", f"{sys.executable} -m ftcrm.cli")
    done = subprocess.run(["bash", "-uo", "pipefail", "-c", here], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout + done.stderr == output


def test_each_command_is_shown() -> None:
    assert {line.split()[1] for line, _ in SHOWN} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_filters_are_those_of_the_admin_api_and_the_page_has_them(name: str) -> None:
    flags = {option for parameter in COMMANDS[name].command.params for option in parameter.opts}
    own = (
        flags
        - {setting.flag for setting in SETTINGS.values()}
        - {"file", "--format", "--config", "--closed", "--as-of"}
    )
    assert own == {f"--{each.replace('_', '-')}" for each in ADMIN[name]}
    rows = dict(re.findall(r"^\| (all four|`[a-z]+`) \| (`--.*) \|$", PAGE, re.MULTILINE))
    assert set(re.findall(r"--[a-z-]+", rows["all four"] + rows[f"`{name}`"])) == own


@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_has_the_columns_of_csv_in_their_order(name: str) -> None:
    (row,) = re.findall(rf"^\| `{name}` \| `(run [^|`]*)` \|$", PAGE, re.MULTILINE)
    assert tuple(column for word in row.split() for column in expanded(word)) == COMMANDS[name].KIND.flat


def expanded(word: str) -> list[str]:
    """`{bet,win}.{real,bonus}` as a shell has it."""
    parts = re.findall(r"\{([^}]*)\}|([^{}]+)", word)
    choices = [braced.split(",") if braced else [plain] for braced, plain in parts]
    return ["".join(chosen) for chosen in product(*choices)]


def test_the_page_has_every_choice_and_style() -> None:
    for module in COMMANDS.values():
        for parameter in module.command.params:
            if isinstance(parameter.type, click.Choice) and parameter.name != "style":
                assert f"`{parameter.opts[0]} {'|'.join(parameter.type.choices)}`" in PAGE.replace("\\|", "|")
    assert set(re.findall(r"^\| `([a-z]+)` \| (?!`--|`run )", PAGE, re.MULTILINE)) == set(STYLES)
