"""The follower's laws: however the journal comes to it, its state is that of its entries, fed at once."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftcrm.contracts import Ruleset, Settings
from ftcrm.contracts.errors import JournalError

RUNS = st.sampled_from(["default", "default", "other"])
NAMES = st.sampled_from(["1/0", "2/0"])


def steps(stand: Any) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    """What happens to a server, in order."""
    parts = st.tuples(stand.payloads, RUNS, st.none() | NAMES, st.sampled_from(["accepted", "accepted", "refused"]))
    takes = st.lists(parts, min_size=1, max_size=5).map(lambda group: ("take", group))
    return st.lists(
        takes
        | takes
        | st.tuples(st.just("end"), NAMES, st.booleans())
        | st.tuples(st.sampled_from(["reset", "close", "close"]), RUNS)
        | st.sampled_from([("flush",), ("flush",), ("slice",), ("read",), ("restart",), ("evict",)]),
        min_size=5,
        max_size=16,
    )


def ticking(step: float) -> Callable[[], float]:
    """A clock that goes on by each look at it, so that a slice ends after so many entries."""
    ticks = count()
    return lambda: next(ticks) * step


class House:
    """A server to which steps happen, with any limits."""

    def __init__(self, stand: Any, *, hot: int, step: float, accept_invalid: bool = False) -> None:
        self.stand = stand
        self.accept_invalid = accept_invalid
        self.options = {"hot": hot, "monotonic": ticking(step), "accept_invalid": accept_invalid}
        self.desk = stand.make(**self.options)

    def apply(self, step: tuple[Any, ...]) -> None:
        getattr(self, step[0])(*step[1:])

    def take(self, parts: list[Any]) -> None:
        deliveries = []
        for (body, message_type), run, transaction, disposition in parts:
            named = {} if transaction is None else {"transaction": transaction}
            deliveries.append(self.stand.delivery(body, message_type, run=run, disposition=disposition, **named))
        self.desk.take(*deliveries)

    def end(self, name: str, committed: bool) -> None:
        self.desk.take(mark=self.stand.mark(name, committed=committed))

    def reset(self, run: str) -> None:
        self.desk.take(reset=run)

    def close(self, run: str) -> None:
        self.desk.take(closed=run)

    def flush(self) -> None:
        self.desk.intake.flush()

    def slice(self) -> None:
        self.desk.turns.run()

    def read(self) -> None:
        """The state is right; of a reset whose mark was evicted nobody needs to know, with all that was before it."""
        for run in ("default", "other"):
            state, expected = self.desk.state(run), self.expected(run)
            assert state | {"reset_at": 0} == expected | {"reset_at": 0}

    def restart(self) -> None:
        self.desk.intake.flush()
        before = self.missing()
        self.desk = self.stand.make(journal=self.desk.journal, **self.options)
        assert self.missing() == before

    def missing(self) -> dict[str, Any]:
        """For each run what it lost to eviction: how many deliveries, and which groups are there in part."""
        self.desk.follower.catch_up()
        lost = {}
        for run, state in self.desk.follower:
            both = (state.history.rounds, state.history.bonuses)
            cut = {key for groups in both for key in groups.known() if not groups.complete(key)}
            if state.evicted or cut:
                lost[run] = (state.evicted, cut)
        return lost

    def evict(self) -> None:
        self.desk.intake.flush()
        self.desk.intake._max_events = max(1, len(self.desk.journal) // 2)
        self.desk.intake._evict(self.stand.now)
        self.desk.intake._max_events = 10**6

    def expected(self, run: str) -> Any:
        entries = self.desk.journal.read(after=0, limit=10_000)
        lost = run in self.desk.follower.runs and self.desk.follower.runs[run].evicted > 0
        return self.stand.expected_state(entries, run, accept_invalid=self.accept_invalid, lost=lost)


@given(data=st.data(), hot=st.sampled_from([1, 2, 20_000]), step=st.sampled_from([0.0, 0.001, 0.0015, 0.01]))
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_the_state_is_that_of_the_journal_whatever_happens(stand: Any, data: Any, hot: int, step: float) -> None:
    house = House(stand, hot=hot, step=step, accept_invalid=data.draw(st.booleans()))
    for one in data.draw(steps(stand)):
        house.apply(one)
    house.flush()
    house.read()
    house.restart()
    house.read()


@pytest.fixture
def many(stand: Any) -> list[Any]:
    """Deliveries of rounds that come again and again."""
    return [
        stand.delivery(round_id=f"r{number % 7}", activity_id=str(number), type="Bet" if number % 3 else "Win")
        for number in range(60)
    ]


@pytest.mark.parametrize("hot", [1, 2, 20_000])
@pytest.mark.parametrize("size", [1, 7, 60])
def test_commits_of_any_size_and_any_number_of_hot_rounds_make_one_state(
    stand: Any, many: list[Any], hot: int, size: int
) -> None:
    desk = stand.make(hot=hot)
    for start in range(0, len(many), size):
        desk.put(*many[start : start + size])
        desk.turns.run_out()
    assert desk.state() == stand.expected_state(desk.journal.read(after=0, limit=99))


@pytest.mark.parametrize("per_slice", [1, 3, 10**6])
def test_slices_of_any_length_come_to_the_end(stand: Any, many: list[Any], per_slice: int) -> None:
    desk = stand.make(monotonic=ticking(0.004 / (per_slice + 1)))
    desk.put(*many)
    desk.turns.run_out()
    assert desk.follower.position == desk.journal.last_seq
    assert desk.follower.state("default").deliveries == len(many)
    assert stand.state_view(desk.follower.state("default")) == stand.expected_state(
        desk.journal.read(after=0, limit=99)
    )


def test_a_slice_ends_when_its_time_is_over(stand: Any, many: list[Any]) -> None:
    desk = stand.make(monotonic=ticking(0.001))
    desk.put(*many)
    positions = []
    while desk.follower.position < desk.journal.last_seq:
        desk.turns.run()
        positions.append(desk.follower.position)
    assert positions[0] <= 4
    assert all(later - earlier <= 4 for earlier, later in pairwise(positions))


def test_who_follows_is_told_how_long_the_backlog_is(stand: Any, many: list[Any]) -> None:
    desk = stand.make(monotonic=ticking(0.001))
    lengths: list[int] = []
    desk.put(*many)
    desk.follower.relieved = lengths.append
    desk.turns.run_out()
    assert lengths[0] > lengths[-1] == 0
    assert lengths == sorted(lengths, reverse=True)


def test_a_read_is_true_right_after_the_commit(stand: Any, many: list[Any]) -> None:
    """No turn of the loop lies between: catching up does what the slices have not done yet."""
    desk = stand.make(monotonic=ticking(1.0))
    for number, delivery in enumerate(many, start=1):
        desk.put(delivery)
        desk.follower.catch_up()
        state = desk.follower.state("default")
        assert state.deliveries == number
        assert state.history.rounds.labels.total() == min(number, 7)


def test_a_new_follower_reads_a_long_journal_in_slices_while_commits_go_on(stand: Any, many: list[Any]) -> None:
    """What is committed meanwhile waits until what lies before it was read back: several chunks of it."""
    first = stand.make()
    for _ in range(30):
        first.put(*many)
    desk = stand.make(journal=first.journal, monotonic=ticking(0.001))
    for number in range(40):
        desk.turns.run()
        desk.put(stand.delivery(activity_id=f"live {number}", round_id=f"live {number % 5}"))
    assert 0 < desk.follower.position < 1_800
    assert desk.state() == stand.expected_state(desk.journal.read(after=0, limit=10_000))


def test_a_new_follower_begins_where_eviction_ended(stand: Any, many: list[Any]) -> None:
    first = stand.make(max_events=20)
    for delivery in many:
        first.put(delivery)
    desk = stand.make(journal=first.journal)
    expected = stand.expected_state(desk.journal.read(after=0, limit=99), lost=True)
    assert desk.state() == first.state() == expected


def test_an_event_that_comes_late_finds_its_cold_round(stand: Any) -> None:
    desk = stand.make(hot=1)
    desk.put(stand.delivery(round_id="cold"))
    desk.turns.run_out()
    desk.put(*[stand.delivery(round_id=f"r{number}") for number in range(5)])
    desk.turns.run_out()
    desk.put(stand.delivery(round_id="cold", type="Win", activity_id="w"))
    assert desk.state()["round_states"] == {"open": 5, "settled": 1}


def test_a_reset_counts_from_itself_on(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(amount="x"), stand.delivery(transaction="t"))
    desk.put(reset="default")
    assert desk.state()["tallies"]["connector"] == {}
    desk.put(mark=stand.mark("t", committed=True))
    desk.put(stand.delivery(round_id="r9"))
    state = desk.state()
    assert (state["reset_at"], state["tallies"]["connector"], state["round_states"]) == (3, {"rest": 1}, {"open": 1})
    assert stand.make(journal=desk.journal).state() == state


def test_a_reset_leaves_the_other_runs(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(run="a"), stand.delivery(run="b"))
    desk.put(reset="a")
    assert (desk.state("a")["round_states"], desk.state("b")["round_states"]) == ({}, {"open": 1})


def test_the_deliveries_of_a_round_may_come_by_several_runs(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(run="a"), stand.delivery(run="b", type="Win"))
    assert desk.state("a")["round_states"] == {"open": 1}
    assert desk.state("b")["round_states"] == {"orphan": 1}


def test_pending_deliveries_are_counted_and_not_folded(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(transaction="t"), stand.delivery(transaction="t", amount="x"))
    state = desk.state()
    assert state["tallies"]["disposition"] == {"pending": 2}
    assert (state["flagged"], state["rules"], state["round_states"]) == ([], {}, {})
    assert state["tallies"]["verdict"] == {}


def test_aborted_deliveries_were_never_events(stand: Any) -> None:
    """protocols.md, Kafka 6: they are journaled as aborted and never judged or counted."""
    desk = stand.make()
    desk.put(stand.delivery(), stand.delivery(transaction="t", activity_id="a2", amount="x"))
    desk.put(stand.delivery(disposition="aborted", activity_id="a3", amount="x"))
    desk.put(mark=stand.mark("t", committed=False))
    state = desk.state()
    [(key, (round_, _, excluded, seqs))] = state["rounds"].items()
    assert (key.round_id, round_.seqs, round_.excluded, excluded, seqs) == ("r1", (1,), (), (), (1,))
    assert (state["tallies"]["verdict"], state["flagged"], state["rules"]) == ({"ok": 1}, [], {})
    assert state["tallies"]["disposition"] == {"accepted": 1, "aborted": 2}
    assert [(entry.verdict, entry.findings) for entry in desk.journal.get([2, 3])] == [(None, None)] * 2


def test_what_a_transaction_decides_stands_in_the_journals_order(stand: Any) -> None:
    """As it does after a restart, where the decided deliveries are read in their places."""
    desk = stand.make()
    desk.put(stand.delivery(transaction="t"), stand.delivery(disposition="refused"))
    desk.put(mark=stand.mark("t", committed=True))
    desk.put(stand.delivery())
    desk.follower.catch_up()
    rounds = desk.follower.state("default").history.rounds
    [key] = rounds.known()
    assert (rounds.value(key).round.seqs, rounds.excluded(key)) == ((1, 4), (2,))


def test_what_is_judged_again_keeps_the_verdict_of_its_receipt(stand: Any) -> None:
    """Settings may differ after a restart: a verdict never changes."""
    first = stand.make(ruleset=Ruleset(Settings(ignore=("FT115",))))
    [entry] = first.put(stand.delivery(currency="DOGE")).entries
    desk = stand.make(journal=first.journal)
    assert entry.verdict == "ok"
    assert desk.state()["tallies"]["verdict"] == {"ok": 1}
    assert desk.state()["round_states"] == {"open": 1}


@pytest.fixture
def unreadable(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Makes a journal fail to be read until it is undone."""

    def fail(*_: Any, **__: Any) -> Iterator[Any]:
        raise JournalError("it cannot be read")

    def spoil(journal: Any) -> None:
        for name in ("read", "get"):
            monkeypatch.setattr(journal, name, fail)

    return spoil


