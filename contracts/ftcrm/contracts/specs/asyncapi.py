"""AsyncAPI 3.0 of both brokers: where the message type goes, and what the payload is.

What no source says (exchange, routing key, topic, key, credentials) is a parameter or open, never invented.
"""

from collections.abc import Mapping, Set
from typing import Any

from ftcrm.contracts.clauses import clause
from ftcrm.contracts.specs.openapi import VERSION
from ftcrm.contracts.specs.samples import BONUS_SAMPLES, CASINO_SAMPLES, Sample
from ftcrm.contracts.specs.schemas import bonus_schema, casino_schema, embedded

__all__ = ["asyncapi"]

_EVENTS: dict[str, Mapping[str, Sample]] = {"casino": CASINO_SAMPLES, "bonus": BONUS_SAMPLES}
_AMQP, _KAFKA = {"bindingVersion": "0.3.0"}, {"bindingVersion": "0.5.0"}
_NAMES = {"rabbitmq": "RabbitMq", "kafka": "Kafka"}


def asyncapi(*, extra_currencies: Set[str] = frozenset()) -> dict[str, Any]:
    """The document; `extra_currencies` are codes beyond ISO 4217, as in the setting `currencies.extra`."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "FT CRM real-time events: the brokers",
            "version": VERSION,
            "description": "What FT CRM receives through its RabbitMQ and its Kafka connector, after its published "
            "contract. The described application is FT CRM, or ftcrm-mock in its stead; senders do the opposite of its "
            "operations. Other message types travel on the same feed (the vendor names LOGIN_V2, PAYMENT and more) and "
            "have no contract here.",
        },
        "defaultContentType": "application/json",
        "servers": {"rabbitmq": _rabbitmq_server(), "kafka": _kafka_server()},
        "channels": {"rabbitmq": _rabbitmq_channel(), "kafka": _kafka_channel()},
        "operations": {
            f"receive{event.title()}From{name}": {
                "action": "receive",
                "channel": {"$ref": f"#/channels/{channel}"},
                "messages": [{"$ref": f"#/channels/{channel}/messages/{event}"}],
            }
            for channel, name in _NAMES.items()
            for event in _EVENTS
        },
        "components": {
            "messages": {
                **{f"{event}OverRabbitMq": _rabbitmq_message(event) for event in _EVENTS},
                **{f"{event}OverKafka": _kafka_message(event) for event in _EVENTS},
            },
            "schemas": {
                "casino": embedded(casino_schema(extra_currencies=extra_currencies)),
                "bonus": embedded(bonus_schema()),
            },
        },
    }


def _rabbitmq_server() -> dict[str, Any]:
    return {
        "host": "{address}",
        "pathname": "/{vhost}",
        "protocol": "amqp",
        "protocolVersion": "0.9.1",
        "description": "Where FT CRM's broker is, its virtual host and its credentials are unknown.",
        "variables": {
            "address": {"default": "127.0.0.1:5672", "description": "HOST:PORT; `ftcrm serve --amqp`."},
            "vhost": {
                "default": "%2F",
                "description": "The virtual host, percent-encoded. The stand-in takes its name for that of the run.",
            },
        },
    }


def _kafka_server() -> dict[str, Any]:
    return {
        "host": "{address}",
        "protocol": "kafka",
        "description": "Where FT CRM's brokers are and how they authenticate is unknown.",
        "variables": {"address": {"default": "127.0.0.1:9092", "description": "HOST:PORT; `ftcrm serve --kafka`."}},
    }


def _rabbitmq_channel() -> dict[str, Any]:
    return {
        "address": "{routingKey}",
        "description": "Exchange and routing key are unknown: the binding names none, the stand-in takes any.",
        "servers": [{"$ref": "#/servers/rabbitmq"}],
        "parameters": {"routingKey": {"description": "The routing key; unknown."}},
        "messages": _messages("RabbitMq"),
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {},
                **_AMQP,
                "x-ftcrm-unknown": ["exchange.name", "exchange.type", "exchange.durable"],
            }
        },
    }


def _kafka_channel() -> dict[str, Any]:
    return {
        "address": "{topic}",
        "description": "The topic is unknown: the stand-in takes any.",
        "servers": [{"$ref": "#/servers/kafka"}],
        "parameters": {
            "topic": {"description": "The topic; unknown. The stand-in takes runs.NAME.anything for the run NAME."}
        },
        "messages": _messages("Kafka"),
        "bindings": {"kafka": {**_KAFKA, "x-ftcrm-unknown": ["topic", "partitions"]}},
    }


def _messages(suffix: str) -> dict[str, Any]:
    return {event: {"$ref": f"#/components/messages/{event}Over{suffix}"} for event in _EVENTS}


def _rabbitmq_message(event: str) -> dict[str, Any]:
    return {
        **_message(event, f"The message property type. casino-events.txt: {_quoted('rabbitmq.type')}."),
        "x-ftcrm-clause": "rabbitmq.type",
        "bindings": {"amqp": {"messageType": event.upper(), **_AMQP}},
        "examples": [
            {"name": name, "summary": summary, "payload": value} for name, (summary, value) in _EVENTS[event].items()
        ],
    }


def _kafka_message(event: str) -> dict[str, Any]:
    return {
        **_message(event, f"The message header type. casino-events.txt: {_quoted('kafka.type')}."),
        "x-ftcrm-clause": "kafka.type",
        "headers": {
            "type": "object",
            "required": ["type"],
            "properties": {
                "type": {
                    "type": "string",
                    "const": event.upper(),
                    "description": "The message type, in UTF-8; the vendor compares it without regard to case.",
                }
            },
        },
        "bindings": {"kafka": {"key": {"description": "Unknown: any key, or none."}, **_KAFKA}},
        "examples": [
            {"name": name, "summary": summary, "headers": {"type": event.upper()}, "payload": value}
            for name, (summary, value) in _EVENTS[event].items()
        ],
    }


def _message(event: str, carried: str) -> dict[str, Any]:
    named = "" if event == "casino" else " The name BONUS is the vendor's."
    return {
        "name": event.upper(),
        "title": f"{event.title()} event",
        "description": f"Its type travels beside the payload. {carried}{named}",
        "payload": {"$ref": f"#/components/schemas/{event}"},
    }


def _quoted(name: str) -> str:
    return ", ".join(f"'{line}'" for line in clause(name).quote)
