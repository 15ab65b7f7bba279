"""What the documents of a file stand for: bare events, entries as the admin API shows them, marks of a history."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

import msgspec

from ftcrm.contracts.documents import Document, Page, documents
from ftcrm.contracts.errors import HistoryError
from ftcrm.contracts.events.fields import BONUS_STATUSES
from ftcrm.contracts.instants import parse_instant
from ftcrm.contracts.messages import Connector, Header, Message

__all__ = ["DEFAULT_RUN", "EVERY_RUN", "Line", "Mark", "microseconds", "read_chunks", "read_line", "read_lines"]

DEFAULT_RUN = "default"
"""The run of a line that names none."""
EVERY_RUN = ""
"""The run of a mark that is about all of them."""


class Line(msgspec.Struct, frozen=True):
    """A delivery of a file: its message, and what is said of its place in a history.

    `number` and `column` (see `ftcrm.contracts.documents.Document`) say where in the file; `seq`, `received_at` (in
    microseconds since the epoch) and `transaction` are None where the file does not say them. `disposition` is
    `accepted`, `refused`, `faulted`, `pending` or `aborted`: only accepted ones make rounds, and the last two are no
    events (the records of a Kafka transaction that did not commit, or not yet). `is_entry`: the file has it as an
    entry, not as a bare event.
    """

    number: int
    message: Message
    seq: int | None = None
    run: str = DEFAULT_RUN
    disposition: str = "accepted"
    received_at: int | None = None
    transaction: str | None = None
    column: int = 1
    is_entry: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the delivery makes rounds and bonuses, as far as its disposition goes."""
        return self.disposition == "accepted"

    @property
    def aborted(self) -> bool:
        """Whether it is no event, or none yet: not to be judged, not to be counted."""
        return self.disposition in ("aborted", "pending")


class Mark(msgspec.Struct, frozen=True):
    """What else a saved history tells, beside deliveries, at its place between them; `at` as `Line.received_at`.

    `closed`: nothing more comes in the run. `deadline`: those before `at` have passed. `evicted`: deliveries are
    missing; `latest` is the instant of the last event of all that came, in microseconds since the epoch. `transaction`:
    the deliveries that came in the transaction of that name are accepted now, or aborted.
    """

    kind: Literal["closed", "deadline", "evicted", "transaction"]
    run: str = EVERY_RUN
    at: int | None = None
    transaction: str | None = None
    committed: bool = False
    latest: int | None = None


def read_chunks(chunks: Iterable[bytes]) -> Iterator[Line | Mark]:
    """The deliveries and marks of a file in any of the shapes that `ftcrm.contracts.documents` takes apart.

    A list of the admin API that is not the whole of what it lists counts as one that evicted something: what never came
    cannot be told from what is not there.

    Raises:
        HistoryError: an entry or a mark cannot be read, or an array breaks off; what is no JSON is an unreadable event.
    """
    is_more_to_come = False
    for found in documents(chunks):
        if isinstance(found, Page):
            is_more_to_come = found.next_cursor is not None
            if not found.complete:
                yield Mark("evicted")
        elif (line := _read(found)) is not None:
            yield line
    if is_more_to_come:
        yield Mark("evicted")


def read_lines(lines: Iterable[bytes]) -> Iterator[Line | Mark]:
    """The lines of a JSONL file in order, blank ones skipped; a byte order mark before the first belongs to the file.

    Raises:
        HistoryError: see `read_chunks`.
    """
    for number, text in enumerate(lines, start=1):
        found = read_line(text.removeprefix(_BOM) if number == 1 else text, number=number)
        if found is not None:
            yield found


def read_line(text: bytes, *, number: int) -> Line | Mark | None:
    """What one line stands for, or None when it is blank.

    An entry has `message_type` and one of `raw_base64`, `raw`, `event` (the first of them that is not null holds the
    payload, the last as the slice of the line that it is), a mark `seq`, `run`, `mark` and `at`. Everything else is a
    bare event, byte for byte, over REST.

    Raises:
        HistoryError: the line is an entry or a mark with a property that is not what the admin API writes.
    """
    return _read(Document(text, number))


