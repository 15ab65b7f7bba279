"""The engine gives what the oracle gives: two implementations of one page, from the bytes to the last digit."""

import ast
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings

from ftcrm.contracts.rounds import ASSUMPTIONS

from .adversarial import READINGS, Drawn, histories
from .comparison import differences

LONG = settings.get_current_profile_name() == "long"
EXAMPLES = settings.get_profile("long").max_examples if LONG else 2_700
BATCHES = 27 if LONG else 1
"""More than 2,000 and 100,000, since some histories are drawn several times."""


@pytest.mark.parametrize("batch", range(BATCHES))
def test_engine_and_oracle_agree(compared: Callable[[Drawn], None], batch: int) -> None:
    @given(histories())
    @settings(max_examples=EXAMPLES)
    def check(drawn: Drawn) -> None:
        assert differences(drawn) == []
        compared(drawn)

    check()


def test_the_oracle_shares_no_code_with_the_engine() -> None:
    """It imports the standard library, and its own modules."""
    imported = set()
    for path in (Path(__file__).parent / "naive").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add("." if node.level == 1 else (node.module or "..").split(".")[0])
    assert "." in imported
    assert imported - {"."} <= sys.stdlib_module_names


def test_every_reading_is_drawn() -> None:
    """The engine's own comes first and is what the oracle does unless told."""
    assert {
        assumption.name: [reading for reading, _ in assumption.readings[1:]] for assumption in ASSUMPTIONS
    } == READINGS
