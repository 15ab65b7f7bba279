"""FT130, FT131 and FT207: properties that the tables do not have, and those that are nearly theirs."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import Ruleset, Settings
from ftcrm.contracts.events import BONUS_FIELDS, CASINO_FIELDS
from ftcrm.contracts.events.meant import BONUS_NAMES, CASINO_NAMES, Names

TABLES = {
    "CASINO": (CASINO_NAMES, [field.name for field in CASINO_FIELDS]),
    "BONUS": (BONUS_NAMES, [field.name for field in BONUS_FIELDS]),
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ALL = Ruleset(Settings(extend_select=("FT130",)))


@st.composite
def slips(draw: st.DrawFn, name: str) -> str:
    """The name with one letter missing, extra, another, or swapped with the next."""
    at = draw(st.integers(0, len(name) - 1))
    letter = draw(st.sampled_from(LETTERS))
    cut, rest = name[:at], name[at:]
    return draw(
        st.sampled_from([cut + rest[1:], cut + letter + rest, cut + letter + rest[1:], cut + rest[1::-1] + rest[2:]])
    )


@st.composite
def spellings(draw: st.DrawFn, name: str) -> str:
    """The name in another case, and with other separators."""
    parts = draw(st.sampled_from([name, name.title(), name.upper()])).split("_")
    return draw(st.sampled_from(["", "-", " ", "__"])).join(parts)


@pytest.mark.parametrize(("names", "table"), TABLES.values(), ids=TABLES)
@given(data=st.data())
def test_every_name_is_known_by_its_near_misses(names: Names, table: list[str], data: st.DataObject) -> None:
    meant = data.draw(st.sampled_from(table))
    sent = data.draw(spellings(meant))
    if len(meant.replace("_", "")) >= 6:
        sent = data.draw(st.sampled_from([sent, data.draw(slips(meant))]))
    document = {name: 1 for name in table if name != meant} | {sent: 1}
    assert names.misspelt(document) == ({} if sent in table or sent.startswith("_") else {meant: sent})
    assert names.misspelt({**document, meant: 1}) == {}


@given(first=st.sampled_from(TABLES["CASINO"][1]), data=st.data())
def test_two_slips_are_another_name(first: str, data: st.DataObject) -> None:
    letters = [data.draw(st.sampled_from("0123456789")) for _ in range(2)]
    assert CASINO_NAMES.misspelt({letters[0] + first.replace("_", "") + letters[1]: 1}) == {}


@pytest.mark.parametrize("names", [CASINO_NAMES, BONUS_NAMES], ids=["casino", "bonus"])
@pytest.mark.parametrize(
    "name",
    [
        *[
            "bonus_amount",
            "game",
            "bet_amount",
            "win_amount",
            "beta",
            "mete",
            "types",
            "tape",
            "_meta",
            "_type",
            "__type__",
        ],
        *["skip_publishing", "is_free_money", "fasttrack_references", "jackpot_amount", "wager", "bonus", "balance"],
        *["round", "user", "vendor", "provider_id", "session_id", "transaction_id", "created_at", "id", "", " ", "-"],
        *[
            "end",
            "is_round_ended_by",
            "amount_eur",
            "currency_rate",
            "player_id",
            "brand_id",
            "event_timestamp",
        ],
    ],
)
def test_properties_of_ones_own_are_no_near_misses(names: Names, name: str) -> None:
    assert names.misspelt({name: 1}) == {}


def test_the_names_of_one_event_are_no_near_misses_of_the_others() -> None:
    assert CASINO_NAMES.misspelt(dict.fromkeys(TABLES["BONUS"][1])) == {}
    assert BONUS_NAMES.misspelt(dict.fromkeys(TABLES["CASINO"][1])) == {}


@pytest.mark.parametrize(
    ("sent", "meant"), [("roundId", "round_id"), ("RoundID", "round_id"), ("user_bonusid", "user_bonus_id")]
)
def test_a_misspelt_required_property_is_told_by_what_is_missing(feed: Any, sent: str, meant: str) -> None:
    (finding,) = feed.judge(feed.without(meant, **{sent: "x"})).findings
    assert (finding.rule, finding.pointer, finding.implied) == ("FT110", f"/{meant}", 1)
    assert finding.message.startswith(f"{meant}: expected a string")
    assert finding.message.endswith(f", got nothing, but {sent!r} (did you mean {meant!r}?)")


def test_a_misspelt_property_is_told_alone_where_what_is_missing_is_not(feed: Any) -> None:
    ruleset = Ruleset(Settings(ignore=("FT110",)))
    document = feed.without("currency", currrency="EUR")
    assert feed.found(document, ruleset=ruleset) == [("FT131", "/currrency")]


def test_a_misspelt_optional_property_stands_beside_what_is_missing(feed: Any) -> None:
    judged = feed.judge(feed.without("origin", wagerAmount=20))
    assert [(finding.rule, finding.pointer, finding.implied) for finding in judged.findings] == [
        ("FT110", "/origin", 0),
        ("FT131", "/wagerAmount", 0),
    ]
    assert "did you mean" not in judged.findings[0].message
    assert judged.findings[1].message == "wagerAmount: expected the name 'wager_amount', got 'wagerAmount'"


def test_of_several_the_nearest_is_told_whatever_their_order(feed: Any) -> None:
    names = ["wager_amonut", "wagerAmount", "WAGER-AMOUNT", "wageramounts"]
    for order in (names, names[::-1]):
        assert feed.found({**feed.clean, **dict.fromkeys(order, 20)}) == [("FT131", "/WAGER-AMOUNT")]


def test_the_pointer_of_any_name_is_one(feed: Any) -> None:
    assert feed.found({**feed.clean, "wager/amount": 20, "~": 1}, ruleset=ALL) == [
        ("FT130", "/~0"),
        ("FT131", "/wager~1amount"),
    ]


def test_unknown_properties_are_told_when_that_is_asked_for(feed: Any) -> None:
    extras = {"device": 1, "skip_publishing": True, "is_free_money": False, "wagerAmount": 20}
    document = {**feed.clean, **feed.optional, **extras}
    assert feed.found(document) == []
    assert feed.found(document, ruleset=ALL) == [("FT130", "/device"), ("FT130", "/wagerAmount")]
    del document["wager_amount"]
    document["amount"] = 0
    assert feed.found(document, ruleset=ALL) == [("FT130", "/device"), ("FT131", "/wagerAmount")]


@pytest.mark.parametrize(("count", "told"), [(0, 0), (20, 20), (21, 21), (5000, 21)])
def test_hostile_bodies_are_told_in_few_words(feed: Any, count: int, told: int) -> None:
    judged = feed.judge({**feed.clean, **{f"x{at}": 1 for at in range(count)}}, ruleset=ALL)
    assert [finding.rule for finding in judged.findings] == ["FT130"] * told
    assert count <= 20 or judged.findings[-1].message.endswith(f"got {count - 20} more unknown ones")


def test_a_name_of_a_megabyte_is_told_in_few_words(feed: Any) -> None:
    (finding,) = feed.judge({**feed.clean, "x" * 1_000_000: 1}, ruleset=ALL).findings
    assert len(finding.message) < 200


def test_the_search_is_linear_in_the_number_of_names(assert_linear: Callable[..., None]) -> None:
    def spent(count: int) -> float:
        document = {f"{at:x}_wager_amount": 1 for at in range(count)}
        started = time.process_time()
        assert len(CASINO_NAMES.misspelt(document)) <= 1
        return time.process_time() - started

    assert_linear(spent, 2000)


@pytest.mark.parametrize(
    ("sent", "meant", "root"), [("userBonusId", "user_bonus_id", "FT201"), ("bonusId", "bonus_id", "FT202")]
)
def test_a_misspelt_property_of_a_bonus_event(feed: Any, sent: str, meant: str, root: str) -> None:
    document = {name: value for name, value in feed.bonus.items() if name != meant}
    (finding,) = feed.judge({**document, sent: "x"}, "BONUS").findings
    assert (finding.rule, finding.pointer, finding.implied) == (root, f"/{meant}", 1)
    assert f"(did you mean {meant!r}?)" in finding.message
    assert feed.found({**feed.bonus, sent: "x"}, "BONUS") == []
    assert feed.found({**feed.bonus, "bonusCode": "x"}, "BONUS") == [("FT207", "/bonusCode")]


def test_unknown_properties_of_an_event_of_the_other_type_are_counted_not_told(feed: Any) -> None:
    document = feed.bonus | {f"own_{number}": number for number in range(30)}
    (finding,) = feed.judge(document, ruleset=Ruleset(Settings(extend_select=("FT130",)))).findings
    assert finding.rule == "FT010"


def test_a_misspelt_property_of_an_event_of_the_other_type_is_counted_not_told(feed: Any) -> None:
    told = feed.judge({**feed.bonus, "wagerAmount": 1}, "CASINO").findings
    assert [finding.rule for finding in told] == ["FT010"]
    assert feed.found({**feed.clean, "wagerAmount": 20}) == [("FT131", "/wagerAmount")]
