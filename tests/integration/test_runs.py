"""Runs: bound by how a sender is pointed at the server, isolated from each other, reset by a mark."""

import json
import subprocess
from uuid import uuid4

import pytest

pytestmark = pytest.mark.integration


@pytest.fixture
def run():
    return f"run-{uuid4().hex[:10]}"


def fill(publish, player, run):
    """Three events, one through each connector."""
    raws = [player.bet("20"), player.bet("0.5"), player.win("5")]
    publish.rest(raws[0], base=f"/runs/{run}")
    publish.rabbitmq(raws[1], vhost=run)
    publish.kafka(raws[2], topic=f"runs.{run}.casino.events")
    return raws


def test_a_run_by_base_path_by_vhost_and_by_topic(server, publish, player, run):
    raws = fill(publish, player, run)
    publish.rest(player.bet("1000"))
    publish.rest(player.bet("1000"), base=f"/runs/{run}-other")
    found = server.round(player.user_id, player.round_id, run=run)
    assert (found["run"], found["bet"]["total"], found["win"]["total"]) == (run, "20.5", "5")
    entries = server.events(run=run)
    assert [entry["raw"].encode() for entry in entries] == raws
    assert [entry["connector"] for entry in entries] == ["rest", "rabbitmq", "kafka"]
    assert server.summary(run=run)["events"] == 3
    several = server.http.get(f"/_ftcrm/rounds/sub.example.com/{player.user_id}/{player.round_id}")
    assert several.status_code == 409
    assert several.json()["error"]["code"] == "ambiguous"


@pytest.mark.parametrize("topic", ["casino", "runs", "runs.", "runs.x", "runs..casino", "Runs.x.y"])
def test_topics_that_name_no_run(server, publish, player, topic):
    publish.kafka(player.bet(), topic=topic)
    (entry,) = server.events(user_id=player.user_id)
    assert entry["run"] == "default"


def test_a_reset_empties_one_run_for_good(serve, publisher_of, new_player, run, tmp_path):
    journal = tmp_path / "runs.journal"
    server = serve("--journal", str(journal))
    publish, player, other = publisher_of(server), new_player(), new_player()
    fill(publish, player, run)
    fill(publish, other, "other")
    publish.rest(player.bet(currency="Euro"), base=f"/runs/{run}")
    first, *_ = server.events(run=run)
    untouched = server.get("rounds", run="other"), server.events(run="other"), server.summary(run="other")["events"]

    told = server.post(f"runs/{run}/reset")
    assert told["run"] == run
    assert told["seq"] > first["seq"]

    def check_empty(target):
        assert target.events(run=run) == []
        assert target.get("rounds", run=run)["rounds"] == []
        assert target.get("findings", run=run)["findings"] == []
        summary = target.summary(run=run)
        assert (summary["events"], summary["rounds"], summary["verdicts"], summary["findings"]) == (0, {}, {}, {})
        gone = target.http.get(f"/_ftcrm/rounds/sub.example.com/{player.user_id}/{player.round_id}?run={run}")
        assert gone.status_code == 404
        # Nothing received is deleted: the delivery itself is still there.
        assert target.get(f"events/{first['seq']}") == first
        now = target.get("rounds", run="other"), target.events(run="other"), target.summary(run="other")["events"]
        assert now == untouched
        assert first["seq"] not in [entry["seq"] for entry in target.events()]

    check_empty(server)
    publish.close()
    assert server.stop() == 0
    again = serve("--journal", str(journal))
    check_empty(again)
    again_publish = publisher_of(again)
    win = new_player()
    for raw in (win.bet(), win.win()):
        assert again_publish.rest(raw, base=f"/runs/{run}").status_code == 200
    assert again.round(win.user_id, win.round_id, run=run)["state"] == "settled"
    assert again.summary(run=run)["events"] == 2


