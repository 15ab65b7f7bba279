"""OpenAPI 3.1 of the admin API: what can be asked of the stand-in, and every answer of it.

The tables name paths, parameters and answers; a test holds them against the routes and the filters of the server.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, get_args

from ftcrm.contracts.findings import Confidence, Verdict
from ftcrm.contracts.messages import Connector
from ftcrm.contracts.questions.ledger import LEDGER
from ftcrm.contracts.rounds import RoundState
from ftcrm.contracts.specs.links import LINKS
from ftcrm.contracts.specs.notation import Schema, answer, array, error, optional, record, reference
from ftcrm.contracts.specs.samples import CASINO_SAMPLES
from ftcrm.contracts.specs.shapes import DISPOSITIONS, shapes
from ftcrm.contracts.specs.timestamps import LINE_BREAK, TIMESTAMP

__all__ = ["admin_openapi"]

_PREFIX = "/_ftcrm"


class _Operation(NamedTuple):
    """One operation: its name, what it is for, what it answers, what its query may hold, how else it may end.

    `pages` is of how many numbers the cursor of a list is; what is no list has none. Whatever is `guarded` wants the
    token of a server that has one.
    """

    name: str
    summary: str
    answer: Schema
    query: tuple[str, ...] = ()
    pages: int = 0
    ends: tuple[int, ...] = ()
    guarded: bool = True
    method: str = "get"


_KEY = ("origin", "user_id", "round_id")
_EVENT_KEYS = (*_KEY, "user_bonus_id", "activity_id")
_TEXT: Schema = {"type": "string"}
_WHETHER: Schema = {"type": "boolean", "description": "False when what would belong here was evicted."}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_MARK = {"run": _TEXT, "seq": {"type": "integer", "minimum": 1, "description": "Of the mark."}, "events": _COUNT}


def _page(name: str, item: str) -> Schema:
    cursor = optional({"type": "string", "description": "Null on the last page."})
    return record(**{name: array(reference(item))}, next_cursor=cursor, complete=_WHETHER)


def _one(name: str) -> Schema:
    return {"allOf": [reference(name), record(complete=_WHETHER)]}


_OPERATIONS: dict[str, _Operation] = {
    "health": _Operation("getHealth", "Whether the process runs", record(status={"const": "ok"}), guarded=False),
    "ready": _Operation(
        "getReady",
        "Whether every connector listens, and where",
        record(status={"const": "ready"}, **dict.fromkeys(get_args(Connector), _TEXT)),
        ends=(503,),
        guarded=False,
    ),
    "summary": _Operation("getSummary", "How much of what there is", reference("Summary"), ("run",)),
    "events": _Operation(
        "listEvents",
        "Deliveries in the order of the journal",
        _page("events", "Event"),
        ("run", "connector", "message_type", "type", "status", "verdict", "disposition", *_EVENT_KEYS),
        pages=1,
    ),
    "events/{seq}": _Operation("getEvent", "One delivery", reference("Event"), ends=(404,)),
    "rounds": _Operation(
        "listRounds",
        "Rounds in the order in which they came",
        _page("rounds", "Round"),
        ("run", *_KEY, "state", "outcome", "game_id", "vendor_id"),
        pages=2,
    ),
    "rounds/{origin}/{user_id}/{round_id}": _Operation(
        "getRound", "One round", _one("Round"), ("run",), ends=(404, 409)
    ),
    "sessions": _Operation(
        "listSessions",
        "Sessions, player by player",
        _page("sessions", "Session"),
        ("run", "origin", "user_id", "vendor_id", "game_id"),
        pages=3,
    ),
    "players": _Operation(
        "listPlayers",
        "Players in the order in which they came",
        _page("players", "Player"),
        ("run", "origin", "user_id", "activity", "churned", "as_of"),
        pages=2,
    ),
    "players/{origin}/{user_id}": _Operation(
        "getPlayer", "One player", _one("Player"), ("run", "as_of"), ends=(404, 409)
    ),
    "bonuses": _Operation(
        "listBonuses",
        "Bonuses in the order in which they came",
        _page("bonuses", "Bonus"),
        ("run", "origin", "user_id", "user_bonus_id", "bonus_status"),
        pages=2,
    ),
    "bonuses/{user_bonus_id}": _Operation(
        "getBonus", "One bonus", _one("Bonus"), ("run", "origin", "user_id"), ends=(404, 409)
    ),
    "questions": _Operation(
        "listQuestions",
        "What rounds depend on that the contract leaves open",
        _page("questions", "Question"),
        ("run", *_KEY, "assumption"),
        pages=4,
    ),
    "findings": _Operation(
        "listFindings",
        "Findings of events, then of rounds and bonuses",
        _page("findings", "FindingInPlace"),
        ("run", "rule", "confidence", *_KEY, "user_bonus_id"),
        pages=4,
    ),
    "history": _Operation(
        "getHistory", "What was received since the last reset, a JSON document a line", _TEXT, ("run",)
    ),
    "rules": _Operation("listRules", "The catalogue of rules", record(rules=array(reference("Rule")))),
    **{
        f"{name}.json": _Operation(f"get{title}", f"{what}, as `ftcrm schema` prints it", {"type": "object"})
        for name, title, what in (
            ("openapi", "OpenApi", "OpenAPI of the REST connector"),
            ("admin.openapi", "AdminOpenApi", "This document"),
            ("asyncapi", "AsyncApi", "AsyncAPI of RabbitMQ and Kafka"),
        )
    },
    "runs/{run}/close": _Operation(
        "closeRun",
        "Nothing more will come to the run: what is open was never settled",
        record(**_MARK, open_rounds=_COUNT),
        ends=(404,),
        method="post",
    ),
    "runs/{run}/reset": _Operation(
        "resetRun", "Count no longer what the run received until now", record(**_MARK), ends=(404,), method="post"
    ),
}
_LINES = "application/jsonl"


def admin_openapi() -> dict[str, Any]:
    """The document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ftcrm-mock: the admin API",
            "version": "1",
            "description": "What the stand-in received, what it was judged, and what came out. GET changes nothing. It "
            "is the stand-in's own: of an API of FT CRM nothing is known.",
        },
        "servers": [{"url": "/", "description": "The server that serves this document."}],
        "security": [{"token": []}, {}],
        "paths": {f"{_PREFIX}/{path}": _path(path, operation) for path, operation in _OPERATIONS.items()},
        "components": {
            "schemas": shapes(),
            "responses": _responses(),
            "parameters": {**{name: _parameter(name, *said) for name, said in _FILTERS.items()}, "limit": _LIMIT},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Wanted away from a loopback address, or with --admin-token; else the API is open.",
                }
            },
        },
    }


