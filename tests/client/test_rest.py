import asyncio
import json
from typing import Any

import pytest

from ftcrm.client import Outgoing, Sent, open_sender
from ftcrm.contracts.errors import SendError


def _send(url: str, *messages: Outgoing, api_key: str | None = None) -> list[Sent]:
    async def run() -> list[Sent]:
        async with open_sender(url, api_key=api_key, timeout=10) as sender:
            return [sent async for sent in sender.send_all(messages)]

    return asyncio.run(run())


def test_the_bytes_arrive_as_they_are_on_the_path_of_their_type(http_server: Any) -> None:
    raw = b'{ "amount": 20.00 }\xff'
    sent = _send(http_server.url, Outgoing("CASINO", raw), Outgoing("bonus", b"{}"))
    assert [(each.accepted, each.status, each.body) for each in sent] == [(True, 200, {})] * 2
    assert [(request.method, request.path, request.body) for request in http_server.requests] == [
        ("POST", "/v1/integration/casino", raw),
        ("POST", "/v1/integration/bonus", b"{}"),
    ]
    assert {request.headers["content-type"] for request in http_server.requests} == {"application/json"}
    assert not any("x-api-key" in request.headers for request in http_server.requests)


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_base_path_names_the_run_and_the_key_travels_in_its_header(http_server: Any, slash: str) -> None:
    _send(f"{http_server.url}/runs/checkout{slash}", Outgoing("CASINO", b"{}"), api_key="k-1")
    (request,) = http_server.requests
    assert (request.path, request.headers["x-api-key"]) == ("/runs/checkout/v1/integration/casino", "k-1")


@pytest.mark.parametrize("base", ["", "/runs/checkout"])
@pytest.mark.parametrize("path", ["casino", "bonus", "casino/", ""])
def test_the_url_that_the_banner_shows_is_a_target_too(http_server: Any, base: str, path: str) -> None:
    _send(f"{http_server.url}{base}/v1/integration/{path}", Outgoing("CASINO", b"{}"), Outgoing("BONUS", b"{}"))
    assert [request.path for request in http_server.requests] == [
        f"{base}/v1/integration/casino",
        f"{base}/v1/integration/bonus",
    ]


def test_one_event_at_a_time_in_their_order(http_server: Any) -> None:
    messages = [Outgoing("CASINO", b"%d" % number) for number in range(50)]
    assert all(sent.accepted for sent in _send(http_server.url, *messages))
    assert [request.body for request in http_server.requests] == [message.raw for message in messages]


def test_a_refusal_is_a_value_with_the_findings_of_the_answer(http_server: Any) -> None:
    error = {"error": {"status": 400, "code": "x", "message": "the event breaks it", "findings": [{"rule": "FT110"}]}}
    http_server.answers["/v1/integration/casino"] = (400, json.dumps(error).encode())
    (sent,) = _send(http_server.url, Outgoing("CASINO", b"{}"))
    assert (sent.accepted, sent.status, sent.reason) == (False, 400, "HTTP 400: the event breaks it")
    assert sent.findings == [{"rule": "FT110"}]
    assert sent.body == error


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (500, b"", "HTTP 500"),
        (502, b"<h1>Bad\nGateway</h1>\xff", "HTTP 502: <h1>Bad Gateway</h1>\\xff"),
        (404, b'{"error":"none"}', "HTTP 404: none"),
        (422, b"[1]", "HTTP 422: [1]"),
        (202, b'{"detail":"later"}', 'HTTP 202: {"detail":"later"}'),
        (422, b'{"amount": 20.10}', 'HTTP 422: {"amount": 20.10}'),
        (422, b'{"error": 1e99999999999999999999}', 'HTTP 422: {"error": 1e99999999999999999999}'),
        (422, b'{"error": 123456789012345678901234567890}', 'HTTP 422: {"error": 123456789012345678901234567890}'),
        (400, b'{"error": "\\ud800"}', 'HTTP 400: {"error": "\\ud800"}'),
    ],
)
def test_every_answer_but_200_is_a_refusal(http_server: Any, status: int, body: bytes, reason: str) -> None:
    http_server.answers["/v1/integration/casino"] = (status, body)
    (sent,) = _send(http_server.url, Outgoing("CASINO", b"{}"))
    assert (sent.accepted, sent.status, sent.reason) == (False, status, reason)


def test_an_answer_that_is_not_what_its_headers_say_is_a_send_error(http_server: Any) -> None:
    http_server.headers["content-encoding"] = "gzip"
    with pytest.raises(SendError, match="expected to POST /v1/integration/casino within 10 s, got DecodingError"):
        _send(http_server.url, Outgoing("CASINO", b"{}"))


@pytest.mark.parametrize("message_type", ["LOGIN_V2", None])
def test_a_type_without_a_path_is_refused_without_a_request(http_server: Any, message_type: str | None) -> None:
    (sent,) = _send(http_server.url, Outgoing(message_type, b"{}"))
    assert not sent.accepted
    assert repr(message_type) in (sent.reason or "")
    assert http_server.requests == []


def test_nobody_there_is_a_send_error_that_says_where_and_what_to_do(refused_port: int) -> None:
    with pytest.raises(SendError) as caught:
        _send(f"http://user:secret@127.0.0.1:{refused_port}", Outgoing("CASINO", b"{}"))
    message = str(caught.value)
    assert message.startswith(f"http://127.0.0.1:{refused_port}: expected to POST /v1/integration/casino")
    assert "ftcrm serve" in message
    assert "secret" not in message
