from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands

from ftcrm.mockserver.protocols.amqp import Opened, ProtocolError, Published, Topology
from ftcrm.mockserver.protocols.amqp.topology import Binding, Exchange, Queue, VirtualHost

Connect = Callable[..., Any]
Basic, Confirm, Exchanges, Queues = commands.Basic, commands.Confirm, commands.Exchange, commands.Queue


def declare(name: str = "ftcrm", kind: str = "direct", **options: Any) -> Exchanges.Declare:
    return Exchanges.Declare(exchange=name, exchange_type=kind, **options)


@pytest.fixture
def strict(connect: Connect) -> Callable[..., Any]:
    """Give a client of a strict server: exchange `ftcrm` (direct) is bound to queue `events` by the key `casino`."""

    def make(topology: Topology | None = None, **options: Any) -> Any:
        client = connect(topology=topology or Topology(), **options)
        client.send(
            declare(),
            Queues.Declare(queue="events"),
            Queues.Bind(queue="events", exchange="ftcrm", routing_key="casino"),
        )
        assert len(client.names()) == 3
        return client

    return make


def refused(client: Any, *messages: Any) -> tuple[str, int, str]:
    client.send(*messages)
    close = client.only()
    return close.name, close.reply_code, close.reply_text


def test_routed_and_unroutable_messages_are_both_given(strict: Any) -> None:
    client = strict()
    events = client.send(
        client.publish(), client.publish(routing_key="bonus"), client.publish(exchange="", routing_key="events")
    )
    assert [event.routed for event in events] == [True, False, True]
    client.settle_all(events)
    assert client.names() == []


def test_an_unroutable_mandatory_message_comes_back_before_its_ack(strict: Any) -> None:
    client = strict(frame_max=4096)
    client.send(Confirm.Select())
    content = bytes(10_000)
    events = client.send(client.publish(content, routing_key="bonus", mandatory=True, message_id="m1"))
    client.settle_all(events)
    _, returned, head, *bodies, ack = [value for _, value in client.received()]
    assert (returned.name, returned.reply_code, returned.reply_text) == ("Basic.Return", 312, "NO_ROUTE")
    assert (returned.exchange, returned.routing_key) == ("ftcrm", "bonus")
    assert (head.body_size, head.properties.message_id) == (10_000, "m1")
    assert [len(each.value) for each in bodies] == [4088, 4088, 1824]
    assert b"".join(each.value for each in bodies) == content
    assert ack.name == "Basic.Ack"


def test_a_routed_mandatory_message_does_not_come_back(strict: Any) -> None:
    client = strict()
    client.settle_all(client.send(client.publish(mandatory=True)))
    assert client.names() == []


def test_returns_of_a_transaction_come_at_commit(strict: Any) -> None:
    client = strict()
    client.send(commands.Tx.Select(), client.publish(b"", routing_key="bonus", mandatory=True))
    assert client.names() == ["1 Tx.SelectOk"]
    client.settle_all(client.send(commands.Tx.Commit()))
    assert client.names() == ["1 Basic.Return", "1 ContentHeader", "1 Tx.CommitOk"]


def test_publishing_to_a_missing_exchange_is_recorded_and_closes_the_channel(strict: Any) -> None:
    client = strict(vhost="/run")
    client.send(Confirm.Select())
    client.connection.data_to_send()
    events = client.send(client.publish(), client.publish(exchange="missing"), client.publish(b"late"))
    assert [type(event) for event in events] == [Published, Published, ProtocolError]
    assert [event.routed for event in events[:2]] == [True, False]
    client.settle_all(events)
    [(_, ack), (_, close)] = client.received()
    assert (ack.name, ack.delivery_tag, ack.multiple) == ("Basic.Ack", 1, False)
    assert (close.name, close.reply_code) == ("Channel.Close", 404)
    assert close.reply_text == "NOT_FOUND - no exchange 'missing' in vhost '/run'"


def test_immediate_is_not_implemented(strict: Any) -> None:
    client = strict()
    events = client.send(client.publish(immediate=True))
    assert [event.routed for event in events if isinstance(event, Published)] == [False]
    client.settle_all(events)
    close = client.only()
    assert (close.name, close.reply_code) == ("Connection.Close", 540)


