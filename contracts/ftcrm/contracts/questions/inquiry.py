"""Folding one round under every reading of what may matter to it.

First each reading that is not the engine's own by itself, then two together, then three, until something differs: what
is asked first is what changes the round alone. Only a round that nothing changes goes through the whole product.
"""

from collections.abc import Collection, Generator, Sequence
from itertools import chain, combinations, product
from operator import attrgetter
from typing import Any

import msgspec

from ftcrm.contracts.questions.ledger import (
    INVALID_EVENTS,
    Outcome,
    Reading,
    RoundQuestion,
    is_of_readings,
    open_assumptions,
)
from ftcrm.contracts.questions.triggers import triggered
from ftcrm.contracts.rounds import (
    STANDARD_READINGS,
    Assumption,
    CasinoMember,
    Readings,
    RoundFold,
    RoundKey,
    fold_round,
)

__all__ = ["inquire", "members_of", "questions_of"]

_Choices = tuple[tuple[str, str], ...]
"""Readings that are not the engine's own, by the names of their assumptions, in the order of the ledger."""
_seq_of = attrgetter("seq")


def questions_of(
    key: RoundKey,
    members: Sequence[CasinoMember],
    left_out: Sequence[CasinoMember] = (),
    *,
    readings: Readings = STANDARD_READINGS,
    answered: Collection[str] = (),
) -> tuple[RoundQuestion, ...]:
    """What the round of these members depends on; nothing when it is the same under every reading.

    `left_out` are the events with its key that can be read and were not folded; there may be no members beside them.
    `readings` are those of the settings: what they have otherwise than the engine by itself is answered, and so are the
    assumptions `answered` by name.

    What changes the round alone is all that is asked, as long as anything does. Else it is the fewest assumptions that
    change it together.
    """
    asking = inquire(key, members, left_out, readings=readings, answered=answered)
    while True:
        try:
            next(asking)
        except StopIteration as done:
            found: tuple[RoundQuestion, ...] = done.value
            return found


def inquire(
    key: RoundKey,
    members: Sequence[CasinoMember],
    left_out: Sequence[CasinoMember] = (),
    *,
    readings: Readings = STANDARD_READINGS,
    answered: Collection[str] = (),
) -> Generator[None, None, tuple[RoundQuestion, ...]]:
    """`questions_of` in steps, one for each fold, so that others may have a turn between them."""
    left_out = () if INVALID_EVENTS.name in answered else left_out
    may_matter = triggered(members, left_out)
    if not may_matter:
        return ()
    asked = [each for each in open_assumptions(readings, answered) if each.name in may_matter]
    own: Outcome | None = None
    for count in range(len(asked) + 1):
        made: dict[_Choices, Outcome | None] = {}
        for choices in _choices(asked, count):
            made[choices] = _outcome(key, members, left_out, readings, choices)
            yield
        if not count:
            own = made[()]
        elif differing := [choices for choices, outcome in made.items() if outcome != own]:
            return tuple(_questions(key, asked, own, made, differing))
    return ()


def members_of(fold: RoundFold) -> tuple[CasinoMember, ...]:
    """Every member that the round was folded of, those that do not count too."""
    if not fold.repeats and not fold.conflicts:
        return fold.events
    others = chain.from_iterable(chain(fold.repeats, fold.conflicts))
    found = {member.seq: member for member in chain(fold.events, others)}
    return tuple(sorted(found.values(), key=_seq_of))


def _choices(asked: Sequence[Assumption], count: int) -> Generator[_Choices, None, None]:
    """Every way to read so many of the assumptions otherwise."""
    for several in combinations(asked, count):
        yield from product(*([(each.name, choice) for choice in each.choices[1:]] for each in several))


def _outcome(
    key: RoundKey,
    members: Sequence[CasinoMember],
    left_out: Sequence[CasinoMember],
    readings: Readings,
    choices: _Choices,
) -> Outcome | None:
    chosen = dict(choices)
    folded = [*members, *left_out] if chosen.get(INVALID_EVENTS.name) == "folded" else members
    if not folded:
        return None
    changes: dict[str, Any] = {name.replace("-", "_"): choice for name, choice in choices if is_of_readings(name)}
    if changes:
        readings = msgspec.structs.replace(readings, **changes)
    return Outcome.of(fold_round(key, folded, readings=readings))


def _questions(
    key: RoundKey,
    asked: Sequence[Assumption],
    own: Outcome | None,
    made: dict[_Choices, Outcome | None],
    differing: Sequence[_Choices],
) -> Generator[RoundQuestion, None, None]:
    """One for each assumption that is read otherwise in any of the differing choices, with the first of those.

    With fewer readings changed all is as under the engine's own: so the assumption's own reading gives that outcome.
    """
    for assumption in asked:
        first = next((choices for choices in differing if assumption.name in dict(choices)), None)
        if first is None:
            continue
        readings = [Reading(assumption.choices[0], own)]
        for choice in assumption.choices[1:]:
            swapped = tuple((name, choice if name == assumption.name else taken) for name, taken in first)
            readings.append(Reading(choice, made[swapped]))
        given = {name: choice for name, choice in first if name != assumption.name}
        yield RoundQuestion(key, assumption, tuple(readings), given)
