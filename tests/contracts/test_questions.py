"""The ledger of assumptions: what is asked of a round, what each reading makes of it, and that nothing is missed."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import reduce
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts import CasinoEvent, RoundKey, fold_round
from ftcrm.contracts.numbers import EXACT, ZERO
from ftcrm.contracts.questions import (
    INVALID_EVENTS,
    LEDGER,
    Outcome,
    Reading,
    RoundQuestion,
    Share,
    Sums,
    Tally,
    answered_by,
    inquire,
    members_of,
    open_assumptions,
    question_view,
    questions_of,
    round_question_view,
    triggered,
)
from ftcrm.contracts.questions.triggers import TRIGGERS, Seen
from ftcrm.contracts.rounds import ASSUMPTIONS, Amounts, CasinoMember, Member, Money, Readings

KEY = RoundKey("sub.example.com", "52530", "r1")
NAMES = [assumption.name for assumption in LEDGER]
BY_NAME = {assumption.name: assumption for assumption in LEDGER}


GAME = "1", "10911"


def outcome(
    state: str, *, bet: Any = 0, win: Any = 0, wallet: str = "real", rate: Any = 1, **bonuses: Share
) -> Outcome:
    """What is expected of a round in EUR and of one game, whose money is all of one wallet.

    `settled` ones are won with a Win; `bonuses` have what counts for them, by their ids.
    """

    def money(factor: Any) -> Money:
        amounts = {name: Decimal(value) * Decimal(factor) for name, value in (("bet", bet), ("win", win))}
        amounts["ggr"] = amounts["bet"] - amounts["win"]
        return Money(**{name: Amounts(**{wallet: value}, total=value) for name, value in amounts.items()})

    result: Any = None if state != "settled" else "won" if win else "lost"
    totals, base = {"EUR": money(1)}, money(rate)
    games = {GAME: Share(totals, base)} if bet or win else {}
    made: Any = Outcome(state, result, state != "voided", totals, base, bonuses, games)  # type: ignore[arg-type]
    return made


def share(**expected: Any) -> Share:
    """What counts for one bonus or game, where it is all of what is expected of such a round."""
    return outcome("open", **expected).games[GAME]


class Step(msgspec.Struct, frozen=True):
    """One event: a Bet of 20 of real money, unless told; `wallets` are the fields that are sent."""

    type: str = "Bet"
    id: str = "a1"
    amount: Any = 20
    at: float = 0
    status: str = "Approved"
    ends: Any = msgspec.UNSET
    wallets: tuple[str, ...] = ("wager_amount",)
    bonus: str = ""
    game: str = GAME[1]
    left_out: bool = False
    rate: Any = 1


B = Step()
R = Step(status="Rollback", at=1)
W = Step("Win", "w1", 5, at=2)
L = Step("Loss", "l1", 0, at=2)


def but(step: Step, **changes: Any) -> Step:
    return msgspec.structs.replace(step, **changes)


ASKED: dict[str, tuple[list[Step], dict[str, Outcome | None]]] = {
    "rollback-target": (
        [B, but(R, id="b1")],
        {"any": outcome("voided"), "own-id": outcome("open", bet=20), "likeness": outcome("voided")},
    ),
    "rollback-amount": (  # the second Rollback voids the round, too, where likeness alone finds the Bet
        [B, but(R, amount=5), but(R, id="b1", at=2)],
        {"whole": outcome("voided"), "part": outcome("open", bet=15)},
    ),
    "rollback-scope": (
        [B, R, W],
        {"event": outcome("orphan", win=5), "round": outcome("voided")},
    ),
    "end-flag": (
        [but(B, ends=True)],
        {
            "informs": outcome("open", bet=20),
            "settles": outcome("settled", bet=20),
            "required": outcome("open", bet=20),
            "cuts": outcome("open", bet=20),
        },
    ),
    "missing-wallets": (
        [but(B, wallets=(), bonus="b1")],
        {
            "unallocated": outcome("open", bet=20, wallet="unallocated", b1=share(bet=20, wallet="unallocated")),
            "real": outcome("open", bet=20, b1=share(bet=20)),
            "by-bonus": outcome("open", bet=20, wallet="bonus", b1=share(bet=20, wallet="bonus")),
        },
    ),
    "conflicts": (
        [B, but(B, amount=30, at=1)],
        {
            "least": outcome("open", bet=20),
            "latest": outcome("open", bet=30),
            "every": outcome("open", bet=50),
        },
    ),
    "repeats": (
        [B, B],
        {"once": outcome("open", bet=20), "every": outcome("open", bet=40)},
    ),
    "lone-settlement": (
        [W],
        {"orphan": outcome("orphan", win=5), "settled": outcome("settled", win=5)},
    ),
    "invalid-events": (
        [but(B, left_out=True)],
        {"left-out": None, "folded": outcome("open", bet=20)},
    ),
}
"""For each assumption the fewest events of which it alone is asked, and what each reading makes of them."""

ALSO_ASKED: list[tuple[str, list[Step], dict[str, Outcome | None]]] = [
    (
        "end-flag",
        [but(B, ends=False), but(W, ends=False)],
        {
            "informs": outcome("settled", bet=20, win=5),
            "settles": outcome("settled", bet=20, win=5),
            "required": outcome("open", bet=20, win=5),
            "cuts": outcome("settled", bet=20, win=5),
        },
    ),
    (
        "end-flag",
        [B, but(W, ends=True), but(W, id="w2", amount=7, at=3)],
        {
            "informs": outcome("settled", bet=20, win=12),
            "settles": outcome("settled", bet=20, win=12),
            "required": outcome("settled", bet=20, win=12),
            "cuts": outcome("settled", bet=20, win=5),
        },
    ),
    (
        "rollback-target",  # two equal Bets; the one that the id names was won with bonus money
        [but(B, wallets=("bonus_wager_amount",)), but(B, id="a2", at=-1), but(R, wallets=())],
        {
            "any": outcome("open", bet=20),
            "own-id": outcome("open", bet=20),
            "likeness": outcome("open", bet=20, wallet="bonus"),
        },
    ),
    (
        "conflicts",
        [B, but(B, rate=2, at=1), but(L)],
        {
            "least": outcome("settled", bet=20),
            "latest": outcome("settled", bet=20, rate=2),
            "every": Outcome(
                "settled",
                "lost",
                True,
                outcome("settled", bet=40).totals,
                outcome("settled", bet=60).base,
                games={GAME: Share(outcome("settled", bet=40).totals, outcome("settled", bet=60).base)},
            ),
        },
    ),
    (
        "rollback-target",  # which of two equal Bets it is decides the turnover of a bonus, and nothing of the round
        [B, but(B, id="a2", at=1, bonus="b1"), but(R, id="a2", at=2), L],
        {
            "any": outcome("settled", bet=20),
            "own-id": outcome("settled", bet=20),
            "likeness": outcome("settled", bet=20, b1=share(bet=20)),
        },
    ),
    (
        "conflicts",  # contents of one id that differ in the bonus alone
        [but(B, bonus="b1"), but(B, bonus="b2", at=1)],
        {
            "least": outcome("open", bet=20, b1=share(bet=20)),
            "latest": outcome("open", bet=20, b2=share(bet=20)),
            "every": outcome("open", bet=40, b1=share(bet=20), b2=share(bet=20)),
        },
    ),
    (
        "conflicts",  # contents of one id that differ in the game alone
        [B, but(B, game="g2", at=1)],
        {
            "least": outcome("open", bet=20),
            "latest": msgspec.structs.replace(outcome("open", bet=20), games={("1", "g2"): share(bet=20)}),
            "every": msgspec.structs.replace(
                outcome("open", bet=40), games={GAME: share(bet=20), ("1", "g2"): share(bet=20)}
            ),
        },
    ),
    (
        "invalid-events",
        [B, but(W, left_out=True)],
        {"left-out": outcome("open", bet=20), "folded": outcome("settled", bet=20, win=5)},
    ),
]

HIDDEN: list[tuple[str, list[Step], dict[str, str], tuple[str, str]]] = [
    (
        "rollback-target",  # one id with two contents of one amount, whose wallets differ
        [B, but(B, at=1, wallets=("bonus_wager_amount",)), but(R, at=2, wallets=("bonus_wager_amount",))],
        {"conflicts": "every"},
        ("own-id", "likeness"),
    ),
    (
        "rollback-target",  # the Rollback's id names another event than its amount
        [B, but(B, id="a2", amount=5, at=1), but(R, amount=5, at=2)],
        {},
        ("own-id", "likeness"),
    ),
    (
        "end-flag",  # the Win that would settle the round was left out
        [but(B, ends=True, at=5), but(W, left_out=True)],
        {},
        ("informs", "settles"),
    ),
    (
        "end-flag",  # the content that would end the round does not count
        [but(B, ends=False), but(B, ends=True, at=5), W],
        {},
        ("informs", "required"),
    ),
    (
        "end-flag",  # the last of two Bets ends the round
        [but(B, ends=False), but(B, id="a2", at=1, ends=True)],
        {},
        ("informs", "settles"),
    ),
    (
        "end-flag",  # the Win that ends the round came last, and is not the last
        [B, but(W, id="w2", at=5), but(W, ends=True)],
        {},
        ("informs", "cuts"),
    ),
    (
        "end-flag",  # a round that is ended twice
        [B, but(W, ends=True), but(W, id="w2", at=5, ends=True)],
        {},
        ("informs", "cuts"),
    ),
    (
        "end-flag",  # a Bet of the same instant is behind the end by its id
        [but(B, id="z"), but(W, at=0, ends=True)],
        {},
        ("informs", "cuts"),
    ),
    (
        "missing-wallets",  # a Rollback of no wallet finds the real Bet only where it is read as real money
        [but(B, wallets=("bonus_wager_amount",)), but(B, id="a2", at=1), but(R, id="b1", at=2, wallets=())],
        {},
        ("unallocated", "real"),
    ),
    (
        "missing-wallets",  # which of two Losses is reversed decides whether the round has its end
        [
            B,
            but(L, amount=20, ends=True, wallets=()),
            but(L, id="l2", amount=20, at=3),
            but(R, type="Loss", id="b1", at=4),
        ],
        {"end-flag": "required"},
        ("unallocated", "real"),
    ),
    (
        "missing-wallets",  # the part that a Rollback takes is of no wallet
        [B, but(R, amount=5, wallets=())],
        {"rollback-amount": "part"},
        ("unallocated", "real"),
    ),
    (
        "missing-wallets",  # what breaks the contract may be negative
        [but(B, amount=-5, wallets=(), left_out=True)],
        {"invalid-events": "folded"},
        ("unallocated", "real"),
    ),
    (
        "lone-settlement",  # the only Bet was left out
        [W, but(B, left_out=True)],
        {},
        ("orphan", "settled"),
    ),
    (
        "lone-settlement",  # the only Bet is a Rollback
        [W, R],
        {},
        ("orphan", "settled"),
    ),
    (
        "rollback-amount",  # of two contents, one is more than the Rollback
        [B, but(B, amount=5, at=1), but(R, amount=10, at=2)],
        {},
        ("whole", "part"),
    ),
    (
        "repeats",  # one content of two came twice, and does not count
        [B, but(B, amount=30, at=1), but(B, amount=30, at=1)],
        {"conflicts": "every"},
        ("once", "every"),
    ),
]
"""What a trigger has to see that others' readings, or another phase, bring about: two readings that then differ."""

