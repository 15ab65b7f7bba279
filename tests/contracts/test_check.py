"""A check by itself: what it counts, what it holds back, and what it makes of marks."""

from typing import Any

import msgspec
import pytest

from ftcrm.contracts import Message, Ruleset, Settings, Verdict
from ftcrm.contracts.check import Check
from ftcrm.contracts.lines import Line, Mark

HOUR = 3_600_000_000


def line(feed: Any, number: int = 1, **changes: Any) -> Line:
    names = {name: changes.pop(name) for name in Line.__struct_fields__ if name in changes}
    return Line(number, Message("rest", feed.raw({**feed.clean, **changes}), "CASINO"), **names)


def check_of(*lines: Line | Mark, **settings: Any) -> Check:
    check = Check(**settings)
    for each in lines:
        check.take(each)
    check.end()
    return check


def states(check: Check) -> list[tuple[str, str, str]]:
    return [(each.run, each.round.round_id, each.round.state) for each in check.rounds()]


def test_it_counts_everything_once(feed: Any) -> None:
    check = check_of(
        line(feed),
        line(feed, amount="x"),
        line(feed, type="Win", round_id="r2", activity_id="w"),
        Line(4, Message("rest", b"{", "CASINO")),
        Line(5, Message("rest", b"{}", "LOGIN_V2")),
    )
    assert (check.events, check.checked, check.violated) == (5, 4, True)
    assert {verdict: count for verdict, count in check.verdicts.items() if count} == {
        Verdict.OK: 2,
        Verdict.VIOLATION: 1,
        Verdict.UNREADABLE: 1,
        Verdict.UNCHECKED: 1,
    }
    summary = check.summary()
    assert sum(summary["counts"]["findings"].values()) == len(check.spoken)
    assert {"FT101", "FT111", "FT301"} <= check.spoken.keys()
    assert summary["counts"]["rounds"] == len(list(check.rounds())) == 2


def test_a_transaction_waits_for_its_mark(feed: Any) -> None:
    """What it brings comes then, behind what came meanwhile: the other name of the game is the later one."""
    held = line(feed, transaction="7/0", game_name="Dead")
    other = line(feed, round_id="r2", activity_id="a2")
    (late,) = check_of(held, other, Mark("transaction", transaction="7/0", committed=True)).across()
    (early,) = check_of(msgspec.structs.replace(held, transaction=None), other).across()
    assert "got 'Dead'" in late.message
    assert "got 'Dead'" not in early.message


def test_a_transaction_without_its_mark_is_what_it_says(feed: Any) -> None:
    assert states(check_of(line(feed, transaction="7/0"))) == [("default", "r1", "open")]
    assert states(check_of(line(feed, transaction="7/0", disposition="pending"))) == []
    aborted = Mark("transaction", transaction="7/0", committed=False)
    assert states(check_of(line(feed, transaction="7/0"), aborted)) == []


@pytest.mark.parametrize("run", ["", "default"])
def test_what_was_evicted_is_not_said_to_be_missing(feed: Any, run: str) -> None:
    win = line(feed, type="Win")
    for lines in ((win, Mark("evicted", run)), (Mark("evicted", run), win)):
        assert check_of(*lines).spoken == {}
    assert set(check_of(win, Mark("evicted", "other")).spoken) == {"FT301"}


def test_a_mark_is_about_its_run(feed: Any) -> None:
    check = check_of(line(feed, run="one"), line(feed, run="two"), Mark("closed", "one"))
    assert [(each.run, bool(each.findings)) for each in check.rounds()] == [("one", True), ("two", False)]


def test_a_deadline_passes_with_its_mark_or_with_the_last_receipt(feed: Any) -> None:
    ruleset = Ruleset(Settings(round_deadline=3600))
    bet = line(feed, received_at=HOUR)
    later = line(feed, round_id="r2", activity_id="a2", run="other", received_at=2 * HOUR)
    assert set(check_of(bet, Mark("deadline", "default", 2 * HOUR), ruleset=ruleset).spoken) == {"FT308"}
    assert check_of(bet, Mark("deadline", "default", 2 * HOUR - 1), ruleset=ruleset).spoken == {}
    assert set(check_of(bet, later, ruleset=ruleset).spoken) == {"FT308"}
    assert check_of(bet, later).spoken == {}


def test_a_finding_finds_its_witnesses(feed: Any) -> None:
    check = check_of(line(feed, 3, seq=7), line(feed, 9, seq=12, amount=5, column=4))
    (found,) = [finding for each in check.rounds() for finding in each.findings]
    seen = [check.seen(seq) for seq in found.witness]
    assert [(each.line, each.column, each.said.amount) for each in seen if each is not None] == [(3, 1, 20), (9, 4, 5)]
    assert check_of(line(feed), events_only=True).seen(1) is None


def test_closing_says_what_was_never_settled(feed: Any) -> None:
    assert set(check_of(line(feed), closed=True).spoken) == {"FT307"}
    assert check_of(line(feed), closed=True, events_only=True).spoken == {}
