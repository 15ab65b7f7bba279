"""`ftcrm serve`: the stand-in server."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ftcrm.cli.configfile import read_config_file
from ftcrm.cli.variables import refuse_misspelt, variable_of
from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.settings import Settings
from ftcrm.mockserver.config import Address, Config
from ftcrm.mockserver.server import Server

__all__ = ["banner", "command"]

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])


def _config_file(context: click.Context, _: click.Parameter, value: Path | None) -> Path | None:
    """What the file says takes the place of the defaults; variables and flags are stronger."""
    if value is not None:
        context.default_map = {**(context.default_map or {}), **read_config_file(value, context.command.params)}
    return value


def _secret(_: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """One that no header could carry would lock everyone out; it is not shown, for it may be a secret all the same."""
    if value is None or (value and value.isprintable() and value == value.strip()):
        return value
    got = "one with blanks around it or a line break in it" if value.strip() else "an empty one"
    raise ConfigurationError(
        f"{parameter.opts[0]}: expected what a header can carry, got {got}; give another, or leave the option out"
    )


def _option(flag: str, *names: str, **settings: Any) -> Callable[[_Decorated], _Decorated]:
    """A click option that has the variable of its flag."""
    return click.option(flag, *names, envvar=variable_of(flag), **settings)


@click.command("serve", short_help="Stand in for FT CRM: REST, RabbitMQ and Kafka in one process.")
@_option(
    "--config",
    type=click.Path(path_type=Path),
    is_eager=True,
    expose_value=False,
    callback=_config_file,
    help="A TOML file with any of these options under [ftcrm].",
)
@_option(
    "--rest",
    default="127.0.0.1:8080",
    metavar="HOST:PORT",
    show_default=True,
    help="Where the REST connector and the admin API listen; port 0 takes any.",
)
@_option(
    "--amqp",
    default="127.0.0.1:5672",
    metavar="HOST:PORT",
    show_default=True,
    help="Where the RabbitMQ connector listens.",
)
@_option(
    "--kafka",
    default="127.0.0.1:9092",
    metavar="HOST:PORT",
    show_default=True,
    help="Where the Kafka connector listens.",
)
@_option("--kafka-advertised", metavar="HOST:PORT", help="What Kafka clients are told to connect to.")
@_option(
    "--journal",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The journal's file; without it the journal is kept in memory.",
)
@_option(
    "--max-events",
    type=click.IntRange(min=1),
    default=1_000_000,
    show_default=True,
    help="How many entries the journal holds before it evicts the oldest.",
)
@_option(
    "--max-body",
    type=click.IntRange(min=1),
    default=1_048_576,
    show_default=True,
    metavar="BYTES",
    help="The largest body of one event.",
)
@_option("--api-key", metavar="KEY", callback=_secret, help="REST requests must carry it in the header X-Api-Key.")
@_option(
    "--admin-token",
    metavar="TOKEN",
    callback=_secret,
    help="The admin API wants it as Authorization: Bearer TOKEN.",
)
@_option("--accept-invalid", is_flag=True, help="Accept, and fold where readable, events that break the contract.")
@_option(
    "--extra-currency",
    "extra_currencies",
    multiple=True,
    metavar="CODE",
    help="A currency that ISO 4217 does not list (crypto); may be given several times.",
)
@_option("--json", "as_json", is_flag=True, help="Print one line of JSON with the addresses instead of a banner.")
@click.pass_context
def command(
    context: click.Context,
    *,
    rest: str,
    amqp: str,
    kafka: str,
    kafka_advertised: str | None,
    journal: Path | None,
    max_events: int,
    max_body: int,
    api_key: str | None,
    admin_token: str | None,
    accept_invalid: bool,
    extra_currencies: tuple[str, ...],
    as_json: bool,
) -> None:
    """Stand in for FT CRM: take casino and bonus events over REST, RabbitMQ and Kafka.

    Every option can be set as a variable too (FTCRM_MAX_EVENTS for --max-events; FTCRM_EXTRA_CURRENCY takes several
    codes, separated by blanks), and all but --json in the file of --config. A flag is stronger than a variable, a
    variable than the file.
    """
    known = {variable_of(option.opts[0]) for option in context.command.params}
    refuse_misspelt(os.environ, known)
    config = Config(
        rest=Address.parse(rest, option="--rest"),
        amqp=Address.parse(amqp, option="--amqp"),
        kafka=Address.parse(kafka, option="--kafka"),
        kafka_advertised=Address.parse(kafka_advertised, option="--kafka-advertised") if kafka_advertised else None,
        journal=journal,
        max_events=max_events,
        max_body=max_body,
        api_key=api_key,
        admin_token=admin_token,
        accept_invalid=accept_invalid,
        rules=Settings(extra_currencies=frozenset(extra_currencies)),
    )
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(Server(config), as_json=as_json))


async def _serve(server: Server, *, as_json: bool) -> None:
    leave = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, leave.set)
    await server.start()
    click.echo(json.dumps(server.addresses()) if as_json else banner(server))
    sys.stdout.flush()
    await leave.wait()
    await server.stop()


def banner(server: Server) -> str:
    """What a server that has started says to people."""
    found = server.addresses()
    lines = [
        "ftcrm stands in for FT CRM:",
        f"  REST      {found['rest']}/v1/integration/casino  (and /bonus)",
        f"  RabbitMQ  {found['amqp']}  (any exchange, any routing key; message property type = CASINO)",
        f"  Kafka     {found['kafka']}  (any topic; header type = CASINO)",
        f"  admin     {found['admin']}/rounds  (events, findings, summary)",
        f"  journal   {server.config.journal or 'in memory: gone when this ends; keep it with --journal FILE'}",
    ]
    if "admin_token" in found:
        lines.append(f"  token     {found['admin_token']}  (admin API: Authorization: Bearer TOKEN)")
    if network := _network(server):
        lines.append(f"  network   {network}")
    return "\n".join([*lines, "Ctrl-C ends it."])


def _network(server: Server) -> str:
    """What others than this machine reach, and where Kafka sends them; empty when nothing is."""
    bound = {"REST and admin": server.rest, "RabbitMQ": server.amqp, "Kafka": server.kafka}
    reached = [name for name, address in bound.items() if not address.is_loopback]
    if not reached:
        return ""
    text = f"everyone on the network reaches {', '.join(reached)}"
    if server.kafka.is_loopback:
        return text
    if server.config.kafka_advertised is not None:
        return f"{text}; Kafka tells its clients to connect to {server.config.kafka_advertised}"
    if server.kafka.is_wildcard:
        return f"{text}; Kafka tells its clients to connect to localhost, unless --kafka-advertised HOST:PORT is given"
    return text


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return None
    factory: type[asyncio.AbstractEventLoop] = uvloop.Loop
    return factory
