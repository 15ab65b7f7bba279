"""What `ftcrm watch` judges, when it ends, and with which exit code; the sender is a thread of the test."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from click.testing import CliRunner, Result

from ftcrm.cli import main
from ftcrm.cli.tail import Tail
from ftcrm.contracts.lines import Line, Mark
from ftcrm.mockserver.journal import Entry, SQLiteJournal
from ftcrm.mockserver.server import Server

ANY_PORTS = ["--rest", "127.0.0.1:0", "--amqp", "127.0.0.1:0", "--kafka", "127.0.0.1:0"]
Watch = Callable[..., Result]


def _post(url: str, body: bytes) -> None:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
    try:
        urllib.request.urlopen(request, timeout=20).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        error.close()


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Run `ftcrm watch` until 150 ms after the last of these requests: (path, body), or the body of a casino event."""

    def run(*options: str, sent: list[bytes | tuple[str, bytes]] = []) -> Result:  # noqa: B006 - it is not changed
        requests = [each if isinstance(each, tuple) else ("/v1/integration/casino", each) for each in sent]
        senders: list[Thread] = []

        def send(rest: str) -> None:
            for path, body in requests:
                _post(rest + path, body)

        def announce(server: Server) -> str:
            senders.append(Thread(target=send, args=(server.addresses()["rest"],)))
            senders[0].start()
            return "listening"

        monkeypatch.setattr("ftcrm.cli.watch.banner", announce)
        result = CliRunner().invoke(main, ["watch", *ANY_PORTS, "--until-idle", "150ms", *options])
        for sender in senders:
            sender.join()
        return result

    return run


def _refused(result: Result) -> str:
    """The one line on standard error of a usage error."""
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    return result.stderr


def test_a_round_as_the_contract_wants_it_is_fine(watch: Watch, examples: Path) -> None:
    result = watch(sent=list((examples / "scenario-a.jsonl").read_bytes().splitlines()))
    assert (result.exit_code, result.stderr) == (0, "listening\n")
    assert result.stdout.splitlines()[-1].startswith("2 events: 2 ok; 1 round; 0 bonuses; 0 findings")
    assert "settled" in result.stdout


def test_a_violation_is_told_with_its_clause_and_fails_unless_nothing_does(
    watch: Watch, bet: bytes, changed: Callable[..., bytes]
) -> None:
    result = watch("--leave-open", sent=[bet, changed(amount=25, activity_id="2")])
    assert result.exit_code == 1
    assert result.stdout.startswith("received:2: FT113 sum-mismatch [documented] /amount: expected 20 ")
    assert "    | (casino.amount)\n" in result.stdout
    again = watch("--leave-open", "--fail-on", "never", sent=[bet, changed(amount=25, activity_id="2")])
    assert (again.exit_code, again.stdout) == (0, result.stdout)


def test_the_verdict_is_a_word_for_what_it_rests_on(watch: Watch, bet: bytes, changed: Callable[..., bytes]) -> None:
    assert watch("--leave-open", "--fail-on", "violation", sent=[changed(currency="DEM")]).exit_code == 0
    assert watch("--leave-open", "--fail-on", "violation", sent=[changed(amount=25)]).exit_code == 1
    assert watch("--leave-open", "--fail-on", "vendor", sent=[bet]).exit_code == 0
    assert "expected one of documented, vendor" in _refused(watch("--fail-on", "violations"))


def test_what_is_open_at_the_end_was_never_settled_unless_it_may_be(watch: Watch, bet: bytes) -> None:
    result = watch(sent=[bet])
    assert result.exit_code == 1
    assert "received:1: FT307 never-settled [documented]" in result.stdout
    assert "FT307" not in watch("--leave-open", sent=[bet]).stdout


def test_without_a_first_event_it_ends_with_the_timeout(watch: Watch) -> None:
    result = watch("--timeout", "100ms")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "listening\nftcrm: received: expected events, got none\n"


def test_a_timeout_is_over_with_the_first_event(watch: Watch, bet: bytes) -> None:
    """Were it not, the Loss would come too late, or the idle time would never begin."""
    loss = json.dumps(json.loads(bet) | {"type": "Loss", "activity_id": "2", "amount": 0, "wager_amount": 0}).encode()
    result = watch("--timeout", "20s", sent=[bet, loss])
    assert result.exit_code == 0
    assert "2 events: 2 ok" in result.stdout


def test_what_came_and_was_no_event_is_told(watch: Watch) -> None:
    result = watch("--timeout", "1s", sent=[("/v2/casino", b"{}")])
    assert result.exit_code == 3
    assert (
        "ftcrm: rest: what came was no event (once), the last: 404: expected POST /v1/integration/casino"
        in result.stderr
    )


def test_nothing_is_a_document_all_the_same(watch: Watch) -> None:
    result = watch("--format", "json", "--timeout", "150ms")
    assert result.exit_code == 3
    assert json.loads(result.stdout)["counts"]["events"] == 0


def test_json_is_one_document_and_the_lines_are_the_seqs(
    watch: Watch, bet: bytes, changed: Callable[..., bytes]
) -> None:
    result = watch("--format", "json", sent=[bet, changed(status="Aproved", activity_id="2")])
    report = json.loads(result.stdout)
    assert (report["file"], result.exit_code) == ("received", 1)
    assert [(event["seq"], event["line"], event["verdict"]) for event in report["events"]] == [
        (1, 1, "ok"),
        (2, 2, "violation"),
    ]
    (found,) = report["rounds"]
    assert (found["seqs"], found["excluded"], [each["rule"] for each in found["findings"]]) == ([1], [2], ["FT307"])


