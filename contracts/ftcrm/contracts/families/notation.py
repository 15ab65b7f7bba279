"""How the cases are written: B is a Bet, W a Win, L a Loss, R a Rollback, END is_round_end, X and Y are new ids."""

from decimal import Decimal
from typing import Any, Literal

from ftcrm.contracts.families.values import Case, Closed, ExpectedBonus, ExpectedRound, Later, Sent, Step
from ftcrm.contracts.rounds.money import Amounts, Money
from ftcrm.contracts.rounds.rounds import RoundState

__all__ = [
    "B2",
    "B3",
    "BONUS",
    "CLOSE",
    "END",
    "L2",
    "LOCKED",
    "NO_AMOUNT",
    "REAL",
    "UB",
    "W2",
    "B",
    "L",
    "R",
    "W",
    "X",
    "Y",
    "at",
    "bonus",
    "case",
    "has",
    "later",
    "makes",
    "money",
    "split",
]

Changes = dict[str, Any]
Number = int | str
"""A number as it is written: a text where it has decimals."""

B: Changes = {"type": "Bet", "activity_id": "b"}
B2: Changes = {"type": "Bet", "activity_id": "b2"}
B3: Changes = {"type": "Bet", "activity_id": "b3"}
W: Changes = {"type": "Win", "activity_id": "w", "amount": 5}
W2: Changes = {"type": "Win", "activity_id": "w2", "amount": 7}
L: Changes = {"type": "Loss", "activity_id": "l", "amount": 0}
L2: Changes = {"type": "Loss", "activity_id": "l2", "amount": 0}
END: Changes = {"is_round_end": True}
R: Changes = {"status": "Rollback"}
X: Changes = {"activity_id": "x"}
Y: Changes = {"activity_id": "y"}
UB: Changes = {"user_bonus_id": "863512"}
NO_AMOUNT: Changes = {"amount": None}
REAL, BONUS, LOCKED = "wager_amount", "bonus_wager_amount", "locked_wager_amount"
CLOSE = Closed()


def at(time: str, day: str = "2026-03-02") -> Changes:
    """When it happened: a time of day with its offset, before the case is sent unless another day is told."""
    return {"timestamp": f"{day}T{time}"}


def later(days: int) -> Later:
    """So many days pass."""
    return Later(days)


def bonus(status: str, **changes: Any) -> Sent:
    """A bonus event of that status."""
    return Sent({"status": status, **changes}, "BONUS")


def case(
    family: int,
    name: str,
    steps: list[Changes | Step],
    codes: str,
    *rounds: ExpectedRound,
    bonuses: tuple[ExpectedBonus, ...] = (),
    clauses: dict[str, str] | None = None,
    select: tuple[str, ...] = (),
) -> Case:
    """A case; `codes` are those of the rules that speak, with blanks between them."""
    sent = tuple(Sent(_exact(step)) if isinstance(step, dict) else step for step in steps)
    return Case(family, name, sent, frozenset(codes.split()), rounds, bonuses, clauses or {}, select)


def makes(
    state: Literal["won", "lost", "open", "orphan", "voided"],
    bet: Number | Amounts,
    win: Number | Amounts,
    ggr: Number | Amounts,
    *,
    currency: str = "EUR",
    totals: dict[str, Money] | None = None,
    **others: Any,
) -> ExpectedRound:
    """A round: its outcome if it is settled, else its state; `totals` in place of the three where currencies differ."""
    settled: dict[str, tuple[RoundState, Literal["won", "lost"] | None]] = {
        "won": ("settled", "won"),
        "lost": ("settled", "lost"),
        "open": ("open", None),
        "orphan": ("orphan", None),
        "voided": ("voided", None),
    }
    told, outcome = settled[state]
    return ExpectedRound(state=told, outcome=outcome, totals=totals or {currency: money(bet, win, ggr)}, **others)


def has(
    status: str | None, bet: Number | Amounts = 0, win: Number | Amounts = 0, ggr: Number | Amounts = 0
) -> ExpectedBonus:
    """A bonus: its last status, and the turnover in EUR of the casino events that carry it."""
    return ExpectedBonus(status=status, totals={"EUR": money(bet, win, ggr)})


def money(bet: Number | Amounts, win: Number | Amounts, ggr: Number | Amounts) -> Money:
    """Bet, win and ggr; a number is money of no wallet that was named."""
    return Money(*(each if isinstance(each, Amounts) else split(each, unallocated=each) for each in (bet, win, ggr)))


def split(
    total: Number, *, real: Number = 0, bonus: Number = 0, locked: Number = 0, unallocated: Number = 0
) -> Amounts:
    """An amount and its wallets."""
    return Amounts(*map(Decimal, (real, bonus, locked, unallocated, total)))


_NUMBERS = frozenset({"amount", "exchange_rate", "balance_after", REAL, BONUS, LOCKED})


def _exact(changes: Changes) -> Changes:
    return {
        name: Decimal(value) if name in _NUMBERS and value is not None else value for name, value in changes.items()
    }
