"""A remote target, against a small stand-in in this process that does what it is told."""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from ftcrm.client.engines import HttpRoutes
from ftcrm.contracts import Message, Settings, construct
from ftcrm.contracts.engines import FieldMapping
from ftcrm.contracts.errors import ConfigurationError, EngineError, SendError
from ftcrm.contracts.views import bonus_view, round_view, session_view
from ftcrm.strategies.fuzzing import RemoteTarget, replay

KINDS = {"rounds": round_view, "sessions": session_view, "bonuses": bonus_view}
EVENT = {
    "activity_id": "1",
    "type": "Bet",
    "status": "Approved",
    "amount": 20,
    "currency": "EUR",
    "exchange_rate": 1,
    "origin": "o",
    "user_id": "u",
    "round_id": "r",
    "user_bonus_id": "b",
    "game_id": "g",
    "game_name": "Game",
    "game_type": "Slots",
    "vendor_id": "v",
    "vendor_name": "Vendor",
    "timestamp": "2026-03-02T08:00:00Z",
}


def casino(**changes):
    return Message("rest", json.dumps(EVENT | changes).encode(), "CASINO")


BET, WIN = casino(), casino(type="Win", activity_id="2", timestamp="2026-03-02T08:00:01Z")


class StandIn:
    """Takes events, and gives what `construct` makes of them; `answers` are other answers, by path."""

    def __init__(self, url):
        self.url = url
        self.messages = []
        self.requests = []
        self.answers = {}
        self.seen = lambda messages: messages

    def answer(self, path, body):
        split = urlsplit(path)
        if split.path in self.answers:
            return self.answers[split.path]
        if "/v1/integration/" in split.path:
            self.messages.append(Message("rest", body, split.path.rpartition("/")[2].upper()))
            return 200, {}
        kind = split.path.rpartition("/")[2]
        wanted = {name: value for name, (value,) in parse_qs(split.query).items() if name in ("origin", "user_id")}
        values = [KINDS[kind](value) for value in getattr(construct(self.seen(self.messages)), kind)]
        found = [each for each in values if all(each[name] == value for name, value in wanted.items())]
        return 200, {kind: found, "next_cursor": None, "complete": True}


@pytest.fixture
def stand_in():
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            server.requests.append((self.path, self.headers.get("x-api-key"), self.headers.get("authorization")))
            status, answer = server.answer(self.path, body)
            if not status:
                self.close_connection = True
                return
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST  # noqa: N815 - the name that the base class calls

        def log_message(self, format, *args):  # noqa: A002 - the name of the base class
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        server = StandIn(f"http://127.0.0.1:{listener.server_port}")
        thread = Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        listener.shutdown()
        thread.join()


def differences(messages, *to, **options):
    with RemoteTarget(to, **options) as target:
        return target.differences(messages)


def test_a_target_that_agrees(stand_in):
    assert differences([BET, WIN], stand_in.url) == ()
    assert [message.raw for message in stand_in.messages] == [BET.raw, WIN.raw]


def test_rounds_sessions_and_bonuses_are_compared(stand_in):
    stand_in.seen = lambda messages: messages[:1]
    lines = differences([BET, WIN], stand_in.url)
    assert "o/u/r: state: expected 'settled', got 'open'" in lines
    assert "o/u: session 1: wins: expected 1, got 0" in lines
    assert 'o/u: bonus b: totals.EUR.win.total: expected "20", got "0"' in lines


def test_only_the_players_of_the_history_are_compared(stand_in):
    stand_in.messages = [casino(user_id="other", round_id="r")]
    assert differences([BET], stand_in.url) == ()
    stand_in.messages = [casino(round_id="r2")]
    assert "o/u/r2: expected no such round, got one round" in differences([BET], stand_in.url)


def test_events_that_name_nobody_are_compared_with_nothing(stand_in):
    stand_in.messages = [casino(user_id="", activity_id="7"), casino(round_id="", activity_id="8", user_id="x")]
    assert differences([casino(user_id=""), casino(round_id="", user_id="y", user_bonus_id="")], stand_in.url) == ()


def test_what_breaks_the_contract_is_folded_where_that_is_the_setting(stand_in):
    wrong = casino(currency="EUR ", user_bonus_id="")
    assert differences([wrong], stand_in.url) == ()
    stand_in.messages.clear()
    assert differences([wrong], stand_in.url, accept_invalid=True) == (
        "o/u/r: expected one round, got no such round",
        "o/u: sessions: expected 1, got 0",
    )


