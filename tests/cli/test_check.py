import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from ftcrm.cli import main

Change = Callable[..., bytes]


def _check(*options: str, stdin: bytes) -> Result:
    return CliRunner().invoke(main, ["check", "-", *options], input=stdin)


def _json(*options: str, stdin: bytes) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(_check("--format", "json", *options, stdin=stdin).stdout)
    return report


def test_a_finding_is_a_line_with_its_place_and_then_its_clause(changed: Change) -> None:
    result = _check(stdin=b"\n" + changed(amount=25))
    assert result.stdout.splitlines()[:2] == [
        "-:2: FT113 sum-mismatch [documented] /amount: expected 20 (wager_amount 20 + bonus_wager_amount 0 + "
        "locked_wager_amount 0), got 25",
        "    | amount = wager_amount + bonus_wager_amount + locked_wager_amount",
    ]
    assert result.stdout.splitlines()[-1] == ("1 event: 1 violation; 0 rounds; 0 bonuses; 1 finding: 1 documented")
    assert result.exit_code == 1


def test_a_clause_is_quoted_when_it_is_first_cited(changed: Change) -> None:
    quote = "    | amount = wager_amount + bonus_wager_amount + locked_wager_amount"
    shown = _check(stdin=b"\n".join([changed(amount=25)] * 3)).stdout.splitlines()
    assert shown.count(quote) == 1
    assert shown.count("    | (casino.amount)") == 3


def test_the_findings_of_an_event_are_written_before_the_next_one_is_read(changed: Change) -> None:
    """Whoever watches a feed through a pipe is told at once."""
    command = [sys.executable, "-m", "ftcrm.cli", "check", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in (1, 2):
            process.stdin.write(changed(amount=25) + b"\n")
            process.stdin.flush()
            line = b""
            while b"FT113" not in line:
                line = process.stdout.readline()
                assert line
            assert line.startswith(b"-:%d: FT113 sum-mismatch" % number)
        process.stdin.close()
        assert process.stdout.read().splitlines()[-1].startswith(b"2 events: 2 violation")
    assert process.returncode == 1


def test_what_a_finding_implies_is_counted_with_it(changed: Change) -> None:
    """One cause is told once: the field that is missing under its name, and the misspelt name that it has."""
    envelope = b'{"type": "CASINO", "payload": %b}' % changed()
    result = _check(stdin=envelope)
    assert re.search(r"FT107 event-in-envelope .* \(\+\d+ implied\)$", result.stdout, re.MULTILINE)
    assert re.search(r"1 documented \(\+\d+ implied\)$", result.stdout.splitlines()[-1])
    report = _json(stdin=envelope)
    (finding,) = report["events"][0]["findings"]
    assert finding["implied"] == report["counts"]["implied"] > 1


def test_the_rounds_are_a_table(examples: Path) -> None:
    result = CliRunner().invoke(main, ["check", str(examples / "scenario-a.jsonl")])
    assert result.stdout == (
        "rounds:\n"
        "  round  user   state    outcome  bet  win  ggr  currency  lines  findings\n"
        "  12345  52530  settled  won      20   5    15   EUR       1, 2   -\n"
        "\n"
        "2 events: 2 ok; 1 round; 0 bonuses; 0 findings\n"
    )


def test_a_finding_of_a_sequence_names_its_lines_and_its_round(changed: Change) -> None:
    result = _check(stdin=b"\n".join([changed(), b"", changed(amount=7, wager_amount=7)]))
    first = result.stdout.splitlines()[0]
    assert first.startswith("-:3: FT303 conflicting-activity [documented] /activity_id: ")
    assert first.endswith("(round '12345', lines 1, 3)")
    assert [line.split() for line in result.stdout.splitlines()[5:7]] == [
        ["1:", "Bet", "Approved", "A-1", "20", "EUR", "2026-03-02T08:27:58.721607Z"],
        ["3:", "Bet", "Approved", "A-1", "7", "EUR", "2026-03-02T08:27:58.721607Z"],
    ]
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({"amount": 0.30000000000000004, "wager_amount": 0.1, "bonus_wager_amount": 0.2}, "undocumented"),
        ({"currency": "DEM"}, "undocumented"),
    ],
)
def test_findings_that_are_not_documented_fail_nothing(
    changed: Change, values: dict[str, object], verdict: str
) -> None:
    result = _check("--format", "json", stdin=changed(**values))
    assert (result.exit_code, json.loads(result.stdout)["events"][0]["verdict"]) == (0, verdict)
    assert json.loads(result.stdout)["worst"] == "inferred"


