"""`ftcrm config`: every setting, its value, and where that comes from."""

from collections.abc import Callable, Iterator
from typing import Any

import click
import msgspec

from ftcrm.cli.options import config_option, files_read, setting_option, settings_given, source_of
from ftcrm.cli.output import printable, say, table_lines
from ftcrm.cli.settings import SETTINGS, Setting, of, written

__all__ = ["command"]

_MASK = "***"
_COLUMNS = ("setting", "value", "from", "flag", "variable", "of", "what it does")


def _every_setting(function: Callable[..., None]) -> Callable[..., None]:
    for name in reversed(SETTINGS):
        function = setting_option(name)(function)
    return config_option(function)


@click.command()
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_every_setting
@click.pass_context
def command(context: click.Context, /, style: str, **values: Any) -> None:
    """Show every setting of the rules, of `ftcrm check` and of `ftcrm serve`: its value, and where that comes from.

    First it says which files were found, and which keys of pyproject.toml stand in ftcrm.toml, too, and so in vain. A
    flag is stronger than a variable, a variable than ftcrm.toml, that than [tool.ftcrm] in pyproject.toml. Give any
    flag to see what a command makes of it. Secrets are not shown.

    Exits with 0, or with 2 when a setting cannot be used.
    """
    settings_given(context, {name: values[each.parameter] for name, each in SETTINGS.items() if each.of_rules})
    shown = [_shown(context, setting, values[setting.parameter]) for setting in SETTINGS.values()]
    if style == "json":
        say(msgspec.json.format(msgspec.json.encode(shown)).decode())
        return
    rows = [
        (each["name"], written(each["value"]), each["source"], each["flag"], each["variable"], each["of"], each["help"])
        for each in shown
    ]
    say("\n".join((*map(printable, _files(context)), "", *table_lines(_COLUMNS, rows))))


def _files(context: click.Context) -> Iterator[str]:
    """A line for each file that was found, the strongest first, with what it says in vain."""
    paths, _, hidden = files_read(context)
    for path in paths:
        in_vain = ", ".join(each.key for each in hidden.values() if each.path == path)
        yield f"file: {path}" + (f" (hidden by {paths[0].name}: {in_vain})" if in_vain else "")
    if not paths:
        yield "file: none (no ftcrm.toml, and no pyproject.toml with a table [tool.ftcrm], here or in a folder above)"


def _shown(context: click.Context, setting: Setting, value: Any) -> dict[str, Any]:
    source = source_of(context, setting)
    if source.kind == "default":
        value = setting.default
    elif setting.kind == "secret":
        value = _MASK
    elif setting.kind == "address":
        value = str(value)
    hidden = files_read(context).hidden.get(setting.name)
    return {
        "name": setting.name,
        "value": value,
        "from": source.kind,
        "source": source.name,
        "hidden": None if hidden is None else str(hidden.path),
        "default": setting.default,
        "flag": setting.flag,
        "variable": setting.variable,
        "of": of(setting),
        "help": setting.help,
    }
