"""Everything that is derived from an ordered list of judged messages: rounds, bonuses, and what the rules say of them.

The same code follows the journal live, catches up at start, and reads a saved history offline.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from ftcrm.contracts.across import Across
from ftcrm.contracts.events import BonusEvent, CasinoEvent
from ftcrm.contracts.findings import Finding, Verdict
from ftcrm.contracts.groups import Groups
from ftcrm.contracts.judge import Judgement
from ftcrm.contracts.plays import Plays
from ftcrm.contracts.rosters import Roster
from ftcrm.contracts.rounds import (
    BonusFold,
    BonusKey,
    Counted,
    Doubt,
    Member,
    Overdue,
    Player,
    PlayerKey,
    RoundFold,
    RoundKey,
    Session,
    Split,
    counted_of,
    fold_bonus,
    fold_player,
    fold_round,
    fold_sessions,
)
from ftcrm.contracts.rules import STANDARD, Ruleset, Scope, findings_of
from ftcrm.contracts.rules.plain import is_plain
from ftcrm.contracts.settings import Settings

__all__ = ["NOT_FOLDED", "History", "bonus_key_of", "is_folded", "round_key_of"]

NOT_FOLDED = frozenset({Verdict.VIOLATION, Verdict.UNREADABLE, Verdict.UNCHECKED})
"""The verdicts whose events make no round and no bonus, unless the caller accepts invalid ones."""


class History:
    """One run's derived state; `add` takes its entries in the order of the journal.

    `load` fetches judgements again by their seqs, for groups that went cold; without it every group stays hot.
    """

    def __init__(
        self,
        *,
        load: Callable[[Sequence[int]], list[tuple[int, Judgement]]] | None = None,
        hot: int = 20_000,
        accept_invalid: bool = False,
        ruleset: Ruleset = STANDARD,
    ) -> None:
        self._load = load
        self.accept_invalid = accept_invalid
        self._ruleset = ruleset
        deadline = ruleset.settings.round_deadline
        self._wait = None if deadline is None else int(deadline * 1e6)
        self._as_of = 0
        self._closed = False
        limit = hot if load is not None else 2**62
        self.rounds: Groups[RoundKey, RoundFold] = Groups(
            self._fold_round, _round_state, self._judge_round, load=self.members, hot=limit
        )
        self.bonuses: Groups[BonusKey, BonusFold] = Groups(
            self._fold_bonus, _bonus_status, self._judge_bonus, load=self.members, hot=limit
        )
        self.players = Roster()
        self.as_of: datetime | None = None
        """The instant of the last event that was folded, by its timestamp."""
        self._counted: dict[RoundKey, Counted] = {}
        self.plays = Plays()
        self.across = Across(ruleset)
        self._doubts: dict[RoundKey | BonusKey, dict[int, Doubt]] = {}
        self.verdicts: Counter[Verdict] = Counter()

    def add(self, seq: int, judgement: Judgement, *, accepted: bool = True, at: int | None = None) -> None:
        """One entry, which came `at` so many microseconds since the epoch.

        `accepted` is false for a delivery that was recorded but turned away (refused).
        """
        self.verdicts[judgement.verdict] += 1
        round_key, bonus_key = round_key_of(judgement), bonus_key_of(judgement)
        if accepted and is_folded(judgement, accept_invalid=self.accept_invalid):
            event = judgement.event
            assert event is not None  # noqa: S101 - what is_folded says, said to mypy
            member: Member[Any] = Member(seq, event)
            if self.as_of is None or event.timestamp > self.as_of:
                self.as_of = event.timestamp
            if round_key is not None and self.rounds.add(round_key, member, at=at):
                self.players.add(round_key)
            if bonus_key is not None and self.bonuses.add(bonus_key, member):
                self.players.add(bonus_key)
            if isinstance(event, CasinoEvent):
                self.across.add(seq, event)
            return
        keys = judgement.keys
        doubt = Doubt(keys.activity_id, keys.type, keys.status)
        if round_key is not None:
            self._doubts.setdefault(round_key, {})[seq] = doubt
            self.rounds.exclude(round_key, seq)
        if bonus_key is not None:
            if judgement.message_type != "CASINO":
                self._doubts.setdefault(bonus_key, {})[seq] = doubt
            self.bonuses.exclude(bonus_key, seq)

    def forget(self, entries: Iterable[tuple[int, Verdict, RoundKey | None, BonusKey | None]]) -> None:
        """The journal evicted these entries: each one's seq, verdict and keys."""
        rounds: dict[RoundKey, list[int]] = {}
        bonuses: dict[BonusKey, list[int]] = {}
        for seq, verdict, round_key, bonus_key in entries:
            self.lose()
            self.verdicts[verdict] -= 1
            if round_key is not None:
                rounds.setdefault(round_key, []).append(seq)
            if bonus_key is not None:
                bonuses.setdefault(bonus_key, []).append(seq)
        self.verdicts += Counter()  # drops the zeros, which no history that is read anew would show
        for key, seqs in rounds.items():
            self._forget_doubts(key, seqs)
            self.rounds.drop(key, seqs)
            if key not in self.rounds:
                self.players.drop(key)
                self._counted.pop(key, None)
                for other in self.plays.forget(key):
                    self.rounds.recheck(other)
        for bonus, seqs in bonuses.items():
            self._forget_doubts(bonus, seqs)
            self.bonuses.drop(bonus, seqs)
            if bonus not in self.bonuses:
                self.players.drop(bonus)

    def rounds_of(self, key: PlayerKey) -> Iterator[RoundFold]:
        """The rounds of this player, each folded when it is asked for: other things may be done between two of them."""
        folds = (self.rounds.value(round_key) for round_key in self.players.rounds_of(key))
        return (fold for fold in folds if fold is not None)

    def bonuses_of(self, key: PlayerKey) -> Iterator[BonusFold]:
        """The bonuses of this player, likewise."""
        folds = (self.bonuses.value(bonus_key) for bonus_key in self.players.bonuses_of(key))
        return (fold for fold in folds if fold is not None)

    def sessions_of(self, key: PlayerKey, *, rounds: Sequence[RoundFold] | None = None) -> tuple[Session, ...]:
        """The sessions of this player, in order of time; `rounds` are its rounds where somebody has folded them."""
        folds = self.rounds_of(key) if rounds is None else rounds
        return fold_sessions(key, folds, gap=timedelta(seconds=self._ruleset.settings.session_gap))

    def player(
        self,
        key: PlayerKey,
        *,
        as_of: datetime | None = None,
        rounds: Sequence[RoundFold] | None = None,
        bonuses: Sequence[BonusFold] | None = None,
    ) -> Player | None:
        """The player as of that instant (unless told, that of the last event of all players), or None.

        `rounds` and `bonuses` are its own where somebody has folded them.
        """
        instant = as_of or self.as_of
        if key not in self.players or instant is None:
            return None
        folds = list(self.rounds_of(key)) if rounds is None else rounds
        return fold_player(
            key,
            folds,
            self.bonuses_of(key) if bonuses is None else bonuses,
            self.sessions_of(key, rounds=folds),
            as_of=instant,
            thresholds=self._ruleset.settings.thresholds,
            readings=self._ruleset.settings.readings,
        )

    def _forget_doubts(self, key: RoundKey | BonusKey, seqs: Iterable[int]) -> None:
        if (doubts := self._doubts.get(key)) is not None:
            for seq in seqs:
                doubts.pop(seq, None)
            if not doubts:
                del self._doubts[key]

    def lose(self) -> None:
        """Something of this run was evicted: see `Groups.lose`."""
        self.rounds.lose()
        self.bonuses.lose()
        self.across.lose()

    def close(self) -> None:
        """The run is closed: what is open now will never be settled."""
        self._closed = True
        for round_key in self.plays.open():
            self.rounds.recheck(round_key)
        for bonus_key in self.bonuses.known():
            self.bonuses.recheck(bonus_key)

    def pass_deadlines(self, as_of: int) -> None:
        """The deadlines of open rounds that lie before that instant, in microseconds since the epoch, have passed."""
        for key in self._due(as_of):
            self.rounds.recheck(key)
        self._as_of = max(self._as_of, as_of)

    def is_due(self, as_of: int) -> bool:
        """Whether `pass_deadlines` with that instant would find a deadline that no earlier call has found."""
        return any(True for _ in self._due(as_of))

    def _due(self, as_of: int) -> Iterator[RoundKey]:
        if self._wait is None or self._closed:
            return
        for key in self.plays.open():
            at = self.rounds.last_at(key)
            if at is not None and self._as_of < at + self._wait <= as_of:
                yield key

    @property
    def settings(self) -> Settings:
        """What the engine and the rules were told."""
        return self._ruleset.settings

    @property
    def waiting(self) -> int:
        """How many groups wait to be folded."""
        return self.rounds.waiting + self.bonuses.waiting

    def refresh(self, *, limit: int | None = None) -> bool:
        """Fold the groups that changed; whether anything is left that another call like this one would do.

        With a `limit`, as work in the background: at most so many of each kind, and not the large ones.
        """
        left = self.rounds.refresh(limit=limit)
        return self.bonuses.refresh(limit=limit) or left

    def _judge_round(self, key: RoundKey, fold: RoundFold, at: int | None) -> tuple[Finding, ...]:
        self._tell_bonuses(key, fold)
        for other in self.plays.update(key, fold):
            self.rounds.recheck(other)
        ruleset = self._ruleset
        said = [] if is_plain(fold) else ruleset.ask(Scope.ROUND, fold)
        state = fold.round.state
        if state == "orphan" and (bet := self.plays.bet_for(key)) is not None:
            said += ruleset.ask(Scope.ROUND_SPLIT, Split(fold, bet))
        elif state != "open" or fold.settlements:
            pass  # a round that only waits for its end flag has what the contract wants
        elif self._closed:
            said += ruleset.ask(Scope.ROUND_CLOSED, fold)
        elif self._wait is not None and at is not None and at + self._wait <= self._as_of:
            said += ruleset.ask(Scope.ROUND_OVERDUE, Overdue(fold, self._wait / 1e6))
        return findings_of(said)

    def _tell_bonuses(self, key: RoundKey, fold: RoundFold) -> None:
        """What counts of a round counts of the bonuses that it was played under, too."""
        counted = counted_of(fold)
        if counted is None and key not in self._counted:
            return
        named = {member.event.user_bonus_id for member in (*fold.events, *chain.from_iterable(fold.conflicts))} - {""}
        if not named:
            return
        if counted is None:
            del self._counted[key]
        else:
            self._counted[key] = counted
        for bonus in named:
            self.bonuses.recheck(BonusKey(key.origin, key.user_id, bonus))

    def _judge_bonus(self, _: BonusKey, fold: BonusFold, __: int | None) -> tuple[Finding, ...]:
        said = self._ruleset.ask(Scope.BONUS_HISTORY, fold)
        if self._closed:
            said += self._ruleset.ask(Scope.BONUS_CLOSED, fold)
        return findings_of(said)

    def _fold_round(self, key: RoundKey, members: Sequence[Member[Any]], excluded: Sequence[int]) -> RoundFold:
        return fold_round(
            key,
            members,
            excluded=excluded,
            doubts=self._doubts.get(key, {}).values(),
            readings=self._ruleset.settings.readings,
        )

    def _fold_bonus(self, key: BonusKey, members: Sequence[Member[Any]], excluded: Sequence[int]) -> BonusFold:
        own = [member for member in members if isinstance(member.event, BonusEvent)]
        casino = [member for member in members if isinstance(member.event, CasinoEvent)]
        return fold_bonus(
            key,
            own,
            casino,
            counted=self._counted,
            excluded=excluded,
            doubts=self._doubts.get(key, {}).values(),
            readings=self._ruleset.settings.readings,
        )

    def members(self, seqs: Sequence[int]) -> list[Member[Any]]:
        """The events at these seqs that can be read, folded or not; only where `load` was given."""
        assert self._load is not None  # noqa: S101 - without it no group goes cold
        return [Member(seq, judgement.event) for seq, judgement in self._load(seqs) if judgement.event is not None]


def is_folded(judgement: Judgement, *, accept_invalid: bool) -> bool:
    """Whether the event becomes part of rounds and bonuses, as far as its judgement goes."""
    return judgement.event is not None and (accept_invalid or judgement.verdict not in NOT_FOLDED)


def round_key_of(judgement: Judgement) -> RoundKey | None:
    """The key of the round that the message names, if it is a casino event, or of no known type, and names one."""
    keys = judgement.keys
    if judgement.message_type not in ("CASINO", None):
        return None
    if keys.origin is None or keys.user_id is None or keys.round_id is None:
        return None
    return RoundKey(keys.origin, keys.user_id, keys.round_id)


def bonus_key_of(judgement: Judgement) -> BonusKey | None:
    """The key of the bonus that the message names, if it names one ("" says that there is none)."""
    keys = judgement.keys
    if not keys.user_bonus_id or keys.origin is None or keys.user_id is None:
        return None
    return BonusKey(keys.origin, keys.user_id, keys.user_bonus_id)


def _round_state(fold: RoundFold) -> str:
    return fold.round.state


def _bonus_status(fold: BonusFold) -> str:
    return fold.bonus.status or "none"