def test_the_reference_works_under_the_settings(stand_in):
    later = casino(type="Win", activity_id="2", timestamp="2026-03-02T08:10:00Z")
    assert differences([BET, later], stand_in.url) == ()
    stand_in.messages.clear()
    lines = differences([BET, later], stand_in.url, settings=Settings(session_gap=300.0))
    assert lines == ("o/u: sessions: expected 2, got 1",)


def test_a_target_that_takes_a_while_is_asked_again(stand_in):
    asked = []

    def seen(messages):
        asked.append(len(messages))
        return messages if len(asked) > 4 else []

    stand_in.seen = seen
    assert differences([BET], stand_in.url, wait=20.0) == ()
    assert len(asked) > 4
    asked.clear()
    began = time.monotonic()
    assert differences([casino(user_id="w")], stand_in.url) != ()
    assert time.monotonic() - began < 10


def test_a_target_that_goes_on_to_differ_is_not_asked_for_ever(stand_in):
    stand_in.seen = lambda messages: []
    assert differences([BET], stand_in.url, wait=0.2) != ()


def test_an_answer_of_500_is_a_difference(stand_in):
    stand_in.answers["/v1/integration/casino"] = (500, {"error": {"message": "boom"}})
    lines = differences([BET], stand_in.url)
    assert lines[0] == f"message 1: expected {stand_in.url} to take it or turn it away, got HTTP 500: boom"
    assert "o/u/r: expected one round, got no such round" in lines


def test_the_run_that_the_urls_name_is_read(stand_in):
    assert differences([BET], f"{stand_in.url}/runs/a%20b", token="t-1", api_key="k-1") == ()  # noqa: S106 - of the test
    (posted, key, _), *read = stand_in.requests
    assert (posted, key) == ("/runs/a%20b/v1/integration/casino", "k-1")
    assert {urlsplit(path).path for path, _, _ in read} == {f"/_ftcrm/{kind}" for kind in KINDS}
    assert {(*parse_qs(urlsplit(path).query)["run"], bearer) for path, _, bearer in read} == {("a b", "Bearer t-1")}


@pytest.mark.parametrize(
    ("to", "read", "run"),
    [
        ("/runs/x", "", "x"),
        ("", "/runs/y", "y"),
        ("/runs/x", "/runs/y", "y"),
        ("/runs/x/v1/integration/casino", "/_ftcrm", "x"),
    ],
)
def test_where_read_names_a_run_that_is_it(stand_in, to, read, run):
    assert differences([BET], stand_in.url + to, read=stand_in.url + read) == ()
    _, *requests = [parse_qs(urlsplit(path).query) for path, _, _ in stand_in.requests]
    assert {query["run"][0] for query in requests} == {run}


@pytest.mark.parametrize(
    ("to", "options", "message"),
    [
        (
            ["amqp://127.0.0.1:1/"],
            {},
            "^target: expected an http:// URL to read rounds from, got amqp://127.0.0.1:1/; ",
        ),
        ([], {}, "^target: expected an http:// URL to read rounds from, got no URL; "),
        (
            ["http://127.0.0.1:1/runs/a", "kafka://127.0.0.1:1/casino"],
            {},
            r"^target: expected URLs of one run, got the runs 'a', 'default'$",
        ),
        (["http://127.0.0.1:1"], {"read": "kafka://127.0.0.1:1"}, "^admin API: expected http://HOST:PORT"),
    ],
)
def test_urls_that_cannot_be_used(to, options, message):
    with pytest.raises(ConfigurationError, match=message):
        RemoteTarget(to, **options)


def test_somebody_elses_rounds_are_read_where_they_are(stand_in):
    mapping = FieldMapping(fields={"user_id": "/player", "round_id": "/id", "state": "/status"}, given={"origin": "o"})
    routes = HttpRoutes(rounds="/of/{user_id}", rounds_at="")
    stand_in.answers["/of/u"] = (200, [{"player": "u", "id": "r", "status": "open"}])
    options = {"read": stand_in.url, "mapping": mapping, "routes": routes}
    assert differences([BET], stand_in.url, **options) == ()
    assert differences([WIN], stand_in.url, **options) == ("o/u/r: state: expected 'orphan', got 'open'",)
    assert {urlsplit(path).path for path, _, _ in stand_in.requests} == {"/v1/integration/casino", "/of/u"}


