"""How mutations of sequences are written: as the events of a play, in the order in which they arrive."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from ftcrm.strategies.documents import WALLETS, Stamp, timestamp_of
from ftcrm.strategies.mutations.mutation import Mutation, Outcome, Subject
from ftcrm.strategies.rounds import Sent

__all__ = ["BonusPlay", "Play", "changed", "ended", "in_wallet", "of_bonus", "of_round", "times"]


class Play:
    """The Bet and the Win of the subject, which are a `gap` apart, and what may be made of them."""

    def __init__(self, draw: st.DrawFn, subject: Subject) -> None:
        casino = [sent for sent in subject.sent if sent.message_type == "CASINO"]
        self.draw, self.scene = draw, subject.scene
        self.bet, self.win = casino
        self.gap = self.win.at - self.bet.at

    def loss(self) -> Sent:
        """A Loss in the place of the Win."""
        return changed(times(self.win, 0), type="Loss")

    def again(self, sent: Sent, **changes: Any) -> Sent:
        """Another event like it: its activity_id is new."""
        return changed(sent, **{"activity_id": self.scene.ids.new("a"), **changes})

    def another_round(self, **changes: Any) -> list[Sent]:
        """The Bet and the Win of another round like it, at the same times."""
        changes = {"round_id": self.scene.ids.new("r"), **changes}
        return [self.again(self.bet, **changes), self.again(self.win, **changes)]

    def undo(self, sent: Sent) -> Sent:
        """A Rollback with the event's own id, at the time of the event."""
        return changed(sent, status="Rollback")

    def undo_by_new_id(self, sent: Sent) -> Sent:
        """A Rollback with an id of its own."""
        return self.again(self.undo(sent))

    def at(self, sent: Sent, instant: datetime, stamp: Stamp | None = None) -> Sent:
        """The event at another time; `stamp` is how that is written, like the sender's others unless told."""
        return changed(sent, timestamp=timestamp_of(instant, stamp or self.scene.manner.stamp))._replace(at=instant)

    def timed(self, *events: Sent, gap: timedelta | None = None) -> list[Sent]:
        """These events, the first at the time of the Bet, each a gap later than the one before."""
        return [self.at(sent, self.bet.at + index * (gap or self.gap)) for index, sent in enumerate(events)]

    def more(self, sent: Sent, units: int) -> Sent:
        """The event with so many of the currency's smallest unit more in its amount, and in its largest wallet."""
        unit = units * Decimal(1).scaleb(-self.scene.currency.decimals)
        found = {"amount": sent.document["amount"] + unit}
        wallets = sorted((name for name in WALLETS if name in sent.document), key=lambda name: -sent.document[name])
        for name in wallets[:1]:
            found[name] = sent.document[name] + unit
        return changed(sent, **found)


class BonusPlay(Play):
    """The same with the bonus around the round."""

    def __init__(self, draw: st.DrawFn, subject: Subject) -> None:
        super().__init__(draw, subject)
        self.created, self.completed = (sent for sent in subject.sent if sent.message_type == "BONUS")

    def status(self, name: str) -> Sent:
        """Another status of the bonus, at the time of Completed."""
        return changed(self.completed, status=name)


def changed(sent: Sent, **changes: Any) -> Sent:
    """The event with these properties."""
    return sent._replace(document={**sent.document, **changes})


def ended(sent: Sent) -> Sent:
    """The event with the end flag."""
    return changed(sent, is_round_end=True)


def times(sent: Sent, factor: int) -> Sent:
    """The event with so many times the amount, in each of its wallets."""
    names = [name for name in ("amount", *WALLETS) if name in sent.document]
    return changed(sent, **{name: factor * sent.document[name] for name in names})


def in_wallet(sent: Sent, wallet: str) -> Sent:
    """The event with all of its amount in that wallet."""
    document = {name: value for name, value in sent.document.items() if name not in WALLETS}
    return sent._replace(document=document | {wallet: document["amount"]})


def of_round(
    name: str,
    about: str,
    findings: str,
    outcome: Outcome,
    change: Callable[[Play], Sequence[Sent]],
    *families: int,
    closes: bool = False,
    settings: Mapping[str, Any] | None = None,
) -> Mutation:
    """A mutation of a round; `findings` are codes with blanks between them."""
    return Mutation(
        name=name,
        about=about,
        subject="round",
        findings=frozenset(findings.split()),
        outcome=outcome,
        documents=lambda draw, subject: change(Play(draw, subject)),
        families=families,
        closes=closes,
        settings=settings or {},
    )


def of_bonus(
    name: str,
    about: str,
    findings: str,
    outcome: Outcome,
    change: Callable[[BonusPlay], Sequence[Sent]],
    *families: int,
    closes: bool = False,
    settings: Mapping[str, Any] | None = None,
) -> Mutation:
    """A mutation of a bonus and its round, likewise."""
    return Mutation(
        name=name,
        about=about,
        subject="bonus",
        findings=frozenset(findings.split()),
        outcome=outcome,
        documents=lambda draw, subject: change(BonusPlay(draw, subject)),
        families=families,
        closes=closes,
        settings=settings or {},
    )
