"""FT0xx: how the message type came, and whether the payload is of that type."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import Confidence, Message, Ruleset, Settings, Verdict, judge
from ftcrm.contracts.messages import CHECKED_TYPES, OTHER_TYPES, declared_type_of, message_type_of
from ftcrm.contracts.rules import Scope

PLACEMENT = {"FT001", "FT002", "FT003"}
KNOWN = sorted(CHECKED_TYPES | OTHER_TYPES)
ALONE = Ruleset(Settings(select=("FT0",)))
"""The rules of the transport alone, whatever else there is to say of the payload."""

names = st.sampled_from(["type", "Type", "TYPE", "x", "", "\udc80", "typ\u1ebd"]) | st.text(max_size=100)
values = st.none() | st.binary(max_size=100) | st.text(max_size=100) | st.sampled_from([b"CASINO", "casino", "\ud83d"])
many_headers = st.lists(st.tuples(names, values), max_size=12).map(tuple)


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
        ((("type", "casino"),), ["FT008"], "CASINO"),
        ((("type", b"CASINO"), ("type", b"casino")), ["FT006", "FT008"], "CASINO"),
        ((("type", b"casino"), ("type", b"CASINO")), ["FT006"], "CASINO"),
        ((("type", b"BINGO"),), ["FT010"], "BINGO"),
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


@given(data=st.data(), name=st.sampled_from(KNOWN), connector=st.sampled_from(["rest", "rabbitmq", "kafka"]))
def test_known_types_in_any_letter_case(feed: Any, data: st.DataObject, name: str, connector: Any) -> None:
    spelled = "".join(data.draw(st.sampled_from([letter, letter.lower()])) for letter in name)
    raw = feed.raw(feed.bonus if name == "BONUS" else feed.clean)
    judged = judge(Message(connector, raw, spelled, (("type", spelled.encode()),)))
    assert judged.message_type == name
    assert (judged.event is not None) is (name in CHECKED_TYPES)
    expected = ["FT008"] if spelled != name and connector != "rest" else []
    assert [finding.rule for finding in judged.findings] == expected
    plain = Verdict.UNDOCUMENTED if expected else Verdict.OK
    assert judged.verdict is (plain if name in CHECKED_TYPES else Verdict.UNCHECKED)


def test_the_case_of_pokers_types_is_not_known() -> None:
    assert ALONE.ask(Scope.TRANSPORT, Message("rabbitmq", b"", "poker_buy_in")) == []


def test_case_is_that_of_ascii(feed: Any) -> None:
    # upper() makes CASINO of both: a long s, a dotless i.
    for name in ("CA\u017fINO", "CAS\u0131NO"):
        judged = judge(Message("rest", b'{"type": "Bet"}', name))
        assert judged.verdict is Verdict.UNCHECKED
        assert [finding.rule for finding in judged.findings] == ["FT007"]
        in_payload = Message("rabbitmq", feed.raw({"type": name}))
        assert [finding.rule for finding in judge(in_payload).findings] == ["FT001"]


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
    assert [finding.rule for finding in judge(message).findings] == ["FT006", "FT008", "FT112"]
    clean = Message("kafka", feed.raw(feed.clean), None, (("type", b"BONUS"), ("type", b"casino")))
    assert judge(clean).verdict is Verdict.UNDOCUMENTED


@given(data=st.data(), connector=st.sampled_from(["rest", "rabbitmq", "kafka"]), headers=many_headers)
def test_well_formed_messages_draw_nothing_whatever_headers_they_have_besides(
    feed: Any, data: st.DataObject, connector: Any, headers: Any
) -> None:
    name = data.draw(st.sampled_from([*KNOWN, "POKER_BUY_IN"]))
    payloads = {"CASINO": feed.documents.map(feed.raw), "BONUS": st.just(feed.raw(feed.bonus))}
    raw = data.draw(payloads.get(name, st.binary()))
    if connector == "kafka":
        headers = (*(header for header in headers if header[0] != "type"), ("type", name.encode()))
    message = Message(connector, raw, None if connector == "kafka" else name, headers)
    assert ALONE.ask(Scope.TRANSPORT, message) == []


@given(
    connector=st.sampled_from(["rest", "rabbitmq", "kafka"]),
    type_property=st.none() | st.text() | st.sampled_from(["", "\udcff", "casino", "BONUS", "CASINO_V2"]),
    headers=many_headers,
    raw=st.binary() | st.sampled_from([b'{"type":"\\ud83d"}', b'"bonus_id""round_id"', b'{"round_id":' + b"[" * 99]),
)
def test_hostile_headers_and_types_are_explained_in_few_words(
    connector: Any, type_property: Any, headers: Any, raw: bytes
) -> None:
    message = Message(connector, raw, type_property, headers)
    hits = [hit for _, hit in ALONE.ask(Scope.TRANSPORT, message)]
    assert all(len(hit.message) < 4_000 and hit.message.encode() for hit in hits)
    if connector != "rest" and declared_type_of(message) is None:
        assert hits


def test_a_thousand_headers_are_told_in_few_words() -> None:
    headers = tuple((f"h{number}", b"x" * 1_000) for number in range(1_000))
    ((_, missing),) = ALONE.ask(Scope.TRANSPORT, Message("kafka", b"", None, headers))
    assert missing.message.endswith("got the headers: 'h0', 'h1', 'h2', 'h3', 'h4' and 995 more")
    repeated = tuple(("type", bytes([number])) for number in range(100))
    ((_, differing), _) = ALONE.ask(Scope.TRANSPORT, Message("kafka", b"", None, repeated))
    assert differing.message.endswith("b'\\x04' and 95 more")
    ((_, unreadable),) = ALONE.ask(Scope.TRANSPORT, Message("kafka", b"", None, (("type", b"\xff" * 1_000),)))
    assert unreadable.message.endswith("... (1000 bytes)")


def test_up_to_five_headers_are_all_shown(feed: Any) -> None:
    raw = feed.raw(feed.clean)
    five = [f"h{number}" for number in range(5)]
    (missing,) = judge(Message("kafka", raw, None, tuple((name, b"x") for name in five))).findings
    assert missing.message.endswith("got the headers: 'h0', 'h1', 'h2', 'h3', 'h4'")
    types = tuple(("type", value) for value in (b"CASINO", b"A", b"B", b"C", b"CASINO"))
    (differing,) = judge(Message("kafka", raw, None, types)).findings
    assert differing.message.endswith("got 5 that differ: b'CASINO', b'A', b'B', b'C', b'CASINO'")


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ((), "got the headers: none"),
        ((("x", b"CASINO"),), "got the headers: 'x'"),
        ((("x", b""), ("Type", b"CASINO")), "'x', 'Type'; 'Type' differs in letter case"),
    ],
)
def test_a_header_that_differs_in_case_alone_is_named(headers: Any, words: str) -> None:
    ((_, hit),) = ALONE.ask(Scope.TRANSPORT, Message("kafka", b"", None, headers))
    assert words in hit.message
    assert ("letter case" in hit.message) is ("Type" in dict(headers))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CASINO_EVENT", "CASINO"),
        ("casino ", "CASINO"),
        ("BONUSES", "BONUS"),
        ("USER_BALANCES_UPDATE" + "X" * 20, "USER_BALANCES_UPDATE"),
        ("USER_BALANCES_UPDATE" + "X" * 21, None),
        ("WALLET", None),
        ("CASINO" * 99, None),
    ],
)
def test_an_unknown_type_names_the_one_that_was_meant(name: str, meant: str | None) -> None:
    ((_, hit),) = ALONE.ask(Scope.TRANSPORT, Message("rabbitmq", b"", name))
    assert len(hit.message) < 200
    assert ("did you mean" in hit.message) is (meant is not None)
    assert meant is None or f"did you mean {meant!r}" in hit.message


def crossed(feed: Any, message_type: str, *absent: str, **changes: Any) -> list[str]:
    """What is said of an event of the other kind under this message type, changed so."""
    other = feed.bonus if message_type == "CASINO" else feed.clean
    document = {name: value for name, value in {**other, **changes}.items() if name not in absent}
    judged = feed.judge(document, message_type)
    assert judged.verdict is Verdict.VIOLATION
    return [finding.rule for finding in judged.findings if finding.rule < "FT100"]


@pytest.mark.parametrize(
    ("message_type", "absent", "changes", "speaks"),
    [
        ("CASINO", (), {}, True),
        ("CASINO", ("product",), {}, True),
        ("CASINO", ("status",), {}, True),
        ("CASINO", ("product", "status"), {}, False),
        ("CASINO", ("product",), {"status": "Approved"}, False),
        ("CASINO", ("bonus_id",), {}, False),
        ("CASINO", (), {"round_id": "r1"}, False),
        ("CASINO", (), {"game_id": "10911"}, False),
        ("CASINO", (), {"type": "Bet"}, False),
        ("BONUS", (), {}, True),
        ("BONUS", ("user_bonus_id", "status", "game_id"), {"type": "Loss"}, True),
        ("BONUS", ("round_id",), {}, False),
        ("BONUS", (), {"type": "WelcomeBonus"}, False),
        ("BONUS", (), {"type": None}, False),
    ],
)
def test_an_event_of_the_other_type_is_told_when_it_is_plainly_one(
    feed: Any, message_type: str, absent: Any, changes: Any, speaks: bool
) -> None:
    if message_type == "BONUS" and not speaks:
        absent = (*absent, "user_bonus_id")  # a violation all the same
    assert crossed(feed, message_type, *absent, **changes) == (["FT010"] if speaks else [])


@pytest.mark.parametrize("name", ["bonus_id", "product"])
def test_a_casino_event_with_a_property_of_bonuses_may_be_either(feed: Any, name: str) -> None:
    assert crossed(feed, "BONUS", "user_bonus_id", **{name: "x"}) == []


@pytest.mark.parametrize("connector", ["rest", "rabbitmq", "kafka"])
def test_the_other_type_is_told_alike_on_every_connector(feed: Any, connector: Any) -> None:
    for message_type, document in (("CASINO", feed.bonus), ("BONUS", feed.clean)):
        declared = None if connector == "kafka" else message_type
        message = Message(connector, feed.raw(document), declared, (("type", message_type.encode()),))
        finding = next(finding for finding in judge(message).findings if finding.rule == "FT010")
        assert finding.confidence is Confidence.DOCUMENTED
        assert f"the message type {message_type} says" in finding.message
        assert judge(message) == judge(Message("rest", feed.raw(document), message_type))


def test_the_kept_beginning_of_a_large_body_is_no_event_of_another_type(feed: Any) -> None:
    judged = judge(Message("rest", feed.raw(feed.bonus), "CASINO", size=10**9))
    assert [finding.rule for finding in judged.findings] == ["FT104"]
    judged = judge(Message("rabbitmq", feed.raw(feed.bonus), "BET", size=10**9))
    assert [finding.rule for finding in judged.findings] == ["FT007"]


@pytest.mark.parametrize("connector", ["rabbitmq", "kafka"])
@pytest.mark.parametrize("name", ["BET", "bet", "CASINO ", "casino_event", "BONUSES", "W\u00c4", "X" * 999])
@pytest.mark.parametrize("actual", ["CASINO", "BONUS"])
def test_an_event_under_a_type_that_nobody_names_is_told_as_what_it_plainly_is(
    feed: Any, connector: Any, name: str, actual: str
) -> None:
    raw = feed.raw(feed.clean if actual == "CASINO" else feed.bonus)
    message = Message(connector, raw, None if connector == "kafka" else name, (("type", name.encode()),))
    judged = judge(message)
    (finding,) = judged.findings
    assert (finding.rule, finding.confidence, finding.implied) == ("FT010", Confidence.DOCUMENTED, 1)
    assert (judged.verdict, judged.event) == (Verdict.VIOLATION, None)
    assert finding.message.startswith(f"expected the message type {actual!r}, got {name.upper()[:9]!r}"[:-1])
    assert len(finding.message) < 300
    alone = judge(message, Ruleset(Settings(ignore=("FT010",))))
    assert ([each.rule for each in alone.findings], alone.verdict) == (["FT007"], Verdict.UNCHECKED)


@pytest.mark.parametrize("name", [*sorted(OTHER_TYPES), "payment", "POKER_BUY_IN", "poker"])
def test_under_the_other_types_of_the_feed_no_event_is_looked_at(feed: Any, name: str) -> None:
    for document in (feed.clean, feed.bonus):
        assert "FT010" not in rules_of(Message("rabbitmq", feed.raw(document), name))


@pytest.mark.parametrize(
    ("absent", "changes"), [(("round_id",), {}), ((), {"type": "Spin"}), ((), {"bonus_id": "9821"})], ids=str
)
def test_what_is_plainly_neither_is_of_an_unknown_type_alone(feed: Any, absent: Any, changes: Any) -> None:
    assert rules_of(Message("rabbitmq", feed.raw(feed.without(*absent, **changes)), "BET")) == ["FT007"]


@given(data=st.data())
def test_clean_events_are_of_their_type_whatever_their_meta_holds(feed: Any, data: st.DataObject) -> None:
    held = data.draw(st.sampled_from([feed.bonus, feed.clean]) | feed.json_values)
    meta = data.draw(st.sampled_from([{"event": held}, {"events": [held]}, held if isinstance(held, dict) else {}]))
    for message_type, document in (("CASINO", data.draw(feed.documents)), ("BONUS", feed.bonus)):
        raw = feed.raw({**document, "meta": meta})
        for connector in ("rest", "rabbitmq", "kafka"):
            declared = None if connector == "kafka" else message_type
            judged = judge(Message(connector, raw, declared, (("type", message_type.encode()),)))
            assert (judged.verdict, judged.findings) == (Verdict.OK, ())


@pytest.mark.parametrize("message_type", ["CASINO", "BONUS"])
def test_what_the_fields_draw_in_an_event_of_the_other_type_is_counted_not_told(feed: Any, message_type: str) -> None:
    (finding,) = feed.judge(feed.bonus if message_type == "CASINO" else feed.clean, message_type).findings
    assert finding.rule == "FT010"
    assert finding.implied > 2


@pytest.mark.parametrize(("size", "shown"), [(60, f"{b'x' * 60!r}"), (61, f"{b'x' * 40!r}... (61 bytes)")])
def test_a_value_is_shown_whole_up_to_sixty_bytes(size: int, shown: str) -> None:
    headers = (("type", b"x" * size), ("type", b"y"))
    ((_, hit), *_) = ALONE.ask(Scope.TRANSPORT, Message("kafka", b"", None, headers))
    assert hit.message.endswith(f"got 2 that differ: {shown}, b'y'")


def test_of_six_headers_one_is_not_shown() -> None:
    names = tuple((f"h{number}", b"x") for number in range(6))
    ((_, missing),) = ALONE.ask(Scope.TRANSPORT, Message("kafka", b"", None, names))
    assert missing.message.endswith("'h4' and 1 more")
    types = tuple(("type", bytes([number])) for number in range(6))
    ((_, differing), *_) = ALONE.ask(Scope.TRANSPORT, Message("kafka", b"", None, types))
    assert differing.message.endswith("b'\\x04' and 1 more")


def test_of_several_headers_the_last_is_the_one_that_is_told() -> None:
    headers = (("type", b"CASINO"), ("type", b"\xff"))
    found = {rule.code: hit.message for rule, hit in ALONE.ask(Scope.TRANSPORT, Message("kafka", b"", None, headers))}
    assert found["FT005"].endswith("got b'\\xff'")
    ((_, hit),) = ALONE.ask(Scope.TRANSPORT, Message("rabbitmq", b"", None, (("type", "A"), ("type", "B"))))
    assert "a header type = 'B'" in hit.message
