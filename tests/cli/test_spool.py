"""A file that is folded player by player comes to what it comes to as a whole."""

import gc
import json
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.cli import bonuses, players, rounds, sessions
from ftcrm.cli.spool import Spool
from ftcrm.contracts import Message, Ruleset, Settings
from ftcrm.contracts.check import Check
from ftcrm.contracts.errors import HistoryError
from ftcrm.contracts.history import NOT_FOLDED
from ftcrm.contracts.lines import Line, Mark
from ftcrm.contracts.views import player_view, session_view

MINUTE = 60_000_000
START = 1_772_438_400_000_000
"""2026-03-02T08:00:00Z"""
BET: dict[str, Any] = {
    "activity_id": "a1",
    "type": "Bet",
    "status": "Approved",
    "amount": 20,
    "currency": "EUR",
    "exchange_rate": 1,
    "round_id": "r1",
    "user_id": "u1",
    "origin": "o",
    "user_bonus_id": "",
    "game_id": "g1",
    "game_name": "Dead or Alive",
    "game_type": "Slots",
    "vendor_id": "1",
    "vendor_name": "Netent",
    "timestamp": "2026-03-02T08:00:00Z",
}
BONUS: dict[str, Any] = {
    "amount": 10,
    "bonus_id": "9821",
    "currency": "EUR",
    "exchange_rate": 1,
    "origin": "o",
    "product": "Casino",
    "required_wagering_amount": 40,
    "status": "Created",
    "timestamp": "2026-03-02T08:00:00Z",
    "type": "WelcomeBonus",
    "user_bonus_id": "b1",
    "user_id": "u1",
}
INSTANTS = st.sampled_from(
    [f"2026-03-{day}T{time}Z" for day in ("02", "28") for time in ("08:00:00", "08:30:00", "10:00:00")]
)
RUNS = st.sampled_from(["one", "one", "two"])
TRANSACTIONS = st.sampled_from([None, None, "t1", "t2"])
WRONG = st.sampled_from([{}] * 8 + [{"type": "bet"}, {"status": "Refund"}, {"round_id": ""}, {"game_name": ""}])
ODD = st.sampled_from([b"[]", b"{", b"{}", b'{"user_id": "u1", "origin": "o", "round_id": "r1"}'])


@st.composite
def casino_documents(draw: st.DrawFn) -> dict[str, Any]:
    """Events over few ids, some of which break the contract, so that they meet in every way."""
    return BET | {
        "activity_id": draw(st.sampled_from("abc")),
        "type": draw(st.sampled_from(["Bet", "Bet", "Win", "Loss"])),
        "status": draw(st.sampled_from(["Approved", "Approved", "Rollback"])),
        "amount": draw(st.sampled_from([20, 20, 5, 0])),
        "currency": draw(st.sampled_from(["EUR", "EUR", "USD"])),
        "round_id": draw(st.sampled_from(["r1", "r2", "r3"])),
        "user_id": draw(st.sampled_from(["u1", "u1", "u2"])),
        "origin": draw(st.sampled_from(["o", "o", "o", "p"])),
        "user_bonus_id": draw(st.sampled_from(["", "b1", "b2"])),
        "game_name": draw(st.sampled_from(["Dead or Alive", "Starburst"])),
        "timestamp": draw(INSTANTS),
        "meta": draw(st.sampled_from([{}, {"a": 1.50}, {"a": "é"}])),
        **draw(WRONG),
    }


@st.composite
def bonus_documents(draw: st.DrawFn) -> dict[str, Any]:
    return BONUS | {
        "status": draw(st.sampled_from(["Created", "Completed", "Lost", "created"])),
        "user_id": draw(st.sampled_from(["u1", "u1", "u2"])),
        "user_bonus_id": draw(st.sampled_from(["b1", "b2", ""])),
        "timestamp": draw(INSTANTS),
    }


