import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from ftcrm.client import AdminClient
from ftcrm.contracts.errors import ConfigurationError, SendError
from ftcrm.contracts.events.payload import Number


@pytest.mark.parametrize(
    ("call", "method", "path"),
    [
        (lambda admin: admin.health(), "GET", "health"),
        (lambda admin: admin.ready(), "GET", "ready"),
        (lambda admin: admin.summary(run="a b"), "GET", "summary?run=a+b"),
        (lambda admin: admin.event(7), "GET", "events/7"),
        (lambda admin: admin.round("o", "u/1", "r?"), "GET", "rounds/o/u%2F1/r%3F"),
        (lambda admin: admin.round("o", "u", "r", run="x"), "GET", "rounds/o/u/r?run=x"),
        (lambda admin: admin.player("o/1", "u?"), "GET", "players/o%2F1/u%3F"),
        (
            lambda admin: admin.player("o", "u", run="x", as_of="2026-03-02T08:00:00+01:00"),
            "GET",
            "players/o/u?run=x&as_of=2026-03-02T08%3A00%3A00%2B01%3A00",
        ),
        (lambda admin: admin.bonus("AB CD"), "GET", "bonuses/AB%20CD"),
        (lambda admin: admin.bonus(".."), "GET", "bonuses/%2E%2E"),
        (lambda admin: admin.player("..", "."), "GET", "players/%2E%2E/%2E"),
        (lambda admin: admin.round("...", "u.1", ".."), "GET", "rounds/.../u.1/%2E%2E"),
        (lambda admin: admin.reset("checkout"), "POST", "runs/checkout/reset"),
        (lambda admin: admin.close_run("a/b"), "POST", "runs/a%2Fb/close"),
    ],
)
def test_each_call_is_one_request_whose_json_comes_back(
    http_server: Any, call: Callable[[AdminClient], object], method: str, path: str
) -> None:
    http_server.answers[f"/_ftcrm/{path}"] = (200, b'{"found": 1}')
    with AdminClient(f"{http_server.url}/_ftcrm") as admin:
        assert call(admin) == {"found": 1}
    (request,) = http_server.requests
    assert (request.method, request.path) == (method, f"/_ftcrm/{path}")
    assert "authorization" not in request.headers


def test_the_token_travels_as_a_bearer_and_the_prefix_may_be_left_out(http_server: Any) -> None:
    with AdminClient(f"{http_server.url}/", token="t-1") as admin:  # noqa: S106 - a token of the test
        admin.health()
    (request,) = http_server.requests
    assert (request.path, request.headers["authorization"]) == ("/_ftcrm/health", "Bearer t-1")


@pytest.mark.parametrize("name", ["events", "rounds", "sessions", "bonuses", "players", "questions", "findings"])
def test_lists_follow_their_cursors(http_server: Any, name: str) -> None:
    first = {name: [{"n": 1}, {"n": 2}], "next_cursor": "2", "complete": True}
    last = {name: [{"n": 3}], "next_cursor": None, "complete": True}
    http_server.answers[f"/_ftcrm/{name}?limit=2&run=a"] = (200, json.dumps(first).encode())
    http_server.answers[f"/_ftcrm/{name}?limit=2&run=a&cursor=2"] = (200, json.dumps(last).encode())
    with AdminClient(http_server.url) as admin:
        found = list(getattr(admin, name)(limit=2, run="a", verdict=None))
    assert found == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert len(http_server.requests) == 2


