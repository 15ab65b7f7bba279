"""What is known of every rule beside what it says: the kind of its faults, and what it rests on."""

import pytest

from ftcrm.contracts import RULES
from ftcrm.contracts.rules import Scope, rule

SHARED = {
    "currency-unknown": "FT115 FT205",
    "datatype-mismatch": "FT111 FT119 FT203",
    "empty-id": "FT129 FT208",
    "misspelt-property": "FT131 FT207",
    "payload-unreadable": "FT100 FT101 FT102 FT103 FT104",
    "required-missing": "FT107 FT110 FT201 FT202",
    "timestamp-not-rfc3339": "FT117 FT206",
    "value-not-accepted": "FT112 FT204",
}
ABSENCE = """
    FT301 FT305 FT306 FT307 FT308 FT309 FT310 FT314 FT318 FT319 FT320 FT322 FT401 FT404 FT405 FT406 FT407 FT409 FT501
    FT502 FT503 FT504 FT505 FT506 FT507 FT601 FT602 FT605
"""
ARRIVAL = "FT305 FT405 FT502"
OFF = "FT130 FT190 FT191 FT192 FT603 FT604 FT605"


def test_a_kind_is_a_name_but_where_several_rules_find_the_same_in_several_places() -> None:
    shared = {code: kind for kind, codes in SHARED.items() for code in codes.split()}
    assert {code: rule.kind for code, rule in RULES.items()} == {
        code: shared.get(code, rule.name) for code, rule in RULES.items()
    }


@pytest.mark.parametrize(("attribute", "codes"), [("absence", ABSENCE), ("arrival", ARRIVAL)])
def test_what_rests_on_an_absence_or_on_arrival_is_known(attribute: str, codes: str) -> None:
    assert sorted(code for code, rule in RULES.items() if getattr(rule, attribute)) == codes.split()


def test_what_is_off_by_default_is_known() -> None:
    assert sorted(code for code, rule in RULES.items() if not rule.default) == OFF.split()


@pytest.mark.parametrize(("code", "name"), [("FT301", "a-name-of-its-own"), ("FT999", "settlement-without-bet")])
def test_a_code_and_a_name_are_taken_once(code: str, name: str) -> None:
    enter = rule(code, name, Scope.ROUND, clause="delivery")
    with pytest.raises(ValueError, match=rf"rule {code} \({name}\): the code or the name is taken"):
        enter(lambda _: iter(()))
    assert RULES["FT301"].name == "settlement-without-bet"
    assert "FT999" not in RULES
