"""How values are written: the same as JSON, CSV and rows, and nothing of it can steer a terminal."""

import csv
import json
from collections.abc import Callable, Sequence
from io import StringIO
from typing import Any

import pytest

from ftcrm.cli import bonuses, players, rounds, sessions
from ftcrm.cli.kinds import Kind, at
from ftcrm.cli.listed import STYLES, CsvList, JsonList, TableList

KINDS = [rounds.KIND, bonuses.KIND, sessions.KIND, players.KIND]
AMOUNTS = dict.fromkeys(("real", "bonus", "locked", "unallocated", "total"), "0")


def money(total: str) -> dict[str, Any]:
    return {"bet": AMOUNTS | {"total": total}, "win": AMOUNTS, "ggr": AMOUNTS | {"total": total}}


def a_round(**changes: Any) -> dict[str, Any]:
    one = money("1234567890.123")
    return {
        "run": "default",
        "origin": "o",
        "user_id": "u1",
        "round_id": "r1",
        "state": "open",
        "outcome": None,
        "played": True,
        "end_flagged": False,
        "currency": "EUR",
        **one,
        "base": one,
        "totals": {"EUR": one},
        "game": {"id": "g1", "name": "Dead or Alive", "type": "Slots"},
        "vendor": {"id": "1", "name": "Netent"},
        "first_at": "2026-03-02T08:00:00Z",
        "last_at": "2026-03-02T08:00:00Z",
        "seqs": [1, 12],
        "excluded": [],
        "findings": [{"rule": "FT303"}, {"rule": "FT301"}, {"rule": "FT301"}],
        **changes,
    }


MIXED = {"currency": None, "bet": None, "win": None, "ggr": None, "totals": {"EUR": money("1"), "USD": money("2")}}


def written(
    style: Callable[..., Any], *views: dict[str, Any], kind: Kind = rounds.KIND, missing: Sequence[str] = ()
) -> str:
    said: list[str] = []
    listed = style(kind, said.append)
    for view in views:
        listed.add(view)
    listed.end(missing=missing)
    return "\n".join(said)


def csv_rows(*views: dict[str, Any]) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(written(CsvList, *views))))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("missing", [(), ("one",), ("",)])
def test_json_is_one_object_also_of_nothing(kind: Kind, missing: Sequence[str]) -> None:
    assert json.loads(written(JsonList, kind=kind, missing=missing)) == {kind.name: [], "complete": not missing}


def test_json_has_the_values_as_they_are_one_a_line() -> None:
    views = [a_round(round_id=name) for name in ("r1", "r2\n", "r3")]
    text = written(JsonList, *views)
    assert json.loads(text) == {"rounds": views, "complete": True}
    assert sum('"round_id"' in line for line in text.splitlines()) == 3


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_header_of_csv_is_there_whatever_comes(kind: Kind) -> None:
    assert written(CsvList, kind=kind).split(",") == list(kind.flat)
    assert len(set(kind.flat)) == len(kind.flat)


def test_csv_is_flat_and_exact() -> None:
    (row,) = csv_rows(a_round(round_id='a "b",\n=1'))
    assert row["round_id"] == 'a "b",\n=1'
    assert (row["bet.total"], row["base.ggr.total"], row["win.real"]) == ("1234567890.123", "1234567890.123", "0")
    assert (row["outcome"], row["played"], row["end_flagged"]) == ("", "true", "false")
    assert (row["seqs"], row["excluded"], row["findings.rule"]) == ("1 12", "", "FT303 FT301 FT301")
    assert (row["game.name"], row["vendor.id"]) == ("Dead or Alive", "1")
    assert json.loads(row["totals"]) == {"EUR": money("1234567890.123")}


def test_csv_of_mixed_currencies_has_their_totals_as_json_and_the_base() -> None:
    (row,) = csv_rows(a_round(**MIXED))
    assert (row["currency"], row["bet.total"], row["ggr.locked"]) == ("", "", "")
    assert json.loads(row["totals"]).keys() == {"EUR", "USD"}
    assert row["base.bet.total"] == "1234567890.123"


def test_a_path_leads_through_objects_and_lists_and_ends_where_there_is_nothing() -> None:
    view = {"a": {"b": 1}, "c": None, "d": [{"e": 2}, {"e": None}]}
    assert [at(view, path) for path in ("a", "a.b", "c", "c.d", "d.e")] == [{"b": 1}, 1, None, None, [2, None]]


def test_a_table_is_aligned_and_ends_with_its_sum() -> None:
    voided = a_round(round_id="round-2", state="voided", findings=[], outcome="-", totals={"EUR": money("7")})
    head, first, second, blank, summed = written(TableList, a_round(), voided).splitlines()
    assert head.split() == "user round state outcome bet win ggr currency game first_at events findings".split()
    assert first.endswith("2  FT301, FT303")
    end = head.index("bet") + len("bet")
    assert (first[:end].split()[-1], second[:end].split()[-1]) == ("1234567890.123", "7")
    assert (blank, summed) == ("", "2 rounds: 1 open, 1 voided")


def test_a_table_of_nothing_is_its_sum() -> None:
    assert [written(TableList, kind=kind) for kind in KINDS] == ["0 rounds", "0 bonuses", "0 sessions", "0 players"]


@pytest.mark.parametrize(
    ("missing", "text"),
    [
        (["one"], "deliveries of these runs are missing: one"),
        (list("abcdefg"), "deliveries of these runs are missing: a, b, c, d, e and 2 more"),
        (["", "one"], "deliveries are missing, of which runs is not known"),
    ],
)
def test_a_table_says_of_which_runs_deliveries_are_missing(missing: Sequence[str], text: str) -> None:
    assert written(TableList, missing=missing) == f"0 rounds; {text}"


def test_a_column_of_what_is_rare_is_there_where_one_has_it() -> None:
    assert "left out" not in written(TableList, a_round())
    assert "left out" in written(TableList, a_round(excluded=[7]))
    head, *rows = written(TableList, a_round(), a_round(excluded=[7, 9])).splitlines()[:3]
    end = head.index("left out") + len("left out")
    assert [row[:end].split()[-1] for row in rows] == ["-", "2"]


def test_runs_and_origins_are_columns_where_there_are_several() -> None:
    titles = written(TableList, a_round(), a_round(run="two"), a_round(origin="p")).split("\n")[0].split()
    assert titles[:3] == ["run", "origin", "user"]


def test_a_table_says_of_mixed_currencies_which() -> None:
    _, row, *_ = written(TableList, a_round(**MIXED)).splitlines()
    assert row.split()[3:8] == ["-", "-", "-", "-", "EUR/USD"]


@pytest.mark.parametrize("style", STYLES)
def test_what_a_sender_sent_cannot_steer_a_terminal(style: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ftcrm.cli.listed.on_terminal", lambda: style == "csv")
    text = written(STYLES[style], a_round(round_id="\x1b[2J\r", state="\x1b[2J"))
    assert "\x1b" not in text
    assert "\r" not in text
    assert "[2J" in text


def test_long_lists_are_written_before_their_end() -> None:
    for style in (JsonList, CsvList):
        said: list[str] = []
        listed = style(rounds.KIND, said.append)
        for number in range(200):
            listed.add(a_round(round_id=f"r{number}"))
        assert said
