"""Game sessions: a player's events without a long gap between them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from ftcrm.contracts.rounds.members import CasinoMember, PlayerKey
from ftcrm.contracts.rounds.money import Entry, Money, add_up
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
    folds = list(rounds)
    events = [member for fold in folds for member in fold.events]
    events.sort(key=_instant)
    entries = {
        member.seq: entry for fold in folds for member, entry in zip(fold.matching.live, fold.entries, strict=True)
    }
    return tuple([_session(key, part, entries) for part in _without_gaps(events, gap)])


def _without_gaps(events: Sequence[CasinoMember], gap: timedelta) -> Iterator[Sequence[CasinoMember]]:
    """The events, in order of time, in parts that lie more than the gap apart."""
    start = 0
    for index in range(1, len(events)):
        if events[index].event.timestamp - events[index - 1].event.timestamp > gap:
            yield events[start:index]
            start = index
    if events:
        yield events[start:]


def _session(key: PlayerKey, events: Sequence[CasinoMember], entries: Mapping[int, Entry]) -> Session:
    live = [entry for member in events if (entry := entries.get(member.seq)) is not None]
    totals, base = add_up(live)
    started_at, ended_at = events[0].event.timestamp, events[-1].event.timestamp
    return Session(
        origin=key.origin,
        user_id=key.user_id,
        started_at=started_at,
        ended_at=ended_at,
        duration=ended_at - started_at,
        events=len(events),
        rounds=len({event.round_id for event, _ in live}),
        bets=_bets(live),
        wins=_wins(live),
        totals=totals,
        base=base,
        games=_games(live),
        seqs=tuple(sorted([member.seq for member in events])),
    )


def _games(live: Iterable[Entry]) -> tuple[SessionGame, ...]:
    by_game: dict[tuple[str, str], list[Entry]] = {}
    for entry in live:
        event, _ = entry
        by_game.setdefault((event.vendor_id, event.game_id), []).append(entry)
    return tuple([_game(*game, by_game[game]) for game in sorted(by_game)])


def _game(vendor_id: str, game_id: str, entries: Sequence[Entry]) -> SessionGame:
    last = last_of(event for event, _ in entries)
    _, base = add_up(entries)
    return SessionGame(vendor_id, game_id, last.game_name, last.game_type, _bets(entries), _wins(entries), base)


def _bets(entries: Iterable[Entry]) -> int:
    return sum([event.type == "Bet" for event, _ in entries])


def _wins(entries: Iterable[Entry]) -> int:
    return sum([event.type == "Win" and terms[-1] > 0 for event, terms in entries])


def _instant(member: CasinoMember) -> datetime:
    return member.event.timestamp
