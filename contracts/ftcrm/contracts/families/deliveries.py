"""Scenario A as it is meant to be, and families 1 to 3: events that come again, differ under one id, or overtake."""

from ftcrm.contracts.families.notation import B2, CLOSE, END, W2, B, L, W, at, case, makes
from ftcrm.contracts.families.values import Family

__all__ = ["DELIVERIES", "SCENARIO_A"]

_WON = makes("won", 20, 5, 15)
_BALANCE = {"balance_after": 80}

SCENARIO_A = Family(
    0,
    "B, W: a round as it is meant to be",
    "A Bet, then what settles it. What follows is compared with this.",
    'documented: "First we should receive a Casino Event with Type Bet", "We should then receive a Casino Event with '
    'Type Win or Loss"; rule 4: "you can send a loss event or a win with an amount of 0 to close the round".',
    (
        case(0, "one Bet, one Win", [B, {**W, **END}, CLOSE], "", makes("won", 20, 5, 15, end_flagged=True)),
        case(0, "one Bet, one Loss", [B, {**L, **END}, CLOSE], "", makes("lost", 20, 0, 20, end_flagged=True)),
        case(
            0,
            "one Bet, a Win of 0",
            [B, {**W, "amount": 0, **END}, CLOSE],
            "",
            makes("lost", 20, 0, 20, end_flagged=True),
        ),
    ),
)

DELIVERIES = (
    Family(
        1,
        "B, B (same activity_id): a retry",
        "The sender got no answer in time, or not a 200, and sends the same event again. Delivery is at least once: "
        "this is normal.",
        'inferred: "Unique ID for each event" makes it one event; a repeated id is never processed twice.',
        (
            case(1, "a retry", [B, B, W], "FT302", _WON),
            case(1, "a retry after the Win", [B, W, B], "FT302", _WON),
            case(
                1,
                "a retry, written otherwise",
                [{**B, **at("07:00:00Z")}, {**B, "amount": "20.00", **at("13:00:00.000+06:00")}, W],
                "FT302",
                _WON,
            ),
        ),
        otherwise=("repeats=every",),
    ),
    Family(
        2,
        "B, B' (same activity_id): one id, other content",
        "An id that is given out twice, a retry that is stamped anew, or a correction under the old id. One content "
        "counts: the earliest by timestamp, whichever came first.",
        'inferred: other receivers call differing content under one id an error, and keep one; "Unique ID for each '
        'event". An identity is `(activity_id, type, status)`, so that a Bet and a Win never hide each other.',
        (
            case(2, "another amount", [B, {**B, "amount": 30}, W], "FT303", _WON),
            case(2, "another timestamp", [{**B, **at("07:00:00Z")}, {**B, **at("07:00:01Z")}, W], "FT303", _WON),
            case(
                2,
                "the second to come is the earlier one",
                [{**B, "amount": 30, **at("07:00:01Z")}, {**B, **at("07:00:00Z")}, W],
                "FT303",
                _WON,
            ),
            case(
                2,
                "another balance, all else equal",
                [{**B, **at("07:00:00Z")}, {**B, **_BALANCE, **at("07:00:00Z")}, W],
                "FT323",
                _WON,
            ),
            case(2, "one id for the Bet and its Win", [B, {**W, "activity_id": "b"}], "FT321", _WON),
        ),
        otherwise=("conflicts=latest", "conflicts=every"),
    ),
    Family(
        3,
        "W before B: reordered on the way",
        "Several consumers of one queue, partitions without a key, workers that send side by side: the Win overtakes "
        "its Bet. The round is the same, in whatever order its events come.",
        'inferred: "Send same for Bet & Win" joins the events by their round_id, whatever came first.',
        (
            case(3, "the Win arrives first", [{**W, **at("07:00:01Z")}, {**B, **at("07:00:00Z")}], "FT305", _WON),
            case(3, "the Win arrives first, and is the earlier", [W, B], "FT305", _WON),
            case(3, "the Win arrives first, the Bet twice", [W, B, B], "FT302 FT305", _WON),
            case(3, "the Win overtakes the second Bet", [B, W, B2, W2], "", makes("won", 40, 12, 28)),
        ),
        otherwise=("repeats=every",),
    ),
)
