"""A commit that fails refuses the senders and loses nothing; a journal that cannot be opened is a clear error."""

import os
import resource
import sqlite3
import subprocess

import confluent_kafka
import pika
import pytest
from pika.exceptions import ChannelClosedByBroker, NackError

pytestmark = pytest.mark.integration

TYPE = [("type", b"CASINO")]
CASINO = pika.BasicProperties(type="CASINO")


@pytest.fixture
def disk():
    """Limit the size of the files that a server may write: its next commit fails. None lifts the limit."""

    def limit(server, size):
        _, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (hard if size is None else size, hard))

    return limit


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "full.journal"


@pytest.fixture
def server(serve, journal):
    return serve("--journal", str(journal))


def activities(server):
    return [entry["event"]["activity_id"] for entry in server.events()]


def id_of(raw):
    return raw.split(b'"activity_id":"')[1].split(b'"')[0].decode()


def test_every_connector_refuses_and_goes_on(server, serve, journal, publisher_of, player, disk, until):
    publish = publisher_of(server)
    kept = [player.bet() for _ in range(3)]
    for connector, raw in zip(("rest", "rabbitmq", "kafka"), kept, strict=True):
        publish.through(connector, raw)
    before = server.events()

    disk(server, 0)
    answer = publish.rest(player.bet())
    assert answer.status_code == 503
    error = answer.json()["error"]
    assert (error["status"], error["code"], error["findings"]) == (503, "journal-unavailable", [])
    with pytest.raises(NackError):
        publish.rabbitmq(player.bet())
    impatient = confluent_kafka.Producer(
        {"bootstrap.servers": server.addresses["kafka"], "retries": 0, "log_level": 0, "linger.ms": 0}
    )
    reports = []
    impatient.produce("casino", player.bet(), headers=TYPE, on_delivery=lambda error, _: reports.append(error))
    assert impatient.flush(10) == 0
    assert reports[0].code() == confluent_kafka.KafkaError.KAFKA_STORAGE_ERROR
    assert server.http.post("/_ftcrm/runs/default/reset").status_code == 503
    assert server.events() == before  # it can still be read, and nothing was written
    summary = server.summary()
    assert summary["journal"]["last_seq"] == 3
    assert summary["journal"]["failed_commits"] >= 4
    assert server.get("ready")["status"] == "ready"

    disk(server, None)
    again = [player.win() for _ in range(3)]
    for connector, raw in zip(("rest", "rabbitmq", "kafka"), again, strict=True):
        publish.through(connector, raw)
    expected = [id_of(raw) for raw in (*kept, *again)]
    assert activities(server) == expected
    assert [entry["seq"] for entry in server.events()] == [1, 2, 3, 4, 5, 6]
    assert [entry["transport"]["offset"] for entry in server.events(connector="kafka")] == [0, 1]
    publish.close()
    server.kill()
    assert activities(serve("--journal", str(journal))) == expected


@pytest.mark.parametrize("idempotent", [False, True])
def test_kafka_senders_retry_until_it_works_exactly_once(server, player, disk, until, idempotent):
    sender = confluent_kafka.Producer(
        {
            "bootstrap.servers": server.addresses["kafka"],
            "enable.idempotence": idempotent,
            "retry.backoff.ms": 10,
            "retry.backoff.max.ms": 20,
            "log_level": 0,
        }
    )
    raws = [player.bet(round_id=f"r{number}") for number in range(30)]
    reports = []
    for number, raw in enumerate(raws):
        if number == 10:
            assert sender.flush(10) == 0
            disk(server, 0)
        sender.produce("casino", raw, headers=TYPE, on_delivery=lambda error, message: reports.append((error, message)))
    sender.poll(0)
    until(lambda: server.summary()["journal"]["failed_commits"] >= 3)
    assert len(reports) == 10
    disk(server, None)
    assert sender.flush(10) == 0
    assert [error for error, _ in reports] == [None] * 30
    assert activities(server) == [id_of(raw) for raw in raws]
    assert [entry["transport"]["offset"] for entry in server.events()] == list(range(30))
    assert sorted(message.offset() for _, message in reports) == list(range(30))


def test_a_large_commit_is_there_whole_or_not_at_all(server, serve, journal, publisher_of, player, disk):
    publish = publisher_of(server)
    kept = player.bet()
    assert publish.rest(kept).status_code == 200
    disk(server, journal.with_name(journal.name + "-wal").stat().st_size + 20_000)
    sender = confluent_kafka.Producer(
        {"bootstrap.servers": server.addresses["kafka"], "retries": 0, "linger.ms": 50, "log_level": 0}
    )
    reports = []
    for _ in range(500):
        sender.produce("casino", player.bet(), headers=TYPE, on_delivery=lambda error, _: reports.append(error))
    assert sender.flush(10) == 0
    delivered = sum(error is None for error in reports)
    assert delivered < 500
    assert len(server.events()) == 1 + delivered
    server.kill()
    again = serve("--journal", str(journal))
    assert len(again.events()) == 1 + delivered
    assert publisher_of(again).rest(player.win()).status_code == 200


