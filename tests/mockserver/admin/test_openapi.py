"""admin.openapi.json against the app: its routes, what their queries take, and everything that they answer."""

import re
from collections.abc import Iterator
from typing import Any, get_args
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from ftcrm.contracts.families import CASES
from ftcrm.contracts.families.sending import steps_of
from ftcrm.contracts.specs import admin_openapi
from ftcrm.contracts.specs.shapes import DISPOSITIONS
from ftcrm.mockserver.journal import Disposition

DOCUMENT = admin_openapi()
OPERATIONS = [
    (path, method, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method in ("get", "post")
]
READS = [(path, operation) for path, method, operation in OPERATIONS if method == "get"]
LISTS = [path for path, operation in READS if operation["operationId"].startswith("list") and "rules" not in path]


def closed(schema: Any, *, is_part: bool = False) -> Any:
    """The schema without any property that it does not name; a part of an allOf is closed by the whole."""
    if isinstance(schema, list):
        return [closed(inner, is_part=is_part) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return {"$ref": f"#/components/{'schemas' if is_part else 'closed'}/{name}"}
    found = {}
    for key, value in schema.items():
        if key == "properties":
            found[key] = {name: closed(inner) for name, inner in value.items()}
        else:
            found[key] = closed(value, is_part=key == "allOf") if key in ("allOf", "anyOf", "items") else value
    if isinstance(schema.get("additionalProperties"), dict):
        found["additionalProperties"] = closed(schema["additionalProperties"])
    is_whole = not is_part and ("allOf" in schema or ("properties" in schema and schema.get("type") == "object"))
    return found | {"unevaluatedProperties": False} if is_whole else found


SCHEMAS = DOCUMENT["components"]["schemas"]
COMPONENTS = {
    "schemas": {name: closed(schema, is_part=True) for name, schema in SCHEMAS.items()},
    "closed": {name: closed(schema) for name, schema in SCHEMAS.items()},
}


def validator(operation: dict[str, Any], status: int) -> Draft202012Validator:
    found = operation["responses"][str(status)]
    if "$ref" in found:
        found = DOCUMENT["components"]["responses"][found["$ref"].rpartition("/")[2]]
    schema = closed(found["content"]["application/json"]["schema"])
    return Draft202012Validator({**schema, "components": COMPONENTS})


def filled(path: str, **values: Any) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: quote(str(values[found[1]]), safe=""), path)


def parameters(path: str, operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for parameter in (*DOCUMENT["paths"][path].get("parameters", ()), *operation.get("parameters", ())):
        name = parameter.get("$ref", "").rpartition("/")[2]
        yield DOCUMENT["components"]["parameters"][name] if name else parameter


def query_of(path: str) -> dict[str, dict[str, Any]]:
    operation = DOCUMENT["paths"][path]["get"]
    return {found["name"]: found for found in parameters(path, operation) if found["in"] == "query"}


def test_it_has_the_routes_of_the_app_and_no_other(stand: Any) -> None:
    routes = [(route.path_regex, route) for route in stand.make().admin._application.routes]
    found = []
    for path, method, _ in OPERATIONS:
        way = filled(path, **dict.fromkeys(("seq", "origin", "user_id", "round_id", "user_bonus_id", "run"), "1"))
        route = next(route for regex, route in routes if regex.match(way))
        assert method.upper() in route.methods
        found.append(route)
    assert {route.path for route in found} == {route.path for _, route in routes}


@pytest.mark.parametrize(("path", "operation"), READS, ids=[path for path, _ in READS])
def test_a_query_takes_these_parameters_and_no_other(stand: Any, path: str, operation: dict[str, Any]) -> None:
    way = filled(path, seq=1, origin="a", user_id="b", round_id="c", user_bonus_id="d").removeprefix("/_ftcrm/")
    status, code, message = stand.make().error(f"{way}?colour=red")
    assert (status, code) == (400, "unknown-filter")
    taken = message.removeprefix("colour: expected one of the parameters ").split(", ")
    assert sorted(query_of(path)) == ([] if taken == ["none"] else taken)


@pytest.mark.parametrize(("path", "operation"), READS, ids=[path for path, _ in READS])
def test_a_parameter_has_the_values_of_the_document(stand: Any, path: str, operation: dict[str, Any]) -> None:
    way = filled(path, seq=1, origin="a", user_id="b", round_id="c", user_bonus_id="d").removeprefix("/_ftcrm/")
    desk = stand.make()
    for name, parameter in query_of(path).items():
        response = desk.ask("GET", f"/_ftcrm/{way}", params={name: "\u00fc"})
        if "enum" in parameter["schema"]:
            _, code, message = stand.error_of(response)
            assert (code, message.split(", got ")[0]) == (
                "unknown-value",
                f"{name}: expected one of {', '.join(parameter['schema']['enum'])}",
            )
        elif name in ("limit", "cursor", "as_of"):
            assert stand.error_of(response)[0] == 400
        else:
            assert response.status_code in (200, 404)


@pytest.mark.parametrize("path", LISTS)
def test_limit_and_cursor_are_as_the_document_says(stand: Any, path: str) -> None:
    desk, query = stand.make(), query_of(path)
    limit, cursor = query["limit"]["schema"], Draft202012Validator(query["cursor"]["schema"])
    for value in (limit["minimum"], limit["maximum"], limit["minimum"] - 1, limit["maximum"] + 1):
        answered = desk.ask("GET", path, params={"limit": value}).status_code
        assert (answered == 200) is Draft202012Validator(limit).is_valid(value)
    digits = "9" * 18
    for text in ("1", "1.1", "1.1.1", "1.1.1.1", "1.1.1.1.1", "", ".", "1.", "-1", "1\n", digits, f"1.{digits}0"):
        answered = desk.ask("GET", path, params={"cursor": text}).status_code
        assert (answered == 200) is cursor.is_valid(text)


def test_the_dispositions_are_those_of_the_journal() -> None:
    assert get_args(Disposition) == DISPOSITIONS


@pytest.fixture
def desk(stand: Any) -> Any:
    """Every case of the families in a run of its own, and deliveries of all other kinds."""
    desk = stand.make()
    for number, case in enumerate(CASES):
        run = f"case-{number}"
        for step in steps_of(case):
            if step.message is not None:
                desk.put(stand.delivery(step.message.raw, step.message.type_property, run=run))
    desk.put(stand.delivery(b"\xff"), stand.delivery(b"["), stand.delivery({}, "LOGIN_V2"), stand.delivery({}, None))
    desk.put(stand.delivery(b"{", size=2_000_000, disposition="refused", transport={"truncated": True}))
    desk.put(stand.delivery(transaction="t"), stand.delivery(amount="x"))
    desk.put(stand.delivery(stand.bonus(required_wagering_amount=350), "BONUS"))
    desk.errors.add("rest", "expected it", b"\xff")
    desk.errors.add("kafka", "expected it", b"GET / HTTP/1.1")
    return desk


def test_every_answer_is_as_the_document_says_and_says_no_more(desk: Any, stand: Any) -> None:
    shown = {}
    for path, operation in READS:
        if "{" in path or path.endswith("history"):
            continue
        answer = desk.get(path.removeprefix("/_ftcrm/"), **({"limit": 1000} if path in LISTS else {}))
        assert [error.message for error in validator(operation, 200).iter_errors(answer)] == [], path
        shown[path] = answer
    assert all(shown[path][path.rpartition("/")[2]] for path in LISTS)
    for path, source, names in (
        ("/_ftcrm/events/{seq}", "events", ("seq",)),
        ("/_ftcrm/rounds/{origin}/{user_id}/{round_id}", "rounds", ("origin", "user_id", "round_id")),
        ("/_ftcrm/players/{origin}/{user_id}", "players", ("origin", "user_id")),
        ("/_ftcrm/bonuses/{user_bonus_id}", "bonuses", ("user_bonus_id",)),
    ):
        check = validator(DOCUMENT["paths"][path]["get"], 200)
        for value in desk.get(source, limit=40)[source]:
            more = {"run": value["run"]} if source != "events" else {}
            answer = desk.get(filled(path, **{name: value[name] for name in names}).removeprefix("/_ftcrm/"), **more)
            assert [error.message for error in check.iter_errors(answer)] == []


def test_a_mark_is_answered_as_the_document_says(desk: Any) -> None:
    for verb in ("close", "reset"):
        path = f"/_ftcrm/runs/{{run}}/{verb}"
        answer = desk.ask("POST", filled(path, run="default"))
        assert answer.status_code == 200
        check = validator(DOCUMENT["paths"][path]["post"], 200)
        assert [error.message for error in check.iter_errors(answer.json())] == []


def test_an_answer_of_another_shape_would_be_found(desk: Any) -> None:
    check = validator(DOCUMENT["paths"]["/_ftcrm/rounds"]["get"], 200)
    answer = desk.get("rounds")
    assert check.is_valid(answer)
    value = answer["rounds"][0]
    for wrong in (value | {"more": 1}, value | {"bet": 20}, {key: value[key] for key in value if key != "seqs"}):
        assert not check.is_valid(answer | {"rounds": [wrong]})


ERRORS = [
    (400, "get", "summary?colour=red"),
    (400, "get", "events?verdict=fine"),
    (400, "get", "events?run=a&run=a"),
    (400, "get", "rounds?limit=0"),
    (400, "get", "rounds?cursor=1"),
    (400, "get", "players?as_of=soon"),
    (400, "get", "events/one"),
    (404, "get", "events/999"),
    (404, "get", "rounds/a/b/c"),
    (404, "get", "players/a/b"),
    (404, "get", "bonuses/none"),
    (404, "post", "runs/none/close"),
    (405, "post", "summary"),
    (405, "get", "runs/default/close"),
    (409, "get", "players/sub.example.com/52530"),
]


@pytest.mark.parametrize(("status", "method", "way"), ERRORS)
def test_an_error_is_as_the_document_says(desk: Any, status: int, method: str, way: str) -> None:
    answer = desk.ask(method, f"/_ftcrm/{way}")
    assert answer.status_code == status
    check_error(way.partition("?")[0], answer, status)


def check_error(way: str, answer: Any, status: int) -> None:
    pattern = {path: re.sub(r"\{\w+\}", "[^/]+", path) for path, _, _ in OPERATIONS}
    path = next(path for path, shape in pattern.items() if re.fullmatch(shape, f"/_ftcrm/{way}"))
    (operation,) = (operation for each, _, operation in OPERATIONS if each == path)
    assert [error.message for error in validator(operation, status).iter_errors(answer.json())] == []
    named = DOCUMENT["components"]["responses"][operation["responses"][str(status)]["$ref"].rpartition("/")[2]]
    for name, said in named.get("headers", {}).items():
        assert answer.headers[name] in said["schema"]["enum"]


@pytest.mark.parametrize(("path", "operation"), READS, ids=[path for path, _ in READS])
def test_without_the_token_an_operation_is_open_or_a_401(stand: Any, path: str, operation: dict[str, Any]) -> None:
    way = filled(path, seq=1, origin="a", user_id="b", round_id="c", user_bonus_id="d")
    answer = stand.make(admin_token="secret").ask("GET", way)  # noqa: S106 - a test's
    if operation.get("security") == []:
        assert answer.status_code == 200
    else:
        check_error(way.removeprefix("/_ftcrm/"), answer, 401)


def test_a_server_that_is_not_ready_is_a_503_of_the_document(stand: Any) -> None:
    desk = stand.make()
    desk.ready = False
    check_error("ready", desk.ask("GET", "/_ftcrm/ready"), 503)


LINKS = {
    operation["operationId"]: operation["responses"]["200"]["links"]
    for _, _, operation in OPERATIONS
    if "links" in operation["responses"]["200"]
}


@pytest.mark.parametrize("name", LINKS)
def test_a_link_leads_to_what_there_is(stand: Any, name: str) -> None:
    desk, by_name = stand.make(), {operation["operationId"]: (path, operation) for path, _, operation in OPERATIONS}
    desk.put(stand.delivery(user_bonus_id="863512"), stand.delivery(activity_id="a2", type="Win", amount=10**12))
    desk.put(stand.delivery(type="Bet", activity_id="a3", status="Rollback"), stand.delivery(stand.bonus(), "BONUS"))
    values = {"seq": 1, "run": "default", "origin": "sub.example.com", "user_id": "52530", "round_id": "r1"}
    answer = desk.ask("GET", filled(by_name[name][0], **values, user_bonus_id="863512")).json()
    for link in LINKS[name].values():
        path, operation = by_name[link["operationId"]]
        found = {
            parameter: value_at(answer, pointer.removeprefix("$response.body#"))
            for parameter, pointer in link["parameters"].items()
        }
        named = {parameter["name"]: parameter["in"] for parameter in parameters(path, operation)}
        query = {parameter: value for parameter, value in found.items() if named[parameter] == "query"}
        linked = desk.ask("GET", filled(path, **found), params=query)
        assert linked.status_code == 200
        assert path not in LISTS or linked.json()[path.rpartition("/")[2]]


def value_at(document: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document
