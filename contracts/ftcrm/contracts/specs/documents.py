"""The documents, as values and as bytes: the same tables give the same bytes."""

import json
from collections.abc import Set
from typing import Any

from ftcrm.contracts.specs.admin import admin_openapi
from ftcrm.contracts.specs.asyncapi import asyncapi
from ftcrm.contracts.specs.openapi import openapi
from ftcrm.contracts.specs.schemas import bonus_schema, casino_schema

__all__ = ["DOCUMENTS", "document", "documents"]

DOCUMENTS: dict[str, str] = {
    "casino": "casino.schema.json",
    "bonus": "bonus.schema.json",
    "openapi": "openapi.json",
    "admin": "admin.openapi.json",
    "asyncapi": "asyncapi.json",
}
"""The name of each document, and of its file."""


def document(name: str, *, extra_currencies: Set[str] = frozenset()) -> bytes:
    """The document of that name (a key of DOCUMENTS) as JSON: ASCII, indented, with a line break at the end."""
    return _encoded(_value(name, extra_currencies))


def documents(*, extra_currencies: Set[str] = frozenset()) -> dict[str, bytes]:
    """Every document by the name of its file, `openapi.json` for one."""
    return {file: document(name, extra_currencies=extra_currencies) for name, file in DOCUMENTS.items()}


def _value(name: str, extra: Set[str]) -> dict[str, Any]:
    match name:
        case "casino":
            return casino_schema(extra_currencies=extra)
        case "bonus":
            return bonus_schema()
        case "openapi":
            return openapi(extra_currencies=extra)
        case "admin":
            return admin_openapi()
        case "asyncapi":
            return asyncapi(extra_currencies=extra)
        case _:
            raise KeyError(name)


def _encoded(value: dict[str, Any]) -> bytes:
    return json.dumps(value, indent=2).encode() + b"\n"
