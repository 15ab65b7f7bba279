"""docs/fuzz.md leads from zero to a failure: its commands run, and end as it says."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ftcrm.cli.fuzz import MappingFile
from ftcrm.cli.fuzz import command as fuzz
from ftcrm.cli.settings import SETTINGS
from ftcrm.cli.watch import command as watch

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/fuzz.md").read_text()
SEARCH, WATCH = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
(SHOWN,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
PORTS = ["--rest", "127.0.0.1:0", "--amqp", "127.0.0.1:0", "--kafka", "127.0.0.1:0"]


def here(line: str, rest: str) -> str:
    """The line with this Python in place of .venv's, and this server's address in place of the default one."""
    commands = {"ftcrm": f"{sys.executable} -m ftcrm.cli", "python": sys.executable}
    line = re.sub(r"\.venv/bin/(\w+)", lambda found: commands[found[1]], line)
    return line.replace("http://127.0.0.1:8080", rest).replace("examples/scenario-a", f"{ROOT}/examples/scenario-a")


@pytest.fixture
def rest() -> Iterator[str]:
    """The URL of the server that the page's first command starts."""
    serve, *_ = SEARCH.splitlines()
    words = serve.removesuffix(" &").split()[1:]
    process = subprocess.Popen(
        [sys.executable, "-m", "ftcrm.cli", *words, "--json", *PORTS], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())["rest"]
    process.terminate()
    assert process.wait(20) == 0
    process.stdout.close()


@pytest.mark.integration
def test_the_commands_lead_to_a_failure_that_replays(rest: str, tmp_path: Path) -> None:
    _, search, replay, test, agree = (here(line, rest) for line in SEARCH.splitlines())

    def run(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["bash", "-uc", line], capture_output=True, text=True, check=False, cwd=tmp_path)

    searched = run(search)
    assert (searched.returncode, searched.stderr) == (1, "")
    assert SHOWN in searched.stdout
    assert "FT313 end-flag-on-bet" in searched.stdout
    replayed = run(replay)
    assert (replayed.returncode, replayed.stderr) == (1, "")
    assert SHOWN.partition("\n\n")[0] in replayed.stdout
    tested = run(test)
    assert tested.returncode == 1
    assert "1 failed" in tested.stdout
    assert SHOWN.splitlines()[1].strip() in tested.stdout
    assert run(agree).returncode == 0


@pytest.mark.integration
def test_the_sender_that_leaves_a_round_open_is_watched(tmp_path: Path) -> None:
    start, send, wait = WATCH.splitlines()
    assert wait == "wait $!"
    words = here(start.removesuffix(" > verdict.txt &"), "").replace("5s", "500ms").split()
    with (tmp_path / "verdict.txt").open("w") as verdict:
        process = subprocess.Popen([*words, "--json", *PORTS], stdout=verdict, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        rest = json.loads(process.stderr.readline())["rest"]
        sent = subprocess.run(["bash", "-euc", here(send, rest)], capture_output=True, text=True, check=False)
        _, errors = process.communicate(timeout=30)
    assert (sent.returncode, errors, process.returncode) == (0, "", 1)
    assert "received:1: FT307 never-settled [documented]" in (tmp_path / "verdict.txt").read_text()


def test_the_mapping_of_the_page_is_one() -> None:
    (snippet,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    found = msgspec.json.decode(snippet, type=MappingFile)
    assert found.mapping is not None
    assert found.mapping.values["state"]["CLOSED"] == "settled"
    assert found.routes is not None
    assert found.routes.places == ("user_id",)


def test_every_option_of_its_own_is_told() -> None:
    settings = {setting.flag for setting in SETTINGS.values()} | {"--config"}
    own = {option for parameter in fuzz.params for option in parameter.opts} - settings
    told = set(re.findall(r"--[a-z-]+", "".join(re.findall(r"^\| (`--.*?) \|", PAGE, re.MULTILINE))))
    assert own | {"--api-key"} == told
    of_watch = {option for parameter in watch.params for option in parameter.opts} - settings
    assert of_watch - {"--json", "--all"} == set(re.findall(r"--[a-z-]+", PAGE)) & of_watch
