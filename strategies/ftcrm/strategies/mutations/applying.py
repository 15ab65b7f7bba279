"""Histories that go wrong: valid ones in which mutations changed a few rounds or bonuses."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from ftcrm.contracts import Finding, History, Message, RoundKey, Ruleset, Settings, judge
from ftcrm.strategies.bonuses import TYPES, BonusOutline
from ftcrm.strategies.documents import SPLITS
from ftcrm.strategies.feeds import FeedOutline, Part, Plot, messages_of, parts_of, with_again, woven
from ftcrm.strategies.mutations.catalogue import MUTATIONS
from ftcrm.strategies.mutations.mutation import RECEIVED_AT, Mutation, Subject, SubjectKind
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
from ftcrm.strategies.rounds import Act, Ending, Outline, Step
from ftcrm.strategies.tables import CURRENCIES, GAMES, SINCE, UNTIL, USERS, Currency, Game, User

__all__ = ["MutatedHistory", "MutatedSubject", "findings_in", "found_in", "mutated_histories"]

_OVERLAP = 6
_MAX_ACTS = 3
_MAX_REDELIVERIES = 1


class MutatedSubject(NamedTuple):
    """One round or bonus that went wrong: by which mutation, and the key and the amounts of its round before."""

    mutation: Mutation
    key: RoundKey
    bet: Decimal
    win: Decimal


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
    are all silent, the history is none that went wrong, and is discarded.

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


def found_in(messages: Sequence[Message], settings: Settings | None = None, *, closes: bool = False) -> frozenset[str]:
    """The codes of the rules that speak of this history; what follows from another finding is not told, as ever."""
    return frozenset(finding.rule for finding in findings_in(messages, settings, closes=closes))


def findings_in(
    messages: Sequence[Message], settings: Settings | None = None, *, closes: bool = False
) -> tuple[Finding, ...]:
    """What the rules say of each message, of the rounds and bonuses that come of them, and of all together.

    Everything is received at RECEIVED_AT; then the deadline of open rounds passes, if the settings have one and the run
    is not closed.
    """
    settings = settings or Settings()
    ruleset = Ruleset(settings)
    history = History(ruleset=ruleset)
    at = int(RECEIVED_AT.timestamp()) * 1_000_000
    found: list[Finding] = []
    for seq, message in enumerate(messages, 1):
        judged = judge(message, ruleset, received_at=at)
        found += judged.findings
        history.add(seq, judged, at=at)
    history.refresh()
    if closes:
        history.close()
    elif settings.round_deadline is not None:
        history.pass_deadlines(at + int(settings.round_deadline * 1_000_000))
    history.refresh()
    for kept in (history.rounds, history.bonuses, history.across):
        for _, findings in kept.flagged():
            found += findings
    return tuple(found)


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
    messages = _delivered(rest_parts, mutated, before, outline, changes)
    found = found_in(messages, settings, closes=closes)
    if any(mutation.findings and not mutation.findings & found for mutation in mutations):
        reject()
    return MutatedHistory(
        messages=messages,
        mutations=tuple(mutation.name for mutation in mutations),
        findings=frozenset().union(*(mutation.findings for mutation in mutations)),
        settings=settings,
        closes=closes,
        subjects=tuple(_subject(*each) for each in zip(mutations, wrong_parts, strict=True)),
        valid=_delivered(rest_parts, wrong_parts, before, outline, {}),
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
) -> list[Message]:
    """The messages in the order of arrival; `changes` has those that are delivered otherwise, by the id() of the Sent.

    What is redelivered is of the rest, and the same of it whatever goes wrong.
    """
    feed = woven([*rest[:before], *wrong, *rest[before:]])
    messages = messages_of(feed, outline)
    for index, sent in enumerate(feed):
        if id(sent) in changes:
            messages[index] = changes[id(sent)](messages[index])
    places = {id(sent): index for index, sent in enumerate(feed)}
    return with_again(messages, outline.again, among=[places[id(sent)] for part in rest for sent in part.sent])


def _subject(mutation: Mutation, part: Part) -> MutatedSubject:
    bet, win = (sent.document for sent in part.sent if "round_id" in sent.document)
    user, round_id = part.scene.user, bet["round_id"]
    return MutatedSubject(mutation, RoundKey(*user, round_id), Decimal(bet["amount"]), Decimal(win["amount"]))
