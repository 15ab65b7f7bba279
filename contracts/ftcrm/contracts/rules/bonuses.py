"""FT5xx: bonuses around rounds, Scenario B; then the statuses of a bonus among themselves."""

import re
from collections.abc import Iterator

from msgspec import UNSET

from ftcrm.contracts.events.payload import shortened
from ftcrm.contracts.instants import isoformat
from ftcrm.contracts.rounds import BonusFold, BonusMember, CasinoMember, witness_of
from ftcrm.contracts.rounds.bonuses import FINAL_STATUSES, STAGES
from ftcrm.contracts.rules.registry import Hit, Scope, rule

_FREE_SPINS = re.compile(r"free[ _-]?spins?", re.IGNORECASE)
_IDENTITY = ("bonus_id", "type", "product", "currency")


@rule("FT501", "casino-event-before-created", Scope.BONUS_HISTORY, clause="scenario-b.created", absence=True)
def casino_event_before_created(fold: BonusFold) -> Iterator[Hit]:
    """A casino event with a timestamp earlier than its bonus's Created.

    What it checks:
        The casino events that carry a user_bonus_id against the earliest Created of that bonus, by timestamp; told once
        a bonus, of the earliest. A Rollback and what it reverses do not count, where it names this bonus. Silent
        without a Created (FT504), for FreeSpins bonuses (the vendor sends their first bonus event after the rounds),
        and while deliveries of the bonus are excluded for breaking the contract: an earlier Created may be among them.
    Why it matters:
        FT CRM credits rounds to a bonus that is there. A round before it is real play in one report and bonus play in
        the other.
    Example:
        {"user_bonus_id": "863512"}
        BONUS {"status": "Created"}
    Use instead:
        BONUS {"status": "Created"}
        {"user_bonus_id": "863512"}
    What it cannot see:
        A FreeSpins bonus that is sent under another type, and two clocks: where the bonus system and the game system
        each stamp their events, a skew between them looks the same.
    """
    created = _created(fold)
    if created is None or not _is_scenario_b(fold):
        return
    at = created.event.timestamp
    if early := [member for member in fold.live if member.event.timestamp < at]:
        found = f"{isoformat(early[0].event.timestamp)}{_and_more(early)}"
        message = f"timestamp: expected after the bonus's Created at {isoformat(at)}, got {found}"
        yield Hit(message, "/timestamp", witness_of(created, early[0]))


@rule(
    "FT502",
    "casino-event-arrived-before-created",
    Scope.BONUS_HISTORY,
    clause="bonus.arrival",
    absence=True,
    arrival=True,
)
def casino_event_arrived_before_created(fold: BonusFold) -> Iterator[Hit]:
    """A casino event that arrived before the first Created of its bonus did.

    What it checks:
        The order of arrival alone, whatever the timestamps say: a casino event that counts came before any Created of
        the bonus that it names; told once a bonus. Silent for FreeSpins bonuses, and while deliveries of the bonus are
        excluded: a Created that was turned away may have come in time. Where all such events have a timestamp before
        Created, too, it follows from FT501.
    Why it matters:
        "The events are sequence sensitive": a receiver that reads the feed once meets a bonus that it does not know.
    Example:
        {"user_bonus_id": "863512", "timestamp": "2026-03-02T08:00:05Z"}
        BONUS {"status": "Created", "timestamp": "2026-03-02T08:00:01Z"}
    Use instead:
        BONUS {"status": "Created", "timestamp": "2026-03-02T08:00:01Z"}
        {"user_bonus_id": "863512", "timestamp": "2026-03-02T08:00:05Z"}
    What it cannot see:
        Why it came late. Bonus events and casino events may travel on different channels, connections or partitions,
        none of which keeps an order between them; a Created that is sent again after an error may be overtaken as well.
    """
    created = _created(fold)
    if created is None or not _is_scenario_b(fold):
        return
    first = min((member for member in fold.events if member.event.status == "Created"), key=_seq)
    early = [member for member in fold.live if member.seq < first.seq]
    if early:
        in_time = [member for member in early if member.event.timestamp >= created.event.timestamp]
        message = (
            f"user_bonus_id {shortened(fold.bonus.user_bonus_id)!r}: expected its Created to arrive before its casino "
            f"events, got {len(early)} before it"
        )
        implied_by = () if in_time else ("FT501",)
        yield Hit(message, "/user_bonus_id", witness_of(first, min(in_time or early, key=_seq)), implied_by=implied_by)


