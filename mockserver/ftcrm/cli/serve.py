"""`ftcrm serve`: the stand-in server."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import click

from ftcrm.cli.configfile import read_config_file
from ftcrm.mockserver.config import Address, Config
from ftcrm.mockserver.server import Server

__all__ = ["command"]


def _config_file(context: click.Context, _: click.Parameter, value: Path | None) -> Path | None:
    """What the file says takes the place of the defaults; variables and flags are stronger."""
    if value is not None:
        known = {parameter.name for parameter in context.command.params if parameter.name}
        context.default_map = {**(context.default_map or {}), **read_config_file(value, known)}
    return value


@click.command(
    "serve",
    short_help="Stand in for FT CRM: REST, RabbitMQ and Kafka in one process.",
    context_settings={"auto_envvar_prefix": "FTCRM"},
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    is_eager=True,
    expose_value=False,
    callback=_config_file,
    help="A TOML file with any of these options under [ftcrm].",
)
@click.option(
    "--rest",
    default="127.0.0.1:8080",
    metavar="HOST:PORT",
    show_default=True,
    help="Where the REST connector and the admin API listen; port 0 takes any.",
)
@click.option(
    "--amqp",
    default="127.0.0.1:5672",
    metavar="HOST:PORT",
    show_default=True,
    help="Where the RabbitMQ connector listens.",
)
@click.option(
    "--kafka",
    default="127.0.0.1:9092",
    metavar="HOST:PORT",
    show_default=True,
    help="Where the Kafka connector listens.",
)
@click.option("--kafka-advertised", metavar="HOST:PORT", help="What Kafka clients are told to connect to.")
@click.option(
    "--journal",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The journal's file; without it the journal is kept in memory.",
)
@click.option(
    "--max-events",
    type=click.IntRange(min=1),
    default=1_000_000,
    show_default=True,
    help="How many entries the journal holds before it evicts the oldest.",
)
@click.option(
    "--max-body",
    type=click.IntRange(min=1),
    default=1_048_576,
    show_default=True,
    metavar="BYTES",
    help="The largest body of one event.",
)
@click.option("--api-key", metavar="KEY", help="REST requests must carry it in the header X-Api-Key.")
@click.option("--admin-token", metavar="TOKEN", help="The admin API wants it as Authorization: Bearer TOKEN.")
@click.option("--accept-invalid", is_flag=True, help="Accept, and fold where readable, events that break the contract.")
@click.option(
    "--extra-currency",
    "extra_currencies",
    multiple=True,
    metavar="CODE",
    help="A currency that ISO 4217 does not list (crypto); may be given several times.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON with the addresses instead of a banner.")
def command(
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

    Every option can be set as a variable too (FTCRM_REST for --rest), and in the file of --config.
    """
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
        extra_currencies=frozenset(extra_currencies),
    )
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(Server(config), as_json=as_json))


async def _serve(server: Server, *, as_json: bool) -> None:
    leave = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, leave.set)
    await server.start()
    click.echo(json.dumps(server.addresses()) if as_json else _banner(server))
    sys.stdout.flush()
    await leave.wait()
    await server.stop()


def _banner(server: Server) -> str:
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
    return "\n".join([*lines, "Ctrl-C ends it."])


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return None
    factory: type[asyncio.AbstractEventLoop] = uvloop.Loop
    return factory
