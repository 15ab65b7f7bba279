"""Each law of the conformance suite lets the reference pass, and an engine fail that breaks it a little."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

import pytest
from hypothesis import given

from ftcrm.contracts import Message, Settings, construct
from ftcrm.contracts.engines import EngineRound, ReferenceEngine, RoundEngine, Rounds, Until, keys_of
from ftcrm.contracts.errors import EngineError
from ftcrm.contracts.rounds import Readings
from ftcrm.strategies.arrivals import Arrivals, arrivals, played, undone
from ftcrm.strategies.conformance import Conformance, Laws
from ftcrm.strategies.trials import Trial

STANDARD = ReferenceEngine()
Law = Callable[[Laws, Trial], None]


class Wrong:
    """The reference, fed something else, or saying something else."""

    starts_fresh = True

    def __init__(
        self,
        *,
        fed: Callable[[Sequence[Message]], Iterable[Message]] = list,
        says: Callable[[EngineRound], EngineRound] = lambda value: value,
        engine: RoundEngine = STANDARD,
    ) -> None:
        self._fed, self._says, self._engine = fed, says, engine

    def construct(self, messages: Sequence[Message], *, until: Until | None = None) -> Rounds:
        return tuple(map(self._says, self._engine.construct(list(self._fed(messages)))))


def of_the_first_player(messages: Sequence[Message]) -> list[Message]:
    players = [(key.origin, key.user_id) for message in messages for key in keys_of([message])]
    return [message for message in messages for key in keys_of([message]) if (key.origin, key.user_id) == players[0]]


def without_rollbacks(messages: Sequence[Message]) -> list[Message]:
    return [message for message in messages if b"Rollback" not in message.raw]


def with_cents(value: EngineRound) -> EngineRound:
    bet = value.said["bet"]
    rounded = round(bet, 2) if isinstance(bet, Decimal) else bet
    return EngineRound(value.key, {**value.said, "bet": rounded})


def as_the_player_sees_it(value: EngineRound) -> EngineRound:
    ggr = value.said["ggr"]
    return EngineRound(value.key, {**value.said, "ggr": -ggr if isinstance(ggr, Decimal) else ggr})


BROKEN: list[tuple[Law, Wrong, str]] = [
    (Laws.test_the_order_of_arrival_changes_nothing, Wrong(fed=lambda messages: messages[:-1]), "The order of arrival"),
    (
        Laws.test_redeliveries_change_nothing,
        Wrong(engine=ReferenceEngine(Settings(readings=Readings(repeats="every")))),
        "Redeliveries change",
    ),
    (Laws.test_players_do_not_disturb_each_other, Wrong(fed=of_the_first_player), "depend on the events of others"),
    (Laws.test_a_full_rollback_leaves_nothing, Wrong(fed=without_rollbacks), "something is left"),
    (Laws.test_what_is_sent_is_what_is_summed, Wrong(says=with_cents), "not those of its events"),
    (Laws.test_ggr_is_bet_less_win, Wrong(says=as_the_player_sees_it), "not its bet less its win"),
]


@pytest.mark.parametrize(("law", "engine", "told"), BROKEN, ids=[law.__name__ for law, *_ in BROKEN])
def test_a_law_holds_of_the_reference_and_bites(law: Law, engine: Wrong, told: str) -> None:
    law(Conformance(), Trial(STANDARD, STANDARD, examples=30))
    with pytest.raises(pytest.fail.Exception, match=told) as failed:
        law(Conformance(), Trial(engine, STANDARD, examples=200))
    assert str(failed.value).count('\n  {"message_type"') <= 3


def test_what_is_left_out_is_not_tried_as_a_mutation() -> None:
    class WithoutOrphans:
        starts_fresh = True

        def construct(self, messages: Sequence[Message], *, until: Until | None = None) -> Rounds:
            return tuple(value for value in STANDARD.construct(messages) if value.said["state"] != "orphan")

    class ByHand(Conformance):
        leave_out = dict.fromkeys([10, 18, 19, 22], "a Win without a Bet is booked by hand")

    trial = Trial(WithoutOrphans(), STANDARD, examples=200)
    ByHand().test_mutated_histories(trial)
    with pytest.raises(pytest.fail.Exception, match="not those of the reference"):
        Conformance().test_mutated_histories(trial)


def test_what_fails_is_told_with_the_history_of_that_engine() -> None:
    class Failing:
        starts_fresh = True

        def construct(self, messages: Sequence[Message], *, until: Until | None = None) -> Rounds:
            raise EngineError("ours: expected to work, got nothing")

    with pytest.raises(pytest.fail.Exception, match=r"(?s)The engine fails\.\n  ours: expected to work.*2 events"):
        Conformance().test_valid_histories(Trial(Failing(), STANDARD, examples=10))


def test_an_engine_that_takes_its_time_is_told_what_is_waited_for() -> None:
    answered: list[bool] = []

    class Slow:
        starts_fresh = True

        def construct(self, messages: Sequence[Message], *, until: Until | None = None) -> Rounds:
            assert until is not None
            rounds = STANDARD.construct(messages)
            answered.extend([until(()), until(rounds)])
            return rounds

    Conformance().test_valid_histories(Trial(Slow(), STANDARD, examples=1))
    assert set(answered[::2]) == {False}
    assert set(answered[1::2]) == {True}


@given(arrivals())
def test_another_order_has_the_same_messages(drawn: Arrivals) -> None:
    assert sorted(drawn.places) == list(range(len(drawn.messages)))
    assert drawn.rearranged == [drawn.messages[place] for place in drawn.places]


@given(arrivals(copies=True))
def test_copies_are_added(drawn: Arrivals) -> None:
    assert len(drawn.places) > len(drawn.messages)
    assert list(dict.fromkeys(sorted(drawn.places))) == list(range(len(drawn.messages)))


@given(played())
def test_what_is_played_is_approved_and_each_id_counts(messages: list[Message]) -> None:
    counted = [seq for value in construct(messages).sessions for seq in value.seqs]
    assert len(counted) == len(messages)
    assert all(b'"Approved"' in message.raw for message in messages)


@given(undone())
def test_what_is_undone_is_void(messages: list[Message]) -> None:
    assert {value.state for value in construct(messages).rounds} == {"voided"}
