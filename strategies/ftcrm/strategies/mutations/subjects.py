"""A round or bonus that went wrong, and whether what is left of it still does, as its mutation says."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ftcrm.contracts import Message, RoundKey, Settings, construct
from ftcrm.contracts.messages import message_type_of
from ftcrm.strategies.mutations.found import found_in
from ftcrm.strategies.mutations.mutation import RECEIVED_AT, Mutation

__all__ = ["MutatedSubject", "still_shows"]


class MutatedSubject(NamedTuple):
    """One round or bonus that went wrong: by which mutation, and the key and the amounts of its round before.

    `messages` are its own of the history, the very objects, `valid` those that it had before it went wrong.
    """

    mutation: Mutation
    key: RoundKey
    bet: Decimal
    win: Decimal
    messages: tuple[Message, ...]
    valid: tuple[Message, ...]


def still_shows(subject: MutatedSubject, messages: Sequence[Message]) -> bool:
    """Whether these messages, which are what is left of its own, go wrong as the mutation says.

    A rule that it declares speaks of them. Where it declares none, none speaks, and they are all of its own, or at
    least not a part of what was valid, and its round comes out as the mutation says.
    """
    mutation = subject.mutation
    found = found_in(messages, Settings(**mutation.settings), closes=mutation.closes)
    if mutation.findings or found:
        return bool(mutation.findings & found)
    said, before = _said(messages), _said(subject.valid)
    if said == _said(subject.messages):
        return said != before
    return not _is_part(said, before) and _comes_out(subject, messages)


def _comes_out(subject: MutatedSubject, messages: Sequence[Message]) -> bool:
    outcome = subject.mutation.outcome
    made = construct(messages, settings=Settings(**subject.mutation.settings), as_of=RECEIVED_AT).rounds
    found = [each for each in made if RoundKey(each.origin, each.user_id, each.round_id) == subject.key]
    totals = [money for each in found for money in each.totals.values()]
    return (
        [each.state for each in found] == ([] if outcome.state is None else [outcome.state])
        and outcome.bet in (None, sum(money.bet.total for money in totals) / subject.bet)
        and outcome.win in (None, sum(money.win.total for money in totals) / subject.win)
    )


def _said(messages: Sequence[Message]) -> list[tuple[bytes, str | None]]:
    """What they say, whatever connector brings them."""
    return [(message.raw, message_type_of(message)) for message in messages]


def _is_part(some: Sequence[tuple[bytes, str | None]], of: Sequence[tuple[bytes, str | None]]) -> bool:
    """Whether they are there, in this order."""
    left = iter(of)
    return all(each in left for each in some)
