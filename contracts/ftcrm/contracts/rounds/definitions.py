"""What the engine makes of a feed, in prose, and what each reading of an assumption changes of it, to the letter.

The first part of docs/rounds.md, and the whole of what an implementation of its own needs: the tests' oracle is written
from it. Whoever changes the engine changes this.
"""

__all__ = ["DEFINITIONS", "PRECISELY", "PRECISION"]

DEFINITIONS = """\
# Rounds, sessions, bonuses, players

What the engine makes of a feed, for any sequence of events. Where the published contract speaks, it wins; where it is
silent, the engine's reading is one of the [assumptions](#assumptions), and can be switched.

## Which events count

Folded are the deliveries that were accepted and broke no *documented* rule (`--accept-invalid` folds the readable ones,
too). A round lists the deliveries that carry its key and were not folded as `excluded`; nothing else comes of them.

A **round** is what the folded casino events make that share `(origin, user_id, round_id)`. It is a function of the set
of these events: the order of arrival, redeliveries and batches change nothing of it.

**Content.** Two events have the same content when their decoded fields are equal: numbers by value (20 is 20.00),
timestamps by instant, rounded to the nearest microsecond (a half up), `meta` as JSON by value. A field that was not
sent differs from one that was; null, or a value of another type in a field that may be left out, counts as not sent;
properties that the contract does not list are no content.
The *content digest* is the SHA-256 of the event as JSON without spaces, with keys sorted by code point, and
ASCII-escaped as Python's `json.dumps` does; a number as
`0`, or as its sign, its digits without trailing zeros, `e` and the exponent (20.50 is `205e-1`, 20 is `2e1`); the
timestamp in UTC as `2026-03-02T08:27:58.721607Z` (no fraction when it is zero, else six digits); fields not sent left
out.

**Canonical order.** By instant of `timestamp`, then `activity_id`, then content digest. Whatever needs an order uses
this one.

**Identity.** Within a round an event is identified by `(activity_id, type, status)`. Deliveries of one content count
once. Of several contents under one identity the least in canonical order counts, and the others do not.

## What a Rollback reverses

The counted Rollbacks are matched with the counted approved events in three phases; each phase goes through the
Rollbacks that are left in canonical order, and each takes the first event in canonical order, not reversed yet, that is
like it:

1. the event with its `activity_id` and `type`, whole, whatever its amount;
2. an event of its `type`, `currency`, `amount` and wallets (what the three wallet fields say; see below);
3. an event of its `type`, `currency` and `amount`.

An event is reversed at most once. A Rollback that finds none is a *tombstone*: it has no effect but to be there, so
that an event like it, should it arrive later, is reversed, a Bet that was meant to stand too. Approved events that are
not reversed are **live**.

## A round

| live events | state |
|---|---|
| a Bet, and a Win or a Loss | `settled`; outcome `won` when the win total of a currency is above 0, else `lost` |
| a Bet, no Win and no Loss | `open` |
| a Win or a Loss, no Bet | `orphan` |
| none | `voided`; `played` is false |

- **Totals**, per currency: `bet` sums the `amount` of live Bets, `win` that of live Wins, `ggr` = bet - win; a Loss
  adds to neither. Beside `total`, per wallet: `real` (wager_amount), `bonus` (bonus_wager_amount), `locked`
  (locked_wager_amount), each as it was sent, 0 when it was not; `unallocated` is the amount of events with none of the
  three. `currency` is the one currency, or null when live events have several. A round without live events has the
  currencies of its counted events, with zero totals.
- `base` is the same in base currency: each term times its event's `exchange_rate`.
- All arithmetic is exact decimal arithmetic; nothing is rounded.
- `end_flagged`: a live event has `is_round_end` true. It changes no state.
- `game_*` and `vendor_*` are those of the first live event in canonical order, or of the first counted event when none
  is live; `first_at` and `last_at` are the instants of the first and the last counted event.

## A session

A session is a player's events `(origin, user_id)` without a gap longer than `sessions.gap` (30 minutes unless told;
*unknown*: FT CRM's is not published): the counted casino events of all rounds, Rollbacks and what they reverse too, in
order of time. A gap that is exactly as long does not end it. An event that arrives late and lies between two sessions
can make them one.

- `started_at`, `ended_at`: the first and the last instant; `duration` their difference.
- `events`: how many counted events; `rounds`: in how many rounds live events of it are; `bets`: live Bets; `wins`: live
  Wins of more than 0.
- `totals` and `base`: of its live events, as for rounds; `totals` has the currencies of the live events. A Bet and its
  Win may lie in two sessions, and each counts in its own.
- `games`: for each `(vendor_id, game_id)` with live events, in that order: the name (of its last live event in
  canonical order), the game type (likewise), `bets`, `wins`, and `base`.

## A bonus

A bonus is what the folded bonus events make that share `(origin, user_id, user_bonus_id)`, and the casino events of
that player that carry its id. An empty `user_bonus_id` is no bonus.

- `statuses`: the bonus events, each content once, by instant; those of one instant in the order in which a bonus goes
  through them (Pending; Created, Claimed; Ongoing and unknown ones; Completed, AutoCompleted, Forfeited, Expired, Lost,
  Reversed: *inferred*), then by content digest. `status` is the last of them, null when none came.
- `bonus_id`, `type`, `product`, `amount`, `currency`: of the first of them that has it.
- `totals`, `base`: of the live casino events that carry its id (live as their round says: a Rollback without the id
  reverses its Bet here, too). The turnover per wallet is `bet`. `totals` has the currencies of those live events.
- `bets`: how many live Bets carry it; `rounds`: the `round_id`s of the live events that carry it, sorted.
- `wagering`, when a currency and a `required_wagering_amount` are known: `required`, of the first that has it;
  `wagered`, the bet total in the bonus's currency; `remaining`, what is left of required, at least 0. *Unknown*: which
  wallets count towards it; all do here.

## A player

The segmentation data of one player `(origin, user_id)` as of an instant: that of the last folded event of the whole
history (casino or bonus), unless told. What lies after it is left out: events by their timestamp. What is known of the
time before is what all folded events say (a Rollback after the instant still reverses). A player is there once a round
or a bonus of theirs is: an event with an empty `user_bonus_id` and no round makes none.

"Bets" and "Wins" below are the live ones up to the instant, what counts of them in base currency (`wins` goes by their
own amount). Days are 24 hours.

- `first_at`, `last_at`: of the counted casino events up to the instant, null when there is none.
- `rounds`: how many of the rounds with a counted event up to the instant are `settled`, `open`, `orphan`, `voided`;
  `won` and `lost` of the settled. The state is what the counted and live events up to the instant make it: a round
  whose Win lies after it is `open`.
- `sessions`: how many sessions started up to the instant. `bets`: how many Bets; `wins`: how many Wins of more than 0.
- `totals`, `base`: bet, win, ggr of the live events (vendor: GGR = bets - wins).
- `wallets`: the shares of `real`, `bonus`, `locked` and `unallocated` in the bet total of base (each divided by it, as
  floating-point numbers nearest to the exact quotient); null when that total is 0.
- `favourite_game` (`vendor_id`, `game_id`), `favourite_vendor`, `favourite_type`: the one with the greatest sum of
  weights of its Bets; a Bet weighs exp(-age / 30 days), the sum is correctly rounded (`math.fsum`); at a draw the least
  id (game: vendor_id, then game_id). Null without Bets. `name` is that of the last of the Bets in canonical order,
  `weight` the sum. *Inferred*.
- `stake_bracket`: the mean of the Bets of more than 0 on games of the type "Slots", up to 0.01, 0.20, 0.50, 2, 5, 10,
  25, 50, or above, as `up to 0.20` and `above 50`; null without one ("Slot" and other near misses are none). *Vendor*,
  in EUR: it is that where the base currency is EUR.
- `last_real_bet_at`: the last Bet whose real and unallocated wallets together are above 0. `idle_days`: the greatest of
  0, 1, 2, 5, 10, 20, 30, 90, 180 that has passed since, in days. `activity`: `active` (0), `idle` (1 to 20), `inactive`
  (30 and more). `churned`: 30 days or more have passed since (vendor: without real bets or deposits; this feed has no
  deposits). All null without such a Bet. That Bets alone are real-money transactions, and that unallocated money is
  real, is *inferred*.
- `rfm`: scores from 1 to 5 over the Bets of the 30 days before the instant (later than 30 days before, up to it); null
  without one. *Inferred*, the thresholds are settings. `recency`: 5 less one for each of 1, 3, 7, 14 days that is less
  than the time since the last of them; `frequency`: 1 and one more for each of 5, 20, 100, 500 that their number
  reaches; `monetary`: 1 and one more for each of 10, 100, 1000, 10000 that their sum reaches.
- `bonuses`: how many bonuses have which last status (of their events up to the instant; those without one are not
  counted).
"""
"""The definitions, in Markdown."""

