"""The name of an engine, as a command line has it."""

import json
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ftcrm.client.engines import CommandEngine, HttpEngine, HttpRoutes, engine_from
from ftcrm.contracts import Message
from ftcrm.contracts.engines import CallableEngine, FieldMapping
from ftcrm.contracts.errors import ConfigurationError, EngineError

MODULE = """
class Engines:
    @staticmethod
    def one(deliveries):
        return [{"origin": "casino.example", "user_id": "42", "id": "R-1", "bet": len(deliveries)}]

NUMBER = 7
"""
MAPPING = FieldMapping(fields={"round_id": "/id", "bet": "/bet"})


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module with an engine in it, in a package where Python looks."""
    (tmp_path / "engines_of_a_partner").mkdir()
    (tmp_path / "engines_of_a_partner" / "sums.py").write_text(MODULE)
    (tmp_path / "engines_of_a_partner" / "broken.py").write_text("import ftcrm.nothing_of_the_sort")
    monkeypatch.syspath_prepend(str(tmp_path))
    return "engines_of_a_partner.sums"


def test_python_names_a_callable_of_a_module(module: str, casino: Callable[..., Message]) -> None:
    with engine_from(f"python:{module}:Engines.one", mapping=MAPPING) as engine:
        assert isinstance(engine, CallableEngine)
        (found,) = engine.construct([casino(), casino()])
    assert found.said == {"bet": 2}


def test_a_command_is_split_as_a_shell_does(tmp_path: Path, casino: Callable[..., Message]) -> None:
    script = tmp_path / "my engine.py"
    script.write_text("import sys; print(sys.argv[1])")
    document = json.dumps({"origin": "o", "user_id": "u", "id": "r", "bet": "0.1"})
    with engine_from(f"command:{sys.executable} '{script}' '{document}'", mapping=MAPPING) as engine:
        assert isinstance(engine, CommandEngine)
        (found,) = engine.construct([casino()])
    assert found.said == {"bet": Decimal("0.1")}
    with engine_from("command:sleep 60", timeout=0.1) as engine, pytest.raises(EngineError, match=r"within 0.1 s"):
        engine.construct([])


def test_http_names_a_service_that_is_left_at_the_end(http_server: Any, casino: Callable[..., Message]) -> None:
    page = {"r": [{"origin": "casino.example", "user_id": "42", "id": "R-1", "bet": 3}]}
    http_server.answers["/app/r"] = (200, json.dumps(page).encode())
    routes = HttpRoutes(casino="/e", rounds="/r", rounds_at="/r")
    with engine_from(f"{http_server.url}/app", mapping=MAPPING, routes=routes, headers={"X-Key": "k"}) as engine:
        assert isinstance(engine, HttpEngine)
        (found,) = engine.construct([casino()])
    assert found.said == {"bet": 3}
    assert [(request.method, request.path, request.headers["x-key"]) for request in http_server.requests] == [
        ("POST", "/app/e", "k"),
        ("GET", "/app/r", "k"),
    ]
    with pytest.raises(RuntimeError, match="closed"):
        engine.construct([casino()])


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("", "engine: expected python:MODULE:CALLABLE, http://HOST:PORT or command:COMMAND, got ''"),
        ("./engine", "engine: expected python:MODULE:CALLABLE, .*, got './engine'"),
        ("amqp://127.0.0.1", "engine: expected python:MODULE:CALLABLE, .*, got 'amqp://127.0.0.1'"),
        ("python:engines_of_a_partner.sums", "expected python:MODULE:CALLABLE, got 'python:engines_of_a_partner.sums'"),
        ("python::one", "expected python:MODULE:CALLABLE, got 'python::one'"),
        ("python:no_such:one", "a module to import in 'python:no_such:one', got ModuleNotFoundError: No module named"),
        ("python:engines_of_a_partner.broken:one", "got ModuleNotFoundError: .* 'ftcrm.nothing_of_the_sort'"),
        ("python:engines_of_a_partner.sums:two", "a callable 'two' in the module engines_of_a_partner.sums, got None"),
        ("python:engines_of_a_partner.sums:NUMBER", "a callable 'NUMBER' in the module .*, got 7"),
        ("http:/127.0.0.1", "expected http://HOST:PORT"),
        ("command:", "expected a command that can be run, got ''"),
        ("command:'", 'expected a command, got "command:\'" \\(No closing quotation\\)'),
    ],
)
@pytest.mark.usefixtures("module")
def test_a_name_of_nothing_is_refused(target: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message), engine_from(target):
        pass
