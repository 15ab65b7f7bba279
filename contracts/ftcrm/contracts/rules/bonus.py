"""FT2xx: the fields of a bonus event."""

from collections.abc import Iterator

from ftcrm.contracts.events.examine import FaultKind
from ftcrm.contracts.events.fields import BONUS_DOCUMENTED
from ftcrm.contracts.events.meant import BONUS_NAMES
from ftcrm.contracts.rules.faults import ENVELOPE, NO_SUCH_EVENT, hits_of, missing, misspelt
from ftcrm.contracts.rules.reading import Reading
from ftcrm.contracts.rules.registry import Hit, Scope, rule


@rule("FT201", "bonus-key-missing", Scope.BONUS, clause="scenario-b.created", kind="required-missing")
def bonus_key_missing(reading: Reading) -> Iterator[Hit]:
    """A bonus event without what Scenario B asks of it.

    What it checks:
        `user_bonus_id`, `status` and `timestamp` are members of the payload's object, whatever their values. They are
        all that the published contract says of a bonus event. Where another property is nearly the missing one, the
        message names it.
    Why it matters:
        Without them the event belongs to no bonus, changes no status, or has no place in the order: the casino events
        that carry the bonus stand alone.
    Example:
        BONUS {"status": "<absent>"}
    Use instead:
        BONUS {"status": "Created"}
    What it cannot see:
        Whether the values are right. A property that is there under another name is missing all the same.
    """
    return (hit for name, hit in missing(reading, BONUS_NAMES) if name in BONUS_DOCUMENTED)


@rule("FT202", "bonus-required-missing", Scope.BONUS, clause="vendor.bonus.fields", kind="required-missing")
def bonus_required_missing(reading: Reading) -> Iterator[Hit]:
    """A bonus event without a property that the vendor requires.

    What it checks:
        amount, bonus_id, currency, exchange_rate, origin, product, type and user_id are members of the payload's
        object, whatever their values. What Scenario B asks for is FT201.
    Why it matters:
        The vendor's validator refuses the event. Without origin or user_id it belongs to no player, without amount and
        currency the bonus has no cost.
    Example:
        BONUS {"bonus_id": "<absent>"}
    Use instead:
        BONUS {"bonus_id": "9821"}
    What it cannot see:
        Whether the values are right. The published contract has no table of the bonus event; the vendor has.
    """
    return (hit for name, hit in missing(reading, BONUS_NAMES) if name not in BONUS_DOCUMENTED)


@rule("FT203", "bonus-datatype-mismatch", Scope.BONUS, clause="vendor.bonus.fields", kind="datatype-mismatch")
def bonus_datatype_mismatch(reading: Reading) -> Iterator[Hit]:
    """A property of a bonus event of another data type than the vendor's.

    What it checks:
        Each property of the vendor's table that is there has its type: a JSON string, number or object (`meta` may be
        null). Numbers have at most 40 digits and an exponent within +-40.
    Why it matters:
        The vendor's validator refuses the event. An id that is sent as a number here and as a text in the casino event
        joins nothing.
    Example:
        BONUS {"amount": "10"}
    Use instead:
        BONUS {"amount": 10}
    What it cannot see:
        What is inside `meta`, and properties that the vendor does not list.
    """
    kinds: tuple[FaultKind, ...] = ("datatype-mismatch", "number-beyond-float", "number-out-of-range")
    return hits_of(reading, *kinds, implied_by=NO_SUCH_EVENT)


@rule("FT204", "bonus-value-not-accepted", Scope.BONUS, clause="vendor.bonus.values", kind="value-not-accepted")
def bonus_value_not_accepted(reading: Reading) -> Iterator[Hit]:
    """A `product`, a `status` or a `type` that the vendor does not list.

    What it checks:
        The three texts are among those that the vendor lists, letter by letter; where one comes near, the message says
        which. Pending is given and not yet claimed, Created is claimed.
    Why it matters:
        A bonus in a status that nobody knows is neither open nor closed. The vendor's published schema takes any text
        for `type`: one of your own may be meant.
    Example:
        BONUS {"status": "created"}
    Use instead:
        BONUS {"status": "Created"}
    What it cannot see:
        Whether an accepted value is the right one, and values that the vendor added since.
    """
    return hits_of(reading, "value-not-accepted", implied_by=NO_SUCH_EVENT)


