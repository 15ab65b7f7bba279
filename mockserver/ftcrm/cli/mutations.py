"""`ftcrm mutations`: the catalogue of what can go wrong in a history."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from ftcrm.cli.output import say
from ftcrm.contracts.errors import ConfigurationError

__all__ = ["command"]

_PAGE = "mutations.md"


@click.command()
@click.option(
    "--write",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help=f"Write {_PAGE}, with the rules that each draws, into this folder instead.",
)
def command(folder: Path | None) -> None:
    """List the mutations that `ftcrm fuzz` knows: name, findings, and what goes wrong.

    Without findings (-) are those whose round comes out otherwise, with nothing to be said about it.
    """
    mutations, page = _imported()
    if folder is not None:
        _write(folder / _PAGE, page())
        return
    findings = {name: " ".join(sorted(mutation.findings)) or "-" for name, mutation in mutations.items()}
    names, codes = max(map(len, findings)), max(map(len, findings.values()))
    for name, mutation in mutations.items():
        say(f"{name:{names}}  {findings[name]:{codes}}  {mutation.about}")


def _imported() -> tuple[Mapping[str, Any], Callable[[], str]]:
    """The catalogue and what makes its page, imported now: they need Hypothesis, and so does the type Mutation."""
    try:
        from ftcrm.strategies.mutations import MUTATIONS  # noqa: PLC0415
        from ftcrm.strategies.mutations.page import mutations_page  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        install = "pip install 'ftcrm-mock[strategies]'"
        raise ConfigurationError(f"mutations: expected the package hypothesis, got none installed: {install}") from None
    return MUTATIONS, mutations_page


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: expected a file that can be written, got: {error.strerror}") from error
    say(str(path))
