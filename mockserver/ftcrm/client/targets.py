"""Where to send: the three kinds of URL, and how they are shown without their passwords."""

import re
from importlib import import_module
from types import ModuleType
from urllib.parse import urlsplit

import msgspec

from ftcrm.contracts.errors import ConfigurationError, SendError
from ftcrm.contracts.messages import Connector

__all__ = ["Target", "required_module", "unreachable", "without_password"]

_CONNECTORS: dict[str, Connector] = {
    "http": "rest",
    "https": "rest",
    "amqp": "rabbitmq",
    "amqps": "rabbitmq",
    "kafka": "kafka",
}
_PUBLIC = "guest"
"""The password that every broker has at first."""
_LOGIN = re.compile(r"^(\w*://)?.*@", re.DOTALL)
_EXAMPLES = "http://HOST:PORT, amqp://USER:PASSWORD@HOST:PORT/VHOST or kafka://HOST:PORT/TOPIC"


class Target(msgspec.Struct, frozen=True):
    """A URL that events can be sent to; `shown` is the URL without user, password and query, for messages."""

    url: str
    connector: Connector
    shown: str
    host: str | None

    @classmethod
    def parse(cls, url: str) -> "Target":
        """The target that the URL names.

        Raises:
            ConfigurationError: its scheme is none of http, https, amqp, amqps, kafka, or it names no host.
        """
        try:
            parts = urlsplit(url)
            connector = _CONNECTORS.get(parts.scheme)
            address = parts.netloc.rpartition("@")[2]
            host = parts.hostname
        except ValueError:
            # Its text may have the password.
            raise ConfigurationError(f"target: expected {_EXAMPLES}, got {_without_login(url)!r}") from None
        if connector is None or not address:
            raise ConfigurationError(f"target: expected {_EXAMPLES}, got {_without_login(url)!r}")
        return cls(url, connector, f"{parts.scheme}://{address}{parts.path}", host)

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine, which no proxy of the environment is asked to reach."""
        return self.host in ("localhost", "::1") or (self.host or "").startswith("127.")

    @property
    def is_encrypted(self) -> bool:
        """Whether it is reached over TLS; else no certificates are read, which takes longer than most calls."""
        return self.url.startswith(("https:", "amqps:"))


def without_password(url: str, *, instead: str = "") -> str:
    """The URL without its password, or with `instead` in its place; one that everybody knows (guest) stays."""
    parts = urlsplit(url)
    login, at, address = parts.netloc.rpartition("@")
    user, colon, password = login.partition(":")
    if not colon or password == _PUBLIC:
        return url
    return parts._replace(netloc=f"{user}{colon if instead else ''}{instead}{at}{address}").geturl()


def unreachable(shown: str, error: BaseException, *, doing: str, advice: str) -> SendError:
    """What was tried, what came of it, and what to do."""
    name = type(error).__name__
    found = f"{name}: {str(error).removeprefix(name + ': ')}".removesuffix(": ")
    return SendError(f"{shown}: expected to {doing}, got {found}; {advice}")


def required_module(name: str, *, wanted_for: str) -> ModuleType:
    """A package of the extra `clients`, imported now.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        install = "pip install 'ftcrm-mock[clients]'"
        raise ConfigurationError(f"{wanted_for}: expected the package {name}, got none installed: {install}") from None


def _without_login(text: str) -> str:
    """What is no URL, and so cannot be taken apart, without all that may be a user and a password."""
    return _LOGIN.sub(r"\1", text)
