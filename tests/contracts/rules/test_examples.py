"""The examples of the catalogue: what a docstring shows draws its rule, and what it says to use instead does not."""

import math
from typing import Any

import msgspec
import pytest

from ftcrm.contracts import RULES, Confidence, Finding, History, Message, Ruleset, Verdict, judge
from ftcrm.contracts.rules import Scope
from ftcrm.contracts.rules.docs import SECTIONS, Example, example_of, sections_of
from ftcrm.contracts.rules.registry import EVENT_SCOPES

CODES = sorted(RULES)


def shown(code: str, section: str) -> Example:
    return example_of(sections_of(RULES[code])[section])


def ruleset_of(example: Example, code: str) -> Ruleset:
    chosen = (*example.settings.extend_select, code)
    return Ruleset(msgspec.structs.replace(example.settings, extend_select=chosen))


def findings_of(example: Example, ruleset: Ruleset) -> list[Finding]:
    """Every finding of the sequence: the events' own, then those of the rounds, of the bonuses and across them."""
    history = History(ruleset=ruleset)
    found: list[Finding] = []
    for seq, step in enumerate(example.steps, 1):
        if step.message is not None:
            judgement = judge(step.message, ruleset, received_at=step.at)
            found += judgement.findings
            history.add(seq, judgement, at=step.at)
        elif step.closes:
            history.close()
        else:
            history.pass_deadlines(step.at)
    assert not history.refresh()
    for kept in (history.rounds, history.bonuses, history.across):
        for _, findings in kept.flagged():
            found += findings
    return found


@pytest.mark.parametrize("code", CODES)
def test_every_rule_says_all_that_there_is_to_read_of_it(code: str) -> None:
    sections = sections_of(RULES[code])
    assert tuple(sections) == SECTIONS
    assert all(len(text) > 15 for text in sections.values())


@pytest.mark.parametrize("code", CODES)
def test_the_example_draws_the_rule(code: str) -> None:
    example = shown(code, "Example")
    rule = RULES[code]
    drawn = [finding for finding in findings_of(example, ruleset_of(example, code)) if finding.rule == code]
    assert drawn
    for finding in drawn:
        assert (finding.name, finding.kind, finding.confidence) == (rule.name, rule.kind, rule.confidence)
        assert finding.message
        assert set(finding.witness) <= set(range(1, len(example.steps) + 1))
        assert bool(finding.witness) is (rule.scope not in EVENT_SCOPES)


@pytest.mark.parametrize("code", CODES)
def test_no_step_of_the_example_is_too_much(code: str) -> None:
    """The smallest witness: a sequence of which one message were left out would not show the fault."""
    example = shown(code, "Example")
    ruleset = ruleset_of(example, code)
    for left_out in range(len(example.steps)):
        rest = tuple(step for index, step in enumerate(example.steps) if index != left_out)
        fewer = msgspec.structs.replace(example, steps=rest)
        assert code not in {finding.rule for finding in findings_of(fewer, ruleset)}, f"step {left_out + 1}"


@pytest.mark.parametrize("code", CODES)
def test_what_to_use_instead_draws_nothing(code: str) -> None:
    instead = shown(code, "Use instead")
    assert [(finding.rule, finding.message) for finding in findings_of(instead, ruleset_of(instead, code))] == []


@pytest.mark.parametrize("code", [code for code in CODES if RULES[code].scope in EVENT_SCOPES])
def test_a_documented_event_rule_makes_a_violation_and_a_weaker_one_never_does(code: str) -> None:
    example = shown(code, "Example")
    (step,) = example.steps
    assert isinstance(step.message, Message)
    judged = judge(step.message, ruleset_of(example, code), received_at=step.at)
    if RULES[code].kind == "payload-unreadable":
        assert judged.verdict is Verdict.UNREADABLE
    else:
        documented = Confidence.DOCUMENTED in {finding.confidence for finding in judged.findings}
        assert (judged.verdict is Verdict.VIOLATION) is documented


@pytest.mark.parametrize("code", [code for code in CODES if RULES[code].scope not in (*EVENT_SCOPES, Scope.ACROSS)])
def test_rules_that_do_not_say_so_rest_on_no_order_of_arrival(code: str) -> None:
    """Asked alone: turned round, an example may show another fault, too, that this one is implied by."""
    example = shown(code, "Example")
    ruleset = Ruleset(msgspec.structs.replace(example.settings, select=(code,)))
    messages = [step for step in example.steps if step.message is not None]
    others = [step for step in example.steps if step.message is None]
    turned = msgspec.structs.replace(example, steps=(*reversed(messages), *others))
    found = {finding.rule for finding in findings_of(turned, ruleset)}
    assert (code in found) is not RULES[code].arrival


@pytest.mark.parametrize(
    ("ulps", "rule"), [(0, None), (1, "FT114"), (2, "FT114"), (3, "FT113"), (-2, "FT114"), (-3, "FT113")]
)
def test_two_ulp_are_an_artefact_of_adding_doubles_and_three_are_not(feed: Any, ulps: int, rule: str | None) -> None:
    def number(value: float) -> msgspec.Raw:
        return msgspec.Raw(repr(value).encode())

    wallets = {"wager_amount": number(0.5), "bonus_wager_amount": number(0.25)}
    judged = feed.judge({**feed.clean, **wallets, "amount": number(0.75 + ulps * math.ulp(0.75))})
    assert [finding.rule for finding in judged.findings] == ([rule] if rule else [])
