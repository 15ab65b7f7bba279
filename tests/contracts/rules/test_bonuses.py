"""FT5xx: silent on every Scenario B that is as the contract says, and each fault draws its rule and no other."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import BonusEvent, Finding, History, fold_bonus
from ftcrm.contracts.judge import Judgement
from ftcrm.contracts.rounds import BonusFold
from ftcrm.contracts.rounds.members import Member
from ftcrm.contracts.rules import RULES, STANDARD, Scope, findings_of
from ftcrm.contracts.rules.registry import Hit

FINAL = ["Completed", "AutoCompleted", "Forfeited", "Expired", "Lost", "Reversed"]
SCENARIO_B = {f"FT50{number}" for number in range(1, 8)}
ONCE = SCENARIO_B | {"FT509", "FT511"}
TYPES = ["WelcomeBonus", "CashbackBonus", "Undefined"]

# A step of a history in the making: (kind, seconds, changes), where kind is a bonus event's status or a casino type.
Step = tuple[str, float, dict[str, Any]]


def event_of(feed: Any, step: Step) -> Any:
    kind, at, changes = step
    if kind in ("Bet", "Win", "Loss"):
        return feed.casino_event(type=kind, timestamp=feed.at(at), **{"user_bonus_id": "863512"} | changes)
    return feed.bonus_event(status=kind, timestamp=feed.at(at), **changes)


def fold(feed: Any, steps: Sequence[Step], *, excluded: tuple[int, ...] = ()) -> BonusFold:
    """The bonus of these steps, in their order of arrival."""
    return fold_members(feed, feed.members(event_of(feed, step) for step in steps), excluded=excluded)


def fold_members(feed: Any, members: Sequence[Member[Any]], *, excluded: tuple[int, ...] = ()) -> BonusFold:
    own = [member for member in members if isinstance(member.event, BonusEvent)]
    casino = [member for member in members if not isinstance(member.event, BonusEvent)]
    return fold_bonus(feed.bonus_key, own, casino, counted=feed.counted(casino), excluded=excluded)


def said_of(folded: BonusFold, *, closed: bool = True) -> list[Any]:
    """What every rule says by itself, whatever follows from whatever."""
    said = STANDARD.ask(Scope.BONUS_HISTORY, folded)
    return said + STANDARD.ask(Scope.BONUS_CLOSED, folded) if closed else said


def found_in(folded: BonusFold, *, closed: bool = True) -> list[Finding]:
    return list(findings_of(said_of(folded, closed=closed)))


def rules_in(feed: Any, *steps: Step, closed: bool = True) -> list[str]:
    return [finding.rule for finding in found_in(fold(feed, steps), closed=closed)]


@st.composite
def scenarios(draw: st.DrawFn, *, casino: int = 1) -> list[Step]:
    """Bonuses as the contract says: Pending?, Created, rounds, Ongoing? among them, closure; Reversed? at the end.

    Rounds have several Bets and Wins, are free, lost, or voided: those anywhere after Created, even after the closure.
    """
    steps: list[Step] = [("Pending", -5, {})] if draw(st.booleans()) else []
    steps.append(("Created", 0, {}))
    at = 0.0
    count = draw(st.integers(casino, 3))
    ongoing = draw(st.integers(0, 2))
    for number in range(count):
        if number == ongoing:
            at += draw(st.sampled_from([0, 0.000001, 1]))
            steps.append(("Ongoing", at + 0.000001, {}))
        ids = {"round_id": f"r{number}"}
        amount = draw(st.sampled_from([0, 1, 20]))
        for nth, kind in enumerate(("Bet", *draw(st.lists(st.sampled_from(["Bet", "Win"]), max_size=3)), "Loss")):
            at += draw(st.sampled_from([0.000001, 1, 86_400]))
            steps.append(
                (kind, at, {**ids, "activity_id": f"{number}.{nth}", "amount": amount if kind != "Loss" else 0})
            )
    at += 1
    steps.append((draw(st.sampled_from(FINAL[:-1])), at, {}))
    if draw(st.booleans()):
        steps.append(("Reversed", at + 1, {}))
    if draw(st.booleans()):
        void_at = draw(st.sampled_from([0.0, 0.5, at, at + 10]))
        void = {"round_id": "void", "activity_id": "void", "amount": 7}
        back = void | {"status": "Rollback"} | draw(st.sampled_from([{}, {"activity_id": "other"}]))
        steps += [("Bet", void_at, void), ("Bet", void_at + 5, back)]
    kind = draw(st.sampled_from(TYPES))
    return [
        (name, when, {"type": kind} | more if name not in ("Bet", "Win", "Loss") else more)
        for name, when, more in steps
    ]


def is_bonus(step: Step) -> bool:
    return step[0] not in ("Bet", "Win", "Loss")


def is_live(step: Step) -> bool:
    return not is_bonus(step) and step[2]["round_id"] != "void"


def last_casino(steps: list[Step]) -> float:
    return max(at for kind, at, more in steps if is_live((kind, at, more)))


@given(steps=scenarios(casino=0), retries=st.lists(st.integers(0, 30), max_size=6), closed=st.booleans())
def test_what_the_contract_says_draws_nothing(feed: Any, steps: list[Step], retries: list[int], closed: bool) -> None:
    """Deliveries are at least once: a retry comes at any time after the first, and is noted where it is a bonus's."""
    again = [steps[number % len(steps)] for number in retries]
    assert rules_in(feed, *steps, *again, closed=closed) == ["FT510"] * sum(map(is_bonus, again))


