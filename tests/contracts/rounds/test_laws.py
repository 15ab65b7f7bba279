"""The laws of the engine over adversarial histories, and engines that break them: each law must catch its own."""

from collections.abc import Callable, Sequence
from datetime import timedelta, timezone
from decimal import Decimal, Inexact, localcontext
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ftcrm.contracts import CasinoEvent, History, Judgement, Round, Verdict
from ftcrm.contracts.events import content_digest
from ftcrm.contracts.rounds import Member, RoundFold, fold_round, wallets_of

GENERATE = (Phase.explicit, Phase.generate)
Fold = Callable[..., RoundFold]


def value_of(fold: Fold, feed: Any, members: Sequence[Member[CasinoEvent]]) -> Round:
    """The round's value: everything but the seqs."""
    return msgspec.structs.replace(fold(feed.key, list(members)).round, seqs=(), excluded=())


# -- the laws, each an assertion about an engine and a history -------------------------------------------------------


def permutation(fold: Fold, feed: Any, events: list[CasinoEvent], data: st.DataObject) -> None:
    """Order of arrival changes nothing; nor does the numbering."""
    shuffled = data.draw(st.permutations(events))
    assert value_of(fold, feed, feed.members(shuffled)) == value_of(fold, feed, feed.members(events))
    members = data.draw(st.permutations(feed.members(events)))
    assert fold(feed.key, members).round == fold(feed.key, feed.members(events)).round


def duplication(fold: Fold, feed: Any, events: list[CasinoEvent], data: st.DataObject) -> None:
    """Events that come again, in whatever spelling, change nothing but the seqs."""
    again = [respelled(event, data) for event in data.draw(st.lists(st.sampled_from(events), min_size=1, max_size=4))]
    assert value_of(fold, feed, feed.members([*events, *again])) == value_of(fold, feed, feed.members(events))


def respelled(event: CasinoEvent, data: st.DataObject) -> CasinoEvent:
    text = f"{event.amount:f}"
    amount = Decimal(text + data.draw(st.sampled_from(["", "0" if "." in text else ".0"])))
    same = msgspec.structs.replace(
        event, amount=amount, timestamp=event.timestamp.astimezone(timezone(timedelta(hours=6)))
    )
    assert content_digest(same) == content_digest(event)
    return same


def conservation(fold: Fold, feed: Any, events: list[CasinoEvent], data: st.DataObject) -> None:
    """Per type, currency and amount: the live total is amount x max(0, A - O - F)."""
    counted = [min(alike, key=order) for alike in by_identity(events).values()]
    approved = [event for event in counted if event.status == "Approved"]
    own = {(event.activity_id, event.type) for event in counted if event.status == "Rollback"}
    named = {(event.activity_id, event.type) for event in approved}
    value = fold(feed.key, feed.members(events)).round
    for kind in ("Bet", "Win"):
        for currency in {event.currency for event in events}:
            expected = Fraction(0)
            for amount in {event.amount for event in counted}:

                def like(event: CasinoEvent, kind: str = kind, currency: str = currency, at: Decimal = amount) -> bool:
                    return (event.type, event.currency, event.amount) == (kind, currency, at)

                sent = [event for event in approved if like(event)]
                reversed_by_own = [event for event in sent if (event.activity_id, event.type) in own]
                others = [
                    event
                    for event in counted
                    if event.status == "Rollback" and like(event) and (event.activity_id, event.type) not in named
                ]
                expected += Fraction(amount) * max(0, len(sent) - len(reversed_by_own) - len(others))
            money = value.totals.get(currency)
            found = getattr(money, kind.lower()).total if money is not None else Decimal(0)
            assert Fraction(found) == expected


def by_identity(events: list[CasinoEvent]) -> dict[tuple[str, str, str], list[CasinoEvent]]:
    groups: dict[tuple[str, str, str], list[CasinoEvent]] = {}
    for event in events:
        groups.setdefault((event.activity_id, event.type, event.status), []).append(event)
    return groups


def order(event: CasinoEvent) -> Any:
    return event.timestamp, event.activity_id, content_digest(event)


def rollback(fold: Fold, feed: Any, events: list[CasinoEvent], data: st.DataObject) -> None:
    """A round and its full rollback is nothing: each event reversed by its own id, or each by a fresh one."""
    approved = [event for event in events if event.status == "Approved"]
    kept = [min(alike, key=order) for alike in by_identity(approved).values()]
    fresh = data.draw(st.booleans())
    undone = [
        msgspec.structs.replace(event, status="Rollback", activity_id=f"undo {at}" if fresh else event.activity_id)
        for at, event in enumerate(kept)
    ]
    value = fold(feed.key, feed.members(data.draw(st.permutations([*approved, *undone])) or events)).round
    if kept:
        assert value.state == "voided"
        assert value.played is False
        assert all(zero(money) for money in (*value.totals.values(), value.base))


