"""Reading the rounds of an engine out of its JSON; numbers are exact decimals, never floats."""

import json
from collections.abc import Mapping
from decimal import Decimal, DecimalException
from typing import Any, NoReturn

from msgspec import UNSET

from ftcrm.contracts.engines.mapping import AS_OURS, FIELDS, KEY, FieldMapping, MismatchError
from ftcrm.contracts.engines.protocol import EngineRound, Rounds, Said
from ftcrm.contracts.errors import EngineError
from ftcrm.contracts.events.payload import describe, shortened
from ftcrm.contracts.numbers import EXACT
from ftcrm.contracts.rounds import RoundKey

__all__ = ["decoded", "pointed_at", "read_lines", "read_round", "read_rounds"]

_PLAIN = FieldMapping()


def decoded(text: bytes, *, where: str) -> Any:
    """The JSON value of an answer, its numbers as Decimal; `where` names the answer in errors.

    Raises:
        EngineError: it is no JSON.
    """
    try:
        return json.loads(text, parse_float=_number, parse_int=_number, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        shown = shortened(text.decode("utf-8", "backslashreplace"))
        raise EngineError(f"{where}: expected JSON, got {shown!r} ({error})") from None


def read_lines(text: bytes, mapping: FieldMapping | None = None, *, where: str) -> Rounds:
    """The rounds of JSON lines, one a line; blank lines are skipped. EngineError as for `read_rounds`."""
    return tuple(
        read_round(decoded(line, where=f"{where}, line {number}"), mapping, where=f"{where}, line {number}")
        for number, line in enumerate(text.split(b"\n"), start=1)
        if line.strip()
    )


def read_rounds(documents: Any, mapping: FieldMapping | None = None, *, where: str) -> Rounds:
    """The rounds of a JSON array, as `decoded` gives it.

    Raises:
        EngineError: it is no array of objects, or a round says what its fields do not hold.
    """
    if not isinstance(documents, list):
        raise EngineError(f"{where}: expected an array of rounds, got {describe(documents)}")
    return tuple(
        read_round(document, mapping, where=f"{where}, round {number}")
        for number, document in enumerate(documents, start=1)
    )


def read_round(document: Any, mapping: FieldMapping | None = None, *, where: str) -> EngineRound:
    """One round, as `decoded` gives it.

    Raises:
        EngineError: it is no object, or says what its fields do not hold.
    """
    if not isinstance(document, dict):
        raise EngineError(f"{where}: expected a round as a JSON object, got {describe(document)}")
    mapping = mapping or _PLAIN
    said: dict[str, Said] = {}
    for name in FIELDS:
        pointer, value = _found(name, document, mapping)
        if value is UNSET:
            continue
        if value is None and name not in KEY:
            said[name] = None
            continue
        try:
            said.update((name + more, each) for more, each in FIELDS[name](value))
        except MismatchError as error:
            raise EngineError(f"{where}: expected {error} for {name} at {pointer}, got {describe(value)}") from None
    for name in KEY:
        if name not in said:
            pointer = mapping.fields.get(name) or _our_place(name)
            advice = f"{name!r} in `fields` of the mapping says where it stands, in `given` what it always is"
            raise EngineError(f"{where}: expected {name} at {pointer!r}, got {_members(document)}; {advice}")
    key = RoundKey(*(str(said.pop(name)) for name in KEY))
    if not said:
        # An engine that is asked in the wrong words would agree with everything.
        advice = "`fields` of the mapping says where they stand"
        raise EngineError(
            f"{where}: expected a state, a bet or what else a round has, got {_members(document)}; {advice}"
        )
    return EngineRound(key, said)


def pointed_at(document: Any, pointer: str) -> Any:
    """The value that a JSON pointer (RFC 6901) names in this document, or UNSET when there is none."""
    value = document
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        match value:
            case dict() if name in value:
                value = value[name]
            case list() if _is_index(name) and int(name) < len(value):
                value = value[int(name)]
            case _:
                return UNSET
    return value


def _found(name: str, document: dict[str, Any], mapping: FieldMapping) -> tuple[str, Any]:
    """Where a field stands in this round, and its value there in our words; UNSET when the engine does not say it."""
    if name in mapping.given:
        return "its given value", mapping.given[name]
    if name in mapping.fields:
        pointer = mapping.fields[name]
        value = pointed_at(document, pointer)
        if value is UNSET and name not in KEY:
            value = None
    elif name in KEY or (name in AS_OURS and not mapping.fields):
        pointer = _our_place(name)
        value = pointed_at(document, pointer)
    else:
        return "", UNSET
    words = mapping.values.get(name)
    return repr(pointer), value if words is None or value is UNSET else _translated(value, words)


def _translated(value: Any, words: Mapping[str, str | bool | None]) -> Any:
    match value:
        case str():
            return words.get(value, value)
        case None | bool():
            return words.get(json.dumps(value), value)
        case Decimal():
            return words.get(str(value), value)
        case _:
            return value


def _our_place(name: str) -> str:
    return "/" + name.replace(".", "/")


def _members(document: dict[str, Any]) -> str:
    names = ", ".join(map(repr, document))
    return f"an object with {shortened(names) or 'no members'}"


def _is_index(name: str) -> bool:
    return name.isascii() and name.isdecimal() and (name == "0" or not name.startswith("0"))


def _number(text: str) -> Decimal:
    try:
        return Decimal(text, EXACT)
    except DecimalException:
        raise ValueError(f"{shortened(text)}, an exponent that no decimal has") from None


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text}, which JSON does not have")
