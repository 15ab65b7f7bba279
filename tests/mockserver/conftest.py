"""What the tests of the server's parts share: deliveries to vary, and the parts wired as in `Server`, driven by hand.

Tests cannot import each other (--import-mode=importlib), so that all of it comes as the fixture `stand`.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import strategies as st

from ftcrm.contracts import History, Message, judge
from ftcrm.contracts.findings import Finding, Verdict
from ftcrm.contracts.groups import Groups
from ftcrm.mockserver.admin import AdminApi
from ftcrm.mockserver.follower import Follower, RunState, evicted_of
from ftcrm.mockserver.intake import Delivery, Intake, Parcel, Receipt, TransactionMark
from ftcrm.mockserver.journal import Disposition, Entry, SQLiteJournal
from ftcrm.mockserver.listeners.rest import RestConnector
from ftcrm.mockserver.protocol_errors import ProtocolErrors

CASINO: dict[str, Any] = {
    "activity_id": "a1",
    "amount": 20,
    "currency": "EUR",
    "exchange_rate": 1,
    "game_id": "10911",
    "game_name": "Dead or Alive",
    "game_type": "Slots",
    "origin": "sub.example.com",
    "round_id": "r1",
    "status": "Approved",
    "timestamp": "2026-03-02T08:27:58.721607Z",
    "type": "Bet",
    "user_id": "52530",
    "vendor_id": "1",
    "vendor_name": "Netent",
    "user_bonus_id": "",
}
BONUS: dict[str, Any] = {
    "bonus_id": "9821",
    "currency": "EUR",
    "exchange_rate": 1,
    "amount": 10,
    "origin": "sub.example.com",
    "product": "Casino",
    "status": "Created",
    "timestamp": "2026-03-02T08:00:00Z",
    "type": "WelcomeBonus",
    "user_bonus_id": "863512",
    "user_id": "52530",
}
NOW = 1_772_438_400_000_000
"""2026-03-02T08:00:00Z in microseconds."""


class Turns:
    """An event loop's call_soon, by hand: `run` is one turn. Within a running loop it is that loop's."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def __call__(self, callback: Callable[[], None]) -> None:
        try:
            asyncio.get_running_loop().call_soon(callback)
        except RuntimeError:
            self.waiting.append(callback)

    def run(self) -> None:
        """One turn: what was scheduled before it."""
        due, self.waiting = self.waiting, []
        for callback in due:
            callback()

    def run_out(self) -> None:
        """Turns until nothing is scheduled."""
        while self.waiting:
            self.run()


class Stand:
    """A server's parts around one journal, with everything that the admin API asks of a server."""

    def __init__(
        self,
        *,
        journal: Any = None,
        monotonic: Callable[[], float] = lambda: 0.0,
        hot: int = 20_000,
        max_events: int = 1_000_000,
        max_body: int = 1_048_576,
        api_key: str | None = None,
        admin_token: str | None = None,
        **settings: Any,
    ) -> None:
        self.turns = Turns()
        self.now = NOW
        self.ready = True
        self.admin_token = admin_token
        self.journal_path = None
        self.max_body = max_body
        self.errors = ProtocolErrors()
        self.journal = SQLiteJournal() if journal is None else journal
        self.follower = Follower(self.journal, soon=self.turns, monotonic=monotonic, hot=hot, **settings)
        self.intake = Intake(
            self.journal, self.follower, soon=self.turns, clock=lambda: self.now, max_events=max_events, **settings
        )
        self.admin = AdminApi(self)
        self.rest = RestConnector(self.intake, self.errors, max_body=max_body, api_key=api_key)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The HTTP side, as the server routes it."""
        await (self.admin if scope["path"].startswith("/_ftcrm") else self.rest)(scope, receive, send)

    def listening(self) -> dict[str, str]:
        return {"rest": "127.0.0.1:1", "rabbitmq": "127.0.0.1:2", "kafka": "127.0.0.1:3"}

    def take(self, *deliveries: Delivery, **parcel: Any) -> list[Receipt]:
        """Take one parcel; its receipt comes into the list that is returned."""
        receipts: list[Receipt] = []
        self.intake.take(Parcel(receipts.append, deliveries, **parcel))
        return receipts

    def put(self, *deliveries: Delivery, **parcel: Any) -> Receipt:
        """Take one parcel and commit it."""
        receipts = self.take(*deliveries, **parcel)
        while not receipts:
            self.intake.flush()
        return receipts[0]

    def ask(self, method: str, url: str, **options: Any) -> httpx.Response:
        """One HTTP request, answered."""

        async def answered() -> httpx.Response:
            async with self.client() as client:
                return await client.request(method, url, **options)

        return asyncio.run(answered())

    def client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self)
        return httpx.AsyncClient(transport=transport, base_url="http://stand.test", trust_env=False)

    def get(self, path: str, **parameters: Any) -> Any:
        """What the admin API answers with 200."""
        response = self.ask("GET", f"/_ftcrm/{path}", params=parameters)
        assert response.status_code == 200, response.text
        return response.json()

    def error(self, path: str, *, method: str = "GET", **options: Any) -> tuple[int, str, str]:
        """Status, code and message of the admin API's error, whose shape is the one of all."""
        response = self.ask(method, f"/_ftcrm/{path}", **options)
        return error_of(response)

    def state(self, run: str = "default") -> dict[str, Any]:
        self.follower.catch_up()
        return state_view(self.follower.state(run))


