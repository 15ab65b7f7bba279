"""What an engine can say of a round, and where it says it: our fields, and the places in somebody else's JSON."""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, DecimalException
from difflib import get_close_matches
from typing import Any

import msgspec

from ftcrm.contracts.engines.protocol import Said
from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.instants import parse_instant
from ftcrm.contracts.numbers import EXACT
from ftcrm.contracts.rounds import RoundKey

__all__ = ["AS_OURS", "FIELDS", "KEY", "FieldMapping", "MismatchError", "Reader"]

Reader = Callable[[Any], Iterator[tuple[str, Said]]]
"""A JSON value -> what it says, each with what its name has beyond the field's own (".real"); raises MismatchError."""


class MismatchError(ValueError):
    """A JSON value is not what its field holds; the text says what that is, and what may help."""


class FieldMapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where an engine says what, for one whose rounds do not look like those of the admin API.

    `fields` has a JSON pointer (RFC 6901) into one of its rounds for each of our fields (the names of `FIELDS`) that it
    says. With any, no other field is read, except the key where the admin API has it: what goes by a name of ours may
    mean something else there. Where a round leaves a field out that has a pointer, it says null. Without any, fields
    are read where the admin API has them, those that are there. `values` has its words for ours, for each field, as
    `{"state": {"CLOSED": "settled"}}`; other JSON values are named by their JSON text (`"null"`, `"true"`, `"3"`).
    `given` are fields that its rounds do not have since they are the same in all, as `{"origin": "casino.example"}`.

    Raises:
        ConfigurationError: a field that there is not, no JSON pointer, or a value that its field does not hold.
    """

    fields: dict[str, str] = {}
    values: dict[str, dict[str, str | bool | None]] = {}
    given: dict[str, str] = {}

    def __post_init__(self) -> None:
        for name, pointer in self.fields.items():
            _refuse_unknown(name, "fields")
            if not _POINTER.fullmatch(pointer):
                expected = 'expected a JSON pointer such as "/totals/bet"'
                raise ConfigurationError(f"mapping, fields: {expected} for {name}, got {pointer!r}")
        for name, words in self.values.items():
            _refuse_unknown(name, "values")
            for ours in words.values():
                _refuse_unlike(name, ours, "values")
        for name, value in self.given.items():
            _refuse_unknown(name, "given")
            _refuse_unlike(name, value, "given")


_POINTER = re.compile(r"(/([^~/]|~[01])*)*", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_WALLETS = ("real", "bonus", "locked", "unallocated")
_KINDS = ("bet", "win", "ggr")


def _text(value: Any) -> Iterator[tuple[str, Said]]:
    match value:
        case str():
            yield "", value
        case Decimal():
            yield "", str(value)
        case _:
            raise MismatchError("a text")


def _boolean(value: Any) -> Iterator[tuple[str, Said]]:
    if not isinstance(value, bool):
        raise MismatchError("true or false")
    yield "", value


def _one_of(*words: str) -> Reader:
    def read(value: Any) -> Iterator[tuple[str, Said]]:
        if value not in words:
            raise MismatchError(f"one of {', '.join(words)} (`values` of the mapping translates)")
        yield "", value

    return read


def _instant(value: Any) -> Iterator[tuple[str, Said]]:
    instant = parse_instant(value) if isinstance(value, str) else None
    if instant is None:
        raise MismatchError("an RFC 3339 date-time")
    yield "", instant


def _amount(value: Any) -> Iterator[tuple[str, Said]]:
    """A JSON number, or a text with one: the exact decimal that it spells."""
    number = Decimal(value, EXACT) if isinstance(value, str) and _NUMBER.fullmatch(value) else value
    if not isinstance(number, Decimal):
        raise MismatchError("a number, or a text with one")
    try:
        yield "", EXACT.plus(number)
    except DecimalException:
        raise MismatchError(f"a number of at most {EXACT.prec} digits") from None


def _amounts(value: Any) -> Iterator[tuple[str, Said]]:
    """An amount, or an object with any of the amounts `total`, `real`, `bonus`, `locked` and `unallocated`."""
    if not isinstance(value, dict):
        yield from _amount(value)
        return
    for name in ("total", *_WALLETS):
        if name in value:
            yield from _below("" if name == "total" else f".{name}", _amount, value[name])


def _totals(value: Any) -> Iterator[tuple[str, Said]]:
    """An object that has `bet`, `win` and `ggr` for each currency."""
    if not isinstance(value, dict) or not all(isinstance(money, dict) for money in value.values()):
        raise MismatchError("an object that has an object with bet, win and ggr for each currency")
    yield "", tuple(sorted(value))
    for currency in sorted(value):
        for kind in _KINDS:
            if kind in value[currency]:
                yield from _below(f".{currency}.{kind}", _amounts, value[currency][kind])


def _below(name: str, read: Reader, value: Any) -> Iterator[tuple[str, Said]]:
    for more, said in read(value) if value is not None else [("", None)]:
        yield name + more, said


KEY: dict[str, Reader] = dict.fromkeys(RoundKey.__struct_fields__, _text)
"""What names a round; every engine has to say it."""
AS_OURS: dict[str, Reader] = {
    "state": _one_of("open", "settled", "orphan", "voided"),
    "outcome": _one_of("won", "lost"),
    "played": _boolean,
    "end_flagged": _boolean,
    "currency": _text,
    **dict.fromkeys(_KINDS, _amounts),
    "totals": _totals,
    **{f"base.{kind}": _amounts for kind in _KINDS},
    **dict.fromkeys(("game.id", "game.name", "game.type", "vendor.id", "vendor.name"), _text),
    "first_at": _instant,
    "last_at": _instant,
}
"""What is read without being mapped, in the places where the admin API has it (`base.bet` at /base/bet)."""
FIELDS: Mapping[str, Reader] = {
    **KEY,
    **AS_OURS,
    **{f"{kind}.{wallet}": _amount for kind in (*_KINDS, *(f"base.{kind}" for kind in _KINDS)) for wallet in _WALLETS},
}
"""Every field that can be mapped, with what reads its values."""


def _refuse_unknown(name: str, where: str) -> None:
    if name in FIELDS:
        return
    close = get_close_matches(name, FIELDS, n=1)
    meant = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(FIELDS)}"
    raise ConfigurationError(f"mapping, {where}: expected a field of a round, got {name!r}; {meant}")


def _refuse_unlike(name: str, value: str | bool | None, where: str) -> None:
    if value is None and name not in KEY:
        return
    try:
        list(FIELDS[name](value))
    except MismatchError as error:
        raise ConfigurationError(f"mapping, {where}: expected {error} for {name}, got {value!r}") from None
