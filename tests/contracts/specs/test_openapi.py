"""The OpenAPI document: valid, whole, and with examples that are events."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from ftcrm.contracts import Verdict, judge
from ftcrm.contracts.messages import Message
from ftcrm.contracts.specs import admin_openapi, casino_schema, openapi
from ftcrm.mockserver.listeners.rest import _ROUTE

DOCUMENT = openapi()
DOCUMENTS = [DOCUMENT, admin_openapi()]
EXAMPLES = Path(__file__).parents[3] / "examples"


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def resolve(document: Any, reference: str) -> Any:
    for part in reference.removeprefix("#/").split("/"):
        document = document[part.replace("~1", "/").replace("~0", "~")]
    return document


@pytest.mark.parametrize("document", DOCUMENTS, ids=["ingress", "admin"])
def test_a_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    broken = deepcopy(document)
    next(operation for item in broken["paths"].values() for operation in item.values())["responses"] = []
    assert list(OpenAPIV31SpecValidator(broken).iter_errors())


@pytest.mark.parametrize("document", DOCUMENTS, ids=["ingress", "admin"])
def test_every_reference_is_local_and_resolves(document: dict[str, Any]) -> None:
    found = set(references(document))
    assert all(resolve(document, reference) for reference in found)
    components = {
        f"#/components/{kind}/{name}"
        for kind, entries in document["components"].items()
        for name in entries
        if kind != "securitySchemes"
    }
    assert found == components


def test_the_paths_are_those_that_the_connector_takes() -> None:
    for path, item in DOCUMENT["paths"].items():
        route = _ROUTE.fullmatch(path.replace("{run}", "night"))
        assert route is not None
        assert (route["run"] is None) is ("{run}" not in path)
        assert item["post"]["requestBody"]["$ref"].endswith(route["event"].title())
        assert ("404" in item["post"]["responses"]) is ("{run}" in path)
    assert len(DOCUMENT["paths"]) == 4
    operations = [item["post"]["operationId"] for item in DOCUMENT["paths"].values()]
    assert len(set(operations)) == len(operations)


@pytest.mark.parametrize(
    ("run", "fits"), [("a", True), ("x" * 200, True), ("x" * 201, False), ("", False), ("a/b", False)]
)
def test_a_run_is_named_as_the_connector_reads_it(run: str, fits: bool) -> None:
    schema = DOCUMENT["components"]["parameters"]["run"]["schema"]
    assert Draft202012Validator(schema).is_valid(run) is fits
    assert bool(_ROUTE.fullmatch(f"/runs/{run}/v1/integration/bonus")) is fits


def test_the_examples_are_those_of_the_examples_folder() -> None:
    lines = [
        json.loads(line)
        for name in ("scenario-a.jsonl", "scenario-b.jsonl")
        for line in (EXAMPLES / name).read_text(encoding="utf-8").splitlines()
    ]
    shown = [example["value"] for example in DOCUMENT["components"]["examples"].values()]
    assert len(shown) == len(lines)
    assert all(line in shown for line in lines)


@pytest.mark.parametrize("event", ["Casino", "Bonus"])
def test_the_examples_are_clean_events_of_their_body(event: str) -> None:
    media_type = DOCUMENT["components"]["requestBodies"][event]["content"]["application/json"]
    schema = resolve(DOCUMENT, media_type["schema"]["$ref"])
    for reference in references(media_type["examples"]):
        value = resolve(DOCUMENT, reference)["value"]
        assert Draft202012Validator(schema).is_valid(value)
        judged = judge(Message("rest", json.dumps(value).encode(), event.upper()))
        assert judged.verdict is Verdict.OK


def test_the_schemas_within_are_those_that_stand_alone() -> None:
    alone = casino_schema(extra_currencies={"BTC"})
    within = openapi(extra_currencies={"BTC"})["components"]["schemas"]["Casino"]
    assert alone["properties"]["timestamp"].pop("format") == "date-time"
    assert within == {key: value for key, value in alone.items() if not re.fullmatch(r"\$(id|schema)", key)}
    assert "BTC" in within["properties"]["currency"]["enum"]


def test_the_key_is_optional() -> None:
    assert DOCUMENT["security"] == [{"apiKey": []}, {}]
    assert DOCUMENT["components"]["securitySchemes"]["apiKey"]["name"] == "X-Api-Key"
