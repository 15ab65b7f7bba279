"""Players: the segmentation data that FT CRM derives from the feed, as of an instant.

That FT CRM constructs "relevant segmentation data" is documented, what that is hardly: every field of a `Player` says
how it is defined here, and on what that rests.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from ftcrm.contracts.numbers import EXACT, ZERO
from ftcrm.contracts.rounds.activity import activity_of
from ftcrm.contracts.rounds.bonuses import BonusFold
from ftcrm.contracts.rounds.favourites import Favourite, favourites_of
from ftcrm.contracts.rounds.members import PlayerKey
from ftcrm.contracts.rounds.money import Entry, Money, add_up
from ftcrm.contracts.rounds.readings import STANDARD_READINGS, Readings
from ftcrm.contracts.rounds.rounds import Round, RoundFold, state_of
from ftcrm.contracts.rounds.scores import Rfm, Thresholds, rfm_of
from ftcrm.contracts.rounds.sessions import Session
from ftcrm.contracts.rounds.stakes import WalletShares, bracket_of, shares_of

__all__ = ["Favourite", "Player", "Rfm", "RoundCounts", "Thresholds", "WalletShares", "fold_player"]

_SLOTS = "Slots"
_add, _multiply = EXACT.add, EXACT.multiply


class RoundCounts(msgspec.Struct, frozen=True):
    """How many rounds are in which state; `won` and `lost` are the outcomes of the settled ones."""

    settled: int = 0
    open: int = 0
    orphan: int = 0
    voided: int = 0
    won: int = 0
    lost: int = 0


class Player(msgspec.Struct, frozen=True):
    """The segmentation data of one player as of an instant.

    Events are known by their timestamps: what lies after the instant is left out, but for the Rollbacks of what lies
    before it. "Bets" and "Wins" are the live ones up to the instant. Amounts are in base currency, amount x
    exchange_rate (inferred; unknown: which currency that is), but for `totals`; days have 24 hours.
    """

    origin: str
    user_id: str
    as_of: datetime
    first_at: datetime | None
    """The instant of the first counted casino event; None when none lies up to `as_of`. Inferred."""
    last_at: datetime | None
    """The instant of the last such event. Inferred."""
    rounds: RoundCounts
    """Rounds with a counted event up to the instant, by the state that the events up to it make. Inferred: the states
    are the reference engine's."""
    sessions: int
    """How many sessions started up to the instant. Inferred; unknown: after which gap a new one starts."""
    bets: int
    """How many Bets. Inferred."""
    wins: int
    """How many Wins of more than 0. Inferred: a Win of 0 closes a round that was lost."""
    totals: dict[str, Money]
    """Bet, win and ggr of the live events, per currency of them, in that currency. Vendor: GGR = bets - wins."""
    base: Money
    """The same in base currency. Vendor: rounds come out with base amounts, too."""
    wallets: WalletShares | None
    """Which part of the turnover was bet with which money; None when that is 0. Inferred."""
    favourite_game: Favourite | None
    """The game with the greatest weight of Bets, a Bet weighing exp(-age / 30 days); None without Bets. Inferred."""
    favourite_vendor: Favourite | None
    """The vendor, likewise. Inferred."""
    favourite_type: Favourite | None
    """The type of game, likewise. Inferred."""
    stake_bracket: str | None
    """The bracket of the mean of the Bets of more than 0 on games of the type "Slots"; None without one.

    Vendor: slot stake brackets "in EUR: up to 0.01, 0.20, 0.50, 2, 5, 10, 25, 50, above". It is that where the base
    currency is EUR. Inferred: that the mean of all such Bets decides, and the bound belongs to the lower bracket.
    """
    last_real_bet_at: datetime | None
    """The instant of the last Bet whose real and unallocated amounts together are above 0, in base currency. Inferred:
    the two are real money."""
    idle_days: int | None
    """The greatest of 0, 1, 2, 5, 10, 20, 30, 90, 180 days that has passed since that Bet; None without one.

    Vendor: "Idle after 1/2/5/10/20 days, Inactive after 30/90/180".
    """
    activity: Literal["active", "idle", "inactive"] | None
    """Active at 0 idle days, idle at 1 to 20, inactive at 30 and more; None without such a Bet. Vendor, where
    "active = a real-money transaction within 30 days" covers what is called idle here, too. Inferred: Bets alone count
    as transactions."""
    churned: bool | None
    """Whether 30 days or more have passed since that Bet; None without one.

    Vendor: "30 days without real bets or deposits"; this feed has no deposits.
    """
    rfm: Rfm | None
    """Scores over the Bets of the last 30 days (later than 30 days before the instant); None without one. Inferred."""
    bonuses: dict[str, int]
    """How many bonuses have which status: that of the last of their events up to the instant, in canonical order.

    Vendor: "One event per status change". A bonus that only casino events name has none, and is not counted.
    """


