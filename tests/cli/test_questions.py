import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ftcrm.cli import main
from ftcrm.contracts.questions import LEDGER
from ftcrm.mockserver.server import Server

Change = Callable[..., bytes]
NONE = "No round of this history depends on any assumption"
COMPARED = "what of {} counts for each bonus and game"


def _ask(*options: str, stdin: bytes) -> Result:
    return CliRunner().invoke(main, ["questions", "-", *options], input=stdin)


def _json(*options: str, stdin: bytes) -> dict[str, Any]:
    result = _ask("--format", "json", *options, stdin=stdin)
    assert result.exit_code in (0, 3)
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def _names(answer: dict[str, Any]) -> list[str]:
    return [each["assumption"] for each in answer["assumptions"]]


def _lines(*events: bytes) -> bytes:
    return b"\n".join(events)


@pytest.mark.parametrize("name", ["scenario-a.jsonl", "scenario-b.jsonl"])
def test_a_history_that_depends_on_nothing_says_so(examples: Path, name: str) -> None:
    result = CliRunner().invoke(main, ["questions", str(examples / name)])
    assert result.stdout == f"{NONE}: 1 round, and {COMPARED.format('it')}, is the same under every reading.\n"
    assert result.exit_code == 0


def test_a_question_is_a_block_with_its_readings_and_its_rounds(changed: Change) -> None:
    rollback = changed(activity_id="A-9", status="Rollback", timestamp="2026-03-02T08:29:00Z")
    result = _ask(stdin=_lines(changed(), rollback))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "rollback-target: Does a Rollback carry the activity_id of the event that it reverses, or a new one? "
        "If a new one, how does FT CRM find the event?",
        '  (unknown: there is no reference field; "activity_id: Unique ID for each event" speaks for a new one)',
        "  1 round; at stake: EUR bet 20, ggr 20",
        "  reading   rounds    sums                       what it means",
        "  any       1 voided  EUR bet 0, win 0, ggr 0    the event with its activity_id and type; else one like it in "
        "currency, amount and wallets",
        "  own-id    1 open    EUR bet 20, win 0, ggr 20  the event with its activity_id and type, and no other",
        "  likeness  1 voided  EUR bet 0, win 0, ggr 0    an event like it in currency, amount and wallets: a Rollback "
        "has an activity_id of its own",
        "  once FT CRM has answered: --reading rollback-target=any, "
        'or readings = ["rollback-target=any"] in ftcrm.toml',
        "  round '12345' of user '52530' (sub.example.com)",
        "    any       voided: EUR bet 0, win 0, ggr 0",
        "    own-id    open: EUR bet 20, win 0, ggr 20",
        "    likeness  voided: EUR bet 0, win 0, ggr 0",
        "",
        "1 of 1 round depends on 1 assumption.",
    ]


def test_wallets_and_the_base_currency_are_told_where_nothing_else_tells_outcomes_apart(changed: Change) -> None:
    bet = json.loads(changed())
    for name in ("wager_amount", "bonus_wager_amount", "locked_wager_amount"):
        del bet[name]
    shown = _ask(stdin=json.dumps(bet).encode()).stdout.splitlines()
    assert "    unallocated  open: EUR bet 20 (20 unallocated), win 0, ggr 20 (20 unallocated)" in shown
    assert "    real         open: EUR bet 20 (20 real), win 0, ggr 20 (20 real)" in shown
    later = changed(exchange_rate=2, timestamp="2026-03-02T08:29:00Z")
    shown = _ask(stdin=_lines(changed(), later)).stdout.splitlines()
    assert "    least   open: EUR bet 20, win 0, ggr 20; in base currency bet 20, win 0, ggr 20" in shown
    assert "    latest  open: EUR bet 20, win 0, ggr 20; in base currency bet 40, win 0, ggr 40" in shown


def _ended(changed: Change, *bets: dict[str, Any]) -> list[str]:
    """What is asked of a round of these Bets, a Rollback of the last of them, and a Loss."""
    times = (f"2026-03-02T08:29:{second:02}Z" for second in range(60))
    events = [*bets, bets[-1] | {"status": "Rollback", "user_bonus_id": ""}]
    loss = {"activity_id": "l", "type": "Loss", "amount": 0, "wager_amount": 0, "is_round_end": True}
    stdin = _lines(*[changed(**each, timestamp=next(times)) for each in [*events, loss]])
    return _ask("--reading", "rollback-scope=event", stdin=stdin).stdout.splitlines()


