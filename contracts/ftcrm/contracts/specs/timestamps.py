"""RFC 3339 as one regular expression that agrees with `ftcrm.contracts.instants`, calendar and all.

It uses only what JSON Schema recommends of ECMA-262 (no look-around, no classes such as \\d, which differ between
engines), so that any validator can run it. What it cannot tell are the entries `leap-second-offset` and `instant-range`
of `ftcrm.contracts.specs.limits`.
"""

__all__ = ["LINE_BREAK", "TIMESTAMP"]

_YEAR = "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_FOURS = "(0[48]|[2468][048]|[13579][26])"
_LEAP_YEAR = f"([0-9]{{2}}{_FOURS}|{_FOURS}00)"
_DAY_OF_ANY_YEAR = (
    "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
)
_DATE = f"({_YEAR}-{_DAY_OF_ANY_YEAR}|{_LEAP_YEAR}-02-29)"
_MINUTE = "([01][0-9]|2[0-3]):[0-5][0-9]"
_FRACTION = r"(\.[0-9]+)?"
_TIME = (
    f"({_MINUTE}:[0-5][0-9]{_FRACTION}([Zz]|[+-]{_MINUTE})"
    f"|23:59:60{_FRACTION}[Zz]|{_MINUTE}:60{_FRACTION}[+-]{_MINUTE})"
)

TIMESTAMP = f"^{_DATE}[Tt ]{_TIME}$"
"""A date-time of the years 1 to 9999, with an offset; a space for the T is read, as the rules read it (FT118)."""

LINE_BREAK = r"\n"
"""What no timestamp holds: some engines (Python's, PCRE) let a $ match before a line break at the end."""
