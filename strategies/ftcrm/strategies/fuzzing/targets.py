"""A target that is reached through the connectors, and read over HTTP."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any
from urllib.parse import quote

from ftcrm.client import AdminClient
from ftcrm.client.engines import HttpEngine, HttpRoutes
from ftcrm.client.engines.published import Publisher, admin_of, run_of
from ftcrm.client.targets import Target as Url
from ftcrm.contracts import Construction, Message, construct
from ftcrm.contracts.engines import EngineRound, FieldMapping, differences
from ftcrm.contracts.engines.local import said_by_us
from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.events import read_payload
from ftcrm.contracts.rounds import PlayerKey
from ftcrm.contracts.settings import Settings
from ftcrm.strategies.fuzzing.derived import bonus_differences, session_differences

__all__ = ["RemoteTarget"]

_POLL_SECONDS = 0.05
_PAGE = 1000


class RemoteTarget:
    """Publishes through REST, RabbitMQ or Kafka, and reads rounds (of a stand-in, sessions and bonuses too) over HTTP.

    `to` are the URLs to publish to, as `open_sender` takes them. With several, each message goes to the one of its own
    connector, or in turn where there is none; each is answered before the next goes elsewhere. `read` is the URL that
    rounds are read from: unless told, the first of `to` that is one of HTTP. Without `mapping` and `routes` that is a
    stand-in, whose admin API is asked about the run that `read` names (`/runs/NAME`), or else all of `to` (the same, a
    virtual host, a topic `runs.NAME.anything`).

    `api_key` goes out with events over REST, `token` as `Authorization: Bearer` with what is read. The reference works
    under `settings`, and folds what breaks the contract if it is told to `accept_invalid`. For `wait` seconds a target
    that differs is asked again: one behind a broker takes a while.

    Raises:
        ConfigurationError: a URL is none of these, none can be read from, or they name several runs.
        SendError: a target cannot be reached.
    """

    def __init__(
        self,
        to: Sequence[str],
        *,
        read: str | None = None,
        mapping: FieldMapping | None = None,
        routes: HttpRoutes | None = None,
        api_key: str | None = None,
        token: str | None = None,
        settings: Settings | None = None,
        accept_invalid: bool = False,
        wait: float = 0.0,
    ) -> None:
        self.to, self.read = tuple(to), read
        self.mapping, self.routes = mapping, routes
        self.accept_invalid, self.wait = accept_invalid, wait
        self._settings = settings or Settings()
        place = _read_from(self.to) if read is None else read
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        self._run: str | None = None
        self._admin: AdminClient | None = None
        with ExitStack() as opening:
            if mapping is None and routes is None:
                self._run = _run(self.to, place)
                place = admin_of(place)
                self._admin = opening.enter_context(AdminClient(place, token=token))
                routes = _routes_of(self._run)
            self._engine = opening.enter_context(HttpEngine(place, routes=routes, mapping=mapping, headers=headers))
            self._publisher = opening.enter_context(Publisher(self.to, api_key=api_key))
            self._opened = opening.pop_all()
        shown = [Url.parse(url).shown for url in self.to]
        self._shown = ", ".join(shown) + ("" if read is None else f", read from {Url.parse(read).shown}")

    def __enter__(self) -> "RemoteTarget":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Disconnect; a second time nothing happens."""
        self._opened.close()

    @property
    def shown(self) -> str:
        """Its URLs without passwords: where to, and where it is read."""
        return self._shown

    @property
    def settings(self) -> Settings:
        """Those of the reference that it is compared with."""
        return self._settings

    def differences(self, messages: Sequence[Message]) -> tuple[str, ...]:
        """See `Target`. An answer of 500 to an event is a difference, too.

        Events that name no user, or no round, are compared with nothing: they are of no example.
        """
        delivered, faults = self._publisher.publish(messages)
        expected = construct(delivered, settings=self._settings, accept_invalid=self.accept_invalid)
        deadline = time.monotonic() + self.wait
        while True:
            found = (*faults, *self._differences(delivered, expected))
            if not found or time.monotonic() >= deadline:
                return found
            time.sleep(_POLL_SECONDS)

    def _differences(self, messages: Sequence[Message], expected: Construction) -> Iterator[str]:
        ours = [said_by_us(value) for value in expected.rounds]
        yield from map(str, differences(_named(ours), _named(self._engine.rounds(messages))))
        if self._admin is None:
            return
        for player in _players(messages):
            wanted = {"run": self._run, "origin": player.origin, "user_id": player.user_id, "limit": _PAGE}
            sessions = [value for value in expected.sessions if _is_of(player, value)]
            yield from session_differences(player, sessions, list(self._admin.sessions(**wanted)))
            bonuses = [value for value in expected.bonuses if _is_of(player, value)]
            yield from bonus_differences(player, bonuses, self._admin.bonuses(**wanted))


def _read_from(to: Sequence[str]) -> str:
    for url in to:
        if Url.parse(url).connector == "rest":
            return url
    shown = ", ".join(Url.parse(url).shown for url in to) or "no URL"
    raise ConfigurationError(f"target: expected an http:// URL to read rounds from, got {shown}; `read` says where")


def _run(to: Sequence[str], read: str) -> str:
    """The run that is read: that of `read`, else that which all of `to` bind."""
    own = run_of(read)
    bound = {run_of(url) for url in to}
    if read in to or own == "default":
        if len(bound) > 1:
            names = ", ".join(map(repr, sorted(bound)))
            raise ConfigurationError(f"target: expected URLs of one run, got the runs {names}")
        return bound.pop() if bound else own
    return own


def _routes_of(run: str) -> HttpRoutes:
    """Where a stand-in has the rounds of one player."""
    return HttpRoutes(
        rounds=f"/_ftcrm/rounds?run={quote(run, safe='')}&origin={{origin}}&user_id={{user_id}}&limit={_PAGE}"
    )


def _named(rounds: Sequence[EngineRound]) -> list[EngineRound]:
    """Those of the rounds that have a whole key: without one, they are not asked for."""
    return [value for value in rounds if value.key.origin and value.key.user_id and value.key.round_id]


def _players(messages: Sequence[Message]) -> list[PlayerKey]:
    """The players whom these messages name, each once, in order of first appearance."""
    found: dict[PlayerKey, None] = {}
    for message in messages:
        document = read_payload(message.raw).document or {}
        origin, user_id = document.get("origin"), document.get("user_id")
        if isinstance(origin, str) and isinstance(user_id, str) and origin and user_id:
            found[PlayerKey(origin, user_id)] = None
    return list(found)


def _is_of(player: PlayerKey, value: Any) -> bool:
    return (value.origin, value.user_id) == (player.origin, player.user_id)
