"""The comparison can fail: whatever of either side is broken a little shows in a few hundred histories."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from importlib import import_module
from typing import Any

import pytest
from hypothesis import Phase, find, settings

from . import naive
from .adversarial import histories
from .comparison import differences
from .naive import content, rounds
from .naive.content import Event
from .naive.money import amounts_of
from .naive.sessions import make_sessions

Break = Callable[[pytest.MonkeyPatch], None]
ENGINE = import_module("ftcrm.contracts.construct")  # the package's attribute of this name is the function
MICROSECOND = timedelta(microseconds=1)
GENERATED = settings(max_examples=3_000, phases=[Phase.generate], database=None, derandomize=True)


def ties_by_arrival(monkeypatch: pytest.MonkeyPatch) -> None:
    def order(event: Event) -> tuple[datetime, str, int]:
        return event.at, event.sent.get("activity_id", ""), event.seq

    monkeypatch.setattr(content.Event, "order", property(order))


def other_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "written_number", lambda number: f"{number.normalize():f}")


def rollbacks_by_own_id_only(monkeypatch: pytest.MonkeyPatch) -> None:
    reversals = rounds.reversals
    monkeypatch.setattr(
        rounds,
        "reversals",
        lambda counted, readings: [found for found in reversals(counted, readings) if found[2] == 1],
    )


def rollbacks_of_any_wallets(monkeypatch: pytest.MonkeyPatch) -> None:
    def of_no_wallets(event: Event, readings: Any) -> Any:
        return amounts_of(event, readings) | dict.fromkeys(("real", "bonus", "locked", "unallocated"), Fraction(0))

    reversals = rounds.reversals

    def blind(counted: Sequence[Event], readings: Any) -> Any:
        with monkeypatch.context() as patched:
            patched.setattr(rounds, "amounts_of", of_no_wallets)
            return reversals(counted, readings)

    monkeypatch.setattr(rounds, "reversals", blind)


def sums_of_floats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content.Event, "number", lambda event, field: Fraction(float(event[field])))


def sessions_end_at_the_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        naive, "make_sessions", lambda player, rounds, gap: make_sessions(player, rounds, gap - MICROSECOND)
    )


def players_know_the_future(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = rounds.Round.verdict
    monkeypatch.setattr(rounds.Round, "verdict", lambda round_, as_of=None: verdict(round_))


def engine_sessions_outlast_the_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    fold_sessions = ENGINE.fold_sessions
    monkeypatch.setattr(
        ENGINE, "fold_sessions", lambda key, rounds, gap: fold_sessions(key, rounds, gap=gap + MICROSECOND)
    )


def engine_counts_the_first_to_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    fold_round = ENGINE.fold_round

    def fold(key: Any, members: Any, **told: Any) -> Any:
        kept: dict[Any, Any] = {}
        for member in members:
            event = member.event
            kept.setdefault((event.activity_id, event.type, event.status), member)
        return fold_round(key, kept.values(), **told)

    monkeypatch.setattr(ENGINE, "fold_round", fold)


@pytest.mark.parametrize(
    "broken",
    [
        ties_by_arrival,
        other_digest,
        rollbacks_by_own_id_only,
        rollbacks_of_any_wallets,
        sums_of_floats,
        sessions_end_at_the_gap,
        players_know_the_future,
        engine_sessions_outlast_the_gap,
        engine_counts_the_first_to_arrive,
    ],
)
def test_what_is_broken_differs(broken: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)
    drawn = find(histories(), lambda drawn: differences(drawn) != [], settings=GENERATED)
    monkeypatch.undo()
    assert differences(drawn) == []
