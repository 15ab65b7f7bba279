"""uvicorn, embedded in our event loop: it neither touches signals nor logs, and says when it is ready."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from ftcrm.mockserver.listeners.errors import error_body
from ftcrm.mockserver.listeners.rest import REPORTED
from ftcrm.mockserver.protocol_errors import request_line

__all__ = ["HttpServer"]

_GRACE_SECONDS = 5
_OPENING_BYTES = 64
_MOST_PIPELINED = 256
"""How many requests of a connection may wait for their turn; uvicorn reads on, however many they are."""
_KEEP_ALIVE_SECONDS = 75
"""Longer than the pools of common clients keep a connection, so that none is closed as a request is on its way."""


class _TooFarAheadError(Exception):
    """Raised into the parser, which then answers 400 and closes."""


class HttpServer(uvicorn.Server):
    """Serves one ASGI application on one bound socket.

    `invalid` is told, with a reason and a request line without its query, of requests that are no HTTP or that end
    within their head. Of a body that is none it is told, too: the scope of its request then says so (`REPORTED`).
    """

    def __init__(self, application: Callable[..., Any], *, invalid: Callable[[str, bytes], None]) -> None:
        class Protocol(HttpToolsProtocol):
            _opening: bytes = b""
            _is_within_head: bool = False
            _is_within_body: bool = False
            _is_offered: bool = False
            _headers_as_sent: list[tuple[bytes, bytes]] | None = None

            def data_received(self, data: bytes) -> None:
                self._unset_keepalive_if_required()
                if not self._is_within_head:
                    self._opening = data[:_OPENING_BYTES]
                try:
                    while data:
                        data = self._parse(data)
                except (httptools.HttpParserError, httptools.HttpParserUpgrade):
                    self.send_400_response("")

            def _parse(self, data: bytes) -> bytes:
                """Parse up to the first offer of another protocol, decline that, and give what comes after it.

                httptools takes the head of such a request for the end of HTTP: whether its body comes with it or later,
                uvicorn loses it. So another parser is given the head without the offer, and then the rest.
                """
                try:
                    self.parser.feed_data(data)
                except httptools.HttpParserUpgrade as offer:
                    if not self._is_offered:
                        raise
                    self._is_offered = False
                    self._headers_as_sent = self.headers
                    version = self.parser.get_http_version()
                    head = _head(self.parser.get_method(), self.url, version, self.headers)
                    self.parser = httptools.HttpRequestParser(self)
                    self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
                    self.parser.feed_data(head)
                    return data[offer.args[0] :]
                return b""

            def on_message_begin(self) -> None:
                self._is_within_head = True
                super().on_message_begin()

            def on_headers_complete(self) -> None:
                # RFC 9110, 7.8: a server may ignore Upgrade. CONNECT is no offer, it is refused for its target.
                if self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT":
                    self._is_offered = True
                    return
                if len(self.pipeline) >= _MOST_PIPELINED:
                    raise _TooFarAheadError
                if self._headers_as_sent is not None:
                    self.headers[:], self._headers_as_sent = self._headers_as_sent, None
                super().on_headers_complete()
                self._is_within_head, self._is_within_body = False, True

            def on_message_complete(self) -> None:
                if not self._is_offered:
                    self._is_within_body = False
                    super().on_message_complete()

            def connection_lost(self, exc: Exception | None) -> None:
                if self._is_within_head:
                    invalid("the connection ended within the head of a request", self._request_line())
                super().connection_lost(exc)

            def send_400_response(self, msg: str) -> None:
                if self._is_within_body:
                    wanted = _CHUNK
                    self.scope[REPORTED] = True  # type: ignore[literal-required] # ours, not ASGI's
                else:
                    wanted = f"expected an HTTP request, got {_name(self._opening)}"
                invalid(wanted, self._request_line())
                self._is_within_head = self._is_within_body = False
                self.transport.write(_bad_request(_CHUNK_BODY if wanted is _CHUNK else _BAD_REQUEST_BODY))
                self.transport.close()

            def _request_line(self) -> bytes:
                if (self._is_within_head or self._is_within_body) and self.url:
                    return request_line(b"%b %b" % (self.parser.get_method(), self.url))
                return request_line(self._opening)

        super().__init__(
            uvicorn.Config(
                application,
                http=Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )
        self._ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to whoever owns the process."""
        yield

    def abort(self) -> None:
        """Cut every connection, whatever its client has not read."""
        self.force_exit = True
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and let `started_on` know."""
        await super().startup(sockets=sockets)
        self._ready.set()

    async def serve_on(self, bound: socket.socket) -> asyncio.Task[None]:
        """Start serving on the bound socket; the task ends after `should_exit` is set and requests are answered."""
        task = asyncio.get_running_loop().create_task(self.serve(sockets=[bound]))
        ready = asyncio.get_running_loop().create_task(self._ready.wait())
        await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            ready.cancel()
            task.result()
        return task


_CHUNK = "expected a chunk of the body (its size in hexadecimal, CRLF, its bytes, CRLF), got bytes that are none"
_CHUNK_BODY = error_body(400, "bad-request", _CHUNK)
_BAD_REQUEST_BODY = error_body(400, "bad-request", "expected an HTTP request, got bytes that are none")
_FOREIGN = {
    b"\x16\x03": "a TLS handshake (plain HTTP is expected here)",
    b"AMQP": "an AMQP protocol header",
    b"PRI * ": "HTTP/2 without an upgrade (HTTP/1.1 is expected here)",
}


def _name(opening: bytes) -> str:
    return next((name for start, name in _FOREIGN.items() if opening.startswith(start)), "bytes that are none")


def _bad_request(body: bytes) -> bytes:
    head = b"%bcontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
    return head % (STATUS_LINE[400], len(body)) + body


def _head(method: bytes, target: bytes, version: str, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The head of a request again, without Upgrade; Connection says nothing of it then."""
    lines = [b"%b: %b\r\n" % (name, value) for name, value in headers if name != b"upgrade"]
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method, target, version.encode(), b"".join(lines))
