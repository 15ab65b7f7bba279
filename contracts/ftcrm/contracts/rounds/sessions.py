"""Game sessions: a player's events without a long gap between them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from operator import itemgetter

import msgspec

from ftcrm.contracts.numbers import ZERO
from ftcrm.contracts.rounds.members import PlayerKey
from ftcrm.contracts.rounds.money import Entry, Money, add_up, join
from ftcrm.contracts.rounds.order import last_of
from ftcrm.contracts.rounds.rounds import RoundFold

__all__ = ["Session", "SessionGame", "fold_sessions"]


class SessionGame(msgspec.Struct, frozen=True):
    """One game in one session: what its live events there come to.

    Inferred: `vendor_id` and `game_id` together say which game it is.
    """

    vendor_id: str
    game_id: str
    name: str
    """The game_name of the last of those events in canonical order (vendor: ids and names are consistent)."""
    type: str
    """The game_type of the same event."""
    bets: int
    """How many Bets."""
    wins: int
    """How many Wins of more than 0."""
    base: Money
    """Bet, win and ggr in base currency: amount x exchange_rate (inferred; unknown: which currency that is)."""


class Session(msgspec.Struct, frozen=True):
    """One session of one player: counted casino events of all rounds, each within the gap of the one before.

    Rollbacks and what they reverse are such events, too; the sums are those of the live events alone. Unknown: what FT
    CRM takes for a session, and how long its gap is; that a gap ends it is inferred.
    """

    origin: str
    user_id: str
    started_at: datetime
    """The instant of the first event."""
    ended_at: datetime
    """The instant of the last event; not the gap after it."""
    duration: timedelta
    """From the first event to the last; 0 for one event."""
    events: int
    """How many counted events."""
    rounds: int
    """In how many rounds live events of it are. A round may be in several sessions."""
    bets: int
    """How many live Bets."""
    wins: int
    """How many live Wins of more than 0."""
    totals: dict[str, Money]
    """Bet, win and ggr of its live events, per currency of them (vendor: GGR = bets - wins).

    A Bet and its Win may be in two sessions: each counts in its own.
    """
    base: Money
    """The same in base currency: amount x exchange_rate (inferred; unknown: which currency that is)."""
    games: tuple[SessionGame, ...]
    """The games of its live events, by vendor_id, then game_id."""
    seqs: tuple[int, ...]
    """The positions of its counted events, rising; those of repeats are with the round alone."""


def fold_sessions(key: PlayerKey, rounds: Iterable[RoundFold], *, gap: timedelta) -> tuple[Session, ...]:
    """Construct the sessions of the player whose rounds these are, all of them; in order of time.

    The order of the rounds changes nothing, and the positions of the events nothing but `seqs`. A gap of just `gap`
    does not end a session.
    """
    played: list[_Played] = []
    for fold in rounds:
        played += _played(fold)
    played.sort(key=itemgetter(0))
    return tuple([_session(key, part) for part in _without_gaps(played, gap)])


_Played = tuple[datetime, int, Entry | None]
"""A counted event: its instant, its seq, and what counts of it if it is live."""


def _played(fold: RoundFold) -> Iterable[_Played]:
    events, live, entries = fold.events, fold.matching.live, fold.entries
    if len(events) == len(live):
        return [(member.event.timestamp, member.seq, entry) for member, entry in zip(events, entries, strict=True)]
    by_seq = {member.seq: entry for member, entry in zip(live, entries, strict=True)}
    return [(member.event.timestamp, member.seq, by_seq.get(member.seq)) for member in events]


def _without_gaps(played: Sequence[_Played], gap: timedelta) -> Iterator[Sequence[_Played]]:
    """The events, in order of time, in parts that lie more than the gap apart."""
    start = 0
    for index in range(1, len(played)):
        if played[index][0] - played[index - 1][0] > gap:
            yield played[start:index]
            start = index
    if played:
        yield played[start:]


def _session(key: PlayerKey, played: Sequence[_Played]) -> Session:
    live = [entry for _, _, entry in played if entry is not None]
    by_game: dict[tuple[str, str], list[Entry]] = {}
    for entry in live:
        event, _ = entry
        by_game.setdefault((event.vendor_id, event.game_id), []).append(entry)
    sums = {game: add_up(entries) for game, entries in by_game.items()}
    totals, base = join([*sums.values()]) if sums else ({}, Money())
    games = tuple([_game(*game, by_game[game], sums[game][1]) for game in sorted(by_game)])
    started_at, ended_at = played[0][0], played[-1][0]
    return Session(
        origin=key.origin,
        user_id=key.user_id,
        started_at=started_at,
        ended_at=ended_at,
        duration=ended_at - started_at,
        events=len(played),
        rounds=len({event.round_id for event, _ in live}),
        bets=sum([game.bets for game in games]),
        wins=sum([game.wins for game in games]),
        totals=totals,
        base=base,
        games=games,
        seqs=tuple(sorted([seq for _, seq, _ in played])),
    )


def _game(vendor_id: str, game_id: str, entries: Sequence[Entry], base: Money) -> SessionGame:
    last = last_of([event for event, _ in entries])
    return SessionGame(
        vendor_id,
        game_id,
        name=last.game_name,
        type=last.game_type,
        bets=sum([event.type == "Bet" for event, _ in entries]),
        wins=sum([event.type == "Win" and terms[-1] > ZERO for event, terms in entries]),
        base=base,
    )
