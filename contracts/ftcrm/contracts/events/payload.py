"""Reading a payload slowly and precisely: what is wrong with the bytes, where, and what they hold all the same."""

import json
import re
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from ftcrm.contracts.numbers import EXACT

__all__ = ["MAX_DEPTH", "Number", "Payload", "describe", "read_payload", "shortened"]

MAX_DEPTH = 64
"""The deepest nesting of arrays and objects that is read."""

_SHOWN, _SLACK = 40, 20
_BOM = b"\xef\xbb\xbf"
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)

NO_JSON = frozenset({"not-json", "not-utf8"})
"""The problems of a payload that has no JSON in it; others are JSON that is no event."""


class Number(msgspec.Struct, frozen=True):
    """A JSON number whose exponent no decimal can hold, as it was written."""

    text: str


class Payload(msgspec.Struct, frozen=True):
    """What was found in a payload: the object it holds, or the reason why it holds none.

    `problem` is (name, message) with names such as `not-json`; `duplicates` are the top-level keys that stand more than
    once (the last one counts, as in every common parser).
    """

    raw: bytes
    document: dict[str, Any] | None = None
    problem: tuple[str, str] | None = None
    duplicates: tuple[str, ...] = ()
    byte_order_mark: bool = False


def read_payload(raw: bytes) -> Payload:
    """Read the payload's bytes; numbers come as Decimal (or Number), never as float."""
    marked = raw.startswith(_BOM)
    body = raw[len(_BOM) :] if marked else raw
    pairs: list[tuple[str, Any]] = []
    problem, document = _parse(body, pairs)
    if problem is not None:
        return Payload(raw, problem=problem, byte_order_mark=marked)
    if not isinstance(document, dict):
        found = f"expected a JSON object, got {describe(document)}"
        return Payload(raw, problem=("not-an-object", found), byte_order_mark=marked)
    counts = Counter(key for key, _ in pairs)
    duplicates = tuple(key for key, count in counts.items() if count > 1)
    return Payload(raw, document, None, duplicates, marked)


def _parse(body: bytes, pairs: list[tuple[str, Any]]) -> tuple[tuple[str, str] | None, Any]:
    """The problem or the parsed document; `pairs` is left holding the members of the outermost object."""

    def outermost(members: list[tuple[str, Any]]) -> dict[str, Any]:
        pairs[:] = members
        return dict(members)

    if not body.strip(b" \t\r\n"):
        return ("not-json", "expected a JSON object, got an empty body"), None
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        return ("not-utf8", f"expected UTF-8, got byte 0x{body[error.start]:02x} at offset {error.start}"), None
    if _too_deep(text):
        return ("too-deep", f"expected at most {MAX_DEPTH} levels of nesting, got more"), None
    try:
        document = json.loads(
            text, parse_float=_number, parse_int=_number, parse_constant=_constant, object_pairs_hook=outermost
        )
    except json.JSONDecodeError as error:
        excerpt = text[error.pos : error.pos + 20]
        where = f"at line {error.lineno}, column {error.colno}"
        return ("not-json", f"expected JSON, got {excerpt!r} {where} ({error.msg})"), None
    except ValueError as error:
        return ("not-json", f"expected JSON, got {error}"), None
    # Only an escape can bring a lone surrogate into text that was UTF-8.
    if "\\u" in text and (surrogate := _lone_surrogate(document)) is not None:
        return ("not-unicode", f"expected Unicode text, got a lone surrogate in {describe(surrogate)}"), None
    return None, document


def _too_deep(text: str) -> bool:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    depth = 0
    for match in _BRACKETS.finditer(text):
        match match[0]:
            case "[" | "{":
                depth += 1
                if depth > MAX_DEPTH:
                    return True
            case "]" | "}":
                depth -= 1
    return False


def _number(text: str) -> Decimal | Number:
    try:
        return Decimal(text, EXACT)  # the caller's own context could turn what is too large into a NaN
    except InvalidOperation:
        return Number(text)


def _constant(text: str) -> Any:
    raise ValueError(f"{text}, which JSON does not have")


def _lone_surrogate(value: Any) -> str | None:
    match value:
        case str():
            return None if value.isascii() or _encodable(value) else value
        case dict():
            parts = [*value.keys(), *value.values()]
        case list():
            parts = value
        case _:
            return None
    return next((found for found in map(_lone_surrogate, parts) if found is not None), None)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def describe(value: Any) -> str:
    """A JSON value in the words of a finding: "the string 'x'", "null", "an array"."""
    match value:
        case None:
            return "null"
        case bool():
            return f"the boolean {str(value).lower()}"
        case str():
            return f"the string {shortened(value)!r}"
        case Decimal():
            return f"the number {shortened(str(value))}"
        case Number():
            return f"the number {shortened(value.text)}"
        case list():
            return "an array"
        case _:
            return "an object"


def shortened(text: str) -> str:
    """A text as a message shows it: whole, or its beginning and its length."""
    return text if len(text) <= _SHOWN + _SLACK else f"{text[:_SHOWN]}... ({len(text)} characters)"
