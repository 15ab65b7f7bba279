"""What is wrong in a single event: its properties, their types and values, and how they are called."""

from ftcrm.contracts.events.fields import CASINO_FIELDS, FieldType
from ftcrm.strategies.documents import Document
from ftcrm.strategies.mutations.amounts import AMOUNTS
from ftcrm.strategies.mutations.changes import any_of, having, of_both, of_win, renamed, without
from ftcrm.strategies.mutations.mutation import AS_BEFORE, Mutation, Outcome
from ftcrm.strategies.mutations.statuses import STATUSES

__all__ = ["FIELDS"]

_REQUIRED = tuple(field.name for field in CASINO_FIELDS if field.required)
_TEXTS = tuple(field.name for field in CASINO_FIELDS if field.type in (FieldType.STRING, FieldType.CURRENCY))
_UNDER_NO_ROUND = Outcome("a round of its own, without a round_id", others=("settled",))
_STAKELESS = Outcome("settled, with nothing won", "settled", 1, 0)


def _camel_case(document: Document) -> Document:
    """The required properties by other names; the optional ones would be misspelt, each by itself."""
    return {_camel(name) if name in _REQUIRED else name: value for name, value in document.items()}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


_MISSING = (
    of_win(
        "property-missing",
        "One of the properties that must be there is not.",
        "FT110",
        without(*_REQUIRED),
    ),
    of_win(
        "bonus-id-left-out",
        "Without a bonus user_bonus_id is left out, where it should be empty.",
        "FT110",
        without("user_bonus_id"),
    ),
    of_win(
        "camel-case",
        "A serializer writes all names in camel case: activityId.",
        "FT110",
        lambda _, document: _camel_case(document),
    ),
    of_win(
        "required-property-misspelt",
        "One of the properties that must be there has nearly its name.",
        "FT110",
        renamed(
            {
                "currency": ("currrency", "Currency"),
                "exchange_rate": ("exchange-rate", "exchnage_rate"),
                "round_id": ("RoundID", "round id"),
                "timestamp": ("timestmp", "TimeStamp"),
                "user_bonus_id": ("userbonusid", "user_bonusid"),
                "vendor_name": ("vendor_nam", "VENDOR_NAME"),
            }
        ),
    ),
    of_win(
        "property-misspelt",
        "A property that may be left out has nearly its name.",
        "FT131",
        having(*({name: True} for name in ("isRoundEnd", "is-round-end", "is_round_ends", "IS_ROUND_END"))),
        AS_BEFORE,
    ),
    of_win(
        "property-unknown",
        "A property of the brand's own stands beside the others, and not in meta.",
        "FT130",
        having({"device": "mobile"}, {"brand": None}, {"": 1}, {"session/id": "52530"}),
        AS_BEFORE,
        settings={"extend_select": ("FT130",)},
    ),
)

_TYPES = (
    of_win(
        "null-value",
        "Where a property has no value, it is null.",
        "FT111",
        any_of(" ".join(field.name for field in CASINO_FIELDS if field.type is not FieldType.OBJECT), None),
    ),
    of_win(
        "id-as-number",
        "An id goes out as a number.",
        "FT111",
        any_of("activity_id game_id round_id user_bonus_id user_id vendor_id", 52530, 0),
    ),
    of_win(
        "text-of-another-type",
        "A text goes out as something else.",
        "FT111",
        any_of(" ".join(_TEXTS), True, [], ["EUR"], {}, {"id": "52530"}),
    ),
    of_win(
        "number-as-text",
        "A number goes out in quotes.",
        "FT111",
        any_of(
            "amount exchange_rate balance_after balance_before wager_amount bonus_wager_amount locked_wager_amount",
            *("20.00", "20", "1,000.00", ""),
        ),
    ),
    of_win(
        "number-of-another-type",
        "A number goes out as something else.",
        "FT111",
        any_of("amount exchange_rate balance_after wager_amount", True, [], {"value": 2000, "scale": 2}),
    ),
    of_win(
        "flag-of-another-type",
        "The end flag goes out as a text or as a number.",
        "FT111",
        any_of("is_round_end", "true", "false", 1, 0, []),
    ),
    of_win(
        "meta-of-another-type",
        "The event's meta goes out as its JSON text, or as a list.",
        "FT111",
        any_of("meta", '{"key1":"10.00"}', [], [{"key1": 1}], False, 0),
    ),
    of_win(
        "meta-null",
        "The event's meta is null, where there is nothing to say.",
        "FT120",
        any_of("meta", None),
        AS_BEFORE,
    ),
    of_win(
        "vendor-extra-of-another-type",
        "A property that the vendor's schema has as a boolean goes out as something else.",
        "FT192",
        any_of("skip_publishing is_free_money", "false", 0, None, {}),
        AS_BEFORE,
        settings={"extend_select": ("FT192",)},
    ),
)

