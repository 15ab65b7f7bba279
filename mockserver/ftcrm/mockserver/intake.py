"""Intake: deliveries -> verdicts -> one commit -> acknowledgements -> what follows from them.

Everything that arrives in one turn of the event loop is judged and committed together at the turn's end: the first take
schedules the flush. A sender is answered only after the commit that holds its delivery; when the commit fails, nothing
was folded and the sender is told so.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from ftcrm.contracts import STANDARD, Judgement, Message, Ruleset, Verdict, judge
from ftcrm.contracts.errors import JournalError
from ftcrm.mockserver.follower import Follower
from ftcrm.mockserver.journal import Disposition, Entry, EntryKind, Journal
from ftcrm.mockserver.transport import storable

__all__ = ["Delivery", "Intake", "Parcel", "Receipt", "TransactionMark"]

MAX_ENTRIES = 5_000
"""The most entries of one commit."""
MAX_TAKEN_BYTES = 8_000_000
MAX_BACKLOG = 20_000

_REFUSED = (Verdict.VIOLATION, Verdict.UNREADABLE)


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """One message as it arrived: what is judged of it, and the transport metadata that is kept with it.

    `refusable` is set by a connector that answers the sender with the findings: a delivery that breaks a documented
    rule is then refused instead of accepted.
    """

    message: Message
    transport: Mapping[str, Any]
    run: str = "default"
    disposition: Disposition = "accepted"
    refusable: bool = False


class TransactionMark(msgspec.Struct, frozen=True):
    """The end of a Kafka transaction: its pending deliveries are decided."""

    transaction: str
    committed: bool


class Receipt(msgspec.Struct, frozen=True):
    """What became of a parcel: its entries with their judgements, or the failure of the commit (`error`)."""

    entries: Sequence[Entry] = ()
    judgements: Sequence[Judgement] = ()
    error: str | None = None


class Parcel(msgspec.Struct):
    """Deliveries that are answered together, or a mark; with the counters that are committed with them."""

    done: Callable[[Receipt], None]
    deliveries: Sequence[Delivery] = ()
    mark: TransactionMark | None = None
    reset: str | None = None
    """The run that this mark resets."""
    closed: str | None = None
    """The run that this mark closes: nothing more will come, so that what is open now was never settled."""
    deadline: str | None = None
    """The run in which deadlines have passed by the time of this mark."""
    counters: Mapping[str, int] = {}

    @property
    def run_marks(self) -> tuple[tuple[EntryKind, str], ...]:
        """The marks of single runs that this parcel leaves, each with its run."""
        if self.reset is self.closed is self.deadline is None:
            return ()
        named: tuple[tuple[EntryKind, str | None], ...] = (
            ("reset", self.reset),
            ("closed", self.closed),
            ("deadline", self.deadline),
        )
        return tuple((kind, run) for kind, run in named if run is not None)


class Intake:
    """The one way into the journal.

    `soon` calls back at the end of the turn (an event loop's call_soon), `clock` gives the time in microseconds since
    the epoch. Senders are read no further while `congested`; whoever stopped is called back through `wait`.
    """

    def __init__(
        self,
        journal: Journal,
        follower: Follower,
        *,
        soon: Callable[[Callable[[], None]], object],
        clock: Callable[[], int],
        accept_invalid: bool = False,
        ruleset: Ruleset = STANDARD,
        max_events: int = 1_000_000,
    ) -> None:
        self._journal = journal
        self._follower = follower
        self._soon = soon
        self._clock = clock
        self._accept_invalid = accept_invalid
        self._ruleset = ruleset
        self._max_events = max_events
        self._queue: deque[Parcel] = deque()
        self._scheduled = False
        self._taken_bytes = 0
        self._backlog = 0
        self._waiting: list[Callable[[], None]] = []
        self._pending: dict[str, list[int]] = {}
        self._deadline_marks: dict[str, int | None] = {}
        self.failures = 0
        follower.relieved = self._relieve
        self._restore_pending()

    @property
    def congested(self) -> bool:
        """Whether senders should be read no further for now."""
        return self._taken_bytes > MAX_TAKEN_BYTES or self._backlog > MAX_BACKLOG

    @property
    def waiting(self) -> bool:
        """Whether parcels were taken that no flush has committed yet."""
        return bool(self._queue)

    def wait(self, resume: Callable[[], None]) -> None:
        """Call `resume` once, when the congestion is over."""
        self._waiting.append(resume)

    def take(self, parcel: Parcel) -> None:
        """Queue a parcel for the flush at the end of this turn; its `done` is called after the commit."""
        self._queue.append(parcel)
        self._taken_bytes += sum(len(delivery.message.raw) for delivery in parcel.deliveries)
        self._schedule()

    def look_for_deadlines(self) -> None:
        """Leave a mark in each run in which a deadline has passed, unless an earlier one is still to be taken in."""
        for run in self._follower.due(self._clock()):
            earlier = self._deadline_marks.get(run, 0)
            if earlier is not None and earlier <= self._follower.position:
                self._deadline_marks[run] = None
                self.take(Parcel(partial(self._deadline_marked, run), deadline=run))

    def _deadline_marked(self, run: str, receipt: Receipt) -> None:
        self._deadline_marks[run] = receipt.entries[0].seq if receipt.error is None else 0

    def flush(self) -> None:
        """Commit what was taken, whole parcels up to MAX_ENTRIES entries, and answer for it."""
        self._scheduled = False
        parcels: list[Parcel] = []
        count = 0
        while self._queue and (not parcels or count + (len(self._queue[0].deliveries) or 1) <= MAX_ENTRIES):
            parcel = self._queue.popleft()
            parcels.append(parcel)
            count += len(parcel.deliveries) or 1
        if not parcels:
            return
        try:
            self._commit(parcels)
        finally:
            self._taken_bytes -= sum(len(delivery.message.raw) for parcel in parcels for delivery in parcel.deliveries)
            if self._queue:
                self._schedule()
            self._relieve(self._backlog)

    def _relieve(self, backlog: int) -> None:
        """So much waits for the follower now: call back whoever is held, unless the congestion lasts."""
        self._backlog = backlog
        if self._waiting and not self.congested:
            waiting, self._waiting = self._waiting, []
            for resume in waiting:
                resume()

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._soon(self.flush)

    def _commit(self, parcels: Sequence[Parcel]) -> None:
        now = self._clock()
        seq = self._journal.last_seq + 1
        entries: list[Entry] = []
        judgements: list[Judgement | None] = []
        counters: dict[str, int] = {}
        decided: list[tuple[int, Disposition]] = []
        opened: dict[str, list[int]] = {}
        ended: set[str] = set()
        try:
            for parcel in parcels:
                counters.update(parcel.counters)
                for delivery in parcel.deliveries:
                    judgement = judge(delivery.message, self._ruleset, received_at=now)
                    entries.append(self._entry(seq, now, delivery, judgement))
                    judgements.append(judgement)
                    if delivery.disposition == "pending":
                        opened.setdefault(str(delivery.transport["transaction"]), []).append(seq)
                    seq += 1
                if parcel.mark is not None:
                    entries.append(_transaction_entry(seq, now, parcel.mark))
                    judgements.append(None)
                    fate: Disposition = "accepted" if parcel.mark.committed else "aborted"
                    name = parcel.mark.transaction
                    before = () if name in ended else self._pending.get(name, ())
                    decided += ((pending, fate) for pending in (*before, *opened.pop(name, ())))
                    ended.add(name)
                    seq += 1
                for kind, run in parcel.run_marks:
                    by = "journal" if kind == "deadline" else "admin"
                    entries.append(Entry(seq, run, kind, by, now, "accepted"))
                    judgements.append(None)
                    seq += 1
            self._journal.append(entries, counters=counters, decided=decided)
        except JournalError as error:
            self.failures += 1
            _answer((parcel, Receipt(error=str(error))) for parcel in parcels)
            return
        except Exception as fault:
            # Ours, and none that is known of: nobody is left waiting for it, and it is raised.
            self.failures += 1
            _answer((parcel, Receipt(error=f"{type(fault).__name__}: {fault}")) for parcel in parcels)
            raise
        self._settle_pending(parcels, opened)
        self._backlog = self._follower.follow(entries, judgements)
        try:
            _answer(_receipts(parcels, entries, judgements))
        finally:
            self._evict(now)

    def _settle_pending(self, parcels: Sequence[Parcel], opened: Mapping[str, list[int]]) -> None:
        for parcel in parcels:
            if parcel.mark is not None:
                self._pending.pop(parcel.mark.transaction, None)
        for name, seqs in opened.items():
            self._pending.setdefault(name, []).extend(seqs)

    def _entry(self, seq: int, now: int, delivery: Delivery, judgement: Judgement) -> Entry:
        disposition = delivery.disposition
        if delivery.refusable and not self._accept_invalid and judgement.verdict in _REFUSED:
            disposition = "refused"
        judged = disposition != "aborted"
        message, keys = delivery.message, judgement.keys
        return Entry(
            seq,
            delivery.run,
            "delivery",
            message.connector,
            now,
            disposition,
            msgspec.json.encode(delivery.transport).decode(),
            message.raw,
            message.size,
            judgement.message_type and storable(judgement.message_type),
            judgement.verdict.value if judged else None,
            keys.origin,
            keys.user_id,
            keys.round_id,
            keys.user_bonus_id,
            keys.activity_id,
            keys.type,
            keys.status,
            msgspec.json.encode(judgement.findings).decode() if judged and judgement.findings else None,
        )

    def _evict(self, now: int) -> None:
        """Make room, a tenth more than is needed, so that it is not made for every commit anew."""
        surplus = len(self._journal) - self._max_events
        if surplus <= 0:
            return
        count = min(surplus + self._max_events // 10 + 1, len(self._journal) - 1)
        try:
            self._follower.catch_up()
            left = self._follower.eviction(self._journal.read(after=0, limit=count))
            mark = Entry(self._journal.last_seq + 1, "", "evicted", "journal", now, "accepted", left)
            evicted = self._journal.evict(count, mark)
        except JournalError:
            self.failures += 1
            return
        self._follower.evicted(evicted)

    def abort_pending(self) -> None:
        """Abort the transactions that an earlier server left open: no producer can end them any more."""
        for name in self._pending:
            self.take(Parcel(lambda _: None, mark=TransactionMark(name, committed=False)))

    def _restore_pending(self) -> None:
        """The deliveries whose transactions were open when the journal was last written."""
        until = self._journal.last_seq
        for entry in self._journal.scan(after=0, until=until, filters={"disposition": "pending"}, limit=until):
            self._pending.setdefault(str(entry.transport_value()["transaction"]), []).append(entry.seq)


def _receipts(
    parcels: Sequence[Parcel], entries: list[Entry], judgements: list[Judgement | None]
) -> Iterator[tuple[Parcel, Receipt]]:
    position = 0
    for parcel in parcels:
        count = len(parcel.deliveries) + (parcel.mark is not None) + len(parcel.run_marks)
        part = slice(position, position + count)
        yield parcel, Receipt(entries[part], [found for found in judgements[part] if found is not None])
        position += count


def _answer(receipts: Iterable[tuple[Parcel, Receipt]]) -> None:
    """Answer everybody; what one answer raises keeps nobody else from theirs, and is raised afterwards."""
    faults: list[Exception] = []
    for parcel, receipt in receipts:
        try:
            parcel.done(receipt)
        except Exception as fault:
            faults.append(fault)
    if faults:
        raise ExceptionGroup("answering senders", faults)


def _transaction_entry(seq: int, now: int, mark: TransactionMark) -> Entry:
    transport = msgspec.json.encode({"transaction": mark.transaction, "committed": mark.committed}).decode()
    return Entry(seq, "", "transaction", "kafka", now, "accepted" if mark.committed else "aborted", transport)
