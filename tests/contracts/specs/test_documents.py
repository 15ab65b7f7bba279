"""The documents as bytes, and the files of the tree that hold them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ftcrm.contracts.specs
from ftcrm.contracts.specs import DOCUMENTS, document, documents

FOLDER = Path(ftcrm.contracts.specs.__file__).parent
PAGE = (Path(__file__).parents[3] / "docs" / "specs.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_file_in_the_tree_is_what_the_tables_give(name: str) -> None:
    stale = f"stale: run ftcrm schema --write {FOLDER}"
    assert (FOLDER / DOCUMENTS[name]).read_bytes() == document(name), stale


def test_the_tree_has_no_other_document() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == set(DOCUMENTS.values()) == set(documents())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_plain_json_text(name: str) -> None:
    text = document(name)
    assert text.isascii()
    assert text.endswith(b"}\n")
    assert json.loads(text)
    assert text == documents()[DOCUMENTS[name]]


def test_another_hash_seed_gives_the_same_bytes() -> None:
    program = (
        "import hashlib\n"
        "from ftcrm.contracts.specs import documents\n"
        "found = documents(extra_currencies=frozenset({'BTC', 'USDT', 'ETH', 'DOGE'}))\n"
        "print(hashlib.sha256(b''.join(found.values())).hexdigest())\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True, timeout=60
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_a_name_that_is_none_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="raml"):
        document("raml")


def test_the_snippet_of_the_page_runs() -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    done = subprocess.run([sys.executable, "-W", "error", "-c", snippet], capture_output=True, check=True, timeout=60)
    assert "$.status 'Aproved' is not one of ['Approved', 'Rollback']" in done.stdout.decode()


def test_the_page_has_every_document_and_annotation() -> None:
    assert all(f"| `{name}` | `{file}` |" in PAGE for name, file in DOCUMENTS.items())
    used = {key for name in ("casino", "bonus") for key in re.findall(r'"(x-ftcrm-[a-z-]+)"', document(name).decode())}
    assert {key for key in used if f"`{key}`" not in PAGE} == set()
