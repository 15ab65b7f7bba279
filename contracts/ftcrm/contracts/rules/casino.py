"""FT110 to FT121 but for the sums: each property of a casino event is there, and is what the contract's table says."""

from collections.abc import Iterator

from ftcrm.contracts.events.meant import CASINO_NAMES
from ftcrm.contracts.rules.faults import ENVELOPE, NO_SUCH_EVENT, hits_of, missing
from ftcrm.contracts.rules.reading import Reading
from ftcrm.contracts.rules.registry import Hit, Scope, rule


@rule("FT110", "required-missing", Scope.CASINO, clause="required")
def required_missing(reading: Reading) -> Iterator[Hit]:
    """A property that the contract marks with * is not there.

    What it checks:
        Each of the 16 properties with a * is a member of the payload's object, whatever its value. `user_bonus_id` is
        one of them: "" says that there is no bonus, and is enough. Where another property is nearly the missing one,
        the message names it.
    Why it matters:
        Without its keys (origin, user_id, round_id) an event joins no round; without amount, currency or exchange_rate
        it has no value. A sender that is answered with an error for it retries for ever.
    Example:
        {"round_id": "<absent>"}
    Use instead:
        {"round_id": "r1"}
    What it cannot see:
        Whether the value is the right one. A property that is there under another name is missing all the same.
    """
    return (hit for _, hit in missing(reading, CASINO_NAMES))


@rule("FT111", "datatype-mismatch", Scope.CASINO, clause="casino.types")
def datatype_mismatch(reading: Reading) -> Iterator[Hit]:
    """A property of another data type than the table's.

    What it checks:
        Each property of the table that is there has its type: a JSON string, number, boolean or object. A number in
        quotes is a string, an id without quotes is a number, and null is none of them (null for `meta` is FT120).
    Why it matters:
        A strict reader refuses the whole event. A lenient one guesses: an id such as 0052530 loses its zeros as a
        number, an amount as a text is rounded or dropped.
    Example:
        {"user_id": 52530}
    Use instead:
        {"user_id": "52530"}
    What it cannot see:
        What is inside `meta`, and properties that the table does not have. The vendor's own schema takes numbers for
        game_id and vendor_id, too; the published contract says string, and wins.
    """
    return hits_of(reading, "datatype-mismatch", implied_by=NO_SUCH_EVENT, cited=True)


@rule("FT112", "value-not-accepted", Scope.CASINO, clause="casino.type")
def value_not_accepted(reading: Reading) -> Iterator[Hit]:
    """A `status` or a `type` that is not among the accepted values.

    What it checks:
        The text of `type` is Bet, Win or Loss, and that of `status` is Approved or Rollback, letter by letter: case and
        blanks count. For words that other platforms use (Wager, Payout, Refund, BetWin, Cancelled, ...) and for slips
        of the pen the message says what to send instead.
    Why it matters:
        An event of no known type is neither a bet nor a win: the round stays open, or is never built, and GGR lacks
        its amount. A refund under a type of its own reverses nothing.
    Example:
        {"type": "Wager", "status": "Approved"}
    Use instead:
        {"type": "Bet", "status": "Approved"}
    What it cannot see:
        Whether an accepted value is the right one: a refund that is sent as an approved Win looks like a win.
    """
    return hits_of(reading, "value-not-accepted", implied_by=NO_SUCH_EVENT, cited=True)


@rule("FT115", "currency-unknown", Scope.CASINO, clause="casino.currency")
def currency_unknown(reading: Reading) -> Iterator[Hit]:
    """A currency that ISO 4217 does not list.

    What it checks:
        The text of `currency` is an alphabetic code of ISO 4217 in capital letters (a dated list), or one that the
        setting `currencies.extra` or `crypto.currencies` names. Codes that were withdrawn are FT116.
    Why it matters:
        Amounts of an unknown currency cannot be added up or compared; rounds drop out of GGR and of every segment that
        is bounded by amounts.
    Example:
        {"currency": "eur"}
    Use instead:
        {"currency": "EUR"}
    What it cannot see:
        Whether the amount is of that currency. Crypto currencies and tokens have no ISO code: name those that you use
        in `currencies.extra` or `crypto.currencies`.
    """
    return hits_of(reading, "currency-unknown")


