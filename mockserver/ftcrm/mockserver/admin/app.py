"""The admin API's routes. GET changes nothing; every error has the one JSON shape."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ftcrm.contracts.errors import JournalError
from ftcrm.contracts.rounds import PlayerKey
from ftcrm.contracts.rules import RULES
from ftcrm.contracts.rules.pages import rule_view
from ftcrm.mockserver.admin.derived import BONUSES, FINDING_FILTERS, ROUNDS, get_one, list_all, list_findings
from ftcrm.mockserver.admin.events import event_view, list_events
from ftcrm.mockserver.admin.history import history_response
from ftcrm.mockserver.admin.players import PLAYER_FILTERS, PLAYER_KEY, get_player, list_players
from ftcrm.mockserver.admin.query import AdminError, parse_query
from ftcrm.mockserver.admin.questions import QUESTION_FILTERS, list_questions
from ftcrm.mockserver.admin.sessions import SESSION_FILTERS, list_sessions
from ftcrm.mockserver.admin.sources import Sources
from ftcrm.mockserver.admin.summary import summary
from ftcrm.mockserver.intake import Parcel, Receipt
from ftcrm.mockserver.journal import FILTERS
from ftcrm.mockserver.listeners.errors import error_body

__all__ = ["PREFIX", "AdminApi"]

PREFIX = "/_ftcrm"
_RUN = frozenset({"run"})
_AS_OF = frozenset({"as_of"})
_NONE: frozenset[str] = frozenset()
_FEW = 10

Handler = Callable[[Request], Awaitable[Any]]


class AdminApi:
    """The admin API of one server, an ASGI application."""

    def __init__(self, server: Sources) -> None:
        self._server = server
        self._application = Starlette(
            routes=[
                Route(f"{PREFIX}/health", self._open(self._health), methods=["GET"]),
                Route(f"{PREFIX}/ready", self._open(self._ready), methods=["GET"]),
                Route(f"{PREFIX}/summary", self._guarded(self._summary), methods=["GET"]),
                Route(f"{PREFIX}/events", self._guarded(self._events), methods=["GET"]),
                Route(f"{PREFIX}/events/{{seq}}", self._guarded(self._event), methods=["GET"]),
                Route(f"{PREFIX}/rounds", self._guarded(self._rounds), methods=["GET"]),
                Route(f"{PREFIX}/rounds/{{key:path}}", self._guarded(self._round), methods=["GET"]),
                Route(f"{PREFIX}/sessions", self._guarded(self._sessions), methods=["GET"]),
                Route(f"{PREFIX}/players", self._guarded(self._players), methods=["GET"]),
                Route(f"{PREFIX}/players/{{key:path}}", self._guarded(self._player), methods=["GET"]),
                Route(f"{PREFIX}/bonuses", self._guarded(self._bonuses), methods=["GET"]),
                Route(f"{PREFIX}/bonuses/{{key:path}}", self._guarded(self._bonus), methods=["GET"]),
                Route(f"{PREFIX}/questions", self._guarded(self._questions), methods=["GET"]),
                Route(f"{PREFIX}/findings", self._guarded(self._findings), methods=["GET"]),
                Route(f"{PREFIX}/history", self._guarded(self._history), methods=["GET"]),
                Route(f"{PREFIX}/rules", self._guarded(self._rules), methods=["GET"]),
                Route(f"{PREFIX}/openapi.json", self._guarded(self._specification), methods=["GET"]),
                Route(f"{PREFIX}/admin.openapi.json", self._guarded(self._specification), methods=["GET"]),
                Route(f"{PREFIX}/asyncapi.json", self._guarded(self._specification), methods=["GET"]),
                Route(f"{PREFIX}/runs/{{key:path}}", self._guarded(self._mark), methods=["POST"]),
            ],
            exception_handlers={
                AdminError: _admin_error,
                HTTPException: _http_error,
                JournalError: _journal_error,
            },
        )

        # A path with a slash too many is not found, like any other, instead of being redirected.
        self._application.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request; routes see its path as it was sent, for an id may hold a line break as %0A."""
        path = scope.get("raw_path") or scope["path"].encode()
        await self._application({**scope, "path": path.decode("latin-1"), "raw_path": path}, receive, send)

    async def _health(self, request: Request) -> Any:
        parse_query(request.query_params, _NONE, paged=False)
        return {"status": "ok"}

    async def _ready(self, request: Request) -> Any:
        parse_query(request.query_params, _NONE, paged=False)
        if not self._server.ready:
            raise AdminError(503, "not-ready", "expected every connector to listen, got a server that starts or stops")
        return {"status": "ready", **self._server.listening()}

    async def _summary(self, request: Request) -> Any:
        query = parse_query(request.query_params, _RUN, paged=False)
        await self._server.follower.caught_up()
        return summary(self._server, query)

    async def _events(self, request: Request) -> Any:
        query = parse_query(request.query_params, FILTERS)
        await self._server.follower.caught_up()
        return await list_events(self._server.journal, self._server.follower, query)

    async def _event(self, request: Request) -> Any:
        parse_query(request.query_params, _NONE, paged=False)
        text = request.path_params["seq"]
        if not text.isascii() or not text.isdecimal() or len(text) > 18:
            raise AdminError(400, "bad-seq", f"seq: expected a number, got {text!r}")
        found = self._server.journal.get([int(text)])
        if not found or found[0].kind != "delivery":
            evicted = self._server.journal.evicted
            note = f"; {evicted} deliveries were evicted" if evicted else ""
            raise AdminError(404, "not-found", f"expected the seq of a delivery, got {text}{note}")
        return event_view(found[0])

    async def _rounds(self, request: Request) -> Any:
        query = parse_query(request.query_params, ROUNDS.filters)
        await self._server.follower.caught_up()
        return await list_all(ROUNDS, self._server.follower, query)

    async def _round(self, request: Request) -> Any:
        query = parse_query(request.query_params, _RUN, paged=False)
        parts = _path_parts(request)
        if len(parts) != len(ROUNDS.key):
            raise AdminError(404, "not-found", f"expected rounds/ORIGIN/USER_ID/ROUND_ID, got {'/'.join(parts)}")
        await self._server.follower.caught_up()
        return get_one(ROUNDS, self._server.follower, dict(zip(ROUNDS.key, parts, strict=True)) | query.filters)

    async def _sessions(self, request: Request) -> Any:
        query = parse_query(request.query_params, SESSION_FILTERS)
        await self._server.follower.caught_up()
        return await list_sessions(self._server.follower, query)

    async def _players(self, request: Request) -> Any:
        query = parse_query(request.query_params, PLAYER_FILTERS | _AS_OF)
        await self._server.follower.caught_up()
        return await list_players(self._server.follower, query)

    async def _player(self, request: Request) -> Any:
        query = parse_query(request.query_params, _RUN | _AS_OF, paged=False)
        parts = _path_parts(request)
        if len(parts) != len(PLAYER_KEY):
            raise AdminError(404, "not-found", f"expected players/ORIGIN/USER_ID, got {'/'.join(parts)}")
        await self._server.follower.caught_up()
        return await get_player(self._server.follower, PlayerKey(*parts), query)

    async def _bonuses(self, request: Request) -> Any:
        query = parse_query(request.query_params, BONUSES.filters)
        await self._server.follower.caught_up()
        return await list_all(BONUSES, self._server.follower, query)

    async def _bonus(self, request: Request) -> Any:
        query = parse_query(request.query_params, frozenset({"run", "origin", "user_id"}), paged=False)
        parts = _path_parts(request)
        if len(parts) != 1:
            raise AdminError(404, "not-found", f"expected bonuses/USER_BONUS_ID, got {'/'.join(parts)}")
        await self._server.follower.caught_up()
        return get_one(BONUSES, self._server.follower, {"user_bonus_id": parts[0]} | query.filters)

    async def _questions(self, request: Request) -> Any:
        query = parse_query(request.query_params, QUESTION_FILTERS)
        await self._server.follower.caught_up()
        return await list_questions(self._server.follower, query)

    async def _findings(self, request: Request) -> Any:
        query = parse_query(request.query_params, FINDING_FILTERS)
        await self._server.follower.caught_up()
        return list_findings(self._server.journal, self._server.follower, query)

    async def _rules(self, request: Request) -> Any:
        parse_query(request.query_params, _NONE, paged=False)
        return {"rules": [rule_view(rule) for _, rule in sorted(RULES.items())]}

    async def _specification(self, request: Request) -> Any:
        from ftcrm.contracts.specs import DOCUMENTS, document  # noqa: PLC0415 - 45 ms that a start need not wait for

        parse_query(request.query_params, _NONE, paged=False)
        wanted = request.url.path.rpartition("/")[2]
        return msgspec.Raw(document(next(name for name, file in DOCUMENTS.items() if file == wanted)))

    async def _history(self, request: Request) -> Any:
        query = parse_query(request.query_params, _RUN, paged=False)
        await self._server.follower.caught_up()
        return await history_response(self._server.journal, self._server.follower, query, head=request.method == "HEAD")

    async def _mark(self, request: Request) -> Any:
        parse_query(request.query_params, _NONE, paged=False)
        parts = _path_parts(request)
        if len(parts) != 2 or parts[1] not in ("reset", "close") or not parts[0]:
            raise AdminError(404, "not-found", f"expected POST runs/RUN/reset or runs/RUN/close, got {'/'.join(parts)}")
        return await (self._reset if parts[1] == "reset" else self._close)(parts[0])

    async def _reset(self, run: str) -> Any:
        await self._server.follower.caught_up()
        state = self._server.follower.runs.get(run)
        events = state.deliveries if state is not None else 0
        return {"run": run, "seq": await self._committed(reset=run), "events": events}

    async def _close(self, run: str) -> Any:
        await self._server.follower.caught_up()
        state, seq = self._server.follower.runs.get(run), 0
        if state is None:
            raise AdminError(404, "not-found", f"expected a run that something came to, got {run!r}; {self._known()}")
        if state.closing is None:
            seq = await self._committed(closed=run)
            await self._server.follower.caught_up()
            state = self._server.follower.state(run)
        # Whoever closed it first wrote the mark that counts.
        seq = state.closing.seq if state.closing is not None else seq
        return {"run": run, "seq": seq, "events": state.deliveries, "open_rounds": state.history.rounds.labels["open"]}

    def _known(self) -> str:
        """The runs that there are, the first few by their names."""
        runs = sorted(self._server.follower.runs)
        names = ", ".join(map(repr, runs[:_FEW]))
        more = f" and {len(runs) - _FEW} more" if len(runs) > _FEW else ""
        return f"there are {names}{more}" if runs else "nothing came to any run"

    async def _committed(self, *, reset: str | None = None, closed: str | None = None) -> int:
        """The seq of the mark, once it is committed."""
        done: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._server.intake.take(Parcel(done.set_result, reset=reset, closed=closed))
        receipt = await asyncio.shield(done)
        if receipt.error is not None:
            raise JournalError(receipt.error)
        return receipt.entries[0].seq

    def _open(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            answered = await handler(request)
            return answered if isinstance(answered, Response) else _json(200, msgspec.json.encode(answered))

        return answer

    def _guarded(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        answer = self._open(handler)

        async def guard(request: Request) -> Response:
            token = self._server.admin_token
            if token is not None:
                given = request.headers.get("authorization", "")
                if not hmac.compare_digest(given.encode("latin-1"), f"Bearer {token}".encode()):
                    raise AdminError(
                        401,
                        "unauthorised",
                        "expected Authorization: Bearer TOKEN, the token of the banner or of --admin-token",
                    )
            return await answer(request)

        return guard


def _path_parts(request: Request) -> list[str]:
    """The parts of the path behind PREFIX/NAME/, each decoded by itself, so that an id may hold a slash as %2F."""
    raw: bytes = request.scope["raw_path"]
    return [unquote_to_bytes(part).decode("utf-8", "replace") for part in raw.split(b"/")[3:]]


def _json(status: int, body: bytes) -> Response:
    return Response(body, status, media_type="application/json")


async def _admin_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, AdminError)  # noqa: S101 - what it is registered for
    return _json(error.status, error_body(error.status, error.code, error.message))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    status = error.status_code
    code = {404: "not-found", 405: "method-not-allowed"}.get(status, "error")
    response = _json(status, error_body(status, code, f"{request.method} {request.url.path}: {error.detail}"))
    response.headers.update(error.headers or {})
    return response


async def _journal_error(_: Request, error: Exception) -> Response:
    return _json(503, error_body(503, "journal-unavailable", str(error)))
