"""docs/engines.md plugs engines in: its snippets run, in the order of the page, and its tables have everything."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ftcrm.client.engines import HttpRoutes
from ftcrm.contracts.engines import FIELDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/engines.md").read_text()
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(SHOWN,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)


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


@pytest.mark.integration
def test_the_snippets_run_and_print_what_is_shown(rest: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples/scenario-b.jsonl", tmp_path / "events.jsonl")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    printed = ""
    for snippet in SNIPPETS:
        if name := re.match(r"# (\w+\.py)\n", snippet):
            (tmp_path / name[1]).write_text(snippet)
            continue
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", snippet.replace("http://127.0.0.1:8080", rest)],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env=os.environ | {"PATH": path},
        )
        assert (done.returncode, done.stderr) == (0, ""), snippet
        printed += done.stdout
    assert printed == SHOWN


def test_the_remedy_that_the_page_names_is_one(tmp_path: Path) -> None:
    floats, exact = "json.loads(payload)", "json.loads(payload, parse_float=Decimal)"
    (engine,) = (snippet for snippet in SNIPPETS if snippet.startswith("# my_engine.py"))
    (played,) = (snippet for snippet in SNIPPETS if snippet.startswith("# played.py"))
    (compare,) = (snippet for snippet in SNIPPETS if "python:my_engine:construct" in snippet)
    assert f"`{exact}`" in PAGE
    (tmp_path / "my_engine.py").write_text("from decimal import Decimal\n" + engine.replace(floats, exact))
    (tmp_path / "played.py").write_text(played)
    done = subprocess.run([sys.executable, "-c", compare], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout == ""


def test_the_tables_have_every_field_and_every_route() -> None:
    rows = " ".join(re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE))
    named = set(re.findall(r"`([^`]+)`", rows))
    wallets = {name for name in FIELDS if name.rpartition(".")[2] in ("real", "bonus", "locked", "unallocated")}
    assert set(FIELDS) - wallets <= named
    assert set(HttpRoutes.__struct_fields__) <= named
    assert all(f"`{value}`" in PAGE for value in msgspec.structs.astuple(HttpRoutes()) if value is not None)
