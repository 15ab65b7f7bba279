"""Long lists are made in slices: others go on meanwhile, and may change what is to be shown."""

import threading
from typing import Any

import pytest

from ftcrm.contracts import History
from ftcrm.mockserver.admin import folds

KEY = "players/sub.example.com/52530"


def bets(stand: Any, count: int, **more: Any) -> list[Any]:
    """So many Bets, each of a round of its own and an hour after the other."""
    days = [f"2026-03-02T{8 + number:02}:00:00Z" for number in range(count)]
    return [stand.delivery(timestamp=at, round_id=at, activity_id=at, **more) for at in days]


@pytest.mark.parametrize("hot", [1, 2, 20_000])
def test_cold_rounds_are_fetched_one_by_one(stand: Any, hot: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more rounds than may be hot hold their events while many players are shown, and each is shown whole."""
    desk = stand.make(hot=hot)
    for number in range(30):
        ids = {"user_id": f"u{number % 10}", "round_id": f"r{number}"}
        desk.put(stand.delivery(**ids), stand.delivery(**ids, type="Win", amount=50, activity_id="w"))
    groups = desk.follower.state("default").history.rounds
    asked: list[int] = []
    get = desk.journal.get
    monkeypatch.setattr(desk.journal, "get", lambda seqs: asked.append(len(seqs)) or get(seqs))
    assert [each["rounds"]["won"] for each in desk.get("players")["players"]] == [3] * 10
    assert set(asked) <= {2}
    assert len(groups._hot) <= hot


@pytest.mark.parametrize(
    ("path", "looks"),
    [("players", 40), ("sessions", 40), ("players/sub.example.com/u1", 10), ("rounds?user_id=nobody", 40)],
)
def test_others_have_their_turns_while_players_are_read(
    stand: Any, meanwhile: Any, hasty: Any, path: str, looks: int
) -> None:
    """One behind each few rounds where a slice is soon over; hardly any where none ever is."""
    turns = []
    for clock in (hasty(), lambda: 0.0):
        desk = stand.make(monotonic=clock)
        desk.put(*[stand.delivery(user_id=f"u{number % 4}", round_id=f"r{number}") for number in range(40)])
        turns.append(meanwhile(desk, path)[1])
    assert turns[0] > turns[1] + looks // 3


@pytest.mark.parametrize("path", ["players", "sessions", KEY])
def test_what_many_rounds_make_is_folded_in_a_thread(stand: Any, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many are more than two here, so that only of one player: what comes out is the same."""
    desk = stand.make()
    desk.put(*[bet for number in range(5) for bet in bets(stand, 2, user_id=f"u{number}")])
    desk.put(*bets(stand, 3), stand.delivery(stand.bonus(), "BONUS"))
    expected = desk.get(path)
    where: list[bool] = []
    for name in ("player", "sessions_of"):
        fold = getattr(History, name)

        def watched(*given: Any, fold: Any = fold, **more: Any) -> Any:
            where.append(threading.current_thread() is threading.main_thread())
            return fold(*given, **more)

        monkeypatch.setattr(History, name, watched)
    monkeypatch.setattr(folds, "LARGE", 2)
    assert desk.get(path) == expected
    assert where.count(False) == (1 if path == "sessions" else 2)
    assert any(where) == (path != KEY)


@pytest.mark.parametrize("path", ["players", "sessions", "rounds", "bonuses"])
@pytest.mark.parametrize("every", [1, 2, 3])
def test_a_list_goes_on_whatever_happens_meanwhile(
    stand: Any, meanwhile: Any, hasty: Any, path: str, every: int
) -> None:
    """Between any two rounds that are folded come more events, resets and evictions, of what is being shown, too."""
    desk = stand.make(monotonic=hasty(), max_events=30, hot=1)
    for number in range(28):
        ids = {"user_id": f"u{number % 7}", "round_id": f"r{number}", "user_bonus_id": f"b{number}"}
        desk.put(stand.delivery(**ids, activity_id=str(number)))

    def meddle(turn: int) -> None:
        if turn % (4 * every) == 3 * every:
            desk.put(reset="default")
        elif turn % every == 0 and turn < 200:
            late = {"user_id": f"u{turn % 8}", "round_id": f"n{turn}", "activity_id": f"n{turn}"}
            desk.put(stand.delivery(**late, user_bonus_id="b"))

    answer, turns = meanwhile(desk, path, meddle)
    assert turns >= 3 * every
    assert {each["run"] for each in answer[path]} <= {"default"}
    entries = desk.journal.read(after=0, limit=999)
    lost = desk.follower.state("default").evicted > 0
    assert desk.state() == stand.expected_state(entries, lost=lost)


@pytest.mark.parametrize("path", ["players", "sessions", "rounds", "bonuses"])
@pytest.mark.parametrize("turn", range(1, 10, 2))
def test_what_is_reset_and_evicted_while_it_is_shown_is_shown_no_further(
    stand: Any, meanwhile: Any, hasty: Any, path: str, turn: int
) -> None:
    desk = stand.make(monotonic=hasty(), max_events=30, hot=1)

    def put(user: str, many: int) -> None:
        ids = [{"user_id": user, "round_id": f"{user}r{at}", "user_bonus_id": f"{user}b{at}"} for at in range(many)]
        desk.put(*[stand.delivery(**each, activity_id=each["round_id"]) for each in ids])

    def meddle(number: int) -> None:
        if number == turn:
            desk.put(reset="default")
            put("late", 30)

    for user in ("u1", "u2", "u3", "u4"):
        put(user, 6)
    answer, turns = meanwhile(desk, path, meddle)
    assert turns >= turn
    assert desk.journal.get(range(1, 25)) == []
    [late] = desk.get("players")["players"]
    assert {each["bets"] for each in answer[path] if "bets" in each and path != "bonuses"} <= {6, late["bets"]}