@pytest.mark.parametrize(
    ("message", "code", "text"),
    [
        (
            declare(kind="fanout"),
            406,
            "PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'ftcrm' in vhost '/': "
            "received 'fanout' but current is 'direct'",
        ),
        (
            declare(durable=True),
            406,
            "PRECONDITION_FAILED - inequivalent arg 'durable' for exchange 'ftcrm' in vhost '/': "
            "received 'true' but current is 'false'",
        ),
        (
            Queues.Declare(queue="events", durable=True),
            406,
            "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'events' in vhost '/': "
            "received 'true' but current is 'false'",
        ),
        (declare("nope", passive=True), 404, "NOT_FOUND - no exchange 'nope' in vhost '/'"),
        (Queues.Declare(queue="nope", passive=True), 404, "NOT_FOUND - no queue 'nope' in vhost '/'"),
        (Queues.Bind(queue="nope", exchange="ftcrm"), 404, "NOT_FOUND - no queue 'nope' in vhost '/'"),
        (Queues.Bind(queue="events", exchange="nope"), 404, "NOT_FOUND - no exchange 'nope' in vhost '/'"),
        (Queues.Unbind(queue="nope", exchange="ftcrm"), 404, "NOT_FOUND - no queue 'nope' in vhost '/'"),
        (Exchanges.Bind(destination="nope", source="ftcrm"), 404, "NOT_FOUND - no exchange 'nope' in vhost '/'"),
        (Basic.Consume(queue="nope"), 404, "NOT_FOUND - no queue 'nope' in vhost '/'"),
        (Basic.Get(queue="nope"), 404, "NOT_FOUND - no queue 'nope' in vhost '/'"),
        (Queues.Purge(queue="nope"), 404, "NOT_FOUND - no queue 'nope' in vhost '/'"),
        (
            Exchanges.Delete(exchange="ftcrm", if_unused=True),
            406,
            "PRECONDITION_FAILED - exchange 'ftcrm' in vhost '/' in use",
        ),
        (declare("amq.mine"), 403, "ACCESS_REFUSED - exchange name 'amq.mine' contains reserved prefix 'amq.*'"),
        (Exchanges.Delete(exchange="amq.direct"), 403, "ACCESS_REFUSED - exchange name 'amq.direct' contains reserved"),
        (
            Queues.Declare(queue="amq.mine"),
            403,
            "ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'",
        ),
        (declare(""), 403, "ACCESS_REFUSED - operation not permitted on the default exchange"),
        (Exchanges.Delete(exchange=""), 403, "ACCESS_REFUSED - operation not permitted on the default exchange"),
        (Queues.Bind(queue="events", exchange=""), 403, "ACCESS_REFUSED - operation not permitted on the default"),
    ],
)
def test_a_channel_is_closed_as_rabbitmq_does(strict: Any, message: Any, code: int, text: str) -> None:
    name, reply_code, reply_text = refused(strict(), message)
    assert (name, reply_code) == ("Channel.Close", code)
    assert reply_text.startswith(text)


def test_the_last_queue_needs_a_last_queue(connect: Connect) -> None:
    client = connect(topology=Topology())
    assert refused(client, Basic.Get(queue="")) == ("Channel.Close", 404, "NOT_FOUND - no previously declared queue")


def test_an_unknown_exchange_type_closes_the_connection(strict: Any) -> None:
    assert refused(strict(), declare("x", "x-random")) == (
        "Connection.Close",
        503,
        "COMMAND_INVALID - unknown exchange type 'x-random'",
    )


def test_publishing_to_an_internal_exchange_is_refused(strict: Any) -> None:
    client = strict()
    client.send(declare("inner", internal=True))
    events = client.send(client.publish(exchange="inner"))
    client.settle_all(events)
    assert client.names() == ["1 Exchange.DeclareOk", "1 Channel.Close"]


def test_declaring_the_same_again_is_fine(strict: Any) -> None:
    client = strict()
    client.send(declare(), Queues.Declare(queue="events"), declare("amq.topic", "topic", durable=True))
    assert client.names() == ["1 Exchange.DeclareOk", "1 Queue.DeclareOk", "1 Exchange.DeclareOk"]


def test_the_empty_name_is_the_last_queue(connect: Connect) -> None:
    client = connect(topology=Topology())
    client.send(declare(), Queues.Declare(), Queues.Bind(queue="", exchange="ftcrm"), Basic.Get(queue=""))
    declared = client.received()[1][1].queue
    [by_name] = client.send(client.publish(routing_key=declared))
    [by_other] = client.send(client.publish(routing_key="other"))
    assert (by_name.routed, by_other.routed) == (True, False)


def test_what_is_deleted_or_unbound_no_longer_routes(strict: Any) -> None:
    client = strict()
    client.send(Queues.Unbind(queue="events", exchange="ftcrm", routing_key="casino"))
    [unbound] = client.send(client.publish())
    client.send(Queues.Bind(queue="events", exchange="ftcrm", routing_key="casino"))
    [bound] = client.send(client.publish())
    client.send(Queues.Delete(queue="events"), Queues.Delete(queue="events"))
    [deleted] = client.send(client.publish())
    assert (unbound.routed, bound.routed, deleted.routed) == (False, True, False)
    assert isinstance(client.send(Exchanges.Delete(exchange="ftcrm"), client.publish())[1], ProtocolError)


