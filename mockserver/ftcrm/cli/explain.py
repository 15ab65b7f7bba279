"""`ftcrm explain`: one rule's page."""

import click

from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.rules import RULES
from ftcrm.contracts.rules.pages import rule_page
from ftcrm.contracts.rules.ruleset import nearest_rule

__all__ = ["command"]


@click.command()
@click.argument("rule")
def command(rule: str) -> None:
    """Explain RULE, by its code (FT301) or its name (settlement-without-bet)."""
    by_name = {known.name: known for known in RULES.values()}
    found = RULES.get(rule.upper()) or by_name.get(rule.lower())
    if found is None:
        close = nearest_rule(rule)
        meant = f"; did you mean {close}?" if close else "; `ftcrm rules` lists them"
        raise ConfigurationError(f"expected the code or the name of a rule, got {rule!r}{meant}")
    click.echo(rule_page(found), nl=False)
