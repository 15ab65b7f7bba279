import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ftcrm.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"


def _check(name: str) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(main, ["check", str(EXAMPLES / name), "--format", "json"])
    return result.exit_code, json.loads(result.stdout)


def _rows(title: str) -> list[list[str]]:
    """The rows of the README's table whose first column has that title."""
    lines = (EXAMPLES / "README.md").read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {title} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


@pytest.mark.parametrize(("name", "events", "bonuses"), [("scenario-a.jsonl", 2, 0), ("scenario-b.jsonl", 4, 1)])
def test_the_scenarios_are_clean(name: str, events: int, bonuses: int) -> None:
    code, report = _check(name)
    assert code == 0
    assert [event["verdict"] for event in report["events"]] == ["ok"] * events
    assert report["worst"] is None
    assert [entry["state"] for entry in report["rounds"]] == ["settled"]
    assert len(report["bonuses"]) == bonuses


def test_the_bonus_of_scenario_b_runs_from_created_to_completed_around_its_round() -> None:
    _, report = _check("scenario-b.jsonl")
    (bonus,) = report["bonuses"]
    assert [status["status"] for status in bonus["statuses"]] == ["Created", "Completed"]
    assert bonus["casino_seqs"] == report["rounds"][0]["seqs"] == [2, 3]


def test_the_readme_says_line_by_line_what_is_found_in_the_broken_history() -> None:
    code, report = _check("broken.jsonl")
    found: dict[int, list[tuple[str, str]]] = {event["line"]: [] for event in report["events"]}
    for event in report["events"]:
        found[event["line"]] += [(f"{each['rule']} {each['name']}", each["confidence"]) for each in event["findings"]]
    for group in report["rounds"] + report["bonuses"]:
        for each in group["findings"]:
            found[each["witness"][-1]].append((f"{each['rule']} {each['name']}", each["confidence"]))
    verdicts = {event["line"]: event["verdict"] for event in report["events"]}
    said = [(int(line), verdict, finding, confidence) for line, verdict, finding, confidence, _ in _rows("line")]
    assert said == [
        (line, verdicts[line], finding, confidence)
        for line, findings in found.items()
        for finding, confidence in findings or [("", "")]
    ]
    assert code == 1


def test_the_readme_says_which_rounds_come_of_it() -> None:
    _, report = _check("broken.jsonl")
    assert _rows("round") == [
        [entry["round_id"], entry["state"], ", ".join(map(str, entry["seqs"]))] for entry in report["rounds"]
    ]
