"""`ftcrm rounds`, `sessions`, `bonuses` and `players`: what they list of a file, and what they refuse."""

import gzip
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


def listed(kind: str, *options: str, stdin: bytes, stderr: str = "") -> list[dict[str, Any]]:
    result = run(kind, "-", "--format", "json", *options, stdin=stdin)
    assert (result.exit_code, result.stderr) == (0, stderr)
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
    why = "ftcrm: -: 1 of 2 events does not count (1 violation): `ftcrm check` says why\n"
    (found,) = listed("rounds", stdin=feed, stderr=why)
    assert (found["seqs"], found["excluded"]) == ([1], [2])
    (found,) = listed("rounds", "--accept-invalid", stdin=feed)
    assert (found["seqs"], found["excluded"]) == ([1, 2], [])


@pytest.mark.parametrize("kind", ["rounds", "sessions", "players"])
@pytest.mark.parametrize("style", ["table", "json", "csv"])
def test_deliveries_that_do_not_count_are_told_once_at_the_end(kind: str, style: str, changed: Change) -> None:
    faulty = [b"not JSON", changed(activity_id="x", status="Aproved"), changed(activity_id="y", wager_amount=1)]
    told = run(kind, "-", "--format", style, stdin=b"\n".join([*faulty, changed()]))
    assert told.exit_code == 0
    assert told.stderr == ("ftcrm: -: 3 of 4 events do not count (2 violation, 1 unreadable): `ftcrm check` says why\n")
    accepted = run(kind, "-", "--format", style, "--accept-invalid", stdin=b"\n".join([faulty[0], changed()]))
    assert accepted.stderr == "ftcrm: -: 1 of 2 events does not count (1 unreadable): `ftcrm check` says why\n"


def entry(payload: bytes, **more: object) -> bytes:
    return json.dumps({"message_type": "CASINO", "raw": payload.decode(), **more}).encode()


def test_deliveries_that_a_history_has_as_refused_are_told_as_that(changed: Change) -> None:
    """`ftcrm check` does not say why: they may be as the contract wants them."""
    feed = changed() + b"\n" + entry(changed(activity_id="x"), disposition="refused")
    listed("rounds", stdin=feed, stderr="ftcrm: -: 1 of 2 events does not count (1 refused)\n")


def test_an_event_without_what_a_bonus_is_made_of_is_told_though_it_breaks_nothing() -> None:
    feed = b"\n".join(json.dumps(BONUS | {"timestamp": at}).encode() for at in ("2026", "2026-03-02T08:00:00Z"))
    why = "ftcrm: -: 1 of 2 events does not count (1 unusable): `ftcrm check` says why\n"
    (found,) = listed("bonuses", stdin=feed, stderr=why)
    assert found["excluded"] == [1]


def test_rounds_and_bonuses_that_leave_deliveries_out_say_how_many(feed: bytes, changed: Change) -> None:
    unusable = changed(activity_id="x", wager_amount=1), json.dumps(BONUS | {"timestamp": "2026"}).encode()
    for kind, wrong, own in (("rounds", unusable[0], ["1", "-", "-"]), ("bonuses", unusable[1], ["1"])):
        assert "left out" not in run(kind, "-", stdin=feed).stdout
        head, *rows = run(kind, "-", stdin=feed + b"\n" + wrong).stdout.splitlines()[: 1 + len(own)]
        end = head.index("left out") + len("left out")
        assert [row[:end].split()[-1] for row in rows] == own


def test_a_history_that_lacks_something_says_so(changed: Change) -> None:
    page = b'{"events": [%b], "next_cursor": null, "complete": false}' % changed()
    assert json.loads(run("rounds", "-", "--format", "json", stdin=page).stdout)["complete"] is False
    text = "1 round: 1 open; deliveries are missing, of which runs is not known\n"
    assert run("rounds", "-", stdin=page).stdout.endswith(text)
    assert run("rounds", "-", "--run", "default", stdin=page).stdout.endswith(text)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ([], "1 round: 1 open; deliveries of these runs are missing: r\\n2, two\n"),
        (["--run", "two"], "0 rounds; deliveries of these runs are missing: two\n"),
        (["--run", "default"], "1 round: 1 open\n"),
    ],
)
def test_a_history_that_lacks_something_says_of_which_runs(changed: Change, options: list[str], text: str) -> None:
    mark = {"seq": 1, "mark": "evicted", "at": "2026-03-02T08:00:00Z"}
    marks = [json.dumps(mark | {"run": name}).encode() for name in ("two", "r\n2")]
    assert run("rounds", "-", *options, stdin=b"\n".join([*marks, changed()])).stdout.endswith(text)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("style", ["table", "json", "csv"])
