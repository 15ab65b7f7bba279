"""The search against targets in this process, each with a fault of its own, or none."""

import json

import pytest

from ftcrm.contracts import Message, Settings, construct
from ftcrm.contracts.errors import ConfigurationError, EngineError, SendError
from ftcrm.contracts.events import read_payload
from ftcrm.contracts.messages import message_type_of
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

    def delivered(self, messages):
        return list(messages)

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


def test_a_mutation_that_no_rule_speaks_of_is_told_while_its_round_comes_out_as_it_says():
    failure = fuzz(Fake(rollbacks), examples=50, seed=1, mutations=["bet-rolled-back"]).failure
    # The Rollback alone is the smallest that differs, and nothing that was rolled back.
    assert (len(failure.messages), failure.mutations, failure.drawn) == (1, (), ("bet-rolled-back",))

    def voided(documents):
        backs = {each.get("activity_id") for each in documents if each.get("status") == "Rollback"}
        return [f"voided {each['activity_id']}" for each in documents if each.get("status") == "Approved"
                and each["type"] == "Bet" and each["activity_id"] in backs]  # fmt: skip

    failure = fuzz(Fake(voided), examples=50, seed=1, mutations=["bet-rolled-back"]).failure
    assert len(failure.messages) == 2
    assert failure.mutations == failure.drawn == ("bet-rolled-back",)


class OverRest(Fake):
    """A target behind REST: the paths say the type, in capital letters, and there are no headers."""

    def delivered(self, messages):
        return [
            Message("rest", message.raw, message_type_of(message))
            if message_type_of(message) in ("CASINO", "BONUS") and message.size is None
            else None
            for message in messages
        ]


def test_what_did_not_arrive_is_not_covered():
    lost = {"type-in-small-letters", "type-header-repeated", "type-unknown", "too-large"}
    arrived = fuzz(Fake(), examples=300, seed=1)
    assert arrived.covered.keys() & lost
    report = fuzz(OverRest(), examples=300, seed=1)
    assert report.failure is None
    assert report.examples == 300
    assert len(report.covered) > 100
    assert not report.covered.keys() & lost


def test_a_mutation_that_no_connector_of_the_target_brings_is_refused():
    target = OverRest()
    with pytest.raises(ConfigurationError, match=r"^fuzz: expected mutations that a connector of http://127\.0\.0\.1:1 "
                       r"brings, got type-header-repeated, too-large$"):  # fmt: skip
        fuzz(target, mutations=["missing-win", "type-header-repeated", "casino-event-as-bonus-event", "too-large"])
    assert target.sent == []
    report = fuzz(target, examples=20, seed=1, mutations=["missing-win", "casino-event-as-bonus-event"])
    assert report.covered.keys() == {"missing-win", "casino-event-as-bonus-event"}


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


@pytest.mark.parametrize("kind", [SendError, EngineError])
def test_an_input_that_breaks_the_target_is_a_difference_and_is_shrunk(kind):
    def broken(documents):
        if any(each.get("status") == "Rollback" for each in documents):
            raise kind(f"GET /rounds?user_id={documents[0].get('user_id')}: HTTP 500")
        return ()

    target = Fake(broken)
    report = fuzz(target, examples=100, seed=12)
    (message,) = report.failure.messages
    document = json.loads(message.raw)
    assert document["status"] == "Rollback"
    assert report.failure.differences == (f"GET /rounds?user_id={document['user_id']}: HTTP 500",)
    assert not report.failure.flaky
    assert replay(target, report.failure.messages) == report.failure.differences


def test_a_target_that_nothing_has_reached_is_an_error():
    def gone(documents):
        raise SendError("http://127.0.0.1:1: gone")

    target, kept = Fake(gone), []
    with pytest.raises(SendError, match=r"^http://127\.0\.0\.1:1: gone$"):
        fuzz(target, examples=50, seed=12, on_stop=kept.append)
    # What was to be tried, and what no target minds.
    assert len(target.sent) == 2
    assert kept == []
    with pytest.raises(SendError, match=r"^http://127\.0\.0\.1:1: gone$"):
        replay(target, target.sent[0])


def test_the_history_after_which_a_target_is_dead_is_handed_over():
    state = []

    def dying(documents):
        if state or any(each.get("status") == "Rollback" for each in documents):
            state.append("dead")
            raise SendError(f"gone with {documents[0].get('user_id')}")
        return ()

    target, kept = Fake(dying), []
    with pytest.raises(SendError, match=r"^gone with "):
        fuzz(target, examples=100, seed=12, on_stop=kept.append)
    (failure,) = kept
    assert len(failure.messages) == len(target.sent[-2])
    statuses = [(read_payload(each.raw).document or {}).get("status") for each in failure.messages]
    assert "Rollback" in statuses
    document = read_payload(failure.messages[0].raw).document
    assert failure.differences == (f"gone with {document['user_id']}",)


def test_a_target_that_dies_while_it_is_shrunk_leaves_what_differed_and_what_it_died_of():
    calls = []

    def dying(documents):
        calls.append(documents)
        if len(calls) > 4:
            raise SendError("gone")
        return ["differs"]

    kept = []
    with pytest.raises(SendError, match=r"^gone$"):
        fuzz(Fake(dying), examples=50, seed=13, on_stop=kept.append)
    # The fifth, and what no target minds.
    assert len(calls) == 6
    assert [failure.differences for failure in kept] == [("differs",), ("gone",)]
    assert len(kept[0].messages) == min(map(len, calls[:4]))
    assert len(kept[1].messages) == len(calls[4])


def test_who_interrupts_it_is_heard():
    def on_example(progress):
        if progress.examples == 3:
            raise KeyboardInterrupt

    target = Fake()
    with pytest.raises(KeyboardInterrupt):
        fuzz(target, examples=50, seed=14, on_example=on_example)
    assert len(target.sent) == 3


def test_who_interrupts_its_shrinking_gets_the_smallest_so_far():
    def on_example(progress):
        if progress.shrinks == 5:
            raise KeyboardInterrupt

    target, kept = Fake(rollbacks), []
    with pytest.raises(KeyboardInterrupt):
        fuzz(target, examples=100, seed=2, on_example=on_example, on_stop=kept.append)
    (failure,) = kept
    differing = [sent for sent in target.sent if target.fault([read_payload(each.raw).document or {} for each in sent])]
    assert len(failure.messages) == min(map(len, differing))
    assert failure.differences
    assert failure.seed == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mutations": ["missing-winn"]}, r"^fuzz: expected names of mutations, got \['missing-winn'\]; there are "),
        ({"mutations": []}, "^fuzz: expected mutations to try, got none"),
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