def _path(path: str, operation: _Operation) -> dict[str, Any]:
    in_path = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    item: dict[str, Any] = {"parameters": [_IN_PATH[name] for name in in_path]} if in_path else {}
    return item | {operation.method: _operation(operation)}


def _operation(operation: _Operation) -> dict[str, Any]:
    found = answer(f"{operation.summary}.", operation.answer)
    if operation.name == "getHistory":
        found["content"] = {_LINES: found["content"].pop("application/json")}
    if operation.name in LINKS:
        found["links"] = LINKS[operation.name]
    responses = {"200": found}
    ends = {400, 405, *operation.ends, *((401, 503) if operation.guarded else ())}
    for status in sorted(ends):
        responses[str(status)] = {"$ref": f"#/components/responses/{_ENDS[status]}"}
    described: dict[str, Any] = {"operationId": operation.name, "summary": operation.summary}
    if parameters := list(_query(operation)):
        described["parameters"] = parameters
    if not operation.guarded:
        described["security"] = []
    return described | {"responses": responses}


def _query(operation: _Operation) -> Iterable[dict[str, Any]]:
    for name in operation.query:
        yield {"$ref": f"#/components/parameters/{name}"}
    if operation.pages:
        yield {"$ref": "#/components/parameters/limit"}
        number = "[0-9]{1,18}"
        pattern = rf"^{number}(\.{number}){{{operation.pages - 1}}}$" if operation.pages > 1 else f"^{number}$"
        schema = {"type": "string", "pattern": pattern, "not": {"pattern": LINE_BREAK}}
        yield _parameter("cursor", "The next_cursor of the page before.", schema)


