"""One rejecting and one accepting example for each rule of the catalogue; a rule without them fails the build."""

import math
from typing import Any

import msgspec
import pytest

from ftcrm.contracts import RULES, Confidence, History, Message, Verdict, judge


def number(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode())


BET, WIN = {"activity_id": "b"}, {"activity_id": "w", "type": "Win", "amount": 5}
LATER = "2026-03-03T00:00:00Z"
# code: (the sequence that draws it, the nearest sequence that does not); each item is the change of a clean casino
# event, ("BONUS", the change of a clean bonus event), bytes, or a whole message.
EXAMPLES: dict[str, tuple[list[Any], list[Any]]] = {
    "FT001": ([Message("rabbitmq", b"{}")], [Message("rabbitmq", b"{}", "PAYMENT")]),
    "FT002": (
        [Message("rabbitmq", b"{}", None, (("type", "CASINO"),))],
        [Message("rabbitmq", b"{}", None, (("Type", "CASINO"),))],
    ),
    "FT003": ([Message("rabbitmq", b'{"type":"CASINO"}')], [Message("rabbitmq", b'{"type":"Bet"}')]),
    "FT004": ([Message("kafka", b"{}")], [Message("kafka", b"{}", None, (("type", b"GAME"),))]),
    "FT005": (
        [Message("kafka", b"{}", None, (("type", None),))],
        [Message("kafka", b"{}", None, (("type", b"game"),))],
    ),
    "FT006": (
        [Message("kafka", b"{}", None, (("type", b"GAME"), ("type", b"CART")))],
        [Message("kafka", b"{}", None, (("type", b"GAME"), ("type", b"GAME")))],
    ),
    "FT007": ([Message("rest", b"{}", "WALLET")], [Message("rest", b"{}", "POKER_BUY_IN")]),
    "FT100": ([b'{"a":"\xff"}'], [{"game_name": "\x7f"}]),
    "FT101": ([b"{} {}"], [b" [] "]),
    "FT102": ([b"[]"], [b"{}"]),
    "FT103": ([b"[" * 65], [b"[" * 64 + b"]" * 64]),
    "FT104": ([Message("rest", b"{", "CASINO", size=70_000)], [b"{"]),
    "FT105": ([b'{"a":1,"a":1}'], [b'{"a":{"b":1},"b":1}']),
    "FT106": ([b"\xef\xbb\xbf{}"], ['{"\ufeff":1}'.encode()]),
    "FT110": ([b"{}"], [{}]),
    "FT111": ([{"user_id": 1}], [{"user_id": "1"}]),
    "FT112": ([{"type": "Refund"}], [{"type": "Loss"}]),
    "FT113": ([{"wager_amount": 19}], [{"wager_amount": 19, "locked_wager_amount": 1}]),
    "FT114": (
        [{"amount": number("0.30000000000000004"), "wager_amount": number("0.1"), "bonus_wager_amount": number("0.2")}],
        [{"amount": number("0.3"), "wager_amount": number("0.1"), "bonus_wager_amount": number("0.2")}],
    ),
    "FT115": ([{"currency": "eur"}], [{"currency": "EUR"}]),
    "FT116": ([{"currency": "DEM"}], [{"currency": "XCG"}]),
    "FT117": ([{"timestamp": "2026-03-02T8:00:00Z"}], [{"timestamp": "2026-03-02T08:00:00Z"}]),
    "FT118": ([{"timestamp": "2026-03-02 08:00:00Z"}], [{"timestamp": "2026-03-02T08:00:00Z"}]),
    "FT119": ([{"balance_after": number("1e400")}], [{"balance_after": number("1e40")}]),
    "FT121": ([{"balance_after": number("1e41")}], [{"balance_after": number("1e40")}]),
    "FT120": ([{"meta": None}], [{"meta": {}}]),
    "FT201": ([Message("rest", b"{}", "BONUS")], [("BONUS", {})]),
    "FT202": ([Message("rest", b"{}", "BONUS")], [("BONUS", {})]),
    "FT203": ([("BONUS", {"amount": "10"})], [("BONUS", {"amount": 10})]),
    "FT204": ([("BONUS", {"type": "Spins"})], [("BONUS", {"type": "FreeSpins"})]),
    "FT205": ([("BONUS", {"currency": "DEM"})], [("BONUS", {"currency": "EUR"})]),
    "FT206": ([("BONUS", {"timestamp": LATER.replace("T", " ")})], [("BONUS", {"timestamp": LATER})]),
    "FT301": ([WIN], [WIN, BET]),
    "FT302": ([BET, BET], [BET, {"activity_id": "b2"}]),
    "FT303": ([BET, {**BET, "amount": 21}], [BET, {**BET, "amount": number("20.00")}]),
    "FT304": ([BET, {**WIN, "currency": "USD"}], [BET, {**WIN, "exchange_rate": 2}]),
    "FT322": ([BET, {"activity_id": "b", "round_id": "r2"}], [BET, {"activity_id": "b", "user_bonus_id": "x"}]),
    "FT601": ([BET, {"game_name": "Deader or Alive"}], [BET, {"game_name": "Other", "vendor_id": "2"}]),
    "FT401": (
        [BET, {**BET, "status": "Rollback", "amount": 5, "activity_id": "x"}],
        [BET, {**BET, "status": "Rollback"}],
    ),
    "FT402": ([BET, {**BET, "status": "Rollback", "amount": 5}], [BET, {**BET, "status": "Rollback"}]),
    "FT403": (
        [BET, {"activity_id": "b2"}, {"activity_id": "x", "status": "Rollback"}],
        [BET, {"activity_id": "b2", "amount": 21}, {"activity_id": "x", "status": "Rollback"}],
    ),
    "FT501": (
        [("BONUS", {"timestamp": LATER}), {"user_bonus_id": "863512"}],
        [("BONUS", {"timestamp": LATER, "type": "FreeSpins"}), {"user_bonus_id": "863512"}],
    ),
}


