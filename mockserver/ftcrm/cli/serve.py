"""`ftcrm serve`: the stand-in server."""

import json
import sys

import click

from ftcrm.cli.serving import asked_to_leave, banner, run, serving_options
from ftcrm.mockserver.config import Config
from ftcrm.mockserver.server import Server

__all__ = ["banner", "command"]


@click.command("serve", short_help="Stand in for FT CRM: REST, RabbitMQ and Kafka in one process.")
@serving_options
def command(*, config: Config, as_json: bool) -> None:
    """Stand in for FT CRM: take casino and bonus events over REST, RabbitMQ and Kafka.

    Every option is a setting: a flag, a variable (FTCRM_MAX_EVENTS for --max-events; FTCRM_SELECT takes several,
    separated by blanks or commas) or, all but --json, a line of ftcrm.toml or of [tool.ftcrm] in pyproject.toml. A
    flag is stronger than a variable, a variable than a file; `ftcrm config` shows what comes from where.
    """
    run(_serve(Server(config), as_json=as_json))


async def _serve(server: Server, *, as_json: bool) -> None:
    leave = asked_to_leave()
    await server.start()
    click.echo(json.dumps(server.addresses()) if as_json else banner(server))
    sys.stdout.flush()
    await leave.wait()
    await server.stop()