def test_a_repeat_fails_nothing_and_a_settlement_without_a_bet_does(changed: Change) -> None:
    assert _check(stdin=changed() + b"\n" + changed()).exit_code == 0
    assert _check(stdin=changed(type="Win")).exit_code == 1


def test_a_line_that_is_no_json_is_unreadable_and_not_lost() -> None:
    result = _check("--format", "json", stdin=b"not JSON\n")
    report = json.loads(result.stdout)
    assert report["counts"]["verdicts"]["unreadable"] == 1
    assert (report["worst"], result.exit_code) == ("documented", 1)


def test_an_extra_currency_is_taken(changed: Change) -> None:
    assert _json(stdin=changed(currency="BTC"))["counts"]["verdicts"]["violation"] == 1
    options = ("--extra-currency", "BTC", "--extra-currency", "DOGE")
    both = changed(currency="BTC") + b"\n" + changed(currency="DOGE", round_id="2")
    verdicts = _json(*options, stdin=both)["counts"]["verdicts"]
    assert (verdicts["violation"], verdicts["undocumented"]) == (0, 2)  # FT140: which fields meta needs is not known
    assert _json(*options, "--ignore", "FT140", stdin=both)["counts"]["verdicts"]["ok"] == 2


def test_invalid_events_make_rounds_when_they_are_accepted(changed: Change) -> None:
    raw = changed(amount=25)
    assert _json(stdin=raw)["rounds"] == []
    assert [entry["state"] for entry in _json("--accept-invalid", stdin=raw)["rounds"]] == ["open"]


def test_each_run_of_a_saved_history_has_rounds_of_its_own(bet: bytes) -> None:
    lines = [
        b'{"message_type":"CASINO","run":"%b","seq":%d,"event":%b}' % (run, seq, bet)
        for run, seq in ((b"one", 10), (b"two", 11), (b"two", 15))
    ]
    report = _json(stdin=b"\n".join(lines))
    assert [(entry["run"], entry["seqs"]) for entry in report["rounds"]] == [("one", [10]), ("two", [11, 15])]
    assert [event["seq"] for event in report["events"]] == [10, 11, 15]


def test_seqs_that_do_not_rise_are_numbered_on(bet: bytes) -> None:
    lines = [b'{"message_type":"CASINO","seq":%d,"event":%b}' % (seq, bet) for seq in (5, 5, 3)]
    assert [event["seq"] for event in _json(stdin=b"\n".join([*lines, bet]))["events"]] == [5, 6, 7, 8]


def test_refused_lines_are_judged_and_excluded_and_what_was_no_event_is_neither(bet: bytes) -> None:
    def entry(disposition: bytes) -> bytes:
        return b'{"message_type":"CASINO","disposition":"%b","event":%b}' % (disposition, bet)

    kinds = (b"accepted", b"refused", b"aborted", b"pending", b"accepted")
    report = _json(stdin=b"\n".join(map(entry, kinds)))
    assert [event["line"] for event in report["events"]] == [1, 2, 5]
    assert [(each["seqs"], each["excluded"]) for each in report["rounds"]] == [([1, 5], [2])]


@pytest.mark.parametrize("style", ["json", "junit", "sarif", "text"])
def test_nothing_to_check_is_said_and_a_report_is_still_one(style: str) -> None:
    result = _check("--format", style, stdin=b"\n\n")
    assert (result.exit_code, result.stderr) == (3, "ftcrm: -: expected events, got none\n")
    match style:
        case "json":
            assert json.loads(result.stdout)["events"] == []
        case "junit":
            assert ElementTree.fromstring(result.stdout).find("testsuite").get("tests") == "0"  # noqa: S314
        case "sarif":
            assert json.loads(result.stdout)["runs"][0]["results"] == []
        case "text":
            assert result.stdout == ""


