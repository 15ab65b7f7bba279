"""Rules over several rounds and players: what they say, and what they must not say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import Finding, History, Ruleset
from ftcrm.contracts.across import Across
from ftcrm.contracts.settings import Settings

ALL = Ruleset(Settings(select=("ALL", "FT605")))


def found_in(feed: Any, *changes: dict[str, Any], ruleset: Ruleset = ALL) -> list[Finding]:
    across = Across(ruleset)
    for seq, change in enumerate(changes, 1):
        across.add(seq, feed.casino_event(**{"activity_id": f"a{seq}"} | change))
    return [finding for _, findings in across.flagged() for finding in findings]


@pytest.mark.parametrize(
    ("first", "second", "drawn"),
    [
        # Players: slots are played alone, tables are shared; another brand, vendor or round is another matter.
        ({}, {"user_id": "u2"}, ["FT318"]),
        ({"game_type": "Live Casino"}, {"game_type": "Live Casino", "user_id": "u2"}, []),
        ({"game_type": "Table"}, {"game_type": "Table", "user_id": "u2"}, []),
        ({"game_type": "Crash"}, {"game_type": "Crash", "user_id": "u2"}, []),
        ({}, {"game_type": "Live Casino", "user_id": "u2"}, []),
        ({}, {"origin": "o2", "user_id": "u2"}, []),
        ({}, {"vendor_id": "2", "user_id": "u2"}, []),
        ({}, {"round_id": "r2", "user_id": "u2"}, []),
        ({"round_id": ""}, {"round_id": "", "user_id": "u2"}, []),
        ({}, {"status": "Rollback", "user_id": "u2"}, ["FT318"]),
        # Activities: a retry and a Rollback with its event's id are in one round.
        ({"activity_id": "a"}, {"activity_id": "a"}, []),
        ({"activity_id": "a"}, {"activity_id": "a", "status": "Rollback"}, []),
        ({"activity_id": "a"}, {"activity_id": "a", "type": "Win"}, []),
        ({"activity_id": "a"}, {"activity_id": "a", "round_id": "r2"}, ["FT322"]),
        ({"activity_id": "a"}, {"activity_id": "a", "user_id": "u2", "game_type": "Table"}, ["FT322"]),
        ({"activity_id": "a"}, {"activity_id": "a", "user_id": "u2"}, ["FT318", "FT322"]),
        ({"activity_id": "a"}, {"activity_id": "a", "round_id": "r2", "origin": "o2"}, []),
        # Games.
        ({}, {"game_name": "Dead"}, ["FT601"]),
        ({}, {"game_name": "Dead", "vendor_id": "2"}, []),
        ({}, {"game_name": "Dead", "origin": "o2"}, []),
        ({}, {"game_name": ""}, []),
        ({}, {"game_id": "2"}, ["FT605"]),
        ({}, {"game_id": "2", "vendor_id": "2"}, []),
        ({}, {"game_id": "2", "game_name": "Dead"}, []),
        ({}, {"game_id": ""}, []),
        # Currencies.
        ({}, {"currency": "USD"}, ["FT602"]),
        ({}, {"currency": "USD", "origin": "o2"}, []),
        ({}, {"currency": "USD", "user_id": "u2", "round_id": "r2"}, []),
        ({}, {"exchange_rate": 2}, []),
    ],
)
def test_what_speaks(feed: Any, first: dict[str, Any], second: dict[str, Any], drawn: list[str]) -> None:
    for pair in ((first, second), (second, first)):
        found = found_in(feed, *pair)
        assert [finding.rule for finding in found] == drawn
        assert all(finding.witness == (1, 2) for finding in found)


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        (
            {"user_id": "u2"},
            "/user_id",
            "user_id: expected one player in round 'r1', got 'u2' where another was before",
        ),
        (
            {"activity_id": "a1", "round_id": "r2"},
            "/activity_id",
            "activity_id: expected one that no other event has, got 'a1' in round 'r2', "
            "which came in another round before",
        ),
        (
            {"game_name": "Dead"},
            "/game_name",
            "game_name: expected 'Dead or Alive', the name that game_id '10911' had before, got 'Dead'",
        ),
        (
            {"game_id": "2"},
            "/game_id",
            "game_id: expected '10911', the id that game_name 'Dead or Alive' had before, got '2'",
        ),
        ({"currency": "USD"}, "/currency", "currency: expected EUR, which player '52530' had before, got USD"),
    ],
)
def test_messages_say_what_was_expected_and_what_came(
    feed: Any, change: dict[str, Any], pointer: str, message: str
) -> None:
    (finding,) = found_in(feed, {}, change)
    assert (finding.pointer, finding.message) == (pointer, message)


def test_names_of_any_length_make_short_messages(feed: Any) -> None:
    names = ("activity_id", "round_id", "user_id", "game_id", "game_name")
    first = dict.fromkeys(names, "x" * 10_000)
    found = found_in(feed, first, first | {"user_id": "y" * 10_000}, first | {"game_name": "z" * 10_000})
    found += found_in(feed, first, first | {"game_id": "z" * 10_000}, first | {"currency": "USD"})
    assert {finding.rule for finding in found} == {"FT318", "FT322", "FT601", "FT602", "FT605"}
    assert all(len(finding.message) < 300 for finding in found)


def test_variants_that_share_a_name_draw_nothing_unless_it_is_asked_for(feed: Any) -> None:
    variants = ({"game_id": "desktop"}, {"game_id": "mobile"})
    assert found_in(feed, *variants, ruleset=Ruleset()) == []
    assert found_in(feed, *variants, ruleset=Ruleset(Settings(extend_select=("FT6",)))) == []
    assert [
        finding.rule for finding in found_in(feed, *variants, ruleset=Ruleset(Settings(extend_select=("FT605",))))
    ] == ["FT605"]


PLAYERS = [("o1", "u1", "EUR"), ("o1", "u2", "JPY"), ("o2", "u1", "KWD")]


@given(
    plays=st.lists(
        st.tuples(st.sampled_from(PLAYERS), st.sampled_from(["Slots", "Live Casino"]), st.integers(1, 3)), max_size=8
    ),
    order=st.randoms(use_true_random=False),
)
def test_players_and_rounds_that_interleave_draw_nothing(feed: Any, plays: list[Any], order: Any) -> None:
    """Retries, several Bets and Wins, shared tables, brands with the same ids; events that broke the contract, too."""
    events: list[dict[str, Any]] = []
    for number, ((origin, user, currency), game_type, wins) in enumerate(plays):
        game = {"game_type": game_type, "game_id": game_type, "game_name": f"The {game_type}"}
        round_id = "table" if game_type == "Live Casino" else f"r{number}"
        who = {"origin": origin, "user_id": user, "currency": currency, "round_id": round_id}
        for nth, kind in enumerate(["Bet"] + ["Win"] * wins):
            events.append({**feed.clean, **game, **who, "type": kind, "activity_id": f"{number}.{nth}"})
        events.append(events[-1])
        events.append({**events[-1], "currency": "USD", "round_id": "other", "wager_amount": 1})
    order.shuffle(events)
    history = History(ruleset=ALL)
    for seq, document in enumerate(events, 1):
        history.add(seq, feed.judge(document))
    assert list(history.across.flagged()) == []
