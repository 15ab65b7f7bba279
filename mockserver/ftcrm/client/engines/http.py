"""An engine behind HTTP: each event is posted, then the rounds are asked for, page by page."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import msgspec

from ftcrm.client.rest import error_message, segment
from ftcrm.client.sender import REFUSALS
from ftcrm.client.targets import Target, required_module, unreachable
from ftcrm.contracts.engines import FieldMapping, Rounds, Until, decoded, fed, keys_of, pointed_at, read_rounds
from ftcrm.contracts.errors import ConfigurationError, EngineError
from ftcrm.contracts.events.payload import shortened
from ftcrm.contracts.messages import Message
from ftcrm.contracts.rounds import RoundKey

if TYPE_CHECKING:
    import httpx

__all__ = ["HttpEngine", "HttpRoutes"]

_POLL_SECONDS = 0.05
_MOST_PAGES = 10_000
_NOT_FOUND = 404
_PLACE = re.compile(r"\{(\w*)\}")


class HttpRoutes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where an HTTP engine takes events and gives rounds; unless told, where the stand-in does. Paths follow the URL.

    - `casino`, `bonus`: where to POST the events of each message type; None where it takes none.
    - `rounds`: where to GET rounds. `{origin}`, `{user_id}` and `{round_id}` in it stand for those of the events that
      were fed: it is asked for each combination, and a 404 says that there are none. An engine that keeps what it was
      ever sent answers quicker so.
    - `rounds_at`, `cursor_at`: JSON pointers into the answer, to the array of rounds and to what the query parameter
      `cursor_parameter` gets for the next page (missing, null or "" on the last). With `{round_id}` in the path,
      `rounds_at` may lead to a round itself.
    - `reset`: what makes it forget all it was sent, as `POST /path` or `DELETE /path`. Without it, the rounds of other
      players than those that were fed are ignored.
    """

    casino: str | None = "/v1/integration/casino"
    bonus: str | None = "/v1/integration/bonus"
    rounds: str = "/_ftcrm/rounds?run=default"
    rounds_at: str = "/rounds"
    cursor_at: str = "/next_cursor"
    cursor_parameter: str = "cursor"
    reset: str | None = None

    def __post_init__(self) -> None:
        for place in self.places:
            if place not in RoundKey.__struct_fields__:
                known = ", ".join(f"{{{name}}}" for name in RoundKey.__struct_fields__)
                raise ConfigurationError(f"routes, rounds: expected {known} in the path, got {{{place}}}")
        if self.reset is not None and not re.fullmatch(r"[A-Z]+ /\S*", self.reset):
            raise ConfigurationError(f"routes, reset: expected METHOD /PATH, got {self.reset!r}")

    @property
    def places(self) -> tuple[str, ...]:
        """The names in braces in the path of the rounds."""
        return tuple(_PLACE.findall(self.rounds))


