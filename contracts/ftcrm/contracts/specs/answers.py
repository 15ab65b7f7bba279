"""What the REST connector answers, as OpenAPI components: schemas, responses and examples."""

import json
from inspect import cleandoc
from typing import Any

import msgspec
from msgspec.structs import replace

from ftcrm.contracts.findings import Finding, Verdict
from ftcrm.contracts.judge import judge
from ftcrm.contracts.messages import Message
from ftcrm.contracts.specs.samples import CASINO_SAMPLES
from ftcrm.contracts.views import findings_view

__all__ = ["ANSWERS", "answer_schemas", "responses"]

_REFERENCE = "#/components/schemas/{name}"

ANSWERS: dict[int, str] = {
    200: "Accepted",
    400: "Refused",
    401: "Unauthorised",
    404: "NotFound",
    405: "MethodNotAllowed",
    413: "TooLarge",
    415: "UnsupportedMediaType",
    503: "JournalUnavailable",
}
"""The response component of each status."""


def answer_schemas() -> dict[str, Any]:
    """The schemas of the answers; Finding, Confidence and Verdict are those of the models."""
    _, models = msgspec.json.schema_components([Finding, Verdict], ref_template=_REFERENCE)
    for model in models.values():
        # Python 3.13 takes the indentation out of docstrings, and before that nobody does.
        model["description"] = cleandoc(model["description"])
    finding = models["Finding"]
    (shown,) = _refusal()["error"]["findings"]
    known = finding["properties"] | _BESIDE_THE_MODEL
    # An answer shows every field of a finding, defaults included.
    finding["properties"] = {
        name: {key: value for key, value in known[name].items() if key != "default"} for name in shown
    }
    finding["required"] = list(shown)
    return {
        "Accepted": _object(seq=_SEQ, verdict=_VERDICT, findings=_FINDINGS),
        "Error": _object(
            error=_object(
                status={"type": "integer", "description": "The HTTP status again."},
                code={"type": "string", "description": "What went wrong, for programs."},
                message={"type": "string", "description": "What was expected and what came, for people."},
                findings=_FINDINGS,
            )
        ),
        **{name: models[name] for name in ("Finding", "Confidence", "Verdict")},
    }


def responses() -> dict[str, Any]:
    """The answers by their component names: the stand-in's; of FT CRM itself only the 200 is known."""
    return {
        "Accepted": _answer(
            "The event is recorded. Findings of less than documented confidence refuse nothing; with --accept-invalid "
            "the verdicts violation and unreadable come with 200, too.",
            {"$ref": _REFERENCE.format(name="Accepted")},
            {"clean": {"summary": "Nothing was found", "value": {"seq": 1, "verdict": "ok", "findings": []}}},
        ),
        "Refused": _answer(
            "The event breaks a documented rule and is not accepted: every finding, and where it is recorded. "
            "The code bad-request, without seq and verdict, answers bytes that are no HTTP request.",
            _error(400, "event-violation", "event-unreadable", "bad-request", seq=_SEQ, verdict=_VERDICT),
            {"value-not-accepted": {"summary": "A status that is not accepted", "value": _refusal()}},
        ),
        "Unauthorised": _answer(
            "The server has an API key and the request does not carry it.", _error(401, "unauthorised")
        ),
        "NotFound": _answer(
            "The name of the run is empty, longer than 200 characters, or holds a slash.", _error(404, "not-found")
        ),
        "MethodNotAllowed": {
            **_answer("The answer to any method but POST.", _error(405, "method-not-allowed")),
            "headers": {"Allow": _header("POST")},
        },
        "TooLarge": _answer(
            "The body is over the server's limit (--max-body): its beginning, length and SHA-256 are recorded.",
            _error(413, "body-too-large", always=True, seq=_SEQ, verdict=_VERDICT),
        ),
        "UnsupportedMediaType": {
            **_answer(
                "The content type is not JSON's, or the body has a Content-Encoding; the event is recorded as refused.",
                _error(415, "unsupported-media-type", always=True, seq=_SEQ),
            ),
            "headers": {"Accept": _header("application/json"), "Accept-Encoding": _header("identity")},
        },
        "JournalUnavailable": _answer(
            "The journal cannot be written: nothing was recorded, send it again.", _error(503, "journal-unavailable")
        ),
    }


_SEQ = {"type": "integer", "minimum": 1, "description": "The position in the journal: /_ftcrm/events/{seq}."}
_VERDICT = {"$ref": _REFERENCE.format(name="Verdict")}
_BESIDE_THE_MODEL = {"quote": {"type": "string", "description": "The words of the clause, a line each."}}
_FINDINGS = {"type": "array", "items": {"$ref": _REFERENCE.format(name="Finding")}}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _error(status: int, *codes: str, always: bool = False, **more: Any) -> dict[str, Any]:
    """The one shape of errors, with this status and these codes, and with what `more` there is (`always` or not)."""
    code = {"const": codes[0]} if len(codes) == 1 else {"enum": list(codes)}
    narrowed: dict[str, Any] = {"properties": {"status": {"const": status}, "code": code, **more}}
    if always:
        narrowed["required"] = list(more)
    return {"allOf": [{"$ref": _REFERENCE.format(name="Error")}, {"properties": {"error": narrowed}}]}


def _answer(description: str, schema: dict[str, Any], examples: dict[str, Any] | None = None) -> dict[str, Any]:
    media_type: dict[str, Any] = {"schema": schema}
    if examples:
        media_type["examples"] = examples
    return {"description": description, "content": {"application/json": media_type}}


def _header(value: str) -> dict[str, Any]:
    return {"required": True, "schema": {"type": "string", "const": value}}


def _refusal() -> dict[str, Any]:
    """The answer to Scenario A's Bet with the status Refund, as the server gives it."""
    _, bet = CASINO_SAMPLES["scenario-a-bet"]
    judgement = judge(Message("rest", json.dumps(bet | {"status": "Refund"}).encode(), "CASINO"))
    return {
        "error": {
            "status": 400,
            "code": f"event-{judgement.verdict}",
            "message": "the event breaks the contract: 1 finding",
            "findings": findings_view(replace(finding, witness=(1,)) for finding in judgement.findings),
            "seq": 1,
            "verdict": str(judgement.verdict),
        }
    }
