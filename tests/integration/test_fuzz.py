"""The fuzzer against real servers: healthy ones agree, and faults that are planted in one are found and made small."""

import os
import runpy
import subprocess
import sys

import pytest

from ftcrm.client.engines import HttpRoutes
from ftcrm.contracts import Settings
from ftcrm.contracts.engines import FieldMapping
from ftcrm.contracts.errors import ConfigurationError, SendError
from ftcrm.strategies.fuzzing import RemoteTarget, fuzz, read_history, replay, write_failure
from ftcrm.strategies.mutations import MUTATIONS

pytestmark = pytest.mark.integration

PATCHED = """
from decimal import Decimal
from ftcrm.contracts import history
from ftcrm.contracts.rounds import money, rounds
from ftcrm.cli import main

match, fold = rounds.match_rollbacks, history.fold_sessions
{fault}
main(prog_name="ftcrm")
"""
"""A server with a fault; the reference, in the process of the test, has none."""

FAULTS = {
    "lost tombstone": """
def matched(approved, rollbacks, **options):
    def found(each):
        return match([other for other in approved if other.seq < each.seq], [each], **options).reversals
    return match(approved, [each for each in rollbacks if found(each)], **options)
rounds.match_rollbacks = matched
""",
    "deduplication before rollback": """
def matched(approved, rollbacks, **options):
    ids = {each.event.activity_id for each in approved}
    return match(approved, [each for each in rollbacks if each.event.activity_id not in ids], **options)
rounds.match_rollbacks = matched
""",
    "float sum": """
money._add = lambda one, other: Decimal(repr(float(one) + float(other)))
""",
    "swapped session gap": """
history.fold_sessions = lambda key, folds, *, gap: fold(key, folds, gap=gap / 60)
""",
}
CONNECTORS = ("rest", "rabbitmq", "kafka")
THROUGH = dict(zip(FAULTS, [["rest"], ["rabbitmq"], ["kafka"], CONNECTORS], strict=True))
COMMAND = "ftcrm fuzz --replay {history}"
SEED = 20260302


@pytest.fixture
def urls_of():
    """The URLs at which a server takes what is of a run, by connector."""

    def urls(server, run):
        return {
            "rest": f"{server.addresses['rest']}/runs/{run}",
            "rabbitmq": server.addresses["amqp"].removesuffix("%2F") + run,
            "kafka": "kafka://{}:{}/runs.{}.casino".format(*server.address("kafka"), run),
        }

    return urls


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_and_made_small(fault, server, serve, urls_of, tmp_path, monkeypatch):
    broken = serve(command=[sys.executable, "-c", PATCHED.format(fault=FAULTS[fault])])
    to = [urls_of(broken, "fuzzed")[connector] for connector in THROUGH[fault]]
    with RemoteTarget(to, read=broken.addresses["rest"]) as target:
        report = fuzz(target, examples=500, seed=SEED)
        failure = report.failure
        assert failure is not None
        assert report.examples <= 500
        assert 1 <= len(failure.messages) <= 3
        assert not failure.flaky
        files = write_failure(tmp_path, failure, target, command=COMMAND)
        assert read_history(files.history) == list(failure.messages)
        assert replay(target, read_history(files.history)) == failure.differences
    (test,) = [value for name, value in runpy.run_path(str(files.test)).items() if name.startswith("test_")]
    with pytest.raises(AssertionError, match=r"expected .*, got "):
        test()
    monkeypatch.setenv("FTCRM_FUZZ_TO", server.addresses["rest"])
    monkeypatch.setenv("FTCRM_FUZZ_READ", "")
    (test,) = [value for name, value in runpy.run_path(str(files.test)).items() if name.startswith("test_")]
    test()


@pytest.mark.parametrize("connectors", [*([each] for each in CONNECTORS), CONNECTORS], ids=" ".join)
def test_a_healthy_server_agrees(connectors, server, urls_of):
    run = "agrees-" + "-".join(connectors)
    to = [urls_of(server, run)[connector] for connector in connectors]
    with RemoteTarget(to, read=server.addresses["rest"]) as target:
        report = fuzz(target, examples=25, seed=SEED)
    assert report.failure is None
    assert report.examples == 25
    summary = server.summary(run=run)
    assert set(summary["connectors"]) == set(connectors)
    assert sum(summary["verdicts"].values()) > 0


def test_a_server_with_other_settings_than_the_reference_differs(server, urls_of, tmp_path):
    to = [urls_of(server, "settings")["rest"]]
    with RemoteTarget(to, settings=Settings(session_gap=1.0)) as target:
        failure = fuzz(target, examples=50, seed=SEED).failure
        assert failure is not None
        files = write_failure(tmp_path, failure, target, command=COMMAND)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FTCRM_")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", files.test.name]
    ran = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 1, ran.stdout
    assert failure.differences[0] in ran.stdout


def test_rounds_alone_are_compared_where_they_are_mapped(server, urls_of):
    to = [urls_of(server, "mapped")["kafka"]]
    mapping = FieldMapping(fields={"state": "/state", "bet": "/bet/total"}, values={"state": {"open": "settled"}})
    routes = HttpRoutes(rounds="/_ftcrm/rounds?run=mapped&user_id={user_id}")
    with RemoteTarget(to, read=server.addresses["rest"], mapping=mapping, routes=routes) as target:
        failure = fuzz(target, examples=50, seed=SEED, mutations=["missing-win"]).failure
    assert failure is not None
    (message,) = failure.messages
    assert b'"Bet"' in message.raw
    (difference,) = failure.differences
    assert difference.endswith(": state: expected 'open', got 'settled'")


ON_THE_WAY = {
    "rabbitmq": ["type-only-in-header", "type-property-missing", "type-only-in-payload"],
    "kafka": ["type-header-repeated", "type-header-replaced", "type-header-unreadable", "type-header-missing"],
}


@pytest.mark.parametrize("connector", ON_THE_WAY)
def test_what_goes_wrong_with_the_type_arrives(connector, server, urls_of):
    run = f"on-the-way-{connector}"
    with RemoteTarget([urls_of(server, run)[connector]], read=server.addresses["rest"]) as target:
        report = fuzz(target, examples=20, seed=SEED, mutations=ON_THE_WAY[connector])
        with pytest.raises(ConfigurationError, match=r"a connector of .* brings, got too-large$"):
            fuzz(target, mutations=["too-large"])
    assert report.failure is None
    assert report.covered.keys() == set(ON_THE_WAY[connector])
    rules = {rule for name in ON_THE_WAY[connector] for rule in MUTATIONS[name].findings}
    assert rules <= server.summary(run=run)["findings"].keys()


def test_a_server_that_dies_ends_the_search(serve, urls_of):
    mortal = serve()
    seen = []

    def stop(progress):
        seen.append(progress.examples)
        if progress.examples == 2:
            mortal.stop()

    with (
        RemoteTarget([urls_of(mortal, "dies")["rest"]]) as target,
        pytest.raises(SendError, match=r"^http://127\.0\.0\.1:\d+/runs/dies: expected to POST"),
    ):
        fuzz(target, examples=50, seed=SEED, on_example=stop)
    assert seen == [1, 2]
