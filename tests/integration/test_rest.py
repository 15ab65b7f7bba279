"""REST: clients, what an entry keeps of a request, and the one error shape."""

import base64
import gzip
import json
import subprocess
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.integration

CASINO = "/v1/integration/casino"


def test_httpx_settles_a_round_and_everything_but_secrets_is_kept(server, player):
    bet, win = player.bet(), player.win()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-Trace": "a, b",
        "X-Api-Key": "sesame-key",
        "Authorization": "Bearer sesame-token",
        "Cookie": "session=sesame",
    }
    first = httpx.post(server.addresses["rest"] + CASINO + "?from=a%20b", content=bet, headers=headers)
    second = httpx.post(server.addresses["rest"] + CASINO, content=win, headers=headers)

    assert (first.status_code, second.status_code) == (200, 200)
    entries = player.settled(server, bet, win)
    assert first.json() == {"seq": entries[0]["seq"], "verdict": "ok", "findings": []}
    entry = server.get(f"events/{entries[0]['seq']}")
    assert entry == entries[0]
    assert (entry["connector"], entry["message_type"], entry["run"]) == ("rest", "CASINO", "default")
    assert entry["event"] == json.loads(bet)
    transport = entry["transport"]
    assert (transport["method"], transport["path"], transport["query"]) == ("POST", CASINO, "from=a%20b")
    kept = dict(transport["headers"])
    assert kept["x-trace"] == "a, b"
    assert kept["content-type"] == headers["Content-Type"]
    assert kept["content-length"] == str(len(bet))
    assert not kept.keys() & {"x-api-key", "authorization", "cookie"}
    assert "sesame" not in json.dumps(entry)


def test_curl_settles_a_round(server, player, tool, tmp_path):
    bet, win = player.bet(), player.win()
    for name, raw in (("bet", bet), ("win", win)):
        body = tmp_path / name
        body.write_bytes(raw)
        url = server.addresses["rest"] + CASINO
        command = [tool("curl"), "-sS", "--noproxy", "*", "-H", "Content-Type: application/json"]
        result = subprocess.run(
            [*command, "--data-binary", f"@{body}", url], capture_output=True, timeout=10, check=True
        )
        assert json.loads(result.stdout)["verdict"] == "ok"
    entries = player.settled(server, bet, win)
    assert dict(entries[0]["transport"]["headers"])["user-agent"].startswith("curl/")


def test_curl_with_its_default_content_type_is_told_what_is_expected(server, player, tool):
    command = [tool("curl"), "-sS", "--noproxy", "*", "-d", player.bet().decode(), server.addresses["rest"] + CASINO]
    answer = json.loads(subprocess.run(command, capture_output=True, timeout=10, check=True).stdout)["error"]
    assert (answer["status"], answer["code"]) == (415, "unsupported-media-type")
    (entry,) = server.events(user_id=player.user_id)
    assert entry["disposition"] == "refused"


def test_curl_that_offers_http_2_settles_a_round(server, player, tool):
    bet, win = player.bet(), player.win()
    command = [tool("curl"), "-sS", "--noproxy", "*", "--http2", "-H", "Content-Type: application/json"]
    url = server.addresses["rest"] + CASINO
    for raw in (bet, win):
        result = subprocess.run([*command, "-d", raw.decode(), url], capture_output=True, timeout=10, check=True)
        assert json.loads(result.stdout)["verdict"] == "ok"
    entries = player.settled(server, bet, win)
    assert dict(entries[0]["transport"]["headers"])["upgrade"] == "h2c"


JAVA = """
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

class Send {
    public static void main(String[] arguments) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        for (int at = 1; at < arguments.length; at++) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(arguments[0]))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(arguments[at]))
                .build();
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            System.out.println(response.statusCode() + " " + response.version() + " " + response.body());
        }
    }
}
"""


