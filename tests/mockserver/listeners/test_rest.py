"""The REST connector, called as an ASGI server calls it: bodies in any pieces, and every way to be turned away."""

import asyncio
import gzip
import hashlib
import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ftcrm.mockserver.intake import MAX_TAKEN_BYTES
from ftcrm.mockserver.listeners.rest import KEEP_PREFIX, MAX_DRAINED, REPORTED

CASINO_PATH = "/v1/integration/casino"
JSON = (b"content-type", b"application/json")
LEFT = {"type": "http.disconnect"}


class Answer:
    """What a request was answered, and how much of its body was asked for."""

    def __init__(self, sent: list[dict[str, Any]], asked: int) -> None:
        self.sent = sent
        self.asked = asked

    @property
    def status(self) -> int:
        status: int = self.sent[0]["status"]
        return status

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.sent[1:])


def messages(chunks: Sequence[bytes]) -> Iterator[dict[str, Any]]:
    for number, chunk in enumerate(chunks, start=1):
        yield {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}


def call(
    desk: Any,
    body: Iterable[dict[str, Any]] = (),
    *,
    path: str = CASINO_PATH,
    method: str = "POST",
    headers: Sequence[tuple[bytes, bytes]] = (JSON,),
    query: bytes = b"",
    **more: Any,
) -> Answer:
    scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": list(headers), **more}
    sent: list[dict[str, Any]] = []
    coming = iter(body)
    asked = 0

    async def receive() -> dict[str, Any]:
        nonlocal asked
        asked += 1
        return next(coming)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(desk.rest(scope, receive, send))
    return Answer(sent, asked)


def post(desk: Any, *chunks: bytes, **options: Any) -> Answer:
    return call(desk, messages(chunks or (b"",)), **options)


def error(stand: Any, answer: Answer) -> dict[str, Any]:
    """The error, in the one shape."""
    import httpx  # noqa: PLC0415

    stand.error_of(httpx.Response(answer.status, headers=answer.sent[0]["headers"], content=answer.body))
    found: dict[str, Any] = httpx.Response(200, content=answer.body).json()["error"]
    return found


@pytest.fixture
def desk(stand: Any) -> Any:
    return stand.make()


def test_an_event_is_answered_with_its_seq_and_verdict(desk: Any, stand: Any) -> None:
    answer = post(desk, stand.raw(stand.casino()))
    assert (answer.status, answer.body) == (200, b'{"seq":1,"verdict":"ok","findings":[]}')
    assert answer.headers == {b"content-type": b"application/json", b"content-length": b"38"}
    assert desk.journal.get([1])[0].disposition == "accepted"


def test_an_accepted_event_is_told_its_findings_too(desk: Any, stand: Any) -> None:
    answer = post(desk, stand.raw(stand.casino(currency="DEM")))
    assert answer.status == 200
    assert b'"verdict":"undocumented"' in answer.body
    assert b'"pointer":"/currency"' in answer.body
    assert b'"witness":[1]' in answer.body
    assert b'"witness":[2]' in post(desk, stand.raw(stand.casino(currency="DEM"))).body


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"{", "event-unreadable"), (b"", "event-unreadable"), (b"[]", "event-unreadable"), (b"{}", "event-violation")],
)
def test_what_breaks_a_documented_rule_is_refused_with_every_finding(
    desk: Any, stand: Any, body: bytes, code: str
) -> None:
    found = error(stand, post(desk, body))
    assert (found["status"], found["code"], found["seq"]) == (400, code, 1)
    assert [finding["witness"] for finding in found["findings"]] == [[1]] * len(found["findings"])
    number = len(found["findings"])
    assert number > 0
    assert found["message"].endswith(": 1 finding" if number == 1 else f": {number} findings")
    assert f"event-{found['verdict']}" == code
    [entry] = desk.journal.get([1])
    assert (entry.disposition, entry.raw) == ("refused", body)


def test_the_path_says_which_type_the_event_is_of(desk: Any, stand: Any) -> None:
    assert post(desk, stand.raw(stand.bonus()), path="/v1/integration/bonus").status == 200
    assert desk.journal.get([1])[0].message_type == "BONUS"
    assert post(desk, stand.raw(stand.bonus())).status == 400


@given(
    body=st.binary(max_size=60),
    cuts=st.lists(st.integers(0, 60), max_size=6),
    most=st.sampled_from([1, 20, 59, 60, 1_000]),
)
@settings(deadline=None)
@example(body=b"x" * 60, cuts=[1], most=20)
def test_a_body_is_the_same_in_any_pieces(stand: Any, body: bytes, cuts: list[int], most: int) -> None:
    desk = stand.make(max_body=most)
    edges = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    pieces = [body[start:stop] for start, stop in pairwise(edges)]
    whole, parts = post(desk, body), post(desk, *pieces)
    first, second = desk.journal.get([1, 2])
    assert whole.status == parts.status
    assert (first.raw, first.size, first.transport, first.findings) == (
        second.raw,
        second.size,
        second.transport,
        second.findings,
    )
    assert first.raw == body