@st.composite
def lines(draw: st.DrawFn) -> Line:
    kind = draw(st.sampled_from(["CASINO"] * 5 + ["BONUS", "PAYMENT", None]))
    documents = (bonus_documents() if kind == "BONUS" else casino_documents()).map(
        lambda made: json.dumps(made).encode()
    )
    raw = draw(documents if kind == "BONUS" else documents | documents | ODD)
    return Line(
        1,
        Message("rest", raw, kind),
        seq=draw(st.none() | st.integers(1, 60)),
        run=draw(RUNS),
        disposition=draw(st.sampled_from(["accepted"] * 6 + ["refused", "aborted", "pending"])),
        received_at=draw(st.none() | st.integers(0, 90).map(lambda minutes: START + minutes * MINUTE)),
        transaction=draw(TRANSACTIONS),
    )


decisions = st.builds(
    Mark,
    st.just("transaction"),
    transaction=st.sampled_from(["t1", "t2"]),
    committed=st.sampled_from([True, True, False]),
)
marks = st.one_of(
    st.builds(Mark, st.just("closed"), RUNS),
    st.builds(Mark, st.just("evicted"), RUNS | st.just("")),
    st.builds(Mark, st.just("deadline"), RUNS, st.integers(0, 90).map(lambda minutes: START + minutes * MINUTE)),
)
files = st.lists(st.sampled_from([lines()] * 7 + [decisions] * 2 + [marks]).flatmap(lambda drawn: drawn), max_size=16)
KINDS = (rounds.KIND, bonuses.KIND, sessions.KIND, players.KIND)
Views = dict[str, dict[tuple[str, str, str], list[dict[str, Any]]]]
"""Of each kind the views of each player (run, origin, user_id), in order."""


def views_of(found: Iterable[tuple[str, Iterable[Any]]]) -> Views:
    views: Views = {kind.name: defaultdict(list) for kind in KINDS}
    for name, each in found:
        for view in each:
            views[name][view["run"], view["origin"], view["user_id"]].append(view)
    return views


def as_a_whole(file: list[Line | Mark], **options: Any) -> Views:
    """What each run of the file comes to in one history, as `ftcrm check` has it."""
    check = Check(**options)
    for each in file:
        check.take(each)
    check.end()
    made: list[tuple[str, list[Any]]] = [
        ("rounds", [report.as_dict() for report in check.rounds()]),
        ("bonuses", [report.as_dict() for report in check.bonuses()]),
    ]
    for run, history in check._histories.items():
        for _, key in history.players.keys():  # noqa: SIM118 - a roster is no mapping
            of_run = {"run": run}
            made.append(("sessions", [of_run | session_view(session) for session in history.sessions_of(key)]))
            made.append(("players", [of_run | player_view(player) for player in [history.player(key)] if player]))
    return views_of(made)


def by_player(file: list[Line | Mark], *, wanted: dict[str, str] | None = None, **options: Any) -> Views:
    """What the commands make of it."""
    with Spool(wanted=wanted, **options) as spool:
        for each in file:
            spool.take(each)
        spool.end()
        found = views_of((kind.name, list(kind.views(player, None))) for player in spool.players() for kind in KINDS)
        for name, views in found.items():
            assert wanted or spool.has(name) is bool(views)
    return found


options_of_a_check = st.fixed_dictionaries(
    {
        "ruleset": st.sampled_from([0.0, 1800.0, None]).map(
            lambda deadline: Ruleset(Settings(round_deadline=deadline, select=("ALL",)))
        ),
        "accept_invalid": st.booleans(),
        "closed": st.booleans(),
    }
)


@settings(max_examples=300)
@given(file=files, options=options_of_a_check)
def test_player_by_player_is_as_a_whole(file: list[Line | Mark], options: dict[str, Any]) -> None:
    assert by_player(file, **options) == as_a_whole(file, **options)


