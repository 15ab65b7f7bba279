"""What the tests of the rules over rounds share: a rule, asked of a round by itself."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ftcrm.contracts import RULES, fold_round
from ftcrm.contracts.rules import Hit


@pytest.fixture(scope="session")
def hits(feed: Any) -> Callable[..., list[Hit]]:
    """What the rule of that code says of the round of these events, given by their changes to a clean one."""

    def ask(code: str, *changes: dict[str, Any], excluded: Sequence[int] = ()) -> list[Hit]:
        members = feed.members([feed.casino_event(**change) for change in changes])
        return list(RULES[code].check(fold_round(feed.key, members, excluded=excluded)))

    return ask
