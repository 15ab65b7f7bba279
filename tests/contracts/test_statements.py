"""docs/clauses.md is complete both ways: every line of the contract is there, and every rule beside what it checks."""

import re
from pathlib import Path

import pytest

from ftcrm.contracts import RULES
from ftcrm.contracts.findings import Confidence
from ftcrm.contracts.statements import STATEMENTS, Statement, statements_page

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENTED = [statement for statement in STATEMENTS if statement.confidence is Confidence.DOCUMENTED]


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def test_the_page_is_not_stale() -> None:
    assert (DOCS / "clauses.md").read_text(encoding="utf-8") == statements_page(), "run: ftcrm rules --write docs"


def test_every_line_of_the_contract_stands_there_once_and_in_its_order() -> None:
    contract = (DOCS / "casino-events.txt").read_text(encoding="utf-8")
    lines = [plain(line) for line in contract.splitlines() if line.strip()]
    assert [plain(line) for statement in DOCUMENTED for line in statement.lines] == lines


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.lines[0][:40])
def test_every_statement_has_its_rules_or_says_why_there_is_none(statement: Statement) -> None:
    assert statement.rules or statement.why
    assert set(statement.rules) <= set(RULES)
    assert set(re.findall(r"FT\d{3}", statement.why)) <= set(RULES)


@pytest.mark.parametrize("code", sorted(RULES))
def test_every_rule_stands_beside_a_statement_of_its_confidence(code: str) -> None:
    rule = RULES[code]
    beside = [statement for statement in STATEMENTS if code in statement.rules]
    assert {statement.confidence for statement in beside} == {rule.confidence}
    if rule.confidence is Confidence.DOCUMENTED:
        quoted = {plain(line) for statement in beside for line in statement.lines}
        assert {plain(line) for line in rule.clause.quote} & quoted
