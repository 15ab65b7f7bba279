"""The laws of the whole engine, over several players, rounds and bonuses, and engines that break them.

What holds of one round alone is in rounds/test_laws.py. Each law is an assertion about an engine and a history.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, Inexact, localcontext
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ftcrm.contracts import (
    BonusEvent,
    CasinoEvent,
    Construction,
    History,
    Judgement,
    Settings,
    Verdict,
    construct,
)
from ftcrm.contracts.rounds import Readings

Event = CasinoEvent | BonusEvent
Engine = Callable[..., Construction]
AS_OF = datetime(2026, 3, 9, tzinfo=UTC)


def values_of(found: Construction) -> Construction:
    """All values but the positions in the journal."""
    return Construction(
        tuple(msgspec.structs.replace(each, seqs=(), excluded=()) for each in found.rounds),
        tuple(msgspec.structs.replace(each, seqs=()) for each in found.sessions),
        tuple(
            msgspec.structs.replace(
                each,
                seqs=(),
                casino_seqs=(),
                excluded=(),
                statuses=tuple(msgspec.structs.replace(status, seq=0) for status in each.statuses),
            )
            for each in found.bonuses
        ),
        found.players,
        found.as_of,
    )


# -- the laws ------------------------------------------------------------------------------------------------------


def permutation(engine: Engine, history: list[Event], data: st.DataObject) -> None:
    """Any order of arrival gives the same rounds, sessions, bonuses and players."""
    shuffled = data.draw(st.permutations(history))
    assert values_of(engine(shuffled)) == values_of(engine(history))


def duplication(engine: Engine, history: list[Event], data: st.DataObject) -> None:
    """Exact duplicates change nothing, wherever they come."""
    again = data.draw(st.lists(st.sampled_from(history), min_size=1, max_size=4))
    mixed = data.draw(st.permutations([*history, *again]))
    assert values_of(engine(mixed)) == values_of(engine(history))


def partition(engine: Engine, history: list[Event], data: st.DataObject) -> None:
    """The users apart, and joined, are the users together, as of one instant."""
    whole = values_of(engine(history, as_of=AS_OF))
    parts = [
        values_of(engine([event for event in history if event.user_id == user], as_of=AS_OF)) for user in ("u1", "u2")
    ]
    for name in ("rounds", "sessions", "bonuses", "players"):
        assert getattr(whole, name) == getattr(parts[0], name) + getattr(parts[1], name)


def rollback(engine: Engine, history: list[Event], data: st.DataObject) -> None:
    """Rounds and their full rollbacks leave every total at zero, and no bet counted anywhere."""
    approved = [event for event in history if isinstance(event, CasinoEvent) and event.status == "Approved"]
    others = [event for event in history if isinstance(event, BonusEvent)]
    fresh = data.draw(st.booleans())
    counted = engine(approved).rounds
    undone = [
        msgspec.structs.replace(
            approved[seq - 1],
            status="Rollback",
            user_bonus_id=data.draw(st.sampled_from(["", approved[seq - 1].user_bonus_id])),
            activity_id=f"undo {seq}" if fresh else approved[seq - 1].activity_id,
        )
        for value in counted
        for seq in value.seqs
        if seq in counted_seqs(engine, approved)
    ]
    found = engine(data.draw(st.permutations([*approved, *others, *undone])))
    sums = [
        money for value in (*found.rounds, *found.sessions, *found.bonuses, *found.players) for money in all_of(value)
    ]
    assert not any(amount for money in sums for amount in amounts_of(money))
    assert all(value.state == "voided" for value in found.rounds)
    assert not any(value.bets for value in (*found.sessions, *found.bonuses, *found.players))
    assert all(player.favourite_game is None and player.activity is None for player in found.players)


def counted_seqs(engine: Engine, approved: Sequence[Event]) -> set[int]:
    """The positions that count: those that the sessions name, which leave out what is a repeat or a conflict."""
    return {seq for session in engine(approved).sessions for seq in session.seqs}


def conservation(engine: Engine, history: list[Event], data: st.DataObject) -> None:
    """What is bet and won in the rounds of a player is bet and won in their sessions, and is the player's."""
    found = engine(history)
    for player in found.players:
        own = [value for value in found.rounds if value.user_id == player.user_id]
        sessions = [value for value in found.sessions if value.user_id == player.user_id]
        assert total([value.base for value in own]) == total([value.base for value in sessions])
        assert total([value.base for value in own]) == total([player.base])
        for currency in {currency for value in own for currency in value.totals}:
            by_round = total([value.totals[currency] for value in own if currency in value.totals])
            assert by_round == total([value.totals[currency] for value in sessions if currency in value.totals])
            assert by_round == total([player.totals[currency]] if currency in player.totals else [])


