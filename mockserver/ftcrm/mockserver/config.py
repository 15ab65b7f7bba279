"""The settings of a stand-in server."""

import ipaddress
from pathlib import Path

import msgspec

from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.settings import Settings

__all__ = ["Address", "Config"]


class Address(msgspec.Struct, frozen=True):
    """Where a listener binds, or what it advertises."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str, *, option: str) -> "Address":
        """HOST:PORT, [IPV6]:PORT or PORT alone (127.0.0.1); ConfigurationError names the option."""
        if "://" in text:
            raise ConfigurationError(
                f"{option}: expected HOST:PORT, got a URL, {text!r}; leave out its scheme and path"
            )
        host, _, port = text.rpartition(":")
        if not port.isascii() or not port.isdecimal() or len(port) > 5 or int(port) > 65535:
            raise ConfigurationError(f"{option}: expected HOST:PORT with a port from 0 to 65535, got {text!r}")
        return cls(host.removeprefix("[").removesuffix("]") or "127.0.0.1", int(port))

    @property
    def is_wildcard(self) -> bool:
        """Whether it stands for every address of this machine."""
        try:
            return ipaddress.ip_address(self.host).is_unspecified
        except ValueError:
            return False

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that `ftcrm serve` can be told; sizes in bytes."""

    rest: Address = Address("127.0.0.1", 8080)
    amqp: Address = Address("127.0.0.1", 5672)
    kafka: Address = Address("127.0.0.1", 9092)
    kafka_advertised: Address | None = None
    """What Kafka clients connect to for everything but their first request; where it listens unless told."""
    journal: Path | None = None
    """The journal's file; memory when it is None."""
    max_events: int = 1_000_000
    """How many entries the journal holds before it evicts the oldest."""
    max_body: int = 1_048_576
    """The largest body of one event; what is larger is refused, its beginning kept."""
    api_key: str | None = None
    """When set, REST requests must carry it in the header X-Api-Key."""
    admin_token: str | None = None
    """When set, the admin API (but health and ready) wants `Authorization: Bearer TOKEN`."""
    accept_invalid: bool = False
    """Accept, and fold where they can be read, events that break a documented rule."""
    rules: Settings = Settings()
    """Which rules speak, and what they are told."""
