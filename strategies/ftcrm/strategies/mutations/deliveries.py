"""What goes wrong on the way: how the type comes with a message, and what becomes of its bytes."""

import json
from collections.abc import Callable
from decimal import Decimal

from hypothesis import strategies as st
from msgspec.structs import replace

from ftcrm.contracts import Message
from ftcrm.contracts.messages import Connector, Header
from ftcrm.strategies.documents import payload_of
from ftcrm.strategies.mutations.changes import LEFT_OUT, NOT_COMPLETED
from ftcrm.strategies.mutations.mutation import AS_BEFORE, Mutation, Outcome
from ftcrm.strategies.mutations.mutation import MessageChange as Change
from ftcrm.strategies.payloads import LongBytes

__all__ = ["DELIVERIES"]

_BOM = b"\xef\xbb\xbf"
_TOO_LARGE = 1 << 20
"""The stand-in's limit, unless told."""
_COMPLETED = 3


def _of_win(name: str, about: str, findings: str, change: Change, outcome: Outcome = LEFT_OUT) -> Mutation:
    return Mutation(
        name=name, about=about, subject="round", findings=frozenset(findings.split()), outcome=outcome, message=change
    )


# -- the type --------------------------------------------------------------------------------------------------------


def _typed(connector: Connector, *declarations: tuple[str | None, tuple[Header, ...]]) -> Change:
    """The message through that connector, with one of these: the message property `type`, and the headers."""

    def change(draw: st.DrawFn, message: Message) -> Message:
        declared, headers = draw(st.sampled_from(declarations))
        return Message(connector, message.raw, declared, headers)

    return change


def _kafka(*values: tuple[bytes | None, ...]) -> Change:
    """The message through Kafka, with one of these rows of headers `type`."""
    return _typed("kafka", *((None, tuple(("type", value) for value in row)) for row in values))


def _rabbitmq(*names: str | None, header: str | None = None) -> Change:
    """The message through RabbitMQ, with one of these as its property `type`."""
    headers: tuple[Header, ...] = () if header is None else (("type", header),)
    return _typed("rabbitmq", *((name, headers) for name in names))


def _named(*names: str) -> Change:
    """The message under one of these types, through RabbitMQ or Kafka."""
    changes = (_rabbitmq(*names), _kafka(*((name.encode(),) for name in names)))
    return lambda draw, message: draw(st.sampled_from(changes))(draw, message)


def _as(name: str) -> Change:
    """The message under that type, through any connector."""
    changes = (_typed("rest", (name, ())), _rabbitmq(name), _kafka((name.encode(),)))
    return lambda draw, message: draw(st.sampled_from(changes))(draw, message)


def _type_in_payload(draw: st.DrawFn, message: Message) -> Message:
    document = json.loads(message.raw, parse_float=Decimal)
    raw = payload_of(document | {"type": draw(st.sampled_from(("CASINO", "casino")))})
    return Message("rabbitmq", raw)


def _before_all(member: bytes) -> Callable[[bytes], bytes]:
    """The payload with that member before all others."""
    return lambda raw: b"{" + member + b"," + raw[1:]


def _with_product(message: Message) -> Message:
    """Plainly a casino event is one without this."""
    return replace(message, raw=_before_all(b'"product":"Casino"')(message.raw))


_TYPES: tuple[Mutation, ...] = (
    _of_win(
        "type-property-missing",
        "A publisher to RabbitMQ sets no property type.",
        "FT001",
        _rabbitmq(None, ""),
    ),
    _of_win(
        "type-only-in-header",
        "A publisher to RabbitMQ sets a header type, for want of the property.",
        "FT002",
        _rabbitmq(None, "", header="CASINO"),
    ),
    _of_win(
        "type-only-in-payload",
        "A publisher to RabbitMQ writes the message type into the payload.",
        "FT003",
        _type_in_payload,
    ),
    _of_win(
        "type-header-missing",
        "A producer to Kafka sets no header type, or one of another name.",
        "FT004",
        _typed("kafka", *((None, headers) for headers in ((), (("Type", b"CASINO"),), (("message_type", b"CASINO"),)))),
    ),
    _of_win(
        "type-header-unreadable",
        "The header type is null or empty, or its bytes are no text.",
        "FT005",
        _kafka((None,), (b"",), (b"\xff\xfeC\x00",), (None, None)),
    ),
    _of_win(
        "type-header-repeated",
        "An interceptor sets a header type of its own, before that of the producer.",
        "FT006",
        _kafka((b"PAYMENT", b"CASINO"), (None, b"CASINO"), (b"BONUS", b"CASINO"), (b"casino?", b"CASINO")),
        AS_BEFORE,
    ),
    _of_win(
        "type-header-replaced",
        "An interceptor sets a header type of its own, after that of the producer.",
        "FT006 FT010",
        _kafka((b"CASINO", b"BONUS"), (b"CASINO", b"EVENT")),
    ),
    _of_win(
        "type-unknown",
        "A sender has a type of its own for events that have properties of its own.",
        "FT007",
        lambda draw, message: _named("CASINO_V2", "CASINO_EVENT", "SLOTS")(draw, _with_product(message)),
    ),
    _of_win(
        "type-in-small-letters",
        "The type is written in other letters.",
        "FT008",
        _named("casino", "Casino", "cASINO"),
        AS_BEFORE,
    ),
    _of_win(
        "type-of-the-event",
        "The type of the event goes out as the type of the message.",
        "FT010",
        _named("WIN", "Win", "ROUND", "CASINO.WIN"),
    ),
    _of_win(
        "casino-event-as-bonus-event",
        "A casino event is sent where bonus events belong.",
        "FT010",
        _as("BONUS"),
    ),
    Mutation(
        name="bonus-event-as-casino-event",
        about="A bonus event is sent where casino events belong.",
        subject="bonus",
        findings=frozenset({"FT010"}),
        outcome=NOT_COMPLETED,
        message=_as("CASINO"),
        hits=_COMPLETED,
    ),
    Mutation(
        name="type-of-other-messages",
        about="The Win goes out under another type that the vendor names, of whose messages nothing is known.",
        subject="round",
        findings=frozenset({"FT307"}),
        outcome=LEFT_OUT,
        message=_named("PAYMENT", "GAME", "SPORTSBOOK", "POKER_WIN"),
        closes=True,
    ),
)