def test_junit_has_a_case_for_each_event_round_and_bonus(examples: Path) -> None:
    result = CliRunner().invoke(main, ["check", str(examples / "broken.jsonl"), "--format", "junit"])
    suite = ElementTree.fromstring(result.stdout).find("testsuite")  # noqa: S314 - our own XML
    assert suite is not None
    kinds = [case.get("classname", "").rpartition(".")[2] for case in suite]
    assert {kind: kinds.count(kind) for kind in kinds} == {"events": 15, "rounds": 4, "bonuses": 1}
    failed = [case.get("name", "").split(":")[0] for case in suite if case.find("failure") is not None]
    assert failed[:6] == ["line 1", "line 2", "line 3", "line 4", "line 14", "line 15"]
    assert [name.split(" ")[1] for name in failed[6:]] == ["20005", "20008", "EFGH"]
    noted = [case.get("name") for case in suite if case.find("system-out") is not None]
    assert len(noted) == 3
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("20", "9", "0")
    assert result.exit_code == 1


def test_junit_skips_what_has_no_contract() -> None:
    result = _check("--format", "junit", stdin=b'{"message_type":"LOGIN_V2","event":{}}')
    case = ElementTree.fromstring(result.stdout).find("testsuite/testcase")  # noqa: S314
    assert case is not None
    assert case.find("skipped") is not None
    assert result.exit_code == 3


@pytest.mark.parametrize("style", ["json", "junit", "sarif", "text"])
def test_events_of_types_without_a_contract_are_nothing_checked(style: str, bet: bytes) -> None:
    unchecked = b'{"message_type":"LOGIN_V2","event":{}}\n'
    result = _check("--format", style, stdin=unchecked * 2)
    assert result.exit_code == 3
    assert result.stderr == "ftcrm: -: expected events of a type that has a contract (BONUS, CASINO), got 2 of others\n"
    assert result.stdout
    with_one = _check("--format", style, stdin=unchecked + bet)
    assert (with_one.exit_code, with_one.stderr) == (0, "")


@pytest.mark.parametrize("style", ["text", "junit"])
def test_nothing_that_was_sent_can_steer_a_terminal_or_break_the_xml(changed: Change, style: str) -> None:
    nasty = "\x1b[31m\x00\x08\u202e\ufffe<&\"']]>\n"
    raw = changed(type=nasty, activity_id=nasty, round_id=nasty)
    doubled = changed(**{nasty: 1})[:-1] + b"," + json.dumps({nasty: 2}).encode()[1:]
    win = changed(type="Win", round_id=nasty, user_id=nasty)
    result = _check("--format", style, stdin=b"\n".join([raw, doubled, win]))
    assert not set(nasty) - set("<&\"']>[31m\n") & set(result.stdout)
    assert "\\x1b[31m\\x00\\x08\\u202e\\ufffe" in result.stdout
    if style == "junit":
        names = [case.get("name") for case in ElementTree.fromstring(result.stdout).iter("testcase")]  # noqa: S314
        assert any("<&\"']]>\\n" in name for name in names if name)


def test_a_mixed_round_has_no_total(changed: Change) -> None:
    lines = [changed(), changed(type="Win", activity_id="2", currency="USD")]
    result = _check(stdin=b"\n".join(lines))
    (row,) = [line for line in result.stdout.splitlines() if line.startswith("  12345")]
    assert row.split()[4:8] == ["-", "-", "-", "EUR/USD"]


def test_json_has_everything_and_one_thing_a_line(changed: Change) -> None:
    lines = [
        changed(amount=25),
        changed(),
        changed(activity_id="A-2", round_id="2", game_name="Dead", user_bonus_id="b1"),
    ]
    result = _check("--format", "json", stdin=b"\n".join(lines))
    report = json.loads(result.stdout)
    assert list(report) == ["file", "events", "rounds", "bonuses", "across", "counts", "worst", "violated"]
    assert [finding["rule"] for finding in report["across"]] == ["FT601"]
    for name in ("events", "rounds", "bonuses", "across"):
        for each in report[name]:
            assert json.dumps(each, separators=(",", ":")) in result.stdout
    counts = report["counts"]
    assert (counts["events"], counts["rounds"], counts["bonuses"]) == (3, 2, 1)
    told = [
        finding
        for group in (*report["events"], *report["rounds"], *report["bonuses"], {"findings": report["across"]})
        for finding in group["findings"]
    ]
    assert sum(counts["findings"].values()) == len(told)