@given(steps=scenarios(), cut=st.integers(0, 30))
def test_nor_does_any_beginning_of_it(feed: Any, steps: list[Step], cut: int) -> None:
    """Live, a history is judged while it comes; a Bet that will be voided cannot be known to be."""
    begun = [step for step in steps if is_bonus(step) or is_live(step)]
    begun.sort(key=lambda step: step[1])
    assert rules_in(feed, *begun[:cut], closed=False) == []


@given(first=scenarios(), second=scenarios(), order=st.randoms(use_true_random=False))
def test_nor_do_bonuses_and_players_that_interleave(
    feed: Any, first: list[Step], second: list[Step], order: Any
) -> None:
    lanes = [
        [(kind, at, more | {"user_bonus_id": name, "user_id": user}) for kind, at, more in steps]
        for steps, name, user in ((first, "b1", "u1"), (second, "b1", "u2"), (second, "b2", "u1"))
    ]
    history = History()
    seq = 0
    while lanes := [lane for lane in lanes if lane]:
        seq += 1
        event = event_of(feed, order.choice(lanes).pop(0))
        kind = "BONUS" if isinstance(event, BonusEvent) else "CASINO"
        history.add(seq, Judgement(feed.judge(feed.clean).verdict, kind, event, event))
    history.close()
    history.refresh()
    assert len(history.bonuses) == 3
    assert dict(history.bonuses.flagged()) == {}


@given(data=st.data())
def test_free_spins_are_exempt_from_the_order(feed: Any, data: st.DataObject) -> None:
    steps = data.draw(adversarial)
    name = data.draw(st.sampled_from(["FreeSpins", "freespins", "Free Spins", "FREE_SPIN"]))
    spins = [(kind, at, more | {"type": name} if is_bonus((kind, at, more)) else more) for kind, at, more in steps]
    spins.append(("Ongoing", 1, {"type": name}))
    assert SCENARIO_B.isdisjoint(rules_in(feed, *spins))


def placed(steps: list[Step], *more: Step) -> list[Step]:
    return [*steps, *more]


def bet(at: float) -> Step:
    return "Bet", at, {"round_id": "more", "activity_id": "more", "amount": 3}


