"""Every API at every version against kio; versions that kio has dropped, against bytes pinned from Kafka's manual."""

from __future__ import annotations

import itertools
import struct
from typing import Any

import pytest

from ftcrm.mockserver.protocols.kafka.codec import decode_request, encode_response, read_header
from ftcrm.mockserver.protocols.kafka.errors import MalformedError
from ftcrm.mockserver.protocols.kafka.schemas import APIS, BY_KEY, ApiKey, Field

ADVERTISED = {
    ApiKey.PRODUCE: (0, 12),
    ApiKey.FETCH: (0, 11),
    ApiKey.LIST_OFFSETS: (0, 7),
    ApiKey.METADATA: (0, 12),
    ApiKey.FIND_COORDINATOR: (0, 4),
    ApiKey.SASL_HANDSHAKE: (0, 1),
    ApiKey.API_VERSIONS: (0, 3),
    ApiKey.CREATE_TOPICS: (0, 7),
    ApiKey.INIT_PRODUCER_ID: (0, 5),
    ApiKey.ADD_PARTITIONS_TO_TXN: (0, 3),
    ApiKey.END_TXN: (0, 3),
    ApiKey.SASL_AUTHENTICATE: (0, 2),
}
DROPPED_BY_KIO = {
    (ApiKey.PRODUCE, 0),
    (ApiKey.PRODUCE, 1),
    (ApiKey.PRODUCE, 2),
    (ApiKey.FETCH, 0),
    (ApiKey.FETCH, 1),
    (ApiKey.FETCH, 2),
    (ApiKey.FETCH, 3),
    (ApiKey.LIST_OFFSETS, 0),
    (ApiKey.CREATE_TOPICS, 0),
    (ApiKey.CREATE_TOPICS, 1),
}
EVERY = [(api.key, version) for api in APIS for version in range(api.versions.low, api.versions.high + 1)]
WITH_ORACLE = [pair for pair in EVERY if pair not in DROPPED_BY_KIO]


def test_advertised_versions_are_the_measured_ones() -> None:
    assert {api.key: tuple(api.versions) for api in APIS} == ADVERTISED


def test_kio_has_every_version_but_the_pinned_ones(oracle: Any) -> None:
    missing = {(key, version) for key, version in EVERY if oracle.entity(key, version, "request") is None}
    assert missing == DROPPED_BY_KIO


def _sample(rows: tuple[Field, ...], version: int, numbers: Any, *, nulls: bool) -> dict[str, Any]:
    message = {}
    for row in rows:
        if version not in row.versions:
            continue
        if nulls and version in row.nullable:
            message[row.name] = None
        elif row.array:
            message[row.name] = [_value(row, version, numbers, nulls=nulls) for _ in range(2)]
        else:
            message[row.name] = _value(row, version, numbers, nulls=nulls)
    return message


def _value(row: Field, version: int, numbers: Any, *, nulls: bool) -> Any:
    if isinstance(row.kind, tuple):
        return _sample(row.kind, version, numbers, nulls=nulls)
    number = next(numbers) % 40 + 1
    made: dict[str, Any] = {
        "bool": number % 2 == 0,
        "string": f"text {number} \N{SNOWMAN}",
        "bytes": b"bytes %d" % number * 30,
        "uuid": bytes(range(number, number + 16)),
    }
    return made.get(row.kind, number)


@pytest.mark.parametrize("nulls", [False, True])
@pytest.mark.parametrize(("key", "version"), WITH_ORACLE)
def test_requests_that_kio_writes_are_read(oracle: Any, key: ApiKey, version: int, nulls: bool) -> None:
    message = _sample(BY_KEY[key].request, version, itertools.count(), nulls=nulls)
    frame = oracle.request(key, version, message, correlation=77, client=None if nulls else "me")[4:]
    header = read_header(frame)
    assert header[:4] == (key, version, 77, None if nulls else "me")
    assert decode_request(key, version, frame, header.body_at) == message


@pytest.mark.parametrize("nulls", [False, True])
@pytest.mark.parametrize(("key", "version"), WITH_ORACLE)
def test_responses_are_read_by_kio(oracle: Any, key: ApiKey, version: int, nulls: bool) -> None:
    message = _sample(BY_KEY[key].response, version, itertools.count(), nulls=nulls)
    frame = encode_response(key, version, 77, message)
    assert struct.unpack_from(">i", frame) == (len(frame) - 4,)
    assert oracle.response(key, version, frame) == (77, message)


