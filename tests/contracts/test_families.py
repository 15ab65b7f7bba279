"""Each case of each family: exactly the rules that it says speak, and exactly the rounds that it says come out."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import pytest

from ftcrm.contracts import RULES, Construction, History, Message, Round, Ruleset, Settings, construct, judge
from ftcrm.contracts.events import CasinoEvent
from ftcrm.contracts.families import CASES, FAMILIES, SCENARIO_A, Case, ExpectedRound, Family, settings_for, steps_of
from ftcrm.contracts.families.values import CLEAN_BONUS, CLEAN_CASINO, Later, Sent
from ftcrm.contracts.instants import isoformat
from ftcrm.contracts.rounds import ASSUMPTIONS, Amounts, Money, readings_of
from ftcrm.contracts.rules.docs import Step

NAMED = [pytest.param(case, id=f"{case.family} {case.name}") for case in CASES]
OTHERWISE = [f"{assumption.name}={choice}" for assumption in ASSUMPTIONS for choice in assumption.choices[1:]]


def history_of(steps: Iterable[Step], settings: Settings) -> tuple[History, dict[str, str]]:
    """Their history, and what was found in single events: the clause of each finding, by its rule."""
    ruleset = Ruleset(settings)
    history = History(ruleset=ruleset)
    found: dict[str, str] = {}
    for seq, step in enumerate(steps, 1):
        if step.message is not None:
            judged = judge(step.message, ruleset, received_at=step.at)
            found |= {finding.rule: finding.clause for finding in judged.findings}
            history.add(seq, judged, at=step.at)
        elif step.closes:
            history.close()
        else:
            history.refresh()
            history.pass_deadlines(step.at)
    assert history.refresh() is False
    return history, found


def found_in(history: History) -> dict[str, str]:
    kept = (history.rounds.flagged(), history.bonuses.flagged(), history.across.flagged())
    return {finding.rule: finding.clause for flagged in kept for _, findings in flagged for finding in findings}


def messages_of(case: Case) -> list[Message]:
    return [step.message for step in steps_of(case) if step.message is not None]


def constructed(case: Case, messages: Iterable[Message] | None = None, *readings: str) -> Construction:
    settings = msgspec.structs.replace(settings_for(case), readings=readings_of(readings))
    return construct(messages_of(case) if messages is None else messages, settings=settings)


def assert_comes_out(rounds: Sequence[Round], case: Case, *, arrival: bool = True) -> None:
    """The rounds are those that the case expects, in everything that it says and in what goes without saying."""
    expected = sorted(case.rounds, key=lambda each: (each.user_id, each.round_id))
    got = sorted(rounds, key=lambda each: (each.user_id, each.round_id))
    assert [as_expected(value, wanted) for value, wanted in zip(got, expected, strict=True)] == expected
    for value, wanted in zip(got, expected, strict=True):
        assert value.played is (wanted.state != "voided")
        assert value.currency == (next(iter(wanted.totals)) if len(wanted.totals) == 1 else None)
        assert value.origin == CLEAN_CASINO["origin"]
        assert not arrival or value.excluded == wanted.excluded


def as_expected(value: Round, wanted: ExpectedRound) -> ExpectedRound:
    """The round in the words of what is expected of it; what is not told of that is left out."""
    (money, *others) = value.totals.values()
    plain = not others and value.base == money
    return ExpectedRound(
        state=value.state,
        outcome=value.outcome,
        totals=value.totals,
        base=None if wanted.base is None and plain else value.base,
        end_flagged=value.end_flagged,
        user_id=value.user_id,
        round_id=value.round_id,
        game_id=value.game_id,
        vendor_id=value.vendor_id,
        excluded=wanted.excluded,
        first_at=None if wanted.first_at is None else isoformat(value.first_at),
        last_at=None if wanted.last_at is None else isoformat(value.last_at),
    )


@pytest.mark.parametrize("case", NAMED)
def test_exactly_these_rules_speak(case: Case) -> None:
    history, found = history_of(steps_of(case), settings_for(case))
    found |= found_in(history)
    assert found.keys() == case.codes
    assert found == {code: RULES[code].clause.id for code in found} | case.clauses


@pytest.mark.parametrize("case", NAMED)
def test_exactly_these_rounds_and_bonuses_come_out(case: Case) -> None:
    history, _ = history_of(steps_of(case), settings_for(case))
    followed = [history.rounds.value(key) for _, key in history.rounds.keys(after=0)]
    assert_comes_out([fold.round for fold in followed if fold is not None], case)
    at_once = constructed(case)
    assert_comes_out(at_once.rounds, case)
    got = [(bonus.user_bonus_id, bonus.status, bonus.totals) for bonus in at_once.bonuses]
    assert got == [(bonus.user_bonus_id, bonus.status, bonus.totals) for bonus in case.bonuses]


@pytest.mark.parametrize("case", NAMED)
def test_no_order_of_arrival_and_no_redelivery_changes_a_round(case: Case) -> None:
    messages = messages_of(case)
    assert_comes_out(constructed(case, messages[::-1]).rounds, case, arrival=False)
    assert_comes_out(constructed(case, [*messages, *messages]).rounds, case, arrival=False)


def test_every_family_is_there_once_with_its_cases() -> None:
    assert [family.number for family in FAMILIES] == list(range(1, 29))
    for family in (SCENARIO_A, *FAMILIES):
        assert {case.family for case in family.cases} == {family.number}
        assert len({case.name for case in family.cases}) == len(family.cases)
        assert all(case.rounds for case in family.cases)


@pytest.mark.parametrize("family", [SCENARIO_A, *FAMILIES], ids=lambda family: str(family.number))
def test_a_family_names_the_readings_under_which_it_comes_out_otherwise(family: Family) -> None:
    changing = [
        switch for switch in OTHERWISE if any(outcomes(case, switch) != outcomes(case) for case in family.cases)
    ]
    assert list(family.otherwise) == changing


def outcomes(case: Case, *readings: str) -> list[Any]:
    """What the readings may change of a case: which wallet money is of matters where the case names any."""
    named = any(names_a_wallet(money) for expected in case.rounds for money in expected.totals.values())
    return [
        (
            value.state,
            value.outcome,
            value.end_flagged,
            [(currency, money if named else totals_of(money)) for currency, money in value.totals.items()],
            value.base if named else totals_of(value.base),
        )
        for value in constructed(case, None, *readings).rounds
    ]


def names_a_wallet(money: Money) -> bool:
    return any(amounts.unallocated != amounts.total for amounts in (money.bet, money.win, money.ggr))


def totals_of(money: Money) -> list[Any]:
    return [amounts.total for amounts in (money.bet, money.win, money.ggr)]


@pytest.mark.parametrize("case", NAMED)
def test_what_is_expected_adds_up(case: Case) -> None:
    """A slip of the pen is one here, before it is a difference to the engine."""
    told = [money for each in (*case.rounds, *case.bonuses) for money in each.totals.values()]
    for money in (*told, *(each.base for each in case.rounds if each.base is not None)):
        for name in Amounts.__struct_fields__:
            assert getattr(money.ggr, name) == getattr(money.bet, name) - getattr(money.win, name)
        for amounts in (money.bet, money.win, money.ggr):
            assert amounts.total == amounts.real + amounts.bonus + amounts.locked + amounts.unallocated


def test_a_step_is_sent_a_second_after_the_one_before_and_the_same_step_is_the_same_message() -> None:
    (case,) = (case for case in CASES if case.name == "thirty days later")
    first, later, win, closed = steps_of(case)
    day = 86_400_000_000
    assert [step.at - first.at for step in (later, win, closed)] == [30 * day + 1_000_000 * n for n in (1, 2, 3)]
    (retried,) = (case for case in CASES if case.name == "a retry")
    bet, again, _ = steps_of(retried)
    assert bet.message == again.message


def test_only_the_cases_about_clocks_in_the_future_have_them() -> None:
    ahead = set()
    for case in CASES:
        everything = msgspec.structs.replace(case, select=("FT603", "FT604"))
        _, found = history_of(steps_of(case), settings_for(everything))
        if {"FT603", "FT604"} & found.keys():
            ahead.add(case.name)
    assert ahead == {"clocks in the future", "clocks in the future, told", "the Bet's clock is in the future"}


def test_the_cases_of_several_players_do_not_disturb_each_other() -> None:
    """All of them in one run, their events dealt out in turns, say what each of them says alone."""
    apart: dict[str, Case] = {}
    dealt: list[tuple[int, int, Step]] = []
    for number, case in enumerate(CASES):
        if all(isinstance(step, Sent) for step in case.steps) and not case.select:
            apart[f"{number}-"] = case
            dealt += [(turn, number, step) for turn, step in enumerate(steps_of(case, prefix=f"{number}-"))]
    assert len(apart) > 80
    dealt.sort(key=lambda each: each[:2])
    history, spoke = history_of((step for *_, step in dealt), settings_for(CASES[0]))
    found: dict[str, set[str]] = {prefix: set() for prefix in apart}
    for kept in (history.rounds, history.bonuses):
        for key, findings in kept.flagged():
            found[f"{key.user_id.partition('-')[0]}-"] |= {finding.rule for finding in findings}
    outside = spoke.keys() | {finding.rule for _, findings in history.across.flagged() for finding in findings}
    assert found == {prefix: case.codes - outside for prefix, case in apart.items()}
    assert outside == {"FT110", "FT113", "FT318", "FT602"}


@pytest.mark.parametrize("clean", [CLEAN_CASINO, CLEAN_BONUS], ids=["casino", "bonus"])
def test_what_goes_without_saying_draws_nothing(clean: dict[str, Any]) -> None:
    message_type: Any = "CASINO" if clean is CLEAN_CASINO else "BONUS"
    changes = {"activity_id": "a"} if clean is CLEAN_CASINO else {}
    case = Case(0, "clean", (Sent(changes, message_type), Later(0)), frozenset(), ())
    history, found = history_of(steps_of(case), Settings(extend_select=("FT603", "FT604", "FT130")))
    assert (found, found_in(history)) == ({}, {})
    events = (judge(message).event for message in messages_of(case))
    assert all(isinstance(event, CasinoEvent) is (clean is CLEAN_CASINO) for event in events)
