"""SIGKILL at any moment loses nothing that was acknowledged."""

import contextlib
import random
import sqlite3
import threading
from collections import Counter

import confluent_kafka
import httpx
import msgspec
import pika
import pytest
from pika.exceptions import AMQPError

from ftcrm.contracts import History, Message, judge
from ftcrm.contracts.views import round_view

pytestmark = pytest.mark.integration

KILLS = 20
DEADLINE = 20.0


class Acknowledged:
    """What was acknowledged, by activity_id, and how often since the last `begin`."""

    def __init__(self):
        self.ids = []
        self._since = Counter()
        self._changed = threading.Condition()

    def add(self, connector, activity_id):
        with self._changed:
            self.ids.append(activity_id)
            self._since[connector] += 1
            self._changed.notify_all()

    def begin(self):
        with self._changed:
            self._since.clear()

    def wait(self, count):
        """Wait until each connector acknowledged this many."""
        with self._changed:
            assert self._changed.wait_for(
                lambda: min(self._since[each] for each in ("rest", "rabbitmq", "kafka")) >= count, DEADLINE
            ), self._since


class KafkaSender(threading.Thread):
    """One librdkafka producer that lives on while servers come and go; it retries by itself."""

    def __init__(self, address, events, acknowledged):
        super().__init__(daemon=True)
        self._events, self._acknowledged = events, acknowledged
        self._leave = threading.Event()
        self.offsets, self.errors = {}, []
        self._producer = confluent_kafka.Producer(
            {
                "bootstrap.servers": address,
                "linger.ms": 1,
                "reconnect.backoff.ms": 10,
                "reconnect.backoff.max.ms": 50,
                "retry.backoff.ms": 10,
                "log_level": 0,
            }
        )

    def run(self):
        for activity_id, raw in self._events:
            if self._leave.is_set():
                break
            self._producer.produce(
                "casino",
                raw,
                headers=[("type", b"CASINO")],
                on_delivery=lambda error, message, each=activity_id: self._report(each, error, message),
            )
            self._producer.poll(0.001)
            while len(self._producer) > 200 and not self._leave.is_set():
                self._producer.poll(0.01)
        if self._producer.flush(DEADLINE):
            self.errors.append("not everything was reported")

    def finish(self):
        self._leave.set()
        self.join(2 * DEADLINE)
        assert not self.is_alive()

    def _report(self, activity_id, error, message):
        if error is not None:
            self.errors.append(error)
            return
        self.offsets[message.offset()] = activity_id
        self._acknowledged.add("kafka", activity_id)


def send_rest(server, events, acknowledged):
    with (
        httpx.Client(base_url=server.addresses["rest"], trust_env=False) as client,
        contextlib.suppress(httpx.HTTPError),
    ):
        for activity_id, raw in events:
            if client.post("/v1/integration/casino", content=raw).status_code != 200:
                return
            acknowledged.add("rest", activity_id)


def send_rabbitmq(server, events, acknowledged):
    with contextlib.suppress(AMQPError):
        connection = pika.BlockingConnection(pika.URLParameters(server.addresses["amqp"]))
        channel = connection.channel()
        channel.confirm_delivery()
        for activity_id, raw in events:
            channel.basic_publish("crm", "casino", raw, pika.BasicProperties(type="CASINO"))
            acknowledged.add("rabbitmq", activity_id)


def events_of(player):
    """Bet, Win, Bet, Win, ... of one player without end: (activity_id, raw)."""
    number = 0
    while True:
        for kind in ("Bet", "Win"):
            event_id = f"{player.user_id}-{number}-{kind}"
            yield event_id, player.raw(kind, "0.1", activity_id=event_id, round_id=f"round-{number}")
        number += 1


def folded_offline(entries):
    """The rounds that these entries make, by the contract's own code."""
    history = History()
    for entry in entries:
        message = Message("kafka", entry["raw"].encode(), headers=(("type", b"CASINO"),))
        history.add(entry["seq"], judge(message), accepted=entry["disposition"] == "accepted")
    while history.refresh():
        pass
    rounds = history.rounds
    return [round_view(rounds.value(key).round, rounds.findings(key)) for _, key in rounds.keys(after=0)]


