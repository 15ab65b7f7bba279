"""Holding a payload's object against a field table: every fault, with its place, what was expected and what came."""

import math
from collections.abc import Iterator, Mapping, Sequence, Set
from decimal import Decimal
from typing import Any, Literal

import msgspec

from ftcrm.contracts.events.currencies import ACTIVE, AS_OF, WITHDRAWN
from ftcrm.contracts.events.fields import Field, FieldType
from ftcrm.contracts.events.meant import meant_value
from ftcrm.contracts.events.payload import Number, describe, shortened
from ftcrm.contracts.events.timestamps import problems_of
from ftcrm.contracts.instants import parse_instant
from ftcrm.contracts.numbers import MAX_DIGITS, MAX_EXPONENT, fits

__all__ = ["TOLERABLE", "Fault", "FaultKind", "examine"]

FaultKind = Literal[
    "required-missing",
    "datatype-mismatch",
    "number-beyond-float",
    "number-out-of-range",
    "value-not-accepted",
    "currency-unknown",
    "currency-withdrawn",
    "timestamp-unreadable",
    "timestamp-separator",
    "null-object",
]

TOLERABLE: frozenset[FaultKind] = frozenset({"currency-unknown", "currency-withdrawn", "timestamp-separator"})
"""The faults that leave a value which can still be used as what it is."""

_TIME_AT = 10


class Fault(msgspec.Struct, frozen=True):
    """One property that is not as its field table has it."""

    kind: FaultKind
    field: Field
    message: str

    @property
    def pointer(self) -> str:
        """The JSON pointer of the property: where it is, or where it was expected."""
        return f"/{self.field.name}"


def examine(
    fields: Sequence[Field], document: Mapping[str, Any], *, extra_currencies: Set[str] = frozenset()
) -> tuple[Fault, ...]:
    """Every fault of the document's known properties, in the order of the table; unknown properties are let be."""
    return tuple(_faults(fields, document, extra_currencies))


def _faults(fields: Sequence[Field], document: Mapping[str, Any], extra: Set[str]) -> Iterator[Fault]:
    for field in fields:
        if field.name not in document:
            if field.required:
                yield Fault("required-missing", field, f"{field.name}: expected {_wanted(field)}, got nothing")
            continue
        yield from _CHECKS[field.type](field, document[field.name], extra)


def _string(field: Field, value: Any, _: Set[str]) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield _mismatch(field, value)
    elif field.accepted and value not in field.accepted:
        message = f"{field.name}: expected {_wanted(field)}, got {describe(value)}{meant_value(field, value)}"
        yield Fault("value-not-accepted", field, message)


def _float(field: Field, value: Any, _: Set[str]) -> Iterator[Fault]:
    if not isinstance(value, Decimal | Number):
        yield _mismatch(field, value)
    elif isinstance(value, Number) or not fits(value):
        text = value.text if isinstance(value, Number) else str(value)
        if math.isinf(float(text)):
            message = f"{field.name}: expected a number that a float holds, got {shortened(text)}"
            yield Fault("number-beyond-float", field, message)
            return
        bound = f"at most {MAX_DIGITS} significant digits and an exponent within +-{MAX_EXPONENT}"
        yield Fault("number-out-of-range", field, f"{field.name}: expected {bound}, got {shortened(text)}")


def _boolean(field: Field, value: Any, _: Set[str]) -> Iterator[Fault]:
    if not isinstance(value, bool):
        yield _mismatch(field, value)


def _object(field: Field, value: Any, _: Set[str]) -> Iterator[Fault]:
    if value is None:
        yield Fault("null-object", field, f"{field.name}: expected an object, got null")
    elif not isinstance(value, dict):
        yield _mismatch(field, value)


def _currency(field: Field, value: Any, extra: Set[str]) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield _mismatch(field, value)
    elif value in WITHDRAWN and value not in extra:
        message = f"{field.name}: expected a code that ISO 4217 lists as of {AS_OF}, got the withdrawn {value!r}"
        yield Fault("currency-withdrawn", field, message)
    elif value not in ACTIVE and value not in extra:
        meant = (
            f" (did you mean {value.upper()!r}?)" if value.upper() in ACTIVE else " (see the setting currencies.extra)"
        )
        message = f"{field.name}: expected an ISO 4217 code, got {describe(value)}{meant}"
        yield Fault("currency-unknown", field, message)


def _timestamp(field: Field, value: Any, _: Set[str]) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield _mismatch(field, value)
    elif parse_instant(value) is None:
        problems = f" ({', '.join(found)})" if (found := problems_of(value)) else ""
        message = f"{field.name}: expected {_wanted(field)}, got {shortened(value)!r}{problems}"
        yield Fault("timestamp-unreadable", field, message)
    elif value[_TIME_AT] == " ":
        message = f"{field.name}: expected a 'T' between date and time (RFC 3339), got a space in {shortened(value)!r}"
        yield Fault("timestamp-separator", field, message)


_CHECKS = {
    FieldType.STRING: _string,
    FieldType.FLOAT: _float,
    FieldType.BOOLEAN: _boolean,
    FieldType.OBJECT: _object,
    FieldType.CURRENCY: _currency,
    FieldType.TIMESTAMP: _timestamp,
}

_WANTED = {
    FieldType.STRING: "a string",
    FieldType.FLOAT: "a number",
    FieldType.BOOLEAN: "true or false",
    FieldType.OBJECT: "an object",
    FieldType.CURRENCY: "an ISO 4217 code",
    FieldType.TIMESTAMP: "an RFC 3339 date-time such as '2026-01-31T08:27:58.721Z'",
}


def _wanted(field: Field) -> str:
    if field.accepted:
        return "one of " + ", ".join(map(repr, field.accepted))
    return f"{_WANTED[field.type]} ({field.note})" if field.note else _WANTED[field.type]


def _mismatch(field: Field, value: Any) -> Fault:
    return Fault("datatype-mismatch", field, f"{field.name}: expected {_wanted(field)}, got {describe(value)}")
