"""The admin API's frame: routes, methods, the token, errors, and that reading changes nothing."""

import asyncio
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcrm.contracts.errors import JournalError

READS = (
    "health",
    "ready",
    "summary",
    "events",
    "events/1",
    "rounds",
    "rounds/sub.example.com/52530/r1",
    "sessions",
    "players",
    "players/sub.example.com/52530",
    "bonuses",
    "bonuses/863512",
    "findings",
)
LISTS = ("events", "rounds", "sessions", "players", "bonuses", "findings")
OPEN = ("health", "ready")
TOKEN = "secret"  # noqa: S105
READING_THE_JOURNAL = ("events", "events/1", "findings")


@pytest.fixture
def desk(stand: Any) -> Any:
    """A server with a round, a bonus and findings."""
    desk = stand.make()
    desk.put(stand.delivery(), stand.delivery(amount="x", activity_id="a2"))
    desk.put(stand.delivery(stand.bonus(), "BONUS"))
    return desk


@pytest.mark.parametrize("path", READS)
def test_every_read_answers(desk: Any, path: str) -> None:
    assert isinstance(desk.get(path), dict)


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "QUERY"])
def test_what_is_to_be_read_takes_no_other_method(desk: Any, stand: Any, path: str, method: str) -> None:
    response = desk.ask(method, f"/_ftcrm/{path}")
    assert stand.error_of(response)[:2] == (405, "method-not-allowed")
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_a_reset_is_posted(desk: Any, stand: Any) -> None:
    response = desk.ask("GET", "/_ftcrm/runs/default/reset")
    assert stand.error_of(response)[:2] == (405, "method-not-allowed")
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["", "/", "nothing", "health/", "events/1/2", "summary/x", "%2Fhealth"])
def test_any_other_path_is_not_found(desk: Any, path: str) -> None:
    assert desk.error(path)[:2] in ((404, "not-found"), (400, "bad-seq"))


@pytest.mark.parametrize(
    "path",
    [
        *("rounds/a", "rounds/a/b", "rounds/a/b/c/d", "rounds/"),
        *("players/a", "players/a/b/c", "players/", "sessions/", "sessions/a"),
        *("bonuses/a/b", "bonuses/"),
    ],
)
def test_a_key_has_all_its_parts(desk: Any, path: str) -> None:
    assert desk.error(path)[:2] == (404, "not-found")


@pytest.mark.parametrize("path", READS)
def test_an_unknown_parameter_is_refused(desk: Any, path: str) -> None:
    status, code, message = desk.error(f"{path}?colour=red")
    assert (status, code) == (400, "unknown-filter")
    assert message.startswith("colour: expected one of the parameters ")


@pytest.mark.parametrize("path", [path for path in READS if path not in LISTS])
def test_what_is_no_list_has_no_pages(desk: Any, path: str) -> None:
    assert desk.error(f"{path}?limit=1")[:2] == (400, "unknown-filter")


def test_a_reset_takes_no_parameters(desk: Any) -> None:
    assert desk.error("runs/default/reset?run=other", method="POST")[:2] == (400, "unknown-filter")
    assert len(desk.journal) == 3


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("run=a&run=b", "repeated-filter"),
        ("run=a&run=a", "repeated-filter"),
        ("limit=0", "bad-limit"),
        ("limit=1001", "bad-limit"),
        ("limit=-1", "bad-limit"),
        ("limit=", "bad-limit"),
        ("limit=1.0", "bad-limit"),
        ("limit=%D9%A3", "bad-limit"),
        ("limit=000000010000", "bad-limit"),
        ("limit=000000001" + "1" * 5_000, "bad-limit"),
        ("cursor=", "bad-cursor"),
        ("cursor=x", "bad-cursor"),
        ("cursor=-1", "bad-cursor"),
        ("cursor=1.2.3.4.5", "bad-cursor"),
        ("cursor=" + "9" * 19, "bad-cursor"),
        ("cursor=%D9%A3", "bad-cursor"),
    ],
)
def test_a_list_says_what_is_wrong_with_its_query(desk: Any, path: str, query: str, code: str) -> None:
    assert desk.error(f"{path}?{query}")[:2] == (400, code)


