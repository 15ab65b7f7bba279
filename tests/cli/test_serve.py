"""What `ftcrm serve` makes of its flags, its variables and its file, before anything listens."""

import re
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from ftcrm.cli import main
from ftcrm.cli.serve import banner, command
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
    "FTCRM_EXTRA_CURRENCY": ("BTC  USDT", frozenset({"BTC", "USDT"})),
}
RULES = {"FTCRM_EXTRA_CURRENCY": "extra_currencies"}


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
    of_rules = RULES.get(name)
    assert getattr(config.rules if of_rules else config, of_rules or name.removeprefix("FTCRM_").lower()) == value


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
    path.write_text(f"[ftcrm]\n{flag.removeprefix('--')} = {value!r}\n".replace("'", '"'))
    assert flag in _refused(_serve("--config", str(path)))
    assert not started


@pytest.mark.parametrize("flag", ["--rest", "--amqp", "--kafka", "--kafka-advertised"])
@pytest.mark.parametrize("url", ["http://127.0.0.1:8081", "http://127.0.0.1", "kafka://[::1:2/topic"])
def test_a_url_is_no_address(started: list[tuple[Config, bool]], flag: str, url: str) -> None:
    assert f"{flag}: expected HOST:PORT, got a URL, {url!r}" in _refused(_serve(flag, url))
    assert not started


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('[ftcrm.currencies]\nextra = "BTC"', "currencies.extra: expected a list of codes"),
        ('[ftcrm.currencies]\nextra = ["BTC", 1]', "currencies.extra: expected a list of codes"),
        ('[ftcrm]\nmax-events = "many"', "max-events: expected a whole number, got 'many'"),
        ("[ftcrm]\nmax-events = true", "max-events: expected a whole number, got True"),
        ("[ftcrm]\nmax-body = 1.5", "max-body: expected a whole number, got 1.5"),
        ('[ftcrm]\naccept-invalid = "no"', "accept-invalid: expected true or false, got 'no'"),
        ('[ftcrm]\njournal = ["a"]', "journal: expected a text, got ['a']"),
        ("[ftcrm]\nadmin-token = 12", "admin-token: expected a text, got 12"),
        ("[ftcrm]\nrest = 1.5", "rest: expected a text, got 1.5"),
        ('[ftcrm.currencies]\nextre = ["BTC"]', "did you mean 'currencies.extra'?"),
    ],
)
def test_a_value_of_another_type_in_the_file_is_named_with_what_was_expected(
    started: list[tuple[Config, bool]], tmp_path: Path, line: str, words: str
) -> None:
    path = tmp_path / "ftcrm.toml"
    path.write_text(line + "\n")
    said = _refused(_serve("--config", str(path)))
    assert said.startswith(f"ftcrm: --config {path}: ")
    assert words in said
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
    result = _serve("--max-body", "1k")
    assert result.exit_code == 2
    assert "'--max-body': '1k'" in result.stderr


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
