"""A message -> its judgement: the verdict, the event, and every finding of the event rules."""

from collections.abc import Set
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET

from ftcrm.contracts.events.accept import accept_casino
from ftcrm.contracts.events.bonus import BonusEvent
from ftcrm.contracts.events.casino import CasinoEvent
from ftcrm.contracts.events.content import canonical_json
from ftcrm.contracts.events.examine import TOLERABLE, FaultKind, examine
from ftcrm.contracts.events.fields import BONUS_FIELDS, CASINO_FIELDS, Field
from ftcrm.contracts.events.payload import Payload, read_payload
from ftcrm.contracts.findings import Finding, Verdict, verdict_of
from ftcrm.contracts.instants import parse_instant
from ftcrm.contracts.messages import CHECKED_TYPES, Message, message_type_of
from ftcrm.contracts.rules import STANDARD, Reading, Ruleset, Scope, findings_of

__all__ = ["Judgement", "Keys", "judge"]


class Keys(msgspec.Struct, frozen=True, gc=False):
    """What an event names itself by, as text (an id sent as a number too); None where the payload does not say it."""

    origin: str | None = None
    user_id: str | None = None
    round_id: str | None = None
    user_bonus_id: str | None = None
    activity_id: str | None = None
    type: str | None = None
    status: str | None = None


class Judgement(msgspec.Struct, frozen=True, gc=False):
    """What the event rules make of one message.

    `event` is there when the payload says enough to be folded into a round or a bonus, whatever the verdict. `keys` are
    what it names itself by; a clean casino event is its own.
    """

    verdict: Verdict
    message_type: str | None
    event: CasinoEvent | BonusEvent | None
    keys: Keys | CasinoEvent
    findings: tuple[Finding, ...] = ()


_NO_KEYS = Keys()
_OK = Verdict.OK
"""Python 3.11 takes longer to find it in its class than to make the judgement."""
_PLAIN_HEADER = (b"CASINO",)
"""What one Kafka header `type` says when there is nothing to say about it."""
_NEEDED = (
    "activity_id",
    "amount",
    "currency",
    "exchange_rate",
    "origin",
    "round_id",
    "status",
    "timestamp",
    "type",
    "user_id",
)
_BONUS_NEEDED = ("origin", "user_id", "user_bonus_id", "status", "timestamp")


def judge(message: Message, ruleset: Ruleset = STANDARD, *, received_at: int | None = None) -> Judgement:
    """Judge one message by the event rules alone: a pure function of what is passed in.

    `received_at` is in microseconds since the Unix epoch; the rules that compare it with the timestamp need it.
    """
    message_type: str | None = "CASINO"
    if message.connector == "kafka":
        plain = message.headers_named("type") == _PLAIN_HEADER
    else:
        plain = message.type_property == "CASINO"
    if not plain:
        message_type = message_type_of(message)
    if message_type == "CASINO" and message.size is None and ruleset.is_plain:
        event = accept_casino(message.raw)
        if event is not None:
            if plain:
                return Judgement(_OK, "CASINO", event, event)
            transport = findings_of(ruleset.ask(Scope.TRANSPORT, message))
            return Judgement(verdict_of(transport, checked=True), message_type, event, event, transport)
    return _explain(message, message_type, ruleset, received_at)


def _explain(message: Message, message_type: str | None, ruleset: Ruleset, received_at: int | None) -> Judgement:
    said = ruleset.ask(Scope.TRANSPORT, message)
    if message_type not in CHECKED_TYPES:
        findings = findings_of(said)
        keys = _NO_KEYS if message_type is not None else _keys(_payload(message).document)
        return Judgement(verdict_of(findings, checked=False), message_type, None, keys, findings)
    payload = _payload(message)
    of_payload = ruleset.ask(Scope.PAYLOAD, payload)
    if payload.document is None:
        # A sender that is turned away is told why, even where the rule that says so is not selected.
        said += of_payload or STANDARD.ask(Scope.PAYLOAD, payload)
        return Judgement(Verdict.UNREADABLE, message_type, None, _NO_KEYS, findings_of(said))
    said += of_payload
    casino = message_type == "CASINO"
    faults = examine(
        CASINO_FIELDS if casino else BONUS_FIELDS,
        payload.document,
        extra_currencies=ruleset.settings.extra_currencies,
    )
    reading = Reading(payload.document, faults, ruleset.settings, received_at)
    said += ruleset.ask(Scope.CASINO if casino else Scope.BONUS, reading)
    findings = findings_of(said)
    event = _casino_event(reading) if casino else _bonus_event(reading)
    return Judgement(verdict_of(findings, checked=True), message_type, event, _keys(payload.document), findings)


def _keys(document: dict[str, Any] | None) -> Keys:
    return Keys(*(_key((document or {}).get(name)) for name in Keys.__struct_fields__))


def _payload(message: Message) -> Payload:
    if message.size is None:
        return read_payload(message.raw)
    found = f"expected a body that fits the stand-in's limit, got {message.size} bytes ({len(message.raw)} kept)"
    return Payload(message.raw, problem=("too-large", found))


def _casino_event(reading: Reading) -> CasinoEvent | None:
    values = _usable(CASINO_FIELDS, reading)
    if any(name not in values for name in _NEEDED):
        return None
    described: dict[str, Any] = {field.name: "" for field in CASINO_FIELDS if field.required}
    return CasinoEvent(**(described | values))


def _bonus_event(reading: Reading) -> BonusEvent | None:
    values = _usable(BONUS_FIELDS, reading, TOLERABLE | {"value-not-accepted"})
    if any(name not in values for name in _BONUS_NEEDED):
        return None
    return BonusEvent(**values)


def _usable(fields: tuple[Field, ...], reading: Reading, tolerable: Set[FaultKind] = TOLERABLE) -> dict[str, Any]:
    """The properties whose value is what the table says, ready for the event model."""
    unusable = {fault.field.name for fault in reading.faults if fault.kind not in tolerable}
    values = {
        field.name: reading.document[field.name]
        for field in fields
        if field.name in reading.document and field.name not in unusable
    }
    if "timestamp" in values:
        values["timestamp"] = parse_instant(values["timestamp"])
    if isinstance(values.get("meta", UNSET), dict):
        values["meta"] = msgspec.Raw(canonical_json(values["meta"]).encode())
    return values


def _key(value: Any) -> str | None:
    match value:
        case str():
            return value
        case Decimal():
            return str(value)
        case _:
            return None
