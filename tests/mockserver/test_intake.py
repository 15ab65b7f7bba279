"""Intake, with the event loop and the clock in the test's hands."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.contracts import Message
from ftcrm.contracts.errors import JournalError
from ftcrm.mockserver import intake as intake_module
from ftcrm.mockserver.intake import MAX_BACKLOG, MAX_ENTRIES, MAX_TAKEN_BYTES, Delivery, Parcel, Receipt
from ftcrm.mockserver.journal import SQLiteJournal


def dispositions(desk: Any) -> list[str]:
    return [entry.disposition for entry in desk.journal.read(after=0, limit=100)]


def test_a_turn_is_one_commit_for_all_that_was_taken(stand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = stand.make()
    commits = []
    append = desk.journal.append
    monkeypatch.setattr(
        desk.journal, "append", lambda entries, **more: (commits.append(len(entries)), append(entries, **more))
    )
    for number in range(5):
        desk.take(*[stand.delivery()] * number)
    assert len(desk.turns.waiting) == 1
    assert desk.intake.waiting
    assert len(desk.journal) == 0
    desk.turns.run()
    assert commits == [10]
    assert not desk.intake.waiting
    desk.take(stand.delivery())
    desk.turns.run()
    assert commits == [10, 1]


def test_a_flush_with_nothing_taken_commits_nothing(stand: Any) -> None:
    desk = stand.make()
    desk.intake.flush()
    assert (len(desk.journal), desk.turns.waiting) == (0, [])


def test_nobody_is_answered_before_the_commit(stand: Any, tmp_path: Path, rows: Callable[[Path], list[Any]]) -> None:
    path = tmp_path / "journal"
    desk = stand.make(journal=SQLiteJournal(path))
    seen: list[Any] = []

    def done(receipt: Receipt) -> None:
        seen.append(([entry.seq for entry in receipt.entries], rows(path)))

    desk.intake.take(Parcel(done, [stand.delivery()]))
    desk.intake.take(Parcel(done, [stand.delivery(), stand.delivery()]))
    assert seen == []
    desk.turns.run()
    committed = [(1, "accepted"), (2, "accepted"), (3, "accepted")]
    assert seen == [([1], committed), ([2, 3], committed)]
    desk.journal.close()


def test_what_was_answered_can_be_read_at_once(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery())
    assert [state for *_, state in desk.state()["round_states"].items()] == [1]


@given(sizes=st.lists(st.integers(0, 4), max_size=8))
def test_answers_come_in_the_order_of_taking_each_with_its_own(stand: Any, sizes: list[int]) -> None:
    desk = stand.make()
    answers: list[tuple[int, Receipt]] = []
    for number, size in enumerate(sizes):
        deliveries = [stand.delivery(activity_id=f"{number}.{part}") for part in range(size)]
        desk.intake.take(Parcel(lambda receipt, number=number: answers.append((number, receipt)), deliveries))
    desk.turns.run_out()
    assert [number for number, _ in answers] == list(range(len(sizes)))
    for (number, receipt), size in zip(answers, sizes, strict=True):
        expected = [f"{number}.{part}" for part in range(size)]
        assert [entry.activity_id for entry in receipt.entries] == expected
        assert [judgement.keys.activity_id for judgement in receipt.judgements] == expected
    assert [entry.seq for _, receipt in answers for entry in receipt.entries] == list(range(1, sum(sizes) + 1))


@given(sizes=st.lists(st.integers(0, 9), max_size=12), most=st.integers(1, 10))
def test_parcels_are_never_split_and_commits_hold_no_more_than_they_may(
    stand: Any, sizes: list[int], most: int
) -> None:
    """A parcel without deliveries is a mark, which is an entry too."""
    desk = stand.make()
    commits: list[list[int]] = []
    append = desk.journal.append
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intake_module, "MAX_ENTRIES", most)
        patch.setattr(desk.journal, "append", lambda entries, **more: commits.append([]) or append(entries, **more))
        for size in sizes:
            parcel = Parcel(lambda receipt: commits[-1].append(len(receipt.entries)))
            if size:
                parcel.deliveries = [stand.delivery(b"")] * size
            else:
                parcel.mark = stand.mark("t")
            desk.intake.take(parcel)
        desk.turns.run_out()
    assert [size for commit in commits for size in commit] == [size or 1 for size in sizes]
    assert all(len(commit) == 1 or sum(commit) <= most for commit in commits)
    for commit, following in pairwise(commits):
        assert sum(commit) + following[0] > most


def test_a_large_backlog_of_parcels_takes_several_turns(stand: Any) -> None:
    desk = stand.make()
    receipts = [desk.take(*[stand.delivery(b"")] * 2_000) for _ in range(5)]
    answered = []
    while desk.turns.waiting:
        desk.turns.run()
        answered.append(sum(map(len, receipts)))
    assert answered[:3] == [2, 4, 5]
    assert MAX_ENTRIES == 5_000


def test_an_entry_holds_all_that_arrived(stand: Any) -> None:
    desk = stand.make()
    body = stand.raw(stand.bonus(user_bonus_id="ü/1"))
    transport = {"path": "/x", "headers": [["a", "b"]], "key": None}
    given = Delivery(Message("kafka", body, headers=(("type", b"BONUS"),)), transport, "my run")
    [entry] = desk.put(given).entries
    assert entry == stand.entry(
        1,
        run="my run",
        connector="kafka",
        received_at=stand.now,
        transport='{"path":"/x","headers":[["a","b"]],"key":null}',
        raw=body,
        message_type="BONUS",
        verdict="ok",
        origin="sub.example.com",
        user_id="52530",
        user_bonus_id="ü/1",
        type="WelcomeBonus",
        status="Created",
    )
    assert desk.journal.get([1]) == [entry]


def test_findings_are_kept_as_they_were_given(stand: Any) -> None:
    desk = stand.make()
    receipt = desk.put(stand.delivery(amount="20"))
    kept = msgspec.json.decode(receipt.entries[0].findings)
    assert [finding["rule"] for finding in kept] == [finding.rule for finding in receipt.judgements[0].findings]
    assert kept


VALUES = st.none() | st.binary(max_size=8)
NAMES = st.text(max_size=8) | st.binary(max_size=8).map(lambda raw: raw.decode("utf-8", "surrogateescape"))


@given(body=st.binary(max_size=40), message_type=st.none() | NAMES, header=NAMES, value=VALUES)
@settings(max_examples=200)
def test_whatever_arrives_is_journaled(
    stand: Any, body: bytes, message_type: str | None, header: str, value: bytes | None
) -> None:
    """Names come from protocols whose text need not be UTF-8: its bytes are then lone surrogates."""
    desk = stand.make()
    receipt = desk.put(
        Delivery(Message("rabbitmq", body, message_type, ((header, value),)), {}),
        Delivery(Message("kafka", body, headers=((header, value), ("type", value))), {}),
        stand.delivery(body),
    )
    assert receipt.error is None
    assert [entry.raw for entry in desk.journal.read(after=0, limit=9)] == [body] * 3
    assert desk.state() == stand.expected_state(desk.journal.read(after=0, limit=9))


def fails(desk: Any) -> list[Receipt]:
    """Take one of everything into a commit that fails."""
    receipts: list[Receipt] = []
    desk.intake.take(Parcel(receipts.append, [desk.sample, desk.sample], counters={"kafka:t:0": 9}))
    desk.intake.take(Parcel(receipts.append, mark=desk.mark))
    desk.intake.take(Parcel(receipts.append, reset="default"))
    desk.turns.run_out()
    return receipts


def test_a_commit_that_fails_is_told_to_everybody_and_leaves_no_trace(stand: Any) -> None:
    desk = stand.make()
    desk.sample, desk.mark = stand.delivery(amount="20"), stand.mark("t")
    desk.put(stand.delivery(activity_id="before"))
    desk.put(stand.delivery(transaction="t", activity_id="open"))
    before = desk.state(), desk.journal.read(after=0, limit=99), desk.journal.counters("")
    with stand.failing(desk.journal):
        receipts = fails(desk)
    assert [receipt.error for receipt in receipts] == [
        "journal in memory: the commit failed: attempt to write a readonly database"
    ] * 3
    assert all(receipt.entries == receipt.judgements == () for receipt in receipts)
    assert (desk.state(), desk.journal.read(after=0, limit=99), desk.journal.counters("")) == before
    assert (desk.intake.failures, desk.intake.waiting, desk.journal.last_seq) == (1, False, 2)


def test_the_commit_after_one_that_failed_goes_on_where_the_journal_ends(stand: Any) -> None:
    desk = stand.make()
    desk.sample, desk.mark = stand.delivery(), stand.mark("t")
    desk.put(stand.delivery(transaction="t", activity_id="open"))
    with stand.failing(desk.journal):
        fails(desk)
    again = [receipt for receipt in fails(desk) if receipt.error is None]
    assert [[entry.seq for entry in receipt.entries] for receipt in again] == [[2, 3], [4], [5]]
    assert dispositions(desk) == ["accepted"] * 5
    assert desk.journal.counters("") == {"kafka:t:0": 9}
    assert desk.state() == stand.expected_state(desk.journal.read(after=0, limit=99))


def test_a_failure_does_not_count_as_congestion_for_ever(stand: Any) -> None:
    desk = stand.make()
    resumed: list[bool] = []
    with stand.failing(desk.journal):
        desk.take(stand.delivery(b"x" * (MAX_TAKEN_BYTES + 1)))
        desk.intake.wait(lambda: resumed.append(desk.intake.congested))
        desk.turns.run_out()
    assert resumed == [False]


VERDICTS = {
    "ok": ({}, None),
    "undocumented": ({"currency": "DEM"}, None),
    "violation": ({"amount": "20"}, None),
    "unreadable": ({"payload": b"{"}, None),
    "unchecked": ({"message_type": "LOGIN_V2"}, None),
}


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("refusable", [True, False])
@pytest.mark.parametrize("accept_invalid", [True, False])
def test_refused_is_what_breaks_a_documented_rule_where_the_sender_is_told(
    stand: Any, verdict: str, refusable: bool, accept_invalid: bool
) -> None:
    desk = stand.make(accept_invalid=accept_invalid)
    [entry] = desk.put(stand.delivery(refusable=refusable, **VERDICTS[verdict][0])).entries
    refused = refusable and not accept_invalid and verdict in ("violation", "unreadable")
    assert (entry.verdict, entry.disposition) == (verdict, "refused" if refused else "accepted")


def test_what_a_connector_refused_stays_refused(stand: Any) -> None:
    desk = stand.make(accept_invalid=True)
    [entry] = desk.put(stand.delivery(disposition="refused", refusable=True)).entries
    assert entry.disposition == "refused"
    assert desk.state()["round_states"] == {}


def test_invalid_events_are_folded_when_they_are_accepted(stand: Any) -> None:
    invalid = stand.casino(vendor_name=None)
    for accept_invalid, states in ((False, {}), (True, {"open": 1})):
        desk = stand.make(accept_invalid=accept_invalid)
        [entry] = desk.put(stand.delivery(invalid)).entries
        assert (entry.verdict, desk.state()["round_states"]) == ("violation", states)


@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize("flushes", ["one", "two", "restart"])
def test_the_mark_of_a_transaction_decides_its_deliveries(stand: Any, committed: bool, flushes: str) -> None:
    desk = stand.make()
    desk.take(stand.delivery(transaction="t"), stand.delivery(transaction="other", round_id="r2"))
    if flushes != "one":
        desk.turns.run_out()
        assert dispositions(desk) == ["pending", "pending"]
        assert desk.state()["round_states"] == {}
    if flushes == "restart":
        desk = stand.make(journal=desk.journal)
    desk.put(mark=stand.mark("t", committed=committed))
    fate = "accepted" if committed else "aborted"
    assert dispositions(desk) == [fate, "pending", fate]
    assert desk.state()["round_states"] == ({"open": 1} if committed else {})
    assert desk.state() == stand.expected_state(desk.journal.read(after=0, limit=9))


def test_a_transaction_ends_once(stand: Any) -> None:
    """The next transaction of a producer has the name of its last one: a mark decides what came since the last."""
    desk = stand.make()
    desk.put(stand.delivery(transaction="t"))
    desk.put(mark=stand.mark("t", committed=True))
    desk.put(stand.delivery(transaction="t", activity_id="a2"))
    desk.put(mark=stand.mark("t", committed=False))
    assert dispositions(desk) == ["accepted", "accepted", "aborted", "aborted"]


def test_transactions_of_one_name_can_follow_each_other_within_a_commit(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(transaction="t"))
    desk.take(stand.delivery(transaction="t", activity_id="a2"))
    desk.take(mark=stand.mark("t", committed=True))
    desk.take(stand.delivery(transaction="t", activity_id="a3"))
    desk.take(mark=stand.mark("t", committed=False))
    desk.take(stand.delivery(transaction="t", activity_id="a4"))
    desk.turns.run_out()
    assert dispositions(desk) == ["accepted", "accepted", "accepted", "aborted", "aborted", "pending"]
    desk.put(mark=stand.mark("t", committed=True))
    assert dispositions(desk)[5] == "accepted"
    assert desk.state() == stand.expected_state(desk.journal.read(after=0, limit=9))


def test_a_mark_that_failed_to_be_committed_decides_nothing(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(transaction="t"))
    with stand.failing(desk.journal):
        assert desk.put(mark=stand.mark("t", committed=False)).error is not None
    assert dispositions(desk) == ["pending"]
    desk.put(mark=stand.mark("t", committed=True))
    assert dispositions(desk) == ["accepted", "accepted"]


def test_what_was_pending_in_a_failed_commit_is_not_decided_later(stand: Any) -> None:
    desk = stand.make()
    with stand.failing(desk.journal):
        desk.put(stand.delivery(transaction="t"))
    desk.put(stand.delivery(disposition="refused"))
    desk.put(mark=stand.mark("t", committed=True))
    assert dispositions(desk) == ["refused", "accepted"]


def test_the_mark_says_what_it_decided(stand: Any) -> None:
    desk = stand.make()
    entries = [desk.put(mark=stand.mark("7/0", committed=committed)).entries[0] for committed in (True, False)]
    assert [entry.transport_value() for entry in entries] == [
        {"transaction": "7/0", "committed": True},
        {"transaction": "7/0", "committed": False},
    ]
    assert [(entry.kind, entry.run, entry.disposition) for entry in entries] == [
        ("transaction", "", "accepted"),
        ("transaction", "", "aborted"),
    ]


def test_a_reset_is_a_mark_that_empties_its_run_alone(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(), stand.delivery(run="other"))
    receipt = desk.put(reset="default")
    assert [(entry.seq, entry.kind, entry.run) for entry in receipt.entries] == [(3, "reset", "default")]
    assert desk.state()["round_states"] == {}
    assert desk.state("other")["round_states"] == {"open": 1}
    assert len(desk.journal) == 3


@pytest.mark.parametrize("most", [1, 2, 10, 25])
@pytest.mark.parametrize("size", [1, 3, 7])
def test_the_journal_holds_no_more_than_it_may(stand: Any, most: int, size: int) -> None:
    desk = stand.make(max_events=most)
    sent = 0
    for _ in range(40):
        desk.put(*[stand.delivery(activity_id=f"{sent}.{part}") for part in range(size)])
        sent += size
        entries = desk.journal.read(after=0, limit=1_000)
        assert 1 < len(entries) <= max(most, 2) or sent <= most
        assert desk.journal.evicted + sum(entry.kind == "delivery" for entry in entries) == sent
        last = [entry for entry in entries if entry.kind == "delivery"][-1]
        assert last.activity_id == f"{sent - size}.{size - 1}"
        state = desk.state()
        assert state == stand.expected_state(entries)
        assert desk.follower.state("default").evicted == desk.journal.evicted


def test_eviction_leaves_a_mark_of_its_own(stand: Any) -> None:
    desk = stand.make(max_events=10)
    desk.put(*[stand.delivery(activity_id=str(number)) for number in range(10)])
    assert desk.journal.last_seq == 10
    desk.put(stand.delivery(activity_id="10"))
    entries = desk.journal.read(after=0, limit=99)
    assert [entry.seq for entry in entries] == list(range(4, 13))
    assert (entries[-1].kind, entries[-1].run, entries[-1].connector) == ("evicted", "", "journal")


def test_an_eviction_that_fails_takes_nothing_and_is_tried_again(stand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = stand.make(max_events=2)
    desk.put(stand.delivery(), stand.delivery())
    evict = desk.journal.evict

    def fail(count: int, mark: Any) -> list[Any]:
        with stand.failing(desk.journal):
            return evict(count, mark)

    monkeypatch.setattr(desk.journal, "evict", fail)
    assert desk.put(stand.delivery()).error is None
    assert (len(desk.journal), desk.journal.evicted, desk.intake.failures) == (3, 0, 1)
    monkeypatch.undo()
    assert desk.put(stand.delivery()).error is None
    assert desk.journal.evicted == 3
    assert desk.state() == stand.expected_state(desk.journal.read(after=0, limit=9))


def test_a_journal_that_cannot_be_read_delays_eviction_and_nothing_else(
    stand: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = stand.make(max_events=2, hot=1)
    for number in range(2):
        desk.put(stand.delivery(round_id=f"r{number}"))
    desk.follower.catch_up()

    def fail(*_: Any, **__: Any) -> Any:
        raise JournalError("it cannot be read")

    monkeypatch.setattr(desk.journal, "get", fail)
    receipt = desk.put(stand.delivery(round_id="r0"), stand.delivery(round_id="r1"))
    assert receipt.error is None
    assert (desk.intake.failures, desk.intake.congested) == (1, False)
    monkeypatch.undo()
    desk.put(stand.delivery(round_id="r0"), stand.delivery(round_id="r1"))
    assert desk.state() == stand.expected_state(desk.journal.read(after=0, limit=9))


def test_pending_deliveries_that_were_evicted_are_not_decided_any_more(stand: Any) -> None:
    desk = stand.make(max_events=4)
    desk.put(stand.delivery(transaction="t", activity_id="gone"))
    desk.put(*[stand.delivery(activity_id=f"b{number}") for number in range(3)])
    desk.put(stand.delivery(transaction="t", activity_id="stays"))
    desk.put(mark=stand.mark("t", committed=True))
    entries = desk.journal.read(after=0, limit=9)
    assert "gone" not in [entry.activity_id for entry in entries]
    assert desk.state() == stand.expected_state(entries)


def test_senders_wait_while_too_many_bytes_are_taken(stand: Any) -> None:
    desk = stand.make()
    payload = b"x" * (MAX_TAKEN_BYTES // 2)
    resumed: list[str] = []
    desk.take(stand.delivery(payload))
    desk.take(stand.delivery(payload))
    assert not desk.intake.congested
    desk.take(stand.delivery(b"x"))
    assert desk.intake.congested
    desk.intake.wait(lambda: resumed.append("a"))
    desk.intake.wait(lambda: resumed.append("b"))
    assert resumed == []
    desk.turns.run()
    assert not desk.intake.congested
    assert resumed == ["a", "b"]
    desk.take(stand.delivery(b"x"))
    desk.turns.run_out()
    assert resumed == ["a", "b"]


def test_senders_wait_while_too_much_is_not_folded_yet(stand: Any) -> None:
    """The follower works by the clock here: nothing of the backlog in a slice, until time stands still."""
    clock = iter(range(10**9))
    desk = stand.make(monotonic=lambda: float(next(clock)))
    for _ in range(5):
        desk.put(*[stand.delivery(b"")] * (MAX_BACKLOG // 4))
    assert desk.intake.congested
    resumed: list[bool] = []
    desk.intake.wait(lambda: resumed.append(desk.intake.congested))
    desk.follower._monotonic = lambda: 0.0
    desk.turns.run_out()
    assert resumed == [False]
    assert not desk.intake.congested


def test_a_waiter_may_take_and_wait_again_at_once(stand: Any) -> None:
    desk = stand.make()
    calls: list[int] = []

    def again() -> None:
        calls.append(len(desk.journal))
        if len(calls) < 3:
            desk.take(stand.delivery(b"x" * (MAX_TAKEN_BYTES + 1)))
            desk.intake.wait(again)

    desk.take(stand.delivery(b"x" * (MAX_TAKEN_BYTES + 1)))
    desk.intake.wait(again)
    desk.turns.run_out()
    assert calls == [1, 2, 3]


def test_an_answer_may_take_the_next_parcel(stand: Any) -> None:
    desk = stand.make()
    seqs: list[int] = []

    def next_one(receipt: Receipt) -> None:
        seqs.append(receipt.entries[0].seq)
        if len(seqs) < 4:
            desk.intake.take(Parcel(next_one, [stand.delivery()]))

    desk.intake.take(Parcel(next_one, [stand.delivery()]))
    desk.turns.run_out()
    assert seqs == [1, 2, 3, 4]
    assert desk.state() == stand.expected_state(desk.journal.read(after=0, limit=9))


def test_a_fault_of_ours_is_raised_and_leaves_nobody_waiting(stand: Any) -> None:
    desk = stand.make()
    sound, faulty = desk.take(stand.delivery()), desk.take(stand.delivery(transport={"odd": object()}))
    with pytest.raises(TypeError, match="object"):
        desk.turns.run_out()
    assert [receipt.error for receipt in (*sound, *faulty)] == [
        "TypeError: Encoding objects of type object is unsupported"
    ] * 2
    assert (len(desk.journal), desk.intake.failures) == (0, 1)
    assert desk.put(stand.delivery()).error is None
    assert desk.journal.last_seq == 1
