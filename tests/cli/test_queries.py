"""`ftcrm rounds`, `sessions`, `bonuses` and `players`: what they list of a file, and what they refuse."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ftcrm.cli import main

Change = Callable[..., bytes]
KINDS = ("rounds", "sessions", "bonuses", "players")
BONUS = {
    "amount": 10,
    "bonus_id": "9821",
    "currency": "EUR",
    "exchange_rate": 1,
    "origin": "sub.example.com",
    "product": "Casino",
    "required_wagering_amount": 50,
    "status": "Created",
    "timestamp": "2026-03-02T08:00:00Z",
    "type": "WelcomeBonus",
    "user_bonus_id": "B-1",
    "user_id": "52530",
}


def run(*arguments: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, list(arguments), input=stdin)


def listed(kind: str, *options: str, stdin: bytes) -> list[dict[str, Any]]:
    result = run(kind, "-", "--format", "json", *options, stdin=stdin)
    assert (result.exit_code, result.stderr) == (0, "")
    found: list[dict[str, Any]] = json.loads(result.stdout)[kind]
    return found


@pytest.fixture
def feed(changed: Change) -> bytes:
    """Two players: one won a round and has one open, with a bonus; one lost a round, two days later."""
    return b"\n".join(
        [
            json.dumps(BONUS).encode(),
            changed(user_bonus_id="B-1"),
            changed(activity_id="w", type="Win", amount=35, wager_amount=35, timestamp="2026-03-02T08:28:00Z"),
            changed(activity_id="o", round_id="open", game_id="g2", vendor_id="2", timestamp="2026-03-02T10:00:00Z"),
            changed(user_id="2", round_id="lost", activity_id="b2", timestamp="2026-03-04T08:00:00Z"),
            changed(user_id="2", round_id="lost", activity_id="l2", type="Loss", amount=0, wager_amount=0).replace(
                b"2026-03-02T08:27:58.721607Z", b"2026-03-04T08:00:01Z"
            ),
        ]
    )


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], ["12345", "open", "lost"]),
        (["--run", "default"], ["12345", "open", "lost"]),
        (["--run", "other"], []),
        (["--origin", "sub.example.com", "--user-id", "52530"], ["12345", "open"]),
        (["--user-id", "2"], ["lost"]),
        (["--round-id", "open"], ["open"]),
        (["--state", "settled"], ["12345", "lost"]),
        (["--outcome", "lost"], ["lost"]),
        (["--state", "orphan"], []),
        (["--game-id", "g2"], ["open"]),
        (["--vendor-id", "2", "--game-id", "10911"], []),
    ],
)
def test_rounds_are_narrowed_as_the_admin_api_does(feed: bytes, options: list[str], found: list[str]) -> None:
    assert [each["round_id"] for each in listed("rounds", *options, stdin=feed)] == found


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], ["2026-03-02T08:27:58.721607Z", "2026-03-02T10:00:00Z", "2026-03-04T08:00:00Z"]),
        (["--session-gap", "2h"], ["2026-03-02T08:27:58.721607Z", "2026-03-04T08:00:00Z"]),
        (["--game-id", "g2"], ["2026-03-02T10:00:00Z"]),
        (["--session-gap", "2h", "--game-id", "g2", "--vendor-id", "2"], ["2026-03-02T08:27:58.721607Z"]),
        (["--session-gap", "2h", "--game-id", "g2", "--vendor-id", "1"], []),
        (["--user-id", "2"], ["2026-03-04T08:00:00Z"]),
    ],
)
def test_a_session_has_the_game_and_the_vendor_in_one(feed: bytes, options: list[str], found: list[str]) -> None:
    assert [each["started_at"] for each in listed("sessions", *options, stdin=feed)] == found


@pytest.mark.parametrize(
    ("options", "found"),
    [([], ["B-1"]), (["--user-bonus-id", "B-2"], []), (["--status", "Created"], ["B-1"]), (["--status", "Lost"], [])],
)
def test_bonuses_are_narrowed(feed: bytes, options: list[str], found: list[str]) -> None:
    assert [each["user_bonus_id"] for each in listed("bonuses", *options, stdin=feed)] == found


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], [("52530", "idle"), ("2", "active")]),
        (["--activity", "idle"], [("52530", "idle")]),
        (["--as-of", "2026-03-02T12:00:00+02:00"], [("52530", "active"), ("2", None)]),
        (["--as-of", "2026-04-02T12:00:00Z", "--churned", "true"], [("52530", "inactive")]),
        (["--as-of", "2026-04-02T12:00:00Z", "--churned", "false"], [("2", "idle")]),
        (["--user-id", "52530"], [("52530", "idle")]),
    ],
)
def test_players_are_as_of_an_instant(feed: bytes, options: list[str], found: list[tuple[str, str | None]]) -> None:
    """Also of one player the instant is that of the whole run, unless told."""
    views = listed("players", *options, stdin=feed)
    assert [(each["user_id"], each["activity"]) for each in views] == found


def test_the_values_are_those_of_check(feed: bytes) -> None:
    checked = json.loads(run("check", "-", "--format", "json", stdin=feed).stdout)
    assert listed("rounds", stdin=feed) == checked["rounds"]
    assert listed("bonuses", stdin=feed) == checked["bonuses"]


def test_the_settings_of_the_engine_hold(feed: bytes, changed: Change) -> None:
    flagged = changed(is_round_end=True)
    assert [each["state"] for each in listed("rounds", stdin=flagged)] == ["open"]
    assert [each["state"] for each in listed("rounds", "--reading", "end-flag=settles", stdin=flagged)] == ["settled"]
    scores = ["--rfm-monetary", "1,2,3,4"]
    assert [each["rfm"]["monetary"] for each in listed("players", *scores, stdin=feed)] == [5, 5]


def test_closing_finds_what_was_never_settled(changed: Change) -> None:
    played = json.dumps(BONUS).encode() + b"\n" + changed(user_bonus_id="B-1")
    for kind, event, code in (("rounds", changed(), "FT307"), ("bonuses", played, "FT506")):
        assert [each["findings"] for each in listed(kind, stdin=event)] == [[]]
        (found,) = listed(kind, "--closed", stdin=event)
        assert [finding["rule"] for finding in found["findings"]] == [code]


def test_what_breaks_the_contract_is_left_out_unless_it_is_accepted(changed: Change) -> None:
    feed = changed() + b"\n" + changed(activity_id="x", wager_amount=1)
    (found,) = listed("rounds", stdin=feed)
    assert (found["seqs"], found["excluded"]) == ([1], [2])
    (found,) = listed("rounds", "--accept-invalid", stdin=feed)
    assert (found["seqs"], found["excluded"]) == ([1, 2], [])


def test_a_history_that_lacks_something_says_so(changed: Change) -> None:
    page = b'{"events": [%b], "next_cursor": null, "complete": false}' % changed()
    assert json.loads(run("rounds", "-", "--format", "json", stdin=page).stdout)["complete"] is False
    assert run("rounds", "-", stdin=page).stdout.endswith("1 round: 1 open; deliveries of these runs are missing\n")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("style", ["table", "json", "csv"])
def test_a_file_without_events_is_not_a_file_without_matches(kind: str, style: str, feed: bytes) -> None:
    empty = run(kind, "-", "--format", style, stdin=b"\n")
    assert (empty.exit_code, empty.stderr) == (3, "ftcrm: -: expected events, got none\n")
    unmatched = run(kind, "-", "--format", style, "--user-id", "nobody", stdin=feed)
    assert (unmatched.exit_code, unmatched.stderr, unmatched.stdout) == (0, "", empty.stdout)


@pytest.mark.parametrize("kind", KINDS)
def test_events_that_make_none_are_told_from_no_events(kind: str, changed: Change) -> None:
    result = run(kind, "-", stdin=b"not JSON\n" + changed(wager_amount=1))
    assert (result.exit_code, result.stdout) == (3, f"0 {kind}\n")
    assert result.stderr == (
        f"ftcrm: -: expected events that make {kind}, got 2 that make none; `ftcrm check` says what they are\n"
    )


def test_events_without_a_bonus_make_none(changed: Change) -> None:
    codes = {kind: run(kind, "-", stdin=changed()).exit_code for kind in KINDS}
    assert codes == {"rounds": 0, "sessions": 0, "players": 0, "bonuses": 3}
    codes = {kind: run(kind, "-", stdin=json.dumps(BONUS).encode()).exit_code for kind in KINDS}
    assert codes == {"rounds": 3, "sessions": 3, "players": 0, "bonuses": 0}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rounds", "-", "--state", "Open"], "'open', 'settled', 'orphan', 'voided'"),
        (["rounds", "-", "--outcome", "draw"], "'won', 'lost'"),
        (["rounds", "-", "--format", "xml"], "'table', 'json', 'csv'"),
        (["players", "-", "--activity", "dead"], "'active', 'idle', 'inactive'"),
        (["players", "-", "--churned", "yes"], "'true', 'false'"),
        (["bonuses", "-", "--status", "created"], "'created' is not one of 'Pending', 'Created'"),
        (["players", "-", "--as-of", "2026-03-02"], "--as-of: expected a date-time of RFC 3339 such as "),
        (["sessions", "-", "--state", "open"], "--state"),
        (["sessions", "-", "--closed"], "--closed"),
        (["sessions", "-", "--session-gap", "30"], "--session-gap: expected a number with its unit"),
        (["rounds", "no-such-file"], "does not exist"),
        (["rounds"], "Missing argument 'FILE'"),
    ],
)
def test_what_no_value_can_be_is_a_usage_error(arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_a_status_that_breaks_the_contract_can_be_asked_for_where_it_is_accepted() -> None:
    feed = json.dumps(BONUS | {"status": "created"}).encode()
    (found,) = listed("bonuses", "--accept-invalid", "--status", "created", stdin=feed)
    assert found["status"] == "created"


def test_a_file_that_breaks_off_is_an_error_and_no_list(changed: Change) -> None:
    result = run("rounds", "-", "--format", "json", stdin=b"[" + changed())
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("ftcrm: -: ")


def test_the_tables_are_for_people(feed: bytes) -> None:
    said = {kind: run(kind, "-", stdin=feed).stdout.splitlines() for kind in KINDS}
    assert said["rounds"][1].split() == (
        "52530 12345 settled won 20 35 -15 EUR Dead or Alive 2026-03-02T08:27:58.721607Z 2 -".split()
    )
    assert said["sessions"][1].split()[:10] == ("52530 2026-03-02T08:27:58.721607Z 0:00:01 2 1 1 1 20 35 -15".split())
    assert said["bonuses"][1].split() == "52530 B-1 WelcomeBonus Created 10 EUR 20 of 50 1 1 -".split()
    assert said["players"][2].split()[:5] == ["2", "active", "2026-03-04T08:00:00Z", "1", "1"]
    assert [said[kind][-1] for kind in KINDS] == [
        "3 rounds: 2 settled, 1 open",
        "3 sessions",
        "1 bonus: 1 Created",
        "2 players: 1 idle, 1 active",
    ]


def test_a_session_without_live_events_and_a_player_without_bets_have_dashes(changed: Change) -> None:
    rollback = changed(status="Rollback")
    assert run("sessions", "-", stdin=rollback).stdout.splitlines()[1].split()[-5:] == ["-"] * 5
    row, _, summed = run("players", "-", stdin=rollback).stdout.splitlines()[1:]
    assert row.split() == ["52530", "-", "-", "1", "1", "0", "0", "0", "0", "-", "-", "-"]
    assert summed == "1 player: 1 without a real Bet"


@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_are_listed_and_no_terminal_library_is_loaded(examples: Path, kind: str) -> None:
    program = (
        "import sys\n"
        "from ftcrm.cli import main\n"
        "code = main(sys.argv[1:], standalone_mode=False)\n"
        "sys.exit(', '.join({'rich', 'httpx', 'asyncio', 'hypothesis'} & set(sys.modules)) or code or None)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, kind, examples / "scenario-b.jsonl"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "52530" in done.stdout
