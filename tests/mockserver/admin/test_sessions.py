"""`sessions`: the game sessions of each player, page by page."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.contracts import Ruleset, Settings
from ftcrm.mockserver.journal import SQLiteJournal

ZERO = {"real": "0", "bonus": "0", "locked": "0", "unallocated": "0", "total": "0"}


def amounts(total: str) -> dict[str, str]:
    return ZERO | {"unallocated": total, "total": total}


def at(minute: int, day: int = 2) -> str:
    return f"2026-03-{day:02}T{8 + minute // 60:02}:{minute % 60:02}:00Z"


def bet(stand: Any, minute: int, **more: Any) -> Any:
    """A Bet of a round of its own, so many minutes after eight o'clock."""
    ids = {"round_id": f"r{minute}", "activity_id": f"b{minute}"}
    return stand.delivery(**{**ids, "timestamp": at(minute), **more})


def spans(desk: Any, **filters: Any) -> list[tuple[str, str, int]]:
    """From when to when each session goes, as HH:MM, and how many events it has."""
    found = desk.get("sessions", **filters)["sessions"]
    return [(each["started_at"][11:16], each["ended_at"][11:16], each["events"]) for each in found]


def test_a_session_is_shown_with_its_totals_and_games(stand: Any) -> None:
    """A Bet of 20 at 8:00, its Win of 50 at 8:10; in another game a Bet of 5 at 8:40, rolled back at 8:41."""
    desk = stand.make()
    desk.put(bet(stand, 0), stand.delivery(type="Win", round_id="r0", amount=50, timestamp=at(10), activity_id="w0"))
    other = {"game_id": "7", "game_name": "Blackjack", "game_type": "Table", "vendor_id": "2", "vendor_name": "Evo"}
    desk.put(bet(stand, 40, amount=5, **other), bet(stand, 40, amount=5, **other, status="Rollback", timestamp=at(41)))
    [found] = desk.get("sessions")["sessions"]
    money = {"bet": amounts("20"), "win": amounts("50"), "ggr": amounts("-30")}
    assert found == {
        "run": "default",
        "origin": "sub.example.com",
        "user_id": "52530",
        "started_at": "2026-03-02T08:00:00Z",
        "ended_at": "2026-03-02T08:41:00Z",
        "duration_seconds": "2460",
        "events": 4,
        "rounds": 1,
        "bets": 1,
        "wins": 1,
        "totals": {"EUR": money},
        "base": money,
        "games": [
            {
                "vendor_id": "1",
                "game_id": "10911",
                "name": "Dead or Alive",
                "type": "Slots",
                "bets": 1,
                "wins": 1,
                "base": money,
            }
        ],
        "seqs": [1, 2, 3, 4],
    }


def test_sessions_come_by_player_and_then_by_time(stand: Any) -> None:
    desk = stand.make()
    desk.put(bet(stand, 200, user_id="u1"), bet(stand, 100), bet(stand, 0, user_id="u1"), bet(stand, 0, run="b"))
    found = desk.get("sessions")
    assert [(each["run"], each["user_id"], each["seqs"]) for each in found["sessions"]] == [
        ("default", "u1", [3]),
        ("default", "u1", [1]),
        ("default", "52530", [2]),
        ("b", "52530", [4]),
    ]
    assert (found["next_cursor"], found["complete"]) == (None, True)


def test_a_gap_of_thirty_minutes_ends_no_session_and_a_late_event_makes_two_one(stand: Any) -> None:
    desk = stand.make()
    desk.put(bet(stand, 0), bet(stand, 30), bet(stand, 61))
    assert spans(desk) == [("08:00", "08:30", 2), ("09:01", "09:01", 1)]
    desk.put(bet(stand, 45))
    assert spans(desk) == [("08:00", "09:01", 4)]


def test_the_gap_is_a_setting(stand: Any) -> None:
    desk = stand.make(ruleset=Ruleset(Settings(session_gap=300.0)))
    desk.put(bet(stand, 0), bet(stand, 5), bet(stand, 11))
    assert spans(desk) == [("08:00", "08:05", 2), ("08:11", "08:11", 1)]