def test_javas_default_client_settles_a_round(server, player, tool, tmp_path):
    program = tmp_path / "Send.java"
    program.write_text(JAVA)
    sent = [player.bet(), player.win(game_name="x" * 100_000)]
    url = server.addresses["rest"] + CASINO
    command = [tool("java"), str(program), url, *[raw.decode() for raw in sent]]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert [line.split(" ", 2)[:2] for line in lines] == [["200", "HTTP_1_1"]] * 2
    assert [json.loads(line.split(" ", 2)[2])["verdict"] for line in lines] == ["ok", "ok"]
    entries = player.settled(server, *sent)
    assert dict(entries[0]["transport"]["headers"])["upgrade"] == "h2c"


def test_a_compressed_body_is_told_what_is_expected(server, player, publish):
    packed = gzip.compress(player.bet())
    answer = publish.rest(packed, Content_Encoding="gzip")
    error = answer.json()["error"]
    assert (answer.status_code, error["message"]) == (415, "expected no Content-Encoding, got 'gzip'")
    assert "verdict" not in error
    entry = server.get(f"events/{error['seq']}")
    assert (entry["disposition"], base64.b64decode(entry["raw_base64"])) == ("refused", packed)


@pytest.mark.parametrize(
    ("bet", "win"),
    [("0.1", "0.2"), ("123456789012.123456789012345678", "0.000000000000000001"), ("1e2", "20.00")],
)
def test_amounts_are_exact(server, player, publish, bet, win):
    sent = [player.bet(bet), player.win(win), player.win("0.1")]
    for raw in sent:
        assert publish.rest(raw).status_code == 200
    found = server.round(player.user_id, player.round_id)
    expected = {
        "0.1": ("0.1", "0.3", "-0.2"),
        "123456789012.123456789012345678": (
            "123456789012.123456789012345678",
            "0.100000000000000001",
            "123456789012.023456789012345677",
        ),
        "1e2": ("100", "20.1", "79.9"),
    }[bet]
    assert (found["bet"]["total"], found["win"]["total"], found["ggr"]["total"]) == expected
    assert (found["base"]["bet"]["total"], found["base"]["win"]["total"], found["base"]["ggr"]["total"]) == expected


def test_a_split_of_floats_is_noted_and_counted_as_sent(server, player, publish):
    raw = player.bet("0.30000000000000004", wager_amount=0.1, bonus_wager_amount=0.2)
    assert publish.rest(raw).json()["verdict"] == "undocumented"
    bet = server.round(player.user_id, player.round_id)["bet"]
    assert (bet["real"], bet["bonus"], bet["total"]) == ("0.1", "0.2", "0.30000000000000004")


def test_a_violation_is_answered_with_every_finding(server, player, publish):
    raw = player.bet(currency="Euro", status="Refund", game_id=...)
    answer = publish.rest(raw)
    assert answer.status_code == 400
    error = answer.json()["error"]
    (entry,) = server.events(user_id=player.user_id)
    assert (error["status"], error["code"], error["seq"]) == (400, "event-violation", entry["seq"])
    assert {finding["pointer"] for finding in error["findings"]} == {"/currency", "/status", "/game_id"}
    assert any("game_id" in finding["message"] for finding in error["findings"])
    assert entry["findings"] == error["findings"]
    assert [finding["witness"] for finding in error["findings"]] == [[entry["seq"]]] * 3
    assert (entry["disposition"], entry["verdict"], entry["raw"]) == ("refused", "violation", raw.decode())


def test_a_refused_event_sent_again_corrected_is_no_duplicate(server, player, publish):
    wrong = player.bet(currency="Euro", activity_id="same")
    right = player.bet(activity_id="same")
    assert publish.rest(wrong).status_code == 400
    assert publish.rest(right).status_code == 200
    found = server.round(player.user_id, player.round_id)
    refused, accepted = server.events(user_id=player.user_id)
    assert (found["seqs"], found["excluded"], found["findings"]) == ([accepted["seq"]], [refused["seq"]], [])


