"""Messages and their judgements: nothing raises, and the verdict is what the findings add up to."""

from datetime import datetime
from decimal import Decimal, ExtendedContext, localcontext
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.contracts import RULES, Message, Ruleset, Settings, Verdict, judge
from ftcrm.contracts.findings import Confidence, verdict_of
from ftcrm.contracts.history import round_key_of
from ftcrm.contracts.judge import Keys
from ftcrm.contracts.messages import CHECKED_TYPES, Connector
from ftcrm.contracts.views import findings_view

connectors = st.sampled_from(get_args(Connector))
types = st.none() | st.sampled_from(["CASINO", "BONUS", "casino", "PAYMENT", ""]) | st.text(max_size=8)
header_values = st.none() | st.binary(max_size=8) | st.sampled_from([b"CASINO", b"BONUS", "CASINO"])
headers = st.lists(st.tuples(st.sampled_from(["type", "Type", ""]), header_values), max_size=3).map(tuple)


@given(data=st.data())
@settings(max_examples=400, deadline=None)
def test_no_message_raises(feed: Any, data: st.DataObject) -> None:
    anything = feed.json_values.map(feed.raw)
    field_by_field = st.dictionaries(st.sampled_from([*feed.clean, *feed.optional, *feed.bonus]), feed.json_values)
    raw = data.draw(st.binary() | st.text().map(str.encode) | anything | field_by_field.map(feed.raw))
    size = data.draw(st.none() | st.integers(0, 10**9))
    judged = judge(Message(data.draw(connectors), raw, data.draw(types), data.draw(headers), size))
    if Confidence.DOCUMENTED in {finding.confidence for finding in judged.findings}:
        assert judged.verdict in {Verdict.VIOLATION, Verdict.UNREADABLE}
    assert (judged.verdict is Verdict.OK) <= (judged.event is not None and judged.findings == ())
    assert (judged.message_type not in CHECKED_TYPES) <= (judged.event is None)
    assert all(RULES[finding.rule].name == finding.name for finding in judged.findings)
    msgspec.json.encode(findings_view(judged.findings))


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_clean_events_are_ok_and_decoded(feed: Any, data: st.DataObject) -> None:
    document = data.draw(feed.documents)
    judged = feed.judge(document)
    assert (judged.verdict, judged.findings) == (Verdict.OK, ())
    for name in set(document) - {"meta"}:
        decoded = getattr(judged.event, name)
        assert decoded == (datetime.fromisoformat(document[name]) if name == "timestamp" else document[name])
        if name in Keys.__struct_fields__:
            assert getattr(judged.keys, name) == document[name]


@given(data=st.data())
def test_the_connector_does_not_change_what_is_said_of_the_event(feed: Any, data: st.DataObject) -> None:
    raw = feed.raw({**feed.clean, data.draw(st.sampled_from(sorted(feed.clean))): data.draw(feed.json_values)})
    one, *others = (
        judge(Message(connector, raw, "CASINO", (("type", b"CASINO"),))) for connector in get_args(Connector)
    )
    assert all(other == one for other in others)


def test_a_body_over_the_limit_is_unreadable_even_if_its_beginning_reads(feed: Any) -> None:
    raw = feed.raw(feed.clean)
    judged = judge(Message("rest", raw, "CASINO", size=10**9))
    assert judged.verdict is Verdict.UNREADABLE
    assert [finding.rule for finding in judged.findings] == ["FT104"]
    assert "1000000000 bytes" in judged.findings[0].message


@pytest.mark.parametrize(
    ("raw", "size", "code"),
    [
        (b"\xff", None, "FT100"),
        (b"{", None, "FT101"),
        (b"", None, "FT101"),
        (b"[]", None, "FT102"),
        (b"[" * 10_000, None, "FT103"),
        (b"{}", 10**9, "FT104"),
    ],
    ids=lambda value: repr(value)[:12],
)
@pytest.mark.parametrize("message_type", ["CASINO", "casino", "BONUS"])
def test_a_body_that_is_no_event_says_why_whatever_is_selected(
    raw: bytes, size: int | None, code: str, message_type: str
) -> None:
    for chosen in (Settings(ignore=(code,)), Settings(ignore=("FT1",)), Settings(select=("FT301",))):
        judged = judge(Message("rabbitmq", raw, message_type, size=size), Ruleset(chosen))
        assert judged.verdict is Verdict.UNREADABLE
        assert [finding.rule for finding in judged.findings if finding.rule != "FT008"] == [code]


