"""What a run recorded, as its deliveries were sent: each once, whole, in the order of its connection."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ftcrm.contracts import Message, judge
from ftcrm.contracts.findings import Verdict
from ftcrm.contracts.views import findings_view
from ftcrm.strategies.live.agreement import agree, as_answered
from ftcrm.strategies.live.connection import Answer, Connection, Delivery
from ftcrm.strategies.live.expected import Entry, Expected
from ftcrm.strategies.live.rest import TOKEN_HEADER

__all__ = ["Recorded", "Sent", "without_servers_own"]

_REFUSED = (Verdict.VIOLATION, Verdict.UNREADABLE)
_OK, _BREACH, _FOREIGN = 200, 400, 415
_SERVERS_OWN = ("received_at", "transport")


class Sent(NamedTuple):
    """A delivery, and what went with it; REST refuses one `in_foreign_form` whatever it says."""

    delivery: Delivery
    via: Connection
    in_foreign_form: bool = False


class Recorded:
    """The model of one run: what was sent and must be there, what may be, and what is there since the last reset.

    Raises AssertionError where the server shows what cannot be.
    """

    def __init__(self, run: str) -> None:
        self.run = run
        self.entries: list[Entry] = []
        self.is_closed = self.is_known = False
        self._sent: dict[str, Sent] = {}
        self._awaited: set[str] = set()
        self._uncertain: set[str] = set()
        self._recorded: dict[str, int] = {}
        self._before_reset: set[str] = set()
        self._expected: Expected | None = None

    @property
    def has_sent(self) -> bool:
        """Whether anything was ever sent, or is about to be."""
        return bool(self._sent)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is on its way."""
        return not self._awaited and not self._uncertain

    @property
    def most(self) -> int:
        """How many deliveries there may be by now."""
        return len(self.entries) + len(self._awaited) + len(self._uncertain)

    @property
    def expected(self) -> Expected:
        """What must be made of what is there."""
        if self._expected is None:
            self._expected = Expected(self.run, self.entries, is_closed=self.is_closed)
        return self._expected

    def send(self, messages: Sequence[Message], via: Connection, *, in_foreign_form: bool = False) -> list[Delivery]:
        """Deliveries of these messages that are yet to be sent over that connection: until then none may be there."""
        made = [Delivery(str(len(self._sent) + nth), message) for nth, message in enumerate(messages, 1)]
        self._sent |= {delivery.token: Sent(delivery, via, in_foreign_form) for delivery in made}
        return made

    def acknowledged(self, deliveries: Sequence[Delivery], answers: Sequence[Answer] = ()) -> None:
        """The server has said that it has these: they must be there; REST has said what it makes of them, too."""
        for token, _ in deliveries:
            if token not in self._recorded and token not in self._before_reset:
                self._uncertain.discard(token)
                self._awaited.add(token)
        for delivery, answer in zip(deliveries, answers, strict=False):
            _check(_entry(0, self._sent[delivery.token]), self._sent[delivery.token].in_foreign_form, answer)

    def left(self, delivery: Delivery) -> None:
        """It was sent as a whole, and nobody waited for the answer: it may be there, now or later."""
        self._uncertain.add(delivery.token)

    def reset(self) -> None:
        """What is there no longer counts. What may have come before may be gone, or come."""
        self.entries, self.is_closed, self.is_known, self._expected = [], False, True, None
        self._before_reset |= self._uncertain

    def close(self) -> None:
        """Nothing more is said to come."""
        self.is_closed, self._expected = True, None

    def take_in(self, shown: Sequence[Mapping[str, Any]]) -> bool:
        """All events of the run as the server shows them; whether there are more than before."""
        known = len(self.entries)
        agree("the seqs of the events", [entry.seq for entry in self.entries], [view["seq"] for view in shown[:known]])
        for view in shown[known:]:
            self._take(view)
        if self._awaited:
            sent = self._sent[min(self._awaited, key=int)]
            raise AssertionError(f"expected what was acknowledged to be recorded, got no event of {sent.delivery}")
        return len(shown) > known

    def _take(self, view: Mapping[str, Any]) -> None:
        token = _token(view)
        sent = self._sent.get(token)
        where = f"event {view['seq']}"
        if sent is None:
            raise AssertionError(f"{where}: expected something that was sent, got {view}")
        if token in self._recorded:
            raise AssertionError(
                f"{where}: expected a delivery once, got it again: it is event {self._recorded[token]}"
            )
        if token not in self._awaited and token not in self._uncertain:
            raise AssertionError(f"{where}: expected nothing of what was never sent as a whole, got {sent.delivery}")
        for later, seq in self._recorded.items():
            if self._sent[later].via is sent.via and int(later) > int(token):
                raise AssertionError(f"{where}: expected it before event {seq}, which the same connection sent later")
        entry = _entry(int(view["seq"]), sent)
        agree(where, entry.view(self.run), without_servers_own(view))
        self._awaited.discard(token)
        self._uncertain.discard(token)
        self._recorded[token] = entry.seq
        self.entries.append(entry)
        self.is_known, self._expected = True, None


def _entry(seq: int, sent: Sent) -> Entry:
    message = sent.delivery.message
    judgement = judge(message)
    is_refused = message.connector == "rest" and judgement.verdict in _REFUSED
    return Entry(seq, message, judgement, is_refused or sent.in_foreign_form)


def _check(entry: Entry, in_foreign_form: bool, answer: Answer) -> None:
    """200 says what is found, 400 too, and 415 that it was not asked for."""
    status = _FOREIGN if in_foreign_form else _BREACH if entry.is_refused else _OK
    said = answer.body if status == _OK else answer.body.get("error", {})
    got = {"status": answer.status, **{name: said.get(name) for name in ("seq", "verdict", "findings")}}
    entry = entry._replace(seq=said.get("seq"))
    verdict = None if in_foreign_form else str(entry.judgement.verdict)
    findings = as_answered(findings_view(entry.findings))
    agree(
        f"the answer to {entry.message}",
        {"status": status, "seq": entry.seq, "verdict": verdict, "findings": findings},
        got,
    )


def without_servers_own(view: Mapping[str, Any]) -> dict[str, Any]:
    """An event without what nobody but its server knows; other rows are as they were."""
    return {name: value for name, value in view.items() if name not in _SERVERS_OWN}


def _token(view: Mapping[str, Any]) -> str:
    """What tells the delivery from all others, out of its transport."""
    transport = view["transport"]
    match view["connector"]:
        case "rest":
            return str(dict(transport["headers"]).get(TOKEN_HEADER))
        case "rabbitmq":
            return str(transport["properties"].get("message_id"))
        case _:
            return str(transport["key"])
