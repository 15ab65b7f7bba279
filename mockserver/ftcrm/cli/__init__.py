"""The command `ftcrm`. A subcommand's module, and what that imports, is loaded when the subcommand is called.

Exit codes are contract: 0 fine, 1 violations, 2 usage, 3 nothing was received or checked, 4 a connector could not be
reached (and 130 interrupted).
"""

from importlib import import_module

import click

from ftcrm.contracts.errors import FtcrmError, SendError

__all__ = ["main"]

_COMMANDS = {
    "bonuses": "List the bonuses of a file of events.",
    "check": "Judge a file of events offline.",
    "config": "Show every setting, and where it comes from.",
    "explain": "Explain one rule: what it finds, and the clause it rests on.",
    "fuzz": "Find where a live target differs from the reference.",
    "mutations": "List what can go wrong in a history, by name.",
    "players": "List the players of a file of events, with their segmentation data.",
    "questions": "Ask what the rounds of a file depend on that the contract leaves open.",
    "rounds": "List the rounds of a file of events.",
    "rules": "List the rules.",
    "schema": "Print the contract as JSON Schema, OpenAPI or AsyncAPI.",
    "send": "Send a file of events to a connector.",
    "serve": "Run the stand-in server.",
    "sessions": "List the game sessions of a file of events.",
    "watch": "Judge what a sender sends, and end when it is done.",
}
_UNREACHABLE, _USAGE, _INTERRUPTED = 4, 2, 130


class _Commands(click.Group):
    """Finds subcommands by name, and turns our exceptions into one line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the help."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand, imported now."""
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"ftcrm.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of the subcommands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        """Call the subcommand."""
        try:
            return super().invoke(ctx)
        except FtcrmError as error:
            click.echo(f"ftcrm: {error}", err=True)
            ctx.exit(_UNREACHABLE if isinstance(error, SendError) else _USAGE)
        except KeyboardInterrupt:
            ctx.exit(_INTERRUPTED)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ftcrm-mock", prog_name="ftcrm")
def main() -> None:
    """A stand-in for FT CRM's real-time event feed, and a checker of what is sent to it."""
