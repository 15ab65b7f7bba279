"""What any engine that constructs rounds can be held against, as test classes for pytest.

They run as they are, `pytest --pyargs ftcrm.strategies.conformance --ftcrm-engine ENGINE`, or as a subclass of
`Conformance` (or of one of its three parts) that says more of the engine. Of a round, what the engine says is looked
at, and nothing else.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import ClassVar

import msgspec
import pytest

from ftcrm.contracts import Message, RoundKey
from ftcrm.contracts.engines import (
    EngineRound,
    ReferenceEngine,
    RoundEngine,
    Said,
    differences,
    keys_of,
    read_round,
)
from ftcrm.contracts.families import CASES, FAMILIES, SCENARIO_A, Case, ExpectedRound, steps_of
from ftcrm.contracts.families.values import CLEAN_CASINO
from ftcrm.contracts.numbers import EXACT, ZERO
from ftcrm.contracts.settings import Settings
from ftcrm.strategies.arrivals import Arrivals, arrivals, played, undone
from ftcrm.strategies.mutations import MUTATIONS, MutatedHistory, mutated_histories
from ftcrm.strategies.tangles import tangles
from ftcrm.strategies.trials import Failing, Trial
from ftcrm.strategies.valid import histories

__all__ = ["Conformance", "Families", "Laws", "Reference"]


class _Suite:
    """What a subclass says of its engine; the engine itself comes from its fixture `round_engine`."""

    settings: ClassVar[Settings] = Settings()
    """How the engine is meant to work: the readings of what the contract leaves open, above all."""
    accept_invalid: ClassVar[bool] = False
    """Whether events that break documented rules make rounds, too, as far as they can be read."""
    examples: ClassVar[int] = 100
    """How many histories each law is tried on; --ftcrm-examples goes before."""
    leave_out: ClassVar[Mapping[int, str]] = {}
    """Families that the engine is meant to treat otherwise, by number: why. Their cases and mutations are left out."""

    @pytest.fixture
    def trial(self, round_engine: RoundEngine, pytestconfig: pytest.Config) -> Trial:
        """The engine on trial."""
        examples = pytestconfig.getoption("--ftcrm-examples", default=None)
        reference = ReferenceEngine(self.settings, accept_invalid=self.accept_invalid)
        return Trial(round_engine, reference, examples=self.examples if examples is None else examples)


class Laws(_Suite):
    """What holds of the rounds of any history, whatever the rounds are."""

    def test_the_order_of_arrival_changes_nothing(self, trial: Trial) -> None:
        """A round depends on the set of its events."""

        def permuted(drawn: Arrivals) -> Failing:
            return _rearranged(trial, drawn)

        trial.holds("The order of arrival changes the rounds.", arrivals(), permuted, less=Arrivals.without)

    def test_redeliveries_change_nothing(self, trial: Trial) -> None:
        """The same event again, delivered at least once as it is, counts once."""
        if self.settings.readings.repeats == "every":
            pytest.skip("in the reading repeats=every each delivery counts")

        def redelivered(drawn: Arrivals) -> Failing:
            return _rearranged(trial, drawn)

        trial.holds("Redeliveries change the rounds.", arrivals(copies=True), redelivered, less=Arrivals.without)

    def test_players_do_not_disturb_each_other(self, trial: Trial) -> None:
        """The rounds of all players are those of each of them alone."""

        def parted(messages: list[Message]) -> Failing:
            players: dict[tuple[str, str], list[Message]] = {}
            for message in messages:
                for key in keys_of([message]):
                    players.setdefault((key.origin, key.user_id), []).append(message)
            remark = "expected: as of all players together; got: of each of them alone"
            return Failing(messages, trial.changed(messages, *players.values()), remark)

        trial.holds("The rounds of one player depend on the events of others.", tangles(), parted, less=_less)

    def test_a_full_rollback_leaves_nothing(self, trial: Trial) -> None:
        """When each event of a round is rolled back, by its own id and in any order, all amounts are zero."""

        def reversed_(messages: list[Message]) -> Failing:
            got = trial.rounds(messages)
            return Failing(messages, differences(map(_voided, got), got))

        trial.holds("Each event was rolled back, and something is left.", undone(), reversed_)

    def test_what_is_sent_is_what_is_summed(self, trial: Trial) -> None:
        """Without Rollbacks, the Bets of a round add up to its bet and its Wins to its win, to the last digit."""

        def conserved(messages: list[Message]) -> Failing:
            return Failing(messages, differences(_sums(messages), trial.rounds(messages)))

        trial.holds("The amounts of a round are not those of its events.", played(), conserved, less=_less)

    def test_ggr_is_bet_less_win(self, trial: Trial) -> None:
        """In each currency, wallet and in base currency, to the last digit."""

        def exact(messages: list[Message]) -> Failing:
            got = trial.rounds(messages)
            return Failing(messages, differences(map(_exact, got), got))

        trial.holds("The ggr of a round is not its bet less its win.", tangles(), exact, less=_less)


class Families(_Suite):
    """The sequences that break round construction, as docs/rounds.md has them, case by case.

    What comes of each was worked out by hand; under other settings than the standard it is what the reference makes.
    """

    @pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.family} {case.name}") for case in CASES])
    def test_family(self, trial: Trial, case: Case) -> None:
        """The rounds of that case."""
        if case.family in self.leave_out:
            pytest.skip(self.leave_out[case.family])
        messages = [step.message for step in steps_of(case) if step.message is not None]
        by_hand = self.settings == Settings() and not self.accept_invalid
        expected = tuple(map(_expected, case.rounds)) if by_hand else trial.reference.construct(messages)
        family = (SCENARIO_A, *FAMILIES)[case.family]
        place = f"docs/rounds.md#family-{family.number}" if family.number else "docs/rounds.md#scenario-a"
        law = f'{place}, "{family.title}", case "{case.name}".\n{family.about}'
        trial.holds_of(law, Failing(messages, differences(expected, trial.rounds(messages))))


class Reference(_Suite):
    """The comparison with the reference engine."""

    def test_valid_histories(self, trial: Trial) -> None:
        """Feeds in which nothing is wrong, several players, rounds and bonuses at once."""

        def valid(messages: list[Message]) -> Failing:
            return trial.compared(messages)

        trial.holds("The rounds are not those of the reference.", histories(), valid, less=_less)

    def test_mutated_histories(self, trial: Trial) -> None:
        """Feeds in which something went wrong that goes wrong in practice."""

        def mutated(drawn: MutatedHistory) -> Failing:
            remark = f"what went wrong: {', '.join(drawn.mutations)}"
            return trial.compared(drawn.messages)._replace(remark=remark)

        def less(drawn: MutatedHistory, place: int) -> MutatedHistory:
            return replace(drawn, messages=_less(drawn.messages, place))

        names = [name for name, each in MUTATIONS.items() if not self.leave_out.keys() & {*each.families}]
        trial.holds("The rounds are not those of the reference.", mutated_histories(names), mutated, less=less)

    def test_tangles(self, trial: Trial) -> None:
        """Events of few ids, amounts and instants, so that everything meets everything."""

        def tangled(messages: list[Message]) -> Failing:
            return trial.compared(messages)

        trial.holds("The rounds are not those of the reference.", tangles(), tangled, less=_less)


class Conformance(Laws, Families, Reference):
    """All of it."""


class TestConformance(Conformance):
    """All of it, for the engine that --ftcrm-engine names."""


def _less(messages: list[Message], place: int) -> list[Message]:
    """The messages without that one."""
    return messages[:place] + messages[place + 1 :]


def _rearranged(trial: Trial, drawn: Arrivals) -> Failing:
    """Where the rounds are others, when the messages arrive so."""
    order = ", ".join(str(place + 1) for place in drawn.places)
    remark = f"expected: as they arrive in this order; got: in the order {order}"
    return Failing(drawn.messages, trial.changed(drawn.messages, drawn.rearranged), remark)


def _voided(value: EngineRound) -> EngineRound:
    """The round as it would be with nothing left in it."""
    said: dict[str, Said] = {name: ZERO if isinstance(each, Decimal) else each for name, each in value.said.items()}
    return EngineRound(value.key, said | {"state": "voided", "outcome": None, "played": False})


def _exact(value: EngineRound) -> EngineRound:
    """The round as it would be with each ggr worked out of bet and win."""
    said = dict(value.said)
    for name in value.said:
        # bet, base.bet, totals.EUR.bet, and each of them by wallet (bet.real)
        before, kind, wallet = name.rpartition("bet")
        bet, win = (value.said.get(f"{before}{summed}{wallet}") for summed in ("bet", "win"))
        if kind and isinstance(bet, Decimal) and isinstance(win, Decimal):
            said[f"{before}ggr{wallet}"] = EXACT.subtract(bet, win)
    return EngineRound(value.key, said)


def _sums(messages: Sequence[Message]) -> Iterator[EngineRound]:
    """The rounds of approved events, each of one currency: what is bet and won in them."""
    sums: dict[RoundKey, dict[str, Decimal]] = {}
    for message in messages:
        document = json.loads(message.raw, parse_float=Decimal)
        (key,) = keys_of([message])
        own = sums.setdefault(key, dict.fromkeys((document["currency"], "Bet", "Win", "Loss"), ZERO))
        own[document["type"]] = EXACT.add(own[document["type"]], Decimal(document["amount"]))
    for key, own in sums.items():
        currency = next(iter(own))
        money = {"bet": own["Bet"], "win": own["Win"], "ggr": EXACT.subtract(own["Bet"], own["Win"])}
        totals = {f"totals.{currency}.{kind}": amount for kind, amount in money.items()}
        yield EngineRound(key, {"currency": currency, **money, **totals})


def _expected(value: ExpectedRound) -> EngineRound:
    """A round worked out by hand, as it would be said by the admin API."""
    totals = msgspec.to_builtins(value.totals, builtin_types=(Decimal,))
    single = next(iter(totals)) if len(totals) == 1 else None
    base = msgspec.to_builtins(value.base, builtin_types=(Decimal,))
    told = {"first_at": value.first_at, "last_at": value.last_at}
    document = {
        "origin": CLEAN_CASINO["origin"],
        "user_id": value.user_id,
        "round_id": value.round_id,
        "state": value.state,
        "outcome": value.outcome,
        "played": value.state != "voided",
        "end_flagged": value.end_flagged,
        "currency": single,
        **(totals[single] if single is not None else dict.fromkeys(("bet", "win", "ggr"))),
        "base": base if base is not None else totals[single],
        "totals": totals,
        "game": {"id": value.game_id},
        "vendor": {"id": value.vendor_id},
        **{name: at for name, at in told.items() if at is not None},
    }
    return read_round(document, where="by hand")