def test_sessions_are_narrowed_by_each_filter(stand: Any) -> None:
    desk = stand.make()
    mine = {"run": "mine", "origin": "o2", "user_id": "u2"}
    desk.put(bet(stand, 0), bet(stand, 0, **mine), bet(stand, 5, **mine, vendor_id="2", game_id="7"))
    desk.put(bet(stand, 100, **mine, vendor_id="2", game_id="8"))
    for name, value in mine.items():
        assert spans(desk, **{name: value}) == [("08:00", "08:05", 2), ("09:40", "09:40", 1)]
        assert spans(desk, **{name: value + "x"}) == []
    assert [each["run"] for each in desk.get("sessions", vendor_id="1")["sessions"]] == ["default", "mine"]
    assert spans(desk, game_id="7") == [("08:00", "08:05", 2)]
    assert spans(desk, vendor_id="2") == [("08:00", "08:05", 2), ("09:40", "09:40", 1)]
    assert spans(desk, vendor_id="2", game_id="8", **mine) == [("09:40", "09:40", 1)]
    assert spans(desk, vendor_id="1", game_id="7") == []


def test_a_game_whose_bets_were_rolled_back_was_not_played(stand: Any) -> None:
    desk = stand.make()
    desk.put(bet(stand, 0), bet(stand, 5, game_id="7"), bet(stand, 5, game_id="7", status="Rollback"))
    assert spans(desk, game_id="7") == []
    assert spans(desk, game_id="10911") == [("08:00", "08:05", 3)]


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        (
            "state=open",
            "unknown-filter",
            "state: expected one of the parameters cursor, game_id, limit, origin, run, user_id, vendor_id",
        ),
        ("as_of=2026-03-02T08:00:00Z", "unknown-filter", None),
        ("cursor=1.2", "bad-cursor", "cursor: expected a next_cursor of this list, got '1.2'"),
        ("cursor=1.2.-3", "bad-cursor", None),
        ("limit=0", "bad-limit", None),
    ],
)
def test_sessions_are_asked_for_wrongly(stand: Any, query: str, code: str, message: str | None) -> None:
    status, found, said = stand.make().error(f"sessions?{query}")
    assert (status, found) == (400, code)
    assert message in (None, said)


@pytest.mark.parametrize("first", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "9999-12-31T23:00:00Z"])
def test_a_cursor_holds_any_instant(stand: Any, pages: Any, first: str) -> None:
    desk = stand.make()
    desk.put(*[stand.delivery(timestamp=day, round_id=day) for day in (first, "2026-03-02T08:00:00Z")])
    everything = desk.get("sessions")["sessions"]
    assert sorted(each["started_at"] for each in everything) == sorted([first, "2026-03-02T08:00:00Z"])
    assert pages(desk, "sessions", [1]) == everything


def test_pages_end_where_players_and_runs_do(stand: Any, pages: Any) -> None:
    desk = stand.make()
    for run in "ab":
        for user in ("u1", "u2"):
            desk.put(*[bet(stand, 60 * number, user_id=user, run=run) for number in range(3)])
    everything = desk.get("sessions")["sessions"]
    assert len(everything) == 12
    for limit in range(1, 14):
        assert pages(desk, "sessions", [limit]) == everything
        assert pages(desk, "sessions", [limit], user_id="u2") == [*everything[3:6], *everything[9:]]


MOMENTS = st.lists(st.tuples(st.sampled_from(["u1", "u2", "u3"]), st.integers(0, 48)), max_size=10)


@given(first=MOMENTS, later=st.lists(MOMENTS, max_size=5), limits=st.lists(st.integers(1, 3), min_size=1))
@settings(deadline=None, max_examples=80)
def test_pages_show_every_session_once_while_events_come_late(
    stand: Any, pages: Any, first: Any, later: Any, limits: list[int]
) -> None:
    """Events ten minutes apart come in any order, and make two sessions one. Those that begin as before, are shown."""
    desk = stand.make()

    def put(moments: Any) -> None:
        desk.put(*[bet(stand, 10 * moment, user_id=user) for user, moment in moments])

    def begins(found: Any) -> list[tuple[str, str]]:
        return [(each["user_id"], each["started_at"]) for each in found]

    put([("u0", 0), *first])
    before = begins(desk.get("sessions", limit=1_000)["sessions"])
    shown = begins(pages(desk, "sessions", limits, lambda page: put(later[page]) if page < len(later) else None))
    after = begins(desk.get("sessions", limit=1_000)["sessions"])
    assert len(shown) == len(set(shown))
    assert set(before) & set(after) <= set(shown)
    players = list(dict.fromkeys(user for user, _ in after))
    assert shown == sorted(shown, key=lambda each: (players.index(each[0]), each[1]))


