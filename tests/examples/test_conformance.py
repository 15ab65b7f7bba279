"""The conformance suite, as a partner runs it: the engine that is right passes, and the two that are wrong do not."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftcrm.contracts.families import CASES

ENGINES = Path(__file__).parents[2] / "examples/engines"
Run = Callable[..., tuple[int, str]]

SUBCLASSED = """
from collections import defaultdict

import pytest
from ledger import rounds

from ftcrm.contracts import Settings
from ftcrm.contracts.engines import CallableEngine, keys_of
from ftcrm.contracts.rounds import readings_of
from ftcrm.strategies.conformance import Conformance, Families


class Remembering:
    '''Never forgets what it was fed, and says the rounds of the players that it is asked about, as HttpEngine does.'''

    starts_fresh = False

    def __init__(self):
        self.engine = CallableEngine(rounds)
        self.fed = defaultdict(list)

    def construct(self, messages, *, until=None):
        players = {(key.origin, key.user_id) for key in keys_of(messages)}
        for message in messages:
            for key in keys_of([message]):
                self.fed[key.origin, key.user_id].append(message)
        return self.engine.construct([message for player in players for message in self.fed[player]])


REMEMBERING = Remembering()


class TestRemembering(Conformance):
    examples = 5

    @pytest.fixture
    def round_engine(self):
        return REMEMBERING


class TestAnotherReading(Families):
    settings = Settings(readings=readings_of(["lone-settlement=settled"]))
    leave_out = {8: "our ledger is closed by the hour", 22: "we have no Loss"}

    @pytest.fixture
    def round_engine(self):
        return CallableEngine(rounds)
"""


PLAYERS = """
from ledger import rounds as ledger


