"""Asking the admin API, and holding what it answers against what is expected of the run."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ftcrm.contracts.instants import parse_instant
from ftcrm.contracts.messages import Connector
from ftcrm.strategies.live.agreement import agree
from ftcrm.strategies.live.recorded import Recorded, without_servers_own
from ftcrm.strategies.live.rest import RestConnection

__all__ = ["Inquiry"]

_OK, _NOT_FOUND, _AMBIGUOUS = 200, 404, 409
_LARGEST_PAGE = 1_000
_SERVERS = ("protocol_errors", "journal")


class Inquiry:
    """Questions about one run; AssertionError where an answer is not what is expected."""

    def __init__(self, rest: RestConnection, recorded: Recorded) -> None:
        self._rest = rest
        self._recorded = recorded

    def look(self) -> bool:
        """Take in what the server recorded; whether that is more than before."""
        return self._recorded.take_in(self._pages("events", _LARGEST_PAGE))

    def read(self, name: str, filters: Mapping[str, str], limit: int, *, as_of: str | None = None) -> None:
        """One of the lists, in pages of that size."""
        instant = _instant(as_of)

        def asked() -> Any:
            return [without_servers_own(row) for row in self._pages(name, limit, as_of=as_of, **filters)]

        def expected() -> Any:
            rows = self._recorded.expected.listed(name, as_of=instant)
            return [row.view for row in rows if row.matches(filters)]

        self._agrees(f"{name} {dict(filters) or ''}".rstrip(), asked, expected)

    def read_one(self, name: str, key: Mapping[str, str], *, as_of: str | None = None, **filters: str) -> None:
        """The one value with that key: 404 where there is none, 409 where there are several."""
        instant, wanted = _instant(as_of), {**key, **filters}

        def asked() -> Any:
            answer = self._rest.ask("GET", name, *key.values(), run=self._recorded.run, as_of=as_of, **filters)
            return answer.body if answer.status == _OK else answer.status

        def expected() -> Any:
            rows = self._recorded.expected.listed(name, as_of=instant)
            found = [row.view for row in rows if row.matches(wanted)]
            if len(found) == 1:
                return found[0] | {"complete": True}
            return _AMBIGUOUS if found else _NOT_FOUND

        self._agrees(f"{name} {wanted}", asked, expected)

    def read_event(self, at: int) -> None:
        """One of the events there are, whichever `at` leads to."""
        if rows := self._recorded.expected.listed("events"):
            view = rows[at % len(rows)].view
            got = without_servers_own(self.asked("GET", "events", str(view["seq"])))
            agree(f"event {view['seq']}", view, got)

    def read_summary(self) -> None:
        """The counts of the run."""

        def asked() -> Any:
            found = self.asked("GET", "summary", run=self._recorded.run)
            return {name: value for name, value in found.items() if name not in _SERVERS}

        def expected() -> Any:
            runs = {self._recorded.run: len(self._recorded.entries)} if self._recorded.is_known else {}
            return self._recorded.expected.summary() | {"runs": runs}

        self._agrees("summary", asked, expected)

    def reset(self) -> None:
        """Reset the run."""
        self.look()
        answer = self.asked("POST", "runs", self._recorded.run, "reset")
        if not len(self._recorded.entries) <= answer["events"] <= self._recorded.most:
            raise AssertionError(f"reset: expected {len(self._recorded.entries)} events, got {answer}")
        self._recorded.reset()

    def close(self) -> None:
        """Close the run, twice; a run that nothing came to is not there to be closed."""
        run, recorded = self._recorded.run, self._recorded
        self.look()
        if not recorded.is_settled:
            return
        if not recorded.is_known:
            agree("closing an unknown run", _NOT_FOUND, self._rest.ask("POST", "runs", run, "close").status)
            return
        recorded.close()
        first = self.asked("POST", "runs", run, "close")
        counted = {"events": len(recorded.entries), "open_rounds": recorded.expected.open_rounds}
        agree("closing", {"run": run, "seq": first["seq"], **counted}, first)
        agree("closing again", first, self.asked("POST", "runs", run, "close"))

    def protocol_errors(self, connector: Connector) -> int:
        """How often something came to the connector, in any run, that was no message."""
        found = self.asked("GET", "summary", run=self._recorded.run)["protocol_errors"]
        return int(found.get(connector, {"count": 0})["count"])

    def asked(self, method: str, *path: str, **query: Any) -> Any:
        """An answer that must be there."""
        answer = self._rest.ask(method, *path, **query)
        if answer.status != _OK:
            raise AssertionError(f"{method} {'/'.join(path)} {query}: expected 200, got {answer}")
        return answer.body

    def _agrees(self, what: str, asked: Callable[[], Any], expected: Callable[[], Any]) -> None:
        """Hold an answer against what is expected; again when something came meanwhile that nobody waited for."""
        got = asked()
        while got != expected() and not self._recorded.is_settled and self.look():
            got = asked()
        agree(what, expected(), got)

    def _pages(self, name: str, limit: int, **query: str | None) -> list[dict[str, Any]]:
        """All pages of a list, joined; all but the last are full."""
        rows: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = self.asked("GET", name, run=self._recorded.run, limit=limit, cursor=cursor, **query)
            shown, following = page[name], page["next_cursor"]
            is_last = following is None
            if not page["complete"] or len(shown) > limit or (len(shown) < limit and not is_last):
                raise AssertionError(f"{name}: expected a complete page of {limit}, got {page}")
            if not is_last and following == cursor:
                raise AssertionError(f"{name}: expected a cursor that moves on, got {cursor!r} twice")
            rows += shown
            if is_last:
                return rows
            cursor = following


def _instant(as_of: str | None) -> datetime | None:
    return None if as_of is None else parse_instant(as_of)
