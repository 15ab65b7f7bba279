"""What `ftcrm serve` makes of its flags, its variables and its file, before anything listens."""

import asyncio
import json
import re
import urllib.request
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from ftcrm.cli import main
from ftcrm.cli.serve import banner, command
from ftcrm.cli.settings import SETTINGS
from ftcrm.contracts.rounds import Readings
from ftcrm.contracts.settings import Settings
from ftcrm.mockserver.config import Address, Config
from ftcrm.mockserver.server import Server

FLAGS = [option.opts[0] for option in command.params if isinstance(option, click.Option)]
VARIABLES = {"FTCRM_" + flag.removeprefix("--").replace("-", "_").upper(): flag for flag in FLAGS}
SAMPLES: dict[str, tuple[str, Any]] = {
    "FTCRM_REST": ("127.0.0.1:1", Address("127.0.0.1", 1)),
    "FTCRM_AMQP": ("127.0.0.1:2", Address("127.0.0.1", 2)),
    "FTCRM_KAFKA": ("127.0.0.1:3", Address("127.0.0.1", 3)),
    "FTCRM_KAFKA_ADVERTISED": ("broker.example:4", Address("broker.example", 4)),
    "FTCRM_JOURNAL": ("some.journal", Path("some.journal")),
    "FTCRM_MAX_EVENTS": ("5", 5),
    "FTCRM_MAX_BODY": ("6", 6),
    "FTCRM_API_KEY": ("k-1", "k-1"),
    "FTCRM_ADMIN_TOKEN": ("t-1", "t-1"),
    "FTCRM_ACCEPT_INVALID": ("1", True),
    "FTCRM_SELECT": ("FT3,FT1 sum-mismatch", ("FT3", "FT1", "sum-mismatch")),
    "FTCRM_EXTEND_SELECT": ("FT3", ("FT3",)),
    "FTCRM_IGNORE": ("FT302", ("FT302",)),
    "FTCRM_EXTRA_CURRENCY": ("BTC  USDT", frozenset({"BTC", "USDT"})),
    "FTCRM_BASE_CURRENCY": ("EUR", "EUR"),
    "FTCRM_CRYPTO_CURRENCY": ("BTC,ETH", frozenset({"BTC", "ETH"})),
    "FTCRM_CRYPTO_FIELD": ("chain,wallet", ("chain", "wallet")),
    "FTCRM_ROUND_DEADLINE": ("24h", 86400.0),
    "FTCRM_CLOCK_AHEAD": ("90s", 90.0),
    "FTCRM_READING": ("end-flag=settles repeats=every", Readings(end_flag="settles", repeats="every")),
    "FTCRM_SESSION_GAP": ("5m", 300.0),
    "FTCRM_RFM_RECENCY": ("1,2,3,4", (1, 2, 3, 4)),
    "FTCRM_RFM_FREQUENCY": ("5 6 7 8", (5, 6, 7, 8)),
    "FTCRM_RFM_MONETARY": ("0.5,1,2,3", (Decimal("0.5"), 1, 2, 3)),
}


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Config, bool]]:
    """The configurations that a server was started with, and whether JSON was asked for; none is started here."""
    seen: list[tuple[Config, bool]] = []

    async def stand_in(server: Server, *, as_json: bool) -> None:
        seen.append((server.config, as_json))

    monkeypatch.setattr("ftcrm.cli.serve._serve", stand_in)
    return seen


def _serve(*options: str, **variables: str) -> Result:
    return CliRunner().invoke(main, ["serve", *options], env=variables)