def test_a_reset_with_a_transaction_open(serve, player, run):
    import confluent_kafka  # noqa: PLC0415

    server = serve()
    sender = confluent_kafka.Producer(
        {"bootstrap.servers": server.addresses["kafka"], "transactional.id": "engine", "log_level": 0}
    )
    sender.init_transactions(10)
    sender.begin_transaction()
    sender.produce(f"runs.{run}.casino", player.bet(), headers=[("type", b"CASINO")])
    assert sender.flush(10) == 0
    server.post(f"runs/{run}/reset")
    sender.commit_transaction(10)
    assert server.events(run=run) == []
    assert server.get("rounds", run=run)["rounds"] == []
    assert server.summary(run=run)["dispositions"] == {}


@pytest.mark.parametrize("name", ["a b", "ünïcode", "100%", "a.b"])
def test_names_of_runs(server, publish, player, name):
    from urllib.parse import quote  # noqa: PLC0415

    answer = publish.rest(player.bet(), base=f"/runs/{quote(name, safe='')}")
    assert answer.status_code == 200
    (entry,) = server.events(run=name, user_id=player.user_id)
    assert entry["run"] == name
    publish.rabbitmq(player.win(), vhost=quote(name, safe=""))
    assert server.round(player.user_id, player.round_id, run=name)["state"] == "settled"
    assert server.post(f"runs/{quote(name, safe='')}/reset")["run"] == name
    assert server.events(run=name) == []


def test_resetting_a_run_that_is_not_there(server):
    name = f"never-{uuid4().hex[:6]}"
    assert server.post(f"runs/{name}/reset")["run"] == name
    assert server.summary(run=name)["events"] == 0


@pytest.mark.parametrize(("method", "status"), [("GET", 405), ("DELETE", 405), ("PUT", 405)])
def test_a_reset_is_a_post(server, method, status):
    answer = server.http.request(method, "/_ftcrm/runs/default/reset")
    assert answer.status_code == status
    assert answer.json()["error"]["status"] == status


def test_a_run_that_is_closed_stays_closed_and_its_saved_history_is_judged_alike(
    serve, publisher_of, player, run, tmp_path, command
):
    journal = tmp_path / "closed.journal"
    server = serve("--journal", str(journal))
    publish = publisher_of(server)
    raws = fill(publish, player, run)
    publish.rest(player.bet(round_id="open"), base=f"/runs/{run}")
    publish.rest(player.bet(currency="Euro"), base=f"/runs/{run}")
    told = server.post(f"runs/{run}/close")
    assert (told["run"], told["events"], told["open_rounds"]) == (run, len(raws) + 2, 1)
    assert server.post(f"runs/{run}/close") == told
    publish.close()
    assert server.stop() == 0

    again = serve("--journal", str(journal))
    findings = again.get("findings", run=run)["findings"]
    assert "FT307" in {finding["rule"] for finding in findings}
    saved = tmp_path / "saved.jsonl"
    saved.write_bytes(again.http.get("/_ftcrm/history", params={"run": run}).content)
    done = subprocess.run([*command, "check", str(saved), "--format", "json"], capture_output=True, check=False)
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert report["rounds"] == again.get("rounds", run=run)["rounds"]
    assert report["bonuses"] == again.get("bonuses", run=run)["bonuses"]
    checked = [
        finding["message"]
        for part in ("events", "rounds", "bonuses")
        for each in report[part]
        for finding in each["findings"]
    ]
    assert sorted([*checked, *(each["message"] for each in report["across"])]) == sorted(
        finding["message"] for finding in findings
    )
    assert [event["verdict"] for event in report["events"]] == [event["verdict"] for event in again.events(run=run)]


def test_a_deadline_passes_by_itself_and_stays_passed(serve, publisher_of, player, until, tmp_path):
    journal = tmp_path / "overdue.journal"
    server = serve("--journal", str(journal), "--round-deadline", "1ms")
    publish = publisher_of(server)
    publish.rest(player.bet())
    until(lambda: server.get("findings", rule="FT308")["findings"])
    assert server.summary()["journal"]["last_seq"] == 2
    assert server.stop() == 0
    again = serve("--journal", str(journal), "--round-deadline", "1ms")
    assert again.get("findings", rule="FT308")["findings"]
    publisher_of(again).rest(player.win())
    assert again.get("findings", rule="FT308")["findings"] == []