def test_a_journal_that_cannot_be_read_is_told_to_whoever_reads(
    stand: Any, unreadable: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = stand.make()
    first.put(stand.delivery())
    desk = stand.make(journal=first.journal)
    unreadable(desk.journal)
    with pytest.raises(JournalError):
        desk.follower.catch_up()
    monkeypatch.undo()
    assert desk.state() == stand.expected_state(desk.journal.read(after=0, limit=9))


def test_a_round_whose_members_could_not_be_read_is_folded_at_the_next_read(
    stand: Any, unreadable: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = stand.make(hot=1)
    for round_id in ("cold", "hot"):
        desk.put(stand.delivery(round_id=round_id))
        desk.follower.catch_up()
    desk.put(stand.delivery(round_id="cold", type="Win", activity_id="w"))
    unreadable(desk.journal)
    with pytest.raises(JournalError):
        desk.follower.catch_up()
    monkeypatch.undo()
    assert desk.state()["round_states"] == {"open": 1, "settled": 1}


def test_a_journal_that_cannot_be_read_for_a_while_does_not_hold_senders_for_ever(
    stand: Any, unreadable: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slices go on, so that whoever waits for the backlog to shrink is called back."""
    first = stand.make()
    first.put(stand.delivery())
    desk = stand.make(journal=first.journal)
    unreadable(desk.journal)
    for _ in range(3):
        desk.turns.run()
    monkeypatch.undo()
    desk.turns.run_out()
    assert desk.follower.position == 1
    assert stand.state_view(desk.follower.state("default")) == stand.expected_state(desk.journal.read(after=0, limit=9))


def test_many_runs_are_folded_and_then_there_is_rest(stand: Any) -> None:
    """A slice looks at what changed, not at every run there ever was."""
    desk = stand.make(monotonic=ticking(0.0005))
    desk.put(*[stand.delivery(run=f"run {number}") for number in range(3_000)])
    desk.turns.run_out()
    assert all(state.history.rounds.labels == {"open": 1} for _, state in desk.follower)
    desk.put(stand.delivery(run="run 7", type="Win", activity_id="w"))
    turns = 0
    while desk.turns.waiting:
        desk.turns.run()
        turns += 1
    assert turns < 5
    assert desk.follower.state("run 7").history.rounds.labels == {"settled": 1}


def test_who_waits_is_relieved_by_what_is_folded_not_by_what_is_read(stand: Any) -> None:
    backlogs: list[int] = []
    desk = stand.make(monotonic=ticking(0.001))
    desk.follower.relieved = backlogs.append
    desk.put(*[stand.delivery(round_id=f"r{number}") for number in range(400)])
    desk.turns.run_out()
    assert backlogs == sorted(backlogs, reverse=True)
    assert backlogs[-1] == 0
    assert sum(desk.follower.state("default").history.rounds.labels.values()) == 400


def test_catching_up_leaves_turns_to_others(stand: Any) -> None:
    async def read() -> int:
        others = 0

        async def other() -> None:
            nonlocal others
            while True:
                others += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        await desk.follower.caught_up()
        task.cancel()
        return others

    desk = stand.make(monotonic=ticking(0.001))
    desk.put(*[stand.delivery(round_id=f"r{number}") for number in range(60)])
    assert asyncio.run(read()) > 10
    assert desk.follower.position == desk.journal.last_seq
    assert desk.follower.state("default").history.rounds.labels == {"open": 60}


def test_what_was_evicted_is_not_said_to_be_missing(stand: Any) -> None:
    """A Win whose Bet was evicted draws nothing, nor does one whose whole round was: before and after a restart."""
    desk = stand.make(max_events=4)
    desk.put(*[stand.delivery(round_id=f"r{number}", activity_id=f"b{number}") for number in range(3)])
    desk.put(stand.delivery(round_id="r2", type="Win", activity_id="w2"))
    desk.put(stand.delivery(round_id="r0", type="Win", activity_id="w0"))
    desk.put(stand.delivery(round_id="r2", type="Win", activity_id="again"))
    for one in (desk, stand.make(journal=desk.journal)):
        state = one.state()
        assert state["round_states"].get("orphan", 0) > 0
        assert state["rules"] == {}
        rounds = one.follower.state("default").history.rounds
        orphans = [key for _, key in [*rounds.keys()] if rounds.value(key).round.state == "orphan"]
        assert not any(rounds.complete(key) for key in orphans)