# -- the bytes -------------------------------------------------------------------------------------------------------


def _made(*changes: Callable[[bytes], bytes]) -> Change:
    """The message with its bytes changed in one of these ways."""
    return lambda draw, message: replace(message, raw=draw(st.sampled_from(changes))(message.raw))


def _inserted(*members: str) -> Change:
    """The message with one of these members before all others; each letter is a byte."""
    return _made(*(_before_all(member.encode("latin-1")) for member in members))


def _cut_off(draw: st.DrawFn, message: Message) -> Message:
    text = message.raw.decode().rstrip()
    return replace(message, raw=text[: draw(st.integers(0, len(text) - 1))].encode())


def _in_an_envelope(draw: st.DrawFn, message: Message) -> Message:
    name = draw(st.sampled_from(("payload", "data", "Event")))
    inside = draw(st.sampled_from((bytes, lambda raw: b"[" + raw + b"]", _as_text)))
    first = draw(st.sampled_from((b"", b'"type":"CASINO",', b'"id":1,"timestamp":"2026-03-02T08:00:00Z",')))
    return replace(message, raw=b"{" + first + b'"' + name.encode() + b'":' + inside(message.raw) + b"}")


def _as_text(raw: bytes) -> bytes:
    return json.dumps(raw.decode()).encode()


def _too_large(_: st.DrawFn, message: Message) -> Message:
    raw = LongBytes(message.raw + b" " * _TOO_LARGE)
    return replace(message, raw=raw, size=len(raw))


_BYTES: tuple[Mutation, ...] = (
    _of_win(
        "text-in-another-encoding",
        "A text or the whole event is in an encoding other than UTF-8.",
        "FT100",
        _made(
            _before_all(b'"note":"Caf\xe9"'),
            _before_all(b'"note":"\xed\xa0\xbd"'),
            lambda raw: raw.decode().encode("utf-16"),
        ),
    ),
    _of_win(
        "lone-surrogate",
        "A text was cut in the middle of a letter that JSON writes as two escapes.",
        "FT100",
        _inserted(r'"note":"\ud83d"', r'"note":{"tags":["\udc8e"]}', r'"\ud83d":1'),
    ),
    _of_win("cut-off", "The payload ends before its end.", "FT101", _cut_off),
    _of_win(
        "several-events",
        "Two events, line by line or side by side, are one message.",
        "FT101",
        _made(lambda raw: raw + b"\n" + raw, lambda raw: raw + raw, lambda raw: raw + b"," + raw),
    ),
    _of_win(
        "not-a-number",
        "A division by nothing goes out as NaN or Infinity, which JSON does not have.",
        "FT101",
        _inserted('"balance_after":NaN', '"balance_after":-Infinity', '"balance_before":Infinity'),
    ),
    _of_win(
        "nearly-json",
        "The payload is what programs take for JSON.",
        "FT101",
        _made(
            lambda raw: raw.replace(b'"', b"'"),
            lambda raw: raw.rstrip()[:-1] + b",}",
            lambda raw: b"/* Win */" + raw,
            lambda raw: b"payload=" + raw,
            _before_all(b'"note":"\t"'),
            _before_all(b'"balance_after":01'),
        ),
    ),
    _of_win("nothing", "The payload is empty.", "FT101", _made(lambda _: b"", lambda _: b" \r\n")),
    _of_win(
        "list-of-events",
        "The event goes out as a list, or as the text of its JSON.",
        "FT102",
        _made(lambda raw: b"[" + raw + b"]", lambda raw: b"[" + raw + b"," + raw + b"]", _as_text, lambda _: b"null"),
    ),
    _of_win(
        "too-deep",
        "The event's meta is nested deeper than anybody reads.",
        "FT103",
        _inserted('"meta":' + "[" * 70 + "]" * 70, '"meta":' + '{"a":' * 64 + "1" + "}" * 64, '"meta":' + "[" * 2000),
    ),
    _of_win("too-large", "The event has a megabyte, of which the most is blanks.", "FT104", _too_large),
    _of_win(
        "property-twice",
        "A property stands twice; the last of them is right.",
        "FT105",
        _inserted('"amount":0', '"amount":null', '"type":"Bet"', r'"\u0061mount":0', '"round_id":"r","round_id":"r"'),
        AS_BEFORE,
    ),
    _of_win(
        "byte-order-mark",
        "A library writes UTF-8 with a mark before it.",
        "FT106",
        _made(lambda raw: _BOM + raw),
        AS_BEFORE,
    ),
    _of_win("envelope", "The event is a member of another object.", "FT107", _in_an_envelope),
)

DELIVERIES: tuple[Mutation, ...] = (*_TYPES, *_BYTES)
"""What goes wrong with an event that is as the contract has it, once it is sent."""
