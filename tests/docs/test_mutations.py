"""docs/mutations.md is what the catalogue says, complete, and leads where its links point."""

import re
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from ftcrm.cli import main
from ftcrm.contracts.rules import RULES, Ruleset
from ftcrm.contracts.settings import Settings
from ftcrm.strategies.mutations import MUTATIONS, SEQUENCES
from ftcrm.strategies.mutations.deliveries import DELIVERIES
from ftcrm.strategies.mutations.fields import FIELDS
from ftcrm.strategies.mutations.page import SPOKEN_OF_VALID, mutations_page

DOCS = Path(__file__).parents[2] / "docs"
PAGE = mutations_page()
RULE_ROWS = dict(re.findall(r"^\| \[(FT\d{3})\]\(rules/FT\d{3}\.md\) \| [a-z0-9-]+ \| (.*) \|$", PAGE, re.MULTILINE))
MUTATION_ROWS = dict(re.findall(r'^\| <a id="([a-z0-9-]+)"></a>`\1` \| (.*) \|$', PAGE, re.MULTILINE))


def test_the_page_is_not_stale() -> None:
    assert (DOCS / "mutations.md").read_text(encoding="utf-8") == PAGE, "run: ftcrm mutations --write docs"


def test_every_rule_is_drawn_by_a_mutation_and_by_those_that_the_page_names() -> None:
    drawn = {code: [name for name, each in MUTATIONS.items() if code in each.findings] for code in sorted(RULES)}
    assert {code for code, names in drawn.items() if not names} == SPOKEN_OF_VALID.keys()
    named = {code: re.findall(r"\[([a-z0-9-]+)\]\(#\1\)", row) for code, row in RULE_ROWS.items()}
    assert named == drawn
    assert list(RULE_ROWS) == sorted(RULES)


def test_a_rule_that_no_mutation_draws_is_off_by_default() -> None:
    assert {RULES[code].default for code in SPOKEN_OF_VALID} == {False}


def test_every_mutation_has_a_row_with_its_findings_its_outcome_and_its_settings() -> None:
    assert list(MUTATION_ROWS) == list(MUTATIONS)
    for name, row in MUTATION_ROWS.items():
        mutation = MUTATIONS[name]
        about, families, outcome, findings = row.split(" | ")
        assert about == mutation.about
        assert [int(number) for number in re.findall(r"\[(\d+)\]", families)] == list(mutation.families)
        assert outcome.startswith(f"`{mutation.outcome.state}`" if mutation.outcome.state else "no such round")
        assert outcome.endswith(f"<br>{mutation.outcome.says}")
        assert set(re.findall(r"\[(FT\d{3})\]", findings)) == mutation.findings
        assert findings.startswith("none") is (not mutation.findings)
        assert ("*closed*" in findings) is mutation.closes
        assert len(re.findall(r"`[a-z.-]+ = .+?`", findings)) == len(mutation.settings)


def test_every_finding_is_a_rule_that_speaks_with_the_settings_of_its_mutation() -> None:
    for mutation in MUTATIONS.values():
        assert mutation.findings <= Ruleset(Settings(**mutation.settings)).codes, mutation.name


def test_no_two_mutations_have_one_name() -> None:
    every = (*SEQUENCES, *FIELDS, *DELIVERIES)
    assert list(MUTATIONS) == [mutation.name for mutation in every]


def test_what_a_mutation_is_fits_into_a_row() -> None:
    abouts = [mutation.about for mutation in MUTATIONS.values()]
    assert [about for about in abouts if not re.fullmatch(r"[A-Z][^|\n]+\.", about) or len(about) > 120] == []


def test_links_lead_somewhere() -> None:
    links = set(re.findall(r"\]\(([^)]+)\)", PAGE))
    anchors = set(re.findall(r'<a id="([a-z0-9-]+)">', PAGE))
    assert {link[1:] for link in links if link.startswith("#")} <= anchors
    for file, _, anchor in (link.partition("#") for link in links if not link.startswith("#")):
        text = (DOCS / file).read_text(encoding="utf-8")
        assert not anchor or f'<a id="{anchor}">' in text or f"\n## {anchor.replace('-', ' ').capitalize()}\n" in text


def test_prose_is_wrapped() -> None:
    assert [line for line in PAGE.splitlines() if len(line) > 120 and not line.startswith("|")] == []


# -- the command -----------------------------------------------------------------------------------------------------


def test_the_list_has_every_mutation_with_its_findings() -> None:
    result = CliRunner().invoke(main, ["mutations"])
    assert (result.exit_code, result.stderr) == (0, "")
    rows = [re.split(r"\s{2,}", line) for line in result.stdout.splitlines()]
    assert rows == [
        [name, " ".join(sorted(mutation.findings)) or "-", mutation.about] for name, mutation in MUTATIONS.items()
    ]


def test_the_page_is_written_where_one_says(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["mutations", "--write", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path / 'mutations.md'}\n")
    assert (tmp_path / "mutations.md").read_text(encoding="utf-8") == PAGE


def test_a_folder_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "mutations.md").mkdir()
    for folder, said in ((tmp_path / "none", "does not exist"), (tmp_path, "expected a file that can be written")):
        result = CliRunner().invoke(main, ["mutations", "--write", str(folder)])
        assert (result.exit_code, result.stdout) == (2, "")
        assert said in result.stderr


def test_without_hypothesis_it_says_what_to_install() -> None:
    code = (
        "import sys\n"
        "sys.modules['hypothesis'] = None\n"
        "from ftcrm.cli import main\n"
        "main(['mutations'])\n"
    )  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    wanted = (
        "ftcrm: mutations: expected the package hypothesis, got none installed: pip install 'ftcrm-mock[strategies]'"
    )
    assert done.stderr == f"{wanted}\n"