ONE_TARGET = "a Rollback without wallets that can mean one event only"
NOTHING = {
    "a Bet and its Win": [B, W],
    "a Bet and its Loss": [B, L],
    "a Bet alone": [B],
    "a round that ends with its last event": [but(B, ends=False), but(W, ends=True)],
    "a Bet that says that it does not end the round": [but(B, ends=False)],
    "a Rollback that came alone": [R],
    "amounts of 0 without wallets": [but(B, amount=0, wallets=()), but(L, wallets=())],
    "a Loss without wallets": [B, but(L, amount=20, wallets=())],
    ONE_TARGET: [B, but(R, wallets=())],
}


class Split(msgspec.Struct, frozen=True):
    """The members of a round, and those that are left out."""

    members: tuple[CasinoMember, ...]
    left_out: tuple[CasinoMember, ...]


@pytest.fixture(scope="session")
def made(feed: Any) -> Callable[[Sequence[Step]], Split]:
    """Makes the events of steps."""

    def event(step: Step) -> CasinoEvent:
        found: CasinoEvent = feed.casino_event(
            type=step.type,
            activity_id=step.id,
            amount=Decimal(step.amount),
            timestamp=feed.at(step.at),
            status=step.status,
            is_round_end=step.ends,
            user_bonus_id=step.bonus,
            game_id=step.game,
            exchange_rate=Decimal(step.rate),
            **{name: Decimal(step.amount) for name in step.wallets},
        )
        return found

    def split(steps: Sequence[Step]) -> Split:
        both = [(Member(seq, event(step)), step.left_out) for seq, step in enumerate(steps, 1)]
        return Split(
            tuple(member for member, is_left_out in both if not is_left_out),
            tuple(member for member, is_left_out in both if is_left_out),
        )

    return split