def error_of(response: httpx.Response) -> tuple[int, str, str]:
    """Status, code and message of an error in the one shape."""
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert list(body) == ["error"]
    error = body["error"]
    assert {"status", "code", "message", "findings"} <= error.keys()
    assert error["status"] == response.status_code
    return error["status"], error["code"], error["message"]


def state_view(state: RunState) -> dict[str, Any]:
    """Everything that a run's state says."""
    return {
        "reset_at": state.reset_at,
        "tallies": {name: dict(+counter) for name, counter in state.tallies.items()},
        "negative": {name: -counter for name, counter in state.tallies.items() if -counter},
        "flagged": list(state.flagged),
        "event_rules": dict(+state.event_rules),
        "rules": dict(+state.rules()),
        **history_view(state.history),
    }


def history_view(history: History) -> dict[str, Any]:
    history.refresh()
    players = dict(history.players.keys()).values()
    return {
        "verdicts": dict(history.verdicts),
        "rounds": groups_view(history.rounds),
        "round_states": dict(history.rounds.labels),
        "bonuses": groups_view(history.bonuses),
        "bonus_statuses": dict(history.bonuses.labels),
        "players": {key: history.player(key) for key in players},
        "sessions": {key: history.sessions_of(key) for key in players},
    }


def groups_view(groups: Groups[Any, Any]) -> dict[Any, Any]:
    """For each key that came: its value, what the rules say of it, what was not folded, and all its seqs."""
    return {
        key: (_value(groups.value(key)), groups.findings(key), groups.excluded(key), groups.seqs(key))
        for key in groups.known()
    }


def _value(fold: Any) -> Any:
    return None if fold is None else getattr(fold, "round", None) or fold.bonus


def entry(seq: int, **values: Any) -> Entry:
    given = {"run": "default", "kind": "delivery", "connector": "rest", "received_at": NOW, "disposition": "accepted"}
    return Entry(**{"seq": seq, **given, **values})


def casino(**changes: Any) -> dict[str, Any]:
    return {**CASINO, **changes}


def bonus(**changes: Any) -> dict[str, Any]:
    return {**BONUS, **changes}


