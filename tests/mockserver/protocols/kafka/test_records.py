"""Record sets of every magic and codec, what is wrong with some of them, and their limits."""

from __future__ import annotations

import gzip
import hashlib
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import cramjam
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.record.default_records import DefaultRecordBatchBuilder as OtherBatchBuilder
from kafka.record.legacy_records import LegacyRecordBatchBuilder as OtherSetBuilder

from ftcrm.mockserver.protocols.kafka import Broker, Limits, Produced, Record, Rejected
from ftcrm.mockserver.protocols.kafka.errors import RefusedError
from ftcrm.mockserver.protocols.kafka.limits import Budget
from ftcrm.mockserver.protocols.kafka.raw_records import check_header_counts, read

GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
VALUES = [b'{"n": 1}', b"", None, b"\xff" * 300, b"x" * 40_000]
HEADERS = (("type", b"CASINO"), ("type", b"BONUS"), ("bytes", b"\xff\0"), ("null", None), ("", b""))


def _records(event: Any) -> list[Record]:
    (batch,) = event.batches
    records: list[Record] = batch.records
    return records


@pytest.mark.parametrize("codec", range(5))
def test_batches_of_every_codec(client: Any, batches: Any, codec: int) -> None:
    event = client.produced(("t", 0, batches.batch(VALUES, codec=codec, headers=HEADERS, key=b"k")))
    assert _records(event) == [
        Record(at, 1_700_000_000_000 + at, 0, b"k", value, HEADERS, len(value or b""), None, False)
        for at, value in enumerate(VALUES)
    ]
    (batch,) = event.batches
    assert (batch.topic, batch.partition, batch.base_offset) == ("t", 0, 0)
    assert (batch.producer_id, batch.transactional, batch.refused) == (-1, False, False)


def test_batches_of_another_builder(client: Any) -> None:
    builder = OtherBatchBuilder(2, GZIP, False, -1, -1, -1, 1 << 20)
    for at in range(3):
        builder.append(at, 5 + at, None, b"v%d" % at, [("h", b"1")])
    records = _records(client.produced(("t", 0, bytes(builder.build()))))
    assert [(record.timestamp_ms, record.value, record.headers) for record in records] == [
        (5 + at, b"v%d" % at, (("h", b"1"),)) for at in range(3)
    ]


@pytest.mark.parametrize("codec", [0, GZIP, SNAPPY, LZ4])
@pytest.mark.parametrize(("magic", "version"), [(0, 3), (1, 3), (1, 12)])
def test_old_message_sets_of_every_codec(client: Any, batches: Any, magic: int, version: int, codec: int) -> None:
    if magic == 0 and codec == LZ4:
        data = _with_old_lz4(batches)
    else:
        data = batches.message_set(VALUES, magic=magic, codec=codec)
    for base in (0, len(VALUES)):
        event = client.produced(("t", 0, data), version=version)
        assert _records(event) == [
            Record(
                base + at,
                1_700_000_000_000 + at if magic else None,
                0 if magic else None,
                b"key",
                value,
                (),
                len(value or b""),
                None,
                False,
            )
            for at, value in enumerate(VALUES)
        ]
        client.connection.settle(event.token)


def _with_old_lz4(batches: Any) -> bytes:
    """What an 0.8 client sends: the checksum of the lz4 descriptor is made over the magic number too (KAFKA-3160)."""
    inner = bytes(cramjam.lz4.compress(batches.message_set(VALUES, magic=0)))
    end = 6 + (8 if inner[4] & 8 else 0)
    wrong = inner[:end] + bytes([inner[end] ^ 0x5A]) + inner[end + 1 :]
    with pytest.raises(cramjam.DecompressionError):
        cramjam.lz4.decompress(wrong)
    data: bytes = batches.message(wrong, magic=0, attributes=LZ4)
    return data


def test_an_old_lz4_frame_with_a_content_size(client: Any, batches: Any) -> None:
    inner = batches.message(b"a", magic=0)
    block = bytes(cramjam.lz4.compress_block(inner, store_size=False))
    frame = b"\x04\x22\x4d\x18\x68\x40" + struct.pack("<Q", len(inner)) + b"?"
    frame += struct.pack("<I", len(block)) + block + bytes(4)
    with pytest.raises(cramjam.DecompressionError):
        cramjam.lz4.decompress(frame)
    data = batches.message(frame, magic=0, attributes=LZ4)
    assert [record.value for record in _records(client.produced(("t", 0, data)))] == [b"a"]