def microseconds(instant: datetime) -> int:
    """An instant as microseconds since the Unix epoch."""
    return (instant - _EPOCH) // _MICROSECOND


def _read(document: Document) -> Line | Mark | None:
    text, number, column = document
    raw = text.rstrip(b"\r\n")
    if not raw.strip():
        return None
    members = _members(raw)
    try:
        if members is not None and members.keys() >= _MARKED:
            return _mark(raw)
        if members is not None and "message_type" in members and _PAYLOADS & members.keys():
            return _entry(members, number, column)
    except (msgspec.ValidationError, binascii.Error) as error:
        raise HistoryError(
            f"line {number}: expected an entry as the admin API shows it, got one with {error}"
        ) from None
    if members is not None and (answer := _other_answer(members)) is not None:
        raise HistoryError(f"line {number}: expected events, got {answer}; GET history has what can be checked")
    message = Message("rest", raw, _inferred_type(_members(raw.removeprefix(_BOM)) or {}))
    return Line(number, message, column=column)


_BOM = b"\xef\xbb\xbf"
_PAYLOADS = frozenset({"event", "raw", "raw_base64"})
_MARKED = frozenset({"seq", "run", "mark", "at"})
_OTHER_LISTS = frozenset({"rounds", "sessions", "bonuses", "players", "findings", "rules"})
_BESIDE_A_LIST = frozenset({"next_cursor", "complete"})
_SUMMARY = frozenset({"events", "verdicts", "dispositions", "rounds", "bonuses", "findings"})
_EPOCH = datetime.fromtimestamp(0, UTC)
_MICROSECOND = timedelta(microseconds=1)
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_CASINO_TYPES = frozenset({"Bet", "Win", "Loss"})
_CASINO_NAMES = frozenset({"round_id", "activity_id"})
_BONUS_NAMES = frozenset({"bonus_id", "product"})


class _Transport(msgspec.Struct):
    """The parts of an entry's transport that name the message type or a transaction; None where it does not tell."""

    properties: dict[str, Any] | None = None
    headers: Any = None
    transaction: str | None = None


class _Entry(msgspec.Struct):
    """An entry beside its payload. Properties that no judgement needs are let be."""

    message_type: str | None
    connector: Connector = "rest"
    transport: _Transport | None = None
    raw: str | None = None
    raw_base64: str | None = None
    seq: int | None = None
    run: str | None = None
    disposition: str | None = None
    received_at: str | None = None
    size: int | None = None


class _Marked(msgspec.Struct):
    """A mark as the admin API writes it."""

    mark: Literal["closed", "deadline", "evicted", "transaction"]
    run: str
    at: str
    transaction: str | None = None
    committed: bool = False
    latest: str | None = None


def _members(raw: bytes) -> dict[str, msgspec.Raw] | None:
    try:
        return _MEMBERS.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _other_answer(members: Mapping[str, msgspec.Raw]) -> str | None:
    """What an answer of the admin API is that tells of events and has none; None of what may be an event."""
    if members.keys() >= _SUMMARY:
        return "a summary"
    lists = members.keys() - _BESIDE_A_LIST
    if len(lists) == 1 and (name := min(lists)) in _OTHER_LISTS and bytes(members[name]).startswith(b"["):
        return f"a list of {name}, not of events"
    return None


def _value(members: Mapping[str, msgspec.Raw], name: str) -> Any:
    try:
        return msgspec.json.decode(members[name]) if name in members else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _inferred_type(members: Mapping[str, msgspec.Raw]) -> str:
    """What a bare event is: the members that only one kind of event has decide, a casino event when none does."""
    if _value(members, "type") in _CASINO_TYPES or _CASINO_NAMES & members.keys():
        return "CASINO"
    if _BONUS_NAMES & members.keys() or _value(members, "status") in BONUS_STATUSES:
        return "BONUS"
    return "CASINO"


