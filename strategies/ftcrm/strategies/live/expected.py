"""What a run has to show of what it recorded: every answer of the admin API, made by the engine at once.

Values come from `construct`; findings, and the order in which things first came, from a history that is read anew.
"""

import base64
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from msgspec.structs import replace

from ftcrm.contracts import BonusKey, Construction, Finding, History, Judgement, Message, RoundKey, construct
from ftcrm.contracts.events import CasinoEvent, read_payload
from ftcrm.contracts.groups import Groups
from ftcrm.contracts.questions import answered_by, members_of, questions_of, round_question_view
from ftcrm.contracts.rounds import CasinoMember, Member, PlayerKey
from ftcrm.contracts.views import bonus_view, finding_view, findings_view, player_view, round_view, session_view
from ftcrm.strategies.live.agreement import as_answered, read_json

__all__ = ["Entry", "Expected", "Listed"]

_BOM = b"\xef\xbb\xbf"
_EVENT_FILTERS = ("origin", "user_id", "round_id", "user_bonus_id", "activity_id", "type", "status")
_PLACES = ("origin", "user_id", "round_id", "user_bonus_id")


class Entry(NamedTuple):
    """A delivery that was recorded, where the journal has it; the judgement is ours."""

    seq: int
    message: Message
    judgement: Judgement
    is_refused: bool

    @property
    def disposition(self) -> str:
        """As the admin API says it."""
        return "refused" if self.is_refused else "accepted"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the rules say of the event, with itself as the witness."""
        return tuple(replace(finding, witness=(self.seq,)) for finding in self.judgement.findings)

    def view(self, run: str) -> dict[str, Any]:
        """The event as the admin API shows it, without what is the server's own: the time and the transport."""
        raw, judgement = self.message.raw, self.judgement
        is_object = read_payload(raw).document is not None
        return {
            "seq": self.seq,
            "run": run,
            "connector": self.message.connector,
            "disposition": self.disposition,
            **_raw(raw),
            "message_type": judgement.message_type and _storable(judgement.message_type),
            "event": read_json(raw.removeprefix(_BOM)) if is_object else None,
            "verdict": str(judgement.verdict),
            "findings": as_answered(findings_view(self.findings)),
        }


class Listed(NamedTuple):
    """One row of a list: what filters compare, and what is shown."""

    labels: Sequence[Mapping[str, Any]]
    """One of them must have all that the filters say: of a session, each game has its own."""
    view: dict[str, Any]

    def matches(self, filters: Mapping[str, str]) -> bool:
        """Whether the filters let it pass."""
        return any(all(_text(each[name]) == wanted for name, wanted in filters.items()) for each in self.labels)


