"""Sessions: what a player did without a gap."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .content import Event
from .money import Live, base, totals
from .rounds import Round


@dataclass(frozen=True)
class Session:
    player: tuple[str, str]
    counted: Sequence[Event]
    lives: Sequence[Live]

    @property
    def started_at(self) -> datetime:
        return min(event.at for event in self.counted)


def make_sessions(player: tuple[str, str], rounds: Iterable[Round], gap: timedelta) -> list[Session]:
    """The sessions of one player, of whom `rounds` are all rounds, in order of time."""
    rounds = list(rounds)
    lives = {live.event.seq: live for round_ in rounds for live in round_.lives}
    sessions: list[list[Event]] = []
    for event in sorted((event for round_ in rounds for event in round_.counted), key=lambda event: event.order):
        if sessions and event.at - sessions[-1][-1].at <= gap:
            sessions[-1].append(event)
        else:
            sessions.append([event])
    return [
        Session(player, session, [lives[event.seq] for event in session if event.seq in lives]) for session in sessions
    ]


def describe_session(session: Session) -> dict[str, Any]:
    ended_at = max(event.at for event in session.counted)
    return {
        **dict(zip(("origin", "user_id"), session.player, strict=True)),
        "started_at": session.started_at,
        "ended_at": ended_at,
        "duration": ended_at - session.started_at,
        "events": len(session.counted),
        "rounds": len({live.event["round_id"] for live in session.lives}),
        "bets": bets_in(session.lives),
        "wins": wins_in(session.lives),
        "totals": totals(session.lives),
        "base": base(session.lives),
        "games": games(session.lives),
        "seqs": sorted(event.seq for event in session.counted),
    }


def games(lives: Sequence[Live]) -> list[dict[str, Any]]:
    described = []
    for vendor_id, game_id in sorted({(live.event["vendor_id"], live.event["game_id"]) for live in lives}):
        own = [live for live in lives if (live.event["vendor_id"], live.event["game_id"]) == (vendor_id, game_id)]
        last = own[-1].event
        described.append(
            {
                "vendor_id": vendor_id,
                "game_id": game_id,
                "name": last["game_name"],
                "type": last["game_type"],
                "bets": bets_in(own),
                "wins": wins_in(own),
                "base": base(own),
            }
        )
    return described


def bets_in(lives: Iterable[Live]) -> int:
    return sum(live.event["type"] == "Bet" for live in lives)


def wins_in(lives: Iterable[Live]) -> int:
    """How many Wins of more than 0 there are."""
    return sum(live.event["type"] == "Win" and live.total > 0 for live in lives)
