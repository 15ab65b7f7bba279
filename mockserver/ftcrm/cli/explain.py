"""`ftcrm explain`: one rule's page."""

from difflib import get_close_matches

import click

from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.rules import RULES
from ftcrm.contracts.rules.pages import rule_page

__all__ = ["command"]


@click.command()
@click.argument("rule")
def command(rule: str) -> None:
    """Explain RULE, by its code (FT301) or its name (settlement-without-bet)."""
    by_name = {known.name: known for known in RULES.values()}
    found = RULES.get(rule.upper()) or by_name.get(rule.lower())
    if found is None:
        close = get_close_matches(rule.upper(), RULES, n=1) or get_close_matches(rule.lower(), by_name, n=1)
        meant = f"; did you mean {close[0]}?" if close else "; `ftcrm rules` lists them"
        raise ConfigurationError(f"expected the code or the name of a rule, got {rule!r}{meant}")
    click.echo(rule_page(found), nl=False)
