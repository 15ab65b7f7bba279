"""A back end's own books beside FT CRM's rounds: where they differ, and what to say of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal, NamedTuple, get_args

from ftcrm.contracts.errors import ConfigurationError, EngineError
from ftcrm.contracts.events.payload import Number, read_payload, shortened
from ftcrm.contracts.findings import Confidence
from ftcrm.contracts.rounds import RoundState
from ftcrm.contracts.severity import FAIL_ON, rule_fails

__all__ = [
    "FailOn",
    "LedgerLine",
    "breaking",
    "differences",
    "event_line",
    "finding_lines",
    "lines_by_round",
    "of_strangers",
]

FailOn = Literal["documented", "vendor", "inferred", "never"]
"""As `--fail-on` of `ftcrm check`: findings of that confidence and of every stronger one."""

_STATES = get_args(RoundState)
_NAMED = ("activity_id", "round_id", "user_id", "user_bonus_id")


class LedgerLine(NamedTuple):
    """What a back end's books say of one round of a player: what was staked and won, after all that was cancelled.

    `round_id` is the one that is published; amounts are Decimals or ints, in `currency`, or else in that of the
    example. `state`, where the books know it, is that of the admin API's rounds: open, settled, voided or orphan; None
    is not compared.
    """

    round_id: str
    bet: Decimal | int
    win: Decimal | int
    state: RoundState | None = None
    currency: str | None = None


def lines_by_round(lines: Iterable[LedgerLine], player: str, currency: str) -> dict[str, LedgerLine]:
    """The lines of that player's ledger by round_id, each with its currency: that one, where it names none.

    Raises:
        EngineError: two are of one round, an amount is no Decimal or int (a float is none), a state is unknown, or a
            currency is no text.
    """
    found: dict[str, LedgerLine] = {}
    for given in lines:
        line = LedgerLine(*given)
        for name in ("bet", "win"):
            amount = getattr(line, name)
            if isinstance(amount, bool) or not isinstance(amount, Decimal | int):
                raise EngineError(f"ledger({player!r}): {name}: expected a Decimal or an int, got {amount!r} in {line}")
        if line.state not in (None, *_STATES):
            raise EngineError(f"ledger({player!r}): state: expected None or one of {', '.join(_STATES)}, got {line}")
        code: object = line.currency
        if not isinstance(code, str | None):
            raise EngineError(f"ledger({player!r}): currency: expected None or a currency code, got {code!r} in {line}")
        if line.round_id in found:
            raise EngineError(f"ledger({player!r}): expected one line a round, got {found[line.round_id]} and {line}")
        found[line.round_id] = line._replace(currency=line.currency or currency)
    return found


def differences(player: str, ledger: Mapping[str, LedgerLine], rounds: Iterable[Mapping[str, Any]]) -> list[str]:
    """A line for each thing that the player's ledger and FT CRM's rounds (as the admin API shows them) disagree on.

    `ledger` is of `lines_by_round`. A round of which nothing is left (voided) need not be in it.
    """
    theirs: dict[str, list[Mapping[str, Any]]] = {}
    for a_round in rounds:
        theirs.setdefault(a_round["round_id"], []).append(a_round)
    found: list[str] = []
    for round_id in {**ledger, **theirs}:
        line, there = ledger.get(round_id), theirs.get(round_id, [])
        if line is None and all(a_round["state"] == "voided" for a_round in there):
            continue
        if line is None or len(there) != 1 or not _agree(line, there[0]):
            says = "no such round" if line is None else _of_line(line)
            got = " and ".join(map(_of_round, there)) or "no such round"
            found.append(f"round {round_id} of player {player}: ledger: {says}; FT CRM: {got}")
    return found


def of_strangers(rounds: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A line for each of these rounds, as the admin API shows them: those of players whom the back end did not open."""
    for a_round in rounds:
        whose = f"round {a_round['round_id']} of player {a_round['user_id'] or repr('')}"
        yield f"{whose}: ledger: no such player; FT CRM: {_of_round(a_round)}"


def breaking(
    findings: Iterable[Mapping[str, Any]], fail_on: FailOn, ignore: Collection[str]
) -> Iterator[Mapping[str, Any]]:
    """Of findings, as the admin API shows them, those that fail: no redelivery, and no rule ignored by code or name.

    Raises:
        ConfigurationError: no such `fail_on`.
    """
    if fail_on not in FAIL_ON:
        raise ConfigurationError(f"fail_on: expected one of {', '.join(FAIL_ON)}, got {fail_on!r}")
    for finding in findings:
        is_ignored = {finding["rule"], finding["name"]} & set(ignore)
        if not is_ignored and rule_fails(finding["rule"], Confidence(finding["confidence"]), fail_on):
            yield finding


def finding_lines(finding: Mapping[str, Any]) -> Iterator[str]:
    """A finding in two lines: what was found where, and the words of the clause that it rests on."""
    seqs = ", ".join(f"#{seq}" for seq in finding["witness"])
    yield f"{finding['rule']} {finding['name']} ({finding['confidence']}), {seqs}: {finding['message']}"
    yield f'  {finding["clause"]}: "{finding["quote"]}"'


def event_line(event: Mapping[str, Any]) -> str:
    """A delivery, as the admin API shows it, in one line: its seq and verdict, and what tells it from others."""
    verdict = "refused" if event["disposition"] == "refused" else event["verdict"]
    head = f"#{event['seq']} {verdict}: "
    payload = None if event["event"] is None else read_payload(event["raw"].encode()).document
    if payload is None:
        return head + repr(event["raw"] if event["raw"] is not None else event["raw_base64"])
    told = [_told(payload[name]) for name in ("status", "type", "amount", "currency") if name in payload]
    ids = [f"{name} {_told(payload[name])}" for name in _NAMED if payload.get(name)]
    return head + ", ".join([" ".join(told), *ids, f"at {_told(payload.get('timestamp'))}"])


def _told(value: Any) -> str:
    return shortened(value.text if isinstance(value, Number) else str(value))


def _agree(line: LedgerLine, a_round: Mapping[str, Any]) -> bool:
    if line.state not in (None, a_round["state"]) or line.currency != a_round["currency"]:
        return False
    return all(
        total is not None and Decimal(total["total"]) == amount
        for total, amount in ((a_round["bet"], line.bet), (a_round["win"], line.win))
    )


def _of_line(line: LedgerLine) -> str:
    state = "" if line.state is None else f"{line.state}, "
    return f"{state}bet {line.bet} {line.currency}, win {line.win} {line.currency}"


def _of_round(a_round: Mapping[str, Any]) -> str:
    amounts = [
        f"{name} {total['total']} {a_round['currency']}" if total else f"{name} of several currencies"
        for name, total in (("bet", a_round["bet"]), ("win", a_round["win"]))
    ]
    return ", ".join([a_round["state"], *amounts]) + f" (origin {a_round['origin']})"
