"""FT100 to FT109: the bytes of any event, before its fields, and where in them the event is."""

from collections.abc import Iterator, Mapping
from typing import Any

from ftcrm.contracts.events.fields import BONUS_FIELDS, CASINO_FIELDS
from ftcrm.contracts.events.payload import Payload, read_payload, shortened
from ftcrm.contracts.rules.faults import pointer_to
from ftcrm.contracts.rules.registry import Hit, Scope, rule

_MOST = 20
"""How many properties that stand twice are told one by one: a body can hold a hundred thousand of them."""
_CASINO = frozenset(field.name for field in CASINO_FIELDS if field.required)
_BONUS = frozenset(field.name for field in BONUS_FIELDS if field.required)
_CASINO_ENOUGH, _BONUS_ENOUGH = 8, 6
_MOST_BESIDE = 4
"""How many of an event's required properties an envelope has itself: its own type, timestamp, origin and user."""


@rule("FT100", "not-unicode", Scope.PAYLOAD, clause="payload", kind="payload-unreadable")
def not_unicode(payload: Payload) -> Iterator[Hit]:
    r"""A payload that is not UTF-8, or has a string with half of a surrogate pair.

    What it checks:
        The bytes decode as UTF-8, and no string or name holds a lone surrogate by an escape such as `\ud83d`, which no
        UTF-8 can carry on. A byte order mark is the matter of FT106.
    Why it matters:
        The event cannot be read, so that it is in no round. It is often a single name, of a game or a player, from a
        system that writes Latin-1: the feed works until that game is played.
    Example:
        raw b'{"game_name": "Caf\xe9"}'
    Use instead:
        {"game_name": "Café"}
    What it cannot see:
        Text in another encoding whose bytes are UTF-8 by chance: names that are garbled, but valid.
    """
    return _problem(payload, "not-utf8", "not-unicode")


@rule("FT101", "not-json", Scope.PAYLOAD, clause="payload", kind="payload-unreadable")
def not_json(payload: Payload) -> Iterator[Hit]:
    """A payload that is not one JSON document: malformed, empty, or followed by something else.

    What it checks:
        The payload is one JSON value by RFC 8259, with white space around it at most: no second document, no NaN or
        Infinity, no comment, no trailing comma, no control character within a string.
    Why it matters:
        The event cannot be read, so that it is in no round. Several events in one message are lost together.
    Example:
        raw '{"type": "Bet"} {"type": "Win"}'
    Use instead:
        {"type": "Bet"}
        {"type": "Win"}
    What it cannot see:
        What the event was meant to be: nothing else is said of a payload that cannot be read.
    """
    return _problem(payload, "not-json")


@rule("FT102", "not-an-object", Scope.PAYLOAD, clause="payload", kind="payload-unreadable")
def not_an_object(payload: Payload) -> Iterator[Hit]:
    """A payload whose JSON is not an object: a list of events is not an event.

    What it checks:
        The JSON value is an object. An array, also of events, a text, a number or null is none.
    Why it matters:
        Each event is sent as a message of its own. What comes as a list, or as JSON that was encoded twice (a text
        that holds the object), is not read, and all of its events are missing from their rounds.
    Example:
        raw '[{"type": "Bet"}, {"type": "Win"}]'
    Use instead:
        {"type": "Bet"}
        {"type": "Win"}
    What it cannot see:
        Whether the events of a list would be clean: they are not looked at.
    """
    return _problem(payload, "not-an-object")


@rule("FT103", "too-deep", Scope.PAYLOAD, clause="stand-in.limit", kind="payload-unreadable")
def too_deep(payload: Payload) -> Iterator[Hit]:
    """A payload with arrays and objects nested deeper than any event needs.

    What it checks:
        Arrays and objects are nested at most 64 levels deep, the event itself being the first. It is a limit of this
        stand-in, so that hostile input costs nothing; the contract names none.
    Why it matters:
        Many parsers have such a limit, and FT CRM's is not known: an event of ten levels is safe everywhere.
    Example:
        raw '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[['
    Use instead:
        {"meta": {"bonus": {"steps": [1, 2]}}}
    What it cannot see:
        Whether FT CRM would have read the payload.
    """
    return _problem(payload, "too-deep")


@rule("FT104", "too-large", Scope.PAYLOAD, clause="stand-in.limit", kind="payload-unreadable")
def too_large(payload: Payload) -> Iterator[Hit]:
    """A payload over this stand-in's limit.

    What it checks:
        The body is no larger than `--max-body`. Of a larger one only the beginning is kept, so that it cannot be
        judged, even where the beginning reads as an event.
    Why it matters:
        The contract names no limit, but every broker and every proxy on the way has one. An event is less than a
        kilobyte; what makes one large is `meta`.
    Example:
        size=5000000 {"meta": {"replay": "AAAA"}}
    Use instead:
        {"meta": {"replay": "https://sub.example.com/replay/1"}}
    What it cannot see:
        Whether FT CRM would have taken the payload.
    """
    return _problem(payload, "too-large")


