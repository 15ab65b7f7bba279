"""The contract as machines read it: JSON Schema 2020-12, OpenAPI 3.1 and AsyncAPI 3.0, generated from the field tables.

Beside it the admin API of the stand-in, generated from the shapes of what it shows.

The JSON files beside this module are what `documents` gives. `ftcrm schema --write DIR` makes them anew, and a test
fails when they are stale.
"""

from ftcrm.contracts.specs.admin import admin_openapi
from ftcrm.contracts.specs.asyncapi import asyncapi
from ftcrm.contracts.specs.documents import DOCUMENTS, document, documents
from ftcrm.contracts.specs.limits import SAID, UNSAYABLE, Unsayable, unsayable
from ftcrm.contracts.specs.openapi import openapi
from ftcrm.contracts.specs.schemas import bonus_schema, casino_schema

__all__ = [
    "DOCUMENTS",
    "SAID",
    "UNSAYABLE",
    "Unsayable",
    "admin_openapi",
    "asyncapi",
    "bonus_schema",
    "casino_schema",
    "document",
    "documents",
    "openapi",
    "unsayable",
]
