"""A remote target as Python source: what a test file opens it with."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from ftcrm.client.targets import without_password
from ftcrm.strategies.fuzzing.targets import RemoteTarget

__all__ = ["Opening", "opening_of"]

_WIDTH, _INDENT = 120, 8
"""Of a line, and of an argument of the call."""
_IMPORTS = {
    "Decimal": "from decimal import Decimal",
    "Path": "from pathlib import Path",
    "HttpRoutes": "from ftcrm.client.engines import HttpRoutes",
    "Settings": "from ftcrm.contracts import Settings",
    "FieldMapping": "from ftcrm.contracts.engines import FieldMapping",
    "Readings": "from ftcrm.contracts.rounds import Readings",
    "RemoteTarget": "from ftcrm.strategies.fuzzing import RemoteTarget, read_history, replay",
}
"""In the order of a file that is sorted; the last of the standard library is Path."""


class Opening(NamedTuple):
    """The URLs of a target without passwords; the call that opens it, in a `with` of a function, and its imports."""

    to: tuple[str, ...]
    read: str | None
    call: str
    imports: tuple[str, ...]


def opening_of(target: RemoteTarget) -> Opening:
    """How that target is opened again; what it has by default is left out."""
    given = {"mapping": target.mapping, "routes": target.routes, "settings": target.settings}
    options = {name: _source(value, _INDENT, f"{name}=") for name, value in given.items() if value is not None}
    options = {name: source for name, source in options.items() if source != "settings=Settings()"}
    if target.accept_invalid:
        options["accept_invalid"] = "accept_invalid=True"
    if target.wait:
        options["wait"] = f"wait={target.wait!r}"
    return Opening(
        tuple(map(without_password, target.to)),
        None if target.read is None else without_password(target.read),
        _laid_out(
            "RemoteTarget", "()", ["TO", "read=READ", *options.values(), "**secrets"], _INDENT - 4, "with  as target:"
        ),
        tuple(_imports(" ".join(options.values()))),
    )


def _imports(source: str) -> Iterator[str]:
    for name, line in _IMPORTS.items():
        if name in ("Path", "RemoteTarget") or f"{name}(" in source:
            yield line
        if name == "Path":
            yield ""


def _source(value: Any, indent: int, before: str) -> str:
    """Behind what is `before` it, a Struct as the call that makes it, with what is not so by itself; else the repr."""
    if isinstance(value, dict):
        return before + _laid_out(
            "", "{}", [_source(each, indent + 4, f"{key!r}: ") for key, each in value.items()], indent, before
        )
    if not isinstance(value, msgspec.Struct):
        return before + repr(value)
    fields = msgspec.structs.fields(value)
    plain = type(value)()
    own = [field.name for field in fields if getattr(value, field.name) != getattr(plain, field.name)]
    parts = [_source(getattr(value, name), indent + 4, f"{name}=") for name in own]
    return before + _laid_out(type(value).__name__, "()", parts, indent, before)


def _laid_out(name: str, brackets: str, parts: Sequence[str], indent: int, beside: str) -> str:
    """The parts in brackets, beside that on a line, or, where the line is too long, one a line."""
    opened, closed = brackets[0], brackets[1]
    line = f"{name}{opened}{', '.join(parts)}{closed}"
    if indent + len(beside) + len(line) < _WIDTH and "\n" not in line:
        return line
    own = "".join(f"{' ' * (indent + 4)}{part},\n" for part in parts)
    return f"{name}{opened}\n{own}{' ' * indent}{closed}"
