"""`events` and `events/{seq}`: filters, pages, and what an event looks like."""

import asyncio
import base64
import hashlib
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.contracts import Message
from ftcrm.mockserver.admin import events as events_module
from ftcrm.mockserver.intake import Delivery

VALUES = {
    "connector": "kafka",
    "message_type": "LOGIN_V2",
    "type": "Win",
    "status": "Rollback",
    "verdict": "violation",
    "disposition": "refused",
    "origin": "o/1",
    "user_id": "ü 1",
    "round_id": "r%2",
    "user_bonus_id": "b&1",
    "activity_id": "a=1",
    "run": "my run",
}


@pytest.fixture
def desk(stand: Any) -> Any:
    """For each filter one delivery that alone has the value of VALUES."""
    desk = stand.make()
    for name in ("type", "status", "origin", "user_id", "round_id", "user_bonus_id", "activity_id"):
        desk.put(stand.delivery(**{name: VALUES[name]}))
    desk.put(stand.delivery(run="my run"))
    desk.put(stand.delivery(disposition="refused"))
    desk.put(stand.delivery(amount="x"))
    desk.put(stand.delivery(b"{}", "LOGIN_V2"))
    desk.put(Delivery(Message("kafka", stand.raw(stand.casino()), headers=(("type", b"CASINO"),)), {}))
    return desk


@pytest.mark.parametrize("name", VALUES)
def test_events_are_narrowed_by_each_filter(desk: Any, name: str) -> None:
    [event] = desk.get("events", **{name: VALUES[name]})["events"]
    assert getattr(desk.journal.get([event["seq"]])[0], name) == VALUES[name]
    if name in ("connector", "verdict", "disposition"):
        assert desk.error(f"events?{name}=x")[:2] == (400, "unknown-value")
    else:
        assert desk.get("events", **{name: VALUES[name] + "x"})["events"] == []


def test_filters_are_wanted_all_at_once(desk: Any) -> None:
    assert len(desk.get("events", verdict="ok", type="Bet", connector="rest")["events"]) == 8
    assert desk.get("events", verdict="ok", type="Bet", connector="kafka")["events"][0]["connector"] == "kafka"
    assert desk.get("events", verdict="violation", connector="kafka")["events"] == []


def test_an_event_has_all_that_is_known_of_it(stand: Any) -> None:
    desk = stand.make()
    body = stand.raw(stand.casino(amount="20"))
    desk.put(stand.delivery(body, transport={"path": "/x", "headers": [["a", "ü"]]}, refusable=True))
    event = desk.get("events/1")
    findings = event.pop("findings")
    assert event == {
        "seq": 1,
        "run": "default",
        "connector": "rest",
        "received_at": "2026-03-02T08:00:00Z",
        "disposition": "refused",
        "transport": {"path": "/x", "headers": [["a", "ü"]]},
        "raw": body.decode(),
        "message_type": "CASINO",
        "event": msgspec.json.decode(body),
        "verdict": "violation",
    }
    assert [(finding["pointer"], finding["witness"]) for finding in findings] == [("/amount", [1])]
    assert set(findings[0]) == {
        "rule",
        "name",
        "kind",
        "confidence",
        "clause",
        "quote",
        "message",
        "pointer",
        "witness",
        "implied",
    }
    assert desk.get("events")["events"] == [event | {"findings": findings}]


def test_the_instant_of_receipt_is_to_the_microsecond(stand: Any) -> None:
    desk = stand.make()
    desk.now += 1_234_567
    desk.put(stand.delivery())
    assert desk.get("events/1")["received_at"] == "2026-03-02T08:00:01.234567Z"


@given(body=st.binary(max_size=60) | st.text(max_size=20).map(str.encode) | st.just(b"\xef\xbb\xbf{}") | st.just(b"\0"))
@settings(deadline=None)
def test_the_raw_bytes_come_back_whatever_they_are(stand: Any, body: bytes) -> None:
    desk = stand.make()
    desk.put(stand.delivery(body), stand.delivery(body, "LOGIN_V2"), stand.delivery(body, None))
    for seq in (1, 2, 3):
        event = desk.get(f"events/{seq}")
        if event["raw"] is None:
            assert base64.b64decode(event["raw_base64"]) == body
            with pytest.raises(UnicodeDecodeError):
                body.decode()
        else:
            assert event["raw"].encode() == body
            assert "raw_base64" not in event


@pytest.mark.parametrize(
    ("body", "event"),
    [
        (b"", None),
        (b"{", None),
        (b"[1]", None),
        (b'"x"', None),
        (b"\xff", None),
        (b'{"a":"\\ud800"}', None),
        (b"{}", {}),
        (b"\xef\xbb\xbf{}", {}),
        (b' {"a" : [1, 2]} \n', {"a": [1, 2]}),
        (b'{"a":1,"a":2}', {"a": 2}),
    ],
)
@pytest.mark.parametrize("message_type", ["CASINO", "BONUS", "LOGIN_V2", None])
def test_event_is_the_payload_or_null(stand: Any, body: bytes, event: Any, message_type: str | None) -> None:
    desk = stand.make()
    desk.put(stand.delivery(body, message_type))
    assert desk.get("events/1")["event"] == event


