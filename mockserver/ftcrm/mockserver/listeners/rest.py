"""The REST connector: a bare ASGI callable for `POST /v1/integration/casino` and `/bonus`."""

import asyncio
import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import msgspec
from msgspec.structs import replace

from ftcrm.contracts import Finding, Message, Verdict
from ftcrm.contracts.views import findings_view
from ftcrm.mockserver.intake import Delivery, Intake, Parcel, Receipt
from ftcrm.mockserver.journal import Disposition, Entry
from ftcrm.mockserver.listeners.errors import error_body
from ftcrm.mockserver.protocol_errors import ProtocolErrors

__all__ = ["REPORTED", "RestConnector"]

ASGIScope = MutableMapping[str, Any]
Headers = Iterable[tuple[bytes, bytes]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

KEEP_PREFIX = 65_536
"""How much is kept of a body over the limit."""
MAX_DRAINED = 64 * 1_048_576
"""How much of a body over the limit is read, for its length and SHA-256, before the connection is closed."""

REPORTED = "ftcrm.reported"
"""The scope's key that says that the listener has counted why the body ends."""

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
        if self._api_key is not None and (got := self._wrong_key(scope["headers"])):
            wanted = "expected the configured key in X-Api-Key"
            await self._turn_away(send, scope, 401, "unauthorised", wanted, got=got)
            return
        body = await self._read(receive)
        if body is None:
            if not scope.get(REPORTED):
                reason = f"{scope['path']}: the client left before its request was whole"
                self._errors.add("rest", reason, _shown(scope), harmless=True)
            return
        foreign = _foreign_form(scope["headers"])
        receipt = await self._deliver(self._delivery(scope, route, body, foreign))
        status, answer = self._answer(receipt, body, foreign)
        # RFC 9110, 15.5.16: what caused a 415 is told by Accept or Accept-Encoding.
        accepted = [] if foreign is None else [(b"accept", b"application/json"), (b"accept-encoding", b"identity")]
        await _send(send, status, answer, *accepted, *([] if body.whole else [(b"connection", b"close")]))

    async def _read(self, receive: Receive) -> Body | None:
        """The request's body, or None when the client left; until it is asked for, uvicorn reads little of it."""
        while self._intake.congested:
            await self._relief()
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

    async def _relief(self) -> None:
        relieved: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def resume() -> None:
            if not relieved.done():
                relieved.set_result(None)

        self._intake.wait(resume)
        await relieved

    def _delivery(self, scope: ASGIScope, route: re.Match[str], body: Body, foreign: str | None) -> Delivery:
        transport: dict[str, Any] = {
            "method": "POST",
            "path": scope["path"],
            "query": self._without_key(scope["query_string"]).decode("latin-1"),
            "headers": [
                [name.decode("latin-1"), value.decode("latin-1")]
                for name, value in scope["headers"]
                if name not in _SECRET_HEADERS
            ],
        }
        if body.size is not None:
            transport |= {"truncated": True, "sha256": body.sha256}
        message = Message("rest", body.raw, _PATHS[route["event"]], size=body.size)
        disposition: Disposition = "accepted" if foreign is None and body.size is None else "refused"
        return Delivery(message, transport, route["run"] or "default", disposition, refusable=True)

    async def _deliver(self, delivery: Delivery) -> Receipt:
        done: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()

        def answer(receipt: Receipt) -> None:
            if not done.cancelled():
                done.set_result(receipt)

        self._intake.take(Parcel(answer, (delivery,)))
        return await done

    def _answer(self, receipt: Receipt, body: Body, foreign: str | None) -> tuple[int, bytes]:
        if receipt.error is not None:
            return 503, error_body(503, "journal-unavailable", f"nothing was recorded, send it again: {receipt.error}")
        entry, judgement = receipt.entries[0], receipt.judgements[0]
        findings = tuple(replace(finding, witness=(entry.seq,)) for finding in judgement.findings)
        if body.size is not None:
            message = f"expected at most {self._max_body} bytes, got {body.size}"
            return 413, _refusal(413, "body-too-large", message, entry, findings, judgement.verdict)
        if foreign is not None:
            return 415, _refusal(415, "unsupported-media-type", foreign, entry, findings)
        if entry.disposition == "refused":
            message = f"the event breaks the contract: {len(findings)} finding{'' if len(findings) == 1 else 's'}"
            return 400, _refusal(400, f"event-{judgement.verdict}", message, entry, findings, judgement.verdict)
        return 200, _accepted(entry, judgement.verdict, findings)

    def _wrong_key(self, headers: Headers) -> str | None:
        """What came instead of the configured key; None when it came."""
        assert self._api_key is not None  # noqa: S101 - asked only when there is one
        given = [value for name, value in headers if name == b"x-api-key"]
        if any(hmac.compare_digest(value, self._api_key) for value in given):
            return None
        return "another key" if given else "no such header"

    def _without_key(self, query: bytes) -> bytes:
        """The query as it is kept: clients that send the key here, too, do not have it stored."""
        if self._api_key is None:
            return query
        return b"&".join(self._masked(part) for part in query.split(b"&"))

    def _masked(self, part: bytes) -> bytes:
        name, equals, value = part.partition(b"=")
        if self._is_key(part):
            return b"***"
        return name + b"=***" if equals and self._is_key(value) else part

    def _is_key(self, value: bytes) -> bool:
        return self._api_key in (value, unquote_to_bytes(value), unquote_to_bytes(value.replace(b"+", b" ")))

    async def _turn_away(
        self,
        send: Send,
        scope: ASGIScope,
        status: int,
        code: str,
        wanted: str,
        *headers: tuple[bytes, bytes],
        got: str | None = None,
    ) -> None:
        """Answer a request that carries no event for us: counted with a sample, not journaled."""
        found = _shown(scope)
        message = f"{wanted}, got {got or found.decode()}"
        self._errors.add("rest", f"{status}: {wanted if got is None else message}", found, harmless=True)
        await _send(send, status, error_body(status, code, message), *headers)


def _shown(scope: ASGIScope) -> bytes:
    """Method and path; the path without what its sender took for a query."""
    return f"{scope['method']} {scope['path'].partition('?')[0]}".encode("utf-8", "replace")


def _accepted(entry: Entry, verdict: Verdict, findings: tuple[Finding, ...]) -> bytes:
    if not findings:
        return b'{"seq":%d,"verdict":"%b","findings":[]}' % (entry.seq, verdict.encode())
    return msgspec.json.encode({"seq": entry.seq, "verdict": verdict, "findings": findings_view(findings)})


def _refusal(
    status: int, code: str, message: str, entry: Entry, findings: tuple[Finding, ...], verdict: Verdict | None = None
) -> bytes:
    judged = {} if verdict is None else {"verdict": verdict}
    return error_body(status, code, message, findings=findings, seq=entry.seq, **judged)


def _foreign_form(headers: Headers) -> str | None:
    """Why the body is not read as JSON, whatever is in it; None when nothing is said of it but JSON."""
    codings = [value.strip().lower() for name, value in headers if name == b"content-encoding"]
    coding = b", ".join(value for value in codings if value not in (b"", b"identity"))
    if coding:
        return f"expected no Content-Encoding, got {coding.decode('latin-1')!r}"
    media_type = next((value for name, value in headers if name == b"content-type"), b"")
    media_type = media_type.partition(b";")[0].strip().lower()
    if media_type in (b"", b"application/json", b"text/json") or media_type.endswith(b"+json"):
        return None
    return f"expected the content type application/json, got {media_type.decode('latin-1')!r}"


async def _send(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*_JSON_HEADERS, length, *headers]})
    await send({"type": "http.response.body", "body": body})
