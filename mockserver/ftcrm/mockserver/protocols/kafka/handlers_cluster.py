"""What clients ask around producing: versions, metadata, coordinators, topics, offsets. Answered at once."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from ftcrm.mockserver.protocols.kafka.broker import NO_TOPIC_ID, topic_id
from ftcrm.mockserver.protocols.kafka.codec import Message
from ftcrm.mockserver.protocols.kafka.errors import ErrorCode
from ftcrm.mockserver.protocols.kafka.schemas import APIS
from ftcrm.mockserver.protocols.kafka.session import Exchange, Session


def api_versions(session: Session, exchange: Exchange, request: Message) -> None:
    """Answer ApiVersions."""
    exchange.answer({"error_code": ErrorCode.NONE, "api_keys": _API_KEYS})


def unsupported_api_versions(exchange: Exchange) -> None:
    """Answer a version that is not spoken in version 0, with the list: strict clients die without it."""
    exchange.answer({"error_code": ErrorCode.UNSUPPORTED_VERSION, "api_keys": _API_KEYS}, version=0)


_API_KEYS: Final = [
    {"api_key": api.key, "min_version": api.versions.low, "max_version": api.versions.high} for api in APIS
]


def metadata(session: Session, exchange: Exchange, request: Message) -> None:
    """Answer Metadata, creating topics that are missing where that is configured.

    All topics are meant by null, and by an empty array in version 0, which has no null.
    """
    broker = session.broker
    asked = request["topics"]
    if asked is None or (not asked and exchange.version == 0):
        named = [(name, NO_TOPIC_ID) for name in broker.topics]
    else:
        named = [(topic["name"], topic.get("topic_id", NO_TOPIC_ID)) for topic in asked]
    create = request.get("allow_auto_topic_creation", True)
    exchange.answer(
        {
            "brokers": [{"node_id": broker.node_id, "host": session.host, "port": session.port}],
            "cluster_id": broker.cluster_id,
            "controller_id": broker.node_id,
            "topics": [_topic(session, exchange.version, *topic, create=create) for topic in dict.fromkeys(named)],
        }
    )


def _topic(session: Session, version: int, name: str | None, identity: bytes, *, create: bool) -> Message:
    broker = session.broker
    if name is None:
        name = broker.topic_by_id(identity)
        if name is None:
            unnamed = None if version >= NULL_NAME_SINCE else ""
            return _topic_row(ErrorCode.UNKNOWN_TOPIC_ID, unnamed, identity)
    error = broker.find_topic(name, create=create)
    if error:
        return _topic_row(error, name, NO_TOPIC_ID)
    row = _topic_row(error, name, topic_id(name))
    row["partitions"] = [
        {
            "error_code": ErrorCode.NONE,
            "index": index,
            "leader_id": broker.node_id,
            "replica_nodes": [broker.node_id],
            "isr_nodes": [broker.node_id],
        }
        for index in range(broker.topics[name])
    ]
    return row


NULL_NAME_SINCE: Final = 12


def _topic_row(error: ErrorCode, name: str | None, identity: bytes) -> Message:
    return {"error_code": error, "name": name, "topic_id": identity, "partitions": []}


def find_coordinator(session: Session, exchange: Exchange, request: Message) -> None:
    """Answer FindCoordinator: this broker, for groups (0) and transactions (1)."""
    error = ErrorCode.NONE if request.get("key_type", 0) in {0, 1} else ErrorCode.INVALID_REQUEST
    here: dict[str, Any] = {  # Any: a message
        "error_code": error,
        "error_message": None if error is ErrorCode.NONE else "expected key type 0 (group) or 1 (transaction)",
        "node_id": -1 if error else session.broker.node_id,
        "host": "" if error else session.host,
        "port": -1 if error else session.port,
    }
    keys = request.get("coordinator_keys", ())
    exchange.answer({**here, "coordinators": [{**here, "key": key} for key in keys]})


def create_topics(session: Session, exchange: Exchange, request: Message) -> None:
    """Answer CreateTopics. Any replication factor is taken (scripts name production's); there is one replica."""
    times = Counter(topic["name"] for topic in request["topics"])
    validate_only = request.get("validate_only", False)
    rows = []
    for topic in request["topics"]:
        name = topic["name"]
        partitions = topic["num_partitions"]
        if topic["assignments"]:
            partitions = len(topic["assignments"])
        error = session.broker.check_new_topic(name, partitions)
        if times[name] > 1:
            error = ErrorCode.INVALID_REQUEST
        if partitions == -1:
            partitions = session.broker.default_partitions
        if not (error or validate_only):
            session.broker.add_topic(name, partitions)
        rows.append(
            {
                "name": name,
                "topic_id": NO_TOPIC_ID if error or validate_only else topic_id(name),
                "error_code": error,
                "error_message": _CREATE_ERRORS.get(error),
                "num_partitions": -1 if error else partitions,
                "replication_factor": -1 if error else 1,
            }
        )
    exchange.answer({"topics": rows})


_CREATE_ERRORS: Final = {
    ErrorCode.INVALID_TOPIC_EXCEPTION: "expected a name of 1 to 249 characters a-z A-Z 0-9 . _ - that is not . or ..",
    ErrorCode.TOPIC_ALREADY_EXISTS: "the topic exists",
    ErrorCode.INVALID_PARTITIONS: "expected -1 (the default) or 1 and more partitions, within this server's limit",
    ErrorCode.POLICY_VIOLATION: "this server's limit of partitions is reached",
    ErrorCode.INVALID_REQUEST: "expected each topic once in a request",
}


def fetch(session: Session, exchange: Exchange, request: Message) -> None:
    """Answer Fetch with true offsets and no records, ever. Session id 0: no fetch session is kept."""
    topics = []
    for topic in request["topics"]:
        rows = []
        for partition in topic["partitions"]:
            error = session.broker.find_partition(topic["name"], partition["index"], create=False)
            end = -1 if error else session.broker.next_offset(topic["name"], partition["index"])
            rows.append(
                {
                    "index": partition["index"],
                    "error_code": error,
                    "high_watermark": end,
                    "last_stable_offset": end,
                    "log_start_offset": -1 if error else 0,
                }
            )
        topics.append({"name": topic["name"], "partitions": rows})
    exchange.answer({"topics": topics})


def list_offsets(session: Session, exchange: Exchange, request: Message) -> None:
    """Answer ListOffsets: earliest (-2) is 0, latest (-1) the next offset; no offset has any other timestamp."""
    topics = []
    for topic in request["topics"]:
        rows = []
        for partition in topic["partitions"]:
            error = session.broker.find_partition(topic["name"], partition["index"], create=False)
            offset = -1
            if not error and partition["timestamp"] == LATEST:
                offset = session.broker.next_offset(topic["name"], partition["index"])
            elif not error and partition["timestamp"] == EARLIEST:
                offset = 0
            rows.append(
                {
                    "index": partition["index"],
                    "error_code": error,
                    "old_style_offsets": [] if offset < 0 else [offset],
                    "offset": offset,
                }
            )
        topics.append({"name": topic["name"], "partitions": rows})
    exchange.answer({"topics": topics})


LATEST: Final = -1
EARLIEST: Final = -2
