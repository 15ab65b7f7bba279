"""FT0xx: how the message type came with the message, and whether the payload is of that type."""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from ftcrm.contracts.events.fields import BONUS_STATUSES
from ftcrm.contracts.events.payload import read_payload, shortened
from ftcrm.contracts.messages import CHECKED_TYPES, OTHER_TYPES, Message, declared_type_of, message_type_of
from ftcrm.contracts.rules.registry import Hit, Scope, rule

_NAMES = CHECKED_TYPES | OTHER_TYPES
_CASINO_EVENT_TYPES = ("Bet", "Win", "Loss")
_TELLTALES = {"CASINO": b'"round_id"', "BONUS": b'"bonus_id"'}
"""What the bytes of every event hold that plainly is of the type: a search for it is all that others cost."""
_EVENTS = {"CASINO": "a casino event", "BONUS": "a bonus event"}
_TOLD_BY = {
    "CASINO": "it has round_id, and neither bonus_id nor product",
    "BONUS": "it has bonus_id, and neither round_id nor game_id",
}
_MOST_HEADERS = 5
"""How many headers a message names one by one: a Kafka record can have thousands."""
_LONGEST_VALUE, _SHOWN = 60, 40
_LONGEST_NEAR_MISS = 40


@rule("FT001", "type-property-missing", Scope.TRANSPORT, clause="rabbitmq.type")
def type_property_missing(message: Message) -> Iterator[Hit]:
    """A RabbitMQ message without the message property `type`.

    What it checks:
        The property `type` of a RabbitMQ message is there and not empty. When the type was sent in a header or in
        the payload instead, FT002 or FT003 says so and this rule is silent.
    Why it matters:
        The property is all that tells a casino event from a bonus event or from a login. Without it the receiver does
        not know what came, and the Bet or Win is missing from its round.
    Example:
        rabbitmq type= {"type": "Bet"}
    Use instead:
        rabbitmq type=CASINO {"type": "Bet"}
    What it cannot see:
        What the event was meant to be: the payload is recorded, not judged.
    """
    if _lacks_property(message) and not message.headers_named("type") and _payload_type(message) is None:
        yield Hit("expected the message property type (such as 'CASINO'), got none")


@rule("FT002", "type-only-in-header", Scope.TRANSPORT, clause="rabbitmq.type")
def type_only_in_header(message: Message) -> Iterator[Hit]:
    """A RabbitMQ message that carries its message type in a header: "Any header will be ignored".

    What it checks:
        A RabbitMQ message has no message property `type` (or an empty one), but a header of that name, whatever its
        value is. A header `type` beside the property draws nothing.
    Why it matters:
        Some clients and command-line tools can set headers but not the message's own properties. FT CRM ignores
        headers, so that the event has no type there and is lost.
    Example:
        rabbitmq type= header:type=CASINO {"type": "Bet"}
    Use instead:
        rabbitmq type=CASINO {"type": "Bet"}
    What it cannot see:
        A header of another name or spelling (`Type`, `message_type`) that was meant: FT001 speaks then.
    """
    if _lacks_property(message) and (values := message.headers_named("type")):
        yield Hit(f"expected the message property type, got a header type = {_shown(values[-1])}, which is ignored")


@rule("FT003", "type-only-in-payload", Scope.TRANSPORT, clause="rabbitmq.type")
def type_only_in_payload(message: Message) -> Iterator[Hit]:
    """A RabbitMQ message that carries its message type in the payload: "a property (but not in the payload)".

    What it checks:
        A RabbitMQ message has neither the message property `type` nor a header `type`, and the payload's own `type`
        names a message type (CASINO, BONUS, or another that the vendor lists) in any letter case.
    Why it matters:
        The `type` in the payload is the event's (Bet, Win, Loss). A message type there is not read, and takes the
        place of the value that says what happened in the round.
    Example:
        rabbitmq type= {"type": "CASINO"}
    Use instead:
        rabbitmq type=CASINO {"type": "Bet"}
    What it cannot see:
        A message type elsewhere in the payload, such as `event_type`: FT001 speaks then.
    """
    if _lacks_property(message) and not message.headers_named("type") and (found := _payload_type(message)):
        yield Hit(f"type: expected the message property type, got {found!r} in the payload, which is not read", "/type")


