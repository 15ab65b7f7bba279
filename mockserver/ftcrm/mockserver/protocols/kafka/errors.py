"""Kafka's error codes, as far as this broker gives them, and the faults of its caller and of its peer.

    FtcrmError
      SettleError      settle() was called with a token that is not open
    MalformedError     a request cannot be decoded; never leaves the package
    RefusedError       a batch cannot be taken; carries the code for its partition; never leaves the package

Codes: https://kafka.apache.org/protocol#protocol_error_codes
"""

from __future__ import annotations

from enum import IntEnum

from ftcrm.contracts.errors import FtcrmError


class ErrorCode(IntEnum):
    """What a Kafka response says about a request, a topic or a partition."""

    NONE = 0
    CORRUPT_MESSAGE = 2
    UNKNOWN_TOPIC_OR_PARTITION = 3
    MESSAGE_TOO_LARGE = 10
    INVALID_TOPIC_EXCEPTION = 17
    INVALID_REQUIRED_ACKS = 21
    UNSUPPORTED_SASL_MECHANISM = 33
    ILLEGAL_SASL_STATE = 34
    UNSUPPORTED_VERSION = 35
    TOPIC_ALREADY_EXISTS = 36
    INVALID_PARTITIONS = 37
    INVALID_REQUEST = 42
    POLICY_VIOLATION = 44
    OUT_OF_ORDER_SEQUENCE_NUMBER = 45
    INVALID_PRODUCER_EPOCH = 47
    INVALID_TXN_STATE = 48
    INVALID_PRODUCER_ID_MAPPING = 49
    CONCURRENT_TRANSACTIONS = 51
    OPERATION_NOT_ATTEMPTED = 55
    KAFKA_STORAGE_ERROR = 56
    SASL_AUTHENTICATION_FAILED = 58
    UNSUPPORTED_COMPRESSION_TYPE = 76
    INVALID_RECORD = 87
    PRODUCER_FENCED = 90
    UNKNOWN_TOPIC_ID = 100


class SettleError(FtcrmError):
    """A token was settled that this connection never gave, or twice."""


class MalformedError(ValueError):
    """Bytes that do not follow the schema of the request they claim to be."""


class RefusedError(Exception):
    """A record batch that is not taken: the partition is answered with ``code``."""

    def __init__(self, code: ErrorCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
