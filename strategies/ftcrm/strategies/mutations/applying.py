"""Histories that go wrong: valid ones in which mutations changed a few rounds or bonuses."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from ftcrm.contracts import Message, RoundKey, Settings
from ftcrm.strategies.bonuses import TYPES, BonusOutline
from ftcrm.strategies.documents import SPLITS
from ftcrm.strategies.feeds import FeedOutline, Part, Plot, messages_of, parts_of, with_again, woven
from ftcrm.strategies.mutations.catalogue import MUTATIONS
from ftcrm.strategies.mutations.found import found_in
from ftcrm.strategies.mutations.mutation import Mutation, Subject, SubjectKind
from ftcrm.strategies.mutations.subjects import MutatedSubject, still_shows
from ftcrm.strategies.outlines import (
    BONUS_IDS,
    GAPS,
    amounts,
    check_tables,
    feed_outlines,
    manners,
    plots,
    several,
    starts,
)
from ftcrm.strategies.rounds import Act, Ending, Outline, Sent, Step
from ftcrm.strategies.tables import CURRENCIES, GAMES, SINCE, UNTIL, USERS, Currency, Game, User

__all__ = ["MutatedHistory", "mutated_histories"]

_OVERLAP = 6
_MAX_ACTS = 3
_MAX_REDELIVERIES = 1


@dataclass(frozen=True, kw_only=True)
class MutatedHistory:
    """A history that went wrong, and what must come of it.

    `findings` are exactly the rules that speak under `settings`, the run closed if `closes`, beside the notes on
    redelivery (FT302, FT510) that the rest of the history draws. The rounds of `subjects` come out as their mutations
    say, and all others as those of `valid`, the same history without the mutations.
    """

    messages: list[Message]
    mutations: tuple[str, ...]
    findings: frozenset[str]
    settings: Settings = field(repr=False)
    closes: bool
    subjects: tuple[MutatedSubject, ...] = field(repr=False)
    valid: list[Message] = field(repr=False)


def mutated_histories(
    names: Collection[str] | None = None,
    *,
    users: Sequence[User] = USERS,
    currencies: Sequence[Currency] = CURRENCIES,
    games: Sequence[Game] = GAMES,
    since: datetime = SINCE,
    until: datetime = UNTIL,
    max_size: int = 3,
    max_mutations: int = 2,
) -> st.SearchStrategy[MutatedHistory]:
    """A valid history in which one to `max_mutations` rounds or bonuses, each of another player, went wrong.

    They go wrong by the mutations that `names` has, of all unless told; besides, there are at most `max_size` rounds,
    tables and bonuses that are valid. What is drawn is judged as it is sent: when the rules that a mutation declares
    are all silent about its own round or bonus, or it declares none and changed nothing, the history is discarded.

    Raises:
        InvalidArgument: a name is no mutation's, or none is given; a table has no rows, or the range of time is none.
    """
    check_tables(since, until, users=users, currencies=currencies, games=games)
    if max_mutations < 1:
        raise InvalidArgument(f"max_mutations: expected 1 at least, got {max_mutations!r}")
    chosen = _named(MUTATIONS, names)
    seats = min(max_mutations, len(users))
    subjects: dict[SubjectKind, st.SearchStrategy[Plot]] = {
        "round": _subjects("round", games, since, until),
        "bonus": _subjects("bonus", games, since, until),
    }
    rest = feed_outlines(
        plots(users, games, since, until, _MAX_ACTS),
        currencies,
        min_size=0,
        max_size=max_size,
        max_redeliveries=_MAX_REDELIVERIES,
    )
    # The group of each mutation, and not each group once: so that every mutation is as likely.
    groups = [_alike(mutation, chosen) for mutation in chosen]
    return _mutated(groups, subjects, rest, seats, users=users, currencies=currencies)


def _named(mutations: Mapping[str, Mutation], names: Collection[str] | None) -> list[Mutation]:
    if names is None:
        return list(mutations.values())
    unknown = [name for name in names if name not in mutations]
    if unknown or not names:
        raise InvalidArgument(f"names: expected names of mutations, got {unknown or names!r}; there are {[*mutations]}")
    return [mutation for name, mutation in mutations.items() if name in names]


# -- what goes wrong, before it does ---------------------------------------------------------------------------------


def _subjects(kind: SubjectKind, games: Sequence[Game], since: datetime, until: datetime) -> st.SearchStrategy[Plot]:
    """One Bet and one Win, or Created, these two and Completed; who plays is told later."""
    outline = st.builds(Outline, opening=_step("bet"), acts=st.builds(list), ending=_step("win"), joint=st.booleans())
    what: st.SearchStrategy[list[Outline] | BonusOutline] = outline.map(lambda each: [each])
    if kind == "bonus":
        what = st.builds(
            BonusOutline,
            type=st.sampled_from([name for name in TYPES if name != "FreeSpins"]),
            bonus_id=st.sampled_from(BONUS_IDS),
            pending=st.just(False),
            rounds=outline.map(lambda each: [(each, 0)]),
            unused=st.just(False),
            ongoing=st.just(False),
            closing=st.just(("Completed",)),
            gap=st.sampled_from(GAPS),
            amount=amounts(),
            spun=st.just(False),
        )
    manner = manners().map(lambda each: each._replace(flags="none"))
    return st.builds(
        Plot, what, starts(since, until), st.just(0), st.sampled_from(games), manner, st.integers(0, _OVERLAP)
    )


def _step(act: Act | Ending) -> st.SearchStrategy[Step]:
    return st.builds(Step, act=st.just(act), gap=st.sampled_from(GAPS), amount=amounts(), split=st.sampled_from(SPLITS))


# -- what comes of it ------------------------------------------------------------------------------------------------


@st.composite
def _mutated(
    draw: st.DrawFn,
    groups: Sequence[Sequence[Mutation]],
    subjects: Mapping[SubjectKind, st.SearchStrategy[Plot]],
    rest: st.SearchStrategy[FeedOutline],
    seats: int,
    *,
    users: Sequence[User],
    currencies: Sequence[Currency],
) -> MutatedHistory:
    alike = draw(st.sampled_from(groups))
    settings, closes = Settings(**alike[0].settings), alike[0].closes
    drawn = draw(several(_with_subject(alike, subjects), 1, seats))
    mutations = [mutation for mutation, _ in drawn]
    player = draw(st.integers(0, len(users) - 1))
    wrong = [plot._replace(user=(player + seat) % len(users)) for seat, (_, plot) in enumerate(drawn)]
    outline = draw(rest)
    before = draw(st.integers(0, len(outline.plots)))

    outline = outline._replace(plots=outline.plots[:before] + wrong + outline.plots[before:])
    parts = parts_of(outline, users=users, currencies=currencies)
    wrong_parts, rest_parts = parts[before : before + len(wrong)], parts[:before] + parts[before + len(wrong) :]
    if alike[0].settings and found_in(messages_of(woven(rest_parts), outline), settings, closes=closes):
        before, rest_parts = 0, []
    mutated = [_gone_wrong(draw, *each) for each in zip(mutations, wrong_parts, strict=True)]
    changes = {
        id(part.sent[mutation.hits]): partial(mutation.message, draw)
        for mutation, part in zip(mutations, mutated, strict=True)
        if mutation.message is not None
    }
    messages, owned = _delivered(rest_parts, mutated, before, outline, changes)
    valid, owned_before = _delivered(rest_parts, wrong_parts, before, outline, {})
    gone_wrong = tuple(_subject(*each) for each in zip(mutations, wrong_parts, owned, owned_before, strict=True))
    if not all(still_shows(subject, subject.messages) for subject in gone_wrong):
        reject()
    return MutatedHistory(
        messages=messages,
        mutations=tuple(mutation.name for mutation in mutations),
        findings=frozenset().union(*(mutation.findings for mutation in mutations)),
        settings=settings,
        closes=closes,
        subjects=gone_wrong,
        valid=valid,
    )


@st.composite
def _with_subject(
    draw: st.DrawFn, chosen: Sequence[Mutation], subjects: Mapping[SubjectKind, st.SearchStrategy[Plot]]
) -> tuple[Mutation, Plot]:
    mutation = draw(st.sampled_from(chosen))
    return mutation, draw(subjects[mutation.subject])


def _alike(mutation: Mutation, chosen: Sequence[Mutation]) -> list[Mutation]:
    """Those that can share a history with it."""
    return [each for each in chosen if each.settings == mutation.settings and each.closes == mutation.closes]


def _gone_wrong(draw: st.DrawFn, mutation: Mutation, part: Part) -> Part:
    """What is sent instead, where the mutation changes that."""
    if mutation.documents is None:
        return part
    return part._replace(sent=list(mutation.documents(draw, Subject(tuple(part.sent), part.scene))))


def _delivered(
    rest: Sequence[Part],
    wrong: Sequence[Part],
    before: int,
    outline: FeedOutline,
    changes: Mapping[int, Callable[[Message], Message]],
) -> tuple[list[Message], list[tuple[Message, ...]]]:
    """The messages in the order of arrival, and which of them are of each that went wrong.

    `changes` has those that are delivered otherwise, by the id() of the Sent. What is redelivered is of the rest, and
    the same of it whatever goes wrong.
    """
    feed = woven([*rest[:before], *wrong, *rest[before:]])
    messages = messages_of(feed, outline)
    for index, sent in enumerate(feed):
        if id(sent) in changes:
            messages[index] = changes[id(sent)](messages[index])
    places = {id(sent): index for index, sent in enumerate(feed)}
    owned = [_own(part, feed, messages) for part in wrong]
    among = [places[id(sent)] for part in rest for sent in part.sent]
    return with_again(messages, outline.again, among=among), owned


def _own(part: Part, feed: Sequence[Sent], messages: Sequence[Message]) -> tuple[Message, ...]:
    own = {id(sent) for sent in part.sent}
    return tuple([message for sent, message in zip(feed, messages, strict=True) if id(sent) in own])


def _subject(
    mutation: Mutation, part: Part, messages: tuple[Message, ...], valid: tuple[Message, ...]
) -> MutatedSubject:
    bet, win = (sent.document for sent in part.sent if "round_id" in sent.document)
    user, round_id = part.scene.user, bet["round_id"]
    key = RoundKey(*user, round_id)
    return MutatedSubject(mutation, key, Decimal(bet["amount"]), Decimal(win["amount"]), messages, valid)