@rule("FT004", "type-header-missing", Scope.TRANSPORT, clause="kafka.type")
def type_header_missing(message: Message) -> Iterator[Hit]:
    """A Kafka message without the header `type`.

    What it checks:
        A Kafka record has a header of the name `type`, letter by letter: Kafka compares the names of headers as they
        are. The message says so when a header differs in letter case alone (`Type`).
    Why it matters:
        The header is all that tells a casino event from a bonus event or from a login. Without it the receiver does
        not know what came, and the Bet or Win is missing from its round.
    Example:
        kafka type= header:Type=CASINO {"type": "Bet"}
    Use instead:
        kafka type=CASINO {"type": "Bet"}
    What it cannot see:
        What the event was meant to be: the payload is recorded, not judged. A type in the record's key, in the name of
        the topic or in the payload does not count.
    """
    if message.connector != "kafka" or message.headers_named("type"):
        return
    names = list(dict.fromkeys(key for key, _ in message.headers))
    found = ", ".join(repr(shortened(name)) for name in names[:_MOST_HEADERS]) or "none"
    if (more := len(names) - _MOST_HEADERS) > 0:
        found += f" and {more} more"
    if misspelt := next((name for name in names if name.lower() == "type"), None):
        found += f"; {misspelt!r} differs in letter case, which counts in the names of headers"
    yield Hit(f"expected the message header type (such as 'CASINO'), got the headers: {found}")


@rule("FT005", "type-header-unreadable", Scope.TRANSPORT, clause="kafka.type")
def type_header_unreadable(message: Message) -> Iterator[Hit]:
    """A Kafka header `type` that is null, empty or not UTF-8.

    What it checks:
        The value of a Kafka record's header `type` (of the last one, where there are several) is text of at least
        one character. Whether it names a known type is the matter of FT007.
    Why it matters:
        Header values are bytes. A serializer that writes them in an encoding of its own, or a value that was null,
        leaves a message of no type: it is lost as if the header were not there.
    Example:
        kafka type= header:type= {"type": "Bet"}
    Use instead:
        kafka type=CASINO {"type": "Bet"}
    What it cannot see:
        An encoding whose bytes are UTF-8 by chance: JSON text such as `"CASINO"` with its quotes is an unknown type,
        FT007.
    """
    if message.connector == "kafka" and (values := message.headers_named("type")) and message_type_of(message) is None:
        yield Hit(f"expected the message header type to be a name such as 'CASINO', got {_shown(values[-1])}")


@rule("FT006", "type-header-repeated", Scope.TRANSPORT, clause="kafka.headers")
def type_header_repeated(message: Message) -> Iterator[Hit]:
    """A Kafka message with several headers `type` that differ.

    What it checks:
        All headers `type` of a Kafka record have the same value, byte by byte. The last one is taken here, as Kafka's
        clients do that are asked for one header.
    Why it matters:
        Kafka lets a header come several times. An interceptor that adds a `type` of its own makes the message mean
        one thing to a reader of the first and another to a reader of the last.
    Example:
        kafka type=BONUS header:type=CASINO {"type": "Bet"}
    Use instead:
        kafka type=CASINO {"type": "Bet"}
    What it cannot see:
        Which of them FT CRM reads: the contract does not say.
    """
    values = message.headers_named("type") if message.connector == "kafka" else ()
    if len(set(values)) > 1:
        found = ", ".join(map(_shown, values[:_MOST_HEADERS]))
        if (more := len(values) - _MOST_HEADERS) > 0:
            found += f" and {more} more"
        yield Hit(f"expected one message header type, got {len(values)} that differ: {found}")


@rule("FT007", "type-unknown", Scope.TRANSPORT, clause="vendor.message-types")
def type_unknown(message: Message) -> Iterator[Hit]:
    """A message type that neither the contract nor the vendor names.

    What it checks:
        The message type is, in any letter case, CASINO, BONUS, one of the other types that the vendor lists for the
        same feed, or begins with POKER (the vendor mentions poker's types without their names). Where the payload is
        plainly a casino or a bonus event it follows from FT010.
    Why it matters:
        A message of an unknown type is recorded, but nothing in it is checked: a misspelt type hides every other
        fault. FT CRM has no use for it that anybody wrote down.
    Example:
        rabbitmq type=PAYMENTS {"type": "Deposit"}
    Use instead:
        rabbitmq type=PAYMENT {"type": "Deposit"}
    What it cannot see:
        Types that the vendor agreed on with a brand and did not publish. REST has a path for each type, so that the
        rule has nothing to say there.
    """
    found = message_type_of(message)
    if found is not None and _is_unknown(found):
        expected = "expected a message type such as 'CASINO' or 'BONUS'"
        yield Hit(f"{expected}, got {shortened(found)!r}{_meant(found)}", implied_by=("FT010",))