def test_what_breaks_the_contract_is_accepted_when_told_to(serve, publisher_of, player):
    server = serve("--accept-invalid")
    publish = publisher_of(server)
    answer = publish.rest(player.bet(game_id=...))
    assert (answer.status_code, answer.json()["verdict"]) == (200, "violation")
    assert answer.json()["findings"]
    assert publish.rest(player.win()).status_code == 200
    assert publish.rest(b"[]").status_code == 200
    assert server.round(player.user_id, player.round_id)["state"] == "settled"
    assert server.summary()["dispositions"] == {"accepted": 3}


def test_a_bonus_event_makes_a_bonus(server, player, publish):
    bonus = {
        "user_bonus_id": f"bonus-{player.user_id}",
        "bonus_id": "9821",
        "status": "Created",
        "type": "WelcomeBonus",
        "product": "Casino",
        "user_id": player.user_id,
        "timestamp": "2026-03-02T08:00:00Z",
        "amount": 10.3,
        "currency": "EUR",
        "exchange_rate": 1,
        "origin": "sub.example.com",
    }
    answer = publish.rest(json.dumps(bonus).encode(), event="bonus")
    assert answer.json()["verdict"] == "ok"
    assert publish.rest(player.bet(user_bonus_id=bonus["user_bonus_id"])).status_code == 200
    found = server.get(f"bonuses/{bonus['user_bonus_id']}")
    created, bet = server.events(user_id=player.user_id)
    assert (created["message_type"], found["status"], found["casino_seqs"]) == ("BONUS", "Created", [bet["seq"]])


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/v1/integration/sports", 404, "not-found"),
        ("POST", "/v1/integration/casino/", 404, "not-found"),
        ("POST", "/runs//v1/integration/casino", 404, "not-found"),
        ("GET", "/", 404, "not-found"),
        ("GET", CASINO, 405, "method-not-allowed"),
        ("DELETE", CASINO, 405, "method-not-allowed"),
        ("GET", "/_ftcrm/nothing", 404, "not-found"),
        ("POST", "/_ftcrm/events", 405, "method-not-allowed"),
        ("GET", "/_ftcrm/events/0", 404, "not-found"),
        ("GET", "/_ftcrm/events/one", 400, "bad-seq"),
        ("GET", "/_ftcrm/rounds/a/b/c", 404, "not-found"),
        ("GET", "/_ftcrm/rounds/a/b", 404, "not-found"),
        ("GET", "/_ftcrm/bonuses/none", 404, "not-found"),
    ],
)
def test_what_is_turned_away_has_the_one_error_shape(server, method, path, status, code):
    before = server.protocol_errors("rest")["count"]
    answer = server.http.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    error = answer.json()["error"]
    assert (error["status"], error["code"], error["findings"]) == (status, code, [])
    assert error["message"]
    if status == 405:
        assert answer.headers["allow"]
    if not path.startswith("/_ftcrm"):
        after = server.protocol_errors("rest")
        assert after["count"] == before + 1
        assert path in after["samples"][-1]["sample"]


def test_the_api_key_is_wanted_and_never_stored(serve, player, tmp_path):
    journal, key = tmp_path / "keyed.journal", "key-5f0d7c1e-very-secret"
    server = serve("--journal", str(journal), "--api-key", key)
    url, bet, win = server.addresses["rest"] + CASINO, player.bet(), player.win()
    without = httpx.post(url, content=bet)
    wrong = httpx.post(url, content=bet, headers={"X-Api-Key": "another"})
    for refused, got in ((without, "no such header"), (wrong, "another key")):
        assert refused.status_code == 401
        assert refused.json()["error"]["code"] == "unauthorised"
        assert refused.json()["error"]["message"].endswith(f"in X-Api-Key, got {got}")
    assert server.events() == []
    assert server.protocol_errors("rest")["count"] == 2
    for raw in (bet, win):
        assert httpx.post(f"{url}?api_key={key}", content=raw, headers={"X-Api-Key": key}).status_code == 200
    player.settled(server, bet, win)
    assert server.stop() == 0
    written = b"".join(Path(path).read_bytes() for path in tmp_path.glob("keyed.journal*"))
    assert player.user_id.encode() in written
    assert key.encode() not in written
