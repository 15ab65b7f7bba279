"""The pytest plugin `ftcrm`: the options and fixtures that the conformance suite takes its engine from.

Nothing but pytest is imported until a fixture is used.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ftcrm.contracts.engines import RoundEngine

__all__ = ["pytest_addoption", "round_engine"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the plugin."""
    group = parser.getgroup("ftcrm", "FT CRM")
    group.addoption(
        "--ftcrm-engine",
        metavar="ENGINE",
        help="the engine under test: python:MODULE:CALLABLE, http://HOST:PORT or command:COMMAND",
    )
    group.addoption(
        "--ftcrm-mapping",
        metavar="FILE",
        type=Path,
        help="a JSON file that says where the engine says what of a round, as that of `ftcrm fuzz --mapping`",
    )
    group.addoption(
        "--ftcrm-examples",
        metavar="N",
        type=int,
        help="how many histories each law of the conformance suite is tried on (unless a suite says otherwise, 100)",
    )


@pytest.fixture(scope="session")
def round_engine(pytestconfig: pytest.Config) -> "Iterator[RoundEngine]":
    """The engine that constructs rounds: that of --ftcrm-engine; overridden by suites that have one in Python.

    One that cannot be asked ends the run (exit code 4): each test would fail of the same.
    """
    from ftcrm.client.engines import MappingFile, engine_from  # noqa: PLC0415 - only where they are used
    from ftcrm.contracts.errors import ConfigurationError, FtcrmError  # noqa: PLC0415
    from ftcrm.strategies.trials import probe  # noqa: PLC0415

    named, path = (pytestconfig.getoption(option) for option in ("--ftcrm-engine", "--ftcrm-mapping"))
    with ExitStack() as opened:
        try:
            if named is None:
                expected = "--ftcrm-engine, or a fixture of that name"
                raise ConfigurationError(f"round_engine: expected {expected}, got neither")
            file = MappingFile() if path is None else MappingFile.read(path, option="--ftcrm-mapping")
            engine = opened.enter_context(engine_from(named, mapping=file.mapping, routes=file.routes))
            probe(engine)
        except FtcrmError as error:
            pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)
        yield engine
