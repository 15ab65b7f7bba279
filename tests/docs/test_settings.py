"""docs/settings.md has every setting, and what it shows works."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ftcrm.cli import main
from ftcrm.cli.settings import settings_table
from ftcrm.contracts import Message, Ruleset, Settings, judge
from ftcrm.contracts.rules import RULES
from ftcrm.contracts.severity import FAIL_ON

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/settings.md").read_text()


def snippets(language: str) -> list[str]:
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory whose ftcrm.toml is the page's."""
    (snippet,) = snippets("toml")
    (tmp_path / "ftcrm.toml").write_text(snippet)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(*arguments: str, **variables: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env=variables)


def test_the_table_of_the_settings_is_not_stale() -> None:
    (table,) = re.findall(r"^\| in a file .*?(?=\n\n)", PAGE, re.MULTILINE | re.DOTALL)
    assert table == settings_table(), "put this table into docs/settings.md"


def test_the_file_of_the_page_is_what_config_shows(project: Path) -> None:
    files, _, table = _run("config").stdout.partition("\n\n")
    assert files == f"file: {project / 'ftcrm.toml'}"
    shown = {line.split()[0]: line for line in table.splitlines()}
    given = {name for name, line in shown.items() if str(project / "ftcrm.toml") in line}
    assert given == {
        "extend-select",
        "ignore",
        "fail-on",
        "rounds.deadline",
        "max-events",
        "currencies.base",
        "currencies.extra",
    }


def test_of_the_rules_about_rounds_the_file_of_the_page_lets_one_speak(project: Path) -> None:
    selected = {line.split()[0] for line in _run("rules", "--selected").stdout.splitlines()}
    assert {code for code in selected if code.startswith("FT3")} == {"FT301"}
    assert {code for code in RULES if code.startswith("FT1") and RULES[code].default} <= selected


def test_the_commands_of_the_page_run() -> None:
    (snippet,) = snippets("bash")
    lines = snippet.replace(".venv/bin/ftcrm", f"{sys.executable} -m ftcrm.cli").splitlines()
    selected, checked, config = (
        subprocess.run(["bash", "-euc", line], capture_output=True, text=True, check=True, cwd=ROOT).stdout
        for line in lines
    )
    assert {line.split()[0] for line in selected.splitlines() if line.startswith("FT3")} == {"FT301"}
    assert "rounds:" in checked
    assert re.search(r"^select +FT1, FT5 +FTCRM_SELECT", config, re.MULTILINE)
    assert re.search(r"^fail-on +inferred +--fail-on", config, re.MULTILINE)


def test_an_event_that_lacks_what_a_round_needs_is_in_none_whatever_is_silenced() -> None:
    (listed,) = re.findall(r"lacks what a\s+round needs \(([^)]*)\)", PAGE)
    with (ROOT / "examples/scenario-b.jsonl").open() as lines:
        event = next(found for found in map(json.loads, lines) if "round_id" in found.get("payload", found))
    document = event.get("payload", event)
    silent = Ruleset(Settings(ignore=("FT1",)))
    needed = {name for name in document if _event(document, name, silent) is None}
    assert set(re.split(r",\s+", listed)) == needed


def _event(document: dict[str, Any], absent: str, ruleset: Ruleset) -> Any:
    kept = {name: value for name, value in document.items() if name != absent}
    judged = judge(Message("rest", json.dumps(kept).encode(), "CASINO"), ruleset)
    assert judged.findings == ()
    return judged.event


def test_the_misspellings_of_the_page_are_refused(project: Path) -> None:
    assert _run("check", "-", "--selct", "FT3").exit_code == 2
    assert "'FTCRM_SELECT'" in _run("check", "-", FTCRM_SELCT="FT3").stderr
    (project / "ftcrm.toml").write_text('[ftcrm]\nselct = ["FT3"]\n')
    assert "'select'" in _run("check", "-").stderr


def test_the_page_has_every_threshold_of_fail_on() -> None:
    assert tuple(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))[-len(FAIL_ON) :] == FAIL_ON
