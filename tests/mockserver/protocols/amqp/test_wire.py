import struct
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import decode as pamqp_decode
from pamqp import encode as pamqp_encode

from ftcrm.mockserver.protocols.amqp import wire
from ftcrm.mockserver.protocols.amqp.errors import PeerError, ReplyCode

INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = st.text("abcdefghijk-_.é", max_size=12)
decimals = st.builds(lambda n, scale: Decimal(n).scaleb(-scale), st.integers(0, (1 << 31) - 1), st.integers(0, 20))
leaves = st.one_of(st.none(), st.booleans(), INT64, st.floats(allow_nan=False), texts, st.binary(max_size=20), decimals)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
tables = st.dictionaries(names, values, max_size=6)


@given(tables)
def test_a_table_is_read_as_it_was_written(fields: wire.FieldTable) -> None:
    data = b"xx" + wire.table(fields)
    assert wire.read_table(data, 2) == (fields, len(data))


@given(st.dictionaries(names, st.recursive(leaves.filter(lambda item: not isinstance(item, float | bytes)), st.lists)))
def test_pamqp_reads_the_tables_we_write(fields: wire.FieldTable) -> None:
    data = wire.table(fields)
    assert pamqp_decode.field_table(data) == (len(data), fields)


@given(st.dictionaries(names, st.recursive(leaves.filter(lambda item: not isinstance(item, float | bytes)), st.lists)))
def test_we_read_the_tables_pamqp_writes(fields: wire.FieldTable) -> None:
    data = pamqp_encode.field_table(fields)
    assert wire.read_table(data, 0) == (fields, len(data))


@pytest.mark.parametrize(
    ("letter", "item"),
    [
        ("t", True),
        ("b", -128),
        ("B", 255),
        ("s", -32768),
        ("U", -32768),
        ("u", 65535),
        ("I", -(1 << 31)),
        ("i", (1 << 32) - 1),
        ("l", -(1 << 63)),
        ("L", -(1 << 63)),
        ("f", 1.5),
        ("d", 0.1),
        ("D", Decimal("-12.50")),
        ("S", "text"),
        ("x", b"\x00\xff"),
        ("A", [1, "two", None, [3.0]]),
        ("F", {"a": {"b": 1}}),
        ("T", wire.Timestamp((1 << 64) - 1)),
        ("V", None),
    ],
)
def test_every_field_type_is_read_as_it_was_written(letter: str, item: wire.FieldValue) -> None:
    data = wire.value(item, letter)
    assert data[:1] == letter.encode()
    read, stop = wire.read_value(data, 0)
    assert (read, type(read), stop) == (item, type(item), len(data))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"s\xff\xfe", -2),
        (b"U\xff\xfe", -2),
        (b"u\xff\xfe", 65534),
        (b"b\xfe", -2),
        (b"B\xfe", 254),
        (b"I\xff\xff\xff\xfe", -2),
        (b"i\xff\xff\xff\xfe", 4294967294),
        (b"l" + b"\xff" * 8, -1),
        (b"L" + b"\xff" * 8, -1),
        (b"t\x02", True),
        (b"D\x02\x00\x00\x04\xd2", Decimal("12.34")),
    ],
)
def test_numbers_have_the_width_and_sign_that_rabbitmq_gives_them(data: bytes, expected: object) -> None:
    assert wire.read_value(data, 0) == (expected, len(data))


@given(st.binary(max_size=40))
def test_text_keeps_every_byte(raw: bytes) -> None:
    text, _ = wire.read_value(b"S" + struct.pack(">I", len(raw)) + raw, 0)
    assert isinstance(text, str)
    assert wire.bytes_of(text) == raw


@pytest.mark.parametrize("opening", ["table", "array"])
def test_nesting_is_bounded(opening: str) -> None:
    def nested(depth: int) -> bytes:
        item: wire.FieldValue = 1
        for _ in range(depth):
            item = {"k": item} if opening == "table" else [item]
        return wire.table({"k": item})

    deepest = wire.MAX_DEPTH - 1
    assert wire.read_table(nested(deepest), 0)[1] == len(nested(deepest))
    with pytest.raises(PeerError, match="nested more than 32") as caught:
        wire.read_table(nested(deepest + 1), 0)
    assert caught.value.code is ReplyCode.SYNTAX_ERROR


@given(tables.filter(bool), st.data())
def test_a_truncated_table_is_a_syntax_error(fields: wire.FieldTable, data: st.DataObject) -> None:
    raw = wire.table(fields)
    cut = data.draw(st.integers(0, len(raw) - 1))
    with pytest.raises(PeerError) as caught:
        wire.read_table(raw[:cut], 0)
    assert caught.value.code is ReplyCode.SYNTAX_ERROR


@given(st.binary(max_size=60))
def test_hostile_tables_are_read_or_refused(raw: bytes) -> None:
    try:
        fields, stop = wire.read_table(struct.pack(">I", len(raw)) + raw, 0)
    except PeerError as fault:
        assert fault.code is ReplyCode.SYNTAX_ERROR  # noqa: PT017 - either outcome is right
    else:
        assert stop == len(raw) + 4
        assert isinstance(fields, dict)


@pytest.mark.parametrize(
    ("item", "letter"),
    [
        (1 << 63, None),
        (object(), None),
        (300, "B"),
        ("text", "x"),
        (Decimal("NaN"), None),
        (Decimal("1E+3"), None),
        (Decimal(1 << 31), None),
        ("k" * 256, "shortstr"),
    ],
)
def test_what_no_field_holds_is_the_callers_error(item: object, letter: str | None) -> None:
    write = wire.shortstr if letter == "shortstr" else lambda each: wire.value(each, letter)
    with pytest.raises(ValueError, match=r"field|short string"):
        write(item)  # type: ignore[arg-type]  # the point of the test


def test_an_unknown_field_type_is_named() -> None:
    with pytest.raises(PeerError, match="field type 'Z' at byte 0"):
        wire.read_value(b"Z", 0)