@pytest.mark.parametrize("style", ["json", "junit", "sarif", "text"])
def test_a_file_without_an_end_has_no_report_that_looks_like_one(style: str, bet: bytes) -> None:
    result = _check("--format", style, stdin=b"[" + bet)
    assert (result.exit_code, result.stderr) == (
        2,
        "ftcrm: -: line 1: expected the array to end with ], got the end of the file\n",
    )
    match style:
        case "json" | "sarif":
            with pytest.raises(json.JSONDecodeError):
                json.loads(result.stdout)
        case _:
            assert result.stdout == ""


def test_an_array_in_one_line_is_told_apart_by_columns(changed: Change) -> None:
    first, second = changed(), changed(amount=25)
    result = _check(stdin=b"[" + first + b"," + second + b"]")
    assert result.stdout.startswith(f"-:1:{len(first) + 3}: FT113")
    assert [event["column"] for event in _json(stdin=b"[" + first + b"," + second + b"]")["events"]] == [
        2,
        len(first) + 3,
    ]


def test_a_finding_points_at_the_line_where_its_event_begins(changed: Change) -> None:
    array = json.dumps([json.loads(changed()), json.loads(changed(amount=25))], indent=4).encode()
    line = array[: array.rindex(b"    {")].count(b"\n") + 1
    assert _check(stdin=array).stdout.startswith(f"-:{line}: FT113")


def test_one_event_over_several_lines_is_one_event(changed: Change) -> None:
    report = _json(stdin=json.dumps(json.loads(changed()), indent=2).encode())
    assert (report["counts"]["events"], report["counts"]["verdicts"]["ok"]) == (1, 1)


def test_a_closed_file_is_all_there_is(changed: Change) -> None:
    raw = changed()
    assert _check(stdin=raw).exit_code == 0
    closed = _check("--closed", stdin=raw)
    assert "FT307 never-settled" in closed.stdout
    assert closed.exit_code == 1


def test_deadlines_pass_by_the_end_of_the_file(changed: Change) -> None:
    bet, later = changed(), changed(activity_id="2", round_id="2", timestamp="2026-03-02T10:00:00Z")
    for deadline, rules in (("2h", set()), ("1h", {"FT308"})):
        report = _json("--round-deadline", deadline, stdin=bet + b"\n" + later)
        assert {finding["rule"] for each in report["rounds"] for finding in each["findings"]} == rules
    late = b'{"message_type":"CASINO","received_at":"%b","event":%b}'
    received = late % (b"2026-03-02T08:00:00Z", bet) + b"\n" + late % (b"2026-03-02T08:30:00Z", later)
    assert _json("--round-deadline", "1h", stdin=received)["counts"]["findings"]["inferred"] == 0


def test_the_time_of_receipt_is_known_to_the_rules(changed: Change) -> None:
    entry = b'{"message_type":"CASINO","received_at":"2026-03-02T08:00:00Z","event":%b}' % changed()
    assert "FT603" in _check("--extend-select", "FT603", stdin=entry).stdout
    assert "FT603" not in _check("--extend-select", "FT603", stdin=changed()).stdout


@pytest.mark.parametrize("style", ["json", "junit", "sarif", "text"])
def test_events_alone_make_no_rounds(style: str, changed: Change) -> None:
    result = _check("--events-only", "--format", style, stdin=changed(type="Win", amount=25))
    assert result.exit_code == 1
    assert "FT113" in result.stdout
    assert "FT301" not in result.stdout.replace('"id":"FT301"', "")
    assert _check("--events-only", "--format", style, stdin=changed(type="Win")).exit_code == 0


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--closed",), "no --closed beside it"),
        (("--round-deadline", "1h"), "no --round-deadline beside it"),
        (("--round-deadline", "1h", "--closed"), "no --closed and no --round-deadline beside it"),
    ],
)
def test_events_alone_have_no_end(options: tuple[str, ...], named: str, bet: bytes) -> None:
    result = _check("--events-only", *options, stdin=bet)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"ftcrm: --events-only: expected {named}, which is about rounds")


