"""Family 25: what timestamps say, and what they do not."""

from typing import Any

from ftcrm.contracts.families.notation import B, W, at, case, makes
from ftcrm.contracts.families.values import ExpectedRound, Family

__all__ = ["CLOCKS"]

_TOMORROW = "2026-03-03"
_BET_TOMORROW = {**B, **at("08:00:00Z", _TOMORROW)}
_WIN_TOMORROW = {**W, **at("08:00:01Z", _TOMORROW)}


def _won(first_at: str, last_at: str, **others: Any) -> ExpectedRound:
    return makes("won", 20, 5, 15, first_at=first_at, last_at=last_at, **others)


CLOCKS = (
    Family(
        25,
        "Timestamps: equal, turned round, with offsets, at midnight, at clock changes, in the future",
        "Timestamps in whole seconds tie; clocks of two systems differ; local times carry their offsets. Events are "
        "put in order as instants, and no order changes a round's money.",
        'documented: "Format: RFC3339" makes a timestamp an instant, whatever its offset; inferred: a round is what '
        "its events say together, whichever is the earlier.",
        (
            case(
                25,
                "equal",
                [{**B, **at("07:00:00Z")}, {**W, **at("07:00:00Z")}],
                "FT314",
                _won("2026-03-02T07:00:00Z", "2026-03-02T07:00:00Z"),
            ),
            case(
                25,
                "equal as instants",
                [{**B, **at("07:00:00Z")}, {**W, **at("13:00:00+06:00")}],
                "FT314",
                _won("2026-03-02T07:00:00Z", "2026-03-02T07:00:00Z"),
            ),
            case(
                25,
                "the Win is the earlier",
                [{**B, **at("07:00:01Z")}, {**W, **at("07:00:00Z")}],
                "FT306",
                _won("2026-03-02T07:00:00Z", "2026-03-02T07:00:01Z"),
            ),
            case(
                25,
                "an offset, in order as instants",
                [{**B, **at("13:00:00+06:00")}, {**W, **at("07:00:01Z")}],
                "",
                _won("2026-03-02T07:00:00Z", "2026-03-02T07:00:01Z"),
            ),
            case(
                25,
                "an offset over midnight: the Bet's date is the later",
                [{**B, **at("03:00:00+06:00")}, {**W, **at("21:00:01Z", "2026-03-01")}],
                "",
                _won("2026-03-01T21:00:00Z", "2026-03-01T21:00:01Z"),
            ),
            case(
                25,
                "over midnight",
                [{**B, **at("23:59:59.999999Z", "2026-03-01")}, {**W, **at("00:00:00Z")}],
                "",
                _won("2026-03-01T23:59:59.999999Z", "2026-03-02T00:00:00Z"),
            ),
            case(
                25,
                "when the clocks go back: the Win's hour is the earlier",
                [{**B, **at("02:59:59+02:00", "2025-10-26")}, {**W, **at("02:00:00+01:00", "2025-10-26")}],
                "",
                _won("2025-10-26T00:59:59Z", "2025-10-26T01:00:00Z"),
            ),
            case(
                25,
                "when the clocks go forward: an hour is skipped",
                [{**B, **at("01:59:59+01:00", "2025-03-30")}, {**W, **at("03:00:00+02:00", "2025-03-30")}],
                "",
                _won("2025-03-30T00:59:59Z", "2025-03-30T01:00:00Z"),
            ),
            case(
                25,
                "clocks in the future",
                [_BET_TOMORROW, _WIN_TOMORROW],
                "",
                _won("2026-03-03T08:00:00Z", "2026-03-03T08:00:01Z"),
            ),
            case(
                25,
                "clocks in the future, told",
                [_BET_TOMORROW, _WIN_TOMORROW],
                "FT603",
                _won("2026-03-03T08:00:00Z", "2026-03-03T08:00:01Z"),
                select=("FT603",),
            ),
            case(
                25,
                "the Bet's clock is in the future",
                [_BET_TOMORROW, W],
                "FT306",
                _won("2026-03-02T08:00:01Z", "2026-03-03T08:00:00Z"),
            ),
        ),
    ),
)
