"""How many histories were compared with the oracle, at the end of the run."""

from collections.abc import Callable

import pytest

from .adversarial import Drawn

COMPARED = pytest.StashKey[dict[str, int]]()


@pytest.fixture(scope="session")
def compared(pytestconfig: pytest.Config) -> Callable[[Drawn], None]:
    """Counts a history that was compared."""
    counts = pytestconfig.stash.setdefault(COMPARED, {"drawn": 0, "histories": 0, "events": 0})
    seen: set[int] = set()

    def count(drawn: Drawn) -> None:
        counts["drawn"] += 1
        if (value := hash(repr(drawn))) not in seen:
            seen.add(value)
            counts["histories"] += 1
            counts["events"] += len(drawn.deliveries)

    return count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if COMPARED in config.stash:
        counts = config.stash[COMPARED]
        terminalreporter.write_line(
            f"engine and oracle: {counts['drawn']:,} histories compared, {counts['histories']:,} different ones of "
            f"{counts['events']:,} events"
        )
