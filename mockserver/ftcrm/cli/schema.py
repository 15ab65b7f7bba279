"""`ftcrm schema`: the contract as JSON Schema, OpenAPI and AsyncAPI, and the admin API as OpenAPI."""

from pathlib import Path

import click

from ftcrm.cli.options import rule_settings
from ftcrm.cli.output import say
from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.settings import Settings
from ftcrm.contracts.specs import DOCUMENTS, document

__all__ = ["command"]

_DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("name", metavar="|".join(DOCUMENTS), type=click.Choice(list(DOCUMENTS)), required=False)
@click.option("--write", "directory", metavar="DIR", type=_DIRECTORY, help="Write it, or all of them, into DIR.")
@rule_settings("currencies.extra", "crypto.currencies")
def command(name: str | None, directory: Path | None, settings: Settings) -> None:
    """Print a specification: JSON Schema 2020-12 of an event, OpenAPI 3.1 (REST, admin API) or AsyncAPI 3.0.

    Exits with 0 when it is printed or written, 2 when it cannot be.
    """
    if name is None and directory is None:
        raise click.UsageError(f"expected one of {', '.join(DOCUMENTS)}, or --write DIR for all of them")
    for chosen in DOCUMENTS if name is None else (name,):
        text = document(chosen, extra_currencies=settings.extra_currencies)
        if directory is None:
            say(text.decode().removesuffix("\n"))
        else:
            _write(directory / DOCUMENTS[chosen], text)


def _write(path: Path, text: bytes) -> None:
    try:
        path.write_bytes(text)
    except OSError as error:
        raise ConfigurationError(f"{path}: expected a file that can be written, got: {error.strerror}") from error
    say(str(path))