def late_created(steps: list[Step]) -> list[Step]:
    """Created arrives behind everything."""
    return [step for step in steps if step[0] != "Created"] + [step for step in steps if step[0] == "Created"]


def unclosed(steps: list[Step]) -> list[Step]:
    return [step for step in steps if step[0] not in FINAL]


def tied(steps: list[Step]) -> list[Step]:
    at = last_casino(steps)
    return [(kind, at, more) if kind in FINAL else (kind, when, more) for kind, when, more in steps]


def type_of(steps: list[Step]) -> dict[str, Any]:
    return {"type": next(more["type"] for kind, _, more in steps if kind == "Created")}


MUTATIONS: dict[str, Callable[[list[Step]], list[Step]]] = {
    "FT501": lambda steps: placed(steps, bet(-0.000001)),
    "FT502": late_created,
    "FT503": lambda steps: placed(steps, bet(0)),
    "FT504": lambda steps: [step for step in steps if step[0] != "Created"],
    "FT505": lambda steps: placed(steps, bet(last_casino(steps) + 1_000)),
    "FT506": unclosed,
    "FT507": tied,
    "FT508": lambda steps: placed(steps, ("Created", last_casino(steps), {"amount": 99} | type_of(steps))),
    "FT509": lambda steps: placed(steps, ("Claimed", last_casino(steps) + 1_000, type_of(steps))),
    "FT510": lambda steps: placed(steps, next(step for step in steps if step[0] == "Created")),
    "FT511": lambda steps: [
        (kind, at, more | {"product": "Poker"} if kind in FINAL[:-1] else more) for kind, at, more in steps
    ],
}


def test_every_rule_of_bonuses_has_its_mutation() -> None:
    assert set(MUTATIONS) == {code for code in RULES if RULES[code].scope in (Scope.BONUS_HISTORY, Scope.BONUS_CLOSED)}


@pytest.mark.parametrize("code", MUTATIONS)
@given(steps=scenarios())
def test_each_mutation_draws_its_rule_and_no_other(feed: Any, code: str, steps: list[Step]) -> None:
    assert rules_in(feed, *MUTATIONS[code](steps)) == [code]


adversarial = st.lists(
    st.tuples(
        st.sampled_from(
            ["Bet", "Bet", "Bet", "Win", "Pending", "Created", "Claimed", "Ongoing", "Completed", "Lost", "X"]
        ),
        st.integers(0, 4),
    ),
    max_size=8,
).map(
    lambda drawn: [
        (
            kind,
            at,
            {"round_id": f"r{at % 2}", "amount": number % 2} if kind in ("Bet", "Win") else {"amount": number % 2},
        )
        for number, (kind, at) in enumerate(drawn)
    ]
)


@given(steps=adversarial, reversal=st.integers(0, 8))
def test_a_witness_shows_the_fault_and_nothing_of_it_is_too_much(feed: Any, steps: list[Step], reversal: int) -> None:
    back = [
        (kind, at, more | {"status": "Rollback"}) for kind, at, more in steps[reversal : reversal + 1] if kind == "Bet"
    ]
    members = feed.members(event_of(feed, step) for step in [*steps, *back])

    def drawn_by(seqs: Sequence[int]) -> set[str]:
        folded = fold_members(feed, [member for member in members if member.seq in seqs])
        return {rule.code for rule, _ in said_of(folded)}

    for rule, hit in said_of(fold_members(feed, members)):
        assert list(hit.witness) == sorted(set(hit.witness))
        assert rule.code in drawn_by(hit.witness)
        for left_out in hit.witness:
            assert rule.code not in drawn_by([seq for seq in hit.witness if seq != left_out])


@given(steps=adversarial, order=st.randoms(use_true_random=False))
def test_the_order_of_arrival_says_nothing_to_the_other_rules(feed: Any, steps: list[Step], order: Any) -> None:
    def said(arrived: list[Step]) -> list[tuple[str, str]]:
        return sorted((rule.code, hit.message) for rule, hit in said_of(fold(feed, arrived)) if not rule.arrival)

    turned = [*steps]
    order.shuffle(turned)
    assert said(turned) == said(steps)


