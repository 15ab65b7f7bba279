"""JSON Schema 2020-12 of both events: what the contract documents can fail, everything weaker is an annotation."""

from collections.abc import Set
from typing import Any

from ftcrm.contracts.events.currencies import ACTIVE, AS_OF, WITHDRAWN
from ftcrm.contracts.events.fields import BONUS_DOCUMENTED, BONUS_FIELDS, CASINO_FIELDS, Field, FieldType
from ftcrm.contracts.rules import RULES, Scope
from ftcrm.contracts.specs.limits import UNSAYABLE
from ftcrm.contracts.specs.rows import BONUS_QUOTES, CASINO_ROWS, listed
from ftcrm.contracts.specs.timestamps import LINE_BREAK, TIMESTAMP

__all__ = ["DIALECT", "bonus_schema", "casino_schema", "embedded"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_NOTES = {
    "amount": "That it is the sum of its wallets is rule FT113, which a schema cannot say.",
    "currency": f"The active codes as of {AS_OF}, then the withdrawn ones (rule FT116, inferred, breaks nothing).",
    "game_type": "Any other string is accepted.",
    "meta": "null passes: the vendor's published schema takes it (rule FT120, vendor).",
    "timestamp": "The pattern holds the calendar and wants an offset. A space for the T passes (rule FT118, inferred).",
    "user_bonus_id": 'An empty string passes; that it says "no bonus" is a reading of ours.',
}
_BONUS_CLAUSES = dict.fromkeys(BONUS_DOCUMENTED, "scenario-b.created")
_JSON_TYPES = {
    FieldType.STRING: "string",
    FieldType.FLOAT: "number",
    FieldType.BOOLEAN: "boolean",
    FieldType.OBJECT: "object",
    FieldType.CURRENCY: "string",
    FieldType.TIMESTAMP: "string",
}
_FORMATS = {FieldType.CURRENCY: "ISO 4217", FieldType.TIMESTAMP: "RFC 3339"}


def casino_schema(*, extra_currencies: Set[str] = frozenset()) -> dict[str, Any]:
    """The casino event; `extra_currencies` are codes beyond ISO 4217, as in the setting `currencies.extra`."""
    return {
        "$schema": DIALECT,
        "$id": "urn:ftcrm:casino",
        "title": "Casino event",
        "description": "A Bet, a Win or a Loss of one round, approved or rolled back: casino-events.txt, the published "
        "contract of FT CRM's real-time feed. A payload fails here only when a documented rule is broken.",
        "type": "object",
        "required": [field.name for field in CASINO_FIELDS if field.required],
        "properties": {field.name: _casino_property(field, extra_currencies) for field in CASINO_FIELDS},
        "additionalProperties": True,
        "x-ftcrm-unsayable": [
            {"rule": entry.rule, "name": entry.name, "reason": entry.reason}
            for entry in UNSAYABLE
            if RULES[entry.rule].scope is Scope.CASINO
        ],
    }


def bonus_schema() -> dict[str, Any]:
    """The bonus event: Scenario B's three properties must be there; what the vendor says of it is annotated."""
    return {
        "$schema": DIALECT,
        "$id": "urn:ftcrm:bonus",
        "title": "Bonus event",
        "description": "One status change of a bonus. The published contract names user_bonus_id, status and timestamp "
        "(Scenario B) and gives no types: their absence alone fails here. What the vendor says elsewhere (required "
        "properties, types, accepted values) stands in x-ftcrm-vendor-... and fails nothing.",
        "type": "object",
        "required": [field.name for field in BONUS_FIELDS if field.name in BONUS_DOCUMENTED],
        "properties": {field.name: _bonus_property(field) for field in BONUS_FIELDS},
        "additionalProperties": True,
        "x-ftcrm-vendor-required": [field.name for field in BONUS_FIELDS if field.required],
    }


def embedded(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema as a component of a larger document: without the $schema and $id of one that stands alone.

    And without formats: what reads OpenAPI asserts them, and date-time has no space for the T, which the contract has.
    """
    properties = {
        name: {key: value for key, value in said.items() if key != "format"}
        for name, said in schema["properties"].items()
    }
    return {key: value for key, value in schema.items() if key not in ("$schema", "$id")} | {"properties": properties}


def _casino_property(field: Field, extra: Set[str]) -> dict[str, Any]:
    row = CASINO_ROWS[field.name]
    key = f"{field.name} *" if field.required else field.name
    quoted = ", ".join(f"'{line}'" for line in (key, *row))
    description = f"casino-events.txt: {quoted}."
    if field.name in _NOTES:
        description += f" {_NOTES[field.name]}"
    said: dict[str, Any] = {"description": description, "x-ftcrm-clause": field.clause, **_assertions(field, extra)}
    if not field.accepted and (values := listed(row)):
        said["examples"] = list(values)
    return said


def _assertions(field: Field, extra: Set[str]) -> dict[str, Any]:
    match field.type:
        case FieldType.OBJECT:
            return {"type": ["object", "null"]}
        case FieldType.CURRENCY:
            codes = [*sorted(ACTIVE), *sorted(WITHDRAWN), *sorted(extra - ACTIVE - WITHDRAWN)]
            return {"type": "string", "enum": codes}
        case FieldType.TIMESTAMP:
            return {
                "type": "string",
                "format": "date-time",
                "pattern": TIMESTAMP,
                "not": {"pattern": LINE_BREAK},
                "$comment": "Some engines let a $ match before a line break at the end; a timestamp holds none.",
            }
        case FieldType.STRING if field.accepted:
            return {"type": "string", "enum": list(field.accepted)}
        case _:
            return {"type": _JSON_TYPES[field.type]}


def _bonus_property(field: Field) -> dict[str, Any]:
    if field.name in BONUS_DOCUMENTED:
        description = f"casino-events.txt, Scenario B: '{BONUS_QUOTES[field.name]}'."
    else:
        description = "Named by the vendor; the published contract does not speak of it."
    said: dict[str, Any] = {
        "description": description,
        "x-ftcrm-clause": _BONUS_CLAUSES.get(field.name, field.clause),
        "x-ftcrm-vendor-type": _JSON_TYPES[field.type],
    }
    if field.type in _FORMATS:
        said["x-ftcrm-vendor-format"] = _FORMATS[field.type]
    if field.accepted:
        said["x-ftcrm-vendor-values"] = list(field.accepted)
    return said