@pytest.mark.parametrize("count", [1, 2, 7, 64])
@pytest.mark.parametrize("size", [99_999, 100_000, 100_001, 300_000])
def test_a_body_above_the_limit_keeps_its_beginning_length_and_digest(stand: Any, size: int, count: int) -> None:
    desk = stand.make(max_body=100_000)
    body = bytes(range(256)) * (size // 256 + 1)
    body = body[:size]
    step = -(-size // count)
    answer = post(desk, *[body[start : start + step] for start in range(0, size, step)])
    [entry] = desk.journal.get([1])
    transport = entry.transport_value()
    if size <= 100_000:
        assert (answer.status, entry.raw, entry.size) == (400, body, None)
        assert "truncated" not in transport
        return
    found = error(stand, answer)
    assert (found["status"], found["code"], found["seq"]) == (413, "body-too-large", 1)
    assert found["message"] == f"expected at most 100000 bytes, got {size}"
    assert (entry.raw, entry.size) == (body[:KEEP_PREFIX], size)
    assert (transport["truncated"], transport["sha256"]) == (True, hashlib.sha256(body).hexdigest())
    assert (entry.disposition, entry.verdict) == ("refused", "unreadable")
    assert b"connection" not in answer.headers


@pytest.mark.parametrize("accept_invalid", [True, False])
def test_a_body_above_the_limit_is_refused_whatever_is_accepted(stand: Any, accept_invalid: bool) -> None:
    desk = stand.make(max_body=10, accept_invalid=accept_invalid)
    assert post(desk, stand.raw(stand.casino())).status == 413
    assert desk.journal.get([1])[0].disposition == "refused"


def test_a_body_without_end_is_not_read_to_its_end_nor_held(desk: Any, stand: Any) -> None:
    chunk = b"x" * 1_048_576
    endless = ({"type": "http.request", "body": chunk, "more_body": True} for _ in iter(int, 1))
    tracemalloc.start()
    try:
        answer = call(desk, endless)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000
    assert answer.asked == MAX_DRAINED // len(chunk) + 1
    assert error(stand, answer)["code"] == "body-too-large"
    assert answer.headers[b"connection"] == b"close"
    [entry] = desk.journal.get([1])
    assert (entry.raw, entry.size) == (chunk[:KEEP_PREFIX], answer.asked * len(chunk))
    assert entry.transport_value()["sha256"] is None


@pytest.mark.parametrize("before", [[], [b""], [b'{"a"'], [b"x" * 2_000_000], [b"x"] * 50])
def test_a_client_that_leaves_midway_leaves_no_entry(desk: Any, before: list[bytes]) -> None:
    coming = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in before]
    assert call(desk, [*coming, LEFT]).sent == []
    assert len(desk.journal) == 0
    assert desk.errors.view()["rest"]["samples"] == [
        {"reason": f"{CASINO_PATH}: the client left before its request was whole", "sample": f"POST {CASINO_PATH}"}
    ]


def test_a_body_whose_end_the_listener_has_reported_is_not_counted_again(desk: Any) -> None:
    coming = [{"type": "http.request", "body": b"{", "more_body": True}, LEFT]
    assert call(desk, coming, **{REPORTED: True}).sent == []
    assert (len(desk.journal), desk.errors.view()) == (0, {})


def test_a_client_that_does_not_wait_for_its_answer_is_journaled_all_the_same(desk: Any, stand: Any) -> None:
    async def leave() -> None:
        scope = {"type": "http", "method": "POST", "path": CASINO_PATH, "query_string": b"", "headers": []}
        coming = messages([stand.raw(stand.casino())])

        async def receive() -> dict[str, Any]:
            return next(coming)

        async def send(_: Any) -> None:
            raise AssertionError("nobody is there")

        task = asyncio.create_task(desk.rest(scope, receive, send))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        await asyncio.sleep(0)

    asyncio.run(leave())
    assert len(desk.journal) == 1
    assert desk.state()["round_states"] == {"open": 1}


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/json",
        b"Application/JSON; charset=utf-8",
        b"text/json",
        b"application/vnd.x+json",
        b" application/json ;x",
        b"",
        b" ",
        b";charset=utf-8",
    ],
)
def test_json_is_taken_by_any_of_its_names_or_without_one(stand: Any, desk: Any, content_type: bytes) -> None:
    body = stand.raw(stand.casino())
    assert post(desk, body, headers=[(b"content-type", content_type)]).status == 200
    assert post(desk, body, headers=[]).status == 200


