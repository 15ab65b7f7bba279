"""The rules' pages are those of the rules."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from ftcrm.cli import main
from ftcrm.contracts.rules import RULES
from ftcrm.contracts.rules.docs import summary_of
from ftcrm.contracts.rules.pages import FAMILIES, rule_page, rules_index

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
    assert result.stdout == rule_page(RULES["FT301"])
    assert "> First we should receive a Casino Event with Type Bet with round_id set as 12345" in result.stdout


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
    assert written == {"clauses.md", "rules/README.md", *(f"rules/{code}.md" for code in RULES)}