@given(steps=adversarial)
def test_one_finding_a_fault_however_many_events_show_it(feed: Any, steps: list[Step]) -> None:
    folded = fold(feed, steps)
    codes = [rule.code for rule, _ in said_of(folded)]
    assert all(codes.count(code) <= 1 for code in ONCE)
    assert codes.count("FT508") <= len({entry.status for entry in folded.bonus.statuses})
    assert codes.count("FT510") == len(folded.repeats)


@given(steps=adversarial)
def test_while_deliveries_are_excluded_the_order_is_not_judged(feed: Any, steps: list[Step]) -> None:
    """What is missing, or earlier, or later, may be among them."""
    folded = fold(feed, steps, excluded=(99,))
    assert {rule.code for rule, _ in said_of(folded)}.isdisjoint(SCENARIO_B)
    assert {rule.code for rule, _ in said_of(folded)} == {
        rule.code for rule, _ in said_of(fold(feed, steps)) if rule.code not in SCENARIO_B
    }


CREATED: Step = ("Created", 10, {})


@pytest.mark.parametrize(
    ("steps", "drawn"),
    [
        ([CREATED, bet(11)], []),
        ([CREATED, bet(10)], ["FT503"]),
        ([CREATED, bet(10.000001)], []),
        ([CREATED, bet(9.999999)], ["FT501"]),
        ([("Pending", 5, {}), CREATED, bet(7)], ["FT501"]),
        ([("Pending", 5, {}), bet(7)], ["FT504"]),
        ([("Claimed", 5, {}), bet(7)], ["FT504"]),
        ([bet(7)], ["FT504"]),
        ([("Bet", 7, {"amount": 0})], []),
        ([("Bet", 7, {"amount": -5})], []),
        ([("Win", 7, {"amount": 5})], []),
        ([("Pending", 5, {}), ("Bet", 7, {"amount": 0})], ["FT504"]),
        ([CREATED, bet(11), ("Completed", 11, {})], ["FT507"]),
        ([CREATED, bet(11), ("Ongoing", 11, {})], []),
        ([CREATED, bet(11), ("Completed", 11, {}), ("Ongoing", 12, {})], ["FT509"]),
        ([CREATED, bet(12), ("Completed", 11, {})], ["FT505"]),
        ([CREATED, bet(12), ("Completed", 11, {}), ("Reversed", 12, {})], ["FT507"]),
        ([CREATED, bet(12), ("Completed", 11, {}), ("Reversed", 13, {})], []),
        ([CREATED, bet(12), ("Expired", 11, {}), ("Ongoing", 12, {})], ["FT509"]),
        ([CREATED, bet(12), ("Ongoing", 11, {})], []),
        ([CREATED, bet(12), ("NotApplicable", 11, {})], []),
        ([("Completed", 5, {}), CREATED, bet(12)], ["FT505", "FT509"]),
        ([CREATED, ("Created", 11, {})], ["FT508"]),
        ([CREATED, ("Created", 10, {})], ["FT510"]),
        ([CREATED, ("Created", 10, {"amount": 1})], ["FT508"]),
        ([CREATED, ("Pending", 10, {})], []),
        ([CREATED, ("Pending", 10.000001, {})], ["FT509"]),
        ([CREATED, ("Completed", 11, {}), ("Ongoing", 13, {}), bet(12)], ["FT509"]),
        ([CREATED, ("Claimed", 9, {})], []),
        ([CREATED, ("Claimed", 11, {}), ("Created", 12, {})], ["FT508"]),
        ([("Ongoing", 9, {}), CREATED], ["FT509"]),
        ([("Created", 8, {}), ("Ongoing", 9, {}), CREATED], ["FT508"]),
        ([("Ongoing", 9, {}), CREATED, ("Created", 11, {})], ["FT508", "FT509"]),
        ([CREATED, ("Completed", 11, {}), ("Reversed", 12, {}), ("Expired", 13, {})], []),
        ([CREATED, ("Shelved", 11, {}), ("Created", 10, {})], ["FT510"]),
    ],
)
def test_what_speaks_at_the_edges(feed: Any, steps: list[Step], drawn: list[str]) -> None:
    """In a run that goes on. The bonus's own events arrive first, so that nothing but timestamps is looked at."""
    ordered = sorted(steps, key=is_bonus, reverse=True)
    assert rules_in(feed, *ordered, closed=False) == drawn


