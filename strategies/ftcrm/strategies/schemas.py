"""Schemathesis against a gateway for FT CRM's feed: `SCHEMATHESIS_HOOKS=ftcrm.strategies.schemas schemathesis run URL`.

Importing this module registers the string formats `date-time`, `currency` and `ftcrm-id`, and hooks that repair what a
schema lets pass and the contract does not (`ftcrm.contracts.specs.UNSAYABLE`). What a schema refuses they leave alone,
so that events that are meant to be refused stay so. Schemathesis itself (4.20 or later) is no dependency of this one.
"""

import math
import re
from operator import itemgetter
from typing import Any

from hypothesis import strategies as st

from ftcrm.contracts.events.fields import CASINO_FIELDS, FieldType
from ftcrm.contracts.instants import parse_instant
from ftcrm.contracts.specs.timestamps import TIMESTAMP
from ftcrm.strategies.tables import CURRENCIES
from ftcrm.strategies.valid import casino_events

try:
    import schemathesis
except ImportError as error:
    message = f"ftcrm.strategies.schemas: expected Schemathesis (pip install 'schemathesis>=4.20'), got: {error}"
    raise ImportError(message, name="schemathesis") from error

__all__ = ["map_body", "map_case", "map_query", "repaired"]

_WALLETS = ("wager_amount", "bonus_wager_amount", "locked_wager_amount")
_NUMBERS = tuple(field.name for field in CASINO_FIELDS if field.type is FieldType.FLOAT)
_AN_INSTANT = "2026-03-02T08:27:58Z"

schemathesis.openapi.format("date-time", casino_events().map(itemgetter("timestamp")))
schemathesis.openapi.format("currency", st.sampled_from([currency.code for currency in CURRENCIES]))
schemathesis.openapi.format("ftcrm-id", casino_events().map(itemgetter("round_id")))


@schemathesis.hook
def map_body(_: schemathesis.HookContext, body: Any) -> Any:
    """What a request carries, repaired; the name is Schemathesis's."""
    return repaired(body) if isinstance(body, dict) else body


@schemathesis.hook
def map_query(_: schemathesis.HookContext, query: Any) -> Any:
    """The parameters of a query with an `as_of` that is an instant, as those of the admin API are."""
    if isinstance(query, dict) and "as_of" in query:
        return query | {"as_of": _instant(query["as_of"])}
    return query


@schemathesis.hook
def map_case(context: schemathesis.HookContext, case: schemathesis.Case[Any]) -> schemathesis.Case[Any]:
    """The same for the phase `coverage`, which changes a body property by property behind `map_body`."""
    for name, found in (("body", map_body(context, case.body)), ("query", map_query(context, case.query))):
        if found != getattr(case, name):
            setattr(case, name, found)
    return case


def repaired(event: dict[str, Any]) -> dict[str, Any]:
    """The event with what no schema says made true, as far as the property is what the schema wants.

    The amount becomes the sum of its wallets, as doubles add them; a number that no double holds becomes 0; a leap
    second that there never was, and an instant beyond the years 1 to 9999, become another.
    """
    found = event | {name: 0 for name in _NUMBERS if _is_number(event.get(name)) and not _is_finite(event[name])}
    if "timestamp" in found:
        found["timestamp"] = _instant(found["timestamp"])
    wallets = [name for name in _WALLETS if name in found]
    if wallets and all(_is_number(found.get(name)) for name in (*wallets, "amount")):
        if not _is_finite(_sum(found, wallets)):
            found |= dict.fromkeys(wallets, 0)
        if found["amount"] != (total := _sum(found, wallets)):
            found["amount"] = total
    return found


def _sum(event: dict[str, Any], names: list[str]) -> float:
    return sum(float(event[name]) for name in names)


def _instant(text: Any) -> Any:
    """The text, or another instant where it has the form of one and is none."""
    if isinstance(text, str) and re.fullmatch(TIMESTAMP, text) and parse_instant(text) is None:
        return _AN_INSTANT
    return text


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:
        return False
