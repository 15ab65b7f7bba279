"""The kinds of value that are asked of a file: how a player's are made, and the columns that they have in writing."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from ftcrm.cli.spool import OfPlayer

__all__ = [
    "Column",
    "Kind",
    "View",
    "amount_columns",
    "at",
    "codes_column",
    "flat_amounts",
    "having",
    "left_out_column",
    "player_columns",
]

View = Mapping[str, Any]
"""A value as the admin API shows it."""
_WALLETS = ("total", "real", "bonus", "locked", "unallocated")


class Column(NamedTuple):
    """One column of a table: its title, what it says of a view, and whether that is a number.

    One that `tells_apart` is left out where it says the same in every row, one that `is_rare` where it has a dash in
    every row. One that `is_foldable` is folded at its blanks on a terminal that is too narrow.
    """

    title: str
    text: Callable[[View], str]
    is_number: bool = False
    tells_apart: bool = False
    is_foldable: bool = False
    is_rare: bool = False


class Kind(NamedTuple):
    """One kind: `views` makes those of a player, as of an instant where they have one.

    `made` is what an event does that is part of one. `matches` says whether a view is what the filters want, by their
    names. `label` is what the sum below a table counts, `instant` what it says of all where that is the same. Where a
    terminal is too narrow, columns are left out in the order of `less_important`. `flat` are the columns of CSV (see
    `at`).
    """

    name: Literal["rounds", "sessions", "bonuses", "players"]
    one: str
    made: str
    views: Callable[[OfPlayer, datetime | None], Iterator[View]]
    matches: Callable[[View, Mapping[str, str]], bool]
    label: Callable[[View], str] | None
    columns: tuple[Column, ...]
    less_important: tuple[str, ...]
    flat: tuple[str, ...]
    instant: Callable[[View], str] | None = None


def at(view: Any, path: str) -> Any:
    """What a view has at a path such as `bet.total`: of a list, what each of its elements has; None of nothing."""
    for name in path.split("."):
        if view is None:
            return None
        view = [each[name] for each in view] if isinstance(view, list) else view[name]
    return view


def having(**paths: str) -> Callable[[View, Mapping[str, str]], bool]:
    """Matches the views that have at each filter's path what it wants."""
    return lambda view, wanted: all(at(view, paths[name]) == value for name, value in wanted.items())


def player_columns() -> tuple[Column, ...]:
    """Whose the value is."""
    return (
        Column("run", lambda view: view["run"], tells_apart=True),
        Column("origin", lambda view: view["origin"], tells_apart=True),
        Column("user", lambda view: view["user_id"]),
    )


def amount_columns() -> tuple[Column, ...]:
    """What was bet and won, in the one currency that there is; a dash for sums in several."""

    def single(view: View, name: str) -> str:
        return str(at(next(iter(view["totals"].values())), f"{name}.total")) if len(view["totals"]) == 1 else "-"

    return (
        Column("bet", lambda view: single(view, "bet"), is_number=True),
        Column("win", lambda view: single(view, "win"), is_number=True),
        Column("ggr", lambda view: single(view, "ggr"), is_number=True),
        Column("currency", lambda view: "/".join(view["totals"]) or "-"),
    )


def codes_column() -> Column:
    """The rules that said something of it."""
    return Column("findings", lambda view: ", ".join(sorted(set(at(view, "findings.rule")))) or "-", is_foldable=True)


def left_out_column() -> Column:
    """How many deliveries with its key do not count."""
    return Column("left out", lambda view: str(len(view["excluded"]) or "-"), is_number=True, is_rare=True)


def flat_amounts(prefix: str) -> tuple[str, ...]:
    """The columns of CSV for what was bet and won, per wallet."""
    return tuple(f"{prefix}{name}.{wallet}" for name in ("bet", "win", "ggr") for wallet in _WALLETS)
