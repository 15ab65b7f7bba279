"""Exact decimal arithmetic for money: wide enough that nothing is ever rounded, and a trap where it would be."""

from decimal import (
    Clamped,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    Rounded,
    Subnormal,
    Underflow,
)

__all__ = ["EXACT", "MAX_DIGITS", "MAX_EXPONENT", "NOT_ADMITTED", "ZERO", "admit", "fits", "plain"]

MAX_DIGITS = 40
"""The most significant digits that a number of an event may have."""
MAX_EXPONENT = 40
"""The largest magnitude of a number's scientific exponent."""
ZERO = Decimal(0)

EXACT = Context(
    prec=400, Emax=10_000, Emin=-10_000, traps=[Inexact, Rounded, InvalidOperation, Overflow, Underflow, DivisionByZero]
)
"""Sums and products of admitted numbers are exact here: a product has at most 80 digits between 1e81 and 1e-158."""

_ADMITTED = Context(
    prec=MAX_DIGITS,
    Emax=MAX_EXPONENT,
    Emin=-MAX_EXPONENT,
    traps=[Inexact, Rounded, Subnormal, Overflow, Underflow, Clamped, InvalidOperation],
)
NOT_ADMITTED = (Inexact, Rounded, Subnormal, Overflow, Underflow, Clamped, InvalidOperation)
admit = _ADMITTED.plus
"""Raises one of NOT_ADMITTED for a finite number that does not fit."""


def fits(number: Decimal) -> bool:
    """Whether a number has at most MAX_DIGITS digits and an exponent within +-MAX_EXPONENT."""
    try:
        admit(number)
    except NOT_ADMITTED:
        return False
    return number.is_finite()


def plain(number: Decimal) -> str:
    """A number in plain notation without superfluous zeros: equal numbers give equal text (20, 20.00 -> "20")."""
    if not number:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
