"""Engines behind HTTP: the stand-in itself, and a foreign one with names, paths and habits of its own."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from ftcrm.client.engines import HttpEngine, HttpRoutes, engine_from
from ftcrm.contracts import Message
from ftcrm.contracts.construct import construct
from ftcrm.contracts.engines import Difference, FieldMapping, Rounds, disagreements, keys_of
from ftcrm.contracts.errors import ConfigurationError, EngineError
from ftcrm.contracts.views import round_view

# -- the stand-in ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stand_in() -> Iterator[str]:
    """The URL of a stand-in of its own."""
    ports = ["--rest", "127.0.0.1:0", "--amqp", "127.0.0.1:0", "--kafka", "127.0.0.1:0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "ftcrm.cli", "serve", "--json", *ports], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())["rest"]
    process.terminate()
    assert process.wait(20) == 0
    process.stdout.close()


ROUNDS = "/_ftcrm/rounds?run=default"
RESET = "POST /_ftcrm/runs/default/reset"


@pytest.mark.integration
@pytest.mark.parametrize(
    "routes",
    [
        HttpRoutes(reset=RESET),
        HttpRoutes(reset=RESET, rounds="/_ftcrm/rounds?run=default&limit=1"),
        HttpRoutes(reset=RESET, rounds="/_ftcrm/rounds?run=default&origin={origin}&user_id={user_id}&limit=1"),
        HttpRoutes(reset=RESET, rounds="/_ftcrm/rounds/{origin}/{user_id}/{round_id}", rounds_at=""),
    ],
    ids=["all", "page by page", "player by player", "round by round"],
)
def test_the_stand_in_agrees_with_the_reference(
    stand_in: str, casino: Callable[..., Message], settled: list[Message], routes: HttpRoutes
) -> None:
    strange = casino(round_id="ü/?#&{round_id}", user_id="4 2", amount=1e-7, wager_amount=1e-7)
    orphans = [casino(round_id=f"R-{number}", type="Win") for number in range(3, 6)]
    refused = casino(round_id="R-9", status="Aproved")
    history = [*settled, strange, *orphans, refused, Message("rest", b"{", "CASINO"), Message("rest", b"{}", "CART")]
    with HttpEngine(stand_in, routes=routes) as engine:
        assert engine.starts_fresh
        assert len(engine.construct(history)) == 5
        assert disagreements(engine, history) == ()
        assert disagreements(engine, settled[:1]) == ()
        assert disagreements(engine, []) == ()


@pytest.mark.integration
def test_the_rounds_of_other_runs_are_none_of_the_stand_ins(
    stand_in: str, casino: Callable[..., Message], settled: list[Message]
) -> None:
    other = casino(user_id="elsewhere", round_id="R-7")
    with HttpEngine(f"{stand_in}/runs/other") as engine:
        engine.feed([other])
    with HttpEngine(stand_in, routes=HttpRoutes(reset=RESET)) as engine:
        assert disagreements(engine, settled) == ()
    with HttpEngine(stand_in, routes=HttpRoutes(rounds="/_ftcrm/rounds?run=other&limit=1")) as engine:
        assert [found.key for found in engine.rounds([other])] == keys_of([other])


@pytest.mark.integration
def test_without_a_reset_each_history_has_players_of_its_own(stand_in: str, casino: Callable[..., Message]) -> None:
    with HttpEngine(stand_in) as engine:
        assert not engine.starts_fresh
        assert disagreements(engine, [casino(user_id="first")]) == ()
        assert disagreements(engine, [casino(user_id="second", round_id="R-2")]) == ()
        again = [casino(user_id="first", activity_id="a-2")]
        assert Difference(keys_of(again)[0], "bet", Decimal(20), Decimal(40)) in disagreements(engine, again)


# -- a foreign one ---------------------------------------------------------------------------------------------------


class Foreign:
    """An engine that takes bets at /bets and tells rounds at /ledger, page by page, the newest event not yet there."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.bodies: list[bytes] = []
        self.asked = 0
        self.ready_after = 0
        self.headers: list[str | None] = []

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, Any]:
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        match method, [unquote(part) for part in parts.path.split("/")[1:]]:
            case "POST", ["v2", "bets"]:
                self.bodies.append(body)
                return (202, {}) if b"Aproved" not in body else (422, {"reason": "no such status"})
            case "DELETE", ["v2", "bets"]:
                self.bodies.clear()
                return 204, None
            case "GET", ["v2", "ledger"]:
                page = int(query.get("page", ["0"])[0])
                rounds = self.rounds()
                following = page + 1 if page + 1 < len(rounds) else None
                return 200, {"data": {"list": rounds[page : page + 1]}, "paging": {"next": following}}
            case "GET", ["v2", "players", player]:
                rounds = [each for each in self.rounds() if each["player"] == player]
                return (200, rounds) if rounds else (404, {"error": "no such player"})
            case _:
                return 404, {"error": "no such path"}

    def rounds(self) -> list[dict[str, Any]]:
        self.asked += 1
        known = self.bodies if self.asked > self.ready_after else self.bodies[:-1]
        rounds = construct([Message("rest", body, "CASINO") for body in known]).rounds
        return [
            {
                "gameRound": {"id": view["round_id"]},
                "player": view["user_id"],
                "status": {"open": "PENDING", "settled": "CLOSED"}.get(view["state"], view["state"]),
                "totals": {"bet": view["bet"]["total"], "win": float(view["win"]["total"])},
            }
            for view in map(round_view, rounds)
        ]


