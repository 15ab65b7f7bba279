from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ftcrm.cli import main
from ftcrm.client import Outgoing, Sent


def _send(file: str | Path, url: str, *, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["send", str(file), "--to", url], input=stdin)


def test_all_accepted(examples: Path, feed: str) -> None:
    result = _send(examples / "scenario-b.jsonl", feed)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "sent 4, accepted 4, refused 0\n", "")


def test_each_refused_event_is_said_with_its_findings(examples: Path, feed: str) -> None:
    result = _send(examples / "broken.jsonl", feed)
    lines = result.stdout.splitlines()
    assert lines[:2] == [
        f"{examples / 'broken.jsonl'}:1: refused: HTTP 400: it breaks the contract",
        "    FT117 timestamp-not-rfc3339 [documented] /timestamp: expected an RFC 3339 date-time such as "
        "'2026-01-31T08:27:58.721Z', got '2026-03-02T8:27:58.721607Z' (one digit for the hour)",
    ]
    assert [line for line in lines if ":15: refused: expected a message type with a REST path" in line]
    assert lines[-1] == "sent 15, accepted 9, refused 6"
    assert result.exit_code == 1


def test_what_never_was_an_event_and_what_was_cut_off_are_skipped(feed: str, bet: bytes) -> None:
    lines = [
        b'{"message_type":"CASINO","event":%b}' % bet,
        b'{"message_type":"CASINO","disposition":"aborted","event":%b}' % bet,
        b'{"message_type":"CASINO","size":99999,"raw":"{"}',
    ]
    result = _send("-", feed, stdin=b"\n".join(lines))
    assert (result.exit_code, result.stdout) == (0, "sent 1, accepted 1, refused 0, skipped 2\n")


def test_nothing_to_send_asks_nobody(refused_port: int) -> None:
    result = _send("-", f"http://127.0.0.1:{refused_port}", stdin=b"\n")
    assert (result.exit_code, result.stderr) == (3, "ftcrm: -: expected events to send, got none\n")


def test_a_file_that_ends_in_a_broken_entry_says_what_was_sent_until_then(feed: str, bet: bytes) -> None:
    result = _send("-", feed, stdin=bet + b'\n{"message_type":1,"event":{}}\n')
    assert result.exit_code == 2
    assert result.stdout == "sent 1, accepted 1, refused 0\n"
    assert result.stderr.startswith("ftcrm: -: line 2: expected an entry as the admin API shows it")


@pytest.mark.parametrize("scheme", ["amqp", "kafka"])
def test_a_broker_is_not_said_to_accept(examples: Path, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    class Taking:
        async def send_all(self, messages: Iterable[Outgoing]) -> AsyncGenerator[Sent]:
            for message in messages:
                yield Sent(message.message_type != "BONUS", "no queue takes it")

    @asynccontextmanager
    async def opened(url: str, *, api_key: str | None = None) -> AsyncIterator[Taking]:
        yield Taking()

    monkeypatch.setattr("ftcrm.cli.send.open_sender", opened)
    result = _send(examples / "scenario-b.jsonl", f"{scheme}://127.0.0.1:1")
    assert result.stdout.splitlines()[-1] == (
        "published 2, refused 2 (a broker takes any event and judges none: the findings are at the consumer, "
        "of `ftcrm serve` under /_ftcrm/findings)"
    )
    assert result.exit_code == 1


def test_a_url_that_cannot_be_sent_to_is_said_even_of_an_empty_file() -> None:
    assert _send("-", "ftp://host", stdin=b"").exit_code == 2


@pytest.mark.parametrize("library", ["httpx", "aiormq"])
def test_a_missing_library_is_named_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, examples: Path, library: str
) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr("ftcrm.client.targets.import_module", absent)
    url = {"httpx": "http://127.0.0.1:1", "aiormq": "amqp://127.0.0.1:1"}[library]
    result = _send(examples / "scenario-a.jsonl", url)
    assert (result.exit_code, result.stderr) == (
        2,
        f"ftcrm: {url}: expected the package {library}, got none installed: pip install 'ftcrm-mock[clients]'\n",
    )


def test_the_key_may_come_from_the_environment(examples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []

    def opened(url: str, *, api_key: str | None = None) -> None:
        seen.append(api_key)
        raise InterruptedError

    monkeypatch.setattr("ftcrm.cli.send.open_sender", opened)
    runner: Callable[..., Result] = CliRunner().invoke
    arguments = ["send", str(examples / "scenario-a.jsonl"), "--to", "http://127.0.0.1:1"]
    runner(main, arguments, env={"FTCRM_API_KEY": "k-1"})
    runner(main, [*arguments, "--api-key", "k-2"], env={"FTCRM_API_KEY": "k-1"})
    assert seen == ["k-1", "k-2"]
