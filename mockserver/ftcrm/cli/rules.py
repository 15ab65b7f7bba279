"""`ftcrm rules`: the catalogue."""

from pathlib import Path

import click
import msgspec

from ftcrm.cli.options import SELECTORS, rule_settings, source_of
from ftcrm.cli.settings import SETTINGS
from ftcrm.contracts.families import rounds_page
from ftcrm.contracts.rules import RULES, Ruleset
from ftcrm.contracts.rules.docs import summary_of
from ftcrm.contracts.rules.pages import rule_page, rule_view, rules_index
from ftcrm.contracts.settings import Settings
from ftcrm.contracts.statements import statements_page

__all__ = ["command"]


@click.command()
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--write",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write clauses.md, rounds.md and rules/ (a page for each rule, and a list of them) into this folder instead.",
)
@click.option("--selected", is_flag=True, help="List the rules that the settings select, and no others.")
@rule_settings(*SELECTORS)
@click.pass_context
def command(context: click.Context, style: str, folder: Path | None, *, selected: bool, settings: Settings) -> None:
    """List the rules: code, name, confidence, and what each finds.

    A rule whose confidence stands in brackets is off until it is selected. With --selected, or when rules are selected
    or ignored by a flag, those are listed that the settings let speak.
    """
    asked = selected or any(source_of(context, SETTINGS[name]).kind == "flag" for name in SELECTORS)
    codes = sorted(Ruleset(settings).codes if asked else RULES)
    if folder is not None:
        _write(folder)
    elif style == "json":
        click.echo(msgspec.json.encode([rule_view(RULES[code]) for code in codes]))
    else:
        width = max((len(RULES[code].name) for code in codes), default=0)
        for code in codes:
            rule = RULES[code]
            confidence = str(rule.confidence) if rule.default else f"({rule.confidence})"
            click.echo(f"{code}  {rule.name:{width}}  {confidence:12}  {summary_of(rule)}")


def _write(folder: Path) -> None:
    pages = {"clauses.md": statements_page(), "rounds.md": rounds_page(), "rules/README.md": rules_index()}
    pages |= {f"rules/{code}.md": rule_page(rule) for code, rule in RULES.items()}
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    click.echo(f"wrote {len(pages)} pages into {folder}")
