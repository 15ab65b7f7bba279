"""`ftcrm explain`: what rules find, as their pages say it."""

import click

from ftcrm.cli.output import say
from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.rules import RULES, Rule, Ruleset
from ftcrm.contracts.rules.pages import explained
from ftcrm.contracts.rules.ruleset import nearest_rule
from ftcrm.contracts.settings import Settings

__all__ = ["command"]


@click.command()
@click.argument("rules", metavar="RULE...", nargs=-1, required=True)
def command(rules: tuple[str, ...]) -> None:
    """Explain each RULE, by its code (FT301) or its name (settlement-without-bet)."""
    found = {rule.code: rule for rule in map(_rule_called, rules)}
    say(explained(found.values()).removesuffix("\n"))


def _rule_called(asked: str) -> Rule:
    by_name = {rule.name: rule for rule in RULES.values()}
    if found := RULES.get(asked.upper()) or by_name.get(asked.lower()):
        return found
    raise ConfigurationError(f"expected the code or the name of a rule, got {asked!r}; {_instead(asked)}")


def _instead(asked: str) -> str:
    """What to do: a beginning of codes is none of a rule, but a selector."""
    beginning = asked.upper()
    codes = {code for code in RULES if code.startswith(beginning)} if beginning.startswith("FT") else set()
    if not codes:
        close = nearest_rule(asked)
        return f"did you mean {close}?" if close else "`ftcrm rules` lists them"
    listed = len(Ruleset(Settings(select=(beginning,))).codes)
    them = "them" if listed == len(codes) else f"the {listed} that are on by default"
    many = f"{len(codes)} codes" if len(codes) > 1 else "1 code"
    return f"{beginning} is the beginning of {many}; `ftcrm rules --select {beginning}` lists {them}"
