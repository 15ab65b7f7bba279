"""CasinoMachine against a real stand-in, with back ends of a few lines."""

import re
from collections.abc import Iterator
from decimal import Decimal
from threading import Timer
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import InvalidArgument
from hypothesis.stateful import run_state_machine_as_test

from ftcrm.client import AdminClient
from ftcrm.contracts.errors import ConfigurationError, EngineError
from ftcrm.strategies import CURRENCIES, CasinoMachine, LedgerLine
from ftcrm.strategies.received import Received

pytestmark = pytest.mark.integration

RUN = "casino-machine"
"""A run of its own: the machine resets it, and the session's server has other tests' events."""
BRIEF = settings(
    max_examples=8,
    stateful_step_count=6,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def back_end(server: Any, new_player: Any) -> type[CasinoMachine]:
    """A back end that does Bets and Wins right, and has books; every Bet is of a round of its own."""

    class BackEnd(CasinoMachine):
        ft_crm = server.addresses["rest"]
        run = RUN
        wait = 0

        def __init__(self) -> None:
            super().__init__()
            self.plays: list[Any] = []
            self.money: dict[str, str] = {}

        def new_player(self, name: str, currency: str) -> str:
            self.money[name] = currency
            return name

        def bet(self, player: str, stake: Decimal, currency: str, game: Any, bonus: Any) -> Any:
            play = new_player()
            play.user_id, play.stake, play.win = player, stake, None
            self.plays.append(play)
            self.publish(self.event(play, "Bet", stake))
            return play

        def settle(self, play: Any, win: Decimal) -> None:
            play.win = win + (play.win or 0)
            self.publish(self.event(play, "Win", win))

        def ledger(self, player: str) -> Iterator[LedgerLine]:
            for play in self.plays:
                if play.user_id == player:
                    state = "open" if play.win is None else "settled"
                    yield LedgerLine(play.round_id, play.stake, play.win or 0, state)

        def event(self, play: Any, kind: str, amount: Decimal) -> bytes:
            currency = next(each for each in CURRENCIES if each.code == self.money[play.user_id])
            raw: bytes = play.raw(
                kind,
                str(amount),
                activity_id=f"{play.round_id}-{play.count}",
                currency=currency.code,
                exchange_rate=currency.rate,
            )
            return raw

        def publish(self, raw: bytes) -> None:
            path = f"/runs/{RUN}/v1/integration/casino"
            server.http.post(path, content=raw, headers={"Content-Type": "application/json"})

    return BackEnd


def failure_of(machine: type[CasinoMachine]) -> str:
    with pytest.raises(AssertionError) as failed:
        run_state_machine_as_test(machine, settings=BRIEF)
    return str(failed.value)


def test_a_back_end_that_does_it_right_passes_in_every_currency(back_end: Any) -> None:
    played: dict[str, set[int]] = {}

    class Right(back_end):  # type: ignore[misc]
        currencies = CURRENCIES[1:4]

        def bet(self, player: str, stake: Decimal, currency: str, game: Any, bonus: Any) -> Any:
            played.setdefault(currency, set()).add(-int(stake.as_tuple().exponent))
            assert stake > 0
            return super().bet(player, stake, currency, game, bonus)

    run_state_machine_as_test(Right, settings=settings(BRIEF, max_examples=40))
    assert played == {each.code: {each.decimals} for each in CURRENCIES[1:4]}


def test_an_event_that_is_never_sent_is_missed_by_the_books(back_end: Any) -> None:
    class Forgetful(back_end):  # type: ignore[misc]
        def settle(self, play: Any, win: Decimal) -> None:
            play.win = win

    said = failure_of(Forgetful)
    assert "ledger: settled, bet " in said
    assert "; FT CRM: open, bet " in said
    assert "ok: Approved Bet " in said
    assert "Approved Win" not in said


def test_another_currency_than_the_players_is_missed_by_the_books(back_end: Any) -> None:
    class Dollars(back_end):  # type: ignore[misc]
        def new_player(self, name: str, currency: str) -> str:
            return str(super().new_player(name, "USD"))

    said = failure_of(Dollars)
    assert re.search(r": ledger: open, bet \S+ EUR, win 0 EUR; FT CRM: open, bet \S+ USD, win 0 USD \(origin", said)

    class SaysSo(Dollars):
        def ledger(self, player: str) -> Iterator[LedgerLine]:
            for line in super().ledger(player):
                yield line._replace(currency="USD")

    run_state_machine_as_test(SaysSo, settings=BRIEF)


def test_rounds_of_a_player_that_nobody_opened_are_missed_by_the_books(back_end: Any, new_player: Any) -> None:
    class Twice(back_end):  # type: ignore[misc]
        def publish(self, raw: bytes) -> None:
            super().publish(raw)
            if b'"Bet"' in raw:
                other = new_player()
                other.user_id = "somebody-else"
                super().publish(other.raw("Bet", activity_id=other.round_id))

    said = failure_of(Twice)
    assert " of player somebody-else: ledger: no such player; FT CRM: open, bet 20 EUR, win 0 EUR (origin " in said
    assert ", user_id somebody-else, at " in said


@pytest.mark.parametrize("number", ["1e99999999999999999999", "7" * 5000], ids=["beyond decimals", "beyond ints"])
def test_a_number_that_nothing_holds_is_told(back_end: Any, number: str) -> None:
    class Huge(back_end):  # type: ignore[misc]
        def publish(self, raw: bytes) -> None:
            super().publish(re.sub(rb'"amount":[0-9.]+', b'"amount":' + number.encode(), raw))

    said = failure_of(Huge)
    assert f"refused: Approved Bet {number[:22]}" in said
    assert "(documented)" in said


def test_findings_fail_without_books_and_name_their_clause(back_end: Any) -> None:
    class NoBets(back_end):  # type: ignore[misc]
        ledger = CasinoMachine.ledger

        def bet(self, *given: Any) -> Any:
            publish, self.publish = self.publish, lambda raw: None
            play = super().bet(*given)
            self.publish = publish
            return play

    said = failure_of(NoBets)
    assert "FT301 settlement-without-bet (documented), #" in said
    assert '"First we should receive a Casino Event with Type Bet' in said
    assert "ledger" not in said

    class Ignored(NoBets):
        ignore = ("settlement-without-bet",)

    run_state_machine_as_test(Ignored, settings=BRIEF)


@pytest.mark.parametrize("raw", [b'{"type": "Bet"', b'{"type": "Bet"}', b'{"type": "Bet", "user_id": ["42"]}'])
def test_what_names_no_player_counts(back_end: Any, raw: bytes) -> None:
    class Garbled(back_end):  # type: ignore[misc]
        def publish(self, _: bytes) -> None:
            super().publish(raw)

    class NoBooks(Garbled):
        ledger = CasinoMachine.ledger

    said = failure_of(NoBooks)
    assert "(documented)" in said
    assert "refused: " in said


def test_events_may_take_a_while(back_end: Any) -> None:
    late: list[Timer] = []

    class Later(back_end):  # type: ignore[misc]
        wait = 10.0

        def publish(self, raw: bytes) -> None:
            late.append(Timer(0.05, super().publish, [raw]))
            late[-1].start()

    run_state_machine_as_test(Later, settings=settings(BRIEF, max_examples=2))
    assert "no such round" in failure_of(type("Impatient", (Later,), {"wait": 0}))
    for timer in late:
        timer.join()


def test_late_events_of_an_earlier_example_are_not_of_this_one(back_end: Any, new_player: Any) -> None:
    left_over: list[bytes] = []

    class Straggling(back_end):  # type: ignore[misc]
        def bet(self, player: str, stake: Decimal, currency: str, game: Any, bonus: Any) -> Any:
            for raw in left_over:
                self.publish(raw)
            return super().bet(player, stake, currency, game, bonus)

        def teardown(self) -> None:
            super().teardown()
            for name in self.money:
                play = new_player()
                play.user_id = name
                left_over[:] = [play.raw("Win")]

    run_state_machine_as_test(Straggling, settings=BRIEF)
    assert left_over


def test_a_refused_step_did_nothing(back_end: Any) -> None:
    class Strict(back_end):  # type: ignore[misc]
        refusals = (PermissionError,)

        def settle(self, play: Any, win: Decimal) -> None:
            raise PermissionError

        def bet(self, player: str, stake: Decimal, *rest: Any) -> Any:
            if stake > 50:
                raise PermissionError
            return super().bet(player, stake, *rest)

    run_state_machine_as_test(Strict, settings=BRIEF)
    with pytest.raises(PermissionError):
        run_state_machine_as_test(type("NotTold", (Strict,), {"refusals": ()}), settings=BRIEF)


def test_bonuses_are_credited_played_and_closed(back_end: Any) -> None:
    done: list[tuple[str, Any]] = []

    class Generous(back_end):  # type: ignore[misc]
        def bet(self, player: str, stake: Decimal, currency: str, game: Any, bonus: Any) -> Any:
            assert bonus in (None, f"bonus of {player}")
            done.append(("bet", bonus))
            return super().bet(player, stake, currency, game, bonus)

        def credit_bonus(self, player: str, amount: Decimal, currency: str) -> str:
            assert (amount > 0, currency) == (True, "EUR")
            return f"bonus of {player}"

        def close_bonus(self, bonus: str) -> None:
            done.append(("closed", bonus))

    run_state_machine_as_test(Generous, settings=settings(BRIEF, max_examples=30))
    assert {(kind, bonus is None) for kind, bonus in done} == {("bet", True), ("bet", False), ("closed", False)}


def always_one(machine: Any, name: str, currency: str) -> str:
    one = name.rpartition("-")[0]
    machine.money[one] = currency
    return one


@pytest.mark.parametrize(
    ("change", "error", "expected"),
    [
        ({"bet": CasinoMachine.bet}, InvalidArgument, r"Broken: expected bet\(player, stake, .*\), got none"),
        (
            {"new_player": always_one},
            EngineError,
            "expected a user_id that nobody had before",
        ),
        ({"fail_on": "anything"}, ConfigurationError, "fail_on: expected one of"),
        ({"ledger": lambda self, player: [("r", 0.5, 0)]}, EngineError, "bet: expected a Decimal or an int, got 0.5"),
    ],
)
def test_a_machine_that_cannot_be_run_says_why(
    back_end: Any, change: dict[str, Any], error: type[Exception], expected: str
) -> None:
    with pytest.raises(error, match=expected):
        run_state_machine_as_test(type("Broken", (back_end,), change), settings=BRIEF)


def test_a_step_that_raises_is_told_with_what_the_stand_in_received(back_end: Any) -> None:
    class Raising(back_end):  # type: ignore[misc]
        def publish(self, _: bytes) -> None:
            super().publish(b'{"type": "Bet"}')
            raise ConnectionError("400 Bad Request")

    with pytest.raises(ConnectionError) as failed:
        run_state_machine_as_test(Raising, settings=BRIEF)
    assert failed.value.args == ("400 Bad Request",)
    note = failed.value.__notes__[0].splitlines()
    assert any(re.match(r"FT1\d\d \S+ \(documented\), #\d+: ", line) for line in note)
    assert any(re.match(r'  \S+: ".+"$', line) for line in note)
    assert re.fullmatch(r"  #\d+ refused: Bet, at None", note[-1])
    assert note[-2] == "events received:"


def test_a_step_that_raises_before_anything_came_says_so(back_end: Any) -> None:
    class Unopened(back_end):  # type: ignore[misc]
        def new_player(self, name: str, currency: str) -> str:
            raise KeyError(name)

    with pytest.raises(KeyError) as failed:
        run_state_machine_as_test(Unopened, settings=BRIEF)
    assert failed.value.__notes__[0] == "events received: none"


def test_the_error_of_a_step_stays_the_error_where_the_stand_in_is_gone(back_end: Any) -> None:
    class Gone(back_end):  # type: ignore[misc]
        def bet(self, *given: Any) -> Any:
            self._admin.close()
            self._received = Received(AdminClient("http://127.0.0.1:1"), RUN, ())
            raise KeyError("no such account")

    with pytest.raises(KeyError) as failed:
        run_state_machine_as_test(Gone, settings=BRIEF)
    assert failed.value.__notes__[0].startswith("events received: http://127.0.0.1:1: ")


def test_plays_are_settled_and_cancelled_whatever_became_of_them(back_end: Any) -> None:
    done: set[tuple[str, str]] = set()

    class Lenient(back_end):  # type: ignore[misc]
        ledger = CasinoMachine.ledger
        fail_on = "never"

        def settle(self, play: Any, win: Decimal) -> None:
            done.add(("settle", play.__dict__.get("state", "open")))
            play.state = "won" if win else "lost"

        def cancel(self, play: Any) -> None:
            done.add(("cancel", play.__dict__.get("state", "open")))
            play.state = "cancelled"

    run_state_machine_as_test(Lenient, settings=settings(BRIEF, max_examples=40, stateful_step_count=20))
    states = ("open", "won", "lost", "cancelled")
    assert done == {(step, state) for step in ("settle", "cancel") for state in states}


def test_what_an_earlier_process_left_over_is_of_nobody(back_end: Any, new_player: Any) -> None:
    left_over = new_player()
    left_over.user_id = "player-of-an-earlier-process"

    class Late(back_end):  # type: ignore[misc]
        def bet(self, *given: Any) -> Any:
            self.publish(left_over.raw("Win"))
            return super().bet(*given)

    said = failure_of(Late)
    assert " of player player-of-an-earlier-process: ledger: no such player; FT CRM: orphan, " in said
