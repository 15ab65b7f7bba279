"""`ftcrm fuzz`: search for a history over which a live target differs from the reference, and make it small."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from ftcrm.cli.fuzzed import as_json, as_junit
from ftcrm.cli.fuzztext import say_fuzzed
from ftcrm.cli.options import duration_option, rule_settings, setting_option, source_of
from ftcrm.cli.output import quiet_libraries, say
from ftcrm.cli.searching import (
    Search,
    families_shown,
    findings_of,
    import_fuzzing,
    judged_history,
    mutations_named,
    replayed,
)
from ftcrm.cli.settings import SETTINGS
from ftcrm.client.engines import MappingFile
from ftcrm.client.targets import Target, without_password
from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.settings import Settings

__all__ = ["command"]

_FINE, _DIFFERS, _NOTHING, _INTERRUPTED = 0, 1, 3, 130
_OF_THE_SEARCH = {
    "examples": "--examples",
    "seed": "--seed",
    "mutations": "--mutations",
    "without": "--except",
    "out": "--out",
}
_GIVEN = "ftcrm.cli.fuzz"
"""Where the click context keeps what the command line says."""
_URLS = frozenset({"to", "read"})
_WAIT_SECONDS = 2.0
_WAIT = (
    f"How long a target that differs is asked again before it counts; {_WAIT_SECONDS:g}s unless told, and not at all "
    "where it is sent to over HTTP and read as the stand-in is."
)
_NOT_REPEATED = {*_OF_THE_SEARCH, "replay", "style", "everything", "key", "token"}
"""What a command that replays a history has no use for, or should not be written into a file."""


def _read_mapping(_: click.Context, __: click.Parameter, path: Path | None) -> MappingFile:
    return MappingFile() if path is None else MappingFile.read(path, option="--mapping")


def _read_from(_: click.Context, __: click.Parameter, url: str | None) -> str | None:
    if url is None:
        return None
    try:
        target = Target.parse(url)
    except ConfigurationError as error:
        shown = str(error).partition(", got ")[2]  # without what may be a password
    else:
        if target.connector == "rest":
            return url
        shown = target.shown
    raise ConfigurationError(f"--read: expected http://HOST:PORT, got {shown}")


class _Repeatable(click.Command):
    """Remembers what it was called with, for the command that replays a failure."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does."""
        ctx.meta[_GIVEN] = self.make_parser(ctx).parse_args(list(args))[0]
        return super().parse_args(ctx, args)


@click.command("fuzz", cls=_Repeatable, short_help="Find where a live target differs from the reference.")
@click.option("--to", multiple=True, required=True, metavar="URL", help="http://..., amqp://... or kafka://...")
@click.option(
    "--read", metavar="URL", callback=_read_from, help="Where rounds are read; the first http URL of --to unless told."
)
@click.option(
    "--mapping",
    type=click.Path(path_type=Path),
    metavar="FILE",
    callback=_read_mapping,
    help="JSON: where the target says what of a round, where it is not read as the stand-in is.",
)
@click.option("--examples", type=click.IntRange(1), default=200, show_default=True, help="How many histories to try.")
@click.option("--seed", type=click.IntRange(0), metavar="N", help="Draw the same histories as a search with this seed.")
@click.option("--mutations", multiple=True, metavar="NAMES", help="These, or those of these families, and no others.")
@click.option(
    "--except",
    "without",
    multiple=True,
    metavar="NAMES",
    help="All but these, or those of these families, and no tangles, which go wrong in any way.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="ftcrm-fuzz",
    show_default=True,
    metavar="DIR",
    help="Where a failure is written, and what failed is kept for the next search.",
)
@click.option(
    "--replay",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Try the history of this file instead of searching for one.",
)
@click.option("--format", "style", type=click.Choice(["text", "json", "junit"]), default="text", show_default=True)
@click.option("--all", "everything", is_flag=True, help="List what was covered, mutation by mutation.")
@click.option("--api-key", "key", metavar="KEY", envvar="FTCRM_API_KEY", help="Sent over REST in the header X-Api-Key.")
@click.option("--token", metavar="TOKEN", envvar="FTCRM_ADMIN_TOKEN", help="Sent to where rounds are read, as Bearer.")
@duration_option("--wait", help=_WAIT)
@setting_option("accept-invalid")
@rule_settings()
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    to: Sequence[str],
    read: str | None,
    mapping: MappingFile,
    examples: int,
    seed: int | None,
    mutations: Sequence[str],
    without: Sequence[str],
    out: Path,
    replay: Path | None,
    style: str,
    everything: bool,
    key: str | None,
    token: str | None,
    wait: float | None,
    accept_invalid: bool,
    settings: Settings,
) -> None:
    """Send histories that go wrong to a target, and compare the rounds that it makes of them with the reference.

    \b
    http://HOST:PORT[/runs/NAME]         (with or without /v1/integration/casino)
    amqp://USER:PASSWORD@HOST:PORT/VHOST?exchange=NAME&routing_key=KEY   (routing key ftcrm unless told)
    kafka://[USER:PASSWORD@]HOST:PORT/TOPIC                              (topic ftcrm unless told)

    Every history has players of its own, so that the target need not forget. The first over which it differs is made
    as small as it gets, and written as a file, a test, and the command that tries it again (--replay).

    Exits with 0 when the target agrees on all of them, 1 when it differs, 2 when an option cannot be used or the target
    answers what cannot be read, 3 when FILE has no event that can be sent, 4 when the target cannot be reached, 130
    when it was interrupted before it differed.
    """
    fuzzing = import_fuzzing()
    if replay is not None:
        _refuse_beside_replay(_given(ctx))
    families = families_shown()
    chosen = mutations_named(mutations, families, option="--mutations")
    left_out = mutations_named(without, families, option="--except") or ()
    _refuse_unreadable(to, read)
    quiet_libraries()
    with fuzzing.RemoteTarget(
        to,
        read=read,
        mapping=mapping.mapping,
        routes=mapping.routes,
        api_key=key,
        token=token,
        settings=settings,
        accept_invalid=accept_invalid,
        wait=_waited(to, mapping) if wait is None else wait,
    ) as target:
        again = _command_of(ctx, settings)
        if replay is not None:
            fuzzed = replayed(target, replay, again)
        else:
            fuzzed = Search(target, examples, seed, families).made(chosen, out, again, without=left_out)
    judged, check = judged_history(fuzzed, settings, accept_invalid=accept_invalid)
    if style != "text":
        written = {"json": as_json, "junit": as_junit}[style]
        say(written(fuzzed, list(findings_of(judged, check))))
    elif not fuzzed.is_nothing:
        say_fuzzed(fuzzed, judged, check, families=families, everything=everything)
    if fuzzed.is_nothing:
        click.echo(f"ftcrm: {replay}: expected casino or bonus events that can be sent there, got none", err=True)
        ctx.exit(_NOTHING)
    if fuzzed.differing is not None:
        ctx.exit(_DIFFERS)
    ctx.exit(_INTERRUPTED if fuzzed.is_interrupted else _FINE)


