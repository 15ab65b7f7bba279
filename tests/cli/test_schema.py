import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ftcrm.cli import main
from ftcrm.contracts.specs import DOCUMENTS, document, documents


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_prints_the_document(name: str) -> None:
    result = CliRunner().invoke(main, ["schema", name])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout_bytes == document(name)


def test_it_writes_all_documents_and_says_where(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["schema", "--write", str(tmp_path)])
    assert (result.exit_code, result.stdout.split()) == (0, [str(tmp_path / file) for file in DOCUMENTS.values()])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == documents()


def test_it_writes_the_one_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text("stale")
    result = CliRunner().invoke(main, ["schema", "openapi", "--write", str(tmp_path)])
    assert result.exit_code == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"openapi.json": document("openapi")}


def test_it_takes_currencies_beyond_iso_4217() -> None:
    result = CliRunner().invoke(main, ["schema", "casino", "--extra-currency", "BTC", "--extra-currency", "USDT"])
    assert json.loads(result.stdout)["properties"]["currency"]["enum"][-2:] == ["BTC", "USDT"]
    result = CliRunner().invoke(main, ["schema", "casino", "--extra-currency", "SC", "--crypto-currency", "BTC"])
    assert json.loads(result.stdout)["properties"]["currency"]["enum"][-2:] == ["BTC", "SC"]


@pytest.mark.parametrize(
    "arguments", [[], ["raml"], ["casino", "bonus"], ["--write", "no-such-folder"], ["casino", "--format", "yaml"]]
)
def test_what_it_cannot_make_of_its_arguments_is_a_usage_error(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, ["schema", *arguments])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


def test_a_file_that_cannot_be_written_is_one_line_on_stderr(tmp_path: Path) -> None:
    (tmp_path / "openapi.json").mkdir()
    result = CliRunner().invoke(main, ["schema", "openapi", "--write", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (2, "")
    expected = f"ftcrm: {tmp_path / 'openapi.json'}: expected a file that can be written, got: "
    assert result.stderr.startswith(expected)
    assert result.stderr.count("\n") == 1
