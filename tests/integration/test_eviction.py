"""A journal that is full evicts its oldest entries, and every answer that this touches says so."""

import pytest

pytestmark = pytest.mark.integration

MOST = 100


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "small.journal"


def numbered(player, count):
    """A Bet, then its Win, round after round; the rounds overlap, so that evicting always cuts some of them."""
    for number in range(count // 2):
        yield player.bet("1", activity_id=f"bet-{number}", round_id=f"round-{number}")
        if number >= 10:
            yield player.win("2", activity_id=f"win-{number - 10}", round_id=f"round-{number - 10}")
    for number in range(count // 2 - 10, count // 2):
        yield player.win("2", activity_id=f"win-{number}", round_id=f"round-{number}")


def state_of(server, player, rounds):
    answers = [
        server.http.get(f"/_ftcrm/rounds/sub.example.com/{player.user_id}/round-{number}").json()
        for number in range(rounds)
    ]
    summary = server.summary()
    summary.pop("protocol_errors")
    # Lists of rounds are in the order in which the first of their events came that is still there to tell.
    listed = {name: server.get(name, limit=1000) for name in ("rounds", "findings")}
    for name, page in listed.items():
        page[name].sort(key=lambda each: each["round_id"])
    return {
        "events": server.get("events", limit=1000),
        **listed,
        "summary": summary,
        "each": answers,
    }


def test_evicting_is_visible_and_survives_a_restart(serve, publisher_of, player, journal):
    server = serve("--journal", str(journal), "--max-events", str(MOST))
    publish = publisher_of(server)
    raws = list(numbered(player, 350))
    assert len(raws) == 350
    seqs = []
    for number, raw in enumerate(raws):
        if number % 50 == 0:
            publish.rabbitmq(raw)
            continue
        answer = publish.rest(raw)
        assert answer.status_code == 200
        seqs.append(answer.json()["seq"])
        if number == 40:
            assert server.get("events")["complete"] is True
            assert server.summary()["complete"] is True

    assert seqs == sorted(set(seqs))
    assert seqs[-1] >= 350
    events = server.get("events", limit=1000)
    assert events["complete"] is False
    held = [entry["event"]["activity_id"] for entry in events["events"]]
    assert 0 < len(held) <= MOST
    sent = [raw.split(b'"activity_id":"')[1].split(b'"')[0].decode() for raw in raws]
    assert held == sent[-len(held) :]
    summary = server.summary()
    assert summary["journal"]["evicted"] == 350 - len(held)
    assert (summary["complete"], summary["events"]) == (False, len(held))
    gone = server.http.get("/_ftcrm/events/2")
    assert gone.status_code == 404
    assert "evicted" in gone.json()["error"]["message"]

    rounds = server.get("rounds", limit=1000)
    assert rounds["complete"] is False
    whole, cut = set(), set()
    for found in rounds["rounds"]:
        one = server.round(player.user_id, found["round_id"])
        (whole if one["complete"] else cut).add(found["round_id"])
    bets = {each.removeprefix("bet-") for each in held if each.startswith("bet-")}
    wins = {each.removeprefix("win-") for each in held if each.startswith("win-")}
    assert cut == {f"round-{number}" for number in wins - bets} != set()
    assert whole == {f"round-{number}" for number in bets} != set()

    before = state_of(server, player, 175)
    assert server.resident_megabytes() < 150
    publish.close()
    assert server.stop() == 0
    again = serve("--journal", str(journal), "--max-events", str(MOST))
    after = state_of(again, player, 175)
    for name, value in before.items():
        assert after[name] == value, name
    answer = publisher_of(again).rest(player.bet("1", activity_id="later"))
    assert answer.json()["seq"] > seqs[-1]


def test_other_runs_are_not_touched_by_what_is_evicted_of_one(serve, publisher_of, new_player):
    server = serve("--max-events", str(MOST))
    publish = publisher_of(server)
    noisy, quiet = new_player(), new_player()
    for _ in range(150):
        assert publish.rest(noisy.bet(), base="/runs/noisy").status_code == 200
    for raw in (quiet.bet(), quiet.win()):
        assert publish.rest(raw, base="/runs/quiet").status_code == 200
    assert server.get("rounds", run="noisy")["complete"] is False
    assert server.get("rounds", run="quiet")["complete"] is True
    assert server.round(quiet.user_id, quiet.round_id, run="quiet")["complete"] is True


def test_one_large_batch_beyond_the_limit(serve, publisher_of, player):
    server = serve("--max-events", str(MOST))
    publish = publisher_of(server)
    import confluent_kafka  # noqa: PLC0415

    sender = confluent_kafka.Producer(
        {"bootstrap.servers": server.addresses["kafka"], "linger.ms": 100, "log_level": 0}
    )
    reports = []
    for raw in numbered(player, 350):
        sender.produce("casino", raw, headers=[("type", b"CASINO")], on_delivery=lambda error, _: reports.append(error))
    assert sender.flush(10) == 0
    assert reports == [None] * 350
    summary = server.summary()
    assert 0 < summary["events"] <= MOST
    assert summary["journal"]["evicted"] + summary["events"] == 350
    assert publish.rest(player.bet()).status_code == 200


def test_evicted_findings_are_counted_out(serve, publisher_of, player):
    server = serve("--max-events", "20")
    publish = publisher_of(server)
    for _ in range(15):
        assert publish.rest(player.bet(currency="Euro")).status_code == 400
    assert server.summary()["findings"]
    for number in range(40):
        assert publish.rest(player.bet(round_id=f"r{number}")).status_code == 200
    summary = server.summary()
    assert (summary["findings"], summary["verdicts"].keys()) == ({}, {"ok"})
    assert server.get("findings")["findings"] == []
    assert server.get("findings")["complete"] is False
