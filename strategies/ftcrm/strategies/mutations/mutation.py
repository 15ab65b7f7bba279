"""What a mutation is: one named way in which a valid history goes wrong, and everything that must come of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from hypothesis import strategies as st

from ftcrm.contracts import Message
from ftcrm.contracts.rounds import RoundState
from ftcrm.strategies.documents import Scene
from ftcrm.strategies.rounds import Sent

__all__ = [
    "AS_BEFORE",
    "RECEIVED_AT",
    "DocumentsChange",
    "MessageChange",
    "Mutation",
    "Outcome",
    "Subject",
    "SubjectKind",
]

RECEIVED_AT = datetime(2100, 1, 1, tzinfo=UTC)
"""When histories are taken to arrive, all of their messages at once: after everything in them happened."""
SubjectKind = Literal["round", "bonus"]
"""What a mutation changes: a round of one Bet and one Win of more than 0, or a bonus of Scenario B with one such round
(Created, Bet, Win, Completed)."""


class Subject(NamedTuple):
    """That part of a valid history, before it goes wrong: its events in the order of sending."""

    sent: tuple[Sent, ...]
    scene: Scene
    """Whose and where it is; `scene.ids` makes ids that nothing else has. No event of it has is_round_end."""


DocumentsChange = Callable[[st.DrawFn, Subject], Sequence[Sent]]
"""The events to send instead, in the order of arrival; the same Sent twice is delivered twice."""
MessageChange = Callable[[st.DrawFn, Message], Message]
"""What to deliver instead of one message of the subject."""


class Outcome(NamedTuple):
    """What an engine must make of the subject's rounds: everything else of the history comes out as without it.

    `bet` and `win` are how many times those of the valid round (all currencies together); None where that is not all
    that there is to say, which `says` then does.
    """

    says: str
    """One line for a reader: "the Bet stands alone"."""
    state: RoundState | None = None
    """None when nothing comes of the round: it is not there."""
    bet: int | None = None
    win: int | None = None
    others: tuple[RoundState, ...] = ()
    """The states of the further rounds that its events make, under other keys, in alphabetical order."""


AS_BEFORE = Outcome("as without the mutation", "settled", 1, 1)


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One way in which a history goes wrong: `documents` changes what is sent, `message` how one of it is delivered.

    `findings` are exactly the rules that speak of the mutated history and not of the valid one, with the settings that
    `settings` changes (fields of `Settings`); the run is closed only if `closes`. Where the settings make a rule speak
    of the rest of the history, there is no rest. Mutations share a history when their settings are the same, and
    `closes` is. `families` are those of docs/rounds.md that it shows.
    """

    name: str
    """Lower case, with hyphens: "missing-win"."""
    about: str
    """How it comes about, in one sentence."""
    subject: SubjectKind
    findings: frozenset[str]
    outcome: Outcome
    documents: DocumentsChange | None = None
    message: MessageChange | None = None
    hits: int = 1
    """Which of the subject's events `message` is given, from 0: of a round the Bet and the Win, of a bonus Created,
    the Bet, the Win and Completed."""
    families: tuple[int, ...] = ()
    closes: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
