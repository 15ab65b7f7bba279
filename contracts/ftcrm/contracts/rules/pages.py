"""What there is to read of a rule, generated from the rule itself: its page, and the list of all of them."""

import inspect
from collections.abc import Iterator
from typing import Any

from ftcrm.contracts.rules.registry import RULES, Rule

__all__ = ["FAMILIES", "rule_page", "rule_summary", "rule_view", "rules_index"]

FAMILIES: dict[str, str] = {
    "FT0": "Transport: how the message type came",
    "FT1": "The payload, and the fields of a casino event",
    "FT2": "The fields of a bonus event",
    "FT3": "The events of one round together",
    "FT4": "Rollbacks",
    "FT5": "Bonuses around rounds (Scenario B)",
}
"""What the first digit of a code says."""


def rule_summary(rule: Rule) -> str:
    """The first paragraph of what a rule says of itself, in one line."""
    return " ".join(inspect.cleandoc(rule.doc).partition("\n\n")[0].split())


def rule_view(rule: Rule) -> dict[str, Any]:
    """A rule as the admin API and `ftcrm rules --format json` list it."""
    return {
        "code": rule.code,
        "name": rule.name,
        "kind": rule.kind,
        "confidence": str(rule.confidence),
        "clause": rule.clause.id,
        "quote": "\n".join(rule.clause.quote),
        "summary": rule_summary(rule),
    }


def rule_page(rule: Rule) -> str:
    """A rule's page, in Markdown."""
    quoted = "\n".join(f"> {line}  " for line in rule.clause.quote)
    parts = [
        f"# {rule.code} {rule.name}",
        f"{FAMILIES[rule.code[:3]]}. Kind `{rule.kind}`, confidence *{rule.confidence}*.",
        inspect.cleandoc(rule.doc),
        f"It rests on the clause `{rule.clause.id}`:",
        quoted.rstrip(),
    ]
    if rule.absence:
        parts.append("It rests on something not being there: once the journal evicted anything of a run, it is silent.")
    return "\n\n".join(parts) + "\n"


def rules_index() -> str:
    """The list of all rules by family, in Markdown, with links to their pages."""
    return "\n".join(_index()) + "\n"


def _index() -> Iterator[str]:
    yield "# The rules"
    yield ""
    yield "Generated from the rules by `ftcrm rules --write docs/rules`; `ftcrm explain CODE` prints a page."
    for family, title in FAMILIES.items():
        yield from ("", f"## {title}", "", "| rule | name | confidence | |", "|---|---|---|---|")
        for code, rule in sorted(RULES.items()):
            if code.startswith(family):
                yield f"| [{code}]({code}.md) | {rule.name} | {rule.confidence} | {rule_summary(rule)} |"
