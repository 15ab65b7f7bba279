"""docs/fuzz.md leads from zero to a failure: its commands run, and end as it says."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from threading import Thread
from time import monotonic
from typing import Any, ClassVar
from urllib.parse import unquote

import pytest

from ftcrm.cli.fuzz import command as fuzz
from ftcrm.cli.settings import SETTINGS
from ftcrm.cli.watch import command as watch
from ftcrm.contracts import Message, construct
from ftcrm.contracts.events import read_payload
from ftcrm.contracts.views import round_view

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
    _, ready, search, replay, test, agree = (here(line, rest) for line in SEARCH.splitlines())

    def run(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["bash", "-uc", line], capture_output=True, text=True, check=False, cwd=tmp_path)

    assert run(ready).returncode == 0
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
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ports = {"FTCRM_REST": f"127.0.0.1:{port}", "FTCRM_AMQP": "127.0.0.1:0", "FTCRM_KAFKA": "127.0.0.1:0"}
    script = here(WATCH, f"http://127.0.0.1:{port}").replace("5s", "500ms")
    done = subprocess.run(
        ["bash", "-uc", script], capture_output=True, text=True, check=False, cwd=tmp_path, env=os.environ | ports
    )
    assert done.returncode == 1, done.stderr
    assert "received:1: FT307 never-settled [documented]" in (tmp_path / "verdict.txt").read_text()


class Brand(BaseHTTPRequestHandler):
    """One brand: players go by their user_id alone, and rounds look as the page's mapping says."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: a second one would wait for the first to be acknowledged
    played: ClassVar[dict[str, list[tuple[float, Message]]]]
    lag = 0.0
    """So many seconds pass until an event is in a round."""
    words: ClassVar = {"open": "PENDING", "settled": "CLOSED", "voided": "CANCELLED", "orphan": "orphan"}

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        user_id = (read_payload(raw).document or {}).get("user_id")
        if isinstance(user_id, str):
            message_type = self.path.rpartition("/")[2].upper()
            self.played.setdefault(user_id, []).append((monotonic(), Message("rest", raw, message_type)))
        self._answer({})

    def do_GET(self) -> None:
        (user_id,) = map(unquote, re.findall(r"/players/([^/]+)/rounds", self.path))
        seen = [message for at, message in self.played.get(user_id, ()) if at <= monotonic() - self.lag]
        self._answer({"data": [self._spelt(round_view(each)) for each in construct(seen).rounds]})

    def _spelt(self, view: dict[str, Any]) -> dict[str, Any]:
        bet = view["bet"] and view["bet"]["total"]
        named = {"user_id": view["user_id"], "gameRound": {"id": view["round_id"]}}
        return {**named, "status": self.words[view["state"]], "totals": {"bet": bet}}

    def _answer(self, document: Any) -> None:
        content = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing to standard error."""


@pytest.fixture
def brand(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a service that constructs rounds as the reference does, for one brand, at once or with that lag."""

    class Fresh(Brand):
        played: ClassVar = {}
        lag = request.param

    with ThreadingHTTPServer(("127.0.0.1", 0), Fresh) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.integration
@pytest.mark.parametrize(("brand", "examples"), [(0.0, "30"), (0.2, "10")], indirect=["brand"])
def test_the_mapping_of_the_page_reads_a_service_of_one_brand(brand: str, examples: str, tmp_path: Path) -> None:
    (snippet,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "brand.json").write_text(snippet)
    words = ["fuzz", "--to", brand, "--mapping", "brand.json", "--examples", examples, "--seed", "1", "--all"]
    done = subprocess.run(
        [sys.executable, "-m", "ftcrm.cli", *words], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert {"valid", "tangle"} <= set(done.stdout.split())


def test_every_option_of_its_own_is_told() -> None:
    settings = {setting.flag for setting in SETTINGS.values()} | {"--config"}
    own = {option for parameter in fuzz.params for option in parameter.opts} - settings
    told = set(re.findall(r"--[a-z-]+", "".join(re.findall(r"^\| (`--.*?) \|", PAGE, re.MULTILINE))))
    assert own | {"--api-key"} == told
    of_watch = {option for parameter in watch.params for option in parameter.opts} - settings
    of_watch -= {"--json", "--all"}
    assert of_watch == set(re.findall(r"--[a-z-]+", PAGE)) & of_watch
