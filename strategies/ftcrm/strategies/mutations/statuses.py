"""What is wrong in a single bonus event."""

from decimal import Decimal

from ftcrm.contracts.events.fields import BONUS_DOCUMENTED, BONUS_FIELDS
from ftcrm.strategies.documents import Document
from ftcrm.strategies.mutations.changes import any_of, having, of_completed, of_statuses, renamed, without
from ftcrm.strategies.mutations.mutation import AS_BEFORE, Mutation

__all__ = ["STATUSES"]

_OPTIONAL = tuple(field.name for field in BONUS_FIELDS if not field.required)
_misspelt = having(
    {"bonusTurnedReal": 0}, {"locked-amount": 0}, {"required_wagering_amout": 350}, {"BONUS_CODE": "BIENVENUE-100"}
)


def _without_optional(document: Document) -> Document:
    return {name: value for name, value in document.items() if name not in _OPTIONAL}


STATUSES: tuple[Mutation, ...] = (
    of_completed(
        "bonus-key-missing",
        "A bonus event lacks what Scenario B asks of it.",
        "FT201",
        without(*sorted(BONUS_DOCUMENTED)),
    ),
    of_completed(
        "bonus-property-missing",
        "A bonus event lacks a property that only the vendor requires.",
        "FT202",
        without("amount", "bonus_id", "currency", "exchange_rate", "product", "type"),
        AS_BEFORE,
    ),
    of_completed(
        "bonus-player-missing",
        "A bonus event does not say whose bonus it is.",
        "FT202",
        without("origin", "user_id"),
    ),
    of_completed(
        "bonus-number-as-text",
        "A number of a bonus event goes out in quotes, or as something else.",
        "FT203",
        any_of(
            "amount exchange_rate bonus_turned_real locked_amount required_wagering_amount", "10", "", None, True, []
        ),
        AS_BEFORE,
    ),
    of_completed(
        "bonus-number-beyond-float",
        "A number of a bonus event is larger than any float, or than money.",
        "FT203",
        any_of("amount exchange_rate required_wagering_amount", Decimal("1E+400"), Decimal("1E+41")),
        AS_BEFORE,
    ),
    of_completed(
        "bonus-text-of-another-type",
        "A text of a bonus event goes out as something else.",
        "FT203",
        any_of("bonus_id bonus_code currency product type", 9821, None, True, {}),
        AS_BEFORE,
    ),
    of_completed(
        "bonus-key-of-another-type",
        "What says which bonus it is, or whose, goes out as something else.",
        "FT203",
        any_of("origin status timestamp user_bonus_id user_id", 52530, None, [], {"id": "52530"}),
    ),
    of_completed(
        "bonus-meta-of-another-type",
        "The meta of a bonus event goes out as something else.",
        "FT203",
        any_of("meta", "{}", [], True, 0),
        AS_BEFORE,
    ),
    of_completed(
        "bonus-status-not-accepted",
        "The status of a bonus event is a word of another platform, or differs by letters.",
        "FT204",
        any_of("status", "completed", "COMPLETED", "Done", "Wagered", "Cancelled", ""),
    ),
    of_statuses(
        "bonus-value-not-accepted",
        "Product or type of a bonus are none that the vendor lists.",
        "FT204",
        [{"product": "casino"}, {"product": "Bingo"}, {"type": "Welcome"}, {"type": "cashback"}, {"type": ""}],
    ),
    of_statuses(
        "bonus-currency-unknown",
        "The currency of a bonus is no code of ISO 4217, or is no more.",
        "FT205",
        [{"currency": "eur"}, {"currency": "BTC"}, {"currency": "HRK"}, {"currency": ""}],
    ),
    of_completed(
        "bonus-timestamp-not-rfc3339",
        "The timestamp of a bonus event is no date-time of RFC 3339.",
        "FT206",
        any_of("timestamp", "2026-03-02T8:00:00Z", "2026-03-02T08:00:00", "1772438400", "2026-02-29T08:00:00Z", ""),
    ),
    of_completed(
        "bonus-timestamp-with-space",
        "The timestamp of a bonus event has a space for the T.",
        "FT206",
        lambda _, document: document | {"timestamp": document["timestamp"].replace("T", " ")},
        AS_BEFORE,
    ),
    of_completed(
        "bonus-property-misspelt",
        "A property of a bonus event that may be left out has nearly its name.",
        "FT207",
        lambda draw, document: _misspelt(draw, _without_optional(document)),
        AS_BEFORE,
    ),
    of_completed(
        "bonus-key-misspelt",
        "What Scenario B asks of a bonus event is there by nearly its name.",
        "FT201",
        renamed(
            {"user_bonus_id": ("userBonusId", "user_bonus-id"), "timestamp": ("timeStamp",), "status": ("Status",)}
        ),
    ),
    of_completed(
        "bonus-id-empty",
        "A bonus event is about no bonus.",
        "FT208",
        any_of("user_bonus_id", ""),
    ),
)
