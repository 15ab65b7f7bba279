"""A report for people: each finding with what it points at, as it is found; then the rounds; then one line of sums."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from ftcrm.cli.excerpt import excerpt
from ftcrm.cli.output import finding_line, on_terminal, printable, say, table_lines
from ftcrm.cli.tables import draw_table
from ftcrm.cli.witnesses import lines_of, number_of, place_of, witness_rows
from ftcrm.contracts.check import Check
from ftcrm.contracts.clauses import clause
from ftcrm.contracts.findings import Confidence, Finding
from ftcrm.contracts.lines import Line
from ftcrm.contracts.numbers import plain
from ftcrm.contracts.report import BonusReport, EventReport, RoundReport
from ftcrm.contracts.views import finding_view

__all__ = ["TextReport", "summary_line"]

_ROUND_COLUMNS = ("round", "user", "state", "outcome", "bet", "win", "ggr", "currency", "lines", "left out", "findings")
_ROUND_LESS_IMPORTANT = ("outcome", "ggr", "currency", "lines", "win", "bet", "state")
_BONUS_COLUMNS = ("bonus", "user", "type", "statuses", "lines", "left out", "findings")
_BONUS_LESS_IMPORTANT = ("lines", "type", "statuses")
_RULE_COLUMNS = ("rule", "name", "confidence", "count", "first lines")
_RULE_LESS_IMPORTANT = ("first lines", "confidence", "name")
_FOLDABLE = frozenset({"statuses", "lines", "left out", "findings", "first lines"})
_MOST_FINDINGS = 20
"""How many findings of one rule are written in full: whoever has not seen the fault by then will not by the next."""
_MOST_ROWS = 50
_FIRST = 3
_SINGULAR = {"rounds": "round", "bonuses": "bonus"}
_Entry = TypeVar("_Entry", bound=RoundReport | BonusReport)


class _Told:
    """What one rule said: how often, and where first."""

    def __init__(self, finding: Finding) -> None:
        self.name = finding.name
        self.confidence = finding.confidence
        self.count = 0
        self.places: list[str] = []
        self.has_more = False


class _Chosen(Generic[_Entry]):
    """What a table shows of any number of rounds or bonuses: all of a few; of many, those with findings first."""

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._flagged: list[tuple[int, _Entry]] = []
        self._others: list[tuple[int, _Entry]] = []
        self._count = 0

    def add(self, entry: _Entry) -> None:
        """The next one, in the order in which they came."""
        kept = self._flagged if entry.findings else self._others
        if self._most is None or len(kept) < self._most:
            kept.append((self._count, entry))
        self._count += 1

    def shown(self) -> Iterator[_Entry]:
        """Those that get a row."""
        found = [*self._flagged, *self._others]
        if self._most is None or self._count <= self._most:
            found.sort(key=lambda each: each[0])
        for _, entry in found[: self._most]:
            yield entry

    @property
    def more(self) -> int:
        """How many get none."""
        return 0 if self._most is None else max(0, self._count - self._most)


class TextReport:
    """The report on one file; `write` takes the findings of events while the file is read."""

    def __init__(self, file: str, *, everything: bool = False, write: Callable[[str], None] = say) -> None:
        self._file = file
        self._write = write
        self._most_findings = None if everything else _MOST_FINDINGS
        self._most_rows = None if everything else _MOST_ROWS
        self._quoted: set[str] = set()
        self._told: dict[str, _Told] = {}

    def event(self, event: EventReport, line: Line) -> None:
        """The findings of one event."""
        for finding in event.findings:
            if not self._is_to_write(finding, number_of(event.line, event.column)):
                continue
            shown = excerpt(line.message.raw, finding, message_type=event.message_type, verdict=event.verdict)
            place = place_of(self._file, event.line, event.column)
            self._write("\n".join(self._block(finding, place, shown)))

    def end(self, check: Check) -> None:
        """The findings of the rounds and bonuses and across them, the tables and the sum."""
        rounds, bonuses = _Chosen[RoundReport](self._most_rows), _Chosen[BonusReport](self._most_rows)
        for entry in check.rounds():
            self._group(check, entry.findings, f"round {entry.round.round_id!r}")
            rounds.add(entry)
        for made in check.bonuses():
            self._group(check, made.findings, f"bonus {made.bonus.user_bonus_id!r}")
            bonuses.add(made)
        self._group(check, tuple(check.across()), "")
        if check.spoken:
            say("")
        of_rounds = [_round_row(entry, check) for entry in rounds.shown()]
        _say_table("rounds", _ROUND_COLUMNS, of_rounds, less_important=_ROUND_LESS_IMPORTANT, more=rounds.more)
        of_bonuses = [_bonus_row(made, check) for made in bonuses.shown()]
        _say_table("bonuses", _BONUS_COLUMNS, of_bonuses, less_important=_BONUS_LESS_IMPORTANT, more=bonuses.more)
        _say_table("findings", _RULE_COLUMNS, list(self._rule_rows()), less_important=_RULE_LESS_IMPORTANT)
        if check.events:
            say(summary_line(check))

    def _group(self, check: Check, findings: Sequence[Finding], group: str) -> None:
        """A finding about several lines stands at the last of them, where the sequence went wrong."""
        for finding in findings:
            last = check.seen(finding.witness[-1]) if finding.witness else None
            number = "" if last is None else number_of(last.line, last.column)
            if not self._is_to_write(finding, number):
                continue
            place = self._file if last is None else place_of(self._file, last.line, last.column)
            named = [group, f"line{'s'[: len(finding.witness) > 1]} {lines_of(check, finding.witness)}"]
            about = ", ".join(word for word in named[: 1 + bool(finding.witness)] if word)
            self._write("\n".join(self._block(finding, place, witness_rows(check, finding), f" ({about})")))

    def _is_to_write(self, finding: Finding, number: str) -> bool:
        """Whether the finding is written in full; it is counted in any case."""
        told = self._told.setdefault(finding.rule, _Told(finding))
        told.count += 1
        if number and number not in told.places:
            told.has_more = len(told.places) == _FIRST
            told.places += [] if told.has_more else [number]
        if self._most_findings is None or told.count <= self._most_findings:
            return True
        if told.count == self._most_findings + 1:
            self._write(f"{printable(self._file)}: further findings of {finding.rule} are counted (--all writes them)")
        return False

    def _rule_rows(self) -> Iterator[tuple[str, ...]]:
        """A row for each rule that spoke, those of the strongest confidence first."""
        order = list(Confidence)
        for code, told in sorted(self._told.items(), key=lambda each: (order.index(each[1].confidence), each[0])):
            lines = ", ".join([*told.places, *(["..."] if told.has_more else [])]) or "-"
            yield code, told.name, str(told.confidence), f"{told.count:,}", lines

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
        lines_of(check, value.excluded) or "-",
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
        lines_of(check, value.excluded) or "-",
        _codes(entry.findings),
    )


def _codes(findings: Sequence[Finding]) -> str:
    return ", ".join(sorted({finding.rule for finding in findings})) or "-"


def _counted(count: int, noun: str, kinds: Mapping[Any, int] | None = None, *, plural: str | None = None) -> str:
    text = f"{count} {noun if count == 1 else plural or noun + 's'}"
    named = ", ".join(f"{number} {kind}" for kind, number in (kinds or {}).items() if number)
    return f"{text}: {named}" if named else text


def _say_table(
    title: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    less_important: Sequence[str],
    more: int = 0,
) -> None:
    if not rows:
        return
    header, *rows = _without_empty(header, rows)
    rest = f"... and {more:,} more {title if more > 1 else _SINGULAR[title]} (--format json has all)" if more else ""
    if on_terminal():
        draw_table(title, header, rows, less_important=less_important, foldable=_FOLDABLE)
        if rest:
            say(f"{rest}\n")
    else:
        lines = [*table_lines(header, rows), *([rest] if rest else [])]
        say("\n".join((f"{title}:", *(f"  {line}" for line in lines), "")))


def _without_empty(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    """The table without its column of what was left out where nothing was."""
    at = header.index("left out") if "left out" in header else None
    is_kept = at is None or any(row[at] != "-" for row in rows)
    for row in (header, *rows):
        yield row if is_kept or at is None else (*row[:at], *row[at + 1 :])