def zero(money: Any) -> bool:
    return not any(msgspec.structs.astuple(money.bet) + msgspec.structs.astuple(money.win))


def exactness(fold: Fold, feed: Any, events: list[CasinoEvent], data: st.DataObject) -> None:
    """Totals are the exact sums over the live events, and each wallet's, and in base currency; none is rounded."""
    folded = fold(feed.key, feed.members(events))
    names = ("real", "bonus", "locked", "unallocated", "total")
    for kind in ("Bet", "Win"):
        live = [member.event for member in folded.matching.live if member.event.type == kind]
        for at, name in enumerate(names):
            terms = [(event, Fraction((*wallets_of(event), event.amount)[at])) for event in live]
            base = sum((term * Fraction(event.exchange_rate) for event, term in terms), Fraction(0))
            assert Fraction(getattr(getattr(folded.round.base, kind.lower()), name)) == base
            for currency, money in folded.round.totals.items():
                exact = sum((term for event, term in terms if event.currency == currency), Fraction(0))
                assert Fraction(getattr(getattr(money, kind.lower()), name)) == exact
    for money in (folded.round.base, *folded.round.totals.values()):
        for name in names:
            bet, win, ggr = (Fraction(getattr(part, name)) for part in (money.bet, money.win, money.ggr))
            assert ggr == bet - win


def states(fold: Fold, feed: Any, events: list[CasinoEvent], data: st.DataObject) -> None:
    """The state is what the types of the live events make it, and every approved event is live or reversed, once."""
    folded = fold(feed.key, feed.members(events))
    types = {member.event.type for member in folded.matching.live}
    bet, settlement = "Bet" in types, bool(types - {"Bet"})
    assert (
        folded.round.state
        == {
            (True, True): "settled",
            (True, False): "open",
            (False, True): "orphan",
            (False, False): "voided",
        }[bet, settlement]
    )
    assert (folded.round.outcome is not None) is (folded.round.state == "settled")
    parts = [
        *folded.matching.live,
        *folded.matching.tombstones,
        *(member for reversal in folded.reversals for member in (reversal.target, reversal.rollback)),
    ]
    assert sorted(member.seq for member in parts) == sorted(member.seq for member in folded.events)
    live = {member.seq for member in folded.matching.live}
    assert all({other.seq for other in reversal.alternatives} <= live for reversal in folded.reversals)


LAWS = {law.__name__: law for law in (permutation, duplication, conservation, rollback, exactness, states)}


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_law(feed: Any, law: Any, data: st.DataObject) -> None:
    with localcontext() as ambient:
        ambient.prec = 3  # the caller's own context must not matter
        ambient.traps[Inexact] = False
        law(fold_round, feed, data.draw(feed.histories), data)


# -- engines that are wrong in a way that was seen in the field ------------------------------------------------------


def sums_in_float(key: Any, members: Any, **_: Any) -> RoundFold:
    folded = fold_round(key, members)
    floats = {name: as_floats(money) for name, money in folded.round.totals.items()}
    return msgspec.structs.replace(folded, round=msgspec.structs.replace(folded.round, totals=floats))


def as_floats(money: Any) -> Any:
    parts = {
        part: type(money.bet)(*(Decimal(float(amount)) for amount in msgspec.structs.astuple(getattr(money, part))))
        for part in ("bet", "win", "ggr")
    }
    return type(money)(**parts)


def counts_repeats(key: Any, members: Any, **_: Any) -> RoundFold:
    return fold_round(key, [relabelled(member, f"{member.event.activity_id} {member.seq}") for member in members])


def relabelled(member: Any, activity_id: str) -> Any:
    if member.event.status == "Rollback":
        return member
    return msgspec.structs.replace(member, event=msgspec.structs.replace(member.event, activity_id=activity_id))


def deduplicates_by_activity_id_alone(key: Any, members: Any, **_: Any) -> RoundFold:
    first: dict[str, Any] = {}
    for member in members:
        first.setdefault(member.event.activity_id, member)
    return fold_round(key, list(first.values()))


def drops_tombstones(key: Any, members: Any, **_: Any) -> RoundFold:
    seen: set[tuple[str, str]] = set()
    kept = []
    for member in members:
        identity = (member.event.activity_id, member.event.type)
        if member.event.status == "Approved":
            seen.add(identity)
        elif identity not in seen:
            continue
        kept.append(member)
    return fold_round(key, kept or list(members))


def in_arrival_order(key: Any, members: Any, **_: Any) -> RoundFold:
    """Ties and matches go by arrival: every event is moved to the instant at which it came."""
    moved = [
        msgspec.structs.replace(
            member,
            event=msgspec.structs.replace(
                member.event, timestamp=member.event.timestamp.replace(microsecond=at, second=0)
            ),
        )
        for at, member in enumerate(members)
    ]
    return fold_round(key, moved)


