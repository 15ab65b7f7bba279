"""The fast path and the explaining rules agree: for all bytes, and hit hard.

Where the fast path is conservative (it leaves clean events to the rules) is named in `test_left_to_the_rules`.
"""

import importlib
import json
import re
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.contracts import Judgement, Message, Ruleset, Settings, Verdict, judge
from ftcrm.contracts.events import CASINO_FIELDS, content_digest, read_payload
from ftcrm.contracts.events.accept import accept_casino
from ftcrm.contracts.events.fields import LEAST_RATE, MOST_RATE
from ftcrm.contracts.events.payload import MAX_DEPTH
from ftcrm.contracts.judge import Keys

JUDGE = importlib.import_module("ftcrm.contracts.judge")  # the package's attribute of this name is the function

ODD_META = (
    b'{"a":1,"a":2}',
    b'{"a":{"b":1,"b":"x"}}',
    b'{"\\u0061":1,"a":2}',
    b'{"a":1e400}',
    b'{"a":1e99999999999999999999}',
    b'{"a":-0.0}',
    b'{"a":1e-999999999}',
    b'{"a":' + b"7" * 60 + b"}",
    b'{"a":' + b"7" * 5000 + b"}",
    b'{"a":"\\ud83d\\ude00"}',
    b'{"a":"\\ud83d"}',
    b'{"\\udc00":1}',
    b'{"a":"\\""}',
    b'{"a":"}{]["}',
    b'{"a":NaN}',
    b'{"a":01}',
    b'{"a":"\x00"}',
    b'{"a":"\x7f"}',
    b'{"a":"\xff"}',
    b'{"a":"\xed\xa0\x80"}',
    b'{"a":"\xe2\x80\xa8"}',
    b"{ \t\r\n}",
    b"{\xc2\xa0}",
    b"{\x0c}",
    b"[]",
    b"null",
    b'"x"',
    b"{" * 3,
    b'{"a":' * 62 + b"1" + b"}" * 62,
    b'{"a":' * 63 + b"1" + b"}" * 63,
    b'{"a":' * 64 + b"1" + b"}" * 64,
    b'{"a":[' + b"{}," * 70 + b"{}]}",
)
FRAGMENTS = (
    *(
        b'"',
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b" ",
        b"\x00",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xc2\xa0",
        b"-",
        b"0",
    ),
    *(b"e9", b".", b'"amount":1,', b'"\\u0061mount":20,', b'"x":1,', b'"status":"Rollback",', b"\\u0022", b"\\ud800"),
    *(b'"20"', b"NaN", b"null", b"true", b"1e999999999", b"1e99999999999999999999", b'"wager_amount":"20",', b"Refund"),
    *(b'"meta":{"a":1,"a":2},', b'"meta":null,', b"+0600", b"T8:", b"0" * 41, b"\n"),
)


TEXTS = "activity_id game_id game_name game_type origin round_id user_id vendor_id vendor_name user_bonus_id".split()
ODD: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(TEXTS, ("", " ", "0")),
    "game_type": (
        "",
        "Slot",
        "slots",
        "LIVE_CASINO",
        "Live  Casino",
        "tables",
        "TABLE",
        "Crash",
        "Table Games",
        "slots" * 9,
    ),
    "amount": (-1, Decimal("-0.01"), Decimal("-0.0"), 0, Decimal("-1e-40"), Decimal("-1e40")),
    "wager_amount": (-1, 0, Decimal("-0.0")),
    "bonus_wager_amount": (-1, Decimal("-1e-40"), Decimal("-0.0")),
    "locked_wager_amount": (-1, Decimal("-1e-40"), Decimal("-0.0")),
    "balance_after": (-1, 0),
    "exchange_rate": (
        *(-1, 0, Decimal("-0.0"), 1, LEAST_RATE, MOST_RATE),
        *(
            LEAST_RATE - Decimal("1e-20"),
            MOST_RATE + Decimal("1e-8"),
            Decimal("1e-40"),
            Decimal("1e40"),
            Decimal("-1e-40"),
        ),
    ),
}
"""What is well-formed, and mostly odd."""


