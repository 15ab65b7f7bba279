"""`questions`: the rounds that come out otherwise under another reading of the contract, folded when somebody asks."""

from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing
from operator import itemgetter
from typing import Any

from ftcrm.contracts.events import CasinoEvent
from ftcrm.contracts.history import History
from ftcrm.contracts.questions import (
    INVALID_EVENTS,
    LEDGER,
    RoundQuestion,
    answered_by,
    inquire,
    members_of,
    round_question_view,
)
from ftcrm.contracts.rounds import CasinoMember, RoundKey
from ftcrm.mockserver.admin.pages import Item, Views, items, page_of
from ftcrm.mockserver.admin.query import AdminError, Query
from ftcrm.mockserver.follower import Follower
from ftcrm.mockserver.slices import Slices

__all__ = ["QUESTION_FILTERS", "list_questions"]

QUESTION_FILTERS = frozenset({"run", *RoundKey.__struct_fields__, "assumption"})
_PLACES = {assumption.name: place for place, assumption in enumerate(LEDGER, 1)}
_Place = tuple[int, int, int, int]
"""Where a question stands: its section (rounds of which something is folded, then the others), its run, the round's
number in it (in the second section the seq of the first delivery that was left out), its place in the ledger."""
_FOLDED, _NEVER_FOLDED = 0, 1
_CHUNK = 100
"""How many deliveries are fetched again in one turn."""


async def list_questions(follower: Follower, query: Query) -> dict[str, Any]:
    """One page of what rounds depend on: of all rounds in the order in which they first came.

    Behind them are those that would be rounds if what breaks the contract counted.
    """
    name = query.filters.get("assumption")
    if name is not None and name not in _PLACES:
        raise AdminError(400, "unknown-value", f"assumption: expected one of {', '.join(_PLACES)}, got {name!r}")
    section, run_at, number, place = query.cursor_numbers(4)
    return await page_of("questions", _views(follower, query, (section, run_at, number, place)), follower, query)


async def _views(follower: Follower, query: Query, after: _Place) -> Views:
    wanted = query.filters.get("assumption")
    slices = follower.slices()
    async with aclosing(_rounds(follower, query, after, slices)) as rounds:
        async for section, item in rounds:
            questions = await _questions(item.state.history, item.key, slices)
            if follower.runs[item.run] is not item.state:
                continue  # it was reset meanwhile: what was asked is of what is counted no more
            for question in questions:
                name = question.assumption.name
                place = (section, item.state.number, item.number, _PLACES[name])
                if place > after and name == (wanted or name):
                    yield place, {"run": item.run} | round_question_view(question)


async def _rounds(
    follower: Follower, query: Query, after: _Place, slices: Slices
) -> AsyncGenerator[tuple[int, Item], None]:
    """The rounds from a place on, each beside its section."""
    section, run_at, number, _ = after
    if section == _FOLDED:
        begun = run_at, max(number - 1, 0)
        async with aclosing(items(follower, query, lambda history: history.rounds, after=begun)) as found:
            async for item in found:
                yield _FOLDED, item
        run_at = number = 0
    async with aclosing(_never_folded(follower, query, (run_at, number), slices)) as others:
        async for item in others:
            yield _NEVER_FOLDED, item


async def _never_folded(
    follower: Follower, query: Query, since: tuple[int, int], slices: Slices
) -> AsyncGenerator[Item, None]:
    """The keys that only deliveries carry that were left out, in the order of the first of those."""
    for run, begun in list(follower):
        if begun.number < since[0] or query.filters.get("run", run) != run:
            continue
        at = since[1] if begun.number == since[0] else 0
        found: list[tuple[int, RoundKey]] = []
        for key in list(begun.history.rounds.known()):
            if slices.is_over:
                await slices.rest()
            if key in begun.history.rounds or any(
                getattr(key, name, value) != value for name, value in query.filters.items()
            ):
                continue
            if (seqs := begun.history.rounds.excluded(key)) and seqs[0] >= at:
                found.append((seqs[0], key))
        for seq, key in sorted(found, key=itemgetter(0)):
            state = follower.runs[run]
            if key not in state.history.rounds:
                yield Item(run, state, seq, key)


async def _questions(history: History, key: RoundKey, slices: Slices) -> tuple[RoundQuestion, ...]:
    """What one round depends on, as far as the settings leave it open; others have their turns between two folds."""
    settings, accept_invalid = history.settings, history.accept_invalid
    answered = answered_by(settings.readings, accept_invalid=accept_invalid) | settings.answered
    fold = history.rounds.value(key)
    members = () if fold is None else members_of(fold)
    left_out = [] if INVALID_EVENTS.name in answered else await _left_out(history, key, slices)
    if not members and not left_out:
        return ()
    return await _in_slices(inquire(key, members, left_out, readings=settings.readings, answered=answered), slices)


async def _left_out(history: History, key: RoundKey, slices: Slices) -> list[CasinoMember]:
    """The events with this key that can be read and were not folded."""
    found: list[CasinoMember] = []
    seqs = history.rounds.excluded(key)
    for start in range(0, len(seqs), _CHUNK):
        fetched = history.members(seqs[start : start + _CHUNK])
        found += [member for member in fetched if isinstance(member.event, CasinoEvent)]
        if slices.is_over:
            await slices.rest()
    return found


async def _in_slices(
    asking: Generator[None, None, tuple[RoundQuestion, ...]], slices: Slices
) -> tuple[RoundQuestion, ...]:
    while True:
        try:
            next(asking)
        except StopIteration as done:
            found: tuple[RoundQuestion, ...] = done.value
            return found
        if slices.is_over:
            await slices.rest()
