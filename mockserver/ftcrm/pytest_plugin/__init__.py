"""The pytest plugin `ftcrm`: the options and fixtures that the conformance suite takes its engine from.

Nothing but pytest is imported until a fixture is used.
"""

from collections.abc import Iterator
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
        "--ftcrm-examples",
        metavar="N",
        type=int,
        help="how many histories each law of the conformance suite is tried on (unless a suite says otherwise, 100)",
    )


@pytest.fixture(scope="session")
def round_engine(pytestconfig: pytest.Config) -> "Iterator[RoundEngine]":
    """The engine that constructs rounds: that of --ftcrm-engine; overridden by suites that have one in Python."""
    from ftcrm.client.engines import engine_from  # noqa: PLC0415 - only where it is used

    named = pytestconfig.getoption("--ftcrm-engine")
    if named is None:
        raise pytest.UsageError("round_engine: expected --ftcrm-engine, or a fixture of that name, got neither")
    with engine_from(named) as engine:
        yield engine