@pytest.mark.parametrize("limit", ["1", "01", "1000", "100"])
def test_a_limit_is_a_number_from_1_to_1000(desk: Any, limit: str) -> None:
    assert len(desk.get("events", limit=limit)["events"]) == min(int(limit), 3)


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer secret2", "secret", "Basic secret", "Bearer sécret"])
def test_a_token_guards_all_but_health_and_ready(desk: Any, path: str, given: str | None) -> None:
    desk.admin_token = TOKEN
    headers = {} if given is None else {"Authorization": given.encode()}
    response = desk.ask("GET", f"/_ftcrm/{path}", headers=headers)
    assert response.status_code == (200 if path in OPEN else 401)
    assert "secret" not in response.text.replace(str(given), "")


def test_an_empty_token_is_a_token(desk: Any) -> None:
    desk.admin_token = ""
    assert desk.error("summary")[:2] == (401, "unauthorised")


@pytest.mark.parametrize("mark", ["reset", "close"])
def test_a_token_guards_the_marks(desk: Any, mark: str) -> None:
    desk.admin_token = TOKEN
    assert desk.error(f"runs/default/{mark}", method="POST")[:2] == (401, "unauthorised")
    assert len(desk.journal) == 3


def test_a_token_guards_the_history(desk: Any) -> None:
    desk.admin_token = TOKEN
    assert desk.error("history")[:2] == (401, "unauthorised")
    assert desk.error("history", method="POST")[:2] == (405, "method-not-allowed")


def test_a_history_is_of_one_run_or_all_and_has_no_pages(desk: Any) -> None:
    for query in ("limit=1", "cursor=1", "user_id=1"):
        assert desk.error(f"history?{query}")[:2] == (400, "unknown-filter")
    assert desk.error("history?run=a&run=b")[:2] == (400, "repeated-filter")


@pytest.mark.parametrize("token", ["secret", "gehéim", "秘密"])
def test_the_token_opens(desk: Any, token: str) -> None:
    desk.admin_token = token
    headers = {"Authorization": f"Bearer {token}".encode()}
    for path in READS:
        assert desk.ask("GET", f"/_ftcrm/{path}", headers=headers).status_code == 200
    assert desk.ask("POST", "/_ftcrm/runs/default/reset", headers=headers).status_code == 200


def test_ready_is_said_when_every_connector_listens(desk: Any) -> None:
    assert desk.get("ready") == {"status": "ready", **desk.listening()}
    desk.ready = False
    assert desk.error("ready")[:2] == (503, "not-ready")
    assert desk.get("health") == {"status": "ok"}


@pytest.mark.parametrize("path", READING_THE_JOURNAL)
def test_a_journal_that_cannot_be_read_is_told_as_503(desk: Any, path: str) -> None:
    desk.get("summary")
    desk.journal.close()
    status, code, message = desk.error(path)
    assert (status, code) == (503, "journal-unavailable")
    assert "cannot be read" in message


