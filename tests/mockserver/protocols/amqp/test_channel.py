from collections.abc import Callable
from typing import Any

import pytest
from pamqp import base, commands

from ftcrm.mockserver.protocols.amqp import Closed, Limits, ProtocolError, Published, methods
from ftcrm.mockserver.protocols.amqp.channel import TRANSITIONS, ChannelState
from ftcrm.mockserver.protocols.amqp.frames import frame, method_frame
from ftcrm.mockserver.protocols.amqp.methods import METHODS, Method

Connect = Callable[..., Any]
Basic, Channel, Confirm, Exchange, Queue, Tx = (
    commands.Basic,
    commands.Channel,
    commands.Confirm,
    commands.Exchange,
    commands.Queue,
    commands.Tx,
)

RPCS = [
    (Channel.Flow(active=False), "Channel.FlowOk"),
    (Exchange.Declare(exchange="x"), "Exchange.DeclareOk"),
    (Exchange.Declare(exchange="x", passive=True), "Exchange.DeclareOk"),
    (Exchange.Delete(exchange="x"), "Exchange.DeleteOk"),
    (Exchange.Bind(destination="a", source="b"), "Exchange.BindOk"),
    (Exchange.Unbind(destination="a", source="b"), "Exchange.UnbindOk"),
    (Queue.Declare(queue="q"), "Queue.DeclareOk"),
    (Queue.Declare(queue="q", passive=True), "Queue.DeclareOk"),
    (Queue.Bind(queue="q", exchange="x"), "Queue.BindOk"),
    (Queue.Unbind(queue="q", exchange="x"), "Queue.UnbindOk"),
    (Queue.Purge(queue="q"), "Queue.PurgeOk"),
    (Queue.Delete(queue="q"), "Queue.DeleteOk"),
    (Basic.Qos(prefetch_count=10), "Basic.QosOk"),
    (Basic.Consume(queue="q"), "Basic.ConsumeOk"),
    (Basic.Cancel(consumer_tag="t"), "Basic.CancelOk"),
    (Basic.Get(queue="q"), "Basic.GetEmpty"),
    (Basic.Recover(requeue=True), "Basic.RecoverOk"),
    (Confirm.Select(), "Confirm.SelectOk"),
    (Tx.Select(), "Tx.SelectOk"),
]
NOWAIT = [
    Exchange.Declare(exchange="x", nowait=True),
    Exchange.Delete(exchange="x", nowait=True),
    Exchange.Bind(destination="a", source="b", nowait=True),
    Exchange.Unbind(destination="a", source="b", nowait=True),
    Queue.Declare(queue="q", nowait=True),
    Queue.Bind(queue="q", exchange="x", nowait=True),
    Queue.Purge(queue="q", nowait=True),
    Queue.Delete(queue="q", nowait=True),
    Basic.Consume(queue="q", nowait=True),
    Basic.Cancel(consumer_tag="t", nowait=True),
    Confirm.Select(nowait=True),
]
SILENT = [
    Basic.Ack(delivery_tag=1),
    Basic.Nack(delivery_tag=1),
    Basic.Reject(delivery_tag=1),
    Channel.FlowOk(active=True),
    method_frame(1, methods.BASIC_RECOVER_ASYNC),
]


@pytest.mark.parametrize(("request_", "reply"), RPCS, ids=lambda value: getattr(value, "name", value))
def test_requests_are_answered(connect: Connect, request_: base.Frame, reply: str) -> None:
    client = connect()
    assert client.send(request_) == []
    assert client.names() == [f"1 {reply}"]


@pytest.mark.parametrize(("request_", "reply"), RPCS, ids=lambda value: getattr(value, "name", value))
def test_replies_wait_for_the_publishes_before_them(connect: Connect, request_: base.Frame, reply: str) -> None:
    client = connect()
    events = client.send(client.publish(), request_)
    assert client.names() == []
    client.settle_all(events)
    assert client.names() == [f"1 {reply}"]


@pytest.mark.parametrize("request_", [*NOWAIT, *SILENT], ids=lambda value: getattr(value, "name", value))
def test_requests_without_a_reply_get_none(connect: Connect, request_: base.Frame | bytes) -> None:
    client = connect()
    assert client.send(request_) == []
    assert client.names() == []
    client.send(Basic.Qos())
    assert client.names() == ["1 Basic.QosOk"]


def test_replies_on_another_channel_do_not_wait(connect: Connect) -> None:
    client = connect(channels=2)
    client.send(client.publish(channel=1))
    client.send(Queue.Declare(queue="q"), channel=2)
    assert client.names() == ["2 Queue.DeclareOk"]


