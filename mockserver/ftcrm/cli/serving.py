"""What `ftcrm serve` and `ftcrm watch` do alike: the options of a server, its event loop, and what it says at start."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from functools import reduce, wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from ftcrm.cli.options import rule_settings, setting_option
from ftcrm.cli.variables import variable_of
from ftcrm.contracts.settings import Settings
from ftcrm.mockserver.config import Config
from ftcrm.mockserver.server import Server

__all__ = ["asked_to_leave", "banner", "run", "serving_options"]

_OF_THE_SERVER = (
    *("rest", "amqp", "kafka", "kafka-advertised", "journal", "max-events", "max-body", "api-key", "admin-token"),
    "accept-invalid",
)
_Result = TypeVar("_Result")


def serving_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a server, which the command gets as `config`, and --json, as `as_json`."""

    @wraps(function)
    def command(*arguments: Any, settings: Settings, journal: str | None, **values: Any) -> Any:
        given = {name: values.pop(name) for name in Config.__struct_fields__ if name in values}
        config = Config(**given, journal=None if journal is None else Path(journal), rules=settings)
        return function(*arguments, config=config, **values)

    options: tuple[Callable[[Any], Any], ...] = (
        *map(setting_option, _OF_THE_SERVER),
        rule_settings(),
        click.option(
            "--json",
            "as_json",
            is_flag=True,
            envvar=variable_of("--json"),
            help="Print one line of JSON with the addresses instead of a banner.",
        ),
    )
    made: Callable[..., Any] = command
    return reduce(lambda decorated, option: option(decorated), reversed(options), made)


def run(main: Coroutine[Any, Any, _Result]) -> _Result:
    """Run it to its end, on the quickest loop that there is."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(main)


def asked_to_leave() -> asyncio.Event:
    """Set by SIGINT and SIGTERM, from now on."""
    leave = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, leave.set)
    return leave


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
