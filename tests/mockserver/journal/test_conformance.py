"""What the `Journal` protocol promises, asked of every implementation (see IMPLEMENTATIONS in conftest)."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.contracts.errors import JournalError
from ftcrm.mockserver.journal import FILTERS, Entry, Journal

HUGE = "é🎰" * 200_000
SURROGATE = "\udcff"
TEXTS = st.text(max_size=30) | st.sampled_from(
    ["", "\0", "a\0b", "🎰", "é" * 3_000, "'; DROP TABLE entries; --", "%", "\N{ZERO WIDTH JOINER}", "\ufffe"]
)
OPTIONAL_TEXTS = st.none() | TEXTS
TEXT_COLUMNS = ("run", "transport", *sorted(FILTERS - {"run", "connector", "disposition"}), "findings")
ENTRIES = st.builds(
    Entry,
    seq=st.just(0),
    run=TEXTS,
    kind=st.sampled_from(["delivery", "delivery", "reset", "transaction"]),
    connector=st.sampled_from(["rest", "rabbitmq", "kafka"]),
    received_at=st.integers(-(2**62), 2**62),
    disposition=st.sampled_from(["accepted", "refused", "aborted", "pending"]),
    transport=TEXTS,
    raw=st.binary(max_size=200) | st.sampled_from([b"\0", b"\xff" * 100_000]),
    size=st.none() | st.integers(0, 2**62),
    **dict.fromkeys(sorted(FILTERS - {"run", "connector", "disposition"}), OPTIONAL_TEXTS),
    findings=OPTIONAL_TEXTS,
)


def numbered(entries: list[Entry], first: int = 1) -> list[Entry]:
    return [Entry(first + index, *_values(entry)) for index, entry in enumerate(entries)]


def _values(entry: Entry) -> list[Any]:
    return [getattr(entry, name) for name in Entry.__struct_fields__[1:]]


def contents(journal: Journal) -> dict[str, Any]:
    """Everything that a journal shows."""
    return {
        "last_seq": journal.last_seq,
        "len": len(journal),
        "evicted": journal.evicted,
        "entries": journal.read(after=0, limit=1_000_000),
        "counters": journal.counters(""),
    }


def fill(journal: Journal, stand: Any, count: int = 10) -> list[Entry]:
    entries = [stand.entry(seq, raw=b"%d" % seq) for seq in range(1, count + 1)]
    journal.append(entries)
    return entries


def test_a_new_journal_is_empty(journal: Journal) -> None:
    assert contents(journal) == {"last_seq": 0, "len": 0, "evicted": 0, "entries": [], "counters": {}}
    assert journal.scan(after=0, until=10, filters={}, limit=10) == []
    assert journal.get([1, 2]) == []


@given(groups=st.lists(st.lists(ENTRIES, max_size=4), max_size=4))
@settings(max_examples=60)
def test_entries_come_back_as_they_were_in_their_order(implementation: Any, groups: list[list[Entry]]) -> None:
    with implementation.fresh() as opened:
        expected: list[Entry] = []
        for group in groups:
            entries = numbered(group, len(expected) + 1)
            opened.journal.append(entries)
            expected += entries
        for _ in range(1 + implementation.durable):
            journal = opened.journal
            assert journal.read(after=0, limit=100) == expected
            assert journal.get([entry.seq for entry in reversed(expected)]) == expected
            assert (journal.last_seq, len(journal)) == (len(expected), len(expected))
            if implementation.durable:
                opened.reopen()


def test_huge_values_come_back_whole(journal: Journal, stand: Any) -> None:
    entry = stand.entry(1, transport=HUGE, user_id=HUGE, raw=bytes(range(256)) * 40_000, findings=HUGE)
    journal.append([entry])
    assert journal.get([1]) == [entry]
    assert journal.scan(after=0, until=1, filters={"user_id": HUGE}, limit=1) == [entry]


@pytest.mark.parametrize("column", TEXT_COLUMNS)
def test_text_that_is_no_unicode_is_refused_with_its_whole_group(journal: Journal, stand: Any, column: str) -> None:
    """Nothing sends such text here: intake makes it storable; a journal that took it could not give it back."""
    first = fill(journal, stand, 1)
    before = contents(journal)
    with pytest.raises(JournalError):
        journal.append([stand.entry(2), stand.entry(3, **{column: f"a{SURROGATE}"})], counters={"c": 1})
    assert contents(journal) == before
    journal.append([stand.entry(2)])
    assert journal.read(after=0, limit=9) == [*first, stand.entry(2)]


def test_an_empty_group_changes_nothing_but_its_counters(journal: Journal, stand: Any) -> None:
    entries = fill(journal, stand, 2)
    journal.append([])
    journal.append([], counters={"a": 1})
    assert contents(journal) == {
        "last_seq": 2,
        "len": 2,
        "evicted": 0,
        "entries": entries,
        "counters": {"a": 1},
    }


def test_read_goes_on_beyond_a_seq(journal: Journal, stand: Any) -> None:
    entries = fill(journal, stand)
    assert journal.read(after=0, limit=3) == entries[:3]
    assert journal.read(after=3, limit=4) == entries[3:7]
    assert journal.read(after=9, limit=4) == entries[9:]
    assert journal.read(after=10, limit=4) == []
    assert journal.read(after=0, limit=0) == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ([], []),
        ([5], [5]),
        ([7, 2, 4], [2, 4, 7]),
        ([3, 3], [3]),
        ([0, -1, 2_001], []),
        (list(range(1, 2_002)), list(range(1, 2_001))),
        (list(range(1, 2_001)) * 3, list(range(1, 2_001))),
    ],
    ids=["none", "one", "unordered", "repeated", "absent", "many", "many-repeated"],
)
def test_get_gives_what_is_there_in_order(journal: Journal, stand: Any, wanted: list[int], found: list[int]) -> None:
    fill(journal, stand, 2_000)
    assert [entry.seq for entry in journal.get(wanted)] == found


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_scan_narrows_by_each_filter(journal: Journal, stand: Any, name: str) -> None:
    values: list[str | None] = ["x", "X", "xx", "", "a\0b", "a", "🎰", "' OR 1=1 --", "%"]
    if name not in ("run", "connector", "disposition"):
        values.append(None)
    entries = [stand.entry(seq, **{name: value}) for seq, value in enumerate(values * 2, start=1)]
    journal.append(entries)
    for value in [value for value in values if value is not None]:
        matching = [entry for entry in entries if getattr(entry, name) == value]
        assert journal.scan(after=0, until=99, filters={name: value}, limit=99) == matching


def test_scan_wants_all_filters_at_once(journal: Journal, stand: Any) -> None:
    entries = [
        stand.entry(1, user_id="u", type="Bet"),
        stand.entry(2, user_id="u", type="Win"),
        stand.entry(3, user_id="v", type="Bet"),
        stand.entry(4, user_id="u", type="Bet"),
    ]
    journal.append(entries)
    filters = {"user_id": "u", "type": "Bet"}
    assert journal.scan(after=0, until=9, filters=filters, limit=9) == [entries[0], entries[3]]
    assert journal.scan(after=0, until=9, filters=filters, limit=1) == [entries[0]]
    assert journal.scan(after=1, until=9, filters=filters, limit=9) == [entries[3]]
    assert journal.scan(after=0, until=3, filters=filters, limit=9) == [entries[0]]


def test_scan_gives_deliveries_only(journal: Journal, stand: Any) -> None:
    kinds = ["reset", "delivery", "transaction", "evicted"]
    entries = [stand.entry(seq, kind=kind) for seq, kind in enumerate(kinds, start=1)]
    journal.append(entries)
    assert journal.scan(after=0, until=9, filters={}, limit=9) == [entries[1]]


def test_scan_refuses_a_filter_that_it_does_not_know(journal: Journal) -> None:
    with pytest.raises(JournalError, match=r"expected filters among .*'activity_id'.*, got \['raw; --'\]"):
        journal.scan(after=0, until=1, filters={"raw; --": "x"}, limit=1)


def test_decided_dispositions_come_with_the_mark(journal: Journal, stand: Any) -> None:
    journal.append([stand.entry(1, disposition="pending"), stand.entry(2, disposition="pending")])
    journal.append([stand.entry(3, kind="transaction")], decided=((seq, "aborted") for seq in (1, 99)))
    assert [entry.disposition for entry in journal.read(after=0, limit=9)] == ["aborted", "pending", "accepted"]
    assert journal.scan(after=0, until=9, filters={"disposition": "pending"}, limit=9) == [
        stand.entry(2, disposition="pending")
    ]


def test_what_is_decided_can_be_in_the_same_group(journal: Journal, stand: Any) -> None:
    journal.append([stand.entry(1, disposition="pending"), stand.entry(2)], decided=[(1, "accepted")])
    assert [entry.disposition for entry in journal.read(after=0, limit=9)] == ["accepted", "accepted"]


def test_counters_are_set_and_found_by_the_beginning_of_their_names(journal: Journal, stand: Any) -> None:
    journal.append([], counters={"kafka:a:0": 1, "kafka:b%:1": 2, "other_": 3})
    journal.append([stand.entry(1)], counters={"kafka:a:0": 2**62})
    assert journal.counters("kafka:") == {"kafka:a:0": 2**62, "kafka:b%:1": 2}
    assert journal.counters("kafka:b%") == {"kafka:b%:1": 2}
    assert journal.counters("%") == journal.counters("othera") == {}


def test_evict_removes_the_oldest_and_leaves_a_mark(implementation: Any, stand: Any) -> None:
    with implementation.fresh() as opened:
        entries = [stand.entry(1), stand.entry(2, kind="reset"), stand.entry(3), stand.entry(4)]
        opened.journal.append(entries)
        mark = stand.entry(5, kind="evicted")
        assert opened.journal.evict(3, mark) == entries[:3]
        for _ in range(1 + implementation.durable):
            journal = opened.journal
            assert (journal.last_seq, len(journal), journal.evicted) == (5, 2, 2)
            assert journal.read(after=0, limit=9) == [entries[3], mark]
            if implementation.durable:
                opened.reopen()


def test_evict_of_nothing_leaves_no_mark(journal: Journal, stand: Any) -> None:
    assert journal.evict(5, stand.entry(1, kind="evicted")) == []
    entries = fill(journal, stand, 2)
    assert journal.evict(0, stand.entry(3, kind="evicted")) == []
    assert journal.read(after=0, limit=9) == entries


def test_everything_can_be_evicted_and_seqs_go_on(journal: Journal, stand: Any) -> None:
    entries = fill(journal, stand, 3)
    mark = stand.entry(4, kind="evicted")
    assert journal.evict(99, mark) == entries
    journal.append([stand.entry(5)])
    assert journal.read(after=0, limit=9) == [mark, stand.entry(5)]
    assert (journal.last_seq, len(journal), journal.evicted) == (5, 2, 3)


def commits(stand: Any, journal: Journal) -> Mapping[str, Any]:
    """Every way to write, of a size that no fault lets through; the journal holds five entries."""
    large = b"x" * 100_000
    return {
        "append": lambda: journal.append([stand.entry(6), stand.entry(7, raw=large)]),
        "counters": lambda: journal.append([stand.entry(6, raw=large)], counters={"a": 9, "b": 9}),
        "decided": lambda: journal.append([stand.entry(6, raw=large)], decided=[(2, "aborted")]),
        "evict": lambda: journal.evict(3, stand.entry(6, kind="evicted", raw=large)),
    }


@pytest.mark.parametrize("way", ["append", "counters", "decided", "evict"])
@pytest.mark.parametrize("fault", ["read-only", "full"])
def test_a_commit_that_fails_changes_nothing(implementation: Any, stand: Any, fault: str, way: str) -> None:
    with implementation.fresh() as opened:
        journal = opened.journal
        fill(journal, stand, 5)
        journal.append([], counters={"a": 1})
        before = contents(journal)
        with implementation.faults[fault](journal), pytest.raises(JournalError, match="the commit failed: "):
            commits(stand, journal)[way]()
        assert contents(journal) == before
        if implementation.durable:
            opened.reopen()
            journal = opened.journal
            assert contents(journal) == before
        commits(stand, journal)[way]()
        assert journal.last_seq == (7 if way == "append" else 6)


@pytest.mark.parametrize("seqs", [(5,), (6, 6), (6, 7, 3)], ids=["taken", "twice", "old"])
def test_a_seq_that_is_taken_fails_the_whole_group(journal: Journal, stand: Any, seqs: tuple[int, ...]) -> None:
    fill(journal, stand, 5)
    before = contents(journal)
    with pytest.raises(JournalError, match=r"the commit failed: .*seq"):
        journal.append([stand.entry(seq, raw=b"other") for seq in seqs], counters={"a": 1}, decided=[(1, "refused")])
    assert contents(journal) == before
    journal.append([stand.entry(6)])
    assert journal.last_seq == 6


def test_an_eviction_whose_mark_has_a_taken_seq_evicts_nothing(journal: Journal, stand: Any) -> None:
    fill(journal, stand, 5)
    before = contents(journal)
    with pytest.raises(JournalError):
        journal.evict(2, stand.entry(5, kind="evicted"))
    assert contents(journal) == before


def test_a_closed_journal_says_so(implementation: Any, stand: Any) -> None:
    with implementation.fresh() as opened:
        journal = opened.journal
        fill(journal, stand, 1)
        journal.close()
        for use in (
            lambda: journal.append([stand.entry(2)]),
            lambda: journal.read(after=0, limit=1),
            lambda: journal.get([1]),
            lambda: journal.scan(after=0, until=1, filters={}, limit=1),
            lambda: journal.counters(""),
        ):
            with pytest.raises(JournalError, match="closed"):
                use()
