"""The deliveries of a file group by group, in memory that does not grow with the file.

Rounds, bonuses, sessions and players never span players. One pass over the file puts each delivery aside by its player,
in a SQLite database of its own that keeps what is small in memory and the rest in a temporary file; then the deliveries
of one player after the other go through a history of their own, and are forgotten.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from types import TracebackType
from typing import NamedTuple, Self

import msgspec

from ftcrm.contracts.arrivals import Arrival, Arrivals
from ftcrm.contracts.endings import Endings
from ftcrm.contracts.errors import HistoryError
from ftcrm.contracts.events import BonusEvent, CasinoEvent
from ftcrm.contracts.findings import Verdict
from ftcrm.contracts.history import NOT_FOLDED, History, bonus_key_of, is_folded, round_key_of
from ftcrm.contracts.judge import Judgement, Keys
from ftcrm.contracts.lines import Line, Mark, microseconds
from ftcrm.contracts.rounds import PlayerKey
from ftcrm.contracts.rules import Ruleset

__all__ = ["OfPlayer", "Spool"]

_TABLES = """
    PRAGMA journal_mode = OFF;
    PRAGMA cache_size = -8000;
    CREATE TABLE players (
        player INTEGER PRIMARY KEY, run TEXT, origin TEXT, user_id TEXT, UNIQUE (run, origin, user_id)
    );
    CREATE TABLE entries (
        place INTEGER PRIMARY KEY, player INTEGER, made INTEGER, instant INTEGER, record BLOB
    );
    CREATE TABLE held (
        place INTEGER PRIMARY KEY, name TEXT, at INTEGER, player INTEGER, made INTEGER, instant INTEGER, record BLOB
    );
    CREATE INDEX held_by_name ON held (name);
    BEGIN;
