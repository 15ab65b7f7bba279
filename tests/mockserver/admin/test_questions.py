"""`questions`: what the rounds depend on that the contract leaves open, page by page and while other things happen."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.cli import main
from ftcrm.contracts import Ruleset, Settings
from ftcrm.contracts.questions import LEDGER
from ftcrm.contracts.rounds import Readings
from ftcrm.contracts.settings import settings_of
from ftcrm.mockserver.journal import SQLiteJournal

ZERO = {"real": "0", "bonus": "0", "locked": "0", "unallocated": "0", "total": "0"}


def shown(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["round_id"], each["assumption"]) for each in answer["questions"]]


def bet(stand: Any, round_id: str = "r1", amount: Any = 20, **more: Any) -> Any:
    """A Bet of real money, of which nothing is in question."""
    given = {"round_id": round_id, "activity_id": f"{round_id}-bet", "amount": amount, "wager_amount": amount}
    return stand.delivery(**given | more)


def evening(stand: Any, **more: Any) -> list[Any]:
    """A round for each of several questions, and one of which nothing is asked."""
    return [
        bet(stand, "plain", **more),
        bet(stand, "flag", is_round_end=True, **more),
        bet(stand, "twice", **more),
        bet(stand, "twice", **more),
        bet(stand, "broken", vendor_name=None, **more),
        bet(stand, "late", **more),
        bet(stand, "late", type="Win", activity_id="late-win", vendor_name=None, **more),
        bet(stand, "both", is_round_end=True, **more),
        bet(stand, "both", is_round_end=True, **more),
    ]


EVENING = [
    ("flag", "end-flag"),
    ("twice", "repeats"),
    ("late", "invalid-events"),
    ("both", "end-flag"),
    ("both", "repeats"),
    ("broken", "invalid-events"),
]
"""What is asked of it: last of the round of which nothing counts."""


def test_a_question_is_shown_with_what_each_reading_makes_of_the_round(stand: Any) -> None:
    desk = stand.make()
    desk.put(bet(stand), bet(stand, activity_id="x", status="Rollback", timestamp="2026-03-02T08:29:00Z"))
    answer = desk.get("questions")
    assert (answer["next_cursor"], answer["complete"]) == (None, True)
    (found,) = answer["questions"]
    readings = found.pop("readings")
    (assumption,) = (each for each in LEDGER if each.name == "rollback-target")
    assert found == {
        "run": "default",
        "origin": "sub.example.com",
        "user_id": "52530",
        "round_id": "r1",
        "assumption": "rollback-target",
        "question": assumption.question,
        "source": assumption.source,
        "given": {},
        "at_stake": {"EUR": {"bet": "20", "win": "0", "ggr": "20"}},
    }
    twenty = ZERO | {"real": "20", "total": "20"}
    nothing = {"bet": ZERO, "win": ZERO, "ggr": ZERO}
    money = {"bet": twenty, "win": ZERO, "ggr": twenty}
    sums = {"base": money, "totals": {"EUR": money}}
    games = [{"vendor_id": "1", "game_id": "10911"} | sums]
    voided = {"state": "voided", "outcome": None, "played": False, "base": nothing, "totals": {"EUR": nothing}}
    voided |= {"bonuses": [], "games": []}
    opened = {"state": "open", "outcome": None, "played": True, "bonuses": [], "games": games} | sums
    assert [(each["reading"], each["outcome"]) for each in readings] == [
        ("any", voided),
        ("own-id", opened),
        ("likeness", voided),
    ]
    assert [each["meaning"] for each in readings] == [meaning for _, meaning in assumption.readings]


def test_a_history_that_depends_on_nothing_has_no_questions(stand: Any) -> None:
    desk = stand.make()
    desk.put(bet(stand), bet(stand, type="Win", activity_id="w"), stand.delivery(stand.bonus(), "BONUS"))
    assert desk.get("questions") == {"questions": [], "next_cursor": None, "complete": True}


def test_rounds_of_which_nothing_counts_stand_behind_the_others(stand: Any) -> None:
    desk = stand.make()
    desk.put(*evening(stand))
    assert shown(desk.get("questions")) == EVENING


def test_a_round_of_what_was_refused_is_in_question_once_it_can_be_read(stand: Any) -> None:
    desk = stand.make()
    desk.put(
        bet(stand, "refused", disposition="refused"),
        stand.delivery(b'{"round_id": "unreadable"', disposition="refused"),
        bet(stand, "no amount", amount=None, wager_amount=None),
        stand.delivery(stand.casino(round_id="odd"), "CASINOO"),
    )
    assert shown(desk.get("questions")) == [("refused", "invalid-events")]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"assumption": "repeats"}, [("twice", "repeats"), ("both", "repeats")] * 2),
        ({"assumption": "invalid-events", "run": "nightly"}, [EVENING[2], EVENING[5]]),
        ({"round_id": "both"}, EVENING[3:5] * 2),
        ({"round_id": "broken", "run": "default"}, EVENING[5:]),
        ({"round_id": "plain"}, []),
        ({"user_id": "52530", "origin": "sub.example.com", "run": "default"}, EVENING),
        ({"user_id": "other"}, []),
        ({"run": "none"}, []),
    ],
)
def test_questions_are_narrowed_by_each_filter(
    stand: Any, filters: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    desk = stand.make()
    desk.put(*evening(stand), *evening(stand, run="nightly"))
    assert shown(desk.get("questions", **filters)) == expected


@pytest.mark.parametrize(
    ("query", "code", "said"),
    [
        ("assumption=dice", "unknown-value", "assumption: expected one of rollback-target, rollback-amount, "),
        ("state=open", "unknown-filter", "state: expected one of the parameters assumption, "),
        ("cursor=1.2", "bad-cursor", "cursor: expected a next_cursor of this list, got '1.2'"),
        ("limit=0", "bad-limit", "limit: expected a number from 1 to 1000, got '0'"),
    ],
)
def test_questions_are_asked_for_wrongly(stand: Any, query: str, code: str, said: str) -> None:
    status, found, message = stand.make().error(f"questions?{query}")
    assert (status, found) == (400, code)
    assert message.startswith(said)


def test_what_the_settings_read_otherwise_is_answered(stand: Any) -> None:
    readings = Readings(repeats="every", end_flag="settles")
    desk = stand.make(ruleset=Ruleset(Settings(readings=readings)))
    desk.put(*evening(stand))
    assert shown(desk.get("questions")) == [("late", "invalid-events"), ("broken", "invalid-events")]
    folded = stand.make(accept_invalid=True)
    folded.put(*evening(stand))
    assert [each for each in EVENING if each[1] != "invalid-events"] == shown(folded.get("questions"))


def test_what_the_settings_have_as_the_engine_has_it_is_answered_too(stand: Any) -> None:
    told = settings_of({"readings": ["repeats=once", "end-flag=informs"]})
    desk = stand.make(ruleset=Ruleset(told))
    desk.put(*evening(stand))
    assert shown(desk.get("questions")) == [("late", "invalid-events"), ("broken", "invalid-events")]
    all_told = msgspec.structs.replace(told, answered=told.answered | {"invalid-events"})
    desk = stand.make(ruleset=Ruleset(all_told))
    desk.put(*evening(stand))
    assert shown(desk.get("questions")) == []


def test_the_outcomes_are_those_under_the_readings_of_the_settings(stand: Any) -> None:
    desk = stand.make(ruleset=Ruleset(Settings(readings=Readings(repeats="every"))))
    desk.put(*evening(stand))
    (found,) = desk.get("questions", round_id="both")["questions"]
    assert found["readings"][0]["outcome"]["totals"]["EUR"]["bet"]["total"] == "40"
    assert desk.get("rounds/sub.example.com/52530/both")["bet"]["total"] == "40"


@given(limits=st.lists(st.integers(1, 4), min_size=1, max_size=4), data=st.data())
@settings(max_examples=20)
def test_pages_show_every_question_once_while_more_come(
    stand: Any, pages: Any, limits: list[int], data: st.DataObject
) -> None:
    desk = stand.make()
    runs = ("default", "nightly")
    for run in runs:
        desk.put(*evening(stand, run=run))

    def between(page: int) -> None:
        if data.draw(st.booleans()):
            desk.put(bet(stand, f"new{page}", is_round_end=True), bet(stand, f"bad{page}", vendor_name=None))

    found = [(each["run"], each["round_id"], each["assumption"]) for each in pages(desk, "questions", limits, between)]
    assert len(set(found)) == len(found)
    for run in runs:
        ours = [(round_id, name) for of, round_id, name in found if of == run]
        assert [each for each in ours if each in EVENING] == EVENING


def test_a_saved_history_is_asked_the_same(stand: Any) -> None:
    desk = stand.make()
    for run in ("default", "nightly"):
        desk.put(*evening(stand, run=run), bet(stand, "refused", run=run, disposition="refused"))
        desk.put(bet(stand, "aborted", run=run, transaction=f"t-{run}", is_round_end=True))
        desk.put(mark=stand.mark(f"t-{run}", committed=False))
    history = desk.ask("GET", "/_ftcrm/history").content
    offline = CliRunner().invoke(main, ["questions", "-", "--format", "json"], input=history)
    served = desk.get("questions")["questions"]

    def place(question: dict[str, Any]) -> tuple[str, ...]:
        return question["run"], question["round_id"], question["assumption"]

    assert len(served) == 2 * (len(EVENING) + 1)
    assert sorted(json.loads(offline.stdout)["questions"], key=place) == sorted(served, key=place)


@pytest.mark.parametrize("hot", [1, 20_000])
def test_cold_rounds_and_what_was_left_out_of_them_are_fetched_again(stand: Any, hot: int) -> None:
    desk = stand.make(hot=hot)
    for delivery in evening(stand):
        desk.put(delivery)
    assert shown(desk.get("questions")) == EVENING


def test_a_restart_on_a_file_asks_the_same(stand: Any, tmp_path: Path) -> None:
    desk = stand.make(journal=SQLiteJournal(tmp_path / "j"))
    desk.put(*evening(stand))
    before = desk.get("questions")
    desk.journal.close()
    again = stand.make(journal=SQLiteJournal(tmp_path / "j"))
    assert again.get("questions") == before
    again.journal.close()


def test_a_reset_begins_anew_and_a_closed_run_is_asked_about_as_before(stand: Any) -> None:
    desk = stand.make()
    desk.put(*evening(stand))
    desk.put(closed="default")
    assert shown(desk.get("questions")) == EVENING
    desk.put(reset="default")
    assert shown(desk.get("questions")) == []
    desk.put(bet(stand, "flag", is_round_end=True))
    assert shown(desk.get("questions")) == [("flag", "end-flag")]


def test_what_eviction_took_is_asked_about_no_more_and_said(stand: Any) -> None:
    desk = stand.make(max_events=10)
    desk.put(*evening(stand))
    for number in range(4):
        desk.put(bet(stand, f"r{number}"))
    answer = desk.get("questions")
    assert answer["complete"] is False
    assert EVENING[0] not in shown(answer)
    assert EVENING[-2] in shown(answer)


def test_others_have_their_turns_while_rounds_are_folded(stand: Any, meanwhile: Any, hasty: Any) -> None:
    """One after every other fold at least where slices are short; hardly any where none is ever over."""
    turns = {}
    for name, clock in (("hasty", hasty()), ("standing", lambda: 0.0)):
        desk = stand.make(monotonic=clock)
        desk.put(*[bet(stand, f"r{number}", is_round_end=True) for number in range(20)])
        desk.put(*[bet(stand, f"n{number}", vendor_name=None) for number in range(20)])
        answer, turns[name] = meanwhile(desk, "questions?limit=1000")
        assert len(answer["questions"]) == 40
    folds = 20 * (1 + 3) + 20 * (1 + 1)
    assert turns["hasty"] > turns["standing"] + folds // 2


@pytest.mark.parametrize("every", [2, 3, 5, 7])
def test_a_list_goes_on_whatever_happens_meanwhile(stand: Any, meanwhile: Any, hasty: Any, every: int) -> None:
    """Between any two folds come more events, resets and evictions, of what is being shown, too."""
    desk = stand.make(monotonic=hasty(), max_events=30, hot=1)
    for number in range(24):
        changes = {} if number % 3 else {"vendor_name": None}
        desk.put(bet(stand, f"r{number % 12}", activity_id=str(number), is_round_end=True, **changes))

    def meddle(turn: int) -> None:
        if turn % (9 * every) == 8 * every:
            desk.put(reset="default")
        elif turn % every == 0 and turn < 200:
            desk.put(bet(stand, f"n{turn}", is_round_end=True), bet(stand, f"m{turn}", vendor_name=None))
        desk.follower.catch_up()

    answer, turns = meanwhile(desk, "questions", meddle)
    assert turns > 5
    assert {each["run"] for each in answer["questions"]} <= {"default"}
    lost = desk.follower.state("default").evicted > 0
    assert desk.state() == stand.expected_state(desk.journal.read(after=0, limit=999), lost=lost)


def test_what_is_reset_while_it_is_asked_about_is_not_shown(stand: Any, meanwhile: Any, hasty: Any) -> None:
    desk = stand.make(monotonic=hasty())
    desk.put(bet(stand, is_round_end=True))

    def meddle(turn: int) -> None:
        if turn == 1:
            desk.put(reset="default")
            desk.follower.catch_up()

    answer, turns = meanwhile(desk, "questions", meddle)
    assert turns >= 1
    assert answer["questions"] == []
    desk.put(bet(stand, is_round_end=True))
    answer, _ = meanwhile(desk, "questions")
    assert shown(answer) == [("r1", "end-flag")]
