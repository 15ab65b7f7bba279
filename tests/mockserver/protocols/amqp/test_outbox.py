from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands, frame

from ftcrm.mockserver.protocols.amqp.frames import method_frame
from ftcrm.mockserver.protocols.amqp.methods import BASIC_QOS_OK
from ftcrm.mockserver.protocols.amqp.outbox import Outbox

Connect = Callable[..., Any]


@pytest.fixture
def confirming(connect: Connect) -> Callable[[int], tuple[Any, list[int]]]:
    """Give a client in confirm mode and the tokens of `count` messages it has published."""

    def make(count: int) -> tuple[Any, list[int]]:
        client = connect()
        client.send(commands.Confirm.Select())
        client.connection.data_to_send()
        return client, [event.token for event in client.send(*(client.publish() for _ in range(count)))]

    return make


def confirms(client: Any) -> list[tuple[str, int, bool]]:
    return [(value.name, value.delivery_tag, value.multiple) for _, value in client.received()]


def test_nothing_is_confirmed_before_it_is_settled(confirming: Any) -> None:
    client, tokens = confirming(1)
    assert confirms(client) == []
    client.connection.settle(tokens)
    assert confirms(client) == [("Basic.Ack", 1, False)]
    assert confirms(client) == []


def test_what_is_settled_together_is_confirmed_at_once(confirming: Any) -> None:
    client, tokens = confirming(5)
    client.connection.settle(tokens[:2])
    client.connection.settle(tokens[2:4])
    assert confirms(client) == [("Basic.Ack", 4, True)]
    client.connection.settle(tokens[4:])
    assert confirms(client) == [("Basic.Ack", 5, False)]


def test_multiple_never_covers_an_unsettled_message(confirming: Any) -> None:
    client, tokens = confirming(5)
    client.connection.settle([tokens[1], tokens[3]])
    assert confirms(client) == [("Basic.Ack", 2, False), ("Basic.Ack", 4, False)]
    client.connection.settle([tokens[2], tokens[0]])
    assert confirms(client) == [("Basic.Ack", 3, True)]
    client.connection.settle([tokens[4]])
    assert confirms(client) == [("Basic.Ack", 5, False)]


def test_refused_messages_are_nacked(confirming: Any) -> None:
    client, tokens = confirming(6)
    client.connection.settle(tokens[2:4], ok=False)
    client.connection.settle([*tokens[:2], *tokens[4:]])
    assert confirms(client) == [("Basic.Ack", 2, True), ("Basic.Nack", 4, True), ("Basic.Ack", 6, True)]


def test_unknown_and_settled_tokens_change_nothing(confirming: Any) -> None:
    client, tokens = confirming(1)
    client.connection.settle([*tokens, *tokens, 999])
    client.connection.settle(tokens, ok=False)
    assert confirms(client) == [("Basic.Ack", 1, False)]


def test_delivery_tags_count_from_confirm_select(connect: Connect) -> None:
    client = connect()
    client.settle_all(client.send(client.publish(), client.publish(), commands.Confirm.Select(), client.publish()))
    assert sorted(client.names()) == ["1 Basic.Ack", "1 Confirm.SelectOk"]
    client.settle_all(client.send(client.publish()))
    assert confirms(client) == [("Basic.Ack", 2, False)]


def test_selecting_twice_does_not_start_over(confirming: Any) -> None:
    client, tokens = confirming(1)
    client.connection.settle(tokens)
    client.settle_all(client.send(commands.Confirm.Select(), client.publish()))
    assert [value.name for _, value in client.received()] == ["Basic.Ack", "Confirm.SelectOk", "Basic.Ack"]


def test_channels_are_confirmed_apart(connect: Connect) -> None:
    client = connect(channels=2)
    client.send(commands.Confirm.Select(), channel=1)
    client.send(commands.Confirm.Select(), channel=2)
    client.connection.data_to_send()
    client.settle_all(client.send(*(client.publish(channel=channel) for channel in (1, 2, 1, 2, 1))))
    assert [(channel, value.delivery_tag, value.multiple) for channel, value in client.received()] == [
        (1, 3, True),
        (2, 2, True),
    ]


def test_without_confirms_nothing_is_said_of_success(connect: Connect) -> None:
    client = connect()
    client.settle_all(client.send(client.publish()))
    assert client.names() == []


def test_without_confirms_a_loss_closes_the_channel(connect: Connect) -> None:
    client = connect()
    events = client.send(client.publish(), commands.Queue.Declare(queue="q"))
    client.settle_all(events, ok=False)
    close = client.only()
    assert (close.name, close.reply_code) == ("Channel.Close", 506)
    assert "could not be journaled" in close.reply_text
    client.send(commands.Channel.CloseOk(), commands.Channel.Open())
    assert client.names() == ["1 Channel.OpenOk"]


def test_a_loss_is_told_before_the_close_ok_of_the_channel(connect: Connect) -> None:
    client = connect()
    events = client.send(client.publish(), commands.Channel.Close(200, "", 0, 0))
    client.settle_all(events, ok=False)
    assert client.names() == ["1 Channel.Close", "1 Channel.CloseOk"]


def test_a_loss_is_told_before_the_close_ok_of_the_connection(connect: Connect) -> None:
    client = connect()
    events = client.send(client.publish(), client.publish())
    client.send(commands.Connection.Close(200, "", 0, 0), channel=0)
    client.settle_all(events, ok=False)
    [(_, close), (_, close_ok)] = client.received()
    assert (close.name, close.reply_code, close_ok.name) == ("Connection.Close", 506, "Connection.CloseOk")
    assert client.connection.closed


@given(st.permutations(range(1, 9)), st.lists(st.integers(1, 8), max_size=4), st.sets(st.integers(1, 8)))
def test_every_message_is_confirmed_once_and_rightly(order: list[int], cuts: list[int], refused: set[int]) -> None:
    out = bytearray()
    outbox = Outbox(1, out)
    outbox.confirm()
    outbox.published = 8
    outbox.reply(method_frame(1, BASIC_QOS_OK))
    settled: set[int] = set()
    outstanding = set(range(1, 9))
    told: dict[int, bool] = {}
    for at, ordinal in enumerate(order):
        outbox.settle(ordinal, ordinal not in refused)
        settled.add(ordinal)
        if at in cuts or at == 7:
            outbox.release()
            outbox.flush()
            data = bytes(out)
            out.clear()
            while data:
                size, _, value = frame.unmarshal(data)
                data = data[size:]
                if value.name == "Basic.QosOk":
                    assert not outstanding
                    continue
                tags = (
                    {tag for tag in outstanding if tag <= value.delivery_tag}
                    if value.multiple
                    else {value.delivery_tag}
                )
                assert tags <= settled & outstanding
                outstanding -= tags
                told |= dict.fromkeys(tags, value.name == "Basic.Ack")
    assert told == {ordinal: ordinal not in refused for ordinal in range(1, 9)}