def test_junit_has_a_case_for_each(watch: Watch, bet: bytes) -> None:
    (suite,) = fromstring(watch("--format", "junit", sent=[bet]).stdout)  # noqa: S314 - our own
    assert [case.get("classname") for case in suite] == ["received.events", "received.rounds"]
    assert (suite.get("name"), suite.get("failures")) == ("ftcrm watch received", "1")


def test_after_a_reset_a_run_begins_anew(watch: Watch, bet: bytes) -> None:
    reset = ("/_ftcrm/runs/default/reset", b"")
    result = watch("--format", "json", "--leave-open", sent=[bet, reset, bet])
    assert [found["run"] for found in json.loads(result.stdout)["rounds"]] == ["default", "default#2"]
    assert json.loads(result.stdout)["counts"]["findings"] == {
        "documented": 0,
        "vendor": 0,
        "inferred": 0,
        "unknown": 0,
    }


def test_a_journal_that_holds_events_is_refused(watch: Watch, bet: bytes, tmp_path: Path) -> None:
    journal = tmp_path / "events.journal"
    assert watch("--journal", str(journal), sent=[bet]).exit_code == 1
    said = _refused(watch("--journal", str(journal)))
    assert said == (
        f"ftcrm: --journal: expected a file without events, got {journal} with 1 entries; "
        "name another, or leave it out\n"
    )


@pytest.mark.parametrize("flag", ["--until-idle", "--timeout"])
@pytest.mark.parametrize(("text", "words"), [("5", "with its unit"), ("0s", "above 0"), ("soon", "with its unit")])
def test_a_duration_that_is_none_is_refused(watch: Watch, flag: str, text: str, words: str) -> None:
    said = _refused(watch(flag, text))
    assert said.startswith(f"ftcrm: {flag}: expected a ")
    assert said.endswith(f", got {text!r}\n")
    assert words in said


def _delivery(seq: int, raw: bytes = b"{}", **values: Any) -> Entry:
    given = {"disposition": "accepted", "message_type": "CASINO", "verdict": "ok", **values}
    return Entry(seq, "default", "delivery", "kafka", 1_000 * seq, given.pop("disposition"), raw=raw, **given)


def _ended(seq: int, *, committed: bool) -> Entry:
    transport = json.dumps({"transaction": "T", "committed": committed})
    return Entry(seq, "", "transaction", "kafka", 1_000 * seq, "accepted" if committed else "aborted", transport)


@pytest.fixture
def journal() -> Any:
    made = SQLiteJournal(None)
    yield made
    made.close()


@pytest.mark.parametrize(("committed", "fate"), [(True, "accepted"), (False, "aborted")])
def test_what_a_transaction_holds_is_read_when_it_has_ended(
    journal: SQLiteJournal, bet: bytes, committed: bool, fate: str
) -> None:
    tail = Tail(journal)
    pending = _delivery(2, bet, disposition="pending", transport='{"transaction":"T"}')
    journal.append([_delivery(1, bet), pending, _delivery(3, bet)])
    assert [line.seq for line in tail.read() if isinstance(line, Line)] == [1]
    assert [*tail.read()] == []
    journal.append([_ended(4, committed=committed)], decided=[(2, fate)])
    second, third, mark = tail.read()
    assert isinstance(second, Line)
    assert isinstance(third, Line)
    assert (second.seq, second.disposition, second.transaction) == (2, fate, "T")
    assert (third.seq, third.message.raw, third.received_at) == (3, bet, 3_000)
    assert mark == Mark("transaction", at=4_000, transaction="T", committed=committed)
    assert [*tail.read()] == [*tail.rest()] == []


def test_what_is_not_decided_at_the_end_never_was_an_event(journal: SQLiteJournal, bet: bytes) -> None:
    tail = Tail(journal)
    entries = [_delivery(1, bet, disposition="pending"), *(_delivery(seq, bet) for seq in range(2, 700))]
    journal.append(entries)
    assert [*tail.read()] == []
    lines = [line for line in tail.rest() if isinstance(line, Line)]
    assert [line.seq for line in lines] == list(range(1, 700))
    assert [line.aborted for line in lines] == [True] + [False] * 698


def test_a_delivery_is_noticed_once_and_a_mark_is_none(journal: SQLiteJournal) -> None:
    tail = Tail(journal)
    assert not tail.notices()
    journal.append([_delivery(1, disposition="pending")])
    assert tail.notices()
    assert not tail.notices()
    journal.append([Entry(2, "default", "closed", "admin", 2_000, "accepted")])
    assert not tail.notices()
    assert [*tail.rest()][1:] == [Mark("closed", "default", 2_000)]


def test_what_was_evicted_before_it_was_read_is_told(journal: SQLiteJournal, bet: bytes) -> None:
    tail = Tail(journal)
    journal.append([_delivery(1, bet)])
    assert len([*tail.read()]) == 1
    journal.append([_delivery(2, bet), _delivery(3, bet)])
    journal.evict(2, Entry(4, "", "evicted", "journal", 4_000, "accepted", "{}"))
    mark, line = tail.read()
    assert mark == Mark("evicted")
    assert isinstance(line, Line)
    assert line.seq == 3