@rule("FT503", "casino-event-at-created", Scope.BONUS_HISTORY, clause="bonus.ties", absence=True)
def casino_event_at_created(fold: BonusFold) -> Iterator[Hit]:
    """A casino event with the very timestamp of its bonus's Created.

    What it checks:
        Casino events that count against the earliest Created of their bonus: the instants are equal to the microsecond,
        whatever the offsets. Told once a bonus. Silent for FreeSpins bonuses and while deliveries of the bonus are
        excluded.
    Why it matters:
        The contract wants the timestamp of Created to be the earliest. With equal ones nothing but the order of arrival
        says which was first, and a receiver that sorts by timestamp may take either.
    Example:
        BONUS {"status": "Created", "timestamp": "2026-03-02T08:00:00Z"}
        {"user_bonus_id": "863512", "timestamp": "2026-03-02T08:00:00Z"}
    Use instead:
        BONUS {"status": "Created", "timestamp": "2026-03-02T08:00:00.120Z"}
        {"user_bonus_id": "863512", "timestamp": "2026-03-02T08:00:00.480Z"}
    What it cannot see:
        What the sender's clock cut off: timestamps in whole seconds make ties of what was in the right order.
    """
    created = _created(fold)
    if created is None or not _is_scenario_b(fold):
        return
    if tied := [member for member in fold.live if member.event.timestamp == created.event.timestamp]:
        at = isoformat(created.event.timestamp)
        message = f"timestamp: expected after the bonus's Created at {at}, got the same{_and_more(tied)}"
        yield Hit(message, "/timestamp", witness_of(created, tied[0]))


@rule("FT504", "bonus-never-created", Scope.BONUS_HISTORY, clause="bonus.created", absence=True)
def bonus_never_created(fold: BonusFold) -> Iterator[Hit]:
    """Casino events that name a bonus which no Created came for.

    What it checks:
        Whether the bonus of casino events that count has a Created; told once a bonus, until a Created comes. A
        Rollback and what it reverses do not count. Where the bonus has no event at all, it speaks of Bets of more than
        0 alone: rounds without a stake may be free spins, whose bonus event comes after them. Silent for FreeSpins
        bonuses, and while deliveries of the bonus are excluded: the Created may be among them.
    Why it matters:
        An unknown bonus cannot be credited with its rounds: its cost and its turnover are missing in every report.
    Example:
        {"user_bonus_id": "863512"}
    Use instead:
        BONUS {"status": "Created"}
        {"user_bonus_id": "863512"}
    What it cannot see:
        Until the first bonus event comes nobody can know that the bonus is no FreeSpins, and a bonus may have been
        created before the run began. A value that stands for "no bonus" (only "" is known to) looks like an unknown
        bonus, too.
    """
    if _created(fold) is not None or not _is_scenario_b(fold):
        return
    staked = [member for member in fold.live if member.event.type == "Bet" and member.event.amount > 0]
    if staked or (fold.events and fold.live):
        others = dict.fromkeys(member.event.status for member in fold.events)
        got = f"only {_listed([*others])}" if others else "none"
        name = shortened(fold.bonus.user_bonus_id)
        message = f"user_bonus_id {name!r}: expected a bonus event with status Created, got {got}"
        witness = witness_of(staked[0]) if staked else witness_of(fold.events[0], fold.live[0])
        yield Hit(message, "/user_bonus_id", witness)


