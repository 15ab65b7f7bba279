"""The configuration file: TOML with the options of a command under [ftcrm]."""

import tomllib
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from ftcrm.contracts.errors import ConfigurationError

__all__ = ["read_config_file"]

_NOT_IN_A_FILE = frozenset({"help", "config", "json"})
_NESTED = {"extra-currency": "currencies.extra"}
_ADDRESS = "HOST:PORT"


def read_config_file(path: Path, parameters: Sequence[click.Parameter]) -> dict[str, Any]:
    """The values that the file has for these options, by parameter name.

    Raises:
        ConfigurationError: it cannot be read, names something else, or has a value of another type.
    """
    try:
        document = tomllib.loads(path.read_text())
    except OSError as error:
        raise ConfigurationError(f"--config {path}: expected a file that can be read, got: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"--config {path}: expected TOML, got: {error}") from error
    table = document.get("ftcrm")
    if not isinstance(table, dict) or len(document) > 1:
        raise ConfigurationError(f"--config {path}: expected one table [ftcrm], got {sorted(document)}")
    options = _options(parameters)
    values = {}
    for name, value in _flat(table):
        spelt = name.replace("_", "-")
        if spelt not in options:
            close = get_close_matches(spelt, options, n=1)
            meant = f"; did you mean {close[0]!r}?" if close else f"; it takes {', '.join(sorted(options))}"
            raise ConfigurationError(f"--config {path}: expected a known option, got {name!r}{meant}")
        option = options[spelt]
        expected, fits = _type_of(option, value)
        if not fits:
            raise ConfigurationError(f"--config {path}: {name}: expected {expected}, got {value!r}")
        values[str(option.name)] = value
    return values


def _options(parameters: Sequence[click.Parameter]) -> dict[str, click.Option]:
    """The options by the name that the file has for them."""
    flags = {each.opts[0].removeprefix("--"): each for each in parameters if isinstance(each, click.Option)}
    return {_NESTED.get(flag, flag): option for flag, option in flags.items() if flag not in _NOT_IN_A_FILE}


def _type_of(option: click.Option, value: object) -> tuple[str, bool]:
    """What the option wants in words, and whether the value is that."""
    number = isinstance(value, int) and not isinstance(value, bool)
    if option.multiple:
        codes = isinstance(value, list) and all(isinstance(each, str) for each in value)
        return 'a list of codes such as ["BTC"]', codes
    if option.is_flag:
        return "true or false", isinstance(value, bool)
    if isinstance(option.type, click.IntRange):
        return "a whole number", number
    # The port alone is an address, too.
    return "a text", isinstance(value, str) or (number and option.metavar == _ADDRESS)


def _flat(table: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", found) for inner, found in _flat(value))
        else:
            yield name, value