def test_a_deadline_that_is_not_given_with_the_command_is_for_other_commands_too(bet: bytes) -> None:
    result = CliRunner().invoke(main, ["check", "-", "--events-only"], bet, env={"FTCRM_ROUND_DEADLINE": "1h"})
    assert result.exit_code == 0


def test_what_a_round_left_out_is_shown_where_there_is_any(changed: Change) -> None:
    win, clean = changed(type="Win", activity_id="2"), changed(activity_id="3", round_id="2")
    rows = _table(_check(stdin=b"\n".join([changed(amount=25), win, clean])).stdout, "rounds")
    assert rows[0][-3:] == ["lines", "left out", "findings"]
    assert [(row[2], *row[-3:]) for row in rows[1:]] == [("orphan", "2", "1", "-"), ("open", "3", "-", "-")]
    assert "left out" not in _check(stdin=clean).stdout


def test_what_a_bonus_left_out_is_shown_too(examples: Path) -> None:
    created = (examples / "scenario-b.jsonl").read_bytes().splitlines()[0]
    shown = _check(stdin=created + b"\n" + json.dumps(json.loads(created) | {"status": 7}).encode()).stdout
    header, row = _table(shown, "bonuses")
    assert (header[-3:], row[-3:]) == (["lines", "left out", "findings"], ["1", "2", "-"])


def test_twenty_findings_of_a_rule_are_written_and_all_are_counted(changed: Change) -> None:
    lines = [changed(amount=25, status="Aproved" if number == 40 else "Approved") for number in range(50)]
    shown = _check(stdin=b"\n".join(lines)).stdout
    assert len(re.findall(r"^-:\d+: FT113", shown, re.MULTILINE)) == 20
    assert shown.count("-: further findings of FT113 are counted (--all writes them)\n") == 1
    assert "-:41: FT112" in shown
    assert _table(shown, "findings")[1:] == [
        ["FT112", "value-not-accepted", "documented", "1", "41"],
        ["FT113", "sum-mismatch", "documented", "50", "1, 2, 3, ..."],
    ]
    three = _table(_check(stdin=b"\n".join(lines[:3])).stdout, "findings")
    assert three[1] == ["FT113", "sum-mismatch", "documented", "3", "1, 2, 3"]
    everything = _check("--all", stdin=b"\n".join(lines)).stdout
    assert len(re.findall(r"^-:\d+: FT113", everything, re.MULTILINE)) == 50
    assert "further findings" not in everything


def test_twenty_findings_about_sequences_are_written_too(changed: Change) -> None:
    wins = b"\n".join(changed(type="Win", round_id=f"r{number}", activity_id=f"{number}") for number in range(30))
    shown = _check(stdin=wins).stdout
    assert shown.count(": FT301 settlement-without-bet") == 20
    assert _table(shown, "findings")[1:] == [["FT301", "settlement-without-bet", "documented", "30", "1, 2, 3, ..."]]


def test_a_table_has_fifty_rows_those_with_findings_first(changed: Change) -> None:
    def bets(count: int) -> list[bytes]:
        return [changed(round_id=f"r{number}", activity_id=f"{number}") for number in range(count)]

    lone = changed(type="Win", round_id="lone", activity_id="lone")
    shown = _check(stdin=b"\n".join([*bets(1_100), lone])).stdout
    rows = _table(shown, "rounds")
    assert [row[0] for row in rows[1:51]] == ["lone", *(f"r{number}" for number in range(49))]
    assert rows[51] == ["... and 1,051 more rounds (--format json has all)"]
    everything = _table(_check("--all", stdin=b"\n".join([*bets(60), lone])).stdout, "rounds")
    assert [row[0] for row in everything[1:]] == [*(f"r{number}" for number in range(60)), "lone"]
    fifty = _table(_check(stdin=b"\n".join([*bets(49), lone])).stdout, "rounds")
    assert [row[0] for row in fifty[1:]] == [*(f"r{number}" for number in range(49)), "lone"]
    assert _table(_check(stdin=b"\n".join(bets(51))).stdout, "rounds")[-1] == [
        "... and 1 more round (--format json has all)"
    ]


