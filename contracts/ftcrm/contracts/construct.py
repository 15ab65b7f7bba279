"""The engine at once: everything that was delivered -> its rounds, sessions, bonuses and players.

`History` gives the same values event by event, and may be given each player's events by themselves: rounds, bonuses,
sessions and players never span players. Properties keep the three in agreement.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from ftcrm.contracts.events import BonusEvent, CasinoEvent
from ftcrm.contracts.history import bonus_key_of, is_folded, round_key_of
from ftcrm.contracts.judge import judge
from ftcrm.contracts.messages import Message
from ftcrm.contracts.rounds import (
    Bonus,
    BonusFold,
    BonusKey,
    BonusMember,
    CasinoMember,
    Counted,
    Member,
    Player,
    PlayerKey,
    Round,
    RoundFold,
    RoundKey,
    Session,
    counted_of,
    fold_bonus,
    fold_player,
    fold_round,
    fold_sessions,
)
from ftcrm.contracts.rules import Ruleset
from ftcrm.contracts.settings import Settings

__all__ = ["Construction", "Delivered", "construct"]

Delivered = Message | CasinoEvent | BonusEvent
"""A message as it came, which is judged first, or an event that was accepted."""


class Construction(msgspec.Struct, frozen=True):
    """What a feed comes to: each kind of value in the order of its keys, a player's sessions in order of time.

    `as_of` is the instant of the players: that of the last event that was folded, unless told; None without any event.
    """

    rounds: tuple[Round, ...] = ()
    sessions: tuple[Session, ...] = ()
    bonuses: tuple[Bonus, ...] = ()
    players: tuple[Player, ...] = ()
    as_of: datetime | None = None


class _Parts:
    """The members of one player, by what they are part of: a round_id, or a user_bonus_id."""

    __slots__ = ("bonuses", "rounds")

    def __init__(self) -> None:
        self.rounds: dict[str, list[CasinoMember]] = {}
        self.bonuses: dict[str, tuple[list[BonusMember], list[CasinoMember]]] = {}

    def join(self, seq: int, event: CasinoEvent | BonusEvent) -> None:
        member: Member[Any] = Member(seq, event)
        if isinstance(event, CasinoEvent):
            members = self.rounds.get(event.round_id)
            if members is None:
                self.rounds[event.round_id] = [member]
            else:
                members.append(member)
        if event.user_bonus_id:
            own, casino = self.bonuses.setdefault(event.user_bonus_id, ([], []))
            (casino if isinstance(event, CasinoEvent) else own).append(member)


def construct(
    deliveries: Iterable[Delivered],
    *,
    settings: Settings | None = None,
    accept_invalid: bool = False,
    as_of: datetime | None = None,
) -> Construction:
    """Construct what these deliveries come to, in order of arrival; their seqs are their positions, from 1 on.

    A message that breaks a documented rule is listed as `excluded` where its key says, and nothing else comes of it,
    unless `accept_invalid`.
    """
    settings = settings or Settings()
    ruleset = Ruleset(settings)
    players: dict[tuple[str, str], _Parts] = {}
    excluded: dict[RoundKey | BonusKey, list[int]] = {}
    last: datetime | None = None
    for seq, delivered in enumerate(deliveries, 1):
        event: CasinoEvent | BonusEvent | None
        if isinstance(delivered, Message):
            judgement = judge(delivered, ruleset)
            event = judgement.event if is_folded(judgement, accept_invalid=accept_invalid) else None
            if event is None:
                for key in (round_key_of(judgement), bonus_key_of(judgement)):
                    if key is not None:
                        excluded.setdefault(key, []).append(seq)
                continue
        else:
            event = delivered
        at = event.timestamp
        if last is None or at > last:
            last = at
        if isinstance(event, BonusEvent) and not event.user_bonus_id:
            continue  # of no round and no bonus, which are what makes a player
        player = event.origin, event.user_id
        parts = players.get(player)
        if parts is None:
            parts = players[player] = _Parts()
        parts.join(seq, event)
    folded = [
        _fold(PlayerKey(*player), players.pop(player), excluded, settings=settings, as_of=as_of or last)
        for player in sorted(players)
    ]
    return Construction(
        tuple(value for part in folded for value in part.rounds),
        tuple(value for part in folded for value in part.sessions),
        tuple(value for part in folded for value in part.bonuses),
        tuple(value for part in folded for value in part.players),
        as_of or last,
    )


def _fold(
    key: PlayerKey,
    parts: _Parts,
    excluded: dict[RoundKey | BonusKey, list[int]],
    *,
    settings: Settings,
    as_of: datetime | None,
) -> Construction:
    """What one player's events come to."""
    readings = settings.readings
    rounds: list[RoundFold] = []
    counted: dict[RoundKey, Counted] = {}
    for round_id in sorted(parts.rounds):
        round_key = RoundKey(key.origin, key.user_id, round_id)
        members = parts.rounds[round_id]
        fold = fold_round(round_key, members, excluded=excluded.get(round_key, ()), readings=readings)
        rounds.append(fold)
        if (counting := counted_of(fold)) is not None:
            counted[round_key] = counting
    bonuses: list[BonusFold] = []
    for user_bonus_id in sorted(parts.bonuses):
        bonus_key = BonusKey(key.origin, key.user_id, user_bonus_id)
        own, casino = parts.bonuses[user_bonus_id]
        out = excluded.get(bonus_key, ())
        bonuses.append(fold_bonus(bonus_key, own, casino, counted=counted, excluded=out, readings=readings))
    sessions = fold_sessions(key, rounds, gap=timedelta(seconds=settings.session_gap))
    assert as_of is not None  # noqa: S101 - a player has an event
    player = fold_player(key, rounds, bonuses, sessions, as_of=as_of, thresholds=settings.thresholds, readings=readings)
    return Construction(
        tuple(fold.round for fold in rounds), sessions, tuple(fold.bonus for fold in bonuses), (player,)
    )