def _parameter(name: str, description: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    parameter = {
        "name": "status" if name == "bonus_status" else name,
        "in": "query",
        "description": description,
        "schema": dict(schema),
    }
    return parameter | _example(name)


def _example(name: str) -> dict[str, Any]:
    """What the samples of the ingress have there: once they were sent, there is something to be found."""
    return {"example": _EXAMPLES[name]} if name in _EXAMPLES else {}


def _one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


_FILTERS: dict[str, tuple[str, Schema]] = {
    "run": ("The run; all of them unless told.", _TEXT),
    "connector": ("The connector.", _one_of(*get_args(Connector))),
    "message_type": ("The message type, such as CASINO.", _TEXT),
    "type": ("The event's type, such as Bet.", _TEXT),
    "status": ("The event's status, such as Approved.", _TEXT),
    "verdict": ("What the event was judged.", _one_of(*Verdict)),
    "disposition": ("What became of the delivery.", _one_of(*DISPOSITIONS)),
    "origin": ("The brand or jurisdiction.", _TEXT),
    "user_id": ("The player.", _TEXT),
    "round_id": ("The round.", _TEXT),
    "user_bonus_id": ("The bonus.", _TEXT),
    "activity_id": ("The event's own id.", _TEXT),
    "bonus_status": ("The last status of the bonus, such as Created.", _TEXT),
    "state": ("The state of the round.", _one_of(*get_args(RoundState))),
    "outcome": ("The outcome of the round.", _one_of("won", "lost")),
    "game_id": ("The game.", _TEXT),
    "vendor_id": ("The vendor of the game.", _TEXT),
    "activity": ("How long ago the player's last Bet of real money is.", _one_of("active", "idle", "inactive")),
    "churned": ("Whether the player is.", _one_of("true", "false")),
    "as_of": (
        "The instant as of which players are seen, in RFC 3339; that of the run's last event unless told.",
        {"type": "string", "pattern": TIMESTAMP, "not": {"pattern": LINE_BREAK}},
    ),
    "assumption": ("The name of the assumption.", _one_of(*(assumption.name for assumption in LEDGER))),
    "rule": ("The rule's code, such as FT113.", _TEXT),
    "confidence": ("How well the rule is founded.", _one_of(*Confidence)),
}
_SAMPLE = CASINO_SAMPLES["scenario-b-bet"][1]
_EXAMPLES = {name: _SAMPLE[name] for name in (*_KEY, "user_bonus_id")} | {"seq": 1}
_LIMIT = _parameter("limit", "The size of a page.", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100})
_SEQ: Schema = {"type": "integer", "minimum": 0, "exclusiveMaximum": 10**18}
_IN_PATH = {
    name: {"name": name, "in": "path", "required": True, "description": description, "schema": schema} | _example(name)
    for name, description, schema in (
        ("seq", "The position in the journal.", _SEQ),
        ("run", "The name of the run.", _TEXT),
        *((name, *_FILTERS[name]) for name in (*_KEY, "user_bonus_id")),
    )
}
_ENDS = {
    400: "BadRequest",
    401: "Unauthorised",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Ambiguous",
    503: "Unavailable",
}
_BAD = ("unknown-filter", "unknown-value", "repeated-filter", "bad-limit", "bad-cursor", "bad-instant", "bad-seq")


def _responses() -> dict[str, Any]:
    return {
        "BadRequest": answer(
            "A parameter that is not known here, comes twice, or has a value that it cannot have; the code bad-request "
            "answers bytes that are no HTTP request.",
            error(400, *_BAD, "bad-request"),
        ),
        "Unauthorised": answer("The server has a token and the request does not carry it.", error(401, "unauthorised")),
        "NotFound": answer("There is no such thing.", error(404, "not-found")),
        "MethodNotAllowed": {
            **answer("The answer to any other method.", error(405, "method-not-allowed")),
            "headers": {"Allow": {"required": True, "schema": _one_of("GET, HEAD", "HEAD, GET", "POST")}},
        },
        "Ambiguous": answer("Several have this key: the message lists them.", error(409, "ambiguous")),
        "Unavailable": answer(
            "The journal cannot be read or written; or the server starts or stops.",
            error(503, "journal-unavailable", "not-ready"),
        ),
    }