@pytest.mark.parametrize(("magic", "codec"), [(0, 0), (1, 0), (0, GZIP), (1, GZIP)])
def test_message_sets_of_another_builder(client: Any, magic: int, codec: int) -> None:
    builder = OtherSetBuilder(magic, codec, 1 << 20)
    for at in range(3):
        builder.append(at, timestamp=5 + at, key=None, value=b"v%d" % at)
    records = _records(client.produced(("t", 0, bytes(builder.build()))))
    assert [record.value for record in records] == [b"v0", b"v1", b"v2"]
    assert [record.timestamp_ms for record in records] == ([5, 6, 7] if magic else [None] * 3)


def test_a_set_may_mix_plain_and_compressed_messages(client: Any, batches: Any) -> None:
    inner = batches.message(b"b", offset=0) + batches.message(b"c", offset=1)
    data = batches.message(b"a") + batches.message(gzip.compress(inner), attributes=GZIP, offset=1)
    assert [record.value for record in _records(client.produced(("t", 0, data)))] == [b"a", b"b", b"c"]


def test_log_append_time_of_a_compressed_set_is_that_of_its_wrapper(client: Any, batches: Any) -> None:
    inner = gzip.compress(batches.message(b"a", timestamp=1))
    data = batches.message(inner, attributes=GZIP | 8, timestamp=99)
    (record,) = _records(client.produced(("t", 0, data)))
    assert (record.timestamp_ms, record.timestamp_type) == (99, 1)


def test_no_timestamp_has_no_type(client: Any, batches: Any) -> None:
    (record,) = _records(client.produced(("t", 0, batches.message(b"a", timestamp=-1))))
    assert (record.timestamp_ms, record.timestamp_type) == (None, None)


def test_header_keys_that_are_not_utf8_lose_nothing(client: Any, batches: Any) -> None:
    body = b"\x00\x04\x00\x01\x02v\x02\x04\xff\xfe\x01"
    body = _varint(len(body)) + body
    records = _records(client.produced(("t", 0, batches.raw(body, count=1))))
    assert records == [Record(0, 1002, 0, None, b"v", (("\udcff\udcfe", None),), 1, None, False)]
    assert records[0].headers[0][0].encode(errors="surrogateescape") == b"\xff\xfe"


def _varint(number: int) -> bytes:
    number = number << 1 ^ number >> 63
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


@pytest.mark.parametrize(
    "body",
    [
        b"\x00\x04\x00\x01\x02v\x02\x04\xff\xfe\x0a",
        b"\x00\x04\x00\x01\x02v\x02\x04\xff\xfe\x01\x00",
        b"\x00\x04\x00\x01\x02v\x04\x04\xff\xfe\x01",
    ],
    ids=["value beyond", "bytes behind", "header missing"],
)
def test_odd_header_keys_in_a_corrupt_batch(client: Any, batches: Any, body: bytes) -> None:
    assert client.rejected(batches.raw(_varint(len(body)) + body, count=1))[0] == 2


def test_bytes_behind_the_last_record(client: Any, batches: Any) -> None:
    for name in (b"\xff\xfe", b"ok"):
        body = _varint(11) + b"\x00\x04\x00\x01\x02v\x02\x04" + name + b"\x01"
        client.produced(("t", 0, batches.raw(body, count=1)), acks=0)
        assert client.rejected(batches.raw(body + b"\0", count=1))[0] == 2


def test_odd_header_keys_are_counted(connect: Callable[[Broker], Any], batches: Any) -> None:
    client = connect(Broker(limits=Limits(max_items=5)))
    for number, error in ((4, None), (5, 10)):
        body = b"\x00\x04\x00\x01\x02v" + _varint(number) + b"\x02\xff\x01" * number
        data = batches.raw(_varint(len(body)) + body, count=1)
        if error:
            assert client.rejected(data)[0] == error
        else:
            client.produced(("t", 0, data), acks=0)


nullable = st.none() | st.binary(max_size=300)


@given(
    st.lists(
        st.tuples(nullable, nullable, st.lists(st.tuples(st.text(max_size=20), nullable), max_size=3)),
        min_size=1,
        max_size=5,
    ),
    st.integers(0, 4),
)
def test_the_slow_parser_agrees_with_the_fast_one(
    batches: Any, connect: Callable[[Broker], Any], rows: Any, codec: int
) -> None:
    builder = OtherBatchBuilder(2, 0, False, -1, -1, -1, 1 << 20)
    for at, (key, value, headers) in enumerate(rows):
        builder.append(at, 1000 + at, key, value, headers)
    data = bytes(builder.build())
    fast = _records(connect(Broker()).produced(("t", 0, data)))

    class Times:
        first_timestamp, max_timestamp, timestamp_type = 1000, 1000 + len(rows), 0

    slow = list(read(memoryview(data)[61:], len(rows), Times, Budget(Limits())))
    assert [(r.key, r.value, r.timestamp_ms, r.timestamp_type, r.headers) for r in fast] == [tuple(r) for r in slow]
    assert [(key, value, tuple(headers)) for key, value, headers in rows] == [(r.key, r.value, r.headers) for r in fast]