@given(file=files, options=options_of_a_check, name=st.sampled_from(["run", "origin", "user_id"]))
def test_narrowing_leaves_other_players_out_and_changes_nothing_else(
    file: list[Line | Mark], options: dict[str, Any], name: str
) -> None:
    index = ("run", "origin", "user_id").index(name)
    value = ("one", "o", "u1")[index]
    assert by_player(file, wanted={name: value}, **options) == {
        kind: {player: each for player, each in views.items() if player[index] == value}
        for kind, views in as_a_whole(file, **options).items()
    }


@given(file=files, invalid=st.booleans())
def test_what_does_not_count_is_counted_as_check_counts_it(file: list[Line | Mark], *, invalid: bool) -> None:
    check = Check(accept_invalid=invalid)
    with Spool(ruleset=Ruleset(Settings()), accept_invalid=invalid, wanted={"user_id": "u1"}) as spool:
        for each in file:
            check.take(each)
            spool.take(each)
        spool.end()
        assert spool.events == check.events
        assert spool.counted() + spool.left_out.total() <= check.events
        if not invalid:
            found = {verdict: spool.left_out[verdict] for verdict in NOT_FOLDED}
            assert found == {verdict: check.verdicts[verdict] for verdict in NOT_FOLDED}
        if not any(isinstance(each, Mark) for each in file):
            assert spool.counted() + spool.left_out.total() == check.events


def line(number: int = 1, **changes: Any) -> Line:
    names = {name: changes.pop(name) for name in Line.__struct_fields__ if name in changes}
    return Line(number, Message("rest", json.dumps(BET | changes).encode(), "CASINO"), **names)


@pytest.fixture
def spool() -> Iterator[Spool]:
    with Spool(ruleset=Ruleset(Settings())) as made:
        yield made


def users(spool: Spool) -> list[str]:
    return [each.key.user_id for each in spool.players()]


def test_players_come_in_the_order_in_which_they_first_came(spool: Spool) -> None:
    for user in ("u2", "u10", "u1", "u2", "u1"):
        spool.take(line(user_id=user, activity_id=user))
    spool.end()
    assert users(spool) == ["u2", "u10", "u1"]
    assert users(spool) == ["u2", "u10", "u1"]


def test_an_aborted_transaction_brings_nobody_and_one_without_its_mark_brings_what_it_has(spool: Spool) -> None:
    for name in ("t1", "t2", "t3"):
        spool.take(line(user_id=name, transaction=name))
    spool.take(Mark("transaction", transaction="t1", committed=False))
    spool.take(Mark("transaction", transaction="t2", committed=True))
    spool.end()
    assert users(spool) == ["t2", "t3"]


def test_what_a_transaction_held_comes_with_its_mark_in_the_order_of_its_lines() -> None:
    file = [
        line(round_id="r3", activity_id="a3", transaction="t1"),
        line(round_id="r1", activity_id="a1", transaction="t1"),
        line(round_id="r2", activity_id="a2"),
        Mark("transaction", transaction="t1", committed=True),
        line(round_id="r4", activity_id="a4"),
    ]
    (views,) = by_player(file, ruleset=Ruleset(Settings()))["rounds"].values()
    assert [view["round_id"] for view in views] == ["r2", "r3", "r1", "r4"]


@pytest.mark.parametrize("mark", [Mark("deadline", "default", START), None])
def test_the_last_deadline_that_passed_is_the_one_that_counts(mark: Mark | None) -> None:
    """By a mark, or by the last delivery that says when it came, though it was held when it did."""
    bet = line(received_at=START)
    later = [line(2, received_at=START + after * MINUTE, transaction="t1", run="two") for after in (1, 60)]
    marks = [Mark("deadline", "default", START + 60 * MINUTE), mark] if mark else []
    file = [bet, *(marks or later), Mark("transaction", transaction="t1", committed=True)]
    found = by_player(file, ruleset=Ruleset(Settings(round_deadline=1800.0)))
    ((view, *_), *_) = found["rounds"].values()
    assert [finding["rule"] for finding in view["findings"]] == ["FT308"]