@pytest.mark.parametrize(("key", "version"), WITH_ORACLE)
def test_a_request_cut_anywhere_is_malformed(oracle: Any, key: ApiKey, version: int) -> None:
    message = _sample(BY_KEY[key].request, version, itertools.count(), nulls=False)
    frame = oracle.request(key, version, message, correlation=1, client="me")[4:]
    header = read_header(frame)
    for end in range(len(frame)):
        with pytest.raises(MalformedError):
            decode_request(key, version, frame[:end], read_header(frame[:end]).body_at)
    assert decode_request(key, version, frame + b"more", header.body_at) == message


def _string(text: str) -> bytes:
    return struct.pack(">h", len(text)) + text.encode()


PRODUCE_BODY = (
    struct.pack(">hi", -1, 1500)
    + struct.pack(">i", 1)
    + _string("t")
    + struct.pack(">i", 1)
    + struct.pack(">ii", 3, 4)
    + b"data"
)
FETCH_HEAD = struct.pack(">iii", -1, 100, 1)
FETCH_TOPICS = struct.pack(">i", 1) + _string("t") + struct.pack(">i", 1) + struct.pack(">iqi", 2, 9, 4096)
FETCHED = {"name": "t", "partitions": [{"index": 2, "fetch_offset": 9, "partition_max_bytes": 4096}]}
CREATED = {
    "name": "t",
    "num_partitions": 2,
    "replication_factor": 1,
    "assignments": [{"partition_index": 0, "broker_ids": [1]}],
    "configs": [{"name": "a", "value": None}],
}
CREATE_TOPIC = (
    struct.pack(">i", 1)
    + _string("t")
    + struct.pack(">ih", 2, 1)
    + struct.pack(">iiii", 1, 0, 1, 1)
    + struct.pack(">i", 1)
    + _string("a")
    + struct.pack(">h", -1)
    + struct.pack(">i", 30)
)
PRODUCED = {"acks": -1, "timeout_ms": 1500, "topics": [{"name": "t", "partitions": [{"index": 3, "records": b"data"}]}]}
FETCH_ASKED = {"replica_id": -1, "max_wait_ms": 100, "min_bytes": 1}
OLD_REQUESTS = [
    (ApiKey.PRODUCE, 0, PRODUCE_BODY, PRODUCED),
    (ApiKey.PRODUCE, 1, PRODUCE_BODY, PRODUCED),
    (ApiKey.PRODUCE, 2, PRODUCE_BODY, PRODUCED),
    (ApiKey.FETCH, 0, FETCH_HEAD + FETCH_TOPICS, FETCH_ASKED | {"topics": [FETCHED]}),
    (ApiKey.FETCH, 1, FETCH_HEAD + FETCH_TOPICS, FETCH_ASKED | {"topics": [FETCHED]}),
    (ApiKey.FETCH, 2, FETCH_HEAD + FETCH_TOPICS, FETCH_ASKED | {"topics": [FETCHED]}),
    (
        ApiKey.FETCH,
        3,
        FETCH_HEAD + struct.pack(">i", 777) + FETCH_TOPICS,
        FETCH_ASKED | {"max_bytes": 777, "topics": [FETCHED]},
    ),
    (
        ApiKey.LIST_OFFSETS,
        0,
        struct.pack(">ii", -1, 1) + _string("t") + struct.pack(">iiqi", 1, 2, -1, 5),
        {
            "replica_id": -1,
            "topics": [{"name": "t", "partitions": [{"index": 2, "timestamp": -1, "max_num_offsets": 5}]}],
        },
    ),
    (ApiKey.CREATE_TOPICS, 0, CREATE_TOPIC, {"topics": [CREATED], "timeout_ms": 30}),
    (ApiKey.CREATE_TOPICS, 1, CREATE_TOPIC + b"\1", {"topics": [CREATED], "timeout_ms": 30, "validate_only": True}),
]


@pytest.mark.parametrize(("key", "version", "body", "message"), OLD_REQUESTS)
def test_requests_of_dropped_versions_are_read(key: ApiKey, version: int, body: bytes, message: dict[str, Any]) -> None:
    assert decode_request(key, version, body) == message
    for end in range(len(body)):
        with pytest.raises(MalformedError):
            decode_request(key, version, body[:end])


def test_every_dropped_version_is_pinned() -> None:
    assert {(key, version) for key, version, *_ in OLD_REQUESTS} == DROPPED_BY_KIO
    assert {(key, version) for key, version, *_ in OLD_RESPONSES} == DROPPED_BY_KIO


