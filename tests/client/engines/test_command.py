"""Engines that are commands: real processes, right ones and all kinds of wrong ones."""

import json
import socket
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ftcrm.client.engines import CommandEngine
from ftcrm.contracts import Message
from ftcrm.contracts.engines import FieldMapping, disagreements
from ftcrm.contracts.errors import ConfigurationError, EngineError
from ftcrm.contracts.lines import Line, read_lines

SUMS = """
import json, sys
from decimal import Decimal

NUMBER = {number}
rounds = {{}}
for line in sys.stdin:
    delivery = json.loads(line, parse_float=NUMBER, parse_int=NUMBER)
    if delivery["message_type"] != "CASINO" or "event" not in delivery:
        continue
    event = delivery["event"]
    sums = rounds.setdefault((event["origin"], event["user_id"], event["round_id"]), {{"Bet": 0, "Win": 0}})
    sums[event["type"]] += event["amount"]
for (origin, player, game), sums in rounds.items():
    document = {{"brand": origin, "player": player, "game": game, "stake": str(sums["Bet"]), "pay": str(sums["Win"])}}
    print(json.dumps(document))
"""
MAPPING = FieldMapping(
    fields={"origin": "/brand", "user_id": "/player", "round_id": "/game", "bet": "/stake", "win": "/pay"}
)


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., CommandEngine]:
    """The engine that this Python script is."""

    def engine(script: str, *arguments: str, **options: Any) -> CommandEngine:
        path = tmp_path / "engine.py"
        path.write_text(script)
        return CommandEngine([sys.executable, str(path), *arguments], **options)

    return engine


def test_a_right_command_agrees_history_by_history(
    command: Callable[..., CommandEngine], settled: list[Message]
) -> None:
    engine = command(SUMS.format(number="Decimal"), mapping=MAPPING)
    assert engine.starts_fresh
    assert disagreements(engine, settled) == ()
    (found,) = engine.construct(settled[:1])
    assert found.said == {"bet": Decimal("0.1"), "win": 0}
    assert engine.construct([]) == ()


def test_a_command_that_sums_in_floats_differs(command: Callable[..., CommandEngine], settled: list[Message]) -> None:
    found = disagreements(command(SUMS.format(number="float"), mapping=MAPPING), settled)
    assert [str(each) for each in found] == ["casino.example/42/R-1: bet: expected 0.3, got 0.30000000000000004"]


def test_the_lines_are_the_payloads_letter_by_letter_as_check_reads_them(
    command: Callable[..., CommandEngine], tmp_path: Path
) -> None:
    raws = [
        b'{ "amount": 20.00, "a\xc3\xa9": "\\n",\r\n "x": 1E+2 }',
        b'{"a": 1, "a": 2}',
        b"\xef\xbb\xbf{}",
        b"not JSON\n",
        b'{"a": "\xff"}',
        b"[1]",
    ]
    seen = tmp_path / "seen"
    command(f"import pathlib, sys; pathlib.Path({str(seen)!r}).write_bytes(sys.stdin.buffer.read())").construct(
        [Message("kafka", raw, None, (("type", b"bonus"),)) for raw in raws]
    )
    lines = seen.read_bytes().splitlines(keepends=True)
    assert lines[0] == b'{"message_type":"BONUS","event":{ "amount": 20.00, "a\xc3\xa9": "\\n",   "x": 1E+2 }}\n'
    assert ["event" in json.loads(line) for line in lines] == [True, True, False, False, False, False]
    messages = [found.message for found in read_lines(lines) if isinstance(found, Line)]
    assert [message.raw for message in messages[1:]] == raws[1:]
    assert {message.type_property for message in messages} == {"BONUS"}


def test_a_command_that_reads_nothing_may_answer_all_the_same(
    command: Callable[..., CommandEngine], casino: Callable[..., Message]
) -> None:
    more_than_a_pipe_holds = [casino(game_name="x" * 100_000)] * 3
    assert command("").construct(more_than_a_pipe_holds) == ()


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("import sys; sys.exit('no table for R-1')", "expected exit code 0, got 1; its stderr:\nno table for R-1"),
        ("import sys; sys.exit(3)", "expected exit code 0, got 3"),
        ("import os; os.kill(os.getpid(), 9)", "expected exit code 0, got -9"),
        ("print('{}'); print('done')", "line 1: expected origin at '/origin', got an object with no members; "),
        ("print(); print('ready')", "line 2: expected JSON, got 'ready' (Expecting value: line 1 column 1 (char 0))"),
        ("print('[]')", "line 1: expected a round as a JSON object, got an array"),
    ],
)
def test_a_command_that_fails_is_an_error_and_no_difference(
    command: Callable[..., CommandEngine], settled: list[Message], script: str, message: str
) -> None:
    with pytest.raises(EngineError) as caught:
        disagreements(command(script), settled)
    assert "engine.py" in str(caught.value)
    assert message in str(caught.value)


def test_a_command_that_hangs_is_ended_with_all_that_it_started() -> None:
    child = 'exec 3<>/dev/tcp/127.0.0.1/$0; echo "waiting for $0" >&2; cat <&3'
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        port = str(listener.getsockname()[1])
        engine = CommandEngine(["bash", "-c", 'bash -c "$0" "$1"; true', child, port], timeout=1)
        with pytest.raises(
            EngineError, match=f"expected it to end within 1 s, got no end; its stderr:\nwaiting for {port}"
        ):
            engine.construct([])
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(20)
            assert connection.recv(1) == b""


@pytest.mark.parametrize("argv", [[], ["./no-such-engine", "--flag"]])
def test_a_command_that_there_is_not_is_refused(argv: list[str]) -> None:
    with pytest.raises(ConfigurationError, match="engine: expected a command that can be run, got '"):
        CommandEngine(argv)


def test_a_command_that_cannot_be_run_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "engine"
    path.write_bytes(b"\x7fELF of nothing")
    path.chmod(0o755)
    with pytest.raises(EngineError, match=r"expected to run it, got .*Exec format error"):
        CommandEngine([str(path)]).construct([])