@pytest.mark.parametrize("at", [17, 21, 40, 61, 70, -1])
def test_a_bad_checksum_is_refused_and_the_rest_goes_on(client: Any, batches: Any, at: int) -> None:
    good = batches.batch(2)
    bad = bytearray(good)
    bad[at] ^= 1
    rejected, produced = client.produce(("t", 0, bytes(bad)), ("u", 0, good), ("v", 0, bytes(bad)[:-1]))[::2]
    assert isinstance(rejected, Rejected)
    assert isinstance(produced, Produced)
    assert "CRC" in rejected.reason
    assert [batch.topic for batch in produced.batches] == ["u"]
    client.connection.settle(produced.token)
    assert client.results() == [(2, -1), (0, 0), (2, -1)]


@pytest.mark.parametrize("magic", [0, 1])
@pytest.mark.parametrize("codec", [0, GZIP])
def test_a_bad_checksum_in_an_old_set(client: Any, batches: Any, magic: int, codec: int) -> None:
    data = bytearray(batches.message_set([b"a", b"b"], magic=magic, codec=codec))
    data[-1] ^= 1
    error, reason = client.rejected(bytes(data))
    assert error == 2
    assert "CRC-32" in reason


def test_a_bad_checksum_inside_a_compressed_set(client: Any, batches: Any) -> None:
    inner = bytearray(batches.message(b"a"))
    inner[-1] ^= 1
    assert client.rejected(batches.message(gzip.compress(bytes(inner)), attributes=GZIP))[0] == 2


@pytest.mark.parametrize("codec", [5, 6, 7])
def test_unknown_codecs(client: Any, batches: Any, codec: int) -> None:
    error, reason = client.rejected(batches.raw(b"x" * 20, count=1, attributes=codec))
    assert error == 76
    assert f"got {codec}" in reason
    assert client.rejected(batches.message(b"x", attributes=codec))[0] == 76


def test_zstd_is_unknown_before_magic_2(client: Any, batches: Any) -> None:
    inner = bytes(cramjam.zstd.compress(batches.message(b"a")))
    assert client.rejected(batches.message(inner, attributes=ZSTD))[0] == 76


@pytest.mark.parametrize("codec", [GZIP, SNAPPY, LZ4, ZSTD])
@pytest.mark.parametrize("body", [b"", b"x", b"garbage" * 10])
def test_what_does_not_decompress_is_corrupt(client: Any, batches: Any, codec: int, body: bytes) -> None:
    assert client.rejected(batches.raw(body, count=1, attributes=codec))[0] == 2


@pytest.mark.parametrize("codec", [GZIP, SNAPPY, LZ4, ZSTD])
def test_a_compressed_body_cut_anywhere_is_refused(client: Any, batches: Any, codec: int) -> None:
    body = batches.batch([b"v" * 50, b"w" * 50], codec=codec)[61:]
    client.produced(("t", 0, batches.raw(body, count=2, attributes=codec)), acks=0)
    for end in range(len(body)):
        assert client.rejected(batches.raw(body[:end], count=2, attributes=codec))[0] in {2, 87}, end


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"attributes": 0x20, "count": 1}, 87),
        ({"count": 0}, 87),
        ({"count": -1}, 87),
        ({"count": 2, "last_offset_delta": 5}, 87),
        ({"count": 3}, 2),
        ({"count": 1}, 2),
        ({"count": 2**31 - 1}, 10),
    ],
    ids=["control batch", "empty", "negative", "offsets", "more records than bytes", "fewer", "absurd"],
)
def test_batches_that_contradict_themselves(client: Any, batches: Any, changes: dict[str, int], error: int) -> None:
    body = batches.batch([b"a", b"b"])[61:]
    client.produced(("t", 0, batches.raw(body, count=2)), acks=0)
    assert client.rejected(batches.raw(body, **changes))[0] == error


@pytest.mark.parametrize("data", [b"", b"x", bytes(16), bytes(60), bytes(16) + b"\3" + bytes(60)])
def test_what_is_no_record_set(client: Any, data: bytes) -> None:
    assert client.rejected(data)[0] == 2


def test_one_batch_for_a_partition(client: Any, batches: Any) -> None:
    assert client.rejected(batches.batch() * 2)[0] == 87


