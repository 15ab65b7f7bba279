"""JSON as the machine compares it: fractions letter by letter, so that a digit that is lost is seen."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

__all__ = ["agree", "as_answered", "read_json"]

_LONGEST_INTEGER = 18
_SHOWN = 300


def read_json(data: bytes) -> Any:
    """The JSON value; a number with a fraction or an exponent, or a long one, is its text. None for no bytes."""
    return json.loads(data.decode(), parse_float=str, parse_int=_integer) if data else None


def as_answered(view: Any) -> Any:
    """A view as `read_json` would read it in an answer."""
    return read_json(msgspec.json.encode(view))


def agree(what: str, expected: Any, got: Any) -> None:
    """Raise AssertionError, naming the first place where what was got is not what was expected."""
    if expected != got:
        place, wanted, found = _difference(expected, got)
        raise AssertionError(f"{what}{place}: expected {_shown(wanted)}, got {_shown(found)}")


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= _LONGEST_INTEGER else text


def _difference(expected: Any, got: Any, place: str = "") -> tuple[str, Any, Any]:
    match expected, got:
        case Mapping(), Mapping() if expected.keys() == got.keys():
            name = next(name for name in expected if expected[name] != got[name])
            return _difference(expected[name], got[name], f"{place}/{name}")
        case Mapping(), Mapping():
            return place, sorted(expected.keys()), sorted(got.keys())
        case list(), list():
            return _difference_of_lists(expected, got, place)
        case _:
            return place, expected, got


def _difference_of_lists(expected: Sequence[Any], got: Sequence[Any], place: str) -> tuple[str, Any, Any]:
    for index, (wanted, found) in enumerate(zip(expected, got, strict=False)):
        if wanted != found:
            return _difference(wanted, found, f"{place}/{index}")
    if len(expected) > len(got):
        return f"{place}/{len(got)}", expected[len(got)], "the end"
    return f"{place}/{len(expected)}", "the end", got[len(expected)]


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
