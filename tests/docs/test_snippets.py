"""The documentation does what it says: its snippets run, and its tables have everything."""

import json
import re
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner
from starlette.routing import Route

from ftcrm.cli import main
from ftcrm.cli.configfile import read_nearest_settings
from ftcrm.cli.serve import banner, command
from ftcrm.cli.settings import SETTINGS
from ftcrm.cli.variables import FLAGS_ALONE, variable_of
from ftcrm.contracts.construct import construct
from ftcrm.contracts.findings import Confidence, Verdict
from ftcrm.contracts.messages import Connector, Message
from ftcrm.contracts.rounds import RoundState
from ftcrm.contracts.views import player_view, session_view
from ftcrm.mockserver.admin import AdminApi
from ftcrm.mockserver.admin.derived import BONUSES, FINDING_FILTERS, ROUNDS
from ftcrm.mockserver.admin.players import PLAYER_FILTERS
from ftcrm.mockserver.admin.sessions import SESSION_FILTERS
from ftcrm.mockserver.config import Config
from ftcrm.mockserver.journal import FILTERS, Disposition
from ftcrm.mockserver.server import Server

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
SERVE = (ROOT / "docs/serve.md").read_text()
SETTINGS_PAGE = (ROOT / "docs/settings.md").read_text()
ADMIN = (ROOT / "docs/admin-api.md").read_text()


def snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    journal = str(tmp_path_factory.mktemp("served") / "events.journal")
    ports = ["--rest", "127.0.0.1:0", "--amqp", "127.0.0.1:0", "--kafka", "127.0.0.1:0"]
    serve = [sys.executable, "-m", "ftcrm.cli", "serve", "--json", "--journal", journal, *ports]
    process = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield {**json.loads(process.stdout.readline()), "journal": journal}
    process.terminate()
    assert process.wait(20) == 0
    process.stdout.close()


def here(snippet: str, served: dict[str, str]) -> str:
    """The snippet with this server's addresses in place of the default ones, and this Python in place of .venv's."""
    amqp = served["amqp"].partition("@")[2].partition("/")[0]
    return (
        snippet.replace("http://127.0.0.1:8080", served["rest"])
        .replace("127.0.0.1:5672", amqp)
        .replace(".venv/bin/ftcrm", f"{sys.executable} -m ftcrm.cli")
    )


def round_of(served: dict[str, str], round_id: str) -> Any:
    with urllib.request.urlopen(f"{served['admin']}/rounds/casino.example/42/{round_id}") as answer:  # noqa: S310
        return json.load(answer)


