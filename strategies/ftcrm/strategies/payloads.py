"""Hostile bytes: what comes where an event is expected, from a sender that is wrong, or means harm."""

import base64
import gzip
import json
from collections.abc import Callable

import msgspec
from hypothesis import strategies as st

from ftcrm.contracts.events.fields import BONUS_FIELDS, CASINO_FIELDS
from ftcrm.strategies.documents import Document, payload_of
from ftcrm.strategies.valid import bonus_events, casino_events

__all__ = ["LongBytes", "hostile_payloads"]

_BOM = b"\xef\xbb\xbf"

_NUMBERS = (
    *("1e400", "-1e400", "1e-400", "1E+99999999999999999999", "0e99999999999999999999", "1e41", "1e40", "1e-41"),
    *("-0", "-0.0", "0E-45", "9" * 400, "0." + "0" * 400 + "1", "1." + "3" * 41, "123456789" * 600),
)
"""Numbers that JSON has, and few readers hold: the last has more digits than Python turns into an int."""
_NO_NUMBERS = ("NaN", "Infinity", "-Infinity")
_NO_VALUES = (
    *(
        "01",
        "+1",
        "1.",
        ".5",
        "1e",
        "0x1F",
        "1_000",
        "1,5",
        "--1",
        "\u0661",
        "undefined",
        "None",
        "True",
        "nul",
        "",
        "]",
    ),
    *(
        "'text'",
        '"text',
        r'"\x41"',
        r'"\u12"',
        '"\t"',
        '"\x00"',
        "[1,]",
        "[1 2]",
        '{"a":1,}',
        '{"a"}',
        "{a:1}",
        "1/**/",
    ),
)
"""What JSON does not have, and some readers take."""
_SURROGATES = (r'"\ud83d"', r'"\udc00"', r'"\udc00\ud83d"', r'"\ud83d\u0041"', r'["\ud83d"]', r'{"\udfff":1}')
_ENCODED = (
    *(
        b"\xff",
        b"\xfe\xff",
        b"\x80",
        b"\xe9",
        b"\xe2\x82",
        b"\xf0\x9f\x8e",
        b"\xed\xa0\xbd",
        b"\xed\xa0\xbd\xed\xb2\x8e",
    ),
    *(b"\xc0\x80", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80"),
)
"""What UTF-8 does not have: single bytes, the halves of surrogates, the overlong, and what lies beyond Unicode."""
_TEXTS = (
    *('""', '" "', r'"\u0000"', '"\x7f"', '"\ufeff"', '"\u202e"', '"\ufffe"', '"e\u0301"', '"\U0010ffff"'),
    *(r'"\ud83d\udc8e"', r'"\/"', '"null"', '"NaN"', '"20"', '"1e400"', '"0001-01-01T00:00:00+23:59"', '"9999-12-31"'),
    *('"2026-03-02T08:00:60Z"', '"2026-02-30T08:00:00Z"', '"2026-03-02T08:00:00.' + "1" * 400 + 'Z"', '"\u0131"'),
)
_OTHER_TYPES = ("null", "true", "false", "[]", "{}", "0", "-1", "1.5", '"text"', "[null]", '[{"a":1}]', '{"value":1}')
_NAMES = (
    *(r'"\ud83d"', '""', '"__proto__"', '"a~b/c"', r'"\u0000"', '"timestamp "', '"' + "n" * 5000 + '"', "1", "null"),
    *(r'"\u0061mount"', '"amount\u0000"'),
)
_FOREIGN = (
    *(b"", b" \r\n\t", b"null", b"true", b"20", b'"text"', b"[]", b"{}", b"{", b"}", b"[[]", b"\x00", b"{}\x00", _BOM),
    *(b"type=Bet&amount=20", b"<event type='Bet'/>", b"{'type': 'Bet'}", b"type,amount\nBet,20\n", b"\x1f\x8b\x08\x00"),
    *(b"data: {}\n\n", b")]}',\n{}", b"\x00\x00\x00\x00\x07Bet"),
)
_DEPTHS = (64, 65, 1, 63, 66, 1000, 20_000)
_SIZES = (1000, 70_000, 200_000)
_ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp037")

_LONG = 2000

_Kind = Callable[[st.DrawFn, Document], bytes]
"""The bytes of one kind, made of an event."""


class LongBytes(bytes):
    """Bytes that are shown by their beginning and their length.

    Hypothesis warns of an example that takes more than 30 kB to print, and where warnings are errors nothing else would
    be seen of a test that failed.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} bytes that begin with {self[:40]!r}>"


def hostile_payloads() -> st.SearchStrategy[bytes]:
    """Bytes of many kinds that are no event, or hardly one, most of them made of a drawn one.

    Broken text and encodings, numbers and names that few readers hold, values of other types, properties twice, deep
    nesting, what is cut off, several, long (up to 200 kB), wrapped or in another format, and bytes at random. Some of
    what comes out is a valid event all the same.
    """
    return _payloads()


@st.composite
def _payloads(draw: st.DrawFn) -> bytes:
    kind = draw(st.sampled_from(_KINDS))
    raw = kind(draw, draw(_EVENTS))
    return LongBytes(raw) if len(raw) > _LONG else raw


_EVENTS = st.one_of(casino_events(), bonus_events())
_NAMED = tuple(dict.fromkeys(field.name for field in (*CASINO_FIELDS, *BONUS_FIELDS)))


def _with_value(draw: st.DrawFn, event: Document, value: bytes) -> bytes:
    """The event with that text as the value of a property, of one that it has not or that nobody knows, or in meta."""
    name = draw(st.sampled_from((*event, *event, *_NAMED, "unknown")))
    raw = msgspec.Raw(value)
    return payload_of(event | {name: {"inner": raw} if name == "meta" else raw})


def _with_member(draw: st.DrawFn, event: Document, member: bytes) -> bytes:
    """The event with that text as its first or its last member."""
    raw = payload_of(event)
    return raw[:-1] + b"," + member + b"}" if draw(st.booleans()) else b"{" + member + b"," + raw[1:]


def _one_of_these_values(values: tuple[str, ...]) -> _Kind:
    def kind(draw: st.DrawFn, event: Document) -> bytes:
        return _with_value(draw, event, draw(st.sampled_from(values)).encode())

    return kind


def _odd_name(draw: st.DrawFn, event: Document) -> bytes:
    return _with_member(draw, event, draw(st.sampled_from(_NAMES)).encode() + b":1")


def _broken_text(draw: st.DrawFn, event: Document) -> bytes:
    text = draw(st.sampled_from(_ENCODED))
    return _with_value(draw, event, b'"Caf' + text + (b'"' if draw(st.booleans()) else b""))


def _wrong_everywhere(draw: st.DrawFn, event: Document) -> bytes:
    values = st.sampled_from(_OTHER_TYPES)
    return payload_of({name: msgspec.Raw(draw(values).encode()) for name in event})


def _repeated(draw: st.DrawFn, event: Document) -> bytes:
    name = draw(st.sampled_from(sorted(event)))
    again = payload_of({name: event[name] if draw(st.booleans()) else msgspec.Raw(b"null")})[1:-1]
    return _with_member(draw, event, b",".join([again] * draw(st.sampled_from((1, 2, 1000)))))


def _nested(draw: st.DrawFn, event: Document) -> bytes:
    depth = draw(st.sampled_from(_DEPTHS))
    opening, closing = draw(st.sampled_from(((b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]"))))
    nested = opening * depth + b"1" + (closing * depth if draw(st.booleans()) else b"")
    return nested if draw(st.booleans()) else _with_value(draw, event, nested)


def _long(draw: st.DrawFn, event: Document) -> bytes:
    letter = draw(st.sampled_from(("a", "\u00e9", "\\u0000", '\\"', " ", "["))).encode()
    text = letter * (draw(st.sampled_from(_SIZES)) // len(letter))
    if draw(st.booleans()):
        return _with_member(draw, event, b'"' + text + b'":1')
    return _with_value(draw, event, b'"' + text + b'"')


def _many(draw: st.DrawFn, event: Document) -> bytes:
    names = (f"{'user_id' if draw(st.booleans()) else 'p'}{number}" for number in range(2000))
    return payload_of(event | dict.fromkeys(names, 1))


def _cut_off(draw: st.DrawFn, event: Document) -> bytes:
    raw = payload_of(event)
    return raw[: draw(st.integers(0, len(raw) - 1))]


def _several(draw: st.DrawFn, event: Document) -> bytes:
    separator = draw(st.sampled_from((b"", b"\n", b" ", b",", b"\x00", b"\x1e")))
    return separator.join([payload_of(event)] * draw(st.integers(2, 3)))


def _wrapped(draw: st.DrawFn, event: Document) -> bytes:
    raw = payload_of(event)
    wrap = draw(st.sampled_from(_WRAPPINGS))
    return wrap(raw)


_WRAPPINGS: tuple[Callable[[bytes], bytes], ...] = (
    lambda raw: b"[" + raw + b"]",
    lambda raw: b"[" + raw + b"," + raw + b"]",
    lambda raw: b'{"payload":' + raw + b"}",
    lambda raw: b'{"type":"CASINO","data":[' + raw + b"]}",
    lambda raw: b'{"payload":{"payload":' + raw + b"}}",
    lambda raw: b'{"message":' + json.dumps(raw.decode()).encode() + b"}",
    lambda raw: json.dumps(raw.decode()).encode(),
    lambda raw: json.dumps(json.dumps(raw.decode())).encode(),
    base64.b64encode,
    lambda raw: gzip.compress(raw, mtime=0),
    lambda raw: msgspec.msgpack.encode(msgspec.json.decode(raw)),
    lambda raw: b"payload=" + raw,
    lambda raw: b"\x00\x00\x00\x00\x07" + raw,
)


def _marked(draw: st.DrawFn, event: Document) -> bytes:
    raw = payload_of(event)
    return draw(st.sampled_from((_BOM + raw, _BOM + _BOM + raw, raw + _BOM, b" " + _BOM + raw, _BOM + b"\n" + raw)))


def _in_another_encoding(draw: st.DrawFn, event: Document) -> bytes:
    return payload_of(event).decode().encode(draw(st.sampled_from(_ENCODINGS)), "replace")


def _one_byte_off(draw: st.DrawFn, event: Document) -> bytes:
    raw = payload_of(event)
    at = draw(st.integers(0, len(raw) - 1))
    return raw[:at] + draw(st.binary(max_size=2)) + raw[at + draw(st.integers(0, 2)) :]


def _any_json(draw: st.DrawFn, event: Document) -> bytes:
    plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    names = st.sampled_from((*event, "unknown")) | st.text(max_size=5)
    value = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(names, inner), max_leaves=10)
    return json.dumps(draw(value)).encode()


_KINDS: tuple[_Kind, ...] = (
    *map(_one_of_these_values, (_NUMBERS, _NO_NUMBERS, _NO_VALUES, _SURROGATES, _TEXTS, _OTHER_TYPES)),
    *(_broken_text, _odd_name, _wrong_everywhere, _repeated, _nested, _long, _many, _cut_off, _several, _wrapped),
    *(_marked, _in_another_encoding, _one_byte_off, _any_json),
    lambda draw, _: draw(st.sampled_from(_FOREIGN)),
    lambda draw, _: draw(st.binary(max_size=100)),
)
