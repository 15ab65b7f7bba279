from collections.abc import Callable
from typing import Any

import pytest
from pamqp import commands

from ftcrm.mockserver.protocols.amqp import Closed, Limits, ProtocolError, Published

Connect = Callable[..., Any]
Tx = commands.Tx


@pytest.fixture
def transactional(connect: Connect) -> Callable[..., Any]:
    def make(**options: Any) -> Any:
        client = connect(**options)
        client.send(Tx.Select())
        client.connection.data_to_send()
        return client

    return make


def told(events: list[Any]) -> list[tuple[bytes, str]]:
    return [(event.body, event.disposition) for event in events if isinstance(event, Published)]


def test_publishes_are_given_at_commit(transactional: Any) -> None:
    client = transactional()
    assert client.send(client.publish(b"a"), client.publish(b"b")) == []
    events = client.send(Tx.Commit())
    assert told(events) == [(b"a", "accepted"), (b"b", "accepted")]
    assert [event.token for event in events] == [1, 2]
    client.connection.settle([1])
    assert client.names() == []
    client.connection.settle([2])
    assert client.names() == ["1 Tx.CommitOk"]


def test_an_empty_commit_is_answered_at_once(transactional: Any) -> None:
    client = transactional()
    assert client.send(Tx.Commit(), Tx.Rollback()) == []
    assert client.names() == ["1 Tx.CommitOk", "1 Tx.RollbackOk"]


def test_each_transaction_is_its_own(transactional: Any) -> None:
    client = transactional()
    first = client.send(client.publish(b"a"), Tx.Commit())
    second = client.send(client.publish(b"b"), Tx.Rollback())
    third = client.send(client.publish(b"c"), Tx.Select(), Tx.Commit())
    assert told(first + second + third) == [(b"a", "accepted"), (b"b", "aborted"), (b"c", "accepted")]


def test_rollback_ok_waits_for_what_was_aborted(transactional: Any) -> None:
    client = transactional()
    events = client.send(client.publish(b"a"), Tx.Rollback())
    assert client.names() == []
    client.settle_all(events)
    assert client.names() == ["1 Tx.RollbackOk"]


def test_a_commit_that_could_not_be_journaled_closes_the_channel(transactional: Any) -> None:
    client = transactional()
    events = client.send(client.publish(b"a"), client.publish(b"b"), Tx.Commit())
    client.connection.settle([events[0].token])
    client.connection.settle([events[1].token], ok=False)
    close = client.only()
    assert (close.name, close.reply_code) == ("Channel.Close", 506)


@pytest.mark.parametrize(
    "ending",
    [
        lambda client: client.send(commands.Channel.Close(200, "", 0, 0)),
        lambda client: client.send(commands.Connection.Close(200, "", 0, 0), channel=0),
        lambda client: client.connection.eof(),
        lambda client: client.send(commands.Channel.Open()),
        lambda client: client.send(b"\x01\x00\x01\xff\xff\xff\xff"),
        lambda client: client.send(commands.Confirm.Select()),
        lambda client: client.connection.tick(1e6),
    ],
    ids=["channel-close", "connection-close", "eof", "illegal-method", "bad-frame", "channel-fault", "silence"],
)
def test_an_open_transaction_is_aborted_by_every_ending(transactional: Any, ending: Callable[[Any], Any]) -> None:
    client = transactional(heartbeat=10)
    client.send(client.publish(b"a"), client.publish(b"b"))
    assert told(ending(client)) == [(b"a", "aborted"), (b"b", "aborted")]


def test_aborted_messages_come_before_closed(transactional: Any) -> None:
    client = transactional()
    client.send(client.publish(b"a"))
    assert [type(event) for event in client.connection.eof()] == [Published, Closed]


def test_close_ok_waits_for_what_was_aborted(transactional: Any) -> None:
    client = transactional()
    events = client.send(client.publish(b"a"), commands.Channel.Close(200, "", 0, 0))
    assert client.names() == []
    client.settle_all(events)
    assert client.names() == ["1 Channel.CloseOk"]


def test_what_our_close_aborts_is_given_by_the_next_tick(transactional: Any) -> None:
    client = transactional()
    client.send(client.publish(b"a"), now=7.0)
    client.connection.close(320, "CONNECTION_FORCED - shutdown")
    assert client.connection.next_tick == 7.0
    events = client.connection.tick(7.0)
    assert told(events) == [(b"a", "aborted")]
    assert client.names() == []
    client.settle_all(events)
    assert client.names() == ["0 Connection.Close"]


def test_a_transaction_is_bounded(transactional: Any) -> None:
    client = transactional(limits=Limits(max_body=1000, max_buffered=5000))
    for _ in range(3):
        assert client.send(client.publish(bytes(1000))) == []
    events = client.send(client.publish(bytes(1000)), client.publish(b"discarded"))
    assert [disposition for _, disposition in told(events)] == ["aborted"] * 4
    assert isinstance(events[0], ProtocolError)
    assert events[0].reason.startswith("506 RESOURCE_ERROR")
    client.settle_all(events)
    assert client.names() == ["1 Channel.Close"]


def test_empty_messages_are_bounded_too(transactional: Any) -> None:
    client = transactional(limits=Limits(max_body=1, max_buffered=10_000))
    events: list[Any] = []
    count = 0
    while not events:
        events = client.send(client.publish(b""))
        count += 1
        assert count < 30
    assert len(told(events)) == count


def test_what_ends_frees_what_it_held(transactional: Any) -> None:
    client = transactional(limits=Limits(max_body=1000, max_buffered=5000))
    for end in (Tx.Commit(), Tx.Rollback()) * 3:
        events = client.send(*(client.publish(bytes(1000)) for _ in range(3)), end)
        assert len(told(events)) == 3


def test_a_body_above_the_limit_aborts_the_transaction(transactional: Any) -> None:
    client = transactional(limits=Limits(max_body=3, keep_prefix=2))
    events = client.send(client.publish(b"abc"), client.publish(b"abcd"))
    assert told(events) == [(b"abc", "aborted"), (b"ab", "aborted")]
    client.settle_all(events)
    assert client.only().reply_code == 406


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (Tx.Select(), commands.Confirm.Select(), "cannot switch from tx to confirm mode"),
        (commands.Confirm.Select(), Tx.Select(), "cannot switch from confirm to tx mode"),
        (None, Tx.Commit(), "channel is not transactional"),
        (None, Tx.Rollback(), "channel is not transactional"),
    ],
)
def test_modes_do_not_mix(connect: Connect, first: Any, second: Any, said: str) -> None:
    client = connect()
    if first is not None:
        client.send(first)
        client.connection.data_to_send()
    client.send(second)
    close = client.only()
    assert (close.name, close.reply_code, close.reply_text) == ("Channel.Close", 406, f"PRECONDITION_FAILED - {said}")
