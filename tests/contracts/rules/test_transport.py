"""FT0xx: how the message type came."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import Message, Verdict, judge
from ftcrm.contracts.messages import CHECKED_TYPES, OTHER_TYPES, message_type_of

PLACEMENT = {"FT001", "FT002", "FT003"}


def rules_of(message: Message) -> list[str]:
    return [finding.rule for finding in judge(message).findings if finding.rule < "FT100"]


@given(
    type_property=st.sampled_from([None, "", "CASINO", "casino", "PAYMENT", "NEW"]),
    headers=st.lists(st.tuples(st.sampled_from(["type", "Type", "x"]), st.sampled_from(["CASINO", b"x", None, ""]))),
    raw=st.sampled_from([b"", b"{}", b'{"type":"CASINO"}', b'{"type":"Bet"}', b'{"type":1}', b"[1]", b"[" * 100_000]),
)
def test_without_the_property_exactly_one_rule_says_where_the_type_was(
    type_property: str | None, headers: list[Any], raw: bytes
) -> None:
    message = Message("rabbitmq", raw, type_property, tuple(headers))
    spoken = [rule for rule in rules_of(message) if rule in PLACEMENT]
    assert len(spoken) == (0 if type_property else 1)
    if not type_property:
        in_header = any(name == "type" for name, _ in headers)
        in_payload = raw == b'{"type":"CASINO"}'
        assert spoken == ["FT002" if in_header else "FT003" if in_payload else "FT001"]
        assert judge(message).verdict is Verdict.VIOLATION
        assert judge(message).message_type is None


@pytest.mark.parametrize(
    ("headers", "rules", "message_type"),
    [
        ((), ["FT004"], None),
        ((("Type", b"CASINO"), ("x", None)), ["FT004"], None),
        ((("type", None),), ["FT005"], None),
        ((("type", b""),), ["FT005"], None),
        ((("type", b"\xff"),), ["FT005"], None),
        ((("type", b"BONUS"), ("type", b"CASINO")), ["FT006"], "CASINO"),
        ((("type", b"CASINO"), ("type", None)), ["FT005", "FT006"], None),
        ((("type", b"CASINO"), ("type", b"CASINO")), [], "CASINO"),
        ((("type", "casino"),), [], "CASINO"),
        ((("type", b"BINGO"),), ["FT007"], "BINGO"),
    ],
)
def test_kafka_headers(feed: Any, headers: Any, rules: list[str], message_type: str | None) -> None:
    message = Message("kafka", feed.raw(feed.clean), None, headers)
    assert rules_of(message) == rules
    assert message_type_of(message) == message_type


def test_the_property_of_kafka_and_the_headers_of_the_others_do_not_count(feed: Any) -> None:
    raw = feed.raw(feed.clean)
    assert message_type_of(Message("kafka", raw, "CASINO")) is None
    for connector in ("rest", "rabbitmq"):
        judged = judge(Message(connector, raw, "CASINO", (("type", b"BONUS"), ("type", b"X"))))
        assert (judged.message_type, judged.findings) == ("CASINO", ())


@pytest.mark.parametrize("name", sorted(CHECKED_TYPES | OTHER_TYPES))
def test_known_types_by_any_case_on_every_connector(feed: Any, name: str) -> None:
    raw = feed.raw(feed.bonus if name == "BONUS" else feed.clean)
    for spelled, connector in product((name, name.lower(), name.title()), ("rest", "rabbitmq", "kafka")):
        message = Message(connector, raw, spelled, (("type", spelled.encode()),))
        judged = judge(message)
        assert judged.message_type == name
        assert judged.findings == ()
        assert judged.verdict is (Verdict.OK if name in CHECKED_TYPES else Verdict.UNCHECKED)


def test_case_is_that_of_ascii(feed: Any) -> None:
    # upper() makes CASINO of both: a long s, a dotless i.
    for name in ("CA\u017fINO", "CAS\u0131NO"):
        judged = judge(Message("rest", feed.raw(feed.clean), name))
        assert judged.verdict is Verdict.UNCHECKED
        assert [finding.rule for finding in judged.findings] == ["FT007"]


@pytest.mark.parametrize("name", ["POKER_BUY_IN", "POKER_CASH_OUT", "poker"])
def test_poker_types_are_named_by_the_vendor(name: str) -> None:
    assert judge(Message("rest", b"", name)).findings == ()


def test_an_unknown_type_is_unchecked_whatever_the_payload() -> None:
    for raw in (b"", b"\xff", b"{}"):
        judged = judge(Message("rabbitmq", raw, "WALLET"))
        assert judged.verdict is Verdict.UNCHECKED
        assert [finding.rule for finding in judged.findings] == ["FT007"]
        assert judged.event is None


def test_the_findings_of_the_transport_stand_beside_those_of_the_event(feed: Any) -> None:
    message = Message("kafka", feed.raw({**feed.clean, "type": "bet"}), None, (("type", b"BONUS"), ("type", b"casino")))
    assert [finding.rule for finding in judge(message).findings] == ["FT006", "FT112"]
    clean = Message("kafka", feed.raw(feed.clean), None, (("type", b"BONUS"), ("type", b"casino")))
    assert judge(clean).verdict is Verdict.UNDOCUMENTED