Make = Callable[[Sequence[Step]], Split]


def ask(split: Split, **options: Any) -> tuple[RoundQuestion, ...]:
    return questions_of(KEY, split.members, split.left_out, **options)


def as_read(split: Split, choices: dict[str, str]) -> Outcome | None:
    """The outcome under these choices, by the definition of a reading."""
    folded = split.members + (split.left_out if choices.get("invalid-events") == "folded" else ())
    if not folded:
        return None
    fields = {name.replace("-", "_"): choice for name, choice in choices.items() if name != "invalid-events"}
    return Outcome.of(fold_round(KEY, folded, readings=msgspec.convert(fields, Readings)))


def test_every_assumption_is_in_the_ledger_and_has_a_trigger_and_a_smallest_history() -> None:
    assert [*(assumption.name for assumption in ASSUMPTIONS), INVALID_EVENTS.name] == NAMES
    assert list(TRIGGERS) == NAMES
    assert list(ASKED) == NAMES
    assert {assumption.field for assumption in ASSUMPTIONS} == set(Readings.__struct_fields__)


@pytest.mark.parametrize("name", NAMES)
def test_an_assumption_is_asked_of_its_smallest_history_and_no_other_is(made: Make, name: str) -> None:
    steps, expected = ASKED[name]
    (found,) = ask(made(steps))
    assert (found.assumption, found.key, found.alone) == (BY_NAME[name], KEY, True)
    assert {reading.name: reading.outcome for reading in found.readings} == expected
    assert [reading.name for reading in found.readings] == list(BY_NAME[name].choices)


