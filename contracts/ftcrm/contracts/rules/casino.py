"""FT110 to FT199: the fields of a casino event."""

import math
from collections.abc import Iterator
from decimal import Decimal

from ftcrm.contracts.events.examine import Fault, FaultKind
from ftcrm.contracts.numbers import EXACT, ZERO, plain
from ftcrm.contracts.rules.reading import Reading
from ftcrm.contracts.rules.registry import Hit, Scope, rule

_WALLETS = ("wager_amount", "bonus_wager_amount", "locked_wager_amount")
_ULPS = 2


def _of(reading: Reading, kind: FaultKind) -> Iterator[Hit]:
    return (hit for _, hit in _found(reading, kind))


def _found(reading: Reading, kind: FaultKind) -> Iterator[tuple[Fault, Hit]]:
    return ((fault, Hit(fault.message, fault.pointer)) for fault in reading.faults if fault.kind == kind)


@rule("FT110", "required-missing", Scope.CASINO, clause="required")
def required_missing(reading: Reading) -> Iterator[Hit]:
    """A property marked with * is not there. `user_bonus_id` is one of them; "" says that there is no bonus."""
    return _of(reading, "required-missing")


@rule("FT111", "datatype-mismatch", Scope.CASINO, clause="casino.types")
def datatype_mismatch(reading: Reading) -> Iterator[Hit]:
    """A property of another type than the table's: a number as a string, an id as a number, null for a value."""
    return _of(reading, "datatype-mismatch")


@rule("FT112", "value-not-accepted", Scope.CASINO, clause="casino.types")
def value_not_accepted(reading: Reading) -> Iterator[Hit]:
    """A `status` or `type` that is not among the accepted values, which are compared letter by letter."""
    return (hit._replace(clause=fault.field.clause) for fault, hit in _found(reading, "value-not-accepted"))


@rule("FT113", "sum-mismatch", Scope.CASINO, clause="casino.amount")
def sum_mismatch(reading: Reading) -> Iterator[Hit]:
    """The amount is not the sum of its wallets; a wallet that is not there counts 0, and one must be there."""
    if (sums := _sums(reading)) and not _within_ulps(*sums):
        yield _difference(*sums)


@rule("FT114", "sum-float-artefact", Scope.CASINO, clause="float.sum")
def sum_float_artefact(reading: Reading) -> Iterator[Hit]:
    """The amount differs from the sum of its wallets by no more than adding doubles explains (2 ulp)."""
    if (sums := _sums(reading)) and _within_ulps(*sums):
        yield _difference(*sums)


@rule("FT115", "currency-unknown", Scope.CASINO, clause="casino.currency")
def currency_unknown(reading: Reading) -> Iterator[Hit]:
    """A currency that ISO 4217 does not list and the setting `currencies.extra` does not name."""
    return _of(reading, "currency-unknown")


@rule("FT116", "currency-withdrawn", Scope.CASINO, clause="iso4217.withdrawn")
def currency_withdrawn(reading: Reading) -> Iterator[Hit]:
    """A currency that ISO 4217 listed once and withdrew."""
    return _of(reading, "currency-withdrawn")


@rule("FT117", "timestamp-not-rfc3339", Scope.CASINO, clause="casino.timestamp")
def timestamp_not_rfc3339(reading: Reading) -> Iterator[Hit]:
    """A timestamp that is no RFC 3339 date-time: an hour of one digit, no offset, a date that does not exist."""
    return _of(reading, "timestamp-unreadable")


@rule("FT118", "timestamp-separator", Scope.CASINO, clause="rfc3339.separator")
def timestamp_separator(reading: Reading) -> Iterator[Hit]:
    """A timestamp with a space for the T: the RFC's grammar wants the T, its note lets applications differ."""
    return _of(reading, "timestamp-separator")


@rule("FT119", "number-beyond-float", Scope.CASINO, clause="casino.types", kind="datatype-mismatch")
def number_beyond_float(reading: Reading) -> Iterator[Hit]:
    """A number such as 1e400 that no double holds, while the table's type is float."""
    return _of(reading, "number-beyond-float")


@rule("FT120", "null-meta", Scope.CASINO, clause="vendor.meta")
def null_meta(reading: Reading) -> Iterator[Hit]:
    """`meta` is null: the contract's type is object, the vendor's published schema takes null too."""
    return _of(reading, "null-object")


@rule("FT121", "number-out-of-range", Scope.CASINO, clause="stand-in.limit")
def number_out_of_range(reading: Reading) -> Iterator[Hit]:
    """A number of more than 40 digits or with an exponent beyond +-40: it is not folded, since sums stay exact here."""
    return _of(reading, "number-out-of-range")


def _sums(reading: Reading) -> tuple[Decimal, Decimal, dict[str, Decimal]] | None:
    """The amount, the wallets' sum and the wallets when they can be added and differ, else None."""
    amount = reading.number("amount")
    present = [name for name in _WALLETS if name in reading.document]
    wallets = {name: number for name in present if (number := reading.number(name)) is not None}
    if amount is None or not present or len(wallets) < len(present):
        return None
    total = ZERO
    for wallet in wallets.values():
        total = EXACT.add(total, wallet)
    return None if total == amount else (amount, total, wallets)


def _within_ulps(amount: Decimal, _: Decimal, wallets: dict[str, Decimal]) -> bool:
    doubles = sum(map(float, wallets.values()))
    return abs(float(amount) - doubles) <= _ULPS * math.ulp(doubles)


def _difference(amount: Decimal, total: Decimal, wallets: dict[str, Decimal]) -> Hit:
    terms = " + ".join(f"{name} {plain(number)}" for name, number in wallets.items())
    return Hit(f"amount: expected {plain(total)} ({terms}), got {plain(amount)}", "/amount")