def test_a_set_cut_anywhere_is_refused(client: Any, batches: Any) -> None:
    for data in (batches.batch(3), batches.message_set([b"a"], magic=1), batches.message_set([b"a"], magic=0)):
        for end in range(len(data)):
            assert client.rejected(data[:end])[0] == 2, end


@pytest.mark.parametrize("length", [-(2**31), -13, -12, -1, 0, 13, 2**31 - 1])
def test_an_inner_length_that_would_hang_the_c_parser(client: Any, batches: Any, length: int) -> None:
    inner = bytearray(batches.message(b"a"))
    struct.pack_into(">i", inner, 8, length)
    assert client.rejected(batches.message(gzip.compress(bytes(inner)), attributes=GZIP))[0] == 2
    assert client.rejected(bytes(inner))[0] == 2


def _old(body: bytes, *, magic: int = 1) -> bytes:
    body = bytes([magic, 0]) + body
    return struct.pack(">qiI", 0, len(body) + 4, zlib.crc32(body)) + body


@pytest.mark.parametrize(
    "data",
    [
        _old(bytes(8) + struct.pack(">ii", -1, 5) + b"four"),
        _old(bytes(8) + struct.pack(">ii", -2, -1)),
        _old(bytes(8) + struct.pack(">ii", -1, -1) + b"more"),
        _old(bytes(8) + struct.pack(">i", -1)),
        _old(bytes(8), magic=2) + bytes(60),
    ],
    ids=["value beyond", "negative key", "bytes behind", "no value", "magic 2 inside"],
)
def test_old_messages_that_contradict_themselves(client: Any, batches: Any, data: bytes) -> None:
    assert client.rejected(batches.message(b"fine") + data)[0] == 2


def test_a_compressed_set_of_nothing(client: Any, batches: Any) -> None:
    assert client.rejected(batches.message(gzip.compress(b""), attributes=GZIP))[0] == 2


def test_two_layers_of_compression(client: Any, batches: Any) -> None:
    inner = batches.message(gzip.compress(batches.message(b"a")), attributes=GZIP)
    assert client.rejected(batches.message(gzip.compress(inner), attributes=GZIP))[0] == 87


def test_a_compressed_message_without_a_value(client: Any, batches: Any) -> None:
    assert client.rejected(batches.message(None, attributes=GZIP))[0] == 2


MIB = 1 << 20


def test_plain_batches_are_held_to_the_cap_too(connect: Callable[[Broker], Any], batches: Any) -> None:
    client = connect(Broker(limits=Limits(max_decompressed=1000)))
    assert client.rejected(batches.batch([b"x" * 1000]))[0] == 10
    client.produced(("t", 0, batches.batch([b"x" * 900])), acks=0)


def test_the_cap_holds_for_a_request_and_not_for_each_partition(client: Any, batches: Any) -> None:
    data = batches.batch([bytes(900_000)] * 30, codec=ZSTD)
    events = client.produce(*((f"t{number}", 0, data) for number in range(3)))
    assert [type(event).__name__ for event in events] == ["Rejected", "Produced"]
    client.connection.settle(events[1].token)
    assert [error for error, _ in client.results()] == [0, 0, 10]


def test_the_cap_holds_for_old_sets_too(connect: Callable[[Broker], Any], batches: Any) -> None:
    client = connect(Broker(limits=Limits(max_decompressed=2000)))
    data = batches.message_set([b"x" * 1000], magic=1, codec=GZIP)
    events = client.produce(("t", 0, data), ("u", 0, data))
    assert [type(event).__name__ for event in events] == ["Rejected", "Produced"]
    client = connect(Broker(limits=Limits(max_items=3)))
    client.produced(("t", 0, batches.message_set([b"x"] * 3, magic=1)), acks=0)
    assert client.rejected(batches.message_set([b"x"] * 4, magic=1))[0] == 10


def test_a_large_record_is_delivered_cut_and_refused(client: Any, batches: Any, broker: Broker) -> None:
    value = b"large " * 300_000
    data = batches.batch([b"small", value], codec=GZIP, headers=[("h", b"1")], key=b"k")
    event = client.produced(("t", 0, data), ("u", 0, batches.batch()))
    refused, taken = event.batches
    assert (refused.refused, refused.base_offset, taken.refused, taken.base_offset) == (True, -1, False, 0)
    small, large = refused.records
    assert (small.offset, small.value, small.truncated, small.value_sha256) == (-1, b"small", False, None)
    assert (large.offset, large.value, large.truncated) == (-1, value[:65_536], True)
    assert (large.value_size, large.value_sha256) == (len(value), hashlib.sha256(value).hexdigest())
    assert (large.key, large.headers) == (b"k", (("h", b"1"),))
    client.connection.settle(event.token)
    assert client.results() == [(10, -1), (0, 0)]
    assert broker.next_offset("t", 0) == 0