@pytest.mark.parametrize(("name", "steps", "expected"), ALSO_ASKED)
def test_an_assumption_is_asked_where_it_matters_in_another_way(
    made: Make, name: str, steps: list[Step], expected: dict[str, Outcome | None]
) -> None:
    found = {question.assumption.name: question for question in ask(made(steps))}
    assert {reading.name: reading.outcome for reading in found[name].readings} == expected


@pytest.mark.parametrize("name", NAMES)
def test_without_its_trigger_an_assumption_is_missed(made: Make, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TRIGGERS, name, lambda _: False)
    assert ask(made(ASKED[name][0])) == ()


@pytest.mark.parametrize("name", NAMES)
def test_with_an_event_less_the_smallest_history_is_no_example_of_it(made: Make, name: str) -> None:
    steps, _ = ASKED[name]
    for index in range(len(steps)):
        fewer = steps[:index] + steps[index + 1 :]
        assert [question.assumption.name for question in ask(made(fewer))] != [name]


@pytest.mark.parametrize("steps", NOTHING.values(), ids=NOTHING.keys())
def test_a_plain_round_asks_nothing(made: Make, steps: list[Step]) -> None:
    assert ask(made(steps)) == ()


@pytest.mark.parametrize("name", [name for name in NOTHING if name != ONE_TARGET])
def test_a_plain_round_is_not_even_folded(made: Make, name: str) -> None:
    split = made(NOTHING[name])
    assert triggered(split.members) == ()
    assert list(inquire(KEY, split.members)) == []


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (NOTHING[ONE_TARGET], ["rollback-scope"]),
        ([B, R], ["rollback-scope"]),
        ([B, but(R, amount=-5)], ["rollback-target", "rollback-scope"]),
        ([but(R, ends=True)], []),
        ([B, B, but(R, id="b1", amount=5)], ["rollback-scope", "repeats"]),
    ],
)
def test_a_trigger_speaks_in_vain_as_seldom_as_it_can(made: Make, steps: list[Step], expected: list[str]) -> None:
    assert list(triggered(made(steps).members)) == expected


@pytest.mark.parametrize(("name", "steps", "given_choices", "readings"), HIDDEN)
def test_a_trigger_sees_what_comes_out_only_under_some_readings(
    made: Make, name: str, steps: list[Step], given_choices: dict[str, str], readings: tuple[str, str]
) -> None:
    split = made(steps)
    one, two = (as_read(split, given_choices | {name: reading}) for reading in readings)
    assert one != two
    assert name in triggered(split.members, split.left_out)


