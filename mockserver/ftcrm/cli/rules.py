"""`ftcrm rules`: the catalogue."""

from pathlib import Path

import click
import msgspec

from ftcrm.contracts.rules import RULES
from ftcrm.contracts.rules.docs import summary_of
from ftcrm.contracts.rules.pages import rule_page, rule_view, rules_index

__all__ = ["command"]


@click.command()
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--write",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write a page for each rule, and a list of them, into this folder instead.",
)
def command(style: str, folder: Path | None) -> None:
    """List the rules: code, name, confidence, and what each finds."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "README.md").write_text(rules_index(), encoding="utf-8")
        for code, rule in RULES.items():
            (folder / f"{code}.md").write_text(rule_page(rule), encoding="utf-8")
        click.echo(f"wrote {len(RULES)} pages into {folder}")
    elif style == "json":
        click.echo(msgspec.json.encode([rule_view(rule) for _, rule in sorted(RULES.items())]))
    else:
        width = max(len(rule.name) for rule in RULES.values())
        for code, rule in sorted(RULES.items()):
            click.echo(f"{code}  {rule.name:{width}}  {rule.confidence:10}  {summary_of(rule)}")
