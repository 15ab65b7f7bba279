"""A state machine that drives a partner's own back end, and holds its books against the rounds that come of it."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any, ClassVar, NamedTuple
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    multiple,
    precondition,
    rule,
)

from ftcrm.client import AdminClient
from ftcrm.contracts.errors import EngineError
from ftcrm.strategies.books import (
    FailOn,
    LedgerLine,
    breaking,
    differences,
    lines_by_round,
    of_strangers,
)
from ftcrm.strategies.documents import amount_of, money
from ftcrm.strategies.received import Received
from ftcrm.strategies.tables import CURRENCIES, GAMES, Currency

__all__ = ["CasinoMachine"]

_INTERVAL_SECONDS = 0.02
_PLAYERS = _BONUSES = 2
"""At most in an example: the fewer, the likelier several steps are of the same one."""
_LEAST_STEPS, _LARGEST_STEPS = -99, 10_000
"""Of `amount_of`: in euros from 0.01 to 101."""
_LOST_STEPS = _LEAST_STEPS - _LARGEST_STEPS // 4
"""What is below the least makes 0: about one win of five."""
_SESSION = uuid4().hex[:6]
_EXAMPLES = count(1)
_REFUSED: MultipleResults[Any] = multiple()
"""What a refused step gives: nothing for a bundle."""


class _Credited(NamedTuple):
    """A bonus, and whose it is."""

    player: str
    bonus: Any


@dataclass(eq=False)
class _Play:
    """A play, and what became of it; its repr is the name that Hypothesis prints for it."""

    name: str
    made: Any
    is_settled: bool = False
    is_cancelled: bool = False

    def __repr__(self) -> str:
        return self.name


class _Compared(NamedTuple):
    """Where the books differ, the findings of the example, and whether any of these fails."""

    differences: list[str]
    findings: list[dict[str, Any]]
    fails: bool

    @property
    def agree(self) -> bool:
        return not self.differences and not self.fails


def _amounts(least: int = _LEAST_STEPS) -> st.SearchStrategy[Decimal]:
    """Amounts in the currency of the example, 1 unit the simplest; of so many steps, of which the fewest make 0."""

    def of(machine: "CasinoMachine") -> st.SearchStrategy[Decimal]:
        return st.integers(least, _LARGEST_STEPS).map(machine._amount)

    return st.runner().flatmap(of)


def _plays_preferring(unfinished: Callable[[_Play], bool]) -> st.SearchStrategy[_Play]:
    """Any play, and every other time one of those that are not finished: what goes wrong needs several steps of one."""

    def of(machine: "CasinoMachine") -> st.SearchStrategy[_Play]:
        latest_first = machine._made[::-1]
        preferred = [play for play in latest_first if unfinished(play)]
        return st.sampled_from(preferred or latest_first) | st.sampled_from(latest_first)

    return st.runner().flatmap(of)


class CasinoMachine(RuleBasedStateMachine):
    """Hypothesis plays on a back end that publishes to the stand-in, and compares the books after each step.

    A subclass says how its back end does `bet`, and what else it can do of `new_player`, `settle`, `cancel`,
    `credit_bonus`, `close_bonus` and `ledger`; what it does not say is left out. `TestBackEnd = OurMachine.TestCase` is
    the test.

    After each step the ledger agrees with the rounds of the stand-in, and nothing that was published draws a finding
    that `fail_on` names. Players are new in each example, so that the back end has to forget nothing.
    """

    ft_crm: str = "http://127.0.0.1:8080"
    """The stand-in's REST address."""
    run: str = "default"
    """The run that the back end publishes to, and nobody else: each example resets it."""
    token: str | None = None
    """The stand-in's admin token, where it asks for one."""
    wait: float = 2.0
    """How many seconds events may take to arrive; 0 where a step returns only when its events are acknowledged."""
    fail_on: FailOn = "documented"
    """Which findings fail; as `--fail-on` of `ftcrm check`."""
    ignore: Collection[str] = ()
    """Rules that do not, by code or name."""
    refusals: tuple[type[Exception], ...] = ()
    """What the back end raises where it refuses a step (too little money, already settled): then nothing happened."""
    currencies: Sequence[Currency] = CURRENCIES[:1]
    """The money of an example is one of them."""
    games: Sequence[Any] = GAMES
    """What `bet` is given as the game."""

    _players = Bundle("player")
    _plays = Bundle("play")
    _bonuses = Bundle("bonus")
    _of_earlier_examples: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        if not self._says("bet"):
            raise InvalidArgument(
                f"{type(self).__name__}: expected bet(player, stake, currency, game, bonus), got none"
            )
        self._example = f"{_SESSION}-{next(_EXAMPLES)}"
        self._ours: list[str] = []
        self._made: list[_Play] = []
        self._admin: AdminClient | None = None

    # -- what a subclass says ----------------------------------------------------------------------------------------

    def new_player(self, name: str, currency: str) -> str:
        """Open an account with money in it; the `user_id` that its events will have, which is the name unless told."""
        return name

    def bet(self, player: str, stake: Decimal, currency: str, game: Any, bonus: Any) -> Any:
        """Begin a play; whatever `settle` and `cancel` need to find it. `bonus` is of `credit_bonus`, mostly None."""
        raise NotImplementedError

    def settle(self, play: Any, win: Decimal) -> None:
        """End the play with that win, which may be 0; a play may be settled again, or after it was cancelled."""
        raise NotImplementedError

    def cancel(self, play: Any) -> None:
        """Take the play back, open or settled."""
        raise NotImplementedError

    def credit_bonus(self, player: str, amount: Decimal, currency: str) -> Any:
        """Give the player a bonus; whatever `bet` and `close_bonus` need to find it."""
        raise NotImplementedError

    def close_bonus(self, bonus: Any) -> None:
        """End the bonus."""
        raise NotImplementedError

    def ledger(self, player: str) -> Iterable[LedgerLine]:
        """The books: a line for each round of the player. Without them only findings fail.

        With them, a round of a player whom `new_player` did not give fails, too.
        """
        raise NotImplementedError

    # -- the steps ---------------------------------------------------------------------------------------------------

    @initialize(target=_players, currency=st.runner().flatmap(lambda machine: st.sampled_from(machine._codes())))
    def a_player_joins(self, currency: str) -> str:
        """The first player, and the currency of the example."""
        self._currency = next(each for each in self.currencies if each.code == currency)
        self._admin = AdminClient(self.ft_crm, token=self.token)
        self._received = Received(self._admin, self.run, self._of_earlier_examples)
        self._admin.reset(self.run)
        return self._new_player()

    @rule(target=_players)
    @precondition(lambda self: len(self._ours) < _PLAYERS)
    def another_player_joins(self) -> str:
        """One more player, with the same currency."""
        return self._new_player()

    @rule(
        target=_plays,
        player=_players,
        stake=_amounts(),
        game=st.runner().flatmap(lambda machine: st.sampled_from(machine.games)),
    )
    def a_bet_is_placed(self, player: str, stake: Decimal, game: Any) -> Any:
        """A play begins."""
        return self._played(lambda: self.bet(player, stake, self._currency.code, game, None))

    @rule(
        target=_plays,
        credited=_bonuses,
        stake=_amounts(),
        game=st.runner().flatmap(lambda machine: st.sampled_from(machine.games)),
    )
    def a_bet_is_placed_with_a_bonus(self, credited: _Credited, stake: Decimal, game: Any) -> Any:
        """A play begins that a bonus pays for."""
        return self._played(lambda: self.bet(credited.player, stake, self._currency.code, game, credited.bonus))

    @rule(
        play=_plays_preferring(lambda play: not (play.is_settled or play.is_cancelled)),
        win=_amounts(_LOST_STEPS),
    )
    @precondition(lambda self: self._made and self._says("settle"))
    def a_play_is_settled(self, play: _Play, win: Decimal) -> None:
        """A play ends."""
        if self._tried(lambda: self.settle(play.made, win)) is not _REFUSED:
            play.is_settled = True

    @rule(play=_plays_preferring(lambda play: play.is_settled and not play.is_cancelled))
    @precondition(lambda self: self._made and self._says("cancel"))
    def a_play_is_cancelled(self, play: _Play) -> None:
        """A play is taken back."""
        if self._tried(lambda: self.cancel(play.made)) is not _REFUSED:
            play.is_cancelled = True

    @rule(target=_bonuses, player=_players, amount=_amounts())
    @precondition(lambda self: len(self.bundle("bonus")) < _BONUSES and self._says("credit_bonus"))
    def a_bonus_is_credited(self, player: str, amount: Decimal) -> Any:
        """A player gets a bonus."""
        return self._tried(lambda: _Credited(player, self.credit_bonus(player, amount, self._currency.code)))

    @rule(credited=_bonuses)
    @precondition(lambda self: self._says("close_bonus"))
    def a_bonus_is_closed(self, credited: _Credited) -> None:
        """A bonus ends."""
        self._tried(lambda: self.close_bonus(credited.bonus))

    def books_agree(self) -> None:
        """The end of each step, and of the rules that a subclass adds: both sides say the same within `wait` seconds.

        Raises:
            AssertionError: they do not, or a finding fails; with everything that was received.
        """
        until = time.monotonic() + self.wait
        while not (found := self._compared()).agree and time.monotonic() < until:
            time.sleep(_INTERVAL_SECONDS)
        if not found.agree:
            raise AssertionError("\n".join(self._report(found)))

    def teardown(self) -> None:
        """Close the connection to the stand-in; a subclass with a teardown of its own calls this one."""
        self._of_earlier_examples.update(self._ours)
        if self._admin is not None:
            self._admin.close()

    # -- what they are made of ---------------------------------------------------------------------------------------

    def _amount(self, steps: int) -> Decimal:
        if steps < _LEAST_STEPS:
            return Decimal(0)
        return Decimal(money(amount_of(steps, self._currency), self._currency, trimmed=False))

    def _codes(self) -> list[str]:
        return [currency.code for currency in self.currencies]

    def _says(self, name: str) -> bool:
        """Whether the subclass says how that is done."""
        return getattr(type(self), name) is not getattr(CasinoMachine, name)

    def _new_player(self) -> str:
        name = f"player-{self._example}-{len(self._ours) + 1}"
        try:
            player = self.new_player(name, self._currency.code)
        except Exception as error:
            self._received.add_to(error)
            raise
        if player in self._ours or player in self._of_earlier_examples:
            raise EngineError(f"new_player: expected a user_id that nobody had before, got {player!r} again")
        self._ours.append(player)
        self.books_agree()
        return player

    def _played(self, bet: Callable[[], Any]) -> Any:
        """The play that the bet begins."""
        made = self._tried(bet)
        if made is _REFUSED:
            return made
        self._made.append(_Play(f"play_{len(self._made)}", made))
        return self._made[-1]

    def _tried(self, step: Callable[[], Any]) -> Any:
        """What the step gives, or _REFUSED; to whatever else it raises, what the stand-in received is added."""
        try:
            made = step()
        except self.refusals:
            made = _REFUSED
        except Exception as error:
            self._received.add_to(error)
            raise
        self.books_agree()
        return made

    def _compared(self) -> _Compared:
        wrong: list[str] = []
        if self._says("ledger"):
            rounds = list(self._received.rounds())
            for player in self._ours:
                ledger = lines_by_round(self.ledger(player), player, self._currency.code)
                wrong += differences(player, ledger, (each for each in rounds if each["user_id"] == player))
            wrong += of_strangers(each for each in rounds if each["user_id"] not in self._ours)
        findings = list(self._received.findings())
        return _Compared(wrong, findings, any(breaking(findings, self.fail_on, self.ignore)))

    def _report(self, found: _Compared) -> Iterator[str]:
        """What is wrong, all that there is to say of it, and what came."""
        yield "the back end and FT CRM do not agree"
        yield from found.differences
        yield from self._received.lines(found.findings)
