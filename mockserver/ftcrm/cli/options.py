"""Settings as options of a command: the flag, else the variable, else the file, else the default."""

import os
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

import click
import msgspec
from click.core import ParameterSource

from ftcrm.cli.configfile import SettingsRead, read_file_settings, read_nearest_settings
from ftcrm.cli.settings import SETTINGS, Setting
from ftcrm.cli.variables import refuse_misspelt, variable_of
from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.rules import Ruleset
from ftcrm.contracts.settings import Settings, read_duration, settings_of

if TYPE_CHECKING:
    from ftcrm.mockserver.config import Address

__all__ = [
    "SELECTORS",
    "Source",
    "config_option",
    "duration_option",
    "files_read",
    "rule_settings",
    "setting_option",
    "settings_given",
    "source_of",
]

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

_CONFIG = "--config"
_FROM_FILES = "ftcrm.cli.options"
"""Where the click context keeps what the files say."""
_ALSO_VARIABLES = (_CONFIG, "--json")
"""Options that are no settings and have a variable all the same."""
_DIGITS = 18
SELECTORS = ("select", "extend-select", "ignore")
"""The settings whose values select rules."""


class Source(NamedTuple):
    """Where a value comes from: what kind of place, its name, and what an error calls it."""

    kind: Literal["default", "file", "variable", "flag"]
    name: str
    label: str


def config_option(function: _Decorated) -> _Decorated:
    """The option --config; with it or without, what the files say takes the place of the defaults."""
    return click.option(
        _CONFIG,
        envvar=variable_of(_CONFIG),
        type=click.Path(path_type=Path),
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=_read_files,
        help="A TOML file with settings, in place of the nearest ftcrm.toml and pyproject.toml.",
    )(function)


def setting_option(name: str) -> Callable[[_Decorated], _Decorated]:
    """The option of that setting; it wants `config_option` beside it."""
    setting = SETTINGS[name]
    more: dict[str, Any]
    if setting.kind == "switch":
        more = {"is_flag": True, "type": _Switch()}
    else:
        default = None if setting.of_rules else setting.default
        more = {"type": click.UNPROCESSED, "callback": _read, "metavar": setting.metavar, "multiple": setting.is_list}
        more |= {} if setting.is_list else {"default": default, "show_default": True}
    text = setting.help
    if setting.of_rules and setting.default is not None:
        # The rules know their own defaults: click has none, and would show one that it is told in parentheses.
        text += f"  [default: {setting.default}]"
    return click.option(setting.flag, setting.parameter, envvar=setting.variable, help=text, **more)


def duration_option(flag: str, **more: Any) -> Callable[[_Decorated], _Decorated]:
    """An option that is no setting and takes a duration above 0, which the command gets in seconds.

    Raises:
        ConfigurationError: when the command is called, with the flag.
    """

    def read(_: click.Context, __: click.Parameter, text: str | None) -> float | None:
        if text is None:
            return None
        seconds = read_duration(text, name=flag)
        if not seconds:
            raise ConfigurationError(f"{flag}: expected a duration above 0, got {text!r}")
        return seconds

    return click.option(flag, metavar="DURATION", callback=read, **more)


