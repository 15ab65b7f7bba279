"""`ftcrm watch` as a process: real senders through each connector, the same verdict as `ftcrm check`, and its ends."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.integration

PORTS = ["--rest", "127.0.0.1:0", "--amqp", "127.0.0.1:0", "--kafka", "127.0.0.1:0"]
JSON = {"Content-Type": "application/json"}
DEADLINE = 20.0


class Watched:
    """A running `ftcrm watch --json`: where it listens, and what it comes to."""

    def __init__(self, command: list[str], *options: str) -> None:
        self.process = subprocess.Popen(
            [*command, "watch", "--json", *PORTS, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stderr is not None
        self.addresses: dict[str, str] = json.loads(self.process.stderr.readline())
        self.http = httpx.Client(base_url=self.addresses["rest"], timeout=DEADLINE, trust_env=False)

    def end(self, number: int | None = None) -> tuple[int, str, str]:
        """Its exit code, standard output, and the rest of standard error; asked to leave by a signal, or by itself."""
        if number is not None:
            self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, output, errors


@pytest.fixture
def watch(command: list[str]) -> Iterator[Callable[..., Watched]]:
    started: list[Watched] = []

    def start(*options: str) -> Watched:
        started.append(Watched(command, *options))
        return started[-1]

    yield start
    for each in started:
        each.http.close()
        if each.process.poll() is None:
            each.process.kill()
            each.process.communicate()


def _without_places(report: dict[str, Any]) -> dict[str, Any]:
    """The report without what says where: a saved history has its lines, a watch its seqs."""
    for event in report["events"]:
        del event["line"]
    return {name: value for name, value in report.items() if name != "file"}


def test_it_comes_to_what_check_says_of_the_saved_history(
    watch: Callable[..., Watched],
    publisher_of: Callable[[Any], Any],
    player: Any,
    command: list[str],
    tmp_path: Path,
) -> None:
    watched = watch("--until-idle", "1s", "--timeout", "20s", "--format", "json")
    publish = publisher_of(watched)
    publish.rest = lambda raw: watched.http.post("/v1/integration/casino", content=raw, headers=JSON)
    for connector in ("rest", "rabbitmq", "kafka"):
        publish.through(connector, player.bet())
        publish.through(connector, player.raw("Win", amount="7", wager_amount=5))
    publish.kafka(b"{}", headers=[("type", b"LOGIN_V2")])
    publish.close()
    watched.http.post("/_ftcrm/runs/default/close")
    history = tmp_path / "history.jsonl"
    history.write_bytes(watched.http.get("/_ftcrm/history").content)
    code, output, errors = watched.end()
    assert (code, errors) == (1, "")
    checked = subprocess.run(
        [*command, "check", str(history), "--format", "json"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 1
    report, expected = json.loads(output), json.loads(checked.stdout)
    assert len(report["events"]) == 7
    assert _without_places(report) == _without_places(expected)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_the_verdict_so_far(watch: Callable[..., Watched], player: Any, number: int) -> None:
    watched = watch()
    for raw in (player.bet(), player.win()):
        assert watched.http.post("/v1/integration/casino", content=raw, headers=JSON).status_code == 200
    code, output, errors = watched.end(number)
    assert (code, errors) == (0, "")
    assert "2 events: 2 ok; 1 round" in output


def test_a_finding_is_told_while_it_watches(watch: Callable[..., Watched], player: Any) -> None:
    watched = watch()
    raw = player.bet(wager_amount=5)
    assert watched.http.post("/v1/integration/casino", content=raw, headers=JSON).status_code == 400
    assert watched.process.stdout is not None
    assert "FT113 sum-mismatch [documented]" in watched.process.stdout.readline()
    assert watched.process.poll() is None
    assert watched.end(signal.SIGTERM)[0] == 1


def test_it_ends_by_itself_when_nothing_comes(watch: Callable[..., Watched]) -> None:
    code, output, errors = watch("--timeout", "200ms").end()
    assert (code, output, errors) == (3, "", "ftcrm: received: expected events, got none\n")


def test_hypothesis_is_not_needed(player: Any) -> None:
    program = (
        "import sys; from ftcrm.cli import main\n"
        "main(['watch', '--timeout', '50ms', *sys.argv[1:]], standalone_mode=False)\n"
        "sys.exit(', '.join({'hypothesis', 'httpx', 'rich'} & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *PORTS], capture_output=True, text=True, check=False, timeout=DEADLINE
    )
    assert done.returncode == 0, done.stderr
