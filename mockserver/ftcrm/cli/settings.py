"""Every setting of the commands: its name in a file, its flag, its variable, and what it does.

The rules' own settings are those of `ftcrm.contracts.settings`; the rest is what `ftcrm serve` and `ftcrm check` take.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Literal

import msgspec

from ftcrm.cli.variables import variable_of
from ftcrm.contracts.settings import OPTIONS, Option, Settings, written_duration
from ftcrm.contracts.severity import ALSO_FAIL_ON, FAIL_ON

__all__ = ["SETTINGS", "Kind", "Setting", "of", "setting_named", "settings_table", "written"]

Kind = Literal[
    "texts", "numbers", "readings", "text", "secret", "duration", "choice", "number", "switch", "address", "path"
]
Command = Literal["all", "check", "serve", "watch"]


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One setting; `parameter` is what a command's function calls it, `default` what it is unless somebody sets it."""

    name: str
    flag: str
    parameter: str
    kind: Kind
    help: str
    metavar: str = ""
    default: str | int | bool | None = None
    choices: tuple[str, ...] = ()
    also: Mapping[str, str] = {}
    """Other words for choices."""
    commands: tuple[Command, ...] = ("all",)
    of_rules: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that has it."""
        return variable_of(self.flag)

    @property
    def is_list(self) -> bool:
        """Whether it takes several values."""
        return self.kind in ("texts", "numbers", "readings")


def setting_named(key: str) -> tuple[Setting | None, tuple[str, ...]]:
    """The setting that a file's key names, dashes and underscores alike; else None and the names that may be meant.

    A flag's name is no key, but says which one was meant: `extra-currency` for `currencies.extra`.
    """
    spelt = key.replace("_", "-")
    spelt = _ALSO.get(spelt, spelt)
    if spelt in SETTINGS:
        return SETTINGS[spelt], ()
    if inside := tuple(name for name in SETTINGS if name.startswith(f"{spelt}.")):
        return None, inside
    by_flag = {setting.flag.removeprefix("--"): setting.name for setting in SETTINGS.values()}
    close = get_close_matches(spelt, {*by_flag, *SETTINGS}, n=1)
    return None, tuple(by_flag.get(name, name) for name in close)


def settings_table() -> str:
    """The settings as a table in Markdown; docs/settings.md has it, and a test that it is not stale."""
    rows = ["| in a file | flag | variable | default | of | |", "|---|---|---|---|---|---|"]
    for setting in SETTINGS.values():
        flag = f"{setting.flag} {setting.metavar}".strip().replace("|", "\\|")
        default = "" if setting.default is None else f"`{written(setting.default)}`"
        cells = (f"`{setting.name}`", f"`{flag}`", f"`{setting.variable}`", default, of(setting), setting.help)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def written(value: Any) -> str:
    """The value as one would write it on a command line; a dash for none, `[]` for a list that is given and empty."""
    match value:
        case None:
            return "-"
        case ():
            return "[]"
        case bool():
            return "true" if value else "false"
        case tuple():
            return ", ".join(value)
        case _:
            return str(value)


def of(setting: Setting) -> str:
    """Whose setting it is: the rules', that of the commands named, or of all that construct rounds."""
    return "rules" if setting.of_rules else ", ".join(setting.commands)


def _of_rules() -> Iterator[Setting]:
    defaults = Settings()
    for option in OPTIONS:
        yield Setting(
            name=option.name,
            flag=option.flag,
            parameter=option.field,
            kind=option.kind,
            help=option.help,
            metavar=option.metavar,
            default=_default(option, defaults),
            of_rules=True,
        )


def _default(option: Option, defaults: Settings) -> str | None:
    value = getattr(defaults, option.field)
    match option.kind:
        case "duration":
            return None if value is None else written_duration(value)
        case "numbers":
            return ", ".join(map(str, value))
        case "readings":
            return None
    return value or None


def _of_a_command(command: Command | None, kind: Kind, flag: str, help: str, **more: Any) -> Setting:  # noqa: A002 - click's word
    name = flag.removeprefix("--")
    # `ftcrm watch` is a server and a check in one, and takes what either does.
    commands: tuple[Command, ...] = ("all",) if command is None else (command, "watch")
    return Setting(
        name=name, flag=flag, parameter=name.replace("-", "_"), kind=kind, help=help, commands=commands, **more
    )


_OF_COMMANDS = (
    _of_a_command(
        None,
        "switch",
        "--accept-invalid",
        "Construct rounds from readable events that break the contract, too; the server accepts them.",
        default=False,
    ),
    _of_a_command(
        "check",
        "choice",
        "--fail-on",
        "The weakest confidence of a finding that makes the exit code 1; violation, the verdict, means documented.",
        metavar="|".join(FAIL_ON),
        choices=FAIL_ON,
        also=ALSO_FAIL_ON,
        default="documented",
    ),
    _of_a_command(
        "serve",
        "address",
        "--rest",
        "Where the REST connector and the admin API listen; port 0 takes any.",
        metavar="HOST:PORT",
        default="127.0.0.1:8080",
    ),
    _of_a_command(
        "serve",
        "address",
        "--amqp",
        "Where the RabbitMQ connector listens.",
        metavar="HOST:PORT",
        default="127.0.0.1:5672",
    ),
    _of_a_command(
        "serve",
        "address",
        "--kafka",
        "Where the Kafka connector listens.",
        metavar="HOST:PORT",
        default="127.0.0.1:9092",
    ),
    _of_a_command(
        "serve", "address", "--kafka-advertised", "What Kafka clients are told to connect to.", metavar="HOST:PORT"
    ),
    _of_a_command(
        "serve",
        "path",
        "--journal",
        "The journal's file; without it the journal is kept in memory.",
        metavar="FILE",
    ),
    _of_a_command(
        "serve",
        "number",
        "--max-events",
        "How many entries the journal holds before it evicts the oldest.",
        metavar="N",
        default=1_000_000,
    ),
    _of_a_command(
        "serve", "number", "--max-body", "The largest body of one event.", metavar="BYTES", default=1_048_576
    ),
    _of_a_command(
        "serve", "secret", "--api-key", "REST requests must carry it in the header X-Api-Key.", metavar="KEY"
    ),
    _of_a_command(
        "serve",
        "secret",
        "--admin-token",
        "The admin API wants it as Authorization: Bearer TOKEN.",
        metavar="TOKEN",
    ),
)

SETTINGS: dict[str, Setting] = {setting.name: setting for setting in (*_of_rules(), *_OF_COMMANDS)}
"""Every setting by its name in a file."""

_ALSO = {"check.fail-on": "fail-on"}
"""What only one command has may stand in a table of its name."""
