"""The one JSON shape of every error that the HTTP side answers."""

from collections.abc import Iterable
from typing import Any

import msgspec

from ftcrm.contracts import Finding
from ftcrm.contracts.views import findings_view

__all__ = ["error_body"]


def error_body(status: int, code: str, message: str, *, findings: Iterable[Finding] = (), **more: Any) -> bytes:
    """{"error": {"status", "code", "message", "findings": [...], ...}} as JSON."""
    error = {"status": status, "code": code, "message": message, "findings": findings_view(findings), **more}
    return msgspec.json.encode({"error": error})
