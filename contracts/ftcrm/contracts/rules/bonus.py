"""FT2xx: the fields of a bonus event."""

from collections.abc import Iterator

from ftcrm.contracts.events.examine import FaultKind
from ftcrm.contracts.events.fields import BONUS_DOCUMENTED
from ftcrm.contracts.rules.reading import Reading
from ftcrm.contracts.rules.registry import Hit, Scope, rule


def _of(reading: Reading, *kinds: FaultKind) -> Iterator[Hit]:
    return (Hit(fault.message, fault.pointer) for fault in reading.faults if fault.kind in kinds)


def _missing(reading: Reading, *, documented: bool) -> Iterator[Hit]:
    for fault in reading.faults:
        if fault.kind == "required-missing" and (fault.field.name in BONUS_DOCUMENTED) is documented:
            yield Hit(fault.message, fault.pointer)


@rule("FT201", "bonus-key-missing", Scope.BONUS, clause="scenario-b.created", kind="required-missing")
def bonus_key_missing(reading: Reading) -> Iterator[Hit]:
    """A bonus event without what Scenario B asks of it: `user_bonus_id`, `status`, `timestamp`."""
    return _missing(reading, documented=True)


@rule("FT202", "bonus-required-missing", Scope.BONUS, clause="vendor.bonus.fields", kind="required-missing")
def bonus_required_missing(reading: Reading) -> Iterator[Hit]:
    """A bonus event without a property that the vendor requires."""
    return _missing(reading, documented=False)


@rule("FT203", "bonus-datatype-mismatch", Scope.BONUS, clause="vendor.bonus.fields", kind="datatype-mismatch")
def bonus_datatype_mismatch(reading: Reading) -> Iterator[Hit]:
    """A property of another type than the vendor's."""
    return _of(reading, "datatype-mismatch", "number-beyond-float", "number-out-of-range")


@rule("FT204", "bonus-value-not-accepted", Scope.BONUS, clause="vendor.bonus.values", kind="value-not-accepted")
def bonus_value_not_accepted(reading: Reading) -> Iterator[Hit]:
    """A `product`, `status` or `type` that the vendor does not list."""
    return _of(reading, "value-not-accepted")


@rule("FT205", "bonus-currency-unknown", Scope.BONUS, clause="vendor.bonus.fields", kind="currency-unknown")
def bonus_currency_unknown(reading: Reading) -> Iterator[Hit]:
    """A currency that ISO 4217 does not list (any more) and the setting `currencies.extra` does not name."""
    return _of(reading, "currency-unknown", "currency-withdrawn")


@rule("FT206", "bonus-timestamp-not-rfc3339", Scope.BONUS, clause="vendor.bonus.fields", kind="timestamp-not-rfc3339")
def bonus_timestamp_not_rfc3339(reading: Reading) -> Iterator[Hit]:
    """A timestamp that is no RFC 3339 date-time."""
    return _of(reading, "timestamp-unreadable", "timestamp-separator")
