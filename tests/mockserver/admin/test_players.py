"""`players`: the segmentation data of each player, one by one and page by page."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.mockserver.journal import SQLiteJournal

ZERO = {"real": "0", "bonus": "0", "locked": "0", "unallocated": "0", "total": "0"}
KEY = "players/sub.example.com/52530"


def amounts(total: str, wallet: str = "unallocated") -> dict[str, str]:
    return ZERO | {wallet: total, "total": total}


def evening(stand: Any, **more: Any) -> list[Any]:
    """A round that is won, and fifty minutes after it a Bet."""
    times = [f"2026-03-02T{clock}Z" for clock in ("08:00:00", "08:10:00", "09:00:00")]
    return [
        stand.delivery(timestamp=times[0], activity_id="b1", **more),
        stand.delivery(timestamp=times[1], activity_id="w1", type="Win", amount=50, **more),
        stand.delivery(timestamp=times[2], activity_id="b2", round_id="r2", amount=5, **more),
    ]


def test_a_player_is_shown_with_every_metric_and_whether_it_is_complete(stand: Any) -> None:
    desk = stand.make()
    desk.put(*evening(stand), stand.delivery(stand.bonus(), "BONUS"))
    found = desk.get(KEY)
    favourites = {name: found.pop(f"favourite_{name}") for name in ("game", "vendor", "type")}
    money = {"bet": amounts("25"), "win": amounts("50"), "ggr": amounts("-25")}
    assert found == {
        "run": "default",
        "origin": "sub.example.com",
        "user_id": "52530",
        "as_of": "2026-03-02T09:00:00Z",
        "first_at": "2026-03-02T08:00:00Z",
        "last_at": "2026-03-02T09:00:00Z",
        "rounds": {"settled": 1, "open": 1, "orphan": 0, "voided": 0, "won": 1, "lost": 0},
        "sessions": 2,
        "bets": 2,
        "wins": 1,
        "totals": {"EUR": money},
        "base": money,
        "wallets": {"real": 0.0, "bonus": 0.0, "locked": 0.0, "unallocated": 1.0},
        "stake_bracket": "up to 25",
        "last_real_bet_at": "2026-03-02T09:00:00Z",
        "idle_days": 0,
        "activity": "active",
        "churned": False,
        "rfm": {"recency": 5, "frequency": 1, "monetary": 2},
        "bonuses": {"Created": 1},
        "complete": True,
    }
    assert {name: favourite["id"] for name, favourite in favourites.items()} == {
        "game": "10911",
        "vendor": "1",
        "type": "Slots",
    }
    [listed] = desk.get("players")["players"]
    assert listed | {"complete": True} == found | {f"favourite_{name}": each for name, each in favourites.items()}


AS_OF = [
    ("2026-03-02T07:59:59.999999Z", (0, 0, 0, None, None, None)),
    ("2026-03-02T08:00:00Z", (1, 1, 0, "active", False, 0)),
    ("2026-03-02T14:40:00+06:00", (1, 1, 1, "active", False, 0)),
    ("2026-03-02T09:00:00Z", (2, 2, 1, "active", False, 0)),
    ("2026-03-03T08:59:59Z", (2, 2, 1, "active", False, 0)),
    ("2026-03-03T09:00:00Z", (2, 2, 1, "idle", False, 1)),
    ("2026-04-01T08:59:59.999999Z", (2, 2, 1, "idle", False, 20)),
    ("2026-04-01T09:00:00Z", (2, 2, 1, "inactive", True, 30)),
    ("0001-01-01T00:00:00Z", (0, 0, 0, None, None, None)),
    ("9999-12-31T23:59:59Z", (2, 2, 1, "inactive", True, 180)),
]


@pytest.mark.parametrize(("as_of", "expected"), AS_OF)
def test_a_player_is_seen_as_of_an_instant(stand: Any, as_of: str, expected: tuple[Any, ...]) -> None:
    desk = stand.make()
    desk.put(*evening(stand))
    [listed] = desk.get("players", as_of=as_of)["players"]
    names = ("sessions", "bets", "wins", "activity", "churned", "idle_days")
    assert tuple(listed[name] for name in names) == expected
    assert desk.get(KEY, as_of=as_of) == listed | {"complete": True}


def test_a_player_is_seen_as_of_the_last_event_of_the_run_unless_told(stand: Any) -> None:
    desk = stand.make()
    desk.put(*evening(stand), *evening(stand, run="b"))
    later = {"user_id": "u2", "timestamp": "2026-04-01T09:00:00Z", "round_id": "r9"}
    desk.put(stand.delivery(**later), stand.delivery(**later | {"timestamp": "2027-01-01T00:00:00Z"}, amount="x"))
    first, second, other = desk.get("players")["players"]
    assert first["as_of"] == second["as_of"] == "2026-04-01T09:00:00Z"
    assert (first["activity"], second["activity"]) == ("inactive", "active")
    assert (other["as_of"], other["activity"]) == ("2026-03-02T09:00:00Z", "active")
    desk.put(stand.delivery(stand.bonus(user_id="u3", timestamp="2026-05-01T09:00:00Z"), "BONUS"))
    assert {each["as_of"] for each in desk.get("players", run="default")["players"]} == {"2026-05-01T09:00:00Z"}


def test_a_player_of_whom_only_a_bonus_is_known(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(stand.bonus(), "BONUS"))
    found = desk.get(KEY)
    assert (found["first_at"], found["bets"], found["activity"], found["bonuses"]) == (None, 0, None, {"Created": 1})


def test_a_player_that_never_came_is_not_found(stand: Any) -> None:
    expected = "expected one of the players with origin 'a', user_id 'b', got none"
    assert stand.make().error("players/a/b") == (404, "not-found", expected)


def test_a_player_of_whom_nothing_was_folded_says_what_names_it(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(vendor_name=None), stand.delivery(disposition="refused", round_id="r2"))
    desk.put(stand.delivery(stand.bonus(), "BONUS", disposition="refused"))
    desk.put(stand.delivery(vendor_name=None, user_id="u2"))
    status, code, message = desk.error(KEY)
    assert (status, code) == (404, "not-found")
    assert message.endswith("got none; the deliveries [1, 2, 3] carry its key but were not folded")
    assert desk.get("players")["players"] == []


def test_a_player_of_two_runs_is_ambiguous_without_one(stand: Any) -> None:
    desk = stand.make()
    desk.put(*evening(stand, run="a"), stand.delivery(run="b", type="Win"))
    status, code, message = desk.error(KEY)
    assert (status, code) == (409, "ambiguous")
    key = {"origin": "sub.example.com", "user_id": "52530"}
    assert message.endswith(f"got several: {[{'run': 'a'} | key, {'run': 'b'} | key]}")
    assert desk.get(KEY, run="a")["bets"] == 2
    assert desk.get(KEY, run="b")["rounds"]["orphan"] == 1
    assert desk.error(f"{KEY}?run=c")[2].endswith("with origin 'sub.example.com', user_id '52530', run 'c', got none")


@pytest.mark.parametrize("odd", ["a/b", "50%", "a b", "é🎰", "a\nb", "%2F", "a?b", "a+b", "\0", "//"])
def test_a_player_is_found_by_any_ids(stand: Any, odd: str) -> None:
    desk = stand.make()
    desk.put(stand.delivery(origin=odd, user_id=odd), stand.delivery())
    part = "".join(f"%{byte:02X}" for byte in odd.encode())
    assert (found := desk.get(f"players/{part}/{part}"))["user_id"] == odd
    assert [each | {"complete": True} for each in desk.get("players", origin=odd, user_id=odd)["players"]] == [found]


def test_players_are_narrowed_by_each_filter(stand: Any) -> None:
    desk = stand.make()
    desk.put(*evening(stand, origin="o1", user_id="u1"), *evening(stand, run="mine", origin="o2", user_id="u2"))
    desk.put(stand.delivery(run="mine", origin="o3", user_id="u3", round_id="r3", timestamp="2026-04-01T09:00:00Z"))
    filters = {"run": "mine", "origin": "o2", "user_id": "u2", "activity": "inactive", "churned": "true"}
    for name, value in filters.items():
        found = [each["user_id"] for each in desk.get("players", **{name: value})["players"]]
        assert found == (["u2", "u3"] if name == "run" else ["u2"])
    assert len(desk.get("players", **filters)["players"]) == 1
    for name, value in {"run": "x", "origin": "x", "user_id": "x", "activity": "idle", "churned": "false"}.items():
        assert desk.get("players", **filters | {name: value})["players"] == []
    assert desk.get("players", **filters, as_of="2026-03-03T00:00:00Z")["players"] == []


def test_who_never_bet_is_neither_churned_nor_not(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(type="Win"))
    assert desk.get(KEY)["churned"] is None
    assert desk.get("players", churned="true")["players"] == desk.get("players", churned="false")["players"] == []


KNOWN = "activity, as_of, churned, cursor, limit, origin, run, user_id"
EXAMPLE = "expected a date-time of RFC 3339 such as 2026-03-02T08:27:58Z, got"


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("state=open", "unknown-filter", f"state: expected one of the parameters {KNOWN}"),
        ("activity=lazy", "unknown-value", "activity: expected one of active, idle, inactive, got 'lazy'"),
        ("activity=", "unknown-value", "activity: expected one of active, idle, inactive, got ''"),
        ("churned=yes", "unknown-value", "churned: expected one of true, false, got 'yes'"),
        ("as_of=now", "bad-instant", f"as_of: {EXAMPLE} 'now'"),
        ("as_of=", "bad-instant", f"as_of: {EXAMPLE} '' (it is empty)"),
        ("as_of=2026-03-02", "bad-instant", f"as_of: {EXAMPLE} '2026-03-02' (no time of day)"),
        (
            "as_of=2026-03-02T08:00:00+01:00",
            "bad-instant",
            f"as_of: {EXAMPLE} '2026-03-02T08:00:00 01:00' (a + in a URL is sent as %2B)",
        ),
        (
            "as_of=2026-03-02T08:00:00Z&as_of=2026-03-02T08:00:00Z",
            "repeated-filter",
            "as_of: expected it once, got it again with '2026-03-02T08:00:00Z'",
        ),
        ("cursor=1", "bad-cursor", "cursor: expected a next_cursor of this list, got '1'"),
        ("cursor=1.2.3", "bad-cursor", "cursor: expected a next_cursor of this list, got '1.2.3'"),
    ],
)
def test_players_are_asked_for_wrongly(stand: Any, query: str, code: str, message: str) -> None:
    assert stand.make().error(f"players?{query}") == (400, code, message)


@pytest.mark.parametrize("path", [KEY, "players"])
def test_an_instant_is_needed_as_of_which_one_is_seen(stand: Any, path: str) -> None:
    desk = stand.make()
    desk.put(*evening(stand))
    assert desk.error(f"{path}?as_of=tomorrow")[:2] == (400, "bad-instant")
    assert desk.error(f"{KEY}?activity=idle")[2] == "activity: expected one of the parameters as_of, run"


VISITS = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 7), st.integers(0, 90), st.sampled_from([20, 20, "x"])),
    max_size=12,
)


@given(first=VISITS, later=st.lists(VISITS, max_size=6), limits=st.lists(st.integers(1, 4), min_size=1))
@settings(deadline=None, max_examples=60)
def test_pages_show_every_player_once_while_more_come(
    stand: Any, pages: Any, first: Any, later: Any, limits: list[int]
) -> None:
    desk = stand.make()
    number = 0

    def put(visits: Any) -> None:
        nonlocal number
        for run, user, day, amount in visits:
            number += 1
            at = f"2026-{1 + day // 28:02}-{1 + day % 28:02}T08:00:00Z"
            event = {"user_id": f"u{user}", "amount": amount, "timestamp": at, "round_id": f"r{number}"}
            desk.put(stand.delivery(run=run, activity_id=str(number), **event))

    put(first)
    before = [(each["run"], each["user_id"]) for each in desk.get("players", limit=1_000)["players"]]
    found = pages(desk, "players", limits, lambda page: put(later[page]) if page < len(later) else None)
    shown = [(each["run"], each["user_id"]) for each in found]
    after = {(each["run"], each["user_id"]) for each in desk.get("players", limit=1_000)["players"]}
    assert len(before) == len(set(before))
    assert len(shown) == len(set(shown))
    assert set(before) <= set(shown) <= after
    assert [each for each in shown if each in set(before)] == before


def test_pages_of_what_the_filters_let_pass(stand: Any, pages: Any) -> None:
    desk = stand.make()
    for number in range(12):
        day = "2026-03-02" if number % 3 else "2026-01-02"
        desk.put(stand.delivery(user_id=f"u{number}", timestamp=f"{day}T08:00:00Z", run="ab"[number % 2]))
    everything = desk.get("players")["players"]
    assert len(everything) == 12
    for limit in range(1, 14):
        assert pages(desk, "players", [limit]) == everything
        some = pages(desk, "players", [limit], churned="true", as_of="2026-03-02T08:00:00Z")
        assert [each["user_id"] for each in some] == ["u0", "u6", "u3", "u9"]


def test_a_reset_begins_anew(stand: Any) -> None:
    desk = stand.make()
    desk.put(*evening(stand), *evening(stand, run="b"))
    desk.put(reset="default")
    assert [each["run"] for each in desk.get("players")["players"]] == ["b"]
    assert desk.error(f"{KEY}?run=default")[:2] == (404, "not-found")
    desk.put(stand.delivery(timestamp="2026-01-01T00:00:00Z", user_id="u2"))
    for each in (desk, stand.make(journal=desk.journal)):
        [found] = each.get("players", run="default")["players"]
        assert (found["user_id"], found["as_of"], found["bets"]) == ("u2", "2026-01-01T00:00:00Z", 1)


def test_a_run_that_is_closed_has_its_players_and_takes_more(stand: Any) -> None:
    desk = stand.make()
    desk.put(*evening(stand))
    before = desk.get("players")
    desk.put(closed="default")
    assert desk.get("players") == before
    desk.put(stand.delivery(round_id="r3", timestamp="2026-03-02T09:10:00Z"))
    assert desk.get(KEY)["bets"] == 3


def test_a_restart_on_a_file_shows_the_same(stand: Any, tmp_path: Path) -> None:
    desk = stand.make(journal=SQLiteJournal(tmp_path / "a.journal"))
    desk.put(*evening(stand), *evening(stand, run="b", user_id="u2"), stand.delivery(stand.bonus(), "BONUS"))
    desk.put(closed="b")
    before = [desk.get("players"), desk.get("players", limit=1), desk.get(KEY), desk.get("summary")["players"]]
    assert before[-1] == 2
    desk.journal.close()
    again = stand.make(journal=SQLiteJournal(tmp_path / "a.journal"))
    assert [
        again.get("players"),
        again.get("players", limit=1),
        again.get(KEY),
        again.get("summary")["players"],
    ] == before
    again.journal.close()


def test_what_eviction_took_is_counted_no_more_and_said(stand: Any) -> None:
    """The oldest entry is evicted with the two behind it: the whole of u1, the first Bet of u2, whose Win stays."""
    desk = stand.make(max_events=10)
    lone = [stand.delivery(user_id="u1", timestamp="2026-06-01T00:00:00Z"), stand.delivery(user_id="u1", type="Win")]
    more = [stand.delivery(user_id="u3", activity_id=str(number), round_id=f"r{number}") for number in range(4)]
    desk.put(*lone, *evening(stand, user_id="u2"), *more, stand.delivery(run="b"))
    assert desk.get("players")["complete"] is True
    desk.put(stand.delivery(user_id="u3", round_id="r9"))
    assert desk.journal.evicted == 3
    for each in (desk, stand.make(journal=desk.journal)):
        cut, whole, other = each.get("players")["players"]
        assert (cut["user_id"], cut["rounds"]["orphan"], cut["bets"], cut["sessions"]) == ("u2", 1, 1, 2)
        assert (whole["user_id"], whole["bets"], whole["churned"]) == ("u3", 5, True)
        assert cut["as_of"] == whole["as_of"] == "2026-06-01T00:00:00Z"
        assert other["as_of"] == "2026-03-02T08:27:58.721607Z"
        assert each.get("summary")["players"] == 3
        assert each.error("players/sub.example.com/u1")[:2] == (404, "not-found")
        assert each.get("players/sub.example.com/u3")["complete"] is False
        assert [each.get("players", **more)["complete"] for more in ({}, {"run": "default"}, {"run": "b"})] == [
            False,
            False,
            True,
        ]
        assert each.get(KEY)["complete"] is True
    desk.put(reset="default")
    desk.put(*evening(stand))
    assert desk.get("players", run="default")["complete"] is True
    assert desk.get(KEY, run="default")["as_of"] == "2026-03-02T09:00:00Z"
