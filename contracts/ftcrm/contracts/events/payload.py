"""Reading a payload slowly and precisely: what is wrong with the bytes, where, and what they hold all the same."""

import json
import re
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

__all__ = ["MAX_DEPTH", "Number", "Payload", "describe", "read_payload"]

MAX_DEPTH = 64
"""The deepest nesting of arrays and objects that is read."""

_BOM = b"\xef\xbb\xbf"
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


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
    if (depth := _depth(text)) > MAX_DEPTH:
        return ("too-deep", f"expected at most {MAX_DEPTH} levels of nesting, got {depth}"), None
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
    if surrogate := _lone_surrogate(document):
        return ("not-unicode", f"expected Unicode text, got a lone surrogate in {surrogate!r}"), None
    return None, document


def _depth(text: str) -> int:
    depth = deepest = 0
    for match in _BRACKETS.finditer(text):
        match match[0]:
            case "[" | "{":
                depth += 1
                deepest = max(deepest, depth)
            case "]" | "}":
                depth -= 1
    return deepest


def _number(text: str) -> Decimal | Number:
    try:
        return Decimal(text)
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
            return f"the string {value[:40]!r}"
        case Decimal():
            return f"the number {value}"
        case Number():
            return f"the number {value.text}"
        case list():
            return "an array"
        case _:
            return "an object"
