"""What the schemas say of the documented shape rules, and by name what a schema cannot say.

The law: a schema refuses a payload exactly when a documented rule about the payload's shape speaks that is not, here
and for this payload, unsayable. So a schema is never stricter than the contract, and laxer only where this table is.
"""

import re
from typing import Any

import msgspec

from ftcrm.contracts.findings import Confidence, Finding
from ftcrm.contracts.rules import RULES, Scope

__all__ = ["SAID", "UNSAYABLE", "Unsayable", "documented_shape_rules", "limits_table", "unsayable"]


class Unsayable(msgspec.Struct, frozen=True):
    """One thing that a documented rule finds and a schema cannot.

    `when` narrows it down to payloads whose property `field` holds a text in which this regular expression is found.
    """

    name: str
    rule: str
    reason: str
    field: str = ""
    when: str = ""


UNSAYABLE: tuple[Unsayable, ...] = (
    Unsayable("text-encoding", "FT100", "A schema is asked about a value; bytes that are not UTF-8 never become one."),
    Unsayable("json-syntax", "FT101", "A schema is asked about a value; text that is not JSON never becomes one."),
    Unsayable("wallet-sum", "FT113", "No keyword adds: that `amount` is the sum of its wallets is beyond a schema."),
    Unsayable(
        "leap-second-offset",
        "FT117",
        "Second 60 is that of 23:59 UTC alone; no regular expression of a sane size subtracts an offset.",
        "timestamp",
        r":60(\.[0-9]+)?[+-]",
    ),
    Unsayable(
        "instant-range",
        "FT117",
        "An offset, a leap second or rounding carries an instant of the first or last day out of the years 1 to 9999.",
        "timestamp",
        "^(0001-01-01|9999-12-31)",
    ),
    Unsayable(
        "number-range",
        "FT119",
        "Many validators read numbers as doubles, and 1e400 as infinity, which no bound tells from a number.",
    ),
    Unsayable(
        "crypto-fields",
        "FT141",
        "The contract announces a list of fields within `meta`, and ends: the setting `crypto.fields` names them.",
    ),
)

SAID: dict[str, str] = {
    "FT102": "type",
    "FT107": "required",
    "FT110": "required",
    "FT111": "type",
    "FT112": "enum",
    "FT115": "enum",
    "FT117": "pattern",
    "FT201": "required",
}
"""The documented shape rules that the schemas say, and the keyword that says it."""

_SHAPES = (Scope.PAYLOAD, Scope.CASINO, Scope.BONUS)


def documented_shape_rules() -> tuple[str, ...]:
    """The codes of the rules of confidence *documented* that look at a payload alone."""
    return tuple(
        code
        for code, rule in sorted(RULES.items())
        if rule.scope in _SHAPES and rule.confidence is Confidence.DOCUMENTED
    )


def unsayable(finding: Finding, document: Any) -> Unsayable | None:
    """The entry by which no schema can be expected to refuse this document on account of this finding."""
    for entry in UNSAYABLE:
        if entry.rule == finding.rule and (not entry.when or _holds(entry, document)):
            return entry
    return None


def _holds(entry: Unsayable, document: Any) -> bool:
    value = document.get(entry.field) if isinstance(document, dict) else None
    return isinstance(value, str) and re.search(entry.when, value) is not None


def limits_table() -> str:
    """The table of docs/specs.md: each documented shape rule, what says it, or why nothing does."""
    lines = ["| rule | in the schema | not in the schema, and why |", "|---|---|---|"]
    for code in documented_shape_rules():
        said = f"`{SAID[code]}`" if code in SAID else ""
        missing = "<br>".join(f"**{entry.name}**: {entry.reason}" for entry in UNSAYABLE if entry.rule == code)
        lines.append(f"| {code} {RULES[code].name} | {said} | {missing} |")
    return "\n".join(lines) + "\n"
