"""Rounds, bonuses and findings: what the follower derived, page by page."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from ftcrm.contracts.findings import Finding
from ftcrm.contracts.groups import Groups
from ftcrm.contracts.history import History
from ftcrm.contracts.rounds import BonusKey, RoundKey
from ftcrm.contracts.views import bonus_view, finding_view, round_view
from ftcrm.mockserver.admin.events import findings_of
from ftcrm.mockserver.admin.query import AdminError, Query
from ftcrm.mockserver.follower import Follower, RunState
from ftcrm.mockserver.journal import Journal

__all__ = ["BONUSES", "FINDING_FILTERS", "ROUNDS", "Kind", "get_one", "list_all", "list_findings"]


class Kind(NamedTuple):
    """One kind of derived value: its name in answers, where a history keeps it, and what it can be narrowed by."""

    name: str
    key_type: type[RoundKey] | type[BonusKey]
    label: str
    groups: Callable[[History], Groups[Any, Any]]
    view: Callable[[Any, Any], dict[str, Any]]

    @property
    def key(self) -> tuple[str, ...]:
        """The names of the key's parts."""
        return self.key_type.__struct_fields__

    @property
    def filters(self) -> frozenset[str]:
        """The names of the filters."""
        return frozenset({"run", *self.key, self.label})


ROUNDS = Kind(
    "rounds",
    RoundKey,
    "state",
    lambda history: history.rounds,
    lambda fold, findings: round_view(fold.round, findings),
)
BONUSES = Kind(
    "bonuses",
    BonusKey,
    "status",
    lambda history: history.bonuses,
    lambda fold, findings: bonus_view(fold.bonus, findings),
)
_NAMES = ("origin", "user_id", "round_id", "user_bonus_id")
_Place = tuple[int, int, int, int]
"""Where a finding stands: its run, its section (events, rounds, bonuses, across), the seq or number there, which of
those."""
_GROUPED = (1, 2)
_ACROSS = 3
FINDING_FILTERS = frozenset({"run", "rule", "confidence", "origin", "user_id", "round_id", "user_bonus_id"})


def list_all(kind: Kind, follower: Follower, query: Query) -> dict[str, Any]:
    """One page of the values that match, in the order in which they first came."""
    run_at, after = query.cursor_numbers(2)
    wanted_label = query.filters.get(kind.label)
    wanted_key = {name: value for name, value in query.filters.items() if name in kind.key}
    page: list[dict[str, Any]] = []
    cursor = None
    for run, state in follower:
        if (index := state.number) < run_at or query.filters.get("run", run) != run:
            continue
        for number, key in kind.groups(state.history).keys(after=after if index == run_at else 0):
            if any(getattr(key, name) != value for name, value in wanted_key.items()):
                continue
            view = _view(kind, run, state, key)
            if view is None or (wanted_label is not None and view[kind.label] != wanted_label):
                continue
            if len(page) == query.limit:
                return {kind.name: page, "next_cursor": cursor, "complete": follower.complete(query.filters.get("run"))}
            page.append(view)
            cursor = f"{index}.{number}"
    return {kind.name: page, "next_cursor": None, "complete": follower.complete(query.filters.get("run"))}


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
    said = ", ".join(f"{name} {value!r}" for name, value in wanted.items())
    if len(found) > 1:
        where = [{name: view[name] for name in ("run", *kind.key)} for view in found]
        raise AdminError(409, "ambiguous", f"expected one of the {kind.name} with {said}, got several: {where}")
    if not found:
        seen = f"; the deliveries {excluded} carry its key but were not folded" if excluded else ""
        raise AdminError(404, "not-found", f"expected one of the {kind.name} with {said}, got none{seen}")
    return found[0]


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


def _candidates(kind: Kind, groups: Groups[Any, Any], parts: dict[str, str]) -> Iterable[Any]:
    """The keys with these parts; a whole key is looked up, a part of one is looked for."""
    if len(parts) == len(kind.key):
        return (kind.key_type(**parts),)
    return [key for key in groups.known() if all(getattr(key, name) == value for name, value in parts.items())]


def _view(kind: Kind, run: str, state: RunState, key: Any) -> dict[str, Any] | None:
    groups = kind.groups(state.history)
    fold = groups.value(key)
    return None if fold is None else {"run": run} | kind.view(fold, groups.findings(key))