class HttpEngine:
    """Posts each event and waits for its answer; then GETs the rounds, which `mapping` reads.

    An answer by which it turns an event away (400, 409, 413, 415, 422) is no error: its rounds tell what it made of
    it. `headers` go with every request, `timeout` bounds each, in seconds. With `wait`, an engine that takes a while is
    asked again for so many seconds, until its answer is the wanted one; else it is asked once.

    Raises:
        ConfigurationError: the URL is none of HTTP, or httpx is not installed.
    """

    def __init__(
        self,
        url: str,
        *,
        routes: HttpRoutes | None = None,
        mapping: FieldMapping | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
        wait: float | None = None,
    ) -> None:
        target = Target.parse(url)
        if target.connector != "rest":
            raise ConfigurationError(f"engine: expected http://HOST:PORT, got {target.shown}")
        self._httpx = required_module("httpx", wanted_for=target.shown)
        self._shown = target.shown.rstrip("/")
        self._routes = routes or HttpRoutes()
        self._mapping = mapping
        self._timeout = timeout
        self._wait = wait
        try:
            self._client: httpx.Client = self._httpx.Client(
                base_url=target.url,
                headers=headers,
                timeout=timeout,
                trust_env=not target.is_loopback,
                verify=target.is_encrypted,
            )
        except self._httpx.InvalidURL as error:
            raise ConfigurationError(f"engine: expected http://HOST:PORT, got {target.shown} ({error})") from None

    def __enter__(self) -> "HttpEngine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @property
    def starts_fresh(self) -> bool:
        """Whether it is reset before each history."""
        return self._routes.reset is not None

    def construct(self, messages: Sequence[Message], *, until: Until | None = None) -> Rounds:
        """Reset it, when that is known how, feed it the messages, and read its rounds.

        Raises:
            EngineError: it cannot be reached, does not answer in time, fails, or answers what cannot be read.
        """
        if self._routes.reset is not None:
            method, _, path = self._routes.reset.partition(" ")
            response = self._request(method, path)
            if not response.is_success:
                raise self._failure(method, path, response)
        self.feed(messages)
        return self.rounds(messages, until=until)

    def feed(self, messages: Sequence[Message]) -> None:
        """Post each of the messages that there is a path for, one after the other. EngineError as for `construct`."""
        paths = {"CASINO": self._routes.casino, "BONUS": self._routes.bonus}
        for message_type, raw in fed(messages):
            if (path := paths.get(message_type)) is not None:
                response = self._request("POST", path, content=raw, headers={"content-type": "application/json"})
                if not response.is_success and response.status_code not in REFUSALS:
                    raise self._failure("POST", path, response)

    def rounds(self, messages: Sequence[Message], *, until: Until | None = None) -> Rounds:
        """Read the rounds that it has made of these messages, however they came to it. EngineError as above."""
        keys = keys_of(messages)
        deadline = None if self._wait is None or until is None else time.monotonic() + self._wait
        while True:
            got = self._asked_for(keys)
            if deadline is None or until is None or until(got) or time.monotonic() >= deadline:
                return got
            time.sleep(_POLL_SECONDS)

    def _asked_for(self, keys: Sequence[RoundKey]) -> Rounds:
        found = tuple(
            value
            for path in self._paths(keys)
            for where, page in self._pages(path)
            for value in read_rounds(page, self._mapping, where=where)
        )
        if self.starts_fresh:
            return found
        players = {(key.origin, key.user_id) for key in keys}
        return tuple(value for value in found if (value.key.origin, value.key.user_id) in players)

    def _paths(self, keys: Sequence[RoundKey]) -> list[str]:
        """The paths to ask at, each once."""

        def filled(key: RoundKey) -> str:
            return _PLACE.sub(lambda place: segment(getattr(key, place[1])), self._routes.rounds)

        return list(dict.fromkeys(map(filled, keys))) if self._routes.places else [self._routes.rounds]

    def _pages(self, path: str) -> Iterator[tuple[str, Any]]:
        """What stands where the rounds should, in each page, and how that page is called in errors."""
        cursor: str | None = None
        seen: set[str] = set()
        while True:
            response = self._request("GET", path, cursor=cursor)
            if response.status_code == _NOT_FOUND and self._routes.places:
                return
            if not response.is_success:
                raise self._failure("GET", path, response)
            where = f"{self._shown}{path}"
            answer = decoded(response.content, where=where)
            page = pointed_at(answer, self._routes.rounds_at)
            if page is msgspec.UNSET:
                found = error_message(response.status_code, response.content)
                raise EngineError(f"{where}: expected rounds at {self._routes.rounds_at!r}, got {found}")
            yield where, [page] if isinstance(page, dict) and "round_id" in self._routes.places else page
            following = pointed_at(answer, self._routes.cursor_at)
            if following in (msgspec.UNSET, None, ""):
                return
            cursor = str(following)
            if cursor in seen or len(seen) == _MOST_PAGES:
                raise EngineError(f"{where}: expected a last page, got the cursor {cursor!r} after {len(seen)} others")
            seen.add(cursor)

    def _request(self, method: str, path: str, *, cursor: str | None = None, **options: Any) -> "httpx.Response":
        try:
            url = self._httpx.URL(path)
            if cursor is not None:
                # The request's own `params` would take the place of what the path has.
                url = url.copy_set_param(self._routes.cursor_parameter, cursor)
            return self._client.request(method, url, **options)
        except self._httpx.InvalidURL as error:
            asked = f"{method} {shortened(path)}"
            raise EngineError(f"{self._shown}: expected a URL that can be asked, got {asked} ({error})") from None
        except self._httpx.RequestError as error:
            advice = "is the engine running there, and quick enough?"
            doing = f"{method} {path} within {self._timeout:g} s"
            failure = unreachable(self._shown, error, doing=doing, advice=advice)
            raise EngineError(str(failure)) from error

    def _failure(self, method: str, path: str, response: "httpx.Response") -> EngineError:
        found = error_message(response.status_code, response.content)
        return EngineError(f"{self._shown}: {method} {path}: expected success, got {found}")
