"""Which rules are selected: what a selector names, how precisely, and what a misspelt one was meant to be."""

import pytest

from ftcrm.contracts import RULES, Ruleset, Settings
from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.rules import Hit, findings_of
from ftcrm.contracts.rules.ruleset import nearest_rule

DEFAULT = {code for code, rule in RULES.items() if rule.default}
OFF = sorted(set(RULES) - DEFAULT)


def selected(*select: str, ignore: tuple[str, ...] = (), extend: tuple[str, ...] = ()) -> set[str]:
    return set(Ruleset(Settings(select=select or None, ignore=ignore, extend_select=extend)).codes)


def test_what_is_off_wants_more_than_its_family() -> None:
    assert selected() == DEFAULT
    assert selected(extend=("FT1",)) == DEFAULT
    assert selected("FT1") == {code for code in DEFAULT if code.startswith("FT1")}
    assert selected("FT19") == {"FT190", "FT191", "FT192"}
    assert selected(extend=("FT130",)) == DEFAULT | {"FT130"}
    assert selected(extend=("unknown-property",)) == DEFAULT | {"FT130"}
    assert selected("ALL") == set(RULES)
    assert selected(extend=("ALL",)) == set(RULES)


def test_the_more_precise_selector_decides() -> None:
    assert selected("FT301", ignore=("FT3",)) == {"FT301"}
    assert selected("FT3", ignore=("FT301",)) == {code for code in DEFAULT if code.startswith("FT3")} - {"FT301"}
    assert selected(ignore=("ALL",)) == set()
    assert selected(ignore=("ALL",), extend=("FT301",)) == {"FT301"}
    assert selected("FT", ignore=("ALL",)) == DEFAULT
    assert selected(ignore=("FT1",)) == {code for code in DEFAULT if not code.startswith("FT1")}
    assert selected("ALL", ignore=("FT1",)) == {code for code in RULES if not code.startswith("FT1")}
    assert selected("FT3", ignore=("FT3",)) == set()


@pytest.mark.parametrize("selector", ["AL", "AA", "FT9", "ft301", "", "ALLE"])
def test_what_names_no_rule_is_refused(selector: str) -> None:
    with pytest.raises(ConfigurationError, match="expected the code or the name of a rule"):
        selected(selector)


@pytest.mark.parametrize(
    ("selector", "meant"), [("all", "'ALL'"), ("ft3", "'FT3'"), ("aa", None), ("FT3O1", "'FT301'")]
)
def test_what_was_meant_is_named(selector: str, meant: str | None) -> None:
    with pytest.raises(ConfigurationError) as refused:
        selected(selector)
    assert (
        ("did you mean " + (meant or "")) in str(refused.value) if meant else "did you mean" not in str(refused.value)
    )


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("FT3O1", "FT301"),
        ("FT500", None),
        ("FT99X", None),
        ("unknown-propertys", "unknown-property"),
        ("nothing like it", None),
    ],
)
def test_a_text_comes_near_to_a_code_or_a_name(text: str, near: str | None) -> None:
    assert nearest_rule(text) == near


def test_a_finding_says_where_and_by_what_it_is_shown() -> None:
    (finding,) = findings_of([(RULES["FT113"], Hit("said", "/amount", (3, 4)))])
    assert (finding.rule, finding.message, finding.pointer, finding.witness) == ("FT113", "said", "/amount", (3, 4))
