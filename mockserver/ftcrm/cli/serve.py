"""`ftcrm serve`: the stand-in server."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import click

from ftcrm.cli.options import rule_settings, setting_option
from ftcrm.cli.variables import variable_of
from ftcrm.contracts.settings import Settings
from ftcrm.mockserver.config import Address, Config
from ftcrm.mockserver.server import Server

__all__ = ["banner", "command"]


@click.command("serve", short_help="Stand in for FT CRM: REST, RabbitMQ and Kafka in one process.")
@setting_option("rest")
@setting_option("amqp")
@setting_option("kafka")
@setting_option("kafka-advertised")
@setting_option("journal")
@setting_option("max-events")
@setting_option("max-body")
@setting_option("api-key")
@setting_option("admin-token")
@setting_option("accept-invalid")
@rule_settings()
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    envvar=variable_of("--json"),
    help="Print one line of JSON with the addresses instead of a banner.",
)
def command(
    *,
    rest: Address,
    amqp: Address,
    kafka: Address,
    kafka_advertised: Address | None,
    journal: str | None,
    max_events: int,
    max_body: int,
    api_key: str | None,
    admin_token: str | None,
    accept_invalid: bool,
    settings: Settings,
    as_json: bool,
) -> None:
    """Stand in for FT CRM: take casino and bonus events over REST, RabbitMQ and Kafka.

    Every option is a setting: a flag, a variable (FTCRM_MAX_EVENTS for --max-events; FTCRM_SELECT takes several,
    separated by blanks or commas) or, all but --json, a line of ftcrm.toml or of [tool.ftcrm] in pyproject.toml. A
    flag is stronger than a variable, a variable than a file; `ftcrm config` shows what comes from where.
    """
    config = Config(
        rest=rest,
        amqp=amqp,
        kafka=kafka,
        kafka_advertised=kafka_advertised,
        journal=None if journal is None else Path(journal),
        max_events=max_events,
        max_body=max_body,
        api_key=api_key,
        admin_token=admin_token,
        accept_invalid=accept_invalid,
        rules=settings,
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