def _refuse_beside_replay(given: Mapping[str, Any]) -> None:
    if beside := [option for name, option in _OF_THE_SEARCH.items() if name in given]:
        raise ConfigurationError(
            f"--replay: expected nothing beside it that is about a search, got {', '.join(beside)}"
        )


def _refuse_unreadable(to: Sequence[str], read: str | None) -> None:
    targets = [Target.parse(url) for url in to]
    if read is None and all(target.connector != "rest" for target in targets):
        shown = ", ".join(target.shown for target in targets)
        raise ConfigurationError(f"--read: expected an http:// URL to read rounds from, here or in --to, got {shown}")


def _waited(to: Sequence[str], mapping: MappingFile) -> float:
    """How long a target is asked again unless told: the stand-in, over HTTP, answers when it has made its rounds."""
    if mapping.mapping is None and mapping.routes is None and {Target.parse(url).connector for url in to} == {"rest"}:
        return 0.0
    return _WAIT_SECONDS


def _command_of(ctx: click.Context, settings: Settings) -> str:
    """The command that replays a history against this target, with `{history}` in place of its path."""
    given, words = _given(ctx), ["ftcrm", "fuzz"]
    of_settings = {setting.parameter for setting in SETTINGS.values()}
    for parameter in ctx.command.params:
        if parameter.name in _NOT_REPEATED or parameter.name in of_settings:
            continue
        value = given.get(str(parameter.name), parameter.value_from_envvar(ctx))
        for each in value if isinstance(value, list) else [] if value is None else [value]:
            hidden = without_password(each, instead="PASSWORD") if parameter.name in _URLS else str(each)
            words += parameter.opts[0], shlex.quote(hidden)
    return " ".join([*words, *_flags(ctx, settings), "--replay", "{history}"])


def _flags(ctx: click.Context, settings: Settings) -> Iterator[str]:
    """The settings as options, wherever they were set: where it is replayed, variables and files may be others."""
    for setting in SETTINGS.values():
        if source_of(ctx, setting).kind == "default":
            continue
        # A selection of a stronger place begins anew: what is ignored all the same is known once all are read.
        value = settings.ignore if setting.name == "ignore" else ctx.params[setting.parameter]
        text = ",".join(value) if isinstance(value, tuple) else value
        if text:
            yield setting.flag
        if text and text is not True:
            yield shlex.quote(text)


def _given(ctx: click.Context) -> Mapping[str, Any]:
    """What the command line itself says, by the names of the parameters, before anything is made of it."""
    given: Mapping[str, Any] = ctx.meta[_GIVEN]
    return given
