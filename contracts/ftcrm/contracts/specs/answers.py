"""What the REST connector answers, as OpenAPI components: schemas, responses and examples."""

import json
from typing import Any

from msgspec.structs import replace

from ftcrm.contracts.findings import Finding, Verdict
from ftcrm.contracts.judge import judge
from ftcrm.contracts.messages import Message
from ftcrm.contracts.specs.notation import SEQ, answer, array, error, header, models_of, record, reference
from ftcrm.contracts.specs.samples import CASINO_SAMPLES
from ftcrm.contracts.views import findings_view

__all__ = ["ANSWERS", "answer_schemas", "responses"]

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
    models = models_of(Finding, Verdict)
    finding = models["Finding"]
    (shown,) = _refusal()["error"]["findings"]
    known = finding["properties"] | _BESIDE_THE_MODEL
    # An answer shows every field of a finding, defaults included.
    finding["properties"] = {
        name: {key: value for key, value in known[name].items() if key != "default"} for name in shown
    }
    finding["required"] = list(shown)
    return {
        "Accepted": record(seq=SEQ, verdict=_VERDICT, findings=_FINDINGS),
        "Error": record(
            error=record(
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
        "Accepted": answer(
            "The event is recorded. Findings of less than documented confidence refuse nothing; with --accept-invalid "
            "the verdicts violation and unreadable come with 200, too.",
            reference("Accepted"),
            {"clean": {"summary": "Nothing was found", "value": {"seq": 1, "verdict": "ok", "findings": []}}},
        ),
        "Refused": answer(
            "The event breaks a documented rule and is not accepted: every finding, and where it is recorded. "
            "The code bad-request, without seq and verdict, answers bytes that are no HTTP request.",
            error(400, "event-violation", "event-unreadable", "bad-request", seq=SEQ, verdict=_VERDICT),
            {"value-not-accepted": {"summary": "A status that is not accepted", "value": _refusal()}},
        ),
        "Unauthorised": answer(
            "The server has an API key and the request does not carry it.", error(401, "unauthorised")
        ),
        "NotFound": answer(
            "The name of the run is empty, longer than 200 characters, or holds a slash.", error(404, "not-found")
        ),
        "MethodNotAllowed": {
            **answer("The answer to any method but POST.", error(405, "method-not-allowed")),
            "headers": {"Allow": header("POST")},
        },
        "TooLarge": answer(
            "The body is over the server's limit (--max-body): its beginning, length and SHA-256 are recorded.",
            error(413, "body-too-large", always=True, seq=SEQ, verdict=_VERDICT),
        ),
        "UnsupportedMediaType": {
            **answer(
                "The content type is not JSON's, or the body has a Content-Encoding; the event is recorded as refused.",
                error(415, "unsupported-media-type", always=True, seq=SEQ),
            ),
            "headers": {"Accept": header("application/json"), "Accept-Encoding": header("identity")},
        },
        "JournalUnavailable": answer(
            "The journal cannot be written: nothing was recorded, send it again.", error(503, "journal-unavailable")
        ),
    }


_VERDICT = reference("Verdict")
_BESIDE_THE_MODEL = {"quote": {"type": "string", "description": "The words of the clause, a line each."}}
_FINDINGS = array(reference("Finding"))


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