def test_amqp_senders_without_confirms_hear_of_it(server, player, disk):
    connection = pika.BlockingConnection(pika.URLParameters(server.addresses["amqp"]))
    plain, transactional = connection.channel(), connection.channel()
    transactional.tx_select()
    disk(server, 0)
    transactional.basic_publish("crm", "casino", player.bet(), CASINO)
    with pytest.raises(ChannelClosedByBroker) as refused:
        transactional.tx_commit()
    assert refused.value.reply_code == 506
    plain.basic_publish("crm", "casino", player.bet(), CASINO)
    with pytest.raises(ChannelClosedByBroker) as refused:
        plain.queue_declare("crm-events")
    assert refused.value.reply_code == 506
    assert server.events() == []
    disk(server, None)
    channel = connection.channel()
    channel.confirm_delivery()
    channel.basic_publish("crm", "casino", player.bet(), CASINO)
    connection.close()
    assert len(server.events()) == 1


def test_a_kafka_transaction_that_cannot_be_committed(server, player, disk, until):
    sender = confluent_kafka.Producer(
        {
            "bootstrap.servers": server.addresses["kafka"],
            "transactional.id": "engine",
            "retry.backoff.ms": 10,
            "log_level": 0,
        }
    )
    sender.init_transactions(10)
    sender.begin_transaction()
    for raw in (player.bet(), player.win()):
        sender.produce("casino", raw, headers=TYPE)
    assert sender.flush(10) == 0
    disk(server, 0)
    with pytest.raises(confluent_kafka.KafkaException) as failed:
        sender.commit_transaction(1)
    assert {entry["disposition"] for entry in server.events()} == {"pending"}
    disk(server, None)
    if failed.value.args[0].retriable():
        sender.commit_transaction(10)
        expected = "accepted"
    else:
        sender.abort_transaction(10)
        expected = "aborted"
    assert [entry["disposition"] for entry in server.events()] == [expected] * 2


def refused(command, *options, prefix=()):
    arguments = [*prefix, *command, "serve", "--rest", "127.0.0.1:0", "--amqp", "127.0.0.1:0", "--kafka", "127.0.0.1:0"]
    result = subprocess.run([*arguments, *options], capture_output=True, text=True, timeout=15, check=False)
    assert result.returncode == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr


def test_a_journal_that_cannot_be_written(command, tmp_path, tool):
    # root may write everywhere, unless it gave that up
    prefix = [tool("setpriv"), "--bounding-set", "-all", "--inh-caps", "-all"] if os.geteuid() == 0 else []
    written = tmp_path / "read-only.journal"
    written.touch()
    written.chmod(0o444)
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(0o555)
    for path in (written, folder / "new.journal"):
        error = refused(command, "--journal", str(path), prefix=prefix)
        assert str(path) in error
        assert "--journal" in error
        assert error.count("\n") == 1


def test_a_journal_that_is_none(command, tmp_path):
    text = tmp_path / "notes.txt"
    text.write_bytes(b"dear diary, " * 1000)
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("PRAGMA user_version = 77")
        connection.execute("CREATE TABLE entries (something TEXT)")
    connection.close()
    foreign = tmp_path / "foreign.sqlite"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE entries (something TEXT)")
        connection.execute("INSERT INTO entries VALUES ('mine')")
    connection.close()
    for path in (text, other, foreign, tmp_path / "missing" / "new.journal"):
        content = path.read_bytes() if path.exists() else None
        error = refused(command, "--journal", str(path))
        assert str(path) in error
        assert error.count("\n") == 1
        if content is not None:
            assert path.read_bytes() == content, f"{path} was changed"


def test_a_journal_that_is_a_folder(command, tmp_path):
    error = refused(command, "--journal", str(tmp_path))
    assert str(tmp_path) in error.splitlines()[-1]
    assert "--journal" in error


def test_a_journal_that_another_server_holds(command, serve, tmp_path, player, publisher_of):
    journal = tmp_path / "held.journal"
    server = serve("--journal", str(journal))
    error = refused(command, "--journal", str(journal))
    assert str(journal) in error
    assert "another" in error
    assert error.count("\n") == 1
    assert publisher_of(server).rest(player.bet()).status_code == 200