@pytest.mark.parametrize(
    ("steps", "drawn"),
    [
        ([CREATED, bet(11)], ["FT506"]),
        ([CREATED], []),
        ([CREATED, bet(11), ("Ongoing", 12, {})], []),
        ([CREATED, bet(11), ("Ongoing", 11, {})], []),
        ([CREATED, bet(12), ("Ongoing", 11, {})], ["FT506"]),
        ([CREATED, bet(12), ("Completed", 11, {})], ["FT505"]),
        ([CREATED, bet(12), ("Completed", 12, {})], ["FT507"]),
        ([bet(11), ("Pending", 9, {})], ["FT504"]),
    ],
)
def test_what_speaks_when_the_run_is_closed(feed: Any, steps: list[Step], drawn: list[str]) -> None:
    ordered = sorted(steps, key=is_bonus, reverse=True)
    assert rules_in(feed, *ordered) == drawn


@pytest.mark.parametrize("named", ["863512", "", "other"])
def test_a_rollback_takes_its_bet_out_of_the_bonus_whichever_bonus_it_names_itself(feed: Any, named: str) -> None:
    history = History()
    documents = ({"user_bonus_id": "863512"}, {"user_bonus_id": named, "status": "Rollback", "activity_id": "a2"})
    for seq, changes in enumerate(documents, 1):
        history.add(seq, feed.judge({**feed.clean, **changes}))
    history.refresh()
    assert history.bonuses.findings(feed.bonus_key) == ()


def hits_of(feed: Any, code: str, *steps: Step) -> Hit:
    """The one hit of that rule."""
    (hit,) = [hit for rule, hit in said_of(fold(feed, steps)) if rule.code == code]
    return hit


def test_the_earliest_created_and_the_earliest_casino_event_are_told_with_how_many_more_there_are(feed: Any) -> None:
    early = bet(5)
    win = ("Win", 6, {"round_id": "more", "activity_id": "w", "amount": 5})
    steps = [("Completed", 30, {}), CREATED, ("Created", 20, {}), bet(5), win, early]
    hit = hits_of(feed, "FT501", *steps)
    assert hit.witness == (2, 4)
    assert hit.message == (
        "timestamp: expected after the bonus's Created at 2026-03-02T00:00:10Z, got 2026-03-02T00:00:05Z "
        "(and 1 more casino events)"
    )


def played(at: float) -> Step:
    return "Bet", at, {"round_id": f"r{at}", "activity_id": f"a{at}"}


def test_of_several_casino_events_one_is_told_and_the_others_are_counted(feed: Any) -> None:
    before = "timestamp: expected after the bonus's Created at 2026-03-02T00:00:10Z, got 2026-03-02T00:00:05Z"
    assert hits_of(feed, "FT501", CREATED, played(5)).message == before
    four = [played(5), played(6), played(7), played(8)]
    assert hits_of(feed, "FT501", CREATED, *four).message == f"{before} (and 3 more casino events)"


def test_the_last_closure_and_the_last_casino_event_after_it_are_told(feed: Any) -> None:
    closed: list[Step] = [("Completed", 11, {}), ("Expired", 12, {}), ("Ongoing", 13, {})]
    hit = hits_of(feed, "FT505", CREATED, *closed, played(14), played(15))
    assert hit.witness == (3, 6)
    assert hit.message == (
        "timestamp: expected before the bonus's Expired at 2026-03-02T00:00:12Z, got 2026-03-02T00:00:15Z "
        "(and 1 more casino events)"
    )


