import subprocess
import sys

import pytest

from ftcrm.client.targets import Target, required_module
from ftcrm.contracts.errors import ConfigurationError


@pytest.mark.parametrize(
    ("url", "connector", "shown"),
    [
        ("http://127.0.0.1:8080/runs/a", "rest", "http://127.0.0.1:8080/runs/a"),
        ("https://user:secret@host", "rest", "https://host"),
        ("amqp://user:secret@host:5672/vhost?exchange=x", "rabbitmq", "amqp://host:5672/vhost"),
        ("amqps://host", "rabbitmq", "amqps://host"),
        ("kafka://user:se%40cret@one:1,two:2/topic", "kafka", "kafka://one:1,two:2/topic"),
    ],
)
def test_the_scheme_names_the_connector_and_no_secret_is_shown(url: str, connector: str, shown: str) -> None:
    target = Target.parse(url)
    assert (target.connector, target.shown) == (connector, shown)


@pytest.mark.parametrize("url", ["", "host:80", "ftp://host", "http://", "amqp:///vhost", "http://[::1"])
def test_a_url_of_another_kind_is_refused_with_the_kinds_that_there_are(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Target.parse(url)
    assert "expected http://HOST:PORT, amqp://" in str(caught.value)


def test_a_refused_url_keeps_its_password_to_itself() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Target.parse("redis://user:secret@host")
    assert "secret" not in str(caught.value)
    assert "redis://host" in str(caught.value)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [("http://127.0.0.1:1", True), ("http://localhost", True), ("http://[::1]:1", True), ("http://example.com", False)],
)
def test_this_machine_is_known_by_its_names(url: str, loopback: bool) -> None:
    assert Target.parse(url).is_loopback is loopback


def test_a_missing_library_is_named_with_what_to_install() -> None:
    with pytest.raises(ConfigurationError) as caught:
        required_module("ftcrm_no_such_library", wanted_for="http://host")
    assert "ftcrm_no_such_library" in str(caught.value)
    assert "pip install 'ftcrm-mock[clients]'" in str(caught.value)


def test_importing_the_clients_imports_none_of_their_libraries() -> None:
    program = (
        "import sys, ftcrm.client\n"
        "sys.exit(', '.join({'httpx', 'aiormq', 'aiokafka', 'rich', 'hypothesis'} & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr.strip()) == (0, "")


@pytest.mark.parametrize(("scheme", "encrypted"), [("http", False), ("https", True), ("amqp", False), ("amqps", True)])
def test_certificates_matter_where_the_scheme_says_so(scheme: str, encrypted: bool) -> None:
    assert Target.parse(f"{scheme}://host:1").is_encrypted is encrypted
