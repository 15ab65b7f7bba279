"""The AsyncAPI document: valid, whole, and true of where the message type travels."""

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from ftcrm.contracts import Verdict, judge
from ftcrm.contracts.messages import CHECKED_TYPES, Message
from ftcrm.contracts.specs import asyncapi

DOCUMENT = asyncapi()
META = Draft7Validator(json.loads((Path(__file__).parent / "asyncapi-3.0.0.schema.json").read_text(encoding="utf-8")))


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def resolve(reference: str) -> Any:
    found: Any = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def messages(channel: str) -> Iterator[dict[str, Any]]:
    for reference in references(DOCUMENT["channels"][channel]["messages"]):
        yield resolve(reference)


def test_the_document_is_asyncapi_3_0() -> None:
    assert [error.message for error in META.iter_errors(DOCUMENT)] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document.pop("info"),
        lambda document: document["channels"]["rabbitmq"]["bindings"]["amqp"].pop("exchange"),
        lambda document: document["components"]["messages"]["casinoOverRabbitMq"]["bindings"]["amqp"].update(type="x"),
        lambda document: document["components"]["messages"]["casinoOverKafka"]["bindings"]["kafka"].update(topic="x"),
        lambda document: document["operations"]["receiveCasinoFromKafka"].update(action="publish"),
        lambda document: document["components"]["schemas"]["casino"].update(type="thing"),
    ],
)
def test_the_meta_schema_would_find_a_fault(spoil: Callable[[Any], object]) -> None:
    document = deepcopy(DOCUMENT)
    spoil(document)
    assert not META.is_valid(document)


def test_every_reference_is_local_and_resolves() -> None:
    found = set(references(DOCUMENT))
    assert all(resolve(reference) for reference in found)
    components = {f"#/components/{kind}/{name}" for kind, entries in DOCUMENT["components"].items() for name in entries}
    assert components <= found


def test_what_is_unknown_is_a_parameter() -> None:
    for holder, text, declared in (
        *((channel, channel["address"], channel["parameters"]) for channel in DOCUMENT["channels"].values()),
        *(
            (server, server["host"] + server.get("pathname", ""), server["variables"])
            for server in DOCUMENT["servers"].values()
        ),
    ):
        assert set(re.findall(r"{(\w+)}", text)) == set(declared), holder
    assert DOCUMENT["channels"]["rabbitmq"]["bindings"]["amqp"]["exchange"] == {}


def test_each_operation_takes_its_event_from_its_channel() -> None:
    taken = {
        (operation["channel"]["$ref"], resolve(resolve(operation["messages"][0]["$ref"])["$ref"])["name"])
        for operation in DOCUMENT["operations"].values()
    }
    assert taken == {(f"#/channels/{channel}", name) for channel in ("rabbitmq", "kafka") for name in CHECKED_TYPES}


def test_rabbitmq_carries_the_type_as_a_message_property() -> None:
    for message in messages("rabbitmq"):
        name = message["bindings"]["amqp"]["messageType"]
        assert "headers" not in message
        for example in message["examples"]:
            raw = json.dumps(example["payload"]).encode()
            assert judge(Message("rabbitmq", raw, name)).verdict is Verdict.OK
            assert judge(Message("rabbitmq", raw, headers=(("type", name),))).verdict is Verdict.VIOLATION


def test_kafka_carries_the_type_as_a_header() -> None:
    for message in messages("kafka"):
        headers = Draft7Validator(message["headers"])
        for example in message["examples"]:
            raw = json.dumps(example["payload"]).encode()
            assert judge(Message("kafka", raw, headers=tuple(example["headers"].items()))).verdict is Verdict.OK
            assert headers.is_valid(example["headers"])
        assert not headers.is_valid({})
        assert not headers.is_valid({"type": "PAYMENT"})
        assert headers.is_valid({"type": message["name"], "trace": "x"})


def test_the_payloads_are_the_schemas_of_the_events() -> None:
    for channel in DOCUMENT["channels"]:
        for message in messages(channel):
            assert message["payload"]["$ref"] == f"#/components/schemas/{message['name'].lower()}"
            schema = Draft7Validator(resolve(message["payload"]["$ref"]))
            assert all(schema.is_valid(example["payload"]) for example in message["examples"])


def test_currencies_of_the_settings_are_in_it() -> None:
    shown = asyncapi(extra_currencies={"BTC"})["components"]["schemas"]["casino"]
    assert "BTC" in shown["properties"]["currency"]["enum"]