def test_what_counts_for_bonuses_and_games_is_what_the_engine_says_of_them(made: Make) -> None:
    """Of nothing that counts, and of 0, there is no share; of what a Rollback leaves there is the rest."""
    events = [
        but(B, bonus="b1", rate=2),
        but(R, bonus="b1", amount=5),
        but(B, id="a2", bonus="b2", amount=7),
        but(R, id="a2", bonus="b2", amount=7),
        but(B, id="a3", bonus="b3", amount=0, game="g2"),
        but(W, bonus="b4", game="g3"),
        but(L, bonus="b5", amount=9, game="g4"),
    ]
    found = as_read(made(events), {"rollback-amount": "part"})
    assert found is not None
    assert found.bonuses == {"b1": share(bet=15, rate=2), "b4": share(win=5)}
    assert found.games == {GAME: share(bet=15, rate=2), ("1", "g3"): share(win=5)}


@given(st.data())
def test_what_counts_for_games_adds_up_to_the_round(feed: Any, data: st.DataObject) -> None:
    split = data.draw(splits(feed))
    found = as_read(split, data.draw(all_choices) | {"invalid-events": "folded"})
    assert found is not None
    for currency, money in found.totals.items():
        parts = [each.totals[currency].ggr.total for each in found.games.values() if currency in each.totals]
        assert money.ggr.total == reduce(EXACT.add, parts, ZERO)


def test_an_end_that_ties_with_another_event_may_be_before_it(made: Make) -> None:
    """Of a Bet and a Win of one instant and one id, the content digest decides which is first."""
    splits = [made([but(B, ends=True, amount=amount), but(W, id="a1", at=0)]) for amount in range(1, 9)]
    assert all("end-flag" in triggered(split.members) for split in splits)
    assert {as_read(split, {"end-flag": "cuts"}) == as_read(split, {}) for split in splits} == {True, False}


def test_what_changes_a_round_alone_is_found_by_folding_each_reading_once(made: Make) -> None:
    split = made([but(B, ends=True)])
    assert len(list(inquire(KEY, split.members))) == 1 + 3


def test_assumptions_that_matter_together_alone_are_asked_with_what_the_others_take(made: Make) -> None:
    """A Bet that was refused comes again, corrected, under its id and a second later."""
    found = ask(made([but(B, left_out=True), but(B, at=1)]))
    open_20, open_40 = outcome("open", bet=20), outcome("open", bet=40)
    assert [(each.assumption.name, each.given, each.alone) for each in found] == [
        ("conflicts", {"invalid-events": "folded"}, False),
        ("invalid-events", {"conflicts": "every"}, False),
    ]
    assert found[0].readings == (Reading("least", open_20), Reading("latest", open_20), Reading("every", open_40))
    assert found[1].readings == (Reading("left-out", open_20), Reading("folded", open_40))


def test_what_matters_together_waits_as_long_as_anything_matters_alone(made: Make) -> None:
    """The Bet above, in a round whose end nobody told otherwise than by a flag."""
    found = ask(made([but(B, left_out=True, ends=True), but(B, at=1, ends=True)]))
    assert [each.assumption.name for each in found] == ["end-flag"]


def test_an_assumption_that_is_answered_is_not_asked(made: Make) -> None:
    split = made([but(B, ends=True), but(B, ends=True)])
    assert [each.assumption.name for each in ask(split)] == ["end-flag", "repeats"]
    assert [each.assumption.name for each in ask(split, answered={"end-flag"})] == ["repeats"]
    answered = ask(split, readings=Readings(repeats="every"))
    assert [each.assumption.name for each in answered] == ["end-flag"]
    assert answered[0].readings[0] == Reading("informs", outcome("open", bet=40))


def test_invalid_events_that_are_answered_are_let_be(made: Make) -> None:
    split = made([B, but(B, left_out=True), but(W, left_out=True)])
    assert {each.assumption.name for each in ask(split)} == {"invalid-events"}
    assert ask(split, answered={"invalid-events"}) == ()


def test_what_is_read_otherwise_than_by_the_engine_itself_is_answered() -> None:
    assert answered_by(Readings()) == frozenset()
    assert answered_by(Readings(end_flag="cuts", conflicts="least"), accept_invalid=True) == {
        "end-flag",
        "invalid-events",
    }
    left = open_assumptions(Readings(end_flag="cuts"), {"repeats", "invalid-events"})
    assert [each.name for each in left] == [
        name for name in NAMES if name not in ("end-flag", "repeats", "invalid-events")
    ]


