"""The summary's counts."""

from typing import Any


def test_an_empty_server_has_counted_nothing(stand: Any) -> None:
    summary = stand.make().get("summary")
    assert summary["journal"] == {"path": None, "last_seq": 0, "evicted": 0, "failed_commits": 0}
    assert summary["complete"] is True
    assert {name: value for name, value in summary.items() if value and name not in ("journal", "complete")} == {}


def test_the_summary_counts_deliveries_rounds_and_findings(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(), stand.delivery(type="Win"), stand.delivery(amount="x", refusable=True, round_id="r2"))
    desk.put(stand.delivery(stand.bonus(), "BONUS"), stand.delivery(b"{}", None), stand.delivery(b"{"))
    desk.errors.add("kafka", "no Kafka", b"\xff")
    summary = desk.get("summary")
    assert {name: summary[name] for name in ("events", "connectors", "message_types", "verdicts", "dispositions")} == {
        "events": 6,
        "connectors": {"rest": 6},
        "message_types": {"BONUS": 1, "CASINO": 4, "none": 1},
        "verdicts": {"ok": 3, "unchecked": 1, "unreadable": 1, "violation": 1},
        "dispositions": {"accepted": 5, "refused": 1},
    }
    assert (summary["rounds"], summary["bonuses"], summary["runs"]) == ({"settled": 1}, {"Created": 1}, {"default": 6})
    assert summary["players"] == 1
    assert sum(summary["findings"].values()) == len(desk.get("findings")["findings"])
    assert summary["protocol_errors"]["kafka"]["count"] == 1


def test_the_summary_counts_what_is_said_across_rounds_once_each(stand: Any) -> None:
    desk = stand.make()
    for number in range(4):
        desk.put(stand.delivery(round_id=f"r{number}", run="a"))
    desk.put(stand.delivery(run="b"), stand.delivery(run="b", round_id="r2", currency="USD"))
    assert desk.get("summary")["findings"] == {"FT322": 2, "FT602": 1}
    assert desk.get("summary", run="a")["findings"] == {"FT322": 1}
    assert sum(desk.get("summary")["findings"].values()) == len(desk.get("findings")["findings"])
    desk.put(reset="b")
    assert desk.get("summary")["findings"] == {"FT322": 1}


def test_the_summary_of_one_run(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(run="a"), stand.delivery(run="b"), stand.delivery(run="b", type="Win"))
    assert desk.get("summary", run="b")["events"] == 2
    assert desk.get("summary", run="b")["rounds"] == {"settled": 1}
    assert desk.get("summary", run="none")["events"] == 0
    assert desk.get("summary")["runs"] == {"a": 1, "b": 2}
    assert desk.get("summary")["rounds"] == {"open": 1, "settled": 1}
    desk.put(stand.delivery(run="b", user_id="u2"), stand.delivery(run="a", user_id="u3", amount="x"))
    assert [desk.get("summary", **run)["players"] for run in ({}, {"run": "a"}, {"run": "b"})] == [3, 1, 2]


def test_the_summary_tells_of_eviction_and_of_commits_that_failed(stand: Any) -> None:
    desk = stand.make(max_events=4)
    desk.put(*[stand.delivery(activity_id=str(number)) for number in range(6)])
    with stand.failing(desk.journal):
        desk.put(stand.delivery())
    summary = desk.get("summary")
    assert summary["complete"] is False
    assert summary["journal"] == {"path": None, "last_seq": 7, "evicted": 3, "failed_commits": 1}
    assert summary["events"] == summary["verdicts"]["ok"] == 3
