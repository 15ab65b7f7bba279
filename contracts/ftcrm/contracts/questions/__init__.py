"""The ledger of assumptions, asked: which rounds come out otherwise under another reading of the contract, and how."""

from ftcrm.contracts.questions.inquiry import inquire, members_of, questions_of
from ftcrm.contracts.questions.ledger import (
    INVALID_EVENTS,
    LEDGER,
    Outcome,
    Reading,
    RoundQuestion,
    Share,
    Sums,
    answered_by,
    open_assumptions,
)
from ftcrm.contracts.questions.tally import Question, ReadingSums, Tally
from ftcrm.contracts.questions.triggers import triggered
from ftcrm.contracts.questions.views import question_view, round_question_view

__all__ = [
    "INVALID_EVENTS",
    "LEDGER",
    "Outcome",
    "Question",
    "Reading",
    "ReadingSums",
    "RoundQuestion",
    "Share",
    "Sums",
    "Tally",
    "answered_by",
    "inquire",
    "members_of",
    "open_assumptions",
    "question_view",
    "questions_of",
    "round_question_view",
    "triggered",
]
