"""The composition root: one process with three connectors, one journal, and what follows from it."""

import asyncio
import contextlib
import errno
import gc
import secrets
import socket
import time
from collections.abc import Callable, MutableMapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ftcrm.contracts import Ruleset
from ftcrm.contracts.errors import ConfigurationError, PortTakenError
from ftcrm.mockserver.admin import AdminApi
from ftcrm.mockserver.config import Address, Config
from ftcrm.mockserver.follower import Follower
from ftcrm.mockserver.intake import Intake
from ftcrm.mockserver.journal import SQLiteJournal
from ftcrm.mockserver.listeners.amqp import AmqpListener
from ftcrm.mockserver.listeners.http import HttpServer
from ftcrm.mockserver.listeners.kafka import COUNTER_PREFIX, KafkaListener
from ftcrm.mockserver.listeners.rest import KEEP_PREFIX, Receive, RestConnector, Send
from ftcrm.mockserver.protocol_errors import ProtocolErrors
from ftcrm.mockserver.protocols import kafka

__all__ = ["Server"]

_STARTS = "journal:starts"
_PRODUCERS_OF_A_START = 1 << 32
_GRACE_SECONDS = 2.0
_LOOK_SECONDS = 1.0
_LOOK_REST = 20
"""How many times as long as a look takes nothing is looked for after it."""
_GC_THRESHOLDS = (100_000, 20, 100)
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is bound, against what is dialled


