"""The answers in OpenAPI are those of the REST connector: each is provoked, and held against its schema."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ftcrm.contracts.specs import openapi
from ftcrm.contracts.specs.answers import ANSWERS
from ftcrm.mockserver.follower import Follower
from ftcrm.mockserver.intake import Intake
from ftcrm.mockserver.journal import SQLiteJournal
from ftcrm.mockserver.listeners.http import _BAD_REQUEST_BODY
from ftcrm.mockserver.listeners.rest import RestConnector
from ftcrm.mockserver.protocol_errors import ProtocolErrors

DOCUMENT = openapi()
CASINO = "/v1/integration/casino"
JSON = (b"content-type", b"application/json")
BET = DOCUMENT["components"]["examples"]["scenario-a-bet"]["value"]
KEY = (b"x-api-key", b"secret")


class Desk:
    """A REST connector on a journal in memory."""

    def __init__(self) -> None:
        self.journal = SQLiteJournal()
        follower = Follower(self.journal, soon=self._soon, monotonic=lambda: 0.0)
        self.intake = Intake(self.journal, follower, soon=self._soon, clock=lambda: 1)
        self.rest = RestConnector(self.intake, ProtocolErrors(), max_body=2_000, api_key="secret")

    @staticmethod
    def _soon(callback: Any) -> None:
        asyncio.get_running_loop().call_soon(callback)

    def ask(
        self, body: bytes = b"", *, path: str = CASINO, method: str = "POST", headers: Any = (JSON, KEY)
    ) -> tuple[int, dict[bytes, bytes], Any]:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": list(headers)}
        asyncio.run(self.rest(scope, receive, send))
        return sent[0]["status"], dict(sent[0]["headers"]), json.loads(sent[1]["body"])


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.journal.close()


def validator(status: int) -> Draft202012Validator:
    content = DOCUMENT["components"]["responses"][ANSWERS[status]]["content"]
    return Draft202012Validator(content["application/json"]["schema"] | {"components": DOCUMENT["components"]})


def check(status: int, answer: Any) -> None:
    """The answer is what the schema of that status says, and has no property that it does not name."""
    errors = [error.message for error in validator(status).iter_errors(answer)]
    assert errors == []
    schemas = DOCUMENT["components"]["schemas"]
    if status == 200:
        assert set(answer) == set(schemas["Accepted"]["properties"])
    else:
        named = set(schemas["Error"]["properties"]["error"]["properties"])
        assert set(answer["error"]) - {"seq", "verdict"} == named
        assert list(answer) == ["error"]
    for finding in (answer.get("error") or answer)["findings"]:
        assert set(finding) == set(schemas["Finding"]["properties"])


REQUESTS: list[tuple[int, dict[str, Any]]] = [
    (200, {"body": json.dumps(BET).encode()}),
    (200, {"body": json.dumps(BET | {"currency": "DEM"}).encode()}),
    (200, {"body": json.dumps(BET).encode(), "path": "/runs/night/v1/integration/casino"}),
    (200, {"body": json.dumps(BET).encode(), "headers": [KEY]}),
    (400, {"body": b"{}"}),
    (400, {"body": b"["}),
    (401, {"headers": [JSON]}),
    (404, {"path": f"/runs/{'x' * 201}/v1/integration/casino"}),
    (404, {"path": "/runs//v1/integration/casino"}),
    (405, {"method": "GET"}),
    (413, {"body": b" " * 2_001}),
    (415, {"body": json.dumps(BET).encode(), "headers": [KEY, (b"content-type", b"text/plain")]}),
    (415, {"body": b"x", "headers": [KEY, JSON, (b"content-encoding", b"gzip")]}),
    (415, {"body": b"x", "headers": [KEY, (b"content-type", b"application/xml")]}),
]


@pytest.mark.parametrize(("status", "request_"), REQUESTS, ids=lambda value: str(value)[:40])
def test_an_answer_is_as_the_document_says(desk: Desk, status: int, request_: dict[str, Any]) -> None:
    found, headers, answer = desk.ask(**request_)
    assert found == status
    assert headers[b"content-type"] == b"application/json"
    check(status, answer)
    for header, said in DOCUMENT["components"]["responses"][ANSWERS[status]].get("headers", {}).items():
        assert headers[header.lower().encode()].decode() == said["schema"]["const"]


def test_a_journal_that_cannot_be_written_is_a_503(desk: Desk) -> None:
    desk.journal._connection.execute("PRAGMA query_only = 1")
    status, _, answer = desk.ask(json.dumps(BET).encode())
    assert status == 503
    check(503, answer)
    assert "seq" not in answer["error"]


def test_every_answer_of_the_document_is_provoked_here() -> None:
    assert {status for status, _ in REQUESTS} | {503} == set(ANSWERS)


def test_the_answer_to_bytes_that_are_no_http_is_a_400_of_the_document() -> None:
    check(400, json.loads(_BAD_REQUEST_BODY))


def test_an_answer_of_another_shape_would_be_found() -> None:
    assert not validator(413).is_valid(
        {"error": {"status": 413, "code": "body-too-large", "message": "", "findings": []}}
    )
    assert not validator(401).is_valid(
        {"error": {"status": 400, "code": "unauthorised", "message": "", "findings": []}}
    )
    assert not validator(200).is_valid({"seq": 0, "verdict": "ok", "findings": []})
    assert not validator(200).is_valid({"seq": 1, "verdict": "fine", "findings": []})


def test_the_examples_of_answers_are_what_the_server_gives(desk: Desk) -> None:
    shown = {
        name: DOCUMENT["components"]["responses"][name]["content"]["application/json"]["examples"]
        for name in ("Accepted", "Refused")
    }
    _, _, refused = desk.ask(json.dumps(BET | {"status": "Refund"}).encode())
    assert refused == shown["Refused"]["value-not-accepted"]["value"]
    _, _, accepted = desk.ask(json.dumps(BET).encode())
    assert accepted == shown["Accepted"]["clean"]["value"] | {"seq": 2}
