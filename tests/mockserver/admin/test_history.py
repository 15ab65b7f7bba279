"""`runs/{run}/close` and `history`: marks that last, and a saved history that is judged as the server judged."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftcrm.cli.spool import Spool
from ftcrm.contracts import Ruleset, Settings
from ftcrm.contracts.check import Check
from ftcrm.contracts.errors import JournalError
from ftcrm.contracts.lines import read_chunks
from ftcrm.contracts.views import player_view
from ftcrm.mockserver.admin import history as history_module

HOUR = 3_600_000_000
RULES = Ruleset(Settings(round_deadline=3600.0))
RUNS = ("default", "other")
NAMES = st.sampled_from(["1/0", "2/0"])


def close(desk: Any, run: str = "default") -> Any:
    response = desk.ask("POST", f"/_ftcrm/runs/{run}/close")
    assert response.status_code == 200
    return response.json()


def lines(desk: Any, **parameters: str) -> list[dict[str, Any]]:
    response = desk.ask("GET", "/_ftcrm/history", params=parameters)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/jsonl")
    return [json.loads(line) for line in response.content.splitlines()]


def rules_of(desk: Any) -> dict[str, int]:
    found: dict[str, int] = desk.get("summary")["findings"]
    return found


def test_a_closed_run_says_what_was_never_settled(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(round_id="r1"), stand.delivery(round_id="r2", activity_id="a2"))
    desk.put(stand.delivery(round_id="r2", type="Win", activity_id="a3"), stand.delivery(run="other"))
    assert "FT307" not in rules_of(desk)
    assert close(desk) == {"run": "default", "seq": 5, "events": 3, "open_rounds": 1}
    assert rules_of(desk)["FT307"] == 1
    assert desk.get("findings", rule="FT307")["findings"][0]["run"] == "default"


def test_closing_again_changes_nothing(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery())
    answer = close(desk)
    assert close(desk) == answer
    assert len(desk.journal) == 2


def test_whoever_closes_a_run_at_the_same_time_is_told_of_the_same_mark(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery())

    async def twice() -> list[int]:
        async with desk.client() as client:
            answers = await asyncio.gather(*(client.post("/_ftcrm/runs/default/close") for _ in range(2)))
            return [answer.json()["seq"] for answer in answers]

    assert asyncio.run(twice()) == [2, 2]


def test_what_comes_to_a_closed_run_still_counts(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery())
    close(desk)
    desk.put(stand.delivery(type="Win", activity_id="w"))
    assert "FT307" not in rules_of(desk)
    desk.put(stand.delivery(round_id="late", activity_id="b"))
    assert (rules_of(desk)["FT307"], close(desk)["open_rounds"]) == (1, 1)


def test_a_reset_opens_a_run_again(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery())
    close(desk)
    desk.put(reset="default")
    desk.put(stand.delivery())
    assert "FT307" not in rules_of(desk)
    assert close(desk)["seq"] == 5


def test_a_close_that_cannot_be_committed_is_told_as_503(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery())
    with stand.failing(desk.journal):
        assert desk.error("runs/default/close", method="POST")[:2] == (503, "journal-unavailable")
    assert "FT307" not in rules_of(desk)


def test_a_mark_outlives_a_restart_and_its_own_eviction(stand: Any) -> None:
    desk = stand.make(ruleset=RULES, max_events=8)
    desk.put(stand.delivery())
    close(desk)
    desk.now += 2 * HOUR
    desk.put(deadline="default")
    for number in range(12):
        desk.put(stand.delivery(run="other", activity_id=f"b{number}", round_id=f"r{number}"))
    assert desk.journal.get([2, 3]) == []
    again = stand.make(journal=desk.journal, ruleset=RULES, max_events=8)
    again.follower.catch_up()
    for one in (desk, again):
        state = one.follower.state("default")
        assert (state.closing.seq, state.as_of, state.evicted) == (2, stand.now + 2 * HOUR, 1)
        assert one.follower.state("other").closing is None
    marks = lines(again, run="default")
    assert [line["mark"] for line in marks] == ["evicted", "closed", "deadline"]
    assert [line["at"] for line in marks[1:]] == ["2026-03-02T08:00:00Z", "2026-03-02T10:00:00Z"]


def test_a_deadline_that_passed_is_marked_once(stand: Any) -> None:
    desk = stand.make(ruleset=RULES)
    desk.put(stand.delivery(), stand.delivery(round_id="r2", activity_id="a2", run="other"))
    for later, marks in ((HOUR - 1, 0), (1, 2), (0, 0), (5 * HOUR, 0)):
        desk.now += later
        before = len(desk.journal)
        desk.follower.catch_up()
        desk.intake.look_for_deadlines()
        desk.intake.look_for_deadlines()
        desk.intake.flush()
        assert len(desk.journal) - before == marks
    assert rules_of(desk)["FT308"] == 2
    desk.put(stand.delivery(type="Win", activity_id="w"))
    assert rules_of(desk)["FT308"] == 1


def test_a_deadline_mark_that_cannot_be_committed_is_left_at_the_next_look(stand: Any) -> None:
    desk = stand.make(ruleset=RULES)
    desk.put(stand.delivery())
    desk.follower.catch_up()
    desk.now += HOUR
    with stand.failing(desk.journal):
        desk.intake.look_for_deadlines()
        desk.intake.flush()
    assert "FT308" not in rules_of(desk)
    desk.intake.look_for_deadlines()
    desk.intake.flush()
    assert rules_of(desk)["FT308"] == 1


def test_without_a_deadline_there_is_nothing_to_look_for(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery())
    desk.follower.catch_up()
    desk.now += 10**6 * HOUR
    desk.intake.look_for_deadlines()
    assert not desk.intake.waiting


def test_the_history_has_every_delivery_as_it_is_shown_alone(stand: Any) -> None:
    desk = stand.make()
    spread = json.dumps(stand.casino(), indent=2).replace("\n", "\r\n").encode()
    desk.put(stand.delivery(), stand.delivery(spread), stand.delivery(b"\xff\n"), stand.delivery(amount="x"))
    desk.put(stand.delivery(transaction="1/0"), stand.delivery(run="other", disposition="refused"))
    shown = [desk.get(f"events/{seq}") for seq in range(1, 7)]
    assert lines(desk) == shown
    assert lines(desk, run="other") == shown[5:]
    assert lines(desk, run="nobody") == []


def test_the_history_begins_at_the_last_reset_and_has_the_marks(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(), stand.delivery(transaction="1/0"))
    desk.put(reset="default")
    desk.put(stand.delivery(), mark=stand.mark("1/0"))
    close(desk)
    desk.put(deadline="other")
    at = "2026-03-02T08:00:00Z"
    marks = [
        {"seq": 5, "run": "", "mark": "transaction", "at": at, "transaction": "1/0", "committed": True},
        {"seq": 6, "run": "default", "mark": "closed", "at": at},
        {"seq": 7, "run": "other", "mark": "deadline", "at": at},
    ]
    assert lines(desk)[1:] == marks
    assert [line["seq"] for line in lines(desk)] == [4, 5, 6, 7]
    assert lines(desk, run="default")[1:] == marks[:2]
    assert lines(desk, run="other") == [marks[0], marks[2]]


def test_a_head_has_no_body(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery())
    response = desk.ask("HEAD", "/_ftcrm/history")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"] == "application/jsonl"


def test_a_history_that_cannot_be_read_is_told_as_503(stand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = stand.make()
    desk.put(stand.delivery())
    desk.follower.catch_up()

    def fail(**_: Any) -> Any:
        raise JournalError("it cannot be read")

    monkeypatch.setattr(desk.journal, "read", fail)
    assert desk.error("history") == (503, "journal-unavailable", "it cannot be read")


def test_a_long_history_lets_others_have_their_turns(stand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "_CHUNK", 2)
    desk = stand.make()
    desk.put(*[stand.delivery(round_id=f"r{number}", activity_id=f"a{number}") for number in range(40)])
    desk.follower.catch_up()

    async def read() -> tuple[int, int]:
        done = asyncio.Event()
        turns = 0

        async def other() -> None:
            nonlocal turns
            while not done.is_set():
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        async with desk.client() as client:
            response = await client.get("/_ftcrm/history")
        done.set()
        await task
        return response.content.count(b"\n"), turns

    count, turns = asyncio.run(read())
    assert count == 40
    assert turns >= 20


def test_what_is_evicted_while_the_history_is_read_is_said_at_its_end(
    stand: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_module, "_CHUNK", 2)
    desk = stand.make(max_events=10)
    desk.put(*[stand.delivery(round_id=f"r{number}", activity_id=f"a{number}") for number in range(10)])
    desk.follower.catch_up()

    async def read() -> list[dict[str, Any]]:
        chunks = history_module._chunks(desk.journal, desk.follower, None)
        found = [await anext(chunks)]
        desk.put(stand.delivery(round_id="new", activity_id="new"), stand.delivery(round_id="new", activity_id="newer"))
        found += [chunk async for chunk in chunks]
        return [json.loads(line) for line in b"".join(found).splitlines()]

    found = asyncio.run(read())
    evicted = desk.follower.state("default").evicted
    assert evicted > 2
    assert [line["seq"] for line in found[:-1]] == [1, 2, *range(evicted + 1, 11)]
    assert (found[-1]["mark"], found[-1]["deliveries"]) == ("evicted", evicted)
    assert found[-1]["latest"] == "2026-03-02T08:27:58.721607Z"


def test_players_of_a_saved_history_are_as_of_the_last_event_of_all_that_came(stand: Any) -> None:
    """It came first, and is gone first; what it was is told by the mark, and by that of a history read meanwhile."""
    desk = stand.make(max_events=10)
    desk.put(stand.delivery(timestamp="2026-06-01T00:00:00Z", user_id="u2"))
    desk.put(*[stand.delivery(round_id=f"r{number}", activity_id=f"a{number}") for number in range(10)])
    assert desk.get("players")["players"][0]["as_of"] == "2026-06-01T00:00:00Z"
    (mark,) = (line for line in lines(desk) if line.get("mark") == "evicted")
    assert (mark["latest"], mark["deliveries"]) == ("2026-06-01T00:00:00Z", desk.journal.evicted)
    with Spool(ruleset=RULES) as spool:
        for line in read_chunks([desk.ask("GET", "/_ftcrm/history").content]):
            spool.take(line)
        spool.end()
        assert [str(player.as_of) for player in spool.players()] == ["2026-06-01 00:00:00+00:00"]


class Station:
    """A server to which things happen; what it answers, and what a check of its saved history comes to."""

    def __init__(self, stand: Any, *, accept_invalid: bool) -> None:
        self.stand = stand
        self.options = {"ruleset": RULES, "accept_invalid": accept_invalid}
        self.desk = stand.make(**self.options)

    def take(self, parts: list[Any]) -> None:
        deliveries = []
        for (body, message_type), run, transaction, refusable in parts:
            named = {} if transaction is None else {"transaction": transaction}
            deliveries.append(
                self.stand.delivery(body, message_type, run=run, refusable=refusable and not named, **named)
            )
        self.desk.put(*deliveries)

    def end(self, name: str, committed: bool) -> None:
        self.desk.put(mark=self.stand.mark(name, committed=committed))

    def mark(self, kind: str, run: str) -> None:
        self.desk.put(**{kind: run})

    def later(self, hours: float) -> None:
        """Time passes, and the server looks for deadlines as it does every second."""
        self.desk.now += int(hours * HOUR)
        self.look()

    def look(self) -> None:
        self.desk.follower.catch_up()
        self.desk.intake.look_for_deadlines()
        self.desk.intake.flush()

    def evict(self) -> None:
        self.desk.intake._max_events = max(2, len(self.desk.journal) * 2 // 3)
        self.desk.intake._evict(self.desk.now)
        self.desk.intake._max_events = 10**6

    def restart(self) -> None:
        now = self.desk.now
        self.desk = self.stand.make(journal=self.desk.journal, **self.options)
        self.desk.now = now

    def answered(self, run: str) -> dict[str, Any]:
        events = [each for each in self.desk.get("events", run=run, limit=1000)["events"] if each["verdict"]]
        return {
            "events": [(each["seq"], each["verdict"], said(each["findings"])) for each in events],
            "rounds": by_key(self.desk.get("rounds", run=run, limit=1000)["rounds"]),
            "bonuses": by_key(self.desk.get("bonuses", run=run, limit=1000)["bonuses"]),
            "findings": said(self.desk.get("findings", run=run, limit=1000)["findings"]),
            "as_of": {each["as_of"] for each in self.desk.get("players", run=run, limit=1000)["players"]},
        }

    def checked(self, run: str, size: int, *, alone: bool) -> dict[str, Any]:
        parameters = {"run": run} if alone else {}
        content = self.desk.ask("GET", "/_ftcrm/history", params=parameters).content
        check = Check(**self.options)
        events = []
        for line in read_chunks(content[start : start + size] for start in range(0, len(content), size)):
            if (event := check.take(line)) is not None and event.run == run:
                view = event.as_dict()
                findings = [{**finding, "witness": [event.seq]} for finding in view["findings"]]
                events.append((event.seq, view["verdict"], findings))
        check.end()
        across = [
            found
            for name, history in check._histories.items()
            if name == run
            for _, findings in history.across.flagged()
            for found in findings
        ]
        rounds = [found.as_dict() for found in check.rounds() if found.run == run]
        bonuses = [found.as_dict() for found in check.bonuses() if found.run == run]
        told = [finding for _, _, findings in events for finding in findings]
        told += [finding for group in (*rounds, *bonuses) for finding in group["findings"]]
        told += [{"rule": each.rule, "message": each.message, "witness": list(each.witness)} for each in across]
        return {
            "events": [(seq, verdict, said(findings)) for seq, verdict, findings in events],
            "rounds": by_key(rounds),
            "bonuses": by_key(bonuses),
            "findings": said(told),
            "as_of": {
                player_view(player)["as_of"]
                for name, history in check._histories.items()
                if name == run
                for _, key in history.players.keys(after=0)
                if (player := history.player(key)) is not None
            },
        }


def said(findings: list[dict[str, Any]]) -> Counter[tuple[str, str, tuple[int, ...]]]:
    return Counter((each["rule"], each["message"], tuple(each["witness"])) for each in findings)


def by_key(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = ("origin", "user_id", "round_id", "user_bonus_id")
    return sorted(groups, key=lambda each: tuple(str(each.get(name)) for name in names))


@st.composite
def clean_events(draw: st.DrawFn, stand: Any) -> tuple[bytes, str]:
    """Events that nothing is wrong with but what they make together."""
    ids = {name: draw(st.sampled_from(values)) for name, values in (("user_id", ("u1", "u2")), ("round_id", "rst"))}
    kind = draw(st.sampled_from(["Bet", "Bet", "Win", "Loss"]))
    status = draw(st.sampled_from(["Approved"] * 4 + ["Rollback"]))
    name = draw(st.sampled_from(["Dead or Alive", "Dead or Alive", "Dead"]))
    activity_id = draw(st.sampled_from([f"{kind}{number}{ids['round_id']}" for number in range(3)]))
    amount = 0 if kind == "Loss" else 5
    at = f"2026-03-0{draw(st.integers(1, 4))}T08:27:58Z"
    event = stand.casino(
        **ids, type=kind, status=status, activity_id=activity_id, game_name=name, amount=amount, timestamp=at
    )
    return stand.raw(event), "CASINO"


def happenings(stand: Any) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    payloads = clean_events(stand) | clean_events(stand) | stand.payloads
    parts = st.tuples(payloads, st.sampled_from(RUNS), st.none() | st.none() | NAMES, st.booleans())
    takes = st.lists(parts, min_size=2, max_size=6).map(lambda group: ("take", group))
    others = (
        st.tuples(st.just("end"), NAMES, st.booleans())
        | st.tuples(st.just("mark"), st.sampled_from(["closed", "closed", "reset"]), st.sampled_from(RUNS))
        | st.tuples(st.just("later"), st.sampled_from([0.5, 1.0, 3.0]))
        | st.sampled_from([("evict",), ("restart",)])
    )
    return st.lists(takes | others, min_size=4, max_size=12)


@given(data=st.data(), size=st.sampled_from([1, 7, 1000, 65_536]))
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_saved_history_is_judged_as_the_server_judged(stand: Any, data: Any, size: int) -> None:
    """Verdicts, rounds, bonuses and findings, of each run alone and of all runs together."""
    station = Station(stand, accept_invalid=data.draw(st.booleans()))
    for name, *arguments in data.draw(happenings(stand)):
        getattr(station, name)(*arguments)
    station.look()
    for run in RUNS:
        answered = station.answered(run)
        assert station.checked(run, size, alone=True) == answered
        assert station.checked(run, size, alone=False) == answered


def test_the_list_of_events_is_judged_as_the_server_judged_when_it_is_whole(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(), stand.delivery(type="Win", round_id="r2", activity_id="w"))
    check = Check()
    for line in read_chunks([desk.ask("GET", "/_ftcrm/events").content]):
        check.take(line)
    check.end()
    assert set(check.spoken) == {"FT301", *rules_of(desk)}


def test_a_page_of_a_list_says_nothing_of_what_is_missing(stand: Any) -> None:
    """The Win's Bet may stand on another page; with all pages, one after the other, it is missing indeed."""
    desk = stand.make()
    desk.put(stand.delivery(type="Win"), stand.delivery(round_id="r2", activity_id="b", game_id="2"))
    first = desk.ask("GET", "/_ftcrm/events", params={"limit": 1})
    second = desk.ask("GET", "/_ftcrm/events", params={"limit": 1, "cursor": first.json()["next_cursor"]})
    for content, rules in ((first.content, set()), (first.content + second.content, {"FT301"})):
        check = Check()
        for line in read_chunks([content]):
            check.take(line)
        check.end()
        assert set(check.spoken) == rules
