"""docs/rounds.md is what the cases say, quotes what the contract says, and leads where its links point."""

import re
import tomllib
from pathlib import Path

import pytest

from ftcrm.contracts.families import CASES, FAMILIES, SCENARIO_A, Family, rounds_page
from ftcrm.contracts.rounds import ASSUMPTIONS, STANDARD_READINGS, Readings
from ftcrm.contracts.rounds.definitions import DEFINITIONS, PRECISELY
from ftcrm.contracts.settings import settings_of

DOCS = Path(__file__).parents[2] / "docs"
PAGE = rounds_page()
CONTRACT = " ".join((DOCS / "casino-events.txt").read_text(encoding="utf-8").split())


def test_the_page_is_not_stale() -> None:
    assert (DOCS / "rounds.md").read_text(encoding="utf-8") == PAGE, "run: ftcrm rules --write docs"


def test_the_definitions_are_on_the_page_word_for_word() -> None:
    introduction, _, rest = DEFINITIONS.partition("\n## ")
    assert PAGE.startswith(introduction)
    assert f"\n## {rest}\n## Assumptions\n" in PAGE


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: str(family.number))
def test_a_family_is_in_the_list_and_has_its_place(family: Family) -> None:
    number, title = family.number, family.title
    assert f"| [{number}](#family-{number}) | {title} |" in PAGE
    assert f'<a id="family-{number}"></a>\n\n### {number}. {title}\n' in PAGE


def test_every_case_is_a_row_with_its_findings() -> None:
    rows = {tuple(row.split(" | ")) for row in re.findall(r"^\| (.*) \|$", PAGE, re.MULTILINE)}
    for case in CASES:
        (row,) = (row for row in rows if row[0] == case.name and f"{len(case.steps)}. " in row[1])
        assert row[1].count("<br>") == len(case.steps) - 1
        assert row[2].count("<br>") == len(case.rounds) + len(case.bonuses) - 1
        assert set(re.findall(r"FT\d{3}(?=\])", row[3])) == case.codes


def test_links_lead_somewhere() -> None:
    headings = re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    slugs = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    anchors = slugs | set(re.findall(r'<a id="([a-z0-9-]+)">', PAGE))
    links = re.findall(r"\]\(([^)]+)\)", PAGE)
    assert {link[1:] for link in links if link.startswith("#")} <= anchors
    files = {link for link in links if not link.startswith("#")}
    assert files
    assert [link for link in files if not (DOCS / link).is_file()] == []


@pytest.mark.parametrize("family", [SCENARIO_A, *FAMILIES], ids=lambda family: str(family.number))
def test_what_stands_in_quotation_marks_is_the_contracts(family: Family) -> None:
    quoted = re.findall(r'"([^"]+)"', family.authority)
    assert [words for words in quoted if words not in CONTRACT] == []
    assert re.match(r"(documented|vendor|inferred|unknown): ", family.authority)


def test_every_reading_is_there_to_the_letter_and_can_be_switched_as_it_says() -> None:
    assert {name: tuple(choice for choice, _ in readings) for name, readings in PRECISELY.items()} == {
        assumption.name: assumption.choices for assumption in ASSUMPTIONS
    }
    flags = re.findall(r"`--reading ([a-z=-]+)`", PAGE)
    lines = re.findall(r"`(readings = \[.*?\])` in ftcrm.toml", PAGE)
    values = re.findall(r'`Readings\(([a-z_]+)="([a-z-]+)"\)`', PAGE)
    assert len(flags) == len(lines) == len(values) == len(ASSUMPTIONS)
    for flag, line, (field, choice) in zip(flags, lines, values, strict=True):
        switched = settings_of({"readings": [flag]}).readings
        assert switched != STANDARD_READINGS
        assert settings_of(tomllib.loads(line)).readings == switched
        assert Readings(**{field: choice}) == switched  # type: ignore[arg-type]


def test_prose_is_wrapped() -> None:
    assert [line for line in PAGE.splitlines() if len(line) > 120 and not line.startswith("|")] == []


@pytest.mark.parametrize("page", ["README.md", "docs/admin-api.md"])
def test_the_page_is_linked_from_where_rounds_are_spoken_of(page: str) -> None:
    target = "docs/rounds.md" if page == "README.md" else "rounds.md"
    assert f"]({target})" in (DOCS.parent / page).read_text(encoding="utf-8")
