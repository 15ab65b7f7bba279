"""What the rules say of a history: its final bytes, judged as `ftcrm check` judges them."""

from collections.abc import Sequence

from ftcrm.contracts import Finding, History, Message, Ruleset, Settings, judge
from ftcrm.strategies.mutations.mutation import RECEIVED_AT

__all__ = ["findings_in", "found_in"]


def found_in(messages: Sequence[Message], settings: Settings | None = None, *, closes: bool = False) -> frozenset[str]:
    """The codes of the rules that speak of this history; what follows from another finding is not told, as ever."""
    return frozenset(finding.rule for finding in findings_in(messages, settings, closes=closes))


def findings_in(
    messages: Sequence[Message], settings: Settings | None = None, *, closes: bool = False
) -> tuple[Finding, ...]:
    """What the rules say of each message, of the rounds and bonuses that come of them, and of all together.

    Everything is received at RECEIVED_AT; then the deadline of open rounds passes, if the settings have one and the run
    is not closed.
    """
    settings = settings or Settings()
    ruleset = Ruleset(settings)
    history = History(ruleset=ruleset)
    at = int(RECEIVED_AT.timestamp()) * 1_000_000
    found: list[Finding] = []
    for seq, message in enumerate(messages, 1):
        judged = judge(message, ruleset, received_at=at)
        found += judged.findings
        history.add(seq, judged, at=at)
    history.refresh()
    if closes:
        history.close()
    elif settings.round_deadline is not None:
        history.pass_deadlines(at + int(settings.round_deadline * 1_000_000))
    history.refresh()
    for kept in (history.rounds, history.bonuses, history.across):
        for _, findings in kept.flagged():
            found += findings
    return tuple(found)
