"""How OpenAPI components are written here: schemas of msgspec models and of views, and the answers that bear them."""

from inspect import cleandoc
from typing import Any

import msgspec

__all__ = ["SEQ", "Schema", "answer", "array", "error", "header", "models_of", "optional", "record", "reference"]

Schema = dict[str, Any]
_REFERENCE = "#/components/schemas/{name}"

SEQ: Schema = {"type": "integer", "minimum": 1, "description": "The position in the journal: /_ftcrm/events/{seq}."}


def models_of(*types: Any) -> dict[str, Schema]:
    """The schemas of the models and of what they refer to, by their names."""
    _, models = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    for model in models.values():
        # Python 3.13 takes the indentation out of docstrings, and before that nobody does.
        model["description"] = cleandoc(model["description"])
    return models


def reference(name: str) -> Schema:
    """The schema component of that name."""
    return {"$ref": _REFERENCE.format(name=name)}


def record(**properties: Any) -> Schema:
    """An object with these properties, all of which it must have."""
    return {"type": "object", "required": list(properties), "properties": properties}


def array(items: Schema) -> Schema:
    """A list of such values."""
    return {"type": "array", "items": items}


def optional(schema: Schema) -> Schema:
    """Such a value, or null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def error(status: int, *codes: str, always: bool = False, **more: Any) -> Schema:
    """The one shape of errors, with this status and these codes, and with what `more` there is (`always` or not)."""
    code = {"const": codes[0]} if len(codes) == 1 else {"enum": list(codes)}
    narrowed: Schema = {"properties": {"status": {"const": status}, "code": code, **more}}
    if always:
        narrowed["required"] = list(more)
    return {"allOf": [reference("Error"), {"properties": {"error": narrowed}}]}


def answer(description: str, schema: Schema, examples: dict[str, Any] | None = None) -> dict[str, Any]:
    """A response with a body of JSON."""
    media_type: dict[str, Any] = {"schema": schema}
    if examples:
        media_type["examples"] = examples
    return {"description": description, "content": {"application/json": media_type}}


def header(value: str) -> dict[str, Any]:
    """A response's header that has always this value."""
    return {"required": True, "schema": {"type": "string", "const": value}}
