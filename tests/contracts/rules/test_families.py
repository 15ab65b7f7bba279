"""The families of sequences that break round construction, by number, and exactly the default rules that speak of each.

B is a Bet, W a Win, L a Loss, R a Rollback, E is_round_end. Each event is sent a second after the one before unless it
says when it happened; the same change again is the same event, delivered again.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from ftcrm.contracts import History, Message, Ruleset, Settings, judge

Step = dict[str, Any] | str
FIRST = 8 * 3600
DAY = 86400

B = {"type": "Bet", "activity_id": "b"}
B2 = {"type": "Bet", "activity_id": "b2"}
W = {"type": "Win", "activity_id": "w", "amount": 5}
W2 = {"type": "Win", "activity_id": "w2", "amount": 7}
L = {"type": "Loss", "activity_id": "l", "amount": 0}
END = {"is_round_end": True}
R = {"status": "Rollback"}
X, Y = {"activity_id": "x"}, {"activity_id": "y"}
UB = {"user_bonus_id": "863512"}
REAL, BONUS, LOCKED = "wager_amount", "bonus_wager_amount", "locked_wager_amount"


def at(time: str, day: str = "2026-03-02") -> dict[str, Any]:
    return {"timestamp": f"{day}T{time}"}


def bonus(status: str, **changes: Any) -> dict[str, Any]:
    return {"message_type": "BONUS", "status": status, **changes}


# number and name: (what is sent, the codes)
FAMILIES: dict[str, tuple[Sequence[Step], set[str]]] = {
    "1 a retry": ([B, B, W], {"FT302"}),
    "1 a retry after the Win": ([B, W, B], {"FT302"}),
    "2 one id, another amount": ([B, {**B, "amount": 30}, W], {"FT303"}),
    "2 one id, another timestamp": ([{**B, **at("08:00:00Z")}, {**B, **at("08:00:01Z")}, W], {"FT303"}),
    "3 the Win arrives first": ([{**W, **at("09:00:01Z")}, {**B, **at("09:00:00Z")}], {"FT305"}),
    "3 the Win arrives first and says so": ([W, B], {"FT305"}),
    "3 the Win arrives first, the Bet twice": ([W, B, B], {"FT302", "FT305"}),
    "3 the Win overtakes the second Bet": ([B, W, B2, W2], set()),
    "4 the Rollback of a Bet that timed out": ([{**B, **R, **at("09:00:00Z")}, {**B, **at("08:59:00Z")}], {"FT405"}),
    "4 by a new id, and said to be earlier": ([{**B, **R, **X}, B], {"FT405"}),
    "4 the Bet never comes": ([{**B, **R}], {"FT401"}),
    "5 both Rollbacks first": ([{**B, **R}, {**W, **R}, B, W], {"FT405"}),
    "5 both after their events": ([B, {**W, **END}, {**W, **R}, {**B, **R}], set()),
    "6 the Bet's own id": ([B, {**B, **R}], set()),
    "7 equal Bets, a new id": ([B, B2, {**B, **R, **X}, W], {"FT403"}),
    "7 unequal Bets, a new id": ([B, {**B2, "amount": 21}, {**B, **R, **X}, W], set()),
    "7 equal Bets, all rolled back": ([B, B2, {**B, **R, **X}, {**B, **R, **Y}], set()),
    "8 again, delivered twice": ([B, {**B, **R}, {**B, **R}], {"FT302"}),
    "8 again, by a new id": ([B, {**B, **R}, {**B, **R, **X}], {"FT404"}),
    "8 by two new ids": ([B, {**B, **R, **X}, {**B, **R, **Y}], {"FT404"}),
    "9 the Win of a round that ended": ([B, {**W, **END}, {**W, **R}], {"FT408"}),
    "9 a Win of a round that did not end": ([B, W, {**W, **R}, {**W2, **END}], set()),
    "10 an orphan Win": ([B, {**W, **END}, {**B, **R}], {"FT407"}),
    "10 an orphan Win, by a new id": ([B, W, {**B, **R, **X}], {"FT407"}),
    "10 a Bet that won nothing": ([B, {**W, "amount": 0, **END}, {**B, **R}], set()),
    "10 a Bet that was lost": ([B, {**L, **END}, {**B, **R}], set()),
    "10 one of two Bets": ([B, {**B2, "amount": 21}, W, {**B, **R}], set()),
    "11 a voided round": ([B, {**B, **R, **X}, "close"], set()),
    "12 a double down": ([B, B2, {**B, "activity_id": "b3"}, {**W, **END}, "close"], set()),
    "12 a Loss for each seat": ([B, B2, L, {**L, "activity_id": "l2"}, "close"], set()),
    "13 a feature": ([B, W, W2, {**W, "amount": 0, **X}, {**W, **END, **Y}, "close"], set()),
    "14 two ends": ([B, {**W, **END}, {**W2, **END}], {"FT309"}),
    "14 two Losses": ([B, L, {**L, "activity_id": "l2"}], {"FT309"}),
    "14 a Win after the end": ([B, {**W, **END}, W2], {"FT312"}),
    "14 a Bet after the end": ([B, {**W, **END}, B2, W2], {"FT312"}),
    "15 the Bet ends it": ([{**B, **END}, W], {"FT313"}),
    "15 Bet and Win end it": ([{**B, **END}, {**W, **END}], {"FT313"}),
    "16 thirty days later": ([B, "later 30", {**W, **END}, "close"], set()),
    "17 for ever": ([B], set()),
    "17 until the run is closed": ([B, "close"], {"FT307"}),
    "17 beyond the deadline": ([B, B2, "later 2"], {"FT308"}),
    "17 only what was rolled back": ([B, W, {**W, **R}, "close"], {"FT319"}),
    "18 a free round": ([W], {"FT301"}),
    "18 a Loss alone": ([L], {"FT301"}),
    "18 with a Rollback of the Bet": ([W, {**B, **R}], {"FT301"}),
    "19 a free spin": ([{**B, "amount": 0}, W], set()),
    "19 a free spin that wins nothing": ([{**B, "amount": 0}, {**W, "amount": 0, **END}], set()),
    "20 another game": ([B, {**W, "game_id": "2"}], {"FT315"}),
    "20 another vendor": ([B, {**W, "vendor_id": "2"}], {"FT316"}),
    "20 another game of another vendor": ([B, {**W, "game_id": "2", "vendor_id": "2"}], {"FT316"}),
    "20 another game, rolled back": ([B, {**W2, "game_id": "2"}, {**W2, **R, "game_id": "2"}, W], set()),
    "21 two users": ([B, {**B2, "user_id": "u2"}, W, {**W2, "user_id": "u2"}], {"FT318"}),
    "21 two users at a live table": (
        [
            {**change, "game_type": "Live Casino", "game_id": "77", "game_name": "Roulette"}
            for change in (B, {**B2, "user_id": "u2"}, W, {**W2, "user_id": "u2"})
        ],
        set(),
    ),
    "21 two vendors": ([B, {**B2, "vendor_id": "2"}, W, {**W2, "vendor_id": "2"}], {"FT316"}),
    "22 a round for each transaction": ([B, {**W, "round_id": "r2"}], {"FT301", "FT320"}),
    "22 three of them": ([B, {**W, "round_id": "r2"}, {**B2, "round_id": "r3"}], {"FT301", "FT320"}),
    "22 an orphan beside a round that is settled": ([B, {**W2, "round_id": "r2"}, W], {"FT301"}),
    "23 a bonus Bet and a real Win": ([bonus("Created"), {**B, BONUS: 20, **UB}, {**W, REAL: 5}], set()),
    "23 a split that changes": (
        [{**B, REAL: 15, BONUS: 4, LOCKED: 1}, {**B2, REAL: 0, BONUS: 20}, {**W, LOCKED: 5}],
        set(),
    ),
    "24 another currency": ([B, {**W, "currency": "USD"}], {"FT304", "FT602"}),
    "24 another rate": ([{**B, "exchange_rate": 1.25}, {**W, "exchange_rate": 1}], {"FT317"}),
    "24 a rate that moved": ([{**B, "exchange_rate": 1.25}, {**W, "exchange_rate": 1.26}], set()),
    "24 a currency without decimals, one with three": (
        [{**B, "currency": "JPY", "exchange_rate": 0.0061}, {**W, "currency": "JPY", "exchange_rate": 0.0061}],
        set(),
    ),
    "25 equal": ([{**B, **at("09:00:00Z")}, {**W, **at("09:00:00Z")}], {"FT314"}),
    "25 equal instants": ([{**B, **at("09:00:00Z")}, {**W, **at("15:00:00+06:00")}], {"FT314"}),
    "25 the Win is earlier": ([{**B, **at("09:00:01Z")}, {**W, **at("09:00:00Z")}], {"FT306"}),
    "25 an offset, in order": ([{**B, **at("15:00:00+06:00")}, {**W, **at("09:00:01Z")}], set()),
    "25 over midnight": ([{**B, **at("23:59:59.999999Z")}, {**W, **at("00:00:00Z", "2026-03-03")}], set()),
    "25 when the clocks go back": (
        [{**B, **at("02:59:59+02:00", "2026-10-25")}, {**W, **at("02:00:00+01:00", "2026-10-25")}],
        set(),
    ),
    "26 before Created": ([{**B, **UB}, {**W, **UB}, bonus("Created")], {"FT501"}),
    "26 at Created": (
        [bonus("Created", **at("09:00:00Z")), {**B, **UB, **at("09:00:00Z")}, {**W, **UB, **at("09:00:01Z")}],
        {"FT503"},
    ),
    "26 after the closure": ([bonus("Created"), bonus("Completed"), {**B, **UB}, {**W, **UB}], {"FT505"}),
    "26 an unknown bonus": ([{**B, **UB}, {**W, **UB}], {"FT504"}),
    "26 Scenario B": ([bonus("Created"), {**B, **UB}, {**W, **UB}, bonus("Completed"), "close"], set()),
    "27 a Win of 0 and a Loss": ([B, {**W, "amount": 0}, L], {"FT310"}),
    "27 with the end between them": ([B, {**W, "amount": 0, **END}, L], {"FT310"}),
    "27 a Loss with an amount": ([B, {**L, "amount": 20}], {"FT311"}),
    "27 a Loss, then a Win": ([B, L, W], set()),
    "27 one of them rolled back": ([B, {**W, "amount": 0}, {**W, "amount": 0, **R}, L], set()),
    "28 no amount": ([B, {**B, **R, "amount": None}, W], {"FT110"}),
    "28 partial, the Bet's own id": ([B, {**B, **R, "amount": 5}], {"FT402"}),
    "28 partial, a new id": ([B, {**B, **R, **X, "amount": 5}, W], {"FT401"}),
    "28 of a Loss": ([B, L, {**L, **R}], {"FT409"}),
    "28 of a Loss that ended the round": ([B, {**L, **END}, {**L, **R}], {"FT409"}),
    "28 of a Loss and its Bet": ([B, {**L, **END}, {**L, **R}, {**B, **R}], set()),
    "28 of a Loss that was a Win": ([B, L, {**L, **R}, W], set()),
    "one Bet, one Win": ([B, {**W, **END}, "close"], set()),
    "one Bet, one Loss": ([B, {**L, **END}, "close"], set()),
    "one Bet, a Win of 0": ([B, {**W, "amount": 0, **END}, "close"], set()),
    "one id for Bet and Win": ([B, {**W, "activity_id": "b"}], {"FT321"}),
}
RULESET = Ruleset(Settings(round_deadline=DAY))


def messages_of(feed: Any, steps: Iterable[Step], **keys: str) -> list[Message | str]:
    """The messages, in the order of the steps; `keys` are prefixes to what identifies the events."""
    made: list[tuple[Step, Message | str]] = []
    now = FIRST
    for step in steps:
        if isinstance(step, str):
            now += DAY * int(step.partition(" ")[2] or 0)
            made.append((step, step))
            continue
        now += 1
        again = next((message for earlier, message in made if earlier == step), None)
        made.append((step, again or message_of(feed, step, now, keys)))
    return [message for _, message in made]


def message_of(feed: Any, change: dict[str, Any], now: int, keys: dict[str, str]) -> Message:
    message_type = change.get("message_type", "CASINO")
    known = feed.clean if message_type == "CASINO" else feed.bonus
    document = {**known, "timestamp": feed.at(now), **change}
    document = {name: value for name, value in document.items() if value is not None and name != "message_type"}
    document |= {name: f"{prefix}{document[name]}" for name, prefix in keys.items() if document.get(name)}
    return Message("rest", feed.raw(document), message_type)


def history_of(messages: Iterable[Message | str]) -> tuple[History, set[str]]:
    """Their history, and the codes that spoke of single events."""
    history = History(ruleset=RULESET)
    codes: set[str] = set()
    now = 0
    for seq, message in enumerate(messages, 1):
        if message == "close":
            history.close()
        elif isinstance(message, str):
            now += DAY * 1_000_000 * int(message.partition(" ")[2])
            history.refresh()
            history.pass_deadlines(now)
        else:
            judged = judge(message, RULESET)
            codes |= {finding.rule for finding in judged.findings}
            history.add(seq, judged, at=now)
    assert history.refresh() is False
    return history, codes


def codes_of(history: History) -> set[str]:
    kept = (history.rounds.flagged(), history.bonuses.flagged(), history.across.flagged())
    return {finding.rule for flagged in kept for _, findings in flagged for finding in findings}


@pytest.mark.parametrize("name", FAMILIES)
def test_exactly_these_rules_speak(feed: Any, name: str) -> None:
    steps, codes = FAMILIES[name]
    history, spoke = history_of(messages_of(feed, steps))
    assert spoke | codes_of(history) == codes


def test_every_family_is_here() -> None:
    numbers = {name.partition(" ")[0] for name in FAMILIES}
    assert {number for number in numbers if number.isdigit()} == {str(number) for number in range(1, 29)}


def test_the_families_of_several_players_do_not_disturb_each_other(feed: Any) -> None:
    """All of them at once, their events dealt out in turns, say what each of them says alone."""
    apart: dict[str, set[str]] = {}
    dealt: list[tuple[int, int, Message | str]] = []
    for number, (steps, codes) in enumerate(FAMILIES.values()):
        if not any(isinstance(step, str) for step in steps):
            prefixes = dict.fromkeys(("user_id", "round_id", "activity_id", "user_bonus_id"), f"{number}-")
            apart[f"{number}-"] = codes
            messages = messages_of(feed, steps, **prefixes)
            dealt += [(turn, number, message) for turn, message in enumerate(messages)]
    assert len(apart) > 60
    dealt.sort(key=lambda each: each[:2])
    history, spoke = history_of(message for *_, message in dealt)
    found: dict[str, set[str]] = {prefix: set() for prefix in apart}
    for kept in (history.rounds, history.bonuses):
        for key, findings in kept.flagged():
            found[f"{key.user_id.partition('-')[0]}-"] |= {finding.rule for finding in findings}
    across = {finding.rule for _, findings in history.across.flagged() for finding in findings}
    outside = across | spoke
    assert found == {prefix: codes - outside for prefix, codes in apart.items()}
    assert outside == {"FT110", "FT318", "FT602"}
