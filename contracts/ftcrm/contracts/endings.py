"""How the runs of a file stand at its end: what the marks between the deliveries come to, and the end itself."""

from datetime import UTC, datetime, timedelta

from ftcrm.contracts.history import History
from ftcrm.contracts.lines import EVERY_RUN, Mark

__all__ = ["Endings"]

_EPOCH = datetime.fromtimestamp(0, UTC)


class Endings:
    """`heed` every mark, set `now` as time goes on; `end` then finishes the history of a run, or of a part of one.

    No rule looks at a history before it is whole, so that it is all one where between the deliveries a mark stood.
    """

    def __init__(self, *, closed: bool = False) -> None:
        self._all_closed = closed
        self._closed: set[str] = set()
        self._cut: set[str] = set()
        self._deadlines: dict[str, int] = {}
        self._latest: dict[str, int] = {}
        self.now: int | None = None
        """When the last delivery came, in microseconds since the epoch, as far as that is known."""

    def heed(self, mark: Mark) -> None:
        """A mark about a run, or about all of them; those of transactions are about deliveries, and not meant here."""
        match mark.kind:
            case "evicted":
                self._cut.add(mark.run)
                if mark.latest is not None:
                    self._latest[mark.run] = max(mark.latest, self._latest.get(mark.run, mark.latest))
            case "closed":
                self._closed.add(mark.run)
            case "deadline" if mark.at is not None:
                self._deadlines[mark.run] = max(mark.at, self._deadlines.get(mark.run, mark.at))

    def is_cut(self, run: str | None = None) -> bool:
        """Whether deliveries of the run (or of any) are missing."""
        return bool(self.cut(run))

    def cut(self, run: str | None = None) -> tuple[str, ...]:
        """The runs (or this one) of which deliveries are missing; EVERY_RUN where it is not known of which."""
        return tuple(sorted(self._cut if run is None else self._cut & {run, EVERY_RUN}))

    def as_of(self, run: str, last: datetime | None) -> datetime | None:
        """The instant of the last event of the run, `last` being that of those which are not missing."""
        if (latest := self._latest.get(run)) is None:
            return last
        told = _EPOCH + timedelta(microseconds=latest)
        return told if last is None else max(told, last)

    def end(self, run: str, history: History) -> None:
        """Everything came that comes: the deadlines that lie before now have passed, and all that changed is folded."""
        if self.is_cut(run):
            history.lose()
        history.as_of = self.as_of(run, history.as_of)
        for at in (self._deadlines.get(run), self.now):
            if at is not None:
                history.pass_deadlines(at)
        if self._all_closed or run in self._closed:
            history.close()
        history.refresh()
