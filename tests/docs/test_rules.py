"""The rules' pages are those of the rules."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from ftcrm.cli import main
from ftcrm.contracts.rules import RULES
from ftcrm.contracts.rules.docs import NOTATION, summary_of
from ftcrm.contracts.rules.pages import FAMILIES, rule_page, rules_index
from ftcrm.contracts.rules.ruleset import nearest_rule

PAGES = Path(__file__).parents[2] / "docs" / "rules"


def test_the_pages_are_not_stale() -> None:
    wanted = {f"{code}.md": rule_page(rule) for code, rule in RULES.items()} | {"README.md": rules_index()}
    found = {path.name: path.read_text(encoding="utf-8") for path in PAGES.iterdir()}
    assert found == wanted, "run: ftcrm rules --write docs"


def test_every_rule_is_in_a_family_and_says_what_it_finds() -> None:
    for code, rule in RULES.items():
        assert code[:3] in FAMILIES
        assert summary_of(rule).endswith((".", '"'))
        assert f"[{code}]({code}.md)" in rules_index()


@pytest.mark.parametrize("asked", ["FT301", "ft301", "settlement-without-bet"])
def test_a_rule_is_explained_by_code_and_by_name(asked: str) -> None:
    result = CliRunner().invoke(main, ["explain", asked])
    assert result.exit_code == 0
    page, link, _ = rule_page(RULES["FT301"]).partition("How to read an example: [the rules](README.md#examples).")
    assert link, "a page has the link that a terminal could not follow"
    assert result.stdout == f"{page}{NOTATION}\n"
    assert "> First we should receive a Casino Event with Type Bet with round_id set as 12345" in result.stdout


def test_several_rules_are_explained_one_after_the_other_each_once() -> None:
    result = CliRunner().invoke(main, ["explain", "FT302", "FT301", "settlement-without-bet"])
    assert result.exit_code == 0
    assert [line[:7] for line in result.stdout.splitlines() if line.startswith("# ")] == ["# FT302", "# FT301"]
    assert result.stdout.count(NOTATION) == 1
    refused = CliRunner().invoke(main, ["explain", "FT301", "FT999"])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert CliRunner().invoke(main, ["explain"]).exit_code == 2


@pytest.mark.parametrize("asked", ["FT", "FT1", "ft3", "FT30", "FT6", *sorted({code[:4] for code in RULES})])
def test_the_beginning_of_codes_is_answered_with_how_to_list_them(asked: str) -> None:
    beginning = asked.upper()
    many = sum(code.startswith(beginning) for code in RULES)
    result = CliRunner().invoke(main, ["explain", asked])
    assert result.exit_code == 2
    listed = len(CliRunner().invoke(main, ["rules", "--select", beginning]).stdout.splitlines())
    codes = "1 code" if many == 1 else f"{many} codes"
    them = "them" if listed == many else f"the {listed} that are on by default"
    assert result.stderr == (
        f"ftcrm: expected the code or the name of a rule, got {asked!r}; {beginning} is the beginning of {codes}; "
        f"`ftcrm rules --select {beginning}` lists {them}\n"
    )


@pytest.mark.parametrize("asked", ["FT9", "FT99", "FT500", "FT999", "ft999", "FT9O9"])
def test_a_well_formed_code_of_no_rule_is_no_misspelling(asked: str) -> None:
    assert nearest_rule(asked) is None
    result = CliRunner().invoke(main, ["explain", asked])
    assert (result.exit_code, "did you mean" in result.stderr) == (2, False)
    assert result.stderr.endswith(f"got {asked!r}; `ftcrm rules` lists them\n")


@pytest.mark.parametrize(("asked", "meant"), [("FT3O1", "FT301"), ("settlement-witout-bet", "settlement-without-bet")])
def test_a_misspelt_rule_is_answered_with_the_one_that_was_meant(asked: str, meant: str) -> None:
    result = CliRunner().invoke(main, ["explain", asked])
    assert result.exit_code == 2
    assert f"did you mean {meant}?" in result.stderr


def test_the_list_names_every_rule_in_the_order_of_the_codes() -> None:
    lines = CliRunner().invoke(main, ["rules"]).stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [[code, rule.name] for code, rule in sorted(RULES.items())]


def test_pages_are_written_where_one_says(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["rules", "--write", str(tmp_path / "pages")])
    assert result.exit_code == 0
    written = {path.relative_to(tmp_path / "pages").as_posix() for path in (tmp_path / "pages").rglob("*.md")}
    assert written == {"clauses.md", "rounds.md", "rules/README.md", *(f"rules/{code}.md" for code in RULES)}
