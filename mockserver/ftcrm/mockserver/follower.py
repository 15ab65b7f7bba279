"""The follower of the journal: for each run, the rounds, bonuses and counts that its entries make.

The same code follows live commits, catches up at start, and rebuilds: it takes entries in the journal's order, from its
`position` on. Live ones come with their judgement; older ones are read back and decoded again.
"""

import asyncio
import contextlib
from bisect import insort
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from ftcrm.contracts import STANDARD, Finding, History, Judgement, Message, Ruleset, judge
from ftcrm.contracts.errors import JournalError
from ftcrm.contracts.findings import Verdict
from ftcrm.contracts.history import bonus_key_of, round_key_of
from ftcrm.contracts.judge import Keys
from ftcrm.contracts.rounds import BonusKey, RoundKey
from ftcrm.mockserver.journal import Entry, Journal
from ftcrm.mockserver.slices import SLICE_SECONDS, Slices

__all__ = ["Closing", "Evicted", "Follower", "RunState", "evicted_of"]

PATIENCE_SECONDS = 2.0
"""How long a reader waits for the folding of what comes meanwhile; what is left then is done at once."""
FOLD_FIRST = 1_000
"""From so many changed groups on, they are folded before more entries are taken in."""
_CHUNK = 500
_TALLIED = ("connector", "disposition", "message_type")
_JUDGED = ("accepted", "refused")
"""The dispositions of events: what a transaction holds is none before it commits, and never when it aborts."""
_NO_SEQS = (0,)


class Closing(msgspec.Struct, frozen=True):
    """The mark that closed a run."""

    seq: int
    at: int


