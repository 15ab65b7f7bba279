"""FT100 to FT109: the bytes of any event, before its fields."""

from collections.abc import Iterator

from ftcrm.contracts.events.payload import Payload, shortened
from ftcrm.contracts.rules.registry import Hit, Scope, rule

_MOST = 20
"""How many properties that stand twice are told one by one: a body can hold a hundred thousand of them."""


def _problem(payload: Payload, *names: str) -> Iterator[Hit]:
    if payload.problem is not None and payload.problem[0] in names:
        yield Hit(payload.problem[1])


@rule("FT100", "not-unicode", Scope.PAYLOAD, clause="payload", kind="payload-unreadable")
def not_unicode(payload: Payload) -> Iterator[Hit]:
    """Bytes that are not UTF-8, or a string with a lone surrogate, which no UTF-8 can hold."""
    return _problem(payload, "not-utf8", "not-unicode")


@rule("FT101", "not-json", Scope.PAYLOAD, clause="payload", kind="payload-unreadable")
def not_json(payload: Payload) -> Iterator[Hit]:
    """Bytes that are not one JSON document: malformed, empty, or followed by something else."""
    return _problem(payload, "not-json")


@rule("FT102", "not-an-object", Scope.PAYLOAD, clause="payload", kind="payload-unreadable")
def not_an_object(payload: Payload) -> Iterator[Hit]:
    """JSON that is not an object: an event is one object; a list of events is not an event."""
    return _problem(payload, "not-an-object")


@rule("FT103", "too-deep", Scope.PAYLOAD, clause="stand-in.limit", kind="payload-unreadable")
def too_deep(payload: Payload) -> Iterator[Hit]:
    """Arrays and objects nested deeper than any event needs."""
    return _problem(payload, "too-deep")


@rule("FT104", "too-large", Scope.PAYLOAD, clause="stand-in.limit", kind="payload-unreadable")
def too_large(payload: Payload) -> Iterator[Hit]:
    """A body over the stand-in's limit: only its beginning is kept, so that it cannot be judged."""
    return _problem(payload, "too-large")


@rule("FT105", "duplicate-key", Scope.PAYLOAD, clause="json.duplicate-keys")
def duplicate_key(payload: Payload) -> Iterator[Hit]:
    """A property of the event that stands twice: parsers differ in which one they take (here the last)."""
    for key in payload.duplicates[:_MOST]:
        pointer = key.replace("~", "~0").replace("/", "~1")
        yield Hit(f"{shortened(key)}: expected each property once, got it several times", f"/{pointer}")
    if (more := len(payload.duplicates) - _MOST) > 0:
        yield Hit(f"expected each property once, got {more} more several times")


@rule("FT106", "byte-order-mark", Scope.PAYLOAD, clause="json.byte-order-mark")
def byte_order_mark(payload: Payload) -> Iterator[Hit]:
    """A byte order mark before the JSON text; many parsers refuse it."""
    if payload.byte_order_mark:
        yield Hit("expected JSON text, got a byte order mark before it")
