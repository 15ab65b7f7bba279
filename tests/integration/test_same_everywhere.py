"""The same bytes through each connector: the same verdicts, the same findings, the same round."""

from uuid import uuid4

import pytest

pytestmark = pytest.mark.integration

CONNECTORS = ("rest", "rabbitmq", "kafka")

ODD_PAYLOADS = {
    "not JSON": b"{'amount': 1}",
    "not UTF-8": b'{"user_id": "\xff"}',
    "UTF-16": '{"user_id": "u"}'.encode("utf-16"),
    "empty": b"",
    "white space": b" \n",
    "null": b"null",
    "array": b"[{}]",
    "empty object": b"{}",
    "wrong types": b'{"activity_id": 1, "amount": "20", "user_id": [], "timestamp": 5, "status": null, "meta": 1}',
    "two documents": b"{}{}",
    "duplicate key": b'{"amount": 1, "amount": 2}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "lone surrogate": b'{"user_id": "\\ud800"}',
    "NUL": b'{"user_id": "a\\u0000b", "origin": "\\u0000"}',
    "deep": b"[" * 5000 + b"]" * 5000,
    "deep in meta": b'{"meta": ' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}",
    "huge number": b'{"amount": 1e999999999, "exchange_rate": ' + b"9" * 400 + b"}",
    "not a number": b'{"amount": NaN, "exchange_rate": Infinity}',
}


@pytest.fixture
def runs(server, publish):
    """Send the same list through each connector, each into a run of its own; the runs by connector."""

    def send(raws):
        names = {connector: f"{connector}-{uuid4().hex[:8]}" for connector in CONNECTORS}
        for raw in raws:
            publish.rest(raw, base=f"/runs/{names['rest']}")
            publish.rabbitmq(raw, vhost=names["rabbitmq"])
            publish.kafka(raw, topic=f"runs.{names['kafka']}.casino")
        return names

    return send


def without(value, *names):
    """A JSON value without these properties, at any depth."""
    if isinstance(value, dict):
        return {key: without(inner, *names) for key, inner in value.items() if key not in names}
    return [without(inner, *names) for inner in value] if isinstance(value, list) else value


def judged(server, run):
    return [
        (entry["verdict"], entry["message_type"], entry["event"], entry["raw"], without(entry["findings"], "witness"))
        for entry in server.events(run=run)
    ]


def test_a_history_with_a_violation_a_note_and_a_rollback(server, player, runs):
    history = [
        player.bet("20"),
        player.win("0.30000000000000004", wager_amount=0.1, bonus_wager_amount=0.2, is_round_end=True),
        player.bet("7", currency="Euro"),
        player.bet("20", status="Rollback"),
    ]
    names = runs(history)
    seen = {connector: judged(server, run) for connector, run in names.items()}
    assert [verdict for verdict, *_ in seen["rest"]] == ["ok", "undocumented", "violation", "ok"]
    assert seen["rest"] == seen["rabbitmq"] == seen["kafka"]
    rounds = {connector: server.round(player.user_id, player.round_id, run=run) for connector, run in names.items()}
    plain = {connector: without(found, "run", "seqs", "excluded", "witness") for connector, found in rounds.items()}
    assert plain["rest"] == plain["rabbitmq"] == plain["kafka"]
    assert (rounds["rest"]["state"], rounds["rest"]["win"]["total"]) == ("orphan", "0.30000000000000004")
    for connector, run in names.items():
        entries = server.events(run=run)
        assert rounds[connector]["excluded"] == [entries[2]["seq"]]
        assert entries[2]["disposition"] == ("refused" if connector == "rest" else "accepted")
    found = {
        connector: [without(each, "run", "seq", "witness") for each in server.pages("findings", run=run)]
        for connector, run in names.items()
    }
    assert found["rest"] == found["rabbitmq"] == found["kafka"] != []


def test_payloads_of_any_kind(server, runs):
    names = runs(ODD_PAYLOADS.values())
    rest, rabbitmq, kafka = (dict(zip(ODD_PAYLOADS, judged(server, names[each]), strict=True)) for each in CONNECTORS)
    assert rest == rabbitmq == kafka
    assert {verdict for verdict, *_ in rest.values()} == {"violation", "unreadable"}
    assert all(findings for *_, findings in rest.values())
    assert {name for name, (verdict, *_) in rest.items() if verdict == "violation"} == {
        "empty object",
        "wrong types",
        "duplicate key",
        "byte order mark",
        "NUL",
        "huge number",
        "deep in meta",
        "not a number",
    } - {name for name in ODD_PAYLOADS if rest[name][0] == "unreadable"}
    assert server.get("rounds", run=names["kafka"])["rounds"] == []


def test_a_round_is_the_same_in_any_order_and_with_repeats(server, player, runs):
    history = [player.bet("10"), player.bet("10"), player.win("15.5"), player.bet("10", status="Rollback")]
    forward = server.round(player.user_id, player.round_id, run=runs(history)["rest"])
    backward = server.round(player.user_id, player.round_id, run=runs([*reversed(history), *history])["kafka"])
    ignored = ("run", "seqs", "findings")
    assert without(forward, *ignored) == without(backward, *ignored)
    assert (forward["bet"]["total"], forward["win"]["total"]) == ("10", "15.5")
