"""OpenAPI 3.1 of the ingress: what a sender posts, and every answer of the stand-in."""

from collections.abc import Mapping, Set
from typing import Any

from ftcrm.contracts.specs.answers import ANSWERS, answer_schemas, responses
from ftcrm.contracts.specs.samples import BONUS_SAMPLES, CASINO_SAMPLES, Sample
from ftcrm.contracts.specs.schemas import bonus_schema, casino_schema, embedded

__all__ = ["VERSION", "openapi"]

VERSION = "1"
"""The version of the feed, as its paths have it: /v1/. The published contract bears no version of its own."""

_CASINO_SOURCE = "casino-events.txt: 'POST /v1/integration/casino'."
_BONUS_SOURCE = "The vendor's own pages: POST /v1/integration/bonus; the published contract does not name the path."
_RUN_SOURCE = "The stand-in's own: the same events, recorded in a run of their own. FT CRM has no such path."


def openapi(*, extra_currencies: Set[str] = frozenset()) -> dict[str, Any]:
    """The document; `extra_currencies` are codes beyond ISO 4217, as in the setting `currencies.extra`."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "FT CRM real-time events: the REST ingress",
            "version": VERSION,
            "description": "Events as FT CRM's published contract has them, and the answers of ftcrm-mock, its "
            "stand-in. Of FT CRM itself it is known that 200 means success and that a sender retries until it gets "
            "one; its bodies and error codes are unknown. Each operation and schema says where it is from.",
        },
        "servers": [
            {"url": "/", "description": "The server that serves this document."},
            {
                "url": "http://{address}",
                "description": "Any other; where FT CRM listens is unknown.",
                "variables": {"address": {"default": "127.0.0.1:8080", "description": "`ftcrm serve --rest`"}},
            },
        ],
        "security": [{"apiKey": []}, {}],
        "paths": {
            "/v1/integration/casino": {"post": _operation("Casino", _CASINO_SOURCE)},
            "/v1/integration/bonus": {"post": _operation("Bonus", _BONUS_SOURCE)},
            "/runs/{run}/v1/integration/casino": _path_of_a_run("Casino"),
            "/runs/{run}/v1/integration/bonus": _path_of_a_run("Bonus"),
        },
        "components": {
            "schemas": {
                "Casino": embedded(casino_schema(extra_currencies=extra_currencies)),
                "Bonus": embedded(bonus_schema()),
                **answer_schemas(),
            },
            "requestBodies": {"Casino": _body("Casino", CASINO_SAMPLES), "Bonus": _body("Bonus", BONUS_SAMPLES)},
            "responses": responses(),
            "parameters": {"run": _RUN},
            "examples": {
                name: {"summary": summary, "value": value}
                for name, (summary, value) in (CASINO_SAMPLES | BONUS_SAMPLES).items()
            },
            "securitySchemes": {
                "apiKey": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-Api-Key",
                    "description": "Wanted when the server has a key (--api-key). The header's name is the vendor's: "
                    "partners' code sends it; the published contract does not speak of it.",
                }
            },
        },
    }


_RUN = {
    "name": "run",
    "in": "path",
    "required": True,
    "description": "The name of the run; it comes into being with its first event.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[^/]+$"},
}


def _operation(event: str, source: str, *, of_a_run: bool = False) -> dict[str, Any]:
    statuses = [status for status in ANSWERS if of_a_run or status != 404]
    return {
        "operationId": f"send{event}{'ToRun' if of_a_run else ''}",
        "summary": f"Send one {event.lower()} event",
        "description": source,
        "requestBody": {"$ref": f"#/components/requestBodies/{event}"},
        "responses": {str(status): {"$ref": f"#/components/responses/{ANSWERS[status]}"} for status in statuses},
    }


def _path_of_a_run(event: str) -> dict[str, Any]:
    return {
        "parameters": [{"$ref": "#/components/parameters/run"}],
        "post": _operation(event, _RUN_SOURCE, of_a_run=True),
    }


def _body(event: str, samples: Mapping[str, Sample]) -> dict[str, Any]:
    return {
        "required": True,
        "description": "One event. The path says its type; the stand-in takes the content types text/json and +json, "
        "and none at all, for application/json.",
        "content": {
            "application/json": {
                "schema": {"$ref": f"#/components/schemas/{event}"},
                "examples": {name: {"$ref": f"#/components/examples/{name}"} for name in samples},
            }
        },
    }
