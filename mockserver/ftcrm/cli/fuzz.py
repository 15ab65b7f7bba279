"""`ftcrm fuzz`: search for a history over which a live target differs from the reference, and make it small."""

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from ftcrm.cli.fuzzed import as_json, as_junit
from ftcrm.cli.fuzztext import say_fuzzed
from ftcrm.cli.options import duration_option, rule_settings, setting_option
from ftcrm.cli.output import say
from ftcrm.cli.searching import (
    Search,
    families_shown,
    findings_of,
    import_fuzzing,
    judged_history,
    mutations_named,
    replayed,
)
from ftcrm.client.engines import HttpRoutes
from ftcrm.contracts.engines import FieldMapping
from ftcrm.contracts.errors import ConfigurationError, FtcrmError
from ftcrm.contracts.settings import Settings

__all__ = ["MappingFile", "command"]

_FINE, _DIFFERS, _NOTHING, _INTERRUPTED = 0, 1, 3, 130
_OF_THE_SEARCH = frozenset({"examples", "seed", "mutations", "out"})
_GIVEN = "ftcrm.cli.fuzz"
"""Where the click context keeps what the command line says."""
_PASSWORD = re.compile(r"(://[^:/@]*):(?!guest@)[^@/]*@")
_NOT_REPEATED = _OF_THE_SEARCH | {"replay", "style", "key", "token"}
"""What a command that replays a history has no use for, or should not be written into a file."""


class MappingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file of --mapping: a `FieldMapping`, and beside it `HttpRoutes`."""

    fields: dict[str, str] = {}
    values: dict[str, dict[str, str | bool | None]] = {}
    given: dict[str, str] = {}
    routes: HttpRoutes | None = None

    @property
    def mapping(self) -> FieldMapping | None:
        """What it says of fields; None where that is nothing."""
        if not (self.fields or self.values or self.given):
            return None
        return FieldMapping(fields=self.fields, values=self.values, given=self.given)


def _read_mapping(_: click.Context, __: click.Parameter, path: Path | None) -> MappingFile:
    if path is None:
        return MappingFile()
    try:
        found = msgspec.json.decode(path.read_bytes(), type=MappingFile)
        found.mapping  # noqa: B018 - it refuses fields that there are not
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        expected = 'a JSON object with "fields", "values", "given" and "routes"'
        raise ConfigurationError(f"--mapping {path}: expected {expected}, got: {error}") from None
    except (OSError, FtcrmError) as error:
        raise ConfigurationError(f"--mapping {path}: {error}") from None
    return found


class _Repeatable(click.Command):
    """Remembers what it was called with, for the command that replays a failure."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does."""
        ctx.meta[_GIVEN] = self.make_parser(ctx).parse_args(list(args))[0]
        return super().parse_args(ctx, args)


@click.command("fuzz", cls=_Repeatable, short_help="Find where a live target differs from the reference.")
@click.option("--to", multiple=True, required=True, metavar="URL", help="http://..., amqp://... or kafka://...")
@click.option("--read", metavar="URL", help="Where rounds are read; the first http URL of --to unless told.")
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
@click.option("--api-key", "key", metavar="KEY", envvar="FTCRM_API_KEY", help="Sent over REST in the header X-Api-Key.")
@click.option("--token", metavar="TOKEN", envvar="FTCRM_ADMIN_TOKEN", help="Sent to where rounds are read, as Bearer.")
@duration_option("--wait", help="How long a target that differs is asked again before it counts (2s).")
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
    out: Path,
    replay: Path | None,
    style: str,
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
    answers what cannot be read, 3 when FILE has no events, 4 when the target cannot be reached, 130 when it was
    interrupted before it differed.
    """
    fuzzing = import_fuzzing()
    if replay is not None:
        _refuse_beside_replay(_given(ctx))
    families = families_shown()
    chosen = mutations_named(mutations, families)
    again = _command_of(ctx)
    with fuzzing.RemoteTarget(
        to,
        read=read,
        mapping=mapping.mapping,
        routes=mapping.routes,
        api_key=key,
        token=token,
        settings=settings,
        accept_invalid=accept_invalid,
        wait=wait or 0.0,
    ) as target:
        if replay is not None:
            fuzzed = replayed(target, replay, again)
        else:
            fuzzed = Search(target, examples, seed, families).made(chosen, out, again)
    judged, check = judged_history(fuzzed, settings, accept_invalid=accept_invalid)
    if style == "text":
        say_fuzzed(fuzzed, judged, check, families=families)
    else:
        written = {"json": as_json, "junit": as_junit}[style]
        say(written(fuzzed, list(findings_of(judged, check))))
    if not fuzzed.events and replay is not None:
        click.echo(f"ftcrm: {replay}: expected events to send, got none", err=True)
        ctx.exit(_NOTHING)
    if fuzzed.differing is not None or (fuzzed.is_interrupted and fuzzed.shrinks):
        ctx.exit(_DIFFERS)
    ctx.exit(_INTERRUPTED if fuzzed.is_interrupted else _FINE)


def _refuse_beside_replay(given: Mapping[str, Any]) -> None:
    if beside := _OF_THE_SEARCH & given.keys():
        raise ConfigurationError(
            f"--replay: expected no --{min(beside)} beside it, which is about a search; leave one of them out"
        )


def _command_of(ctx: click.Context) -> str:
    """The command that replays a history against this target, with `{history}` in place of its path."""
    given = _given(ctx)
    words = ["ftcrm", "fuzz"]
    for parameter in ctx.command.params:
        if parameter.name in _NOT_REPEATED or parameter.name not in given:
            continue
        value = given[parameter.name]
        for each in value if isinstance(value, list) else [value]:
            words.append(parameter.opts[0])
            if isinstance(each, str):
                words.append(shlex.quote(_PASSWORD.sub(r"\1:PASSWORD@", each)))
    return " ".join([*words, "--replay", "{history}"])


def _given(ctx: click.Context) -> Mapping[str, Any]:
    """What the command line itself says, by the names of the parameters, before anything is made of it."""
    given: Mapping[str, Any] = ctx.meta[_GIVEN]
    return given