def test_of_several_closures_the_one_at_the_casino_event_is_told(feed: Any) -> None:
    hit = hits_of(feed, "FT507", CREATED, ("Completed", 11, {}), ("Expired", 12, {}), played(12))
    assert hit.witness == (3, 4)
    assert (
        hit.message == "timestamp: expected Expired after the last casino event at 2026-03-02T00:00:12Z, got the same"
    )


def free(at: float) -> Step:
    return "Bet", at, {"round_id": f"r{at}", "activity_id": f"a{at}", "amount": 0}


@pytest.mark.parametrize(
    ("code", "steps", "witness"),
    [
        ("FT503", [CREATED, ("Bet", 10, {"activity_id": "y"}), ("Bet", 10, {"activity_id": "x"})], (1, 3)),
        ("FT504", [played(8), played(7)], (2,)),
        ("FT504", [free(6), ("Bet", 8, {"amount": Decimal("0.01")})], (2,)),
        ("FT504", [("Ongoing", 6, {}), ("Pending", 5, {}), free(8), free(7)], (2, 4)),
        ("FT509", [("Expired", 9, {}), ("Pending", 11, {}), ("Ongoing", 10, {})], (1, 3)),
    ],
)
def test_the_first_of_several_is_the_witness(feed: Any, code: str, steps: list[Step], witness: tuple[int, ...]) -> None:
    assert hits_of(feed, code, *steps).witness == witness


@pytest.mark.parametrize("status", ["Pending", "Created", "Claimed", "Ongoing", *FINAL])
@pytest.mark.parametrize("other", ["Pending", "Created", "Claimed", "Ongoing", *FINAL])
def test_of_two_statuses_at_one_instant_neither_goes_back(feed: Any, status: str, other: str) -> None:
    assert not list(RULES["FT509"].check(fold(feed, [(status, 10, {}), (other, 10, {"amount": 11})])))


def test_of_closures_at_one_instant_the_first_in_canonical_order_is_told(feed: Any) -> None:
    folded = fold(feed, [CREATED, ("Completed", 12, {}), ("Expired", 12, {}), played(12)])
    first = next(member for member in folded.events if member.event.status in FINAL)
    (hit,) = RULES["FT507"].check(folded)
    assert hit.witness == (first.seq, 4)
    assert hit.message.startswith(f"timestamp: expected {first.event.status} after")


def test_arrival_follows_from_the_timestamps_only_where_they_say_the_same(feed: Any) -> None:
    def findings(*steps: Step) -> list[tuple[str, int, tuple[int, ...]]]:
        found = found_in(fold(feed, steps), closed=False)
        return [(finding.rule, finding.implied, finding.witness) for finding in found]

    win = {"round_id": "more", "activity_id": "w", "amount": 5}
    later: Step = ("Win", 11, win)
    tie: Step = ("Win", 10, win)
    assert findings(bet(5), CREATED) == [("FT501", 1, (1, 2))]
    assert findings(bet(5), later, CREATED) == [("FT501", 0, (1, 3)), ("FT502", 0, (2, 3))]
    assert findings(bet(5), tie, CREATED) == [("FT501", 0, (1, 3)), ("FT502", 0, (2, 3)), ("FT503", 0, (2, 3))]
    assert findings(later, CREATED, later) == [("FT502", 0, (1, 2))]
    assert findings(CREATED, later, CREATED) == [("FT510", 0, (1, 3))]


def test_what_is_never_closed_follows_from_what_came_after_the_closure(feed: Any) -> None:
    (finding,) = found_in(fold(feed, [CREATED, ("Completed", 11, {}), bet(12)]))
    assert (finding.rule, finding.implied, finding.witness) == ("FT505", 1, (2, 3))