@rule("FT205", "bonus-currency-unknown", Scope.BONUS, clause="vendor.bonus.fields", kind="currency-unknown")
def bonus_currency_unknown(reading: Reading) -> Iterator[Hit]:
    """A bonus event in a currency that ISO 4217 does not list, or lists no more.

    What it checks:
        The text of `currency` is an active alphabetic code of ISO 4217 (a dated list), or one that the setting
        `currencies.extra` or `crypto.currencies` names.
    Why it matters:
        What the bonus costs cannot be compared with what is played with it.
    Example:
        BONUS {"currency": "eur"}
    Use instead:
        BONUS {"currency": "EUR"}
    What it cannot see:
        Whether the amount is of that currency. Name crypto currencies in `crypto.currencies`.
    """
    return hits_of(reading, "currency-unknown", "currency-withdrawn")


@rule("FT206", "bonus-timestamp-not-rfc3339", Scope.BONUS, clause="vendor.bonus.fields", kind="timestamp-not-rfc3339")
def bonus_timestamp_not_rfc3339(reading: Reading) -> Iterator[Hit]:
    """A bonus event with a timestamp that is no date-time of RFC 3339.

    What it checks:
        The text of `timestamp` is a date-time as FT117 wants it for casino events, with a T between date and time. The
        contract compares the two kinds of events by their timestamps.
    Why it matters:
        Scenario B hangs on it: whether Created is the earliest cannot be told of a time without an offset.
    Example:
        BONUS {"timestamp": "2026-03-02T8:00:00Z"}
    Use instead:
        BONUS {"timestamp": "2026-03-02T08:00:00Z"}
    What it cannot see:
        Whether the instant is right, and local time that is sent with a Z.
    """
    return hits_of(reading, "timestamp-unreadable", "timestamp-separator", implied_by=ENVELOPE)


@rule("FT207", "bonus-misspelt-property", Scope.BONUS, clause="properties.unknown", kind="misspelt-property")
def bonus_misspelt_property(reading: Reading) -> Iterator[Hit]:
    """A property of a bonus event that is nearly one of the vendor's, which is not there itself.

    What it checks:
        As FT131, with the properties that the vendor lists for bonus events: a name that is another one's but for
        letter case, blanks, hyphens and underscores, or but for one letter. For a property that must be there it
        follows from FT201 or FT202, whose message says it.
    Why it matters:
        A misspelt optional property is silently ignored: the wagering requirement of the bonus is unknown.
    Example:
        BONUS {"requiredWageringAmount": 200}
    Use instead:
        BONUS {"required_wagering_amount": 200}
    What it cannot see:
        Names that are farther off, and a misspelt one beside the right one. A property of your own whose name is that
        near may be meant as it is.
    """
    for meant, required, hit in misspelt(reading, BONUS_NAMES):
        root = "FT201" if meant in BONUS_DOCUMENTED else "FT202"
        yield hit._replace(implied_by=(*NO_SUCH_EVENT, root)) if required else hit


@rule("FT208", "bonus-id-empty", Scope.BONUS, clause="ids.empty", kind="empty-id")
def bonus_id_empty(reading: Reading) -> Iterator[Hit]:
    """A bonus event whose user_bonus_id is empty.

    What it checks:
        `user_bonus_id` is "". In a casino event that says that there is no bonus; a bonus event is about one.
    Why it matters:
        No casino event can carry the id of this bonus, so that nothing is ever played with it.
    Example:
        BONUS {"user_bonus_id": ""}
    Use instead:
        BONUS {"user_bonus_id": "863512"}
    What it cannot see:
        Ids that say as little: blanks, "null", "0".
    """
    if reading.document.get("user_bonus_id") == "":
        message = "user_bonus_id: expected the id of the bonus, got ''"
        yield Hit(message, "/user_bonus_id", implied_by=NO_SUCH_EVENT)