@rule("FT116", "currency-withdrawn", Scope.CASINO, clause="iso4217.withdrawn")
def currency_withdrawn(reading: Reading) -> Iterator[Hit]:
    """A currency that ISO 4217 listed once and withdrew.

    What it checks:
        The text of `currency` is on the standard's list of historic codes, and neither on the current one nor in the
        settings `currencies.extra` and `crypto.currencies`.
    Why it matters:
        Exchange rates of a withdrawn currency end somewhere: the money of its players silently leaves every sum in the
        base currency. A rename (HRK to EUR) is often missed in one of many configurations.
    Example:
        {"currency": "DEM"}
    Use instead:
        {"currency": "EUR"}
    What it cannot see:
        When the event happened: an event of the time when the code was valid draws it, too. The list is of its date.
    """
    return hits_of(reading, "currency-withdrawn")


@rule("FT117", "timestamp-not-rfc3339", Scope.CASINO, clause="casino.timestamp")
def timestamp_not_rfc3339(reading: Reading) -> Iterator[Hit]:
    """A timestamp that is no date-time of RFC 3339.

    What it checks:
        The text of `timestamp` has year, month, day, hour, minute and second with all their digits, an offset (Z, or
        hours and minutes with a colon), and names an instant that exists. Lower-case t and z, fractions of any length
        and leap seconds at 23:59:60 UTC are fine. The message says what is wrong.
    Why it matters:
        The order of a round, its session and its day all hang on this instant. Without an offset it is off by hours for
        somebody, and lenient parsers do not agree on what it says.
    Example:
        {"timestamp": "2026-03-02T8:27:58Z"}
    Use instead:
        {"timestamp": "2026-03-02T08:27:58Z"}
    What it cannot see:
        Whether the instant is right, and local time that is sent with a Z. The vendor's own samples break it.
    """
    return hits_of(reading, "timestamp-unreadable", implied_by=ENVELOPE)


@rule("FT118", "timestamp-separator", Scope.CASINO, clause="rfc3339.separator")
def timestamp_separator(reading: Reading) -> Iterator[Hit]:
    """A timestamp with a space where RFC 3339 has a T.

    What it checks:
        A `timestamp` that names an instant, with a space between date and time. The grammar of RFC 3339 wants the T;
        a note below it lets applications put a space.
    Why it matters:
        Many parsers take it, and some do not; whether FT CRM's does is not known. It is how databases write a time.
    Example:
        {"timestamp": "2026-03-02 08:27:58Z"}
    Use instead:
        {"timestamp": "2026-03-02T08:27:58Z"}
    What it cannot see:
        Anything else about the timestamp: one that cannot be read at all is FT117.
    """
    return hits_of(reading, "timestamp-separator", implied_by=ENVELOPE)


@rule("FT119", "number-beyond-float", Scope.CASINO, clause="casino.types", kind="datatype-mismatch")
def number_beyond_float(reading: Reading) -> Iterator[Hit]:
    """A number that no float holds.

    What it checks:
        A property whose type is float is a JSON number of a magnitude that overflows a double, such as 1e400.
    Why it matters:
        JSON allows it and the table's type does not: one reader makes infinity of it, another refuses the event, and
        infinity in a sum stays there.
    Example:
        {"balance_after": 1e400}
    Use instead:
        {"balance_after": 174.03}
    What it cannot see:
        Digits that a double rounds away: they are no fault, since every decimal number is rounded somewhere.
    """
    return hits_of(reading, "number-beyond-float", cited=True)


@rule("FT120", "null-meta", Scope.CASINO, clause="vendor.meta")
def null_meta(reading: Reading) -> Iterator[Hit]:
    """A `meta` that is null.

    What it checks:
        `meta` is there and null. The contract's type is object; the vendor's published schema takes null as well, so
        that this breaks nothing. Null for any other property is FT111.
    Why it matters:
        The two sources disagree: a reader that follows the published table may refuse the event.
    Example:
        {"type": "Bet", "meta": null}
    Use instead:
        {"type": "Bet", "meta": {}}
    What it cannot see:
        What is inside `meta`: it is brand specific.
    """
    return hits_of(reading, "null-object")


@rule("FT121", "number-out-of-range", Scope.CASINO, clause="stand-in.limit")
def number_out_of_range(reading: Reading) -> Iterator[Hit]:
    """A number of more digits, or of another magnitude, than the stand-in adds up exactly.

    What it checks:
        A property whose type is float has more than 40 significant digits, or an exponent beyond +-40, while a float
        still holds it. The event is then not folded into a round when the number is its amount or its rate.
    Why it matters:
        Sums are exact here, and so need a bound. No amount of money comes near it: such a number is a fault of the
        arithmetic before it, or of its conversion to text.
    Example:
        {"balance_after": 1e41}
    Use instead:
        {"balance_after": 174.03}
    What it cannot see:
        Amounts that are within the bound and still absurd. The limit is the stand-in's, not FT CRM's.
    """
    return hits_of(reading, "number-out-of-range")
