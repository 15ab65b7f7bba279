"""What the stand-in received in a run of `CasinoMachine`, and how it is told."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from hypothesis.errors import HypothesisException

from ftcrm.client import AdminClient
from ftcrm.contracts.errors import SendError
from ftcrm.strategies.books import event_line, finding_lines

__all__ = ["Received"]

_PAGE = 1000


class Received(NamedTuple):
    """The run as the admin API shows it; what is of players of earlier examples was still on its way, and left out."""

    admin: AdminClient
    run: str
    earlier: Collection[str]

    def rounds(self) -> Iterator[dict[str, Any]]:
        """The rounds."""
        return filter(self._is_of_this_example, self.admin.rounds(run=self.run, limit=_PAGE))

    def findings(self) -> Iterator[dict[str, Any]]:
        """The findings, those too that name no player."""
        return filter(self._is_of_this_example, self.admin.findings(run=self.run, limit=_PAGE))

    def lines(self, findings: Iterable[Mapping[str, Any]]) -> Iterator[str]:
        """These findings with their clauses, and a line for each event."""
        for finding in findings:
            yield from finding_lines(finding)
        events = self.admin.events(run=self.run, limit=_PAGE)
        lines = [event_line(event) for event in events if self._is_of_this_example(event["event"] or {})]
        yield "events received:" if lines else "events received: none"
        for line in lines:
            yield f"  {line}"

    def add_to(self, error: Exception) -> None:
        """Add all of it to the error as a note: an answer of 400 is best explained by the rules that the event breaks.

        What Hypothesis raises (`assume`) is no error.
        """
        if isinstance(error, HypothesisException):
            return
        try:
            error.add_note("\n".join(self.lines(self.findings())))
        except SendError as unreachable:
            error.add_note(f"events received: {unreachable}")

    def _is_of_this_example(self, said: Mapping[str, Any]) -> bool:
        user_id = said.get("user_id")
        return not (isinstance(user_id, str) and user_id in self.earlier)