ONE_TOPIC = struct.pack(">i", 1) + _string("t") + struct.pack(">i", 1)
PRODUCE_ROW = {"index": 3, "error_code": 2, "base_offset": 9, "log_start_offset": 0, "error_message": None}
PRODUCE_ANSWER = {"topics": [{"name": "t", "partitions": [PRODUCE_ROW]}]}
FETCH_ROW = {"index": 2, "error_code": 3, "high_watermark": 9, "last_stable_offset": 9, "log_start_offset": 0}
FETCH_ANSWER = {"topics": [{"name": "t", "partitions": [FETCH_ROW]}]}
FETCH_BYTES = ONE_TOPIC + struct.pack(">ihqi", 2, 3, 9, 0)
CREATE_ROW = {
    "name": "t",
    "topic_id": bytes(16),
    "error_code": 36,
    "error_message": "no",
    "num_partitions": 1,
    "replication_factor": 1,
}
OLD_RESPONSES = [
    (ApiKey.PRODUCE, 0, PRODUCE_ANSWER, ONE_TOPIC + struct.pack(">ihq", 3, 2, 9)),
    (ApiKey.PRODUCE, 1, PRODUCE_ANSWER, ONE_TOPIC + struct.pack(">ihqi", 3, 2, 9, 0)),
    (ApiKey.PRODUCE, 2, PRODUCE_ANSWER, ONE_TOPIC + struct.pack(">ihqqi", 3, 2, 9, -1, 0)),
    (ApiKey.FETCH, 0, FETCH_ANSWER, FETCH_BYTES),
    (ApiKey.FETCH, 1, FETCH_ANSWER, bytes(4) + FETCH_BYTES),
    (ApiKey.FETCH, 2, FETCH_ANSWER, bytes(4) + FETCH_BYTES),
    (ApiKey.FETCH, 3, FETCH_ANSWER, bytes(4) + FETCH_BYTES),
    (
        ApiKey.LIST_OFFSETS,
        0,
        {
            "topics": [
                {"name": "t", "partitions": [{"index": 2, "error_code": 0, "old_style_offsets": [7], "offset": 7}]}
            ]
        },
        ONE_TOPIC + struct.pack(">ihiq", 2, 0, 1, 7),
    ),
    (ApiKey.CREATE_TOPICS, 0, {"topics": [CREATE_ROW]}, struct.pack(">i", 1) + _string("t") + struct.pack(">h", 36)),
    (
        ApiKey.CREATE_TOPICS,
        1,
        {"topics": [CREATE_ROW]},
        struct.pack(">i", 1) + _string("t") + struct.pack(">h", 36) + _string("no"),
    ),
]


@pytest.mark.parametrize(("key", "version", "message", "body"), OLD_RESPONSES)
def test_responses_of_dropped_versions_are_as_documented(
    key: ApiKey, version: int, message: dict[str, Any], body: bytes
) -> None:
    assert encode_response(key, version, 5, message) == struct.pack(">ii", len(body) + 4, 5) + body


def test_tagged_fields_of_a_request_are_skipped() -> None:
    tags = b"\x02\x00\x03abc\x07\x00"
    frame = struct.pack(">hhi", 18, 3, 5) + _string("me") + tags + b"\x04lib\x021" + tags
    header = read_header(frame)
    assert header.client_id == "me"
    expected = {"client_software_name": "lib", "client_software_version": "1"}
    assert decode_request(ApiKey.API_VERSIONS, 3, frame, header.body_at) == expected


@pytest.mark.parametrize("count", [-2, 100_001, 2**31 - 1])
def test_an_absurd_array_is_malformed_before_it_is_built(count: int) -> None:
    with pytest.raises(MalformedError):
        decode_request(ApiKey.METADATA, 1, struct.pack(">i", count) + bytes(400_000))


@pytest.mark.parametrize(
    ("key", "version", "body"),
    [
        (ApiKey.SASL_HANDSHAKE, 0, b"\xff\xff"),
        (ApiKey.SASL_HANDSHAKE, 0, b"\xff\xfe"),
        (ApiKey.SASL_HANDSHAKE, 0, b"\x00\x01\xff"),
        (ApiKey.METADATA, 0, b"\xff\xff\xff\xff"),
        (ApiKey.SASL_AUTHENTICATE, 2, b"\x80\x80\x80\x80\x80\x01"),
    ],
    ids=["null for a value", "length -2", "not UTF-8", "null for an array", "endless varint"],
)
def test_values_outside_of_the_schema_are_malformed(key: ApiKey, version: int, body: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_request(key, version, body)