def _refused(result: Result) -> str:
    """The one line on standard error of a usage error."""
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("ftcrm: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.mark.parametrize("name", SAMPLES)
def test_an_option_has_a_variable_that_works(started: list[tuple[Config, bool]], name: str) -> None:
    text, value = SAMPLES[name]
    assert _serve(**{name: text}).exit_code == 0
    ((config, _),) = started
    (setting,) = [each for each in SETTINGS.values() if each.variable == name]
    assert getattr(config.rules if setting.of_rules else config, setting.parameter) == value


def test_the_file_and_the_json_line_have_variables_too(started: list[tuple[Config, bool]], tmp_path: Path) -> None:
    path = tmp_path / "ftcrm.toml"
    path.write_text("[ftcrm]\nmax-events = 7\nmax-body = 8\n")
    assert _serve(FTCRM_CONFIG=str(path), FTCRM_JSON="1", FTCRM_MAX_BODY="9").exit_code == 0
    ((config, as_json),) = started
    assert (config.max_events, config.max_body, as_json) == (7, 9, True)


def test_no_option_is_without_such_a_variable() -> None:
    assert VARIABLES.keys() == SAMPLES.keys() | {"FTCRM_CONFIG", "FTCRM_JSON"}


def test_the_help_names_variables_that_there_are() -> None:
    named = set(re.findall(r"FTCRM_[A-Z_]+", _serve("--help").stdout))
    assert named
    assert named <= VARIABLES.keys()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("FTCRM_RESTT", "FTCRM_REST"),
        ("FTCRM_EXTRA_CURRENCIES", "FTCRM_EXTRA_CURRENCY"),
        ("FTCRM_MAXEVENTS", "FTCRM_MAX_EVENTS"),
        ("FTCRM_APIKEY", "FTCRM_API_KEY"),
    ],
)
def test_a_misspelt_variable_is_refused_with_what_was_meant(
    started: list[tuple[Config, bool]], name: str, meant: str
) -> None:
    said = _refused(_serve(**{name: "x"}))
    assert name in said
    assert repr(meant) in said
    assert not started


@pytest.mark.parametrize(
    "name",
    [
        "FTCRM_URL",
        "FTCRM_ADMIN_URL",
        "FTCRM_REST_URL",
        "FTCRM_RUN",
        "FTCRM_TEST",
        "FTCRM_KAFKA_PORT",
        "FTCRM_",
        "FTCRMREST",
    ],
)
def test_a_variable_of_something_else_is_left_alone(started: list[tuple[Config, bool]], name: str) -> None:
    assert _serve(**{name: "x"}).exit_code == 0
    assert started


@pytest.mark.parametrize("flag", ["--api-key", "--admin-token"])
@pytest.mark.parametrize("value", ["", "  ", " k-1", "k-1\n", "k\n1"])
def test_a_secret_that_no_header_could_carry_is_refused(
    started: list[tuple[Config, bool]], tmp_path: Path, flag: str, value: str
) -> None:
    said = _refused(_serve(flag, value))
    assert flag in said
    assert "k-1" not in said
    path = tmp_path / "ftcrm.toml"
    key = flag.removeprefix("--")
    path.write_text(f"[ftcrm]\n{key} = {value!r}\n".replace("'", '"'))
    assert _refused(_serve("--config", str(path))).startswith(f"ftcrm: {path}: {key}: expected what a header can carry")
    assert not started


@pytest.mark.parametrize("flag", ["--rest", "--amqp", "--kafka", "--kafka-advertised"])
@pytest.mark.parametrize("url", ["http://127.0.0.1:8081", "http://127.0.0.1", "kafka://[::1:2/topic"])
def test_a_url_is_no_address(started: list[tuple[Config, bool]], flag: str, url: str) -> None:
    assert f"{flag}: expected HOST:PORT, got a URL, {url!r}" in _refused(_serve(flag, url))
    assert not started


def test_what_a_file_may_say(started: list[tuple[Config, bool]], tmp_path: Path) -> None:
    path = tmp_path / "ftcrm.toml"
    path.write_text(
        '[ftcrm]\nrest = 0\namqp = "[::1]:0"\nmax_events = 5\naccept-invalid = true\n'
        '[ftcrm.currencies]\nextra = ["BTC", "USDT"]\n'
    )
    assert _serve("--config", str(path)).exit_code == 0
    ((config, _),) = started
    assert (config.rest, config.amqp) == (Address("127.0.0.1", 0), Address("::1", 0))
    assert (config.max_events, config.accept_invalid) == (5, True)
    assert config.rules.extra_currencies == {"BTC", "USDT"}