def test_bonuses_and_games_are_told_where_nothing_else_tells_outcomes_apart(changed: Change) -> None:
    plain, same = {"activity_id": "a"}, "settled, lost: EUR bet 20, win 0, ggr 20"
    sums = "EUR bet 20 (20 real), win 0, ggr 20 (20 real)"
    shown = _ended(changed, plain, {"activity_id": "b", "user_bonus_id": "B1"})
    stake = "no bet and no win; it is about states, wallets, bonuses, games or the base currency"
    assert f"  1 round; at stake: {stake}" in shown
    assert shown[-5:-2] == [
        f"    any       {same}; for no bonus",
        f"    own-id    {same}; for no bonus",
        f"    likeness  {same}; for bonus 'B1' {sums}",
    ]
    game = {"activity_id": "b", "game_id": "77", "exchange_rate": 1}
    shown = _ended(changed, plain, game)
    assert shown[-5:-2] == [
        f"    any       {same}; for game '10911' of vendor '1' {sums}",
        f"    own-id    {same}; for game '10911' of vendor '1' {sums}",
        f"    likeness  {same}; for game '77' of vendor '1' {sums}",
    ]
    bet = {"activity_id": "b", "user_bonus_id": "B1", "exchange_rate": 2}
    shown = _ended(changed, plain | {"exchange_rate": 2}, bet)
    in_base = "in base currency bet 40 (40 real), win 0, ggr 40 (40 real)"
    assert shown[-3] == f"    likeness  {same}; for bonus 'B1' {sums}, {in_base}"