def test_a_body_that_is_an_event_says_only_what_is_selected(feed: Any) -> None:
    raw = b"\xef\xbb\xbf" + feed.raw(feed.clean)
    assert [finding.rule for finding in judge(Message("rest", raw, "CASINO")).findings] == ["FT106"]
    assert judge(Message("rest", raw, "CASINO"), Ruleset(Settings(ignore=("FT106",)))).findings == ()


@pytest.mark.parametrize(
    ("raised", "checked", "verdict"),
    [
        ([], True, Verdict.OK),
        ([], False, Verdict.UNCHECKED),
        (["FT007"], False, Verdict.UNCHECKED),
        (["FT118"], True, Verdict.UNDOCUMENTED),
        (["FT114", "FT202"], True, Verdict.UNDOCUMENTED),
        (["FT118", "FT110"], True, Verdict.VIOLATION),
        (["FT001"], False, Verdict.VIOLATION),
    ],
)
def test_the_verdict_is_the_gravest(feed: Any, raised: list[str], checked: bool, verdict: Verdict) -> None:
    template = feed.judge({**feed.clean, "type": "x"}).findings[0]
    findings = tuple(
        msgspec.structs.replace(template, rule=code, kind=RULES[code].kind, confidence=RULES[code].confidence)
        for code in raised
    )
    assert verdict_of(findings, checked=checked) is verdict
    assert verdict_of(findings[::-1], checked=checked) is verdict


def test_ids_sent_as_numbers_are_keys_all_the_same(feed: Any) -> None:
    judged = feed.judge(
        {**feed.clean, "user_id": 52530, "round_id": Decimal("12.0"), "origin": None, "activity_id": []}
    )
    keys = judged.keys
    assert (keys.user_id, keys.round_id, keys.origin, keys.activity_id) == ("52530", "12.0", None, None)
    assert judged.event is None


def test_an_event_that_breaks_a_rule_is_decoded_as_far_as_it_says_enough(feed: Any) -> None:
    judged = feed.judge({**feed.without("user_bonus_id", "game_id"), "wager_amount": "20", "balance_after": None})
    assert judged.verdict is Verdict.VIOLATION
    assert (judged.event.user_bonus_id, judged.event.game_id, judged.event.amount) == ("", "", Decimal(20))
    assert judged.event.wager_amount is judged.event.balance_after is msgspec.UNSET


def test_meta_survives_the_rules_as_json(feed: Any) -> None:
    raw = feed.raw({**feed.clean, "x": 1, "meta": {"k": msgspec.Raw(b'[1.50,"\\u00e9",null]')}})
    assert msgspec.json.decode(feed.judge(raw).event.meta) == {"k": [1.5, "é", None]}


@pytest.mark.parametrize("text", ["1e99999999999999999999", "-1e-99999999999999999999", "7" * 50, "1e400", "0.1"])
@pytest.mark.parametrize("name", ["amount", "wager_amount", "user_id"])
def test_the_callers_decimal_context_does_not_matter(feed: Any, name: str, text: str) -> None:
    raw = feed.raw({**feed.clean, name: msgspec.Raw(text.encode()), "meta": {"a": msgspec.Raw(text.encode())}})
    expected = feed.judge(raw)
    with localcontext(ExtendedContext) as ambient:
        ambient.prec = 2
        assert feed.judge(raw) == expected


def test_judging_is_pure(feed: Any) -> None:
    message = Message("rest", feed.raw({**feed.clean, "type": "x"}), "CASINO")
    assert judge(message) == judge(message)
    assert isinstance(findings_view(judge(message).findings)[0]["witness"], list)


def test_a_message_without_a_type_names_its_round_all_the_same(feed: Any) -> None:
    """So that who looks for the round finds the delivery, and why it does not count."""
    judged = judge(Message("rabbitmq", feed.raw(feed.clean)))
    assert (judged.message_type, judged.event) == (None, None)
    assert (judged.keys.user_id, judged.keys.round_id) == ("52530", "r1")
    assert round_key_of(judged) == feed.key


def test_a_hundred_thousand_duplicates_are_told_in_few_words(feed: Any) -> None:
    raw = b"{" + b",".join(b'"k%d":1,"k%d":2' % (number, number) for number in range(1_000)) + b"}"
    told = [finding.message for finding in judge(Message("rest", raw, "CASINO")).findings if finding.rule == "FT105"]
    assert len(told) == 21
    assert "980 more" in told[-1]
