"""Events: the journal's deliveries as the admin API shows them."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ftcrm.contracts.events import read_payload
from ftcrm.contracts.findings import Finding, Verdict
from ftcrm.contracts.instants import isoformat
from ftcrm.contracts.views import findings_view
from ftcrm.mockserver.admin.query import Query
from ftcrm.mockserver.follower import Follower
from ftcrm.mockserver.journal import Entry, Journal

__all__ = ["event_view", "findings_of", "list_events"]

_WINDOW = 20_000
"""How many seqs one turn of the event loop looks through."""
_READABLE = (Verdict.OK, Verdict.UNDOCUMENTED)
_EPOCH = datetime.fromtimestamp(0, UTC)
_BOM = b"\xef\xbb\xbf"


def event_view(entry: Entry) -> dict[str, Any]:
    """A delivery with everything that is kept of it; `event` is the payload's object, null when there is none."""
    try:
        raw: dict[str, Any] = {"raw": entry.raw.decode()}
    except UnicodeDecodeError:
        raw = {"raw": None, "raw_base64": base64.b64encode(entry.raw).decode()}
    if entry.size is not None:
        raw |= {"truncated": True, "size": entry.size}
    return {
        "seq": entry.seq,
        "run": entry.run,
        "connector": entry.connector,
        "received_at": isoformat(_EPOCH + timedelta(microseconds=entry.received_at)),
        "disposition": entry.disposition,
        "transport": msgspec.Raw(entry.transport.encode()),
        **raw,
        "message_type": entry.message_type,
        "event": _payload(entry),
        "verdict": None if entry.disposition == "pending" else entry.verdict,
        "findings": findings_view(findings_of(entry)),
    }


def findings_of(entry: Entry) -> tuple[Finding, ...]:
    """The findings of a delivery, each with it as the witness."""
    if entry.findings is None or entry.disposition == "pending":
        return ()
    found = msgspec.json.decode(entry.findings, type=tuple[Finding, ...])
    return tuple(msgspec.structs.replace(finding, witness=(entry.seq,)) for finding in found)


async def list_events(journal: Journal, follower: Follower, query: Query) -> dict[str, Any]:
    """One page of the deliveries that match, in the journal's order, without those before their run's last reset."""
    (after,) = query.cursor_numbers(1)
    run = query.filters.get("run")
    resets = {name: state.reset_at for name, state in follower if state.reset_at}
    if run is not None:
        after = max(after, resets.get(run, 0))
    found: list[Entry] = []
    last = journal.last_seq
    while after < last and len(found) <= query.limit:
        until = min(after + _WINDOW, last)
        wanted = query.limit + 1 - len(found)
        part = journal.scan(after=after, until=until, filters=query.filters, limit=wanted)
        found += [entry for entry in part if entry.seq > resets.get(entry.run, 0)]
        after = part[-1].seq if len(part) == wanted else until
        await asyncio.sleep(0)
    page = found[: query.limit]
    return {
        "events": [event_view(entry) for entry in page],
        "next_cursor": str(page[-1].seq) if len(found) > query.limit else None,
        "complete": follower.complete(run),
    }


def _payload(entry: Entry) -> msgspec.Raw | None:
    """The payload's own text, so that no number loses a digit on its way through."""
    if entry.size is not None:
        return None
    if entry.verdict not in _READABLE and read_payload(entry.raw).document is None:
        return None
    return msgspec.Raw(entry.raw.removeprefix(_BOM))