MAPPING = FieldMapping(
    fields={
        "round_id": "/gameRound/id",
        "user_id": "/player",
        "state": "/status",
        "bet": "/totals/bet",
        "win": "/totals/win",
    },
    values={"state": {"PENDING": "open", "CLOSED": "settled"}},
    given={"origin": "casino.example"},
)
LISTED = HttpRoutes(
    casino="/bets",
    bonus=None,
    rounds="/ledger",
    rounds_at="/data/list",
    cursor_at="/paging/next",
    cursor_parameter="page",
    reset="DELETE /bets",
)
BY_PLAYER = HttpRoutes(casino="/bets", bonus=None, rounds="/players/{user_id}", rounds_at="", reset="DELETE /bets")


@pytest.fixture
def foreign() -> Iterator[Foreign]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536

        def do_POST(self) -> None:
            engine.headers.append(self.headers["authorization"])
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            status, answer = engine.answer(self.command, self.path, body)
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_DELETE = do_POST  # noqa: N815 - the names that the base class calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        engine = Foreign(f"http://127.0.0.1:{listener.server_port}/v2")
        thread = Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield engine
        listener.shutdown()
        thread.join()


@pytest.mark.parametrize("routes", [LISTED, BY_PLAYER], ids=["page by page", "player by player"])
def test_a_foreign_engine_is_spoken_to_in_its_own_words(
    foreign: Foreign, casino: Callable[..., Message], settled: list[Message], routes: HttpRoutes
) -> None:
    history = [*settled, casino(user_id="43"), casino(user_id="43", round_id="R-2"), casino(status="Aproved")]
    headers = {"Authorization": "Bearer t-1"}
    with HttpEngine(foreign.url, routes=routes, mapping=MAPPING, headers=headers) as engine:
        assert disagreements(engine, history) == ()
        assert foreign.bodies == [message.raw for message in history if message.type_property == "CASINO"]
        assert {name for value in engine.construct(history) for name in value.said} == {"state", "bet", "win"}
        assert disagreements(engine, [casino(user_id="44", amount=0, wager_amount=0)]) == ()
    assert set(foreign.headers) == {"Bearer t-1"}


def test_an_engine_that_takes_a_while_is_asked_until_it_agrees_or_the_time_is_over(
    foreign: Foreign, settled: list[Message]
) -> None:
    foreign.ready_after = 3
    with HttpEngine(foreign.url, routes=LISTED, mapping=MAPPING) as engine:
        assert [each.field for each in disagreements(engine, settled)] == ["state", "win"]
    foreign.asked = 0
    with engine_from(foreign.url, routes=LISTED, mapping=MAPPING, wait=20) as engine:
        assert disagreements(engine, settled) == ()
        assert foreign.asked == 4
        assert len(engine.construct(settled)) == 1
        assert foreign.asked == 5
    foreign.asked, foreign.ready_after = 0, 10_000
    with HttpEngine(foreign.url, routes=LISTED, mapping=MAPPING, wait=0.2) as engine:
        assert [each.field for each in disagreements(engine, settled)] == ["state", "win"]
        assert foreign.asked > 1


def test_what_was_fed_in_another_way_can_be_read_by_itself(foreign: Foreign, settled: list[Message]) -> None:
    foreign.bodies = [message.raw for message in settled if message.type_property == "CASINO"]
    with HttpEngine(foreign.url, routes=LISTED, mapping=MAPPING) as engine:
        (found,) = engine.rounds(settled)
    assert (found.key, found.said["state"]) == (keys_of(settled)[0], "settled")


# -- what goes wrong -------------------------------------------------------------------------------------------------


def constructed(server: Any, messages: list[Message], **routes: Any) -> Rounds:
    with HttpEngine(server.url, routes=HttpRoutes(**routes)) as engine:
        return engine.construct(messages)


