"""Lists, page by page and while other things happen."""

import asyncio
import contextlib
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest


def pages_of(
    desk: Any, name: str, limits: list[int], between: Callable[[int], object] = lambda page: None, **filters: str
) -> list[Any]:
    """Everything that the pages of a list show; `between` is called with the number of each page."""
    shown: list[Any] = []
    cursor, page = None, 0
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        limit = limits[page % len(limits)]
        answer = desk.get(name, limit=limit, **more, **filters)
        shown += answer[name]
        assert answer["next_cursor"] != cursor or cursor is None
        cursor = answer["next_cursor"]
        assert len(answer[name]) == limit or cursor is None
        if cursor is None:
            return shown
        between(page)
        page += 1


def get_meanwhile(desk: Any, path: str, meddle: Callable[[int], object] = lambda turn: None) -> tuple[Any, int]:
    """What the admin API answers, and how many turns others had until then; each calls `meddle` with its number.

    The follower has caught up before: all of the turns lie within what is read.
    """
    desk.follower.catch_up()
    turns = count(1)

    async def others() -> None:
        while True:
            await asyncio.sleep(0)
            meddle(next(turns))

    async def both() -> Any:
        async with desk.client() as client:
            task = asyncio.create_task(others())
            response = await client.get(f"/_ftcrm/{path}")
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        return response

    response = asyncio.run(both())
    assert response.status_code == 200, response.text
    return response.json(), next(turns) - 1


@pytest.fixture(scope="session")
def pages() -> Callable[..., list[Any]]:
    return pages_of


@pytest.fixture(scope="session")
def meanwhile() -> Callable[..., tuple[Any, int]]:
    return get_meanwhile


@pytest.fixture(scope="session")
def hasty() -> Callable[[], Callable[[], float]]:
    """Makes clocks by which a slice is over when somebody looks for the second time."""
    return lambda: count(step=0.003).__next__
