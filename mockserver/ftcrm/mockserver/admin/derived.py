"""Rounds, bonuses and findings: what the follower derived, page by page."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple

from ftcrm.contracts.findings import Finding
from ftcrm.contracts.groups import Groups
from ftcrm.contracts.history import History
from ftcrm.contracts.rounds import BonusKey, RoundKey
from ftcrm.contracts.views import bonus_view, finding_view, round_view
from ftcrm.mockserver.admin.events import findings_of
from ftcrm.mockserver.admin.pages import Views, items, page_of, the_one
from ftcrm.mockserver.admin.query import Query
from ftcrm.mockserver.follower import Follower, RunState
from ftcrm.mockserver.journal import Journal

__all__ = ["BONUSES", "FINDING_FILTERS", "ROUNDS", "Kind", "get_one", "list_all", "list_findings"]


class Kind(NamedTuple):
    """One kind of derived value: its name in answers, where a history keeps it, what of its fold it is, and its view.

    `labels` are the fields, other than those of the key, that it can be narrowed by.
    """

    name: str
    key_type: type[RoundKey] | type[BonusKey]
    labels: frozenset[str]
    groups: Callable[[History], Groups[Any, Any]]
    value: Callable[[Any], Any]
    view: Callable[[Any, Iterable[Finding]], dict[str, Any]]

    @property
    def key(self) -> tuple[str, ...]:
        """The names of the key's parts."""
        return self.key_type.__struct_fields__

    @property
    def filters(self) -> frozenset[str]:
        """The names of the filters."""
        return frozenset({"run", *self.key}) | self.labels


ROUNDS = Kind(
    "rounds",
    RoundKey,
    frozenset({"state", "outcome", "game_id", "vendor_id"}),
    lambda history: history.rounds,
    lambda fold: fold.round,
    round_view,
)
BONUSES = Kind(
    "bonuses",
    BonusKey,
    frozenset({"status"}),
    lambda history: history.bonuses,
    lambda fold: fold.bonus,
    bonus_view,
)
_NAMES = ("origin", "user_id", "round_id", "user_bonus_id")
_Place = tuple[int, int, int, int]
"""Where a finding stands: its run, its section (events, rounds, bonuses, across), the seq or number there, which of
those."""
_GROUPED = (1, 2)
_ACROSS = 3
FINDING_FILTERS = frozenset({"run", "rule", "confidence", "origin", "user_id", "round_id", "user_bonus_id"})


async def list_all(kind: Kind, follower: Follower, query: Query) -> dict[str, Any]:
    """One page of the values that match, in the order in which they first came."""
    run_at, after = query.cursor_numbers(2)
    return await page_of(kind.name, _views(kind, follower, query, (run_at, after)), follower, query)


def get_one(kind: Kind, follower: Follower, wanted: dict[str, str]) -> dict[str, Any]:
    """The one value with these parts of its key (and run); AdminError 404 when there is none, 409 when several are."""
    found: list[dict[str, Any]] = []
    excluded: list[int] = []
    for run, state in follower:
        if wanted.get("run", run) != run:
            continue
        groups = kind.groups(state.history)
        for key in _candidates(kind, groups, {name: value for name, value in wanted.items() if name != "run"}):
            view = _view(kind, run, state, key)
            if view is None:
                excluded += groups.excluded(key)
            else:
                found.append(view | {"complete": groups.complete(key)})
    return the_one(kind.name, found, wanted, kind.key, excluded)


def list_findings(journal: Journal, follower: Follower, query: Query) -> dict[str, Any]:
    """One page of the findings of each run: of its events in the journal's order, then of all that they make up."""
    found = list(islice(_findings(journal, follower, query), query.limit + 1))
    page = found[: query.limit]
    return {
        "findings": [view for _, view in page],
        "next_cursor": ".".join(map(str, page[-1][0])) if len(found) > query.limit else None,
        "complete": follower.complete(query.filters.get("run")),
    }


def _findings(journal: Journal, follower: Follower, query: Query) -> Iterator[tuple[_Place, dict[str, Any]]]:
    """The findings beyond the query's cursor, which is the place of one and stays it while others come."""
    after = query.cursor_numbers(4)
    for run, state in follower:
        if (index := state.number) < after[0] or query.filters.get("run", run) != run:
            continue
        section, position = after[1:3] if index == after[0] else (0, 0)
        for section_at, number, named, findings in _flagged(journal, state, section, position):
            context = {"run": run, "seq": None if section_at in _GROUPED else number}
            context |= {name: getattr(named, name, None) for name in _NAMES}
            for nth, finding in enumerate(findings, start=1):
                place = (index, section_at, number, nth)
                view = finding_view(finding) | context
                if place > after and all(view[name] == value for name, value in query.filters.items()):
                    yield place, view


def _flagged(
    journal: Journal, state: RunState, section: int, position: int
) -> Iterator[tuple[int, int, Any, tuple[Finding, ...]]]:
    """What has findings, from a place on: each one's section and seq or number, what names it, and its findings."""
    if section == 0:
        flagged = [seq for seq in state.flagged if seq >= position]
        for start in range(0, len(flagged), 500):
            for entry in journal.get(flagged[start : start + 500]):
                yield 0, entry.seq, entry, findings_of(entry)
    for section_at, kind in enumerate((ROUNDS, BONUSES), start=1):
        if section_at < section:
            continue
        groups = kind.groups(state.history)
        for number, key in groups.keys(after=max(position - 1, 0) if section_at == section else 0):
            if findings := groups.findings(key):
                yield section_at, number, key, findings
    for seq, findings in state.history.across.flagged(after=max(position - 1, 0) if section == _ACROSS else 0):
        yield _ACROSS, seq, next(iter(journal.get([seq])), None), findings


async def _views(kind: Kind, follower: Follower, query: Query, after: tuple[int, int]) -> Views:
    labels = {name: value for name, value in query.filters.items() if name in kind.labels}
    async with aclosing(items(follower, query, kind.groups, after=after)) as found:
        async for item in found:
            view = _view(kind, item.run, item.state, item.key, labels)
            if view is not None:
                yield (item.state.number, item.number), view


def _candidates(kind: Kind, groups: Groups[Any, Any], parts: dict[str, str]) -> Iterable[Any]:
    """The keys with these parts; a whole key is looked up, a part of one is looked for."""
    if len(parts) == len(kind.key):
        return (kind.key_type(**parts),)
    return [key for key in groups.known() if all(getattr(key, name) == value for name, value in parts.items())]


def _view(
    kind: Kind, run: str, state: RunState, key: Any, labels: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any] | None:
    """The value with this key, None when there is none or its fields are not these."""
    groups = kind.groups(state.history)
    fold = groups.value(key)
    if fold is None:
        return None
    value = kind.value(fold)
    if any(getattr(value, name) != wanted for name, wanted in labels.items()):
        return None
    return {"run": run} | kind.view(value, groups.findings(key))