def gaps(engine: Engine, history: list[Event], data: st.DataObject) -> None:
    """Sessions of a player lie more than the gap apart, and an event between two of them that bridges it joins them."""
    found = engine(history)
    gap = timedelta(minutes=30)
    for earlier, later in zip(found.sessions, found.sessions[1:], strict=False):
        if (earlier.origin, earlier.user_id) == (later.origin, later.user_id):
            assert later.started_at - earlier.ended_at > gap
            if later.started_at - earlier.ended_at <= 2 * gap:
                own = (event for event in history if event.user_id == later.user_id)
                like = next(event for event in own if isinstance(event, CasinoEvent))
                between = earlier.ended_at + (later.started_at - earlier.ended_at) / 2
                bridge = msgspec.structs.replace(like, timestamp=between, activity_id="bridge", round_id="bridge")
                joined = engine([*history, bridge]).sessions
                assert len(joined) == len(found.sessions) - 1
                assert any(each.started_at == earlier.started_at and each.ended_at == later.ended_at for each in joined)


def exactness(engine: Engine, history: list[Event], data: st.DataObject) -> None:
    """Every ggr is bet less win to the last digit, in every wallet, and a bonus's wagering adds up."""
    found = engine(history)
    for value in (*found.rounds, *found.sessions, *found.bonuses, *found.players):
        for money in all_of(value):
            for bet, win, ggr in zip(
                *(msgspec.structs.astuple(part) for part in (money.bet, money.win, money.ggr)), strict=True
            ):
                assert Fraction(ggr) == Fraction(bet) - Fraction(win)
    bets = [
        sum((Fraction(each.base.bet.total) for each in kind), Fraction(0)) for kind in (found.rounds, found.sessions)
    ]
    live = Fraction(0)
    for event in live_events(found, history):
        live += Fraction(event.amount) * Fraction(event.exchange_rate) * (event.type == "Bet")
    assert bets == [live, live]
    for bonus in found.bonuses:
        if bonus.wagering is not None:
            left = Fraction(bonus.wagering.required) - Fraction(bonus.wagering.wagered)
            assert Fraction(bonus.wagering.remaining) == max(0, left)


def live_events(found: Construction, history: Sequence[Event]) -> list[CasinoEvent]:
    """By the reference's own matching; what is exact about it is the sums."""
    kept = History()
    for seq, event in enumerate(history, 1):
        kept.add(seq, judgement(event))
    kept.refresh()
    folds = [kept.rounds.value(key) for _, key in kept.rounds.keys()]  # noqa: SIM118 - Groups is no mapping
    return [member.event for fold in folds if fold is not None for member in fold.matching.live]


def all_of(value: Any) -> list[Any]:
    return [value.base, *value.totals.values()]


def amounts_of(money: Any) -> list[Decimal]:
    return [amount for part in (money.bet, money.win, money.ggr) for amount in msgspec.structs.astuple(part)]


def total(found: Iterable[Any]) -> list[Fraction]:
    sums = [Fraction(0)] * 15
    for money in found:
        sums = [so_far + Fraction(amount) for so_far, amount in zip(sums, amounts_of(money), strict=True)]
    return sums