def test_connections_share_a_topology_and_vhosts_do_not(strict: Any, connect: Connect) -> None:
    topology = Topology()
    strict(topology)
    same, other = connect(topology=topology), connect(topology=topology, vhost="/other")
    assert same.send(same.publish())[0].routed
    assert [type(event) for event in other.send(other.publish())] == [Published, ProtocolError]


def test_exchanges_route_to_exchanges_even_in_circles() -> None:
    host = VirtualHost("/")
    for name in ("a", "b", "c"):
        host.declare_exchange(Exchange(name, "fanout"))
    for source, destination in (("a", "b"), ("b", "c"), ("c", "a")):
        host.bind(Binding(source, "exchange", destination, ""))
    host.declare_queue(Queue("q"))
    assert host.route("a", "k", None) == set()
    host.bind(Binding("c", "queue", "q", ""))
    assert host.route("a", "k", None) == {"q"}
    host.delete_exchange("b", if_unused=False)
    assert host.route("a", "k", None) == set()


@pytest.mark.parametrize(
    ("pattern", "key", "matches"),
    [
        ("casino.*", "casino.bet", True),
        ("casino.*", "casino", False),
        ("casino.*", "casino.bet.eu", False),
        ("casino.#", "casino", True),
        ("casino.#", "casino.bet.eu", True),
        ("#", "", True),
        ("*", "", False),
        ("", "", True),
        ("", "a", False),
        ("#.bet", "casino.eu.bet", True),
        ("#.bet", "casino.eu.win", False),
        ("a.#.b.*.c", "a.x.y.b.z.c", True),
        ("a.#.b.*.c", "a.x.y.b.c", False),
        ("#.#.#", "a", True),
        ("*.*", "a..", False),
        ("*.*", "a.", True),
    ],
)
def test_topics(pattern: str, key: str, matches: bool) -> None:
    assert routes("topic", pattern, {}, key, {}) is matches


@given(st.lists(st.sampled_from("ab*#"), max_size=5), st.lists(st.sampled_from("ab"), max_size=5))
def test_topics_agree_with_plain_backtracking(pattern: list[str], words: list[str]) -> None:
    def matches(pattern: list[str], words: list[str]) -> bool:
        if not pattern:
            return not words
        if pattern[0] == "#":
            return any(matches(pattern[1:], words[at:]) for at in range(len(words) + 1))
        return bool(words) and pattern[0] in ("*", words[0]) and matches(pattern[1:], words[1:])

    assert routes("topic", ".".join(pattern), {}, ".".join(words), {}) is matches(pattern, words)


def test_a_hostile_topic_is_matched_in_time() -> None:
    assert not routes("topic", ".".join(["#", "a"] * 40), {}, ".".join(["a"] * 39 + ["b"] * 80), {})


@pytest.mark.parametrize(
    ("arguments", "headers", "matches"),
    [
        ({"a": 1, "b": "x"}, {"a": 1, "b": "x", "c": 3}, True),
        ({"a": 1, "b": "x"}, {"a": 1}, False),
        ({"x-match": "any", "a": 1, "b": "x"}, {"b": "x"}, True),
        ({"x-match": "any", "a": 1}, {"a": 2}, False),
        ({"x-match": "all", "a": None}, {"a": "anything"}, True),
        ({"x-match": "all", "x-a": 1}, {}, True),
        ({"x-match": "all-with-x", "x-a": 1}, {}, False),
        ({"x-match": "any-with-x", "x-a": 1}, {"x-a": 1}, True),
        ({}, {}, True),
        ({"x-match": "any"}, {"a": 1}, False),
    ],
)
def test_headers(arguments: dict[str, Any], headers: dict[str, Any], matches: bool) -> None:
    assert routes("headers", "", arguments, "k", headers) is matches


@pytest.mark.parametrize(("kind", "key"), list(product(("direct", "fanout"), ("k", "other"))))
def test_direct_and_fanout(kind: str, key: str) -> None:
    assert routes(kind, "k", {}, key, {}) is (kind == "fanout" or key == "k")


def routes(kind: str, binding_key: str, arguments: dict[str, Any], key: str, headers: dict[str, Any]) -> bool:
    host = VirtualHost("/")
    host.declare_exchange(Exchange("x", kind))
    host.declare_queue(Queue("q"))
    host.bind(Binding("x", "queue", "q", binding_key, arguments))
    return host.route("x", key, headers) == {"q"}


def test_the_permissive_default_knows_no_topology(connect: Connect) -> None:
    client = connect()
    events = client.send(client.publish(exchange="missing", mandatory=True), declare("amq.mine"), Basic.Get(queue="q"))
    client.settle_all(events)
    assert client.names() == ["1 Exchange.DeclareOk", "1 Basic.GetEmpty"]
    assert not any(isinstance(event, Opened | ProtocolError) for event in events)
