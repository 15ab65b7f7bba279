"""FT100 to FT109: the bytes of any event, and where in them the event is (what is read of them: ../test_payload.py)."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import Finding, Ruleset, Settings, Verdict
from ftcrm.contracts.events import BONUS_FIELDS, CASINO_FIELDS

REQUIRED = {
    "CASINO": [field.name for field in CASINO_FIELDS if field.required],
    "BONUS": [field.name for field in BONUS_FIELDS if field.required],
}
FIELDS_ALONE = Ruleset(Settings(ignore=("FT0", "FT107")))
member_names = st.text(max_size=8) | st.sampled_from(["payload", "data", "meta", "a/b", "~", "", "type"])


def event_of(feed: Any, kind: str) -> dict[str, Any]:
    return feed.clean if kind == "CASINO" else feed.bonus


def enveloped(feed: Any, document: dict[str, Any], message_type: str = "CASINO") -> Finding | None:
    """What is said of an event in an envelope: once, if at all."""
    told = [finding for finding in feed.judge(document, message_type).findings if finding.rule == "FT107"]
    assert len(told) <= 1
    return told[0] if told else None


def at(document: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        document = document[int(name) if isinstance(document, list) else name]
    return document


def in_object(event: Any) -> Any:
    return event


def in_array(event: Any) -> Any:
    return [None, {"trace": 1}, event, event]


def in_text(event: Any) -> Any:
    return " " + json.dumps(event, default=float)


@given(data=st.data(), kind=st.sampled_from(["CASINO", "BONUS"]), message_type=st.sampled_from(["CASINO", "BONUS"]))
@pytest.mark.parametrize("put", [in_object, in_array, in_text])
def test_an_event_in_any_envelope_is_found_and_pointed_to(
    feed: Any, put: Any, data: st.DataObject, kind: str, message_type: str
) -> None:
    event = event_of(feed, kind)
    name = data.draw(member_names)
    beside = data.draw(
        st.dictionaries(st.text(max_size=6).filter(lambda other: other != "user_bonus_id"), st.integers(), max_size=4)
    )
    document = {**beside, name: put(event)}
    finding = enveloped(feed, document, message_type)
    assert finding is not None
    found = at(document, finding.pointer)
    assert found == (put(event) if put is in_text else event)
    assert f"{len(REQUIRED[kind])} of {len(REQUIRED[kind])}" in finding.message
    assert f"the {kind.lower()} event" in finding.message
    assert feed.judge(document, message_type).verdict is Verdict.VIOLATION


@given(data=st.data(), message_type=st.sampled_from(["CASINO", "BONUS"]))
def test_an_envelope_is_never_all_that_is_wrong(feed: Any, data: st.DataObject, message_type: str) -> None:
    """What it says at once, the fields say one by one: no event is condemned by the way in which it is told."""
    names = st.sampled_from([*REQUIRED["CASINO"], *REQUIRED["BONUS"], "payload"])
    inner = dict.fromkeys(data.draw(st.sets(names, min_size=6)), 1)
    document = {**dict.fromkeys(data.draw(st.sets(names, max_size=6)), 1), "payload": inner}
    if enveloped(feed, document, message_type) is not None:
        alone = feed.judge(document, message_type, FIELDS_ALONE)
        assert alone.verdict is Verdict.VIOLATION
        assert {"FT110", "FT201"} & {finding.rule for finding in alone.findings}


@given(data=st.data())
def test_clean_events_are_no_envelopes_whatever_their_meta_holds(feed: Any, data: st.DataObject) -> None:
    put = data.draw(st.sampled_from([in_object, in_array, in_text]))
    held = put(event_of(feed, data.draw(st.sampled_from(["CASINO", "BONUS"]))))
    meta = data.draw(st.just({"event": held}) | st.just(held if isinstance(held, dict) else {}))
    for document in (data.draw(feed.documents), feed.bonus):
        message_type = "BONUS" if document is feed.bonus else "CASINO"
        assert feed.found({**document, "meta": meta}, message_type) == []
        assert enveloped(feed, {**document, "event": held}, message_type) is None


@pytest.mark.parametrize(("kind", "enough", "alone"), [("CASINO", 8, "round_id"), ("BONUS", 6, "bonus_id")])
def test_most_of_an_event_is_enough_if_only_such_events_have_some_of_it(
    feed: Any, kind: str, enough: int, alone: str
) -> None:
    other = REQUIRED["BONUS" if kind == "CASINO" else "CASINO"]
    shared = [name for name in REQUIRED[kind] if name in other]
    assert enveloped(feed, {"payload": dict.fromkeys([*shared[: enough - 1], alone])}, kind) is not None
    assert enveloped(feed, {"payload": dict.fromkeys([*shared[: enough - 2], alone])}, kind) is None
    assert enveloped(feed, {"payload": dict.fromkeys(shared)}, kind) is None


def test_an_event_with_the_properties_of_both_kinds_is_a_casino_event(feed: Any) -> None:
    finding = enveloped(feed, {"payload": {**feed.bonus, **feed.clean}})
    assert finding is not None
    assert "casino" in finding.message


def test_what_an_envelope_may_have_beside_the_event(feed: Any) -> None:
    beside = {"type": "CASINO", "timestamp": 1, "origin": "x", "user_id": "7"}
    assert enveloped(feed, {**beside, "specversion": "1.0", "payload": feed.clean}) is not None
    for fifth in ("currency", "round_id", "bonus_id"):
        assert enveloped(feed, {**beside, fifth: "EUR", "payload": feed.clean}) is None
    assert enveloped(feed, {"user_bonus_id": "", "payload": feed.clean}) is None


def test_the_first_of_several_is_told(feed: Any) -> None:
    finding = enveloped(feed, {"a": 1, "b": [feed.bonus], "c": feed.clean})
    assert finding is not None
    assert (finding.pointer, finding.clause) == ("/b/0", "scenario-b.created")
    assert finding.message.startswith(
        "b: expected the required properties of the bonus event at the top of the payload"
    )
    other = enveloped(feed, {"c": feed.clean, "b": [feed.bonus]})
    assert other is not None
    assert (other.pointer, other.clause) == ("/c", "required")


@given(text=st.text() | st.text().map(lambda text: "{" + text) | st.just("{" * 1_000))
def test_any_text_in_a_member_is_let_be(feed: Any, text: str) -> None:
    assert enveloped(feed, {"payload": text}) is None


def test_what_is_not_looked_into(feed: Any) -> None:
    twice = {"data": {"payload": feed.clean}}
    for document in (twice, {"payload": json.dumps([feed.clean])}, {"payload": [[feed.clean]]}):
        assert enveloped(feed, document) is None
        assert feed.judge(document).verdict is Verdict.VIOLATION


HOSTILE: dict[str, Any] = {
    "objects": lambda size: {"a": [{"round_id": 1}] * (size // 16)},
    "texts": lambda size: {f"a{number}": "{" * 10 for number in range(size // 20)},
    "one text": lambda size: {"a": json.dumps({"b": ["{"] * (size // 8)})},
    "escaped names": lambda size: {"~/" * (size // 2): dict.fromkeys(REQUIRED["CASINO"])},
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_hostile_envelopes_take_linear_time(feed: Any, hostile: Any, assert_linear: Any) -> None:
    def spent(size: int) -> float:
        raw = feed.raw(hostile(size))
        start = time.process_time()
        judged = feed.judge(raw)
        elapsed = time.process_time() - start
        assert all(len(finding.message) < 300 for finding in judged.findings)
        return elapsed

    assert_linear(spent, 100_000)


@pytest.mark.parametrize("message_type", ["CASINO", "BONUS"])
def test_the_bytes_are_told_beside_the_envelope(feed: Any, message_type: str) -> None:
    raw = feed.raw({"payload": feed.clean})
    told = [rule for rule, _ in feed.found(b"\xef\xbb\xbf" + raw[:-1] + b',"x":1,"x":2}', message_type)]
    assert {"FT105", "FT106", "FT107"} <= set(told)


@given(name=st.sampled_from(REQUIRED["CASINO"]), same=st.booleans())
def test_a_property_that_stands_twice_is_told_whatever_its_values(feed: Any, name: str, same: bool) -> None:
    first = feed.clean[name] if same else "other"
    raw = feed.raw({name: first})[:-1] + b"," + feed.raw(feed.clean)[1:]
    assert feed.found(raw) == [("FT105", f"/{name}")]


@pytest.mark.parametrize("kind", ["CASINO", "BONUS"])
@pytest.mark.parametrize("message_type", ["CASINO", "BONUS"])
def test_what_the_fields_draw_in_an_envelope_is_counted_not_told(feed: Any, kind: str, message_type: str) -> None:
    document = {"type": "CASINO", "timestamp": 1_772_440_020, "payload": event_of(feed, kind)}
    (finding,) = feed.judge(document, message_type).findings
    assert (finding.rule, finding.pointer) == ("FT107", "/payload")
    assert finding.implied >= len(REQUIRED[message_type]) - 2


@pytest.mark.parametrize("at", ["now", "2026-03-02 08:00:00Z"])
@pytest.mark.parametrize("message_type", ["CASINO", "BONUS"])
def test_the_time_of_an_envelope_is_counted_with_it(feed: Any, message_type: str, at: str) -> None:
    """An event of the other type, with a timestamp of its own, is no envelope: its time is told."""
    document = {"timestamp": at, "payload": event_of(feed, message_type)}
    (finding,) = feed.judge(document, message_type).findings
    assert finding.rule == "FT107"
    other = {**event_of(feed, "BONUS" if message_type == "CASINO" else "CASINO"), "timestamp": at}
    told = [finding.pointer for finding in feed.judge(other, message_type).findings]
    assert told == ["", "/timestamp"]


@pytest.mark.parametrize(("twice", "more"), [(19, None), (20, None), (21, 1), (40, 20)])
def test_twenty_properties_that_stand_twice_are_told_by_name(feed: Any, twice: int, more: int | None) -> None:
    names = ",".join(f'"p{number}":1,"p{number}":1' for number in range(twice))
    told = [
        finding.message
        for finding in feed.judge(b"{%s}" % names.encode(), "CASINO").findings
        if "FT105" in finding.rule
    ]
    assert len([message for message in told if message.startswith("p")]) == min(twice, 20)
    assert told[20:] == ([] if more is None else [f"expected each property once, got {more} more several times"])


def test_a_payload_that_cannot_be_read_says_where_and_why(feed: Any) -> None:
    (finding,) = feed.judge(b'{"amount": }', "CASINO").findings
    assert finding.rule == "FT101"
    assert finding.message.startswith("expected ")