def test_an_error_answer_is_raised_with_the_servers_message(http_server: Any) -> None:
    body = {"error": {"status": 400, "code": "unknown-filter", "message": "expected a filter, got 'colour'"}}
    http_server.answers["/_ftcrm/events?colour=red"] = (400, json.dumps(body).encode())
    with AdminClient(http_server.url) as admin, pytest.raises(SendError) as caught:
        next(admin.events(colour="red"))
    assert str(caught.value).endswith("GET /_ftcrm/events: HTTP 400: expected a filter, got 'colour'")


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("20.10", Decimal("20.10")),
        ("1e400", Decimal("1e400")),
        ("1e99999999999999999999", Number("1e99999999999999999999")),
        ("7" * 5000, Decimal("7" * 5000)),
        ("18446744073709551616", 2**64),
    ],
    ids=["a fraction", "beyond floats", "beyond decimals", "beyond ints", "beyond 64 bits"],
)
def test_every_number_is_read(http_server: Any, sent: str, read: object) -> None:
    page = f'{{"events": [{{"seq": 1, "event": {{"amount": {sent}}}}}], "next_cursor": null}}'
    http_server.answers["/_ftcrm/events"] = (200, page.encode())
    with AdminClient(http_server.url) as admin:
        ((amount, seq),) = [(each["event"]["amount"], each["seq"]) for each in admin.events()]
    assert (amount, type(amount), seq, type(seq)) == (read, type(read), 1, int)
    assert str(getattr(amount, "text", amount)) == str(getattr(read, "text", read))


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (b"<html>", "expected a JSON object, got '<html>'"),
        (b"", "expected a JSON object, got ''"),
        (b"[]", "expected a JSON object, got '[]'"),
        (b'{"events": "\\ud800"}', "expected a JSON object, got"),
        (b'{"rounds": []}', "expected an array of objects in 'events', got None"),
        (b'{"events": {}}', "expected an array of objects in 'events', got {}"),
        (b'{"events": [7]}', "expected an array of objects in 'events', got [7]"),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_send_error(http_server: Any, answer: bytes, found: str) -> None:
    http_server.answers["/_ftcrm/events?run=a"] = (200, answer)
    with AdminClient(http_server.url) as admin, pytest.raises(SendError) as caught:
        list(admin.events(run="a"))
    assert str(caught.value).startswith(f"{http_server.url}: GET /_ftcrm/events: {found}")


def test_an_answer_that_is_not_what_its_headers_say_is_a_send_error(http_server: Any) -> None:
    http_server.headers["content-encoding"] = "gzip"
    with AdminClient(http_server.url) as admin:
        with pytest.raises(SendError, match="expected to GET /_ftcrm/health, got DecodingError"):
            admin.health()
        with pytest.raises(SendError, match="expected to GET /_ftcrm/history, got DecodingError"):
            list(admin.history())


@pytest.mark.parametrize(
    "call",
    [
        lambda admin: admin.round("o", "u" * 70_000, "r"),
        lambda admin: admin.player("o", "u" * 70_000),
        lambda admin: admin.bonus("b" * 70_000),
        lambda admin: admin.reset("r" * 70_000),
        lambda admin: list(admin.sessions(user_id="u" * 70_000)),
        lambda admin: list(admin.history("r" * 70_000)),
    ],
    ids=["round", "player", "bonus", "run", "filter", "history"],
)
def test_ids_too_long_for_a_url_are_a_send_error(http_server: Any, call: Callable[[AdminClient], object]) -> None:
    with AdminClient(http_server.url) as admin, pytest.raises(SendError) as caught:
        call(admin)
    assert str(caught.value).startswith(f"{http_server.url}: expected a URL that can be asked, got ")
    assert "too long" in str(caught.value)
    assert len(str(caught.value)) < 300
    assert http_server.requests == []


def test_a_history_comes_in_chunks(http_server: Any) -> None:
    content = b'{"seq": 1}\n{"seq": 2}\n'
    http_server.answers["/_ftcrm/history?run=a"] = (200, content)
    http_server.answers["/_ftcrm/history"] = (503, b'{"error": {"message": "expected a journal"}}')
    with AdminClient(http_server.url) as admin:
        assert b"".join(admin.history("a")) == content
        with pytest.raises(SendError, match="GET /_ftcrm/history: HTTP 503: expected a journal"):
            next(admin.history())


def test_nobody_there_is_a_send_error(refused_port: int) -> None:
    with AdminClient(f"http://127.0.0.1:{refused_port}/_ftcrm") as admin, pytest.raises(SendError) as caught:
        admin.health()
    assert "expected to GET /_ftcrm/health" in str(caught.value)
    with AdminClient(f"http://127.0.0.1:{refused_port}") as admin, pytest.raises(SendError) as caught:
        next(admin.history())
    assert "expected to GET /_ftcrm/history" in str(caught.value)


def test_the_admin_api_is_spoken_over_http_alone() -> None:
    with pytest.raises(ConfigurationError, match="expected http://HOST:PORT/_ftcrm"):
        AdminClient("amqp://host")


def test_a_url_that_is_none_is_refused() -> None:
    with pytest.raises(
        ConfigurationError, match=r"admin API: expected http://HOST:PORT/_ftcrm, got http://127\.0\.0\.1:port"
    ):
        AdminClient("http://127.0.0.1:port")
