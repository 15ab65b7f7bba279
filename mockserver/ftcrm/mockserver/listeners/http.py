"""uvicorn, embedded in our event loop: it neither touches signals nor logs, and says when it is ready."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from ftcrm.mockserver.listeners.errors import error_body

__all__ = ["HttpServer"]

_GRACE_SECONDS = 5
_SAMPLE_BYTES = 64
_MOST_PIPELINED = 256
"""How many requests of a connection may wait for their turn; uvicorn reads on, however many they are."""
_BAD_REQUEST_BODY = error_body(400, "bad-request", "expected an HTTP request, got bytes that are none")
_BAD_REQUEST = b"%bcontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b" % (
    STATUS_LINE[400],
    len(_BAD_REQUEST_BODY),
    _BAD_REQUEST_BODY,
)
_KEEP_ALIVE_SECONDS = 75
"""Longer than the pools of common clients keep a connection, so that none is closed as a request is on its way."""


class _TooFarAheadError(Exception):
    """Raised into the parser, which then answers 400 and closes."""


class HttpServer(uvicorn.Server):
    """Serves one ASGI application on one bound socket.

    `invalid` is told, with a reason and their first bytes, of requests that are no HTTP or that end within their head.
    """

    def __init__(self, application: Callable[..., Any], *, invalid: Callable[[str, bytes], None]) -> None:
        class Protocol(HttpToolsProtocol):
            _sample: bytes = b""
            _is_within_head: bool = False

            def data_received(self, data: bytes) -> None:
                if not self._is_within_head:
                    self._sample = data[:_SAMPLE_BYTES]
                super().data_received(data)

            def on_message_begin(self) -> None:
                self._is_within_head = True
                super().on_message_begin()

            def on_headers_complete(self) -> None:
                if len(self.pipeline) >= _MOST_PIPELINED:
                    raise _TooFarAheadError
                super().on_headers_complete()
                self._is_within_head = False

            def connection_lost(self, exc: Exception | None) -> None:
                if self._is_within_head:
                    invalid("the connection ended within the head of a request", self._sample)
                super().connection_lost(exc)

            def send_400_response(self, msg: str) -> None:
                self._is_within_head = False
                invalid("expected an HTTP request", self._sample)
                self.transport.write(_BAD_REQUEST)
                self.transport.close()

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
