"""What there is to read of a rule, generated from the rule itself: its page, and the list of all of them."""

from collections.abc import Iterable, Iterator
from typing import Any

from ftcrm.contracts.rules.docs import NOTATION, sections_of, summary_of
from ftcrm.contracts.rules.registry import RULES, Rule

__all__ = ["FAMILIES", "explained", "rule_page", "rule_view", "rules_index"]

FAMILIES: dict[str, str] = {
    "FT0": "Transport: how the message type came",
    "FT1": "The payload, and the fields of a casino event",
    "FT2": "The fields of a bonus event",
    "FT3": "The events of one round together",
    "FT4": "Rollbacks",
    "FT5": "Bonuses around rounds (Scenario B)",
    "FT6": "Players, games and currencies across events",
}
"""What the first digit of a code says."""
_CODE_SECTIONS = frozenset({"Example", "Use instead"})


def rule_view(rule: Rule) -> dict[str, Any]:
    """A rule as the admin API and `ftcrm rules --format json` list it."""
    return {
        "code": rule.code,
        "name": rule.name,
        "kind": rule.kind,
        "confidence": str(rule.confidence),
        "default": rule.default,
        "clause": rule.clause.id,
        "quote": "\n".join(rule.clause.quote),
        "summary": summary_of(rule),
    }


def rule_page(rule: Rule) -> str:
    """A rule's page, in Markdown."""
    return "\n\n".join((*_page(rule), "How to read an example: [the rules](README.md#examples).")) + "\n"


def explained(rules: Iterable[Rule]) -> str:
    """What the pages of these rules say, and how to read their examples: a terminal can follow no link."""
    return "\n\n".join((*(part for rule in rules for part in _page(rule)), NOTATION)) + "\n"


def _page(rule: Rule) -> Iterator[str]:
    quoted = "\n".join(f"> {line}  " for line in rule.clause.quote)
    yield f"# {rule.code} {rule.name}"
    yield f"{FAMILIES[rule.code[:3]]}. Kind `{rule.kind}`, confidence *{rule.confidence}*."
    yield summary_of(rule)
    yield f"It rests on the clause `{rule.clause.id}`:"
    yield quoted.rstrip()
    yield from _notes(rule)
    for section, text in sections_of(rule).items():
        yield f"## {section}"
        yield f"```\n{text}\n```" if section in _CODE_SECTIONS else text


def _notes(rule: Rule) -> Iterator[str]:
    if not rule.default:
        yield f"It is off until it is selected: `--extend-select {rule.code}`."
    if rule.arrival:
        yield "It rests on the order in which the events arrived."
    if rule.absence:
        yield "It rests on something not being there: once the journal evicted anything of a run, it is silent."


def rules_index() -> str:
    """The list of all rules by family, in Markdown, with links to their pages."""
    return "\n".join(_index()) + "\n"


def _index() -> Iterator[str]:
    yield "# The rules"
    yield ""
    yield "Generated from the rules by `ftcrm rules --write docs`; `ftcrm explain CODE` prints a page."
    yield "A rule whose confidence stands in brackets is off until it is selected."
    for family, title in FAMILIES.items():
        yield from ("", f"## {title}", "", "| rule | name | confidence | |", "|---|---|---|---|")
        for code, rule in sorted(RULES.items()):
            if code.startswith(family):
                confidence = str(rule.confidence) if rule.default else f"({rule.confidence})"
                yield f"| [{code}]({code}.md) | {rule.name} | {confidence} | {summary_of(rule)} |"
    yield from ("", "## Examples", "", NOTATION)