@pytest.mark.parametrize("magic", [0, 1])
def test_a_large_message_of_an_old_set(client: Any, batches: Any, magic: int) -> None:
    event = client.produced(("t", 0, batches.message(b"x" * (MIB + 1), magic=magic)))
    (record,) = _records(event)
    assert (record.truncated, record.value_size, len(record.value or b"")) == (True, MIB + 1, 65_536)
    client.connection.settle(event.token)
    assert client.results() == [(10, -1)]


def test_a_record_at_the_limit_is_taken(connect: Callable[[Broker], Any], batches: Any) -> None:
    client = connect(Broker(limits=Limits(max_record=1000, keep_prefix=10)))
    headers = [("head", b"er"), ("null", None)]
    fits = batches.batch([b"v" * 980], key=b"0123456789", headers=headers)
    larger = batches.batch([b"v" * 981], key=b"0123456789ab", headers=headers)
    (record,) = _records(client.produced(("t", 0, fits)))
    assert (record.truncated, record.value_size) == (False, 980)
    (record,) = _records(client.produced(("t", 0, larger)))
    assert (record.truncated, record.key, record.headers) == (True, b"0123456789", (("head", b"er"), ("null", None)))
    (record,) = _records(client.produced(("t", 0, batches.batch([None], headers=[("h" * 9, None), ("x", b"y" * 999)]))))
    assert (record.value, record.headers) == (None, (("h" * 9, None),))
    assert record.value_sha256 == hashlib.sha256(b"").hexdigest()


def test_headers_are_counted_before_they_are_built(connect: Callable[[Broker], Any], batches: Any) -> None:
    client = connect(Broker(limits=Limits(max_record=100, max_items=1000)))
    record = b"\x00\x00\x00\x01\x01" + _varint(50_000) + b"\0\1" * 50_000
    data = batches.raw(_varint(len(record)) + record, count=1)
    tracemalloc.start()
    try:
        assert client.rejected(data)[0] == 10
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000  # as values they would be 3.6 MB
    with pytest.raises(RefusedError):
        check_header_counts(memoryview(data)[61:], 1, 100, Budget(Limits(max_items=49_999)))
    check_header_counts(memoryview(data)[61:], 1, 100, Budget(Limits(max_items=50_000)))


def test_many_small_records_with_many_headers_are_bounded(connect: Callable[[Broker], Any], batches: Any) -> None:
    client = connect(Broker(limits=Limits(max_record=100, max_items=100)))
    data = batches.batch([b"v"] * 30, headers=[("h", None)] * 3)
    assert client.rejected(data)[0] == 10
    client.produced(("t", 0, batches.batch([b"v"] * 20, headers=[("h", None)] * 3)), acks=0)


@given(st.binary(max_size=200), st.integers(0, 4), st.integers(1, 4))
def test_hostile_batches_never_raise(
    connect: Callable[[Broker], Any], batches: Any, body: bytes, codec: int, count: int
) -> None:
    client = connect(Broker(limits=Limits(max_record=50, max_items=20)))
    (event,) = client.produce(("t", 0, batches.raw(body, count=count, attributes=codec)))
    assert isinstance(event, Rejected | Produced)


@given(st.data())
def test_batches_damaged_under_a_right_checksum_never_raise(
    connect: Callable[[Broker], Any], batches: Any, data: st.DataObject
) -> None:
    body = bytearray(batches.batch([b"one", None, b"three" * 30], headers=HEADERS, key=b"key")[61:])
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    for limits in (Limits(), Limits(max_record=20)):
        (event,) = connect(Broker(limits=limits)).produce(("t", 0, batches.raw(bytes(body), count=3)))
        assert isinstance(event, Rejected | Produced)


@given(st.binary(max_size=80), st.integers(0, 1), st.integers(-128, 127))
def test_hostile_messages_never_raise(
    connect: Callable[[Broker], Any], batches: Any, value: bytes, magic: int, attributes: int
) -> None:
    client = connect(Broker())
    (event,) = client.produce(("t", 0, batches.message(value, magic=magic, attributes=attributes)))
    assert isinstance(event, Rejected | Produced)


@given(st.binary(max_size=200))
def test_hostile_record_sets_never_raise(connect: Callable[[Broker], Any], data: bytes) -> None:
    (event,) = connect(Broker()).produce(("t", 0, data))
    assert isinstance(event, Rejected | Produced)