@pytest.mark.parametrize(
    "content_type", [b"text/plain", b"application/xml", b"application/jsonp", b"\xff/json", b"json"]
)
def test_another_content_type_is_refused_and_recorded(stand: Any, desk: Any, content_type: bytes) -> None:
    found = error(stand, post(desk, stand.raw(stand.casino()), headers=[(b"content-type", content_type)]))
    assert (found["status"], found["code"], found["seq"]) == (415, "unsupported-media-type", 1)
    assert "verdict" not in found
    assert desk.journal.get([1])[0].disposition == "refused"
    assert desk.state()["round_states"] == {}


@pytest.mark.parametrize("event", [True, False])
@pytest.mark.parametrize(
    ("codings", "named"),
    [([b"gzip"], "gzip"), ([b"GZip"], "gzip"), ([b"identity, br"], "identity, br"), ([b"gzip", b"br"], "gzip, br")],
)
def test_an_encoded_body_is_refused_and_recorded_as_it_came(
    stand: Any, desk: Any, codings: list[bytes], named: str, event: bool
) -> None:
    body = stand.raw(stand.casino()) if event else gzip.compress(stand.raw(stand.casino()))
    answer = post(desk, body, headers=[JSON, *[(b"content-encoding", coding) for coding in codings]])
    found = error(stand, answer)
    assert (found["status"], found["code"], found["seq"]) == (415, "unsupported-media-type", 1)
    assert found["message"] == f"expected no Content-Encoding, got {named!r}"
    assert "verdict" not in found
    assert answer.headers[b"accept-encoding"] == b"identity"
    [entry] = desk.journal.get([1])
    assert (entry.disposition, entry.raw) == ("refused", body)
    assert desk.state()["round_states"] == {}


@pytest.mark.parametrize("coding", [b"identity", b"Identity", b"", b" "])
def test_a_body_as_it_is_may_be_called_so(stand: Any, desk: Any, coding: bytes) -> None:
    assert post(desk, stand.raw(stand.casino()), headers=[JSON, (b"content-encoding", coding)]).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/v1/integration",
        "/v1/integration/casino/",
        "/v1/integration/CASINO",
        "/v1/integration/sportsbook",
        "/x/v1/integration/casino",
        "/runs//v1/integration/casino",
        "/runs/a/b/v1/integration/casino",
        "/é",
    ],
)
def test_any_other_path_is_not_found_and_counted(stand: Any, desk: Any, path: str) -> None:
    answer = call(desk, path=path)
    found = error(stand, answer)
    assert (found["status"], found["code"]) == (404, "not-found")
    assert (answer.asked, len(desk.journal)) == (0, 0)
    assert desk.errors.view()["rest"]["samples"][0]["sample"] == f"POST {path}"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "post"])
def test_events_are_posted(stand: Any, desk: Any, method: str) -> None:
    answer = call(desk, method=method)
    assert error(stand, answer)["code"] == "method-not-allowed"
    assert (answer.status, answer.headers[b"allow"], len(desk.journal)) == (405, b"POST", 0)


@pytest.mark.parametrize("run", ["a", "a b", "..", "é🎰", "a\nb", "%2F", "default", "x" * 200, "\0", "runs"])
def test_the_path_may_name_a_run(stand: Any, desk: Any, run: str) -> None:
    assert post(desk, stand.raw(stand.casino()), path=f"/runs/{run}{CASINO_PATH}").status == 200
    assert desk.journal.get([1])[0].run == run
    assert desk.state(run)["round_states"] == {"open": 1}


def test_a_run_has_a_name_of_200_characters_at_most(stand: Any, desk: Any) -> None:
    assert post(desk, b"{}", path=f"/runs/{'x' * 201}{CASINO_PATH}").status == 404


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"x-api-key", b"")],
        [(b"x-api-key", b"s3cr\xc3\xa9tt")],
        [(b"x-api-key", b"s3cr\xe9t")],
        [(b"authorization", b"s3cr\xc3\xa9t")],
    ],
)
def test_without_the_key_nothing_is_read(stand: Any, headers: list[tuple[bytes, bytes]]) -> None:
    desk = stand.make(api_key="s3crét")
    answer = post(desk, b"{}", headers=headers)
    found = error(stand, answer)
    assert found["code"] == "unauthorised"
    got = "another key" if b"x-api-key" in dict(headers) else "no such header"
    assert found["message"] == f"expected the configured key in X-Api-Key, got {got}"
    assert desk.errors.view()["rest"]["samples"][0] == {
        "reason": f"401: expected the configured key in X-Api-Key, got {got}",
        "sample": f"POST {CASINO_PATH}",
    }
    assert (answer.status, answer.asked, len(desk.journal)) == (401, 0, 0)
    assert "s3cr" not in str(desk.errors.view())


