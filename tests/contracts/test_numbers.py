"""Exact decimals: what is admitted, and that nothing admitted is ever rounded."""

from decimal import Decimal, Inexact
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts.numbers import EXACT, MAX_DIGITS, MAX_EXPONENT, fits, plain

any_numbers = st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent),
    st.integers(-(10**45), 10**45),
    st.integers(-100, 60),
)
admitted = any_numbers.filter(fits)


@given(any_numbers.filter(bool))
def test_fits_says_digits_and_magnitude(number: Decimal) -> None:
    within = len(number.as_tuple().digits) <= MAX_DIGITS and abs(number.adjusted()) <= MAX_EXPONENT
    assert fits(number) is within


@pytest.mark.parametrize("text", ["-0", "0.00", "1e40", "1e-40", "1.5e-40", "1" * 40, "0.1"])
def test_admitted(text: str) -> None:
    assert fits(Decimal(text))


@pytest.mark.parametrize("text", ["NaN", "-NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_does_not_fit(text: str) -> None:
    assert not fits(Decimal(text))


@given(st.lists(st.tuples(admitted, admitted), max_size=8))
def test_sums_of_products_of_admitted_numbers_are_exact(pairs: list[tuple[Decimal, Decimal]]) -> None:
    total = Decimal(0)
    for left, right in pairs:
        total = EXACT.add(total, EXACT.multiply(left, right))
    assert Fraction(total) == sum((Fraction(left) * Fraction(right) for left, right in pairs), Fraction(0))


def test_a_rounding_would_raise() -> None:
    with pytest.raises(Inexact):
        EXACT.divide(Decimal(1), Decimal(3))


@given(any_numbers, st.integers(0, 5))
def test_plain_is_one_text_for_one_value(number: Decimal, zeros: int) -> None:
    padded = Decimal(f"{number:f}" + ("" if "." in f"{number:f}" else ".") + "0" * zeros)
    text = plain(number)
    assert text == plain(padded)
    assert Decimal(text) == number
    assert "E" not in text
    assert text == "0" or not text.endswith((".", "-0"))


@pytest.mark.parametrize("text", ["0e-100", "0e41", "1e41", "1e-41", "1" * 41, "1e999999999"])
def test_not_admitted(text: str) -> None:
    assert not fits(Decimal(text))
