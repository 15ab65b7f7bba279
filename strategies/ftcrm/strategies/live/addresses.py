"""Where the three connectors of a server listen, out of what its user says."""

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.messages import Connector

__all__ = ["Addresses"]

_PORTS = {"http": 80, "amqp": 5672, "kafka": 9092}
_EXAMPLES = {"http": "http://HOST:PORT", "amqp": "amqp://USER:PASSWORD@HOST:PORT", "kafka": "HOST:PORT"}


class Addresses(NamedTuple):
    """Host and port of each connector that is used, RabbitMQ's login, and the token of the admin API."""

    at: dict[Connector, tuple[str, int]]
    user: str = "guest"
    password: str = "guest"  # noqa: S105 - what every RabbitMQ begins with
    token: str | None = None

    @classmethod
    def parse(cls, rest: str, amqp: str | None, kafka: str | None, *, token: str | None = None) -> "Addresses":
        """The addresses that `ftcrm serve` shows; the virtual host of a RabbitMQ URL is not looked at.

        Raises:
            ConfigurationError: one of them is no address of its kind.
        """
        at: dict[Connector, tuple[str, int]] = {"rest": _host_and_port("http", rest)}
        login = ("guest", "guest")
        if amqp is not None:
            at["rabbitmq"] = _host_and_port("amqp", amqp)
            parts = urlsplit(amqp)
            if parts.username is not None:
                login = unquote(parts.username), unquote(parts.password or "")
        if kafka is not None:
            at["kafka"] = _host_and_port("kafka", kafka)
        return cls(at, *login, token)


def _host_and_port(scheme: str, text: str) -> tuple[str, int]:
    wrong = ConfigurationError(f"expected {_EXAMPLES[scheme]}, got {text!r}")
    try:
        parts = urlsplit(text if "//" in text else f"{scheme}://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme != scheme or not host:
        raise wrong
    return host, port or _PORTS[scheme]
