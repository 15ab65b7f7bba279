"""REST: POST /v1/integration/casino and /bonus; a sender goes on when it is answered."""

import asyncio
import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

from ftcrm.client.sender import Outgoing, Sender, Sent
from ftcrm.client.targets import Target, required_module, unreachable
from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.events.payload import Number
from ftcrm.contracts.numbers import EXACT

if TYPE_CHECKING:
    import httpx

__all__ = ["RestSender", "error_message", "parsed", "segment"]

_PATHS = {"CASINO": "/v1/integration/casino", "BONUS": "/v1/integration/bonus"}
_ACCEPTED = 200
_EXCERPT = 200


class RestSender(Sender):
    """Sends one event at a time over one connection, unless more are allowed in flight."""

    default_in_flight = 1

    def __init__(self, target: Target, *, api_key: str | None, in_flight: int | None, timeout: float) -> None:
        super().__init__(in_flight=in_flight)
        self._httpx = required_module("httpx", wanted_for=target.shown)
        self._target = target
        self._headers = {"content-type": "application/json"} | ({} if api_key is None else {"x-api-key": api_key})
        self._timeout = timeout
        self._client: httpx.AsyncClient | None = None

    async def open(self) -> None:
        """Make the client; the connection comes with the first event."""
        try:
            self._client = self._httpx.AsyncClient(
                base_url=_base_of(self._target.url),
                headers=self._headers,
                timeout=self._timeout,
                trust_env=not self._target.is_loopback,
                verify=self._target.is_encrypted,
            )
        except self._httpx.InvalidURL as error:
            raise ConfigurationError(f"target: expected http://HOST:PORT, got {self._target.shown} ({error})") from None

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def _submit(self, message: Outgoing) -> asyncio.Future[Sent]:
        return asyncio.create_task(self._post(message))

    async def _post(self, message: Outgoing) -> Sent:
        path = _PATHS.get((message.message_type or "").upper())
        if path is None:
            return Sent(
                False, f"expected a message type with a REST path (CASINO, BONUS), got {message.message_type!r}"
            )
        assert self._client is not None  # noqa: S101 - open comes first
        try:
            response = await self._client.post(path, content=message.raw)
        except self._httpx.RequestError as error:
            doing = f"POST {path} within {self._timeout:g} s"
            advice = "is the server running there? (`ftcrm serve` starts a stand-in)"
            raise unreachable(self._target.shown, error, doing=doing, advice=advice) from error
        status, body = response.status_code, parsed(response.content)
        if status == _ACCEPTED:
            return Sent(True, None, status, body)
        return Sent(False, error_message(status, response.content), status, body)


def _base_of(url: str) -> str:
    """The URL without the path of an event type, with which a server's banner or a back end's settings may name it."""
    base = url.rstrip("/")
    for path in (*_PATHS.values(), "/v1/integration"):
        base = base.removesuffix(path)
    return base


def error_message(status: int, content: bytes) -> str:
    """What an error answer says, in one line: the message of the JSON error shape, else an excerpt of the body."""
    body = parsed(content)
    error = body.get("error") if isinstance(body, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    text = message if isinstance(message, str) else body if isinstance(body, str) else _text(content)
    return f"HTTP {status}: {' '.join(text[:_EXCERPT].split())}".removesuffix(": ")


def parsed(content: bytes) -> Any:
    """The JSON value of an answer, or its text when it is no JSON.

    Whole numbers are ints. Others, and those of more digits than an int is read from, are Decimals; a Number is one
    whose exponent no decimal can hold.
    """
    try:
        found = json.loads(content.decode(), parse_float=_number, parse_int=_integer, parse_constant=_refuse_constant)
        if b"\\u" in content:
            json.dumps(found, ensure_ascii=False, default=str).encode()  # an escape can bring half a character
    except (ValueError, RecursionError):
        return _text(content)
    return found


def segment(text: str) -> str:
    """An id as one segment of a URL's path; `.` and `..` would lead elsewhere."""
    return text.replace(".", "%2E") if text in (".", "..") else quote(text, safe="")


def _text(content: bytes) -> str:
    return content.decode("utf-8", "backslashreplace")


def _number(text: str) -> Decimal | Number:
    try:
        return Decimal(text, EXACT)
    except InvalidOperation:
        return Number(text)


def _integer(text: str) -> int | Decimal | Number:
    try:
        return int(text)
    except ValueError:
        return _number(text)


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text}, which JSON does not have")
