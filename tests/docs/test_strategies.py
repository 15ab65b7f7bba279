"""docs/strategies.md: its snippets run and print what is shown, and its tables have everything."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

from ftcrm import strategies
from ftcrm.strategies import MUTATIONS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/strategies.md").read_text()
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(SHOWN,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
VALID = ("casino_events", "bonus_events", "rounds", "bonus_rounds", "histories")


def ran(tmp_path: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        # Where Hypothesis keeps its table of Unicode: to make it anew counts as slow drawing on a busy machine.
        env=os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": str(ROOT / ".hypothesis")},
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return done.stdout


def test_the_snippets_run_and_print_what_is_shown(tmp_path: Path) -> None:
    tests = {name[1]: each for each in SNIPPETS if (name := re.match(r"# (test_\w+\.py)\n", each))}
    for name, snippet in tests.items():
        (tmp_path / name).write_text(snippet)
    assert f"{len(tests)} passed" in ran(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    (printing,) = [each for each in SNIPPETS if each not in tests.values()]
    assert ran(tmp_path, "-c", printing) == SHOWN


def test_the_tables_have_every_strategy_and_every_parameter() -> None:
    assert re.findall(r"^\| `(\w+)\(\)` ", PAGE, re.MULTILINE) == list(VALID)
    named = {name for row in re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", PAGE, re.MULTILINE) for name in row.split("`")}
    taken = {name for each in VALID for name in inspect.signature(getattr(strategies, each)).parameters}
    assert named - {"", ", "} == taken


def test_the_mutations_that_the_page_names_are_some() -> None:
    assert set(re.findall(r"[\"`]([a-z]+(?:-[a-z]+)+)[\"`]", PAGE)) <= MUTATIONS.keys()
