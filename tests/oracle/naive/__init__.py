"""What the definitions make of a feed, written down a second time: naively, and without a line of the engine.

It takes the documents that were sent, in order of arrival, with numbers as int or Decimal, and gives plain values:
exact numbers are fractions, instants aware datetimes. Where the definitions can be read in several ways, `readings`
has the names of the assumptions and of the readings, such as `{"end-flag": "settles"}`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from . import bonuses, rounds
from .bonuses import describe_bonus, make_bonus
from .content import Event, read_event
from .money import Readings
from .players import THRESHOLDS, describe_player
from .rounds import describe_round, make_round
from .sessions import describe_session, make_sessions

__all__ = ["construct"]


def construct(
    deliveries: Iterable[tuple[Mapping[str, Any], bool]],
    *,
    readings: Readings,
    gap: timedelta = timedelta(minutes=30),
    thresholds: Mapping[str, Sequence[Any]] = THRESHOLDS,
    as_of: datetime | None = None,
) -> dict[str, Any]:
    """`rounds`, `sessions`, `bonuses` and `players` of the documents; beside each is whether it is folded."""
    received = [(read_event(seq, document), folded) for seq, (document, folded) in enumerate(deliveries, 1)]
    events = [event for event, folded in received if folded]
    others = [event for event, folded in received if not folded]
    if as_of is None:
        as_of = max((event.at for event in events), default=None)

    made_rounds = [
        make_round(key, [event for event in events if event.casino and rounds.key_of(event) == key], readings)
        for key in sorted({rounds.key_of(event) for event in events if event.casino})
    ]
    made_bonuses = [
        make_bonus(key, [event for event in events if bonuses.key_of(event) == key], made_rounds)
        for key in sorted({bonuses.key_of(event) for event in events if event["user_bonus_id"] != ""})
    ]
    players = sorted({made.key[:2] for made in (*made_rounds, *made_bonuses)})
    sessions = {
        player: make_sessions(player, [round_ for round_ in made_rounds if round_.key[:2] == player], gap)
        for player in players
    }
    return {
        "rounds": [
            describe_round(
                round_, seqs(other for other in others if other.casino and rounds.key_of(other) == round_.key)
            )
            for round_ in made_rounds
        ],
        "sessions": [describe_session(session) for player in players for session in sessions[player]],
        "bonuses": [
            describe_bonus(bonus, seqs(other for other in others if bonuses.key_of(other) == bonus.key))
            for bonus in made_bonuses
        ],
        "players": [
            describe_player(
                player,
                [round_ for round_ in made_rounds if round_.key[:2] == player],
                [bonus for bonus in made_bonuses if bonus.key[:2] == player],
                sessions[player],
                as_of,
                thresholds,
            )
            for player in players
            if as_of is not None
        ],
        "as_of": as_of,
    }


def seqs(events: Iterable[Event]) -> list[int]:
    return [event.seq for event in events]
