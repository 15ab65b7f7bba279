"""A case in words, for one cell of a table: each step, each round and each bonus in a line."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ftcrm.contracts.families.values import (
    CLEAN_CASINO,
    Case,
    Closed,
    ExpectedBonus,
    ExpectedRound,
    Later,
    Sent,
    Step,
)
from ftcrm.contracts.numbers import plain
from ftcrm.contracts.rounds.money import Amounts, Money

__all__ = ["told_bonus", "told_round", "told_steps"]

_SAID_FIRST = frozenset({"type", "activity_id", "status", "amount", "currency", "timestamp"})
_WALLETS = ("real", "bonus", "locked", "unallocated")


def told_steps(case: Case) -> Iterator[str]:
    """Each step in a line, with its position, which `excluded` speaks of."""
    for position, step in enumerate(case.steps, 1):
        again = ", again" if isinstance(step, Sent) and step in case.steps[: position - 1] else ""
        yield f"{position}. {_step(step)}{again}"


def _step(step: Step) -> str:
    match step:
        case Closed():
            return "*the run is closed*"
        case Later():
            return f"*{step.days} days pass*"
        case Sent(message_type="BONUS"):
            return ", ".join(("Bonus event " + step.changes["status"], *_others(step.changes, {"status", "timestamp"})))
    return ", ".join((_subject(step.changes), *_others(step.changes, _SAID_FIRST)))


def _subject(changes: dict[str, Any]) -> str:
    """Status (where it is not Approved), type, id and amount, and the currency where it is another."""
    rollback = "Rollback " if changes.get("status") == "Rollback" else ""
    amount = changes.get("amount", CLEAN_CASINO["amount"])
    money = "without an amount" if amount is None else _number(amount)
    currency = f" {changes['currency']}" if "currency" in changes else ""
    return f"{rollback}{changes['type']} `{changes['activity_id']}` {money}{currency}"


def _others(changes: dict[str, Any], said: frozenset[str] | set[str]) -> Iterator[str]:
    for name, value in changes.items():
        if name not in said:
            yield f"`{name}`" if value is True else f"{name} {_number(value)}"
    if "timestamp" in changes:
        yield f"at {changes['timestamp']}"


def _number(value: Any) -> str:
    """A number as it is sent; a text as it is."""
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def told_round(value: ExpectedRound, case: Case) -> str:
    """State and outcome, then the money, then whatever else the case says of the round."""
    outcome = ", not played" if value.state == "voided" else f", {value.outcome}" if value.outcome else ""
    totals = "; ".join(f"{_money(money)} {currency}" for currency, money in value.totals.items())
    return f"{_which(value, case)}`{value.state}`{outcome}: " + "; ".join((totals, *_more(value, case)))


def _which(value: ExpectedRound, case: Case) -> str:
    """The round or the user, where the case has several."""
    users, rounds = {each.user_id for each in case.rounds}, {each.round_id for each in case.rounds}
    return f"user {value.user_id}: " if len(users) > 1 else f"{value.round_id}: " if len(rounds) > 1 else ""


def _more(value: ExpectedRound, case: Case) -> Iterator[str]:
    if value.base is not None:
        yield f"base: {_money(value.base)}"
    if value.end_flagged:
        yield "end flagged"
    if any(name in step.changes for step in case.steps if isinstance(step, Sent) for name in ("game_id", "vendor_id")):
        yield f"game {value.game_id} of vendor {value.vendor_id}"
    if value.first_at is not None:
        at_once = value.first_at == value.last_at
        yield f"at {value.first_at}" if at_once else f"from {value.first_at} to {value.last_at}"
    if value.excluded:
        yield f"left out: {', '.join(map(str, value.excluded))}"


def told_bonus(value: ExpectedBonus) -> str:
    """Its status, and its turnover."""
    status = f"`{value.status}`" if value.status is not None else "without a status"
    totals = "; ".join(f"{_money(money)} {currency}" for currency, money in value.totals.items())
    return f"bonus {value.user_bonus_id}: {status}: {totals}"


def _money(money: Money) -> str:
    return f"bet {_amounts(money.bet)}, win {_amounts(money.win)}, ggr {_amounts(money.ggr)}"


def _amounts(amounts: Amounts) -> str:
    """The total; and its wallets, where it is of any that was named."""
    named = [name for name in _WALLETS if getattr(amounts, name)]
    if named in ([], ["unallocated"]):
        return plain(amounts.total)
    return f"{plain(amounts.total)} ({', '.join(f'{name} {plain(getattr(amounts, name))}' for name in named)})"
