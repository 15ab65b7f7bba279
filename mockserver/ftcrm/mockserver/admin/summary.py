"""The summary: how much of what was received, judged and derived."""

from collections import Counter
from typing import Any

from ftcrm.mockserver.admin.query import Query
from ftcrm.mockserver.admin.sources import Sources

__all__ = ["summary"]


def summary(server: Sources, query: Query) -> dict[str, Any]:
    """Counts over one run, or over all of them."""
    wanted = query.filters.get("run")
    states = [(run, state) for run, state in server.follower if wanted in (None, run)]
    tallies: dict[str, Counter[str]] = {}
    rounds: Counter[str] = Counter()
    bonuses: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    for _, state in states:
        for name, counter in state.tallies.items():
            tallies.setdefault(name, Counter()).update(counter)
        rounds.update(state.history.rounds.labels)
        bonuses.update(state.history.bonuses.labels)
        rules.update(state.rules())
    return {
        "events": sum(state.deliveries for _, state in states),
        "connectors": _counts(tallies.get("connector")),
        "message_types": _counts(tallies.get("message_type")),
        "verdicts": _counts(tallies.get("verdict")),
        "dispositions": _counts(tallies.get("disposition")),
        "rounds": _counts(rounds),
        "bonuses": _counts(bonuses),
        "players": sum(len(state.history.players) for _, state in states),
        "findings": _counts(rules),
        "runs": {run: state.deliveries for run, state in states},
        "protocol_errors": server.errors.view(),
        "journal": {
            "path": str(server.journal_path) if server.journal_path is not None else None,
            "last_seq": server.journal.last_seq,
            "evicted": server.journal.evicted,
            "failed_commits": server.intake.failures,
        },
        "complete": server.follower.complete(wanted),
    }


def _counts(counter: Counter[str] | None) -> dict[str, int]:
    return {name: count for name, count in sorted((counter or {}).items()) if count}
