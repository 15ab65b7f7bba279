"""The part of a payload that a finding points into, in the manner of a diff: what is there, and what belongs there."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ftcrm.cli.output import printable
from ftcrm.contracts.events.fields import BONUS_FIELDS, CASINO_FIELDS, Field, FieldType
from ftcrm.contracts.findings import Finding, Verdict

__all__ = ["excerpt", "snippet"]

_WIDEST = 60
_KEPT = 40
_BESIDE = 30
"""How much is shown on either side of where a line breaks."""
_MOST = 3
"""How many members of one name are shown."""
_SAME, _GONE, _NEW = "  ", "- ", "+ "
_BLANK = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_MEANT = re.compile(r"\(did you mean '([^'\\]*)'\?\)\Z")
_INSTEAD = re.compile(r", but '([^'\\]*)' \(did you mean '([^'\\]*)'\?\)\Z")
_NAME_MEANT = re.compile(r"expected the name '([^'\\]*)', got ")
_BREAKS = re.compile(r" at line ([0-9]{1,9}), column ([0-9]{1,9}) \([^()]*\)\Z")
_DECODER = json.JSONDecoder(parse_int=lambda _: None, parse_float=lambda _: None)
_TIME_AT = len("2026-03-02")
_FIELDS = {
    "CASINO": {field.name: field for field in CASINO_FIELDS},
    "BONUS": {field.name: field for field in BONUS_FIELDS},
}


class _Part(NamedTuple):
    """A member of an object, or an element of an array (which has no name), as its text."""

    name: str | None
    value: str
    is_last: bool = False

    @property
    def shown(self) -> tuple[str, str]:
        """How it is written: what comes before the value, and the value."""
        before = "" if self.name is None else f"{_shortened(json.dumps(self.name, ensure_ascii=False))}: "
        return before, _shortened(self.value)


def excerpt(raw: bytes, finding: Finding, *, message_type: str | None, verdict: Verdict) -> list[str]:
    """The lines around the place that the finding points to; none when it points to nothing in the payload.

    A line that is to go begins with `-`, one that is to come with `+`: the latter where the right value is certain, and
    where something is missing, whose value is then `...`. Else the place is marked under its line.
    """
    text = raw.decode("utf-8", "backslashreplace").removeprefix("\ufeff")
    if verdict is Verdict.UNREADABLE:
        broken = _BREAKS.search(finding.message)
        if broken is not None and (found := _around_break(text, int(broken[1]), int(broken[2]))):
            return found
        return [_SAME + _shortened(text)] if text.strip() else []
    if not finding.pointer:
        return []
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in finding.pointer[1:].split("/")]
    field = _FIELDS.get(message_type or "", {}).get(tokens[0]) if len(tokens) == 1 else None
    try:
        return list(_lines(text, tokens, finding, field))
    except (ValueError, IndexError, RecursionError):
        return []


def snippet(raw: bytes, finding: Finding, *, message_type: str | None, verdict: Verdict) -> str:
    """The lines that are there, without what marks them."""
    lines = excerpt(raw, finding, message_type=message_type, verdict=verdict)
    return "\n".join(line[2:] for line in lines if not line.startswith(_NEW) and line.strip(" ^"))


def _lines(text: str, tokens: Sequence[str], finding: Finding, field: Field | None, depth: int = 0) -> Iterator[str]:
    parts = _parts(text)
    indent = "  " * depth
    found = [index for index, part in enumerate(parts) if part.name in (tokens[0], None)]
    if found and parts[0].name is None:
        found = [int(tokens[0])] if tokens[0].isdecimal() and int(tokens[0]) < len(parts) else []
    if not found and (other := _INSTEAD.search(finding.message)) is not None:
        found = [index for index, part in enumerate(parts) if part.name == other[1]][:1]
        if found:
            yield from _around(parts, found[0], parts[found[0]]._replace(name=other[2]), indent)
            return
    if not found:
        if parts:
            yield _SAME + indent + _joined(parts[-1]._replace(is_last=False))
        missing = json.dumps(tokens[0], ensure_ascii=False)
        yield f"{_NEW}{indent}{_shortened(missing)}: ..."
        return
    inner = parts[found[-1]]
    if len(tokens) > 1 and inner.value[:1] in ("{", "["):
        yield f"{_SAME}{indent}{inner.shown[0]}{inner.value[:1]}"
        yield from _lines(inner.value, tokens[1:], finding, None, depth + 1)
        return
    if len(found) > 1:
        for index in found[:_MOST]:
            yield from _marked(parts[index], indent)
        return
    yield from _around(parts, found[0], _corrected(inner, finding, field), indent)


def _around_break(text: str, line: int, column: int) -> list[str]:
    """The line in which the JSON breaks, around the spot, and a mark under it; nothing of a line that is blank."""
    found = text.split("\n", line)[line - 1].rstrip("\r") if text.count("\n") >= line - 1 else ""
    at = min(column - 1, len(found))
    if not found.strip():
        return []
    before, after = printable(found[max(0, at - _BESIDE) : at]), printable(found[at : at + _BESIDE])
    if at > _BESIDE or len(before) > _KEPT:
        before = f"...{before[-_BESIDE:]}"
    if at + _BESIDE < len(found) or len(after) > _KEPT:
        after = f"{after[:_BESIDE]}..."
    return [_SAME + before + after, _SAME + " " * len(before) + "^"]


def _around(parts: Sequence[_Part], at: int, right: _Part | None, indent: str) -> Iterator[str]:
    """The part with what comes before and after it, and what it should be, or a mark."""
    if at > 0:
        yield _SAME + indent + _joined(parts[at - 1])
    if right is not None:
        yield _GONE + indent + _joined(parts[at])
        yield _NEW + indent + _joined(right)
    else:
        yield from _marked(parts[at], indent)
    if at + 1 < len(parts):
        yield _SAME + indent + _joined(parts[at + 1])


def _marked(part: _Part, indent: str) -> Iterator[str]:
    before, value = part.shown
    yield f"{_SAME}{indent}{_joined(part)}"
    yield _SAME + indent + " " * len(before) + "^" * max(1, len(value))


def _joined(part: _Part) -> str:
    return f"{''.join(part.shown)}{',' if not part.is_last else ''}"


def _corrected(part: _Part, finding: Finding, field: Field | None) -> _Part | None:
    """What the part should be, where that is certain: the value that was nearly sent, or its value as its data type."""
    if found := _NAME_MEANT.search(finding.message):
        return part._replace(name=found[1])
    value = json.loads(part.value) if part.value.startswith('"') else None
    if isinstance(value, str) and (found := _MEANT.search(finding.message)):
        return part._replace(value=json.dumps(found[1], ensure_ascii=False))
    if finding.kind == "timestamp-separator" and isinstance(value, str):
        return part._replace(value=json.dumps(f"{value[:_TIME_AT]}T{value[_TIME_AT + 1 :]}"))
    if field is None or "datatype-mismatch" not in finding.kind:
        return None
    match field.type:
        case FieldType.FLOAT if isinstance(value, str) and _NUMBER.fullmatch(value):
            return part._replace(value=value)
        case FieldType.STRING if _NUMBER.fullmatch(part.value) and not field.accepted:
            return part._replace(value=f'"{part.value}"')
        case FieldType.BOOLEAN if value in ("true", "false"):
            return part._replace(value=value)
    return None


def _parts(text: str) -> list[_Part]:
    """The members or elements of the object or array that the text is; ValueError when it is neither."""
    at = _after_blanks(text, 0)
    if text[at : at + 1] not in ("{", "["):
        raise ValueError("neither an object nor an array")
    named, parts = text[at] == "{", list[_Part]()
    at = _after_blanks(text, at + 1)
    while text[at] not in "}]":
        name: Any = None
        if named:
            name, at = _DECODER.raw_decode(text, at)
            at = _after_blanks(text, _after_blanks(text, at) + 1)
        _, end = _DECODER.raw_decode(text, at)
        value, at = text[at:end], _after_blanks(text, end)
        parts.append(_Part(name, value, is_last=text[at] != ","))
        if text[at] == ",":
            at = _after_blanks(text, at + 1)
    return parts


def _after_blanks(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return at if found is None else found.end()


def _shortened(text: str) -> str:
    """A part of the payload as it may be shown: in one line, not too long, and without what could steer a terminal."""
    begin = text[: _WIDEST + 1]
    shown = printable(" ".join(begin.split()) if "\n" in begin else begin)
    return shown if len(text) <= _WIDEST and len(shown) <= _WIDEST else f"{shown[:_KEPT]}..."
