"""FT3xx: what one round holds: a Bet, each event once, and one game in one currency at one rate."""

from collections.abc import Iterator
from datetime import timedelta

from ftcrm.contracts.events.payload import shortened
from ftcrm.contracts.numbers import EXACT, plain
from ftcrm.contracts.rounds import CasinoMember, RoundFold, Split, witness_of
from ftcrm.contracts.rules.registry import Hit, Scope, rule

_RATE_MOVES_LITTLE = timedelta(days=1)
_TENTH = 10


@rule("FT301", "settlement-without-bet", Scope.ROUND, clause="scenario-a", absence=True)
def settlement_without_bet(fold: RoundFold) -> Iterator[Hit]:
    """A Win or a Loss in a round that no Bet was sent for: "First we should receive a Casino Event with Type Bet".

    What it checks:
        A round with a Win or a Loss that is not rolled back, and no Bet at all; a Bet that was rolled back was sent.
        It is silent while deliveries of the round are excluded for breaking the contract: the Bet may be among them,
        and their findings come first.
    Why it matters:
        FT CRM builds the round on its Bet. A Win alone is money won on no stake: the round stays an orphan, and GGR,
        turnover and the player's segment are off by what is missing.
    Example:
        {"type": "Win", "amount": 5}
    Use instead:
        {"type": "Bet", "amount": 20}
        {"type": "Win", "amount": 5}
    What it cannot see:
        Whether there was a stake. Wins of tournaments, jackpots and free rounds that cost nothing look the same; the
        contract makes no exception for them: a free spin has a Bet with an amount of 0. Where the Bet carries another
        round_id, FT320 says so beside it.
    """
    if fold.settlements and not fold.bets and not fold.may_lack("Bet"):
        message = f"round_id {shortened(fold.round.round_id)!r}: expected a Bet, got only a Win or Loss"
        yield Hit(message, "/round_id", (min([member.seq for member in fold.settlements]),))


@rule("FT302", "repeated-delivery", Scope.ROUND, clause="delivery")
def repeated_delivery(fold: RoundFold) -> Iterator[Hit]:
    """An event that was delivered again with the same content, and counts once.

    What it checks:
        Two deliveries with one activity_id, type and status, and the same content: numbers are compared by value
        (20 and 20.00 are one content), timestamps as instants. A note: delivery is at least once, and a sender that
        got no answer has to send again.
    Why it matters:
        It shows that retries happen, and that they are recognised: the round's totals do not change. Many of them mean
        that answers get lost, or that something is sent twice.
    Example:
        {"type": "Bet", "activity_id": "b", "timestamp": "2026-03-02T08:00:00Z"}
        {"type": "Bet", "activity_id": "b", "timestamp": "2026-03-02T08:00:00Z"}
    Use instead:
        {"type": "Bet", "activity_id": "b", "timestamp": "2026-03-02T08:00:00Z"}
    What it cannot see:
        A retry that is given a new activity_id: that is another event. One with the old id and a new timestamp is
        FT303's.
    """
    for kept, again in fold.repeats:
        activity = shortened(kept.event.activity_id)
        yield Hit(f"activity_id {activity!r}: the same event again, counted once", "", (kept.seq, again.seq))


@rule("FT304", "mixed-currencies", Scope.ROUND, clause="round.currency")
def mixed_currencies(fold: RoundFold) -> Iterator[Hit]:
    """Events of several currencies in one round.

    What it checks:
        The currency of all events of the round that are not rolled back. It speaks once a round and names every
        currency that it found.
    Why it matters:
        Amounts of two currencies cannot be added: the round has no bet, win or GGR of its own, only one for each
        currency and one in the base currency.
    Example:
        {"type": "Bet", "currency": "EUR"}
        {"type": "Win", "currency": "USD"}
    Use instead:
        {"type": "Bet", "currency": "EUR"}
        {"type": "Win", "currency": "EUR"}
    What it cannot see:
        A wrong currency that all events of the round share. Nobody wrote down that a round has one currency; a wallet
        that pays a Win out in another one than the stake's looks the same.
    """
    first: dict[str, int] = {}
    for member in fold.matching.live:
        first.setdefault(member.event.currency, member.seq)
    if len(first) > 1:
        found = _listed(sorted(first))
        yield Hit(f"currency: expected one in a round, got {found}", "/currency", tuple(sorted([*first.values()][:2])))