def test_every_question_says_how_an_answer_is_given_and_that_answers_it(
    changed: Change, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bets = [changed(is_round_end=True), changed(is_round_end=True), changed(round_id="r2", vendor_name=None)]
    stdin = _lines(*bets)
    start = "  once FT CRM has answered: "
    answers = [line.removeprefix(start) for line in _ask(stdin=stdin).stdout.splitlines() if line.startswith(start)]
    assert answers == [
        '--reading end-flag=informs, or readings = ["end-flag=informs"] in ftcrm.toml',
        '--reading repeats=once, or readings = ["repeats=once"] in ftcrm.toml',
        "--accept-invalid, or accept-invalid = true (or false) in ftcrm.toml",
    ]
    for name, answer in zip(("end-flag", "repeats", "invalid-events"), answers, strict=True):
        option, setting = answer.removesuffix(" in ftcrm.toml").split(", or ")
        assert _json(*option.split(), stdin=stdin)["answered"] == [name]
        (tmp_path / "ftcrm.toml").write_text(f"[ftcrm]\n{setting.partition(' (')[0]}\n")
        assert _json(stdin=stdin)["answered"] == [name]
        (tmp_path / "ftcrm.toml").unlink()


def test_the_first_three_rounds_of_a_question_are_shown_or_all(changed: Change) -> None:
    bets = [changed(round_id=f"r{number}", activity_id=f"a{number}", is_round_end=True) for number in range(5)]
    few = _ask(stdin=_lines(*bets)).stdout.splitlines()
    assert [line.split()[1] for line in few if line.startswith("  round ")] == ["'r0'", "'r1'", "'r2'"]
    assert "  ... and 2 more (--all shows them)" in few
    every = _ask("--all", stdin=_lines(*bets)).stdout.splitlines()
    assert [line.split()[1] for line in every if line.startswith("  round ")] == [f"'r{number}'" for number in range(5)]
    assert not any("more" in line for line in every)
    assert few[-1] == every[-1] == "5 of 5 rounds depend on 1 assumption."


def test_json_has_every_round_in_question_the_sums_and_what_is_answered(examples: Path) -> None:
    answer = _json(stdin=(examples / "open-questions.jsonl").read_bytes())
    assert (answer["file"], answer["rounds"], answer["in_question"], answer["complete"]) == ("-", 5, 4, True)
    assert answer["answered"] == []
    assert [(each["run"], each["round_id"], each["assumption"]) for each in answer["questions"]] == [
        ("default", "30002", "rollback-target"),
        ("default", "30003", "rollback-target"),
        ("default", "30003", "rollback-amount"),
        ("default", "30004", "end-flag"),
        ("default", "30005", "missing-wallets"),
    ]
    assert [(each["assumption"], each["rounds"], each["at_stake"]) for each in answer["assumptions"]] == [
        ("rollback-target", 2, {"EUR": {"bet": "40", "win": "0", "ggr": "40"}}),
        ("rollback-amount", 1, {"EUR": {"bet": "15", "win": "0", "ggr": "15"}}),
        ("end-flag", 1, {}),
        ("missing-wallets", 1, {}),
    ]


def test_a_reading_that_is_set_is_answered_and_not_asked_again(examples: Path) -> None:
    stdin = (examples / "open-questions.jsonl").read_bytes()
    answer = _json("--reading", "rollback-target=own-id", "--reading", "end-flag=informs", stdin=stdin)
    # Of a Bet that its Rollback no longer finds, it matters now whether a Rollback voids the round.
    assert _names(answer) == ["rollback-amount", "rollback-scope", "missing-wallets"]
    assert answer["answered"] == ["end-flag", "rollback-target"]
    all_answered = "rollback-target=any,rollback-amount=whole,end-flag=settles,missing-wallets=real"
    result = _ask("--reading", all_answered, stdin=stdin)
    assert result.stdout == (
        f"{NONE} but those that are answered (end-flag, missing-wallets, rollback-amount, rollback-target): "
        f"5 rounds, and {COMPARED.format('them')}, are the same under every reading.\n"
    )
    some = _ask("--reading", "end-flag=informs", stdin=stdin).stdout.splitlines()
    assert some[-1] == "3 of 5 rounds depend on 3 assumptions. Answered: end-flag."


def test_a_reading_of_a_file_or_a_variable_is_an_answer_too(
    changed: Change, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stdin = changed(is_round_end=True)
    assert _names(_json(stdin=stdin)) == ["end-flag"]
    (tmp_path / "ftcrm.toml").write_text('[ftcrm]\nreadings = ["end-flag=informs"]\n')
    assert _json(stdin=stdin)["answered"] == ["end-flag"]
    (tmp_path / "ftcrm.toml").unlink()
    monkeypatch.setenv("FTCRM_READING", "end-flag=cuts")
    assert _json(stdin=stdin)["answered"] == ["end-flag"]


@pytest.mark.parametrize(
    ("told", "answered"),
    [
        ("", set()),
        ('readings = ["end-flag=informs"]', {"end-flag"}),
        ('readings = ["end-flag=informs"]\naccept-invalid = false', {"end-flag", "invalid-events"}),
    ],
)
def test_what_is_answered_here_is_answered_on_the_server(
    changed: Change, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, answered: set[str]
) -> None:
    started: list[Server] = []

    async def stand_in(server: Server, **_: Any) -> None:
        started.append(server)

    monkeypatch.setattr("ftcrm.cli.serve._serve", stand_in)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ftcrm.toml").write_text(f"[ftcrm]\n{told}\n")
    assert CliRunner().invoke(main, ["serve"]).exit_code == 0
    assert started[0].config.rules.answered == answered
    assert set(_json(stdin=changed())["answered"]) == answered


def test_events_that_break_the_contract_are_in_question_unless_somebody_said(
    changed: Change, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    win = {"type": "Win", "activity_id": "A-2", "timestamp": "2026-03-02T08:29:00Z", "is_round_end": True}
    stdin = _lines(changed(), changed(**win, vendor_name=None), changed(round_id="other", amount=25))
    answer = _json(stdin=stdin)
    assert (answer["rounds"], answer["in_question"], _names(answer)) == (2, 2, ["invalid-events"])
    outcomes = [
        [each["outcome"] and each["outcome"]["state"] for each in found["readings"]] for found in answer["questions"]
    ]
    assert outcomes == [["open", "settled"], [None, "open"]]
    folded = _json("--accept-invalid", stdin=stdin)
    assert (folded["rounds"], folded["in_question"], folded["answered"]) == (2, 0, ["invalid-events"])
    (tmp_path / "ftcrm.toml").write_text("[ftcrm]\naccept-invalid = false\n")
    left_out = _json(stdin=stdin)
    assert (left_out["rounds"], left_out["in_question"], left_out["answered"]) == (1, 0, ["invalid-events"])


def test_a_delivery_that_was_refused_is_in_question_and_one_that_was_aborted_is_not(changed: Change) -> None:
    def entry(seq: int, disposition: str, **changes: Any) -> bytes:
        event = json.loads(changed(**changes))
        return json.dumps(
            {"seq": seq, "run": "nightly", "message_type": "CASINO", "disposition": disposition, "event": event}
        ).encode()

    win = {"type": "Win", "activity_id": "A-2", "timestamp": "2026-03-02T08:29:00Z", "is_round_end": True}
    answer = _json(
        stdin=_lines(entry(5, "accepted"), entry(7, "refused", **win), entry(9, "aborted", activity_id="A-3"))
    )
    (found,) = answer["questions"]
    assert (found["run"], found["assumption"]) == ("nightly", "invalid-events")
    assert found["at_stake"] == {"EUR": {"bet": "0", "win": "20", "ggr": "20"}}


def test_runs_and_players_have_rounds_of_their_own(changed: Change) -> None:
    bets = [changed(user_id=user, is_round_end=True) for user in ("u1", "u2", "u1")]
    answer = _json(stdin=_lines(*bets))
    assert [(each["user_id"], each["assumption"]) for each in answer["questions"]] == [
        ("u1", "end-flag"),
        ("u1", "repeats"),
        ("u2", "end-flag"),
    ]
    assert (answer["rounds"], answer["in_question"]) == (2, 2)


def test_what_a_sender_named_cannot_steer_a_terminal(changed: Change) -> None:
    stdin = changed(round_id="r\x1b[2J", user_id="u\x07", origin="o\x9b", is_round_end=True)
    shown = _ask(stdin=stdin).stdout
    assert "\\x1b[2J" in shown
    assert all(char.isprintable() or char == "\n" for char in shown)


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        (b"", "expected events that make rounds, got none"),
        (b'{"status": "Created"}', "expected events that make rounds, got 1 that make none"),
    ],
)
def test_a_file_without_rounds_says_so(stdin: bytes, said: str) -> None:
    result = _ask(stdin=stdin)
    assert (result.exit_code, result.stdout) == (3, "")
    assert said in result.stderr
    answer = _json(stdin=stdin)
    assert (answer["questions"], answer["assumptions"], answer["rounds"]) == ([], [], 0)


@pytest.mark.parametrize("options", [("--format", "csv"), ("--reading", "end-flag"), ("--reading", "dice=loaded")])
def test_what_cannot_be_used_is_told(changed: Change, options: tuple[str, ...]) -> None:
    result = _ask(*options, stdin=changed())
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_history_with_evicted_deliveries_says_that_some_are_missing(changed: Change) -> None:
    entry = {"seq": 9, "run": "r", "message_type": "CASINO", "event": json.loads(changed(is_round_end=True))}
    mark = {"seq": 4, "run": "r", "mark": "evicted", "at": "2026-03-02T08:00:00Z", "deliveries": 3}
    stdin = _lines(json.dumps(mark).encode(), json.dumps(entry).encode())
    assert _json(stdin=stdin)["complete"] is False
    assert _ask(stdin=stdin).stdout.endswith(
        "1 of 1 round depends on 1 assumption. Deliveries of these runs are missing.\n"
    )


def test_questions_come_in_the_order_of_the_ledger(changed: Change) -> None:
    stdin = _lines(
        changed(round_id="r1", is_round_end=True),
        changed(round_id="r2", activity_id="b"),
        changed(round_id="r2", activity_id="c", status="Rollback"),
        changed(round_id="r3", activity_id="d", type="Win"),
        changed(round_id="r3", activity_id="d", type="Win"),
    )
    names = [assumption.name for assumption in LEDGER]
    found = _names(_json(stdin=stdin))
    assert found == ["rollback-target", "end-flag", "repeats", "lone-settlement"]
    assert sorted(found, key=names.index) == found
