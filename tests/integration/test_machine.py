"""The live state machine finds nothing in the server, comes to each of its steps, and finds bugs that are planted."""

import re
import sys
import unittest
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.reporting import with_reporter
from hypothesis.stateful import run_state_machine_as_test

from ftcrm.contracts.errors import ConfigurationError, SendError
from ftcrm.strategies import ServerMachine, check_server
from ftcrm.strategies.live import Addresses

pytestmark = pytest.mark.integration

BUGS = {
    "an acknowledged event is lost": """
from ftcrm.mockserver.intake import Intake
take = Intake.take
def losing(self, parcel):
    parcel.deliveries = parcel.deliveries[:1]
    take(self, parcel)
Intake.take = losing
""",
    "pages in the wrong order": """
from ftcrm.mockserver.admin import derived, pages, players, questions, sessions
page_of = pages.page_of
async def turned(name, views, follower, query):
    page = await page_of(name, views, follower, query)
    return page | {name: page[name][::-1] if query.limit < 100 else page[name]}
derived.page_of = players.page_of = questions.page_of = sessions.page_of = turned
""",
    "a verdict that differs on one connector": """
from ftcrm.mockserver import intake
judge = intake.judge
def lenient(message, *args, **options):
    judged = judge(message, *args, **options)
    if message.connector == "rabbitmq" and judged.verdict == "undocumented":
        return type(judged)(intake.Verdict.OK, judged.message_type, judged.event, judged.keys)
    return judged
intake.judge = lenient
""",
    "a retry that counts twice": """
from ftcrm.contracts import history
from ftcrm.contracts.rounds import Readings
fold_round = history.fold_round
def counting(*args, **options):
    return fold_round(*args, **options | {"readings": Readings(repeats="every")})
history.fold_round = counting
""",
}
SHRUNK = {
    "an acknowledged event is lost": 2,
    "pages in the wrong order": 3,
    "a verdict that differs on one connector": 2,
    "a retry that counts twice": 3,
}
"""How many steps show each: connecting, publishing, and asking where the answer is what is wrong."""


@pytest.fixture
def serve_with(serve):
    """Start a server that begins with this Python code."""
    return lambda code: serve(command=[sys.executable, "-c", f"{code}\nfrom ftcrm.cli import main\nmain()"])


def addresses_of(server):
    return [server.addresses[name] for name in ("rest", "amqp", "kafka")]


def steps_of(failure):
    """The names of the shrunk steps, out of the notes of the failure."""
    return re.findall(r"^(?:[\w, ]+ = )?state\.(\w+)\(", "\n".join(failure.__notes__), re.MULTILINE)


def test_finds_nothing_in_the_server_and_comes_to_every_step(serve):
    addresses = Addresses.parse(*addresses_of(serve()))

    class Machine(ServerMachine):
        def __init__(self):
            super().__init__(addresses)

    executed = Counter()
    wanted = settings(
        max_examples=150,
        stateful_step_count=30,
        deadline=None,
        database=None,
        verbosity=Verbosity.debug,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    with with_reporter(lambda text: executed.update(re.findall(r"state\.(\w+)\(", str(text)))):
        run_state_machine_as_test(seed(1)(Machine), settings=wanted)
    known = {name for name, each in vars(ServerMachine).items() if callable(each) and not name.startswith("_")}
    assert known - executed.keys() == set()
    assert len(known) > 20


@pytest.mark.parametrize("bug", BUGS)
def test_finds_a_planted_bug(serve_with, bug):
    server = serve_with(BUGS[bug])
    with pytest.raises(AssertionError) as caught:
        check_server(*addresses_of(server), examples=500, steps=15, seed=1)
    steps = [step for step in steps_of(caught.value) if step not in ("has_what_was_acknowledged", "teardown")]
    assert steps[0] == "connect_first"
    assert len(steps) <= SHRUNK[bug], caught.value.__notes__


def test_wants_a_server_and_addresses_of_the_right_kind(serve):
    token = uuid4().hex
    server = serve("--admin-token", token)
    rest, amqp, kafka = addresses_of(server)
    check_server(rest, token=token, examples=2, steps=3, seed=1)
    with pytest.raises(SendError, match="admin API"):
        check_server(rest, token=token[1:], examples=1)
    with pytest.raises(ConfigurationError, match="http://HOST:PORT"):
        check_server(amqp)
    with pytest.raises(ConfigurationError, match="amqp://"):
        check_server(rest, kafka.replace("127.0.0.1", "http://127.0.0.1"), token=token)
    assert server.stop() == 0
    with pytest.raises(SendError, match="expected to connect"):
        check_server(rest, amqp, kafka, token=token, examples=1)


def test_the_page_shows_how(server):
    page = (Path(__file__).parents[2] / "docs/stateful.md").read_text()
    for shown, name in (("http://127.0.0.1:8080", "rest"), ("127.0.0.1:5672", "amqp"), ("127.0.0.1:9092", "kafka")):
        assert f'{shown}"' in page
        page = page.replace(shown, server.addresses[name].rpartition("@")[2].partition("/%2F")[0])
    helper, subclass = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert "examples=200" in helper
    exec(helper.replace("examples=200", "examples=2"), {})  # noqa: S102 - our own page
    names = {"__name__": "page"}
    exec(subclass, names)  # noqa: S102 - our own page
    names["TestServer"].settings = settings(names["TestServer"].settings, max_examples=2, stateful_step_count=5)
    result = unittest.TestLoader().loadTestsFromTestCase(names["TestServer"]).run(unittest.TestResult())
    assert (result.testsRun, result.errors, result.failures) == (1, [], [])
