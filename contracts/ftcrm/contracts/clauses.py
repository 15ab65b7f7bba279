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


def _unknown(id: str, *quote: str) -> Clause:  # noqa: A002
    return Clause(id, Confidence.UNKNOWN, quote)


_ALL = (
    _documented(
        "rabbitmq.type",
        "The type is expected as a property (but not in the payload) of the RabbitMQ Message. "
        "Any header will be ignored.",
    ),
    _documented(
        "message-type",
        "RabbitMQ Message Properties",
        "type",
        "CASINO",
        "Kafka Message Headers",
        "type",
        "CASINO",
        "⬆️ POST /v1/integration/casino",
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
    _documented(
        "casino.game_type", "game_type *", "string", "Accepted Values:", "1. Live Casino", "2. Table", "3. Slots"
    ),
    _documented("casino.amount", "amount = wager_amount + bonus_wager_amount + locked_wager_amount"),
    _documented("casino.amount.type", "amount *", "float"),
    _documented("casino.currency", "currency *", "string Format: ISO 4217"),
    _documented("casino.timestamp", "timestamp *", "date Format: RFC3339"),
    _documented("casino.activity_id", "activity_id *", "string", "Unique ID for each event"),
    _documented("casino.round_id", "round_id *", "string", "Send same for Bet & Win"),
    _documented("casino.balance_after", "balance_after", "float"),
    _documented("casino.balance_before", "balance_before", "float"),
    _documented("casino.bonus_wager_amount", "bonus_wager_amount", "float"),
    _documented("casino.exchange_rate", "exchange_rate *", "float"),
    _documented("casino.game_id", "game_id *", "string"),
    _documented("casino.game_name", "game_name *", "string"),
    _documented("casino.is_round_end", "is_round_end", "boolean"),
    _documented("casino.locked_wager_amount", "locked_wager_amount", "float"),
    _documented("casino.origin", "origin *", "string"),
    _documented("casino.user_id", "user_id *", "string"),
    _documented("casino.vendor_id", "vendor_id *", "string"),
    _documented("casino.vendor_name", "vendor_name *", "string"),
    _documented("casino.wager_amount", "wager_amount", "float"),
    _documented(
        "casino.user_bonus_id", "user_bonus_id *", "string", "Unique identifier of the bonus credited to a player."
    ),
    _documented("casino.meta", "meta", "object"),
    _documented(
        "crypto.fields",
        "When implementing Casino Events for crypto casino transactions, the following fields must be sent within the "
        "meta tag:",
    ),
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
    _vendor("vendor.message-type-case", "The message type is compared without regard to case."),
    _vendor("vendor.bonus.fields", "The vendor's bonus event: required properties and their types."),
    _vendor("vendor.bonus.values", "The vendor's bonus event: accepted values of product, status and type."),
    _vendor("vendor.bonus.statuses", "One event per status change; repeats corrupt segmentation."),
    _vendor("vendor.meta", "The vendor's published JSON schema: meta may be null."),
    _vendor(
        "vendor.amounts",
        "The vendor's published JSON schema: amount, bonus_wager_amount and locked_wager_amount are at least 0; "
        "wager_amount may be negative.",
    ),
    _vendor("vendor.exchange-rate", "The vendor's published JSON schema: exchange_rate is at least 0."),
    _vendor(
        "vendor.not-empty", "The vendor's published JSON schema: round_id, user_id, origin and game_name are not empty."
    ),
    _vendor("vendor.types", "The vendor's published JSON schema: type is Bet or Win; Loss is no value of it."),
    _vendor("vendor.round-end", "The vendor's published JSON schema: is_round_end is required."),
    _vendor(
        "vendor.extras",
        "The vendor's published JSON schema: any property more may be there; skip_publishing and is_free_money are "
        "booleans.",
    ),
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
    _inferred(
        "round.order", "By their timestamps, too, the Bet of a round comes before the Win or the Loss that settles it."
    ),
    _inferred("round.reopened", "A round whose Win or Loss is rolled back is open again, and gets another one."),
    _inferred("round.deadline", "A Bet that nothing followed for longer than the configured deadline was forgotten."),
    _inferred("round.one-end", "A round ends once, with what settles it; no other event of it is later than its end."),
    _inferred(
        "round.one-closing", "A Bet that wins nothing is closed by a Loss or by a Win of 0: by one of them, once."
    ),
    _inferred("round.one-game", "The events of one round are of one game of one vendor."),
    _inferred(
        "round.one-rate",
        "The exchange rate is the one at the event's timestamp: within a day it moves by a tenth at most.",
    ),
    _inferred("round.one-id", "Practice: a round_id for each transaction, so that the Bet and the Win never meet."),
    _inferred("loss.amount", "A Loss moves no money: its amount is 0, and there is nothing of it to reverse."),
    _inferred("round.one-player", "A round of a slot game is one player's."),
    _inferred("player.currency", "A player has one currency."),
    _inferred("bonus.arrival", "The events of Scenario B arrive in its order, too."),
    _inferred("bonus.ties", "No event of Scenario B has the timestamp of the one that it comes after."),
    _inferred("bonus.created", "The bonus that a casino event names was created."),
    _inferred(
        "bonus.stages",
        "A bonus is Pending, then Created (or Claimed), then Ongoing, then ends: it does not go back.",
    ),
    _inferred(
        "bonus.identity", "One user_bonus_id is one bonus: its bonus_id, type, product and currency stay what they are."
    ),
    _inferred("rollback.target", "A Rollback reverses an event that was sent, whole, once."),
    _inferred("rollback.order", "A Rollback comes after the event that it reverses, by its timestamp too."),
    _inferred(
        "rollback.whole-round", "Once a round is settled, a Bet is rolled back together with what was won on it."
    ),
    _inferred("rollback.ended", "A round that ended stays as it is, or is rolled back as a whole."),
    _inferred("exchange-rate.base", "base amount = amount x exchange_rate."),
    _inferred(
        "game-type.meant",
        "A game type that is one of the three but for case, blanks, hyphens, underscores or the plural is meant to be "
        "that one.",
    ),
    _inferred("ids.empty", "An id that is empty identifies nothing."),
    _inferred("properties.unknown", "What the table does not have belongs into meta, or is misspelt."),
    _inferred(
        "clock.ahead", "An event is sent after it happened: a timestamp in the future is a clock that runs ahead."
    ),
    _unknown(
        "crypto.unnamed", "Which fields meta must have in crypto transactions: the contract announces a list, and ends."
    ),
    _inferred("kafka.headers", "Kafka: one header may come several times; the last one is read."),
)

CLAUSES: dict[str, Clause] = {entry.id: entry for entry in _ALL}


def clause(id: str) -> Clause:  # noqa: A002
    """The clause with that id; KeyError when there is none."""
    return CLAUSES[id]