class Evicted(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an eviction's mark keeps of one run: how many deliveries are gone by now, what is only there in part, and
    what marks said of the run that may be gone, too: that it was closed, and until when deadlines have passed.

    `latest` is the instant of the last event of all that came: players are seen as of then, also when that is gone.
    """

    deliveries: int
    rounds: tuple[RoundKey, ...] = ()
    bonuses: tuple[BonusKey, ...] = ()
    closing: Closing | None = None
    as_of: int = 0
    latest: datetime | None = None


_EVICTED = msgspec.json.Decoder(dict[str, Evicted])


def evicted_of(mark: Entry) -> dict[str, Evicted]:
    """What an eviction's mark says of each run."""
    return _EVICTED.decode(mark.transport)


class RunState:
    """What one run's entries add up to, since its last reset at the seq `reset_at`."""

    def __init__(self, history: History, *, number: int, reset_at: int = 0) -> None:
        self.history = history
        self.number = number
        self.reset_at = reset_at
        self.tallies: dict[str, Counter[str]] = {name: Counter() for name in (*_TALLIED, "verdict")}
        self.flagged: deque[int] = deque()
        self.event_rules: Counter[str] = Counter()
        self.evicted = 0
        self.closing: Closing | None = None
        self.as_of = 0
        self._in_part = Evicted(0)

    def without(self, entries: Iterable[Entry]) -> Evicted:
        """What will be there in part when these entries are gone too."""
        gone: set[int] = set()
        rounds: set[RoundKey | None] = set(self._in_part.rounds)
        bonuses: set[BonusKey | None] = set(self._in_part.bonuses)
        for entry in entries:
            gone.add(entry.seq)
            rounds.add(round_key_of(found := _keyed(entry)))
            bonuses.add(bonus_key_of(found))
        return Evicted(
            self.evicted + len(gone),
            tuple(
                sorted(key for key in rounds if key is not None and not gone.issuperset(self.history.rounds.seqs(key)))
            ),
            tuple(
                sorted(
                    key for key in bonuses if key is not None and not gone.issuperset(self.history.bonuses.seqs(key))
                )
            ),
            self.closing,
            self.as_of,
            self.history.as_of,
        )

    def cut(self, evicted: Evicted) -> None:
        """Know what was evicted, as the mark of it says."""
        if evicted.closing is not None:
            self.close(evicted.closing)
        self.pass_deadlines(evicted.as_of)
        if not evicted.deliveries:
            return
        self.evicted, self._in_part = evicted.deliveries, evicted
        self.history.lose()
        if evicted.latest is not None:
            self.history.as_of = max(evicted.latest, self.history.as_of or evicted.latest)
        for round_key in evicted.rounds:
            self.history.rounds.drop(round_key, _NO_SEQS)
        for bonus_key in evicted.bonuses:
            self.history.bonuses.drop(bonus_key, _NO_SEQS)

    def close(self, closing: Closing) -> None:
        """The run is closed; a later mark says nothing new."""
        if self.closing is None:
            self.closing = closing
            self.history.close()

    def pass_deadlines(self, as_of: int) -> None:
        """The deadlines before that instant have passed."""
        if as_of > self.as_of:
            self.as_of = as_of
            self.history.pass_deadlines(as_of)

    def tally(self, entry: Entry, step: int = 1) -> None:
        """Count the entry in (or, with step -1, out)."""
        for name in _TALLIED:
            self.tallies[name][getattr(entry, name) or "none"] += step
        if entry.disposition in _JUDGED:
            self.tally_judgement(entry, step)

    def tally_judgement(self, entry: Entry, step: int = 1) -> None:
        """Count in (or out) what was judged of the entry."""
        self.tallies["verdict"][entry.verdict or "none"] += step
        if entry.findings is not None:
            for finding in msgspec.json.decode(entry.findings, type=list[Finding]):
                self.event_rules[finding.rule] += step

    def rules(self) -> Counter[str]:
        """How often each rule speaks: of events, as counted at receipt, and of the rounds and bonuses of now."""
        counts = Counter(self.event_rules)
        for kept in (self.history.rounds, self.history.bonuses, self.history.across):
            for _, findings in kept.flagged():
                counts.update(finding.rule for finding in findings)
        return counts

    @property
    def deliveries(self) -> int:
        """How many deliveries the run holds."""
        return self.tallies["connector"].total()


class Follower:
    """See the module. `monotonic` gives seconds, `soon` calls back in a later turn of the event loop.

    `relieved` is called after each slice of work with how much waits: entries to take in and groups to fold.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        soon: Callable[[Callable[[], None]], object],
        monotonic: Callable[[], float],
        accept_invalid: bool = False,
        ruleset: Ruleset = STANDARD,
        hot: int = 20_000,
        relieved: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._journal = journal
        self._soon = soon
        self._monotonic = monotonic
        self._accept_invalid = accept_invalid
        self._ruleset = ruleset
        self._hot = hot
        self.relieved = relieved
        self._backlog: deque[tuple[Entry, Judgement | None]] = deque()
        self._pending: dict[str, list[tuple[Entry, Judgement]]] = {}
        self._scheduled = False
        self._waiting = 0
        self._unfolded: dict[str, RunState] = {}
        self._changed: dict[str, RunState] = {}
        self.position = 0
        self.runs: dict[str, RunState] = {}
        self._schedule_if_behind()

    def follow(self, entries: Sequence[Entry], judgements: Sequence[Judgement | None]) -> int:
        """These were committed: their turn comes in slices, or when somebody reads. Returns how much waits."""
        self._backlog.extend(zip(entries, judgements, strict=True))
        self._schedule_if_behind()
        return len(self._backlog) + self._waiting

    def catch_up(self) -> None:
        """Take in everything that was committed, so that what is read next is true."""
        while self._next():
            pass
        while self._changed:
            run, state = next(iter(self._changed.items()))
            self._refresh(state)
            self._changed.pop(run)
            self._unfolded.pop(run, None)

    async def caught_up(self) -> None:
        """Catch up in slices, so that senders are served meanwhile; what came until the call is in then."""
        target = self._journal.last_seq
        patience = None
        while self.position < target or self._unfolded:
            self._work(self._monotonic() + SLICE_SECONDS)
            await asyncio.sleep(0)
            if self.position >= target:
                patience = patience or self._monotonic() + PATIENCE_SECONDS
                if self._monotonic() > patience:
                    break
        self.catch_up()

    def slices(self) -> Slices:
        """The slices of what reads much after it has caught up."""
        return Slices(self._monotonic)

    def complete(self, run: str | None) -> bool:
        """Whether nothing of the run (or of any, when it is None) was evicted."""
        state = self.runs.get(run) if run is not None else None
        return state.evicted == 0 if state is not None else self._journal.evicted == 0

    def eviction(self, entries: Iterable[Entry]) -> str:
        """The particulars of the mark that these oldest entries leave: a start that reads it knows what they cut."""
        by_run: dict[str, list[Entry]] = {
            run: [] for run, state in self.runs.items() if state.evicted or state.closing or state.as_of
        }
        for entry in entries:
            if entry.kind == "delivery" and (state := self.runs.get(entry.run)) and entry.seq > state.reset_at:
                by_run.setdefault(entry.run, []).append(entry)
        left = {run: self.runs[run].without(gone) for run, gone in by_run.items()}
        return msgspec.json.encode(left).decode()

    def evicted(self, entries: Iterable[Entry]) -> None:
        """The journal evicted these entries, all of which were taken in before."""
        by_run: dict[str, list[Entry]] = {}
        last = 0
        for entry in entries:
            last = entry.seq
            if entry.kind == "delivery" and (state := self.runs.get(entry.run)) and entry.seq > state.reset_at:
                by_run.setdefault(entry.run, []).append(entry)
        for run, gone in by_run.items():
            state = self.runs[run]
            state.evicted += len(gone)
            while state.flagged and state.flagged[0] <= last:
                state.flagged.popleft()
            for entry in gone:
                state.tally(entry, -1)
            self._waiting -= state.history.waiting
            state.history.forget(
                (entry.seq, judgement.verdict, round_key_of(judgement), bonus_key_of(judgement))
                for entry in gone
                if entry.disposition in _JUDGED
                for judgement in (_keyed(entry),)
            )
            self._waiting += state.history.waiting
            self._changed[run] = self._unfolded[run] = state
        self._schedule_if_behind()
        self._pending = {
            name: kept
            for name, waiting in self._pending.items()
            if (kept := [pair for pair in waiting if pair[0].seq > last])
        }

    def due(self, now: int) -> list[str]:
        """The runs in which a deadline has passed by now (microseconds since the epoch) that no mark has told yet."""
        return [run for run, state in self.runs.items() if state.history.is_due(now)]

    def state(self, run: str) -> RunState:
        """The run's state, made when it is not there."""
        state = self.runs.get(run)
        if state is None:
            state = self.runs[run] = RunState(self._history(), number=len(self.runs))
        return state

    def _next(self) -> bool:
        """Take in the next entry, from the backlog or, behind it, from the journal; whether there was one."""
        if not self._backlog:
            if self.position >= self._journal.last_seq:
                return False
            older = self._journal.read(after=self.position, limit=_CHUNK)
            if not older:
                self.position = self._journal.last_seq
                return False
            self._backlog.extend((entry, self._judgement(entry)) for entry in older)
        entry, judgement = self._backlog[0]
        if entry.seq > self.position + 1 and (gap := self._journal.read(after=self.position, limit=_CHUNK)):
            # Commits came while the start was still being read back: what lies before them goes first.
            before = [older for older in gap if older.seq < entry.seq]
            self._backlog.extendleft((older, self._judgement(older)) for older in reversed(before))
            entry, judgement = self._backlog[0]
        self._backlog.popleft()
        self.position = entry.seq
        self._apply(entry, judgement)
        return True

    def _apply(self, entry: Entry, judgement: Judgement | None) -> None:
        match entry.kind:
            case "delivery":
                assert judgement is not None  # noqa: S101 - every delivery has one
                state = self.state(entry.run)
                if (name := _transaction_of(entry)) is not None:
                    # Its mark follows, also where it is read back as what that mark made of it: it comes to the
                    # history when its transaction ends, then as now.
                    state.tally(msgspec.structs.replace(entry, disposition="pending"))
                    self._pending.setdefault(name, []).append((entry, judgement))
                    return
                state.tally(entry)
                if entry.disposition in _JUDGED:
                    self._add(state, entry, judgement)
            case "transaction":
                self._decide(entry)
            case "reset":
                before = self.state(entry.run)
                number = before.number
                self._waiting -= before.history.waiting
                self.runs[entry.run] = RunState(self._history(), number=number, reset_at=entry.seq)
                self._changed.pop(entry.run, None)
                self._unfolded.pop(entry.run, None)
            case "closed":
                with self._changing(entry.run) as state:
                    state.close(Closing(entry.seq, entry.received_at))
            case "deadline":
                with self._changing(entry.run) as state:
                    state.pass_deadlines(entry.received_at)
            case "evicted":
                for run, evicted in evicted_of(entry).items():
                    with self._changing(run) as state:
                        state.cut(evicted)

    def _decide(self, mark: Entry) -> None:
        """A transaction ended: its pending deliveries are accepted, or aborted."""
        for entry, judgement in self._pending.pop(str(mark.transport_value()["transaction"]), ()):
            state = self.state(entry.run)
            if entry.seq > state.reset_at:
                counter = state.tallies["disposition"]
                counter["pending"] -= 1
                counter[mark.disposition] += 1
                if mark.disposition == "accepted":
                    state.tally_judgement(entry)
                    self._add(state, entry, judgement)

    def _add(self, state: RunState, entry: Entry, judgement: Judgement) -> None:
        if entry.findings is not None:
            insort(state.flagged, entry.seq)
        self._waiting -= state.history.waiting
        accepted = entry.disposition != "refused"
        state.history.add(entry.seq, judgement, accepted=accepted, at=entry.received_at)
        self._waiting += state.history.waiting
        self._changed[entry.run] = self._unfolded[entry.run] = state

    @contextlib.contextmanager
    def _changing(self, run: str) -> Iterator[RunState]:
        """The run's state, in which many groups may change."""
        state = self.state(run)
        self._waiting -= state.history.waiting
        yield state
        self._waiting += state.history.waiting
        self._changed[run] = self._unfolded[run] = state

    def _schedule_if_behind(self) -> None:
        if not self._scheduled and (self._unfolded or self._backlog or self.position < self._journal.last_seq):
            self._scheduled = True
            self._soon(self._slice)

    def _slice(self) -> None:
        self._scheduled = False
        # Whoever asks is told of a journal that cannot be read; the next slice tries again, for no sender that waits
        # here would bring it about.
        with contextlib.suppress(JournalError):
            is_busy = bool(self._backlog)
            self._work(self._monotonic() + SLICE_SECONDS, fold=not is_busy or self._waiting >= FOLD_FIRST)
        self.relieved(len(self._backlog) + self._waiting)
        self._schedule_if_behind()

    def _work(self, until: float, *, fold: bool = True) -> None:
        """Take in what came and fold what changed, until that instant; from FOLD_FIRST groups on, folding goes first.

        While events keep coming, folding waits for that many groups: a round whose Bet and Win come one after the other
        is then folded once.
        """
        while self._monotonic() < until:
            if (not fold or self._waiting < FOLD_FIRST) and self._next():
                continue
            if not fold or not self._unfolded:
                return
            run, state = next(iter(self._unfolded.items()))
            if not self._refresh(state, limit=32):
                del self._unfolded[run]

    def _refresh(self, state: RunState, *, limit: int | None = None) -> bool:
        self._waiting -= state.history.waiting
        try:
            return state.history.refresh(limit=limit)
        finally:
            self._waiting += state.history.waiting

    def _history(self) -> History:
        return History(load=self._load, hot=self._hot, accept_invalid=self._accept_invalid, ruleset=self._ruleset)

    def _load(self, seqs: Sequence[int]) -> list[tuple[int, Judgement]]:
        return [(entry.seq, self._judgement(entry)) for entry in self._journal.get(seqs)]

    def _judgement(self, entry: Entry) -> Judgement:
        """The entry's judgement again: its event is decoded anew, its verdict stays what it was at receipt."""
        message = Message("rest", entry.raw, entry.message_type, size=entry.size)
        again = judge(message, self._ruleset)
        return Judgement(
            Verdict(entry.verdict or Verdict.UNCHECKED), entry.message_type, again.event, again.keys, again.findings
        )

    def __iter__(self) -> Iterator[tuple[str, RunState]]:
        return iter(self.runs.items())


def _transaction_of(entry: Entry) -> str | None:
    """The transaction that the delivery came in, if it did."""
    if entry.disposition == "refused" or '"transaction"' not in entry.transport:
        return None
    name = entry.transport_value().get("transaction")
    return None if name is None else str(name)


def _keyed(entry: Entry) -> Judgement:
    """The entry's judgement without its event: what its columns say, which needs no decoding."""
    keys = Keys(entry.origin, entry.user_id, entry.round_id, entry.user_bonus_id, entry.activity_id)
    return Judgement(Verdict(entry.verdict or Verdict.UNCHECKED), entry.message_type, None, keys)