@pytest.mark.parametrize(
    ("path", "status", "body", "message"),
    [
        ("/v1/integration/casino", 500, b"boom", "POST /v1/integration/casino: expected success, got HTTP 500: boom"),
        ("/v1/integration/casino", 401, b"{}", "POST /v1/integration/casino: expected success, got HTTP 401: {}"),
        ("/v1/integration/bonus", 307, b"", "POST /v1/integration/bonus: expected success, got HTTP 307"),
        ("/forget", 404, b"", "POST /forget: expected success, got HTTP 404"),
        (ROUNDS, 404, b'{"error": "none"}', f"GET {ROUNDS}: expected success, got HTTP 404: none"),
        (ROUNDS, 200, b"<html>", f"{ROUNDS}: expected JSON, got '<html>'"),
        (ROUNDS, 200, b'{"data": []}', "expected rounds at '/rounds', got HTTP 200: {\"data\": []}"),
        (ROUNDS, 200, b'{"rounds": {}}', "expected an array of rounds, got an object"),
        (ROUNDS, 200, b'{"rounds": [{}]}', "round 1: expected origin at '/origin'"),
    ],
)
def test_an_engine_that_fails_is_an_error_that_says_where(
    http_server: Any, settled: list[Message], path: str, status: int, body: bytes, message: str
) -> None:
    http_server.answers = {ROUNDS: (200, b'{"rounds": []}'), path: (status, body)}
    with pytest.raises(EngineError) as caught:
        constructed(http_server, settled, reset="POST /forget")
    assert str(caught.value).startswith(http_server.url)
    assert message in str(caught.value)


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
def test_an_event_that_is_turned_away_is_no_error(http_server: Any, settled: list[Message], status: int) -> None:
    http_server.answers = {ROUNDS: (200, b'{"rounds": []}'), "/v1/integration/casino": (status, b"")}
    assert constructed(http_server, settled) == ()


BY_ROUND = "/rounds/{origin}/{user_id}/{round_id}"


@pytest.mark.parametrize("rounds", [BY_ROUND, "/rounds?of={user_id}"])
def test_ids_too_long_for_a_url_are_an_error(http_server: Any, casino: Callable[..., Message], rounds: str) -> None:
    with pytest.raises(EngineError) as caught:
        constructed(http_server, [casino(user_id="u" * 70_000)], rounds=rounds)
    assert str(caught.value).startswith(f"{http_server.url}: expected a URL that can be asked, got ")
    assert "too long" in str(caught.value)
    assert len(str(caught.value)) < 300
    assert [request.method for request in http_server.requests] == ["POST"]


def test_a_cursor_too_long_for_a_url_is_an_error(http_server: Any, settled: list[Message]) -> None:
    page = {"rounds": [], "next_cursor": "c" * 70_000}
    http_server.answers[ROUNDS] = (200, json.dumps(page).encode())
    with pytest.raises(EngineError, match="expected a URL that can be asked, got "):
        constructed(http_server, settled)


def test_ids_of_dots_are_asked_for_as_they_are(http_server: Any, casino: Callable[..., Message]) -> None:
    path = "/rounds/%2E%2E/%2E/..."
    http_server.answers[path] = (200, b'{"rounds": []}')
    constructed(http_server, [casino(origin="..", user_id=".", round_id="...")], rounds=BY_ROUND)
    assert [request.path for request in http_server.requests if request.method == "GET"] == [path]


def test_cursors_that_go_round_in_circles_are_an_error(http_server: Any, settled: list[Message]) -> None:
    for query, following in [("", "1"), ("&cursor=1", "2"), ("&cursor=2", "1")]:
        http_server.answers[ROUNDS + query] = (
            200,
            json.dumps({"rounds": [], "next_cursor": following}).encode(),
        )
    with pytest.raises(EngineError, match="expected a last page, got the cursor '1' after 2 others"):
        constructed(http_server, settled)


def test_rounds_of_others_are_an_error_of_nobody_unless_it_was_reset(http_server: Any, settled: list[Message]) -> None:
    theirs = {"origin": "casino.example", "user_id": "4711", "round_id": "R-1", "bet": 1}
    http_server.answers[ROUNDS] = (200, json.dumps({"rounds": [theirs]}).encode())
    assert constructed(http_server, settled) == ()
    assert [value.key.user_id for value in constructed(http_server, settled, reset="POST /reset")] == ["4711"]
    assert ("POST", "/reset") in [(request.method, request.path) for request in http_server.requests]


def test_nobody_there_is_an_error(refused_port: int, settled: list[Message]) -> None:
    url = f"http://127.0.0.1:{refused_port}/base"
    with HttpEngine(url.replace("127", "user:secret@127", 1)) as engine, pytest.raises(EngineError) as caught:
        engine.construct(settled)
    assert str(caught.value).startswith(f"{url}: expected to POST /v1/integration/casino within 10 s, got ConnectError")
    assert "secret" not in str(caught.value)


def test_no_answer_in_time_is_an_error(settled: list[Message]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        late = "expected to POST /v1/integration/casino within 0.2 s, got ReadTimeout: timed out"
        with engine_from(url, timeout=0.2) as engine, pytest.raises(EngineError, match=late):
            engine.construct(settled)


@pytest.mark.parametrize("url", ["amqp://127.0.0.1", "http://", "http://127.0.0.1:port", "127.0.0.1:8080"])
def test_a_url_that_is_none_of_http_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="expected http://HOST:PORT"):
        HttpEngine(url)


@pytest.mark.parametrize(
    ("routes", "message"),
    [
        (
            {"rounds": "/rounds/{player}"},
            "routes, rounds: expected {origin}, {user_id}, {round_id} in the path, got {pl",
        ),
        ({"reset": "/reset"}, "routes, reset: expected METHOD /PATH, got '/reset'"),
    ],
)
def test_routes_that_cannot_be_meant_are_refused(routes: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        HttpRoutes(**routes)
    assert str(caught.value).startswith(message)
