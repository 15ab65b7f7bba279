"""The requests this broker answers and its responses, as data: API, versions, fields.

Each row is a field: its name, its type and the versions that have it, written as Kafka's own message definitions write
them ("3+", "0-3"); ``many`` rows are arrays, and ``nullable`` names the versions in which null is allowed.
Tagged fields have no rows: requests in these versions have none that matter here, and the responses' are left at their
defaults. The advertised ranges are those that a dozen clients were measured to need (Fetch among them: without it
librdkafka writes magic 0 inside Produce 10).
Source: https://github.com/apache/kafka/tree/trunk/clients/src/main/resources/common/message
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, Literal, NamedTuple

Primitive = Literal["bool", "int8", "int16", "int32", "int64", "string", "bytes", "uuid"]


class Versions(NamedTuple):
    """A range of versions, both ends included."""

    low: int
    high: int

    def __contains__(self, version: object) -> bool:
        return isinstance(version, int) and self.low <= version <= self.high


NEVER: Final = Versions(1, 0)


class Field(NamedTuple):
    """One field of a message; ``kind`` is the primitive type or, for a struct, its fields."""

    name: str
    kind: Primitive | tuple[Field, ...]
    array: bool
    versions: Versions
    nullable: Versions
    default: object


REQUIRED: Final = object()
"""In place of a default: the response must name the field."""


class ApiKey(IntEnum):
    """The APIs by their key."""

    PRODUCE = 0
    FETCH = 1
    LIST_OFFSETS = 2
    METADATA = 3
    FIND_COORDINATOR = 10
    SASL_HANDSHAKE = 17
    API_VERSIONS = 18
    CREATE_TOPICS = 19
    INIT_PRODUCER_ID = 22
    ADD_PARTITIONS_TO_TXN = 24
    END_TXN = 26
    SASL_AUTHENTICATE = 36


class Api(NamedTuple):
    """One API: the versions advertised, the first flexible one, and the fields of both directions."""

    key: ApiKey
    versions: Versions
    flexible: Versions
    request: tuple[Field, ...]
    response: tuple[Field, ...]

    @property
    def name(self) -> str:
        """The name as Kafka's documentation writes it."""
        return "".join(part.capitalize() for part in self.key.name.split("_"))


def _versions(text: str) -> Versions:
    low, separator, high = text.partition("-")
    if separator:
        return Versions(int(low), int(high))
    return Versions(int(text.rstrip("+")), 32767 if text.endswith("+") else int(text))


def _field(
    name: str, kind: Primitive | tuple[Field, ...], array: bool, versions: str, nullable: str, default: object
) -> Field:
    return Field(name, kind, array, _versions(versions), _versions(nullable) if nullable else NEVER, default)


def one(name: str, kind: Primitive, versions: str = "0+", *, nullable: str = "", default: object = REQUIRED) -> Field:
    """Return a row for one value."""
    return _field(name, kind, False, versions, nullable, default)


def many(
    name: str,
    kind: Primitive | tuple[Field, ...],
    versions: str = "0+",
    *,
    nullable: str = "",
    default: object = REQUIRED,
) -> Field:
    """Return a row for an array."""
    return _field(name, kind, True, versions, nullable, default)


def _throttle(versions: str) -> Field:
    return one("throttle_time_ms", "int32", versions, default=0)


ALL_OPERATIONS_UNKNOWN: Final = -(2**31)

