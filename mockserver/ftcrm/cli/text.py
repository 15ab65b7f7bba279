"""A report for people: one block for each finding, then the rounds, then one line that sums up."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ftcrm.cli.output import finding_line, on_terminal, printable, say, table_lines
from ftcrm.cli.tables import draw_table
from ftcrm.contracts.clauses import clause
from ftcrm.contracts.findings import Finding
from ftcrm.contracts.numbers import plain
from ftcrm.contracts.report import BonusReport, Report, RoundReport
from ftcrm.contracts.views import finding_view

__all__ = ["say_report", "summary_line"]

_ROUND_COLUMNS = ("round", "user", "state", "outcome", "bet", "win", "ggr", "currency", "lines", "findings")
_ROUND_LESS_IMPORTANT = ("outcome", "ggr", "currency", "lines", "win", "bet", "state")
_BONUS_COLUMNS = ("bonus", "user", "type", "statuses", "lines", "findings")
_BONUS_LESS_IMPORTANT = ("lines", "type", "statuses")
_FOLDABLE = frozenset({"statuses", "lines", "findings"})


def say_report(report: Report, file: str) -> None:
    """Write the report on the file."""
    lines = {event.seq: event.line for event in report.events}
    blocks = "\n".join(_findings(report, file, lines))
    if blocks:
        say(blocks + "\n")
    rounds = [_round_row(entry, lines) for entry in report.rounds]
    bonuses = [_bonus_row(entry, lines) for entry in report.bonuses]
    _say_table("rounds", _ROUND_COLUMNS, rounds, less_important=_ROUND_LESS_IMPORTANT)
    _say_table("bonuses", _BONUS_COLUMNS, bonuses, less_important=_BONUS_LESS_IMPORTANT)
    say(summary_line(report))


def summary_line(report: Report) -> str:
    """`4 events: 3 ok, 1 violation; 2 rounds; 0 bonuses; 1 finding: 1 documented`."""
    parts = [
        _counted(len(report.events), "event", report.verdicts),
        _counted(len(report.rounds), "round"),
        _counted(len(report.bonuses), "bonus", plural="bonuses"),
        _counted(sum(report.confidences.values()), "finding", report.confidences),
    ]
    return "; ".join(parts)


def _findings(report: Report, file: str, lines: Mapping[int, int | None]) -> Iterator[str]:
    for event in report.events:
        for finding in event.findings:
            yield from _block(finding, f"{file}:{event.line}")
    for entry in report.rounds:
        for finding in entry.findings:
            yield from _block(finding, _place(file, finding, lines), f"round {entry.round.round_id!r}", lines)
    for bonus in report.bonuses:
        for finding in bonus.findings:
            yield from _block(finding, _place(file, finding, lines), f"bonus {bonus.bonus.user_bonus_id!r}", lines)


def _place(file: str, finding: Finding, lines: Mapping[int, int | None]) -> str:
    """A finding about several lines stands at the last of them, where the sequence went wrong."""
    return f"{file}:{lines[finding.witness[-1]]}" if finding.witness else file


def _block(
    finding: Finding, place: str, group: str | None = None, lines: Mapping[int, int | None] | None = None
) -> Iterator[str]:
    about = ""
    if group is not None and lines is not None:
        about = f" ({group}, {_numbers(finding.witness, lines)})" if finding.witness else f" ({group})"
    yield printable(f"{place}: {finding_line(finding_view(finding))}{about}")
    for quoted in clause(finding.clause).quote:
        yield f"    | {quoted}"


def _round_row(entry: RoundReport, lines: Mapping[int, int | None]) -> tuple[str, ...]:
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
        _numbers(value.seqs, lines, bare=True),
        _codes(entry.findings),
    )


def _bonus_row(entry: BonusReport, lines: Mapping[int, int | None]) -> tuple[str, ...]:
    value = entry.bonus
    return (
        value.user_bonus_id,
        value.user_id,
        value.type or "-",
        ", ".join(status.status for status in value.statuses) or "-",
        _numbers(sorted((*value.seqs, *value.casino_seqs)), lines, bare=True),
        _codes(entry.findings),
    )


def _codes(findings: Sequence[Finding]) -> str:
    return ", ".join(sorted({finding.rule for finding in findings})) or "-"


def _numbers(seqs: Sequence[int], lines: Mapping[int, int | None], *, bare: bool = False) -> str:
    numbers = ", ".join(str(lines[seq]) for seq in seqs)
    return numbers if bare else f"line{'s' if len(seqs) > 1 else ''} {numbers}"


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
