"""Sessions and players of events over every connector, by a server that keeps one round of all in memory."""

import sys
from urllib.parse import quote

import pytest

from ftcrm.client import AdminClient

pytestmark = pytest.mark.integration

CONNECTORS = ("rest", "rabbitmq", "kafka")
ONE_HOT = """
import functools
from ftcrm.cli import main
from ftcrm.mockserver import server
server.Follower = functools.partial(server.Follower, hot=1)
main()
"""
SPRING, THIRTY_DAYS_LATER = "2026-03-02T08:00:00Z", "2026-04-01T08:00:00Z"


def shown_of(server, player):
    """Everything that the admin API shows of one player but where the events stand."""
    found = {
        "round": server.round(player.user_id, player.round_id),
        "player": server.get(f"players/sub.example.com/{quote(player.user_id)}"),
        "sessions": list(server.pages("sessions", user_id=player.user_id, limit=1)),
    }
    for value in (found["round"], found["player"], *found["sessions"]):
        for name in ("seqs", "user_id", "round_id"):
            value.pop(name, None)
    return found


def test_a_win_thirty_days_later_settles_a_cold_round(serve, publisher_of, new_player, tmp_path):
    """A Bet through each connector, then other players' rounds, then the Win of each Bet through another connector."""
    options = ("--journal", str(tmp_path / "a.journal"))
    server = serve(*options, command=[sys.executable, "-c", ONE_HOT])
    publish = publisher_of(server)
    players = [new_player() for _ in CONNECTORS]
    for player, connector in zip(players, CONNECTORS, strict=True):
        publish.through(connector, player.bet("20", timestamp=SPRING))
        assert server.round(player.user_id, player.round_id)["state"] == "open"
    others = [new_player() for _ in range(12)]
    for number, other in enumerate(others):
        publish.through(CONNECTORS[number % 3], other.bet("1", timestamp=f"2026-03-{number + 3:02}T08:00:00Z"))
    early = server.get("players", user_id=players[0].user_id)["players"][0]
    assert (early["as_of"], early["idle_days"], early["rounds"]["open"]) == ("2026-03-14T08:00:00Z", 10, 1)

    for player, connector in zip(players, CONNECTORS[1:] + CONNECTORS[:1], strict=True):
        publish.through(connector, player.win("50", timestamp=THIRTY_DAYS_LATER))
    shown = [shown_of(server, player) for player in players]
    assert shown[0] == shown[1] == shown[2]
    assert (shown[0]["round"]["state"], shown[0]["round"]["ggr"]["total"]) == ("settled", "-30")
    first, last = shown[0]["sessions"]
    assert [(each["started_at"], each["bets"], each["wins"]) for each in (first, last)] == [
        (SPRING, 1, 0),
        (THIRTY_DAYS_LATER, 0, 1),
    ]
    found = shown[0]["player"]
    assert (found["as_of"], found["first_at"], found["last_at"]) == (THIRTY_DAYS_LATER, SPRING, THIRTY_DAYS_LATER)
    assert (found["rounds"]["won"], found["sessions"], found["activity"], found["churned"]) == (1, 2, "inactive", True)

    everybody = [each.user_id for each in (*players, *others)]
    with AdminClient(server.addresses["rest"]) as admin:
        assert [each["user_id"] for each in admin.players(limit=4)] == everybody
        assert [each["user_id"] for each in admin.players(limit=2, churned="true")] == everybody[:3]
        assert len(list(admin.sessions(limit=5, game_id="10911"))) == 18
        before = admin.player("sub.example.com", players[1].user_id, as_of="2026-04-01T09:59:59+02:00")
    assert (before["idle_days"], before["rounds"]["open"], before["wins"]) == (20, 1, 0)
    assert server.summary()["players"] == 15

    publish.close()
    assert server.stop() == 0
    again = serve(*options, command=[sys.executable, "-c", ONE_HOT])
    assert [shown_of(again, player) for player in players] == shown
