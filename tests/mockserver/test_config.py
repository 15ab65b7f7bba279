"""Addresses as options give them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts.errors import ConfigurationError
from ftcrm.mockserver.config import Address

PORTS = st.integers(0, 65_535)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("localhost:8080", "localhost", 8080),
        ("8080", "127.0.0.1", 8080),
        (":0", "127.0.0.1", 0),
        ("[::1]:80", "::1", 80),
        ("::1:80", "::1", 80),
        ("0.0.0.0:65535", "0.0.0.0", 65535),  # noqa: S104
        ("example.com:00080", "example.com", 80),
    ],
)
def test_an_address_is_host_and_port(text: str, host: str, port: int) -> None:
    assert Address.parse(text, option="--rest") == Address(host, port)


@pytest.mark.parametrize(
    "text", ["", ":", "host", "host:", "[::1]", "host:65536", "host:-1", "host:+1", "host:1_0", "host:٣", "host: 1"]
)
def test_anything_else_is_refused_by_the_name_of_the_option(text: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Address.parse(text, option="--amqp")
    assert str(refused.value) == f"--amqp: expected HOST:PORT with a port from 0 to 65535, got {text!r}"


@given(text=st.text() | st.integers(0).map("host:{}".format) | st.just("host:" + "9" * 5_000))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    try:
        address = Address.parse(text, option="--kafka")
    except ConfigurationError:
        return
    assert 0 <= address.port <= 65_535
    assert address.host


@given(host=st.sampled_from(["localhost", "::1", "fe80::1", "10.0.0.1", "example.com"]), port=PORTS)
def test_an_address_is_read_back_from_its_text(host: str, port: int) -> None:
    assert Address.parse(str(Address(host, port)), option="--rest") == Address(host, port)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1", "0:0:0:0:0:0:0:1"])
def test_a_loopback_address_is_for_this_machine(host: str) -> None:
    assert Address(host, 1).is_loopback


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "10.0.0.1", "example.com", "127.example.com", "localhost.example.com", ""],  # noqa: S104
)
def test_any_other_address_is_not(host: str) -> None:
    """What is not surely this machine alone has the admin API guarded by a token."""
    assert not Address(host, 1).is_loopback
