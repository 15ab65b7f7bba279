"""SARIF: valid against its schema whatever was sent, and every finding at its place."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft4Validator, FormatChecker

from ftcrm.cli import main
from ftcrm.cli.sarif import level_of
from ftcrm.contracts.findings import Confidence, Finding
from ftcrm.contracts.rules import STANDARD
from ftcrm.contracts.severity import FAIL_ON, fails

Change = Callable[..., bytes]
SCHEMA = json.loads(Path(__file__).with_name("sarif-2.1.0.schema.json").read_text())
VALIDATOR = Draft4Validator(SCHEMA, format_checker=FormatChecker())


def sarif(file: str, *options: str, stdin: bytes | None = None) -> dict[str, Any]:
    """The one run of the log, which is valid."""
    result = CliRunner().invoke(main, ["check", file, "--format", "sarif", *options], input=stdin)
    log = json.loads(result.stdout)
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def test_every_finding_is_a_result_at_its_line(examples: Path) -> None:
    path = examples / "broken.jsonl"
    run = sarif(str(path))
    shown = json.loads(CliRunner().invoke(main, ["check", str(path), "--format", "json"]).stdout)
    told = [(finding, event["line"]) for event in shown["events"] for finding in event["findings"]]
    told += [
        (finding, finding["witness"][-1])  # a line of this file has its number as its seq
        for group in (*shown["rounds"], *shown["bonuses"])
        for finding in group["findings"]
    ]
    assert len(told) > 10
    found = [
        (result["ruleId"], result["level"], result["locations"][0]["physicalLocation"]["region"]["startLine"])
        for result in run["results"]
    ]
    assert found == [
        (each["rule"], level_of(each["rule"], Confidence(each["confidence"]), "documented"), line)
        for each, line in told
    ]
    assert run["properties"] == {name: shown[name] for name in ("counts", "worst", "violated")}
    assert {each["location"]["uri"] for each in run["artifacts"]} == {path.as_uri()}


def test_the_rules_are_those_that_are_selected_with_what_they_find() -> None:
    rules = sarif("-", stdin=b"")["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} == STANDARD.codes
    (selected,) = sarif("-", "--select", "FT301", stdin=b"")["tool"]["driver"]["rules"]
    assert selected["defaultConfiguration"]["level"] == "error"
    assert selected["shortDescription"]["text"] in selected["help"]["text"]
    assert "First we should receive a Casino Event with Type Bet" in selected["help"]["text"]
    assert all("helpUri" not in rule for rule in rules)


@pytest.mark.parametrize("fail_on", FAIL_ON)
def test_an_error_is_what_fails_the_check(examples: Path, fail_on: str) -> None:
    for confidence in Confidence:
        for code in ("FT999", "FT302"):
            failing = fails(Finding(code, "name", "kind", confidence, "clause", "message"), fail_on)
            weaker = "warning" if confidence in (Confidence.DOCUMENTED, Confidence.VENDOR) else "note"
            assert level_of(code, confidence, fail_on) == ("error" if failing else weaker)
    run = sarif(str(examples / "broken.jsonl"), "--fail-on", fail_on)
    rules = run["tool"]["driver"]["rules"]
    levels = {result["level"] for result in run["results"]}
    assert ("error" in levels) is (fail_on != "never")
    for result in run["results"]:
        assert result["level"] == rules[result["ruleIndex"]]["defaultConfiguration"]["level"]


def test_an_event_that_cannot_be_read_is_an_error_whatever_rule_is_silenced() -> None:
    (result,) = sarif("-", "--select", "FT3", stdin=b"\nnot JSON\n")["results"]
    assert result["level"] == "error"
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 2
    (weaker,) = sarif("-", "--select", "FT3", "--fail-on", "never", stdin=b"not JSON\n")["results"]
    assert weaker["level"] == "warning"


def test_results_name_their_rules_by_index(examples: Path) -> None:
    run = sarif(str(examples / "broken.jsonl"))
    rules = run["tool"]["driver"]["rules"]
    assert run["results"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])


def test_a_result_shows_its_place_in_the_payload(changed: Change) -> None:
    (result,) = sarif("-", stdin=b"\n" + changed(amount=25))["results"]
    (location,) = result["locations"]
    place = location["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "stdin"
    assert place["region"]["startLine"] == 2
    assert place["region"]["snippet"]["text"].splitlines()[1].strip() == '"amount": 25,'
    assert result["properties"]["pointer"] == "/amount"


def test_a_sequence_relates_to_its_events(changed: Change) -> None:
    lines = [changed(), b"", changed(amount=7, wager_amount=7)]
    (result,) = sarif("-", stdin=b"\n".join(lines))["results"]
    related = result["relatedLocations"]
    assert [each["physicalLocation"]["region"]["startLine"] for each in related] == [1, 3]
    assert related[1]["message"]["text"].startswith("Bet Approved A-1 7 EUR 2026-")
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 3


def test_a_fingerprint_stays_when_lines_move_and_tells_events_apart(changed: Change) -> None:
    one, other = changed(amount=25), changed(amount=25, activity_id="A-2")
    win = changed(type="Win", round_id="lone")
    clean = changed(user_id="another", round_id="r9", activity_id="A-9")

    def fingerprints(*lines: bytes) -> list[str]:
        return [
            each["partialFingerprints"]["ftcrmFinding/v1"] for each in sarif("-", stdin=b"\n".join(lines))["results"]
        ]

    before = fingerprints(one, other, win)
    assert len(set(before)) == len(before) >= 3
    assert fingerprints(clean, b"", one, other, win) == before


@pytest.mark.parametrize("name", ["a b#1?.jsonl", "ü.jsonl", "100%.jsonl", "-dash.jsonl"])
def test_any_file_name_is_a_uri(tmp_path: Path, name: str, changed: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / name).write_bytes(changed(amount=25))
    monkeypatch.chdir(tmp_path)
    (relative,) = sarif(f"./{name}")["results"]
    uri = relative["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    (absolute,) = sarif(str(tmp_path / name))["results"]
    assert absolute["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == f"{tmp_path.as_uri()}/{uri}"


def test_what_was_sent_is_valid_whatever_it_is(changed: Change) -> None:
    nasty = "\x1b[31m\x00\u202e\ud800\"'<&]]>\n"
    lines = [
        changed(type=nasty, activity_id=nasty),
        b"\xff\xfe\x00",
        b"[" * 100,
        b'{"type": 1, "type": 2}',
        b'{"message_type":"CASINO","raw_base64":"/w=="}',
        changed(type="Win", round_id="\U000e0001", user_id="\x00"),
    ]
    results = sarif("-", "--select", "ALL", stdin=b"\n".join(lines))["results"]
    assert {each["locations"][0]["physicalLocation"]["region"]["startLine"] for each in results} == {1, 2, 3, 4, 5, 6}