def rule_settings(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option --config and those of the rules' settings (or of these alone), given to the command as `settings`.

    Raises:
        ConfigurationError: when the command is called; the message names the option, the variable, or file and key.
    """
    chosen = [setting for setting in SETTINGS.values() if setting.of_rules and (not names or setting.name in names)]

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def command(*arguments: Any, **values: Any) -> Any:
            given = {setting.name: values.pop(setting.parameter) for setting in chosen}
            context = click.get_current_context()
            settings = settings_given(context, given)
            if given.keys() >= set(SELECTORS):
                _refuse_silence(context, settings)
            return function(*arguments, **values, settings=settings)

        made: Callable[..., Any] = command
        for setting in reversed(chosen):
            made = setting_option(setting.name)(made)
        return config_option(made)

    return decorate


def settings_given(context: click.Context, given: Mapping[str, Any]) -> Settings:
    """The rules' settings of the values that click has for them, by the settings' names.

    Raises:
        ConfigurationError: a value or a selector of rules is none; the message names where it comes from.
    """
    sources = {name: source_of(context, SETTINGS[name]) for name in given}
    values = {name: value for name, value in given.items() if sources[name].kind != "default"}
    settings = settings_of(values, labels={name: sources[name].label for name in values})
    for name in SELECTORS:
        if name in values:
            _refuse_misspelt_rules(values[name], sources[name].label)
    strength = {name: _STRENGTH[found.kind] for name, found in sources.items()}
    return msgspec.structs.replace(
        settings, ignore=_standing(settings, strength), answered=settings.answered | _also_answered(context)
    )


def _also_answered(context: click.Context) -> frozenset[str]:
    """What a command that takes --accept-invalid was told of it is an answer, too, also where that is the default."""
    if source_of(context, SETTINGS["accept-invalid"]).kind == "default":
        return frozenset()
    from ftcrm.contracts.questions import INVALID_EVENTS  # noqa: PLC0415 - hardly ever wanted

    return frozenset({INVALID_EVENTS.name})


def _standing(settings: Settings, strength: Mapping[str, int]) -> tuple[str, ...]:
    """What is ignored all the same: a selection of a stronger place begins anew, an extension of one takes back."""
    weaker = strength.get("ignore", 0)
    if strength.get("select", 0) > weaker:
        return ()
    if strength.get("extend-select", 0) > weaker:
        taken_back = _named(settings.extend_select)
        return tuple(each for each in settings.ignore if not _named((each,)) <= taken_back)
    return settings.ignore


def source_of(context: click.Context, setting: Setting) -> Source:
    """Where the value of this setting comes from."""
    match context.get_parameter_source(setting.parameter):
        case ParameterSource.COMMANDLINE:
            return Source("flag", setting.flag, setting.flag)
        case ParameterSource.ENVIRONMENT:
            return Source("variable", setting.variable, setting.variable)
        case ParameterSource.DEFAULT_MAP:
            found = files_read(context).values[setting.name]
            return Source("file", str(found.path), found.label)
    return Source("default", "default", setting.flag)


def _named(selectors: tuple[str, ...]) -> frozenset[str]:
    return Ruleset(Settings(select=selectors)).codes


_STRENGTH = {"default": 0, "file": 1, "variable": 2, "flag": 3}


def files_read(context: click.Context) -> SettingsRead:
    """The files of the settings, and what they say."""
    found: SettingsRead = context.meta[_FROM_FILES]
    return found


def _refuse_silence(context: click.Context, settings: Settings) -> None:
    """Without any rule nothing is looked for, and whatever is sent would be fine."""
    if not Ruleset(settings).codes:
        sources = (source_of(context, SETTINGS[name]) for name in SELECTORS)
        places = " and ".join(source.label for source in sources if source.kind != "default")
        raise ConfigurationError(
            f"{places}: expected to leave a rule that speaks, got none: nothing would be checked; "
            "`ftcrm config` shows what is set where"
        )


def _refuse_misspelt_rules(selectors: tuple[str, ...], label: str) -> None:
    try:
        Ruleset(Settings(ignore=selectors))
    except ConfigurationError as error:
        raise ConfigurationError(f"{label}: {error}") from None


def _read_files(context: click.Context, _: click.Parameter, path: Path | None) -> Path | None:
    """A variable that is none of ours is refused here, too: before anything is made of the others."""
    flags = (*(setting.flag for setting in SETTINGS.values()), *_ALSO_VARIABLES)
    refuse_misspelt(os.environ, {variable_of(flag) for flag in flags})
    by_flag = context.get_parameter_source("config") is ParameterSource.COMMANDLINE
    label = f"{_CONFIG if by_flag else variable_of(_CONFIG)} {path}"
    found = _nearest() if path is None else read_file_settings(path, label=label)
    context.meta[_FROM_FILES] = found
    context.default_map = {SETTINGS[name].parameter: each.value for name, each in found.values.items()}
    return path


def _nearest() -> SettingsRead:
    try:
        start = Path.cwd()
    except OSError:
        return SettingsRead()
    return read_nearest_settings(start)


class _Switch(click.types.BoolParamType):
    """true or false; click's own message would name the flag, wherever the value came from."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            label = "a switch" if param is None or ctx is None else _source(ctx, param)[1].label
            raise ConfigurationError(f"{label}: expected true or false, got {value!r}") from None


def _read(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """The value of the parameter's setting, read as what its kind says."""
    if value is None:
        return None
    setting, source = _source(context, parameter)
    match setting.kind:
        case "texts" | "numbers" | "readings":
            return _texts(setting, value, source)
        case "number":
            return _number(value, source.label)
        case "choice":
            return _choice(setting.also.get(value, value), setting.choices, source.label)
        case "secret":
            return _secret(value, source.label)
        case "address":
            return _address(value, source.label)
        case "path" if not value:
            raise ConfigurationError(f"{source.label}: expected a path, got {value!r}")
    return str(value)


def _source(context: click.Context, parameter: click.Parameter) -> tuple[Setting, Source]:
    setting = next(each for each in SETTINGS.values() if each.parameter == parameter.name)
    return setting, source_of(context, setting)


def _texts(setting: Setting, value: tuple[str, ...], source: Source) -> tuple[str, ...]:
    """The texts of all that was given; commas divide those of a flag and a variable, a file has a list."""
    if source.kind not in ("flag", "variable"):
        return tuple(value)
    found = tuple(part.strip() for text in value for part in text.split(",") if part.strip())
    if not found:
        raise ConfigurationError(f"{source.label}: expected {setting.metavar}, separated by commas, got nothing")
    return found


def _number(value: str | int, label: str) -> int:
    text = str(value)
    if text.isascii() and text.isdecimal() and len(text) <= _DIGITS and int(text) > 0:
        return int(text)
    raise ConfigurationError(f"{label}: expected a whole number from 1 on, got {value!r}")


def _choice(value: str, choices: tuple[str, ...], label: str) -> str:
    if value in choices:
        return value
    close = get_close_matches(value.lower(), choices, n=1)
    meant = f"; did you mean {close[0]!r}?" if close else ""
    raise ConfigurationError(f"{label}: expected one of {', '.join(choices)}, got {value!r}{meant}")


def _address(value: str | int, label: str) -> "Address":
    from ftcrm.mockserver.config import Address  # noqa: PLC0415 - `ftcrm check` has no address

    return Address.parse(str(value), option=label)


def _secret(value: str, label: str) -> str:
    """One that no header could carry would lock everyone out; it is not shown, for it may be a secret all the same."""
    if value and value.isprintable() and value == value.strip():
        return value
    got = "one with blanks around it or a line break in it" if value.strip() else "an empty one"
    raise ConfigurationError(
        f"{label}: expected what a header can carry, got {got}; give another, or leave the setting out"
    )
