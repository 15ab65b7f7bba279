"""FT0xx: how the message type came with the message."""

import json
from collections.abc import Iterator

from ftcrm.contracts.messages import CHECKED_TYPES, OTHER_TYPES, Message, message_type_of
from ftcrm.contracts.rules.registry import Hit, Scope, rule

_NAMES = CHECKED_TYPES | OTHER_TYPES


@rule("FT001", "type-property-missing", Scope.TRANSPORT, clause="rabbitmq.type")
def type_property_missing(message: Message) -> Iterator[Hit]:
    """A RabbitMQ message without the message property `type`.

    The property says whether a message is a CASINO or a BONUS event; without it FT CRM cannot tell.
    """
    if _lacks_property(message) and not message.headers_named("type") and _payload_type(message) is None:
        yield Hit("expected the message property type (such as 'CASINO'), got none")


@rule("FT002", "type-only-in-header", Scope.TRANSPORT, clause="rabbitmq.type")
def type_only_in_header(message: Message) -> Iterator[Hit]:
    """A RabbitMQ message that carries its type in a header: "Any header will be ignored"."""
    if _lacks_property(message) and (values := message.headers_named("type")):
        yield Hit(f"expected the message property type, got a header type = {values[-1]!r}, which is ignored")


@rule("FT003", "type-only-in-payload", Scope.TRANSPORT, clause="rabbitmq.type")
def type_only_in_payload(message: Message) -> Iterator[Hit]:
    """A RabbitMQ message that carries its message type in the payload: "a property (but not in the payload)"."""
    if _lacks_property(message) and not message.headers_named("type") and (found := _payload_type(message)):
        yield Hit(f"expected the message property type, got {found!r} in the payload, which does not count", "/type")


@rule("FT004", "type-header-missing", Scope.TRANSPORT, clause="kafka.type")
def type_header_missing(message: Message) -> Iterator[Hit]:
    """A Kafka message without the header `type` (header names are compared letter by letter)."""
    if message.connector == "kafka" and not message.headers_named("type"):
        found = ", ".join(repr(key) for key, _ in message.headers) or "none"
        yield Hit(f"expected the message header type (such as 'CASINO'), got the headers: {found}")


@rule("FT005", "type-header-unreadable", Scope.TRANSPORT, clause="kafka.type")
def type_header_unreadable(message: Message) -> Iterator[Hit]:
    """A Kafka header `type` that is null, empty or not UTF-8."""
    if message.connector == "kafka" and (values := message.headers_named("type")) and message_type_of(message) is None:
        yield Hit(f"expected the message header type to be a name such as 'CASINO', got {values[-1]!r}")


@rule("FT006", "type-header-repeated", Scope.TRANSPORT, clause="kafka.headers")
def type_header_repeated(message: Message) -> Iterator[Hit]:
    """A Kafka message with several headers `type` that differ: the last one is read here, as Kafka's clients do."""
    values = message.headers_named("type") if message.connector == "kafka" else ()
    if len(set(values)) > 1:
        yield Hit(f"expected one message header type, got {len(values)} that differ: {', '.join(map(repr, values))}")


@rule("FT007", "type-unknown", Scope.TRANSPORT, clause="vendor.message-types")
def type_unknown(message: Message) -> Iterator[Hit]:
    """A message type that neither the contract nor the vendor names; the message is recorded, unchecked."""
    found = message_type_of(message)
    if found is not None and found not in _NAMES and not found.startswith("POKER"):
        yield Hit(f"expected a message type such as 'CASINO' or 'BONUS', got {found!r}")


def _lacks_property(message: Message) -> bool:
    return message.connector == "rabbitmq" and not message.type_property


def _payload_type(message: Message) -> str | None:
    """The payload's `type` when it is a message type (a casino event's own `type` is Bet, Win or Loss)."""
    try:
        document = json.loads(message.raw)
    except (ValueError, RecursionError):
        return None
    found = document.get("type") if isinstance(document, dict) else None
    return found if isinstance(found, str) and found.upper() in _NAMES else None
