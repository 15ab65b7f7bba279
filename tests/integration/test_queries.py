"""The admin API: pages, filters, ids of any kind, and reading one's own writes."""

import threading
from collections import Counter
from urllib.parse import quote
from uuid import uuid4

import confluent_kafka
import httpx
import pytest

pytestmark = pytest.mark.integration


@pytest.fixture
def run():
    return f"run-{uuid4().hex[:10]}"


@pytest.fixture
def growing(server, run, new_player):
    """A thread that goes on publishing into the run until the block ends."""

    class Growth:
        def __enter__(self):
            self._leave = threading.Event()
            self._thread = threading.Thread(target=self._publish, daemon=True)
            self.sent = 0
            self._thread.start()

        def __exit__(self, *_):
            self._leave.set()
            self._thread.join(10)
            assert not self._thread.is_alive()

        def _publish(self):
            player = new_player()
            with httpx.Client(base_url=server.addresses["rest"], trust_env=False) as client:
                while not self._leave.is_set() and self.sent < 2000:
                    answer = client.post(
                        f"/runs/{run}/v1/integration/casino", content=player.bet(round_id=f"later-{self.sent}")
                    )
                    assert answer.status_code == 200
                    self.sent += 1

    return Growth()


@pytest.mark.parametrize(("name", "limit"), [("events", 7), ("rounds", 7), ("events", 1), ("rounds", 50)])
def test_pages_cover_everything_once_while_more_arrives(server, publish, run, player, growing, name, limit):
    there = []
    for number in range(60):
        raw = player.bet(round_id=f"r{number}")
        answer = publish.rest(raw, base=f"/runs/{run}")
        there.append(answer.json()["seq"] if name == "events" else f"r{number}")
    with growing:
        found, cursor = [], {}
        while len(found) < 500:
            page = server.get(name, run=run, limit=limit, **cursor)
            assert len(page[name]) <= limit
            found += [each["seq"] if name == "events" else each["round_id"] for each in page[name]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
    assert max(Counter(found).values()) == 1
    assert found[: len(there)] == there


def test_findings_have_pages_too(server, publish, run, player):
    for _ in range(5):
        publish.rest(player.bet(currency="Euro", status="Refund"), base=f"/runs/{run}")
    everything = list(server.pages("findings", run=run))
    assert len(everything) == 10
    assert list(server.pages("findings", run=run, limit=3)) == everything
    assert {each["rule"] for each in server.pages("findings", run=run, rule=everything[0]["rule"])} == {
        everything[0]["rule"]
    }


def test_each_filter_of_events(server, publish, run, new_player):
    one, two = new_player(), new_player()
    publish.rest(one.bet(user_bonus_id="BONUS-1"), base=f"/runs/{run}")
    publish.rabbitmq(one.win(status="Rollback"), vhost=run)
    publish.kafka(two.bet(currency="Euro", origin="other.example.com"), topic=f"runs.{run}.casino")
    publish.rest(two.bet(currency="Euro"), base=f"/runs/{run}")
    publish.kafka(b"{}", [("type", b"LOGIN_V2")], topic=f"runs.{run}.casino")
    entries = server.events(run=run)
    assert len(entries) == 5
    wanted = {
        "connector": ("kafka", [2, 4]),
        "message_type": ("CASINO", [0, 1, 2, 3]),
        "type": ("Bet", [0, 2, 3]),
        "status": ("Rollback", [1]),
        "verdict": ("violation", [2, 3]),
        "disposition": ("refused", [3]),
        "origin": ("other.example.com", [2]),
        "user_id": (one.user_id, [0, 1]),
        "round_id": (two.round_id, [2, 3]),
        "user_bonus_id": ("BONUS-1", [0]),
        "activity_id": (f"{two.user_id}-1", [2]),
    }
    for name, (value, places) in wanted.items():
        assert server.events(**{"run": run, name: value}) == [entries[place] for place in places], name
    assert server.events(run=run, connector="kafka", verdict="violation") == [entries[2]]
    assert server.events(run="nobody") == []


def test_each_filter_of_rounds(server, publish, run, new_player):
    one, two = new_player(), new_player()
    publish.rest(one.bet(), base=f"/runs/{run}")
    publish.rest(one.win(), base=f"/runs/{run}")
    publish.rest(two.bet(origin="other.example.com"), base=f"/runs/{run}")
    for name, value, user in (
        ("state", "open", two.user_id),
        ("state", "settled", one.user_id),
        ("origin", "other.example.com", two.user_id),
        ("user_id", one.user_id, one.user_id),
        ("round_id", two.round_id, two.user_id),
    ):
        (found,) = server.get("rounds", **{"run": run, name: value})["rounds"]
        assert found["user_id"] == user, name


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("events?unknown=1", "unknown-filter"),
        ("rounds?unknown=1", "unknown-filter"),
        ("rounds?verdict=ok", "unknown-filter"),
        ("findings?unknown=1", "unknown-filter"),
        ("bonuses?unknown=1", "unknown-filter"),
        ("summary?user_id=1", "unknown-filter"),
        ("summary?limit=1", "unknown-filter"),
        ("events/1?run=x", "unknown-filter"),
        ("health?x=1", "unknown-filter"),
        ("events?limit=0", "bad-limit"),
        ("events?limit=1001", "bad-limit"),
        ("events?limit=ten", "bad-limit"),
        ("events?limit=-1", "bad-limit"),
        ("events?cursor=x", "bad-cursor"),
        ("rounds?cursor=1", "bad-cursor"),
        ("rounds?cursor=1.2.3", "bad-cursor"),
        ("events?cursor=99999999999999999999", "bad-cursor"),
        ("events?run=a&run=b", "repeated-filter"),
    ],
)
def test_what_is_asked_wrongly_is_a_400(server, path, code):
    answer = server.http.get(f"/_ftcrm/{path}")
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["status"], error["code"], error["findings"]) == (400, code, [])
    assert "expected" in error["message"]


