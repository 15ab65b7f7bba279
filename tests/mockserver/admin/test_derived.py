"""`rounds`, `bonuses` and `findings`: what the follower derived, whole and page by page."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ODD_IDS = ["a/b", "50%", "a b", "é🎰", "a\nb", "%2F", ".", "..", "a?b", "a#b", "a+b", "a;b", "\0", "//", "ﬁ"]


def url(*parts: str) -> str:
    return "/".join(quote(part, safe="").replace(".", "%2E") for part in parts)


def test_a_round_is_shown_with_its_run_and_whether_it_is_complete(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(), stand.delivery(type="Win", amount=50, activity_id="w"))
    found = desk.get("rounds/sub.example.com/52530/r1")
    assert found["complete"] is True
    assert (found["run"], found["state"], found["outcome"], found["seqs"]) == ("default", "settled", "won", [1, 2])
    assert found["ggr"] == {"real": "0", "bonus": "0", "locked": "0", "unallocated": "-30", "total": "-30"}
    [listed] = desk.get("rounds")["rounds"]
    assert listed | {"complete": True} == found


def test_a_bonus_is_shown_with_its_statuses(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(stand.bonus(), "BONUS"), stand.delivery(user_bonus_id="863512"))
    found = desk.get("bonuses/863512")
    assert (found["run"], found["status"], found["seqs"], found["casino_seqs"]) == ("default", "Created", [1], [2])
    assert found["statuses"] == [{"status": "Created", "at": "2026-03-02T08:00:00Z", "seq": 1}]
    [listed] = desk.get("bonuses")["bonuses"]
    assert listed | {"complete": True} == found


@pytest.mark.parametrize("odd", ODD_IDS)
@pytest.mark.parametrize("name", ["origin", "user_id", "round_id"])
def test_a_round_is_found_by_any_ids(stand: Any, odd: str, name: str) -> None:
    key = {"origin": "o", "user_id": "u", "round_id": "r"} | {name: odd}
    desk = stand.make()
    desk.put(stand.delivery(**key), stand.delivery())
    found = desk.get(f"rounds/{url(*key.values())}")
    assert {part: found[part] for part in key} == key
    assert [listed["seqs"] for listed in desk.get("rounds", **{name: odd})["rounds"]] == [[1]]


@pytest.mark.parametrize("odd", ODD_IDS)
def test_a_bonus_is_found_by_any_id(stand: Any, odd: str) -> None:
    desk = stand.make()
    desk.put(stand.delivery(stand.bonus(user_bonus_id=odd), "BONUS"))
    assert desk.get(f"bonuses/{url(odd)}")["user_bonus_id"] == odd


def test_a_round_that_never_came_is_not_found(stand: Any) -> None:
    assert stand.make().error("rounds/a/b/c") == (
        404,
        "not-found",
        "expected one of the rounds with origin 'a', user_id 'b', round_id 'c', got none",
    )


def test_a_round_of_which_nothing_was_folded_says_what_carries_its_key(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(vendor_name=None), stand.delivery(disposition="refused"))
    status, code, message = desk.error("rounds/sub.example.com/52530/r1")
    assert (status, code) == (404, "not-found")
    assert message.endswith("got none; the deliveries [1, 2] carry its key but were not folded")
    desk.put(stand.delivery())
    assert desk.get("rounds/sub.example.com/52530/r1")["excluded"] == [1, 2]


def test_a_round_in_two_runs_is_ambiguous_without_one(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(run="a"), stand.delivery(run="b", type="Win"))
    status, code, message = desk.error("rounds/sub.example.com/52530/r1")
    assert (status, code) == (409, "ambiguous")
    assert "'run': 'a'" in message
    assert "'run': 'b'" in message
    assert desk.get("rounds/sub.example.com/52530/r1", run="a")["state"] == "open"
    assert desk.get("rounds/sub.example.com/52530/r1", run="b")["state"] == "orphan"
    assert desk.error("rounds/sub.example.com/52530/r1?run=c")[:2] == (404, "not-found")


def test_a_bonus_id_of_two_players_is_ambiguous_without_one(stand: Any) -> None:
    desk = stand.make()
    desk.put(*[stand.delivery(stand.bonus(user_id=user), "BONUS") for user in ("u1", "u2")])
    assert desk.error("bonuses/863512")[:2] == (409, "ambiguous")
    assert desk.get("bonuses/863512", user_id="u2")["user_id"] == "u2"
    assert desk.get("bonuses/863512", user_id="u2", origin="sub.example.com", run="default")["seqs"] == [2]
    assert desk.error("bonuses/863512?user_id=u3")[:2] == (404, "not-found")


def test_rounds_are_narrowed_by_each_filter(stand: Any) -> None:
    desk = stand.make()
    mine = {"origin": "o2", "user_id": "u2", "round_id": "r2", "run": "mine", "game_id": "g2", "vendor_id": "v2"}
    desk.put(
        stand.delivery(origin="o1", user_id="u1", round_id="r1"),
        stand.delivery(**mine),
        stand.delivery(**mine, type="Win"),
    )
    filters = mine | {"state": "settled", "outcome": "won"}
    for name, value in filters.items():
        assert [found["seqs"] for found in desk.get("rounds", **{name: value})["rounds"]] == [[2, 3]]
        if name in mine:
            assert desk.get("rounds", **{name: value + "x"})["rounds"] == []
    assert len(desk.get("rounds", **filters)["rounds"]) == 1
    assert desk.get("rounds", **filters | {"state": "open"})["rounds"] == []
    assert desk.get("rounds", **filters | {"outcome": "lost"})["rounds"] == []


@pytest.mark.parametrize(("name", "known"), [("state", "open, settled, orphan, voided"), ("outcome", "won, lost")])
def test_a_filter_of_rounds_has_one_of_its_values(stand: Any, name: str, known: str) -> None:
    assert stand.make().error(f"rounds?{name}=x") == (
        400,
        "unknown-value",
        f"{name}: expected one of {known}, got 'x'",
    )


def test_bonuses_are_narrowed_by_each_filter(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(stand.bonus(), "BONUS"))
    mine = stand.bonus(origin="o2", user_id="u2", user_bonus_id="b2", status="Closed")
    desk.put(stand.delivery(mine, "BONUS", run="mine"))
    filters = {"run": "mine", "origin": "o2", "user_id": "u2", "user_bonus_id": "b2", "status": "Closed"}
    for name, value in filters.items():
        assert [found["seqs"] for found in desk.get("bonuses", **{name: value})["bonuses"]] == [[2]]
        assert desk.get("bonuses", **{name: value + "x"})["bonuses"] == []


def test_findings_are_those_of_events_and_of_rounds(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(), stand.delivery(), stand.delivery(amount="x", round_id="r2", activity_id="a2"))
    found = desk.get("findings")["findings"]
    by_event = [finding for finding in found if finding["seq"] is not None]
    by_group = [finding for finding in found if finding["seq"] is None]
    assert [(finding["seq"], finding["witness"], finding["round_id"]) for finding in by_event] == [(3, [3], "r2")]
    assert [(finding["witness"], finding["round_id"], finding["user_bonus_id"]) for finding in by_group] == [
        ([1, 2], "r1", None)
    ]


def test_findings_are_narrowed_by_each_filter(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(amount="x"), stand.delivery(b"{"))
    odd = {"origin": "o2", "user_id": "u2", "round_id": "r2", "user_bonus_id": "b2"}
    desk.put(stand.delivery(**odd, run="mine", currency="DEM", amount=0))
    [finding] = desk.get("findings", run="mine")["findings"]
    assert finding["confidence"] != "documented"
    for name in ("rule", "confidence", *odd):
        assert desk.get("findings", **{name: finding[name]})["findings"] == [finding]
        if name != "confidence":
            assert desk.get("findings", **{name: finding[name] + "x"})["findings"] == []


def clashing(stand: Any, run: str = "default", **ids: str) -> list[Any]:
    """Deliveries with three contradictions across rounds, at the second, the third and the fourth."""
    changes: list[dict[str, Any]] = [
        {"round_id": "r1", "activity_id": "a1"},
        {"round_id": "r2", "activity_id": "a2", "game_name": "Dead"},
        {"round_id": "r3", "activity_id": "a3", "currency": "USD"},
        {"round_id": "r4", "activity_id": "a1"},
    ]
    return [stand.delivery(run=run, **change, **ids) for change in changes]


def across_in(desk: Any, **filters: str) -> list[tuple[str, str, int, list[int]]]:
    """Run, rule, seq and witness of the findings across rounds."""
    found = desk.get("findings", **filters)["findings"]
    names = ("run", "rule", "seq", "witness")
    return [tuple(each[name] for name in names) for each in found if each["rule"] in ("FT322", "FT601", "FT602")]


ACROSS = [("FT601", 2, [1, 2]), ("FT602", 3, [1, 3]), ("FT322", 4, [1, 4])]


def test_findings_across_rounds_stand_behind_those_of_the_groups_with_the_event_that_brings_them(stand: Any) -> None:
    desk = stand.make()
    desk.put(*clashing(stand), stand.delivery(type="Win", round_id="r5", activity_id="a5", game_id="lone"))
    found = desk.get("findings")["findings"]
    assert [(each["rule"], each["seq"], each["witness"]) for each in found[-3:]] == ACROSS
    assert [each["rule"] for each in found[:-3]] == ["FT301"]
    names = ("origin", "user_id", "round_id", "user_bonus_id")
    assert [found[-1][name] for name in names] == ["sub.example.com", "52530", "r4", ""]
    assert (found[-1]["confidence"], found[-1]["clause"]) == ("documented", "casino.activity_id")
    again = stand.make(journal=desk.journal)
    assert again.get("findings") == desk.get("findings")


def test_findings_across_rounds_are_narrowed_by_each_filter(stand: Any) -> None:
    desk = stand.make()
    desk.put(*clashing(stand), *clashing(stand, "mine", origin="o2", user_id="u2", user_bonus_id="b2"))
    mine = [("mine", rule, seq + 4, [at + 4 for at in witness]) for rule, seq, witness in ACROSS]
    for filters in ({"run": "mine"}, {"origin": "o2"}, {"user_id": "u2"}, {"user_bonus_id": "b2"}):
        assert across_in(desk, **filters) == mine
    both = [("default", *each) for each in ACROSS] + mine
    assert across_in(desk) == both
    assert across_in(desk, rule="FT602") == [both[1], mine[1]]
    assert across_in(desk, confidence="vendor") == [both[0], mine[0]]
    assert across_in(desk, round_id="r4") == [both[2], mine[2]]
    assert across_in(desk, round_id="r1") == []
    assert across_in(desk, run="mine", rule="FT322", confidence="documented", round_id="r4") == [mine[2]]


def test_findings_across_rounds_come_page_by_page(stand: Any, pages: Any) -> None:
    desk = stand.make()
    for run in ("a", "b"):
        desk.put(stand.delivery(run=run, amount="x", round_id="r0"), *clashing(stand, run))
        desk.put(stand.delivery(run=run, type="Win", round_id="r5", activity_id="a5", game_id="lone"))
    everything = desk.get("findings")["findings"]
    assert [each["rule"] for each in everything] == ["FT111", "FT301", "FT601", "FT602", "FT322"] * 2
    for limit in range(1, 12):
        assert pages(desk, "findings", [limit]) == everything
        assert pages(desk, "findings", [limit], run="b") == everything[5:]
        assert pages(desk, "findings", [limit], rule="FT602") == [everything[3], everything[8]]


def test_a_cursor_among_the_findings_across_rounds_stays_its_place(stand: Any) -> None:
    desk = stand.make()
    desk.put(*clashing(stand))
    first = desk.get("findings", limit=2)
    assert [each["rule"] for each in first["findings"]] == ["FT601", "FT602"]
    desk.put(stand.delivery(amount="x", round_id="r6"), stand.delivery(round_id="r7", activity_id="a2"))
    rest = desk.get("findings", cursor=first["next_cursor"])["findings"]
    assert [(each["rule"], each["witness"]) for each in rest] == [("FT322", [1, 4]), ("FT322", [2, 6])]


def test_findings_across_rounds_are_gone_for_good_once_anything_was_evicted(stand: Any) -> None:
    desk = stand.make(max_events=10)
    desk.put(*clashing(stand), *clashing(stand, "b"))
    assert len(across_in(desk)) == 6
    desk.put(*[stand.delivery(round_id=f"n{number}", activity_id=f"n{number}") for number in range(3)])
    assert desk.journal.evicted == 3
    for each in (desk, stand.make(journal=desk.journal)):
        assert across_in(each, run="default") == []
        assert {"FT322", "FT601", "FT602"}.isdisjoint(each.get("summary", run="default")["findings"])
    assert [rule for _, rule, _, _ in across_in(desk, run="b")] == ["FT601", "FT602", "FT322"]
    desk.put(*clashing(stand))
    assert across_in(desk, run="default") == []


def test_findings_across_rounds_begin_anew_with_a_reset(stand: Any) -> None:
    desk = stand.make()
    desk.put(*clashing(stand))
    desk.put(reset="default")
    desk.put(stand.delivery(round_id="r9", activity_id="a1", currency="USD", game_name="Dead"))
    assert across_in(desk) == []
    desk.put(stand.delivery(round_id="r8", activity_id="a1", currency="USD", game_name="Dead"))
    assert across_in(desk) == [("default", "FT322", 7, [6, 7])]
    assert across_in(stand.make(journal=desk.journal)) == across_in(desk)


def test_pages_end_where_the_runs_do(stand: Any, pages: Any) -> None:
    desk = stand.make()
    for run in ("a", "b", "c"):
        desk.put(*[stand.delivery(run=run, round_id=f"r{number}", amount="x") for number in range(4)])
        desk.put(*[stand.delivery(run=run, round_id=f"r{number}", activity_id=f"a{number}") for number in range(4)])
    for name in ("rounds", "findings"):
        for limit in range(1, 14):
            assert pages(desk, name, [limit]) == desk.get(name)[name]
        assert len(desk.get(name)[name]) == 12


GROUPS = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 9), st.sampled_from([20, 20, "x"])), max_size=12
)


@given(
    first=GROUPS,
    later=st.lists(GROUPS, max_size=6),
    limits=st.lists(st.integers(1, 4), min_size=1),
    name=st.sampled_from(["rounds", "bonuses", "findings"]),
)
@settings(deadline=None, max_examples=60)
def test_pages_show_everything_once_while_more_comes(
    stand: Any, pages: Any, first: Any, later: Any, limits: list[int], name: str
) -> None:
    """All that was there before the first page, and still is, is shown once, though the lists grow meanwhile."""
    desk = stand.make()
    number = 0

    def put(groups: Any) -> None:
        nonlocal number
        for run, group, amount in groups:
            number += 1
            ids = {"round_id": f"r{group}", "user_bonus_id": f"b{group}", "game_name": f"Game {group % 3}"}
            desk.put(stand.delivery(run=run, amount=amount, activity_id=str(number), **ids))

    def identity(found: Any) -> Any:
        if name != "findings":
            return (found["run"], found["round_id" if name == "rounds" else "user_bonus_id"])
        return (found["run"], found["seq"], found["rule"], found["round_id"], found["user_bonus_id"], found["pointer"])

    put(first)
    before = [identity(found) for found in pages(desk, name, [1_000])]
    shown = [
        identity(found)
        for found in pages(desk, name, limits, lambda page: put(later[page]) if page < len(later) else None)
    ]
    after = {identity(found) for found in pages(desk, name, [1_000])}
    assert len(before) == len(set(before))
    assert len(shown) == len(set(shown))
    assert set(before) & after <= set(shown)
    assert set(before) <= after or name == "findings"  # which later events may withdraw


def test_a_cursor_of_a_run_that_was_reset_shows_what_came_since(stand: Any) -> None:
    desk = stand.make()
    desk.put(*[stand.delivery(run=run, round_id=f"r{number}") for run in "ab" for number in range(3)])
    cursor = desk.get("rounds", limit=3)["next_cursor"]
    desk.put(reset="a")
    assert [found["run"] for found in desk.get("rounds", cursor=cursor)["rounds"]] == ["b"] * 3


def test_what_eviction_cut_says_so(stand: Any) -> None:
    desk = stand.make(max_events=10)
    desk.put(*[stand.delivery(activity_id=str(number)) for number in range(10)], stand.delivery(run="b", round_id="r2"))
    assert desk.journal.evicted == 3
    assert desk.get("rounds/sub.example.com/52530/r1")["complete"] is False
    assert desk.get("rounds/sub.example.com/52530/r2")["complete"] is True
    for name in ("rounds", "bonuses", "findings"):
        assert desk.get(name)["complete"] is False
        assert desk.get(name, run="default")["complete"] is False
        assert desk.get(name, run="b")["complete"] is True


def test_what_eviction_cut_before_a_restart_says_so_too(stand: Any) -> None:
    """Whose entries they were is not known any more, so that no run is surely complete."""
    first = stand.make(max_events=10)
    first.put(*[stand.delivery(activity_id=str(number)) for number in range(11)])
    desk = stand.make(journal=first.journal)
    for name in ("rounds", "bonuses", "findings"):
        assert desk.get(name)["complete"] is False
        assert desk.get(name, run="default")["complete"] is False
    assert desk.get("rounds/sub.example.com/52530/r1")["complete"] is False


def test_a_run_that_was_reset_is_complete_again(stand: Any) -> None:
    desk = stand.make(max_events=10)
    desk.put(*[stand.delivery(activity_id=str(number)) for number in range(11)])
    desk.put(reset="default")
    desk.put(stand.delivery())
    for again in (desk, stand.make(journal=desk.journal)):
        assert again.get("rounds", run="default")["complete"] is True
        assert again.get("rounds/sub.example.com/52530/r1")["complete"] is True