def fold_player(
    key: PlayerKey,
    rounds: Iterable[RoundFold],
    bonuses: Iterable[BonusFold],
    sessions: Iterable[Session],
    *,
    as_of: datetime,
    thresholds: Thresholds,
    readings: Readings = STANDARD_READINGS,
) -> Player:
    """Construct the player whose rounds, bonuses and sessions these are, all of them, as of that (aware) instant.

    Their order changes nothing. `readings` are those that the rounds were folded with: they make the state of a round
    of which a part lies after the instant.
    """
    folds = [fold for fold in rounds if fold.round.first_at <= as_of]
    values = [fold.round if fold.round.last_at <= as_of else _up_to(as_of, fold, readings) for fold in folds]
    live: list[Entry] = []
    for fold in folds:
        live += _entries_up_to(as_of, fold)
    totals, base = add_up(live)
    bets = [entry for entry in live if entry[0].type == "Bet"]
    stakes = [_multiply(terms[-1], event.exchange_rate) for event, terms in bets]
    events = [event for event, _ in bets]
    favourites = favourites_of(events, as_of)
    activity = activity_of(_last_real_bet_at(bets), as_of)
    return Player(
        origin=key.origin,
        user_id=key.user_id,
        as_of=as_of,
        first_at=min([value.first_at for value in values], default=None),
        last_at=max([value.last_at for value in values], default=None),
        rounds=_counts(values),
        sessions=sum([session.started_at <= as_of for session in sessions]),
        bets=len(bets),
        wins=sum([event.type == "Win" and terms[-1] > ZERO for event, terms in live]),
        totals=totals,
        base=base,
        wallets=shares_of(base.bet),
        favourite_game=favourites.game,
        favourite_vendor=favourites.vendor,
        favourite_type=favourites.type,
        stake_bracket=bracket_of(
            [stake for event, stake in zip(events, stakes, strict=True) if event.game_type == _SLOTS]
        ),
        last_real_bet_at=activity.last_real_bet_at,
        idle_days=activity.idle_days,
        activity=activity.state,
        churned=activity.churned,
        rfm=rfm_of(zip([event.timestamp for event in events], stakes, strict=True), as_of, thresholds),
        bonuses=_statuses(bonuses, as_of),
    )


def _up_to(as_of: datetime, fold: RoundFold, readings: Readings) -> Round:
    """A round of which a part lies after the instant, as far as a player shows it: what the part before makes of it."""
    entries = _entries_up_to(as_of, fold)
    events = [member for member in fold.events if member.event.timestamp <= as_of]
    state = state_of([event for event, _ in entries], events, readings)
    outcome: Literal["won", "lost"] | None = None
    if state == "settled":
        totals, _ = add_up(entries)
        outcome = "won" if any(money.win.total > 0 for money in totals.values()) else "lost"
    last_at = events[-1].event.timestamp
    return msgspec.structs.replace(fold.round, state=state, outcome=outcome, last_at=last_at)


def _entries_up_to(as_of: datetime, fold: RoundFold) -> Sequence[Entry]:
    """What counts of the round's events up to the instant."""
    if fold.round.last_at <= as_of:
        return fold.entries
    return [entry for entry in fold.entries if entry[0].timestamp <= as_of]


def _last_real_bet_at(bets: Sequence[Entry]) -> datetime | None:
    """The instant of the last of these Bets that was placed with real money; unallocated money is taken for it.

    From the end, where most likely it is: of what is not later than the last one found, the money is not looked at.
    """
    last: datetime | None = None
    for event, (real, _, _, unallocated, _) in reversed(bets):
        if last is not None and event.timestamp <= last:
            continue
        if _multiply(_add(real, unallocated), event.exchange_rate) > ZERO:
            last = event.timestamp
    return last


def _counts(values: Sequence[Round]) -> RoundCounts:
    states = [value.state for value in values]
    outcomes = [value.outcome for value in values]
    return RoundCounts(
        settled=states.count("settled"),
        open=states.count("open"),
        orphan=states.count("orphan"),
        voided=states.count("voided"),
        won=outcomes.count("won"),
        lost=outcomes.count("lost"),
    )


def _statuses(bonuses: Iterable[BonusFold], as_of: datetime) -> dict[str, int]:
    """How many bonuses have which last status, in the order of the statuses."""
    counts: dict[str, int] = {}
    for fold in bonuses:
        statuses = [status.status for status in fold.bonus.statuses if status.at <= as_of]
        if statuses:
            counts[statuses[-1]] = counts.get(statuses[-1], 0) + 1
    return dict(sorted(counts.items()))
