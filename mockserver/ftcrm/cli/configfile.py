"""The configuration file: TOML with the options of a command under [ftcrm]."""

import tomllib
from collections.abc import Iterator, Set
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ftcrm.contracts.errors import ConfigurationError

__all__ = ["read_config_file"]

_NOT_IN_A_FILE = frozenset({"config", "as_json", "extra_currencies"})
_NESTED = {"currencies.extra": "extra_currencies"}


def read_config_file(path: Path, known: Set[str]) -> dict[str, Any]:
    """The file's options by parameter name; ConfigurationError for what is not `known`, with what was meant."""
    try:
        document = tomllib.loads(path.read_text())
    except OSError as error:
        raise ConfigurationError(f"--config {path}: expected a file that can be read, got: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"--config {path}: expected TOML, got: {error}") from error
    table = document.get("ftcrm")
    if not isinstance(table, dict) or len(document) > 1:
        raise ConfigurationError(f"--config {path}: expected one table [ftcrm], got {sorted(document)}")
    names = {name.replace("_", "-"): name for name in known - _NOT_IN_A_FILE} | _NESTED
    values = {}
    for name, value in _flat(table):
        spelt = name.replace("_", "-")
        if spelt not in names:
            close = get_close_matches(spelt, names, n=1)
            meant = f"; did you mean {close[0]!r}?" if close else f"; it takes {', '.join(sorted(names))}"
            raise ConfigurationError(f"--config {path}: expected a known option, got {name!r}{meant}")
        values[names[spelt]] = value
    return values


def _flat(table: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", found) for inner, found in _flat(value))
        else:
            yield name, value