@rule("FT315", "mixed-games", Scope.ROUND, clause="round.one-game")
def mixed_games(fold: RoundFold) -> Iterator[Hit]:
    """Events of several games in one round.

    What it checks:
        The game_id of all events of the round that are not rolled back, against the first of them by timestamp. It
        speaks once a round; where the vendors differ as well, FT316 tells it.
    Why it matters:
        FT CRM keeps one game for each round. Which of the two it is decides what the bet and the win count for in
        favourite games and in segments by game.
    Example:
        {"type": "Bet", "game_id": "10911"}
        {"type": "Win", "game_id": "10912"}
    Use instead:
        {"type": "Bet", "game_id": "10911"}
        {"type": "Win", "game_id": "10911"}
    What it cannot see:
        A jackpot or a feature that the vendor counts as a game of its own, and settles in the round that won it: it
        looks the same.
    """
    live = fold.matching.live
    for member in live:
        if member.event.game_id != live[0].event.game_id:
            message = _differs("game_id", live[0].event.game_id, member.event.game_id)
            yield Hit(message, "/game_id", witness_of(live[0], member), implied_by=("FT316",))
            return


@rule("FT316", "mixed-vendors", Scope.ROUND, clause="round.one-game")
def mixed_vendors(fold: RoundFold) -> Iterator[Hit]:
    """Events of several vendors in one round.

    What it checks:
        The vendor_id of all events of the round that are not rolled back, against the first of them by timestamp. It
        speaks once a round.
    Why it matters:
        Vendors number their rounds independently of each other: two rounds that happen to share a round_id are joined
        into one, with the totals of both.
    Example:
        {"type": "Bet", "vendor_id": "1"}
        {"type": "Win", "vendor_id": "2"}
    Use instead:
        {"type": "Bet", "vendor_id": "1", "round_id": "1-77"}
        {"type": "Win", "vendor_id": "1", "round_id": "1-77"}
    What it cannot see:
        Whether these are two rounds, or one whose events name the vendor differently (the studio in one of them, the
        aggregator in the other).
    """
    live = fold.matching.live
    for member in live:
        if member.event.vendor_id != live[0].event.vendor_id:
            message = _differs("vendor_id", live[0].event.vendor_id, member.event.vendor_id)
            yield Hit(message, "/vendor_id", witness_of(live[0], member))
            return


@rule("FT317", "mixed-rates", Scope.ROUND, clause="round.one-rate")
def mixed_rates(fold: RoundFold) -> Iterator[Hit]:
    """Exchange rates of one currency that differ by more than a tenth within one round.

    What it checks:
        The highest and the lowest exchange_rate among the events of one currency that are not rolled back: more than a
        tenth of the lower one lies between them. A rate moves with the time of its event, so that less draws nothing,
        nor does a round that took longer than a day.
    Why it matters:
        Amounts in the base currency are the amount times the rate: a rate of 1 on the Win alone, or one that is turned
        round (0.8 for 1.25), falsifies what the round brought.
    Example:
        {"type": "Bet", "exchange_rate": 1.25}
        {"type": "Win", "exchange_rate": 0.8}
    Use instead:
        {"type": "Bet", "exchange_rate": 1.25}
        {"type": "Win", "exchange_rate": 1.26}
    What it cannot see:
        A wrong rate that all events share, and rates that differ between rounds. A currency that really moves by more
        than a tenth within the round, as crypto currencies do once in a while, looks the same.
    """
    live = fold.matching.live
    if all(member.event.exchange_rate == live[0].event.exchange_rate for member in live):
        return
    if live[-1].event.timestamp - live[0].event.timestamp > _RATE_MOVES_LITTLE:
        return
    by_currency: dict[str, list[CasinoMember]] = {}
    for member in live:
        by_currency.setdefault(member.event.currency, []).append(member)
    for currency in sorted(by_currency):
        lowest = min(by_currency[currency], key=lambda member: member.event.exchange_rate)
        highest = max(by_currency[currency], key=lambda member: member.event.exchange_rate)
        low, high = lowest.event.exchange_rate, highest.event.exchange_rate
        if EXACT.multiply(EXACT.subtract(high, low), _TENTH) > low.copy_abs():
            message = f"exchange_rate: expected about one for {currency} in a round, got {plain(low)} and {plain(high)}"
            yield Hit(message, "/exchange_rate", witness_of(lowest, highest))