def test_a_file_without_events_is_not_a_file_without_matches(kind: str, style: str, feed: bytes) -> None:
    empty = run(kind, "-", "--format", style, stdin=b"\n")
    assert (empty.exit_code, empty.stderr) == (3, "ftcrm: -: expected events, got none\n")
    unmatched = run(kind, "-", "--format", style, "--user-id", "nobody", stdin=feed)
    assert (unmatched.exit_code, unmatched.stderr, unmatched.stdout) == (0, "", empty.stdout)


MADE = {
    "rounds": "makes a round",
    "sessions": "is part of a session",
    "bonuses": "names a bonus",
    "players": "names a player",
}


@pytest.mark.parametrize("kind", KINDS)
def test_events_that_make_none_are_told_from_no_events(kind: str, changed: Change) -> None:
    result = run(kind, "-", stdin=b"not JSON\n" + changed(wager_amount=1))
    assert (result.exit_code, result.stdout) == (3, f"0 {kind}\n")
    assert result.stderr == (
        f"ftcrm: -: no event that counts {MADE[kind]}\n"
        "ftcrm: -: 2 of 2 events do not count (1 unreadable, 1 violation): `ftcrm check` says why\n"
    )


def test_a_file_in_which_nothing_is_wrong_is_not_said_to_be(changed: Change) -> None:
    assert run("bonuses", "-", stdin=changed()).stderr == "ftcrm: -: no event names a bonus\n"
    for kind in ("rounds", "sessions"):
        assert run(kind, "-", stdin=json.dumps(BONUS).encode()).stderr == f"ftcrm: -: no event {MADE[kind]}\n"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("stdin", "seems"),
    [
        (gzip.compress(b'{"type": "Bet"}\n' * 100, mtime=0), "it seems to be gzip (gunzip it first)"),
        ('{"type": "Bet"}\n'.encode("utf-16"), "it seems to be UTF-16 (convert it to UTF-8)"),
        (b"activity_id,type\na1,Bet\n", "it is not JSON, or not in UTF-8"),
    ],
    ids=["gzip", "UTF-16", "CSV"],
)
def test_a_file_without_json_is_told_for_what_it_seems(kind: str, stdin: bytes, seems: str) -> None:
    result = run(kind, "-", stdin=stdin)
    assert (result.exit_code, result.stderr) == (3, f"ftcrm: -: expected JSON, got none: {seems}\n")


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


@pytest.mark.parametrize(
    ("kind", "flag", "values"),
    [("rounds", "--state", ("settled", "open")), ("bonuses", "--status", ("Lost", "Lost")), ("players", "--run", "ab")],
)
def test_a_filter_is_given_once(feed: bytes, kind: str, flag: str, values: tuple[str, str]) -> None:
    first, second = values
    result = run(kind, "-", flag, first, flag, second, stdin=feed)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"Invalid value for '{flag}': a filter is given once, got {first!r} and {second!r}." in result.stderr


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
        "2 players: 1 idle, 1 active; as of 2026-03-04T08:00:01Z",
    ]


def test_a_session_without_live_events_and_a_player_without_bets_have_dashes(changed: Change) -> None:
    rollback = changed(status="Rollback")
    assert run("sessions", "-", stdin=rollback).stdout.splitlines()[1].split()[-5:] == ["-"] * 5
    row, _, summed = run("players", "-", stdin=rollback).stdout.splitlines()[1:]
    assert row.split() == ["52530", "-", "-", "1", "1", "0", "0", "0", "0", "-", "-", "-"]
    assert summed == "1 player: 1 without a real Bet; as of 2026-03-02T08:27:58.721607Z"


def test_players_of_several_instants_have_each_its_own(changed: Change) -> None:
    later = entry(changed(timestamp="2026-03-04T08:00:00Z"), run="two")
    head, *rows, _, summed = run("players", "-", stdin=changed() + b"\n" + later).stdout.splitlines()
    at = head.index("as of")
    assert [row[at:].split()[0] for row in rows] == ["2026-03-02T08:27:58.721607Z", "2026-03-04T08:00:00Z"]
    assert summed == "2 players: 2 active"
    one = run("players", "-", "--as-of", "2026-03-05T00:00:00+01:00", stdin=changed() + b"\n" + later).stdout
    assert "as of" not in one.splitlines()[0]
    assert one.endswith("2 players: 1 idle, 1 active; as of 2026-03-04T23:00:00Z\n")


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