def test_a_target_that_fails(stand_in):
    stand_in.answers["/_ftcrm/rounds"] = (503, {"error": {"message": "not now"}})
    with pytest.raises(EngineError, match="expected success, got HTTP 503: not now"):
        differences([BET], stand_in.url)
    stand_in.answers = {"/_ftcrm/bonuses": (503, {"error": {"message": "not now"}})}
    with pytest.raises(EngineError, match="GET /_ftcrm/bonuses: HTTP 503: not now"):
        differences([BET], stand_in.url)
    with pytest.raises(SendError, match=r"^http://127\.0\.0\.1:1: expected to POST"):
        differences([BET], "http://127.0.0.1:1", read=stand_in.url)


@pytest.mark.parametrize("broken", ["/v1/integration/casino", "/_ftcrm/rounds", "/_ftcrm/bonuses"])
@pytest.mark.parametrize("status", [0, 502, 503])
def test_a_target_that_breaks_on_an_event_and_takes_others_differs(stand_in, broken, status):
    healthy, rollback = stand_in.answer, casino(status="Rollback", user_id="breaks")
    poisoned = []

    def answer(path, body):
        if b'"Rollback"' in body:
            poisoned.append(json.loads(body)["user_id"])
        asked = parse_qs(urlsplit(path).query).get("user_id") or [json.loads(body or b"{}").get("user_id")]
        if urlsplit(path).path == broken and asked[0] in poisoned:
            return status, {"error": {"message": f"no luck with {asked[0]}"}}
        return healthy(path, body)

    stand_in.answer = answer
    with RemoteTarget([stand_in.url]) as target:
        (line,) = replay(target, [BET, rollback])
        assert replay(target, [BET, WIN]) == ()
    assert (f"HTTP {status}: no luck with breaks" if status else "RemoteProtocolError") in line


@pytest.mark.parametrize("answer", [(404, {}), (200, {"hello": "world"}), (405, {})])
def test_what_is_no_stand_in_cannot_be_read_as_one(stand_in, answer):
    stand_in.answers = {f"/_ftcrm/{kind}": answer for kind in KINDS}
    with RemoteTarget([stand_in.url]) as target:
        with pytest.raises(EngineError, match=r"is it an ftcrm stand-in\? `--mapping FILE` says .* `--read URL`"):
            replay(target, [BET])
        stand_in.answers = {}
        assert replay(target, [BET]) == ()
        stand_in.answers = {"/_ftcrm/sessions": (500, {})}
        with pytest.raises(EngineError, match=r"GET /_ftcrm/sessions: HTTP 500: \{\}$"):
            replay(target, [BET])


@pytest.mark.parametrize("name", ["user_id", "origin"])
@pytest.mark.parametrize("long", ["u" * 70_000, "\u00e9" * 11_000])
def test_ids_too_long_for_a_url_are_compared_with_nothing(stand_in, name, long):
    assert differences([BET, casino(**{name: long}), WIN], stand_in.url) == ()
    stand_in.seen = lambda messages: []
    lines = differences([BET, casino(**{name: long})], stand_in.url)
    assert lines[0] == "o/u/r: expected one round, got no such round"
    assert not [line for line in lines if long in line]


def test_a_long_round_id_is_compared_unless_the_url_has_it(stand_in):
    long = casino(round_id="r" * 70_000)
    assert differences([long], stand_in.url) == ()
    stand_in.seen = lambda messages: []
    assert [line for line in differences([long], stand_in.url) if line.startswith(f"o/u/{'r' * 70_000}: ")]
    mapping = FieldMapping(given={"origin": "o"})
    assert differences([long], stand_in.url, mapping=mapping, routes=HttpRoutes(rounds="/{round_id}")) == ()
    assert differences([casino()], stand_in.url, mapping=mapping, routes=HttpRoutes(rounds="/x/rounds")) != ()


def test_it_is_shown_without_passwords(stand_in):
    address = stand_in.url.removeprefix("http://")
    with RemoteTarget([f"http://bob:hunter2@{address}"], read=f"http://eve:hunter3@{address}") as target:
        assert target.shown == f"{stand_in.url}, read from {stand_in.url}"
    target.close()