def test_a_number_that_is_none_is_named_with_its_option(started: list[tuple[Config, bool]]) -> None:
    for given in ("1k", "0", "-1", "1.5", "\u0661", "9" * 5000):
        assert _refused(_serve("--max-body", given)) == (
            f"ftcrm: --max-body: expected a whole number from 1 on, got {given!r}\n"
        )
    said = _refused(_serve(FTCRM_MAX_BODY="1k"))
    assert said == "ftcrm: FTCRM_MAX_BODY: expected a whole number from 1 on, got '1k'\n"
    assert not started


def test_an_address_that_is_none_is_named_with_its_place(started: list[tuple[Config, bool]], tmp_path: Path) -> None:
    path = tmp_path / "ftcrm.toml"
    path.write_text('[ftcrm]\nrest = "nowhere"\n')
    for place, result in (
        ("--rest", _serve("--rest", "nowhere")),
        ("FTCRM_REST", _serve(FTCRM_REST="nowhere")),
        (f"{path}: rest", _serve("--config", str(path))),
    ):
        assert _refused(result) == f"ftcrm: {place}: expected HOST:PORT with a port from 0 to 65535, got 'nowhere'\n"
    assert not started


def test_the_rules_of_the_nearest_file_are_those_of_the_server(
    started: list[tuple[Config, bool]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.ftcrm]\nignore = ["FT3"]\nextend-select = ["FT301"]\n')
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path / "a")
    assert _serve("--base-currency", "EUR").exit_code == 0
    ((config, _),) = started
    assert config.rules == Settings(ignore=("FT3",), extend_select=("FT301",), base_currency="EUR")


def test_the_server_judges_by_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: Callable[..., bytes]
) -> None:
    verdicts: list[str] = []

    def post(url: str, event: bytes) -> str:
        request = urllib.request.Request(f"{url}/v1/integration/casino", event)  # noqa: S310
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            verdict: str = json.load(answer)["verdict"]
            return verdict

    async def stand_in(server: Server, *, as_json: bool) -> None:
        await server.start()
        url = server.addresses()["rest"]
        verdicts.append(await asyncio.to_thread(post, url, changed(amount=25)))
        verdicts.append(await asyncio.to_thread(post, url, changed(currency="DEM", activity_id="2")))
        await server.stop()

    (tmp_path / "ftcrm.toml").write_text('[ftcrm]\nrest = 0\namqp = 0\nkafka = 0\nignore = ["sum-mismatch"]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ftcrm.cli.serve._serve", stand_in)
    result = _serve()
    assert (result.exit_code, result.stderr) == (0, "")
    assert verdicts == ["ok", "undocumented"]


def _banner(**settings: Any) -> str:
    server = Server(Config(**settings))
    server.rest, server.amqp, server.kafka = server.config.rest, server.config.amqp, server.config.kafka
    return banner(server)


def test_a_banner_on_loopback_says_nothing_of_the_network() -> None:
    assert "network" not in _banner()
    assert "token" not in _banner()


def test_a_banner_of_what_is_bound_to_every_address_says_so() -> None:
    everywhere = {"rest": Address("0.0.0.0", 1), "amqp": Address("::", 2), "kafka": Address("0.0.0.0", 3)}  # noqa: S104
    (line,) = [line for line in _banner(**everywhere).splitlines() if line.startswith("  network")]
    for word in ("REST", "admin", "RabbitMQ", "Kafka", "localhost", "--kafka-advertised"):
        assert word in line
    told = _banner(**everywhere, kafka_advertised=Address("broker.example", 3))
    (line,) = [line for line in told.splitlines() if line.startswith("  network")]
    assert "localhost" not in line
    assert "broker.example:3" in line


def test_a_banner_names_only_what_the_network_reaches() -> None:
    (line,) = [line for line in _banner(amqp=Address("10.0.0.1", 2)).splitlines() if line.startswith("  network")]
    assert "RabbitMQ" in line
    assert "REST" not in line
    assert "Kafka" not in line
