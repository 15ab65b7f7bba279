"""The clauses that findings cite: what the published contract, or the vendor elsewhere, says, word for word.

Clauses of confidence *documented* quote docs/casino-events.txt, line by line; a test holds them against that file.
"""

import msgspec

from ftcrm.contracts.findings import Confidence

__all__ = ["CLAUSES", "Clause", "clause"]


class Clause(msgspec.Struct, frozen=True):
    """One statement about the feed: its id, who makes it, and its words (one quoted line per item)."""

    id: str
    confidence: Confidence
    quote: tuple[str, ...]


def _documented(id: str, *quote: str) -> Clause:  # noqa: A002 - the field is called id
    return Clause(id, Confidence.DOCUMENTED, quote)


def _vendor(id: str, *quote: str) -> Clause:  # noqa: A002
    return Clause(id, Confidence.VENDOR, quote)


def _inferred(id: str, *quote: str) -> Clause:  # noqa: A002
    return Clause(id, Confidence.INFERRED, quote)


_ALL = (
    _documented(
        "rabbitmq.type",
        "The type is expected as a property (but not in the payload) of the RabbitMQ Message. "
        "Any header will be ignored.",
    ),
    _documented("kafka.type", "Kafka Message Headers", "type", "CASINO"),
    _documented("payload", "Example Payload - Bet", "Example Payload - Win"),
    _documented("required", "Required properties are marked with *"),
    _documented("casino.types", "Key", "Type", "Description"),
    _documented(
        "casino.status",
        "status *",
        "string Accepted Values:",
        "1. Approved",
        "2. Rollback",
        "Indicates whether the event should be reversed or not.",
    ),
    _documented("casino.type", "type *", "string Accepted Values:", "1. Bet", "2. Win", "3. Loss"),
    _documented("casino.game_type", "Accepted Values:", "1. Live Casino", "2. Table", "3. Slots"),
    _documented("casino.amount", "amount = wager_amount + bonus_wager_amount + locked_wager_amount"),
    _documented("casino.currency", "currency *", "string Format: ISO 4217"),
    _documented("casino.timestamp", "timestamp *", "date Format: RFC3339"),
    _documented("casino.activity_id", "activity_id *", "string", "Unique ID for each event"),
    _documented("casino.round_id", "round_id *", "string", "Send same for Bet & Win"),
    _documented(
        "scenario-a",
        "First we should receive a Casino Event with Type Bet with round_id set as 12345",
        "We should then receive a Casino Event with Type Win or Loss with round_id set as 12345",
    ),
    _documented(
        "scenario-b.created",
        "First we should receive a bonus event with Status as Created and user_bonus_id set as ABCD . "
        "It is important that Timestamp of this event is the earliest.",
        "We should then receive a casino event with user_bonus_id set as ABCD . "
        "It is important that Timestamp of this event after the timestamp of the Bonus Event Created. "
        "This would reflect Scenario A.",
    ),
    _documented(
        "scenario-b.closure",
        "We should then receive a bonus event with user_bonus_id set as ABCD , Status set to anything apart from "
        "Created, and a timestamp after the timestamp of the last Casino Event.",
    ),
    _vendor("vendor.message-types", "The other event types of the feed: LOGIN_V2, USER_CREATE_V2, PAYMENT, ..."),
    _vendor("vendor.bonus.fields", "The vendor's bonus event: required properties and their types."),
    _vendor("vendor.bonus.values", "The vendor's bonus event: accepted values of product, status and type."),
    _vendor("vendor.meta", "The vendor's published JSON schema: meta may be null."),
    _vendor("vendor.games", "game_id and game_name must be consistent with each other and unique."),
    _inferred(
        "stand-in.limit",
        "The stand-in reads bodies up to --max-body, 64 levels of nesting, and numbers of at most 40 digits whose "
        "exponent is within +-40.",
    ),
    _inferred("delivery", "Delivery is at least once: a sender retries until it is answered with 200."),
    _inferred("json.duplicate-keys", "RFC 8259, section 4: names within an object should be unique."),
    _inferred("json.byte-order-mark", "RFC 8259, section 8.1: no byte order mark is added to JSON text."),
    _inferred("iso4217.withdrawn", "ISO 4217, historic denominations: a code that was withdrawn."),
    _inferred("rfc3339.separator", "RFC 3339, section 5.6, note: some applications put a space for the T."),
    _inferred("float.sum", "IEEE 754: a sum of doubles differs from the exact sum in its last places."),
    _inferred("round.currency", "The amounts of one round are of one currency."),
    _inferred("rollback.target", "A Rollback reverses an event that was sent, whole, once."),
    _inferred("kafka.headers", "Kafka: one header may come several times; the last one is read."),
)

CLAUSES: dict[str, Clause] = {entry.id: entry for entry in _ALL}


def clause(id: str) -> Clause:  # noqa: A002
    """The clause with that id; KeyError when there is none."""
    return CLAUSES[id]
