"""Ids in a namespace of their own: what changes of a payload, and that nothing else does."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import Message, construct, judge
from ftcrm.contracts.events import read_payload
from ftcrm.contracts.views import bonus_view, player_view, round_view, session_view
from ftcrm.strategies import histories
from ftcrm.strategies.fuzzing.namespaces import IDS, Namespace
from ftcrm.strategies.mutations import mutated_histories
from ftcrm.strategies.payloads import hostile_payloads
from ftcrm.strategies.tangles import tangles

SEVEN = Namespace("7")
PAYLOADS = st.one_of(
    hostile_payloads(),
    mutated_histories().map(lambda history: history.messages[0].raw),
    tangles(max_size=3).map(lambda messages: messages[0].raw),
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'{"user_id":"u","amount":20.00}', b'{"user_id":"7u","amount":20.00}'),
        (b'{ "user_bonus_id" : "" , "round_id"\n:\t"" }', b'{ "user_bonus_id" : "" , "round_id"\n:\t"" }'),
        (b'{"activity_id":"x","round_id":"x"}', b'{"activity_id":"7x","round_id":"7x"}'),
        (
            b'{"user_id":52530,"round_id":null,"activity_id":["a"]}',
            b'{"user_id":52530,"round_id":null,"activity_id":["a"]}',
        ),
        (b'{"user_id":"a","user_id":"b"}', b'{"user_id":"7a","user_id":"7b"}'),
        (b'{"meta":{"user_id":"u"},"origin":"o"}', b'{"meta":{"user_id":"u"},"origin":"o"}'),
        (b'{"meta":[{"a":"}"}],"user_id":"u"}', b'{"meta":[{"a":"}"}],"user_id":"7u"}'),
        (b'{"user\\u005fid":"\\u0061\\"b"}', b'{"user\\u005fid":"7\\u0061\\"b"}'),
        (b'{"bonus_id":"user_id","type":"round_id"}', b'{"bonus_id":"user_id","type":"round_id"}'),
        (b'\xef\xbb\xbf{"user_id":"u"}', b'\xef\xbb\xbf{"user_id":"7u"}'),
        (b'{"user_id":"\xff","round_id":"r"', b'{"user_id":"7\xff","round_id":"7r"'),
        (b'{"user_id":"u', b'{"user_id":"u'),
        (b'{"user_id":"u\\', b'{"user_id":"u\\'),
        (b'{"user_id":"u\\"', b'{"user_id":"u\\"'),
        (b'{"user_id":"u"', b'{"user_id":"7u"'),
        (b'{"user_id":"', b'{"user_id":"'),
        (b'{"user_id', b'{"user_id'),
        (b'{"user_id:"u"', b'{"user_id:"u"'),
        (b'[{"user_id":"u"}]', b'[{"user_id":"u"}]'),
        (b"", b""),
    ],
)
def test_an_id_of_the_outermost_object_gets_the_prefix(before, after):
    assert SEVEN.payload(before) == after


@given(PAYLOADS)
def test_every_other_byte_stays(raw):
    namespace = Namespace.fresh()
    assert namespace.payload(raw).replace(namespace.prefix.encode(), b"") == raw


@given(PAYLOADS)
def test_a_payload_says_the_same_of_everything_else(raw):
    namespace = Namespace.fresh()
    before, after = read_payload(raw), read_payload(namespace.payload(raw))
    assert (after.problem is None, after.duplicates) == (before.problem is None, before.duplicates)
    assert after.document == (
        before.document
        and {
            name: namespace.prefix + value if name in IDS and isinstance(value, str) and value else value
            for name, value in before.document.items()
        }
    )


@given(PAYLOADS, st.sampled_from(["CASINO", "BONUS"]))
def test_the_verdict_is_the_same(raw, message_type):
    after = judge(Message("rest", Namespace.fresh().payload(raw), message_type))
    assert after.verdict == judge(Message("rest", raw, message_type)).verdict


@given(histories())
def test_what_comes_of_a_history_is_the_same_but_for_the_ids(messages):
    namespace = Namespace.fresh()
    assert namespace.without(shown(construct(namespace.within(messages)))) == shown(construct(messages))


@given(st.lists(st.text(min_size=1), min_size=2, max_size=5))
def test_equal_ids_stay_equal_and_others_keep_their_order(ids):
    namespace = Namespace.fresh()
    raws = [json.dumps({"activity_id": text}, ensure_ascii=False).encode() for text in ids]
    mapped = [json.loads(namespace.payload(raw))["activity_id"] for raw in raws]
    assert [sorted(set(mapped)).index(text) for text in mapped] == [sorted(set(ids)).index(text) for text in ids]


def test_ids_of_a_few_digits_stay_numbers_that_others_can_hold():
    prefixes = [Namespace.fresh().prefix for _ in range(100)]
    assert all(int(prefix + "999999") < 2**63 for prefix in prefixes)
    assert all(int(prefix + "999") < 2**53 for prefix in prefixes)


def test_a_string_that_never_ends_takes_no_longer_than_it_is_long():
    raw = b'{"user_id":"u","a":"' + rb"\"" * 200_000
    began = time.monotonic()
    assert SEVEN.payload(raw) == raw.replace(b'"u"', b'"7u"')
    # It took minutes while each quote in it was tried as the beginning of a string.
    assert time.monotonic() - began < 10


def test_no_two_namespaces_share_an_id():
    prefixes = [Namespace.fresh().prefix for _ in range(1000)]
    assert len(set(prefixes)) == 1000
    # Of one length: none is the beginning of another, whatever ids follow.
    assert {len(prefix) for prefix in prefixes} == {12}
    assert all(prefix.isascii() and prefix.isdigit() for prefix in prefixes)


def shown(construction):
    kinds = [
        (round_view, construction.rounds),
        (session_view, construction.sessions),
        (bonus_view, construction.bonuses),
        (player_view, construction.players),
    ]
    return json.dumps([[view(value) for value in values] for view, values in kinds])
