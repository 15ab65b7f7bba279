"""Any journal against the plainest one: a list. Every step compares all that both of them show."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ftcrm.contracts.errors import JournalError
from ftcrm.mockserver.journal import Entry

VALUES = st.sampled_from(["u", "v", "\0", "🎰"])
OPTIONAL = st.none() | VALUES
KINDS = st.sampled_from(["delivery", "delivery", "delivery", "reset", "transaction"])
FILTERED = ("user_id", "run", "disposition")


class Against(RuleBasedStateMachine):
    """The journal under test beside `entries`, `counters` and `evicted`."""

    implementation: Any
    stand: Any

    @initialize()
    def begin(self) -> None:
        self.context = self.implementation.fresh()
        self.opened = self.context.__enter__()
        self.entries: list[Entry] = []
        self.counters: dict[str, int] = {}
        self.evicted = 0
        self.last_seq = 0

    def teardown(self) -> None:
        self.context.__exit__(None, None, None)

    @property
    def journal(self) -> Any:
        return self.opened.journal

    def group(self, parts: list[tuple[str, str, str | None]]) -> list[Entry]:
        return [
            self.stand.entry(seq, kind=kind, run=run, user_id=user, disposition="pending", raw=run.encode())
            for seq, (kind, run, user) in enumerate(parts, start=self.last_seq + 1)
        ]

    @rule(
        parts=st.lists(st.tuples(KINDS, VALUES, OPTIONAL), max_size=6),
        counters=st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 99)),
        decided=st.lists(st.tuples(st.integers(1, 30), st.sampled_from(["accepted", "aborted"])), max_size=3),
    )
    def append(self, parts: Any, counters: dict[str, int], decided: list[tuple[int, str]]) -> None:
        group = self.group(parts)
        self.journal.append(group, counters=counters, decided=decided)
        self.entries += group
        fates = dict(decided)
        self.entries = [
            self.stand.entry(
                entry.seq,
                kind=entry.kind,
                run=entry.run,
                user_id=entry.user_id,
                raw=entry.raw,
                disposition=fates.get(entry.seq, entry.disposition),
            )
            for entry in self.entries
        ]
        self.counters |= counters
        self.last_seq += len(group)

    @rule(
        parts=st.lists(st.tuples(KINDS, VALUES, OPTIONAL), min_size=1, max_size=6),
        fault=st.sampled_from(["read-only", "full"]),
    )
    def fail(self, parts: Any, fault: str) -> None:
        group = [*self.group(parts), self.stand.entry(self.last_seq + len(parts) + 1, raw=b"x" * 100_000)]
        with self.implementation.faults[fault](self.journal), pytest.raises(JournalError):
            self.journal.append(group, counters={"a": 100}, decided=[(1, "refused")])

    @precondition(lambda self: self.entries)
    @rule(data=st.data())
    def collide(self, data: st.DataObject) -> None:
        taken = data.draw(st.sampled_from([entry.seq for entry in self.entries]))
        with pytest.raises(JournalError):
            self.journal.append([self.stand.entry(self.last_seq + 1), self.stand.entry(taken)])

    @rule(count=st.integers(0, 8))
    def evict(self, count: int) -> None:
        mark = self.stand.entry(self.last_seq + 1, kind="evicted", run="", raw=b"", user_id=None)
        gone = self.journal.evict(count, mark)
        assert gone == self.entries[:count]
        if gone:
            self.entries = [*self.entries[count:], mark]
            self.evicted += sum(entry.kind == "delivery" for entry in gone)
            self.last_seq += 1

    @precondition(lambda self: self.implementation.durable)
    @rule()
    def reopen(self) -> None:
        self.opened.reopen()

    @rule(name=st.sampled_from(FILTERED), value=VALUES | st.sampled_from(["pending", "aborted"]), data=st.data())
    def scan(self, name: str, value: str, data: st.DataObject) -> None:
        after, until = sorted(data.draw(st.tuples(st.integers(0, 40), st.integers(0, 40))))
        limit = data.draw(st.integers(0, 9))
        matching = [
            entry
            for entry in self.entries
            if after < entry.seq <= until and entry.kind == "delivery" and getattr(entry, name) == value
        ]
        assert self.journal.scan(after=after, until=until, filters={name: value}, limit=limit) == matching[:limit]

    @rule(after=st.integers(0, 40), limit=st.integers(0, 9), seqs=st.lists(st.integers(-1, 40), max_size=9))
    def read(self, after: int, limit: int, seqs: list[int]) -> None:
        later = [entry for entry in self.entries if entry.seq > after]
        assert self.journal.read(after=after, limit=limit) == later[:limit]
        assert self.journal.get(seqs) == [entry for entry in self.entries if entry.seq in seqs]

    @invariant()
    def agree(self) -> None:
        journal = self.journal
        assert journal.read(after=0, limit=10_000) == self.entries
        assert (journal.last_seq, len(journal)) == (self.last_seq, len(self.entries))
        assert journal.evicted == self.evicted
        named = {name: value for name, value in journal.counters("").items() if not name.startswith("journal:")}
        assert named == self.counters


def test_a_journal_is_a_list(implementation: Any, stand: Any) -> None:
    class Machine(Against):
        pass

    Machine.implementation, Machine.stand = implementation, stand
    run_state_machine_as_test(Machine, settings=settings(max_examples=40, stateful_step_count=25, deadline=None))  # type: ignore[no-untyped-call]
