"""The files that hold settings: an ftcrm.toml with a table [ftcrm], a pyproject.toml with a table [tool.ftcrm]."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from ftcrm.cli.settings import Setting, setting_named
from ftcrm.contracts.errors import ConfigurationError

__all__ = ["FromFile", "SettingsRead", "read_file_settings", "read_nearest_settings"]

_OWN, _SHARED = "ftcrm.toml", "pyproject.toml"
_OUR_NAME = re.compile(rb"ftcrm(?![-\w])")
"""What a pyproject.toml with a table of ours has in it; one that names the package ftcrm-mock alone is not parsed."""
_FITTING: dict[str, tuple[type, ...]] = {
    "texts": (list,),
    "readings": (list,),
    "numbers": (list,),
    "switch": (bool,),
    "number": (int,),
    "address": (str, int),
}
"""What TOML has for a kind; a text for all others."""
_WORDS = {
    "texts": 'a list of texts such as ["A"]',
    "readings": 'a list of texts such as ["end-flag=settles"]',
    "numbers": "a list of numbers such as [1, 3, 7, 14]",
    "switch": "true or false",
    "number": "a whole number",
    "duration": "a number with its unit, such as 90s, 15m, 24h",
}
"""What is expected of a kind, in words; "a text" for all others."""


class FromFile(NamedTuple):
    """A value, the file that it comes from, and the key as it is written there; paths are seen from its folder."""

    value: Any
    path: Path
    key: str

    @property
    def label(self) -> str:
        """What an error calls it."""
        return f"{self.path}: {self.key}"


class SettingsRead(NamedTuple):
    """The files that were found, the strongest first, and what they say, by the settings' names."""

    paths: tuple[Path, ...] = ()
    values: Mapping[str, FromFile] = MappingProxyType({})
    hidden: Mapping[str, FromFile] = MappingProxyType({})
    """What pyproject.toml says in vain, for ftcrm.toml says it, too."""


def read_nearest_settings(start: Path) -> SettingsRead:
    """What the nearest folder that has settings says: `start`, or one of those it is in.

    Where a folder has both files, ftcrm.toml is stronger, key by key.

    Raises:
        ConfigurationError: a file that is ours cannot be read, names something else, or has a value of another type.
    """
    for folder in (start, *start.parents):
        shared, own = _shared_table(folder / _SHARED), _own_table(folder / _OWN)
        if shared is not None or own is not None:
            weaker = _settings_in(shared or {}, folder / _SHARED)
            stronger = _settings_in(own or {}, folder / _OWN)
            tables = {folder / _OWN: own, folder / _SHARED: shared}
            return SettingsRead(
                tuple(path for path, table in tables.items() if table is not None),
                {**weaker, **stronger},
                {name: each for name, each in weaker.items() if name in stronger},
            )
    return SettingsRead()


def read_file_settings(path: Path, *, label: str) -> SettingsRead:
    """What this file says; a file called pyproject.toml has its settings under [tool.ftcrm].

    Raises:
        ConfigurationError: it cannot be read (the message begins with the label), or as `read_nearest_settings`.
    """
    data = _bytes_of(path, label=label)
    if path.name != _SHARED:
        return SettingsRead((path,), _settings_in(_table_of(_parsed(data, path), path), path))
    table = _tool_table(_parsed(data, path), path)
    if table is None:
        raise ConfigurationError(f"{path}: expected a table [tool.ftcrm], got none")
    return SettingsRead((path,), _settings_in(table, path))


def _own_table(path: Path) -> dict[str, Any] | None:
    if not _is_there(path):
        return None
    return _table_of(_parsed(_bytes_of(path, label=str(path)), path), path)


def _shared_table(path: Path) -> dict[str, Any] | None:
    """Its table [tool.ftcrm]; None where there is no such file or table, for it is the file of others, too."""
    if not _is_there(path):
        return None
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if not _OUR_NAME.search(data):
        return None
    try:
        document = _parsed(data, path)
    except ConfigurationError:
        if b"tool.ftcrm" in data:
            raise
        return None
    return _tool_table(document, path)


def _is_there(path: Path) -> bool:
    """Whether it is a file; what cannot be looked at counts as none, for any folder above may be closed to us."""
    try:
        return path.is_file()
    except OSError:
        return False


def _bytes_of(path: Path, *, label: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{label}: expected a file that can be read, got: {error.strerror}") from error


def _parsed(data: bytes, path: Path) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 - 13 ms that are only paid where there is a file

    try:
        return tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path}: expected TOML, got: {error}") from error


def _table_of(document: Mapping[str, Any], path: Path) -> dict[str, Any]:
    others = sorted(document.keys() - {"ftcrm"})
    table = document.get("ftcrm", {})
    if others or not isinstance(table, dict):
        tool = document.get("tool")
        nested = isinstance(tool, dict) and "ftcrm" in tool
        what_to_do = "write [ftcrm] for [tool.ftcrm]" if nested else "write the line [ftcrm] above the settings"
        got = ", ".join(others) if others else repr(table)
        raise ConfigurationError(f"{path}: expected one table [ftcrm] and nothing else, got {got}; {what_to_do}")
    return table


def _tool_table(document: Mapping[str, Any], path: Path) -> dict[str, Any] | None:
    tool = document.get("tool")
    if not isinstance(tool, dict) or "ftcrm" not in tool:
        return None
    table = tool["ftcrm"]
    if not isinstance(table, dict):
        raise ConfigurationError(f"{path}: tool.ftcrm: expected a table, got {table!r}")
    return table


def _settings_in(table: Mapping[str, Any], path: Path) -> dict[str, FromFile]:
    found: dict[str, FromFile] = {}
    for key, value in _flat(table):
        setting, meant = setting_named(key)
        if setting is None:
            hint = f"did you mean {' or '.join(map(repr, meant))}?" if meant else "`ftcrm config` lists them"
            raise ConfigurationError(f"{path}: expected the name of a setting, got {key!r}; {hint}")
        made = FromFile(value, path, key)
        if setting.name in found:
            raise ConfigurationError(f"{made.label}: expected once, got it as {found[setting.name].key!r}, too")
        if problem := _problem(setting, value):
            raise ConfigurationError(f"{made.label}: {problem}")
        found[setting.name] = made._replace(value=str(path.parent / value)) if setting.kind == "path" else made
    return found


def _flat(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", found) for inner, found in _flat(value))
        else:
            yield name, value


def _problem(setting: Setting, value: object) -> str:
    """What is wrong with the type of the value; nothing when it can be read on."""
    wanted = _FITTING.get(setting.kind, (str,))
    fits = isinstance(value, wanted) and (bool in wanted or not isinstance(value, bool))
    if fits and isinstance(value, list):
        inner = (int, float, str) if setting.kind == "numbers" else (str,)
        fits = all(isinstance(each, inner) and each and not isinstance(each, bool) for each in value)
    if fits:
        return ""
    got = f"one of type {type(value).__name__}" if setting.kind == "secret" else repr(value)
    return f"expected {_WORDS.get(setting.kind, 'a text')}, got {got}"
