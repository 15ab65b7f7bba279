"""How the runs of a file stand at its end."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ftcrm.contracts import History, Ruleset, Settings
from ftcrm.contracts.endings import Endings
from ftcrm.contracts.lines import Mark

HOUR = 3_600_000_000


def findings(feed: Any, *marks: Mark, now: int | None = None, closed: bool = False, kind: str = "Bet") -> list[str]:
    """What is said of a round of one event that came an hour after the epoch, in the run `one`."""
    endings = Endings(closed=closed)
    for mark in marks:
        endings.heed(mark)
    endings.now = now
    history = History(ruleset=Ruleset(Settings(round_deadline=3600.0)))
    history.add(1, feed.judge({**feed.clean, "type": kind}), at=HOUR)
    endings.end("one", history)
    return [finding.rule for finding in history.rounds.findings(feed.key)]


@pytest.mark.parametrize(
    ("marks", "now", "closed", "said"),
    [
        ((), None, False, []),
        ((), 2 * HOUR - 1, False, []),
        ((), 2 * HOUR, False, ["FT308"]),
        ((Mark("deadline", "one", 2 * HOUR), Mark("deadline", "one", HOUR)), HOUR, False, ["FT308"]),
        ((Mark("deadline", "two", 2 * HOUR),), HOUR, False, []),
        ((), 2 * HOUR, True, ["FT307"]),
        ((Mark("closed", "one"),), None, False, ["FT307"]),
        ((Mark("closed", "two"),), None, False, []),
    ],
)
def test_a_round_is_open_until_its_run_ends(
    feed: Any, marks: tuple[Mark, ...], now: int | None, *, closed: bool, said: list[str]
) -> None:
    assert findings(feed, *marks, now=now, closed=closed) == said


@pytest.mark.parametrize(("run", "said"), [("one", []), ("", []), ("two", ["FT301"])])
def test_what_was_evicted_is_not_said_to_be_missing(feed: Any, run: str, said: list[str]) -> None:
    assert findings(feed, Mark("evicted", run), kind="Win") == said


def test_a_run_is_cut_by_its_own_mark_or_by_one_about_all_of_them() -> None:
    endings = Endings()
    assert not endings.is_cut()
    endings.heed(Mark("evicted", "one"))
    assert [endings.is_cut(run) for run in (None, "one", "two")] == [True, True, False]
    endings.heed(Mark("evicted"))
    assert endings.is_cut("two")


def test_a_run_is_as_of_its_last_event_also_where_that_is_missing(feed: Any) -> None:
    endings = Endings()
    for latest in (HOUR, 3 * HOUR, 2 * HOUR, None):
        endings.heed(Mark("evicted", "one", latest=latest))
    early, missing, late = (datetime(1970, 1, 1, hour, tzinfo=UTC) for hour in (1, 3, 4))
    assert [endings.as_of("one", last) for last in (None, early, late)] == [missing, missing, late]
    assert [endings.as_of("two", last) for last in (None, early)] == [None, early]
    history = History()
    endings.end("one", history)
    assert history.as_of == missing
