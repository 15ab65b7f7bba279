"""`ftcrm fuzz` as a process, against servers that read the contract as the reference does, and one that does not."""

import json
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.integration

DEADLINE = 90.0
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def fuzz(command: list[str], tmp_path: Path) -> Run:
    """Run the command in a folder of the test, with these URLs to send to."""

    def run(to: Sequence[str], *options: str) -> subprocess.CompletedProcess[str]:
        words = [*command, "fuzz", *(part for url in to for part in ("--to", url)), *options]
        return subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=DEADLINE)

    return run


def test_the_stand_in_agrees_through_all_three_connectors(server: Any, fuzz: Run, tmp_path: Path) -> None:
    found = server.addresses
    before = server.summary()["events"]
    done = fuzz(
        [found["rest"], found["amqp"], f"kafka://{found['kafka']}/ftcrm"], "--examples", "10", "--format", "json"
    )
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert (report["examples"], report["failure"]) == (10, None)
    assert server.summary()["events"] - before == report["events"]
    assert "guest" not in report["target"]
    assert [path.name for path in tmp_path.iterdir()] == ["ftcrm-fuzz"]


def test_a_history_over_which_the_target_differs_by_its_settings_is_replayed(
    serve: Callable[..., Any], fuzz: Run, player: Any, tmp_path: Path
) -> None:
    """What a search finds and writes is replayed by the test of docs/fuzz.md."""
    rest = [serve("--session-gap", "1m").addresses["rest"]]
    win = player.win(timestamp="2026-03-02T08:02:00Z")
    (tmp_path / "played.jsonl").write_bytes(b"\n".join([player.bet(timestamp="2026-03-02T08:00:00Z"), win]))
    for _ in range(2):
        differs = fuzz(rest, "--replay", "played.jsonl")
        assert (differs.returncode, differs.stderr) == (1, "")
        assert f"/{player.user_id}: sessions: expected 1, got 2\n" in differs.stdout
    agrees = fuzz(rest, "--replay", "played.jsonl", "--session-gap", "1m")
    assert (agrees.returncode, agrees.stdout) == (0, f"{rest[0]}: agrees: 2 events\n")


def test_an_interrupt_ends_it_with_the_summary_so_far(
    serve: Callable[..., Any], command: list[str], tmp_path: Path, until: Callable[..., Any]
) -> None:
    target = serve()
    words = [*command, "fuzz", "--to", target.addresses["rest"], "--examples", "100000"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        try:
            until(lambda: len(list(target.pages("players"))) > 1, seconds=DEADLINE)
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=DEADLINE)
        finally:
            process.kill()
    assert (process.returncode, errors) == (130, "")
    assert f"{target.addresses['rest']}: interrupted; agreed so far: " in output


@pytest.mark.parametrize("to", ["http://127.0.0.1:1", "amqp://127.0.0.1:1/", "kafka://127.0.0.1:1/ftcrm"])
def test_a_target_that_cannot_be_reached_is_one_line(fuzz: Run, to: str) -> None:
    done = fuzz([to], "--read", "http://127.0.0.1:1", "--examples", "1")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (4, "", 1)
    assert done.stderr.startswith(f"ftcrm: {to}: expected to ")