def test_a_win_thirty_days_later_settles_a_cold_round_and_is_a_session_of_its_own(stand: Any) -> None:
    desk = stand.make(hot=1)
    desk.put(bet(stand, 0), *[bet(stand, number, user_id=f"u{number}") for number in range(1, 9)])
    assert desk.get("rounds/sub.example.com/52530/r0")["state"] == "open"
    desk.put(
        stand.delivery(type="Win", round_id="r0", activity_id="w", amount=50, timestamp="2026-04-01T08:00:00Z"),
    )
    assert desk.get("rounds/sub.example.com/52530/r0")["state"] == "settled"
    first, last = desk.get("sessions", user_id="52530")["sessions"]
    assert (first["totals"]["EUR"]["ggr"]["total"], last["totals"]["EUR"]["ggr"]["total"]) == ("20", "-50")
    assert (first["rounds"], last["rounds"], last["bets"], last["seqs"]) == (1, 1, 0, [10])
    found = desk.get("players/sub.example.com/52530")
    assert (found["sessions"], found["rounds"]["won"], found["activity"]) == (2, 1, "inactive")


def test_a_reset_begins_anew_and_a_closed_run_takes_more(stand: Any) -> None:
    desk = stand.make()
    desk.put(bet(stand, 0), bet(stand, 0, run="b"))
    desk.put(reset="default")
    assert [each["run"] for each in desk.get("sessions")["sessions"]] == ["b"]
    desk.put(closed="b")
    desk.put(bet(stand, 10), bet(stand, 10, run="b"))
    for each in (desk, stand.make(journal=desk.journal)):
        assert spans(each, run="default") == [("08:10", "08:10", 1)]
        assert spans(each, run="b") == [("08:00", "08:10", 2)]


def test_a_restart_on_a_file_shows_the_same(stand: Any, tmp_path: Path) -> None:
    desk = stand.make(journal=SQLiteJournal(tmp_path / "a.journal"))
    desk.put(*[bet(stand, minute, user_id=user) for user in ("u1", "u2") for minute in (100, 0, 20)])
    before, page = desk.get("sessions"), desk.get("sessions", limit=1)
    assert len(before["sessions"]) == 4
    desk.journal.close()
    again = stand.make(journal=SQLiteJournal(tmp_path / "a.journal"))
    assert (again.get("sessions"), again.get("sessions", limit=1)) == (before, page)
    assert again.get("sessions", cursor=page["next_cursor"])["sessions"] == before["sessions"][1:]
    again.journal.close()


def test_what_eviction_took_is_in_no_session(stand: Any) -> None:
    """Three of eleven entries go: the middle of what was one session, and the only event of another."""
    desk = stand.make(max_events=10)
    desk.put(bet(stand, 20), bet(stand, 40), bet(stand, 200), bet(stand, 0), bet(stand, 60))
    desk.put(*[bet(stand, 0, run="b", activity_id=str(number)) for number in range(5)])
    assert spans(desk, run="default") == [("08:00", "09:00", 4), ("11:20", "11:20", 1)]
    assert desk.get("sessions")["complete"] is True
    desk.put(bet(stand, 1, run="b"))
    assert desk.journal.evicted == 3
    for each in (desk, stand.make(journal=desk.journal)):
        assert spans(each, run="default") == [("08:00", "08:00", 1), ("09:00", "09:00", 1)]
        assert [each.get("sessions", **more)["complete"] for more in ({}, {"run": "default"}, {"run": "b"})] == [
            False,
            False,
            True,
        ]