@rule("FT505", "casino-event-after-closure", Scope.BONUS_HISTORY, clause="scenario-b.closure", absence=True)
def casino_event_after_closure(fold: BonusFold) -> Iterator[Hit]:
    """A casino event that is later than a bonus which has ended.

    What it checks:
        A bonus with a final status (Completed, AutoCompleted, Forfeited, Expired, Lost, Reversed): its last casino
        event that counts has a later timestamp than every status other than Created. Told once a bonus. A Rollback and
        what it reverses do not count, where it names this bonus. Silent for FreeSpins bonuses, and while deliveries of
        the bonus are excluded: a later status may be among them.
    Why it matters:
        The bonus is settled with the rounds until its end; what comes later is missing in its turnover, or is booked to
        a bonus that does not exist any more.
    Example:
        BONUS {"status": "Completed"}
        {"user_bonus_id": "863512"}
    Use instead:
        BONUS {"status": "Created"}
        {"user_bonus_id": "863512"}
        BONUS {"status": "Completed"}
    What it cannot see:
        Whether a status that is still to come closes the bonus again: it falls silent then. A round that is settled
        late with the id of a bonus which was forfeited meanwhile breaks the same sentence of the contract.
    """
    final = [member for member in fold.events if member.event.status in FINAL_STATUSES]
    closings = _closings(fold)
    if not final or not fold.live or not _is_scenario_b(fold):
        return
    if late := [member for member in fold.live if member.event.timestamp > closings[-1].event.timestamp]:
        closed = final[-1].event
        found = f"{isoformat(late[-1].event.timestamp)}{_and_more(late)}"
        closure = f"the bonus's {closed.status} at {isoformat(closed.timestamp)}"
        yield Hit(f"timestamp: expected before {closure}, got {found}", "/timestamp", witness_of(final[-1], late[-1]))


@rule("FT506", "bonus-never-closed", Scope.BONUS_CLOSED, clause="scenario-b.closure", absence=True)
def bonus_never_closed(fold: BonusFold) -> Iterator[Hit]:
    """A bonus with casino events that no other status than Created came after, in a run that is closed.

    What it checks:
        When the run is closed: the bonus has a Created and casino events that count, and every status other than
        Created has an earlier timestamp than the last of them; any other status closes it, as the contract says. It
        follows from FT505 where the bonus has a final status. A Rollback and what it reverses do not count, where it
        names this bonus. Silent for FreeSpins bonuses, and while deliveries of the bonus are excluded.
    Why it matters:
        The bonus stays active in FT CRM for ever: the player counts as one who plays with a bonus, and gets no other.
    Example:
        BONUS {"status": "Created"}
        {"user_bonus_id": "863512"}
        close
    Use instead:
        BONUS {"status": "Created"}
        {"user_bonus_id": "863512"}
        {"user_bonus_id": "863512", "type": "Loss", "amount": 0}
        BONUS {"status": "Completed"}
        close
    What it cannot see:
        A bonus that is closed after the run: a bonus may live for weeks. A status at the very instant of the last
        casino event counts as its closure here (FT507).
    """
    created, closings = _created(fold), _closings(fold)
    if created is None or not fold.live or not _is_scenario_b(fold):
        return
    last = fold.live[-1]
    if not closings or closings[-1].event.timestamp < last.event.timestamp:
        at = isoformat(last.event.timestamp)
        message = f"status: expected one other than Created after the last casino event at {at}, got none"
        yield Hit(message, "/status", witness_of(created, last), implied_by=("FT505",))


@rule("FT507", "closure-at-casino-event", Scope.BONUS_HISTORY, clause="bonus.ties", absence=True)
def closure_at_casino_event(fold: BonusFold) -> Iterator[Hit]:
    """A bonus that ends with the very timestamp of its last casino event.

    What it checks:
        The last of the statuses other than Created: it is a final one (Completed, AutoCompleted, Forfeited, Expired,
        Lost, Reversed), and its instant is that of the last casino event that counts, to the microsecond. Silent for
        FreeSpins bonuses and while deliveries of the bonus are excluded.
    Why it matters:
        The contract wants the closure after the last casino event. With equal timestamps a receiver that sorts by them
        may close the bonus first.
    Example:
        {"user_bonus_id": "863512", "timestamp": "2026-03-02T08:00:01Z"}
        BONUS {"status": "Completed", "timestamp": "2026-03-02T08:00:01Z"}
    Use instead:
        BONUS {"status": "Created", "timestamp": "2026-03-02T08:00:00Z"}
        {"user_bonus_id": "863512", "timestamp": "2026-03-02T08:00:01.120Z"}
        BONUS {"status": "Completed", "timestamp": "2026-03-02T08:00:01.480Z"}
    What it cannot see:
        What the sender's clock cut off. A status such as Ongoing at that instant draws nothing: it may be one in the
        middle.
    """
    closings = _closings(fold)
    if not closings or not fold.live or not _is_scenario_b(fold):
        return
    last = fold.live[-1]
    at = last.event.timestamp
    tied = [member for member in closings if member.event.timestamp == at and member.event.status in FINAL_STATUSES]
    if tied and closings[-1].event.timestamp == at:
        message = (
            f"timestamp: expected {tied[0].event.status} after the last casino event at {isoformat(at)}, got the same"
        )
        yield Hit(message, "/timestamp", witness_of(tied[0], last))