def test_at_stake_is_the_largest_difference_between_two_readings_by_currency() -> None:
    def reading(name: str, **totals: tuple[str, str]) -> Reading:
        money = {
            currency: Money(
                Amounts(total=Decimal(bet)),
                Amounts(total=Decimal(win)),
                Amounts(total=Decimal(bet) - Decimal(win)),
            )
            for currency, (bet, win) in totals.items()
        }
        return Reading(name, Outcome("settled", "won", True, money, Money()))

    readings = (
        reading("least", EUR=("20", "50"), USD=("1", "1")),
        reading("latest", EUR=("20.10", "45"), USD=("1", "1"), BTC=("1e-40", "0")),
        reading("every", EUR=("40.10", "95"), USD=("1", "1")),
    )
    question = RoundQuestion(KEY, BY_NAME["conflicts"], readings)
    assert question.at_stake() == {
        "BTC": Sums(Decimal("1e-40"), Decimal(0), Decimal("1e-40")),
        "EUR": Sums(Decimal("20.10"), Decimal(50), Decimal("30.00")),
    }


def test_a_round_that_is_not_there_stakes_all_of_it(made: Make) -> None:
    (found,) = ask(made([but(B, left_out=True)]))
    assert found.at_stake() == {"EUR": Sums(bet=Decimal(20), ggr=Decimal(20))}


def test_questions_are_summed_up_by_assumption(made: Make) -> None:
    tally = Tally()
    rounds: list[list[Step]] = [
        [B, W],
        [B, but(B, amount=30, at=1)],
        [B, but(B, amount="20.5", at=1), W],
        [but(B, left_out=True), but(B, at=1)],
    ]
    for steps in rounds:
        tally.add(ask(made(steps)))
    assert (tally.rounds, tally.in_question) == (4, 3)
    conflicts, invalid = tally.questions()
    assert (conflicts.assumption, conflicts.rounds, conflicts.together) == (BY_NAME["conflicts"], 3, 1)
    assert conflicts.at_stake == {"EUR": Sums(Decimal("70.5"), Decimal(0), Decimal("70.5"))}  # 30 + 20.5 + 20
    assert [(each.name, each.states, each.totals["EUR"]) for each in conflicts.readings] == [
        ("least", {"open": 2, "settled": 1}, Sums(Decimal(60), Decimal(5), Decimal(55))),
        ("latest", {"open": 2, "settled": 1}, Sums(Decimal("70.5"), Decimal(5), Decimal("65.5"))),
        ("every", {"open": 2, "settled": 1}, Sums(Decimal("130.5"), Decimal(5), Decimal("125.5"))),
    ]
    assert (invalid.assumption, invalid.rounds, invalid.together) == (INVALID_EVENTS, 1, 1)


def test_nothing_is_asked_where_nothing_differs(made: Make) -> None:
    tally = Tally()
    for steps in NOTHING.values():
        tally.add(ask(made(steps)))
    assert (tally.rounds, tally.in_question, tally.questions()) == (len(NOTHING), 0, ())


def test_a_question_is_shown_with_everything_that_it_says(made: Make) -> None:
    (found,) = ask(made([but(B, left_out=True, bonus="b1")]))
    nothing = {"real": "0", "bonus": "0", "locked": "0", "unallocated": "0", "total": "0"}
    twenty = nothing | {"real": "20", "total": "20"}
    money = {"bet": twenty, "win": nothing, "ggr": twenty}
    meanings = dict(INVALID_EVENTS.readings)
    sums = {"base": money, "totals": {"EUR": money}}
    shares = {
        "bonuses": [{"user_bonus_id": "b1"} | sums],
        "games": [{"vendor_id": "1", "game_id": "10911"} | sums],
    }
    open_20 = {"state": "open", "outcome": None, "played": True} | sums | shares
    assert round_question_view(found) == {
        "origin": "sub.example.com",
        "user_id": "52530",
        "round_id": "r1",
        "assumption": "invalid-events",
        "question": INVALID_EVENTS.question,
        "source": INVALID_EVENTS.source,
        "given": {},
        "readings": [
            {"reading": "left-out", "meaning": meanings["left-out"], "outcome": None},
            {"reading": "folded", "meaning": meanings["folded"], "outcome": open_20},
        ],
        "at_stake": {"EUR": {"bet": "20", "win": "0", "ggr": "20"}},
    }
    tally = Tally()
    tally.add([found])
    (question,) = tally.questions()
    assert question_view(question) == {
        "assumption": "invalid-events",
        "about": INVALID_EVENTS.about,
        "question": INVALID_EVENTS.question,
        "source": INVALID_EVENTS.source,
        "rounds": 1,
        "together": 0,
        "at_stake": {"EUR": {"bet": "20", "win": "0", "ggr": "20"}},
        "readings": [
            {"reading": "left-out", "meaning": meanings["left-out"], "states": {"none": 1}, "totals": {}},
            {
                "reading": "folded",
                "meaning": meanings["folded"],
                "states": {"open": 1},
                "totals": {"EUR": {"bet": "20", "win": "0", "ggr": "20"}},
            },
        ],
    }


