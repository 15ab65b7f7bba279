"""The clauses that findings cite, held against the published contract."""

import re
from pathlib import Path

import pytest

from ftcrm.contracts import RULES
from ftcrm.contracts.clauses import CLAUSES, Clause, clause
from ftcrm.contracts.events import BONUS_FIELDS, CASINO_FIELDS
from ftcrm.contracts.findings import Confidence
from ftcrm.contracts.rules import Scope, rule

CONTRACT = re.sub(r"\s+", " ", (Path(__file__).parents[2] / "docs" / "casino-events.txt").read_text(encoding="utf-8"))
FAMILIES = {
    Scope.TRANSPORT: range(1, 100),
    Scope.PAYLOAD: range(100, 110),
    Scope.CASINO: (*range(110, 200), 603),
    Scope.BONUS: (*range(200, 300), 604),
    Scope.ROUND: range(300, 500),
    Scope.ROUND_CLOSED: range(300, 400),
    Scope.ROUND_OVERDUE: range(300, 400),
    Scope.ROUND_SPLIT: range(300, 400),
    Scope.BONUS_HISTORY: range(500, 600),
    Scope.BONUS_CLOSED: range(500, 600),
    Scope.ACROSS: (*range(300, 400), *range(600, 700)),
}


@pytest.mark.parametrize("entry", CLAUSES.values(), ids=CLAUSES)
def test_documented_clauses_quote_the_contract_word_for_word(entry: Clause) -> None:
    assert entry.quote
    assert all(line.strip() for line in entry.quote)
    if entry.confidence is Confidence.DOCUMENTED:
        assert [line for line in entry.quote if re.sub(r"\s+", " ", line) not in CONTRACT] == []
    assert clause(entry.id) is entry


def test_every_clause_is_cited() -> None:
    cited = {entry.clause.id for entry in RULES.values()} | {field.clause for field in (*CASINO_FIELDS, *BONUS_FIELDS)}
    assert cited == set(CLAUSES)


@pytest.mark.parametrize("code", sorted(RULES))
def test_each_rule_has_a_code_of_its_family_and_says_what_it_finds(code: str) -> None:
    entry = RULES[code]
    assert re.fullmatch(r"FT\d{3}", code)
    assert int(code[2:]) in FAMILIES[entry.scope]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry.name)
    assert len(entry.doc.split()) > 3
    assert entry.confidence is entry.clause.confidence


def test_names_are_unique() -> None:
    assert len({entry.name for entry in RULES.values()}) == len(RULES)


@pytest.mark.parametrize(("code", "name"), [("FT110", "a-new-name"), ("FT199", "required-missing")])
def test_a_code_or_a_name_is_never_used_twice(code: str, name: str) -> None:
    known = dict(RULES)
    with pytest.raises(ValueError, match="taken"):
        rule(code, name, Scope.CASINO, clause="required")(lambda _: iter(()))
    assert known == RULES


def test_messages_that_name_a_clause_of_their_own_keep_the_confidence_of_the_rule() -> None:
    for field in CASINO_FIELDS:
        assert CLAUSES[field.clause].confidence is RULES["FT112"].confidence