def test_killed_twenty_times_under_load(serve, new_player, tmp_path):
    journal = tmp_path / "crash.journal"
    acknowledged = Acknowledged()
    choose = random.Random(20260302)  # noqa: S311
    rest, rabbitmq, kafka = (events_of(new_player()) for _ in range(3))
    server = serve("--journal", str(journal))
    sender = KafkaSender(server.addresses["kafka"], kafka, acknowledged)
    sender.start()
    for _ in range(KILLS):
        acknowledged.begin()
        threads = [
            threading.Thread(target=send, args=(server, events, acknowledged), daemon=True)
            for send, events in ((send_rest, rest), (send_rabbitmq, rabbitmq))
        ]
        for thread in threads:
            thread.start()
        acknowledged.wait(choose.randint(1, 60))
        server.kill()
        for thread in threads:
            thread.join(DEADLINE)
            assert not thread.is_alive()
        server = serve("--journal", str(journal), ports=server.ports)
    sender.finish()
    assert sender.errors == []

    entries = server.events()
    found = Counter(entry["event"]["activity_id"] for entry in entries)
    lost = set(acknowledged.ids) - found.keys()
    assert not lost, f"{len(lost)} of {len(acknowledged.ids)} acknowledged events are gone"
    assert len(acknowledged.ids) > KILLS * 3
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    repeated = {entry["event"]["activity_id"] for entry in entries if entry["connector"] != "kafka"}
    assert all(found[each] == 1 for each in repeated)  # pika and httpx do not retry
    records = [entry for entry in entries if entry["connector"] == "kafka"]
    assert [entry["transport"]["offset"] for entry in records] == list(range(len(records)))
    by_offset = {entry["transport"]["offset"]: entry["event"]["activity_id"] for entry in records}
    assert sender.offsets.items() <= by_offset.items()

    live = [{name: value for name, value in each.items() if name != "run"} for each in server.pages("rounds")]
    offline = msgspec.json.decode(msgspec.json.encode(folded_offline(entries)))
    assert live == offline
    assert server.summary()["events"] == len(entries)
    assert server.stop() == 0
    with contextlib.closing(sqlite3.connect(journal)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM entries").fetchone() == (len(entries),)


def test_a_transaction_that_a_crash_leaves_open_is_aborted(serve, player, tmp_path, until):
    journal = tmp_path / "open.journal"
    server = serve("--journal", str(journal))
    settings = {"bootstrap.servers": server.addresses["kafka"], "transactional.id": "engine", "log_level": 0}
    first = confluent_kafka.Producer(settings)
    first.init_transactions(10)
    first.begin_transaction()
    first.produce("casino", player.bet("1000"), headers=[("type", b"CASINO")])
    assert first.flush(10) == 0
    assert [entry["disposition"] for entry in server.events()] == ["pending"]
    server.kill()

    server = serve("--journal", str(journal), ports=server.ports)
    second = confluent_kafka.Producer(settings)
    second.init_transactions(10)
    second.begin_transaction()
    for raw in (player.bet(), player.win()):
        second.produce("casino", raw, headers=[("type", b"CASINO")])
    second.commit_transaction(10)
    assert [entry["disposition"] for entry in server.events()] == ["aborted", "accepted", "accepted"]
    found = server.round(player.user_id, player.round_id)
    assert (found["bet"]["total"], found["win"]["total"]) == ("20", "5")
    assert [entry["transport"]["offset"] for entry in server.events()] == [0, 1, 2]


def test_producer_ids_of_another_start_never_come_again(serve, player, tmp_path):
    journal = tmp_path / "ids.journal"
    seen = []
    for raw in (player.bet(), player.win(), player.win()):
        server = serve("--journal", str(journal))
        sender = confluent_kafka.Producer(
            {"bootstrap.servers": server.addresses["kafka"], "enable.idempotence": True, "log_level": 0}
        )
        sender.produce("casino", raw, headers=[("type", b"CASINO")])
        assert sender.flush(10) == 0
        seen.append(server.events()[-1]["transport"]["producer_id"])
        server.kill()
    assert len(set(seen)) == 3
