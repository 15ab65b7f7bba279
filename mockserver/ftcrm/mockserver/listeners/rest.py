"""The REST connector: a bare ASGI callable for `POST /v1/integration/casino` and `/bonus`."""

import asyncio
import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

import msgspec

from ftcrm.contracts import Judgement, Message
from ftcrm.contracts.views import findings_view
from ftcrm.mockserver.intake import Delivery, Intake, Parcel, Receipt
from ftcrm.mockserver.journal import Disposition, Entry
from ftcrm.mockserver.listeners.errors import error_body
from ftcrm.mockserver.protocol_errors import ProtocolErrors

__all__ = ["RestConnector"]

ASGIScope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

KEEP_PREFIX = 65_536
"""How much is kept of a body over the limit."""
MAX_DRAINED = 64 * 1_048_576
"""How much of a body over the limit is read, for its length and SHA-256, before the connection is closed."""

_PATHS = {"casino": "CASINO", "bonus": "BONUS"}
_ROUTE = re.compile(r"(?:/runs/(?P<run>[^/]{1,200}))?/v1/integration/(?P<event>casino|bonus)")
_SECRET_HEADERS = frozenset({b"x-api-key", b"authorization", b"cookie", b"proxy-authorization"})
_JSON_HEADERS: list[tuple[bytes, bytes]] = [(b"content-type", b"application/json")]


class Body(NamedTuple):
    """A request's body: what is kept of it, and its whole length and digest when that is not all."""

    raw: bytes
    size: int | None = None
    sha256: str | None = None
    whole: bool = True


class RestConnector:
    """Takes events over HTTP: 200 when accepted, 400 with every finding when a documented rule is broken."""

    def __init__(
        self, intake: Intake, errors: ProtocolErrors, *, max_body: int = 1_048_576, api_key: str | None = None
    ) -> None:
        self._intake = intake
        self._errors = errors
        self._max_body = max_body
        self._api_key = api_key.encode() if api_key is not None else None

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """One HTTP request."""
        route = _ROUTE.fullmatch(scope["path"])
        if route is None:
            await self._turn_away(send, scope, 404, "not-found", "expected POST /v1/integration/casino or /bonus")
            return
        if scope["method"] != "POST":
            await self._turn_away(send, scope, 405, "method-not-allowed", "expected POST", (b"allow", b"POST"))
            return
        if self._api_key is not None and not self._authorised(scope["headers"]):
            await self._turn_away(send, scope, 401, "unauthorised", "expected the configured key in X-Api-Key")
            return
        body = await self._read(receive)
        if body is None:
            self._errors.add("rest", f"{scope['path']}: the client left before its request was whole")
            return
        media_type = _media_type(scope["headers"])
        receipt = await self._deliver(self._delivery(scope, route, body, media_type))
        status, answer = self._answer(receipt, body, media_type)
        await _send(send, status, answer, *([] if body.whole else [(b"connection", b"close")]))

    async def _read(self, receive: Receive) -> Body | None:
        """The request's body, or None when the client left."""
        message = await receive()
        if message["type"] != "http.request":
            return None
        chunk: bytes = message.get("body", b"")
        if not message.get("more_body", False) and len(chunk) <= self._max_body:
            return Body(chunk)
        kept, size, digest = bytearray(chunk), len(chunk), hashlib.sha256(chunk)
        while message.get("more_body", False):
            if size > MAX_DRAINED:
                return Body(bytes(kept[:KEEP_PREFIX]), size, None, whole=False)
            message = await receive()
            if message["type"] != "http.request":
                return None
            chunk = message.get("body", b"")
            size += len(chunk)
            digest.update(chunk)
            if size <= self._max_body:
                kept += chunk
            else:
                kept += chunk[: max(KEEP_PREFIX - len(kept), 0)]
                del kept[KEEP_PREFIX:]
        if size <= self._max_body:
            return Body(bytes(kept))
        return Body(bytes(kept[:KEEP_PREFIX]), size, digest.hexdigest())

    def _delivery(self, scope: ASGIScope, route: re.Match[str], body: Body, media_type: str | None) -> Delivery:
        transport: dict[str, Any] = {
            "method": "POST",
            "path": scope["path"],
            "query": scope["query_string"].decode("latin-1"),
            "headers": [
                [name.decode("latin-1"), value.decode("latin-1")]
                for name, value in scope["headers"]
                if name not in _SECRET_HEADERS
            ],
        }
        if body.size is not None:
            transport |= {"truncated": True, "sha256": body.sha256}
        message = Message("rest", body.raw, _PATHS[route["event"]], size=body.size)
        disposition: Disposition = "accepted" if media_type is None and body.size is None else "refused"
        return Delivery(message, transport, route["run"] or "default", disposition, refusable=True)

    async def _deliver(self, delivery: Delivery) -> Receipt:
        done: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()

        def answer(receipt: Receipt) -> None:
            if not done.cancelled():
                done.set_result(receipt)

        self._intake.take(Parcel(answer, (delivery,)))
        return await done

    def _answer(self, receipt: Receipt, body: Body, media_type: str | None) -> tuple[int, bytes]:
        if receipt.error is not None:
            return 503, error_body(503, "journal-unavailable", f"nothing was recorded, send it again: {receipt.error}")
        entry, judgement = receipt.entries[0], receipt.judgements[0]
        seen = {"seq": entry.seq, "verdict": judgement.verdict}
        if body.size is not None:
            message = f"expected at most {self._max_body} bytes, got {body.size}"
            return 413, error_body(413, "body-too-large", message, findings=judgement.findings, **seen)
        if media_type is not None:
            message = f"expected the content type application/json, got {media_type!r}"
            return 415, error_body(415, "unsupported-media-type", message, findings=judgement.findings, **seen)
        if entry.disposition == "refused":
            count = len(judgement.findings)
            message = f"the event breaks the contract: {count} finding{'s' if count > 1 else ''}"
            return 400, error_body(400, f"event-{judgement.verdict}", message, findings=judgement.findings, **seen)
        return 200, _accepted(entry, judgement)

    def _authorised(self, headers: list[tuple[bytes, bytes]]) -> bool:
        assert self._api_key is not None  # noqa: S101 - asked only when there is one
        return any(name == b"x-api-key" and hmac.compare_digest(value, self._api_key) for name, value in headers)

    async def _turn_away(
        self, send: Send, scope: ASGIScope, status: int, code: str, wanted: str, *headers: tuple[bytes, bytes]
    ) -> None:
        """Answer a request that carries no event for us: counted with a sample, not journaled."""
        found = f"{scope['method']} {scope['path']}"
        self._errors.add("rest", f"{status}: {wanted}", found.encode("utf-8", "replace"))
        await _send(send, status, error_body(status, code, f"{wanted}, got {found}"), *headers)


def _accepted(entry: Entry, judgement: Judgement) -> bytes:
    if not judgement.findings:
        return b'{"seq":%d,"verdict":"%b","findings":[]}' % (entry.seq, judgement.verdict.encode())
    view = findings_view(judgement.findings)
    return msgspec.json.encode({"seq": entry.seq, "verdict": judgement.verdict, "findings": view})


def _media_type(headers: list[tuple[bytes, bytes]]) -> str | None:
    """The content type when it is not JSON's; None when it is, or when none was sent."""
    for name, value in headers:
        if name == b"content-type":
            media_type = value.partition(b";")[0].strip().lower().decode("latin-1")
            plain = media_type in ("application/json", "text/json") or media_type.endswith("+json")
            return None if plain else media_type
    return None


async def _send(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*_JSON_HEADERS, length, *headers]})
    await send({"type": "http.response.body", "body": body})
