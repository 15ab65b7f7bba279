"""What a family consists of: its cases, each with what is sent, and everything that is expected of it."""

from typing import Any, Literal

import msgspec

from ftcrm.contracts.rounds.money import Money
from ftcrm.contracts.rounds.rounds import RoundState
from ftcrm.contracts.settings import Settings

__all__ = [
    "CLEAN_BONUS",
    "CLEAN_CASINO",
    "Case",
    "Closed",
    "ExpectedBonus",
    "ExpectedRound",
    "Family",
    "Later",
    "Sent",
    "Step",
    "settings_for",
]

CLEAN_CASINO: dict[str, Any] = {
    "amount": 20,
    "currency": "EUR",
    "exchange_rate": 1,
    "game_id": "10911",
    "game_name": "Dead or Alive",
    "game_type": "Slots",
    "origin": "sub.example.com",
    "round_id": "r1",
    "status": "Approved",
    "type": "Bet",
    "user_bonus_id": "",
    "user_id": "52530",
    "vendor_id": "1",
    "vendor_name": "Netent",
}
"""A casino event that no rule has anything to say about, but for what every event has of its own."""
CLEAN_BONUS: dict[str, Any] = {
    "amount": 10,
    "bonus_id": "9821",
    "currency": "EUR",
    "exchange_rate": 1,
    "origin": "sub.example.com",
    "product": "Casino",
    "status": "Created",
    "type": "WelcomeBonus",
    "user_bonus_id": "863512",
    "user_id": "52530",
}
"""A bonus event that no rule has anything to say about, but for its timestamp."""


class Sent(msgspec.Struct, frozen=True):
    """An event that is sent: what is not that of a clean event; a property that is None is left out.

    Without a timestamp it happens as it is sent, a second after the step before. The same changes again are the same
    event, delivered again.
    """

    changes: dict[str, Any]
    message_type: Literal["CASINO", "BONUS"] = "CASINO"


class Later(msgspec.Struct, frozen=True):
    """So many days pass, and with them the deadlines of open rounds."""

    days: int


class Closed(msgspec.Struct, frozen=True):
    """The run is closed: nothing more will come."""


Step = Sent | Later | Closed


class ExpectedRound(msgspec.Struct, frozen=True, kw_only=True):
    """A round that comes out, as it must be: whatever is not said is that of a clean event.

    `totals` has all of its money; `base` is None where that is the same in base currency. `excluded` are the positions
    of the deliveries left out of it, from 1. `first_at` and `last_at` are told where the clocks are what matters.
    """

    state: RoundState
    outcome: Literal["won", "lost"] | None
    totals: dict[str, Money]
    base: Money | None = None
    end_flagged: bool = False
    user_id: str = CLEAN_CASINO["user_id"]
    round_id: str = CLEAN_CASINO["round_id"]
    game_id: str = CLEAN_CASINO["game_id"]
    vendor_id: str = CLEAN_CASINO["vendor_id"]
    excluded: tuple[int, ...] = ()
    first_at: str | None = None
    last_at: str | None = None


class ExpectedBonus(msgspec.Struct, frozen=True, kw_only=True):
    """A bonus that comes out: its last status, None when no event of it came, and the turnover of what carries it."""

    status: str | None
    totals: dict[str, Money]
    user_bonus_id: str = CLEAN_BONUS["user_bonus_id"]


class Case(msgspec.Struct, frozen=True):
    """One sequence, and everything that comes of it.

    `codes` are exactly the rules that speak (what follows from another finding is counted with that one); `clauses` has
    the clause of a finding, by code, where it is more precise than its rule's. `rounds` and `bonuses` are all that come
    out. `select` are the rules that have to be selected first.
    """

    family: int
    name: str
    steps: tuple[Step, ...]
    codes: frozenset[str]
    rounds: tuple[ExpectedRound, ...]
    bonuses: tuple[ExpectedBonus, ...] = ()
    clauses: dict[str, str] = {}
    select: tuple[str, ...] = ()


class Family(msgspec.Struct, frozen=True):
    """A family of sequences: how it comes about in practice, and on what authority its outcomes rest.

    `otherwise` are the readings of assumptions, as `name=reading`, under which the outcome of one of its cases differs.
    """

    number: int
    title: str
    about: str
    authority: str
    cases: tuple[Case, ...]
    otherwise: tuple[str, ...] = ()


_DEADLINE = 86400.0


def settings_for(case: Case) -> Settings:
    """The settings that the case is judged with: a deadline of a day for open rounds, and the rules that it selects."""
    return Settings(round_deadline=_DEADLINE, extend_select=case.select)
