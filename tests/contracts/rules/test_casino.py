"""FT110 to FT121: what is said of a property that is not what the table says, and what was meant by it."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts.events import CASINO_FIELDS, Field

ADVISED = [field for field in CASINO_FIELDS if field.advice]
BY_NAME = {field.name: field for field in CASINO_FIELDS}


def advice(feed: Any, name: str, value: str) -> str:
    """What stands in parentheses at the end of FT112's message; "" when nothing does."""
    (finding,) = feed.judge({**feed.clean, name: value}).findings
    assert (finding.rule, finding.pointer) == ("FT112", f"/{name}")
    assert repr(value) in finding.message
    return finding.message.partition(repr(value))[2]


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("type", "Wager|Stake|Debit|WAGER", "send 'Bet'"),
        ("type", "Payout|Credit|Result|Settle|settlement", "send 'Win'"),
        ("type", "Lose|Lost", "send 'Loss'"),
        ("type", "BetWin|BetAndWin|Bet_Win|bet and win", "send a Bet and a Win, as separate events"),
        (
            "type",
            "Refund|Rollback|Cancel|Void|Reversal|ROLL-BACK|cancelled",
            "send the type of the reversed event, with status 'Rollback'",
        ),
        ("type", "CASINO", "the message type is no part of the payload"),
        ("status", "Cancelled|Canceled|Reversed|Refunded|Void|Voided", "send 'Rollback'"),
        ("status", "Success|Completed|Accepted|OK|Confirmed|ok", "send 'Approved'"),
    ],
)
def test_the_words_of_other_platforms_are_told_what_to_send(feed: Any, name: str, values: str, said: str) -> None:
    for value in values.split("|"):
        assert advice(feed, name, value) == f" ({said})"


@pytest.mark.parametrize("field", ADVISED, ids=lambda field: field.name)
@given(data=st.data())
def test_each_word_is_known_in_any_case_and_with_any_separators(feed: Any, field: Field, data: st.DataObject) -> None:
    word, said = data.draw(st.sampled_from(field.advice))
    letters = (data.draw(st.sampled_from([letter, letter.upper(), f"{letter}_", f"{letter} "])) for letter in word)
    assert advice(feed, field.name, "".join(letters)) == f" ({said})"


@pytest.mark.parametrize("field", ADVISED, ids=lambda field: field.name)
def test_advice_is_given_once_for_what_is_not_accepted_anyhow(field: Field) -> None:
    words = [word for word, _ in field.advice]
    assert len(set(words)) == len(words)
    assert not {value.casefold() for value in field.accepted} & set(words)
    others = {value for other in ADVISED for value in other.accepted}
    for _, said in field.advice:
        assert {word for word in said.split("'") if word in others} or " Bet " in said or "message type" in said


@pytest.mark.parametrize("value", ["Pending", "Created", "Jackpot", "Free", "x" * 41, "refund" * 10])
@pytest.mark.parametrize("name", ["type", "status"])
def test_of_other_words_nothing_is_guessed(feed: Any, name: str, value: str) -> None:
    (finding,) = feed.judge({**feed.clean, name: value}).findings
    assert "(did you mean" not in finding.message
    assert "(send" not in finding.message


def test_a_word_for_a_bonus_events_field_is_no_word_for_this_one(feed: Any) -> None:
    (finding,) = feed.judge({**feed.bonus, "status": "Refund"}, "BONUS").findings
    assert (finding.rule, "send" in finding.message) == ("FT204", False)


@pytest.mark.parametrize("name", [field.name for field in CASINO_FIELDS if field.type == "float"])
def test_a_number_that_no_float_holds_cites_the_row_of_its_property(feed: Any, name: str) -> None:
    raw = feed.raw({**feed.clean, **feed.optional, name: 0}).replace(f'"{name}":0'.encode(), f'"{name}":1e400'.encode())
    (finding,) = (finding for finding in feed.judge(raw).findings if finding.rule == "FT119")
    assert (finding.pointer, finding.clause) == (f"/{name}", BY_NAME[name].clause)


@pytest.mark.parametrize(
    ("change", "rule", "clause"),
    [
        ({"currency": "DEM"}, "FT116", "iso4217.withdrawn"),
        ({"timestamp": "2026-03-02 08:00:00Z"}, "FT118", "rfc3339.separator"),
        ({"amount": msgspec.Raw(b"1e400")}, "FT119", "casino.amount.type"),
        ({"meta": None}, "FT120", "vendor.meta"),
        ({"amount": msgspec.Raw(b"1e41")}, "FT121", "stand-in.limit"),
        ({"amount": "20"}, "FT111", "casino.amount.type"),
        ({"game_id": 1}, "FT111", "casino.game_id"),
        ({"type": "bet"}, "FT112", "casino.type"),
        ({"status": "approved"}, "FT112", "casino.status"),
    ],
)
def test_the_clause_is_that_of_the_property_only_where_its_table_says_it(
    feed: Any, change: dict[str, Any], rule: str, clause: str
) -> None:
    (finding,) = feed.judge({**feed.clean, **change}).findings
    assert (finding.rule, finding.clause) == (rule, clause)