def rounds(deliveries):
    '''The ledger's rounds, with another name for the user_id.'''
    return [{"player": each.pop("user_id"), **each} for each in ledger(deliveries)]
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs pytest in an empty folder, with the examples where Python looks; its exit code and its output."""

    def run(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", "--hypothesis-seed=0"]
        # In CI, pytest prints each failure a second time, in its summary.
        outside = {name: value for name, value in os.environ.items() if name != "CI"}
        environment = outside | {"PYTHONPATH": str(ENGINES), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
        done = subprocess.run(
            [*command, *arguments], capture_output=True, text=True, check=False, cwd=tmp_path, env=environment
        )
        assert done.stderr == ""
        return done.returncode, done.stdout

    return run


def suite_for(engine: str, *arguments: str) -> list[str]:
    return ["--pyargs", "ftcrm.strategies.conformance", f"--ftcrm-engine=python:{engine}:rounds", "-q", *arguments]


def failures(output: str) -> dict[str, str]:
    """What is told of each test that failed, by its name."""
    parts = re.split(r"^_+ TestConformance\.(test_\w+(?:\[.*\])?) _+$", output, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def history(text: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in text.splitlines() if line.startswith('  {"message_type"')]
    assert f"The history, {'1 event' if len(lines) == 1 else f'{len(lines)} events'}:" in text
    return [line["event"] for line in lines]


def test_the_one_that_is_right_passes(run: Run) -> None:
    code, output = run(*suite_for("ledger", "--ftcrm-examples=20"))
    assert (code, failures(output)) == (0, {}), output
    assert f"{len(CASES) + 9} passed" in output


def test_the_one_that_drops_tombstones_is_caught(run: Run) -> None:
    code, output = run(*suite_for("drops_tombstones", "-k", "order_of_arrival or test_family"))
    found = failures(output)
    assert code == 1
    assert found.keys() == {
        "test_the_order_of_arrival_changes_nothing",
        "test_family[4 the Rollback overtakes its Bet]",
        "test_family[4 by a new id, and the earlier by timestamp]",
        "test_family[4 the Bet never comes]",
        "test_family[5 both Rollbacks first]",
    }
    told = found["test_the_order_of_arrival_changes_nothing"]
    assert told.startswith("\nThe order of arrival changes the rounds.\n")
    bet, rollback = sorted(history(told), key=lambda event: str(event["status"]))
    assert (bet["type"], bet["status"], rollback["type"], rollback["status"]) == ("Bet", "Approved", "Bet", "Rollback")
    assert "state: expected 'voided', got 'open'" in told
    assert "got: in the order 2, 1" in told
    told = found["test_family[4 the Rollback overtakes its Bet]"]
    assert "docs/rounds.md#family-4" in told
    assert "sub.example.com/52530/r1: bet: expected 0, got 20" in told


def test_the_one_that_sums_in_floats_is_caught(run: Run) -> None:
    code, output = run(*suite_for("sums_in_floats", "-k", "summed or test_family"))
    assert code == 1
    ((name, told),) = failures(output).items()
    assert name == "test_what_is_sent_is_what_is_summed"
    assert 2 <= len(history(told)) <= 3
    ((wanted, got),) = re.findall(r": (?:bet|win): expected ([\d.]+), got ([\d.]+)$", told, flags=re.MULTILINE)
    assert wanted != got
    assert abs(float(wanted) - float(got)) < 1e-12


def test_a_subclass_brings_its_engine_and_says_what_is_otherwise(run: Run, tmp_path: Path) -> None:
    (tmp_path / "test_ours.py").write_text(SUBCLASSED)
    code, output = run("-rs", "-q", "test_ours.py")
    assert code == 1, output
    skipped = len([case for case in CASES if case.family in (8, 22)])
    assert "our ledger is closed by the hour" in output
    assert "we have no Loss" in output
    # The engine takes a lone Win for an orphan, which is not what its suite says that it is meant to do.
    failed = re.findall(r"^_+ (Test\w+\.test_family\[\d+) .*\] _+$", output, flags=re.MULTILINE)
    assert set(failed) == {"TestAnotherReading.test_family[18", "TestAnotherReading.test_family[19"}
    assert "state: expected 'settled', got 'orphan'" in output
    assert re.search(
        rf"^{len(failed)} failed, {len(CASES) * 2 + 9 - len(failed) - skipped} passed, {skipped} skipped in",
        output,
        re.M,
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "round_engine: expected --ftcrm-engine, or a fixture of that name, got neither"),
        (
            ["--ftcrm-engine=pyton:ledger:rounds"],
            "engine: expected python:MODULE:CALLABLE, .* got 'pyton:ledger:rounds'",
        ),
        (["--ftcrm-engine=python:leger:rounds"], "expected a module to import .* No module named 'leger'"),
        (["--ftcrm-engine=command:./leger"], "engine: expected a command that can be run, got './leger'"),
        (["--ftcrm-engine=command:false"], "false: expected exit code 0, got 1"),
        (["--ftcrm-engine=python:operator:itemgetter"], "expected rounds, got TypeError"),
        (
            ["--ftcrm-engine=python:players:rounds"],
            "expected user_id at '/user_id', .*'user_id' in `fields` of the mapping",
        ),
        (
            ["--ftcrm-engine=python:ledger:rounds", "--ftcrm-mapping=none.json"],
            "--ftcrm-mapping none.json: .*No such file",
        ),
        (
            ["--ftcrm-engine=python:ledger:rounds", "--ftcrm-mapping=list.json"],
            "--ftcrm-mapping list.json: expected a JSON",
        ),
    ],
)
def test_an_engine_that_cannot_be_asked_ends_the_run(run: Run, tmp_path: Path, options: list[str], told: str) -> None:
    (tmp_path / "players.py").write_text(PLAYERS)
    (tmp_path / "list.json").write_text("[]")
    code, output = run("--pyargs", "ftcrm.strategies.conformance", "-q", *options)
    assert code == pytest.ExitCode.USAGE_ERROR
    assert len(re.findall(told, output)) == 1
    assert len(output.splitlines()) < 10


def test_a_mapping_says_where_the_engine_says_what(run: Run, tmp_path: Path) -> None:
    (tmp_path / "players.py").write_text(PLAYERS)
    (tmp_path / "players.json").write_text('{"fields": {"user_id": "/player", "bet": "/bet", "win": "/win"}}')
    named = ["--ftcrm-engine=python:players:rounds", "--ftcrm-mapping=players.json"]
    code, output = run("--pyargs", "ftcrm.strategies.conformance", "-q", "-k", "test_family", *named)
    assert (code, failures(output)) == (0, {}), output
    assert f"{len(CASES)} passed" in output


def test_an_engine_that_fails_later_is_told_with_the_history(run: Run, tmp_path: Path) -> None:
    (tmp_path / "players.py").write_text(
        PLAYERS.replace("return", "assert b'Loss' not in str(deliveries).encode()\n    return")
    )
    (tmp_path / "players.json").write_text('{"fields": {"user_id": "/player", "bet": "/bet"}}')
    named = ["--ftcrm-engine=python:players:rounds", "--ftcrm-mapping=players.json"]
    code, output = run("--pyargs", "ftcrm.strategies.conformance", "-q", "-k", "test_family and Loss and alone", *named)
    assert code == 1
    ((_, told),) = failures(output).items()
    assert "The engine fails.\n  players:rounds" in told
    assert len(history(told)) == 1


def test_a_test_is_run_again_by_its_name_in_the_module(run: Run) -> None:
    name = "ftcrm.strategies.conformance::TestConformance::test_family[4 the Bet never comes]"
    code, output = run("--ftcrm-engine=python:drops_tombstones:rounds", "--pyargs", name)
    assert code == 1
    assert failures(output).keys() == {"test_family[4 the Bet never comes]"}
    assert "1 failed in" in output