@st.composite
def mutated(draw: st.DrawFn, raw: bytes) -> bytes:
    """Some splices of the bytes: cut, inserted or put in another's place."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.sampled_from([0, 0, 1, 2, 10])))
        raw = raw[:start] + draw(st.sampled_from(FRAGMENTS) | st.binary(max_size=2)) + raw[end:]
    return raw


def explained(message: bytes | Message) -> Judgement:
    """The judgement of the rules alone, the fast path taken away."""
    if isinstance(message, bytes):
        message = Message("rest", message, "CASINO")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JUDGE, "accept_casino", lambda raw, **_: None)
        return judge(message)


def left_to_the_rules(raw: bytes) -> bool:
    """Clean events that the fast path does not take: what it cannot be sure of by counting."""
    document = read_payload(raw).document or {}
    unknown = any(name not in {field.name for field in CASINO_FIELDS} for name in document)
    many_brackets = raw.count(b"{") + raw.count(b"[") > MAX_DEPTH
    long_integer = re.search(rb"\d{4000}", raw) is not None
    named_oddly = re.search(rb'"timestamp": ?"', raw) is None or raw.count(b'"timestamp"') > 1
    timestamp = str(document.get("timestamp"))
    edge_of_time = timestamp.startswith(("0001", "9999")) or re.search(r":60(\.\d+)?[Zz+-]", timestamp) is not None
    odd_timestamp = named_oddly or edge_of_time
    return unknown or b'\\"' in raw or many_brackets or long_integer or odd_timestamp


def assert_agreement(raw: bytes) -> None:
    fast, slow = accept_casino(raw), explained(raw)
    if fast is not None:
        assert slow.findings == ()
        assert slow.verdict is Verdict.OK
        assert slow.event is not None
        assert content_digest(slow.event) == content_digest(fast)
        assert slow.event.timestamp == fast.timestamp
        quick = judge(Message("rest", raw, "CASINO")).keys
        assert all(getattr(slow.keys, name) == getattr(quick, name) for name in Keys.__struct_fields__)
    elif slow.verdict is Verdict.OK:
        assert left_to_the_rules(raw), raw


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_clean_events_are_taken_at_once(feed: Any, data: st.DataObject) -> None:
    raw = feed.raw(data.draw(feed.documents))
    if not left_to_the_rules(raw):
        assert accept_casino(raw) is not None
    assert_agreement(raw)


@given(data=st.data())
@settings(max_examples=600, deadline=None)
def test_agreement_on_mutated_bytes(feed: Any, data: st.DataObject) -> None:
    base = feed.raw({**feed.clean, **feed.optional} if data.draw(st.booleans()) else data.draw(feed.documents))
    assert_agreement(data.draw(mutated(base)))


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_agreement_on_any_value_in_any_place(feed: Any, data: st.DataObject) -> None:
    document = {**feed.clean, **feed.optional}
    for _ in range(data.draw(st.integers(1, 2))):
        document[data.draw(st.sampled_from([*document, "extra"]))] = data.draw(feed.json_values)
    for name in data.draw(st.sets(st.sampled_from(sorted(feed.optional)))):
        document.pop(name, None)
    assert_agreement(feed.raw(document))


@given(data=st.data())
@settings(max_examples=400, deadline=None)
def test_agreement_on_what_is_well_formed_and_says_something_odd(feed: Any, data: st.DataObject) -> None:
    """Signs, rates, empty texts and near misses: each alone, and in all their combinations."""
    document = data.draw(feed.documents)
    for name in data.draw(st.sets(st.sampled_from(sorted(ODD)), max_size=3)):
        document[name] = data.draw(st.sampled_from(ODD[name]))
    wallets = data.draw(st.dictionaries(st.sampled_from(feed.wallets), st.integers(-3, 3)))
    if data.draw(st.booleans()):
        document = {name: value for name, value in document.items() if name not in feed.wallets}
        document |= wallets | ({"amount": sum(wallets.values())} if wallets else {})
    assert_agreement(feed.raw(document))


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in ODD.items() for value in values])
def test_agreement_on_each_odd_value(feed: Any, name: str, value: Any) -> None:
    for whole in (feed.clean, {**feed.clean, **feed.optional}):
        raw = feed.raw({**whole, name: value})
        assert_agreement(raw)
        assert (accept_casino(raw) is None) is (explained(raw).findings != ())


@given(st.binary(max_size=60) | st.text().map(str.encode))
def test_agreement_on_any_bytes(raw: bytes) -> None:
    assert_agreement(raw)


@pytest.mark.parametrize("meta", ODD_META)
def test_agreement_on_odd_meta(feed: Any, meta: bytes) -> None:
    assert_agreement(feed.raw(feed.clean)[:-1] + b',"meta":' + meta + b"}")
    # The last of two counts, for both.
    assert_agreement(feed.raw({"meta": {}, **feed.clean})[:-1] + b',"meta":' + meta + b"}")


@pytest.mark.parametrize(
    "name", ["amount", "status", "user_bonus_id", "timestamp", "meta", "is_round_end", "wager_amount"]
)
@pytest.mark.parametrize("escaped", [False, True])
def test_agreement_on_each_key_twice(feed: Any, name: str, escaped: bool) -> None:
    document = {**feed.clean, **feed.optional}
    key = f"\\u{ord(name[0]):04x}{name[1:]}" if escaped else name
    again = f'{{"{key}":{json.dumps(document[name])},'.encode()
    raw = again + feed.raw(document)[1:]
    assert_agreement(raw)
    assert accept_casino(raw) is None
    alone = f'{{"{key}":{json.dumps(document[name])},'.encode() + feed.raw(feed.without(name, **feed.optional))[1:]
    assert accept_casino(alone) is not None or name == "meta" or left_to_the_rules(alone)
    assert_agreement(alone)


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_numbers_by_any_spelling_are_one_content(feed: Any, data: st.DataObject) -> None:
    digits = data.draw(st.integers(0, 10**6))
    places = data.draw(st.integers(0, 6))
    number = Decimal(digits).scaleb(-places)
    spelled = data.draw(st.sampled_from([f"{number:f}", f"{number:E}", f"{number:e}".replace("e+", "e")]))
    one = accept_casino(feed.raw({**feed.clean, "amount": msgspec.Raw(spelled.encode())}))
    other = accept_casino(feed.raw({**feed.clean, "amount": number}))
    assert one is not None
    assert other is not None
    assert content_digest(one) == content_digest(other)


@pytest.mark.parametrize(
    "change",
    [
        {"game_name": 'the "best"'},
        {"meta": {"a": [[] for _ in range(64)]}},
        {"meta": {"a": msgspec.Raw(b"7" * 5000)}},
        {"skip_publishing": True},
        {"meta": {"timestamp": "2026-03-02T08:00:00Z"}},
        {"timestamp": "2016-12-31T23:59:60Z"},
        {"timestamp": "0001-01-02T00:00:00+01:00"},
    ],
    ids=[
        "an escaped quote",
        "many brackets in meta",
        "a long integer in meta",
        "an unknown property",
        "a timestamp in meta",
        "a leap second",
        "the first year",
    ],
)
def test_left_to_the_rules(feed: Any, change: dict[str, Any]) -> None:
    raw = feed.raw({**feed.clean, **change})
    assert accept_casino(raw) is None
    assert left_to_the_rules(raw)
    assert explained(raw).verdict is Verdict.OK


@given(
    connector=st.sampled_from(["rest", "rabbitmq", "kafka"]),
    type_property=st.sampled_from([None, "", "CASINO", "casino", "BONUS"]),
    headers=st.lists(
        st.tuples(st.sampled_from(["type", "Type"]), st.sampled_from([b"CASINO", "casino", b"X", b"\xff", b"", None])),
        max_size=3,
    ).map(tuple),
)
def test_agreement_on_what_the_transport_says(feed: Any, connector: Any, type_property: Any, headers: Any) -> None:
    message = Message(connector, feed.raw(feed.clean), type_property, headers)
    quick, slow = judge(message), explained(message)
    assert (quick.verdict, quick.message_type, quick.findings) == (slow.verdict, slow.message_type, slow.findings)


def test_extra_currencies_are_left_to_the_rules(feed: Any) -> None:
    raw = feed.raw({**feed.clean, "currency": "XBT"})
    assert accept_casino(raw) is None
    ruleset = Ruleset(Settings(extra_currencies=frozenset({"XBT"})))
    assert [finding.rule for finding in judge(Message("rest", raw, "CASINO"), ruleset).findings] == ["FT140"]


def test_a_clean_event_is_taken_at_once_whatever_extra_currencies_there_are(feed: Any) -> None:
    ruleset = Ruleset(Settings(extra_currencies=frozenset({"EUR", "XBT"})))
    assert judge(Message("rest", feed.raw(feed.clean), "CASINO"), ruleset).findings == ()
    assert feed.found({**feed.clean, "skip_publishing": True}, ruleset=ruleset) == []  # by the rules