@rule("FT008", "type-letter-case", Scope.TRANSPORT, clause="vendor.message-type-case")
def type_letter_case(message: Message) -> Iterator[Hit]:
    """A message type that is a known one only when letter case is ignored.

    What it checks:
        The message property `type` (RabbitMQ) or the header `type` (Kafka, the last of several) is CASINO, BONUS or
        another type that the vendor lists, but not in capital letters. The event is judged as being of that type.
    Why it matters:
        The contract writes CASINO; that `casino` does as well is said by the vendor elsewhere. Whatever else reads
        the same feed, such as a broker's route or a filter, may compare letter by letter.
    Example:
        rabbitmq type=casino {"type": "Bet"}
    Use instead:
        rabbitmq type=CASINO {"type": "Bet"}
    What it cannot see:
        The case of poker's types, whose names the vendor does not spell out. REST's type is its path, not a name.
    """
    found = None if message.connector == "rest" else declared_type_of(message)
    if found is None or found in _NAMES:
        return
    if (meant := message_type_of(message)) in _NAMES:
        yield Hit(f"expected the message type {meant!r}, got {found!r}, which only matches when letter case is ignored")


@rule("FT010", "type-not-of-payload", Scope.TRANSPORT, clause="message-type")
def type_not_of_payload(message: Message) -> Iterator[Hit]:
    """A message whose payload is plainly a casino event or a bonus event, while its type says another or is unknown.

    What it checks:
        A payload is plainly a casino event when it has `round_id` and a `type` of Bet, Win or Loss, and neither
        `bonus_id` nor `product`. It is plainly a bonus event when it has `bonus_id`, also `product` or a `status` that
        only a bonus has, neither `round_id` nor `game_id`, and a `type` that is none of those three. The rule speaks
        when the message type (on REST: the path) is CASINO or BONUS and the payload is plainly the other, and when the
        message type is one that neither the contract nor the vendor names (FT007), such as BET, and the payload is
        plainly either.
    Why it matters:
        A Bet that is sent as a bonus event, or under a type of its own, never reaches its round, which then has a
        settlement without a stake; a bonus event among the casino events never credits its bonus. All that the fields
        draw follows from this.
    Example:
        rabbitmq type=CASINO BONUS {"status": "Created"}
    Use instead:
        rabbitmq type=BONUS BONUS {"status": "Created"}
    What it cannot see:
        Events that lack the telling properties or have those of both, and property names that are written with
        escapes: their fields tell what is wrong. Casino and bonus events under another type that the vendor lists
        (LOGIN_V2, SPORTSBOOK), or under one of poker's, are not looked at: what those look like is not known here.
    """
    declared = message_type_of(message)
    # What is left of a body over the limit (FT104) may read as an event that it never was.
    if declared is None or message.size is not None:
        return
    if declared not in CHECKED_TYPES and not _is_unknown(declared):
        return
    if not any(telltale in message.raw for name, telltale in _TELLTALES.items() if name != declared):
        return
    actual = _plainly(read_payload(message.raw).document or {})
    if actual is None or actual == declared:
        return
    found = f"{_EVENTS[actual]} ({_TOLD_BY[actual]})"
    if declared in CHECKED_TYPES:
        yield Hit(f"expected {_EVENTS[declared]}, as the message type {declared} says, got {found}")
    else:
        yield Hit(f"expected the message type {actual!r}, got {shortened(declared)!r} and {found}")


def _is_unknown(name: str) -> bool:
    return name not in _NAMES and not name.startswith("POKER")


def _lacks_property(message: Message) -> bool:
    return message.connector == "rabbitmq" and not message.type_property


def _payload_type(message: Message) -> str | None:
    """The payload's `type` when it is a message type (a casino event's own `type` is Bet, Win or Loss)."""
    try:
        document = json.loads(message.raw)
    except (ValueError, RecursionError):
        return None
    found = document.get("type") if isinstance(document, dict) else None
    return found if isinstance(found, str) and found.isascii() and found.upper() in _NAMES else None


def _plainly(document: Mapping[str, Any]) -> str | None:
    """The message type of which this plainly is an event: it has what only such events have, and nothing of others."""
    is_bet_or_settlement = document.get("type") in _CASINO_EVENT_TYPES
    if "round_id" in document:
        is_casino = is_bet_or_settlement and "bonus_id" not in document and "product" not in document
        return "CASINO" if is_casino else None
    if "bonus_id" not in document or "game_id" in document or is_bet_or_settlement:
        return None
    return "BONUS" if "product" in document or document.get("status") in BONUS_STATUSES else None


def _shown(value: str | bytes | None) -> str:
    """A header's value as a message shows it: whole, or its beginning and its length."""
    match value:
        case None:
            return "null"
        case str():
            return repr(shortened(value))
        case _ if len(value) <= _LONGEST_VALUE:
            return repr(value)
        case _:
            return f"{value[:_SHOWN]!r}... ({len(value)} bytes)"


def _meant(name: str) -> str:
    close = get_close_matches(name, sorted(_NAMES), n=1) if len(name) <= _LONGEST_NEAR_MISS else []
    return f" (did you mean {close[0]!r}?)" if close else ""
