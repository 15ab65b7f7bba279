"""docs/conformance.md: its subclass runs, what it shows is shown, and its tables have everything."""

import os
import re
import subprocess
import sys
from pathlib import Path

from ftcrm.contracts.families import CASES
from ftcrm.strategies.conformance import Conformance, Families, Laws, Reference

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/conformance.md").read_text()
(SUBCLASS,) = re.findall(r"```python\n# test_our_engine.py\n(.*?)```", PAGE, re.DOTALL)
(SHOWN,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)

# Of a Win without a Bet, which the page's subclass leaves out, it makes nothing.
OUR_ENGINE = """
from ftcrm.contracts import Message, Settings, construct
from ftcrm.contracts.rounds import readings_of

SETTINGS = Settings(readings=readings_of(["rollback-target=own-id"]))
STATUSES = {"open": "PENDING", "settled": "CLOSED", "voided": "VOID", "orphan": "LONE"}


def construct_ours(deliveries):
    messages = [Message("rest", payload, message_type) for message_type, payload in deliveries]
    for value in construct(messages, settings=SETTINGS).rounds:
        if value.state == "orphan":
            continue
        money = value.totals.get(value.currency)
        yield {
            "origin": value.origin, "user_id": value.user_id, "round_id": value.round_id,
            "status": STATUSES[value.state],
            "stake": money and money.bet.total, "payout": money and money.win.total,
        }


construct_all, construct = construct, construct_ours
"""


def test_the_subclass_runs(tmp_path: Path) -> None:
    engine = OUR_ENGINE.replace("in construct(messages", "in construct_all(messages")
    (tmp_path / "our_engine.py").write_text(engine)
    (tmp_path / "test_our_engine.py").write_text(SUBCLASS)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--ftcrm-examples=3"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    left_out = len([case for case in CASES if case.family in (10, 18, 19, 22)])
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert f"{len(CASES) + 8 - left_out} passed, {left_out} skipped" in done.stdout


def test_what_is_shown_is_what_the_example_says(tmp_path: Path) -> None:
    """But for the amounts that it finds."""
    suite = ["--pyargs", "ftcrm.strategies.conformance", "--ftcrm-engine=python:sums_in_floats:rounds", "-k", "summed"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", *suite],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT / "examples/engines"), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 1, done.stdout
    told = re.compile(
        r"^The amounts of a round are not those of its events\.\n"
        r"(  \S+/\S+/\S+: (bet|win): expected [\d.]+, got [\d.]+\n)+"
        r"The history, \d events:\n"
        r'  \{"message_type":"CASINO","event":\{"activity_id":"a\d","amount":[\d.]+,"currency":"[A-Z]+", ?',
        re.MULTILINE,
    )
    assert told.search(done.stdout)
    assert told.match(SHOWN)


def test_the_tables_have_every_test_and_every_setting() -> None:
    for part in (Laws, Families, Reference):
        names = {name for name in vars(part) if name.startswith("test_")}
        rows = re.search(rf"^\| `{part.__name__}` \|.*?(?=^\| `[A-Z]|^$)", PAGE, re.MULTILINE | re.DOTALL)
        assert rows is not None
        assert set(re.findall(r"`(test_\w+)`", rows[0])) == names
    settings = {
        name
        for each in Conformance.__mro__
        for name, value in vars(each).items()
        if name[0] != "_" and not callable(value) and name != "trial"
    }
    assert set(re.findall(r"^\| `([a-z_]+)` \| ", PAGE, re.MULTILINE)) == settings
    assert f"{len(CASES) + 9} tests" in PAGE
    assert f"the {len(CASES)} cases" in PAGE
