"""The lines of a file as deliveries: which seq each has, when it came, and what is none."""

from typing import Any

import pytest

from ftcrm.contracts import STANDARD, Message
from ftcrm.contracts.arrivals import Arrival, Arrivals
from ftcrm.contracts.lines import Line


def line(feed: Any, **names: Any) -> Line:
    return Line(1, Message("rest", feed.raw(feed.clean), "CASINO"), **names)


def taken(*lines: Line) -> list[Arrival | None]:
    arrivals = Arrivals(STANDARD)
    return [arrivals.take(each) for each in lines]


def test_a_line_keeps_its_seq_as_long_as_the_seqs_rise(feed: Any) -> None:
    named = (None, 7, 7, 3, None, 12)
    found = taken(*(line(feed, seq=seq) for seq in named))
    assert [each and each.seq for each in found] == [1, 7, 8, 9, 10, 12]


@pytest.mark.parametrize("disposition", ["aborted", "pending"])
def test_what_no_transaction_committed_is_nothing_and_has_its_seq_all_the_same(feed: Any, disposition: str) -> None:
    nothing, later = taken(line(feed, disposition=disposition), line(feed))
    assert nothing is None
    assert later is not None
    assert later.seq == 2


def test_an_event_came_when_the_file_says_or_else_by_its_own_timestamp(feed: Any) -> None:
    unreadable = Line(3, Message("rest", b"{", "CASINO"))
    found = taken(line(feed, received_at=5), line(feed), unreadable)
    assert [each and each.at for each in found] == [5, 1_772_440_078_721_607, None]


def test_only_an_accepted_delivery_waits_for_its_transaction(feed: Any) -> None:
    found = taken(line(feed, transaction="7/0"), line(feed, transaction="7/0", disposition="refused"))
    assert [each and (each.accepted, each.transaction) for each in found] == [(True, "7/0"), (False, None)]
