"""A sender for code that does not await: its connection lives in a thread of its own."""

import asyncio
import threading
from collections.abc import Coroutine, Iterable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, TypeVar

from ftcrm.client.opening import TIMEOUT_SECONDS, open_sender
from ftcrm.client.sender import Outgoing, Sender, Sent

__all__ = ["BlockingSender"]

_Result = TypeVar("_Result")


class BlockingSender:
    """The sender that the URL names, as `open_sender` opens it, with calls that return when they are answered.

    Raises:
        ConfigurationError: the URL names none, or a library that it needs is not installed.
        SendError: the target cannot be reached.
    """

    def __init__(
        self, url: str, *, api_key: str | None = None, in_flight: int | None = None, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        self._opening: AbstractAsyncContextManager[Sender] = open_sender(
            url, api_key=api_key, in_flight=in_flight, timeout=timeout
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"sender to {url}", daemon=True)
        self._thread.start()
        try:
            self._sender = self._run(self._opening.__aenter__())
        except BaseException:
            self._stop()
            raise

    def __enter__(self) -> "BlockingSender":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Disconnect; a second time nothing happens."""
        if self._loop.is_closed():
            return
        try:
            self._run(self._opening.__aexit__(None, None, None))
        finally:
            self._stop()

    def send(self, message_type: str | None, raw: bytes, key: str | None = None) -> Sent:
        """Send one message and wait for what becomes of it. SendError as for `Sender.send`."""
        return self._run(self._sender.send(message_type, raw, key))

    def send_all(self, messages: Iterable[Outgoing]) -> list[Sent]:
        """Send the messages in their order, and wait for what becomes of each. SendError as for `Sender.send_all`."""

        async def sent() -> list[Sent]:
            return [answer async for answer in self._sender.send_all(messages)]

        return self._run(sent())

    def _run(self, call: Coroutine[Any, Any, _Result]) -> _Result:
        return asyncio.run_coroutine_threadsafe(call, self._loop).result()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