APIS: Final[tuple[Api, ...]] = (
    Api(
        ApiKey.PRODUCE,
        Versions(0, 12),
        _versions("9+"),
        request=(
            one("transactional_id", "string", "3+", nullable="3+"),
            one("acks", "int16"),
            one("timeout_ms", "int32"),
            many(
                "topics",
                (
                    one("name", "string"),
                    many("partitions", (one("index", "int32"), one("records", "bytes", nullable="0+"))),
                ),
            ),
        ),
        response=(
            many(
                "topics",
                (
                    one("name", "string"),
                    many(
                        "partitions",
                        (
                            one("index", "int32"),
                            one("error_code", "int16"),
                            one("base_offset", "int64"),
                            one("log_append_time_ms", "int64", "2+", default=-1),
                            one("log_start_offset", "int64", "5+"),
                            many(
                                "record_errors",
                                (one("batch_index", "int32"), one("message", "string", nullable="8+")),
                                "8+",
                                default=(),
                            ),
                            one("error_message", "string", "8+", nullable="8+"),
                        ),
                    ),
                ),
            ),
            _throttle("1+"),
        ),
    ),
    Api(
        ApiKey.FETCH,
        Versions(0, 11),
        _versions("12+"),
        request=(
            one("replica_id", "int32"),
            one("max_wait_ms", "int32"),
            one("min_bytes", "int32"),
            one("max_bytes", "int32", "3+"),
            one("isolation_level", "int8", "4+"),
            one("session_id", "int32", "7+"),
            one("session_epoch", "int32", "7+"),
            many(
                "topics",
                (
                    one("name", "string"),
                    many(
                        "partitions",
                        (
                            one("index", "int32"),
                            one("current_leader_epoch", "int32", "9+"),
                            one("fetch_offset", "int64"),
                            one("log_start_offset", "int64", "5+"),
                            one("partition_max_bytes", "int32"),
                        ),
                    ),
                ),
            ),
            many("forgotten_topics_data", (one("name", "string"), many("partitions", "int32")), "7+"),
            one("rack_id", "string", "11+"),
        ),
        response=(
            _throttle("1+"),
            one("error_code", "int16", "7+", default=0),
            one("session_id", "int32", "7+", default=0),
            many(
                "topics",
                (
                    one("name", "string"),
                    many(
                        "partitions",
                        (
                            one("index", "int32"),
                            one("error_code", "int16"),
                            one("high_watermark", "int64"),
                            one("last_stable_offset", "int64", "4+"),
                            one("log_start_offset", "int64", "5+"),
                            many(
                                "aborted_transactions",
                                (one("producer_id", "int64"), one("first_offset", "int64")),
                                "4+",
                                nullable="4+",
                                default=None,
                            ),
                            one("preferred_read_replica", "int32", "11+", default=-1),
                            one("records", "bytes", nullable="0+", default=b""),
                        ),
                    ),
                ),
            ),
        ),
    ),
    Api(
        ApiKey.LIST_OFFSETS,
        Versions(0, 7),
        _versions("6+"),
        request=(
            one("replica_id", "int32"),
            one("isolation_level", "int8", "2+"),
            many(
                "topics",
                (
                    one("name", "string"),
                    many(
                        "partitions",
                        (
                            one("index", "int32"),
                            one("current_leader_epoch", "int32", "4+"),
                            one("timestamp", "int64"),
                            one("max_num_offsets", "int32", "0"),
                        ),
                    ),
                ),
            ),
        ),
        response=(
            _throttle("2+"),
            many(
                "topics",
                (
                    one("name", "string"),
                    many(
                        "partitions",
                        (
                            one("index", "int32"),
                            one("error_code", "int16"),
                            many("old_style_offsets", "int64", "0"),
                            one("timestamp", "int64", "1+", default=-1),
                            one("offset", "int64", "1+"),
                            one("leader_epoch", "int32", "4+", default=0),
                        ),
                    ),
                ),
            ),
        ),
    ),
    Api(
        ApiKey.METADATA,
        Versions(0, 12),
        _versions("9+"),
        request=(
            many(
                "topics",
                (one("topic_id", "uuid", "10+"), one("name", "string", nullable="10+")),
                nullable="1+",
            ),
            one("allow_auto_topic_creation", "bool", "4+"),
            one("include_cluster_authorized_operations", "bool", "8-10"),
            one("include_topic_authorized_operations", "bool", "8+"),
        ),
        response=(
            _throttle("3+"),
            many(
                "brokers",
                (
                    one("node_id", "int32"),
                    one("host", "string"),
                    one("port", "int32"),
                    one("rack", "string", "1+", nullable="1+", default=None),
                ),
            ),
            one("cluster_id", "string", "2+", nullable="2+"),
            one("controller_id", "int32", "1+"),
            many(
                "topics",
                (
                    one("error_code", "int16"),
                    one("name", "string", nullable="12+"),
                    one("topic_id", "uuid", "10+"),
                    one("is_internal", "bool", "1+", default=False),
                    many(
                        "partitions",
                        (
                            one("error_code", "int16"),
                            one("index", "int32"),
                            one("leader_id", "int32"),
                            one("leader_epoch", "int32", "7+", default=0),
                            many("replica_nodes", "int32"),
                            many("isr_nodes", "int32"),
                            many("offline_replicas", "int32", "5+", default=()),
                        ),
                    ),
                    one("topic_authorized_operations", "int32", "8+", default=ALL_OPERATIONS_UNKNOWN),
                ),
            ),
            one("cluster_authorized_operations", "int32", "8-10", default=ALL_OPERATIONS_UNKNOWN),
        ),
    ),
    Api(
        ApiKey.FIND_COORDINATOR,
        Versions(0, 4),
        _versions("3+"),
        request=(
            one("key", "string", "0-3"),
            one("key_type", "int8", "1+"),
            many("coordinator_keys", "string", "4+"),
        ),
        response=(
            _throttle("1+"),
            one("error_code", "int16", "0-3"),
            one("error_message", "string", "1-3", nullable="1-3"),
            one("node_id", "int32", "0-3"),
            one("host", "string", "0-3"),
            one("port", "int32", "0-3"),
            many(
                "coordinators",
                (
                    one("key", "string"),
                    one("node_id", "int32"),
                    one("host", "string"),
                    one("port", "int32"),
                    one("error_code", "int16"),
                    one("error_message", "string", nullable="4+"),
                ),
                "4+",
            ),
        ),
    ),
    Api(
        ApiKey.SASL_HANDSHAKE,
        Versions(0, 1),
        NEVER,
        request=(one("mechanism", "string"),),
        response=(one("error_code", "int16"), many("mechanisms", "string")),
    ),
    Api(
        ApiKey.API_VERSIONS,
        Versions(0, 3),
        _versions("3+"),
        request=(one("client_software_name", "string", "3+"), one("client_software_version", "string", "3+")),
        response=(
            one("error_code", "int16"),
            many("api_keys", (one("api_key", "int16"), one("min_version", "int16"), one("max_version", "int16"))),
            _throttle("1+"),
        ),
    ),
    Api(
        ApiKey.CREATE_TOPICS,
        Versions(0, 7),
        _versions("5+"),
        request=(
            many(
                "topics",
                (
                    one("name", "string"),
                    one("num_partitions", "int32"),
                    one("replication_factor", "int16"),
                    many("assignments", (one("partition_index", "int32"), many("broker_ids", "int32"))),
                    many("configs", (one("name", "string"), one("value", "string", nullable="0+"))),
                ),
            ),
            one("timeout_ms", "int32"),
            one("validate_only", "bool", "1+"),
        ),
        response=(
            _throttle("2+"),
            many(
                "topics",
                (
                    one("name", "string"),
                    one("topic_id", "uuid", "7+"),
                    one("error_code", "int16"),
                    one("error_message", "string", "1+", nullable="0+"),
                    one("num_partitions", "int32", "5+"),
                    one("replication_factor", "int16", "5+"),
                    many(
                        "configs",
                        (
                            one("name", "string"),
                            one("value", "string", nullable="0+"),
                            one("read_only", "bool"),
                            one("config_source", "int8"),
                            one("is_sensitive", "bool"),
                        ),
                        "5+",
                        nullable="5+",
                        default=(),
                    ),
                ),
            ),
        ),
    ),
    Api(
        ApiKey.INIT_PRODUCER_ID,
        Versions(0, 5),
        _versions("2+"),
        request=(
            one("transactional_id", "string", nullable="0+"),
            one("transaction_timeout_ms", "int32"),
            one("producer_id", "int64", "3+"),
            one("producer_epoch", "int16", "3+"),
        ),
        response=(
            _throttle("0+"),
            one("error_code", "int16"),
            one("producer_id", "int64"),
            one("producer_epoch", "int16"),
        ),
    ),
    Api(
        ApiKey.ADD_PARTITIONS_TO_TXN,
        Versions(0, 3),
        _versions("3+"),
        request=(
            one("transactional_id", "string"),
            one("producer_id", "int64"),
            one("producer_epoch", "int16"),
            many("topics", (one("name", "string"), many("partitions", "int32"))),
        ),
        response=(
            _throttle("0+"),
            many(
                "topics",
                (one("name", "string"), many("partitions", (one("index", "int32"), one("error_code", "int16")))),
            ),
        ),
    ),
    Api(
        ApiKey.END_TXN,
        Versions(0, 3),
        _versions("3+"),
        request=(
            one("transactional_id", "string"),
            one("producer_id", "int64"),
            one("producer_epoch", "int16"),
            one("committed", "bool"),
        ),
        response=(_throttle("0+"), one("error_code", "int16")),
    ),
    Api(
        ApiKey.SASL_AUTHENTICATE,
        Versions(0, 2),
        _versions("2+"),
        request=(one("auth_bytes", "bytes"),),
        response=(
            one("error_code", "int16"),
            one("error_message", "string", nullable="0+"),
            one("auth_bytes", "bytes", default=b""),
            one("session_lifetime_ms", "int64", "1+", default=0),
        ),
    ),
)

BY_KEY: Final = {int(api.key): api for api in APIS}