def test_the_instant_of_players_is_the_last_of_their_run_whoever_it_is_of(spool: Spool) -> None:
    spool.take(line(user_id="u1", run="one"))
    spool.take(line(user_id="u2", run="one", timestamp="2026-03-02T09:00:00Z"))
    spool.take(line(user_id="u1", run="two", timestamp="2026-03-02T10:00:00Z"))
    spool.take(line(user_id="u3", run="one", timestamp="2026-03-02T11:00:00Z", status="Refund"))
    spool.end()
    found = [(each.run, each.key.user_id, each.as_of and each.as_of.hour) for each in spool.players()]
    assert found == [("one", "u1", 9), ("one", "u2", 9), ("two", "u1", 10), ("one", "u3", 9)]


@pytest.mark.parametrize(("cut", "complete"), [("one", False), ("two", True), ("", False)])
def test_what_is_missing_of_other_runs_is_not_missing(cut: str, *, complete: bool) -> None:
    with Spool(ruleset=Ruleset(Settings()), wanted={"run": "one"}) as spool:
        assert spool.complete()
        spool.take(Mark("evicted", cut))
        assert spool.complete() is complete
        assert spool.missing() == (() if complete else (cut,))


def test_odd_texts_come_back_as_they_were(spool: Spool) -> None:
    user = "a\x00b\u2028'\"\U0001f600"
    spool.take(line(user_id=user, meta={"n": 1.50, user: [None]}))
    spool.end()
    found = next(spool.players())
    (player,) = found.history.players.keys()
    assert found.key.user_id == player[1].user_id == user


def test_without_room_it_says_where_to_make_some() -> None:
    def fill(spool: Spool) -> None:
        with spool:
            for number in range(1_000):
                spool.take(line(number, user_id=f"u{number}"))

    spool = Spool(ruleset=Ruleset(Settings()))
    spool._database.execute("PRAGMA max_page_count = 12")
    with pytest.raises(HistoryError, match=r"expected room for a temporary database, got .* full.*SQLITE_TMPDIR"):
        fill(spool)


@pytest.fixture
def without_collector() -> Iterator[None]:
    """What waits for the collector is counted, and its runs make no difference."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("without_collector")
def test_memory_does_not_grow_with_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times the events of ten times the players take as much; as a whole they take ten times as much.

    What is bounded is full before anything is measured: the cache of players, made smaller for it, and the freed tuples
    that Python keeps, 2,000 of each size.
    """
    monkeypatch.setattr("ftcrm.cli.spool._KNOWN_PLAYERS", 10)
    _fold_by_player(3_000)
    few, many = _peak(_fold_by_player, 300), _peak(_fold_by_player, 3_000)
    assert many < 1.5 * few
    few, many = _peak(_fold_as_a_whole, 100), _peak(_fold_as_a_whole, 1_000)
    assert many > 5 * few


def _peak(fold: Callable[[int], None], size: int) -> int:
    """The most bytes that were in use at once."""
    tracemalloc.start()
    fold(size)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def _long_file(size: int) -> Iterator[Line]:
    raw = json.dumps(BET | {"round_id": "ROUND", "user_id": "USER"})
    for number in range(size):
        text = raw.replace("ROUND", f"r{number // 2}").replace("USER", f"u{number // 2 % (size // 10)}")
        yield Line(number, Message("rest", text.encode(), "CASINO"))


def _fold_by_player(size: int) -> None:
    with Spool(ruleset=Ruleset(Settings())) as spool:
        for each in _long_file(size):
            spool.take(each)
        spool.end()
        for player in spool.players():
            assert len(player.history.rounds) == 5


def _fold_as_a_whole(size: int) -> None:
    check = Check()
    for each in _long_file(size):
        check.take(each)
    check.end()
    assert sum(1 for _ in check.rounds()) == size // 2
