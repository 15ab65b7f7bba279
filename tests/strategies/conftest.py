"""How many valid histories the rules were silent on, at the end of the run."""

from collections.abc import Callable, Sequence

import pytest

from ftcrm.contracts import Message

JUDGED = pytest.StashKey[dict[str, int]]()


@pytest.fixture(scope="session")
def judged(pytestconfig: pytest.Config) -> Callable[[Sequence[Message]], None]:
    """Counts a history of which every rule was silent."""
    counts = pytestconfig.stash.setdefault(JUDGED, {"drawn": 0, "histories": 0, "events": 0})
    seen: set[int] = set()

    def count(messages: Sequence[Message]) -> None:
        counts["drawn"] += 1
        if (value := hash(tuple(messages))) not in seen:
            seen.add(value)
            counts["histories"] += 1
            counts["events"] += len(messages)

    return count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if JUDGED in config.stash:
        counts = config.stash[JUDGED]
        terminalreporter.write_line(
            f"rules and valid histories: {counts['drawn']:,} judged, {counts['histories']:,} different ones of "
            f"{counts['events']:,} events, no documented finding"
        )