ODD_IDS = ["a/b", "a b", "ünï/cødé", "%2F", "a%2Fb", "?x=1&y", "#", "+", ".", "..", "a\\b", "'\"", "\x00", "\n", "😀"]


@pytest.mark.parametrize("odd", ODD_IDS)
def test_ids_of_any_kind(server, publish, player, odd):
    mark = uuid4().hex[:8]
    user_id, round_id, origin = f"{odd}{mark}", f"{mark}{odd}", f"{odd}.example.com"
    changes = {"user_id": user_id, "round_id": round_id, "origin": origin, "user_bonus_id": f"{odd}{mark}"}
    for raw in (player.bet(**changes), player.win(**changes)):
        assert publish.rest(raw).status_code == 200
    found = server.round(user_id, round_id, origin=origin)
    assert (found["user_id"], found["round_id"], found["origin"]) == (user_id, round_id, origin)
    assert found["state"] == "settled"
    assert len(server.events(user_id=user_id, round_id=round_id, origin=origin)) == 2
    (listed,) = server.get("rounds", user_id=user_id)["rounds"]
    assert listed["round_id"] == round_id
    bonus = server.http.get("/_ftcrm/bonuses/" + quote(f"{odd}{mark}", safe=""))
    assert bonus.status_code in (200, 404)


@pytest.mark.parametrize("odd", [".", "..", "%", "/"])
def test_ids_that_a_client_might_fold_away(server, publish, player, connect, odd):
    """httpx normalises `/./`; a plain client does not: the path is taken as it is sent."""
    assert publish.rest(player.bet(round_id=odd)).status_code == 200
    path = f"/_ftcrm/rounds/sub.example.com/{player.user_id}/{quote(odd, safe='') if odd in '/%' else odd}"
    bare = connect(server.address("rest"))
    bare.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = b""
    while part := bare.recv(65536):
        answer += part
    assert answer.startswith(b"HTTP/1.1 200 "), answer


@pytest.mark.parametrize("connector", ["rest", "rabbitmq", "kafka"])
def test_an_acknowledged_event_is_in_its_round_at_once(server, publish, player, connector):
    for number in range(200):
        publish.through(connector, player.bet("0.1", round_id=f"r{number // 10}"))
        found = server.round(player.user_id, f"r{number // 10}")
        assert len(found["seqs"]) == number % 10 + 1
        assert found["bet"]["total"] == f"0.{number % 10 + 1}" if number % 10 < 9 else "1"


@pytest.mark.parametrize("again", range(3))
def test_a_large_batch_is_in_its_rounds_at_once(server, player, again):
    """What was acknowledged together is folded bit by bit; who asks before that is done does not see less."""
    sender = confluent_kafka.Producer(
        {
            "bootstrap.servers": server.addresses["kafka"],
            "linger.ms": 200,
            "batch.num.messages": 100_000,
            "log_level": 0,
        }
    )
    count, reports = 4000, []
    for number in range(count):
        sender.produce(
            f"large-{again}",
            player.bet("1", activity_id=f"{player.user_id}-{number}", round_id=f"r{number % 100}"),
            headers=[("type", b"CASINO")],
            on_delivery=lambda error, _: reports.append(error),
        )
    assert sender.flush(20) == 0
    found = server.round(player.user_id, "r99")
    assert reports == [None] * count
    assert (len(found["seqs"]), found["bet"]["total"]) == (count // 100, str(count // 100))


def test_the_answers_to_one_moment_agree(server, publish, player, run):
    """Whatever two answers say of the same moment agrees: events, rounds and summary."""
    for number in range(30):
        publish.rest(player.bet(round_id=f"r{number}"), base=f"/runs/{run}")
        summary = server.summary(run=run)
        assert summary["events"] == number + 1 == len(server.events(run=run))
        assert summary["rounds"] == {"open": number + 1}
