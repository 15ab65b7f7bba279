"""Sessions and bonuses as the admin API shows them, held against those of the reference."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ftcrm.contracts.events.payload import shortened
from ftcrm.contracts.rounds import Bonus, PlayerKey, Session
from ftcrm.contracts.views import bonus_view, session_view

__all__ = ["bonus_differences", "session_differences"]

View = Mapping[str, Any]

_PLACES = frozenset({"seq", "seqs", "casino_seqs", "excluded", "findings"})
"""What tells of places in a journal: two journals have them otherwise."""


def session_differences(player: PlayerKey, expected: Iterable[Session], got: Sequence[View]) -> Iterator[str]:
    """A line for each value in which the player's sessions, in order of time, are not those that are shown."""
    ours = [session_view(value) for value in expected]
    where = f"{player.origin}/{player.user_id}"
    if len(ours) != len(got):
        yield f"{where}: sessions: expected {len(ours)}, got {len(got)}"
        return
    for number, (wanted, came) in enumerate(zip(ours, got, strict=True), start=1):
        yield from _lines(f"{where}: session {number}", wanted, came)


def bonus_differences(player: PlayerKey, expected: Iterable[Bonus], got: Iterable[View]) -> Iterator[str]:
    """A line for each value in which the player's bonuses are not those that are shown."""
    ours = {value.user_bonus_id: bonus_view(value) for value in expected}
    theirs: dict[str, list[View]] = {}
    for view in got:
        theirs.setdefault(str(view.get("user_bonus_id")), []).append(view)
    for name in sorted(ours.keys() | theirs.keys()):
        where = f"{player.origin}/{player.user_id}: bonus {name}"
        wanted, came = int(name in ours), theirs.get(name, [])
        if len(came) != wanted:
            yield f"{where}: expected {wanted} of that name, got {len(came)}"
        else:
            yield from _lines(where, ours[name], came[0])


def _lines(where: str, wanted: View, came: View) -> Iterator[str]:
    # Beside what it is, a view may say where it is from (its run).
    own = {name: came[name] for name in wanted if name in came}
    for path, ours, theirs in _unlike((), wanted, own):
        yield f"{where}: {'.'.join(path)}: expected {_shown(ours)}, got {_shown(theirs)}"


def _unlike(path: tuple[str, ...], wanted: Any, came: Any) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Each value, at any depth, that differs, with the names that lead to it."""
    match wanted, came:
        case dict(), dict():
            for name in {**wanted, **came}:
                if name not in _PLACES:
                    yield from _unlike((*path, name), wanted.get(name), came.get(name))
        case list(), list() if len(wanted) == len(came):
            for index, (ours, theirs) in enumerate(zip(wanted, came, strict=True)):
                yield from _unlike((*path, str(index)), ours, theirs)
        case _ if wanted != came:
            yield path, wanted, came


def _shown(value: Any) -> str:
    return shortened(json.dumps(value, ensure_ascii=False, default=str))
