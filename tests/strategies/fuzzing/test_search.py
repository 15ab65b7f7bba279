"""The search against targets in this process, each with a fault of its own, or none."""

import json

import pytest

from ftcrm.contracts import Settings, construct
from ftcrm.contracts.errors import ConfigurationError, SendError
from ftcrm.contracts.events import read_payload
from ftcrm.strategies import USERS
from ftcrm.strategies.fuzzing import fuzz, replay
from ftcrm.strategies.mutations import MUTATIONS

IDS = ("user_id", "round_id", "activity_id", "user_bonus_id")


class Fake:
    """A target that differs where `fault` says something of the documents that it was sent at once."""

    shown = "http://127.0.0.1:1"
    settings = Settings()

    def __init__(self, fault=lambda documents: ()):
        self.fault = fault
        self.sent = []

    def differences(self, messages):
        self.sent.append(list(messages))
        documents = [read_payload(message.raw).document or {} for message in messages]
        return tuple(self.fault(documents))

    def ids(self, index):
        """All ids of what it was sent at once."""
        documents = [read_payload(message.raw).document or {} for message in self.sent[index]]
        return {document[name] for document in documents for name in IDS if document.get(name)}


def rollbacks(documents):
    return [f"reversed {each['activity_id']}" for each in documents if each.get("status") == "Rollback"]


def test_a_target_that_agrees():
    target, seen = Fake(), []
    report = fuzz(target, examples=30, seed=1, on_example=seen.append)
    assert report.failure is None
    assert (report.target, report.examples, report.shrinks, report.seed) == (target.shown, 30, 0, 1)
    assert [progress.examples for progress in seen] == list(range(1, 31))
    assert report.events == seen[-1].events == sum(map(len, target.sent))
    assert report.covered == seen[-1].covered
    assert sum(report.covered.values()) >= 30
    assert report.covered.keys() <= {"valid", "tangle", *MUTATIONS}
    assert {"valid", "tangle"} < report.covered.keys()


def test_what_differs_is_shrunk_and_stripped_of_every_delivery_that_it_does_not_take():
    target = Fake(rollbacks)
    report = fuzz(target, examples=100, seed=2)
    failure = report.failure
    (message,) = failure.messages
    document = json.loads(message.raw)
    assert document["status"] == "Rollback"
    assert failure.differences == (f"reversed {document['activity_id']}",)
    assert len(document["activity_id"]) < 10
    assert not failure.flaky
    assert failure.seed == 2
    assert report.shrinks == len(target.sent) - report.examples > 0
    # A Rollback of nothing: what the rules say of just this message, and no mutation that it still shows.
    assert [finding.rule for finding in failure.findings] == ["FT401"]


def test_a_mutation_that_shrank_into_something_else_is_not_told():
    def two_bets(documents):
        bets = [each for each in documents if each.get("type") == "Bet" and each["status"] == "Approved"]
        return ["a Bet"] if bets else []

    failure = fuzz(Fake(two_bets), examples=100, seed=3, mutations=["bet-rolled-back-first"]).failure
    assert len(failure.messages) == 1
    assert failure.mutations == ()
    told = fuzz(Fake(rollbacks), examples=100, seed=3, mutations=["bet-rolled-back-first"]).failure
    assert {finding.rule for finding in told.findings} == {"FT401"}


def test_the_mutation_that_is_still_shown_is_told():
    def overtaken(documents):
        ids = [each["activity_id"] for each in documents if each.get("status") == "Rollback"]
        later = {each["activity_id"] for each in documents[1:] if each.get("status") == "Approved"}
        return [f"ghost {each}" for each in ids if each in later and documents[0]["status"] == "Rollback"]

    report = fuzz(Fake(overtaken), examples=50, seed=3, mutations=["bet-rolled-back-first"])
    assert report.failure.mutations == ("bet-rolled-back-first",)
    assert report.covered.keys() == {"bet-rolled-back-first"}
    assert len(report.failure.messages) == 2
    assert {finding.rule for finding in report.failure.findings} == MUTATIONS["bet-rolled-back-first"].findings


def test_no_id_is_ever_sent_again():
    target = Fake(rollbacks)
    fuzz(target, examples=30, seed=4)
    seen = set()
    for index in range(len(target.sent)):
        assert not target.ids(index) & seen
        seen |= target.ids(index)


