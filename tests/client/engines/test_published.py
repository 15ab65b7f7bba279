"""Publishing a history: where each message goes, in which order, and what a refusal means."""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from ftcrm.client.blocking import BlockingSender
from ftcrm.client.engines.published import Publisher, admin_of, run_of
from ftcrm.client.sender import Outgoing, Sent
from ftcrm.contracts import Message
from ftcrm.contracts.errors import ConfigurationError, SendError

CASINO, BONUS = "/v1/integration/casino", "/v1/integration/bonus"


@pytest.fixture
def publisher_to() -> Iterator[Callable[..., Publisher]]:
    """Open publishers; they are closed when the test ends."""
    opened: list[Publisher] = []

    def make(*urls: str, **options: Any) -> Publisher:
        opened.append(Publisher(urls, **options))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def rest(number: int, message_type: str | None = "CASINO") -> Message:
    return Message("rest", b'{"n":%d}' % number, message_type)


def test_messages_go_out_in_their_order_each_with_its_type(http_server: Any, publisher_to: Any) -> None:
    messages = [rest(1), rest(2, "bonus"), Message("kafka", b'{"n":3}', None, (("x", None), ("type", b"Casino")))]
    published = publisher_to(http_server.url, api_key="k-1").publish(messages)
    assert [(each.path, each.body) for each in http_server.requests] == [
        (CASINO, b'{"n":1}'),
        (BONUS, b'{"n":2}'),
        (CASINO, b'{"n":3}'),
    ]
    assert {each.headers["x-api-key"] for each in http_server.requests} == {"k-1"}
    assert published.messages == [rest(1), rest(2, "BONUS"), rest(3)]
    assert published.faults == []


def test_with_several_urls_the_messages_take_turns(http_server: Any, publisher_to: Any) -> None:
    publisher = publisher_to(http_server.url, f"{http_server.url}/runs/b")
    publisher.publish([rest(1), rest(2), rest(3)])
    assert [(each.path, each.body) for each in http_server.requests] == [
        (CASINO, b'{"n":1}'),
        (f"/runs/b{CASINO}", b'{"n":2}'),
        (CASINO, b'{"n":3}'),
    ]


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
def test_an_event_that_is_turned_away_was_published(http_server: Any, publisher_to: Any, status: int) -> None:
    http_server.answers[CASINO] = (status, b"{}")
    published = publisher_to(http_server.url).publish([rest(1), rest(2)])
    assert (published.messages, published.faults) == ([rest(1), rest(2)], [])


def test_an_answer_of_500_is_a_fault_of_the_target(http_server: Any, publisher_to: Any) -> None:
    http_server.answers[BONUS] = (500, b'{"error": {"message": "KeyError: amount"}}')
    published = publisher_to(http_server.url).publish([rest(1), rest(2, "BONUS"), rest(3)])
    assert published.faults == [
        f"message 2: expected {http_server.url} to take it or turn it away, got HTTP 500: KeyError: amount"
    ]
    assert published.messages == [rest(1), rest(2, "BONUS"), rest(3)]


@pytest.mark.parametrize("status", [401, 403, 404, 503])
def test_a_target_that_takes_nothing_is_an_error(http_server: Any, publisher_to: Any, status: int) -> None:
    http_server.answers[CASINO] = (status, b'{"error": {"message": "no"}}')
    with pytest.raises(SendError, match=rf"expected message 1 to be taken, got HTTP {status}: no$"):
        publisher_to(http_server.url).publish([rest(1)])


def test_what_a_connector_cannot_say_is_left_out(http_server: Any, publisher_to: Any) -> None:
    odd = [Message("rabbitmq", b"{}", each) for each in (None, "", "PAYMENT", "CA\u017fINO", "CASINO\udcff")]
    large = Message("rest", b"{}", "CASINO", size=2**21)
    published = publisher_to(http_server.url).publish([*odd, large, rest(1)])
    assert published.messages == [rest(1)]
    assert len(http_server.requests) == 1


ODD_NAMES = (("\udcff", b"1"), ("n" * 256, b"2"))


@pytest.mark.parametrize(
    ("message", "delivered"),
    [
        (
            Message("kafka", b"1", None, (("type", b"PAYMENT"), *ODD_NAMES, ("type", b"\xff"), ("x", None))),
            Message("kafka", b"1", None, (("type", b"PAYMENT"), ("type", b"\xff"), ("x", None))),
        ),
        (
            Message("rabbitmq", b"2", None, (("type", "CASINO"), ("y", "\ud83d"), *ODD_NAMES, ("x", b"\xff"))),
            Message("kafka", b"2"),
        ),
        (Message("rest", b"3", "bonus", (("type", "x"),)), Message("kafka", b"3", None, (("type", b"bonus"),))),
        (Message("rest", b"4", "BONUS", size=5), None),
    ],
)
def test_headers_come_through_their_own_connector_and_no_other(
    publisher_to: Any, kafka_address: str, message: Message, delivered: Message | None
) -> None:
    assert publisher_to(f"kafka://{kafka_address}/said").delivered([message]) == [delivered]


