"""How mutations of single events are written: which event, and what is another in it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from ftcrm.strategies.documents import WALLETS, Document
from ftcrm.strategies.mutations.mutation import AS_BEFORE, DocumentsChange, Mutation, Outcome, Subject, SubjectKind

__all__ = [
    "LEFT_OUT",
    "NOT_COMPLETED",
    "Change",
    "Rows",
    "any_of",
    "having",
    "of_both",
    "of_completed",
    "of_statuses",
    "of_win",
    "renamed",
    "unsplit",
    "without",
]

LEFT_OUT = Outcome("the Win is left out: the Bet stays open", "open", 1, 0)
NOT_COMPLETED = Outcome("the round as without the mutation; the bonus never completes", "settled", 1, 1)

Change = Callable[[st.DrawFn, Document], Document]
"""What one event is instead."""
Rows = Sequence[Document]
"""Properties with their values: one row of several is drawn."""

_BET, _WIN = 0, 1
_CREATED, _COMPLETED = 0, 3


def of_win(
    name: str,
    about: str,
    findings: str,
    change: Change,
    outcome: Outcome = LEFT_OUT,
    *,
    settings: Mapping[str, Any] | None = None,
) -> Mutation:
    """A mutation of the Win alone; `findings` are codes with blanks between them."""
    return _mutation(name, about, "round", findings, _changing(change, _WIN), outcome, settings)


def of_both(name: str, about: str, findings: str, rows: Rows, outcome: Outcome = AS_BEFORE) -> Mutation:
    """A mutation of the Bet and the Win, which get the same row."""
    return _mutation(name, about, "round", findings, _setting(rows, _BET, _WIN), outcome, None)


def of_completed(name: str, about: str, findings: str, change: Change, outcome: Outcome = NOT_COMPLETED) -> Mutation:
    """A mutation of the event that completes a bonus."""
    return _mutation(name, about, "bonus", findings, _changing(change, _COMPLETED), outcome, None)


def of_statuses(name: str, about: str, findings: str, rows: Rows, outcome: Outcome = AS_BEFORE) -> Mutation:
    """A mutation of both events of a bonus, which get the same row."""
    return _mutation(name, about, "bonus", findings, _setting(rows, _CREATED, _COMPLETED), outcome, None)


# -- what is another -------------------------------------------------------------------------------------------------


def without(*names: str) -> Change:
    """The event without one of these properties."""

    def change(draw: st.DrawFn, document: Document) -> Document:
        left_out = draw(st.sampled_from(names))
        return {name: value for name, value in document.items() if name != left_out}

    return change


def having(*rows: Document) -> Change:
    """The event with one of these rows."""
    return lambda draw, document: document | draw(st.sampled_from(rows))


def any_of(names: str, *values: Any) -> Change:
    """The event with one of these values in one of these properties."""
    return having(*({name: value} for value in values for name in names.split()))


def renamed(names: Mapping[str, Sequence[str]]) -> Change:
    """The event with one of these properties under one of the names beside it."""
    pairs = [(name, other) for name, others in names.items() for other in others]

    def change(draw: st.DrawFn, document: Document) -> Document:
        name, other = draw(st.sampled_from(pairs))
        return {other if known == name else known: value for known, value in document.items()}

    return change


def unsplit(document: Document) -> Document:
    """The event without its wallets."""
    return {name: value for name, value in document.items() if name not in WALLETS}


# -- where -----------------------------------------------------------------------------------------------------------


def _changing(change: Change, index: int) -> DocumentsChange:
    def documents(draw: st.DrawFn, subject: Subject) -> Sequence[Any]:
        sent = list(subject.sent)
        sent[index] = sent[index]._replace(document=change(draw, sent[index].document))
        return sent

    return documents


def _setting(rows: Rows, *indexes: int) -> DocumentsChange:
    def documents(draw: st.DrawFn, subject: Subject) -> Sequence[Any]:
        row = draw(st.sampled_from(rows))
        return [
            sent._replace(document=sent.document | row) if index in indexes else sent
            for index, sent in enumerate(subject.sent)
        ]

    return documents


def _mutation(
    name: str,
    about: str,
    subject: SubjectKind,
    findings: str,
    documents: DocumentsChange,
    outcome: Outcome,
    settings: Mapping[str, Any] | None,
) -> Mutation:
    return Mutation(
        name=name,
        about=about,
        subject=subject,
        findings=frozenset(findings.split()),
        outcome=outcome,
        documents=documents,
        settings=settings or {},
    )
