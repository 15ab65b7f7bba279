"""A report for people: each finding with what it points at, as it is found; then the rounds; then one line of sums."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ftcrm.cli.excerpt import excerpt
from ftcrm.cli.output import finding_line, on_terminal, printable, say, table_lines
from ftcrm.cli.tables import draw_table
from ftcrm.cli.witnesses import lines_of, place_of, witness_rows
from ftcrm.contracts.check import Check
from ftcrm.contracts.clauses import clause
from ftcrm.contracts.findings import Finding
from ftcrm.contracts.lines import Line
from ftcrm.contracts.numbers import plain
from ftcrm.contracts.report import BonusReport, EventReport, RoundReport
from ftcrm.contracts.views import finding_view

__all__ = ["TextReport", "summary_line"]

_ROUND_COLUMNS = ("round", "user", "state", "outcome", "bet", "win", "ggr", "currency", "lines", "findings")
_ROUND_LESS_IMPORTANT = ("outcome", "ggr", "currency", "lines", "win", "bet", "state")
_BONUS_COLUMNS = ("bonus", "user", "type", "statuses", "lines", "findings")
_BONUS_LESS_IMPORTANT = ("lines", "type", "statuses")
_FOLDABLE = frozenset({"statuses", "lines", "findings"})


class TextReport:
    """The report on one file; `write` takes the findings of events while the file is read."""

    def __init__(self, file: str, *, write: Callable[[str], None] = say) -> None:
        self._file = file
        self._write = write
        self._quoted: set[str] = set()

    def event(self, event: EventReport, line: Line) -> None:
        """The findings of one event."""
        for finding in event.findings:
            shown = excerpt(line.message.raw, finding, message_type=event.message_type, verdict=event.verdict)
            place = place_of(self._file, event.line, event.column)
            self._write("\n".join(self._block(finding, place, shown)))

    def end(self, check: Check) -> None:
        """The findings of the rounds and bonuses and across them, the tables and the sum."""
        for entry in check.rounds():
            self._group(check, entry.findings, f"round {entry.round.round_id!r}")
        for made in check.bonuses():
            self._group(check, made.findings, f"bonus {made.bonus.user_bonus_id!r}")
        self._group(check, tuple(check.across()), "")
        if check.spoken:
            say("")
        rounds = [_round_row(entry, check) for entry in check.rounds()]
        bonuses = [_bonus_row(made, check) for made in check.bonuses()]
        _say_table("rounds", _ROUND_COLUMNS, rounds, less_important=_ROUND_LESS_IMPORTANT)
        _say_table("bonuses", _BONUS_COLUMNS, bonuses, less_important=_BONUS_LESS_IMPORTANT)
        if check.events:
            say(summary_line(check))

    def _group(self, check: Check, findings: Sequence[Finding], group: str) -> None:
        """A finding about several lines stands at the last of them, where the sequence went wrong."""
        for finding in findings:
            last = check.seen(finding.witness[-1]) if finding.witness else None
            place = self._file if last is None else place_of(self._file, last.line, last.column)
            named = [group, f"line{'s'[: len(finding.witness) > 1]} {lines_of(check, finding.witness)}"]
            about = ", ".join(word for word in named[: 1 + bool(finding.witness)] if word)
            self._write("\n".join(self._block(finding, place, witness_rows(check, finding), f" ({about})")))

    def _block(self, finding: Finding, place: str, shown: Sequence[str], about: str = "") -> Iterator[str]:
        """A clause is quoted when it is first cited."""
        yield printable(f"{place}: {finding_line(finding_view(finding))}{about}")
        if finding.clause not in self._quoted:
            self._quoted.add(finding.clause)
            for quoted in clause(finding.clause).quote:
                yield f"    | {quoted}"
        yield f"    | ({finding.clause})"
        for line in shown:
            yield f"      {line}".rstrip()


def summary_line(check: Check) -> str:
    """`4 events: 3 ok, 1 violation; 2 rounds; 0 bonuses; 1 finding: 1 documented`."""
    counts = check.summary()["counts"]
    parts = [
        _counted(check.events, "event", check.verdicts),
        _counted(counts["rounds"], "round"),
        _counted(counts["bonuses"], "bonus", plural="bonuses"),
        _counted(sum(check.confidences.values()), "finding", check.confidences),
    ]
    return "; ".join(parts) + (f" (+{check.implied} implied)" if check.implied else "")


def _round_row(entry: RoundReport, check: Check) -> tuple[str, ...]:
    value = entry.round
    money = None if value.currency is None else value.totals[value.currency]
    amounts = ("-",) * 3 if money is None else tuple(plain(part.total) for part in (money.bet, money.win, money.ggr))
    currency = value.currency or "/".join(value.totals)
    return (
        value.round_id,
        value.user_id,
        value.state,
        value.outcome or "-",
        *amounts,
        currency,
        lines_of(check, value.seqs),
        _codes(entry.findings),
    )


def _bonus_row(entry: BonusReport, check: Check) -> tuple[str, ...]:
    value = entry.bonus
    return (
        value.user_bonus_id,
        value.user_id,
        value.type or "-",
        ", ".join(status.status for status in value.statuses) or "-",
        lines_of(check, sorted((*value.seqs, *value.casino_seqs))),
        _codes(entry.findings),
    )


def _codes(findings: Sequence[Finding]) -> str:
    return ", ".join(sorted({finding.rule for finding in findings})) or "-"


def _counted(count: int, noun: str, kinds: Mapping[Any, int] | None = None, *, plural: str | None = None) -> str:
    text = f"{count} {noun if count == 1 else plural or noun + 's'}"
    named = ", ".join(f"{number} {kind}" for kind, number in (kinds or {}).items() if number)
    return f"{text}: {named}" if named else text


def _say_table(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str]], *, less_important: Sequence[str]
) -> None:
    if not rows:
        return
    if on_terminal():
        draw_table(title, header, rows, less_important=less_important, foldable=_FOLDABLE)
    else:
        say("\n".join((f"{title}:", *(f"  {line}" for line in table_lines(header, rows)), "")))
