"""FT190 to FT192: what the contract allows is said to break the vendor's schema only when that is asked for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import RULES, Ruleset, Settings, Verdict

CODES = ("FT190", "FT191", "FT192")
ASKED = Ruleset(Settings(extend_select=CODES))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"is_round_end": False}, []),
        ({}, [("FT191", "/is_round_end")]),
        ({"is_round_end": True, "type": "Loss"}, [("FT190", "/type")]),
        ({"is_round_end": True, "skip_publishing": True, "is_free_money": False}, []),
        (
            {"is_round_end": True, "skip_publishing": "true", "is_free_money": 1},
            [("FT192", "/skip_publishing"), ("FT192", "/is_free_money")],
        ),
        ({"is_round_end": True, "skip_publishing": None}, [("FT192", "/skip_publishing")]),
    ],
)
def test_what_the_vendors_schema_refuses(feed: Any, change: dict[str, Any], found: list[Any]) -> None:
    judged = feed.judge({**feed.clean, **change}, ruleset=ASKED)
    assert [(finding.rule, finding.pointer) for finding in judged.findings] == found
    assert judged.verdict is (Verdict.UNDOCUMENTED if found else Verdict.OK)
    assert feed.found({**feed.clean, **change}) == []


@given(data=st.data())
def test_clean_events_draw_nothing_else(feed: Any, data: st.DataObject) -> None:
    document = data.draw(feed.documents)
    rules = {rule for rule, _ in feed.found(document, ruleset=ASKED)}
    loss = {"FT190"} if document["type"] == "Loss" else set()
    assert rules == loss | (set() if "is_round_end" in document else {"FT191"})


def test_what_the_contract_allows_is_off_until_selected() -> None:
    off = {code for code, rule in RULES.items() if not rule.default}
    assert {*CODES, "FT130", "FT603", "FT604"} <= off


def test_what_the_fields_of_a_bonus_event_draw_as_a_casino_event_is_counted_not_told(feed: Any) -> None:
    (finding,) = feed.judge(feed.bonus, ruleset=ASKED).findings
    assert finding.rule == "FT010"
