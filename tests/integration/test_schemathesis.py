"""Schemathesis against a real server, from the server's own OpenAPI documents: all phases, all checks."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftcrm.contracts.specs.samples import BONUS_SAMPLES, CASINO_SAMPLES

pytestmark = pytest.mark.integration

COMMAND = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()", "run"]
OPTIONS = ["--seed", "1", "--generation-database", "none", "--no-color", "--output-truncate", "false"]
HOOKS = {"SCHEMATHESIS_HOOKS": "ftcrm.strategies.schemas"}
PAGE = (Path(__file__).parents[2] / "docs/schemathesis.md").read_text(encoding="utf-8")
TOKEN, KEY = "token-of-the-test", "key-of-the-test"


@pytest.fixture
def schemathesis(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`schemathesis run` in an empty folder, without what this environment says of it or of proxies."""
    env = {name: value for name, value in os.environ.items() if not re.match(r"(?i)schemathesis|.*_proxy$", name)}

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments, *OPTIONS],
            cwd=tmp_path,
            env={**env, **variables},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


def send_samples(server: Any) -> None:
    """The examples of the ingress, so that those of the admin API find something."""
    for event, samples in (("casino", CASINO_SAMPLES), ("bonus", BONUS_SAMPLES)):
        for _, payload in samples.values():
            answer = server.http.post(f"/v1/integration/{event}", json=payload, headers={"X-Api-Key": KEY})
            assert answer.status_code == 200, answer.text


def assert_nothing_was_found(done: subprocess.CompletedProcess[str], phases: str, *, operations: int) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    summary = done.stdout.partition("= SUMMARY =")[2]
    assert re.findall(r"✅ (\w+)\n", summary) == phases.title().split(",")
    assert f"{'Tested' if 'fuzzing' in phases else 'Selected'}: {operations}" in summary
    links = re.findall(r"API Links: +(\d+) covered", done.stdout)
    assert len(links) == phases.count("stateful")
    assert "0" not in links


@pytest.mark.parametrize(
    ("name", "phases", "examples"),
    [
        ("openapi.json", "examples,coverage,fuzzing,stateful", 15),
        ("admin.openapi.json", "examples,coverage,fuzzing", 8),
        # On a server of its own, for fuzzing resets the runs that links lead to.
        ("admin.openapi.json", "examples,stateful", 60),
    ],
)
def test_the_server_does_what_its_document_says(
    serve: Callable[..., Any],
    schemathesis: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
    name: str,
    phases: str,
    examples: int,
) -> None:
    """With our hooks, every check; the server has a key and a token, and the document is made to say so."""
    server = serve("--admin-token", TOKEN, "--api-key", KEY)
    send_samples(server)
    document = server.get(name)
    document["security"] = [each for each in document["security"] if each]
    (tmp_path / name).write_text(json.dumps(document))
    done = schemathesis(
        *(name, "--url", server.addresses["rest"], "--phases", phases, "--max-examples", str(examples)),
        # Of an operation whose only parameter is any text, Schemathesis finds hardly anything wrong to send.
        *("--suppress-health-check", "filter_too_much"),
        *("-H", f"Authorization: Bearer {TOKEN}", "-H", f"X-Api-Key: {KEY}"),
        **HOOKS,
    )
    assert_nothing_was_found(done, phases, operations=len(document["paths"]))


def test_a_gateway_with_a_document_of_its_own_is_run_as_the_page_says(
    serve: Callable[..., Any], schemathesis: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """The stand-in plays the gateway: its document has our formats, and a sum that no coverage case may break."""
    for language, name in (("python", "hooks.py"), ("json", "gateway.json")):
        (snippet,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
        (tmp_path / name).write_text(snippet)
    command = "SCHEMATHESIS_HOOKS=hooks.py schemathesis run gateway.json --url http://127.0.0.1:8080 --mode positive"
    assert command in PAGE
    server = serve()
    options = ("--mode", "positive", "--max-examples", "15")
    done = schemathesis("gateway.json", "--url", server.addresses["rest"], *options, SCHEMATHESIS_HOOKS="hooks.py")
    assert done.returncode == 0, done.stdout + done.stderr
    sent = server.events()
    assert "1" in {entry["event"]["vendor_id"] for entry in sent}
    assert len({entry["event"]["round_id"] for entry in sent}) > 1


def test_without_hooks_only_what_no_schema_says_is_left_out(
    serve: Callable[..., Any], schemathesis: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    server = serve()
    document, phases = f"{server.addresses['admin']}/openapi.json", "examples,fuzzing,stateful"
    done = schemathesis(
        *(document, "--phases", phases, "--max-examples", "15", "--exclude-checks", "positive_data_acceptance")
    )
    assert_nothing_was_found(done, phases, operations=4)


def test_without_hooks_what_no_schema_says_is_found(
    serve: Callable[..., Any], schemathesis: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    server = serve()
    done = schemathesis(
        *(f"{server.addresses['admin']}/openapi.json", "--include-operation-id", "sendCasino"),
        *("--phases", "fuzzing", "--mode", "positive", "--max-examples", "15"),
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Schema-valid request rejected" in done.stdout
    assert '"rule":"FT113"' in done.stdout or '"rule":"FT117"' in done.stdout