def test_the_headers_of_rabbitmq_are_a_table(publisher_to: Any, rabbitmq: str) -> None:
    headers = (("type", "CASINO"), ("y", "\ud83d"), *ODD_NAMES, ("x", b"\xff"), ("type", None))
    publisher = publisher_to(f"{rabbitmq}/%2F?exchange=amq.fanout")
    typed = Message("rabbitmq", b"{}", "CASINO", headers)
    assert publisher.delivered([typed]) == [
        Message("rabbitmq", b"{}", "CASINO", (("type", None), ("x", b"\xff"))),
    ]
    assert publisher.delivered([Message("kafka", b"{}", None, (("type", b"CASINO"), ("type", b"\xff")))]) == [
        Message("rabbitmq", b"{}")
    ]


def test_a_connection_that_failed_is_made_again(
    http_server: Any, publisher_to: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    class Failing(BlockingSender):
        def __init__(self, url: str, **options: Any) -> None:
            super().__init__(url, **options)
            opened.append(url)

        def send_all(self, messages: Iterable[Outgoing]) -> list[Sent]:
            if len(opened) == 1:
                raise SendError("the broker hung up")
            return super().send_all(messages)

    monkeypatch.setattr("ftcrm.client.engines.published.BlockingSender", Failing)
    publisher = publisher_to(http_server.url)
    with pytest.raises(SendError, match="the broker hung up"):
        publisher.publish([rest(1)])
    assert publisher.publish([rest(2)]).messages == [rest(2)]
    assert opened == [http_server.url] * 2


def test_each_connector_gets_its_own_and_says_the_type_in_its_own_way(
    http_server: Any, publisher_to: Any, rabbitmq: str, kafka_address: str
) -> None:
    topic = f"published-{os.getpid()}"
    publisher = publisher_to(
        http_server.url, f"{rabbitmq}/%2F?exchange=amq.direct&routing_key=k", f"kafka://{kafka_address}/{topic}"
    )
    unroutable = Message("rabbitmq", b'{"n":2}', "CASINO")
    with pytest.raises(SendError, match=r"^amqp://127\.0\.0\.1:\d+/%2F: expected message 2 to be taken, got returned"):
        publisher.publish([rest(1), unroutable, rest(3)])
    assert [each.body for each in http_server.requests] == [b'{"n":1}']
    kept = Message("kafka", b'{"n":4}', None, (("trace", None), ("type", b"BoNuS"), ("z", b"")))
    untyped = Message("kafka", b'{"n":5}')
    too_long = Message("kafka", b'{"n":6}', None, (("type", b"C" * 256),))
    assert publisher.publish([kept, untyped, too_long]).messages == [kept, untyped]


def test_a_target_that_cannot_be_reached(http_server: Any, refused_port: int) -> None:
    with pytest.raises(SendError, match=r"^amqp://127\.0\.0\.1"):
        Publisher([http_server.url, f"amqp://127.0.0.1:{refused_port}/"])
    with pytest.raises(ConfigurationError, match="expected http://HOST:PORT, amqp://"):
        Publisher(["ftp://127.0.0.1"])


@pytest.mark.parametrize(
    ("url", "run"),
    [
        ("http://h:1", "default"),
        ("http://h:1/", "default"),
        ("http://h:1/runs/a%20b", "a b"),
        ("https://h/gateway/runs/x/v1/integration/casino", "x"),
        ("http://h/runs/x/_ftcrm/", "x"),
        ("http://h/runs/x/y", "default"),
        ("amqp://u:p@h", "default"),
        ("amqp://h/%2F", "default"),
        ("amqp://h/checkout?exchange=e", "checkout"),
        ("kafka://h:9092", "default"),
        ("kafka://h/casino", "default"),
        ("kafka://h/runs.x.casino", "x"),
        ("kafka://h/runs.x.a.b", "x"),
        ("kafka://h/runs.x", "default"),
        ("kafka://h/runs..casino", "default"),
    ],
)
def test_the_run_that_a_url_binds(url: str, run: str) -> None:
    assert run_of(url) == run


@pytest.mark.parametrize(
    ("url", "admin"),
    [
        ("http://h:1", "http://h:1"),
        ("http://h:1/runs/x", "http://h:1"),
        ("http://h:1/v1/integration/bonus/", "http://h:1"),
        ("https://u:p@h/gateway/runs/x/v1/integration?a=b", "https://u:p@h/gateway"),
        ("http://h:1/_ftcrm", "http://h:1"),
    ],
)
def test_where_the_admin_api_of_a_url_is(url: str, admin: str) -> None:
    assert admin_of(url) == admin


def test_nothing_is_sent_of_an_empty_history(http_server: Any, publisher_to: Any) -> None:
    published = publisher_to(http_server.url).publish([])
    assert (published.messages, published.faults, http_server.requests) == ([], [], [])
