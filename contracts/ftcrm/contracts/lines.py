"""One line of a JSONL file -> the message that it stands for: a bare event, or an entry as the admin API shows it."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

import msgspec

from ftcrm.contracts.errors import HistoryError
from ftcrm.contracts.events.fields import BONUS_STATUSES
from ftcrm.contracts.messages import Connector, Header, Message

__all__ = ["DEFAULT_RUN", "Line", "read_line", "read_lines"]

DEFAULT_RUN = "default"
"""The run of a line that names none."""


class Line(msgspec.Struct, frozen=True):
    """A line's message and what the line says of its place in a history.

    `number` counts from 1; `seq` is None where the line does not say it. `disposition` is `accepted`, `refused`,
    `faulted` or `aborted`: only accepted ones make rounds, and aborted ones were never events (the records of a
    Kafka or AMQP transaction that did not commit).
    """

    number: int
    message: Message
    seq: int | None = None
    run: str = DEFAULT_RUN
    disposition: str = "accepted"

    @property
    def accepted(self) -> bool:
        """Whether the delivery makes rounds and bonuses, as far as its disposition goes."""
        return self.disposition == "accepted"

    @property
    def aborted(self) -> bool:
        """Whether the line records something that never became an event: not to be judged, not to be counted."""
        return self.disposition == "aborted"


def read_lines(lines: Iterable[bytes]) -> Iterator[Line]:
    """The lines of a JSONL file in order, blank ones skipped; a byte order mark before the first belongs to the file.

    Raises:
        HistoryError: a line is an entry, but not one that can be read (a line that is no JSON is an unreadable event).
    """
    for number, text in enumerate(lines, start=1):
        found = read_line(text.removeprefix(_BOM) if number == 1 else text, number=number)
        if found is not None:
            yield found


def read_line(text: bytes, *, number: int) -> Line | None:
    """The message of one line, or None when it is blank.

    An entry has `message_type` and one of `raw_base64`, `raw`, `event` (the first of them that is not null holds the
    payload, the last as the slice of the line that it is). Everything else is a bare event, byte for byte, over REST.

    Raises:
        HistoryError: the line is an entry with a property that is not what the admin API writes.
    """
    raw = text.rstrip(b"\r\n")
    if not raw.strip():
        return None
    members = _members(raw)
    if members is None or "message_type" not in members or not _PAYLOADS & members.keys():
        return Line(number, Message("rest", raw, _inferred_type(_members(raw.removeprefix(_BOM)) or {})))
    try:
        return _entry(members, number)
    except (msgspec.ValidationError, binascii.Error) as error:
        raise HistoryError(
            f"line {number}: expected an entry as the admin API shows it, got one with {error}"
        ) from None


_BOM = b"\xef\xbb\xbf"
_PAYLOADS = frozenset({"event", "raw", "raw_base64"})
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_CASINO_TYPES = frozenset({"Bet", "Win", "Loss"})
_CASINO_NAMES = frozenset({"round_id", "activity_id"})
_BONUS_NAMES = frozenset({"bonus_id", "product"})


class _Transport(msgspec.Struct):
    """The parts of an entry's transport that name the message type; None where it does not tell."""

    properties: dict[str, Any] | None = None
    headers: Any = None


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
    size: int | None = None


def _members(raw: bytes) -> dict[str, msgspec.Raw] | None:
    try:
        return _MEMBERS.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
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


def _entry(members: Mapping[str, msgspec.Raw], number: int) -> Line:
    known = {name: members[name] for name in _Entry.__struct_fields__ if name in members}
    entry = msgspec.json.decode(msgspec.json.encode(known), type=_Entry)
    type_property, headers = _READ_TRANSPORT[entry.connector](entry)
    raw = _raw(entry, members)
    size = entry.size if entry.size is not None and entry.size > len(raw) else None
    message = Message(entry.connector, raw, type_property, headers, size)
    return Line(number, message, entry.seq, entry.run or DEFAULT_RUN, entry.disposition or "accepted")


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
