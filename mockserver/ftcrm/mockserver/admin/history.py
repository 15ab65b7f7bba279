"""A saved history: what the journal holds of a run since its last reset, one JSON document a line.

`ftcrm check` comes to the same verdicts, rounds, bonuses and findings from it as the server did.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from starlette.responses import Response, StreamingResponse

from ftcrm.contracts.instants import isoformat
from ftcrm.mockserver.admin.events import event_view
from ftcrm.mockserver.admin.query import Query
from ftcrm.mockserver.follower import Evicted, Follower, evicted_of
from ftcrm.mockserver.journal import Entry, Journal

__all__ = ["MEDIA_TYPE", "history_response"]

MEDIA_TYPE = "application/jsonl"
_CHUNK = 100
"""How many entries one turn of the event loop writes: each may hold a body of the largest size."""
_NOTHING = Evicted(0)
_EPOCH = datetime.fromtimestamp(0, UTC)


async def history_response(journal: Journal, follower: Follower, query: Query, *, head: bool = False) -> Response:
    """The history of the run that the query names, or of all runs; JournalError when its beginning cannot be read."""
    if head:
        return Response(media_type=MEDIA_TYPE)
    chunks = _chunks(journal, follower, query.filters.get("run"))
    first = await anext(chunks, b"")  # what cannot be read is told before the answer has begun

    async def body() -> AsyncIterator[bytes]:
        yield first
        async for chunk in chunks:
            yield chunk

    return StreamingResponse(body(), media_type=MEDIA_TYPE)


async def _chunks(journal: Journal, follower: Follower, wanted: str | None) -> AsyncIterator[bytes]:
    resets = {run: state.reset_at for run, state in follower}
    after, until, at = 0 if wanted is None else resets.get(wanted, 0), journal.last_seq, 0
    told: dict[str, Evicted] = {}
    while after < until:
        part = [entry for entry in journal.read(after=after, limit=_CHUNK) if entry.seq <= until]
        if not part:
            break
        views = [
            view
            for entry in part
            for view in _views(entry, resets, told)
            if (entry.kind == "transaction" or wanted in (None, view["run"])) and entry.seq > resets.get(view["run"], 0)
        ]
        if views:
            yield b"".join(map(_line, views))
        after, at = part[-1].seq, part[-1].received_at
        await asyncio.sleep(0)
    # What was evicted while this was read is missing from it, and its mark lies beyond the end.
    for run, state in follower:
        if wanted in (None, run) and state.evicted > told.get(run, _NOTHING).deliveries:
            yield _line(_cut(until, run, at, state.evicted, state.history.as_of))


def _views(entry: Entry, resets: Mapping[str, int], told: dict[str, Evicted]) -> Iterator[Mapping[str, Any]]:
    match entry.kind:
        case "delivery":
            yield event_view(entry)
        case "closed" | "deadline":
            yield _mark(entry.seq, entry.run, entry.kind, entry.received_at)
        case "transaction":
            yield _mark(entry.seq, entry.run, entry.kind, entry.received_at, **entry.transport_value())
        case "evicted":
            for run, left in evicted_of(entry).items():
                if entry.seq <= resets.get(run, 0):
                    continue
                before = told.get(run, _NOTHING)
                told[run] = left
                if left.deliveries != before.deliveries:
                    yield _cut(entry.seq, run, entry.received_at, left.deliveries, left.latest)
                if left.closing is not None and left.closing != before.closing:
                    yield _mark(left.closing.seq, run, "closed", left.closing.at)
                if left.as_of != before.as_of:
                    yield _mark(entry.seq, run, "deadline", left.as_of)


def _cut(seq: int, run: str, at: int, deliveries: int, latest: datetime | None) -> dict[str, Any]:
    """The mark of an eviction; `latest` is None where no event of the run ever counted."""
    particulars = {} if latest is None else {"latest": isoformat(latest)}
    return _mark(seq, run, "evicted", at, deliveries=deliveries, **particulars)


def _mark(seq: int, run: str, kind: str, at: int, **particulars: Any) -> dict[str, Any]:
    return {
        "seq": seq,
        "run": run,
        "mark": kind,
        "at": isoformat(_EPOCH + timedelta(microseconds=at)),
        **particulars,
    }


def _line(view: Mapping[str, Any]) -> bytes:
    """The view in one line: a payload holds line breaks nowhere but between its tokens, where a blank is as good."""
    return msgspec.json.encode(view).replace(b"\n", b" ").replace(b"\r", b" ") + b"\n"
