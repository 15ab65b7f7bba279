"""A remote target as Python source: what a test file opens it with."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from ftcrm.client.targets import without_password
from ftcrm.strategies.fuzzing.targets import RemoteTarget

__all__ = ["Opening", "opening_of"]

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
    """The URLs of a target without passwords; what else it was opened with, as source, and the imports of that."""

    to: tuple[str, ...]
    read: str | None
    options: Mapping[str, str]
    imports: tuple[str, ...]


def opening_of(target: RemoteTarget) -> Opening:
    """How that target is opened again; what it has by default is left out."""
    given = {"mapping": target.mapping, "routes": target.routes, "settings": target.settings}
    options = {name: _source(value) for name, value in given.items() if value is not None}
    options = {name: source for name, source in options.items() if source != "Settings()"}
    if target.accept_invalid:
        options["accept_invalid"] = "True"
    if target.wait:
        options["wait"] = repr(target.wait)
    return Opening(
        tuple(map(without_password, target.to)),
        None if target.read is None else without_password(target.read),
        options,
        tuple(_imports(" ".join(options.values()))),
    )


def _imports(source: str) -> Iterator[str]:
    for name, line in _IMPORTS.items():
        if name in ("Path", "RemoteTarget") or f"{name}(" in source:
            yield line
        if name == "Path":
            yield ""


def _source(value: Any) -> str:
    """A Struct as the call that makes it, with what is not so by itself; anything else as its repr."""
    if not isinstance(value, msgspec.Struct):
        return repr(value)
    fields = msgspec.structs.fields(value)
    plain = type(value)()
    own = [field.name for field in fields if getattr(value, field.name) != getattr(plain, field.name)]
    return f"{type(value).__name__}({', '.join(f'{name}={_source(getattr(value, name))}' for name in own)})"