def test_replies_keep_their_order(connect: Connect) -> None:
    client = connect()
    first, second = client.send(
        client.publish(), Queue.Declare(queue="a"), client.publish(), Basic.Qos(), Queue.Declare(queue="b")
    )
    client.connection.settle([second.token])
    assert client.names() == []
    client.connection.settle([first.token])
    assert client.names() == ["1 Queue.DeclareOk", "1 Basic.QosOk", "1 Queue.DeclareOk"]


def test_names_left_to_the_server_are_generated(connect: Connect) -> None:
    client = connect()
    client.send(
        Queue.Declare(), Queue.Declare(), Basic.Consume(queue="q"), Basic.Consume(queue="q", consumer_tag="mine")
    )
    one, two, generated, given = [value for _, value in client.received()]
    assert one.queue.startswith("amq.gen-")
    assert one.queue != two.queue
    assert generated.consumer_tag.startswith("amq.ctag-")
    assert given.consumer_tag == "mine"


def test_a_consumer_tag_is_not_given_twice(connect: Connect) -> None:
    client = connect()
    client.send(Basic.Consume(queue="q", consumer_tag="t"), Basic.Cancel(consumer_tag="t"))
    client.send(Basic.Consume(queue="q", consumer_tag="t"))
    assert client.names() == ["1 Basic.ConsumeOk", "1 Basic.CancelOk", "1 Basic.ConsumeOk"]
    client.send(Basic.Consume(queue="q", consumer_tag="t"))
    close = client.only()
    assert (close.name, close.reply_code) == ("Connection.Close", 530)


def test_a_channel_closes_and_opens_again(connect: Connect) -> None:
    client = connect()
    client.send(Channel.Close(200, "", 0, 0), Channel.Open(), client.publish())
    assert client.names() == ["1 Channel.CloseOk", "1 Channel.OpenOk"]


def test_close_ok_waits_for_publishes(connect: Connect) -> None:
    client = connect()
    events = client.send(client.publish(), Channel.Close(200, "", 0, 0))
    assert client.names() == []
    client.settle_all(events)
    assert client.names() == ["1 Channel.CloseOk"]


def test_connection_close_ok_waits_for_the_publishes_of_all_channels(connect: Connect) -> None:
    client = connect(channels=2)
    events = client.send(client.publish(channel=1), client.publish(channel=2))
    client.send(commands.Connection.Close(200, "", 0, 0), channel=0)
    client.connection.settle([events[0].token])
    assert (client.names(), client.connection.closed) == ([], False)
    client.connection.settle([events[1].token])
    assert client.connection.closed
    assert client.names() == ["0 Connection.CloseOk"]


def test_confirms_go_before_the_close_ok_of_the_connection(connect: Connect) -> None:
    client = connect()
    client.send(Confirm.Select())
    events = client.send(client.publish(), client.publish(), Queue.Declare(queue="q"))
    client.send(commands.Connection.Close(200, "", 0, 0), channel=0)
    client.settle_all(events)
    assert client.names() == ["1 Confirm.SelectOk", "1 Basic.Ack", "1 Queue.DeclareOk", "0 Connection.CloseOk"]


def test_our_close_of_the_connection_waits_too(connect: Connect) -> None:
    client = connect()
    client.send(Confirm.Select())
    events = client.send(client.publish())
    client.connection.close(320, "CONNECTION_FORCED - shutdown")
    assert client.names() == ["1 Confirm.SelectOk"]
    client.settle_all(events)
    assert client.names() == ["1 Basic.Ack", "0 Connection.Close"]


def test_closes_that_cross_end_the_channel(connect: Connect) -> None:
    client = connect()
    client.send(Tx.Commit())
    close = client.only()
    assert (close.name, close.reply_code, close.class_id, close.method_id) == ("Channel.Close", 406, 90, 20)
    client.send(Channel.Close(200, "", 0, 0))
    assert client.names() == ["1 Channel.CloseOk"]
    client.send(Channel.CloseOk(), Channel.Open())
    assert client.names() == ["1 Channel.OpenOk"]


def test_a_channel_whose_closes_crossed_may_open_without_close_ok(connect: Connect) -> None:
    client = connect()
    client.send(Tx.Commit(), Channel.Close(200, "", 0, 0), Channel.Open(), Queue.Declare(queue="q"))
    assert client.names() == ["1 Channel.Close", "1 Channel.CloseOk", "1 Channel.OpenOk", "1 Queue.DeclareOk"]


