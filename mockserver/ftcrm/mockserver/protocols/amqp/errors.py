"""The reply codes of AMQP 0-9-1 and the one exception with which the parts of the machine say "answer with this code".

FtcrmError
└── PeerError   a peer broke a rule; `Connection.receive` answers it with channel.close or connection.close
"""

from enum import IntEnum
from typing import Final

from ftcrm.contracts.errors import FtcrmError


class ReplyCode(IntEnum):
    """Reply codes: AMQP 0-9-1, section 1.2 of the generated specification."""

    REPLY_SUCCESS = 200
    CONTENT_TOO_LARGE = 311
    NO_ROUTE = 312
    NO_CONSUMERS = 313
    CONNECTION_FORCED = 320
    INVALID_PATH = 402
    ACCESS_REFUSED = 403
    NOT_FOUND = 404
    RESOURCE_LOCKED = 405
    PRECONDITION_FAILED = 406
    FRAME_ERROR = 501
    SYNTAX_ERROR = 502
    COMMAND_INVALID = 503
    CHANNEL_ERROR = 504
    UNEXPECTED_FRAME = 505
    RESOURCE_ERROR = 506
    NOT_ALLOWED = 530
    NOT_IMPLEMENTED = 540
    INTERNAL_ERROR = 541


CHANNEL_CODES: Final = frozenset(
    {
        ReplyCode.CONTENT_TOO_LARGE,
        ReplyCode.NO_CONSUMERS,
        ReplyCode.ACCESS_REFUSED,
        ReplyCode.NOT_FOUND,
        ReplyCode.RESOURCE_LOCKED,
        ReplyCode.PRECONDITION_FAILED,
        ReplyCode.RESOURCE_ERROR,
    }
)
"""The codes that end a channel; every other code ends the connection (the specification's soft and hard errors)."""


class PeerError(FtcrmError):
    """The peer broke a rule: `code` says which, `text` is what it reads, in RabbitMQ's form `NAME - explanation`."""

    def __init__(self, code: ReplyCode, explanation: str) -> None:
        self.code = code
        self.text = f"{code.name} - {explanation}"
        super().__init__(self.text)

    @property
    def reply_text(self) -> str:
        """`text` cut to what a short string holds."""
        return self.text.encode("utf-8", "surrogateescape")[:255].decode("utf-8", "surrogateescape")

    @property
    def ends_connection(self) -> bool:
        """Whether the code is one that the specification answers with connection.close."""
        return self.code not in CHANNEL_CODES
