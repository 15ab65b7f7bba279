"""uvicorn, embedded in our event loop: it neither touches signals nor logs, and says when it is ready."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["HttpServer"]

_GRACE_SECONDS = 5
_KEEP_ALIVE_SECONDS = 75
"""Longer than the pools of common clients keep a connection, so that none is closed as a request is on its way."""


class HttpServer(uvicorn.Server):
    """Serves one ASGI application on one bound socket; `invalid` is told of requests that are no HTTP."""

    def __init__(self, application: Callable[..., Any], *, invalid: Callable[[bytes], None]) -> None:
        class Protocol(HttpToolsProtocol):
            _first: bytes = b""

            def data_received(self, data: bytes) -> None:
                self._first = self._first or data[:64]
                super().data_received(data)

            def send_400_response(self, msg: str) -> None:
                invalid(self._first)
                super().send_400_response(msg)

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