def test_a_follower_that_cannot_catch_up_is_told_as_503(stand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = stand.make()
    first.put(stand.delivery())
    desk = stand.make(journal=first.journal)

    def fail(**_: Any) -> Any:
        raise JournalError("it cannot be read")

    monkeypatch.setattr(desk.journal, "read", fail)
    for path in ("summary", *LISTS, "rounds/a/b/c", "players/a/b", "bonuses/a"):
        assert desk.error(path) == (503, "journal-unavailable", "it cannot be read")


def test_a_reset_that_cannot_be_committed_is_told_as_503(desk: Any, stand: Any) -> None:
    with stand.failing(desk.journal):
        assert desk.error("runs/default/reset", method="POST")[:2] == (503, "journal-unavailable")
    assert desk.get("rounds")["rounds"]


@pytest.mark.parametrize("run", ["default", "a b", "a/b", "é%", "🎰", "new", "a\nb", ".."])
def test_a_reset_is_a_mark_of_its_run(desk: Any, stand: Any, run: str) -> None:
    desk.put(stand.delivery(run=run, round_id="mine"))
    response = desk.ask("POST", f"/_ftcrm/runs/{quote(run, safe='')}/reset".replace("..", "%2E%2E"))
    assert response.json() == {"run": run, "seq": 5, "events": 4 if run == "default" else 1}
    assert desk.journal.get([5])[0].kind == "reset"
    assert desk.get("rounds", run=run)["rounds"] == []
    assert desk.get("events", run=run)["events"] == []
    assert desk.get("summary")["runs"][run] == 0
    assert (desk.state()["round_states"] == {}) == (run == "default")


@pytest.mark.parametrize(
    "path", ["runs/reset", "runs//reset", "runs//close", "runs/a", "runs/a/closed", "runs/a/reset/x", "runs/a/b/close"]
)
def test_nothing_else_is_posted_to_a_run(desk: Any, path: str) -> None:
    assert desk.error(path, method="POST")[:2] == (404, "not-found")
    assert len(desk.journal) == 3


def test_a_run_that_nothing_came_to_is_not_closed(desk: Any, stand: Any) -> None:
    assert desk.error("runs/nosuch/close", method="POST") == (
        404,
        "not-found",
        "expected a run that something came to, got 'nosuch'; there are 'default'",
    )
    assert len(desk.journal) == 3
    assert desk.get("summary")["runs"] == {"default": 3}
    desk.put(*(stand.delivery(run=f"r{number:02}") for number in range(11)))
    message = desk.error("runs/nosuch/close", method="POST")[2]
    assert message.endswith("'r07', 'r08' and 2 more")
    empty = stand.make()
    message = empty.error("runs/default/close", method="POST")[2]
    assert message == "expected a run that something came to, got 'default'; nothing came to any run"


PIECES = st.sampled_from(
    [
        *READS,
        "runs",
        "default",
        "reset",
        "sub.example.com",
        "52530",
        "r1",
        "1",
        "99",
        "x",
        "%2F",
        "%00",
        "%FF",
        "%",
        "é",
        "",
        "..",
        ";",
        "%0A",
    ]
)
QUERIES = st.lists(
    st.tuples(
        st.sampled_from(["run", "limit", "cursor", "verdict", "rule", "origin", "state", "as_of", "game_id", "x", ""]),
        st.sampled_from(["default", "1", "2", "0.1", "ok", "FT101", "sub.example.com", "open", "\0", "é", ""]),
    ),
    max_size=3,
)


@given(path=st.lists(PIECES, max_size=4).map("/".join), query=QUERIES)
@settings(max_examples=300, deadline=None)
def test_reading_changes_nothing_and_answers_in_json(stand: Any, path: str, query: list[tuple[str, str]]) -> None:
    desk = stand.make()
    desk.put(stand.delivery(), stand.delivery(amount="x", activity_id="a2", run="other"))
    desk.put(stand.delivery(stand.bonus(), "BONUS"))
    before = [desk.journal.read(after=0, limit=99), desk.journal.counters(""), desk.state(), desk.state("other")]
    runs = list(desk.follower.runs)
    url = "/_ftcrm/" + quote(path, safe="/%;é")
    response = desk.ask("GET", url, params=query)
    if response.status_code == 200:
        assert isinstance(response.json(), dict)
    else:
        stand.error_of(response)
    assert list(desk.follower.runs) == runs
    assert [
        desk.journal.read(after=0, limit=99),
        desk.journal.counters(""),
        desk.state(),
        desk.state("other"),
    ] == before


def bare(desk: Any, path: str, raw_path: bytes | None) -> tuple[int, bytes]:
    """One GET as an ASGI server hands it over, which may do without `raw_path`."""
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
    if raw_path is not None:
        scope["raw_path"] = raw_path
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(desk.admin(scope, receive, send))
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.parametrize(
    "raw_path",
    ["/_ftcrm/bonuses/bön".encode(), b"/_ftcrm/bonuses/b%C3%B6n", None],
    ids=["raw", "escaped", "absent"],
)
def test_a_path_is_utf8_however_it_is_handed_over(stand: Any, raw_path: bytes | None) -> None:
    desk = stand.make()
    desk.put(stand.delivery(stand.bonus(user_bonus_id="bön"), "BONUS"))
    status, body = bare(desk, "/_ftcrm/bonuses/bön", raw_path)
    assert (status, "bön".encode() in body) == (200, True)


def test_requests_at_once_are_each_answered(desk: Any, stand: Any) -> None:
    async def many() -> list[Any]:
        async with desk.client() as client:
            posts = [client.post(f"/_ftcrm/runs/r{number}/reset") for number in range(5)]
            reads = [client.get("/_ftcrm/events", params={"limit": 1}) for _ in range(5)]
            return await asyncio.gather(*posts, *reads)

    answers = asyncio.run(many())
    assert sorted(answer.json()["seq"] for answer in answers[:5]) == [4, 5, 6, 7, 8]
    assert all(answer.json()["events"] for answer in answers[5:])