LAWS = {law.__name__: law for law in (permutation, duplication, partition, rollback, conservation, gaps, exactness)}


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_law(feed: Any, law: Any, data: st.DataObject) -> None:
    with localcontext() as ambient:
        ambient.prec = 3  # the caller's own context must not matter
        ambient.traps[Inexact] = False
        law(construct, data.draw(feed.mixed_histories), data)


def judgement(event: Event) -> Judgement:
    keys: Any = event
    return Judgement(Verdict.OK, "CASINO" if isinstance(event, CasinoEvent) else "BONUS", event, keys)


# -- engines that are wrong ----------------------------------------------------------------------------------------


def counts_redeliveries(history: Sequence[Event], **more: Any) -> Construction:
    return construct(history, settings=Settings(readings=Readings(repeats="every")), **more)


def rolls_back_whole_rounds(history: Sequence[Event], **more: Any) -> Construction:
    """Only where a Rollback came last."""
    last = history[-1] if history else None
    scope: Any = "round" if isinstance(last, CasinoEvent) and last.status == "Rollback" else "event"
    return construct(history, settings=Settings(readings=Readings(rollback_scope=scope)), **more)


def is_as_of_the_last_arrival(history: Sequence[Event], **more: Any) -> Construction:
    return construct(history, **{"as_of": history[-1].timestamp if history else None, **more})


def keys_rounds_by_their_id_alone(history: Sequence[Event], **more: Any) -> Construction:
    return construct([msgspec.structs.replace(event, user_id="u1") for event in history], **more)


def ignores_rollbacks(history: Sequence[Event], **more: Any) -> Construction:
    return construct([event for event in history if event.status != "Rollback"], **more)


def never_joins_sessions(history: Sequence[Event], **more: Any) -> Construction:
    """A session ends for good: what arrives late begins one of its own."""
    found = construct(history, **more)
    ends = {session.ended_at for part in range(1, len(history)) for session in construct(history[:part]).sessions}
    kept = tuple(
        session for session in found.sessions if not any(session.started_at < end < session.ended_at for end in ends)
    )
    return msgspec.structs.replace(found, sessions=kept)


def sums_in_float(history: Sequence[Event], **more: Any) -> Construction:
    found = construct(history, **more)
    return msgspec.structs.replace(
        found, rounds=tuple(msgspec.structs.replace(each, base=as_floats(each.base)) for each in found.rounds)
    )


def as_floats(money: Any) -> Any:
    parts = {
        part: type(money.bet)(*(Decimal(float(amount)) for amount in msgspec.structs.astuple(getattr(money, part))))
        for part in ("bet", "win", "ggr")
    }
    return type(money)(**parts)


BROKEN: list[tuple[str, Engine]] = [
    ("duplication", counts_redeliveries),
    ("permutation", rolls_back_whole_rounds),
    ("permutation", is_as_of_the_last_arrival),
    ("permutation", never_joins_sessions),
    ("partition", keys_rounds_by_their_id_alone),
    ("rollback", ignores_rollbacks),
    ("conservation", never_joins_sessions),
    ("conservation", sums_in_float),
    ("gaps", never_joins_sessions),
    ("exactness", sums_in_float),
]


@pytest.mark.parametrize(("name", "broken"), BROKEN, ids=[f"{name}-{engine.__name__}" for name, engine in BROKEN])
def test_the_law_catches_the_broken_engine(feed: Any, name: str, broken: Engine) -> None:
    @given(data=st.data())
    @settings(max_examples=3000, deadline=None, database=None, report_multiple_bugs=False, phases=[Phase.generate])
    def holds(data: st.DataObject) -> None:
        LAWS[name](broken, data.draw(feed.mixed_histories), data)

    with pytest.raises(AssertionError):
        holds()


def test_every_law_is_shown_to_bite() -> None:
    assert {name for name, _ in BROKEN} == set(LAWS)
