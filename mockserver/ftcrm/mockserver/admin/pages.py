"""Pages of what was derived: the keys of all runs in order, gone through in slices, so that senders are served."""

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing
from typing import Any, NamedTuple, Protocol

from ftcrm.contracts.history import History
from ftcrm.mockserver.admin.query import AdminError, Query
from ftcrm.mockserver.follower import Follower, RunState

__all__ = ["Index", "Item", "Views", "items", "page_of", "the_one"]


class Index(Protocol):
    """The keys that a history has values for, each with a number: those that came later have a greater one."""

    def keys(self, *, after: int = 0) -> Iterator[tuple[int, Any]]:
        """The numbers and keys from beyond the number `after`."""


class Item(NamedTuple):
    """One key of one run, whose state it is until others have a turn."""

    run: str
    state: RunState
    number: int
    key: Any


Views = AsyncGenerator[tuple[tuple[int, ...], dict[str, Any]], None]
"""What a list shows, in order, each beside its place: the cursor behind it."""


async def items(
    follower: Follower, query: Query, index: Callable[[History], Index], *, after: tuple[int, int]
) -> AsyncGenerator[Item, None]:
    """The items beyond a run's number and a number in it, of the run and with the parts of a key that the query names.

    Before each of them others may have a turn: a run may then have grown, been reset or lost what was evicted.
    """
    slices = follower.slices()
    for run, begun in list(follower):
        if begun.number < after[0] or query.filters.get("run", run) != run:
            continue
        at = after[1] if begun.number == after[0] else 0
        while True:
            state = follower.runs[run]
            for number, key in index(state.history).keys(after=at):
                at = number
                is_wanted = all(getattr(key, name, value) == value for name, value in query.filters.items())
                if is_wanted or slices.is_over:
                    break
            else:
                break
            if is_wanted:
                yield Item(run, state, number, key)
            if slices.is_over:
                await slices.rest()


async def page_of(name: str, views: Views, follower: Follower, query: Query) -> dict[str, Any]:
    """One page of a list: as many of the views as the query asks for, and the cursor to what is behind them."""
    page: list[dict[str, Any]] = []
    cursor = last = None
    async with aclosing(views):
        async for place, view in views:
            if len(page) == query.limit:
                cursor = last
                break
            page.append(view)
            last = ".".join(map(str, place))
    return {name: page, "next_cursor": cursor, "complete": follower.complete(query.filters.get("run"))}


def the_one(
    name: str, found: list[dict[str, Any]], wanted: Mapping[str, str], names: tuple[str, ...], excluded: list[int]
) -> dict[str, Any]:
    """The one value found; AdminError 404 when there is none, 409 with the run and the `names` of each of several."""
    said = ", ".join(f"{part} {value!r}" for part, value in wanted.items())
    if len(found) > 1:
        where = [{part: view[part] for part in ("run", *names)} for view in found]
        raise AdminError(409, "ambiguous", f"expected one of the {name} with {said}, got several: {where}")
    if not found:
        seen = f"; the deliveries {excluded} carry its key but were not folded" if excluded else ""
        raise AdminError(404, "not-found", f"expected one of the {name} with {said}, got none{seen}")
    return found[0]
