"""The stand-in's admin API, as the blocking calls that tests and the command line make."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

from ftcrm.client.rest import error_message, parsed, segment
from ftcrm.client.targets import Target, required_module, unreachable
from ftcrm.contracts.errors import ConfigurationError, SendError
from ftcrm.contracts.events.payload import shortened

if TYPE_CHECKING:
    import httpx

__all__ = ["PREFIX", "AdminClient"]

PREFIX = "/_ftcrm"


class AdminClient:
    """The admin API at `http://host:port/_ftcrm` (the prefix may be left out); every call returns parsed JSON.

    Whole numbers are ints; others are Decimals, with the digits that the server sent (a `Number`, with its `text`,
    where no decimal can hold it).

    `token` goes out as `Authorization: Bearer`. Filters are those of the API (`verdict="violation"`, `run="checkout"`);
    one that is None is not sent. Every call raises SendError when the server cannot be reached, when it cannot be asked
    (no URL holds an id of 70,000 letters), when its answer cannot be read, or when that is an error, whose message it
    carries.

    Raises:
        ConfigurationError: the URL is none of HTTP, or httpx is not installed.
    """

    def __init__(self, url: str, *, token: str | None = None, timeout: float = 10.0) -> None:
        target = Target.parse(url)
        if target.connector != "rest":
            raise ConfigurationError(f"admin API: expected http://HOST:PORT{PREFIX}, got {target.shown}")
        self._httpx = required_module("httpx", wanted_for=target.shown)
        base = target.url.rstrip("/").removesuffix(PREFIX) + PREFIX
        self._shown = target.shown
        try:
            self._client: httpx.Client = self._httpx.Client(
                base_url=base,
                headers={} if token is None else {"authorization": f"Bearer {token}"},
                timeout=timeout,
                trust_env=not target.is_loopback,
                verify=target.is_encrypted,
            )
        except self._httpx.InvalidURL as error:
            expected = f"admin API: expected http://HOST:PORT{PREFIX}"
            raise ConfigurationError(f"{expected}, got {target.shown} ({error})") from None

    def __enter__(self) -> "AdminClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def health(self) -> Any:
        """Whether the server lives."""
        return self._call("GET", "health")

    def ready(self) -> Any:
        """Whether every connector listens; SendError (HTTP 503) until then."""
        return self._call("GET", "ready")

    def summary(self, **filters: Any) -> Any:
        """The counts of events, rounds, findings, and of what never became an event."""
        return self._call("GET", "summary", filters)

    def events(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """The recorded events that the filters let pass, page by page (`limit` is the size of a page)."""
        return self._pages("events", filters)

    def event(self, seq: int) -> Any:
        """The event at that position of the journal."""
        return self._call("GET", f"events/{seq}")

    def rounds(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """The rounds that the filters let pass, page by page."""
        return self._pages("rounds", filters)

    def round(self, origin: str, user_id: str, round_id: str, run: str | None = None) -> Any:
        """One round."""
        return self._call("GET", f"rounds/{segment(origin)}/{segment(user_id)}/{segment(round_id)}", {"run": run})

    def sessions(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """The sessions that the filters let pass, page by page."""
        return self._pages("sessions", filters)

    def players(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """The players that the filters let pass, page by page, as of the instant `as_of` (RFC 3339)."""
        return self._pages("players", filters)

    def player(self, origin: str, user_id: str, run: str | None = None, as_of: str | None = None) -> Any:
        """One player, as of an instant (RFC 3339), or of the last event of the run."""
        return self._call("GET", f"players/{segment(origin)}/{segment(user_id)}", {"run": run, "as_of": as_of})

    def bonuses(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """The bonuses that the filters let pass, page by page."""
        return self._pages("bonuses", filters)

    def bonus(self, user_bonus_id: str, **filters: Any) -> Any:
        """What is known of the bonus with that `user_bonus_id`."""
        return self._call("GET", f"bonuses/{segment(user_bonus_id)}", filters)

    def questions(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """What the rounds that the filters let pass depend on that the contract does not say, page by page."""
        return self._pages("questions", filters)

    def findings(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """The findings that the filters let pass, page by page."""
        return self._pages("findings", filters)

    def reset(self, run: str) -> Any:
        """Start the run anew; nothing that was received is deleted."""
        return self._call("POST", f"runs/{segment(run)}/reset")

    def close_run(self, run: str) -> Any:
        """Close the run: nothing more will come, so that what is open now was never settled."""
        return self._call("POST", f"runs/{segment(run)}/close")

    def history(self, run: str | None = None) -> Iterator[bytes]:
        """The saved history of the run, or of all runs, in chunks as they come: JSONL, which `ftcrm check` reads."""
        query = {} if run is None else {"run": run}
        with self._reached("GET", "history"), self._client.stream("GET", "history", params=query) as response:
            if not response.is_success:
                self._refuse("GET", "history", response.status_code, response.read())
            yield from response.iter_bytes()

    def _pages(self, name: str, filters: dict[str, Any]) -> Iterator[dict[str, Any]]:
        cursor = filters.get("cursor")
        while True:
            page = self._call("GET", name, filters | {"cursor": cursor})
            rows = page.get(name)
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise self._unreadable("GET", name, f"an array of objects in {name!r}", rows)
            yield from rows
            following = page.get("next_cursor")
            if following is None or following == cursor:
                return
            cursor = following

    def _call(self, method: str, path: str, filters: dict[str, Any] | None = None) -> Any:
        query = {name: value for name, value in (filters or {}).items() if value is not None}
        with self._reached(method, path):
            response = self._client.request(method, path, params=query)
        if not response.is_success:
            self._refuse(method, path, response.status_code, response.content)
        body = parsed(response.content)
        if not isinstance(body, dict):
            raise self._unreadable(method, path, "a JSON object", response.text)
        return body

    @contextmanager
    def _reached(self, method: str, path: str) -> Iterator[None]:
        try:
            yield
        except self._httpx.InvalidURL as error:
            asked = f"{method} {shortened(f'{PREFIX}/{path}')}"
            raise SendError(f"{self._shown}: expected a URL that can be asked, got {asked} ({error})") from None
        except self._httpx.RequestError as error:
            advice = "is the server running there? (`ftcrm serve` starts a stand-in)"
            raise unreachable(self._shown, error, doing=f"{method} {PREFIX}/{path}", advice=advice) from error

    def _refuse(self, method: str, path: str, status: int, content: bytes) -> NoReturn:
        raise SendError(f"{self._shown}: {method} {PREFIX}/{path}: {error_message(status, content)}")

    def _unreadable(self, method: str, path: str, expected: str, found: object) -> SendError:
        got = f"expected {expected}, got {shortened(repr(found))}"
        return SendError(f"{self._shown}: {method} {PREFIX}/{path}: {got}; is it an ftcrm stand-in?")