@rule("FT320", "split-round", Scope.ROUND_SPLIT, clause="round.one-id", absence=True)
def split_round(split: Split) -> Iterator[Hit]:
    """A Win or a Loss alone in its round while a Bet of the same player and game is alone in another one.

    What it checks:
        A round consists of one Win or Loss, and there is an open round of the same origin, user_id, vendor_id and
        game_id that consists of one Bet and is not later by timestamp. Of several such Bets it names the last. Rounds
        of which deliveries were excluded take no part. FT301 speaks of the Win or Loss, too.
    Why it matters:
        This is what a round_id for each transaction looks like ("Send same for Bet & Win"): no round is ever settled,
        each Bet stays open and each Win is an orphan.
    Example:
        {"type": "Bet", "round_id": "r1"}
        {"type": "Win", "round_id": "r2"}
    Use instead:
        {"type": "Bet", "round_id": "r1"}
        {"type": "Win", "round_id": "r1"}
    What it cannot see:
        Whether the two are one play. A round that is still played, and beside it a Win that has no Bet for a reason of
        its own (a tournament, a jackpot, a Bet that is still on its way), look the same: the finding goes when the
        open round is settled or the missing Bet comes.
    """
    (settlement,) = split.fold.settlements
    message = (
        f"round_id: expected {shortened(split.bet.round_id)!r}, where a Bet of this player and game is open, "
        f"got {shortened(settlement.event.round_id)!r}, where there is none"
    )
    yield Hit(message, "/round_id", tuple(sorted((split.bet.seq, settlement.seq))))


@rule("FT321", "activity-of-several-events", Scope.ROUND, clause="casino.activity_id")
def activity_of_several_events(fold: RoundFold) -> Iterator[Hit]:
    """One activity_id for events of several types in one round: "Unique ID for each event".

    What it checks:
        Approved events of different types (a Bet and a Win) with one activity_id in one round. A Rollback that has the
        id of what it reverses is no fault: whether it keeps that id is not known.
    Why it matters:
        A receiver that remembers ids takes the Win for a retry of the Bet and drops it: the round stays open, and the
        player's win is missing from GGR.
    Example:
        {"type": "Bet", "activity_id": "t1"}
        {"type": "Win", "activity_id": "t1"}
    Use instead:
        {"type": "Bet", "activity_id": "t1"}
        {"type": "Win", "activity_id": "t2"}
    What it cannot see:
        The same id in another round, of which FT322 speaks, and two events of one type, of which FT303 speaks.
    """
    if len({member.event.activity_id for member in fold.events}) == len(fold.events):
        return
    first: dict[str, CasinoMember] = {}
    told: set[str] = set()
    for member in fold.events:
        event = member.event
        if event.status != "Approved" or event.activity_id in told:
            continue
        other = first.setdefault(event.activity_id, member)
        if other is not member:
            told.add(event.activity_id)
            message = (
                f"activity_id: expected one of its own for the {event.type}, "
                f"got {shortened(event.activity_id)!r}, which a {other.event.type} of the round has"
            )
            yield Hit(message, "/activity_id", witness_of(other, member))


def _differs(name: str, wanted: str, found: str) -> str:
    return f"{name}: expected {shortened(wanted)!r}, that of the round's first event, got {shortened(found)!r}"


_MOST = 5


def _listed(names: list[str]) -> str:
    shown = [*names[:_MOST], f"{len(names) - _MOST} more"] if len(names) > _MOST else names
    return " and ".join(shown)