PRECISION = """\
Several readings can be switched at once. They apply in this order: which events count (`conflicts`, `repeats`); which
of them each Rollback reverses, and what of it (`rollback-target`, `rollback-amount`); what else is not live
(`rollback-scope`, then `end-flag=cuts`); the state (`lone-settlement` where no Bet is live, `end-flag` where one is).
`missing-wallets` holds wherever wallets are read. What is live, and what of it counts, is the same for sessions,
bonuses and players.

A reading changes what comes out, never which clauses are checked: with `lone-settlement=settled` a lone Win is a round
of its own, and FT301 still says that the contract wants a Bet first, until it is ignored (`ignore = ["FT301"]`).

Whether an event that breaks the contract counts all the same is no reading but the setting `accept-invalid`;
`ftcrm questions` asks it under the name `invalid-events`."""
"""How the readings go together, in Markdown."""

PRECISELY: dict[str, tuple[tuple[str, str], ...]] = {
    "rollback-target": (
        ("any", "Phases 1, 2 and 3."),
        ("own-id", "Phase 1 only."),
        ("likeness", "Phases 2 and 3 only."),
    ),
    "rollback-amount": (
        ("whole", "What is reversed is not live, whatever the amount of its Rollback."),
        (
            "part",
            "When a Rollback matched in phase 1 has the target's currency, and 0 <= its amount < the target's amount, "
            "the target stays live, and what the Rollback says (its wallets and its amount) is subtracted from what "
            "the target adds to the totals, in base currency at the target's `exchange_rate`; no other Rollback "
            "reverses that target. Any other match reverses the whole of it.",
        ),
    ),
    "rollback-scope": (
        ("event", "A Rollback reverses what it is matched with."),
        ("round", "When the round has any counted Rollback, a tombstone too, nothing of the round is live."),
    ),
    "end-flag": (
        ("informs", "It sets `end_flagged`, and changes nothing else."),
        ("settles", "A round with a live Bet and a live event with `is_round_end` true is `settled`, too."),
        (
            "required",
            "In a round in which any counted event (a Rollback too, live or not) carries `is_round_end`, true or "
            "false, `settled` wants a live event with `is_round_end` true besides; without one the round is `open` as "
            "long as a Bet is live. Orphans stay orphans.",
        ),
        (
            "cuts",
            "Live events after the first live event, in canonical order, with `is_round_end` true are not live. "
            "Rollbacks are matched before that.",
        ),
    ),
    "missing-wallets": (
        ("unallocated", "The amount is of the wallet `unallocated`."),
        ("real", "An event with none of the three fields counts as if it had `wager_amount` = amount, in phase 2 too."),
        (
            "by-bonus",
            "An event with none of the three fields counts as if it had `bonus_wager_amount` = amount when its "
            "`user_bonus_id` is not empty, else `wager_amount` = amount, in phase 2 too.",
        ),
    ),
    "conflicts": (
        ("least", "Of several contents under one identity the least in canonical order counts."),
        ("latest", "The greatest in canonical order counts."),
        ("every", "Each content counts, and is an event of its own."),
    ),
    "repeats": (
        ("once", "Deliveries of one content count once."),
        (
            "every",
            "Each delivery of a content that counts is an event of its own, at the same place in canonical order; "
            "among themselves they follow each other as they arrived.",
        ),
    ),
    "lone-settlement": (
        ("orphan", "A Win or a Loss without a live Bet is an `orphan`."),
        (
            "settled",
            "A round with no counted approved Bet, reversed or not, and with a live Win or Loss is `settled`, won or "
            "lost as usual, whatever `end-flag` says. One whose Bets were reversed is still an `orphan`.",
        ),
    ),
}
"""What each reading means for the engine, by assumption: the definitions of the engine's own, and how others differ."""