@pytest.mark.integration
def test_the_shell_snippets_of_the_readme_settle_a_round(served: dict[str, str]) -> None:
    curl, check = snippets("bash")
    done = subprocess.run(["bash", "-euc", here(curl, served)], capture_output=True, text=True, check=True)
    first, second, found = (json.loads(part) for part in done.stdout.replace("}{", "}\n{").splitlines())
    assert (first["verdict"], second["verdict"]) == ("ok", "ok")
    assert (found["state"], found["outcome"]) == ("settled", "won")
    assert (found["bet"]["total"], found["win"]["total"], found["ggr"]["total"]) == ("20", "50", "-30")
    assert found["findings"] == []
    checked = subprocess.run(
        ["bash", "-euc", here(check, served)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "settled" in checked.stdout


@pytest.mark.integration
def test_the_pika_snippet_of_the_readme_settles_a_round(served: dict[str, str]) -> None:
    (snippet,) = snippets("python")
    subprocess.run([sys.executable, "-W", "error", "-c", here(snippet, served)], check=True)
    found = round_of(served, "R-2")
    assert (found["state"], found["win"]["total"], found["findings"]) == ("settled", "50", [])


@pytest.mark.integration
def test_the_readme_says_what_a_misspelt_status_draws(served: dict[str, str]) -> None:
    curl = snippets("bash")[0].replace("Approved", "Aproved")
    done = subprocess.run(["bash", "-euc", here(curl, served)], capture_output=True, text=True, check=True)
    error = json.loads(done.stdout.replace("}{", "}\n{").splitlines()[0])["error"]
    assert error["status"] == 400
    assert "did you mean 'Approved'?" in error["findings"][0]["message"]


@pytest.mark.integration
def test_the_journal_is_read_while_it_serves_as_the_options_page_says(served: dict[str, str]) -> None:
    (statement,) = re.findall(r'^sqlite3 -readonly events.journal "(.*)"$', SERVE, re.MULTILINE)
    event = (ROOT / "examples/scenario-a.jsonl").read_bytes().splitlines()[0]
    request = urllib.request.Request(f"{served['rest']}/v1/integration/casino", event)  # noqa: S310
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        seq = json.load(answer)["seq"]
    with closing(sqlite3.connect(f"file:{served['journal']}?mode=ro", uri=True)) as reading:
        assert (seq, "rest", "CASINO", "ok", event) in reading.execute(statement).fetchall()
        tables = {name for (name,) in reading.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables == {"entries", "counters"}
    assert all(f"`{name}`" in SERVE for name in tables)


def test_the_options_page_has_every_option_of_serve() -> None:
    flags = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    of_rules = {setting.flag for setting in SETTINGS.values() if setting.of_rules}
    assert flags - of_rules - {"--help", "--config"} == set(re.findall(r"^\| `(--[a-z-]+)", SERVE, re.MULTILINE))
    assert of_rules <= flags


def test_the_options_page_has_a_configuration_that_loads(tmp_path: Path) -> None:
    (snippet,) = re.findall(r"```toml\n(.*?)```", SERVE, re.DOTALL)
    path = tmp_path / "ftcrm.toml"
    path.write_text(snippet)
    assert read_nearest_settings(tmp_path).values["currencies.extra"].value == ["BTC", "USDT"]


@pytest.mark.parametrize("page", [SERVE, SETTINGS_PAGE], ids=["serve", "settings"])
def test_the_options_pages_name_variables_that_there_are(page: str) -> None:
    named = set(re.findall(r"FTCRM_[A-Z]\w+", page)) - {"FTCRM_SELCT", *map(variable_of, FLAGS_ALONE)}
    assert named
    assert named <= {setting.variable for setting in SETTINGS.values()} | {"FTCRM_CONFIG", "FTCRM_JSON"}


def test_the_banner_of_the_readme_is_the_banner() -> None:
    server = Server(Config())
    server.rest, server.amqp, server.kafka = server.config.rest, server.config.amqp, server.config.kafka
    assert snippets("console") == [f"$ make serve\n{banner(server)}\n"]


def test_make_serve_installs_what_the_senders_need() -> None:
    done = subprocess.run(
        ["make", "--dry-run", "--always-make", "serve"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "--editable '.[clients]'" in done.stdout


def test_the_admin_page_has_every_route_filter_and_verdict() -> None:
    api = AdminApi(None)  # type: ignore[arg-type] - the routes are what is looked at
    routes = {route.path for route in api._application.routes if isinstance(route, Route)}
    names = {path.removeprefix("/_ftcrm/").partition("/")[0] for path in routes}
    assert names == set(re.findall(r"`(?:GET|POST) ([a-z.]+)", ADMIN))
    rows = {row.partition("`")[0]: row for row in re.findall(r"^\| `GET (.*)$", ADMIN, re.MULTILINE)}
    for name, filters in (
        ("events", FILTERS),
        ("rounds", ROUNDS.filters),
        ("sessions", SESSION_FILTERS),
        ("players", PLAYER_FILTERS),
        ("bonuses", BONUSES.filters),
        ("findings", FINDING_FILTERS),
    ):
        listed = re.search(r"Filters: `([a-z_ ]+)`", rows[name])
        assert listed is not None
        assert set(listed[1].split()) == filters


def test_the_admin_page_has_every_value_and_every_field() -> None:
    checked = CliRunner().invoke(main, ["check", str(ROOT / "examples/broken.jsonl"), "--format", "json"])
    answer = json.loads(checked.stdout)
    (a_round, *_), (a_bonus, *_) = answer["rounds"], answer["bonuses"]
    finding = next(each for event in answer["events"] for each in event["findings"])
    values = {*Verdict, *Confidence, *get_args(RoundState), *get_args(Disposition), *get_args(Connector)}
    events = (ROOT / "examples/scenario-a.jsonl").read_bytes().splitlines()
    made = construct(Message("rest", event, "CASINO") for event in events)
    a_session, a_player = session_view(made.sessions[0]), player_view(made.players[0])
    parts = [
        a_session["games"][0],
        *(part for part in a_player.values() if isinstance(part, dict) and "EUR" not in part),
    ]
    words = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]*)`", ADMIN))))
    for named in (map(str, values), a_round, finding, a_bonus, a_session, a_player, *parts):
        assert set(named) - words == set()
