"""The HTTP listener around its parser: offers of other protocols, and what is told of requests that are none."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from ftcrm.mockserver.listeners.http import HttpServer
from ftcrm.mockserver.listeners.rest import REPORTED

BODY = b'{"note": "Connection: Upgrade\\r\\nUpgrade: h2c"}\r\n\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n'
SECRET = b"sesame-51423"
JAVA = (
    b"POST /v1/integration/casino?a=1 HTTP/1.1\r\n"
    b"Connection: Upgrade, HTTP2-Settings\r\n"
    b"Content-Length: %d\r\n"
    b"Host: 127.0.0.1:8080\r\n"
    b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
    b"Upgrade: h2c\r\n"
    b"User-Agent: Java-http-client/17.0.15\r\n"
    b"X-Trace: a: b\r\n\r\n" % len(BODY)
)
CHUNKED = JAVA.replace(b"Content-Length: %d" % len(BODY), b"Transfer-Encoding: chunked")
CHUNKS = b"7\r\n%b\r\n%x;x=y\r\n%b\r\n0\r\n\r\n" % (BODY[:7], len(BODY) - 7, BODY[7:])
PLAIN = b"POST /plain HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(BODY)
CHUNKED_START = b"POST /v1/x?key=%b HTTP/1.1\r\nX-Api-Key: %b\r\nTransfer-Encoding: chunked\r\n\r\n" % (SECRET, SECRET)


class Line:
    """One connection to a listener whose application answers with the length of the body."""

    def __init__(self, transport: Any) -> None:
        self.transport = transport
        self.requests: list[tuple[dict[str, Any], bytes]] = []
        self.left: list[dict[str, Any]] = []
        self.invalid: list[tuple[str, bytes]] = []

        async def application(scope: Any, receive: Any, send: Any) -> None:
            await self._answer(scope, receive, send)

        server = HttpServer(application, invalid=lambda reason, sample: self.invalid.append((reason, sample)))
        server.config.load()
        protocol: Any = server.config.http_protocol_class
        self.protocol = protocol(config=server.config, server_state=server.server_state, app_state={})
        self.protocol.connection_made(transport)

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                self.left.append(scope)
                return
            body += message["body"]
            more = message["more_body"]
        self.requests.append((scope, body))
        length = (b"content-length", b"0")
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": b""})

    async def send(self, *segments: bytes) -> None:
        for segment in segments:
            if self.transport.is_closing():
                return
            self.protocol.data_received(segment)
            for _ in range(6):
                await asyncio.sleep(0)

    async def end(self) -> None:
        """The socket is closed, and what follows from it."""
        self.protocol.connection_lost(None)
        for _ in range(4):
            await asyncio.sleep(0)

    def bodies(self) -> list[bytes]:
        return [body for _, body in self.requests]


@contextlib.contextmanager
def ended(line: Line) -> Iterator[Line]:
    try:
        yield line
    finally:
        line.protocol._unset_keepalive_if_required()


def talk(streams: Any, *segments: bytes, end: bool = False) -> Line:
    """What a connection comes to that sends these segments."""
    lines: list[Line] = []

    async def run() -> None:
        with ended(Line(streams.Transport())) as line:
            lines.append(line)
            await line.send(*segments)
            if end:
                await line.end()

    streams.in_loop(run)
    return lines[0]


def check_served(line: Line, *bodies: bytes) -> None:
    assert line.bodies() == list(bodies)
    assert line.transport.written.count(b"HTTP/1.1 200 OK\r\n") == len(bodies)
    assert line.transport.written.count(b"HTTP/1.1 ") == len(bodies)
    assert (line.transport.told.count("close"), line.invalid) == (0, [])


@pytest.mark.parametrize("said", [JAVA + BODY, CHUNKED + CHUNKS], ids=["length", "chunks"])
def test_an_offer_of_h2c_is_declined_wherever_the_request_is_split(streams: Any, said: bytes) -> None:
    for cut in range(len(said) + 1):
        check_served(talk(streams, said[:cut], said[cut:]), BODY)
    check_served(talk(streams, *[said[at : at + 1] for at in range(len(said))]), BODY)


def test_the_request_is_what_came_offer_and_all(streams: Any) -> None:
    [(scope, _)] = talk(streams, JAVA + BODY).requests
    assert (scope["method"], scope["path"], scope["query_string"]) == ("POST", "/v1/integration/casino", b"a=1")
    assert scope["http_version"] == "1.1"
    lines = JAVA.split(b"\r\n")[1:-2]
    pairs = [line.partition(b": ") for line in lines]
    assert scope["headers"] == [(name.lower(), value) for name, _, value in pairs]


@pytest.mark.parametrize("first", [PLAIN + BODY, JAVA + BODY, CHUNKED + CHUNKS], ids=["plain", "h2c", "chunks"])
def test_every_request_of_a_connection_may_offer_it(streams: Any, first: bytes) -> None:
    said = first + JAVA + BODY + PLAIN + BODY
    for cut in range(len(said) + 1):
        check_served(talk(streams, said[:cut], said[cut:]), BODY, BODY, BODY)


def test_offers_in_a_row_are_served_in_their_order(streams: Any) -> None:
    async def run() -> None:
        with ended(Line(streams.Transport())) as line:
            await line.send((JAVA + BODY) * 200)
            for _ in range(2_000):
                await asyncio.sleep(0)
            check_served(line, *[BODY] * 200)

    streams.in_loop(run)


@pytest.mark.parametrize(
    "head",
    [
        b"POST /x HTTP/1.1\r\nconnection:upgrade\r\nupgrade:websocket\r\ncontent-length: 4\r\n\r\n",
        b"POST /x HTTP/1.1\r\nUpgrade: h2c\r\nContent-Length: 4\r\nConnection: keep-alive, Upgrade\r\n\r\n",
        b"POST /x HTTP/1.1\r\nUpgrade: h2c\r\nUpgrade: h3\r\nContent-Length: 4\r\nConnection: Upgrade\r\n\r\n",
        b"POST /x HTTP/1.1\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\n",
        b"POST /x HTTP/1.1\r\nX:\r\nUpgrade:\r\nContent-Length: 4\r\nConnection: Upgrade\r\n\r\n",
        b"POST /x HTTP/1.1\r\nX:\r\nUpgrade: h2c\r\nY:\r\nConnection: Upgrade\r\nContent-Length: 4\r\nZ: \r\n\r\n",
        b"POST /x HTTP/1.1\r\nX: \xff\xe9\tb\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 4\r\n\r\n",
    ],
)
def test_any_offer_is_declined(streams: Any, head: bytes) -> None:
    check_served(talk(streams, head + b"body"), b"body")
    check_served(talk(streams, head, b"body"), b"body")


@pytest.mark.parametrize("head", [PLAIN, JAVA])
def test_a_trailer_is_no_offer(streams: Any, head: bytes) -> None:
    head = head.replace(b"Content-Length: %d" % len(BODY), b"Transfer-Encoding: chunked")
    chunks = CHUNKS[:-2] + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    check_served(talk(streams, head + chunks + PLAIN + BODY), BODY, BODY)


def test_connect_is_no_offer(streams: Any) -> None:
    said = b"CONNECT a:1 HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
    line = talk(streams, said)
    assert line.transport.written.startswith(b"HTTP/1.1 400 ")
    assert (len(line.invalid), line.transport.told) == (1, ["close"])


def test_an_offer_without_a_body_is_served_too(streams: Any) -> None:
    check_served(talk(streams, b"GET / HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"), b"")


def test_an_offer_on_a_connection_that_is_to_be_closed_closes_it(streams: Any) -> None:
    line = talk(streams, JAVA.replace(b"Upgrade, HTTP2", b"close, Upgrade, HTTP2") + BODY)
    assert (line.bodies(), line.transport.told) == ([BODY], ["close"])


def test_expect_100_continue_beside_an_offer_is_answered(streams: Any) -> None:
    head = JAVA.replace(b"X-Trace: a: b", b"Expect: 100-continue")
    line = talk(streams, head, BODY)
    assert line.transport.written.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert line.bodies() == [BODY]


@pytest.mark.parametrize(
    "said",
    [
        b"POST /v1/x?key=%b HTTP/1.1\r\nX-Api-Key: %b\r\nbad header\r\n\r\n" % (SECRET, SECRET),
        b"X-Api-Key: %b\r\nPOST / HTTP/1.1\r\n\r\n" % SECRET,
        b"%b POST / HTTP/1.1\r\n\r\n" % SECRET,
        b"GET http://user:%b@host/ HTTP/1.1\r\nbad header\r\n\r\n" % SECRET,
        b"PROXY TCP4 1.1.1.1\r\nX-Api-Key: %b\r\n\r\n" % SECRET,
        CHUNKED_START + b"zz\r\n" + SECRET,
        CHUNKED_START + b"1\r\n%b\r\n" % SECRET,
        CHUNKED_START + b"0\r\n\r\nGET / HTTP/1.1\r\nX-Api-Key: %b\r\nbad header\r\n\r\n" % SECRET,
    ],
)
@pytest.mark.parametrize("size", [1, 20, 70, 1_000])
def test_no_secret_is_in_what_is_told_of_bad_requests(streams: Any, said: bytes, size: int) -> None:
    for line in (
        talk(streams, *[said[at : at + size] for at in range(0, len(said), size)], end=True),
        talk(streams, said[: -len(SECRET) // 2], end=True),
    ):
        assert SECRET[:7] not in b"".join(sample for _, sample in line.invalid)
        assert SECRET[:7].decode() not in str([reason for reason, _ in line.invalid])


def test_the_request_line_of_a_bad_head_is_told(streams: Any) -> None:
    said = PLAIN + BODY + b"POST /second?a=b HTTP/1.1\r\nX-Api-Key: k\r\nbad header\r\n\r\n"
    for cut in range(len(said)):
        [(reason, sample)] = talk(streams, said[:cut], said[cut:]).invalid
        assert (reason, sample) == ("expected an HTTP request, got bytes that are none", b"POST /second")


@pytest.mark.parametrize(
    ("said", "named"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01", "a TLS handshake (plain HTTP is expected here)"),
        (b"AMQP\x00\x00\x09\x01", "an AMQP protocol header"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/2 without an upgrade (HTTP/1.1 is expected here)"),
        (b"\x00\x00\x00\x10\x00\x12\x00\x00", "bytes that are none"),
    ],
)
def test_another_protocol_is_named(streams: Any, said: bytes, named: str) -> None:
    [(reason, _)] = talk(streams, said).invalid
    assert reason == f"expected an HTTP request, got {named}"


def test_a_head_that_is_cut_is_told_with_its_request_line(streams: Any) -> None:
    line = talk(streams, b"POST /cut?key=k HTTP/1.1\r\nX-Api-", end=True)
    assert line.invalid == [("the connection ended within the head of a request", b"POST /cut")]


BAD_CHUNKS: Sequence[bytes] = [
    b"zz\r\n",
    b"1\r\nab\r\n",
    b"5\r\nabcde\r\nx\r\n",
    b"-1\r\n",
    b"0\r\nbad trailer\r\n\r\n",
]


@pytest.mark.parametrize("chunk", BAD_CHUNKS)
def test_a_bad_chunk_is_told_once_and_the_application_knows(streams: Any, chunk: bytes) -> None:
    for segments in ((CHUNKED_START + chunk,), (CHUNKED_START, chunk)):
        line = talk(streams, *segments, end=True)
        [(reason, sample)] = line.invalid
        assert reason.startswith("expected a chunk of the body (its size in hexadecimal")
        assert sample == b"POST /v1/x"
        assert line.transport.written.startswith(b"HTTP/1.1 400 ")
        assert b"expected a chunk of the body" in line.transport.written
        [scope] = line.left
        assert scope[REPORTED] is True


def test_a_cut_body_is_left_to_the_application(streams: Any) -> None:
    line = talk(streams, PLAIN, b"abc", end=True)
    [scope] = line.left
    assert (line.invalid, REPORTED in scope) == ([], False)
