"""ApiVersions, Metadata, FindCoordinator, CreateTopics, Fetch, ListOffsets."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import pytest

from ftcrm.mockserver.protocols.kafka import Broker, Connection, Limits
from ftcrm.mockserver.protocols.kafka.broker import topic_id
from ftcrm.mockserver.protocols.kafka.schemas import APIS, ApiKey

VERSIONS = {"client_software_name": "test", "client_software_version": "1"}
EXPECTED_KEYS = [
    {"api_key": int(api.key), "min_version": api.versions.low, "max_version": api.versions.high} for api in APIS
]


@pytest.mark.parametrize("version", range(4))
def test_api_versions(client: Any, version: int) -> None:
    answer = client.ask(ApiKey.API_VERSIONS, version, **VERSIONS)
    assert answer["error_code"] == 0
    assert answer["api_keys"] == EXPECTED_KEYS


@pytest.mark.parametrize("version", [4, 5, 100, -1])
def test_api_versions_not_spoken_are_answered_in_version_0_with_the_list(
    client: Any, oracle: Any, version: int
) -> None:
    frame = struct.pack(">hhih", 18, version, 42, -1) + b"\0\4abc\0"
    assert client.connection.receive(struct.pack(">i", len(frame)) + frame) == []
    correlation, answer = oracle.response(ApiKey.API_VERSIONS, 0, client.connection.data_to_send())
    assert correlation == 42
    assert answer == {"error_code": 35, "api_keys": EXPECTED_KEYS}
    assert not client.connection.closed


def _metadata(client: Any, version: int, topics: list[dict[str, Any]] | None, *, create: bool = True) -> dict[str, Any]:
    answer: dict[str, Any] = client.ask(
        ApiKey.METADATA,
        version,
        topics=topics,
        allow_auto_topic_creation=create,
        include_cluster_authorized_operations=False,
        include_topic_authorized_operations=False,
    )
    return answer


def _named(*names: str) -> list[dict[str, Any]]:
    return [{"topic_id": bytes(16), "name": name} for name in names]


@pytest.mark.parametrize("version", range(13))
def test_metadata_creates_topics_and_lists_one_broker_that_is_the_controller(
    connect: Callable[[Broker], Any], version: int
) -> None:
    client = connect(Broker(node_id=7, cluster_id="here", partitions=2))
    answer = _metadata(client, version, _named("a", "b"))
    (node,) = answer["brokers"]
    assert (node["node_id"], node["host"], node["port"]) == (7, "mock.test", 9092)
    assert answer.get("controller_id", 7) == 7
    assert answer.get("cluster_id", "here") == "here"
    assert [topic["name"] for topic in answer["topics"]] == ["a", "b"]
    for topic in answer["topics"]:
        assert topic["error_code"] == 0
        assert topic.get("topic_id", topic_id(topic["name"])) == topic_id(topic["name"])
        assert [(part["index"], part["leader_id"]) for part in topic["partitions"]] == [(0, 7), (1, 7)]
        assert all(part["replica_nodes"] == part["isr_nodes"] == [7] for part in topic["partitions"])


def test_every_listener_advertises_itself(broker: Broker, oracle: Any) -> None:
    frame = struct.pack(">hhihi", 3, 1, 5, -1, 0)
    for host, port in (("inside", 19092), ("localhost", 9092)):
        connection = Connection(broker, advertised=(host, port))
        connection.receive(struct.pack(">i", len(frame)) + frame)
        _, answer = oracle.response(ApiKey.METADATA, 1, connection.data_to_send())
        assert answer["brokers"] == [{"node_id": 1, "host": host, "port": port, "rack": None}]


def test_all_topics_are_null_and_in_version_0_an_empty_array(connect: Callable[[Broker], Any]) -> None:
    client = connect(Broker(next_offsets={("a", 2): 10, ("b", 0): 3}))
    for version, asked in ((0, []), (1, None), (9, None), (12, None)):
        topics = _metadata(client, version, asked)["topics"]
        assert [(topic["name"], len(topic["partitions"])) for topic in topics] == [("a", 3), ("b", 1)]
    for version in (1, 4, 12):
        assert _metadata(client, version, [])["topics"] == []


def test_topics_are_found_by_id(client: Any) -> None:
    _metadata(client, 1, _named("a"))
    found, missing = _metadata(
        client, 12, [{"topic_id": topic_id("a"), "name": None}, {"topic_id": topic_id("x"), "name": None}]
    )["topics"]
    assert (found["name"], found["error_code"], len(found["partitions"])) == ("a", 0, 1)
    assert (missing["name"], missing["error_code"], missing["topic_id"]) == (None, 100, topic_id("x"))
    (older,) = _metadata(client, 10, [{"topic_id": topic_id("x"), "name": None}])["topics"]
    assert (older["name"], older["error_code"]) == ("", 100)


def test_topic_ids_are_uuids_made_of_the_name_alone() -> None:
    assert topic_id("casino").hex() == "7a9217ca8b9a88538ef262016665e230"
    assert topic_id("casino") != topic_id("bonus")


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "x" * 250, "naïve", "a/b"])
def test_invalid_topic_names(client: Any, name: str) -> None:
    (topic,) = _metadata(client, 9, _named(name))["topics"]
    assert (topic["error_code"], topic["name"], topic["partitions"]) == (17, name, [])


def test_unknown_topics_without_auto_creation(connect: Callable[[Broker], Any]) -> None:
    closed = connect(Broker(auto_create=False, next_offsets={("known", 0): 0}))
    assert [topic["error_code"] for topic in _metadata(closed, 1, _named("known", "t"))["topics"]] == [0, 3]
    declined = connect(Broker())
    assert [topic["error_code"] for topic in _metadata(declined, 4, _named("t"), create=False)["topics"]] == [3]
    assert [topic["error_code"] for topic in _metadata(declined, 4, _named("t"))["topics"]] == [0]


def test_partitions_of_all_topics_are_bounded(connect: Callable[[Broker], Any]) -> None:
    client = connect(Broker(limits=Limits(max_partitions=6), partitions=2))
    assert [row["error_code"] for row in _create(client, 5, [_new("a", 3)])] == [0]
    assert [topic["error_code"] for topic in _metadata(client, 1, _named("b", "c"))["topics"]] == [0, 44]
    new = [_new("d", 2), _new("e", -1), _new("f", 7), _new("g", 1), _new("h", 1)]
    assert [row["error_code"] for row in _create(client, 5, new)] == [44, 44, 37, 0, 44]


def test_a_topic_asked_for_twice_is_answered_once(client: Any) -> None:
    assert [topic["name"] for topic in _metadata(client, 9, _named("a", "b", "a"))["topics"]] == ["a", "b"]


@pytest.mark.parametrize(
    ("version", "key_type", "error"),
    [(0, 0, 0), *((version, *case) for version in range(1, 5) for case in ((0, 0), (1, 0), (2, 42)))],
)
def test_the_coordinator_of_everything_is_this_broker(client: Any, version: int, key_type: int, error: int) -> None:
    answer = client.ask(ApiKey.FIND_COORDINATOR, version, key="k", key_type=key_type, coordinator_keys=["k", "l"])
    rows = answer.get("coordinators", [answer])
    assert [row.get("key") for row in rows] == (["k", "l"] if version == 4 else [None])
    for row in rows:
        assert row["error_code"] == error
        assert (row["node_id"], row["host"], row["port"]) == ((-1, "", -1) if error else (1, "mock.test", 9092))


def _new(name: str, partitions: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "name": name,
        "num_partitions": partitions,
        "replication_factor": 3,
        "assignments": [],
        "configs": [{"name": "retention.ms", "value": "1"}],
    } | fields


def _create(
    client: Any, version: int, topics: list[dict[str, Any]], *, validate_only: bool = False
) -> list[dict[str, Any]]:
    answer = client.ask(ApiKey.CREATE_TOPICS, version, topics=topics, timeout_ms=1000, validate_only=validate_only)
    rows: list[dict[str, Any]] = answer["topics"]
    return rows


@pytest.mark.parametrize("version", range(2, 8))
def test_create_topics(client: Any, broker: Broker, version: int) -> None:
    assigned = [{"partition_index": index, "broker_ids": [1]} for index in range(4)]
    rows = _create(
        client,
        version,
        [
            _new("a", 3),
            _new("b", -1),
            _new("c", -1, assignments=assigned),
            _new("d", 0),
            _new("e", -2),
            _new("f", 10_001),
            _new("g/h"),
        ],
    )
    assert [row["error_code"] for row in rows] == [0, 0, 0, 37, 37, 37, 17]
    assert broker.topics == {"a": 3, "b": 1, "c": 4}
    assert [row["error_message"] is None for row in rows] == [True] * 3 + [False] * 4
    assert rows[0].get("num_partitions", 3) == 3
    assert rows[0].get("topic_id", topic_id("a")) == topic_id("a")
    assert [row["error_code"] for row in _create(client, version, [_new("a", 1)])] == [36]
    assert broker.topics["a"] == 3


def test_create_topics_can_only_validate(client: Any, broker: Broker) -> None:
    rows = _create(client, 7, [_new("a"), _new("b", 0)], validate_only=True)
    assert [row["error_code"] for row in rows] == [0, 37]
    assert broker.topics == {}


def test_a_topic_named_twice_is_not_created(client: Any, broker: Broker) -> None:
    rows = _create(client, 5, [_new("a"), _new("a", 2), _new("b")])
    assert [row["error_code"] for row in rows] == [42, 42, 0]
    assert broker.topics == {"b": 1}


def _fetch(client: Any, version: int, *partitions: tuple[str, int]) -> dict[str, Any]:
    answer: dict[str, Any] = client.ask(
        ApiKey.FETCH,
        version,
        replica_id=-1,
        max_wait_ms=1,
        min_bytes=1,
        max_bytes=1,
        isolation_level=0,
        session_id=3,
        session_epoch=4,
        topics=[
            {
                "name": topic,
                "partitions": [
                    {
                        "index": index,
                        "current_leader_epoch": 0,
                        "fetch_offset": 0,
                        "log_start_offset": -1,
                        "partition_max_bytes": 1,
                    }
                ],
            }
            for topic, index in partitions
        ],
        forgotten_topics_data=[],
        rack_id="",
    )
    return answer


@pytest.mark.parametrize("version", range(4, 12))
def test_fetch_is_empty_and_knows_the_offsets(connect: Callable[[Broker], Any], version: int) -> None:
    client = connect(Broker(next_offsets={("a", 0): 12}))
    answer = _fetch(client, version, ("a", 0), ("a", 9), ("b", 0))
    assert (answer.get("error_code", 0), answer.get("session_id", 0)) == (0, 0)
    rows = [topic["partitions"][0] for topic in answer["topics"]]
    assert [(row["error_code"], row["high_watermark"]) for row in rows] == [(0, 12), (3, -1), (3, -1)]
    assert [row["records"] for row in rows] == [b""] * 3


@pytest.mark.parametrize("version", range(1, 8))
def test_list_offsets(connect: Callable[[Broker], Any], version: int) -> None:
    client = connect(Broker(next_offsets={("a", 0): 12}))
    answer = client.ask(
        ApiKey.LIST_OFFSETS,
        version,
        replica_id=-1,
        isolation_level=0,
        topics=[
            {
                "name": "a",
                "partitions": [
                    {"index": index, "current_leader_epoch": 0, "timestamp": timestamp}
                    for index, timestamp in ((0, -1), (0, -2), (0, 1_700_000_000_000), (5, -1))
                ],
            }
        ],
    )
    rows = answer["topics"][0]["partitions"]
    assert [(row["error_code"], row["offset"]) for row in rows] == [(0, 12), (0, 0), (0, -1), (3, -1)]


def test_list_offsets_of_version_0(broker: Broker, client: Any) -> None:
    broker.add_topic("t", 1)
    broker.take_offsets("t", 0, 5)
    for timestamp, offsets in ((-1, [5]), (-2, [0]), (7, [])):
        body = struct.pack(">ii", -1, 1) + b"\0\1t" + struct.pack(">iiqi", 1, 0, timestamp, 1)
        frame = struct.pack(">hhih", 2, 0, 1, -1) + body
        assert client.connection.receive(struct.pack(">i", len(frame)) + frame) == []
        expected = struct.pack(">ii", 1, 1) + b"\0\1t" + struct.pack(">iihi", 1, 0, 0, len(offsets))
        expected += b"".join(struct.pack(">q", offset) for offset in offsets)
        assert client.connection.data_to_send() == struct.pack(">i", len(expected)) + expected