@pytest.mark.parametrize("digits", ["0.1000000000000000055511151231257827", "20.00", "1e3", "9007199254740993", "-0.0"])
def test_numbers_keep_every_digit(stand: Any, digits: str) -> None:
    desk = stand.make()
    body = stand.raw(stand.casino(amount="@")).replace(b'"@"', digits.encode())
    desk.put(stand.delivery(body))
    answer = desk.ask("GET", "/_ftcrm/events/1").text
    assert f'"amount":{digits},' in answer.split('"event":')[1]
    assert Decimal(digits) == Decimal(answer.split('"event":')[1].split('"amount":')[1].split(",")[0])


def test_a_body_that_was_cut_is_no_event_even_where_its_beginning_reads_like_one(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(b'{"a":1}', "LOGIN_V2", size=9_999))
    assert desk.get("events/1")["event"] is None


def test_a_body_that_was_cut_says_so(stand: Any) -> None:
    desk = stand.make()
    digest = hashlib.sha256(b"x").hexdigest()
    desk.put(stand.delivery(b'{"a":1', size=9_999_999, transport={"sha256": digest}))
    event = desk.get("events/1")
    assert (event["truncated"], event["size"], event["raw"]) == (True, 9_999_999, '{"a":1')
    assert (event["event"], event["verdict"], event["transport"]["sha256"]) == (None, "unreadable", digest)


@pytest.mark.parametrize(
    ("seq", "status", "code"),
    [
        ("0", 404, "not-found"),
        ("99", 404, "not-found"),
        ("2", 404, "not-found"),
        ("999999999999999999", 404, "not-found"),
        ("9999999999999999999", 400, "bad-seq"),
        ("x", 400, "bad-seq"),
        ("-1", 400, "bad-seq"),
        ("1.0", 400, "bad-seq"),
        ("%D9%A1", 400, "bad-seq"),
    ],
)
def test_an_event_that_is_not_there(stand: Any, seq: str, status: int, code: str) -> None:
    desk = stand.make()
    desk.put(stand.delivery())
    desk.put(reset="other")
    assert desk.error(f"events/{seq}")[:2] == (status, code)


def test_what_was_evicted_is_told(stand: Any) -> None:
    desk = stand.make(max_events=10)
    assert desk.get("events")["complete"] is True
    desk.put(*[stand.delivery(activity_id=str(number)) for number in range(20)])
    answer = desk.get("events")
    assert answer["complete"] is False
    assert len(answer["events"]) == 20 - desk.journal.evicted
    assert (
        desk.error("events/1")[2]
        == f"expected the seq of a delivery, got 1; {desk.journal.evicted} deliveries were evicted"
    )


def test_events_before_the_last_reset_are_left_out(stand: Any) -> None:
    desk = stand.make()
    desk.put(stand.delivery(), stand.delivery(run="other"))
    desk.put(reset="default")
    desk.put(stand.delivery())
    assert [event["seq"] for event in desk.get("events")["events"]] == [2, 4]
    assert [event["seq"] for event in desk.get("events", run="default")["events"]] == [4]
    assert [event["seq"] for event in desk.get("events", run="other")["events"]] == [2]
    assert desk.get("events/1")["seq"] == 1


def test_an_empty_list_is_a_list(stand: Any) -> None:
    assert stand.make().get("events") == {"events": [], "next_cursor": None, "complete": True}


@pytest.mark.parametrize("window", [1, 3, 20_000])
@pytest.mark.parametrize("limit", [1, 4, 7, 8])
def test_pages_follow_each_other(stand: Any, monkeypatch: pytest.MonkeyPatch, window: int, limit: int) -> None:
    monkeypatch.setattr(events_module, "_WINDOW", window)
    desk = stand.make()
    for number in range(14):
        desk.put(stand.delivery(run="odd" if number % 2 else "even"))
    seqs, cursor = [], None
    while True:
        answer = desk.get("events", run="odd", limit=limit, **({} if cursor is None else {"cursor": cursor}))
        seqs += [event["seq"] for event in answer["events"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
        assert len(answer["events"]) == limit
    assert seqs == [2, 4, 6, 8, 10, 12, 14]


@given(
    first=st.integers(0, 12),
    limits=st.lists(st.integers(1, 5), min_size=1),
    later=st.lists(st.integers(0, 3)),
    window=st.integers(1, 6),
)
@settings(deadline=None)
def test_pages_show_every_event_once_while_others_come(
    stand: Any, first: int, limits: list[int], later: list[int], window: int
) -> None:
    desk = stand.make()
    put = [stand.delivery() for _ in range(first)]
    if put:
        desk.put(*put)
    seqs, cursor, page = [], None, 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events_module, "_WINDOW", window)
        while True:
            limit = limits[page % len(limits)]
            answer = desk.get("events", limit=limit, **({} if cursor is None else {"cursor": cursor}))
            seqs += [event["seq"] for event in answer["events"]]
            cursor = answer["next_cursor"]
            if page < len(later):
                desk.put(*[stand.delivery()] * later[page])
            page += 1
            if cursor is None:
                break
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(seqs) >= first


def test_a_long_search_lets_others_go_on(stand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each window is a turn of the loop of its own."""
    monkeypatch.setattr(events_module, "_WINDOW", 1)
    desk = stand.make()
    desk.put(*[stand.delivery()] * 10)
    turns = 0

    async def search() -> None:
        nonlocal turns

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        async with desk.client() as client:
            task = asyncio.create_task(others())
            assert (await client.get("/_ftcrm/events", params={"run": "none"})).json()["events"] == []
            task.cancel()

    asyncio.run(search())
    assert turns >= 10