def _table(shown: str, title: str) -> list[list[str]]:
    """The cells of that table, its header first."""
    text = shown[f"\n{shown}".index(f"\n{title}:\n") :].split("\n\n", maxsplit=1)[0]
    return [re.split(r"  +", line.strip()) for line in text.splitlines()[1:]]


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ({"rounds": [{"round_id": "1"}], "next_cursor": None, "complete": True}, "a list of rounds, not of events"),
        ({"next_cursor": "1.2", "complete": False, "bonuses": []}, "a list of bonuses, not of events"),
        ({"findings": [], "next_cursor": None, "complete": True}, "a list of findings, not of events"),
        ({"rules": [{"code": "FT101"}]}, "a list of rules, not of events"),
        ({"sessions": [], "complete": True}, "a list of sessions, not of events"),
        ({"players": [], "complete": True}, "a list of players, not of events"),
        (
            {"events": 2, "verdicts": {}, "dispositions": {}, "rounds": {}, "bonuses": {}, "findings": {}, "runs": {}},
            "a summary",
        ),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_another_answer_of_the_admin_api_has_no_events(answer: dict[str, Any], named: str, indent: int | None) -> None:
    result = _check(stdin=json.dumps(answer, indent=indent).encode())
    expected = f"ftcrm: -: line 1: expected events, got {named}; GET history has what can be checked\n"
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", expected)


@pytest.mark.parametrize(
    "answer", [{"rounds": 3}, {"rounds": [], "type": "Bet"}, {"rounds": [], "findings": []}, {"complete": True}, {}]
)
def test_what_only_looks_like_an_answer_is_an_event(answer: dict[str, Any]) -> None:
    assert _check(stdin=json.dumps(answer).encode()).exit_code == 1


@pytest.mark.parametrize(
    ("stdin", "seems"),
    [
        (b"round_id;amount\n1;20\n", "it is not JSON, or not in UTF-8"),
        (gzip.compress(b'{"type": "Bet"}\n' * 100, mtime=0), "it seems to be gzip (gunzip it first)"),
        ('{"type": "Bet"}\n'.encode("utf-16"), "it seems to be UTF-16 (convert it to UTF-8)"),
        (b"\xfe\xff" + '{"type": "Bet"}\n'.encode("utf-16-be"), "it seems to be UTF-16 (convert it to UTF-8)"),
    ],
)
@pytest.mark.parametrize("options", [(), ("--select", "FT3")])
def test_a_file_without_json_is_told_for_what_it_seems(stdin: bytes, seems: str, options: tuple[str, ...]) -> None:
    result = _check(*options, stdin=stdin)
    assert (result.exit_code, result.stderr) == (1, f"ftcrm: -: expected JSON, got none: {seems}\n")


@pytest.mark.parametrize(
    "line", [b"[1]", b"7", b'{"message_type": "CASINO", "raw_base64": "H4sI"}', b'{"message_type":"CASINO","raw":"x"}']
)
def test_a_file_with_any_json_is_json(line: bytes) -> None:
    assert _check(stdin=b"a;b\n" + line + b"\nc;d").stderr == ""


MEMORY = """
import sys, tracemalloc
from ftcrm.cli import junit, main
junit._IN_MEMORY = 10_000
few, many, style = sys.argv[1:]
tracemalloc.start()
for file in (few, few, many):
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    main(["check", file, "--events-only", "--format", style], standalone_mode=False)
    print(tracemalloc.get_traced_memory()[1] - before, file=sys.stderr)
"""


@pytest.mark.parametrize("style", ["json", "junit", "sarif", "text"])
def test_events_alone_are_judged_in_constant_memory(style: str, changed: Change, tmp_path: Path) -> None:
    files = {count: tmp_path / f"{count}.jsonl" for count in (500, 4_000)}
    for count, path in files.items():
        events = (changed(activity_id=f"A-{number}", amount=20 + number % 2) for number in range(count))
        path.write_bytes(b"\n".join(events))
    command = [sys.executable, "-c", MEMORY, *map(str, files.values()), style]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True, timeout=60)
    _, few, many = map(int, done.stderr.split())
    assert many < few + 300_000