_VALUES = (
    of_win(
        "type-not-accepted",
        "The type is a word of another platform, or differs by letters.",
        "FT112",
        any_of("type", "win", "WIN", "Payout", "Refund", "BetWin", "Win ", "", "Rollback"),
    ),
    of_win(
        "status-not-accepted",
        "The status is a word of another platform, or differs by letters.",
        "FT112",
        any_of("status", "approved", "APPROVED", "Success", "Cancelled", "Rolledback", "Rollback ", ""),
    ),
    of_win(
        "game-type-nearly-right",
        "The game type is nearly one of the three.",
        "FT127",
        any_of("game_type", "slots", "Slot", "SLOTS", "LIVE_CASINO", "LiveCasino", "live casino", "tables"),
        AS_BEFORE,
    ),
    of_win("game-name-empty", "The game has no name.", "FT128", any_of("game_name", ""), AS_BEFORE),
    of_both("round-id-empty", "The round has no id.", "FT128", [{"round_id": ""}], _UNDER_NO_ROUND),
    of_win(
        "description-empty",
        "Game type or vendor is unknown, and therefore empty.",
        "FT129",
        any_of("game_type vendor_name", ""),
        AS_BEFORE,
    ),
    of_both("game-id-empty", "The game has no id.", "FT129", [{"game_id": ""}]),
    of_win(
        "loss-for-the-vendor",
        "A Loss goes to a receiver who validates by the vendor's schema.",
        "FT190",
        lambda _, document: {**_nothing_won(document), "type": "Loss"},
        _STAKELESS,
        settings={"extend_select": ("FT190",)},
    ),
)


def _nothing_won(document: Document) -> Document:
    return {name: value for name, value in document.items() if not name.endswith("wager_amount")} | {"amount": 0}


def _written(*texts: str) -> list[Document]:
    return [{"timestamp": text} for text in texts]


_TIMESTAMPS = (
    of_win(
        "timestamp-without-offset",
        "The timestamp is local, and does not say where.",
        "FT117",
        lambda _, document: document | {"timestamp": document["timestamp"][:19]},
    ),
    of_win(
        "timestamp-with-space",
        "The timestamp is written as a database does, with a space for the T.",
        "FT118",
        lambda _, document: document | {"timestamp": document["timestamp"].replace("T", " ")},
        AS_BEFORE,
    ),
    of_win(
        "timestamp-as-number",
        "The timestamp is a Unix time.",
        "FT111",
        any_of("timestamp", 1772438400, 1772438400000, True, None),
    ),
    of_win(
        "timestamp-of-another-form",
        "The timestamp is a date-time of another standard, or of a country.",
        "FT117",
        having(
            *_written("1772438400", "2026-03-02", "02.03.2026 08:00:00", "Mon, 02 Mar 2026 08:00:00 GMT"),
            *_written("2026-03-02T08:00:00+0000", "2026-03-02T08:00:00+00", "2026-03-02T08:00Z", "2026-061T08:00:00Z"),
            *_written("2026-03-02T08:00:00,5Z", "2026-03-02T08:00:00 Z", "20260302T080000Z", " 2026-03-02T08:00:00Z"),
        ),
    ),
    of_win(
        "timestamp-of-single-digits",
        "The timestamp is put together of numbers, without the zeros before them.",
        "FT117",
        having(*_written("2026-3-2T8:0:0Z", "2026-03-02T8:00:00Z", "2026-03-02T08:00:00+1:00")),
    ),
    of_win(
        "timestamp-of-no-instant",
        "The timestamp names a date or a time that does not exist.",
        "FT117",
        having(
            *_written("2026-02-29T08:00:00Z", "2026-13-01T08:00:00Z", "2026-03-02T24:00:00Z", "2026-03-02T08:60:00Z"),
            *_written("2026-03-02T08:00:60Z", "0000-00-00T00:00:00Z", "2026-03-02T08:00:00+24:00", ""),
        ),
    ),
)

FIELDS: tuple[Mutation, ...] = (*_MISSING, *_TYPES, *_VALUES, *_TIMESTAMPS, *AMOUNTS, *STATUSES)
"""What goes wrong in one event, wherever it is."""