def message_of(feed: Any, item: Any) -> Message:
    match item:
        case Message():
            return item
        case bytes():
            return Message("rest", item, "CASINO")
        case ("BONUS", change):
            return Message("rest", feed.raw({**feed.bonus, **change}), "BONUS")
        case _:
            return Message("rest", feed.raw({**feed.clean, **item}), "CASINO")


def findings_of(feed: Any, items: list[Any]) -> list[Any]:
    """Every finding of the sequence: the events' own, then those of the rounds and bonuses."""
    history = History()
    found = []
    for seq, item in enumerate(items, 1):
        judgement = judge(message_of(feed, item))
        found.extend(judgement.findings)
        history.add(seq, judgement)
    assert not history.refresh()
    for kept in (history.rounds, history.bonuses, history.across):
        for _, findings in kept.flagged():
            found.extend(findings)
    return found


def test_every_rule_has_its_examples() -> None:
    assert set(EXAMPLES) == set(RULES)


@pytest.mark.parametrize("code", sorted(EXAMPLES))
def test_the_rejecting_example_draws_the_rule(feed: Any, code: str) -> None:
    rejecting, _ = EXAMPLES[code]
    drawn = [finding for finding in findings_of(feed, rejecting) if finding.rule == code]
    assert drawn
    for finding in drawn:
        assert (finding.name, finding.kind) == (RULES[code].name, RULES[code].kind)
        assert finding.confidence is RULES[code].confidence
        assert set(finding.witness) <= set(range(1, len(rejecting) + 1))
        assert finding.message


@pytest.mark.parametrize("code", sorted(EXAMPLES))
def test_the_accepting_example_does_not(feed: Any, code: str) -> None:
    _, accepting = EXAMPLES[code]
    assert code not in {finding.rule for finding in findings_of(feed, accepting)}


@pytest.mark.parametrize("code", sorted(code for code in EXAMPLES if code < "FT300"))
def test_a_documented_event_rule_makes_a_violation_and_a_weaker_one_never_does(feed: Any, code: str) -> None:
    (rejecting,), _ = EXAMPLES[code]
    judged = judge(message_of(feed, rejecting))
    documented = {finding.confidence for finding in judged.findings} & {Confidence.DOCUMENTED}
    if RULES[code].kind == "payload-unreadable":
        assert judged.verdict is Verdict.UNREADABLE
    else:
        assert (judged.verdict is Verdict.VIOLATION) is bool(documented)


@pytest.mark.parametrize(
    ("ulps", "rule"), [(0, None), (1, "FT114"), (2, "FT114"), (3, "FT113"), (-2, "FT114"), (-3, "FT113")]
)
def test_two_ulp_are_an_artefact_of_adding_doubles_and_three_are_not(feed: Any, ulps: int, rule: str | None) -> None:
    wallets = {"wager_amount": 0.5, "bonus_wager_amount": 0.25}
    amount = 0.75 + ulps * math.ulp(0.75)
    judged = feed.judge(
        {**feed.clean, **{name: number(repr(value)) for name, value in wallets.items()}, "amount": number(repr(amount))}
    )
    assert [finding.rule for finding in judged.findings] == ([rule] if rule else [])