class Expected:
    """What the entries of a run since its last reset come to."""

    def __init__(self, run: str, entries: Sequence[Entry], *, is_closed: bool) -> None:
        self._run = run
        self._entries = {entry.seq: entry for entry in entries}
        self._accepted = [entry for entry in entries if not entry.is_refused]
        self._history = History(load=self._load)
        for entry in entries:
            self._history.add(entry.seq, entry.judgement, accepted=not entry.is_refused)
        if is_closed:
            self._history.close()
        self._history.refresh()

    def listed(self, name: str, *, as_of: datetime | None = None) -> list[Listed]:
        """The rows of the list of that name: events, rounds, sessions, players, bonuses, questions or findings."""
        lists: dict[str, Callable[[], Iterator[Listed]]] = {
            "events": self._events,
            "rounds": self._rounds,
            "sessions": self._sessions,
            "players": lambda: self._players(as_of),
            "bonuses": self._bonuses,
            "questions": self._questions,
            "findings": self._findings,
        }
        return list(lists[name]())

    def summary(self) -> dict[str, Any]:
        """The summary of the run, without what is the whole server's."""
        entries = self._entries.values()
        made = self._made
        findings = Counter(finding.rule for _, _, found in self._flagged() for finding in found)
        return {
            "events": len(entries),
            "connectors": _counts(entry.message.connector for entry in entries),
            "message_types": _counts(_storable(entry.judgement.message_type or "none") for entry in entries),
            "verdicts": _counts(str(entry.judgement.verdict) for entry in entries),
            "dispositions": _counts(entry.disposition for entry in entries),
            "rounds": _counts(value.state for value in made.rounds),
            "bonuses": _counts(value.status or "none" for value in made.bonuses),
            "players": len(made.players),
            "findings": dict(sorted(findings.items())),
            "complete": True,
        }

    @property
    def open_rounds(self) -> int:
        """How many rounds wait for a settlement."""
        return sum(value.state == "open" for value in self._made.rounds)

    @cached_property
    def _made(self) -> Construction:
        return self._made_as_of(None)

    def _made_as_of(self, as_of: datetime | None) -> Construction:
        return construct([entry.message for entry in self._accepted], as_of=as_of)

    def _events(self) -> Iterator[Listed]:
        for entry in self._entries.values():
            view = entry.view(self._run)
            labels = {name: getattr(entry.judgement.keys, name) for name in _EVENT_FILTERS}
            yield Listed([view | labels], view)

    def _rounds(self) -> Iterator[Listed]:
        made = {RoundKey(value.origin, value.user_id, value.round_id): value for value in self._made.rounds}
        kept = self._history.rounds
        for _, key in kept.keys():  # noqa: SIM118 - Groups is no mapping: its keys come with their numbers
            view = self._placed(round_view(made[key])) | {"excluded": list(kept.excluded(key))}
            view |= {"findings": as_answered(findings_view(kept.findings(key))), "run": self._run}
            yield Listed([view | {"game_id": view["game"]["id"], "vendor_id": view["vendor"]["id"]}], view)

    def _bonuses(self) -> Iterator[Listed]:
        made = {BonusKey(value.origin, value.user_id, value.user_bonus_id): value for value in self._made.bonuses}
        kept = self._history.bonuses
        for _, key in kept.keys():  # noqa: SIM118 - as above
            view = self._placed(bonus_view(made[key])) | {"excluded": list(kept.excluded(key))}
            view |= {"findings": as_answered(findings_view(kept.findings(key))), "run": self._run}
            yield Listed([view], view)

    def _sessions(self) -> Iterator[Listed]:
        for _, key in self._history.players.keys():  # noqa: SIM118 - as above
            for value in self._made.sessions:
                if PlayerKey(value.origin, value.user_id) == key:
                    view = self._placed(session_view(value)) | {"run": self._run}
                    none = {"vendor_id": None, "game_id": None}
                    yield Listed([view | game for game in (none, *view["games"])], view)

    def _players(self, as_of: datetime | None) -> Iterator[Listed]:
        made = {PlayerKey(value.origin, value.user_id): value for value in self._made_as_of(as_of).players}
        for _, key in self._history.players.keys():  # noqa: SIM118 - as above
            view = as_answered(player_view(made[key])) | {"run": self._run}
            yield Listed([view], view)

    def _questions(self) -> Iterator[Listed]:
        settings, kept = self._history.settings, self._history.rounds
        answered = answered_by(settings.readings) | settings.answered
        folded = [key for _, key in kept.keys()]  # noqa: SIM118 - as above
        others = sorted((kept.excluded(key)[0], key) for key in kept.known() if key not in kept)
        for key in (*folded, *(key for _, key in others)):
            fold = kept.value(key)
            left_out = [each for each in self._members(kept.excluded(key)) if isinstance(each.event, CasinoEvent)]
            members = () if fold is None else members_of(fold)
            if members or left_out:
                for question in questions_of(key, members, left_out, readings=settings.readings, answered=answered):
                    view = as_answered(round_question_view(question)) | {"run": self._run}
                    yield Listed([view], view)

    def _findings(self) -> Iterator[Listed]:
        for seq, named, findings in self._flagged():
            where = {"run": self._run, "seq": seq, **{name: getattr(named, name, None) for name in _PLACES}}
            for finding in findings:
                view = as_answered(finding_view(finding)) | where
                yield Listed([view], view)

    def _flagged(self) -> Iterator[tuple[int | None, object, tuple[Finding, ...]]]:
        """What has findings, in the order of the list: its seq where it is an event, what names it, the findings."""
        for entry in self._entries.values():
            yield entry.seq, entry.judgement.keys, entry.findings
        both: tuple[Groups[Any, Any], ...] = (self._history.rounds, self._history.bonuses)
        for kept in both:
            for _, key in kept.keys():  # noqa: SIM118 - as above
                yield None, key, kept.findings(key)
        for seq, findings in self._history.across.flagged():
            yield seq, self._entries[seq].judgement.keys, findings

    def _placed(self, view: dict[str, Any]) -> dict[str, Any]:
        """The view of what was constructed, with the journal's seqs for the places among what was accepted."""
        placed: dict[str, Any] = self._with_seqs(as_answered(view))
        return placed

    def _with_seqs(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {inner: self._with_seqs(each, inner) for inner, each in value.items()}
        if isinstance(value, list):
            return [self._with_seqs(each, name) for each in value]
        return self._accepted[value - 1].seq if name in ("seq", "seqs", "casino_seqs") else value

    def _members(self, seqs: Sequence[int]) -> list[CasinoMember]:
        return [
            Member(seq, judgement.event)
            for seq, judgement in self._load(seqs)
            if isinstance(judgement.event, CasinoEvent)
        ]

    def _load(self, seqs: Sequence[int]) -> list[tuple[int, Judgement]]:
        return [(seq, self._entries[seq].judgement) for seq in seqs]


def _raw(raw: bytes) -> dict[str, str | None]:
    try:
        return {"raw": raw.decode()}
    except UnicodeDecodeError:
        return {"raw": None, "raw_base64": base64.b64encode(raw).decode()}


def _storable(name: str) -> str:
    """A message type as JSON can have it: bytes that were no UTF-8 are escapes."""
    return name.encode("utf-8", "backslashreplace").decode()


def _text(value: Any) -> Any:
    """What a filter compares: booleans as JSON has them."""
    return str(value).lower() if isinstance(value, bool) else value


def _counts(names: Iterator[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
