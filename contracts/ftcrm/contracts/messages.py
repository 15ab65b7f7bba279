"""A message as a connector hands it over: its bytes and what the transport says of their type."""

from typing import Literal

import msgspec

__all__ = ["CHECKED_TYPES", "OTHER_TYPES", "Connector", "Header", "Message", "declared_type_of", "message_type_of"]

Connector = Literal["rest", "rabbitmq", "kafka"]

Header = tuple[str, str | bytes | None]

CHECKED_TYPES = frozenset({"CASINO", "BONUS"})
"""The message types that have a contract here."""

OTHER_TYPES = frozenset(
    """
    LOGIN_V2 USER_CREATE_V2 USER_UPDATE_V2 USER_CONSENTS_V2 USER_BLOCK_V2 USER_BALANCES_UPDATE PAYMENT SPORTSBOOK GAME
    CUSTOM CART LOTTERY LOTTERY_V2 USER_TAG
    """.split()
)
"""The other types that the vendor names for the same feed (facts.md, Delivery): recorded, never checked."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """One delivered message, as far as its judgement needs it.

    `type_property` is what names the type where the connector keeps it: the path of a REST request, the message
    property `type` of RabbitMQ; Kafka keeps it in the header `type`. `size` is the length of the body that arrived,
    when `raw` holds only its beginning.
    """

    connector: Connector
    raw: bytes
    type_property: str | None = None
    headers: tuple[Header, ...] = ()
    size: int | None = None

    def headers_named(self, name: str) -> tuple[str | bytes | None, ...]:
        """The values of the headers with that name, in the order in which they came."""
        return tuple([value for key, value in self.headers if key == name])


def message_type_of(message: Message) -> str | None:
    """The message type in upper case (the vendor compares it without regard to case), or None when there is none.

    Case is that of ASCII letters: "CA\u017fINO", whose long s has the capital S, is another name.
    """
    declared = declared_type_of(message)
    return declared.upper() if declared is not None and declared.isascii() else declared


def declared_type_of(message: Message) -> str | None:
    """The message type letter by letter as it was sent, or None when there is none that can be read."""
    declared: str | bytes | None = message.type_property
    if message.connector == "kafka":
        values = message.headers_named("type")
        declared = values[-1] if values else None
    if isinstance(declared, bytes):
        try:
            declared = declared.decode()
        except UnicodeDecodeError:
            return None
    return declared or None