@rule("FT105", "duplicate-key", Scope.PAYLOAD, clause="json.duplicate-keys")
def duplicate_key(payload: Payload) -> Iterator[Hit]:
    """A property of the event that stands twice.

    What it checks:
        Each name stands once in the event's object, escapes resolved; whether the values differ does not matter. The
        last of them counts here. Twenty names are told one by one, the others as a number.
    Why it matters:
        RFC 8259 leaves open which of the two counts, and parsers differ: one reads a stake of 20, another one of 21,
        and a third refuses the event.
    Example:
        raw '{"amount": 20, "amount": 21}'
    Use instead:
        {"type": "Bet", "amount": 21}
    What it cannot see:
        Names that stand twice in an inner object. That is `meta`, which is the brand's own: nothing here rests on it,
        and the last one counts.
    """
    for key in payload.duplicates[:_MOST]:
        yield Hit(f"{shortened(key)}: expected each property once, got it several times", pointer_to(key))
    if (more := len(payload.duplicates) - _MOST) > 0:
        yield Hit(f"expected each property once, got {more} more several times")


@rule("FT106", "byte-order-mark", Scope.PAYLOAD, clause="json.byte-order-mark")
def byte_order_mark(payload: Payload) -> Iterator[Hit]:
    r"""A byte order mark before the JSON text.

    What it checks:
        The payload does not begin with the bytes EF BB BF. The event behind them is read and judged as if they were
        not there.
    Why it matters:
        RFC 8259 forbids to send it and lets parsers refuse it: many do, and the event is lost. Libraries that write
        "UTF-8 with signature" put it there.
    Example:
        raw b'\xef\xbb\xbf{"type": "Bet", "amount": 20}'
    Use instead:
        {"type": "Bet", "amount": 20}
    What it cannot see:
        The marks of UTF-16 and UTF-32, which are not UTF-8: FT100 speaks of those.
    """
    if payload.byte_order_mark:
        yield Hit("expected JSON text, got a byte order mark before it")


@rule("FT107", "event-in-envelope", Scope.PAYLOAD, clause="required", kind="required-missing")
def event_in_envelope(payload: Payload) -> Iterator[Hit]:
    """A payload that is not the event, but an envelope with the event inside.

    What it checks:
        The payload itself has at most four of an event's required properties, `user_bonus_id` not among them, and one
        of its members is or holds the event: an object, an object in an array, or an object as JSON text, with at
        least 8 of the 16 properties that a casino event requires or 6 of the 11 of a bonus event, one of which only
        such events have.
    Why it matters:
        The properties of an event are those of the payload; the message type is not among them. Envelopes are what
        other feeds and message frameworks use. FT CRM looks for the properties at the top and finds none of them. All
        that the fields draw follows from this.
    Example:
        {"type": "CASINO", "payload": "<event>"}
    Use instead:
        {"type": "Bet", "amount": 20}
    What it cannot see:
        An event inside of two envelopes, in JSON text that is an array, or in Base64: each missing property is told
        then.
    """
    document = payload.document
    if document is None or "user_bonus_id" in document or len((_CASINO | _BONUS) & document.keys()) > _MOST_BESIDE:
        return
    for name, value in document.items():
        for pointer, members in _objects(pointer_to(name), value):
            if found := _event_in(members):
                kind, held = found
                got = f"got {held} inside of {shortened(pointer)}"
                expected = f"expected the required properties of the {kind} event at the top of the payload"
                # What the contract itself requires of a bonus event is in Scenario B.
                clause = "scenario-b.created" if kind == "bonus" else ""
                yield Hit(f"{shortened(name)}: {expected}, {got}", pointer, clause=clause)
                return


def _problem(payload: Payload, *names: str) -> Iterator[Hit]:
    if payload.problem is not None and payload.problem[0] in names:
        yield Hit(payload.problem[1])


def _objects(pointer: str, value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The objects that a member of an envelope is or holds, and where."""
    match value:
        case dict():
            yield pointer, value
        case list():
            yield from ((f"{pointer}/{index}", each) for index, each in enumerate(value) if isinstance(each, dict))
        case str() if value.lstrip().startswith("{"):
            yield pointer, read_payload(value.encode()).document or {}


def _event_in(members: Mapping[str, Any]) -> tuple[str, str] | None:
    """The kind of event that these members are most of, and how many of its required properties there are."""
    names = members.keys()
    bonus, casino = len(_BONUS & names), len(_CASINO & names)
    if bonus >= _BONUS_ENOUGH and (_BONUS - _CASINO) & names and not (_CASINO - _BONUS) & names:
        return "bonus", f"{bonus} of {len(_BONUS)}"
    if casino >= _CASINO_ENOUGH and (_CASINO - _BONUS) & names:
        return "casino", f"{casino} of {len(_CASINO)}"
    return None