def _mark(raw: bytes) -> Mark:
    found = msgspec.json.decode(raw, type=_Marked)
    at, latest = _instant(found.at, "at"), _instant(found.latest, "latest")
    return Mark(found.mark, found.run, at, found.transaction, found.committed, latest)


def _instant(text: str | None, name: str) -> int | None:
    if text is None:
        return None
    if (instant := parse_instant(text)) is None:
        raise msgspec.ValidationError(f"Expected an RFC 3339 date-time, got {text!r} - at `$.{name}`")
    return microseconds(instant)


def _entry(members: Mapping[str, msgspec.Raw], number: int, column: int) -> Line:
    known = {name: members[name] for name in _Entry.__struct_fields__ if name in members}
    entry = msgspec.json.decode(msgspec.json.encode(known), type=_Entry)
    type_property, headers = _READ_TRANSPORT[entry.connector](entry)
    raw = _raw(entry, members)
    size = entry.size if entry.size is not None and entry.size > len(raw) else None
    message = Message(entry.connector, raw, type_property, headers, size)
    return Line(
        number,
        message,
        entry.seq,
        entry.run or DEFAULT_RUN,
        entry.disposition or "accepted",
        _instant(entry.received_at, "received_at"),
        None if entry.transport is None else entry.transport.transaction,
        column,
        is_entry=True,
    )


def _raw(entry: _Entry, members: Mapping[str, msgspec.Raw]) -> bytes:
    if entry.raw_base64 is not None:
        return base64.b64decode(entry.raw_base64, validate=True)
    if entry.raw is not None:
        return entry.raw.encode()
    return bytes(members.get("event", b""))


def _rest(entry: _Entry) -> tuple[str | None, tuple[Header, ...]]:
    return entry.message_type, ()


def _rabbitmq(entry: _Entry) -> tuple[str | None, tuple[Header, ...]]:
    """The message property `type` and the headers, for what they are: any header will be ignored."""
    properties = None if entry.transport is None else entry.transport.properties
    if properties is None:
        return entry.message_type, ()
    headers = msgspec.convert(properties.get("headers") or {}, dict[str, Any])
    return _text(properties.get("type")), tuple((name, _header(value)) for name, value in headers.items())


def _kafka(entry: _Entry) -> tuple[str | None, tuple[Header, ...]]:
    """The headers, whose values are bytes on the wire, as a list of [name, value]."""
    headers = None if entry.transport is None else entry.transport.headers
    if headers is None:
        return None, () if entry.message_type is None else (("type", entry.message_type.encode()),)
    return None, tuple(
        (_text(name) or "", value.encode() if isinstance(value, str) else _header(value))
        for name, value in msgspec.convert(headers, list[tuple[Any, Any]])
    )


_READ_TRANSPORT = {"rest": _rest, "rabbitmq": _rabbitmq, "kafka": _kafka}
assert _READ_TRANSPORT.keys() == set(get_args(Connector))  # noqa: S101 - every connector is read


def _header(value: Any) -> str | bytes | None:
    """A header's value: text as text, `{"base64": ...}` as its bytes, null as None, anything else as JSON text."""
    if value is None or isinstance(value, str):
        return value
    decoded = _from_base64(value)
    return msgspec.json.encode(value).decode() if decoded is None else decoded


def _text(value: Any) -> str | None:
    """A name that is text; one that is no UTF-8 holds its bytes as lone surrogates, as the listeners give it."""
    decoded = _from_base64(value)
    if decoded is not None:
        return decoded.decode("utf-8", "surrogateescape")
    return value if isinstance(value, str) else None


def _from_base64(value: Any) -> bytes | None:
    if isinstance(value, dict) and value.keys() == {"base64"} and isinstance(value["base64"], str):
        return base64.b64decode(value["base64"], validate=True)
    return None
