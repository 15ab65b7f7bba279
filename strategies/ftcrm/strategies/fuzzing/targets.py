"""A target that is reached through the connectors, and read over HTTP."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Any
from urllib.parse import quote

from ftcrm.client import AdminClient
from ftcrm.client.engines import HttpEngine, HttpRoutes
from ftcrm.client.engines.published import Publisher, admin_of, run_of
from ftcrm.client.rest import segment
from ftcrm.client.targets import Target as Url
from ftcrm.contracts import Construction, Message, construct
from ftcrm.contracts.engines import EngineRound, FieldMapping, differences, keys_of
from ftcrm.contracts.engines.local import said_by_us
from ftcrm.contracts.errors import ConfigurationError, EngineError, SendError
from ftcrm.contracts.events import read_payload
from ftcrm.contracts.rounds import PlayerKey, RoundKey
from ftcrm.contracts.settings import Settings
from ftcrm.strategies.fuzzing.derived import bonus_differences, session_differences
from ftcrm.strategies.tables import USERS, User

__all__ = ["RemoteTarget"]

_POLL_SECONDS = 0.05
_PAGE = 1000
_MOST_IDS = 60_000
"""So many characters of ids there may be in a URL, as they are quoted: httpx makes none of more than 65,536."""
_NO_STAND_IN = (
    "; is it an ftcrm stand-in? `--mapping FILE` says how anything else is read, and `--read URL` reads another place"
)


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
        self._is_stand_in = False
        """Whether it has answered as one."""
        with ExitStack() as opening:
            if mapping is None and routes is None:
                self._run = _run(self.to, place)
                place = admin_of(place)
                self._admin = opening.enter_context(AdminClient(place, token=token))
                routes = _routes_of(self._run)
            self._asked_by = (routes or HttpRoutes()).places
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

    @property
    def users(self) -> tuple[User, ...]:
        """Who may play in what it is sent: those of the tables, all of one brand where the mapping gives the origin."""
        origin = None if self.mapping is None else self.mapping.given.get("origin")
        if origin is None:
            return USERS
        return tuple(User(origin, user_id) for user_id in dict.fromkeys(user.user_id for user in USERS))

    def delivered(self, messages: Sequence[Message]) -> list[Message | None]:
        """See `Target`."""
        return self._publisher.delivered(messages)

    def differences(self, messages: Sequence[Message]) -> tuple[str, ...]:
        """See `Target`. An answer of 500 to an event is a difference, too.

        Events that name no user, or no round, are compared with nothing: they are of no example. Neither are those with
        ids too long for a URL that asks about them.
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
        asked = [message for message in messages if all(map(self._is_asked, keys_of([message])))]
        with self._reading():
            theirs = self._engine.rounds(asked)
        yield from map(str, differences(self._named(ours), self._named(theirs)))
        if self._admin is not None:
            yield from self._derived(self._admin, messages, expected)

    def _derived(self, admin: AdminClient, messages: Sequence[Message], expected: Construction) -> Iterator[str]:
        """Where sessions and bonuses differ, which a stand-in has, too."""
        for player in _players(messages):
            wanted = {"run": self._run, "origin": player.origin, "user_id": player.user_id, "limit": _PAGE}
            with self._reading():
                sessions, bonuses = list(admin.sessions(**wanted)), list(admin.bonuses(**wanted))
            self._is_stand_in = True
            ours = [each for each in expected.sessions if _is_of(player, each)]
            yield from session_differences(player, ours, sessions)
            yield from bonus_differences(player, [each for each in expected.bonuses if _is_of(player, each)], bonuses)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """An answer that cannot be read is the engine's error, and may be that of something that is no stand-in."""
        try:
            yield
        except (EngineError, SendError) as error:
            if error.__cause__ is not None:
                raise  # there is no answer
            hint = "" if self._admin is None or self._is_stand_in else _NO_STAND_IN
            raise EngineError(f"{error}{hint}") from error

    def _is_asked(self, key: RoundKey) -> bool:
        """Whether the engine can be asked for the round: it has a whole key, and its URL is not too long."""
        asked_by = [getattr(key, name) for name in self._asked_by]
        return all((key.origin, key.user_id, key.round_id)) and _are_short(asked_by)

    def _named(self, rounds: Sequence[EngineRound]) -> list[EngineRound]:
        """Those of the rounds that are asked for."""
        return [value for value in rounds if self._is_asked(value.key)]


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


def _are_short(ids: Sequence[str]) -> bool:
    return sum(len(segment(each)) for each in ids) <= _MOST_IDS


def _players(messages: Sequence[Message]) -> list[PlayerKey]:
    """The players whom these messages name, each once, in order of first appearance, and who can be asked about."""
    found: dict[PlayerKey, None] = {}
    for message in messages:
        document = read_payload(message.raw).document or {}
        origin, user_id = document.get("origin"), document.get("user_id")
        if isinstance(origin, str) and isinstance(user_id, str) and origin and user_id:
            found[PlayerKey(origin, user_id)] = None
    return [player for player in found if _are_short((player.origin, player.user_id))]


def _is_of(player: PlayerKey, value: Any) -> bool:
    return (value.origin, value.user_id) == (player.origin, player.user_id)