def test_the_status_that_went_back_without_being_a_repeat_is_told_first(feed: Any) -> None:
    repeated = [("Created", 8, {}), ("Ongoing", 9, {}), CREATED]
    hit = hits_of(feed, "FT509", *repeated)
    assert (hit.witness, hit.implied_by) == ((2, 3), ("FT508",))
    hit = hits_of(feed, "FT509", *repeated, ("Pending", 11, {}))
    assert (hit.witness, hit.implied_by) == ((2, 4), ())
    assert hit.message == (
        "status: expected no Pending after Ongoing at 2026-03-02T00:00:09Z, got one at 2026-03-02T00:00:11Z"
    )


def test_a_created_that_is_missing_is_told_with_what_came_instead(feed: Any) -> None:
    assert hits_of(feed, "FT504", bet(7)).message == (
        "user_bonus_id '863512': expected a bonus event with status Created, got none"
    )
    statuses: list[Step] = [(f"S{number}", number, {}) for number in range(9)]
    for count, told in (
        (1, "S0"),
        (2, "S0 and S1"),
        (3, "S0, S1 and S2"),
        (4, "S0, S1 and 2 more"),
        (5, "S0, S1 and 3 more"),
    ):
        assert hits_of(feed, "FT504", *statuses[:count], bet(7)).message.endswith(f"got only {told}")


def test_a_bonus_of_several_types_names_all_that_differs_in_the_first_event_that_does(feed: Any) -> None:
    other = {"bonus_id": "1", "type": "NoDeposit", "currency": "USD"}
    hit = hits_of(
        feed, "FT511", CREATED, ("Ongoing", 11, {}), ("Completed", 12, other), ("Lost", 13, {"bonus_id": "2"})
    )
    assert (hit.pointer, hit.witness) == ("/bonus_id", (1, 3))
    assert hit.message == (
        "bonus_id: expected '9821' as in the bonus's first event, got '1'; type and currency differ, too"
    )
    two = hits_of(feed, "FT511", CREATED, ("Ongoing", 11, {"type": "NoDeposit", "product": "Sport"})).message
    assert two == "type: expected 'WelcomeBonus' as in the bonus's first event, got 'NoDeposit'; product differs, too"


def test_what_a_bonus_event_does_not_say_does_not_differ(feed: Any) -> None:
    bare = {"amount": 10, "status": "Ongoing", "timestamp": "2026-03-02T08:00:01Z"}
    keys = {name: feed.bonus[name] for name in ("origin", "user_id", "user_bonus_id")}
    history = History()
    history.add(1, feed.judge(feed.bonus, "BONUS"))
    history.add(2, feed.judge(keys | bare, "BONUS"))
    history.refresh()
    assert len(history.bonuses.seqs(feed.bonus_key)) == 2
    assert history.bonuses.findings(feed.bonus_key) == ()


def test_names_of_any_length_make_short_messages(feed: Any) -> None:
    long = "x" * 10_000
    steps: list[Step] = [(long, 1, {}), (long, 2, {"bonus_id": long}), (long, 2, {"bonus_id": long}), bet(7)]
    messages = [hit.message for _, hit in said_of(fold(feed, steps))]
    assert len(messages) == 4
    assert all(len(message) < 300 for message in messages)


def test_absence_is_not_told_once_something_was_evicted(feed: Any) -> None:
    """An earlier Created, a later closure or any Created at all may be gone."""
    history = History()
    event = event_of(feed, bet(7))
    history.add(1, Judgement(feed.judge(feed.clean).verdict, "CASINO", event, event))
    history.refresh()
    assert [finding.rule for finding in history.bonuses.findings(feed.bonus_key)] == ["FT504"]
    history.lose()
    assert history.bonuses.findings(feed.bonus_key) == ()
    assert all(RULES[code].absence for code in SCENARIO_B)
