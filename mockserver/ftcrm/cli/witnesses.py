"""The events that a finding about a sequence names: where each stands, and what it said."""

from collections.abc import Iterable, Sequence

from ftcrm.cli.output import printable
from ftcrm.contracts.check import Check, Seen
from ftcrm.contracts.events import BonusEvent, CasinoEvent
from ftcrm.contracts.findings import Finding
from ftcrm.contracts.instants import isoformat
from ftcrm.contracts.numbers import plain

__all__ = ["lines_of", "number_of", "place_of", "said_of", "witness_rows"]

_MOST = 6
"""How many of the events of one finding are shown."""
_LONGEST = 40


def place_of(file: str, line: int, column: int) -> str:
    """FILE:LINE, or FILE:LINE:COLUMN of what is not the first on its line."""
    return f"{file}:{number_of(line, column)}"


def lines_of(check: Check, seqs: Iterable[int]) -> str:
    """The lines of the events with these seqs: `3, 7`."""
    return ", ".join(number_of(seen.line, seen.column) for seq in seqs if (seen := check.seen(seq)) is not None)


def witness_rows(check: Check, finding: Finding) -> list[str]:
    """A row for each event of the finding: its line, and what tells it from the others, one below the other."""
    seen = [found for seq in finding.witness[:_MOST] if (found := check.seen(seq)) is not None]
    rows = [(f"{number_of(each.line, each.column)}:", *map(_cell, said_of(each))) for each in seen]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    if (more := len(finding.witness) - _MOST) > 0:
        lines.append(f"... and {more} more")
    return lines


def said_of(seen: Seen) -> Sequence[str]:
    """What a witness said of itself: type, status, id, amount with currency, timestamp; empty where it did not."""
    said = seen.said
    match said:
        case CasinoEvent():
            amount = f"{plain(said.amount)} {said.currency}"
            return said.type, said.status, said.activity_id, amount, isoformat(said.timestamp)
        case BonusEvent():
            kind = said.type if isinstance(said.type, str) else ""
            return f"bonus {kind}".strip(), said.status, said.user_bonus_id, "", isoformat(said.timestamp)
    return said.type or "", said.status or "", said.activity_id or said.user_bonus_id or "", "", ""


def number_of(line: int, column: int) -> str:
    """LINE, or LINE:COLUMN of what is not the first on its line."""
    return str(line) if column == 1 else f"{line}:{column}"


def _cell(text: str) -> str:
    text = printable(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