@pytest.mark.parametrize("others", [[], [(b"x-api-key", b"wrong")]])
def test_with_the_key_events_are_taken_and_the_key_is_not_kept(stand: Any, others: Any) -> None:
    desk = stand.make(api_key="s3crét")
    headers = [
        *others,
        (b"x-api-key", "s3crét".encode()),
        (b"authorization", b"Bearer hidden"),
        (b"cookie", b"hidden"),
        (b"proxy-authorization", b"hidden"),
        (b"x-other", b"sh\xf6wn"),
    ]
    assert post(desk, stand.raw(stand.casino()), headers=headers, query=b"a=%C3%A9&b=\xff").status == 200
    transport = desk.journal.get([1])[0].transport_value()
    assert transport == {
        "method": "POST",
        "path": CASINO_PATH,
        "query": "a=%C3%A9&b=ÿ",
        "headers": [["x-other", "shöwn"]],
    }


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        (b"api_key=s3cr%C3%A9t+1%3D%3D&b=c", "api_key=***&b=c"),
        (b"a=b&key=s3cr\xc3\xa9t%201==", "a=b&key=***"),
        (b"s3cr%c3%a9t+1==", "***"),
        (b"key=s3cr%C3%A9t+1&b=x&&c=&d", "key=s3cr%C3%A9t+1&b=x&&c=&d"),
        (b"", ""),
    ],
)
def test_the_key_is_not_kept_of_a_query_either(stand: Any, query: bytes, kept: str) -> None:
    key = "s3crét 1=="
    desk = stand.make(api_key=key)
    headers = [JSON, (b"x-api-key", key.encode())]
    assert post(desk, stand.raw(stand.casino()), headers=headers, query=query).status == 200
    assert desk.journal.get([1])[0].transport_value()["query"] == kept


def test_a_body_is_read_when_the_congestion_is_over(stand: Any, streams: Any) -> None:
    async def test() -> None:
        desk = stand.make()
        asked: list[str] = []

        def request(name: str) -> asyncio.Task[None]:
            scope = {"type": "http", "method": "POST", "path": CASINO_PATH, "query_string": b"", "headers": []}

            async def receive() -> dict[str, Any]:
                asked.append(name)
                return {"type": "http.request", "body": stand.raw(stand.casino(activity_id=name))}

            async def send(_: Any) -> None:
                pass

            return asyncio.create_task(desk.rest(scope, receive, send))

        desk.intake._soon = lambda flush: None
        desk.take(stand.delivery(b"x" * (MAX_TAKEN_BYTES + 1)))
        tasks = [request(name) for name in "ab"]
        gone = request("gone")
        await streams.turn()
        assert (desk.intake.congested, asked) == (True, [])
        gone.cancel()
        await streams.turn()
        desk.intake._soon = desk.turns
        desk.intake.flush()
        await asyncio.gather(*tasks)
        assert asked == ["a", "b"]
        assert (len(desk.journal), gone.cancelled()) == (3, True)

    streams.in_loop(test)


def test_a_commit_that_fails_is_told_as_503(stand: Any, desk: Any) -> None:
    with stand.failing(desk.journal):
        found = error(stand, post(desk, stand.raw(stand.casino())))
    assert (found["status"], found["code"]) == (503, "journal-unavailable")
    assert found["message"].startswith("nothing was recorded, send it again: ")
    assert post(desk, stand.raw(stand.casino())).status == 200


@given(
    path=st.sampled_from([CASINO_PATH, "/v1/integration/bonus", "/runs/\0" + CASINO_PATH, "/x"]) | st.text(),
    method=st.sampled_from(["POST", "POST", "GET"]),
    headers=st.lists(
        st.tuples(st.sampled_from([b"content-type", b"x-api-key", b"x"]) | st.binary(), st.binary()), max_size=3
    ),
    body=st.lists(st.binary(max_size=20), min_size=1, max_size=3),
    query=st.binary(max_size=10),
)
@settings(deadline=None)
def test_whatever_comes_is_answered_in_one_of_two_shapes(
    stand: Any, path: str, method: str, headers: Any, body: list[bytes], query: bytes
) -> None:
    desk = stand.make(max_body=30)
    answer = call(desk, messages(body), path=path, method=method, headers=headers, query=query)
    if answer.status != 200:
        error(stand, answer)
    assert answer.headers[b"content-length"] == b"%d" % len(answer.body)
    assert len(desk.journal) == (answer.status not in (401, 404, 405))
    desk.get("events")
    desk.get("summary")
