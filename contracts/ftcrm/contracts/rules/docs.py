"""A rule's docstring, taken apart: its summary, its five sections, and its examples as what they stand for."""

import ast
import inspect
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ftcrm.contracts.instants import isoformat
from ftcrm.contracts.messages import Connector, Header, Message
from ftcrm.contracts.rules.registry import Rule
from ftcrm.contracts.settings import OPTIONS, Settings, settings_of

__all__ = ["NOTATION", "SECTIONS", "Example", "Step", "example_of", "sections_of", "summary_of"]

SECTIONS = ("What it checks", "Why it matters", "Example", "Use instead", "What it cannot see")
"""The sections of every rule's docstring, in this order."""

NOTATION = """\
An example is one message a line, in the order of arrival. A line that begins with `{` is a casino event over REST,
`BONUS {` a bonus event: properties that it does not name are those of a clean event, with an `activity_id` of its own
and a timestamp one second after that of the line before; `"name": "<absent>"` leaves a property out, and
`"name": "<event>"` is that whole event as a member of an object that has no other properties but those named.
`rabbitmq` or `kafka` before it names another connector, `type=CASINO` what names the message type there (`type=`
nothing at all), `header:type=CASINO` a header, `size=5000000` the bytes of a body of which this is all that was kept,
and `raw '...'` the payload to the byte. `settings` gives settings by their names in a configuration file; `later 25h`
lets so much time pass, `close` closes the run: nothing more will come."""
"""How to read an example, in Markdown."""

_FIRST_AT = datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC)
_CASINO: dict[str, Any] = {
    "amount": 20,
    "currency": "EUR",
    "exchange_rate": 1,
    "game_id": "10911",
    "game_name": "Dead or Alive",
    "game_type": "Slots",
    "origin": "sub.example.com",
    "round_id": "r1",
    "status": "Approved",
    "type": "Bet",
    "user_bonus_id": "",
    "user_id": "52530",
    "vendor_id": "1",
    "vendor_name": "Netent",
}
_BONUS: dict[str, Any] = {
    "amount": 10,
    "bonus_id": "9821",
    "currency": "EUR",
    "exchange_rate": 1,
    "origin": "sub.example.com",
    "product": "Casino",
    "status": "Created",
    "type": "WelcomeBonus",
    "user_bonus_id": "863512",
    "user_id": "52530",
}
_ABSENT, _EVENT = b'"<absent>"', b'"<event>"'
_HEADING = re.compile(rf"({'|'.join(SECTIONS)}):")
_WORD = re.compile(r"(rest|rabbitmq|kafka|BONUS|type=\S*|size=\d+|header:(\S+?)=(\S*))\s+")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Step(msgspec.Struct, frozen=True):
    """One line of an example: a message that arrives at `at` (microseconds since the epoch), or what else happens."""

    at: int
    message: Message | None = None
    closes: bool = False


class Example(msgspec.Struct, frozen=True):
    """An example: the settings that it is judged with, and its steps."""

    settings: Settings
    steps: tuple[Step, ...]


def summary_of(rule: Rule) -> str:
    """The first paragraph of what a rule says of itself, in one line."""
    return " ".join(inspect.cleandoc(rule.doc).partition("\n\n")[0].split())


def sections_of(rule: Rule) -> dict[str, str]:
    """The sections that the rule's docstring has, in its order, without their indentation."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in inspect.cleandoc(rule.doc).splitlines():
        if heading := _HEADING.fullmatch(line):
            current = found[heading[1]] = []
        else:
            current.append(line)
    return {name: inspect.cleandoc("\n".join(lines)).strip() for name, lines in found.items()}


def example_of(text: str) -> Example:
    """The example that these lines are.

    Raises:
        ValueError: a line cannot be read (msgspec.DecodeError, when it is no JSON).
        ConfigurationError: a setting is none.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    words = [word.partition("=") for line in lines if line.startswith("settings ") for word in line.split()[1:]]
    kinds = {option.name: option.kind for option in OPTIONS}
    values = {name: value.split(",") if kinds.get(name) == "texts" else value for name, _, value in words}
    return Example(settings_of(values), tuple(_steps(lines)))


def _steps(lines: list[str]) -> Iterator[Step]:
    now = _FIRST_AT
    number = 0
    for line in lines:
        at = int(now.timestamp()) * 1_000_000
        if line.startswith("settings "):
            continue
        if line == "close":
            yield Step(at, closes=True)
        elif line.startswith("later "):
            now += timedelta(seconds=int(line[6:-1]) * _SECONDS[line[-1]])
            yield Step(int(now.timestamp()) * 1_000_000)
        else:
            number += 1
            yield Step(at, _message(line, number, now))
            now += timedelta(seconds=1)


def _message(line: str, number: int, now: datetime) -> Message:
    connector: Connector = "rest"
    message_type, headers = "CASINO", list[Header]()
    declared: str | None = None
    size: int | None = None
    while word := _WORD.match(line):
        line = line[word.end() :]
        match word[1]:
            case "rest" | "rabbitmq" | "kafka" as named:
                connector = named
            case "BONUS":
                message_type = "BONUS"
            case header if word[2]:
                headers.append((word[2], _value(connector, header.partition("=")[2])))
            case length if length.startswith("size="):
                size = int(length.removeprefix("size="))
            case declaration:
                declared = declaration.removeprefix("type=")
    name = message_type if declared is None else declared or None
    if connector == "kafka" and name is not None:
        headers.insert(0, ("type", name.encode()))
    raw = _payload(line, message_type, number, now)
    return Message(connector, raw, None if connector == "kafka" else name, tuple(headers), size)


def _value(connector: Connector, text: str) -> str | bytes:
    return text.encode().decode("unicode_escape").encode("latin-1") if connector == "kafka" else text


def _payload(text: str, message_type: str, number: int, now: datetime) -> bytes:
    if text.startswith("raw "):
        literal = ast.literal_eval(text[4:])
        return literal if isinstance(literal, bytes) else str(literal).encode()
    given = _MEMBERS.decode(text)
    document: dict[str, Any] = {"timestamp": isoformat(now), **(_CASINO if message_type == "CASINO" else _BONUS)}
    if message_type == "CASINO":
        document["activity_id"] = f"a{number}"
    if _EVENT in map(_written, given.values()):
        envelope = {name: document if _written(value) == _EVENT else value for name, value in given.items()}
        return msgspec.json.encode(envelope)
    document |= given
    return msgspec.json.encode({name: value for name, value in document.items() if _written(value) != _ABSENT})


def _written(value: Any) -> bytes:
    """The text of a raw member; nothing of what was not written in the example."""
    return bytes(value) if isinstance(value, msgspec.Raw) else b""
