"""FT127 to FT129: game types that are nearly one of the three, and texts that say nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import Verdict
from ftcrm.contracts.events.meant import GAME_TYPES

VENDORS = ["game_name", "origin", "round_id", "user_id"]
OURS = ["activity_id", "game_id", "game_type", "vendor_id", "vendor_name"]


@pytest.mark.parametrize(
    ("meant", "values"),
    [
        ("Slots", "slots|SLOTS|Slot|slot|SLOT| Slots|Slots "),
        ("Live Casino", "live casino|LIVE_CASINO|LiveCasino|Live-Casino|liveCasino|Live  Casino|Live Casinos"),
        ("Table", "table|TABLE|Tables|tables"),
    ],
)
def test_case_separators_and_the_plural_are_near_misses(feed: Any, meant: str, values: str) -> None:
    for value in values.split("|"):
        judged = feed.judge({**feed.clean, "game_type": value})
        (finding,) = judged.findings
        assert (finding.rule, finding.pointer, judged.verdict) == ("FT127", "/game_type", Verdict.UNDOCUMENTED)
        assert finding.message.startswith(f"game_type: expected {meant!r} as specified")
        assert finding.message.endswith(f"got {value!r}")


@given(data=st.data(), meant=st.sampled_from(sorted(GAME_TYPES)))
def test_any_spelling_of_the_three_is_one(feed: Any, data: st.DataObject, meant: str) -> None:
    separators = st.sampled_from(["", " ", "_", "-", " - "])
    cases = st.sampled_from([str.upper, str.lower])
    parts = ["" if letter == " " else data.draw(cases)(letter) + data.draw(separators) for letter in meant]
    found = feed.found({**feed.clean, "game_type": "".join(parts)})
    assert found == ([] if "".join(parts) == meant else [("FT127", "/game_type")])


@pytest.mark.parametrize(
    "value",
    [
        *["Slots", "Table", "Live Casino", "Table Games", "Video Slots", "Slot Machine", "Live", "Live Dealer"],
        *["Crash", "Roulette", "Casino", "Bingo", "Lottery", "Virtual", "Slotss", "Slo ts2", "Tablet", "Lots", "0"],
    ],
)
def test_other_game_types_are_accepted(feed: Any, value: str) -> None:
    assert feed.found({**feed.clean, "game_type": value}) == []


@pytest.mark.parametrize("name", VENDORS + OURS)
def test_empty_texts(feed: Any, name: str) -> None:
    judged = feed.judge({**feed.clean, name: ""})
    (finding,) = judged.findings
    assert (finding.rule, finding.pointer) == ("FT128" if name in VENDORS else "FT129", f"/{name}")
    assert finding.message.startswith(f"{name}: expected ")
    assert judged.verdict is Verdict.UNDOCUMENTED
    assert judged.event is not None
    assert feed.found({**feed.clean, name: " "}) == []


@given(st.sets(st.sampled_from([*VENDORS, *OURS, "user_bonus_id"])))
def test_each_empty_text_is_told_and_no_bonus_never(feed: Any, names: set[str]) -> None:
    found = feed.found({**feed.clean, **dict.fromkeys(names, "")})
    assert sorted(pointer[1:] for _, pointer in found) == sorted(names - {"user_bonus_id"})