def raw(document: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(document)


def delivery(
    payload: bytes | Mapping[str, Any] | None = None,
    message_type: str | None = "CASINO",
    *,
    run: str = "default",
    disposition: Disposition = "accepted",
    transaction: str | None = None,
    refusable: bool = False,
    size: int | None = None,
    transport: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Delivery:
    """One delivery: of a casino event with these changes, unless a payload is given."""
    body = payload if isinstance(payload, bytes) else raw(payload if payload is not None else casino(**changes))
    if transaction is not None:
        disposition, transport = "pending", {"transaction": transaction}
    return Delivery(Message("rest", body, message_type, size=size), transport or {}, run, disposition, refusable)


def mark(transaction: str, *, committed: bool = True) -> TransactionMark:
    return TransactionMark(transaction, committed)


@contextmanager
def failing(journal: SQLiteJournal) -> Iterator[None]:
    """Within it no commit succeeds: SQLite itself refuses to write."""
    journal._connection.execute("PRAGMA query_only = 1")
    try:
        yield
    finally:
        journal._connection.execute("PRAGMA query_only = 0")


def expected_state(
    entries: Sequence[Entry], run: str = "default", *, accept_invalid: bool = False, lost: bool = False
) -> dict[str, Any]:
    """What these entries add up to by the definition: one History, fed at once, and plain counts.

    `lost` says that others of the run were evicted.
    """
    history = History(accept_invalid=accept_invalid)
    resets = [found.seq for found in entries if found.kind == "reset" and found.run == run]
    reset_at = max(resets, default=0)
    ours = [found for found in entries if found.kind == "delivery" and found.run == run and found.seq > reset_at]
    judged_ones = [found for found in ours if found.disposition in ("accepted", "refused")]
    if lost:
        history.lose()
    rules: dict[str, int] = {}
    for found in sorted(judged_ones, key=lambda each: (_became_an_event(each, entries), each.seq)):
        if found.findings is not None:
            for finding in msgspec.json.decode(found.findings, type=list[Finding]):
                rules[finding.rule] = rules.get(finding.rule, 0) + 1
        judged = judge(Message("rest", found.raw, found.message_type, size=found.size))
        assert found.verdict is not None
        given = msgspec.structs.replace(judged, verdict=Verdict(found.verdict))
        history.add(found.seq, given, accepted=found.disposition == "accepted")
    since = [found for found in entries if found.seq > reset_at]
    evictions = [told[run] for found in since if found.kind == "evicted" and run in (told := evicted_of(found))]
    if any(found.kind == "closed" and found.run == run for found in since) or any(told.closing for told in evictions):
        history.close()
    history.as_of = max([at for at in (history.as_of, *(told.latest for told in evictions)) if at], default=None)
    view = history_view(history)
    derived = dict(rules)
    for kept in (history.rounds, history.bonuses, history.across):
        for _, findings in kept.flagged():
            for finding in findings:
                derived[finding.rule] = derived.get(finding.rule, 0) + 1
    tallied = ("connector", "disposition", "message_type")
    tallies = {name: _counts(getattr(found, name) or "none" for found in ours) for name in tallied}
    return {
        "reset_at": reset_at,
        "tallies": tallies | {"verdict": _counts(found.verdict or "none" for found in judged_ones)},
        "negative": {},
        "flagged": [found.seq for found in judged_ones if found.findings is not None],
        "event_rules": rules,
        "rules": derived,
        **view,
    }


def _became_an_event(found: Entry, entries: Sequence[Entry]) -> int:
    """Where in the journal the delivery became an event: one in a transaction when that ended."""
    name = None if found.disposition == "refused" else found.transport_value().get("transaction")
    if name is None:
        return found.seq
    ends = [mark for mark in entries if mark.kind == "transaction" and mark.seq > found.seq]
    return next(mark.seq for mark in ends if mark.transport_value()["transaction"] == name)


def _counts(values: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts


@st.composite
def payloads(draw: st.DrawFn) -> tuple[bytes, str | None]:
    """Bodies and message types over few ids, so that rounds and bonuses meet in every way; some of no use at all."""
    kind = draw(st.sampled_from(["casino"] * 6 + ["bonus"] * 2 + ["other", "hostile"]))
    if kind == "hostile":
        return draw(st.binary(max_size=20)), draw(st.sampled_from(["CASINO", "BONUS", None]))
    if kind == "other":
        return b'{"a":1}', draw(st.sampled_from(["LOGIN_V2", "nobody-knows", None]))
    ids = {"user_id": draw(st.sampled_from(["u1", "u2"])), "timestamp": draw(st.sampled_from(TIMES))}
    bonus_id = draw(st.sampled_from(["", "", "b1", "b2"]))
    if kind == "bonus":
        status = draw(st.sampled_from(["Created", "Closed", "nonsense"]))
        return raw(bonus(**ids, user_bonus_id=bonus_id or "b1", status=status)), "BONUS"
    document = casino(
        **ids,
        user_bonus_id=bonus_id,
        activity_id=draw(st.sampled_from("abcd")),
        round_id=draw(st.sampled_from(["r1", "r2", "r3"])),
        type=draw(st.sampled_from(["Bet", "Bet", "Win", "Loss", "Jackpot"])),
        status=draw(st.sampled_from(["Approved", "Approved", "Rollback"])),
        amount=draw(st.sampled_from([5, 20])),
    )
    return raw(document), "CASINO"


TIMES = ("2026-03-02T08:00:00Z", "2026-03-02T08:00:01Z", "2026-03-02T07:59:59Z")


@pytest.fixture(scope="session")
def stand() -> Any:
    """Builders and strategies; `stand.make(...)` is a `Stand`."""
    return SimpleNamespace(
        make=Stand,
        entry=entry,
        casino=casino,
        bonus=bonus,
        raw=raw,
        delivery=delivery,
        mark=mark,
        failing=failing,
        payloads=payloads(),
        state_view=state_view,
        error_of=error_of,
        expected_state=expected_state,
        now=NOW,
    )


@pytest.fixture
def rows() -> Callable[[Path], list[Any]]:
    """What another process would read from a journal's file now: what is committed."""

    def read(path: Path) -> list[Any]:
        other = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return other.execute("SELECT seq, disposition FROM entries ORDER BY seq").fetchall()
        finally:
            other.close()

    return read