@rule("FT508", "bonus-status-repeated", Scope.BONUS_HISTORY, clause="vendor.bonus.statuses")
def bonus_status_repeated(fold: BonusFold) -> Iterator[Hit]:
    """One status of a bonus in several events that differ.

    What it checks:
        The bonus events of one user_bonus_id: those with the same status have the same content. Told once a status. The
        same event again, delivered twice, is FT510. FreeSpins bonuses are not exempt.
    Why it matters:
        The vendor asks for one event for each change of status and says that repeats corrupt the segmentation: a bonus
        that is created twice counts twice.
    Example:
        BONUS {"status": "Created"}
        BONUS {"status": "Created"}
    Use instead:
        BONUS {"status": "Created"}
        BONUS {"status": "Ongoing"}
    What it cannot see:
        Whether a repeat was meant as an update of its amounts: the vendor knows none. A sender that stamps an event
        anew each time it sends it again makes repeats of what were retries.
    """
    by_status: dict[str, list[BonusMember]] = {}
    for member in fold.events:
        by_status.setdefault(member.event.status, []).append(member)
    for status, members in by_status.items():
        if len(members) > 1:
            message = f"status: expected one event of {shortened(status)!r}, got {len(members)} that differ"
            yield Hit(message, "/status", witness_of(*members[:2]))


@rule("FT509", "bonus-status-backwards", Scope.BONUS_HISTORY, clause="bonus.stages")
def bonus_status_backwards(fold: BonusFold) -> Iterator[Hit]:
    """A status of a bonus after one that comes later in its life.

    What it checks:
        By timestamp: Pending, then Created or Claimed, then Ongoing, then a final status. A status strictly later than
        one of a later stage draws it, once a bonus; equal timestamps draw nothing, nor does one final status after
        another: a bonus that was completed may be reversed. Other statuses have no stage. It follows from FT508 where
        the status stands in its right place, too.
    Why it matters:
        The status of a bonus is that of its last event: one that goes back revives a bonus that has ended.
    Example:
        BONUS {"status": "Ongoing"}
        BONUS {"status": "Created"}
    Use instead:
        BONUS {"status": "Created"}
        BONUS {"status": "Ongoing"}
    What it cannot see:
        Which of the two timestamps is wrong, and a bonus that an operator put back on purpose.
    """
    backwards: list[tuple[BonusMember, BonusMember]] = []
    in_place: set[str] = set()
    furthest: BonusMember | None = None
    # Those of one instant stand in the order of their stages.
    for member in (member for member in fold.events if member.event.status in STAGES):
        if furthest is not None and _stage(member) < _stage(furthest):
            backwards.append((furthest, member))
        else:
            in_place.add(member.event.status)
        furthest = member if furthest is None else max(furthest, member, key=_stage)
    if backwards:
        fresh = [pair for pair in backwards if pair[1].event.status not in in_place]
        before, member = (fresh or backwards)[0]
        wanted = f"no {member.event.status} after {before.event.status} at {isoformat(before.event.timestamp)}"
        message = f"status: expected {wanted}, got one at {isoformat(member.event.timestamp)}"
        yield Hit(message, "/status", witness_of(before, member), implied_by=() if fresh else ("FT508",))