def test_a_channel_we_closed_opens_again_after_close_ok(connect: Connect) -> None:
    client = connect()
    client.send(Tx.Commit(), client.publish(), Queue.Declare(queue="q"), Channel.CloseOk(), Channel.Open())
    assert client.names() == ["1 Channel.Close", "1 Channel.OpenOk"]


def test_opening_before_the_held_close_ok_is_a_channel_error(connect: Connect) -> None:
    client = connect()
    events = client.send(client.publish(), Channel.Close(200, "", 0, 0), Channel.Open())
    client.settle_all(events)
    assert [value.name for _, value in client.received()] == ["Channel.CloseOk", "Connection.Close"]


CHANNEL_STATES = [ChannelState.UNOPENED, ChannelState.OPEN, ChannelState.ENDING]
ILLEGAL = [
    (state, method)
    for state in CHANNEL_STATES
    for method in METHODS.values()
    if (state, method) not in TRANSITIONS and not (state is ChannelState.OPEN and method is methods.BASIC_PUBLISH)
]


@pytest.mark.parametrize(("state", "method"), ILLEGAL, ids=lambda value: getattr(value, "name", None))
def test_every_illegal_method_closes_the_connection(connect: Connect, state: ChannelState, method: Method) -> None:
    client = connect(channels=0 if state is ChannelState.UNOPENED else 1)
    events = []
    if state is ChannelState.ENDING:
        events = client.send(client.publish(), Channel.Close(200, "", 0, 0))
    errors = client.connection.receive(method_frame(1, method))
    client.settle_all(events)
    close = next(value for channel, value in client.received() if channel == 0)
    expected = 503 if method.class_id == 10 or state is ChannelState.OPEN else 504
    assert (close.name, close.reply_code, close.class_id, close.method_id) == (
        "Connection.Close",
        expected,
        method.class_id,
        method.method_id,
    )
    assert [type(error) for error in errors] == [ProtocolError]


DISCARDED = [
    (state, method)
    for state in (ChannelState.CLOSING, ChannelState.CROSSED)
    for method in METHODS.values()
    if (state, method) not in TRANSITIONS
]


@pytest.mark.parametrize(("state", "method"), DISCARDED, ids=lambda value: getattr(value, "name", None))
def test_a_closing_channel_discards_everything_else(connect: Connect, state: ChannelState, method: Method) -> None:
    client = connect()
    client.send(Tx.Commit())
    if state is ChannelState.CROSSED:
        client.send(Channel.Close(200, "", 0, 0))
    client.connection.data_to_send()
    assert client.connection.receive(method_frame(1, method) + frame(2, 1, b"?") + frame(3, 1, b"?")) == []
    assert client.names() == []


def test_every_method_a_client_may_send_has_a_handler_in_some_state() -> None:
    handled = {method for _, method in TRANSITIONS} | {methods.BASIC_PUBLISH}
    sent = {method for method in METHODS.values() if method.sender != "server" and method.class_id != 10}
    assert sent - handled == {methods.BASIC_CANCEL_OK}


def test_access_request_is_answered_as_rabbitmq_does(connect: Connect) -> None:
    client = connect()
    client.send(method_frame(1, methods.ACCESS_REQUEST, realm="/data"))
    assert client.connection.data_to_send() == method_frame(1, methods.ACCESS_REQUEST_OK, ticket=1)


def test_malformed_arguments_close_the_connection(connect: Connect) -> None:
    client = connect()
    [error] = client.send(frame(1, 1, methods.QUEUE_DECLARE.prefix + b"\0\0\x05ab"))
    assert client.only().reply_code == 502
    assert error.reason.startswith("502 SYNTAX_ERROR - ")


def test_a_tall_pile_of_channels_stays_independent(connect: Connect) -> None:
    client = connect(channels=50)
    events = client.send(*(client.publish(b"%d" % channel, channel=channel) for channel in range(1, 51)))
    assert [(event.channel, event.body) for event in events] == [(n, b"%d" % n) for n in range(1, 51)]
    assert [event.token for event in events] == list(range(1, 51))


def test_limits_reach_the_channels(connect: Connect) -> None:
    client = connect(limits=Limits(max_body=10, keep_prefix=4))
    events = client.send(client.publish(b"0123456789"), client.publish(b"0123456789a"))
    assert [(event.body, event.truncated) for event in events if isinstance(event, Published)] == [
        (b"0123456789", False),
        (b"0123", True),
    ]


def test_eof_with_unsettled_publishes_ends_quietly(connect: Connect) -> None:
    client = connect()
    events = client.send(client.publish(), Queue.Declare(queue="q"))
    assert [type(event) for event in client.connection.eof()] == [Closed]
    client.settle_all(events)
    assert client.connection.closed