def test_the_origin_stays():
    target = Fake()
    fuzz(target, examples=20, seed=5, mutations=["missing-win"])
    origins = {read_payload(message.raw).document["origin"] for sent in target.sent for message in sent}
    assert origins <= {user.origin for user in USERS}


def test_a_seed_draws_the_same_again():
    def drawn(seed):
        target = Fake()
        report = fuzz(target, examples=15, seed=seed)
        rounds = [construct(sent).rounds for sent in target.sent]
        return report.covered, [[(each.state, each.totals, each.first_at) for each in made] for made in rounds]

    assert drawn(6) == drawn(6) != drawn(7)


def test_without_a_seed_one_is_drawn():
    assert fuzz(Fake(), examples=1).seed != fuzz(Fake(), examples=1).seed


def test_what_failed_is_tried_first_the_next_time(tmp_path):
    found = fuzz(Fake(rollbacks), examples=100, seed=8, database=tmp_path / "kept")
    again = fuzz(Fake(rollbacks), examples=100, seed=9, database=tmp_path / "kept")
    assert found.examples > again.examples == 1
    assert again.failure.messages == found.failure.messages
    assert fuzz(Fake(), examples=10, seed=9, database=tmp_path / "kept").failure is None


def test_a_target_that_differs_once_and_never_again_is_called_flaky():
    left = ["once"]
    failure = fuzz(Fake(lambda documents: [left.pop()] if left else ()), examples=10, seed=10).failure
    assert failure.flaky
    assert failure.differences == ("once",)
    assert failure.messages


def test_a_target_that_differs_every_other_time_is_called_flaky():
    calls = []

    def sometimes(documents):
        calls.append(documents)
        return ["now and then"] if len(calls) % 2 else ()

    assert fuzz(Fake(sometimes), examples=10, seed=11).failure.flaky


def test_a_target_that_dies_ends_the_search():
    calls = []

    def dying(documents):
        calls.append(documents)
        if len(calls) > 2:
            raise SendError("http://127.0.0.1:1: gone")
        return ()

    with pytest.raises(SendError, match=r"^http://127\.0\.0\.1:1: gone$"):
        fuzz(Fake(dying), examples=50, seed=12)
    assert len(calls) == 3


def test_a_target_that_dies_while_it_is_shrunk():
    calls = []

    def dying(documents):
        calls.append(documents)
        if len(calls) > 4:
            raise SendError("gone")
        return ["differs"]

    with pytest.raises(SendError, match=r"^gone$"):
        fuzz(Fake(dying), examples=50, seed=13)
    assert len(calls) == 5


def test_who_interrupts_it_is_heard():
    def on_example(progress):
        if progress.examples == 3:
            raise KeyboardInterrupt

    target = Fake()
    with pytest.raises(KeyboardInterrupt):
        fuzz(target, examples=50, seed=14, on_example=on_example)
    assert len(target.sent) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mutations": ["missing-winn"]}, r"^fuzz: expected names of mutations, got \['missing-winn'\]; there are "),
        ({"mutations": []}, r"^fuzz: expected names of mutations, got \[\]; there are "),
        ({"examples": 0}, "^fuzz: expected 1 example at least, got 0$"),
    ],
)
def test_what_cannot_be_searched(options, message):
    target = Fake()
    with pytest.raises(ConfigurationError, match=message):
        fuzz(target, **options)
    assert target.sent == []


def test_a_replay_has_ids_of_its_own_and_speaks_of_those_it_was_given():
    target = Fake(rollbacks)
    messages = fuzz(target, examples=100, seed=2).failure.messages
    target.sent.clear()
    first, second = replay(target, messages), replay(target, messages)
    assert first == second == (f"reversed {json.loads(messages[0].raw)['activity_id']}",)
    assert not target.ids(0) & target.ids(1)


def test_a_fault_that_shows_every_third_time_is_made_small_all_the_same():
    calls = []

    def sometimes(documents):
        calls.append(documents)
        return rollbacks(documents) if len(calls) % 3 == 0 else ()

    failure = fuzz(Fake(sometimes), examples=100, seed=15).failure
    assert failure.flaky
    assert len(failure.messages) == 1


def test_shrinking_is_bounded():
    def long(documents):
        return ["long"] if len(documents) > 10 else ()

    # Every history that is long enough differs: there is no end of smaller ones.
    report = fuzz(Fake(long), examples=200, seed=16)
    assert len(report.failure.messages) == 11
    assert report.shrinks <= 200 + 10 * 3 + 300 + 3