@rule("FT510", "bonus-redelivered", Scope.BONUS_HISTORY, clause="delivery")
def bonus_redelivered(fold: BonusFold) -> Iterator[Hit]:
    """A bonus event that arrived again with the same content: a note, which fails nothing.

    What it checks:
        Bonus events of one user_bonus_id with equal properties, numbers compared by value and timestamps by instant.
        Such an event is counted once; each repeat is told beside the first delivery.
    Why it matters:
        Delivery is at least once, so that this is normal. Many of them are a sender that does not take the answer for
        one, or answers that come too late.
    Example:
        BONUS {"status": "Created", "timestamp": "2026-03-02T08:00:00Z"}
        BONUS {"status": "Created", "timestamp": "2026-03-02T08:00:00Z"}
    Use instead:
        BONUS {"status": "Created", "timestamp": "2026-03-02T08:00:00Z"}
    What it cannot see:
        Whether a sender sent it twice or a broker delivered it twice. A bonus event has no id of its own: two bonuses
        that share user_bonus_id and all else are one.
    """
    for kept, again in fold.repeats:
        message = f"status {shortened(kept.event.status)!r}: the same bonus event again, counted once"
        yield Hit(message, "", (kept.seq, again.seq))


@rule("FT511", "bonus-of-several-types", Scope.BONUS_HISTORY, clause="bonus.identity")
def bonus_of_several_types(fold: BonusFold) -> Iterator[Hit]:
    """The events of one bonus that differ in what stays as long as the bonus does.

    What it checks:
        `bonus_id`, `type`, `product` and `currency` of all bonus events with one user_bonus_id, each against the first
        event, by timestamp, that has the property. Told once a bonus, of the first event that differs.
    Why it matters:
        One user_bonus_id is one bonus of one player. Under two types or currencies it is in two segments, and its
        amounts cannot be added.
    Example:
        BONUS {"status": "Created", "type": "WelcomeBonus"}
        BONUS {"status": "Ongoing", "type": "CashbackBonus"}
    Use instead:
        BONUS {"status": "Created", "type": "WelcomeBonus"}
        BONUS {"status": "Ongoing", "type": "WelcomeBonus"}
    What it cannot see:
        Whether the bonus changed or its id was used again for another: both look like this.
    """
    first: dict[str, BonusMember] = {}
    for member in fold.events:
        values = {name: value for name in _IDENTITY if (value := getattr(member.event, name)) is not UNSET}
        for name in values:
            first.setdefault(name, member)
        differing = [name for name, value in values.items() if getattr(first[name].event, name) != value]
        if differing:
            name = differing[0]
            wanted, got = shortened(getattr(first[name].event, name)), shortened(values[name])
            others = f"; {_listed(differing[1:])} differ{'s' * (len(differing) == 2)}, too" if differing[1:] else ""
            message = f"{name}: expected {wanted!r} as in the bonus's first event, got {got!r}{others}"
            yield Hit(message, f"/{name}", witness_of(first[name], member))
            return


def _is_scenario_b(fold: BonusFold) -> bool:
    """Whether Scenario B's order can be judged: the bonus is no FreeSpins, and nothing of it was left out."""
    names = (member.event.type for member in fold.events)
    return not fold.doubts and not any(isinstance(name, str) and _FREE_SPINS.fullmatch(name) for name in names)


def _created(fold: BonusFold) -> BonusMember | None:
    """The earliest Created."""
    return next((member for member in fold.events if member.event.status == "Created"), None)


def _closings(fold: BonusFold) -> list[BonusMember]:
    """What the contract takes for a closure: "Status set to anything apart from Created"."""
    return [member for member in fold.events if member.event.status != "Created"]


def _stage(member: BonusMember) -> int:
    return STAGES[member.event.status]


def _seq(member: BonusMember | CasinoMember) -> int:
    return member.seq


def _and_more(members: list[CasinoMember]) -> str:
    return "" if len(members) == 1 else f" (and {len(members) - 1} more casino events)"


def _listed(names: list[str]) -> str:
    """At most three names, in the words of a message."""
    shown = [shortened(name) for name in names[:3]]
    if len(names) > 3:
        shown = [*shown[:2], f"{len(names) - 2} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