def ignores_rollbacks(key: Any, members: Any, **_: Any) -> RoundFold:
    approved = [member for member in members if member.event.status == "Approved"]
    return fold_round(key, approved or list(members))


def settles_by_the_end_flag(key: Any, members: Any, **_: Any) -> RoundFold:
    folded = fold_round(key, members)
    state = "settled" if folded.round.end_flagged else folded.round.state
    return msgspec.structs.replace(folded, round=msgspec.structs.replace(folded.round, state=state))


BROKEN: list[tuple[str, Fold]] = [
    ("exactness", sums_in_float),
    ("conservation", sums_in_float),
    ("duplication", counts_repeats),
    ("conservation", deduplicates_by_activity_id_alone),
    ("permutation", deduplicates_by_activity_id_alone),
    ("rollback", deduplicates_by_activity_id_alone),
    ("permutation", drops_tombstones),
    ("conservation", drops_tombstones),
    ("permutation", in_arrival_order),
    ("rollback", ignores_rollbacks),
    ("conservation", ignores_rollbacks),
    ("states", settles_by_the_end_flag),
]


@pytest.mark.parametrize(("name", "broken"), BROKEN, ids=[f"{name}-{fold.__name__}" for name, fold in BROKEN])
def test_the_law_catches_the_broken_engine(feed: Any, name: str, broken: Fold) -> None:
    @given(data=st.data())
    @settings(max_examples=2000, deadline=None, database=None, report_multiple_bugs=False, phases=GENERATE)
    def holds(data: st.DataObject) -> None:
        LAWS[name](broken, feed, data.draw(feed.histories), data)

    with pytest.raises(AssertionError):
        holds()


# -- laws of the history -------------------------------------------------------------------------------------------


def judgement(event: CasinoEvent) -> Judgement:
    return Judgement(Verdict.OK, "CASINO", event, event)


def dump(history: History) -> dict[str, Any]:
    groups = (history.rounds, history.bonuses)
    return {
        "values": [{key: kind.value(key) for _, key in [*kind.keys()]} for kind in groups],
        "findings": [{key: kind.findings(key) for _, key in [*kind.keys()]} for kind in groups],
        "labels": [dict(sorted(kind.labels.items())) for kind in groups],
        "verdicts": dict(history.verdicts),
    }


@st.composite
def feeds(draw: st.DrawFn, events: st.SearchStrategy[CasinoEvent]) -> list[CasinoEvent]:
    """Histories of several users, rounds and bonuses."""
    return [
        msgspec.structs.replace(
            event,
            user_id=draw(st.sampled_from(["u1", "u2"])),
            round_id=draw(st.sampled_from(["r1", "r2"])),
            user_bonus_id=draw(st.sampled_from(["", "ub"])),
        )
        for event in draw(st.lists(events, min_size=1, max_size=12))
    ]


@given(data=st.data(), hot=st.sampled_from([0, 1, 2, 20_000]), limit=st.sampled_from([None, 1, 3]))
@settings(max_examples=100, deadline=None)
def test_event_by_event_and_cold_groups_give_what_all_at_once_gives(
    feed: Any, data: st.DataObject, hot: int, limit: int | None
) -> None:
    journal = [(seq, judgement(event)) for seq, event in enumerate(data.draw(feeds(feed.events)), 1)]
    at_once = History()
    for seq, judged in journal:
        at_once.add(seq, judged)
    assert at_once.refresh() is False
    by_seq = dict(journal)
    step_by_step = History(load=lambda seqs: [(seq, by_seq[seq]) for seq in seqs], hot=hot)
    for seq, judged in journal:
        step_by_step.add(seq, judged)
        if data.draw(st.booleans()):
            step_by_step.refresh(limit=limit)
        if data.draw(st.booleans()):
            step_by_step.rounds.value(feed.key)
    while step_by_step.refresh(limit=limit):
        pass
    assert dump(step_by_step) == dump(at_once)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_users_apart_and_joined_are_the_users_together(feed: Any, data: st.DataObject) -> None:
    journal = [(seq, judgement(event)) for seq, event in enumerate(data.draw(feeds(feed.events)), 1)]
    whole, *parts = (History(), History(), History())
    for seq, judged in journal:
        whole.add(seq, judged)
        parts[judged.keys.user_id == "u1"].add(seq, judged)
    dumps = []
    for history in (whole, *parts):
        history.refresh()
        dumps.append(dump(history))
    for name in ("values", "findings"):
        for kind in (0, 1):
            assert dumps[0][name][kind] == dumps[1][name][kind] | dumps[2][name][kind]
    for kind in ("rounds", "bonuses"):
        assert getattr(whole, kind).labels == getattr(parts[0], kind).labels + getattr(parts[1], kind).labels