all_choices = st.fixed_dictionaries({each.name: st.sampled_from(each.choices) for each in LEDGER})


@given(st.data())
def test_a_silent_trigger_holds_whatever_else_is_read(feed: Any, data: st.DataObject) -> None:
    """The product over the triggered assumptions gives the outcomes of the whole product."""
    split = data.draw(splits(feed))
    matter = triggered(split.members, split.left_out)
    for choices in data.draw(st.lists(all_choices, min_size=1, max_size=10)):
        assert as_read(split, choices) == as_read(split, {name: choices[name] for name in matter})


plain_steps = st.lists(
    st.builds(
        Step,
        type=st.sampled_from(["Bet", "Bet", "Win", "Loss"]),
        id=st.sampled_from(["a1", "a2", "a3", "a4"]),
        at=st.integers(0, 3),
        status=st.sampled_from(["Approved"] * 9 + ["Rollback"]),
        ends=st.sampled_from([msgspec.UNSET, False, True]),
        wallets=st.sampled_from([("wager_amount",)] * 9 + [()]),
    ),
    min_size=1,
    max_size=4,
)


@given(steps=plain_steps)
def test_what_is_told_at_a_glance_is_what_the_triggers_say(made: Make, steps: list[Step]) -> None:
    members = made(steps).members
    seen = Seen(members, ())
    assert list(triggered(members)) == [name for name, matters in TRIGGERS.items() if matters(seen)]


@given(st.data())
def test_a_round_is_asked_about_when_and_only_when_it_depends_on_anything(feed: Any, data: st.DataObject) -> None:
    split = data.draw(splits(feed))
    questions = ask(split)
    own = as_read(split, {})
    if not questions:
        for choices in data.draw(st.lists(all_choices, min_size=1, max_size=10)):
            assert as_read(split, choices) == own
    for question in questions:
        outcomes = [reading.outcome for reading in question.readings]
        for reading in question.readings:
            assert as_read(split, question.given | {question.assumption.name: reading.name}) == reading.outcome
        assert outcomes[0] == own
        assert any(each != own for each in outcomes)
        assert all(as_read(split, {name: choice}) == own for name, choice in question.given.items())


@given(st.data())
def test_no_reading_hides_a_member_of_a_folded_round(feed: Any, data: st.DataObject) -> None:
    events = data.draw(feed.histories)
    choices = data.draw(all_choices)
    members = tuple(feed.members([*events, *events[:2]]))
    fields = {each.field: choices[each.name] for each in ASSUMPTIONS}
    fold = fold_round(KEY, members, readings=msgspec.convert(fields, Readings))
    assert members_of(fold) == members


@st.composite
def splits(draw: st.DrawFn, feed: Any) -> Split:
    """Events of one round that meet in every way, some of them delivered again, some left out."""
    split: tuple[list[CasinoMember], list[CasinoMember]] = ([], [])
    drawn = st.tuples(feed.events, st.sampled_from(["", "", "b1"]), st.sampled_from([0, 0, 0, 1]), st.integers(1, 2))
    seq = 0
    for event, bonus, is_left_out, times in draw(st.lists(drawn, min_size=1, max_size=5)):
        for _ in range(times):
            seq += 1
            split[is_left_out].append(Member(seq, msgspec.structs.replace(event, user_bonus_id=bonus)))
    return Split(tuple(split[0]), tuple(split[1]))