class Server:
    """A stand-in for FT CRM. `start` returns when all three connectors listen; `stop` drains and closes."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.errors = ProtocolErrors()
        self.ready = False
        self.admin_token = config.admin_token
        if self.admin_token is None and not config.rest.is_loopback:
            self.admin_token = secrets.token_urlsafe(24)

    async def start(self) -> None:
        """Open the journal and all three listeners; ConfigurationError and JournalError say what is in the way."""
        config = self.config
        ruleset = Ruleset(config.rules)
        loop = asyncio.get_running_loop()
        bound: list[socket.socket] = []
        try:
            for address, option in ((config.rest, "--rest"), (config.amqp, "--amqp"), (config.kafka, "--kafka")):
                bound.append(_bind(address, option))
            self.journal = SQLiteJournal(config.journal)
        except BaseException:
            for opened in bound:
                opened.close()
            raise
        rest, amqp, kafka_socket = bound
        self.rest, self.amqp, self.kafka = map(_address_of, bound)
        self.follower = Follower(
            self.journal,
            soon=loop.call_soon,
            monotonic=time.monotonic,
            accept_invalid=config.accept_invalid,
            ruleset=ruleset,
        )
        self.intake = Intake(
            self.journal,
            self.follower,
            soon=loop.call_soon,
            clock=lambda: time.time_ns() // 1_000,
            accept_invalid=config.accept_invalid,
            ruleset=ruleset,
            max_events=config.max_events,
        )
        self.intake.abort_pending()
        await self._listen(rest, amqp, kafka_socket)
        self._looking = None
        if config.rules.round_deadline is not None:
            self._looking = loop.create_task(_look(self.intake.look_for_deadlines))
        self.ready = True
        # What was imported and built by now stays for good: the collector need not look at it again.
        gc.collect()
        gc.freeze()
        # What an event leaves behind has no cycles: looking for some every 700 objects costs a tenth of intake.
        gc.set_threshold(*_GC_THRESHOLDS)

    async def stop(self, *, last: Callable[[], None] = lambda: None) -> None:
        """Take no more, finish the open commit, answer for it, and close the journal.

        `last` is called when everything that was acknowledged is in the journal, which can still be read then.
        """
        self.ready = False
        if self._looking is not None:
            self._looking.cancel()
        for server in self._servers:
            server.close()
        self._http.should_exit = True
        self.intake.flush()
        self._amqp.close()
        self._kafka.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._http_task), _GRACE_SECONDS)
        self._http.abort()
        self._amqp.abort()
        await self._http_task
        while self.intake.waiting:
            self.intake.flush()
        try:
            last()
        finally:
            self.journal.close()

    @property
    def journal_path(self) -> Path | None:
        """The journal's file, None when it is kept in memory."""
        return self.config.journal

    def listening(self) -> dict[str, str]:
        """HOST:PORT of each connector."""
        return {"rest": str(self.rest), "rabbitmq": str(self.amqp), "kafka": str(self.kafka)}

    def addresses(self) -> dict[str, str]:
        """Where everything listens, as clients connect to it."""
        rest = _dialled(self.rest)
        found = {
            "rest": f"http://{rest}",
            "amqp": f"amqp://guest:guest@{_dialled(self.amqp)}/%2F",
            "kafka": str(_dialled(self.kafka)),
            "admin": f"http://{rest}/_ftcrm",
        }
        if self.admin_token is not None:
            found["admin_token"] = self.admin_token
        return found

    async def _listen(self, rest: socket.socket, amqp: socket.socket, kafka_socket: socket.socket) -> None:
        config = self.config
        loop = asyncio.get_running_loop()
        kafka.load()
        self._amqp = AmqpListener(self.intake, self.errors, version=version("ftcrm-mock"), max_body=config.max_body)
        self._kafka = KafkaListener(
            self._broker(), self.intake, self.errors, advertised=_advertised(config.kafka_advertised, self.kafka)
        )
        connector = RestConnector(self.intake, self.errors, max_body=config.max_body, api_key=config.api_key)
        admin = AdminApi(self)

        async def application(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
            target = admin if f"{scope['path']}/".startswith("/_ftcrm/") else connector
            await target(scope, receive, send)

        self._http = HttpServer(application, invalid=lambda reason, sample: self.errors.add("rest", reason, sample))
        self._servers = [
            await loop.create_server(self._amqp.connect, sock=amqp),
            await loop.create_server(self._kafka.connect, sock=kafka_socket),
        ]
        self._http_task = await self._http.serve_on(rest)

    def _broker(self) -> kafka.Broker:
        """Offsets go on where the journal ends; producer ids of another start never come again."""
        starts = self.journal.counters(_STARTS).get(_STARTS, 0)
        self.journal.append((), counters={_STARTS: starts + 1})
        offsets = {}
        for name, value in self.journal.counters(COUNTER_PREFIX).items():
            topic, _, partition = name.removeprefix(COUNTER_PREFIX).rpartition(":")
            offsets[topic, int(partition)] = value
        return kafka.Broker(
            next_offsets=offsets,
            first_producer_id=starts * _PRODUCERS_OF_A_START,
            limits=kafka.Limits(max_record=self.config.max_body, keep_prefix=KEEP_PREFIX),
        )


async def _look(look_for_deadlines: Callable[[], None]) -> None:
    """Look once a second, or less often when so many rounds are open that looking would keep senders waiting."""
    while True:
        began = time.monotonic()
        look_for_deadlines()
        await asyncio.sleep(max(_LOOK_SECONDS, _LOOK_REST * (time.monotonic() - began)))


def _bind(address: Address, option: str) -> socket.socket:
    with contextlib.ExitStack() as opened:
        try:
            family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
            bound = opened.enter_context(socket.socket(family, socket.SOCK_STREAM))
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((address.host, address.port))
            bound.listen(2048)
        except (OSError, TypeError, UnicodeError) as error:
            raise _obstacle(address, option, error) from error
        opened.pop_all()
    bound.setblocking(False)
    return bound


def _obstacle(address: Address, option: str, error: Exception) -> ConfigurationError:
    """Why it cannot be bound; a host that is no name at all comes as TypeError or UnicodeError."""
    if not isinstance(error, OSError) or isinstance(error, socket.gaierror):
        return ConfigurationError(f"{option}: expected a host name that can be resolved, got {address.host!r}: {error}")
    what = error.strerror or str(error)
    if error.errno == errno.EADDRINUSE:
        advice = f"name another with {option} HOST:PORT (port 0 takes any)"
        return PortTakenError(f"{option}: expected {address} to be free, got: {what}; {advice}")
    if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        advice = "127.0.0.1 is this machine alone, 0.0.0.0 every address of it"
        return ConfigurationError(
            f"{option}: expected an address of this machine, got {address.host!r} ({what}); {advice}"
        )
    return ConfigurationError(f"{option}: expected an address that can be listened on, got {address}: {what}")


def _address_of(bound: socket.socket) -> Address:
    host, port, *_ = bound.getsockname()
    return Address(host, port)


def _dialled(address: Address) -> Address:
    return Address(_WILDCARDS.get(address.host, address.host), address.port)


def _advertised(wanted: Address | None, bound: Address) -> tuple[str, int]:
    """What Kafka's clients are told: as configured (port 0 is the bound one), else where it listens or `localhost`."""
    if wanted is not None:
        return wanted.host, wanted.port or bound.port
    return ("localhost" if bound.host in _WILDCARDS else bound.host), bound.port
