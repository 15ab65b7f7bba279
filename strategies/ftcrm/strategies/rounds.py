"""One round: an outline of what happens in it, drawn, and the events that tell of it, made."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from ftcrm.strategies.documents import Document, Ids, Moment, Scene, Split, amount_of, casino_document
from ftcrm.strategies.tables import Currency

__all__ = ["ACTS", "ENDINGS", "OPENINGS", "Act", "Ending", "Outline", "Sent", "Step", "interleaved", "round_events"]

Act = Literal["bet", "free bet", "win", "slip", "renamed slip", "win slip", "undo", "loss"]
Ending = Literal["win", "loss", "nothing", "void", "renamed void", "late void"]

OPENINGS: tuple[Act, ...] = ("bet", "free bet")
ACTS: tuple[Act, ...] = ("win", "bet", "free bet", "slip", "renamed slip", "win slip", "undo", "loss")
"""What may happen between the first Bet and the end.

A slip is a Bet (or a Win) that is rolled back at once, renamed when its Rollback has an id of its own; undo rolls back
the first Bet while another stands; a loss is that of one Bet of several, each closed on its own.
"""
ENDINGS: tuple[Ending, ...] = ("win", "loss", "nothing", "void", "renamed void", "late void")
"""How a round ends: a Win, a Loss, a Win of 0 (nothing), or everything rolled back, late when it had ended before."""


class Step(NamedTuple):
    """One act, how long after the one before, and the amount of it in steps beyond one unit."""

    act: Act | Ending
    gap: timedelta
    amount: int
    split: Split


class Outline(NamedTuple):
    """What a round is to be."""

    opening: Step
    acts: list[Step]
    ending: Step
    joint: bool
    """Whether the round_id is the activity_id of the first Bet, as in the vendor's sample."""


class Sent(NamedTuple):
    """A document, the instant of its timestamp, and the message type that it is sent as."""

    at: datetime
    document: Document
    message_type: str = "CASINO"


class _Entry(NamedTuple):
    """An event in the making: what a Rollback reverses is an index."""

    type: str
    amount: int
    split: Split
    gap: timedelta
    reverses: int | None = None
    renamed: bool = False
    ends: bool = False


def round_events(outline: Outline, scene: Scene, *, round_id: str | None = None, user_bonus_id: str = "") -> list[Sent]:
    """The events of that round in the order of sending, the first at its start, each later than the one before."""
    entries = _entries(outline, scene.currency)
    names = _names(entries, scene.ids)
    if round_id is None:
        round_id = names[0] if outline.joint else scene.ids.new("r")
    sent = []
    at = scene.start
    for index, entry in enumerate(entries):
        at += entry.gap if index else timedelta()
        moment = Moment(
            type=entry.type,
            status="Approved" if entry.reverses is None else "Rollback",
            activity_id=names[index],
            amount=entry.amount,
            split=entry.split,
            at=at,
            place=index,
            is_last=entry.ends or index == len(entries) - 1,
        )
        document = casino_document(moment, scene, round_id=round_id, user_bonus_id=user_bonus_id)
        sent.append(Sent(at, document))
    return sent


def interleaved(before: Sequence[Sent], events: Sequence[Sent], overlap: int) -> list[Sent]:
    """Both, each in its order; the second begins when so many of the first are still to come, and they alternate."""
    begins = max(0, len(before) - overlap)
    mixed = list(before[:begins])
    for index in range(max(len(before) - begins, len(events))):
        mixed += before[begins + index : begins + index + 1]
        mixed += events[index : index + 1]
    return mixed


def _entries(outline: Outline, currency: Currency) -> list[_Entry]:
    entries: list[_Entry] = []
    for step in (outline.opening, *outline.acts):
        entries += _act(entries, step, amount_of(step.amount, currency))
    return entries + _ending(entries, outline.ending, amount_of(outline.ending.amount, currency))


def _act(entries: Sequence[_Entry], step: Step, amount: int) -> list[_Entry]:
    """The events of an act; none where it would contradict what came before."""
    bet = _Entry("Bet", amount, step.split, step.gap)
    win = bet._replace(type="Win")
    bets, wins, losses = (len(_standing(entries, kind)) for kind in ("Bet", "Win", "Loss"))
    match step.act:
        case "bet":
            return [bet]
        case "free bet":
            return [bet._replace(amount=0)]
        case "win":
            return [win]
        case "slip" | "renamed slip":
            return [bet, bet._replace(reverses=len(entries), renamed=step.act == "renamed slip")]
        case "win slip":
            return [win, win._replace(reverses=len(entries))]
        case "undo" if losses + 1 < bets:
            return [_rollback(entries, _standing(entries, "Bet")[0], step)]
        case "loss" if wins + losses + 1 < bets:
            return [bet._replace(type="Loss", amount=0)]
    return []


def _ending(entries: list[_Entry], step: Step, amount: int) -> list[_Entry]:
    """The events that end the round: what the step says, or else a Win."""
    win = _Entry("Win", amount, step.split, step.gap, ends=True)
    bets, wins, losses = (len(_standing(entries, kind)) for kind in ("Bet", "Win", "Loss"))
    match step.act:
        # A Loss is for a Bet that won nothing: where every Bet may have won, a Win of 0 ends the round.
        case "loss" if wins + losses < bets:
            return [win._replace(type="Loss", amount=0)]
        case "loss" | "nothing" if not losses:
            return [win._replace(amount=0)]
        # Of a Loss there is nothing to roll back, and so none of a round that has one.
        case "void" | "renamed void" | "late void" if not losses:
            settled = [win] if step.act == "late void" else []
            played = entries + settled
            undone = (*reversed(_standing(played, "Win")), *reversed(_standing(played, "Bet")))
            renamed = step.act == "renamed void"
            return settled + [_rollback(played, index, step, renamed=renamed) for index in undone]
    return [win]


def _standing(entries: Sequence[_Entry], kind: str) -> list[int]:
    """Where the events of that type are that no Rollback has reversed."""
    reversed_ = {entry.reverses for entry in entries}
    return [
        index
        for index, entry in enumerate(entries)
        if entry.type == kind and entry.reverses is None and index not in reversed_
    ]


def _rollback(entries: Sequence[_Entry], index: int, step: Step, *, renamed: bool = False) -> _Entry:
    return entries[index]._replace(gap=step.gap, reverses=index, renamed=renamed, ends=False)


def _names(entries: Sequence[_Entry], ids: Ids) -> list[str]:
    """The activity ids: a Rollback has that of its event, unless it is renamed and plainly means that event."""
    left = {
        (entries[index].type, entries[index].amount) for kind in ("Bet", "Win") for index in _standing(entries, kind)
    }
    names: list[str] = []
    for entry in entries:
        is_plain = entry.renamed and (entry.type, entry.amount) not in left
        names.append(ids.new("a") if entry.reverses is None or is_plain else names[entry.reverses])
    return names
