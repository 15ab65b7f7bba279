"""A state machine that drives a partner's own back end, and holds its books against the rounds that come of it."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import Any, ClassVar, NamedTuple
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.stateful import (
    Bundle,
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
    event_line,
    finding_lines,
    lines_by_round,
)
from ftcrm.strategies.documents import amount_of, money
from ftcrm.strategies.tables import CURRENCIES, GAMES, Currency

__all__ = ["CasinoMachine"]

_INTERVAL_SECONDS = 0.02
_PLAYERS = 3
_LEAST_STEPS, _LARGEST_STEPS = -99, 10_000
"""Of `amount_of`: in euros from 0.01 to 101."""
_SESSION = uuid4().hex[:6]
_EXAMPLES = count(1)


class _Credited(NamedTuple):
    """A bonus, and whose it is."""

    player: str
    bonus: Any


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
        """The books: a line for each round of the player. Without them only findings fail."""
        raise NotImplementedError

    # -- the steps ---------------------------------------------------------------------------------------------------

    @initialize(target=_players, currency=st.runner().flatmap(lambda machine: st.sampled_from(machine._codes())))
    def a_player_joins(self, currency: str) -> str:
        """The first player, and the currency of the example."""
        self._currency = next(each for each in self.currencies if each.code == currency)
        self._admin = AdminClient(self.ft_crm, token=self.token)
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
        return self._tried(lambda: self.bet(player, stake, self._currency.code, game, None))

    @rule(
        target=_plays,
        credited=_bonuses,
        stake=_amounts(),
        game=st.runner().flatmap(lambda machine: st.sampled_from(machine.games)),
    )
    def a_bet_is_placed_with_a_bonus(self, credited: _Credited, stake: Decimal, game: Any) -> Any:
        """A play begins that a bonus pays for."""
        return self._tried(lambda: self.bet(credited.player, stake, self._currency.code, game, credited.bonus))

    @rule(play=_plays, win=_amounts(-_LARGEST_STEPS))
    @precondition(lambda self: self._says("settle"))
    def a_play_is_settled(self, play: Any, win: Decimal) -> None:
        """A play ends."""
        self._tried(lambda: self.settle(play, win))

    @rule(play=_plays)
    @precondition(lambda self: self._says("cancel"))
    def a_play_is_cancelled(self, play: Any) -> None:
        """A play is taken back."""
        self._tried(lambda: self.cancel(play))

    @rule(target=_bonuses, player=_players, amount=_amounts())
    @precondition(lambda self: self._says("credit_bonus"))
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
        player = self.new_player(f"player-{self._example}-{len(self._ours) + 1}", self._currency.code)
        if player in self._ours or player in self._of_earlier_examples:
            raise EngineError(f"new_player: expected a user_id that nobody had before, got {player!r} again")
        self._ours.append(player)
        self.books_agree()
        return player

    def _tried(self, step: Callable[[], Any]) -> Any:
        """What the step gives; nothing at all where the back end refuses it."""
        try:
            made = step()
        except self.refusals:
            made = multiple()
        self.books_agree()
        return made

    @property
    def _stand_in(self) -> AdminClient:
        assert self._admin is not None, "the first player has joined"
        return self._admin

    def _compared(self) -> _Compared:
        wrong: list[str] = []
        if self._says("ledger"):
            rounds = list(self._stand_in.rounds(run=self.run, limit=1000))
            for player in self._ours:
                ledger = lines_by_round(self.ledger(player), player)
                wrong += differences(player, ledger, (each for each in rounds if each["user_id"] == player))
        findings = list(filter(self._is_of_this_example, self._stand_in.findings(run=self.run, limit=1000)))
        return _Compared(wrong, findings, any(breaking(findings, self.fail_on, self.ignore)))

    def _report(self, found: _Compared) -> Iterator[str]:
        """What is wrong, all that there is to say of it, and what came."""
        yield "the back end and FT CRM do not agree"
        yield from found.differences
        for finding in found.findings:
            yield from finding_lines(finding)
        yield "events received:"
        for event in self._stand_in.events(run=self.run, limit=1000):
            if self._is_of_this_example(event["event"] or {}):
                yield f"  {event_line(event)}"

    def _is_of_this_example(self, said: Mapping[str, Any]) -> bool:
        """Whether it names no player of an earlier example, whose events may still have been on their way."""
        user_id = said.get("user_id")
        return not (isinstance(user_id, str) and user_id in self._of_earlier_examples)
