"""The deliveries of a file as histories take them: each with its seq, its judgement, and when it came."""

import msgspec

from ftcrm.contracts.judge import Judgement, judge
from ftcrm.contracts.lines import Line, microseconds
from ftcrm.contracts.rules import Ruleset

__all__ = ["Arrival", "Arrivals"]


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """One delivery; `at` as `Line.received_at`, or the event's own timestamp where the file does not say it.

    `transaction` is the one whose mark decides whether it counts at all, from that mark on; None when nothing does.
    """

    run: str
    seq: int
    judged: Judgement
    accepted: bool
    at: int | None
    transaction: str | None


class Arrivals:
    """Takes the lines of one file, in order."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._ruleset = ruleset
        self._seq = 0

    def take(self, line: Line) -> Arrival | None:
        """What arrived with this line; None where it is no event, or none yet.

        A line keeps the seq that it names as long as the seqs rise; otherwise it takes the next one.
        """
        self._seq = line.seq if line.seq is not None and line.seq > self._seq else self._seq + 1
        if line.aborted:
            return None
        judged = judge(line.message, self._ruleset, received_at=line.received_at)
        at = line.received_at
        if at is None and judged.event is not None:
            at = microseconds(judged.event.timestamp)
        return Arrival(line.run, self._seq, judged, line.accepted, at, line.transaction if line.accepted else None)