"""
"""Nothing is ever rolled back, and nothing outlives the process: so there is one transaction, and no journal of it."""
_KNOWN_PLAYERS = 2_000
_ROUND, _BONUS = 1, 2
_MADE = {"rounds": _ROUND, "bonuses": _BONUS, "sessions": _ROUND, "players": _ROUND | _BONUS}
_EPOCH = datetime.fromtimestamp(0, UTC)


class OfPlayer(NamedTuple):
    """One player of one run, and the history of that player alone, which is there until the next one's turn.

    `as_of` is the last instant of the whole run.
    """

    run: str
    key: PlayerKey
    history: History
    as_of: datetime | None


class Spool:
    """`take` every line of a file in order, then `end`; then go through the `players`. It is a context manager.

    Only players with the `wanted` run, origin and user_id are kept, by these names.

    Raises:
        HistoryError: there is no room for what is put aside.
    """

    def __init__(
        self,
        *,
        ruleset: Ruleset,
        accept_invalid: bool = False,
        closed: bool = False,
        wanted: Mapping[str, str] | None = None,
    ) -> None:
        self._ruleset = ruleset
        self._accept_invalid = accept_invalid
        self._wanted = dict(wanted or {})
        self._arrivals = Arrivals(ruleset)
        self._endings = Endings(closed=closed)
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_TABLES)
        self._number = lru_cache(_KNOWN_PLAYERS)(self._number_of)
        self.events = 0
        """How many deliveries there were."""
        self.left_out: Counter[str] = Counter()
        """How many of them do not count: by verdict, or by disposition where it is that of one which would."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        if isinstance(error, sqlite3.OperationalError):
            raise HistoryError(
                f"expected room for a temporary database, got {str(error)!r}; SQLITE_TMPDIR names a folder for it"
            ) from error

    def take(self, line: Line | Mark) -> None:
        """The next line of the file."""
        if isinstance(line, Mark):
            self._heed(line)
        elif (arrival := self._arrivals.take(line)) is not None:
            self.events += 1
            if not is_folded(arrival.judged, accept_invalid=self._accept_invalid):
                self.left_out[_why_not(arrival.judged.verdict)] += 1
            elif not line.accepted:
                self.left_out[line.disposition] += 1
            self._keep(arrival)

    def end(self) -> None:
        """There is no further line: what a transaction committed is accepted, also where its mark is not there."""
        self._database.execute("UPDATE held SET name = ''")
        self._release("")

    def has(self, name: str) -> bool:
        """Whether any event of the file, of any player, is part of a value of that kind: `rounds`, `players`."""
        found = self._database.execute("SELECT 1 FROM entries WHERE made & ? LIMIT 1", (_MADE[name],))
        return found.fetchone() is not None

    def counted(self) -> int:
        """How many deliveries of the file count, for rounds, bonuses or nothing of either."""
        (number,) = self._database.execute("SELECT count(*) FROM entries WHERE instant IS NOT NULL").fetchone()
        return int(number)

    def complete(self) -> bool:
        """Whether nothing is missing of the runs that are wanted, as far as the file says."""
        return not self._endings.is_cut(self._wanted.get("run"))

    def missing(self) -> tuple[str, ...]:
        """Of which of these runs deliveries are missing; EVERY_RUN among them where FILE does not say of which."""
        return self._endings.cut(self._wanted.get("run"))

    def __len__(self) -> int:
        """How many players have deliveries that are kept."""
        (number,) = self._database.execute(
            "SELECT count(DISTINCT player) FROM entries WHERE record IS NOT NULL"
        ).fetchone()
        return int(number)

    def players(self) -> Iterator[OfPlayer]:
        """The players that are wanted, in the order in which they first came."""
        instants = self._database.execute(
            "SELECT run, max(instant) FROM entries JOIN players USING (player) GROUP BY run"
        )
        last = {run: None if at is None else _EPOCH + timedelta(microseconds=at) for run, at in instants}
        rows = self._database.execute(
            "SELECT player, record FROM entries WHERE record IS NOT NULL ORDER BY player, place"
        )
        with closing(rows):
            for player, records in groupby(rows, key=lambda row: row[0]):
                run, origin, user_id = self._database.execute(
                    "SELECT run, origin, user_id FROM players WHERE player = ?", (player,)
                ).fetchone()
                history = History(accept_invalid=self._accept_invalid, ruleset=self._ruleset)
                for _, record in records:
                    _DECODER.decode(record).join(history)
                self._endings.end(run, history)
                yield OfPlayer(run, PlayerKey(origin, user_id), history, self._endings.as_of(run, last[run]))
                vars(history).clear()  # it refers to itself, and would stay until it is found that nobody else does

    def _keep(self, arrival: Arrival) -> None:
        """Unreadable deliveries have no player; when they came is told all the same, and those held tell it later."""
        keys = arrival.judged.keys
        row: tuple[int | None, int, int | None, bytes | None] = (None, 0, None, None)
        if keys.origin is not None and keys.user_id is not None:
            player = self._number(arrival.run, keys.origin, keys.user_id)
            row = (player, *self._parts(arrival))
        if arrival.transaction is not None:
            self._database.execute(
                "INSERT INTO held (name, at, player, made, instant, record) VALUES (?, ?, ?, ?, ?, ?)",
                (arrival.transaction, arrival.at, *row),
            )
            return
        if arrival.at is not None:
            self._endings.now = arrival.at
        if row[0] is not None:
            self._database.execute("INSERT INTO entries (player, made, instant, record) VALUES (?, ?, ?, ?)", row)

    def _parts(self, arrival: Arrival) -> tuple[int, int | None, bytes | None]:
        judged = arrival.judged
        made, instant = 0, None
        if arrival.accepted and judged.event is not None and is_folded(judged, accept_invalid=self._accept_invalid):
            instant = microseconds(judged.event.timestamp)
            made = (_ROUND if round_key_of(judged) is not None else 0) | (
                _BONUS if bonus_key_of(judged) is not None else 0
            )
        names = {"run": arrival.run, "origin": judged.keys.origin, "user_id": judged.keys.user_id}
        is_wanted = all(names[name] == value for name, value in self._wanted.items())
        return made, instant, _ENCODER.encode(_Record.of(arrival)) if is_wanted else None

    def _heed(self, mark: Mark) -> None:
        if mark.kind != "transaction":
            self._endings.heed(mark)
        elif mark.transaction is not None and mark.committed:
            self._release(mark.transaction)
        elif mark.transaction is not None:
            self._database.execute("DELETE FROM held WHERE name = ?", (mark.transaction,))

    def _release(self, name: str) -> None:
        """What was held under this name comes now, in the order of its lines."""
        told = self._database.execute(
            "SELECT at FROM held WHERE name = ? AND at IS NOT NULL ORDER BY place DESC LIMIT 1", (name,)
        ).fetchone()
        if told is not None:
            (self._endings.now,) = told
        self._database.execute(
            "INSERT INTO entries (player, made, instant, record) SELECT player, made, instant, record FROM held"
            " WHERE name = ? AND player IS NOT NULL ORDER BY place",
            (name,),
        )
        self._database.execute("DELETE FROM held WHERE name = ?", (name,))

    def _number_of(self, run: str, origin: str, user_id: str) -> int:
        names = (run, origin, user_id)
        self._database.execute("INSERT OR IGNORE INTO players (run, origin, user_id) VALUES (?, ?, ?)", names)
        (number,) = self._database.execute(
            "SELECT player FROM players WHERE run = ? AND origin = ? AND user_id = ?", names
        ).fetchone()
        return int(number)


def _why_not(verdict: Verdict) -> str:
    """Events that break no documented rule may lack what a round or bonus is made of: bonus events, for one."""
    return str(verdict) if verdict in NOT_FOLDED else "unusable"


class _Readable(CasinoEvent, frozen=True, gc=False, kw_only=True):
    """A casino event whose texts may be empty, as those that break the contract have them."""

    activity_id: str
    game_id: str
    game_name: str
    game_type: str
    origin: str
    round_id: str
    user_id: str
    vendor_id: str
    vendor_name: str


class _Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a history needs of a delivery, as it is put aside; a clean casino event is its own keys."""

    seq: int
    at: int | None
    accepted: bool
    verdict: Verdict
    message_type: str | None
    casino: _Readable | None
    bonus: BonusEvent | None
    keys: Keys | None

    @classmethod
    def of(cls, arrival: Arrival) -> Self:
        """The record of a delivery."""
        judged = arrival.judged
        event, keys = judged.event, judged.keys
        return cls(
            arrival.seq,
            arrival.at,
            arrival.accepted,
            judged.verdict,
            judged.message_type,
            event if isinstance(event, CasinoEvent) else None,  # type: ignore[arg-type]  # it is read back as one
            event if isinstance(event, BonusEvent) else None,
            keys if isinstance(keys, Keys) else None,
        )

    def join(self, history: History) -> None:
        """Add the delivery to a history, as it once came."""
        event = self.casino or self.bonus
        keys = self.keys or self.casino
        assert keys is not None  # noqa: S101 - what `of` says, said to mypy
        judged = Judgement(self.verdict, self.message_type, event, keys)
        history.add(self.seq, judged, accepted=self.accepted, at=self.at)


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Record)
